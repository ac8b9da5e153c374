//! What can be typed: verbs, options, and their help.

mod audit;
pub mod estimate;
mod levers;
mod record;
mod serve;
mod sweep;

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, Parser, Subcommand, ValueEnum, ValueHint};

use crate::exit;

pub use audit::{Audit, AuditDesign, QuickAuditOptions};
pub use estimate::{Estimate, TableFormat};
pub use levers::{Levers, Range};
pub use record::{Backtest, Compare, Fit, Forecast, RecordOptions, Score, WarsOptions};
pub use serve::Serve;
pub use sweep::{FactorOptions, Kind as DesignKind, PointOptions, Sweep};

const START_HERE: &str = "Start here:\n  armistice new my-war\n  armistice run my-war";

/// War as a bargaining game with private information: check it, solve it, simulate it, report on it.
#[derive(Debug, Parser)]
#[command(
    name = "armistice",
    version,
    max_term_width = 100,
    after_help = START_HERE,
    after_long_help = format!("{START_HERE}\n\n{}", exit::help()),
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Arguments {
    /// Options of every verb.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of every verb.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// Write the result as one JSON document.
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Say nothing but the result and errors.
    #[arg(long, short, global = true, help_heading = "Output")]
    pub quiet: bool,
    /// When to use color; NO_COLOR is honored.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Output")]
    pub color: Color,
}

/// When to use color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Check a scenario or a finite game: every problem in one run, and what it will cost to solve.
    Check(Check),
    /// Solve a scenario or a finite game: what the players do, what others believe, and a certificate.
    Solve(Solve),
    /// Simulate wars from the solution, one row per war and period.
    Simulate(Simulate),
    /// The main job: check, solve, simulate, analyze, and write the report.
    Run(Run),
    /// Solve a scenario at every point of a design and write a table, one row a point; can be stopped and resumed.
    Sweep(Sweep),
    /// Audit claims over everything that is uncertain: how often each holds, when, and the nearest case in which it comes out otherwise.
    Audit(Audit),
    /// Compare levers: what each of them and every set does to the choice between stopping and going on, at whose cost, when.
    Levers(Box<Levers>),
    /// Estimate a structural model of conflict from data: strategic choice, ultimatum, crisis signaling, tug of war.
    Estimate(Box<Estimate>),
    /// Estimate parameters of a scenario from the record of its war: exact likelihood, what is identified and what is not.
    Fit(Box<Fit>),
    /// Hold rival theories against the record of a war: likelihoods, tests, and who explained which month.
    Compare(Box<Compare>),
    /// Forecast from the last row of the record, in a file that can be scored later.
    Forecast(Box<Forecast>),
    /// Score a forecast by what the record says since.
    Score(Score),
    /// Forecast what is known already, as if it were not: every month of a record, or how long each war of a table lasted.
    Backtest(Box<Backtest>),
    /// Write the report again from the findings of a run.
    Report(Report),
    /// Open a scenario in the browser: move parameters and levers, look at the war step by step, play a seat.
    Serve(Serve),
    /// Write a folder with a commented scenario that runs.
    New(New),
    /// Write a finite game again: in canonical form, or a table as a tree.
    Convert(Convert),
    /// Published models: list them, show one, run it against its closed form.
    Catalog(Catalog),
    /// Print the JSON Schema of scenario files, for editors.
    Schema,
    /// Explain a diagnostic, such as A0107; without a code, list them all.
    Explain(Explain),
    /// Print a completion script for a shell.
    Completions(Completions),
    /// Print the manual.
    #[command(hide = true)]
    Man(Man),
}

/// Arguments of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// Folder of the scenario, or its scenario.toml; or a finite game, GAME.efg or GAME.nfg.
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::AnyPath)]
    pub scenario: PathBuf,
    /// Fail (exit code 5) on warnings too.
    #[arg(long)]
    pub deny_warnings: bool,
    /// Belief grid points per dimension, for the estimate of cost.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1025))]
    pub belief_points: Option<u32>,
}

/// What differs from the scenario as written.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "What differs from the scenario as written")]
pub struct ChangeOptions {
    /// Take a named case of the scenario.
    #[arg(long, value_name = "NAME")]
    pub case: Option<String>,
    /// Put a lever in force; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub lever: Vec<String>,
    /// Give a parameter another value; may be given several times.
    #[arg(long, value_name = "PARAMETER=VALUE", value_parser = assignment, allow_hyphen_values = true)]
    pub set: Vec<(String, String)>,
    /// Multiply every player's precision by a factor.
    #[arg(long, value_name = "FACTOR", value_parser = positive)]
    pub precision_scale: Option<f64>,
}

