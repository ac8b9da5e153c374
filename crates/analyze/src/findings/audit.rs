//! Audits: how often each claim holds over everything that is uncertain, when, and where it comes out otherwise.

use armistice_solve::{Selection, Settings};
use serde::{Deserialize, Serialize};

use super::{ClaimSource, Quote, Verdict};
use crate::design::Factor;

/// What an audit found for one scenario and theory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditFindings {
    /// Title of the scenario.
    pub scenario: String,
    /// blake3 of its files.
    pub scenario_hash: String,
    /// Parameters set throughout, by name.
    pub set: Vec<(String, f64)>,
    /// What varies.
    pub factors: Vec<Factor>,
    /// How games are solved.
    pub settings: Settings,
    /// Cases.
    pub cases: usize,
    /// Cases in which something did not compile or could not be solved; the claims that needed it are undefined there.
    pub failed: usize,
    /// Cases in which some stage game did not converge.
    pub not_converged: usize,
    /// The first case that failed, and why.
    pub failure: Option<(usize, String)>,
    /// The cases that were computed again on a finer grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<GridCheck>,
    /// By claim.
    pub claims: Vec<ClaimAudit>,
}

/// What an audit found about a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimAudit {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The claim in words.
    #[serde(default)]
    pub says: String,
    /// Who made it.
    #[serde(default)]
    pub source: ClaimSource,
    /// The author's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// The proposition.
    pub proposition: String,
    /// Cases in which it holds.
    pub holds: usize,
    /// Cases in which it does not.
    pub fails: usize,
    /// Cases in which it is not defined; they are no part of the share.
    pub undefined: usize,
    /// Share of the cases where it is defined in which it holds.
    pub share: Option<f64>,
    /// Wilson's interval of 95 % for the share.
    pub interval: Option<(f64, f64)>,
    /// The share in a word.
    pub word: Word,
    /// Whether it holds at the scenario's own values.
    pub as_written: Verdict,
    /// When it holds: the best box.
    pub region: Option<Region>,
    /// Further boxes, each found among the cases outside those before it.
    #[serde(default)]
    pub more_regions: Vec<Region>,
    /// How the first box was found: every box on the way, from all cases to the smallest.
    #[serde(default)]
    pub peeling: Vec<Peel>,
    /// Why there is no such box.
    pub no_region: Option<String>,
    /// The nearest case in which it comes out otherwise than mostly.
    pub counterexample: Option<Counterexample>,
    /// At the scenario's own values under other precisions and selections.
    pub under: Vec<Under>,
    /// What a finer grid says in some of the cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<ClaimCheck>,
}

/// Which cases of an audit were computed again, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridCheck {
    /// Cases: the first of the design.
    pub cases: usize,
    /// Points per belief dimension of the audit, and of the finer grid.
    pub belief_points: (usize, usize),
}

/// What a finer grid says of a claim in the cases that were computed again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimCheck {
    /// Cases in which the claim is defined on both grids.
    pub compared: usize,
    /// Cases in which it comes out otherwise on the finer one: holds instead of not, or is defined on one grid only.
    pub otherwise: usize,
    /// Among the numbers that the claim shows, the one that differs most.
    pub largest: Option<LargestDifference>,
}

impl ClaimCheck {
    /// In words: `1 of 8 cases comes out otherwise; largest difference 0.013, of press.expected_duration (11.2 instead of 11.187)`.
    #[must_use]
    pub fn words(&self, check: &GridCheck) -> String {
        let comes = if self.otherwise == 1 { "comes" } else { "come" };
        let mut out = format!("{} of {} cases {comes} out otherwise", self.otherwise, check.cases);
        if let Some(most) = &self.largest {
            let text = format!(
                "; largest difference {}, of {} ({} instead of {})",
                shown((most.fine - most.coarse).abs(), 2),
                most.shows,
                shown(most.fine, 4),
                shown(most.coarse, 4)
            );
            out.push_str(&text);
        }
        out
    }
}

/// A number that a claim shows, on two grids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LargestDifference {
    /// The expression.
    pub shows: String,
    /// The case.
    pub point: usize,
    /// On the grid of the audit.
    pub coarse: f64,
    /// On the finer one.
    pub fine: f64,
}

