//! The game as it is played: players, state, the moves of one period, what moves say.

use serde::{Deserialize, Serialize};

use super::How;

/// A player.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Player {
    /// Name.
    pub name: String,
    /// Words for charts.
    pub title: String,
    /// Discount factor per period.
    pub discount: f64,
    /// Logit precision λ per unit of payoff; `null` is infinite (exact best response).
    pub precision: Option<f64>,
    /// Private types; one means no private information.
    pub types: Vec<PrivateType>,
}

/// A private type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrivateType {
    /// Name.
    pub name: String,
    /// Words for charts.
    pub title: String,
    /// Prior probability.
    pub prior: f64,
    /// Expected discounted payoff at the start, in the player's payoff units.
    pub value: Option<f64>,
}

/// A public state variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// Name.
    pub name: String,
    /// Words for charts.
    pub title: String,
    /// Labels of its values, in order.
    pub labels: Vec<String>,
    /// Numbers of its values, for integer variables.
    pub numbers: Option<Vec<f64>>,
    /// Label of the value at the start.
    pub start: String,
}

/// What kind of stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// A player chooses.
    Move,
    /// Nature chooses.
    Chance,
    /// Payoffs and state changes only.
    Flow,
}

/// One stage of the period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageStep {
    /// Name of the move or event.
    pub name: String,
    /// Words for charts.
    pub title: String,
    /// What kind of stage.
    pub kind: StageKind,
    /// Who moves, or whose type the event reveals.
    pub player: Option<String>,
    /// Where it applies, in the author's text.
    pub when: Option<String>,
    /// Actions or outcomes; copies made by `each` are one branch.
    pub branches: Vec<Branch>,
    /// Share of war periods in which the stage is reached (flows: `null`).
    pub reached: Option<f64>,
}

/// An action or outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// Name.
    pub name: String,
    /// Words for charts.
    pub title: String,
    /// Where it is available, in the author's text.
    pub when: Option<String>,
    /// Labels of the copies made by `each`; empty for a single action.
    pub copies: Vec<String>,
    /// Names of the numbers it leaves for later stages.
    pub notes: Vec<String>,
    /// Names of the state variables it sets.
    pub sets: Vec<String>,
    /// Whether the period ends here.
    pub ends_period: bool,
    /// The ending it brings about, by outcome.
    pub end: Option<String>,
    /// How often it is taken, over the times the stage is reached (propagated over the whole war; flows: `null`).
    pub frequency: Option<f64>,
}

/// A way the war can end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    /// Its kind.
    pub outcome: String,
    /// Words for charts.
    pub title: String,
    /// The condition on the state, in the author's text; `null` for endings that actions name.
    pub when: Option<String>,
    /// Probability that the war has ended this way by the horizon.
    pub probability: Option<f64>,
}

/// A named variant of the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Name.
    pub name: String,
    /// Words for charts.
    pub title: String,
    /// Explanation.
    pub says: Option<String>,
}

/// One step of a path through the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Name of the move or event.
    pub stage: String,
    /// Label of the action or outcome.
    pub branch: String,
}

/// What a move says: how each action shifts the public belief about the mover, at the start.
///
/// Read at the first node of the move on the likeliest path of the first period; where the move is not made on
/// that path, at the likeliest node of the first period that carries it. Moves of players with one type are
/// listed too: their shifts are empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Name of the move.
    pub stage: String,
    /// Words for charts.
    pub title: String,
    /// Who moves.
    pub player: String,
    /// What came before in the period.
    pub history: Vec<Step>,
    /// By action.
    pub actions: Vec<SignalAction>,
    /// How the numbers were got.
    pub how: How,
}

/// One action of a signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalAction {
    /// Label.
    pub action: String,
    /// Words for charts.
    pub title: String,
    /// Probability by the public belief.
    pub probability: f64,
    /// By type of the mover.
    pub types: Vec<SignalType>,
}

/// One action of one type of the mover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalType {
    /// Name of the type.
    pub name: String,
    /// Probability that this type takes the action.
    pub probability: f64,
    /// Public belief in the type before.
    pub belief_before: f64,
    /// … and after the action was seen.
    pub belief_after: f64,
    /// Shift of its log odds, ln(b′/(1−b′)) − ln(b/(1−b)); `null` where a belief is 0 or 1.
    pub shift: Option<f64>,
}
