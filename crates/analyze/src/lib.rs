//! Equilibrium → [`Findings`]: what a solved war game says, every number with its unit, how it was got and how far it can be trusted.

mod analysis;
#[cfg(feature = "parquet")]
pub mod audit;
mod bargaining;
pub mod calendar;
pub mod design;
mod error;
mod evaluate;
pub mod findings;
mod fingerprint;
pub mod forward;
mod gradient;
mod indices;
pub mod levers;
mod margin;
mod measure;
mod opening;
mod options;
mod parts;
mod pool;
pub mod prim;
mod run;
mod runs;
pub mod simulate;
mod survey;
pub mod sweep;

pub use analysis::{Analysis, analyze};
pub use bargaining::{BargainingRange, SettlementTable};
pub use error::AnalyzeError;
pub use evaluate::{Measures, cases_of};
pub use findings::Findings;
pub use forward::{Given, Outlook, Propagation, Spread, Start, propagate};
pub use gradient::{Derivative, Gradients, Slopes, gradient, slopes};
pub use indices::{Bootstrap, FactorIndices, Index, Indices, IndicesError, sobol_indices};
pub use margin::{StoppingMargin, StoppingNodes};
pub use measure::{how_of, measure};
pub use opening::Opening;
pub use options::{
    AUDIT_BRANCH, AUDIT_RESIDUAL, AUDIT_SIZE, Audit, KEPT_LOGITS, Options, SWEEP_POINTS, SWEEP_RESIDUAL,
    SWEEP_SIZE, Stamp,
};
pub use run::Run;
pub use runs::{Runs, Solved, Variation, start_of};

/// Single parts of [`Findings`], for whoever needs one of them and not the whole analysis.
pub mod single {
    pub use crate::parts::certificate::certificate;
    pub use crate::parts::claims::{claims, prepare, under};
    pub use crate::parts::margins::{margins, surfaces};
    pub use crate::parts::outlook::survival;
    pub use crate::parts::record::record;
    pub use crate::parts::words::{about, cases};
}
