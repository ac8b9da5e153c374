//! Requests → models: equations get names, columns become outcomes, and all that is wrong is said at once.

mod signaling;

use armistice_solve::Control;

use super::{Built, Kind, Outcome, Request, StrategicKind, UltimatumKind};
use crate::data::{Column, Table};
use crate::error::{FitError, Problem};
use crate::formula::{Formula, Prepared, Side, prepare};
use crate::strategic::{Errors, Link, Scales, Strategic, Utility};
use crate::ultimatum::Ultimatum;

pub(super) fn build(request: &Request, table: &Table, control: &Control<'_>) -> Result<Built, FitError> {
    match &request.kind {
        Kind::Strategic(kind) => strategic(request, kind, table),
        Kind::Ultimatum(kind) => ultimatum(request, kind, table),
        Kind::Signaling(kind) => signaling::build(request, kind, table, control),
        Kind::TugOfWar(_) => Err(Problem::new("the tug of war has an estimator of its own").into()),
    }
}

/// The columns besides those of the formula that have to be complete.
pub(crate) fn also(request: &Request) -> Vec<String> {
    request.cluster.iter().chain(&request.complete).cloned().collect()
}

fn strategic(request: &Request, kind: &StrategicKind, table: &Table) -> Result<Built, FitError> {
    let formula = Formula::parse(&request.formula)?;
    let (tree, slots) = (kind.tree, kind.tree.utilities());
    let mut problems = Vec::new();
    if kind.link == Link::Logit && kind.errors == Errors::Private {
        problems.push(
            Problem::new(
                "with private information errors add up, and logistic ones do not add up to a logistic one",
            )
            .hint("use --link probit, or --errors agent"),
        );
    }
    let scales = match &kind.scale {
        Some(text) => Formula::parse_sides(text)?,
        // Known utilities leave only the scale to be estimated.
        None if kind.fixed_utilities.is_some() => vec![Side::constant()],
        None => Vec::new(),
    };
    let scales: Vec<Side> = scales.into_iter().filter(|side| !side.is_zero()).collect();
    if !scales.is_empty() && scales.len() != 1 && scales.len() != tree.players() {
        let wanted = format!("one for everybody, or one for each of {} players", tree.players());
        problems.push(Problem::new(format!("{} equations of scale: expected {wanted}", scales.len())));
    }
    match &kind.fixed_utilities {
        Some(fixed) => {
            if fixed.len() != slots.len() {
                problems.push(counted("known utilities", fixed.len(), slots));
            }
            if !formula.right.is_empty() {
                let problem = Problem::new("with known utilities the formula has no right-hand side");
                problems.push(problem.hint("such as `y ~`"));
            }
        }
        None => {
            if formula.right.len() != slots.len() {
                problems.push(counted("equations", formula.right.len(), slots));
            }
            if scales.iter().any(|side| side.intercept) {
                let problem =
                    Problem::new("with estimated utilities the level of the scale is not identified");
                problems.push(problem.hint("write its equation without intercept: `- 1`"));
            }
        }
    }
    if ![1, tree.actions()].contains(&formula.left.len()) {
        let what = format!(
            "{} columns are observed: expected one with outcomes, or {} with actions",
            formula.left.len(),
            tree.actions()
        );
        problems.push(Problem::new(what));
    }
    if !problems.is_empty() {
        return Err(FitError::Invalid(problems));
    }
    let by_player = scales.len() > 1;
    // Endings get their names from the rows that are complete, which are not known yet.
    let named = |slot: usize| format!("utility {}", slot + 1);
    let mut equations: Vec<(String, Side)> =
        formula.right.iter().enumerate().map(|(slot, side)| (named(slot), side.clone())).collect();
    for (player, side) in scales.iter().enumerate() {
        let name = if by_player { format!("log(sigma{})", player + 1) } else { "log(sigma)".to_owned() };
        equations.push((name, side.clone()));
    }
    let mut prepared = prepare(&formula, &equations, &also(request), table)?;
    let (endings, observed) = endings(kind, &prepared)?;
    for (number, (player, ending)) in slots.iter().enumerate() {
        let (old, new) = (named(number), format!("u{}({})", player + 1, endings[*ending]));
        prepared.rename(&old, &new);
    }
    let mut next = 0;
    let mut utilities = Vec::new();
    for slot in 0..slots.len() {
        utilities.push(match &kind.fixed_utilities {
            Some(fixed) => Utility::Fixed(fixed[slot]),
            None if formula.right[slot].is_zero() => Utility::Fixed(0.0),
            None => {
                next += 1;
                Utility::Index(next - 1)
            }
        });
    }
    identified(kind, &utilities, &prepared)?;
    let scales = match scales.len() {
        0 => Scales::Unit,
        1 => Scales::Common(next),
        _ => Scales::ByPlayer(next),
    };
    let outcomes = count(&endings, &observed);
    let mut notes = Vec::new();
    for outcome in outcomes.iter().filter(|o| o.count == 0.0) {
        notes.push(format!("{} was never observed", outcome.name));
    }
    let start = vec![0.0; prepared.design.coefficients()];
    let strata = observed.clone();
    let (link, errors) = (kind.link, kind.errors);
    let model = Strategic { tree, link, errors, utilities, scales, endings, observed };
    Ok(Built { model: Box::new(model), prepared, strata, start, outcomes, notes, game: None })
}

