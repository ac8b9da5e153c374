//! Names → positions, with every misuse of a name found on the way.

use std::collections::HashMap;

use crate::codes;
use crate::compile::code::{Code, Kind, Reads, Scalar};
use crate::compile::constants::{Constants, names_in, order};
use crate::compile::place::{Binding, Fault, Lowered, Place, join, leaf, one, pair};
use crate::diagnostic::suggest;
use crate::expression::parse::MAX_DEPTH;
use crate::expression::{Expression, Function, Operator, Term};
use crate::model::{Domain, Scenario};

/// Resolves the expressions of a scenario.
pub(crate) struct Lowerer<'s> {
    scenario: &'s Scenario,
    /// Known when compiling: constants are then folded.
    constants: Option<&'s Constants>,
    pub names: HashMap<&'s str, Binding>,
    words: HashMap<String, u32>,
    /// Notes of each stage, in order of first mention.
    pub notes: Vec<Vec<String>>,
    /// `[context][let]`; context 0 is nobody's, context p + 1 is that of player p.
    lets: Vec<Vec<Option<Lowered>>>,
    /// Whether each `let` reads `self` or `discount`, directly or through others.
    personal: Vec<bool>,
    /// Names read so far.
    pub used_parameters: Vec<bool>,
    pub used_lets: Vec<bool>,
    /// Problems of the `let`s themselves.
    pub faults: Vec<(usize, Fault)>,
}

/// The word that a move not made equals.
pub(crate) const NONE: &str = "none";

