//! Arguments of `estimate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

/// Arguments of `estimate`.
#[derive(Args, Debug)]
pub struct Estimate {
    /// The model.
    #[arg(value_enum, value_name = "MODEL")]
    pub model: Model,
    /// The data: comma-separated values with a header; empty cells, NA, NaN and a lone point are missing.
    #[arg(value_name = "DATA", value_hint = ValueHint::FilePath)]
    pub data: PathBuf,
    /// What is observed and, equation after equation, what explains it: 'esc + war ~ x1 + x2 | 0 | z1 | w1 + w2'.
    #[arg(value_name = "FORMULA")]
    pub formula: String,
    /// Form of the table; `--json` writes everything as one document.
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub format: TableFormat,
    /// Write the result to a file instead of standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Distribution of errors.
    #[arg(long, value_enum, default_value_t = Link::Probit, help_heading = "Strategic models (egame12, egame122, egame123)")]
    pub link: Link,
    /// Where errors enter: each action's expected utility, or each player's private utility of each ending.
    #[arg(long, value_enum, default_value_t = Errors::Agent, help_heading = "Strategic models (egame12, egame122, egame123)")]
    pub errors: Errors,
    /// Values of a single outcome column in the order of the game's endings, with commas between them [default: by size or alphabet].
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        help_heading = "Strategic models (egame12, egame122, egame123)"
    )]
    pub outcomes: Vec<String>,
    /// Utilities that are known, in the order of equations, with commas between them; the formula ends at ~, and the scale of errors is estimated.
    #[arg(
        long,
        value_name = "NUMBERS",
        value_delimiter = ',',
        allow_hyphen_values = true,
        help_heading = "Strategic models (egame12, egame122, egame123)"
    )]
    pub utilities: Vec<f64>,
    /// Equations of the logarithm of the scale of errors: one for all players, or one for each, with | between them.
    #[arg(
        long,
        value_name = "EQUATIONS",
        allow_hyphen_values = true,
        help_heading = "Strategic models (egame12, egame122, egame123)"
    )]
    pub scale: Option<String>,

    /// The greatest offer possible.
    #[arg(long, value_name = "NUMBER", required_if_eq("model", "ultimatum"), help_heading = "Ultimatum")]
    pub max_offer: Option<f64>,
    /// The least offer possible.
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0.0,
        allow_hyphen_values = true,
        help_heading = "Ultimatum"
    )]
    pub min_offer: f64,
    /// Scale of the first player's error, if it is known.
    #[arg(long, value_name = "NUMBER", help_heading = "Ultimatum")]
    pub s1: Option<f64>,
    /// Scale of the second player's error, if it is known.
    #[arg(long, value_name = "NUMBER", help_heading = "Ultimatum")]
    pub s2: Option<f64>,
    /// Count probabilities below this as this.
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.0, help_heading = "Ultimatum")]
    pub floor: f64,

    /// How the signaling game is estimated.
    #[arg(long, value_enum, default_value_t = Method::Full, help_heading = "Signaling")]
    pub method: Method,
    /// Which equilibrium is played where there are several.
    #[arg(long, value_enum, default_value_t = Rule::Likeliest, help_heading = "Signaling")]
    pub selection: Rule,
    /// Columns with first beliefs for --method pseudo and nested: P(resist), P(fight | challenge) [default: shares of all observations].
    #[arg(
        long,
        value_name = "COLUMN,COLUMN",
        value_delimiter = ',',
        num_args = 1,
        help_heading = "Signaling"
    )]
    pub beliefs: Vec<String>,

    /// The grid of states: lowest, highest and number, such as -10:12:440.
    #[arg(long, value_name = "FROM:TO:NUMBER", value_parser = grid, allow_hyphen_values = true, required_if_eq("model", "tug-of-war"), help_heading = "Tug of war")]
    pub states: Option<Grid>,
    /// The law of motion: constant, first and second side's attack, state, each attack times the state, and the standard deviation.
    #[arg(
        long,
        value_name = "NUMBERS",
        value_delimiter = ',',
        num_args = 1,
        allow_hyphen_values = true,
        required_if_eq("model", "tug-of-war"),
        help_heading = "Tug of war"
    )]
    pub motion: Vec<f64>,
    /// The discount factor.
    #[arg(long, value_name = "NUMBER", default_value_t = 0.999, help_heading = "Tug of war")]
    pub discount: f64,

    /// Standard errors.
    #[arg(long, value_enum, default_value_t = Covariance::Observed, help_heading = "Uncertainty")]
    pub se: Covariance,
    /// Column of clusters, for --se clustered and for a bootstrap that draws clusters.
    #[arg(long, value_name = "COLUMN", help_heading = "Uncertainty")]
    pub cluster: Option<String>,
    /// Bootstrap replicates.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10_000_000), help_heading = "Uncertainty")]
    pub bootstrap: u32,
    /// Share of samples that intervals are to cover.
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, help_heading = "Uncertainty")]
    pub level: f64,

    /// Starting points of the search for maxima; the first is the same for every seed.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Search")]
    pub starts: u32,
    /// Standard deviation of starting points, in units of utility.
    #[arg(long, value_name = "NUMBER", default_value_t = 0.5, help_heading = "Search")]
    pub spread: f64,
    /// Seed of starting points, samples and draws.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Search")]
    pub seed: u64,
    /// Worker threads; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024), help_heading = "Search")]
    pub threads: Option<u32>,

    /// Predict at values of a column, such as x=-1:1:5 (five values) or group=a,b; may be given several times for all combinations.
    #[arg(long, value_name = "COLUMN=VALUES", allow_hyphen_values = true, help_heading = "What it says")]
    pub at: Vec<String>,
    /// Average marginal effects of every column.
    #[arg(long, help_heading = "What it says")]
    pub effects: bool,
    /// Compare with the same model under another formula: Vuong's and Clarke's tests.
    #[arg(long, value_name = "FORMULA", help_heading = "What it says")]
    pub versus: Option<String>,
}

