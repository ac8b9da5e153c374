//! Lays one file of a scenario over what lies below it.
//!
//! Tables are merged key by key and the upper file wins; entries of `[[stage]]` and `[[end]]` are matched by name, and
//! `[[data.chart]]` is appended to. Keys that were replaced keep the place in the order that they had below.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::codes;
use crate::diagnostic::{Diagnostic, suggest};
use crate::read::cursor::{Node, Reader};

/// Keys that say how files are put together, and mean nothing afterwards.
const ASSEMBLY: [&str; 3] = ["extends", "include", "remove"];
/// Longest list whose entries are matched by name, and most entries of `remove`; longer lists are refused anyway.
const MAX_MATCHED: usize = 2_000;

/// Merges files; `order` of the reader remembers where replaced keys stood.
pub(crate) struct Merger<'r, 't> {
    pub reader: &'r mut Reader<'t>,
}

impl<'t> Merger<'_, 't> {
    /// Lays `upper` over `lower`.
    pub fn lay(&mut self, lower: &mut DeTable<'t>, mut upper: DeTable<'t>) {
        if let Some(value) = upper.get("remove") {
            let paths = self.reader.strings(value, "`remove`");
            if paths.len() > MAX_MATCHED {
                let message =
                    format!("`remove` has {} entries; at most {MAX_MATCHED} are allowed", paths.len());
                self.reader.error(codes::TOO_MANY, message, value.span(), "", None);
            }
            for (path, span) in paths.into_iter().take(MAX_MATCHED) {
                self.remove(lower, &path, span);
            }
        }
        for key in ASSEMBLY {
            upper.remove(key);
        }
        for key in ["stage", "end"] {
            // What is no list is left for the reader to complain about.
            let listed = |table: &DeTable<'t>| table.get(key).is_some_and(|v| v.get_ref().is_array());
            if !listed(&upper) || (lower.contains_key(key) && !listed(lower)) {
                continue;
            }
            let Some((name, value)) = upper.remove_entry(key) else { continue };
            let span = value.span();
            let below = lower.remove_entry(key);
            let (name, span, below) = match below {
                Some((name, below)) => (name, below.span(), items(below)),
                None => (name, span, Vec::new()),
            };
            let upper = items(value);
            let list = if below.len() + upper.len() > MAX_MATCHED {
                below.into_iter().chain(upper).collect()
            } else if key == "stage" {
                self.stages(below, upper)
            } else {
                self.ends(below, upper)
            };
            lower.insert(name, Spanned::new(span, DeValue::Array(list.into_iter().collect())));
        }
        let charts = upper.get_mut("data").and_then(|data| take_list(data, "chart"));
        self.tables(lower, upper);
        if let Some((name, charts)) = charts
            && let Some(DeValue::Table(data)) = lower.get_mut("data").map(Spanned::get_mut)
        {
            match data.get_mut("chart").map(Spanned::get_mut) {
                Some(DeValue::Array(list)) => items(charts).into_iter().for_each(|item| list.push(item)),
                _ => {
                    data.insert(name, charts);
                }
            }
        }
    }

    /// Merges tables key by key.
    fn tables(&mut self, lower: &mut DeTable<'t>, upper: DeTable<'t>) {
        for (key, value) in upper {
            match lower.remove_entry(&key) {
                Some((below, old)) => {
                    let (span, old_span) = (value.span(), old.span());
                    match (old.into_inner(), value.into_inner()) {
                        (DeValue::Table(mut old), DeValue::Table(new)) => {
                            self.tables(&mut old, new);
                            lower.insert(below, Spanned::new(old_span, DeValue::Table(old)));
                        }
                        (_, new) => {
                            let rank = self.reader.rank(below.span().start);
                            self.reader.order.insert(key.span().start, rank);
                            lower.insert(key, Spanned::new(span, new));
                        }
                    }
                }
                None => {
                    lower.insert(key, value);
                }
            }
        }
    }

    /// Stages: one with the name of one below is merged with it, others go to the end or where they say.
    fn stages(&mut self, mut list: Vec<Node<'t>>, upper: Vec<Node<'t>>) -> Vec<Node<'t>> {
        let below: HashSet<(&str, String)> =
            list.iter().filter_map(stage_name).map(|(kind, name)| (kind, name.to_owned())).collect();
        // By position in the list: the stage it was put after by this file.
        let mut after: Vec<Option<String>> = vec![None; list.len()];
        for mut stage in upper {
            let place = self.place(&mut stage);
            let name = stage_name(&stage);
            let known = name.filter(|(kind, name)| below.contains(&(*kind, (*name).to_owned())));
            let found = known.and_then(|name| list.iter().position(|s| stage_name(s) == Some(name)));
            let mut at = list.len();
            if let Some(position) = found {
                at = position;
                after.remove(position);
                let mut merged = list.remove(position);
                self.node(&mut merged, stage);
                stage = merged;
            }
            let mut tag = None;
            if let Some((is_before, target, span)) = place {
                match list.iter().position(|s| stage_name(s).is_some_and(|(_, name)| name == target)) {
                    Some(position) if is_before => at = position,
                    Some(position) => {
                        at = position + 1;
                        while after.get(at).is_some_and(|tag| tag.as_deref() == Some(&target)) {
                            at += 1;
                        }
                        tag = Some(target);
                    }
                    None => {
                        let names: Vec<String> =
                            list.iter().filter_map(stage_name).map(|(_, name)| name.to_owned()).collect();
                        self.nothing("stage", &target, span, names.iter().map(String::as_str));
                    }
                }
            }
            list.insert(at, stage);
            after.insert(at, tag);
        }
        list
    }

    /// `before` or `after` of a stage, taken out of it.
    fn place(&mut self, stage: &mut Node<'t>) -> Option<(bool, String, Range<usize>)> {
        let DeValue::Table(table) = stage.get_mut() else { return None };
        let (before, after) = (table.remove_entry("before"), table.remove("after"));
        if let (Some((key, _)), Some(_)) = (&before, &after) {
            let message = "a stage cannot have both `before` and `after`";
            self.reader.error(codes::EXCLUSIVE_KEYS, message, key.span(), "", None);
        }
        let is_before = before.is_some();
        let value = before.map(|(_, value)| value).or(after)?;
        let what = if is_before { "`before`" } else { "`after`" };
        self.reader.string(&value, what).map(|target| (is_before, target, value.span()))
    }

    /// Endings: matched by outcome, and by `when` where there are several of one outcome.
    fn ends(&mut self, mut list: Vec<Node<'t>>, upper: Vec<Node<'t>>) -> Vec<Node<'t>> {
        let count = list.len();
        for end in upper {
            let (outcome, when) = (text_of(&end, "outcome"), text_of(&end, "when"));
            let same: Vec<usize> = (0..count)
                .filter(|i| outcome.is_some() && text_of(&list[*i], "outcome") == outcome)
                .collect();
            let exact = same.iter().copied().find(|i| text_of(&list[*i], "when") == when);
            // A single ending of that outcome is meant unless one has a condition and the other has none to change.
            let single = match same.as_slice() {
                [i] if when.is_none() || text_of(&list[*i], "when").is_some() => Some(*i),
                _ => None,
            };
            match exact.or(single) {
                Some(i) => self.node(&mut list[i], end),
                None => list.push(end),
            }
        }
        list
    }

    /// Merges one value into another.
    fn node(&mut self, lower: &mut Node<'t>, upper: Node<'t>) {
        let span = upper.span();
        match (lower.get_mut(), upper.into_inner()) {
            (DeValue::Table(lower), DeValue::Table(upper)) => self.tables(lower, upper),
            (_, other) => *lower = Spanned::new(span, other),
        }
    }

    /// Removes what a path such as `levers.x` or `stage.talks.actions.offer` names.
    fn remove(&mut self, root: &mut DeTable<'t>, path: &str, span: Range<usize>) {
        let parts: Vec<&str> = path.split('.').collect();
        let Some((last, way)) = parts.split_last() else { return };
        let mut table = root;
        let mut way = way.iter();
        while let Some(part) = way.next() {
            let names = keys(table);
            let Some(value) = table.get_mut(*part) else {
                return self.nothing("entry", part, span, names.iter().map(String::as_str));
            };
            table = match value.get_mut() {
                DeValue::Table(below) => below,
                DeValue::Array(list) => {
                    let what = if *part == "end" { "ending" } else { "stage" };
                    let wanted = way.next().unwrap_or(last);
                    if !list.iter().any(|item| name_of(item) == Some(*wanted)) {
                        return self.nothing(what, wanted, span, list.iter().filter_map(name_of).take(300));
                    }
                    if std::ptr::eq(wanted, last) {
                        let kept = std::mem::replace(list, std::iter::empty().collect()).into_iter();
                        *list = kept.filter(|item| name_of(item) != Some(*wanted)).collect();
                        return;
                    }
                    let found = list.iter_mut().find(|item| name_of(item) == Some(*wanted));
                    let Some(DeValue::Table(below)) = found.map(Spanned::get_mut) else { return };
                    below
                }
                _ => return self.nothing("entry", path, span, []),
            };
        }
        let names = keys(table);
        if table.remove(*last).is_none() {
            self.nothing("entry", last, span, names.iter().map(String::as_str));
        }
    }

    fn nothing<'c>(
        &mut self,
        what: &str,
        name: &str,
        span: Range<usize>,
        candidates: impl IntoIterator<Item = &'c str>,
    ) {
        let message = format!("there is no {what} `{name}` in what this file rests on");
        let help = suggest(name, candidates);
        let problem = Diagnostic::error(codes::NOTHING_TO_CHANGE, message).at(span, "").maybe_help(help);
        self.reader.problems.push(problem);
    }
}

