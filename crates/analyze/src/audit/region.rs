//! When a claim holds: the boxes of parameters that say it best, if any do.

use crate::findings::{FAILS, HOLDS, Limit, Peel, Region};
use crate::prim::{Limits, Prim, PrimBox, PrimColumn, PrimError, Trajectory};
use crate::sweep::{Cells, Plan, SweepError, Table, factor_columns};

/// How probable limits of a box may be by chance, all factors taken together (Bonferroni).
pub const CHANCE: f64 = 0.05;

/// Most boxes for a claim.
pub const MOST_BOXES: usize = 4;

/// Share of the cases where a claim holds from which on boxes cover it.
const COVERED: f64 = 0.9;

/// What was found.
#[derive(Default)]
pub(super) struct Regions {
    /// The boxes, best first; each was looked for among the cases outside those before it.
    pub boxes: Vec<Region>,
    /// Why there is none.
    pub none: Option<String>,
    /// How the first was found.
    pub peeling: Vec<Peel>,
}

/// The cases in which a claim is defined.
struct Decided<'t> {
    names: Vec<String>,
    points: Vec<&'t [f64]>,
    holds: Vec<bool>,
    columns: Vec<PrimColumn>,
}

/// The best boxes, or why there is none.
///
/// Of the boxes that [`Prim`] finds, each without the limits that chance would draw too, the best has the highest harmonic mean
/// of coverage and density. Where it does not cover the claim, the next is looked for in the same way among the cases outside.
pub(super) fn regions(
    plan: &Plan,
    table: &Table,
    points: &[Vec<f64>],
    claim: &str,
) -> Result<Regions, SweepError> {
    let none = |why: &str| Ok(Regions { none: Some(why.to_owned()), ..Regions::default() });
    let Some(Cells::Switches(cells)) = table.column(&format!("claim_{claim}")) else {
        return none("the claim is not in the table");
    };
    let rows: Vec<usize> =
        (0..cells.len()).filter(|row| cells.get(*row).copied().flatten().is_some()).collect();
    let decided = Decided {
        names: plan.design.factors.iter().map(|f| f.subject.column()).collect(),
        points: rows.iter().map(|row| points.get(*row).map_or(&[][..], Vec::as_slice)).collect(),
        holds: rows.iter().map(|row| cells.get(*row).copied().flatten() == Some(true)).collect(),
        columns: factor_columns(plan, table, &rows),
    };
    let (all, holding) = (rows.len(), decided.holds.iter().filter(|holds| **holds).count());
    if all == 0 {
        return none("the claim is defined in no case");
    }
    let share = holding as f64 / all as f64;
    if share >= HOLDS || share <= FAILS {
        return none("the share is near 0 or 1");
    }
    let mut out = Regions::default();
    let mut outside: Vec<usize> = (0..all).collect();
    while out.boxes.len() < MOST_BOXES {
        let trajectory = match decided.trajectory(&outside) {
            Ok(trajectory) => trajectory,
            Err(error) if out.boxes.is_empty() => return none(&error.to_string()),
            Err(_) => break,
        };
        if out.boxes.is_empty() {
            out.peeling = decided.peeling(plan, &trajectory);
        }
        let Some((region, inside)) = decided.best(plan, &trajectory, &outside, share) else { break };
        out.boxes.push(region);
        outside.retain(|case| !inside.contains(case));
        let left = outside.iter().filter(|case| decided.holds.get(**case) == Some(&true)).count();
        if (left as f64) < (1.0 - COVERED) * holding as f64 {
            break;
        }
    }
    if out.boxes.is_empty() {
        out.none = Some("no box is better than chance".to_owned());
    }
    Ok(out)
}

impl Decided<'_> {
    fn trajectory(&self, among: &[usize]) -> Result<Trajectory, PrimError> {
        let outcome: Vec<f64> = self.holds.iter().map(|yes| f64::from(u8::from(*yes))).collect();
        Prim::default().find_among(&self.columns, &outcome, &self.holds, among)
    }

    /// The best box of a trajectory among some cases, and the cases in it. Coverage and mass are shares of all cases, those outside
    /// `among` included, so that they can be added up over boxes.
    fn best(
        &self,
        plan: &Plan,
        trajectory: &Trajectory,
        among: &[usize],
        share: f64,
    ) -> Option<(Region, Vec<usize>)> {
        let holding = self.holds.iter().filter(|holds| **holds).count();
        let mut best: Option<(f64, Region, Vec<usize>)> = None;
        for found in &trajectory.boxes {
            let limits = limits(plan, found, CHANCE / plan.design.factors.len().max(1) as f64);
            if limits.is_empty() {
                continue;
            }
            let inside: Vec<usize> =
                among.iter().copied().filter(|case| self.inside(&limits, *case)).collect();
            let hits = inside.iter().filter(|case| self.holds.get(**case) == Some(&true)).count();
            if hits == 0 {
                continue;
            }
            let (coverage, density) = (hits as f64 / holding as f64, hits as f64 / inside.len() as f64);
            let merit = 2.0 * coverage * density / (coverage + density);
            let mass = inside.len() as f64 / self.holds.len() as f64;
            if density > share && best.as_ref().is_none_or(|(known, ..)| merit > *known) {
                best = Some((merit, Region { limits, coverage, density, mass }, inside));
            }
        }
        best.map(|(_, region, inside)| (region, inside))
    }

    fn inside(&self, limits: &[Limit], case: usize) -> bool {
        let point = self.points.get(case).copied().unwrap_or_default();
        limits.iter().all(|limit| {
            let value =
                self.names.iter().position(|name| *name == limit.parameter).and_then(|k| point.get(k));
            value.is_some_and(|x| limit.low.is_none_or(|low| low <= *x) && limit.high.is_none_or(|h| *x <= h))
        })
    }

    /// Every box of a trajectory, with all of its limits.
    fn peeling(&self, plan: &Plan, trajectory: &Trajectory) -> Vec<Peel> {
        let steps = trajectory.boxes.iter().enumerate();
        let peel = |(step, found): (usize, &PrimBox)| Peel {
            limits: limits(plan, found, 1.0),
            coverage: found.coverage,
            density: found.density,
            mass: found.mass,
            cases: found.points,
            pasted: step >= trajectory.peeled,
        };
        steps.map(peel).collect()
    }
}

/// The limits of a box that chance would draw with no more than this probability.
fn limits(plan: &Plan, found: &PrimBox, least: f64) -> Vec<Limit> {
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