impl<'s> Lowerer<'s> {
    pub fn new(scenario: &'s Scenario, constants: Option<&'s Constants>) -> Self {
        let mut names = HashMap::new();
        let mut add = |name: &'s str, binding| {
            names.entry(name).or_insert(binding);
        };
        scenario.parameters.iter().enumerate().for_each(|(i, p)| add(&p.name, Binding::Parameter(i)));
        scenario.lets.iter().enumerate().for_each(|(i, l)| add(&l.0, Binding::Let(i)));
        scenario.variables.iter().enumerate().for_each(|(i, v)| add(&v.name, Binding::Variable(i)));
        scenario.stages.iter().enumerate().for_each(|(i, s)| add(&s.name, Binding::Stage(i)));
        scenario.players.iter().enumerate().for_each(|(i, p)| add(&p.name, Binding::Player(i)));
        let notes = scenario.stages.iter().map(|stage| {
            let mut list: Vec<String> = Vec::new();
            for (note, _) in stage.branches.iter().flat_map(|b| &b.notes) {
                if !list.contains(note) {
                    list.push(note.clone());
                }
            }
            list
        });
        let mut out = Self {
            scenario,
            constants,
            names,
            words: HashMap::from([(NONE.to_owned(), 0)]),
            notes: notes.collect(),
            lets: vec![vec![None; scenario.lets.len()]; scenario.players.len() + 1],
            personal: vec![false; scenario.lets.len()],
            used_parameters: vec![false; scenario.parameters.len()],
            used_lets: vec![false; scenario.lets.len()],
            faults: Vec::new(),
        };
        out.lower_lets();
        out
    }

    /// The number of a word.
    pub fn word(&mut self, text: &str) -> u32 {
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        *self.words.entry(text.to_owned()).or_insert(next)
    }

    /// Number of `let` slots: one per context and `let`.
    pub fn let_slots(&self) -> usize {
        self.lets.len() * self.scenario.lets.len()
    }

    /// The resolved `let` of a slot.
    pub fn let_slot(&self, slot: usize) -> Option<&Lowered> {
        let count = self.scenario.lets.len().max(1);
        self.lets.get(slot / count)?.get(slot % count)?.as_ref()
    }

    fn lower_lets(&mut self) {
        let scenario = self.scenario;
        let mut needs = Vec::new();
        for (position, (_, expression)) in scenario.lets.iter().enumerate() {
            let mut names = Vec::new();
            names_in(&expression.term, &mut names);
            let mut list = Vec::new();
            for parts in names {
                match parts {
                    [first, ..] if first == "self" || first == "discount" => self.personal[position] = true,
                    [first] => {
                        if let Some(Binding::Let(other)) = self.names.get(first.as_str()) {
                            list.push(*other);
                        }
                    }
                    _ => {}
                }
            }
            needs.push(list);
        }
        let (ready, stuck) = order(&needs);
        for position in stuck {
            let name = &scenario.lets[position].0;
            let fault = Fault {
                code: codes::CYCLE,
                message: format!("`{name}` needs itself, directly or through other `let`s"),
                at: 0,
                label: String::new(),
                help: Some("break the cycle".to_owned()),
            };
            self.faults.push((position, fault));
        }
        for position in &ready {
            self.personal[*position] |= needs[*position].iter().any(|other| self.personal[*other]);
        }
        for position in &ready {
            let (name, expression) = &scenario.lets[*position];
            let contexts = if self.personal[*position] { 1..=scenario.players.len() } else { 0..=0 };
            let mut failures: Vec<Vec<Fault>> = Vec::new();
            let tried = contexts.clone().count();
            for context in contexts {
                let place = Place {
                    what: format!("`{name}`"),
                    state: true,
                    stages: scenario.stages.len(),
                    own: context.checked_sub(1),
                    others: true,
                };
                match self.lower(expression, &place, Kind::Any) {
                    Ok(lowered) => self.lets[context][*position] = Some(lowered),
                    Err(faults) => failures.push(faults),
                }
            }
            // What fails for one player only is reported where it is used for that player.
            if failures.len() == tried {
                let faults = failures.into_iter().next().unwrap_or_default();
                self.faults.extend(faults.into_iter().map(|fault| (*position, fault)));
            }
        }
    }

    /// Resolves an expression that should have a value of kind `wanted`.
    pub fn lower(
        &mut self,
        expression: &Expression,
        place: &Place,
        wanted: Kind,
    ) -> Result<Lowered, Vec<Fault>> {
        let mut walk = Walk { lowerer: self, place, next: 0, faults: Vec::new() };
        let lowered = walk.term(&expression.term);
        if !lowered.kind.fits(wanted) {
            let message =
                format!("{} should be {}, and is {}", place.what, wanted.words(), lowered.kind.words());
            walk.fault(codes::WRONG_KIND, message, 0, format!("this is {}", lowered.kind.words()), None);
        }
        if lowered.depth > 2 * MAX_DEPTH {
            let message = "this expression is nested too deeply through its `let`s".to_owned();
            walk.fault(codes::EXPRESSION_TOO_LARGE, message, 0, "", None);
        }
        if !walk.faults.is_empty() {
            return Err(walk.faults);
        }
        // Folding may have removed what was read.
        let reads = lowered.code.reads(&|slot| self.let_slot(slot).map(|l| l.reads).unwrap_or_default());
        Ok(Lowered { reads, ..lowered })
    }

    /// The words a name can equal, when it names a variable of words, a move or an event.
    pub fn words_of(&self, binding: Binding) -> Option<Vec<&'s str>> {
        match binding {
            Binding::Variable(i) => match &self.scenario.variables[i].domain {
                Domain::Words(words) => Some(words.iter().map(String::as_str).collect()),
                Domain::Integers(..) => None,
            },
            Binding::Stage(i) => {
                let branches = self.scenario.stages[i].branches.iter();
                let mut words: Vec<&str> = Vec::new();
                for branch in branches {
                    if words.last() != Some(&branch.name.as_str()) {
                        words.push(&branch.name);
                    }
                }
                words.push(NONE);
                Some(words)
            }
            _ => None,
        }
    }

    /// Whether an attribute is the same for all types of a player, as written.
    fn is_common(&self, player: usize, attribute: usize) -> bool {
        let mut values =
            self.scenario.players[player].types.iter().filter_map(|t| t.attributes.get(attribute));
        let first = values.next();
        values.all(|(_, e)| Some(&e.term) == first.map(|(_, e)| &e.term))
    }
}

/// One pass over one expression.
struct Walk<'w, 's> {
    lowerer: &'w mut Lowerer<'s>,
    place: &'w Place,
    /// Position of the next node in preorder.
    next: usize,
    faults: Vec<Fault>,
}

impl Walk<'_, '_> {
    fn fault(
        &mut self,
        code: &'static str,
        message: String,
        at: usize,
        label: impl Into<String>,
        help: Option<String>,
    ) {
        self.faults.push(Fault { code, message, at, label: label.into(), help });
    }

