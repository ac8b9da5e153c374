//! Findings → one self-contained HTML page, JSON and CSV.
//!
//! Nothing is computed here: the crate turns [`Findings`](armistice_analyze::Findings) into view models (words, tables, Vega-Lite
//! specifications) and those into a page. The page opens from a file without any network: its style sheet, its chart runtime and its
//! data are inside it, under a content security policy that allows these and nothing else. Equal findings give equal bytes.
//!
//! - [`render`] returns the page, [`write()`] puts it into a file, whole or not at all;
//! - [`render_audit`] returns the page of an audit, which has no script at all;
//! - [`render_sheet`] returns a page of tables with small drawings, for scores of forecasts, without a script too;
//! - [`to_json`] is the findings document itself; [`tables`] and [`to_csv`] are its tables, number by number at full precision.
//!
//! ```
//! # fn main() -> Result<(), armistice_report::ReportError> {
//! # let text = include_str!("../tests/empty.json");
//! let findings: armistice_analyze::Findings = serde_json::from_str(text).expect("a findings document");
//! let page = armistice_report::render(&findings)?;
//! assert!(page.starts_with("<!doctype html>"));
//! # Ok(()) }
//! ```

mod audit_page;
mod audited;
mod block;
mod chart;
mod charts;
mod diagram;
mod error;
mod export;
mod names;
mod number;
mod page;
mod sections;
mod sheet;
mod table;
mod words;

pub use audit_page::render_audit;
pub use error::ReportError;
pub use export::{CsvTable, tables, to_csv, to_json, write};
pub use page::render;
pub use sheet::{Item, Piece, ReliabilityPoint, Sheet, SheetSection, render_sheet};
