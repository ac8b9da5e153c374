//! Cases computed again on a finer grid, kept beside the rows of an audit so that it can go on where it was stopped.

use std::path::Path;

use armistice::analyze::audit::{Audit, CheckedCase};
use armistice::analyze::sweep::SweepError;
use serde::{Deserialize, Serialize};

/// Its name in the folder of an audit.
pub const FILE: &str = "checked.json";

#[derive(Serialize, Deserialize)]
struct Kept {
    schema: String,
    /// Hash of the plan of the audit.
    plan: String,
    /// Points of the finer grid.
    belief_points: usize,
    cases: Vec<CheckedCase>,
}

const SCHEMA: &str = "armistice.audit-checked/1";

/// The cases that were kept; none where the file is not there, not whole, or of another audit.
pub fn read(path: &Path, audit: &Audit) -> Vec<CheckedCase> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let kept: Option<Kept> = serde_json::from_str(&text).ok();
    let same = |kept: &Kept| {
        kept.schema == SCHEMA
            && kept.plan == audit.sweep().plan().hash()
            && kept.belief_points == audit.finer()
    };
    kept.filter(same).map(|kept| kept.cases).unwrap_or_default()
}

/// Keeps cases; the file is whole or as it was.
pub fn write(path: &Path, audit: &Audit, cases: &[CheckedCase]) -> Result<(), SweepError> {
    let kept = Kept {
        schema: SCHEMA.to_owned(),
        plan: audit.sweep().plan().hash(),
        belief_points: audit.finer(),
        cases: cases.to_vec(),
    };
    let failed = |source| SweepError::Io { doing: "write", path: path.to_owned(), source };
    let text = serde_json::to_string_pretty(&kept).map_err(|error| failed(error.into()))?;
    let temporary = path.with_extension("tmp");
    std::fs::write(&temporary, text).and_then(|()| std::fs::rename(&temporary, path)).map_err(failed)
}
