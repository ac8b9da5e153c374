//! What several equilibria mean for an estimate: how many there are, which was played, and what the estimate is under each rule of selection.

use serde::Serialize;

use crate::likelihood::{Design, Likelihood};
use crate::optimize::{Maximum, Objective, Stopping, maximize};
use crate::signaling::{Selection, Signaling};

/// Equilibria at the estimate.
#[derive(Clone, Debug, Serialize)]
pub struct Multiplicity {
    /// Which equilibrium the estimate takes to be played.
    pub selection: Selection,
    /// Pairs: number of equilibria, observations that have so many.
    pub counts: Vec<(usize, usize)>,
    /// Largest residual of any equilibrium: by how much B's reply misses what is expected of it.
    pub residual: f64,
    /// Observations with several equilibria, all of these listed: probabilities of resistance, the one that is played first.
    pub several: Vec<(usize, Vec<f64>)>,
    /// ln L at the estimate under each rule, and at the maximum that is reached from there; where every observation has one equilibrium all
    /// rules agree.
    pub under: Vec<Under>,
}

/// The likelihood under a rule of selection.
#[derive(Clone, Debug, Serialize)]
pub struct Under {
    /// The rule.
    pub selection: Selection,
    /// ln L at the estimate; absent where it is not finite.
    pub at_estimate: Option<f64>,
    /// ln L at the maximum under this rule that is reached from the estimate.
    pub maximum: Option<f64>,
    /// The coefficients there.
    pub coefficients: Vec<f64>,
}

pub(super) fn multiplicity(
    model: &Signaling,
    design: &Design,
    rows: &[usize],
    best: &Maximum,
) -> Multiplicity {
    let mut eta = vec![0.0; design.equations.len()];
    let (mut counts, mut several, mut residual): (Vec<(usize, usize)>, Vec<_>, f64) =
        (Vec::new(), Vec::new(), 0.0);
    for (i, row) in rows.iter().enumerate() {
        design.indices_of(design.row(i), &best.point, &mut eta);
        let all = model.equilibria(&eta);
        residual = all.iter().map(|e| e.residual.abs()).fold(residual, f64::max);
        match counts.iter_mut().find(|(n, _)| *n == all.len()) {
            Some((_, count)) => *count += 1,
            None => counts.push((all.len(), 1)),
        }
        if all.len() > 1 {
            let played = model.selected(Some(i), &eta).map_or(f64::NAN, |e| e.resist);
            let mut list: Vec<f64> = all.iter().map(|e| e.resist).collect();
            list.sort_by(|a, b| (a - played).abs().total_cmp(&(b - played).abs()));
            several.push((row + 1, list));
        }
    }
    counts.sort_unstable();
    let under = [Selection::Likeliest, Selection::Lowest, Selection::Highest].map(|selection| {
        let other = Signaling { selection, ..model.clone() };
        let likelihood = Likelihood::new(&other, design);
        let at_estimate = likelihood.evaluate(&best.point).map(|at| at.value);
        let same = selection == model.selection || several.is_empty();
        let end = if same { best.clone() } else { maximize(&likelihood, &best.point, &Stopping::default()) };
        let maximum = end.at.as_ref().map(|at| at.value);
        Under { selection, at_estimate, maximum, coefficients: end.point }
    });
    Multiplicity { selection: model.selection, counts, residual, several, under: under.to_vec() }
}
