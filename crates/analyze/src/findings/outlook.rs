//! What lies ahead: stopping margins, survival of the war, terms, observables, the bargaining range.

use serde::{Deserialize, Serialize};

use super::{Distribution, How, Quantity, Step};

/// Whether the attacker would rather stop: stopping margins by type.
///
/// The margin is Q(best action that ends the war) − Q(best action that continues it), in the payoff units of the
/// player; positive: stopping is the better choice. The chapter *Measures* of the book says at which node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Margins {
    /// Name of the player.
    pub player: String,
    /// Words for charts.
    pub title: String,
    /// Unit of every margin here.
    pub unit: String,
    /// How paths over periods were averaged.
    pub how: How,
    /// At the start, by type.
    pub start: Vec<MarginAtStart>,
    /// Period by period, by type, averaged over wars still on.
    pub paths: Vec<MarginPath>,
    /// Over a state variable and a belief, at the start, by type.
    pub surfaces: Vec<MarginSurface>,
}

/// The margin of one type at the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginAtStart {
    /// Name of the type.
    pub kind: String,
    /// Words for charts.
    pub title: String,
    /// The margin; undefined where the player has no choice between ending and continuing.
    pub margin: Quantity,
    /// Path to the node at which it is read.
    pub history: Vec<Step>,
    /// The move made there.
    pub stage: Option<String>,
    /// Best action that ends the war (or may).
    pub stop: Option<String>,
    /// Its action value.
    pub stop_value: Option<f64>,
    /// Best action that continues the war.
    pub go: Option<String>,
    /// Its action value.
    pub go_value: Option<f64>,
}

/// Margins of one type over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginPath {
    /// Name of the type.
    pub kind: String,
    /// Words for charts.
    pub title: String,
    /// By period, while wars with this type are still on.
    pub points: Vec<MarginPoint>,
}

/// Margin in one period, over wars still on in which the player is of the type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginPoint {
    /// Period.
    pub period: u32,
    /// Its first day.
    pub date: Option<String>,
    /// Distribution over wars; `null` where the player never has the choice.
    pub margin: Option<Distribution>,
    /// Share of these wars in which the margin is positive.
    pub share_positive: Option<f64>,
    /// Probability that the war is still on in this period, given the type.
    pub survival: f64,
}

/// Margins of one type over a state variable and a belief about one player, at the start of the war otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginSurface {
    /// Name of the attacker's type.
    pub kind: String,
    /// Words for charts.
    pub title: String,
    /// The state variable that varies.
    pub variable: String,
    /// Labels of its values, rows of `margins`.
    pub labels: Vec<String>,
    /// The player about whom the belief varies; may be the attacker himself.
    pub belief_about: String,
    /// The type whose probability varies.
    pub belief_in: String,
    /// Its probabilities, columns of `margins`.
    pub beliefs: Vec<f64>,
    /// `[value of the variable][belief]`; `null` where the state is not reachable, the war is over or there is no choice.
    pub margins: Vec<Vec<Option<f64>>>,
    /// Row of the start.
    pub start_row: usize,
    /// Belief at the start.
    pub start_belief: f64,
}

/// How long the war lasts and how it ends.
///
/// Curves have one entry for each n in `periods`: the share of wars after n periods have passed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survival {
    /// How the curves were got.
    pub how: How,
    /// Unit of the curves: share of wars.
    pub unit: String,
    /// n = 0, 1, …
    pub periods: Vec<u32>,
    /// First day of period n.
    pub dates: Vec<Option<String>>,
    /// Share of wars still on after n periods.
    pub on: Vec<f64>,
    /// Share ended, by outcome; with `on` they sum to 1. Endings that never happen are left out.
    pub outcomes: Vec<OutcomeCurve>,
    /// The same, given each type of the attacker.
    pub by_type: Vec<SurvivalOfType>,
    /// Expected duration, cut at the horizon.
    pub expected_duration: Quantity,
    /// Median duration; undefined when more than half of wars outlast the horizon.
    pub median_duration: Quantity,
    /// The same numbers from simulated trajectories.
    pub cross_check: Option<CrossCheck>,
}

/// Share of wars that have ended with one outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutcomeCurve {
    /// The outcome.
    pub outcome: String,
    /// Words for charts.
    pub title: String,
    /// By n.
    pub share: Vec<f64>,
}

/// Survival given one type of the attacker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalOfType {
    /// Name of the player.
    pub player: String,
    /// Name of the type.
    pub kind: String,
    /// Words for charts.
    pub title: String,
    /// Share of wars still on after n periods.
    pub on: Vec<f64>,
    /// Share ended, by outcome.
    pub outcomes: Vec<OutcomeCurve>,
}

