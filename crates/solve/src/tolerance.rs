//! The literal tolerances of the solver: name, value, unit, reason.

/// Largest accepted residual of a certified point, in probability. Far below anything a reader sees, far above round-off.
pub const RESIDUAL: f64 = 1e-10;

/// Residual up to which a point that is not certified still counts as approximate, in probability.
pub const APPROXIMATE_RESIDUAL: f64 = 1e-6;

/// Indefinite horizon: largest accepted move of any value in one period, in payoff units.
pub const VALUE: f64 = 1e-9;

/// Largest λ tried where a scenario says `inf`, per unit of payoff. Beyond it differences of payoffs drown in round-off.
pub const MAX_PRECISION: f64 = 1e4;

/// Payoffs of two stage equilibria that differ by no more than this are one and the same, in payoff units: far above what a
/// residual of [`RESIDUAL`] can cause, far below what anybody would call another equilibrium.
pub const SAME_EQUILIBRIUM: f64 = 1e-6;
