//! War games: players with private types, public states, and a stage tree per state.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{EndPoint, MoveId, Payoff, PlayerId, StageTree, StateId};

/// War as bargaining under private information: a stochastic game with public moves and private types.
///
/// Everything is dense and resolved: no names are looked up while solving. States that cannot be reached
/// from `start` are not present.
#[derive(Clone, Debug)]
pub struct WarGame {
    /// Title, for output.
    pub title: String,
    /// The decision makers, in the scenario's order.
    pub players: Vec<Player>,
    /// The variables whose product is the state space.
    pub variables: Vec<StateVariable>,
    /// Reachable public states.
    pub states: Vec<State>,
    /// Where the war starts.
    pub start: StateId,
    /// How long the war can last.
    pub horizon: Horizon,
    /// What is played in each state, by [`StateId`].
    pub stages: Vec<Stage>,
    /// What each state pays when the last period has passed, by [`StateId`]: the horizon payoff where the war is still on, and
    /// normally that of the ending where it is over. Empty for an indefinite horizon.
    pub horizon_payoffs: Vec<Payoff>,
    /// The named moves; nodes of all stage trees refer to them.
    pub moves: Vec<MoveInfo>,
    /// The named chance events.
    pub chances: Vec<ChanceInfo>,
    /// The kinds of ending ("settlement", "collapse", …).
    pub endings: Vec<String>,
    /// Named numbers of every state (such as the share of territory held), for measures and charts.
    pub observables: Vec<Observable>,
    /// Number of states of the full product that no play reaches; they were dropped.
    pub unreachable: u64,
}

/// A decision maker.
#[derive(Clone, Debug, PartialEq)]
pub struct Player {
    /// Name in the scenario.
    pub name: String,
    /// Discount factor per period, in (0, 1].
    pub discount: f64,
    /// Logit precision λ.
    pub precision: Precision,
    /// Private types, with priors that sum to 1; one type means no private information.
    pub types: Vec<PrivateType>,
}

/// A private type, in Harsanyi's sense.
#[derive(Clone, Debug, PartialEq)]
pub struct PrivateType {
    /// Name in the scenario.
    pub name: String,
    /// Probability at the start.
    pub prior: f64,
}

/// Logit precision λ, per unit of payoff.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// λ ≥ 0; 0 is uniform play.
    Finite(f64),
    /// The limit λ → ∞ along the principal branch.
    Infinite,
}

/// How long a war can last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Horizon {
    /// Ends after this many periods at the latest.
    Periods(u32),
    /// No last period: a stationary equilibrium is sought.
    Indefinite,
}

/// A finite, named, public state variable.
#[derive(Clone, Debug, PartialEq)]
pub struct StateVariable {
    /// Name in the scenario.
    pub name: String,
    /// The label of each value.
    pub labels: Vec<String>,
    /// The numeric value of each label, for integer variables.
    pub numbers: Option<Vec<f64>>,
}

/// One public state: the position of each variable's value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// By variable, the index into [`StateVariable::labels`].
    pub values: Vec<u16>,
}

/// What happens in a state.
#[derive(Clone, Debug)]
pub enum Stage {
    /// The moves of one period.
    Play(StageTree),
    /// The war is over in this state.
    Over(EndPoint),
}

/// A named move of the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveInfo {
    /// Name of the move ("posture").
    pub name: String,
    /// Who moves.
    pub player: PlayerId,
    /// Action labels; edges refer to them by position.
    pub actions: Vec<String>,
}

/// A named chance event of the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChanceInfo {
    /// Name of the event ("battle").
    pub name: String,
    /// Whose type the outcome can reveal, if any.
    pub about: Option<PlayerId>,
    /// Outcome labels; edges refer to them by position.
    pub outcomes: Vec<String>,
}

/// A named number of every state.
#[derive(Clone, Debug, PartialEq)]
pub struct Observable {
    /// Name in the scenario.
    pub name: String,
    /// By [`StateId`].
    pub values: Vec<f64>,
}

impl WarGame {
    /// Number of slots: pairs (player, own type).
    #[must_use]
    pub fn slots(&self) -> usize {
        self.players.iter().map(|p| p.types.len()).sum()
    }

    /// Number of types of each player.
    #[must_use]
    pub fn types(&self) -> Vec<usize> {
        self.players.iter().map(|p| p.types.len()).collect()
    }

    /// The slots of one player.
    #[must_use]
    pub fn slots_of(&self, player: PlayerId) -> Range<usize> {
        let start = self.players.iter().take(player.index()).map(|p| p.types.len()).sum();
        let len = self.players.get(player.index()).map_or(0, |p| p.types.len());
        start..start + len
    }

    /// The player with this name.
    #[must_use]
    pub fn player(&self, name: &str) -> Option<PlayerId> {
        self.players.iter().position(|p| p.name == name).map(PlayerId::new)
    }

    /// The move with this name.
    #[must_use]
    pub fn find_move(&self, name: &str) -> Option<MoveId> {
        self.moves.iter().position(|m| m.name == name).map(MoveId::new)
    }

    /// The observable with this name.
    #[must_use]
    pub fn observable(&self, name: &str) -> Option<&Observable> {
        self.observables.iter().find(|o| o.name == name)
    }

    /// A short label of a state, such as `front 2, war`.
    #[must_use]
    pub fn state_label(&self, state: StateId) -> String {
        let Some(state) = self.states.get(state.index()) else { return String::new() };
        let parts: Vec<String> = self
            .variables
            .iter()
            .zip(&state.values)
            .map(|(variable, value)| {
                let label = variable.labels.get(usize::from(*value)).map_or("", String::as_str);
                if variable.numbers.is_some() {
                    format!("{} {label}", variable.name)
                } else {
                    label.to_owned()
                }
            })
            .collect();
        parts.join(", ")
    }

    /// The largest difference between any two payoffs a slot can collect in one stage or at an end: the
    /// scale against which regret is stated.
    ///
    /// It is the range of the end and horizon payoffs joined with those of single flows.
    #[must_use]
    pub fn payoff_range(&self) -> f64 {
        let mut low = f64::INFINITY;
        let mut high = f64::NEG_INFINITY;
        let mut see = |values: &[f64]| {
            for x in values {
                low = low.min(*x);
                high = high.max(*x);
            }
        };
        for payoff in &self.horizon_payoffs {
            see(payoff.values());
        }
        for stage in &self.stages {
            match stage {
                Stage::Over(end) => see(end.payoff.values()),
                Stage::Play(tree) => {
                    see(tree.flows.values());
                    for end in &tree.ends {
                        see(end.payoff.values());
                    }
                }
            }
        }
        if high > low { high - low } else { 0.0 }
    }
}
