//! The table of a record: rows of cells, as they stand in the file.

use crate::codes;
use crate::diagnostic::{Diagnostic, suggest};
use crate::model::Scenario;

use super::{no_data, shown};

/// Most rows of a record.
pub(super) const MAX_ROWS: usize = 100_000;

/// A table that was read, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordTable {
    /// Its file, as named.
    pub file: String,
    /// blake3 of its text, hexadecimal; of a table in Parquet, as comma-separated values.
    pub hash: String,
    /// Its header.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<TableRow>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// Line of the file; of a table in Parquet, as comma-separated values.
    pub line: u64,
    /// The cell of the date column.
    pub date: String,
    /// All cells, blank where nothing was seen.
    pub cells: Vec<String>,
}

impl RecordTable {
    /// Reads comma-separated values with a header.
    ///
    /// - `file`: what the table is called; `None` is the name in the scenario.
    /// - errors: what keeps the text from being a table with the date column that the scenario names; every such row.
    pub fn read(scenario: &Scenario, file: Option<&str>, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let data = scenario.data.as_ref().ok_or_else(|| vec![no_data()])?;
        let file = file.map_or_else(|| shown(&data.observed), str::to_owned);
        let refuse =
            |message: String| Diagnostic::error(codes::RECORD_TABLE, message).at(data.span.clone(), "");
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let columns: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(str::to_owned).collect(),
            Err(error) => return Err(vec![refuse(format!("`{file}` is not a table: {error}"))]),
        };
        let Some(date) = columns.iter().position(|c| *c == data.date) else {
            let problem = refuse(format!("`{file}` has no column `{}`, which `date` names", data.date));
            return Err(vec![problem.maybe_help(suggest(&data.date, columns.iter().map(String::as_str)))]);
        };
        let mut problems = Vec::new();
        let mut rows = Vec::new();
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    if record.len() != columns.len() {
                        let cells = record.len();
                        let message = format!(
                            "line {line} of `{file}` has {cells} cells for {} columns",
                            columns.len()
                        );
                        problems.push(refuse(message));
                    }
                    let cells: Vec<String> = record.iter().map(str::to_owned).collect();
                    rows.push(TableRow { line, date: cells.get(date).cloned().unwrap_or_default(), cells });
                }
                Err(error) => problems.push(refuse(format!("`{file}` is not a table: {error}"))),
            }
            if rows.len() > MAX_ROWS {
                problems.push(refuse(format!("`{file}` has more than {MAX_ROWS} rows")));
                break;
            }
        }
        if rows.is_empty() {
            problems.push(refuse(format!("`{file}` has no rows")));
        }
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        if problems.is_empty() { Ok(Self { file, hash, columns, rows }) } else { Err(problems) }
    }
}
