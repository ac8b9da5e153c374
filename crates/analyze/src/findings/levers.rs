//! What levers do besides moving the headline measures: to every player, at every date, at every strength.

use serde::{Deserialize, Serialize};

/// What a set of levers brings about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Stopping margins at the start of every type of every player.
    pub margins: Vec<PlayerMargin>,
    /// Pr(war over within [`super::Levers::by`] periods).
    pub ended_by: Option<f64>,
    /// Mean terms of the wars that end on terms before the horizon; `null` when none does.
    pub terms: Option<f64>,
    /// Expected number of periods of war, cut at the horizon.
    pub duration: Option<f64>,
    /// By player.
    pub players: Vec<PlayerEffect>,
    /// Stated cost of the set per period in force, times the expected number of periods of war in which it is in force.
    pub bill: Option<f64>,
    /// Why there is nothing else here.
    pub undefined: Option<String>,
}

/// A stopping margin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlayerMargin {
    /// Name of the player.
    pub player: String,
    /// Name of the type.
    pub kind: String,
    /// In the player's payoff units; `null` when the player has no choice between ending the war and going on.
    pub margin: Option<f64>,
}

/// What it means for a player, in the player's payoff units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlayerEffect {
    /// Name of the player.
    pub player: String,
    /// Expected discounted payoff at the public belief. Stated costs of levers are not part of it.
    pub value: f64,
    /// Expected cost of war borne, undiscounted.
    pub cost: f64,
}

/// The sets of levers that no other set beats in both cost and effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Front {
    /// What is paid.
    pub cost: FrontCost,
    /// What is got.
    pub effect: FrontEffect,
    /// Cheapest first; the effect rises from each to the next.
    pub sets: Vec<FrontSet>,
    /// Where the effect is a margin: the first of them whose margin is positive.
    pub cheapest: Option<FrontSet>,
}

/// What is paid for a set of levers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrontCost {
    /// Stated cost per period in force.
    Stated,
    /// [`Effect::bill`].
    Bill,
    /// What this player's expected payoff falls by.
    Loss(String),
}

/// What is got for it; more is better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrontEffect {
    /// The stopping margin of this type of the attacker.
    Margin(String),
    /// [`Effect::ended_by`].
    EndedBy,
}

/// A set of levers with its cost and effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrontSet {
    /// Names; empty is none.
    pub levers: Vec<String>,
    /// What is paid.
    pub cost: f64,
    /// What is got.
    pub effect: f64,
}

/// A set of levers put in force later than at the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Names.
    pub levers: Vec<String>,
    /// By period, ascending; empty where undefined.
    pub points: Vec<TimingPoint>,
    /// Why there are none.
    pub undefined: Option<String>,
}

/// Levers in force from one period on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimingPoint {
    /// The first period in which they are in force.
    pub period: u32,
    /// Its date.
    pub date: Option<String>,
    /// Announced at the start: everybody knows the date from the first period on.
    pub announced: Effect,
    /// Not expected by anybody before that period, and known to stay from then on.
    pub surprise: Effect,
}

/// Where the stopping margin changes sign, as a function of up to two other things.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// What is looked for: a parameter, or a strength of levers.
    pub subject: CurveSubject,
    /// Unit of a parameter.
    pub unit: Option<String>,
    /// Lowest value tried.
    pub low: f64,
    /// Highest value tried.
    pub high: f64,
    /// The value in the scenario.
    pub base: f64,
    /// What varies; none, one or two.
    pub axes: Vec<CurveAxis>,
    /// By type of the attacker.
    pub kinds: Vec<CurveKind>,
}

/// What is looked for, or varies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurveSubject {
    /// The parameter of this name.
    Parameter(String),
    /// These levers together, each parameter they change moved by a share of the change: 0 is not in force, 1 is in force.
    Strength(Vec<String>),
    /// The public belief that a player is of a type.
    Belief(String, String),
    /// A state variable at the start.
    State(String),
}

/// An axis of a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurveAxis {
    /// What varies.
    pub subject: CurveSubject,
    /// Its values.
    pub values: Vec<f64>,
    /// The values in words.
    pub labels: Vec<String>,
    /// Its value in the scenario.
    pub base: f64,
}

/// The curve of one type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurveKind {
    /// Name of the type.
    pub kind: String,
    /// One for each combination of the axes' values, the last axis fastest.
    pub points: Vec<CurvePoint>,
}

/// Where the margin changes sign at one combination of values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Sign changes, ascending.
    pub crossings: Vec<Crossing>,
    /// Margin at the lowest value tried.
    pub at_low: Option<f64>,
    /// Margin at the highest value tried.
    pub at_high: Option<f64>,
    /// Why the margin is not defined at some value tried.
    pub undefined: Option<String>,
}

/// A sign change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// Where the margin is zero; `null` where it jumps.
    pub value: Option<f64>,
    /// The neighboring values tried between which it lies.
    pub between: (f64, f64),
    /// Whether stopping is the better choice above it, rather than below.
    pub rising: bool,
    /// Why there is no zero between them.
    pub undefined: Option<String>,
}
