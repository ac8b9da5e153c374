//! Evaluates resolved expressions on a path of the period.
//!
//! `let`s are remembered for as long as what they read stays as it is: versions number the contents of the state, of
//! the path, and of the path together with the types at hand.

use std::cell::{Cell, RefCell};

use crate::compile::code::{Code, Reads, Scalar, compare};
use crate::expression::{self, EvaluationError};

/// What the machine reads and never changes.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// `[variable][position]`
    pub variables: Vec<Vec<Scalar>>,
    /// `[stage][branch]`: the word of the branch's name.
    pub words: Vec<Vec<u32>>,
    /// By slot.
    pub lets: Vec<Option<(Code, Reads)>>,
    /// `[player][type][attribute]`
    pub attributes: Vec<Vec<Vec<f64>>>,
}

/// Why an expression has no value on a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Trouble {
    /// An operation without a result, at a node of the author's tree; in a `let`, its slot.
    Operation { error: EvaluationError, at: usize, within: Option<usize> },
    /// A note that was not taken on this path.
    NoNote { stage: usize, note: usize, at: usize, within: Option<usize> },
    /// The allowance of work is used up.
    Work,
}

/// Versions of what values depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Versions {
    state: u64,
    path: u64,
    kinds: u64,
}

/// What has to be put back after a branch was followed.
#[derive(Debug)]
pub(crate) struct Saved {
    state: Vec<u16>,
    versions: Versions,
}

/// The path so far, and the values of `let`s on it.
#[derive(Debug)]
pub(crate) struct Machine<'t> {
    tables: &'t Tables,
    /// By variable.
    pub state: Vec<u16>,
    /// By stage: the branch taken.
    pub made: Vec<Option<usize>>,
    /// `[stage][note]`
    notes: Vec<Vec<Option<f64>>>,
    kinds: Vec<usize>,
    versions: Versions,
    newest: u64,
    memo: RefCell<Vec<Option<(u64, Scalar)>>>,
    work: Cell<u64>,
}

impl<'t> Machine<'t> {
    /// A machine at the start of a period; `work` is the number of operations it may do.
    pub fn new(tables: &'t Tables, notes: &[usize], work: u64) -> Self {
        Self {
            tables,
            state: vec![0; tables.variables.len()],
            made: vec![None; tables.words.len()],
            notes: notes.iter().map(|n| vec![None; *n]).collect(),
            kinds: vec![0; tables.attributes.len()],
            versions: Versions { state: 1, path: 1, kinds: 1 },
            newest: 1,
            memo: RefCell::new(vec![None; tables.lets.len()]),
            work: Cell::new(work),
        }
    }

    fn fresh(&mut self) -> u64 {
        self.newest += 1;
        self.newest
    }

    fn path_changed(&mut self) {
        let version = self.fresh();
        self.versions.path = version;
        self.versions.kinds = version;
    }

    /// Goes to the start of a period in a state.
    pub fn enter(&mut self, state: &[u16]) {
        self.state.copy_from_slice(state);
        self.made.fill(None);
        for list in &mut self.notes {
            list.fill(None);
        }
        self.state_changed();
    }

    fn state_changed(&mut self) {
        self.path_changed();
        self.versions.state = self.versions.path;
    }

    /// Sets a state variable.
    pub fn set(&mut self, variable: usize, position: u16) {
        if let Some(slot) = self.state.get_mut(variable) {
            *slot = position;
        }
        self.state_changed();
    }

    /// Takes a branch of a stage; its notes are not known yet.
    pub fn take(&mut self, stage: usize, branch: usize) {
        self.made[stage] = Some(branch);
        self.notes[stage].fill(None);
        self.path_changed();
    }

    /// Takes a note.
    pub fn note(&mut self, stage: usize, note: usize, value: f64) {
        self.notes[stage][note] = Some(value);
        self.path_changed();
    }

    /// Forgets a stage.
    pub fn untake(&mut self, stage: usize) {
        self.made[stage] = None;
        self.notes[stage].fill(None);
        self.path_changed();
    }

    /// Remembers the state, to be put back by [`Machine::restore`].
    pub fn save(&self) -> Saved {
        Saved { state: self.state.clone(), versions: self.versions }
    }

