//! War as a bargaining game with private information: from a scenario file to a certified equilibrium and a report.
//!
//! The modules are the stages, in order: [`scenario`] (text → `Scenario` → `WarGame`), [`game`] (the nouns of the mathematics),
//! [`solve`] (`WarGame` → `Equilibrium` and `Certificate`), [`analyze`] (`Equilibrium` → `Findings`), [`report`] (`Findings` → HTML).
//!
//! From a text to a page:
//!
//! ```
//! use armistice::{Control, analyze, report, scenario};
//!
//! let text = scenario::new_scenario("two-sided-war").ok_or("there is no such template")?;
//! let loaded = scenario::parse(&text, "scenario.toml", std::path::Path::new("."));
//! let war = loaded.scenario.ok_or("the scenario has errors")?;
//!
//! let options = analyze::Options { levers: false, sensitivity: false, ..Default::default() };
//! let analysis = analyze::analyze(&war, &options, &Control::default())?;
//! for headline in &analysis.findings.answer.measures {
//!     println!("{}: {:?}", headline.title, headline.value.value);
//! }
//! let page = report::render(&analysis.findings)?;
//! assert!(page.starts_with("<!doctype html>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use armistice_analyze as analyze;
pub use armistice_catalog as catalog;
pub use armistice_fit as fit;
pub use armistice_game as game;
pub use armistice_report as report;
pub use armistice_scenario as scenario;
pub use armistice_solve as solve;

pub use armistice_solve::{CancelToken, Control, Progress};
