//! Where expressions stand, what they may read there, and what resolving one gives.

use crate::compile::code::{Code, Kind, Reads, Scalar};
use crate::diagnostic::Diagnostic;
use crate::expression::{Expression, Operator};

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    Parameter(usize),
    Let(usize),
    Variable(usize),
    Stage(usize),
    Player(usize),
}

/// Where an expression stands, and so what it may read.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The place in words: "a payoff of `russia`".
    pub what: String,
    /// Whether `let`s and state variables may be read.
    pub state: bool,
    /// Stages before this position may be read.
    pub stages: usize,
    /// The player that `self` means.
    pub own: Option<usize>,
    /// Whether other players' private types may matter.
    pub others: bool,
}

impl Place {
    /// A place where only parameters may be read.
    pub fn parameters(what: impl Into<String>) -> Self {
        Self { what: what.into(), state: false, stages: 0, own: None, others: false }
    }

    /// A place that also reads the state, and the moves made at stages before `stages`.
    pub fn path(what: impl Into<String>, stages: usize) -> Self {
        Self { state: true, stages, ..Self::parameters(what) }
    }

    /// The same place with `self` meaning `player`.
    pub fn of(self, player: usize) -> Self {
        Self { own: Some(player), ..self }
    }

    /// The same place where other players' types may matter too.
    pub fn joint(self) -> Self {
        Self { others: true, ..self }
    }
}

/// A problem of an expression, at a node of its tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub code: &'static str,
    pub message: String,
    pub at: usize,
    pub label: String,
    pub help: Option<String>,
}

impl Fault {
    /// The fault as a diagnostic in the file.
    pub fn diagnostic(&self, expression: &Expression) -> Diagnostic {
        Diagnostic::error(self.code, self.message.clone())
            .at(expression.place(self.at), self.label.clone())
            .maybe_help(self.help.clone())
    }
}

/// A resolved expression.
#[derive(Clone, Debug)]
pub(crate) struct Lowered {
    pub code: Code,
    pub kind: Kind,
    pub reads: Reads,
    /// Depth of the tree, the trees of `let`s included.
    pub depth: usize,
}

/// A node without parts.
pub(super) fn leaf(code: Code, kind: Kind) -> Lowered {
    Lowered { code, kind, reads: Reads::default(), depth: 1 }
}

/// A node of one part.
pub(super) fn one(parts: Vec<Code>, make: fn(Box<Code>) -> Code) -> Code {
    parts.into_iter().next().map_or(Code::Constant(Scalar::Boolean(false)), |p| make(Box::new(p)))
}

/// A node of two parts.
pub(super) fn pair(parts: Vec<Code>, make: fn(Box<Code>, Box<Code>) -> Code) -> Code {
    let mut parts = parts.into_iter().map(Box::new);
    match (parts.next(), parts.next()) {
        (Some(a), Some(b)) => make(a, b),
        _ => Code::Constant(Scalar::Boolean(false)),
    }
}

/// A binary operation.
pub(super) fn join(parts: Vec<Code>, operator: Operator, at: usize) -> Code {
    let mut parts = parts.into_iter().map(Box::new);
    match (parts.next(), parts.next()) {
        (Some(left), Some(right)) => Code::Binary { operator, left, right, at },
        _ => Code::Constant(Scalar::Boolean(false)),
    }
}
