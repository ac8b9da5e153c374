//! `[players.NAME.types]`: private types, copies made by `each` included.

use crate::codes;
use crate::expression::parse::KEYWORDS;
use crate::expression::{Expression, Function, Term};
use crate::model::TypeSpec;
use crate::read::context::{Context, RESERVED};
use crate::read::copies::{Chosen, label, replace};
use crate::read::cursor::{Entry, Fields};
use crate::read::players::placeholder;

/// Most types of one player, copies included.
const MAX_TYPES: usize = 128;

/// One entry of `types` as it stands in the file.
struct Stated<'e, 'v, 'a> {
    entry: &'e Entry<'v, 'a>,
    prior: Expression,
    title: String,
    own: Vec<(String, Expression)>,
    copies: Vec<Chosen>,
}

impl Context<'_> {
    /// The types of one player, each with all attributes, shared ones first.
    pub fn types(&mut self, player: &Fields<'_, '_>, name: &str) -> Vec<TypeSpec> {
        let mut shared = Vec::new();
        if let Some(value) = player.get("attributes")
            && let Some(fields) = self.reader.entries(value, value.span(), "`attributes`")
        {
            shared = self.attributes(&fields, &[]);
        }
        let only = |shared: &[(String, Expression)]| {
            vec![TypeSpec {
                name: "only".to_owned(),
                title: "only".to_owned(),
                prior: Expression::number(1.0),
                attributes: shared.to_vec(),
            }]
        };
        let Some(types) = player.entry("types") else { return only(&shared) };
        let what = format!("the types of `{name}`");
        let Some(all) = self.reader.entries(types.value, types.span.clone(), &what) else {
            return only(&shared);
        };
        let mut read: Vec<Stated<'_, '_, '_>> = Vec::new();
        for entry in all.entries.iter().take(MAX_TYPES) {
            self.identifier(entry.key, "a type", &entry.span);
            let what = format!("the type `{}` of `{name}`", entry.key);
            let Some(fields) = self.reader.entries(entry.value, entry.span.clone(), &what) else { continue };
            let prior = self.reader.required(&fields, "prior");
            let prior = prior.and_then(|v| self.reader.expression(v, "`prior`")).unwrap_or_else(placeholder);
            let title = self.reader.text(&fields, "title").unwrap_or_else(|| entry.key.to_owned());
            let own = self.attributes(&fields, &["prior", "title", "each"]);
            let copies = self.combinations(&fields, MAX_TYPES, &Self::shadowed);
            read.push(Stated { entry, prior, title, own, copies });
        }
        let count = read.iter().map(|stated| stated.copies.len()).sum::<usize>().max(all.entries.len());
        if all.entries.is_empty() || count > MAX_TYPES {
            let message = format!("{count} types; a player has 1 to {MAX_TYPES}");
            let help = Some("leave `types` out for a player without private information".to_owned());
            let code = if all.entries.is_empty() { codes::EMPTY } else { codes::TOO_MANY };
            self.reader.error(code, message, types.span.clone(), "", help);
        }
        let mut order: Vec<String> = shared.iter().map(|(n, _)| n.clone()).collect();
        for (attribute, _) in read.iter().flat_map(|stated| &stated.own) {
            if !order.contains(attribute) {
                order.push(attribute.clone());
            }
        }
        let mut out = Vec::new();
        for stated in read {
            let entry = stated.entry;
            let mut attributes = Vec::new();
            for attribute in &order {
                let found = stated.own.iter().chain(&shared).find(|(n, _)| n == attribute);
                if found.is_none() {
                    let message =
                        format!("the type `{}` has no `{attribute}`, and other types have", entry.key);
                    let help = format!("give it here, or to all types in `attributes` of `{name}`");
                    self.reader.error(codes::ATTRIBUTE_MISSING, message, entry.span.clone(), "", Some(help));
                }
                attributes.push((attribute.clone(), found.map_or_else(placeholder, |(_, e)| e.clone())));
            }
            let whole =
                TypeSpec { name: entry.key.to_owned(), title: stated.title, prior: stated.prior, attributes };
            let count = stated.copies.len() as f64;
            out.extend(stated.copies.iter().map(|chosen| copy(&whole, chosen, count)));
        }
        out.truncate(MAX_TYPES);
        if out.is_empty() { only(&shared) } else { out }
    }

    /// Why the value of a copy cannot have this name: expressions would mean something else by it.
    fn shadowed(&self, name: &str) -> Option<String> {
        if KEYWORDS.contains(&name) || RESERVED.contains(&name) || Function::named(name).is_some() {
            return Some(format!("`{name}` has a meaning of its own and cannot name a value of `each`"));
        }
        let (what, _) = self.names.get(name)?;
        (*what == "a parameter").then(|| format!("`{name}` names a value of `each` and a parameter"))
    }

    fn attributes(&mut self, fields: &Fields<'_, '_>, skip: &[&str]) -> Vec<(String, Expression)> {
        let mut out = Vec::new();
        for entry in fields.entries.iter().filter(|e| !skip.contains(&e.key)) {
            self.identifier(entry.key, "an attribute", &entry.span);
            let found = self.reader.expression(entry.value, &format!("the attribute `{}`", entry.key));
            out.push((entry.key.to_owned(), found.unwrap_or_else(placeholder)));
        }
        out
    }
}

/// The type made with the values chosen: they and `count` are numbers in its prior and attributes.
fn copy(whole: &TypeSpec, chosen: &Chosen, count: f64) -> TypeSpec {
    let mut out = whole.clone();
    for expression in std::iter::once(&mut out.prior).chain(out.attributes.iter_mut().map(|(_, e)| e)) {
        replace(&mut expression.term, "count", count);
        for (name, value) in chosen {
            if let Term::Number(x) = value.term {
                replace(&mut expression.term, name, x);
            }
        }
    }
    out.name = label(&whole.name, chosen);
    out.title = label(&whole.title, chosen);
    out
}