/// The same numbers computed in two ways that share nothing but the equilibrium.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CrossCheck {
    /// Simulated trajectories.
    pub trajectories: u64,
    /// Their seed.
    pub seed: u64,
    /// By number.
    pub rows: Vec<CrossCheckRow>,
    /// Whether they agree.
    pub agreement: Agreement,
}

/// Whether two computations agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// Every difference is within 4 standard errors plus the grid error.
    Agree,
    /// Some difference is larger.
    Differ,
}

/// One number computed in two ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CrossCheckRow {
    /// What it is.
    pub what: String,
    /// Without noise, on the grid (or enumerated).
    pub propagated: f64,
    /// From trajectories.
    pub simulated: f64,
    /// Standard error of the simulated number.
    pub standard_error: f64,
}

/// On what terms the war ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// How it was got.
    pub how: How,
    /// Unit of terms, where the scenario states one.
    pub unit: Option<String>,
    /// Mean over wars that have ended.
    pub mean: Quantity,
    /// Share of all wars whose ending has terms.
    pub share_with_terms: f64,
    /// Mean by outcome.
    pub outcomes: Vec<TermsOfOutcome>,
    /// Histogram.
    pub bins: Vec<TermsBin>,
}

/// Mean terms of one outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermsOfOutcome {
    /// The outcome.
    pub outcome: String,
    /// Words for charts.
    pub title: String,
    /// Share of all wars.
    pub share: f64,
    /// Mean terms of those wars.
    pub mean: f64,
}

/// One bar of the histogram of terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermsBin {
    /// Lower edge; equal to `high` when the bar is a single value.
    pub low: f64,
    /// Upper edge.
    pub high: f64,
    /// Share of all wars, in the order of [`Terms::outcomes`].
    pub shares: Vec<f64>,
}

/// How one observable moves while the war is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservablePath {
    /// Name in the scenario.
    pub name: String,
    /// How it was got.
    pub how: How,
    /// By period, over wars still on at its start.
    pub points: Vec<ObservablePoint>,
}

/// An observable in one period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservablePoint {
    /// Period.
    pub period: u32,
    /// Its first day.
    pub date: Option<String>,
    /// Over wars still on.
    pub value: Distribution,
    /// Share of wars still on.
    pub survival: f64,
}

/// What is publicly believed about one type of one player while the war is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BeliefPath {
    /// Name of the player.
    pub player: String,
    /// Name of the type.
    pub kind: String,
    /// Words for charts.
    pub title: String,
    /// How it was got.
    pub how: How,
    /// By period, over wars still on at its start.
    pub points: Vec<BeliefPoint>,
}

/// The public belief in one type in one period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BeliefPoint {
    /// Period.
    pub period: u32,
    /// Its first day.
    pub date: Option<String>,
    /// Mean over wars still on; it is also the share of these wars in which the player is of the type.
    pub mean: f64,
    /// Share of wars still on.
    pub survival: f64,
}

/// What could be settled at the start, and what the war wastes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bargaining {
    /// Who gains from higher terms.
    pub attacker: String,
    /// Who loses from them.
    pub defender: String,
    /// The outcome that a settlement is.
    pub outcome: String,
    /// By terms tried, ascending.
    pub points: Vec<BargainingPoint>,
    /// Lowest and highest terms both prefer to going on, each weighing its own types by the public belief.
    pub low: Option<f64>,
    /// Highest.
    pub high: Option<f64>,
    /// Lowest terms that every type of both prefers.
    pub low_every_type: Option<f64>,
    /// Highest.
    pub high_every_type: Option<f64>,
    /// high − low; 0 when the range is empty.
    pub width: Quantity,
    /// What both sides could have saved by settling at the start on the same expected terms.
    pub inefficiency: Quantity,
}

/// What settling on given terms at the start is worth, over going on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BargainingPoint {
    /// The terms.
    pub terms: f64,
    /// Gain of the attacker by the public belief about his type, in his payoff units.
    pub attacker: f64,
    /// Gain of the defender.
    pub defender: f64,
    /// Gain of each type of the attacker.
    pub attacker_types: Vec<TypeGain>,
    /// Gain of each type of the defender.
    pub defender_types: Vec<TypeGain>,
}

/// Gain of one type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeGain {
    /// Name of the type.
    pub kind: String,
    /// Settling minus going on, in payoff units.
    pub gain: f64,
}