    fn term(&mut self, term: &Term) -> Lowered {
        let at = self.next;
        self.next += 1;
        match term {
            Term::Number(x) => leaf(Code::Constant(Scalar::Number(*x)), Kind::Number),
            Term::Boolean(b) => leaf(Code::Constant(Scalar::Boolean(*b)), Kind::Boolean),
            Term::Text(text) => leaf(Code::Constant(Scalar::Word(self.lowerer.word(text))), Kind::Text),
            Term::Name(parts) => self.name(parts, at),
            Term::Call(parts, arguments) => self.call(parts, arguments, at),
            Term::Negate(inner) => {
                let inner = self.operand(inner, Kind::Number, "`-`");
                self.build(vec![inner], Kind::Number, |parts| one(parts, Code::Negate))
            }
            Term::Not(inner) => {
                let inner = self.operand(inner, Kind::Boolean, "`not`");
                self.build(vec![inner], Kind::Boolean, |parts| one(parts, Code::Not))
            }
            Term::Binary(operator, left, right) => self.binary(*operator, left, right, at),
            Term::If(condition, yes, no) => {
                let condition = self.operand(condition, Kind::Boolean, "the condition of `if`");
                let (yes, no) = (self.term(yes), self.term(no));
                if !yes.kind.fits(no.kind) {
                    let message = format!("`if` gives {} or {}", yes.kind.words(), no.kind.words());
                    self.fault(codes::WRONG_KIND, message, at, "", Some("make both the same".to_owned()));
                }
                let kind = if yes.kind == Kind::Any { no.kind } else { yes.kind };
                self.build(vec![condition, yes, no], kind, |parts| {
                    let mut parts = parts.into_iter().map(Box::new);
                    match (parts.next(), parts.next(), parts.next()) {
                        (Some(a), Some(b), Some(c)) => Code::If(a, b, c),
                        _ => Code::Constant(Scalar::Boolean(false)),
                    }
                })
            }
        }
    }

    /// Joins parts, and folds constants when compiling.
    fn build(&mut self, parts: Vec<Lowered>, kind: Kind, make: impl FnOnce(Vec<Code>) -> Code) -> Lowered {
        let depth = 1 + parts.iter().map(|p| p.depth).max().unwrap_or(0);
        let reads = parts.iter().fold(Reads::default(), |sum, part| sum.join(part.reads));
        let code = make(parts.into_iter().map(|p| p.code).collect());
        let code = if self.lowerer.constants.is_some() { code.fold() } else { code };
        Lowered { code, kind, reads, depth }
    }

    fn operand(&mut self, term: &Term, wanted: Kind, of: &str) -> Lowered {
        let at = self.next;
        let lowered = self.term(term);
        if !lowered.kind.fits(wanted) {
            let message = format!("{of} needs {}, not {}", wanted.words(), lowered.kind.words());
            let help = (lowered.kind == Kind::Boolean && wanted == Kind::Number)
                .then(|| "write `if … then 1 else 0`".to_owned());
            self.fault(codes::WRONG_KIND, message, at, format!("this is {}", lowered.kind.words()), help);
            return Lowered { kind: Kind::Any, ..lowered };
        }
        lowered
    }

    fn binary(&mut self, operator: Operator, left: &Term, right: &Term, at: usize) -> Lowered {
        let symbol = format!("`{}`", operator.symbol());
        match operator {
            Operator::And | Operator::Or => {
                let a = self.operand(left, Kind::Boolean, &symbol);
                let b = self.operand(right, Kind::Boolean, &symbol);
                self.build(vec![a, b], Kind::Boolean, |parts| {
                    pair(parts, if operator == Operator::And { Code::And } else { Code::Or })
                })
            }
            Operator::Equal | Operator::NotEqual => {
                let left_at = self.next;
                let a = self.term(left);
                let right_at = self.next;
                let b = self.term(right);
                if !a.kind.fits(b.kind) {
                    let message = format!("{symbol} compares {} with {}", a.kind.words(), b.kind.words());
                    let help = self.quoting_help(left, right);
                    self.fault(codes::WRONG_KIND, message, at, "", help);
                }
                self.literal(left, right, right_at);
                self.literal(right, left, left_at);
                self.build(vec![a, b], Kind::Boolean, |parts| join(parts, operator, at))
            }
            _ => {
                let a = self.operand(left, Kind::Number, &symbol);
                let b = self.operand(right, Kind::Number, &symbol);
                let kind = if operator.is_comparison() { Kind::Boolean } else { Kind::Number };
                self.build(vec![a, b], kind, |parts| join(parts, operator, at))
            }
        }
    }

