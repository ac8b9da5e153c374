//! What can go wrong.

use std::path::PathBuf;

/// Why there is no report. Messages complete "failed to …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The page could not be put together.
    #[error("render the report")]
    Template(#[from] minijinja::Error),
    /// The findings could not be written as JSON.
    #[error("write the findings as JSON")]
    Json(#[from] serde_json::Error),
    /// A table could not be written as CSV.
    #[error("write the table {table} as CSV")]
    Csv {
        /// Name of the table.
        table: String,
        /// What went wrong.
        source: csv::Error,
    },
    /// There is no table of this name.
    #[error("find a table named {table}; there are {known}")]
    NoSuchTable {
        /// The name asked for.
        table: String,
        /// The names there are.
        known: String,
    },
    /// The file could not be written.
    #[error("write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
}
