//! Expressions: the parsed form. Pure arithmetic, comparison, boolean, `if`, and calls of a fixed list of functions.

use std::ops::Range;

/// A parsed expression with the place it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The tree.
    pub term: Term,
    /// The author's text.
    pub text: String,
    /// Byte range in the scenario file.
    pub span: Range<usize>,
}

/// One node of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A quoted word.
    Text(String),
    /// A name with its parts: `war_cost`, `self.value`, `talks.step`, `no_truce.expected_duration`.
    Name(Vec<String>),
    /// `name(arguments)`; the name may have a part before it: `no_truce.survival(12)`.
    Call(Vec<String>, Vec<Term>),
    /// `-x`
    Negate(Box<Term>),
    /// `not x`
    Not(Box<Term>),
    /// A binary operation.
    Binary(Operator, Box<Term>, Box<Term>),
    /// `if c then a else b`
    If(Box<Term>, Box<Term>, Box<Term>),
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `and`
    And,
    /// `or`
    Or,
}
