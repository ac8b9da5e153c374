//! Requests → the crisis-signaling game.

use armistice_solve::Control;

use super::{also, numbers};
use crate::data::Table;
use crate::error::{FitError, Problem};
use crate::estimate::{Built, Method, Outcome, Request, SignalingKind};
use crate::formula::{Formula, Side, prepare};
use crate::likelihood::Model;
use crate::signaling::{Beliefs, ENDINGS, MOST_ITERATIONS, Pseudo, Signaling, Source, UTILITIES, iterate};
use crate::strategic::Utility;

/// Largest change of a belief or coefficient in the last iteration.
const CONSISTENT: f64 = 1e-9;

pub(super) fn build(
    request: &Request,
    kind: &SignalingKind,
    table: &Table,
    control: &Control<'_>,
) -> Result<Built, FitError> {
    let mut formula = Formula::parse(&request.formula)?;
    let mut problems = Vec::new();
    if formula.left.len() != ENDINGS.len() {
        let what = format!(
            "{} columns are observed: expected 4, of how often each ending occurred",
            formula.left.len()
        );
        problems.push(Problem::new(what).hint(format!("in this order: {}", ENDINGS.join(", "))));
    }
    if formula.right.len() != UTILITIES.len() {
        let what = format!("{} equations: expected {}", formula.right.len(), UTILITIES.len());
        problems.push(Problem::new(what).hint(format!("in this order, of {}", UTILITIES.join(", "))));
    }
    if !problems.is_empty() {
        return Err(FitError::Invalid(problems));
    }
    // First beliefs are columns like those that are observed: they must exist and be complete.
    for name in kind.beliefs.iter().flatten() {
        formula.left.push((name.clone(), 0..0));
    }
    let equations: Vec<(String, Side)> =
        UTILITIES.iter().zip(&formula.right).map(|(n, s)| ((*n).to_owned(), s.clone())).collect();
    let prepared = prepare(&formula, &equations, &also(request), table)?;
    let mut columns = Vec::new();
    for ending in 0..ENDINGS.len() {
        columns.push(numbers(&prepared, ending, |n| n >= 0.0 && n.fract() == 0.0, "a count, 0 or more")?);
    }
    let rows = prepared.rows.len();
    let counts: Vec<[f64; 4]> = (0..rows).map(|i| std::array::from_fn(|ending| columns[ending][i])).collect();
    let beliefs = match &kind.beliefs {
        None => Beliefs::pooled(&counts),
        Some(_) => {
            let share = |p: f64| p > 0.0 && p < 1.0;
            let [resist, fight] =
                [4, 5].map(|at| numbers(&prepared, at, share, "a probability between 0 and 1"));
            Beliefs(resist?.into_iter().zip(fight?).map(|(r, f)| [r, f]).collect())
        }
    };
    let mut next = 0;
    let utilities = std::array::from_fn(|slot| {
        if formula.right[slot].is_zero() {
            return Utility::Fixed(0.0);
        }
        next += 1;
        Utility::Index(next - 1)
    });
    let outcome =
        |(at, name): (usize, &&str)| Outcome { name: (*name).to_owned(), count: columns[at].iter().sum() };
    let outcomes = ENDINGS.iter().enumerate().map(outcome).collect();
    let mut start = vec![0.0; prepared.design.coefficients()];
    let mut notes = Vec::new();
    let game = Signaling { utilities, counts: counts.clone(), selection: kind.selection };
    let model: Box<dyn Model> = match kind.method {
        Method::Full => Box::new(game.clone()),
        Method::Pseudo | Method::Nested => {
            let nested = kind.method == Method::Nested;
            let (source, most) = match (nested, &kind.beliefs) {
                (true, _) => (Source::Nested, MOST_ITERATIONS),
                (false, None) => (Source::Pooled, 1),
                (false, Some(_)) => (Source::Given, 1),
            };
            let first = Pseudo::new(utilities, counts, beliefs, source);
            let end = iterate(first, &prepared.design, &start, most, CONSISTENT, control)?;
            if nested {
                let words = if end.change <= CONSISTENT { "beliefs agree" } else { "beliefs still move" };
                notes.push(format!(
                    "{words} after {} iterations; last change {:.1e}",
                    end.iterations, end.change
                ));
            }
            let errors = match source {
                Source::Nested => {
                    "standard errors count that beliefs move with the coefficients (Aguirregabiria and Mira 2007, Proposition 2)"
                }
                Source::Pooled => "standard errors count those of the shares that beliefs are",
                Source::Given => "standard errors take beliefs as known",
            };
            notes.push(errors.to_owned());
            start = end.maximum.point;
            Box::new(end.model)
        }
    };
    let game = (kind.method == Method::Full).then_some(game);
    Ok(Built { model, prepared, strata: vec![0; rows], start, outcomes, notes, game })
}
