//! Why a sweep was not made.

#[cfg(feature = "parquet")]
use std::path::Path;
use std::path::PathBuf;

use crate::AnalyzeError;
use crate::design::DesignError;

/// Why a sweep was not made. Messages complete "failed to …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The design.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// The scenario, as written.
    #[error(transparent)]
    Analyze(#[from] AnalyzeError),
    /// A file or folder.
    #[error("{doing} {}", path.display())]
    Io {
        /// What was attempted: "read", "write", …
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A folder without a plan that can be read.
    #[error("read the plan {}: {what}", path.display())]
    Plan {
        /// Where.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The folder belongs to another sweep.
    #[error("go on with this sweep: {what} is not what its plan says")]
    Differs {
        /// What differs.
        what: &'static str,
    },
    /// Another process writes to the folder.
    #[error("write to {}: another sweep is writing to it", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// A table.
    #[error("{doing} a table: {what}")]
    Table {
        /// What was attempted: "read", "write".
        doing: &'static str,
        /// Why not.
        what: String,
    },
}

#[cfg(feature = "parquet")]
impl SweepError {
    /// Adapter for `map_err` on file operations.
    pub(crate) fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> Self + 'a {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
