//! Text → [`Scenario`] → `WarGame`: the scenario language.

mod expression;
mod model;

pub use expression::{Expression, Operator, Term};
pub use model::*;
