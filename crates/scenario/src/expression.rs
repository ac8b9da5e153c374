//! Expressions: the parsed form. Pure arithmetic, comparison, boolean, `if`, and calls of a fixed list of functions.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;

use crate::interpret::{Meaning, interpret};

pub(crate) mod parse;
mod print;
mod value;

pub use parse::{MAX_DEPTH, MAX_LENGTH};
pub use value::{EvaluationError, Value};
pub(crate) use value::{Function, binary, negate};

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

impl Expression {
    /// A constant, written by no author: for changes made by sweeps and sensitivity runs.
    #[must_use]
    pub fn number(value: f64) -> Self {
        Self { term: Term::Number(value), text: value.to_string(), span: 0..0 }
    }

    /// Parses a text that stands in no file, such as one given on the command line.
    ///
    /// - errors: what is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        match parse::parse(text) {
            Ok(parsed) => Ok(Self { term: parsed.term, text: text.to_owned(), span: 0..0 }),
            Err(error) => Err(error.message),
        }
    }

    /// The value of the expression where `meaning` says what its names and calls are.
    ///
    /// - errors: what `meaning` gives, and [`EvaluationError`] for operations without a finite result.
    pub fn value(&self, meaning: &mut dyn Meaning) -> Result<Value, EvaluationError> {
        interpret(&self.term, meaning)
    }

    /// The place in the scenario file of the node at `position` in preorder; the whole expression when the text was
    /// written with escapes, so that places in the text are not places in the file.
    pub(crate) fn place(&self, position: usize) -> Range<usize> {
        if self.span.len() != self.text.len() {
            return self.span.clone();
        }
        let inner = parse::parse(&self.text).ok().and_then(|parsed| parsed.spans.get(position).cloned());
        inner.map_or_else(|| self.span.clone(), |s| self.span.start + s.start..self.span.start + s.end)
    }

    /// The text of the node at `position` in preorder.
    pub(crate) fn words(&self, position: usize) -> &str {
        let inner = parse::parse(&self.text).ok().and_then(|parsed| parsed.spans.get(position).cloned());
        inner.and_then(|span| self.text.get(span)).unwrap_or(&self.text)
    }
}

impl Display for Expression {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}
