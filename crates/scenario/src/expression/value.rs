//! What expressions are worth: values, operations and functions, all total. Nothing here returns a number that is not finite.

use super::Operator;

/// What an expression is worth.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A finite number.
    Number(f64),
    /// A truth value.
    Boolean(bool),
    /// A word.
    Text(String),
}

/// Why an expression has no value. Messages complete "failed to …".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// Division by zero.
    #[error("divide by zero")]
    DivisionByZero,
    /// A function was asked for a value it does not have.
    #[error("take {operation} of {argument}")]
    Domain {
        /// The operation in words.
        operation: &'static str,
        /// Its argument.
        argument: f64,
    },
    /// A result beyond the range of numbers.
    #[error("compute a finite number")]
    NotFinite,
    /// A number was needed where there is none, or a truth value, or a word.
    #[error("use this as {wanted}")]
    Kind {
        /// What was needed.
        wanted: &'static str,
    },
    /// A name, function or case that is not there.
    #[error("find `{name}`")]
    Unknown {
        /// The name.
        name: String,
    },
    /// A measure that is not defined here (no war ends that way; nothing was simulated).
    #[error("compute `{function}`: {reason}")]
    Unavailable {
        /// The function.
        function: String,
        /// Why, in words.
        reason: String,
    },
    /// Measures that need each other, or too many of them.
    #[error("evaluate measures nested this deeply")]
    TooDeep,
}

impl EvaluationError {
    /// The reason as a sentence about the expression: "it divides by zero".
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::DivisionByZero => "it divides by zero".to_owned(),
            Self::Domain { operation, argument } => format!("it takes {operation} of {argument}"),
            Self::NotFinite => "the result is not a finite number".to_owned(),
            Self::Kind { wanted } => format!("{wanted} is needed"),
            Self::Unknown { name } => format!("there is no `{name}`"),
            Self::Unavailable { function, reason } => format!("`{function}`: {reason}"),
            Self::TooDeep => "measures are nested too deeply".to_owned(),
        }
    }
}

/// A function of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Min,
    Max,
    Exp,
    Ln,
    Sqrt,
    Abs,
    Clamp,
    Floor,
    Round,
}

impl Function {
    /// All of them, by name.
    pub const ALL: [(&'static str, Self); 9] = [
        ("min", Self::Min),
        ("max", Self::Max),
        ("exp", Self::Exp),
        ("ln", Self::Ln),
        ("sqrt", Self::Sqrt),
        ("abs", Self::Abs),
        ("clamp", Self::Clamp),
        ("floor", Self::Floor),
        ("round", Self::Round),
    ];

    /// The function of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, f)| *f)
    }

    /// How many arguments it takes, in words, when `count` is not among them.
    pub const fn refuses(self, count: usize) -> Option<&'static str> {
        match self {
            Self::Min | Self::Max if count >= 2 => None,
            Self::Min | Self::Max => Some("two or more arguments"),
            Self::Clamp if count == 3 => None,
            Self::Clamp => Some("three arguments: clamp(x, low, high)"),
            _ if count == 1 => None,
            _ => Some("one argument"),
        }
    }

    /// Its value.
    pub fn apply(self, arguments: &[f64]) -> Result<f64, EvaluationError> {
        let x = arguments.first().copied().unwrap_or(0.0);
        finite(match self {
            Self::Min => arguments.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Max => arguments.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Exp => x.exp(),
            Self::Ln if x <= 0.0 => {
                return Err(EvaluationError::Domain { operation: "the logarithm", argument: x });
            }
            Self::Ln => x.ln(),
            Self::Sqrt if x < 0.0 => {
                return Err(EvaluationError::Domain { operation: "the square root", argument: x });
            }
            Self::Sqrt => x.sqrt(),
            Self::Abs => x.abs(),
            Self::Clamp => {
                let bound = |i: usize| arguments.get(i).copied().unwrap_or(x);
                x.max(bound(1)).min(bound(2))
            }
            Self::Floor => x.floor(),
            Self::Round => x.round(),
        })
    }
}

fn finite(x: f64) -> Result<f64, EvaluationError> {
    // Adding zero turns −0 into 0, so that no sign of a zero shows in output.
    if x.is_finite() { Ok(x + 0.0) } else { Err(EvaluationError::NotFinite) }
}

/// The opposite number.
pub(crate) fn negate(x: f64) -> f64 {
    0.0 - x
}

/// An arithmetic operation; comparisons give 1 or 0 and are turned into truth values by the caller.
pub(crate) fn binary(operator: Operator, x: f64, y: f64) -> Result<f64, EvaluationError> {
    let truth = |b: bool| Ok(f64::from(u8::from(b)));
    match operator {
        Operator::Add => finite(x + y),
        Operator::Subtract => finite(x - y),
        Operator::Multiply => finite(x * y),
        Operator::Divide if y == 0.0 => Err(EvaluationError::DivisionByZero),
        Operator::Divide => finite(x / y),
        Operator::Power if x < 0.0 && y.fract() != 0.0 => {
            Err(EvaluationError::Domain { operation: "a fractional power", argument: x })
        }
        Operator::Power if x == 0.0 && y < 0.0 => Err(EvaluationError::DivisionByZero),
        Operator::Power => finite(x.powf(y)),
        Operator::Equal => truth(x == y),
        Operator::NotEqual => truth(x != y),
        Operator::Less => truth(x < y),
        Operator::LessOrEqual => truth(x <= y),
        Operator::Greater => truth(x > y),
        Operator::GreaterOrEqual => truth(x >= y),
        Operator::And => truth(x != 0.0 && y != 0.0),
        Operator::Or => truth(x != 0.0 || y != 0.0),
    }
}
