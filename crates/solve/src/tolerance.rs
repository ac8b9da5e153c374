//! The literal tolerances of the solver: name, value, unit, reason.

/// Largest accepted residual of a certified point, in probability. Far below anything a reader sees, far above round-off.
pub const RESIDUAL: f64 = 1e-10;

/// Residual up to which a point that is not certified still counts as approximate, in probability.
pub const APPROXIMATE_RESIDUAL: f64 = 1e-6;

/// Indefinite horizon: largest accepted move of any value in one period, in payoff units.
pub const VALUE: f64 = 1e-9;

/// Indefinite horizon: derivatives are carried on until what is left of them is this share of what was there at first.
pub const ADJOINT: f64 = 1e-12;

/// Largest λ tried where a scenario says `inf`, per unit of payoff. Beyond it differences of payoffs drown in round-off.
pub const MAX_PRECISION: f64 = 1e4;

/// Payoffs of two stage equilibria that differ by no more than this are one and the same, in payoff units: far above what a
/// residual of [`RESIDUAL`] can cause, far below what anybody would call another equilibrium.
pub const SAME_EQUILIBRIUM: f64 = 1e-6;

/// Lemke's path: smallest rate of change that counts as one, in payoffs or probability per unit of weight, payoffs in units of their
/// range and of the odds of the set. Far above the round-off of sums over a tree, far below differences that anybody writes down.
pub const PIVOT: f64 = 1e-11;

/// Lemke's path: what is nearer to zero than this is zero, in the same units. Far above round-off; too large a value would cost no
/// accuracy, because the last point is computed afresh from the sets of sequences alone.
pub const TIE: f64 = 1e-11;

/// Lemke's path: weight of a sequence below which it is not played, in probability.
pub const UNREACHED: f64 = 1e-12;

/// Largest spread of the sum of payoffs in a game of constant sum, as a share of the larger payoff range: what round-off makes of it.
pub const CONSTANT_SUM: f64 = 1e-12;

/// Backward induction: values that differ by no more than this share of a player's payoff range are tied. Expected values
/// over chance that are equal on paper differ by round-off, which is less.
pub const TIED_VALUES: f64 = 1e-12;

/// Certificates: smallest probability of an information set at which beliefs are compared with Bayes' rule. Below it products of
/// probabilities lose digits to underflow, and logarithms do not.
pub const BAYES: f64 = 1e-250;

/// Several equilibria: largest regret of one that counts, as a share of the payoff range, and largest agent regret of one that counts as
/// sequential. What is left of off-path play at λ = 1e6; play on the path is exact to [`POLISHED`].
pub const EQUILIBRIUM: f64 = 1e-6;

/// Several equilibria: largest difference between actions that are mixed on the path, as a share of the payoff range.
pub const POLISHED: f64 = 1e-11;

/// Several equilibria: profiles, and distributions over endings, that differ by no more are the same, in probability.
pub const SAME_PROFILE: f64 = 1e-7;

/// Several equilibria: probability, off the path, that is none.
pub const ROUNDED: f64 = 1e-9;
