//! Static checks of measures, claims and calibrations: functions, the things their arguments name, and kinds.

use crate::codes;
use crate::compile::code::Kind;
use crate::compile::constants::{names_in, order};
use crate::compile::place::Fault;
use crate::compile::program::Linker;
use crate::diagnostic::{Diagnostic, Problems, suggest};
use crate::expression::{Expression, Function, Operator, Term};
use crate::measure::{Argument, FUNCTIONS, MAX_MEASURE_DEPTH, is_bare_function, is_function, signatures};
use crate::model::{Scenario, StageKind};
use crate::read::ONGOING;

/// Checks every expression over measures.
pub(super) fn check(scenario: &Scenario, linker: &mut Linker<'_>, problems: &mut Problems) {
    let observables: Vec<&str> =
        linker.observables().into_iter().map(|i| scenario.lets[i].0.as_str()).collect();
    let mut walk = Walk {
        scenario,
        observables,
        used_parameters: &mut linker.lowerer.used_parameters,
        next: 0,
        faults: Vec::new(),
    };
    let mut all: Vec<(&Expression, Kind, String)> = Vec::new();
    for measure in &scenario.measures {
        all.push((&measure.value, Kind::Number, format!("the measure `{}`", measure.name)));
    }
    for claim in &scenario.claims {
        all.push((&claim.holds_when, Kind::Boolean, format!("`holds_when` of `{}`", claim.name)));
        for (_, shown) in &claim.show {
            all.push((shown, Kind::Number, format!("`show` of `{}`", claim.name)));
        }
    }
    for calibration in &scenario.calibration {
        all.push((&calibration.measure, Kind::Number, format!("the measure of `{}`", calibration.name)));
    }
    for (expression, wanted, what) in all {
        if expression.text.is_empty() {
            continue;
        }
        for fault in walk.expression(expression, wanted, &what) {
            problems.push(fault.diagnostic(expression));
        }
    }
    cycles(scenario, problems);
}

/// Measures that need themselves, or too long a chain of others.
fn cycles(scenario: &Scenario, problems: &mut Problems) {
    let needs: Vec<Vec<usize>> = scenario
        .measures
        .iter()
        .map(|measure| {
            let mut names = Vec::new();
            names_in(&measure.value.term, &mut names);
            let position = |name: &String| scenario.measures.iter().position(|m| m.name == *name);
            names.iter().filter_map(|parts| parts.last().and_then(position)).collect()
        })
        .collect();
    let (ready, stuck) = order(&needs);
    let mut depth = vec![1usize; needs.len()];
    for position in ready {
        depth[position] = 1 + needs[position].iter().map(|i| depth[*i]).max().unwrap_or(0);
    }
    for (position, measure) in scenario.measures.iter().enumerate() {
        let (code, message) = if stuck.contains(&position) {
            (codes::CYCLE, format!("the measure `{}` needs itself, directly or through others", measure.name))
        } else if depth[position] > MAX_MEASURE_DEPTH {
            (codes::EXPRESSION_TOO_LARGE, format!("the measure `{}` is nested too deeply", measure.name))
        } else {
            continue;
        };
        problems.push(Diagnostic::error(code, message).at(measure.value.span.clone(), ""));
    }
}

struct Walk<'a> {
    scenario: &'a Scenario,
    observables: Vec<&'a str>,
    used_parameters: &'a mut Vec<bool>,
    /// Position of the next node in preorder.
    next: usize,
    faults: Vec<Fault>,
}

impl<'a> Walk<'a> {
    fn expression(&mut self, expression: &Expression, wanted: Kind, what: &str) -> Vec<Fault> {
        self.next = 0;
        let kind = self.term(&expression.term);
        if !kind.fits(wanted) {
            let message = format!("{what} should be {}, and is {}", wanted.words(), kind.words());
            let help = (wanted == Kind::Boolean).then(|| "compare two numbers, with `<` or `>`".to_owned());
            self.fault(codes::WRONG_KIND, message, 0, help);
        }
        std::mem::take(&mut self.faults)
    }

    fn fault(&mut self, code: &'static str, message: String, at: usize, help: Option<String>) {
        self.faults.push(Fault { code, message, at, label: String::new(), help });
    }

    fn operand(&mut self, term: &Term, wanted: Kind, of: &str) {
        let at = self.next;
        let kind = self.term(term);
        if !kind.fits(wanted) {
            let message = format!("{of} needs {}, not {}", wanted.words(), kind.words());
            self.fault(codes::WRONG_KIND, message, at, None);
        }
    }

