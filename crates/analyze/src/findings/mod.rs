//! The findings document: what reports, `--json` and tests read.
//!
//! It is a plain, versioned, serializable value ([`SCHEMA`]). Nothing in it needs the game or the scenario to be
//! understood, and whoever renders it computes nothing. Rules that hold throughout:
//!
//! - every number says its unit and how it was got ([`Quantity`], or `unit` and `how` of the group it stands in);
//! - a number that is not defined is `null` together with a reason, never NaN and never 0;
//! - a part that was not computed is `null` or empty, and [`Findings::missing`] says which and why;
//! - names are the scenario's names, titles its words; order is the scenario's order;
//! - dates are `YYYY-MM-DD`; period 0 is the first period; a share of wars or a probability lies in [0, 1];
//! - payoffs and stopping margins are in the payoff units of the player they belong to.

mod audit;
mod change;
mod evidence;
mod levers;
mod outlook;
mod play;
mod quantity;

pub(crate) use audit::rounded;
pub use audit::{
    AuditDocument, AuditFindings, ClaimAudit, ClaimCheck, Counterexample, ExamplePlace, FAILS, GridCheck,
    HOLDS, HeldParameter, LargestDifference, Limit, MOSTLY, MOSTLY_NOT, Otherwise, ParameterChange, Peel,
    QuickAudit, Region, TheoryAudit, Under, Word,
};
pub use change::{
    CheapestSet, Lever, LeverCost, LeverSet, Levers, MeasureValue, Outcome, PrecisionRow, PriorRow,
    PriorSweep, Sensitivity, Threshold, TornadoRow, TypeMargin,
};
pub use evidence::{
    CalibrationRow, Certificate, Claim, ClaimSource, GridErrorRow, NotSolved, ParameterRow, Quote, Record,
    RecordChart, RecordColumn, SelectionCheck, ShownNumber, SolveCounts, ValueGridError, Verdict,
    VerdictUnder,
};
pub use levers::{
    Crossing, Curve, CurveAxis, CurveKind, CurvePoint, CurveSubject, Effect, Front, FrontCost, FrontEffect,
    FrontSet, PlayerEffect, PlayerMargin, Timing, TimingPoint,
};
pub use outlook::{
    Agreement, Bargaining, BargainingPoint, BeliefPath, BeliefPoint, CrossCheck, CrossCheckRow,
    MarginAtStart, MarginPath, MarginPoint, MarginSurface, Margins, ObservablePath, ObservablePoint,
    OutcomeCurve, Survival, SurvivalOfType, Terms, TermsBin, TermsOfOutcome, TypeGain,
};
pub use play::{
    Branch, Case, Ending, Player, PrivateType, Signal, SignalAction, SignalType, StageKind, StageStep, Step,
    Variable,
};
pub use quantity::{Distribution, How, Quantity};

use serde::{Deserialize, Serialize};

/// Version of the document; changes when a reader would have to.
pub const SCHEMA: &str = "armistice.findings/1";

/// Everything one run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// [`SCHEMA`].
    pub schema: String,
    /// What was run, on what, with which settings.
    pub provenance: Provenance,
    /// The scenario's own words about itself.
    pub about: About,
    /// The headline measures and what would change them.
    pub answer: Answer,
    /// What was observed, where the scenario has data.
    pub record: Option<Record>,
    /// The players and their private types.
    pub players: Vec<Player>,
    /// The public state variables.
    pub variables: Vec<Variable>,
    /// The moves of one period, in order.
    pub stages: Vec<StageStep>,
    /// The ways the war can end; the last may be `ongoing`, the state of affairs at the horizon.
    pub endings: Vec<Ending>,
    /// The named variants of the scenario.
    pub cases: Vec<Case>,
    /// Whether the attacker would rather stop.
    pub margins: Option<Margins>,
    /// How long the war lasts and how it ends.
    pub survival: Option<Survival>,
    /// On what terms it ends.
    pub terms: Option<Terms>,
    /// How the scenario's observables move while the war is on.
    pub observables: Vec<ObservablePath>,
    /// What is publicly believed while the war is on.
    pub beliefs: Vec<BeliefPath>,
    /// What moves say about private types.
    pub signals: Vec<Signal>,
    /// What could be settled at the start, and what the war wastes.
    pub bargaining: Option<Bargaining>,
    /// What the levers do, one by one and together.
    pub levers: Option<Levers>,
    /// The claims and whether they hold in this model.
    pub claims: Vec<Claim>,
    /// How often the claims hold over everything that is uncertain; the rest of a run looks at single changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<QuickAudit>,
    /// The model's own behavior beside the record.
    pub calibration: Vec<CalibrationRow>,
    /// How everything depends on precision, priors and parameters.
    pub sensitivity: Sensitivity,
    /// Whether the solution can be believed.
    pub certificate: Option<Certificate>,
    /// Every parameter, its value, range and source.
    pub parameters: Vec<ParameterRow>,
    /// Parts that were not computed, and why.
    pub missing: Vec<Missing>,
    /// What a reader must know before using the numbers, such as points that did not converge.
    pub warnings: Vec<String>,
}

