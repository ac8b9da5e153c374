//! What the readers of all sections share: the scenario so far, the names taken, and look-ups by name.

use std::collections::HashMap;
use std::ops::Range;

use crate::codes;
use crate::diagnostic::{Diagnostic, suggest};
use crate::expression::parse::KEYWORDS;
use crate::expression::{Expression, Function};
use crate::measure::is_bare_function;
use crate::model::{About, Period, Scenario};
use crate::parts::Part;
use crate::read::cursor::{Entry, Fields, Node, Reader};
use crate::shape::{ScenarioShape, Shape};

/// Words that cannot be names because expressions use them.
pub(crate) const RESERVED: [&str; 4] = ["self", "none", "discount", "count"];

/// The state of reading.
pub(crate) struct Context<'t> {
    pub reader: Reader<'t>,
    pub scenario: Scenario,
    /// The files read.
    pub parts: &'t [Part],
    /// Names that expressions can use, with what they are and where they were taken.
    pub names: HashMap<String, (&'static str, Range<usize>)>,
}

impl Context<'_> {
    /// Checks that a name can be written in expressions.
    pub fn identifier(&mut self, name: &str, what: &str, span: &Range<usize>) -> bool {
        let fine = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && name.len() <= 64;
        if !fine {
            let help = "use letters, digits and `_`, not starting with a digit".to_owned();
            let message = format!("`{name}` cannot name {what}");
            self.reader.error(codes::BAD_NAME, message, span.clone(), "", Some(help));
        }
        fine
    }

    /// Takes a name for use in expressions.
    pub fn declare(&mut self, name: &str, what: &'static str, span: &Range<usize>) {
        if !self.identifier(name, what, span) {
            return;
        }
        let taken = KEYWORDS.contains(&name)
            || RESERVED.contains(&name)
            || Function::named(name).is_some()
            || is_bare_function(name);
        if taken {
            let message = format!("`{name}` has a meaning of its own and cannot name {what}");
            self.reader.error(
                codes::BAD_NAME,
                message,
                span.clone(),
                "",
                Some("choose another name".to_owned()),
            );
        }
        // Measures see parameters and each other, nothing of the state or of moves.
        let apart = |other: &str| what == "a measure" && other != "a parameter" && other != "a measure";
        match self.names.get(name) {
            Some((other, place)) if !apart(other) => {
                let message = format!("`{name}` names {what} and {other}");
                let diagnostic = Diagnostic::error(codes::NAME_TWICE, message)
                    .at(span.clone(), "named here again")
                    .at(place.clone(), "first named here")
                    .help("expressions could not tell them apart: rename one of them");
                self.reader.problems.push(diagnostic);
            }
            _ => {
                self.names.insert(name.to_owned(), (what, span.clone()));
            }
        }
    }

    /// Reports a key or word that names nothing.
    pub fn unknown<'c>(
        &mut self,
        name: &str,
        what: &str,
        span: Range<usize>,
        candidates: impl IntoIterator<Item = &'c str>,
    ) {
        let help = suggest(name, candidates);
        let message = format!("there is no {what} `{name}`");
        self.reader.error(codes::NAMES_NOTHING, message, span, format!("no such {what}"), help);
    }

    /// Position of a player.
    pub fn player(&mut self, name: &str, span: Range<usize>) -> Option<usize> {
        let names: Vec<String> = self.scenario.players.iter().map(|p| p.name.clone()).collect();
        self.find(name, "player", span, &names)
    }

    /// Position of a name in a list; a problem when it is not there.
    pub fn find(&mut self, name: &str, what: &str, span: Range<usize>, names: &[String]) -> Option<usize> {
        let found = names.iter().position(|n| n == name);
        if found.is_none() {
            self.unknown(name, what, span, names.iter().map(String::as_str));
        }
        found
    }

    /// `{ player = "expression" }`, by player position.
    pub fn per_player(&mut self, value: Option<&Node<'_>>, what: &str) -> Vec<Option<Expression>> {
        let mut out = vec![None; self.scenario.players.len()];
        let Some(fields) = value.and_then(|v| self.reader.entries(v, v.span(), what)) else { return out };
        for entry in &fields.entries {
            let expression = self.reader.expression(entry.value, &format!("{what} of {}", entry.key));
            if let Some(player) = self.player(entry.key, entry.span.clone()) {
                out[player] = expression;
            }
        }
        out
    }

    /// `[scenario]`
    pub fn about(&mut self, entry: &Entry<'_, '_>) {
        let keys = ScenarioShape::keys();
        let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), "`[scenario]`", &keys) else {
            return;
        };
        let title = self.reader.required(&fields, "title").and_then(|v| self.reader.string(v, "`title`"));
        let mut about = About { title: title.unwrap_or_default(), ..About::default() };
        if let Some(value) = self.reader.required(&fields, "period")
            && let Some(word) = self.reader.string(value, "`period`")
        {
            match PERIODS.iter().find(|(name, _)| *name == word) {
                Some((_, period)) => about.period = *period,
                None => {
                    let help = suggest(&word, PERIODS.iter().map(|(name, _)| *name));
                    let message = format!("`{word}` is not a period");
                    self.reader.error(codes::UNKNOWN_CHOICE, message, value.span(), "", help);
                }
            }
        }
        about.start = fields.get("start").and_then(|v| self.reader.date(v, "`start`"));
        if let Some(value) = self.reader.required(&fields, "horizon") {
            about.horizon = self.horizon(value);
        }
        about.question = self.reader.text(&fields, "question");
        about.summary = self.reader.text(&fields, "summary");
        about.calendar_note = self.reader.text(&fields, "calendar_note");
        if let Some(value) = fields.get("cannot_say") {
            about.cannot_say =
                self.reader.strings(value, "`cannot_say`").into_iter().map(|(s, _)| s).collect();
        }
        if let Some(value) = fields.get("attacker")
            && let Some(name) = self.reader.string(value, "`attacker`")
        {
            about.attacker = self.player(&name, value.span()).unwrap_or(0);
        }
        self.scenario.about = about;
    }

    fn horizon(&mut self, value: &Node<'_>) -> Option<u32> {
        if value.get_ref().as_str() == Some("indefinite") {
            return None;
        }
        if value.get_ref().is_str() {
            let help = Some("write a number of periods or \"indefinite\"".to_owned());
            self.reader.error(codes::HORIZON, "the horizon is not a number", value.span(), "", help);
            return Some(1);
        }
        let periods = self.reader.integer(value, "`horizon`")?;
        match u32::try_from(periods) {
            Ok(n) if n >= 1 => Some(n),
            _ => {
                let message = format!("a horizon of {periods} periods");
                let help = Some("write a number of periods from 1, or \"indefinite\"".to_owned());
                self.reader.error(codes::HORIZON, message, value.span(), "", help);
                Some(1)
            }
        }
    }

    /// A finite horizon needs a payoff at the horizon.
    pub fn horizon_payoff(&mut self, root: &Fields<'_, '_>) {
        let Some(table) = root.get("scenario").and_then(|v| v.get_ref().as_table()) else { return };
        let Some(horizon) = table.get("horizon") else { return };
        if self.scenario.about.horizon.is_none() || root.get("at_horizon").is_some() {
            return;
        }
        let message = "the horizon is finite and nothing says what is paid there";
        let diagnostic = Diagnostic::error(codes::MISSING_KEY, message)
            .at(horizon.span(), "`[at_horizon]` is missing")
            .help(
                "add `[at_horizon]` with `payoff = { player = \"…\" }`, or write `horizon = \"indefinite\"`",
            );
        self.reader.problems.push_harmless(diagnostic);
    }

    /// `headline` of `[scenario]`: read last, because it names measures.
    pub fn headline(&mut self, root: &Fields<'_, '_>) {
        let Some(table) = root.get("scenario").and_then(|v| v.get_ref().as_table()) else { return };
        let Some(value) = table.get("headline") else { return };
        let measures: Vec<String> = self.scenario.measures.iter().map(|m| m.name.clone()).collect();
        for (name, span) in self.reader.strings(value, "`headline`") {
            if self.find(&name, "measure", span, &measures).is_some() {
                self.scenario.about.headline.push(name);
            }
        }
    }
}

const PERIODS: [(&str, Period); 5] = [
    ("day", Period::Day),
    ("week", Period::Week),
    ("month", Period::Month),
    ("quarter", Period::Quarter),
    ("year", Period::Year),
];