fn counted(what: &str, have: usize, slots: &[(usize, usize)]) -> Problem {
    let list: Vec<String> = slots
        .iter()
        .map(|(player, ending)| format!("player {} of ending {}", player + 1, ending + 1))
        .collect();
    Problem::new(format!("{have} {what}: expected {}", slots.len()))
        .hint(format!("in this order, the utilities of {}", list.join(", ")))
}

fn count(names: &[String], observed: &[u32]) -> Vec<Outcome> {
    let of = |(at, name): (usize, &String)| Outcome {
        name: name.clone(),
        count: observed.iter().filter(|&&o| o as usize == at).count() as f64,
    };
    names.iter().enumerate().map(of).collect()
}

/// Names of endings, and the ending of each observation.
fn endings(kind: &StrategicKind, prepared: &Prepared) -> Result<(Vec<String>, Vec<u32>), FitError> {
    let (tree, rows) = (kind.tree, prepared.rows.len());
    if let [outcome] = prepared.responses.as_slice() {
        let everything: Vec<usize> = (0..rows).collect();
        let found = outcome.values.levels(&everything);
        let names = kind.outcomes.clone().unwrap_or_else(|| found.clone());
        let mut problems = Vec::new();
        if names.len() != tree.endings() {
            let what =
                format!("{:?} has {} values, the game {} endings", outcome.name, names.len(), tree.endings());
            problems.push(Problem::new(what).hint(format!("values: {}", found.join(", "))));
        }
        for level in found.iter().filter(|level| !names.contains(level)) {
            problems.push(
                Problem::new(format!(
                    "{:?} is {level:?} in some row, which is not in --outcomes",
                    outcome.name
                ))
                .hint(format!("values: {}", found.join(", "))),
            );
        }
        if !problems.is_empty() {
            return Err(FitError::Invalid(problems));
        }
        let position = |row| {
            let label = outcome.values.label(row)?;
            names.iter().position(|name| *name == label).map(|at| at as u32)
        };
        let observed = everything.iter().filter_map(|&row| position(row)).collect();
        return Ok((names, observed));
    }
    let columns: Vec<String> = prepared.responses.iter().map(|r| r.name.clone()).collect();
    let mut actions = vec![0.0; columns.len()];
    let mut observed = Vec::with_capacity(rows);
    for row in 0..rows {
        for (action, response) in actions.iter_mut().zip(&prepared.responses) {
            *action = match &response.values {
                Column::Numbers(x) => x[row],
                Column::Words(_) => f64::NAN,
            };
        }
        let ending = tree.ending_of(&actions).ok_or_else(|| {
            Problem::new(format!("an action of row {} is neither 0 nor 1", prepared.rows[row] + 1))
                .hint(format!("columns of actions: {}", columns.join(", ")))
        })?;
        observed.push(ending as u32);
    }
    let names = kind.outcomes.clone().filter(|n| n.len() == tree.endings());
    Ok((names.unwrap_or_else(|| tree.ending_names(&columns)), observed))
}

