//! Problems found while a game is built: each is reported once, with the first state and path and a count of the rest.

use std::collections::HashMap;

use crate::codes;
use crate::compile::machine::{Machine, Trouble};
use crate::diagnostic::Diagnostic;
use crate::expression::Expression;
use crate::model::{Domain, Scenario};

/// What stops building at once.
#[derive(Clone, Debug)]
pub(crate) struct Stop(pub Diagnostic);

/// Most kinds of problem listed for one game.
const MAX_LISTED: usize = 100;

/// The problems of one game.
#[derive(Debug)]
pub(crate) struct Found<'s> {
    scenario: &'s Scenario,
    list: Vec<(Diagnostic, usize)>,
    known: HashMap<(&'static str, usize, usize), usize>,
}

impl<'s> Found<'s> {
    pub fn new(scenario: &'s Scenario) -> Self {
        Self { scenario, list: Vec::new(), known: HashMap::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Notes a problem on a path; `make` is called for the first of its kind only. `key` tells apart problems of the same
    /// code at the same place.
    pub fn note(&mut self, code: &'static str, place: usize, key: usize, make: impl FnOnce() -> Diagnostic) {
        if let Some(position) = self.known.get(&(code, place, key)) {
            self.list[*position].1 += 1;
        } else if self.list.len() < MAX_LISTED {
            self.known.insert((code, place, key), self.list.len());
            self.list.push((make(), 0));
        }
    }

    /// Notes that an expression has no value on this path.
    pub fn trouble(
        &mut self,
        trouble: Trouble,
        source: &Expression,
        what: &str,
        machine: &Machine<'_>,
    ) -> Result<(), Stop> {
        let scenario = self.scenario;
        let (at, within) = match &trouble {
            Trouble::Operation { at, within, .. } | Trouble::NoNote { at, within, .. } => (*at, *within),
            Trouble::Work => return Err(too_much_work()),
        };
        let lets = scenario.lets.len().max(1);
        let source = within.map_or(source, |slot| &scenario.lets[slot % lets].1);
        let code = match trouble {
            Trouble::NoNote { .. } => codes::NOTE_MISSING,
            _ => codes::NO_VALUE_ON_PATH,
        };
        self.note(code, source.span.start, at, || {
            let place = path(scenario, machine);
            let words = source.words(at);
            match &trouble {
                Trouble::NoNote { stage, note, .. } => {
                    let spec = &scenario.stages[*stage];
                    let made = machine.made[*stage].map(|b| spec.branches[b].label.as_str());
                    let why = made.map_or_else(
                        || format!("`{}` was not made", spec.name),
                        |label| format!("`{label}` has no note {note}", note = words_after_dot(words, *note)),
                    );
                    Diagnostic::error(code, format!("{what} cannot read `{words}` {place}: {why}"))
                        .at(source.place(at), "")
                        .help(format!("guard it: `if {} == '…' then {words} else …`", spec.name))
                }
                Trouble::Operation { error, .. } => {
                    Diagnostic::error(code, format!("{what} has no value {place}: {}", error.reason()))
                        .at(source.place(at), "")
                        .help("guard it with `if`, or `max(…, small number)`")
                }
                Trouble::Work => too_much_work().0,
            }
        });
        Ok(())
    }

    /// All problems, with counts.
    pub fn finish(self) -> Vec<Diagnostic> {
        let count = |(mut diagnostic, more): (Diagnostic, usize)| {
            if more > 0 {
                let s = if more == 1 { "" } else { "s" };
                diagnostic.message.push_str(&format!(" (and on {more} more path{s})"));
            }
            diagnostic
        };
        self.list.into_iter().map(count).collect()
    }
}

fn words_after_dot(words: &str, note: usize) -> String {
    words.split('.').nth(1).map_or_else(|| note.to_string(), |name| format!("`{name}`"))
}

fn too_much_work() -> Stop {
    let message = "building the game takes too many steps";
    let help = "make expressions shorter or stages fewer, or raise `--max-nodes`";
    Stop(Diagnostic::error(codes::TOO_MUCH_WORK, message).help(help))
}

/// The state and the path in words: "in front 2, war after talks = offer(-2)".
pub(crate) fn path(scenario: &Scenario, machine: &Machine<'_>) -> String {
    let mut out = String::new();
    let state = state_words(scenario, &machine.state);
    if !state.is_empty() {
        out.push_str(&format!("in the state {state}"));
    }
    let taken: Vec<String> = scenario
        .stages
        .iter()
        .zip(&machine.made)
        .filter_map(|(stage, made)| made.map(|b| format!("{} = {}", stage.name, stage.branches[b].label)))
        .collect();
    if !taken.is_empty() {
        let space = if out.is_empty() { "" } else { " " };
        out.push_str(&format!("{space}after {}", taken.join(", ")));
    }
    if out.is_empty() { "at the start of a period".to_owned() } else { out }
}

/// A state in words: "front 2, phase war".
pub(crate) fn state_words(scenario: &Scenario, state: &[u16]) -> String {
    let words = scenario.variables.iter().zip(state).map(|(variable, position)| match &variable.domain {
        Domain::Integers(from, _) => format!("{} {}", variable.name, from + i64::from(*position)),
        Domain::Words(words) => {
            let word = words.get(usize::from(*position)).map_or("?", String::as_str);
            format!("{} {word}", variable.name)
        }
    });
    words.collect::<Vec<_>>().join(", ")
}