    /// A hint for `front == '2'`, where the number was quoted.
    fn quoting_help(&self, left: &Term, right: &Term) -> Option<String> {
        [left, right].into_iter().find_map(|term| match term {
            Term::Text(text) if text.parse::<f64>().is_ok() => {
                Some(format!("write {text} without quotation marks"))
            }
            _ => None,
        })
    }

    /// Checks a literal word against the words that what it is compared with can equal.
    fn literal(&mut self, named: &Term, literal: &Term, at: usize) {
        let (Term::Name(parts), Term::Text(word)) = (named, literal) else { return };
        let [name] = parts.as_slice() else { return };
        let Some(binding) = self.lowerer.names.get(name.as_str()) else { return };
        let Some(words) = self.lowerer.words_of(*binding) else { return };
        if !words.contains(&word.as_str()) {
            let help = suggest(word, words);
            self.fault(codes::UNKNOWN_WORD, format!("`{name}` is never `{word}`"), at, "", help);
        }
    }

    fn call(&mut self, parts: &[String], arguments: &[Term], at: usize) -> Lowered {
        let function = if let [name] = parts { Function::named(name) } else { None };
        let Some(function) = function else {
            let name = parts.join(".");
            let known = Function::ALL.iter().map(|(n, _)| *n);
            let help = if crate::measure::is_function(&name) {
                Some("this is a function of measures: it is not known while the game is played".to_owned())
            } else {
                suggest(&name, known)
            };
            self.fault(codes::UNKNOWN_FUNCTION, format!("there is no function `{name}`"), at, "", help);
            for argument in arguments {
                self.term(argument);
            }
            return leaf(Code::Constant(Scalar::Number(0.5)), Kind::Any);
        };
        let name = parts.join(".");
        if let Some(count) = function.refuses(arguments.len()) {
            let message = format!("`{name}` takes {count}, not {}", arguments.len());
            self.fault(codes::ARGUMENTS, message, at, "", None);
        }
        let what = format!("`{name}`");
        let lowered: Vec<Lowered> =
            arguments.iter().map(|argument| self.operand(argument, Kind::Number, &what)).collect();
        self.build(lowered, Kind::Number, |arguments| Code::Call { function, arguments, at })
    }

    fn unknown(&mut self, code: &'static str, message: String, at: usize, help: Option<String>) -> Lowered {
        self.fault(code, message, at, "", help);
        leaf(Code::Constant(Scalar::Number(0.5)), Kind::Any)
    }

    fn name(&mut self, parts: &[String], at: usize) -> Lowered {
        match parts {
            [name] => self.bare(name, at),
            [owner, name] if owner == "self" => match self.place.own {
                Some(player) => self.attribute(player, name, "self", at),
                None => {
                    let message = format!("`self` means nobody in {}", self.place.what);
                    let help =
                        "`self` is the player whose payoff or cost it is, or whom a chance event is about";
                    self.unknown(codes::PRIVATE_HERE, message, at, Some(help.to_owned()))
                }
            },
            [owner, name] => match self.lowerer.names.get(owner.as_str()).copied() {
                Some(Binding::Player(player)) => self.attribute(player, name, owner, at),
                Some(Binding::Stage(stage)) => self.note(stage, owner, name, at),
                _ => {
                    let help = suggest(owner, self.owners());
                    let message = format!("`{owner}` is neither a player nor a move");
                    self.unknown(codes::UNKNOWN_NAME, message, at, help)
                }
            },
            _ => self.unknown(codes::UNKNOWN_NAME, format!("`{}` names nothing", parts.join(".")), at, None),
        }
    }

    fn owners(&self) -> Vec<&str> {
        let players = self.lowerer.scenario.players.iter().map(|p| p.name.as_str());
        players.chain(self.lowerer.scenario.stages.iter().map(|s| s.name.as_str())).chain(["self"]).collect()
    }