/// How the game is solved.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "How the game is solved")]
pub struct SolveOptions {
    /// Belief grid points per dimension, both ends included.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1025))]
    pub belief_points: Option<u32>,
    /// Which equilibrium is sought where a period has several.
    #[arg(long, value_enum, default_value_t = Selection::Principal)]
    pub selection: Selection,
    /// Worker threads; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: Option<u32>,
    /// Refuse to start when more numbers than this would be kept.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_values: Option<u64>,
    /// Refuse to start when there are more states than this.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_states: Option<u64>,
    /// Refuse to start when the moves of all states together have more nodes than this.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_nodes: Option<u64>,
}

impl SolveOptions {
    /// Nothing asked for.
    pub const NONE: Self = Self {
        belief_points: None,
        selection: Selection::Principal,
        threads: None,
        max_values: None,
        max_states: None,
        max_nodes: None,
    };
}

/// Which equilibrium is sought where a period has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Selection {
    /// The branch that starts at uniform play.
    Principal,
    /// The same branch, followed from uniform play at every point: slow, and the check of the former.
    Continuation,
    /// Iteration from all types of a player doing the same.
    Pooling,
    /// Iteration from types doing different things.
    Separating,
}

/// Arguments of `solve`.
#[derive(Args, Debug)]
pub struct Solve {
    /// Folder of the scenario, or its scenario.toml; or a finite game, GAME.efg or GAME.nfg.
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::AnyPath)]
    pub scenario: PathBuf,
    /// Period at which to show strategies; 0 is the first.
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Where to look")]
    pub period: u32,
    /// State at which to show strategies, as far as it differs from the start; may be given several times. For a
    /// finite game: the λ at which to show strategies besides the last, such as 1,2.5,10.
    #[arg(long, value_name = "VARIABLE=VALUE", value_parser = At::read, help_heading = "Where to look", allow_hyphen_values = true)]
    pub at: Vec<At>,
    /// Public belief at which to show strategies, as far as it differs from the prior; the player's other types
    /// keep their proportions. May be given several times.
    #[arg(long, value_name = "PLAYER.TYPE=PROBABILITY", value_parser = assignment, help_heading = "Where to look")]
    pub belief: Vec<(String, String)>,
    /// Show every node of the period, not only those on the likeliest path; of a finite game, every information set
    /// and action.
    #[arg(long, help_heading = "Where to look")]
    pub all: bool,
    /// What is done with a finite game.
    #[command(flatten)]
    pub finite: FiniteOptions,
    /// What differs from the scenario as written.
    #[command(flatten)]
    pub change: ChangeOptions,
    /// How the game is solved.
    #[command(flatten)]
    pub options: SolveOptions,
}

/// What is done with a finite game.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Finite games only (GAME.efg, GAME.nfg)")]
pub struct FiniteOptions {
    /// Follow the branch of quantal response equilibria up to this λ [default: 1e6].
    #[arg(long, value_name = "LAMBDA", value_parser = positive)]
    pub max_lambda: Option<f64>,
    /// Write the whole branch as comma-separated values: λ, residual, and the probability of every action.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub path: Option<PathBuf>,
    /// Draw the branch: the probabilities of actions against λ, as SVG.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub plot: Option<PathBuf>,
    /// Put the whole branch into the document of `--json`.
    #[arg(long)]
    pub with_path: bool,
    /// Two players: find one exact equilibrium instead of following the branch.
    #[arg(long, conflicts_with_all = ["max_lambda", "path", "plot", "with_path"])]
    pub nash: bool,
    /// Look for several equilibria, by restarts of several methods, and say which one the principal branch selects.
    #[arg(long, conflicts_with_all = ["max_lambda", "path", "plot", "with_path", "nash"])]
    pub equilibria: bool,
    /// With --equilibria: restarts of each method [default: 16].
    #[arg(long, value_name = "N", requires = "equilibria")]
    pub restarts: Option<u32>,
    /// Follow every branch that crosses the principal one, too.
    #[arg(long, conflicts_with_all = ["path", "plot", "with_path", "nash", "equilibria"])]
    pub branches: bool,
    /// Every move is seen: list all pure equilibria, by backward induction.
    #[arg(long, conflicts_with_all = ["max_lambda", "path", "plot", "with_path", "nash", "equilibria", "branches"])]
    pub pure: bool,
    /// Two players, constant sum: minimize regret for so many iterations (CFR+); for games too large for the others.
    #[arg(long, value_name = "ITERATIONS", num_args = 0..=1, default_missing_value = "10000",
        value_parser = clap::value_parser!(u64).range(1..),
        conflicts_with_all = ["max_lambda", "path", "plot", "with_path", "nash", "equilibria", "branches", "pure"])]
    pub cfr: Option<u64>,
    /// With --cfr: discounted CFR instead of CFR+.
    #[arg(long, requires = "cfr")]
    pub discounted: bool,
}