    fn term(&mut self, term: &Term) -> Kind {
        let at = self.next;
        self.next += 1;
        match term {
            Term::Number(_) => Kind::Number,
            Term::Boolean(_) => Kind::Boolean,
            Term::Text(_) => Kind::Text,
            Term::Name(parts) => self.name(parts, at),
            Term::Call(parts, arguments) => self.call(parts, arguments, at),
            Term::Negate(inner) => {
                self.operand(inner, Kind::Number, "`-`");
                Kind::Number
            }
            Term::Not(inner) => {
                self.operand(inner, Kind::Boolean, "`not`");
                Kind::Boolean
            }
            Term::Binary(operator, left, right) => {
                let (wanted, kind) = match operator {
                    Operator::And | Operator::Or => (Kind::Boolean, Kind::Boolean),
                    _ if operator.is_comparison() => (Kind::Number, Kind::Boolean),
                    _ => (Kind::Number, Kind::Number),
                };
                let symbol = format!("`{}`", operator.symbol());
                self.operand(left, wanted, &symbol);
                self.operand(right, wanted, &symbol);
                kind
            }
            Term::If(condition, yes, no) => {
                self.operand(condition, Kind::Boolean, "the condition of `if`");
                let (yes, no) = (self.term(yes), self.term(no));
                if !yes.fits(no) {
                    let message = format!("`if` gives {} or {}", yes.words(), no.words());
                    self.fault(codes::WRONG_KIND, message, at, Some("make both the same".to_owned()));
                }
                if yes == Kind::Any { no } else { yes }
            }
        }
    }

