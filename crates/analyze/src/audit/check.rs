//! Some cases of an audit once more on a finer belief grid: what its coarse grid is worth.

use armistice_scenario::Expression;
use armistice_solve::{Control, Settings};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Audit, AuditFindings, ClaimCheck, GridCheck, LargestDifference};
use crate::AnalyzeError;
use crate::design::Changes;
use crate::evaluate::Measures;
use crate::findings::Verdict;
use crate::sweep::SweepError;

/// A case on the grid of the audit and on a finer one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckedCase {
    /// Its position in the design.
    pub point: usize,
    /// By claim.
    claims: Vec<CheckedClaim>,
}

/// A claim in such a case, coarse and fine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct CheckedClaim {
    /// `None` where it is not defined.
    holds: [Option<bool>; 2],
    /// By number shown.
    shows: Vec<[Option<f64>; 2]>,
}

impl Audit {
    /// Points per belief dimension of the finer grid: steps half as long.
    #[must_use]
    pub fn finer(&self) -> usize {
        2 * self.sweep.plan().settings.belief_points.max(2) - 1
    }

    /// Computes the first [`super::AuditSettings::checked`] cases on both grids, but for those in `done`. With the finer one wars are followed
    /// at exact beliefs, close ones merged, also where the audit follows them on its grid.
    ///
    /// - `keep`: told of all cases so far whenever some are done.
    /// - cost: for each case what it costs in the audit, twice, and on the finer grid, which has about three to four times as many beliefs where two
    ///   players have two types each; the numbers that claims show are computed, too.
    /// - errors: [`AnalyzeError::Cancelled`], as [`SweepError::Analyze`]; those of `keep`. Where a case cannot be solved its claims are
    ///   undefined.
    /// - the same for any number of threads.
    pub fn check(
        &self,
        done: Vec<CheckedCase>,
        keep: &mut dyn FnMut(&[CheckedCase]) -> Result<(), SweepError>,
        control: &Control<'_>,
    ) -> Result<Vec<CheckedCase>, SweepError> {
        let total = self.settings.checked.min(self.sweep.points().len());
        let mut out: Vec<CheckedCase> = done
            .into_iter()
            .enumerate()
            .take_while(|(k, one)| *k < total && one.point == *k)
            .map(|(_, one)| one)
            .collect();
        let scenario = self.sweep.base().scenario();
        let changes = {
            let compiled = super::compile(scenario, &self.limits)?;
            Changes::new(&self.sweep.plan().design, scenario, &compiled)?
        };
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        while out.len() < total {
            control.report("checking on a finer grid", out.len() as u64, Some(total as u64));
            let next: Vec<usize> = (out.len()..total).take(rayon::current_num_threads().max(1)).collect();
            let some: Result<Vec<CheckedCase>, AnalyzeError> =
                next.par_iter().map(|point| self.check_case(*point, &changes, &quiet)).collect();
            out.extend(some?);
            keep(&out)?;
        }
        Ok(out)
    }

    fn check_case(
        &self,
        point: usize,
        changes: &Changes,
        control: &Control<'_>,
    ) -> Result<CheckedCase, AnalyzeError> {
        let plan = self.sweep.plan();
        let values = self.sweep.points().get(point).map_or(&[][..], Vec::as_slice);
        let variation = changes.variation(self.sweep.base(), values);
        // Wars are followed at the beliefs they reach, as far as close ones need not be merged: beliefs spread on a coarse grid.
        let fine = Settings { belief_points: self.finer(), kept_play: false, ..plan.settings.clone() };
        let mut claims: Vec<CheckedClaim> = Vec::new();
        for (grid, settings) in [plan.settings.clone(), fine].iter().enumerate() {
            let all = &self.sweep.base().scenario().claims;
            let named = |name: &String| all.iter().find(|claim| claim.name == *name);
            let asked: Vec<_> = plan.questions.claims.iter().filter_map(named).collect();
            let expressions = asked.iter().flat_map(|claim| {
                std::iter::once(&claim.holds_when).chain(claim.show.iter().map(|(_, expression)| expression))
            });
            let expressions: Vec<&Expression> = expressions.collect();
            let runs = self.sweep.runs(settings, control);
            let measures = Measures::asking(&runs, &variation, &expressions);
            for (position, claim) in asked.iter().enumerate() {
                if grid == 0 {
                    let shows = vec![[None; 2]; claim.show.len()];
                    claims.push(CheckedClaim { holds: [None; 2], shows });
                }
                let Some(own) = claims.get_mut(position) else { continue };
                own.holds[grid] = match measures.verdict(&claim.holds_when)? {
                    Verdict::Holds => Some(true),
                    Verdict::DoesNotHold => Some(false),
                    Verdict::Undefined { .. } => None,
                };
                for ((_, expression), shown) in claim.show.iter().zip(&mut own.shows) {
                    shown[grid] = measures.number(expression)?.value;
                }
            }
        }
        Ok(CheckedCase { point, claims })
    }

    /// Puts what was found on the finer grid into the findings of this audit.
    pub fn add_check(&self, cases: &[CheckedCase], findings: &mut AuditFindings) {
        if cases.is_empty() {
            return;
        }
        let coarse = self.sweep.plan().settings.belief_points;
        findings.check = Some(GridCheck { cases: cases.len(), belief_points: (coarse, self.finer()) });
        let all = &self.sweep.base().scenario().claims;
        for (position, claim) in findings.claims.iter_mut().enumerate() {
            let shown = all.iter().find(|own| own.name == claim.name).map_or(&[][..], |own| &own.show);
            let mut check = ClaimCheck { compared: 0, otherwise: 0, largest: None };
            for case in cases {
                let Some(own) = case.claims.get(position) else { continue };
                check.compared += usize::from(own.holds.iter().all(Option::is_some));
                check.otherwise += usize::from(own.holds[0] != own.holds[1]);
                for ((text, _), pair) in shown.iter().zip(&own.shows) {
                    let [Some(coarse), Some(fine)] = *pair else { continue };
                    let most = check.largest.as_ref().map_or(-1.0, |most| (most.fine - most.coarse).abs());
                    if (fine - coarse).abs() > most {
                        check.largest =
                            Some(LargestDifference { shows: text.clone(), point: case.point, coarse, fine });
                    }
                }
            }
            claim.check = Some(check);
        }
    }
}
