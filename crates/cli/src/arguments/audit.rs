//! Arguments of `audit`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{SolveOptions, positive};

/// Arguments of `audit`.
#[derive(Args, Clone, Debug)]
pub struct Audit {
    /// Scenarios, each a folder or a scenario file, audited one after another; for example a base and its extensions.
    #[arg(value_name = "SCENARIO", required = true, value_hint = ValueHint::AnyPath)]
    pub scenarios: Vec<PathBuf>,
    /// Audit every file beside the first scenario's that extends it and states claims of its own, too, and take every file as a theory that
    /// extends it and changes nothing but parameters.
    #[arg(long)]
    pub all_files: bool,
    /// A theory: a scenario file that extends the first scenario and gives parameters other values, at which they are held. May be given several
    /// times; the scenario as written is audited too, as `neutral`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub theory: Vec<PathBuf>,
    /// Folder to keep the audit in, so that it can be stopped and resumed; without it nothing is written.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Write a page with the audits to this file; with --out there is one in the folder, audit.html.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub report: Option<PathBuf>,
    /// Go on with an audit that was stopped: the same command again, and what is whole in its folder is kept.
    #[arg(long, requires = "out")]
    pub resume: bool,
    /// Claims, with commas between them [default: all of each scenario].
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub claims: Vec<String>,
    /// Parameters that vary, with commas between them [default: all with a range or a distribution that the theory does not hold].
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Which cases")]
    pub parameters: Vec<String>,
    /// Number of cases.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Which cases")]
    pub points: u32,
    /// How cases are chosen.
    #[arg(long, value_enum, default_value_t = AuditDesign::Sobol, help_heading = "Which cases")]
    pub design: AuditDesign,
    /// Seed of the cases.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Which cases")]
    pub seed: u64,
    /// Factors on every precision under which claims are judged again at the scenario's own values, with commas between them.
    #[arg(long, value_name = "FACTORS", value_delimiter = ',', default_value = "0.5,1,2", value_parser = positive, help_heading = "How much is computed")]
    pub precision_scales: Vec<f64>,
    /// Factors on the odds of each private type under which claims are judged again at the scenario's own values, with commas between them; for
    /// players whose priors do not vary.
    #[arg(long, value_name = "FACTORS", value_delimiter = ',', default_value = "0.5,2", value_parser = positive, help_heading = "How much is computed")]
    pub prior_odds: Vec<f64>,
    /// Judge claims at the scenario's own values also with other selections of equilibria.
    #[arg(long, help_heading = "How much is computed")]
    pub selections: bool,
    /// Most variations evaluated to leave out changes that a counterexample does not need, per claim.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(0..=100_000), help_heading = "How much is computed")]
    pub evaluations: u32,
    /// Cases to compute again on a belief grid with steps half as long, to say how far the grid can be relied on; in a theory a quarter as many.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(0..=1_000_000), help_heading = "How much is computed")]
    pub checked: u32,
    /// How the games are solved.
    #[command(flatten)]
    pub options: SolveOptions,
}

/// The audit that is part of `run`.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "How much is computed")]
pub struct QuickAuditOptions {
    /// Leave out the audit of the claims.
    #[arg(long)]
    pub no_audit: bool,
    /// Cases of that audit, however long they take [default: 64, as far as --audit-seconds go].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536), conflicts_with = "no_audit")]
    pub audit_cases: Option<u32>,
    /// Begin no cases after so many seconds; the report says how many were done [default: 100, without limit with --audit-cases].
    #[arg(long, value_name = "SECONDS", value_parser = positive, conflicts_with = "no_audit")]
    pub audit_seconds: Option<f64>,
}

/// How cases are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AuditDesign {
    /// Owen-scrambled Sobol sequence, at most 65,536 cases.
    Sobol,
    /// Latin hypercube.
    Lhs,
}
