//! Finite games as other tools write them: trees in `.efg` files and tables in `.nfg` files.
//!
//! A [`FiniteGame`] is a tree whose nodes, information sets and outcomes keep their names, their numbers and the text of
//! every payoff and probability, so that reading a file and writing it again loses nothing. A [`NormalGame`] is the
//! table of a game in which all choose at once. Both formats come from Gambit, a library of tools for game theory; the
//! modules `efg` and `nfg` give their grammars.
//!
//! Reading never trusts a file: depth costs no stack, nothing is allocated because a file *claims* a size, and whatever is
//! wrong is reported with its place, all problems together as far as the structure can be followed.

mod efg;
mod from_war;
mod nfg;
mod number;
mod problem;
mod text;
mod tree;
mod validate;

pub use number::{Number, NumberError};
pub use problem::{FormatError, FormatErrors, FormatProblem, Place};

/// A finite game in extensive form: a tree of moves, chance and endings.
#[derive(Debug, Clone, PartialEq)]
pub struct FiniteGame {
    /// What the game is called.
    pub title: String,
    /// A note on the game, if the file has one.
    pub comment: Option<String>,
    /// The names of the players.
    pub players: Vec<String>,
    /// All nodes in preorder, the root first.
    pub nodes: Vec<FiniteNode>,
    /// The information sets of players, in order of first appearance.
    pub sets: Vec<InformationSet>,
    /// What chance can do, in order of first appearance.
    pub chances: Vec<ChanceSet>,
    /// The outcomes, in order of first appearance.
    pub outcomes: Vec<Outcome>,
}

/// One node of the tree of a [`FiniteGame`].
#[derive(Debug, Clone, PartialEq)]
pub struct FiniteNode {
    /// The name of the node; often empty.
    pub name: String,
    /// Who moves here, if anyone does.
    pub kind: FiniteKind,
    /// The positions in [`FiniteGame::nodes`] to which the actions lead, one for each action, in their order.
    pub children: Vec<u32>,
    /// The position in [`FiniteGame::outcomes`] of the outcome that is reached here. Inner nodes may have one too: payoffs
    /// add up along the path from the root.
    pub outcome: Option<u32>,
}

/// Who moves at a node of a [`FiniteGame`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiniteKind {
    /// Nobody: the game ends.
    Terminal,
    /// Chance.
    Chance {
        /// The position in [`FiniteGame::chances`].
        set: u32,
    },
    /// The player who owns the information set.
    Move {
        /// The position in [`FiniteGame::sets`].
        set: u32,
    },
}

/// Nodes that the player who moves there cannot tell apart.
#[derive(Debug, Clone, PartialEq)]
pub struct InformationSet {
    /// The position of the player in [`FiniteGame::players`], from 0; files count from 1.
    pub player: u32,
    /// The number of the set in the file; no two sets of one player share it.
    pub number: i64,
    /// The name of the set; often empty.
    pub name: String,
    /// The names of the actions.
    pub actions: Vec<String>,
}

/// What chance can do at the nodes that share one number.
#[derive(Debug, Clone, PartialEq)]
pub struct ChanceSet {
    /// The number of the set in the file; no two of them share it.
    pub number: i64,
    /// The name of the set; often empty.
    pub name: String,
    /// The names of the actions with their probabilities.
    pub actions: Vec<(String, Number)>,
}

/// Payoffs that are paid where a play passes.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The number of the outcome in the file, never 0; no two of them share it.
    pub number: i64,
    /// The name of the outcome; often empty.
    pub name: String,
    /// One payoff for each player.
    pub payoffs: Vec<Number>,
}

/// A finite game in normal form: all choose at once, and a table says what follows.
#[derive(Debug, Clone, PartialEq)]
pub struct NormalGame {
    /// What the game is called.
    pub title: String,
    /// A note on the game, if the file has one.
    pub comment: Option<String>,
    /// The names of the players.
    pub players: Vec<String>,
    /// The names of the strategies of each player.
    pub strategies: Vec<Vec<String>>,
    /// What follows from each profile of strategies.
    pub cells: Cells,
}

/// What follows from each profile of strategies of a [`NormalGame`]. Profiles are counted with the strategy of the first
/// player changing fastest.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// The payoffs of all players in the first profile, then those in the second, and so on.
    Payoffs(Vec<Number>),
    /// Outcomes, of which profiles can share one or have none.
    Outcomes {
        /// The outcomes, numbered from 1 in their order.
        outcomes: Vec<Outcome>,
        /// For each profile, the position in `outcomes`; nothing is paid where there is none.
        cells: Vec<Option<u32>>,
    },
}
