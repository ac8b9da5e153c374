//! Reading typed values out of a TOML tree, noting every problem and going on.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use crate::codes;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Problems, suggest};
use crate::expression::{self, Expression, Term};
use crate::merge::Order;

/// Most entries of one table, and of one list of tables.
const MAX_ENTRIES: usize = 2_000;

/// A TOML value with its place.
pub(crate) type Node<'a> = Spanned<DeValue<'a>>;

/// One entry of a table.
#[derive(Clone)]
pub(crate) struct Entry<'v, 'a> {
    /// The key.
    pub key: &'v str,
    /// Where the key stands.
    pub span: Range<usize>,
    /// The value.
    pub value: &'v Node<'a>,
}

/// The entries of one table in the order of the file.
pub(crate) struct Fields<'v, 'a> {
    /// What the table is, for messages: "the player `russia`".
    pub what: String,
    /// Where the table, or the key it belongs to, stands.
    pub span: Range<usize>,
    /// Its entries.
    pub entries: Vec<Entry<'v, 'a>>,
}

impl<'v, 'a> Fields<'v, 'a> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&'v Node<'a>> {
        self.entry(key).map(|e| e.value)
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry<'v, 'a>> {
        self.entries.iter().find(|e| e.key == key)
    }
}

/// Reads values and collects problems.
pub(crate) struct Reader<'t> {
    /// The whole text, all files.
    pub text: &'t str,
    /// What was found so far.
    pub problems: Problems,
    /// Where keys that a file replaced stood in the file below.
    pub order: Order,
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, problems: Problems::default(), order: Order::default() }
    }

    /// What a key that starts at a byte is sorted by.
    pub fn rank(&self, start: usize) -> usize {
        self.order.get(&start).copied().unwrap_or(start)
    }

    /// Notes an error.
    pub fn error(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        span: Range<usize>,
        label: impl Into<String>,
        help: Option<String>,
    ) {
        self.problems.push(Diagnostic::error(code, message).at(span, label).maybe_help(help));
    }

    fn wrong(&mut self, value: &Node<'_>, what: &str, wanted: &str) {
        let message = format!("{what} should be {wanted}, and is {}", kind_of(value));
        self.error(codes::WRONG_TYPE, message, value.span(), format!("not {wanted}"), None);
    }

    /// The entries of any table, in the order of the file.
    pub fn entries<'v, 'a>(
        &mut self,
        value: &'v Node<'a>,
        span: Range<usize>,
        what: &str,
    ) -> Option<Fields<'v, 'a>> {
        let Some(table) = value.get_ref().as_table() else {
            let hint = if value.get_ref().is_array() { " (one `[…]`, not `[[…]]`)" } else { "" };
            self.wrong(value, what, &format!("a table{hint}"));
            return None;
        };
        let mut entries: Vec<Entry<'v, 'a>> =
            table.iter().map(|(k, v)| Entry { key: k.get_ref(), span: k.span(), value: v }).collect();
        entries.sort_by_key(|e| self.rank(e.span.start));
        if entries.len() > MAX_ENTRIES {
            let message = format!("{what} has {} entries; at most {MAX_ENTRIES} are allowed", entries.len());
            self.error(codes::TOO_MANY, message, span.clone(), "", None);
            entries.truncate(MAX_ENTRIES);
        }
        Some(Fields { what: what.to_owned(), span, entries })
    }

    /// The entries of a table whose keys are fixed; unknown keys are problems.
    pub fn fields<'v, 'a>(
        &mut self,
        value: &'v Node<'a>,
        span: Range<usize>,
        what: &str,
        keys: &[&'static str],
    ) -> Option<Fields<'v, 'a>> {
        let fields = self.entries(value, span, what)?;
        for entry in &fields.entries {
            if !keys.contains(&entry.key) {
                let message = format!("{what} has no key `{}`", entry.key);
                let diagnostic = Diagnostic::error(codes::UNKNOWN_KEY, message)
                    .at(entry.span.clone(), "unknown key")
                    .maybe_help(suggest(entry.key, keys.iter().copied()));
                self.problems.push_harmless(diagnostic);
            }
        }
        Some(fields)
    }

    /// The value of a key that has to be there.
    pub fn required<'v, 'a>(&mut self, fields: &Fields<'v, 'a>, key: &str) -> Option<&'v Node<'a>> {
        let found = fields.get(key);
        if found.is_none() {
            let message = format!("{} has no `{key}`", fields.what);
            let help = Some(match key {
                "stage" => "add `[[stage]]`".to_owned(),
                "scenario" => "add `[scenario]`".to_owned(),
                "players" => "add `[players.NAME]`".to_owned(),
                _ => format!("add `{key} = …`"),
            });
            self.error(codes::MISSING_KEY, message, fields.span.clone(), format!("`{key}` is missing"), help);
        }
        found
    }

    /// The tables of an array of tables.
    pub fn tables<'v, 'a>(&mut self, value: &'v Node<'a>, what: &str) -> Vec<&'v Node<'a>> {
        match value.get_ref() {
            DeValue::Array(list) => {
                if list.len() > MAX_ENTRIES {
                    let message = format!("{} `{what}`s; at most {MAX_ENTRIES} are allowed", list.len());
                    self.error(codes::TOO_MANY, message, value.span(), "", None);
                }
                list.iter().take(MAX_ENTRIES).collect()
            }
            _ => {
                self.wrong(value, what, &format!("a list of tables, each headed `[[{what}]]`"));
                Vec::new()
            }
        }
    }

    pub fn string(&mut self, value: &Node<'_>, what: &str) -> Option<String> {
        if let Some(text) = value.get_ref().as_str() {
            return Some(text.to_owned());
        }
        self.wrong(value, what, "a text in quotation marks");
        None
    }

    /// The text of an optional key.
    pub fn text(&mut self, fields: &Fields<'_, '_>, key: &str) -> Option<String> {
        fields.get(key).and_then(|value| self.string(value, &format!("`{key}`")))
    }

    pub fn boolean(&mut self, value: &Node<'_>, what: &str) -> Option<bool> {
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong(value, what, "`true` or `false`");
        }
        found
    }

    /// A whole number that fits 64 bits.
    pub fn integer(&mut self, value: &Node<'_>, what: &str) -> Option<i64> {
        if let Some(found) = value.get_ref().as_integer() {
            if let Ok(x) = i64::from_str_radix(found.as_str(), found.radix()) {
                return Some(x);
            }
            self.error(codes::WRONG_TYPE, format!("{what} is too large"), value.span(), "", None);
            return None;
        }
        self.wrong(value, what, "a whole number");
        None
    }

    /// A finite number.
    pub fn number(&mut self, value: &Node<'_>, what: &str) -> Option<f64> {
        let found = plain_number(value);
        match found {
            Some(x) if x.is_finite() => Some(x),
            Some(_) => {
                let message = format!("{what} should be a finite number");
                self.error(codes::WRONG_TYPE, message, value.span(), "not finite", None);
                None
            }
            None => {
                self.wrong(value, what, "a number");
                None
            }
        }
    }

    /// A list of values.
    pub fn list<'v, 'a>(&mut self, value: &'v Node<'a>, what: &str, of: &str) -> Option<Vec<&'v Node<'a>>> {
        if let Some(list) = value.get_ref().as_array() {
            return Some(list.iter().collect());
        }
        self.wrong(value, what, &format!("a list of {of}"));
        None
    }

    /// A list of texts, each with its place.
    pub fn strings(&mut self, value: &Node<'_>, what: &str) -> Vec<(String, Range<usize>)> {
        let list = self.list(value, what, "texts").unwrap_or_default();
        list.into_iter()
            .filter_map(|item| self.string(item, &format!("each of {what}")).map(|s| (s, item.span())))
            .collect()
    }

    /// Two numbers, the first not above the second.
    pub fn range(&mut self, value: &Node<'_>, what: &str) -> Option<(f64, f64)> {
        let list = self.list(value, what, "two numbers")?;
        let [low, high] = list.as_slice() else {
            let message = format!("{what} has {} items", list.len());
            let help = Some("write `[low, high]`".to_owned());
            self.error(codes::WRONG_TYPE, message, value.span(), "not two numbers", help);
            return None;
        };
        let (low, high) = (self.number(low, what)?, self.number(high, what)?);
        if low > high {
            let message = format!("{what} runs from {low} to {high}");
            let help = Some(format!("write `[{high}, {low}]`"));
            self.error(codes::RANGE, message, value.span(), "the first is larger than the second", help);
            return None;
        }
        Some((low, high))
    }

    /// A number or an expression in quotation marks.
    pub fn expression(&mut self, value: &Node<'_>, what: &str) -> Option<Expression> {
        if plain_number(value).is_some() {
            let x = self.number(value, what)?;
            let text = self.text.get(value.span()).unwrap_or("").to_owned();
            return Some(Expression { term: Term::Number(x), text, span: value.span() });
        }
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(value, what, "a number or an expression in quotation marks");
            return None;
        };
        self.formula(text, value.span())
    }

    /// Parses an expression that stands at `span`, quotation marks included.
    pub fn formula(&mut self, text: &str, span: Range<usize>) -> Option<Expression> {
        let inside = self.inside(text, span);
        match expression::parse::parse(text) {
            Ok(parsed) => Some(Expression { term: parsed.term, text: text.to_owned(), span: inside }),
            Err(error) => {
                let code = if error.too_large { codes::EXPRESSION_TOO_LARGE } else { codes::SYNTAX };
                let place = if inside.len() == text.len() {
                    inside.start + error.span.start..inside.start + error.span.end
                } else {
                    inside
                };
                self.error(code, error.message, place, "", error.help);
                None
            }
        }
    }

    /// The place of a text within its quotation marks; the whole value when it was written with escapes.
    fn inside(&self, text: &str, span: Range<usize>) -> Range<usize> {
        let raw = self.text.get(span.clone()).unwrap_or("");
        match raw.find(text) {
            // Everything outside the text must be quotation marks or the line break after three of them.
            Some(start) if raw.len() - text.len() <= 8 && !text.is_empty() => {
                span.start + start..span.start + start + text.len()
            }
            _ => span,
        }
    }

    /// A date, bare or quoted.
    pub fn date(&mut self, value: &Node<'_>, what: &str) -> Option<Date> {
        let text = match value.get_ref() {
            DeValue::Datetime(datetime) => datetime.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong(value, what, "a date such as 2025-01-31");
                return None;
            }
        };
        let found = Date::parse(&text);
        if found.is_none() {
            let help = Some("write year-month-day, such as 2025-01-31".to_owned());
            self.error(codes::BAD_DATE, format!("`{text}` is not a date"), value.span(), "", help);
        }
        found
    }
}

/// The number a TOML value is, if it is one.
pub(crate) fn plain_number(value: &Node<'_>) -> Option<f64> {
    match value.get_ref() {
        // An integer beyond 64 bits is still a number.
        DeValue::Integer(x) if x.radix() == 10 => x.as_str().parse().ok(),
        DeValue::Integer(x) => i64::from_str_radix(x.as_str(), x.radix()).ok().map(|x| x as f64),
        DeValue::Float(x) => x.as_str().parse().ok(),
        _ => None,
    }
}

fn kind_of(value: &Node<'_>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
