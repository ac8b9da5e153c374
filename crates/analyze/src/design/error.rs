//! Why a design has no points.

/// What is wrong with a design. Messages complete "failed to …".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DesignError {
    /// A name that the scenario does not have.
    #[error("vary the {kind} `{name}`: the scenario has none of that name")]
    Unknown {
        /// What kind of thing.
        kind: &'static str,
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A parameter without a range or a distribution.
    #[error("vary the parameter `{name}`: it has neither a range nor a distribution")]
    NoRange {
        /// The parameter.
        name: String,
    },
    /// A factor whose values make no sense.
    #[error("vary `{column}`: {what}")]
    Levels {
        /// The factor's column.
        column: String,
        /// What is wrong.
        what: String,
    },
    /// Two factors change the same thing.
    #[error("vary `{column}`: it is named twice")]
    Twice {
        /// The factor's column.
        column: String,
    },
    /// Nothing varies.
    #[error("make a design: nothing is named that varies")]
    Empty,
    /// Too large, or too small.
    #[error("make a design of {points} points: {what}")]
    Size {
        /// Points asked for.
        points: u128,
        /// Why not.
        what: &'static str,
    },
    /// A point that has not one value for each factor.
    #[error("read point {row}: it has {found} values, and there are {factors} factors")]
    Row {
        /// The point, from 0.
        row: usize,
        /// Its values.
        found: usize,
        /// The factors.
        factors: usize,
    },
    /// A file of points.
    #[error("read line {line} of the points: {what}")]
    File {
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
}
