//! Forward through time: the distribution of wars over states, beliefs and private types, without random numbers.
//!
//! A war is at every moment a public state s, a public belief b and a profile of private types θ that nobody sees whole.
//! [`propagate`] pushes κ_t(s, b; θ), the probability of being at (s, b) at the start of period t *given* the profile θ,
//! through the strategies of the stage solved at exactly b:
//!
//! ```text
//! κ(ha; θ) = κ(h; θ) σᵢ(a | h, θᵢ)        move of player i
//! κ(ho; θ) = κ(h; θ) p(o | θᵢ)            chance about player i
//! ```
//!
//! and the beliefs through Bayes' rule. Nodes with the same state and belief are one node, so wars that meet are counted
//! once. When a period has more nodes than allowed, nodes of one state whose beliefs lie in one small cell are merged
//! into one at their mean belief: that keeps the mean of every belief and of every type, and loses the variance within
//! the cell, at most width²/4 for each belief. Beliefs are *not* spread over the points of the solver's grid, which would
//! add such a variance in every period and let beliefs diffuse that nobody revised.
//!
//! [`Spread::Grid`] does spread them. With it the pass is the exact transpose of the solver's backward recursion: the
//! discounted payoffs it adds up equal the values of the equilibrium to round-off, which checks both. [`Spread::Kept`] is the same without
//! solving any stage again, for analyses that solve thousands of games: what it counts has the error of the grid, as the values have.

pub(crate) mod frontier;
mod on_grid;
mod outlook;
mod pass;
mod profile;
mod tally;

pub use outlook::{Outlook, TermsMass};
pub use pass::{Propagation, Spread, Start, propagate};
pub use profile::{Given, Profiles};
pub use tally::Frequencies;

pub(crate) use outlook::MarginSample;
pub(crate) use pass::{ALL_OVER, NEGLIGIBLE, Phase, check, propagate_phases};
pub(crate) use profile::mean;