    /// Checks the case before a name, if there is one, and gives the name.
    fn split<'p>(&mut self, parts: &'p [String], at: usize) -> Option<&'p str> {
        match parts {
            [name] => Some(name),
            [case, name] => {
                if !self.scenario.cases.iter().any(|c| c.name == *case) {
                    let help = suggest(case, self.scenario.cases.iter().map(|c| c.name.as_str()));
                    self.fault(codes::NAMES_NOTHING, format!("there is no case `{case}`"), at, help);
                }
                Some(name)
            }
            _ => None,
        }
    }

    fn name(&mut self, parts: &[String], at: usize) -> Kind {
        let Some(name) = self.split(parts, at) else { return Kind::Any };
        if let Some(position) = self.scenario.parameters.iter().position(|p| p.name == name) {
            self.used_parameters[position] = true;
            return Kind::Number;
        }
        if self.scenario.measures.iter().any(|m| m.name == name) {
            return Kind::Number;
        }
        if is_bare_function(name) {
            self.needs_bargaining(name, at);
            return Kind::Number;
        }
        let help = if is_function(name) {
            Some(format!("`{name}` needs arguments: {}", usage(name)))
        } else if self.observables.contains(&name) {
            Some(format!("it has a value in every state: write `expected('{name}', periods)`"))
        } else {
            let measures = self.scenario.measures.iter().map(|m| m.name.as_str());
            let parameters = self.scenario.parameters.iter().map(|p| p.name.as_str());
            suggest(name, measures.chain(FUNCTIONS.iter().map(|(n, _)| *n)).chain(parameters))
        };
        self.fault(codes::UNKNOWN_NAME, format!("unknown name `{name}`"), at, help);
        Kind::Any
    }

    fn needs_bargaining(&mut self, name: &str, at: usize) {
        if name.starts_with("range_") && self.scenario.bargaining.is_none() {
            let help = Some("add `[bargaining]`".to_owned());
            self.fault(codes::NAMES_NOTHING, format!("`{name}` needs `[bargaining]`"), at, help);
        }
    }

    fn call(&mut self, parts: &[String], arguments: &[Term], at: usize) -> Kind {
        if let [name] = parts
            && let Some(function) = Function::named(name)
        {
            if let Some(count) = function.refuses(arguments.len()) {
                let message = format!("`{name}` takes {count}, not {}", arguments.len());
                self.fault(codes::ARGUMENTS, message, at, None);
            }
            for argument in arguments {
                self.operand(argument, Kind::Number, &format!("`{name}`"));
            }
            return Kind::Number;
        }
        let Some(name) = self.split(parts, at) else { return Kind::Any };
        let Some(list) = signatures(name) else {
            let built_in = Function::ALL.iter().map(|(n, _)| *n);
            let help = suggest(name, FUNCTIONS.iter().map(|(n, _)| *n).chain(built_in));
            self.fault(codes::UNKNOWN_FUNCTION, format!("there is no function `{name}`"), at, help);
            arguments.iter().for_each(|argument| {
                self.term(argument);
            });
            return Kind::Any;
        };
        self.needs_bargaining(name, at);
        let Some(signature) = list.iter().find(|s| s.len() == arguments.len()) else {
            let message = format!("`{name}` does not take {} arguments", arguments.len());
            self.fault(codes::ARGUMENTS, message, at, Some(format!("write {}", usage(name))));
            arguments.iter().for_each(|argument| {
                self.term(argument);
            });
            return Kind::Number;
        };
        for (argument, wanted) in arguments.iter().zip(*signature) {
            self.argument(argument, *wanted, arguments, name);
        }
        if let ("frequency" | "action_probability", [Term::Text(later), _, Term::Text(earlier), _]) =
            (name, arguments)
        {
            let position = |name: &str| self.scenario.stages.iter().position(|s| s.name == name);
            if let (Some(later), Some(earlier)) = (position(later), position(earlier))
                && earlier >= later
            {
                let message = format!("the third argument of `{name}` is a move made earlier in the period");
                self.fault(codes::MEASURE_ARGUMENT, message, at, None);
            }
        }
        Kind::Number
    }

    fn argument(&mut self, term: &Term, wanted: Argument, all: &[Term], function: &str) {
        let at = self.next;
        if wanted == Argument::Periods {
            self.operand(term, Kind::Number, &format!("`{function}`"));
            return;
        }
        self.term(term);
        let (what, candidates) = self.candidates(wanted, all);
        // Where an earlier argument names nothing, nothing can be said about this one.
        let Some(candidates) = candidates else { return };
        let Term::Text(word) = term else {
            let message = format!("`{function}` needs {what} in quotation marks here");
            self.fault(codes::MEASURE_ARGUMENT, message, at, None);
            return;
        };
        if !candidates.contains(&word.as_str()) {
            let help = suggest(word, candidates);
            self.fault(codes::MEASURE_ARGUMENT, format!("`{word}` is not {what}"), at, help);
        }
    }

    /// What an argument is in words, and the words it can be.
    fn candidates(&self, wanted: Argument, all: &[Term]) -> (&'static str, Option<Vec<&'a str>>) {
        let scenario = self.scenario;
        let text = |i: usize| if let Some(Term::Text(t)) = all.get(i) { Some(t.as_str()) } else { None };
        let stage = |i: usize| text(i).and_then(|name| scenario.stages.iter().find(|s| s.name == name));
        let types = |player: usize| {
            scenario.players.get(player).map(|p| p.types.iter().map(|t| t.name.as_str()).collect())
        };
        let stages = |chance: bool| {
            let wanted = |kind: StageKind| match kind {
                StageKind::Chance { .. } => chance,
                StageKind::Move { .. } => !chance,
                StageKind::Flow => false,
            };
            Some(scenario.stages.iter().filter(|s| wanted(s.kind)).map(|s| s.name.as_str()).collect())
        };
        let branches = |i: usize| {
            stage(i).map(|s| s.branches.iter().flat_map(|b| [b.name.as_str(), b.label.as_str()]).collect())
        };
        match wanted {
            Argument::Periods => ("a number", None),
            Argument::Outcome => {
                let outcomes = scenario.ends.iter().map(|e| e.outcome.as_str()).chain([ONGOING]);
                ("an outcome of the war", Some(dedup(outcomes.collect())))
            }
            Argument::Observable => {
                ("an observable: a numeric `let` that reads the state only", Some(self.observables.clone()))
            }
            Argument::Move => ("a move", stages(false)),
            Argument::Event => ("a chance event", stages(true)),
            Argument::ActionOf(i) => ("an action of that move", branches(i).map(dedup)),
            Argument::OutcomeOf(i) => ("an outcome of that event", branches(i).map(dedup)),
            Argument::Player => {
                ("a player", Some(scenario.players.iter().map(|p| p.name.as_str()).collect()))
            }
            Argument::TypeOf(i) => {
                let player = text(i).and_then(|name| scenario.players.iter().position(|p| p.name == name));
                ("a type of that player", player.and_then(types))
            }
            Argument::MoverType(i) => {
                let player = stage(i).and_then(|s| match s.kind {
                    StageKind::Move { player } => Some(player),
                    _ => None,
                });
                ("a type of the player who makes that move", player.and_then(types))
            }
        }
    }
}

fn dedup(list: Vec<&str>) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for item in list {
        if out.last() != Some(&item) {
            out.push(item);
        }
    }
    out
}

/// How a function is called.
fn usage(name: &str) -> String {
    let word = |argument: &Argument| match argument {
        Argument::Periods => "periods",
        Argument::Outcome => "'outcome'",
        Argument::Observable => "'observable'",
        Argument::Move => "'move'",
        Argument::ActionOf(_) => "'action'",
        Argument::Event => "'event'",
        Argument::OutcomeOf(_) => "'outcome'",
        Argument::Player => "'player'",
        Argument::TypeOf(_) | Argument::MoverType(_) => "'type'",
    };
    let call = |arguments: &&[Argument]| {
        if arguments.is_empty() {
            return format!("`{name}`");
        }
        let words: Vec<&str> = arguments.iter().map(word).collect();
        format!("`{name}({})`", words.join(", "))
    };
    let ways: Vec<String> = signatures(name).unwrap_or(&[]).iter().map(call).collect();
    ways.join(" or ")
}
