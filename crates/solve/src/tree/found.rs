//! What a search for several equilibria takes and gives.

use serde::Serialize;

use super::PathSettings;
use super::certificate::TreeCertificate;

/// How many equilibria to look for, and where.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeveralSettings {
    /// Selects weights, floors, priors and starts. The same seed gives the same equilibria.
    pub seed: u64,
    /// Restarts of each method that has random ones.
    pub restarts: u32,
    /// Largest number of supports that are enumerated.
    pub supports: usize,
    /// Draws of trembles for each equilibrium that is not the limit of a branch.
    pub trembles: u32,
    /// How branches are followed.
    pub path: PathSettings,
}

impl Default for SeveralSettings {
    fn default() -> Self {
        Self { seed: 1, restarts: 16, supports: 20_000, trembles: 64, path: PathSettings::default() }
    }
}

/// How an equilibrium was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "method")]
pub enum Origin {
    /// At the end of the principal branch.
    Principal,
    /// At the end of a branch that crosses it, or one that does.
    Crossing {
        /// λ of the crossing.
        lambda: f64,
    },
    /// At the end of a branch of weighted responses.
    Weights {
        /// Which restart.
        restart: u32,
    },
    /// At the end of a branch with floors.
    Floors {
        /// Which restart.
        restart: u32,
    },
    /// At the end of Lemke's path.
    Lemke {
        /// Which restart.
        restart: u32,
    },
    /// At the end of a walk through a continuum of equilibria, another point of which was found otherwise: a corner of it, or where Newton's method
    /// led no further.
    Corner,
    /// Its support was guessed.
    Support {
        /// The number of the support.
        number: u64,
    },
}

/// Beliefs at an information set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetBelief {
    /// The position of the information set in the game.
    pub set: usize,
    /// The positions of its nodes, and how likely each is held to be.
    pub nodes: Vec<(usize, f64)>,
}

/// An equilibrium that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoundEquilibrium {
    /// Probabilities of all actions of all information sets, in the game's order.
    pub profile: Vec<f64>,
    /// How it was found first.
    pub origin: Origin,
    /// How often it was found.
    pub times: u32,
    /// The position of its outcome in [`Several::groups`].
    pub group: usize,
    /// How many directions indifference leaves free on the path. Where it is not 0, play there is one of a continuum, of which one point and the
    /// ends of some walks are listed.
    pub freedom: usize,
    /// Whether trembles are known whose beliefs make it sequential: then no agent gains more than 1e-6 of the payoff range at any information
    /// set, reached or not, given these beliefs. Where it is false nothing but Nash equilibrium was shown.
    pub sequential: bool,
    /// Of a sequential one: beliefs at the information sets with several nodes that play does not reach.
    pub off_path: Vec<SetBelief>,
    /// The profile and these beliefs, checked.
    pub certificate: TreeCertificate,
}

/// Equilibria with the same outcome. Off the path play may vary in a continuum, of which a few are kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomeGroup {
    /// The endings that are reached and their probabilities: position of the node, probability.
    pub outcome: Vec<(usize, f64)>,
    /// Positions in [`Several::equilibria`].
    pub members: Vec<usize>,
    /// How often an equilibrium with this outcome was found.
    pub times: u32,
}

/// What was not tried, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// Branches with floors: the game has too many actions.
    Floors,
    /// Lemke's path: there are not two players, or one of them forgets.
    Lemke,
    /// Supports that mix: there are too many.
    MixedSupports,
    /// All supports: there are too many.
    Supports,
    /// Some crossings were not entered.
    Crossings,
    /// More outcomes than are kept.
    Outcomes,
    /// Somebody asked to stop.
    Canceled,
}

/// The equilibria of a game that were found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Several {
    /// By outcome, that of the principal branch first; of one outcome sequential ones first.
    pub equilibria: Vec<FoundEquilibrium>,
    /// The outcomes.
    pub groups: Vec<OutcomeGroup>,
    /// Which of the equilibria the principal branch selects; `None` where its end could not be made exact.
    pub principal: Option<usize>,
    /// What was not tried.
    pub skipped: Vec<Skipped>,
    /// Ends of branches and paths that were tried, and how many of them gave an equilibrium.
    pub tried: u32,
    /// See `tried`.
    pub used: u32,
}
