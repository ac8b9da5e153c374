//! The nouns of the mathematics: war games, stage trees, beliefs, payoffs.
//!
//! This crate holds no solver, and of text formats only those in which tools exchange finite games. A [`WarGame`] says
//! what the players can do in every public state, period after period; a [`StageTree`] holds the moves of one period in
//! one state; a [`Belief`] is what everyone publicly believes about the private types. `unroll` turns a few periods of a
//! war game into one finite tree, with which every grid-based solution can be checked exactly. A [`FiniteGame`] or a
//! [`NormalGame`] is a game from anywhere, read from an `.efg` or `.nfg` file.
//!
//! The mathematics is in the book, chapter *Method*; symbols are the same here and there.

mod belief;
mod check;
mod finite;
mod ids;
mod payoff;
mod stage;
mod unroll;
mod war;

pub use belief::Belief;
pub use check::{GameError, check};
pub use finite::{
    Cells, ChanceSet, FiniteGame, FiniteKind, FiniteNode, FormatError, FormatErrors, FormatProblem,
    InformationSet, NormalGame, Number, NumberError, Outcome, Place,
};
pub use ids::{ChanceId, EndingId, MoveId, NodeId, PlayerId, Row, StateId, TypeId};
pub use payoff::{JointPayoff, Payoff, PayoffTable};
pub use stage::{Edge, EndPoint, Node, StageTree, StageTreeBuilder};
pub use unroll::unroll;
pub use war::{
    ChanceInfo, Horizon, MoveInfo, Observable, Player, Precision, PrivateType, Stage, State, StateVariable,
    WarGame,
};
