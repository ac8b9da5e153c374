//! What turns one claim: how often it holds, and the nearest case in which it comes out otherwise than in the scenario as written.

use armistice_solve::Control;
use serde::Serialize;

use super::counterexample::Search;
use super::{Audit, Outcomes};
use crate::AnalyzeError;
use crate::findings::{Counterexample, Verdict};
use crate::sweep::SweepError;

/// What turns a claim.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Turn {
    /// The verdict in the scenario as written, on the grid of the audit.
    pub as_written: Verdict,
    /// Cases in which it holds, …
    pub holds: usize,
    /// … does not, …
    pub fails: usize,
    /// … or is not defined.
    pub undefined: usize,
    /// The nearest case that comes out otherwise, with the changes it needs; `None` where no case does.
    pub counterexample: Option<Counterexample>,
}

impl Audit {
    /// Draws the cases of the audit, and looks for the nearest one in which a claim of it comes out otherwise than in the scenario as
    /// written. A claim that is not defined there is looked for where it holds, or else where it does not.
    ///
    /// - cost: that of [`Audit::table`], and at most [`AuditSettings::evaluations`](super::AuditSettings::evaluations) variations.
    /// - errors: [`AnalyzeError::Unknown`] for a claim that the audit does not ask about; [`AnalyzeError::Cancelled`].
    pub fn turn(&self, claim: &str, control: &Control<'_>) -> Result<Turn, SweepError> {
        let unknown = || AnalyzeError::Unknown { kind: "claim", name: claim.to_owned() };
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let names = &self.sweep.plan().questions.claims;
        let position = names.iter().position(|name| name == claim).ok_or_else(unknown)?;
        let stated = self.sweep.base().scenario().claims.iter().find(|known| known.name == claim);
        let proposition = &stated.ok_or_else(unknown)?.holds_when;
        let (_, verdicts, _) = self.judge(None, &quiet)?;
        let as_written = verdicts.get(position).cloned().ok_or_else(unknown)?;
        let table = self.table(control)?;
        let Outcomes { holding, failing, undefined } = Outcomes::of(&table, claim);
        let wanted = match as_written {
            Verdict::Holds => false,
            Verdict::DoesNotHold => true,
            Verdict::Undefined { .. } => !holding.is_empty(),
        };
        control.report("leaving out changes that are not needed", 0, None);
        let search =
            Search { sweep: &self.sweep, base: &self.base, most: self.settings.evaluations, control: &quiet };
        let cases = if wanted { &holding } else { &failing };
        let counterexample = search.find(proposition, wanted, false, cases)?;
        let (holds, fails) = (holding.len(), failing.len());
        Ok(Turn { as_written, holds, fails, undefined, counterexample })
    }
}