/// The models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// Two players in turn: 1 ends the game or hands over, 2 chooses between two endings.
    Egame12,
    /// Two players in turn: both go left or right.
    Egame122,
    /// Three players in turn: each may end the game.
    Egame123,
    /// An offer, accepted or not, with secret reservation values.
    Ultimatum,
    /// A challenge, resistance, and war or a bluff called: crisis signaling, with all equilibria.
    Signaling,
    /// Two rivals who attack or not, period after period, for a state that moves with their attacks.
    TugOfWar,
}

/// A grid of states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Lowest and highest state.
    pub range: [f64; 2],
    /// Number of states.
    pub states: usize,
}

/// Reads `from:to:number`.
fn grid(text: &str) -> Result<Grid, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let read = match parts.as_slice() {
        [from, to, states] => from.parse().ok().zip(to.parse().ok()).zip(states.parse().ok()),
        _ => None,
    };
    let whole = |((from, to), states): &((f64, f64), usize)| from < to && (3..=20_000).contains(states);
    match read.filter(whole) {
        Some(((from, to), states)) => Ok(Grid { range: [from, to], states }),
        None => Err("expected a lowest and a highest state and their number, 3 to 20000, such as -10:12:440"
            .to_owned()),
    }
}

/// How the signaling game is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// Maximum likelihood: all equilibria are solved for at every step.
    Full,
    /// Pseudo-likelihood: best replies to first beliefs.
    Pseudo,
    /// Nested pseudo-likelihood: beliefs are replaced by best replies until they agree.
    Nested,
}

/// Which equilibrium is played where there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rule {
    /// For each observation the one that makes it likeliest.
    Likeliest,
    /// The one with the least resistance.
    Lowest,
    /// The one with the most resistance.
    Highest,
}

/// Form of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// A table to be read, with everything else that was found.
    Text,
    /// Comma-separated values, in full precision.
    Csv,
    /// LaTeX, for booktabs.
    Latex,
}

/// Distribution of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Link {
    /// Normal.
    Probit,
    /// Logistic.
    Logit,
}

/// Where errors enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Errors {
    /// Each action's expected utility.
    Agent,
    /// Each player's utility of each ending.
    Private,
}

/// Standard errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Covariance {
    /// From the inverse of the observed information.
    Observed,
    /// From outer products of scores.
    OuterProduct,
    /// Robust to a wrong likelihood (Huber, White).
    Robust,
    /// Robust, with scores summed within clusters.
    Clustered,
    /// From the bootstrap replicates.
    Bootstrap,
}