    fn bare(&mut self, name: &str, at: usize) -> Lowered {
        match self.lowerer.names.get(name).copied() {
            Some(Binding::Parameter(i)) => {
                self.lowerer.used_parameters[i] = true;
                let value = self.lowerer.constants.and_then(|c| c.parameters.get(i)).copied();
                leaf(Code::Constant(Scalar::Number(value.unwrap_or(0.5))), Kind::Number)
            }
            Some(Binding::Let(i)) => self.shorthand(i, name, at),
            Some(Binding::Variable(i)) => {
                if !self.place.state {
                    return self.no_state(name, "a state variable", at);
                }
                let kind = match self.lowerer.scenario.variables[i].domain {
                    Domain::Integers(..) => Kind::Number,
                    Domain::Words(_) => Kind::Text,
                };
                let reads = Reads { state: true, ..Reads::default() };
                Lowered { code: Code::Variable(i), kind, reads, depth: 1 }
            }
            Some(Binding::Stage(i)) => {
                if let Some(refused) = self.stage(i, name, at) {
                    return refused;
                }
                let reads = Reads { stages: 1 << i, ..Reads::default() };
                Lowered { code: Code::Made(i), kind: Kind::Text, reads, depth: 1 }
            }
            Some(Binding::Player(_)) => {
                let message = format!("`{name}` is a player, not a value");
                let help = Some(format!("write `{name}.attribute`"));
                self.unknown(codes::UNKNOWN_NAME, message, at, help)
            }
            None if name == "discount" => self.discount(at),
            None if name == "count" => {
                let help = Some(
                    "`count` is the number of copies, in the `weight` of an action with `each`".to_owned(),
                );
                self.unknown(codes::NOT_READABLE_HERE, "`count` means nothing here".to_owned(), at, help)
            }
            None => {
                let names: Vec<&str> = self.readable();
                let help = suggest(name, names);
                self.unknown(codes::UNKNOWN_NAME, format!("unknown name `{name}`"), at, help)
            }
        }
    }

    /// Names that may be read here.
    fn readable(&self) -> Vec<&str> {
        let scenario = self.lowerer.scenario;
        let mut out: Vec<&str> = scenario.parameters.iter().map(|p| p.name.as_str()).collect();
        if self.place.state {
            out.extend(scenario.variables.iter().map(|v| v.name.as_str()));
            out.extend(scenario.lets.iter().map(|l| l.0.as_str()));
            out.extend(scenario.stages.iter().take(self.place.stages).map(|s| s.name.as_str()));
        }
        out
    }

    fn discount(&mut self, at: usize) -> Lowered {
        let Some(player) = self.place.own else {
            let message = format!("`discount` means nobody's in {}", self.place.what);
            let help = "`discount` is the discount factor of the player whose payoff or cost it is";
            return self.unknown(codes::PRIVATE_HERE, message, at, Some(help.to_owned()));
        };
        let value = self.lowerer.constants.and_then(|c| c.discounts.get(player)).copied();
        leaf(Code::Constant(Scalar::Number(value.unwrap_or(0.5))), Kind::Number)
    }

    fn no_state(&mut self, name: &str, what: &str, at: usize) -> Lowered {
        let message = format!("{} may use parameters only, and `{name}` is {what}", self.place.what);
        self.unknown(codes::NOT_READABLE_HERE, message, at, None)
    }

    /// Refuses a stage that is not in the past here.
    fn stage(&mut self, stage: usize, name: &str, at: usize) -> Option<Lowered> {
        if !self.place.state {
            return Some(self.no_state(name, "a move", at));
        }
        if stage < self.place.stages {
            return None;
        }
        let message = if self.place.stages == 0 {
            format!("no move has been made yet in {}, so `{name}` cannot be read", self.place.what)
        } else {
            format!("`{name}` is not known yet in {}", self.place.what)
        };
        let help = Some("only moves of earlier stages of the same period can be read".to_owned());
        Some(self.unknown(codes::NOT_READABLE_HERE, message, at, help))
    }

