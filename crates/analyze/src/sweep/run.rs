//! From a plan to all of its rows, as often as it takes.

use armistice_solve::Control;

use super::merge::about;
use super::{PointStatus, Sweep, SweepError, SweepFolder, Tally, merge};
use crate::AnalyzeError;

/// How far a sweep has come.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepOutcome {
    /// Shards in all, or of the part.
    pub shards: usize,
    /// Shards that were there and whole.
    pub kept: usize,
    /// Shards that were there and not whole; they were computed again, or will be.
    pub damaged: usize,
    /// Shards computed now.
    pub computed: usize,
    /// What all rows say; `None` when stopped on request before all were there.
    pub tally: Option<Tally>,
}

/// Computes the shards of a sweep that are not there, then puts all rows into one table.
///
/// When the control is canceled, whole shards stay, and another call goes on with the first that is missing. The files are the same
/// bytes however often the sweep was stopped and for any number of threads.
///
/// - cost: see [`Sweep::rows`]; whole shards are read once more to check them.
/// - errors: [`SweepError::Differs`] when the folder belongs to another plan; [`SweepError::Io`], [`SweepError::Table`].
pub fn run(sweep: &Sweep, folder: &SweepFolder, control: &Control<'_>) -> Result<SweepOutcome, SweepError> {
    let mut outcome = run_part(sweep, folder, Part::WHOLE, control)?;
    if outcome.kept + outcome.computed == outcome.shards {
        outcome.tally = Some(merge(folder)?);
    }
    Ok(outcome)
}

/// A share of the shards of a sweep: those whose position, divided by `of`, leaves `position`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which part, from 0.
    pub position: usize,
    /// Parts in all, at least 1.
    pub of: usize,
}

impl Part {
    /// All shards.
    pub const WHOLE: Self = Self { position: 0, of: 1 };

    fn has(self, shard: usize) -> bool {
        shard % self.of.max(1) == self.position
    }
}

/// Computes the shards of a part that are not there, and puts nothing together: what one of several processes does, which share the
/// folder ([`SweepFolder::join`]). Two that compute the same shard write the same bytes.
///
/// - returns: counts of the shards of the part; no tally.
/// - cost, errors: as of [`run`].
pub fn run_part(
    sweep: &Sweep,
    folder: &SweepFolder,
    part: Part,
    control: &Control<'_>,
) -> Result<SweepOutcome, SweepError> {
    let plan = sweep.plan();
    if let Some(what) = plan.difference(folder.plan()) {
        return Err(SweepError::Differs { what });
    }
    let mut outcome = SweepOutcome { shards: 0, kept: 0, damaged: 0, computed: 0, tally: None };
    let about = about(plan, folder.plan_hash());
    let shards: Vec<usize> = (0..plan.shards()).filter(|shard| part.has(*shard)).collect();
    outcome.shards = shards.len();
    for shard in shards {
        if control.cancel.is_canceled() {
            return Ok(outcome);
        }
        if folder.read(shard)?.is_some() {
            outcome.kept += 1;
            continue;
        }
        outcome.damaged += usize::from(folder.has_any(shard));
        let rows = match sweep.rows(plan.shard(shard), control) {
            Ok(rows) => rows,
            Err(AnalyzeError::Cancelled) => return Ok(outcome),
            Err(error) => return Err(error.into()),
        };
        let count = |status| rows.iter().filter(|row| row.status == status).count();
        let content = plan.table(&rows).to_parquet(&about)?;
        folder.write(shard, &content, count(PointStatus::Failed), count(PointStatus::NotConverged))?;
        outcome.computed += 1;
    }
    Ok(outcome)
}