/// A claim at the scenario's own values, the game solved otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Under {
    /// What is otherwise.
    pub how: Otherwise,
    /// Whether the claim holds.
    pub verdict: Verdict,
    /// Whether every stage game converged.
    pub converged: bool,
}

/// What is otherwise than in the scenario and the settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// Every precision multiplied by this.
    Precision(f64),
    /// Which equilibrium is sought.
    Selection(Selection),
    /// The odds of a private type at the start.
    Prior {
        /// The player.
        player: String,
        /// The type; the player's other types keep their proportions.
        kind: String,
        /// The odds are multiplied by this.
        odds: f64,
        /// Its probability in the scenario as written.
        from: f64,
        /// Its probability here.
        to: f64,
    },
}

impl Otherwise {
    /// In few words: `λ × 0.5`, `pooling`, `odds of north.hard × 2`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Precision(scale) => format!("λ × {scale}"),
            Self::Selection(Selection::Principal) => "principal".to_owned(),
            Self::Selection(Selection::Continuation) => "continuation".to_owned(),
            Self::Selection(Selection::Pooling) => "pooling".to_owned(),
            Self::Selection(Selection::Separating) => "separating".to_owned(),
            Self::Prior { player, kind, odds, .. } => format!("odds of {player}.{kind} × {odds}"),
        }
    }
}

/// A case in which a claim comes out otherwise than it mostly does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counterexample {
    /// Whether the claim holds in it.
    pub holds: bool,
    /// The case of the design that it started from; `None` where the scenario as written is the counterexample.
    pub point: Option<usize>,
    /// What has to be changed in the scenario, besides what the theory holds fixed, the smallest step first.
    pub changes: Vec<ParameterChange>,
    /// Parameters that the case of the design changed.
    pub changed_before: usize,
    /// Variations evaluated to leave out changes that are not needed.
    pub evaluated: usize,
    /// Whether every change was found to be needed before the evaluations were spent.
    pub pruned: bool,
}

/// A parameter and its new value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterChange {
    /// Its name.
    pub parameter: String,
    /// Its value in the scenario.
    pub from: f64,
    /// Its value in the counterexample.
    pub to: f64,
}

/// A box of parameters in which a claim holds more often than elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Its limits, in the order of the factors.
    pub limits: Vec<Limit>,
    /// Share of the cases where the claim holds that are inside.
    pub coverage: f64,
    /// Share of the cases inside in which it holds.
    pub density: f64,
    /// Share of all cases that are inside.
    pub mass: f64,
}

impl Region {
    /// Its limits in words: `premium below 0.013 and war_cost above 0.2`.
    #[must_use]
    pub fn words(&self) -> String {
        self.limits.iter().map(Limit::words).collect::<Vec<_>>().join(" and ")
    }
}

/// A box on the way from all cases to the smallest, and then back, as long as that makes it better.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peel {
    /// Every limit that cuts something off, those included that chance would draw too.
    pub limits: Vec<Limit>,
    /// Share of the cases where the claim holds that are inside.
    pub coverage: f64,
    /// Share of the cases inside in which it holds.
    pub density: f64,
    /// Share of all cases that are inside.
    pub mass: f64,
    /// Cases inside.
    pub cases: usize,
    /// Whether it was made by taking something in again, rather than by cutting off.
    pub pasted: bool,
}

/// Limits of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Its name.
    pub parameter: String,
    /// Not below.
    pub low: Option<f64>,
    /// Not above.
    pub high: Option<f64>,
    /// How probable the weaker of its limits would be by chance: the larger quasi-p-value.
    pub chance: f64,
}

impl Limit {
    /// In words: `premium below 0.013`.
    #[must_use]
    pub fn words(&self) -> String {
        let name = &self.parameter;
        match (self.low.map(|x| shown(x, 3)), self.high.map(|x| shown(x, 3))) {
            (Some(low), Some(high)) => format!("{name} from {low} to {high}"),
            (Some(low), None) => format!("{name} above {low}"),
            (None, Some(high)) => format!("{name} below {high}"),
            (None, None) => name.clone(),
        }
    }
}

/// A number rounded to so many significant digits.
pub(crate) fn rounded(x: f64, digits: usize) -> f64 {
    format!("{x:.*e}", digits.saturating_sub(1)).parse().unwrap_or(x)
}

