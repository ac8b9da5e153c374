//! The verbs, one file each.

pub mod audit;
pub mod backtest;
pub mod catalog;
pub mod check;
pub mod completions;
pub mod convert;
pub mod estimate;
pub mod explain;
pub mod finite;
pub mod levers;
pub mod man;
pub mod new;
pub mod record;
pub mod report;
pub mod run;
pub mod schema;
pub mod serve;
pub mod simulate;
pub mod solve;
pub mod sweep;