/// What was run, on what, with which settings: enough to run it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of this software.
    pub version: String,
    /// The command as typed, where there was one.
    pub command: Option<String>,
    /// The day of the run, or of SOURCE_DATE_EPOCH; passed in by the caller.
    pub date: Option<String>,
    /// blake3 of the scenario file, and of the files it extends and includes.
    pub scenario_hash: String,
    /// Data files read, with their blake3.
    pub data: Vec<DataFile>,
    /// Seed of every random number.
    pub seed: u64,
    /// Belief grid points per dimension of the main solution.
    pub grid_points: usize,
    /// … of the grid on which cases are compared (differences are only taken within one grid).
    pub audit_grid_points: usize,
    /// Which equilibrium of a stage was sought: `principal`, `continuation`, `pooling` or `separating`.
    pub selection: String,
    /// Residual asked of every stage fixed point.
    pub residual: f64,
    /// Monte Carlo trajectories.
    pub trajectories: u64,
    /// Reachable public states.
    pub states: usize,
    /// States of the full product that no play reaches; dropped.
    pub unreachable_states: u64,
    /// Periods solved; `null` for an indefinite horizon.
    pub periods: Option<u32>,
    /// Number of games solved for this document.
    pub solved_games: usize,
}

/// A data file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Path below the scenario's folder.
    pub path: String,
    /// blake3, hexadecimal.
    pub hash: String,
}

/// The scenario's own words about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Title.
    pub title: String,
    /// The question of the report.
    pub question: Option<String>,
    /// What this scenario is and is not.
    pub summary: Option<String>,
    /// What this model cannot say.
    pub cannot_say: Vec<String>,
    /// What changes with the length of the period.
    pub calendar_note: Option<String>,
    /// What one stage stands for: `day`, `week`, `month`, `quarter` or `year`.
    pub period: String,
    /// Several of them: `days`, …: the unit of durations.
    pub periods: String,
    /// First day of the first period.
    pub start: Option<String>,
    /// Number of periods; `null` is indefinite.
    pub horizon: Option<u32>,
    /// Name of the player whose stopping margin is the headline.
    pub attacker: String,
}

/// The headline measures and what would change them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// In the order of `headline`; all measures when the scenario names none.
    pub measures: Vec<Headline>,
    /// Largest changes of the headline measures found among single levers and parameters at the ends of their
    /// ranges; largest first, at most eight for each measure.
    pub changes: Vec<Shift>,
}

/// A headline measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    /// Name in the scenario.
    pub name: String,
    /// Words for charts.
    pub title: String,
    /// Explanation.
    pub says: Option<String>,
    /// The number.
    pub value: Quantity,
    /// Smallest and largest value met when each parameter with a range goes to either end of it, one at a time;
    /// computed as value + difference between runs of the audit grid. `null` when no parameter has a range.
    pub over_ranges: Option<OverRanges>,
}

/// The span of a number when parameters go to the ends of their ranges one at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverRanges {
    /// Smallest.
    pub low: f64,
    /// The parameter that brings it there; `null` for the value itself.
    pub low_by: Option<String>,
    /// Largest.
    pub high: f64,
    /// The parameter that brings it there; `null` for the value itself.
    pub high_by: Option<String>,
}

/// One thing that would change one headline measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// The measure.
    pub measure: String,
    /// What kind of change.
    pub by: ShiftBy,
    /// Name of the lever or parameter.
    pub name: String,
    /// Words for it.
    pub title: String,
    /// The value the parameter takes; `null` for a lever.
    pub setting: Option<f64>,
    /// The measure without the change (audit grid).
    pub from: f64,
    /// The measure with it (audit grid).
    pub to: f64,
}

/// What kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShiftBy {
    /// A lever is in force.
    Lever,
    /// A parameter takes another value of its range.
    Parameter,
}

/// A part that was not computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Which field of [`Findings`], such as `levers` or `sensitivity.tornado`.
    pub part: String,
    /// Why: stopped on request, not asked for, or what went wrong.
    pub reason: String,
}
