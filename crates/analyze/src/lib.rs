//! Equilibrium → [`Findings`]: what a solved war game says, every number with its unit, how it was got and how far it can be trusted.

mod analysis;
mod bargaining;
pub mod calendar;
mod error;
mod evaluate;
pub mod findings;
mod fingerprint;
pub mod forward;
mod gradient;
mod margin;
mod measure;
mod opening;
mod options;
mod parts;
mod pool;
mod run;
mod runs;
pub mod simulate;
mod survey;

pub use analysis::{Analysis, analyze};
pub use bargaining::{BargainingRange, SettlementTable};
pub use error::AnalyzeError;
pub use evaluate::{Measures, cases_of};
pub use findings::Findings;
pub use forward::{Given, Outlook, Propagation, Spread, Start, propagate};
pub use gradient::{Derivative, Gradients, gradient};
pub use margin::{StoppingMargin, StoppingNodes};
pub use measure::{how_of, measure};
pub use opening::Opening;
pub use options::{AUDIT_SIZE, Audit, KEPT_LOGITS, Options, Stamp};
pub use run::Run;
pub use runs::{Runs, Solved, Variation, start_of};
