//! Text → [`Scenario`] → `WarGame`: the scenario language.
//!
//! [`load`] (or [`parse`]) reads a file and finds *every* problem in it, each with a code, a place, a cause and a remedy.
//! [`Scenario::compile`] turns a sound scenario, under a [`Change`], into an `armistice_game::WarGame`. Measures and claims
//! are evaluated by [`Scenario::evaluate`] over whatever solved the game.
//!
//! ```
//! use std::path::Path;
//! use armistice_scenario::{Change, Limits, new_scenario, parse, render_plain};
//!
//! let text = new_scenario("two-sided-war").unwrap_or_default();
//! let loaded = parse(&text, "scenario.toml", Path::new("."));
//! let scenario = loaded.scenario.as_ref().ok_or_else(|| render_plain(&loaded))?;
//! let compiled = scenario.compile(&Change::default(), &Limits::default()).map_err(|list| list[0].message.clone())?;
//! assert_eq!(compiled.game.states.len(), 7);
//! # Ok::<(), String>(())
//! ```
//!
//! Nothing in a scenario runs code or reads a file outside its folder, and sizes are worked out before anything is
//! allocated: see [`Limits`].

mod catalog;
mod check;
mod codes;
mod compile;
mod date;
mod diagnostic;
mod explain;
mod expression;
mod interpret;
mod load;
mod measure;
mod merge;
mod model;
mod parts;
mod quotes;
mod read;
mod record;
mod schema;
mod shape;
mod templates;

pub use catalog::{CATALOG, catalog_scenario};
pub use codes::ALL_CODES;
pub use compile::{BargainingTable, Compiled, Limits, Size};
pub use date::Date;
pub use diagnostic::{Diagnostic, Label, Severity, Source, SourceFile, render_diagnostics};
pub use explain::{diagnostics_chapter, explain};
pub use expression::{EvaluationError, Expression, MAX_DEPTH, MAX_LENGTH, Operator, Term, Value};
pub use interpret::Meaning;
pub use load::{
    Loaded, MAX_FILE, load, load_record, load_with, parse, parse_files, parse_with, render_plain,
};
pub use measure::MeasureEnvironment;
pub use model::*;
pub use parts::{FileError, Files};
pub use record::{Observation, Record, RecordTable, TableRow, table_text};
pub use schema::schema;
pub use templates::{TEMPLATES, extend_model, new_scenario};
