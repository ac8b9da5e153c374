//! What would change the findings: levers, precision, priors, parameters. All on the audit grid.

use serde::{Deserialize, Serialize};

use super::{Curve, Effect, Front, Quantity, Timing};
use crate::gradient::Derivative;

/// Headline measures and attacker margins under some change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The headline measures, in their order.
    pub measures: Vec<MeasureValue>,
    /// The attacker's stopping margins at the start, by type.
    pub margins: Vec<TypeMargin>,
    /// Why nothing could be computed (a scenario that does not compile with this change, a solution that did not
    /// converge); the lists are then empty.
    pub undefined: Option<String>,
}

/// One measure under a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasureValue {
    /// Name of the measure.
    pub name: String,
    /// Its value; `null` when it is not defined.
    pub value: Option<f64>,
    /// Minus its value without the change, same grid.
    pub difference: Option<f64>,
}

/// One stopping margin under a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeMargin {
    /// Name of the attacker's type.
    pub kind: String,
    /// Its margin, in the attacker's payoff units; `null` when he has no choice.
    pub margin: Option<f64>,
    /// Minus the margin without the change, same grid.
    pub difference: Option<f64>,
}

/// What the levers do, one by one and together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Levers {
    /// Grid points per belief dimension of all runs here.
    pub grid_points: usize,
    /// Without any lever, same grid.
    pub base: Outcome,
    /// The levers.
    pub levers: Vec<Lever>,
    /// Sets of levers: every one of them when there are at most six levers; else single levers, pairs and all
    /// together. By size, then in the order of the scenario.
    pub sets: Vec<LeverSet>,
    /// Whether every set was computed.
    pub complete: bool,
    /// For each type of the attacker, the cheapest computed set that makes its margin positive.
    pub cheapest: Vec<CheapestSet>,
    /// Periods within which [`Effect::ended_by`] asks whether the war is over.
    #[serde(default)]
    pub by: u32,
    /// What happens without any lever, besides `base`.
    #[serde(default)]
    pub plain: Effect,
    /// What every set of `sets` does, besides its outcome, in their order.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// Sets that no other set beats, for every kind of cost and effect.
    #[serde(default)]
    pub fronts: Vec<Front>,
    /// Levers put in force later.
    #[serde(default)]
    pub timing: Vec<Timing>,
    /// Where the margin changes sign.
    #[serde(default)]
    pub curves: Vec<Curve>,
}

/// A lever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lever {
    /// Name.
    pub name: String,
    /// Words for charts.
    pub title: String,
    /// Who can pull it.
    pub by: Option<String>,
    /// Cost per period in force, in payoff units of `by`.
    pub cost: f64,
    /// Explanation.
    pub says: Option<String>,
    /// Source.
    pub source: Option<String>,
    /// Parameters it changes: name, value without and with it.
    pub changes: Vec<(String, f64, f64)>,
}

/// A set of levers in force together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeverSet {
    /// Names, in the order of the scenario.
    pub levers: Vec<String>,
    /// Who bears what, per period in force.
    pub costs: Vec<LeverCost>,
    /// Sum of the costs per period in force; payoff units of several players are added as they are.
    pub cost: f64,
    /// What they bring about.
    pub outcome: Outcome,
}

/// Cost of a set to one of those who pull it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeverCost {
    /// Who.
    pub by: Option<String>,
    /// Per period in force, in their payoff units.
    pub cost: f64,
}

/// The cheapest set that makes the margin of one type positive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheapestSet {
    /// Name of the attacker's type.
    pub kind: String,
    /// The set, empty when the margin is positive without any; `null` when no computed set does it.
    pub levers: Option<Vec<String>>,
    /// Its cost per period in force.
    pub cost: Option<f64>,
    /// The margin with it.
    pub margin: Option<f64>,
}

/// How everything depends on precision, priors and parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// Grid points per belief dimension of all runs here; `null` when there are none.
    pub grid_points: Option<usize>,
    /// Precision of all players times a factor.
    pub precision: Vec<PrecisionRow>,
    /// The attacker's prior swept; `null` when he has one type.
    pub prior: Option<PriorSweep>,
    /// Each parameter with a range at both ends of it, the others as they are; largest effect on the first headline
    /// measure first.
    pub tornado: Vec<TornadoRow>,
    /// Where in the range of a parameter the stopping margin changes sign.
    pub thresholds: Vec<Threshold>,
    /// Derivatives of the headline measures with respect to every parameter, through the equilibrium; by measure.
    #[serde(default)]
    pub derivatives: Vec<Derivative>,
    /// Grid points per belief dimension of the solution that was differentiated; `null` when none was.
    #[serde(default)]
    pub derivative_points: Option<usize>,
}

/// All precisions times a factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRow {
    /// The factor.
    pub scale: f64,
    /// What it brings about.
    pub outcome: Outcome,
}

/// The attacker's prior swept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriorSweep {
    /// Name of the player.
    pub player: String,
    /// Name of the type whose prior is set; the others keep their proportions.
    pub kind: String,
    /// Words for charts.
    pub title: String,
    /// Its prior in the scenario.
    pub base: f64,
    /// By prior, ascending.
    pub rows: Vec<PriorRow>,
}

/// One prior of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriorRow {
    /// Prior of the swept type.
    pub prior: f64,
    /// What it brings about.
    pub outcome: Outcome,
}

/// One parameter at both ends of its range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TornadoRow {
    /// Name of the parameter.
    pub parameter: String,
    /// Unit in words.
    pub unit: Option<String>,
    /// Who controls it.
    pub controlled_by: Option<String>,
    /// Its value.
    pub base: f64,
    /// Low end.
    pub low: f64,
    /// High end.
    pub high: f64,
    /// At the low end.
    pub at_low: Outcome,
    /// At the high end.
    pub at_high: Outcome,
}

/// Where in the range of a parameter the stopping margin of a type changes sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Name of the parameter.
    pub parameter: String,
    /// Name of the attacker's type.
    pub kind: String,
    /// The parameter's value in the scenario.
    pub base: f64,
    /// Where the margin is zero.
    pub crossing: Quantity,
    /// Margin at the low end of the range.
    pub margin_at_low: f64,
    /// Margin at the high end.
    pub margin_at_high: f64,
}
