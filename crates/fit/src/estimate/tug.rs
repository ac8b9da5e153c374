//! Requests → the tug of war.

use armistice_solve::Control;
use serde::Serialize;

use super::{Estimates, Kind, Outcome, Request, document};
use crate::data::{Column, Table};
use crate::error::{FitError, Problem};
use crate::formula::{Expression, Formula, Side, prepare};
use crate::inference::{Covariance, observed};
use crate::optimize::Maximum;
use crate::search::collect;
use crate::tug_of_war::{Choices, Dynamics, Play, TugOptimum, search, solve};

/// The tug of war.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TugOfWarKind {
    /// Lowest and highest state of the grid.
    pub range: [f64; 2],
    /// Number of states.
    pub states: usize,
    /// γ₀…γ₅ of the law of motion: constant, first and second side's attack, state, and each attack times the state.
    pub motion: [f64; 6],
    /// Its standard deviation.
    pub sigma: f64,
    /// The discount factor.
    pub discount: f64,
}

/// Names of the payoffs.
const NAMES: [&str; 4] = ["beta1", "beta2", "kappa1", "kappa2"];

/// Estimates the tug of war: `attack1 + attack2 ~ state`.
///
/// The first starting point has no stake in the state and costs that reproduce how often each side attacks; the others are drawn around it, by `spread` in
/// units of log odds for costs, and of the payoff that, received forever over the whole range of states, moves log odds by as much.
///
/// # Errors
/// All that is wrong with the request or the data; or no equilibrium at any starting point; or canceled.
pub fn estimate_tug_of_war(
    request: &Request,
    table: &Table,
    control: &Control<'_>,
) -> Result<Estimates, FitError> {
    super::check(request)?;
    let Kind::TugOfWar(kind) = &request.kind else {
        return Err(Problem::new("this is not a tug of war").into());
    };
    let mut problems = Vec::new();
    if request.covariance != Covariance::Observed || request.bootstrap > 0 {
        problems.push(Problem::new("the tug of war has standard errors from observed information only"));
    }
    let formula = Formula::parse(&request.formula)?;
    let state = match formula.right.as_slice() {
        [Side { terms, .. }] => match terms.as_slice() {
            [one] => match one.factors.as_slice() {
                [factor] => match &factor.expression {
                    Expression::Column(name, _) => Some(name.clone()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    if formula.left.len() != 2 || state.is_none() {
        problems
            .push(Problem::new("expected both sides' attacks and the state: `attack1 + attack2 ~ state`"));
    }
    if !problems.is_empty() {
        return Err(FitError::Invalid(problems));
    }
    let step = (kind.range[1] - kind.range[0]) / kind.states.saturating_sub(1).max(1) as f64;
    let states: Vec<f64> = (0..kind.states).map(|i| kind.range[0] + step * i as f64).collect();
    let dynamics = Dynamics::new(states, kind.motion, kind.sigma, kind.discount)?;
    let side = Side { intercept: false, ..formula.right.first().cloned().unwrap_or_default() };
    let prepared = prepare(&formula, &[("state".to_owned(), side)], &request.complete, table)?;
    let mut attacks = Vec::new();
    for (position, response) in prepared.responses.iter().enumerate() {
        let Column::Numbers(_) = response.values else {
            return Err(
                Problem::new(format!("{:?} holds words where 0 and 1 are needed", response.name)).into()
            );
        };
        attacks.push(super::build::numbers(&prepared, position, |a| a == 0.0 || a == 1.0, "0 or 1")?);
    }
    let n = prepared.rows.len();
    let periods: Vec<(f64, [bool; 2])> =
        (0..n).map(|t| (prepared.design.row(t)[0], [attacks[0][t] == 1.0, attacks[1][t] == 1.0])).collect();
    let choices = Choices::count(&dynamics, &periods);
    let count = |side: usize| attacks[side].iter().sum::<f64>();
    let odds = |side: usize| ((count(side) + 0.5) / (n as f64 - count(side) + 0.5)).ln();
    let forever = (1.0 - kind.discount) / (kind.range[1] - kind.range[0]).max(f64::MIN_POSITIVE);
    let stake = 40.0 * request.spread * forever;
    let start = [0.0, 0.0, odds(0), odds(1)];
    let spread = [stake, stake, request.spread, request.spread];
    let found = search(&dynamics, &choices, start, spread, request.starts, request.seed, control)?;
    let none = found.iter().filter(|o| o.is_none()).count();
    let found: Vec<TugOptimum> = found.into_iter().flatten().collect();
    let ends: Vec<Maximum> = found.iter().map(|o| o.maximum.clone()).collect();
    let search = collect(ends)?;
    let best = search
        .optima
        .first()
        .map(|o| o.maximum.clone())
        .ok_or(FitError::NoStart { starts: request.starts })?;
    let residual =
        found.iter().find(|o| o.maximum.point == best.point).map_or(f64::INFINITY, |o| o.play.residual);
    let mut notes = vec![
        format!("the equilibrium at the estimate misses its equations by at most {residual:.1e}"),
        "equilibria are followed from play without a future; the game may have others, and standard errors take the law of motion as known"
            .to_owned(),
    ];
    // The search follows equilibria from one point to the next, so that it may end in another one than a solution from nothing finds there.
    let end: Option<[f64; 4]> = best.point.as_slice().try_into().ok();
    let other = end.and_then(|end| solve(&dynamics, &end, &Play::blank(kind.states)));
    if let Some(other) = other {
        let there = choices.log_likelihood(&other).0;
        if (there - best.value()).abs() > 1e-6 * (1.0 + best.value().abs()) {
            notes.push(format!(
                "the game has several equilibria at the estimate: in the one reached from play without a future ln L is {there:.6}"
            ));
        }
    }
    if none > 0 {
        notes.push(format!("from {none} starting points no equilibrium was found"));
    }
    let covariance =
        best.at.as_ref().and_then(observed).filter(|_| best.status == crate::optimize::Status::Converged);
    let names = NAMES.map(str::to_owned);
    let outcomes = (0..2)
        .map(|side| Outcome { name: prepared.responses[side].name.clone(), count: count(side) })
        .collect();
    let data = document::Data { names: &names, prepared: &prepared, outcomes, notes };
    Ok(document::document(request, data, &search, &best, covariance.as_ref(), None, None))
}