/// Where to show strategies.
#[derive(Clone, Debug, PartialEq)]
pub enum At {
    /// A variable of the public state of a scenario, and its value.
    State(String, String),
    /// Precisions at which a finite game is played.
    Lambdas(Vec<f64>),
}

impl At {
    /// Reads `name=value`, or numbers with commas between them.
    fn read(text: &str) -> Result<Self, String> {
        if text.contains('=') {
            return assignment(text).map(|(name, value)| Self::State(name, value));
        }
        let number = |part: &str| part.trim().parse::<f64>().ok().filter(|x| x.is_finite() && *x >= 0.0);
        text.split(',').map(number).collect::<Option<_>>().map(Self::Lambdas).ok_or_else(|| {
            "expected a variable, an equals sign and a value, such as front=2; or, for a finite game, numbers of at \
             least 0, such as 1,2.5,10"
                .to_owned()
        })
    }
}

/// Arguments of `simulate`.
#[derive(Args, Debug)]
pub struct Simulate {
    /// Folder of the scenario, or its scenario.toml.
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::AnyPath)]
    pub scenario: PathBuf,
    /// Number of wars.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub wars: u64,
    /// Seed of every random number.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Form of the rows; with `--json` they are the `rows` of one document.
    #[arg(long, value_enum, default_value_t = RowFormat::Csv)]
    pub format: RowFormat,
    /// Write the rows to a file instead of standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// What differs from the scenario as written.
    #[command(flatten)]
    pub change: ChangeOptions,
    /// How the game is solved.
    #[command(flatten)]
    pub options: SolveOptions,
}

/// Form of simulated rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RowFormat {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object per line.
    Json,
}

/// Arguments of `run`.
#[derive(Args, Debug)]
pub struct Run {
    /// Folder of the scenario, or its scenario.toml.
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::AnyPath)]
    pub scenario: PathBuf,
    /// Folder to write, which must not exist yet [default: runs/DATE-HASH].
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Seed of every random number.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Simulated wars of the cross-check; the first 1000 are written to trajectories.csv.
    #[arg(long, value_name = "N", default_value_t = 4_000, value_parser = clap::value_parser!(u64).range(0..=10_000_000))]
    pub wars: u64,
    /// Fail (exit code 5) unless this claim holds; may be given several times.
    #[arg(long, value_name = "CLAIM")]
    pub require: Vec<String>,
    /// Give a parameter another value; may be given several times.
    #[arg(long, value_name = "PARAMETER=VALUE", value_parser = assignment, allow_hyphen_values = true)]
    pub set: Vec<(String, String)>,
    /// Leave out levers, sensitivity and the audit, which take most of the time.
    #[arg(long, help_heading = "How much is computed")]
    pub quick: bool,
    /// Belief grid points per dimension of the runs that are compared with each other [default: 9].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1025), help_heading = "How much is computed")]
    pub audit_points: Option<u32>,
    /// Judge claims about cases also at the ends of the ranges of so many parameters, those that matter most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000), help_heading = "How much is computed")]
    pub ranges: Option<u32>,
    /// Which audit of the claims is part of the report.
    #[command(flatten)]
    pub audit: QuickAuditOptions,
    /// How the game is solved.
    #[command(flatten)]
    pub options: SolveOptions,
}

