//! Data → parameters: structural estimators of conflict games.
//!
//! The way through the crate: [`Table`] (comma-separated values), [`formula`] (what is observed, what explains it), [`Likelihood`] (sums over
//! observations with exact derivatives), [`maximize`] (Newton's method with a trust region), [`estimate()`] (all of it, from several starting points)
//! and [`Estimates`], the document, which renders itself as text, CSV and LaTeX. [`predict`], [`effects`] and [`compare`] read a [`Fitted`] model.
//!
//! ```
//! use armistice_fit::{Kind, Request, StrategicKind, Table, Tree, estimate};
//! use armistice_solve::Control;
//!
//! let mut csv = String::from("fight,resist,strength\n");
//! for i in 0..60 {
//!     csv.push_str(&format!("{},{},{}\n", u8::from(i % 3 > 0), u8::from(i % 4 > 1), f64::from(i % 7) / 7.0));
//! }
//! let table = Table::from_csv(csv.as_bytes())?;
//! let request = Request::new(Kind::Strategic(StrategicKind::new(Tree::Egame12)), "fight + resist ~ 1 | 0 | strength | strength");
//! let fitted = estimate(&request, &table, &Control::default())?;
//! assert_eq!(fitted.estimates.coefficients.len(), 5);
//! # Ok::<(), armistice_fit::FitError>(())
//! ```

mod banded;
mod compare;
mod data;
pub mod durations;
mod erfc;
mod error;
mod estimate;
pub mod formula;
mod inference;
mod jet;
mod likelihood;
mod linear;
mod optimize;
mod predict;
pub mod record;
mod render;
pub mod score;
mod search;
pub mod signaling;

pub mod special;
mod strategic;
pub mod tug_of_war;
mod ultimatum;

pub use compare::{Comparison, compare};
pub use data::{Column, Table};
pub use error::{FitError, Problem};
pub use estimate::{
    Coefficient, Estimates, Fitted, Kind, Method, Multiplicity, OptimumRow, Outcome, Request, Resampling,
    SignalingKind, StrategicKind, TugOfWarKind, UltimatumKind, Under, estimate, estimate_tug_of_war,
};
pub use inference::{Covariance, Groups, Replicates, bootstrap, covariance};
pub use jet::{Jet, Number, Slope};
pub use likelihood::{Design, Equation, Likelihood, Model, Moving, Scoring};
pub use linear::{Cholesky, Square};
pub use optimize::{Evaluation, Maximum, Objective, Status, Stopping, maximize};
pub use predict::{Effect, Prediction, Predictions, Profile, effects, predict};
pub use render::effects_text;
pub use search::{Optimum, Search, search};
pub use strategic::{Errors, Link, Scales, Strategic, Tree, Utility};
pub use ultimatum::Ultimatum;
