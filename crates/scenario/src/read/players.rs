//! `[parameters]`, `[players]`, `[state]`, `[let]`.

use std::ops::Range;

use crate::codes;
use crate::expression::{self, Expression, Term};
use crate::model::{Distribution, Domain, Parameter, PlayerSpec, VariableSpec};
use crate::read::context::Context;
use crate::read::cursor::{Entry, Fields, plain_number};
use crate::shape::{ParameterShape, PlayerShape, Shape, VariableShape};

/// Most players.
const MAX_PLAYERS: usize = 16;
/// Most state variables.
const MAX_VARIABLES: usize = 64;
/// Most values of one state variable.
const MAX_VALUES: i128 = 65_536;

impl Context<'_> {
    /// `[parameters]`
    pub fn parameters(&mut self, entry: &Entry<'_, '_>) {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`[parameters]`") else {
            return;
        };
        for entry in &all.entries {
            self.declare(entry.key, "a parameter", &entry.span);
            let what = format!("the parameter `{}`", entry.key);
            let mut parameter = Parameter {
                name: entry.key.to_owned(),
                span: entry.span.clone(),
                value: placeholder(),
                range: None,
                distribution: None,
                unit: None,
                source: None,
                controlled_by: None,
                says: None,
            };
            if entry.value.get_ref().is_table() {
                let keys = ParameterShape::keys();
                let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), &what, &keys) else {
                    continue;
                };
                if let Some(value) = self.reader.required(&fields, "value") {
                    parameter.value = self.reader.expression(value, &what).unwrap_or_else(placeholder);
                }
                parameter.range = fields.get("range").and_then(|v| self.reader.range(v, "`range`"));
                parameter.distribution = fields.get("distribution").and_then(|v| {
                    let text = self.reader.string(v, "`distribution`")?;
                    self.distribution(&text, v.span())
                });
                parameter.unit = self.reader.text(&fields, "unit");
                parameter.source = self.reader.text(&fields, "source");
                parameter.controlled_by = self.reader.text(&fields, "controlled_by");
                parameter.says = self.reader.text(&fields, "says");
            } else {
                parameter.value = self.reader.expression(entry.value, &what).unwrap_or_else(placeholder);
            }
            self.scenario.parameters.push(parameter);
        }
    }

    fn distribution(&mut self, text: &str, span: Range<usize>) -> Option<Distribution> {
        let parsed = expression::parse::parse(text).ok().map(|p| p.term);
        let read = parsed.and_then(|term| {
            let Term::Call(name, arguments) = term else { return None };
            let numbers: Option<Vec<f64>> =
                arguments.iter().map(|a| if let Term::Number(x) = a { Some(*x) } else { None }).collect();
            match (name.first()?.as_str(), numbers?.as_slice()) {
                ("uniform", [a, b]) => Some((Distribution::Uniform(*a, *b), a < b)),
                ("triangular", [a, m, b]) => {
                    Some((Distribution::Triangular(*a, *m, *b), a <= m && m <= b && a < b))
                }
                ("normal", [m, s]) => Some((Distribution::Normal(*m, *s), *s > 0.0)),
                ("lognormal", [m, s]) => Some((Distribution::LogNormal(*m, *s), *s > 0.0)),
                ("beta", [a, b]) => Some((Distribution::Beta(*a, *b), *a > 0.0 && *b > 0.0)),
                ("gamma", [k, s]) => Some((Distribution::Gamma(*k, *s), *k > 0.0 && *s > 0.0)),
                _ => None,
            }
        });
        let (message, help) = match read {
            Some((distribution, true)) => return Some(distribution),
            Some(_) => (
                format!("`{text}` has parameters that make no distribution"),
                "bounds must rise; spreads and shapes must be positive",
            ),
            None => (
                format!("`{text}` is not a distribution"),
                "write uniform(a, b), triangular(a, mode, b), normal(mean, sd), lognormal(mu, sigma), beta(a, b) or gamma(shape, scale), with numbers",
            ),
        };
        self.reader.error(codes::DISTRIBUTION, message, span, "", Some(help.to_owned()));
        None
    }

    /// `[players]`
    pub fn players(&mut self, entry: &Entry<'_, '_>) {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`[players]`") else { return };
        if all.entries.is_empty() {
            let help = Some("add `[players.NAME]`".to_owned());
            self.reader.error(codes::EMPTY, "a war without players", entry.span.clone(), "", help);
        }
        if all.entries.len() > MAX_PLAYERS {
            let message = format!("{} players; at most {MAX_PLAYERS} are allowed", all.entries.len());
            self.reader.error(codes::TOO_MANY, message, entry.span.clone(), "", None);
        }
        for entry in all.entries.iter().take(MAX_PLAYERS) {
            self.declare(entry.key, "a player", &entry.span);
            let what = format!("the player `{}`", entry.key);
            let keys = PlayerShape::keys();
            let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), &what, &keys) else {
                continue;
            };
            let discount = self.reader.required(&fields, "discount");
            let discount = discount.and_then(|v| self.reader.expression(v, "`discount`"));
            let precision = match self.reader.required(&fields, "precision") {
                Some(v) if v.get_ref().as_str() == Some("inf") => None,
                Some(v) if plain_number(v) == Some(f64::INFINITY) => None,
                Some(v) => Some(self.reader.expression(v, "`precision`").unwrap_or_else(placeholder)),
                None => Some(placeholder()),
            };
            let title = self.reader.text(&fields, "title").unwrap_or_else(|| entry.key.to_owned());
            let types = self.types(&fields, entry.key);
            self.scenario.players.push(PlayerSpec {
                name: entry.key.to_owned(),
                span: entry.span.clone(),
                title,
                discount: discount.unwrap_or_else(placeholder),
                precision,
                types,
            });
        }
    }

    /// `[state]`
    pub fn variables(&mut self, entry: &Entry<'_, '_>) {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`[state]`") else { return };
        if all.entries.len() > MAX_VARIABLES {
            let message =
                format!("{} state variables; at most {MAX_VARIABLES} are allowed", all.entries.len());
            self.reader.error(codes::TOO_MANY, message, entry.span.clone(), "", None);
        }
        for entry in all.entries.iter().take(MAX_VARIABLES) {
            self.declare(entry.key, "a state variable", &entry.span);
            let what = format!("the state variable `{}`", entry.key);
            let keys = VariableShape::keys();
            let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), &what, &keys) else {
                continue;
            };
            let title = self.reader.text(&fields, "title").unwrap_or_else(|| entry.key.to_owned());
            let domain =
                if fields.get("values").is_some() { self.words(&fields) } else { self.integers(&fields) };
            let Some(domain) = domain else {
                // A variable with an unusable domain still has a name, so that its uses are not reported too.
                let domain = Domain::Integers(0, 0);
                self.push_variable(entry, title, domain, 0);
                continue;
            };
            let start =
                self.reader.required(&fields, "start").and_then(|v| self.position(&domain, v, entry.key));
            self.push_variable(entry, title, domain, start.unwrap_or(0));
        }
    }

    fn push_variable(&mut self, entry: &Entry<'_, '_>, title: String, domain: Domain, start: usize) {
        let name = entry.key.to_owned();
        self.scenario.variables.push(VariableSpec { name, span: entry.span.clone(), title, domain, start });
    }

    fn words(&mut self, fields: &Fields<'_, '_>) -> Option<Domain> {
        let value = fields.get("values")?;
        if let Some(other) = fields.entry("from").or_else(|| fields.entry("to")) {
            let message = format!("`{}` and `values` exclude each other", other.key);
            self.reader.error(codes::EXCLUSIVE_KEYS, message, other.span.clone(), "", None);
        }
        let list = self.reader.strings(value, "`values`");
        if list.is_empty() {
            self.reader.error(codes::EMPTY, "a state variable without values", value.span(), "", None);
            return None;
        }
        let mut words: Vec<String> = Vec::new();
        for (word, span) in list {
            if words.contains(&word) {
                self.reader.error(
                    codes::NAME_TWICE,
                    format!("the value `{word}` is listed twice"),
                    span,
                    "",
                    None,
                );
            } else if word.is_empty() || word.contains(['\'', '"']) || word.chars().any(char::is_control) {
                let message = "a value that expressions cannot write".to_owned();
                let help = Some("use a word without quotation marks".to_owned());
                self.reader.error(codes::BAD_NAME, message, span, "", help);
            } else if words.len() < 1_000 {
                words.push(word);
            } else {
                self.reader.error(codes::TOO_MANY, "more than 1000 words in one variable", span, "", None);
                break;
            }
        }
        (!words.is_empty()).then_some(Domain::Words(words))
    }

    fn integers(&mut self, fields: &Fields<'_, '_>) -> Option<Domain> {
        let bound = |context: &mut Self, key: &str| {
            let value = context.reader.required(fields, key)?;
            context.reader.integer(value, &format!("`{key}`"))
        };
        let (from, to) = (bound(self, "from"), bound(self, "to"));
        let (from, to) = (from?, to?);
        let count = i128::from(to) - i128::from(from) + 1;
        if !(1..=MAX_VALUES).contains(&count) {
            let message = format!("a state variable from {from} to {to}");
            let label = if count < 1 { "no value at all" } else { "too many values" };
            let help =
                Some(format!("`from` must not exceed `to`, and at most {MAX_VALUES} values are allowed"));
            let span = fields.get("to").map_or(fields.span.clone(), |v| v.span());
            self.reader.error(codes::DOMAIN, message, span, label, help);
            return None;
        }
        Some(Domain::Integers(from, to))
    }

    /// Position of a value in a domain.
    pub fn position(
        &mut self,
        domain: &Domain,
        value: &crate::read::cursor::Node<'_>,
        name: &str,
    ) -> Option<usize> {
        match domain {
            Domain::Integers(from, to) => {
                let x = self.reader.integer(value, &format!("the start of `{name}`"))?;
                if (*from..=*to).contains(&x) {
                    return usize::try_from(i128::from(x) - i128::from(*from)).ok();
                }
                let message = format!("`{name}` starts at {x}, outside {from} … {to}");
                self.reader.error(codes::DOMAIN, message, value.span(), "", None);
                None
            }
            Domain::Words(words) => {
                let word = self.reader.string(value, &format!("the start of `{name}`"))?;
                let found = words.iter().position(|w| *w == word);
                if found.is_none() {
                    let message = format!("`{name}` is never `{word}`");
                    let help = crate::diagnostic::suggest(&word, words.iter().map(String::as_str));
                    self.reader.error(codes::UNKNOWN_WORD, message, value.span(), "", help);
                }
                found
            }
        }
    }

    /// `[let]`
    pub fn lets(&mut self, entry: &Entry<'_, '_>) {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`[let]`") else { return };
        for entry in &all.entries {
            self.declare(entry.key, "a `let`", &entry.span);
            let found = self.reader.expression(entry.value, &format!("`{}`", entry.key));
            self.scenario.lets.push((entry.key.to_owned(), found.unwrap_or_else(placeholder)));
        }
    }
}

/// Stands for an expression that could not be read; its empty text marks it, and `check` passes over it.
pub(crate) fn placeholder() -> Expression {
    Expression { term: Term::Number(0.5), text: String::new(), span: 0..0 }
}
