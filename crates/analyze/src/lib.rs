//! Equilibrium → [`Findings`]: what a solved war game says, every number with its unit, how it was got and how far it can be trusted.

pub mod findings;

pub use findings::Findings;