    /// Puts the state back; the path has to be as it was.
    pub fn restore(&mut self, saved: &Saved) {
        self.state.copy_from_slice(&saved.state);
        // The types at hand may have changed meanwhile, so what depends on them is worked out again.
        self.versions = Versions { kinds: self.fresh(), ..saved.versions };
    }

    /// Says which type of a player is at hand.
    pub fn kind(&mut self, player: usize, kind: usize) {
        if self.kinds[player] != kind {
            self.kinds[player] = kind;
            self.versions.kinds = self.fresh();
        }
    }

    /// The value of an expression.
    pub fn evaluate(&self, code: &Code) -> Result<Scalar, Trouble> {
        let left = self.work.get();
        if left == 0 {
            return Err(Trouble::Work);
        }
        self.work.set(left - 1);
        match code {
            Code::Constant(x) => Ok(*x),
            Code::Variable(i) => Ok(self.tables.variables[*i][usize::from(self.state[*i])]),
            Code::Made(stage) => {
                Ok(Scalar::Word(self.made[*stage].map_or(0, |branch| self.tables.words[*stage][branch])))
            }
            Code::Note { stage, note, at } => self.notes[*stage][*note]
                .map(Scalar::Number)
                .ok_or(Trouble::NoNote { stage: *stage, note: *note, at: *at, within: None }),
            Code::Attribute { player, attribute } => {
                Ok(Scalar::Number(self.tables.attributes[*player][self.kinds[*player]][*attribute]))
            }
            Code::Let(slot) => self.shorthand(*slot),
            Code::Negate(inner) => Ok(Scalar::Number(expression::negate(self.number(inner)?))),
            Code::Not(inner) => Ok(Scalar::Boolean(!self.truth(inner)?)),
            Code::And(left, right) => Ok(Scalar::Boolean(self.truth(left)? && self.truth(right)?)),
            Code::Or(left, right) => Ok(Scalar::Boolean(self.truth(left)? || self.truth(right)?)),
            Code::If(condition, yes, no) => self.evaluate(if self.truth(condition)? { yes } else { no }),
            Code::Binary { operator, left, right, at } => {
                let (x, y) = (self.evaluate(left)?, self.evaluate(right)?);
                compare(*operator, x, y).map_err(|error| Trouble::Operation { error, at: *at, within: None })
            }
            Code::Call { function, arguments, at } => {
                let mut numbers = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    numbers.push(self.number(argument)?);
                }
                let found = function.apply(&numbers);
                found.map(Scalar::Number).map_err(|error| Trouble::Operation { error, at: *at, within: None })
            }
        }
    }

    /// The number an expression is; lowering made sure that it is one.
    pub fn number(&self, code: &Code) -> Result<f64, Trouble> {
        match self.evaluate(code)? {
            Scalar::Number(x) => Ok(x),
            _ => Err(wrong("a number")),
        }
    }

    /// The truth value an expression is.
    pub fn truth(&self, code: &Code) -> Result<bool, Trouble> {
        match self.evaluate(code)? {
            Scalar::Boolean(b) => Ok(b),
            _ => Err(wrong("a truth value")),
        }
    }

    fn shorthand(&self, slot: usize) -> Result<Scalar, Trouble> {
        let Some((code, reads)) = &self.tables.lets[slot] else { return Err(wrong("a value")) };
        let version = if reads.kinds != 0 {
            self.versions.kinds
        } else if reads.stages != 0 {
            self.versions.path
        } else {
            self.versions.state
        };
        if let Some((known, value)) = self.memo.borrow()[slot]
            && known == version
        {
            return Ok(value);
        }
        let value = self.evaluate(code).map_err(|trouble| inside(trouble, slot))?;
        self.memo.borrow_mut()[slot] = Some((version, value));
        Ok(value)
    }
}

fn wrong(wanted: &'static str) -> Trouble {
    Trouble::Operation { error: EvaluationError::Kind { wanted }, at: 0, within: None }
}

/// Says that trouble arose within a `let`, the innermost one.
fn inside(trouble: Trouble, slot: usize) -> Trouble {
    match trouble {
        Trouble::Operation { error, at, within } => {
            Trouble::Operation { error, at, within: within.or(Some(slot)) }
        }
        Trouble::NoNote { stage, note, at, within } => {
            Trouble::NoNote { stage, note, at, within: within.or(Some(slot)) }
        }
        Trouble::Work => Trouble::Work,
    }
}
