//! Equilibrium → [`Findings`]: what a solved war game says, every number with its unit, how it was got and how far it can be trusted.

pub mod calendar;
mod error;
pub mod findings;
pub mod forward;
mod margin;
mod pool;
pub mod simulate;

pub use error::AnalyzeError;
pub use findings::Findings;
pub use forward::{Given, Outlook, Propagation, Spread, Start, propagate};
pub use margin::{StoppingMargin, StoppingNodes};
