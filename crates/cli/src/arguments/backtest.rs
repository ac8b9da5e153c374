//! Arguments of `backtest`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Arguments of `backtest`.
#[derive(Args, Debug)]
pub struct Backtest {
    /// What to backtest, where it is not --durations.
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::AnyPath)]
    pub scenario: Option<PathBuf>,
    /// A table of wars, as comma-separated values with a header: predict how long each lasted from the others.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub durations: Option<PathBuf>,
    /// Write a page with scores, calibration and sharpness to a file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub report: Option<PathBuf>,
    /// Write every forecast, one row each, to a file of comma-separated values.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub forecasts: Option<PathBuf>,
    /// Score a group of wars by itself too, such as multi=0; may be given several times.
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = group, help_heading = "Durations")]
    pub group: Vec<(String, String)>,
    /// Column of days that a war lasted.
    #[arg(long, value_name = "COLUMN", default_value = "duration_days", help_heading = "Durations")]
    pub duration: String,
    /// Column of names [default: war_name, where there is one].
    #[arg(long, value_name = "COLUMN", help_heading = "Durations")]
    pub name: Option<String>,
    /// Columns of the two sides' capabilities when the war began, in any unit [default: cinc_side1,cinc_side2, where there are such].
    #[arg(
        long,
        value_name = "COLUMN,COLUMN",
        value_delimiter = ',',
        num_args = 1,
        help_heading = "Durations"
    )]
    pub capabilities: Vec<String>,
    /// Column with the side that began, 1 or 2 [default: initiator_side, where there is one].
    #[arg(long, value_name = "COLUMN", help_heading = "Durations")]
    pub initiator: Option<String>,
    /// Column that is 1 for wars of a later period and 0 for others [default: post45, where there is one].
    #[arg(long, value_name = "COLUMN", help_heading = "Durations")]
    pub period: Option<String>,
    /// Worker threads; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: Option<u32>,
}

/// Reads `column=value`.
fn group(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((column, value)) if !column.trim().is_empty() && !value.trim().is_empty() => {
            Ok((column.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected a column and a value, such as multi=0".to_owned()),
    }
}
