//! Arguments of the verbs that hold a scenario against the record of its war.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{SolveOptions, assignment};

/// Which record, and how likelihoods are computed.
#[derive(Args, Clone, Debug)]
pub struct RecordOptions {
    /// Folder of the scenario, or its file; its `[data]` says how the rows of the record read as play.
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::AnyPath)]
    pub scenario: PathBuf,
    /// Another table with the same columns in place of the scenario's: comma-separated values or Parquet.
    #[arg(long, value_name = "TABLE", value_hint = ValueHint::FilePath, help_heading = "The record")]
    pub record: Option<PathBuf>,
    /// Another source for some columns, by its name under [data.sources].
    #[arg(long, value_name = "NAME", help_heading = "The record")]
    pub source: Option<String>,
    /// Most histories that what was not seen may leave open after a row.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=100_000), help_heading = "The record")]
    pub histories: u32,
    /// Give a parameter another value; may be given several times.
    #[arg(long, value_name = "PARAMETER=VALUE", value_parser = assignment, allow_hyphen_values = true)]
    pub set: Vec<(String, String)>,
    /// Seed of every random number.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// How games are solved.
    #[command(flatten)]
    pub options: SolveOptions,
}

/// Arguments of `fit`.
#[derive(Args, Debug)]
pub struct Fit {
    /// The record.
    #[command(flatten)]
    pub record: RecordOptions,
    /// Parameters to estimate, with commas between them [default: all with a range that move the likelihood].
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub free: Vec<String>,
    /// Starting points: the scenario's values, and points drawn over the ranges.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub starts: u32,
    /// Most evaluations from each.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub evaluations: u32,
    /// Parameters whose profile likelihood is followed, with commas between them: 95 percent intervals that need not be symmetric.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub profile: Vec<String>,
    /// Draw from the posterior too, with the ranges and distributions as prior: so many points in each cloud.
    #[arg(long, value_name = "POINTS", num_args = 0..=1, default_missing_value = "64", value_parser = clap::value_parser!(u32).range(8..=100_000))]
    pub posterior: Option<u32>,
    /// With --posterior: independent clouds, for R-hat and the error of the marginal likelihood.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64), requires = "posterior")]
    pub clouds: u32,
    /// Keep starting points, profiles and clouds that are done in this file, and go on from what it has already, of the same request.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub keep: Option<PathBuf>,
    /// Write the document, with draws that `forecast --fit` reads.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Write months and beliefs as comma-separated values.
    #[arg(long, value_name = "CSV", value_hint = ValueHint::FilePath)]
    pub months: Option<PathBuf>,
}

/// Arguments of `compare`.
#[derive(Args, Debug)]
pub struct Compare {
    /// The record.
    #[command(flatten)]
    pub record: RecordOptions,
    /// A theory: a scenario file that gives parameters other values, at which they are held. May be given several times; the scenario as written is
    /// compared too, as `neutral`.
    #[arg(long, value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub theory: Vec<PathBuf>,
    /// Parameters estimated in every theory that does not hold them, with commas between them.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub free: Vec<String>,
    /// Compute marginal likelihoods over the free parameters, and what each row would have been worth had it been left out, by clouds of so
    /// many points.
    #[arg(long, value_name = "POINTS", num_args = 0..=1, default_missing_value = "64", requires = "free", value_parser = clap::value_parser!(u32).range(8..=100_000))]
    pub evidence: Option<u32>,
    /// Hold out the rows from this date on: each is predicted with parameters estimated from the rows before it alone.
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// With --from and --free: rows between estimates.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=10_000), requires = "from")]
    pub every: u32,
    /// With --from and --free: let the parameters' distributions count in these estimates, as for the posterior.
    #[arg(long, requires = "from")]
    pub prior: bool,
    /// Draw who explained which month, as SVG.
    #[arg(long, value_name = "SVG", value_hint = ValueHint::FilePath)]
    pub chart: Option<PathBuf>,
}

/// Arguments of `forecast`.
#[derive(Args, Debug)]
pub struct Forecast {
    /// The record.
    #[command(flatten)]
    pub record: RecordOptions,
    /// Parameter values from the draws of `fit --out`; without it those of the scenario, and no uncertainty of parameters.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub fit: Option<PathBuf>,
    /// With --fit: most draws used.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub draws: u32,
    /// Horizons in periods, with commas between them.
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "3,6,12", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub by: Vec<u32>,
    /// Wars simulated for each draw.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub wars: u32,
    /// Date of issue, such as 2026-01-15 [default: today].
    #[arg(long, value_name = "DATE")]
    pub issued: Option<String>,
    /// Write the forecast to a file, for `armistice score`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}

/// Arguments of `score`.
#[derive(Args, Debug)]
pub struct Score {
    /// A forecast file, as `armistice forecast` writes it.
    #[arg(value_name = "FORECAST", value_hint = ValueHint::FilePath)]
    pub forecast: PathBuf,
    /// The record as it is now: a table with the columns of the one the forecast started from.
    #[arg(long, value_name = "TABLE", required = true, value_hint = ValueHint::FilePath)]
    pub record: PathBuf,
}

/// Arguments of `backtest`.
#[derive(Args, Debug)]
pub struct Backtest {
    /// The record; or in place of the scenario a table of wars, FILE.csv, each of which is forecast from the others.
    #[command(flatten)]
    pub record: RecordOptions,
    /// Date of the first row that is forecast [default: the thirteenth row's].
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Parameters estimated again and again from the rows before, with commas between them; without it the scenario's values are used.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub free: Vec<String>,
    /// With --free: rows between estimates.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub every: u32,
    /// With --free: let the parameters' distributions count in these estimates, as for the posterior: few rows are then not overfitted.
    #[arg(long, requires = "free")]
    pub prior: bool,
    /// What is done with a table of wars.
    #[command(flatten)]
    pub wars: WarsOptions,
}

/// What is done with a table of wars in place of a scenario.
#[derive(Args, Debug)]
#[command(next_help_heading = "Tables of wars (FILE.csv in place of SCENARIO)")]
pub struct WarsOptions {
    /// Write a page with scores, calibration and sharpness to a file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub report: Option<PathBuf>,
    /// Write every forecast, one row each, to a file of comma-separated values.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub forecasts: Option<PathBuf>,
    /// Score a group of wars by itself too, such as multi=0; may be given several times.
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = group)]
    pub group: Vec<(String, String)>,
    /// Column of days that a war lasted.
    #[arg(long, value_name = "COLUMN", default_value = "duration_days")]
    pub duration: String,
    /// Column of names [default: war_name, where there is one].
    #[arg(long, value_name = "COLUMN")]
    pub name: Option<String>,
    /// Columns of the two sides' capabilities when the war began, in any unit [default: cinc_side1,cinc_side2, where there are such].
    #[arg(long, value_name = "COLUMN,COLUMN", value_delimiter = ',', num_args = 1)]
    pub capabilities: Vec<String>,
    /// Column with the side that began, 1 or 2 [default: initiator_side, where there is one].
    #[arg(long, value_name = "COLUMN")]
    pub initiator: Option<String>,
    /// Column that is 1 for wars of a later period and 0 for others [default: post45, where there is one].
    #[arg(long, value_name = "COLUMN")]
    pub period: Option<String>,
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