/// Arguments of `report`.
#[derive(Args, Debug)]
pub struct Report {
    /// The findings.json of a run, or the folder of the run.
    #[arg(value_name = "FINDINGS", value_hint = ValueHint::AnyPath)]
    pub findings: PathBuf,
    /// Where to write the report; `-` is standard output [default: report.html beside the findings].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}

/// Arguments of `new`.
#[derive(Args, Debug)]
pub struct New {
    /// Folder to create.
    #[arg(value_name = "NAME", required_unless_present = "list", value_hint = ValueHint::DirPath)]
    pub name: Option<PathBuf>,
    /// Template to start from, or model of the catalog to extend; `--list` shows them.
    #[arg(long, value_name = "TEMPLATE")]
    pub from: Option<String>,
    /// List the templates.
    #[arg(long, conflicts_with_all = ["name", "from"])]
    pub list: bool,
}

/// Arguments of `convert`.
#[derive(Args, Debug)]
pub struct Convert {
    /// The game to read: GAME.efg, GAME.nfg, or the folder of a scenario.
    #[arg(value_name = "IN", value_hint = ValueHint::AnyPath)]
    pub from: PathBuf,
    /// The file to write, whose ending says in which format; tables and scenarios can become trees, but not the other way round.
    #[arg(value_name = "OUT", value_hint = ValueHint::FilePath)]
    pub to: PathBuf,
    /// Scenarios: how many periods to unfold; the tree grows exponentially with them.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub periods: Option<u32>,
    /// Scenarios: refuse to write a tree with more nodes than this.
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    pub max_nodes: usize,
    /// Overwrite a file that exists already.
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `catalog`.
#[derive(Args, Debug)]
pub struct Catalog {
    /// What to do.
    #[command(subcommand)]
    pub what: CatalogVerb,
}

/// What to do with the catalog.
#[derive(Debug, Subcommand)]
pub enum CatalogVerb {
    /// Name the models.
    List(CatalogList),
    /// Print a model: what it says, its game, its parameters, its predictions and its sources.
    Show(CatalogShow),
    /// Run a model: known numbers, comparative statics, and its games solved and compared with the closed form.
    Run(CatalogRun),
    /// Write the chapters of the book about the catalog.
    #[command(hide = true)]
    Pages(CatalogPages),
}

/// Arguments of `catalog list`.
#[derive(Args, Debug)]
pub struct CatalogList {
    /// Only models that stand behind this claim, such as B2.
    #[arg(long, value_name = "CLAIM")]
    pub claim: Option<String>,
}

/// Arguments of `catalog show`.
#[derive(Args, Debug)]
pub struct CatalogShow {
    /// The model; `armistice catalog list` names them.
    #[arg(value_name = "MODEL")]
    pub name: String,
    /// Print one of its files as it is: model.toml, scenario.toml, or a .efg file.
    #[arg(long, value_name = "FILE")]
    pub file: Option<String>,
}

/// Arguments of `catalog run`.
#[derive(Args, Debug)]
pub struct CatalogRun {
    /// The model; `armistice catalog list` names them.
    #[arg(value_name = "MODEL", required_unless_present = "all")]
    pub name: Option<String>,
    /// Run every model.
    #[arg(long, conflicts_with = "name")]
    pub all: bool,
    /// Give a parameter another value; may be given several times.
    #[arg(long, value_name = "PARAMETER=VALUE", value_parser = assignment, allow_hyphen_values = true)]
    pub set: Vec<(String, String)>,
    /// Leave out the games: closed forms only.
    #[arg(long)]
    pub no_games: bool,
    /// Points at which the sign of each comparative static is tested.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = samples)]
    pub samples: usize,
    /// Seed of those points.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Draw the model's plot at these parameters, as SVG.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub plot: Option<PathBuf>,
}

/// Arguments of `catalog pages`.
#[derive(Args, Debug)]
pub struct CatalogPages {
    /// The folder of the book's chapters.
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
}

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// Code of the diagnostic, such as A0107.
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// A shell with completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash.
    Bash,
    /// Z shell.
    Zsh,
    /// Fish.
    Fish,
    /// PowerShell.
    Powershell,
}

/// Arguments of `man`.
#[derive(Args, Debug)]
pub struct Man {
    /// The page of one verb.
    #[arg(value_name = "VERB")]
    pub verb: Option<String>,
    /// The whole manual as one page of Markdown.
    #[arg(long, conflicts_with = "verb")]
    pub markdown: bool,
}

/// The options of the verb that were typed, by their long names.
pub fn given(matches: &ArgMatches) -> Vec<String> {
    let command = Arguments::command();
    let Some((verb, own)) = matches.subcommand() else { return Vec::new() };
    let Some(verb) = command.find_subcommand(verb) else { return Vec::new() };
    let typed = |argument: &&clap::Arg| {
        own.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine)
    };
    verb.get_arguments().filter(typed).filter_map(|a| a.get_long().map(str::to_owned)).collect()
}

/// Reads `name=value`.
fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected a name, an equals sign and a value, such as war_cost=0.05".to_owned()),
    }
}

/// Reads a number of points.
fn samples(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(n) if (1..=1_000_000).contains(&n) => Ok(n),
        _ => Err("expected a whole number from 1 to 1000000, such as 300".to_owned()),
    }
}

/// Reads a positive, finite number.
fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x.is_finite() && x > 0.0 => Ok(x),
        _ => Err("expected a number greater than 0, such as 0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn assignments_need_both_sides() {
        assert_eq!(assignment("a = 1"), Ok(("a".to_owned(), "1".to_owned())));
        assert!(assignment("a=").is_err());
        assert!(assignment("a").is_err());
    }

    #[test]
    fn places_are_states_or_precisions() {
        assert_eq!(At::read("front = 2"), Ok(At::State("front".to_owned(), "2".to_owned())));
        assert_eq!(At::read("1, 2.5,1e3"), Ok(At::Lambdas(vec![1.0, 2.5, 1000.0])));
        for wrong in ["", "1,,2", "-1", "inf", "nan", "front"] {
            assert!(At::read(wrong).is_err(), "{wrong}");
        }
    }
}