    fn note(&mut self, stage: usize, owner: &str, name: &str, at: usize) -> Lowered {
        if let Some(refused) = self.stage(stage, owner, at) {
            return refused;
        }
        let notes = &self.lowerer.notes[stage];
        let Some(note) = notes.iter().position(|n| n == name) else {
            let help = suggest(name, notes.iter().map(String::as_str))
                .or_else(|| Some(format!("no action of `{owner}` has a `note` or `each`")));
            return self.unknown(codes::UNKNOWN_NAME, format!("`{owner}` has no note `{name}`"), at, help);
        };
        let reads = Reads { stages: 1 << stage, ..Reads::default() };
        Lowered { code: Code::Note { stage, note, at }, kind: Kind::Number, reads, depth: 1 }
    }

    fn attribute(&mut self, player: usize, name: &str, owner: &str, at: usize) -> Lowered {
        let spec = &self.lowerer.scenario.players[player];
        let names: Vec<&str> = spec
            .types
            .first()
            .map_or_else(Vec::new, |t| t.attributes.iter().map(|(n, _)| n.as_str()).collect());
        let Some(attribute) = names.iter().position(|n| *n == name) else {
            let message = format!("`{}` has no attribute `{name}`", spec.name);
            let help = suggest(name, names);
            return self.unknown(codes::UNKNOWN_NAME, message, at, help);
        };
        if !self.place.state {
            return self.no_state(&format!("{owner}.{name}"), "an attribute", at);
        }
        if self.lowerer.is_common(player, attribute) {
            let value =
                self.lowerer.constants.and_then(|c| c.attributes.get(player)?.first()?.get(attribute));
            return leaf(Code::Constant(Scalar::Number(value.copied().unwrap_or(0.5))), Kind::Number);
        }
        if self.place.own != Some(player) && !self.place.others {
            let message =
                format!("`{owner}.{name}` differs by private type, which {} cannot know", self.place.what);
            let help = "only end payoffs, and probabilities of events `about` that player, may read it";
            return self.unknown(codes::PRIVATE_HERE, message, at, Some(help.to_owned()));
        }
        let reads = Reads { kinds: 1 << player, ..Reads::default() };
        Lowered { code: Code::Attribute { player, attribute }, kind: Kind::Number, reads, depth: 1 }
    }

    fn shorthand(&mut self, position: usize, name: &str, at: usize) -> Lowered {
        self.lowerer.used_lets[position] = true;
        if !self.place.state {
            return self.no_state(name, "a `let`", at);
        }
        let personal = self.lowerer.personal[position];
        let context = match (personal, self.place.own) {
            (false, _) => 0,
            (true, Some(player)) => player + 1,
            (true, None) => {
                let message = format!("`{name}` reads `self`, which means nobody in {}", self.place.what);
                return self.unknown(codes::PRIVATE_HERE, message, at, None);
            }
        };
        let slot = context * self.lowerer.scenario.lets.len() + position;
        let Some(found) = self.lowerer.let_slot(slot) else {
            // Reported with the `let` itself, unless only this player lacks what it reads.
            let elsewhere = self.lowerer.lets.iter().any(|context| context[position].is_some());
            if elsewhere && let Some(player) = self.place.own {
                let player = &self.lowerer.scenario.players[player].name;
                let message = format!("`{name}` reads an attribute that `{player}` does not have");
                return self.unknown(codes::UNKNOWN_NAME, message, at, None);
            }
            return leaf(Code::Constant(Scalar::Number(0.5)), Kind::Any);
        };
        let (kind, reads, depth) = (found.kind, found.reads, found.depth + 1);
        let code = match &found.code {
            Code::Constant(x) => Code::Constant(*x),
            _ => Code::Let(slot),
        };
        let late = (self.place.stages..128).find(|stage| reads.stages & (1 << stage) != 0);
        if let Some(stage) = late {
            let other = &self.lowerer.scenario.stages[stage].name;
            let message = format!("`{name}` reads `{other}`, which is not known yet in {}", self.place.what);
            return self.unknown(codes::NOT_READABLE_HERE, message, at, None);
        }
        let own = self.place.own.map_or(0, |player| 1 << player);
        if !self.place.others && reads.kinds & !own != 0 {
            let message = format!("`{name}` reads a private type, which {} cannot know", self.place.what);
            return self.unknown(codes::PRIVATE_HERE, message, at, None);
        }
        Lowered { code, kind, reads, depth }
    }
}