/// A regressor in every utility of a player shifts all of them alike, and nothing that is observed depends on it.
fn identified(kind: &StrategicKind, utilities: &[Utility], prepared: &Prepared) -> Result<(), FitError> {
    let mut problems = Vec::new();
    for player in 0..kind.tree.players() {
        let own: Vec<usize> =
            (0..utilities.len()).filter(|&slot| kind.tree.utilities()[slot].0 == player).collect();
        // Only a player all of whose endings have a utility of their own can be shifted: the others have one at 0.
        let reached = if player == 0 { kind.tree.endings() } else { kind.tree.endings() - player };
        let indices: Vec<usize> = own
            .iter()
            .filter_map(|&slot| match utilities[slot] {
                Utility::Index(index) => Some(index),
                Utility::Fixed(_) => None,
            })
            .collect();
        if indices.len() < reached {
            continue;
        }
        let equations = &prepared.design.equations;
        for column in &equations[indices[0]].columns {
            if indices.iter().all(|&index| equations[index].columns.contains(column)) {
                problems.push(
                    Problem::new(format!(
                        "{column:?} is in every utility of player {}: it is not identified",
                        player + 1
                    ))
                    .hint("leave it out of one of them; `0` fixes a utility at 0"),
                );
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(FitError::Invalid(problems)) }
}

fn ultimatum(request: &Request, kind: &UltimatumKind, table: &Table) -> Result<Built, FitError> {
    let formula = Formula::parse(&request.formula)?;
    let [low, high] = kind.range;
    let mut problems = Vec::new();
    if formula.right.len() != 2 {
        let what = format!(
            "{} equations: expected 2, of the reservation values of both players",
            formula.right.len()
        );
        problems.push(Problem::new(what));
    }
    if !(1..=2).contains(&formula.left.len()) {
        problems.push(Problem::new(
            "expected the offer, or the offer and whether it was accepted: `offer + accept ~`",
        ));
    }
    if !(low < high && low.is_finite() && high.is_finite()) {
        problems.push(Problem::new(format!("the offers from {low} to {high} are no range")));
    }
    if !(0.0..1.0).contains(&kind.floor) {
        problems.push(Problem::new(format!("the floor {} is not a probability below 1", kind.floor)));
    }
    for s in [kind.s1, kind.s2].into_iter().flatten() {
        if !(s > 0.0 && s.is_finite()) {
            problems.push(Problem::new(format!("a scale of {s} is not a number above 0")));
        }
    }
    if !problems.is_empty() {
        return Err(FitError::Invalid(problems));
    }
    let mut equations: Vec<(String, Side)> =
        ["R1", "R2"].iter().zip(&formula.right).map(|(n, s)| ((*n).to_owned(), s.clone())).collect();
    let scales = [("log(s1)", kind.s1), ("log(s2)", kind.s2)];
    let mut notes = Vec::new();
    for (name, known) in scales {
        match known {
            None => equations.push((name.to_owned(), Side::constant())),
            Some(s) => notes.push(format!("{name} is fixed at {}", s.ln())),
        }
    }
    let prepared = prepare(&formula, &equations, &also(request), table)?;
    let mut next = 0;
    let mut index = || {
        next += 1;
        Utility::Index(next - 1)
    };
    let mut reservation = |side: &Side| if side.is_zero() { Utility::Fixed(0.0) } else { index() };
    let (r1, r2) = (reservation(&formula.right[0]), reservation(&formula.right[1]));
    let mut scale = |known: Option<f64>| known.map_or_else(&mut index, |s| Utility::Fixed(s.ln()));
    let (ln_s1, ln_s2) = (scale(kind.s1), scale(kind.s2));
    let offers = numbers(&prepared, 0, |y| (low..=high).contains(&y), &format!("between {low} and {high}"))?;
    let accepted = match prepared.responses.len() {
        1 => Vec::new(),
        _ => numbers(&prepared, 1, |a| a == 0.0 || a == 1.0, "0 or 1")?.iter().map(|a| *a == 1.0).collect(),
    };
    let model =
        Ultimatum { parts: [r1, r2, ln_s1, ln_s2], offers, accepted, range: kind.range, floor: kind.floor };
    let start = ultimatum_start(&model, &prepared);
    let strata = vec![0; prepared.rows.len()];
    let at = |test: &dyn Fn(f64) -> bool| model.offers.iter().filter(|y| test(**y)).count() as f64;
    let mut outcomes = vec![
        Outcome { name: format!("offer = {low}"), count: at(&|y| y == low) },
        Outcome { name: "offer between".to_owned(), count: at(&|y| y > low && y < high) },
        Outcome { name: format!("offer = {high}"), count: at(&|y| y == high) },
    ];
    if !model.accepted.is_empty() {
        let count = model.accepted.iter().filter(|a| **a).count() as f64;
        outcomes.push(Outcome { name: "accepted".to_owned(), count });
    }
    Ok(Built { model: Box::new(model), prepared, strata, start, outcomes, notes, game: None })
}

/// Values of a response, all of which must pass a test.
pub(super) fn numbers(
    prepared: &Prepared,
    response: usize,
    test: impl Fn(f64) -> bool,
    wanted: &str,
) -> Result<Vec<f64>, FitError> {
    let response = &prepared.responses[response];
    let Column::Numbers(values) = &response.values else {
        return Err(Problem::new(format!("{:?} holds words where numbers are needed", response.name)).into());
    };
    match values.iter().position(|x| !test(*x)) {
        None => Ok(values.clone()),
        Some(at) => {
            let (name, value, row) = (&response.name, values[at], prepared.rows[at] + 1);
            Err(Problem::new(format!("{name:?} is {value} in row {row}: expected {wanted}")).into())
        }
    }
}

/// Moments: R₂ and s₂ so that most offers are accepted, R₁ and s₁ from the condition of the best offer.
fn ultimatum_start(model: &Ultimatum, prepared: &Prepared) -> Vec<f64> {
    let n = model.offers.len() as f64;
    let mean = model.offers.iter().sum::<f64>() / n;
    let deviation = (model.offers.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n).sqrt();
    let width = if deviation > 0.0 { deviation } else { 0.25 * (model.range[1] - model.range[0]) };
    let ln_s2 = match model.parts[3] {
        Utility::Fixed(value) => value,
        Utility::Index(_) => (0.5 * width).ln(),
    };
    let (r2, s2) = (mean, ln_s2.exp());
    let r1 = model.range[1] - mean - 2.0 * s2;
    let wanted = [r1, r2, width.ln(), ln_s2];
    let mut start = vec![0.0; prepared.design.coefficients()];
    for (part, value) in model.parts.iter().zip(wanted) {
        if let Utility::Index(index) = part {
            let range = prepared.design.range(*index);
            let intercept = prepared.design.equations[*index].columns.iter().position(|c| c == "(Intercept)");
            if let Some(at) = intercept {
                start[range.start + at] = value;
            }
        }
    }
    start
}
