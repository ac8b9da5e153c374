//! Formulas as in R: `esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2`.
//!
//! What is observed stands left of `~`, one equation after another right of it, with `|` between them. An equation is a sum of terms: columns,
//! functions of them, products `a:b`, and crossings `a*b` = `a + b + a:b`. It has an intercept unless it says `0` or `- 1`. A column of words, or
//! `factor(x)`, becomes one indicator a level, without the first where that would duplicate what is there.

mod design;
mod parse;

pub use design::{Columns, Prepared, Response, matrix, prepare};

use std::ops::Range;

/// A formula.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// Its text.
    pub text: String,
    /// Names left of `~`, with their places.
    pub left: Vec<(String, Range<usize>)>,
    /// Equations right of it.
    pub right: Vec<Side>,
}

/// The right-hand side of one equation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// Whether there is an intercept.
    pub intercept: bool,
    /// Products of factors, in the order in which they were written, lower orders first.
    pub terms: Vec<Term>,
    /// Where it is written.
    pub place: Range<usize>,
}

impl Side {
    /// An intercept alone.
    #[must_use]
    pub fn constant() -> Self {
        Self { intercept: true, ..Self::default() }
    }

    /// Whether nothing is to be estimated: the index is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        !self.intercept && self.terms.is_empty()
    }
}

/// A product of factors.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The factors.
    pub factors: Vec<Factor>,
}

/// One factor of a term.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// As written, without spaces.
    pub name: String,
    /// What it is.
    pub expression: Expression,
    /// Where it is written.
    pub place: Range<usize>,
}

/// What can be computed from columns.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A number.
    Number(f64),
    /// A column.
    Column(String, Range<usize>),
    /// A column whose values are labels.
    Labels(String, Range<usize>),
    /// A function of one argument.
    Call(Function, Box<Expression>),
    /// An operation of two arguments.
    Binary(Operation, Box<Expression>, Box<Expression>),
}

/// Functions that formulas know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Square root.
    Sqrt,
    /// Exponential.
    Exp,
    /// Natural logarithm.
    Log,
    /// Absolute value.
    Abs,
    /// −x.
    Negative,
}

/// Operations that formulas know, inside functions and `I()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// x + y
    Add,
    /// x − y
    Subtract,
    /// x y
    Multiply,
    /// x / y
    Divide,
    /// xʸ
    Power,
}
