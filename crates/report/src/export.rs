//! Files: the page written whole or not at all, the findings as JSON, the tables as CSV.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use armistice_analyze::Findings;

use crate::ReportError;
use crate::block::Block;
use crate::page::{page, render};
use crate::table::Table;

/// A table of the report as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvTable {
    /// Name, usable as a file name.
    pub name: String,
    /// What it shows.
    pub caption: String,
    /// Headings.
    pub columns: Vec<String>,
    /// Rows; numbers at full precision, empty where not defined.
    pub rows: Vec<Vec<String>>,
}

/// Renders the findings and writes the page to `path`, whole or not at all: into a file beside it that then takes its name.
///
/// # Errors
///
/// [`ReportError::Write`] when the file cannot be written, and the errors of [`render`].
pub fn write(findings: &Findings, path: &Path) -> Result<(), ReportError> {
    let text = render(findings)?;
    let failed = |source| ReportError::Write { path: path.to_path_buf(), source };
    let unfinished = unfinished(path);
    let result = fill(&unfinished, &text).and_then(|()| fs::rename(&unfinished, path));
    if result.is_err() {
        // The error that matters is the one above; what is left of the file may not even exist.
        let _ = fs::remove_file(&unfinished);
    }
    result.map_err(failed)
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

fn fill(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The findings document as JSON, indented, ending in a newline.
///
/// # Errors
///
/// [`ReportError::Json`] when it cannot be serialized, which is a bug.
pub fn to_json(findings: &Findings) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(findings)?;
    text.push('\n');
    Ok(text)
}

/// Every table of the report, those of the charts among them, in the order of the page.
#[must_use]
pub fn tables(findings: &Findings) -> Vec<CsvTable> {
    let page = page(findings);
    let mut all = Vec::new();
    gather(&page.answer.changes, &mut all);
    for section in &page.sections {
        gather(&section.blocks, &mut all);
    }
    all
}

/// One table of the report as CSV.
///
/// # Errors
///
/// [`ReportError::NoSuchTable`] when no table has that name, [`ReportError::Csv`] when it cannot be written.
pub fn to_csv(findings: &Findings, name: &str) -> Result<String, ReportError> {
    let all = tables(findings);
    let Some(table) = all.iter().find(|table| table.name == name) else {
        let known: Vec<&str> = all.iter().map(|table| table.name.as_str()).collect();
        return Err(ReportError::NoSuchTable { table: name.into(), known: known.join(", ") });
    };
    let failed = |source| ReportError::Csv { table: name.into(), source };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&table.columns).map_err(failed)?;
    for row in &table.rows {
        writer.write_record(row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.into_error().into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn gather(blocks: &[Block], all: &mut Vec<CsvTable>) {
    for block in blocks {
        match block {
            Block::Table { table } => all.push(plain(table)),
            Block::Diagram { diagram } => all.push(plain(&diagram.table)),
            Block::Figures { charts } => all.extend(charts.iter().map(|chart| {
                let (columns, rows) = chart.csv.clone();
                CsvTable { name: chart.id.clone(), caption: chart.title.clone(), columns, rows }
            })),
            Block::Details { blocks, .. } => gather(blocks, all),
            Block::Claims { group } => {
                all.extend(group.claims.iter().filter_map(|claim| claim.under.as_ref()).map(plain))
            }
            _ => {}
        }
    }
}

fn plain(table: &Table) -> CsvTable {
    CsvTable {
        name: table.id.clone(),
        caption: table.caption.clone(),
        columns: table.columns.iter().map(|column| column.text.clone()).collect(),
        rows: table
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| cell.v.clone().unwrap_or_else(|| cell.text.clone())).collect())
            .collect(),
    }
}
