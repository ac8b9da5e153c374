//! War as a bargaining game with private information: from a scenario file to a certified equilibrium and a report.
//!
//! The modules are the stages, in order: [`scenario`] (text → `Scenario` → `WarGame`), [`game`] (the nouns of the mathematics),
//! [`solve`] (`WarGame` → `Equilibrium` and `Certificate`), [`analyze`] (`Equilibrium` → `Findings`), [`report`] (`Findings` → HTML).

pub use armistice_analyze as analyze;
pub use armistice_game as game;
pub use armistice_report as report;
pub use armistice_scenario as scenario;
pub use armistice_solve as solve;

pub use armistice_solve::{CancelToken, Control, Progress};
