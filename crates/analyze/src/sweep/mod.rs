//! Sweeps: a scenario solved at every point of a design, one row each, in a folder that survives being stopped.
//!
//! A [`Plan`] says everything that the rows depend on. [`Sweep::rows`] computes some of them, the same for any number of threads and
//! in any order. With the feature `parquet`, a [`SweepFolder`] holds the plan and the rows in shards, each written whole and
//! with a checksum, and [`run`] computes the shards that are missing and puts all of them together.

#[cfg(feature = "parquet")]
mod columns;
mod error;
#[cfg(feature = "parquet")]
mod explore;
#[cfg(feature = "parquet")]
mod folder;
#[cfg(feature = "parquet")]
mod merge;
mod plan;
#[cfg(feature = "parquet")]
mod run;
mod solve;
#[cfg(feature = "parquet")]
mod table;

pub use error::SweepError;
#[cfg(feature = "parquet")]
pub(crate) use explore::factor_columns;
#[cfg(feature = "parquet")]
pub use explore::{boxes, indices};
#[cfg(feature = "parquet")]
pub use folder::{ShardRecord, SweepFolder};
#[cfg(feature = "parquet")]
pub use merge::{ClaimTally, MeasureTally, Tally, merge};
pub use plan::{PLAN_SCHEMA, Plan, PlanLimits, Questions};
#[cfg(feature = "parquet")]
pub use run::{Part, SweepOutcome, run, run_part};
pub use solve::{PointStatus, Row, Sweep};
#[cfg(feature = "parquet")]
pub use table::{Cells, Column, Table, TableWriter};
