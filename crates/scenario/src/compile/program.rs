//! Every expression of a scenario, resolved: used to check a scenario, and to compile it.

use crate::codes;
use crate::compile::code::{Code, Kind, Reads, Scalar};
use crate::compile::constants::Constants;
use crate::compile::lower::Lowerer;
use crate::compile::machine::Tables;
use crate::compile::place::{Binding, Place};
use crate::diagnostic::{Diagnostic, suggest};
use crate::expression::{Expression, Term};
use crate::model::{Branch, Domain, EndSpec, Scenario, StageKind};

/// A resolved expression and the author's.
#[derive(Debug)]
pub(crate) struct Exp<'s> {
    pub code: Code,
    pub reads: Reads,
    pub source: &'s Expression,
    /// What it is, in words.
    pub what: String,
}

/// By player position.
pub(crate) type ByPlayer<'s> = Vec<Option<Exp<'s>>>;

/// A resolved stage.
#[derive(Debug)]
pub(crate) struct StageCode<'s> {
    pub kind: StageKind,
    pub when: Option<Exp<'s>>,
    pub branches: Vec<BranchCode<'s>>,
}

/// A resolved branch.
#[derive(Debug)]
pub(crate) struct BranchCode<'s> {
    pub spec: &'s Branch,
    pub when: Option<Exp<'s>>,
    pub weight: Option<Exp<'s>>,
    pub probability: Option<Exp<'s>>,
    pub payoff: ByPlayer<'s>,
    pub cost: ByPlayer<'s>,
    /// Note position and value; the first `each` of them come from `each`.
    pub notes: Vec<(usize, Exp<'s>)>,
    pub set: Vec<(usize, Exp<'s>)>,
}

/// A resolved ending.
#[derive(Debug)]
pub(crate) struct EndCode<'s> {
    pub when: Option<Exp<'s>>,
    pub terms: Option<Exp<'s>>,
    pub payoff: ByPlayer<'s>,
}

/// The resolved expressions of a scenario.
#[derive(Debug)]
pub(crate) struct Program<'s> {
    pub stages: Vec<StageCode<'s>>,
    pub ends: Vec<EndCode<'s>>,
    pub at_horizon: Option<EndCode<'s>>,
    pub tables: Tables,
    /// Number of notes of each stage.
    pub notes: Vec<usize>,
    /// `let` slots whose values are observables.
    pub observables: Vec<usize>,
}

/// Resolves expressions and collects what is wrong with them.
pub(crate) struct Linker<'s> {
    scenario: &'s Scenario,
    pub lowerer: Lowerer<'s>,
    pub problems: Vec<Diagnostic>,
}

impl<'s> Linker<'s> {
    pub fn new(scenario: &'s Scenario, constants: Option<&'s Constants>) -> Self {
        let mut lowerer = Lowerer::new(scenario, constants);
        let faults = std::mem::take(&mut lowerer.faults);
        let problems = faults.iter().map(|(i, fault)| fault.diagnostic(&scenario.lets[*i].1)).collect();
        Self { scenario, lowerer, problems }
    }

