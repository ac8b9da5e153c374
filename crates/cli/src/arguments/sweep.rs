//! Arguments of `sweep`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{SolveOptions, assignment};

/// Arguments of `sweep`.
#[derive(Args, Debug)]
pub struct Sweep {
    /// Folder of the scenario, or its scenario.toml.
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::AnyPath)]
    pub scenario: PathBuf,
    /// Folder of the sweep: new, or with `--resume` one that was begun before.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
    /// Go on with a sweep that was stopped: its plan says what it is, so that nothing else has to be typed again.
    #[arg(long)]
    pub resume: bool,
    /// How several machines share it.
    #[command(flatten)]
    pub cluster: ClusterOptions,
    /// What varies.
    #[command(flatten)]
    pub factors: FactorOptions,
    /// At which points.
    #[command(flatten)]
    pub points: PointOptions,
    /// Measures and claims to compute, with commas between them [default: all].
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "What is computed")]
    pub measures: Vec<String>,
    /// Give a parameter another value throughout; may be given several times.
    #[arg(long, value_name = "PARAMETER=VALUE", value_parser = assignment, allow_hyphen_values = true, help_heading = "What is computed")]
    pub set: Vec<(String, String)>,
    /// Solve large games as audits do, several times as fast and less accurately: on 4 belief points a dimension, wars followed on that grid.
    #[arg(long, help_heading = "What is computed")]
    pub coarse: bool,
    /// Points in a shard: as many are lost at most when the program is killed.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000), help_heading = "What is computed")]
    pub shard_size: u32,
    /// Look for boxes of factors in which a claim holds (CLAIM) or does not (not:CLAIM), with commas between them; they are written
    /// to boxes.json.
    #[arg(long, value_name = "CLAIMS", value_delimiter = ',', help_heading = "What is made of it")]
    pub boxes: Vec<String>,
    /// How the games are solved.
    #[command(flatten)]
    pub options: SolveOptions,
}

/// How several machines share a sweep.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Over several machines that see the same files")]
pub struct ClusterOptions {
    /// Write the plan and compute nothing: for parts that are computed with `--shard` and put together with `--resume`.
    #[arg(long, conflicts_with_all = ["resume", "shard", "boxes"])]
    pub plan: bool,
    /// Of a sweep that was planned compute the I-th of N parts, beside other processes that compute the others.
    #[arg(long, value_name = "I/N", value_parser = part, conflicts_with = "boxes")]
    pub shard: Option<(u32, u32)>,
    /// With `--plan`: write a script for Slurm, a job array over the parts and a last job that puts them together.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "plan")]
    pub slurm: Option<PathBuf>,
    /// With `--slurm`: parts [default: one for each shard, up to 1000].
    #[arg(long, value_name = "N", requires = "slurm", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub parts: Option<u32>,
}

/// Reads `I/N`, I from 1 to N.
fn part(text: &str) -> Result<(u32, u32), String> {
    let numbers = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    match numbers {
        Some((i, n)) if (1..=n).contains(&i) => Ok((i, n)),
        _ => Err("expected the number of a part and how many there are, such as 2/8".to_owned()),
    }
}

/// What varies.
#[derive(Args, Clone, Debug, Default)]
#[command(
    next_help_heading = "What varies (all parameters with a range or a distribution where nothing is named)"
)]
pub struct FactorOptions {
    /// Parameters, with commas between them: NAME takes its distribution or range, NAME=LOW..HIGH another range, NAME=A:B:C these
    /// values; `all` is all with a distribution or range.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', allow_hyphen_values = true)]
    pub parameters: Vec<String>,
    /// Levers, off and on, with commas between them.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub levers: Vec<String>,
    /// Cases, with commas between them; `base` is the scenario as written.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub cases: Vec<String>,
    /// Probabilities of types at the start, from 0 to 1 or as for parameters, with commas between them.
    #[arg(long, value_name = "PLAYER.TYPE", value_delimiter = ',')]
    pub priors: Vec<String>,
    /// A factor on every precision: LOW..HIGH or A:B:C.
    #[arg(long, value_name = "FACTORS")]
    pub precision: Option<String>,
}

/// At which points.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "At which points")]
pub struct PointOptions {
    /// How points are chosen.
    #[arg(long, value_enum, default_value_t = Kind::Lhs)]
    pub design: Kind,
    /// Number of points; for `saltelli` of base points.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub points: u32,
    /// Grids: values of each range or distribution.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub levels: u32,
    /// Points as comma-separated values, with the columns of a sweep: parameters, lever_NAME, case, prior_PLAYER_TYPE,
    /// precision_scale. Implies `--design file`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
    /// Seed of the points.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// How points are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Latin hypercube.
    Lhs,
    /// Owen-scrambled Sobol sequence, at most 65,536 points.
    Sobol,
    /// Every combination of values.
    Grid,
    /// What Sobol indices need: N × (factors + 2) points; the indices are computed too.
    Saltelli,
    /// The points of `--from`.
    File,
}
