//! The compact form of expressions: names are resolved to positions once, so that evaluating one on each of many
//! thousand paths looks nothing up.

use crate::expression::{self, EvaluationError, Function, Operator};

/// A value at run time. Words are numbered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scalar {
    Number(f64),
    Boolean(bool),
    Word(u32),
}

/// What kind of value an expression has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Boolean,
    Text,
    /// Unknown because of a problem already reported.
    Any,
}

impl Kind {
    /// The kind in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Boolean => "a truth value",
            Self::Text => "a text",
            Self::Any => "a value",
        }
    }

    /// Whether a value of this kind can stand where `other` is wanted.
    pub fn fits(self, other: Self) -> bool {
        self == other || self == Self::Any || other == Self::Any
    }
}

/// A resolved expression. `at` is the position of the node in the author's tree, for messages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Code {
    Constant(Scalar),
    /// The value of a state variable.
    Variable(usize),
    /// What was chosen, or happened, at a stage of this period.
    Made(usize),
    /// A note of a stage: its position among the stage's notes.
    Note {
        stage: usize,
        note: usize,
        at: usize,
    },
    /// An attribute of the type at hand of a player.
    Attribute {
        player: usize,
        attribute: usize,
    },
    /// A `let`.
    Let(usize),
    Negate(Box<Code>),
    Not(Box<Code>),
    And(Box<Code>, Box<Code>),
    Or(Box<Code>, Box<Code>),
    If(Box<Code>, Box<Code>, Box<Code>),
    Binary {
        operator: Operator,
        left: Box<Code>,
        right: Box<Code>,
        at: usize,
    },
    Call {
        function: Function,
        arguments: Vec<Code>,
        at: usize,
    },
}

/// What the value of an expression depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// State variables.
    pub state: bool,
    /// Stages of the period, by bit.
    pub stages: u128,
    /// Players whose private types matter, by bit.
    pub kinds: u32,
}

impl Reads {
    /// Both.
    pub fn join(self, other: Self) -> Self {
        Self {
            state: self.state || other.state,
            stages: self.stages | other.stages,
            kinds: self.kinds | other.kinds,
        }
    }
}

impl Code {
    /// What the value depends on; `lets` tells it of the `let`s.
    pub fn reads(&self, lets: &dyn Fn(usize) -> Reads) -> Reads {
        let none = Reads::default();
        match self {
            Self::Constant(_) => none,
            Self::Variable(_) => Reads { state: true, ..none },
            Self::Made(stage) | Self::Note { stage, .. } => Reads { stages: 1 << stage, ..none },
            Self::Attribute { player, .. } => Reads { kinds: 1 << player, ..none },
            Self::Let(index) => lets(*index),
            Self::Negate(inner) | Self::Not(inner) => inner.reads(lets),
            Self::And(a, b) | Self::Or(a, b) => a.reads(lets).join(b.reads(lets)),
            Self::Binary { left, right, .. } => left.reads(lets).join(right.reads(lets)),
            Self::If(a, b, c) => a.reads(lets).join(b.reads(lets)).join(c.reads(lets)),
            Self::Call { arguments, .. } => {
                arguments.iter().fold(none, |sum, argument| sum.join(argument.reads(lets)))
            }
        }
    }

    /// Replaces the outermost operation by its value where all parts are constants. An operation without a value
    /// stays, so that it is only an error where it is evaluated.
    pub fn fold(self) -> Self {
        let constant = |code: &Self| if let Self::Constant(x) = code { Some(*x) } else { None };
        match self {
            Self::Negate(ref inner) => match constant(inner) {
                Some(Scalar::Number(x)) => Self::Constant(Scalar::Number(expression::negate(x))),
                _ => self,
            },
            Self::Not(ref inner) => match constant(inner) {
                Some(Scalar::Boolean(b)) => Self::Constant(Scalar::Boolean(!b)),
                _ => self,
            },
            Self::And(ref left, _) if constant(left) == Some(Scalar::Boolean(false)) => {
                Self::Constant(Scalar::Boolean(false))
            }
            Self::Or(ref left, _) if constant(left) == Some(Scalar::Boolean(true)) => {
                Self::Constant(Scalar::Boolean(true))
            }
            Self::And(left, right) | Self::Or(left, right) if constant(&left).is_some() => *right,
            Self::If(condition, yes, no) => match constant(&condition) {
                Some(Scalar::Boolean(true)) => *yes,
                Some(Scalar::Boolean(false)) => *no,
                _ => Self::If(condition, yes, no),
            },
            Self::Binary { operator, ref left, ref right, .. } => match (constant(left), constant(right)) {
                (Some(x), Some(y)) => compare(operator, x, y).map_or(self, Self::Constant),
                _ => self,
            },
            Self::Call { function, ref arguments, .. } => {
                let numbers: Option<Vec<f64>> = arguments
                    .iter()
                    .map(|a| if let Self::Constant(Scalar::Number(x)) = a { Some(*x) } else { None })
                    .collect();
                match numbers.map(|numbers| function.apply(&numbers)) {
                    Some(Ok(x)) => Self::Constant(Scalar::Number(x)),
                    _ => self,
                }
            }
            _ => self,
        }
    }
}

/// A binary operation on two values, `and` and `or` excepted.
pub(crate) fn compare(operator: Operator, x: Scalar, y: Scalar) -> Result<Scalar, EvaluationError> {
    match (x, y) {
        (Scalar::Number(x), Scalar::Number(y)) => {
            let result = expression::binary(operator, x, y)?;
            Ok(if operator.is_comparison() { Scalar::Boolean(result != 0.0) } else { Scalar::Number(result) })
        }
        _ => match operator {
            Operator::Equal => Ok(Scalar::Boolean(x == y)),
            Operator::NotEqual => Ok(Scalar::Boolean(x != y)),
            _ => Err(EvaluationError::Kind { wanted: "a number" }),
        },
    }
}