    /// Resolves one expression. Those that could not be read (see `placeholder`) are passed over.
    pub fn expression(&mut self, source: &'s Expression, place: &Place, wanted: Kind) -> Option<Exp<'s>> {
        if source.text.is_empty() {
            return None;
        }
        match self.lowerer.lower(source, place, wanted) {
            Ok(lowered) => {
                Some(Exp { code: lowered.code, reads: lowered.reads, source, what: place.what.clone() })
            }
            Err(faults) => {
                self.problems.extend(faults.iter().map(|fault| fault.diagnostic(source)));
                None
            }
        }
    }

    fn optional(&mut self, source: &'s Option<Expression>, place: &Place, wanted: Kind) -> Option<Exp<'s>> {
        source.as_ref().and_then(|source| self.expression(source, place, wanted))
    }

    fn by_player(&mut self, list: &'s [Option<Expression>], what: &str, place: &Place) -> ByPlayer<'s> {
        let scenario = self.scenario;
        let mut out = Vec::new();
        for (player, source) in list.iter().enumerate() {
            let what = format!("the {what} of `{}`", scenario.players[player].name);
            let place = Place { what, ..place.clone() }.of(player);
            out.push(self.optional(source, &place, Kind::Number));
        }
        out
    }

    fn branch(&mut self, stage: usize, branch: &'s Branch) -> BranchCode<'s> {
        let scenario = self.scenario;
        let spec = &scenario.stages[stage];
        let named = |what: &str| format!("{what} of `{}`", branch.name);
        // A branch may read its own notes, so its own stage counts as past.
        let place = |what: &str| Place::path(named(what), stage + 1);
        let when = self.optional(&branch.when, &place("`when`"), Kind::Boolean);
        let weight = self.optional(&branch.weight, &place("the weight"), Kind::Number);
        let mut chance = place("the probability");
        if let StageKind::Chance { about: Some(about) } = spec.kind {
            chance = chance.of(about);
        }
        let probability = self.optional(&branch.probability, &chance, Kind::Number);
        let payoff = self.by_player(&branch.payoff, "payoff", &place(""));
        let cost = self.by_player(&branch.cost, "cost", &place(""));
        let mut notes = Vec::new();
        for (note, source) in &branch.notes {
            let position = self.lowerer.notes[stage].iter().position(|n| n == note).unwrap_or(0);
            let found = self.expression(source, &place(&format!("the note `{note}`")), Kind::Number);
            notes.extend(found.map(|found| (position, found)));
        }
        let mut set = Vec::new();
        for (variable, source) in &branch.set {
            let target = &scenario.variables[*variable];
            let wanted = match target.domain {
                Domain::Integers(..) => Kind::Number,
                Domain::Words(_) => Kind::Text,
            };
            let what = place(&format!("the new `{}`", target.name));
            let found = self.expression(source, &what, wanted);
            self.new_words(*variable, source);
            set.extend(found.map(|found| (*variable, found)));
        }
        BranchCode { spec: branch, when, weight, probability, payoff, cost, notes, set }
    }

    /// Checks literal words a variable is set to.
    fn new_words(&mut self, variable: usize, source: &Expression) {
        let Some(words) = self.lowerer.words_of(Binding::Variable(variable)) else { return };
        let mut literals = Vec::new();
        leaves(&source.term, &mut 0, true, &mut literals);
        for (word, at) in literals {
            if !words.contains(&word) {
                let name = &self.scenario.variables[variable].name;
                let diagnostic =
                    Diagnostic::error(codes::UNKNOWN_WORD, format!("`{name}` cannot become `{word}`"))
                        .at(source.place(at), "")
                        .maybe_help(suggest(word, words.iter().copied()));
                self.problems.push(diagnostic);
            }
        }
    }

    fn end(&mut self, end: &'s EndSpec) -> EndCode<'s> {
        let place = |what: &str| Place::path(format!("{what} of the ending `{}`", end.outcome), 0);
        let when = self.optional(&end.when, &place("`when`"), Kind::Boolean);
        // An ending that actions name comes after their moves; any other stands at the start of a period.
        let stages = if end.when.is_some() || end.outcome == crate::read::ONGOING {
            0
        } else {
            self.scenario.stages.len()
        };
        let later = |what: &str| Place { stages, ..place(what) };
        let terms = self.optional(&end.terms, &later("the terms"), Kind::Number);
        let payoff = self.by_player(&end.payoff, "end payoff", &later("").joint());
        EndCode { when, terms, payoff }
    }

    /// Resolves every expression that the game is made of.
    pub fn program(&mut self) -> Program<'s> {
        let scenario = self.scenario;
        let mut stages = Vec::new();
        for (position, stage) in scenario.stages.iter().enumerate() {
            let place = Place::path(format!("`when` of `{}`", stage.name), position);
            let when = self.optional(&stage.when, &place, Kind::Boolean);
            let branches = stage.branches.iter().map(|b| self.branch(position, b)).collect();
            stages.push(StageCode { kind: stage.kind, when, branches });
        }
        let ends = scenario.ends.iter().map(|end| self.end(end)).collect();
        let at_horizon = scenario.at_horizon.as_ref().map(|end| self.end(end));
        let tables = self.tables();
        let notes = self.lowerer.notes.iter().map(Vec::len).collect();
        Program { stages, ends, at_horizon, tables, notes, observables: self.observables() }
    }

    /// `let`s that are numbers and read the state and nothing of the path: by slot.
    pub fn observables(&self) -> Vec<usize> {
        let is_observable = |slot: &usize| {
            self.lowerer.let_slot(*slot).is_some_and(|found| {
                found.kind == Kind::Number
                    && found.reads.state
                    && found.reads.stages == 0
                    && found.reads.kinds == 0
            })
        };
        (0..self.scenario.lets.len()).filter(is_observable).collect()
    }

    fn tables(&mut self) -> Tables {
        let scenario = self.scenario;
        let mut variables = Vec::new();
        for variable in &scenario.variables {
            variables.push(match &variable.domain {
                Domain::Integers(from, to) => (*from..=*to).map(|x| Scalar::Number(x as f64)).collect(),
                Domain::Words(words) => {
                    words.iter().map(|word| Scalar::Word(self.lowerer.word(word))).collect::<Vec<_>>()
                }
            });
        }
        let mut words = Vec::new();
        for stage in &scenario.stages {
            words.push(stage.branches.iter().map(|b| self.lowerer.word(&b.name)).collect());
        }
        let slots = 0..self.lowerer.let_slots();
        let lets = slots.map(|slot| self.lowerer.let_slot(slot).map(|l| (l.code.clone(), l.reads))).collect();
        Tables { variables, words, lets, attributes: Vec::new() }
    }
}

/// Literal words that an expression can be, with their places in preorder.
fn leaves<'t>(term: &'t Term, next: &mut usize, is_result: bool, out: &mut Vec<(&'t str, usize)>) {
    let at = *next;
    *next += 1;
    match term {
        Term::Text(word) if is_result => out.push((word, at)),
        Term::Number(_) | Term::Boolean(_) | Term::Text(_) | Term::Name(_) => {}
        Term::Call(_, arguments) => arguments.iter().for_each(|a| leaves(a, next, false, out)),
        Term::Negate(inner) | Term::Not(inner) => leaves(inner, next, false, out),
        Term::Binary(_, left, right) => {
            leaves(left, next, false, out);
            leaves(right, next, false, out);
        }
        Term::If(condition, yes, no) => {
            leaves(condition, next, false, out);
            leaves(yes, next, is_result, out);
            leaves(no, next, is_result, out);
        }
    }
}
