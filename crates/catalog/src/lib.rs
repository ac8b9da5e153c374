//! The catalog: published models of crisis bargaining and war termination as files that can be read, run, changed and trusted.
//!
//! Every model is a folder with a `model.toml` (citation, what the result says, parameters, closed form, known cases, comparative
//! statics) and the games that bear it out: a scenario, or a `.efg` file with parameters in it. [`run`] evaluates the closed form, compares
//! it with the known cases, tests the sign of every comparative static, solves the games and compares what is read off their
//! certified equilibria with the closed form.
//!
//! ```
//! use armistice_catalog::{Settings, model, run};
//!
//! let fearon = model("fearon-1995-cost")?;
//! let settings = Settings { parameters: vec![("cA".into(), 0.2)], games: false, ..Settings::default() };
//! let findings = run(&fearon, &settings, &Default::default())?;
//! // Dearer war makes the side that demands more careful.
//! assert!(findings.predictions.iter().any(|row| row.name == "P_war" && row.value == Some(0.3)));
//! # Ok::<(), armistice_catalog::CatalogError>(())
//! ```

mod check;
mod claims;
mod computed;
mod error;
mod files;
mod model;
mod page;
mod play;
mod plot;
mod scope;
mod solved;

pub use check::{
    CaseRow, EquilibriumRow, GameRow, IdentityRow, MeasureRow, ModelFindings, PredictionRow, Settings,
    StaticRow, run,
};
pub use claims::{ClaimInShort, claims};
pub use error::CatalogError;
pub use files::{File, files, model, names};
pub use model::{
    Case, Fidelity, Formula, Game, Identity, Known, Measured, Model, Ordered, Parameter, Plot, Prediction,
    Sign, Solver, Static,
};
pub use page::{difference, index, number, page};
pub use play::Play;
pub use plot::draw;
pub use scope::Scope;
pub use solved::{LAMBDA, MOST_NODES, Solution, finite_game, solve_game};
