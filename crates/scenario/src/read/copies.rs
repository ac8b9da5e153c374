//! `each`: copies of an action or of a private type, one per value.

use crate::codes;
use crate::expression::{Expression, Term};
use crate::read::context::Context;
use crate::read::cursor::{Entry, Fields};
use crate::shape::{EachShape, Shape};

/// The values that one copy was made with, by name.
pub(crate) type Chosen = Vec<(String, Expression)>;

impl Context<'_> {
    /// One choice of values per combination of the lists in `each`; a single empty choice where there is no `each`.
    ///
    /// - `most`: how many copies are allowed.
    /// - `taken`: why a name cannot be used, where it cannot.
    pub fn combinations(
        &mut self,
        fields: &Fields<'_, '_>,
        most: usize,
        taken: &dyn Fn(&Self, &str) -> Option<String>,
    ) -> Vec<Chosen> {
        let mut combinations: Vec<Chosen> = vec![Vec::new()];
        let Some(entry) = fields.entry("each") else { return combinations };
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`each`") else {
            return combinations;
        };
        if all.entries.is_empty() {
            self.reader.error(codes::EMPTY, "`each` without a list", entry.span.clone(), "", None);
        }
        for entry in &all.entries {
            self.identifier(entry.key, "a note", &entry.span);
            if let Some(message) = taken(self, entry.key) {
                self.reader.error(codes::NAME_TWICE, message, entry.span.clone(), "", None);
            }
            let values = self.each(entry, most);
            let total = combinations.len().saturating_mul(values.len());
            if total > most {
                let message = format!("`each` makes {total} copies; at most {most} are allowed");
                self.reader.error(codes::TOO_MANY, message, entry.span.clone(), "", None);
                break;
            }
            combinations = combinations
                .iter()
                .flat_map(|chosen| {
                    values.iter().map(move |value| {
                        let mut longer = chosen.clone();
                        longer.push((entry.key.to_owned(), value.clone()));
                        longer
                    })
                })
                .collect();
        }
        combinations
    }

    /// The distinct numbers of one list or range of `each`; one number in place of those that could not be read, so that
    /// what is made of them is still there for others to name.
    fn each(&mut self, entry: &Entry<'_, '_>, most: usize) -> Vec<Expression> {
        if entry.value.get_ref().is_table() {
            return self.each_between(entry, most).unwrap_or_else(|| vec![Expression::number(1.0)]);
        }
        let what = format!("`{}`", entry.key);
        let list = self.reader.list(entry.value, &what, "numbers, or `{ from = …, to = … }`");
        let list = list.unwrap_or_default();
        if list.is_empty() && entry.value.get_ref().is_array() {
            let message = format!("`each` has no values for `{}`", entry.key);
            self.reader.error(codes::EMPTY, message, entry.value.span(), "", None);
        }
        let mut out: Vec<Expression> = Vec::new();
        for item in list {
            let Some(x) = self.reader.number(item, "each value") else { continue };
            if out.iter().any(|e| e.term == Term::Number(x)) {
                let message = format!("`{x}` is listed twice");
                self.reader.error(codes::NAME_TWICE, message, item.span(), "", None);
            } else if out.len() <= most {
                out.push(Expression { span: item.span(), ..Expression::number(x) });
            }
        }
        if out.is_empty() {
            out.push(Expression::number(1.0));
        }
        out
    }

    /// `{ from = 1, to = 20, step = 1 }`: whole numbers, both ends included.
    fn each_between(&mut self, entry: &Entry<'_, '_>, most: usize) -> Option<Vec<Expression>> {
        let what = format!("`{}`", entry.key);
        let keys = EachShape::keys();
        let fields = self.reader.fields(entry.value, entry.span.clone(), &what, &keys)?;
        let bound = |context: &mut Self, key: &str| {
            let value = context.reader.required(&fields, key)?;
            context.reader.integer(value, &format!("`{key}`"))
        };
        let (from, to) = (bound(self, "from"), bound(self, "to"));
        let step = match fields.get("step") {
            Some(value) => self.reader.integer(value, "`step`"),
            None => Some(1),
        };
        let (from, to, step) = (from?, to?, step?);
        if step < 1 || from > to {
            let message = format!("`{}` runs from {from} to {to} in steps of {step}", entry.key);
            let help = Some("`from` must not exceed `to`, and `step` is 1 or more".to_owned());
            self.reader.error(codes::RANGE, message, entry.value.span(), "no value at all", help);
            return None;
        }
        let count = (i128::from(to) - i128::from(from)) / i128::from(step) + 1;
        if count > most as i128 {
            let message = format!("`each` makes {count} copies; at most {most} are allowed");
            self.reader.error(codes::TOO_MANY, message, entry.value.span(), "", None);
            return None;
        }
        let value = |k: i128| (i128::from(from) + k * i128::from(step)) as f64;
        let span = entry.value.span();
        Some((0..count).map(|k| Expression { span: span.clone(), ..Expression::number(value(k)) }).collect())
    }
}

/// `offer` → `offer(-2)`; the name itself where nothing was chosen.
pub(crate) fn label(name: &str, chosen: &Chosen) -> String {
    if chosen.is_empty() {
        return name.to_owned();
    }
    let values: Vec<&str> = chosen.iter().map(|(_, e)| e.text.as_str()).collect();
    format!("{name}({})", values.join(", "))
}

/// Replaces a bare name, such as `count`, by a number. Places in the tree stay as they are.
pub(crate) fn replace(term: &mut Term, name: &str, x: f64) {
    match term {
        Term::Name(parts) if parts.len() == 1 && parts[0] == name => *term = Term::Number(x),
        Term::Number(_) | Term::Boolean(_) | Term::Text(_) | Term::Name(_) => {}
        Term::Call(_, arguments) => arguments.iter_mut().for_each(|a| replace(a, name, x)),
        Term::Negate(inner) | Term::Not(inner) => replace(inner, name, x),
        Term::Binary(_, left, right) => {
            replace(left, name, x);
            replace(right, name, x);
        }
        Term::If(a, b, c) => {
            for part in [a, b, c] {
                replace(part, name, x);
            }
        }
    }
}