/// A value with all its places moved by `by` bytes.
pub(crate) fn shifted(value: Node<'_>, by: usize) -> Node<'_> {
    let span = value.span();
    let inner = match value.into_inner() {
        DeValue::Array(list) => DeValue::Array(list.into_iter().map(|v| shifted(v, by)).collect()),
        DeValue::Table(table) => DeValue::Table(shifted_table(table, by)),
        other => other,
    };
    Spanned::new(span.start + by..span.end + by, inner)
}

/// A table with all its places moved by `by` bytes.
pub(crate) fn shifted_table(table: DeTable<'_>, by: usize) -> DeTable<'_> {
    let entry = |(key, value): (Spanned<_>, _)| {
        let span = key.span();
        (Spanned::new(span.start + by..span.end + by, key.into_inner()), shifted(value, by))
    };
    table.into_iter().map(entry).collect()
}

/// Where replaced keys stood: from the start of the new key to the start of the first of that name.
pub(crate) type Order = HashMap<usize, usize>;

fn items(value: Node<'_>) -> Vec<Node<'_>> {
    match value.into_inner() {
        DeValue::Array(list) => list.into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Takes a list out of a table.
fn take_list<'t>(value: &mut Node<'t>, key: &str) -> Option<(Spanned<toml::de::DeString<'t>>, Node<'t>)> {
    let DeValue::Table(table) = value.get_mut() else { return None };
    if table.get(key)?.get_ref().is_array() { table.remove_entry(key) } else { None }
}

fn text_of<'v>(value: &'v Node<'_>, key: &str) -> Option<&'v str> {
    value.get_ref().as_table()?.get(key)?.get_ref().as_str()
}

/// The kind and the name of a stage that has one.
fn stage_name<'v>(value: &'v Node<'_>) -> Option<(&'static str, &'v str)> {
    ["move", "chance"].into_iter().find_map(|kind| text_of(value, kind).map(|name| (kind, name)))
}

/// The name of an entry of `[[stage]]` or `[[end]]`.
fn name_of<'v>(value: &'v Node<'_>) -> Option<&'v str> {
    stage_name(value).map(|(_, name)| name).or_else(|| text_of(value, "outcome"))
}

/// Some keys of a table: enough to guess from.
fn keys(table: &DeTable<'_>) -> Vec<String> {
    table.keys().take(300).map(|key| key.get_ref().to_string()).collect()
}