fn shown(x: f64, digits: usize) -> String {
    rounded(x, digits).to_string()
}

/// Share of cases from which on a claim *holds*.
pub const HOLDS: f64 = 0.95;
/// Share from which on it *mostly holds*.
pub const MOSTLY: f64 = 0.75;
/// Share up to which it *mostly does not hold*.
pub const MOSTLY_NOT: f64 = 0.25;
/// Share up to which it *fails*.
pub const FAILS: f64 = 0.05;

/// How often a claim holds over the cases of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// In at least [`HOLDS`] of the cases.
    Holds,
    /// In at least [`MOSTLY`].
    Mostly,
    /// In more than [`MOSTLY_NOT`] and fewer than [`MOSTLY`].
    Depends,
    /// In at most [`MOSTLY_NOT`].
    MostlyNot,
    /// In at most [`FAILS`].
    Fails,
    /// It is defined in no case.
    Undefined,
}

impl Word {
    /// Every word, from the largest shares to the smallest.
    pub const ALL: [Self; 6] =
        [Self::Holds, Self::Mostly, Self::Depends, Self::MostlyNot, Self::Fails, Self::Undefined];

    /// The word for a share of cases; `None` where there are none.
    #[must_use]
    pub fn of(share: Option<f64>) -> Self {
        match share {
            None => Self::Undefined,
            Some(share) if share >= HOLDS => Self::Holds,
            Some(share) if share >= MOSTLY => Self::Mostly,
            Some(share) if share <= FAILS => Self::Fails,
            Some(share) if share <= MOSTLY_NOT => Self::MostlyNot,
            Some(_) => Self::Depends,
        }
    }

    /// As texts have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Mostly => "mostly",
            Self::Depends => "depends",
            Self::MostlyNot => "mostly not",
            Self::Fails => "fails",
            Self::Undefined => "undefined",
        }
    }
}

/// A parameter that a theory holds at another value than the scenario as written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldParameter {
    /// Its name.
    pub parameter: String,
    /// Its value in the scenario as written.
    pub neutral: f64,
    /// Its value in the theory.
    pub value: f64,
    /// Lowest and highest plausible value.
    pub range: Option<(f64, f64)>,
    /// Unit in words.
    pub unit: Option<String>,
    /// What the theory says of it; where it says nothing, what the scenario says.
    pub says: Option<String>,
    /// Where the theory has the number from; where it says nothing, where the scenario has its own.
    pub source: Option<String>,
}

/// The audit of a run: the scenario as written, few cases, no counterexamples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuickAudit {
    /// Cases that were to be computed; the findings have as many as were.
    pub asked: usize,
    /// Why there are fewer.
    pub short: Option<String>,
    /// Seed of the cases.
    pub seed: u64,
    /// A command that makes the whole audit.
    pub full: Option<String>,
    /// What was found.
    pub findings: AuditFindings,
}

/// Audits side by side: what a page about them shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditDocument {
    /// Version of this software.
    pub version: String,
    /// A command that makes the same audits.
    pub command: String,
    /// The day, or that of SOURCE_DATE_EPOCH; passed in by the caller.
    pub date: Option<String>,
    /// Seed of the cases.
    pub seed: u64,
    /// The question of the first scenario.
    pub question: Option<String>,
    /// What the first scenario's model cannot say.
    pub cannot_say: Vec<String>,
    /// By scenario and theory, in the order in which they were audited.
    pub audits: Vec<TheoryAudit>,
}

/// The audit of one scenario in one theory, as a page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TheoryAudit {
    /// The scenario's position among those that were audited.
    pub scenario: usize,
    /// Title of the scenario as written.
    pub title: String,
    /// Name of the theory; `neutral` is the scenario as written.
    pub theory: String,
    /// The parameters in which the theory differs.
    pub held: Vec<HeldParameter>,
    /// What was found.
    pub findings: AuditFindings,
    /// Where its counterexamples can be found.
    pub examples: Vec<ExamplePlace>,
}

/// Where a counterexample can be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExamplePlace {
    /// The claim.
    pub claim: String,
    /// A command that solves it.
    pub command: String,
    /// A scenario file with it that can be run from where it lies.
    pub file: Option<String>,
}
