//! When a claim holds: the box of parameters that says it best, if one does.

use serde::{Deserialize, Serialize};

use super::verdict::{FAILS, HOLDS};
use crate::prim::{Limits, Prim, PrimBox};
use crate::sweep::{Cells, Plan, SweepError, Table, boxes};

/// How probable limits of a box may be by chance, all factors taken together (Bonferroni).
pub const CHANCE: f64 = 0.05;

/// A box of parameters in which a claim holds more often than elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Its limits, in the order of the factors.
    pub limits: Vec<Limit>,
    /// Share of the cases where the claim holds that are inside.
    pub coverage: f64,
    /// Share of the cases inside in which it holds.
    pub density: f64,
    /// Share of all cases that are inside.
    pub mass: f64,
}

/// Limits of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Its name.
    pub parameter: String,
    /// Not below.
    pub low: Option<f64>,
    /// Not above.
    pub high: Option<f64>,
    /// How probable the weaker of its limits would be by chance: the larger quasi-p-value.
    pub chance: f64,
}

impl Limit {
    /// In words: `premium below 0.013`.
    #[must_use]
    pub fn words(&self) -> String {
        let name = &self.parameter;
        match (self.low.map(|x| shown(x, 3)), self.high.map(|x| shown(x, 3))) {
            (Some(low), Some(high)) => format!("{name} from {low} to {high}"),
            (Some(low), None) => format!("{name} above {low}"),
            (None, Some(high)) => format!("{name} below {high}"),
            (None, None) => name.clone(),
        }
    }
}

/// A number rounded to so many significant digits.
pub(super) fn rounded(x: f64, digits: usize) -> f64 {
    format!("{x:.*e}", digits.saturating_sub(1)).parse().unwrap_or(x)
}

fn shown(x: f64, digits: usize) -> String {
    rounded(x, digits).to_string()
}

/// The best box, or why there is none.
///
/// Of the boxes that [`Prim`] finds, each without the limits that chance would draw too, it is the one with the highest harmonic mean
/// of coverage and density.
pub(super) fn region(
    plan: &Plan,
    table: &Table,
    points: &[Vec<f64>],
    claim: &str,
) -> Result<Result<Region, String>, SweepError> {
    let Some(Cells::Switches(cells)) = table.column(&format!("claim_{claim}")) else {
        return Ok(Err("the claim is not in the table".to_owned()));
    };
    let decided: Vec<(&[f64], bool)> = points
        .iter()
        .zip(cells)
        .filter_map(|(point, cell)| cell.map(|holds| (point.as_slice(), holds)))
        .collect();
    let holding = decided.iter().filter(|(_, holds)| *holds).count();
    if decided.is_empty() {
        return Ok(Err("the claim is defined in no case".to_owned()));
    }
    let share = holding as f64 / decided.len() as f64;
    if share >= HOLDS || share <= FAILS {
        return Ok(Err("the share is near 0 or 1".to_owned()));
    }
    let trajectory = match boxes(plan, table, claim, true, &Prim::default())? {
        Ok(trajectory) => trajectory,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let mut best: Option<(f64, Region)> = None;
    for found in &trajectory.boxes {
        let limits = limits(plan, found);
        if limits.is_empty() {
            continue;
        }
        let names: Vec<String> = plan.design.factors.iter().map(|f| f.subject.column()).collect();
        let inside = |point: &[f64]| {
            limits.iter().all(|limit| {
                let value = names.iter().position(|name| *name == limit.parameter).and_then(|k| point.get(k));
                value.is_some_and(|x| {
                    limit.low.is_none_or(|low| low <= *x) && limit.high.is_none_or(|h| *x <= h)
                })
            })
        };
        let within: Vec<bool> = decided.iter().filter(|(p, _)| inside(p)).map(|(_, holds)| *holds).collect();
        let hits = within.iter().filter(|holds| **holds).count();
        if hits == 0 {
            continue;
        }
        let (coverage, density) = (hits as f64 / holding as f64, hits as f64 / within.len() as f64);
        let merit = 2.0 * coverage * density / (coverage + density);
        let mass = within.len() as f64 / decided.len() as f64;
        if density > share && best.as_ref().is_none_or(|(known, _)| merit > *known) {
            best = Some((merit, Region { limits, coverage, density, mass }));
        }
    }
    Ok(best.map(|(_, region)| region).ok_or_else(|| "no box is better than chance".to_owned()))
}

/// The limits of a box that chance would hardly draw.
fn limits(plan: &Plan, found: &PrimBox) -> Vec<Limit> {
    let least = CHANCE / plan.design.factors.len().max(1) as f64;
    let mut out = Vec::new();
    for restriction in &found.restricted {
        let factor = plan.design.factors.get(restriction.factor);
        let limits = found.limits.get(restriction.factor);
        let (Some(factor), Some(Limits::Interval { low, high })) = (factor, limits) else { continue };
        let meant = |chance: Option<f64>| chance.filter(|p| *p <= least);
        let (below, above) = (meant(restriction.low), meant(restriction.high));
        if below.is_none() && above.is_none() {
            continue;
        }
        out.push(Limit {
            parameter: factor.subject.column(),
            low: below.map(|_| *low),
            high: above.map(|_| *high),
            chance: below.into_iter().chain(above).fold(0.0, f64::max),
        });
    }
    out
}
