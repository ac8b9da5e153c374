//! `[levers]`, `[cases]`, `[bargaining]`, `[measures]`, `[claims]`.

use crate::codes;
use crate::diagnostic::suggest;
use crate::expression::Expression;
use crate::model::{Bargaining, Case, Change, Claim, ClaimSource, Lever, Measure, Quote, StageKind};
use crate::read::context::Context;
use crate::read::cursor::{Entry, Fields, Node};
use crate::read::players::placeholder;
use crate::shape::{
    BargainingShape, CaseShape, ClaimShape, ClaimSourceShape, LeverShape, MeasureShape, Shape,
};

impl Context<'_> {
    /// `{ parameter = "expression" }`
    fn changes(&mut self, entry: &Entry<'_, '_>, what: &str) -> Vec<(usize, Expression)> {
        let names: Vec<String> = self.scenario.parameters.iter().map(|p| p.name.clone()).collect();
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), what) else { return Vec::new() };
        let mut out = Vec::new();
        for entry in &all.entries {
            let value = self.reader.expression(entry.value, &format!("the new `{}`", entry.key));
            if let Some(position) = self.find(entry.key, "parameter", entry.span.clone(), &names) {
                out.push((position, value.unwrap_or_else(placeholder)));
            }
        }
        out
    }

    /// `[levers]`
    pub fn levers(&mut self, entry: &Entry<'_, '_>) {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`[levers]`") else { return };
        for entry in &all.entries {
            self.identifier(entry.key, "a lever", &entry.span);
            let what = format!("the lever `{}`", entry.key);
            let keys = LeverShape::keys();
            let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), &what, &keys) else {
                continue;
            };
            self.reader.required(&fields, "change");
            let change = fields.entry("change").map(|e| self.changes(e, "`change`")).unwrap_or_default();
            let cost = fields.get("cost");
            let lever = Lever {
                name: entry.key.to_owned(),
                span: entry.span.clone(),
                title: self.title(&fields, entry.key),
                by: self.reader.text(&fields, "by"),
                cost: cost.map(|v| self.reader.expression(v, "`cost`").unwrap_or_else(placeholder)),
                change,
                says: self.reader.text(&fields, "says"),
                source: self.reader.text(&fields, "source"),
            };
            self.scenario.levers.push(lever);
        }
    }

    fn title(&mut self, fields: &Fields<'_, '_>, name: &str) -> String {
        self.reader.text(fields, "title").unwrap_or_else(|| name.to_owned())
    }

    /// `[cases]`
    pub fn cases(&mut self, entry: &Entry<'_, '_>) {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`[cases]`") else { return };
        for entry in &all.entries {
            self.identifier(entry.key, "a case", &entry.span);
            let what = format!("the case `{}`", entry.key);
            let keys = CaseShape::keys();
            let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), &what, &keys) else {
                continue;
            };
            let mut change = Change::default();
            if let Some(value) = fields.get("levers") {
                let names: Vec<String> = self.scenario.levers.iter().map(|l| l.name.clone()).collect();
                for (name, span) in self.reader.strings(value, "`levers`") {
                    change.levers.extend(self.find(&name, "lever", span, &names));
                }
            }
            if let Some(entry) = fields.entry("parameters") {
                change.parameters = self.changes(entry, "`parameters`");
            }
            self.commitments(&fields, &mut change);
            self.beliefs(&fields, &mut change);
            self.starts(&fields, &mut change);
            let case = Case {
                name: entry.key.to_owned(),
                span: entry.span.clone(),
                title: self.title(&fields, entry.key),
                says: self.reader.text(&fields, "says"),
                change,
            };
            self.scenario.cases.push(case);
        }
    }

    fn commitments(&mut self, fields: &Fields<'_, '_>, change: &mut Change) {
        let Some(entry) = fields.entry("commit") else { return };
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`commit`") else { return };
        for entry in &all.entries {
            let stage = self.find_move(entry.key, entry.span.clone());
            let Some(action) = self.reader.string(entry.value, "the action committed to") else { continue };
            let Some(stage) = stage else { continue };
            let mut names: Vec<String> = Vec::new();
            for branch in &self.scenario.stages[stage].branches {
                for name in [&branch.name, &branch.label] {
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                }
            }
            if self.find(&action, "action", entry.value.span(), &names).is_some() {
                change.commit.push((stage, action));
            }
        }
    }

    /// Position of the stage of a move.
    fn find_move(&mut self, name: &str, span: std::ops::Range<usize>) -> Option<usize> {
        let is_move = |kind: StageKind| matches!(kind, StageKind::Move { .. });
        let found = self.scenario.stages.iter().position(|s| s.name == name && is_move(s.kind));
        if found.is_none() {
            let names: Vec<String> =
                self.scenario.stages.iter().filter(|s| is_move(s.kind)).map(|s| s.name.clone()).collect();
            self.unknown(name, "move", span, names.iter().map(String::as_str));
        }
        found
    }

    fn type_names(&self, player: usize) -> Vec<String> {
        self.scenario.players[player].types.iter().map(|t| t.name.clone()).collect()
    }

    fn beliefs(&mut self, fields: &Fields<'_, '_>, change: &mut Change) {
        if let Some(entry) = fields.entry("belief")
            && let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`belief`")
        {
            for entry in &all.entries {
                let player = self.player(entry.key, entry.span.clone());
                let what = format!("the belief about `{}`", entry.key);
                let types = self.reader.entries(entry.value, entry.span.clone(), &what);
                let (Some(player), Some(types)) = (player, types) else { continue };
                self.belief(player, &types, change);
            }
        }
        if let Some(entry) = fields.entry("given")
            && let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`given`")
        {
            for entry in &all.entries {
                let player = self.player(entry.key, entry.span.clone());
                let name = self.reader.string(entry.value, "the type given");
                let (Some(player), Some(name)) = (player, name) else { continue };
                let names = self.type_names(player);
                if let Some(kind) = self.find(&name, "type", entry.value.span(), &names) {
                    change.given.push((player, kind));
                }
            }
        }
    }

    fn belief(&mut self, player: usize, types: &Fields<'_, '_>, change: &mut Change) {
        let names = self.type_names(player);
        let mut mass = 0.0;
        for entry in &types.entries {
            let kind = self.find(entry.key, "type", entry.span.clone(), &names);
            let p = self.reader.number(entry.value, "a probability");
            let (Some(kind), Some(p)) = (kind, p) else { return };
            if !(0.0..=1.0).contains(&p) {
                let message = format!("{p} is not a probability");
                self.reader.error(codes::PROBABILITY_RANGE, message, entry.value.span(), "", None);
                return;
            }
            mass += p;
            change.belief.push((player, kind, p));
        }
        if (mass - 1.0).abs() > 1e-9 {
            let message = format!("the belief about `{}` sums to {mass}", self.scenario.players[player].name);
            let help =
                Some("the probabilities of a player's types sum to 1; types left out have 0".to_owned());
            self.reader.error(codes::PRIORS, message, types.span.clone(), "", help);
        }
    }

    fn starts(&mut self, fields: &Fields<'_, '_>, change: &mut Change) {
        let Some(entry) = fields.entry("start") else { return };
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`start`") else { return };
        let names: Vec<String> = self.scenario.variables.iter().map(|v| v.name.clone()).collect();
        for entry in &all.entries {
            let Some(variable) = self.find(entry.key, "state variable", entry.span.clone(), &names) else {
                continue;
            };
            let domain = self.scenario.variables[variable].domain.clone();
            if let Some(position) = self.position(&domain, entry.value, entry.key) {
                change.start.push((variable, position));
            }
        }
    }

    /// `[bargaining]`
    pub fn bargaining(&mut self, entry: &Entry<'_, '_>) {
        let keys = BargainingShape::keys();
        let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), "`[bargaining]`", &keys)
        else {
            return;
        };
        let mut text = |key: &str| {
            let value = self.reader.required(&fields, key)?;
            self.reader.string(value, &format!("`{key}`")).map(|s| (s, value.span()))
        };
        let (outcome, stage, note) = (text("outcome"), text("move"), text("note"));
        let mut number = |key: &str| {
            let value = self.reader.required(&fields, key)?;
            self.reader.number(value, &format!("`{key}`"))
        };
        let (from, to) = (number("from"), number("to"));
        let points = self.reader.required(&fields, "points");
        let points = points.and_then(|v| self.reader.integer(v, "`points`").map(|n| (n, v.span())));
        let between = self.reader.required(&fields, "between").and_then(|v| self.pair(v));
        let end = outcome.and_then(|(name, span)| {
            let ends: Vec<String> =
                self.scenario.ends.iter().filter(|e| e.when.is_none()).map(|e| e.outcome.clone()).collect();
            let found = self.scenario.ends.iter().position(|e| e.when.is_none() && e.outcome == name);
            if found.is_none() {
                let help = suggest(&name, ends.iter().map(String::as_str));
                let message = format!("there is no ending `{name}` without `when`");
                self.reader.error(codes::NAMES_NOTHING, message, span, "no such ending", help);
            }
            found
        });
        let stage = stage.and_then(|(name, span)| self.find_move(&name, span));
        let note = note.zip(stage).and_then(|((name, span), stage)| {
            let notes: Vec<String> = self.scenario.stages[stage]
                .branches
                .iter()
                .flat_map(|b| b.notes.iter().map(|(n, _)| n.clone()))
                .collect();
            if notes.contains(&name) {
                return Some(name);
            }
            let help = suggest(&name, notes.iter().map(String::as_str));
            let message = format!("that move has no note `{name}`");
            self.reader.error(codes::NAMES_NOTHING, message, span, "no such note", help);
            None
        });
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            let message = format!("the terms tried run from {from} to {to}");
            let help = Some("`from` must be below `to`".to_owned());
            self.reader.error(codes::BARGAINING, message, fields.span.clone(), "", help);
            return;
        }
        let points = points.and_then(|(n, span)| {
            let fine = usize::try_from(n).ok().filter(|n| (2..=10_000).contains(n));
            if fine.is_none() {
                let help = Some("try between 2 and 10000".to_owned());
                self.reader.error(codes::BARGAINING, format!("{n} terms to try"), span, "", help);
            }
            fine
        });
        if let (Some(end), Some(stage), Some(note), Some(between), Some(from), Some(to), Some(points)) =
            (end, stage, note, between, from, to, points)
        {
            let span = entry.span.clone();
            self.scenario.bargaining = Some(Bargaining { span, end, stage, note, between, from, to, points });
        }
    }

    fn pair(&mut self, value: &Node<'_>) -> Option<(usize, usize)> {
        let names = self.reader.strings(value, "`between`");
        let [(one, one_at), (other, other_at)] = names.as_slice() else {
            let message = "`between` names two players";
            let help = Some("write `between = [\"who gains from higher terms\", \"who loses\"]`".to_owned());
            self.reader.error(codes::BARGAINING, message, value.span(), "", help);
            return None;
        };
        let pair = (self.player(one, one_at.clone())?, self.player(other, other_at.clone())?);
        if pair.0 == pair.1 {
            self.reader.error(codes::BARGAINING, "nobody bargains alone", value.span(), "", None);
            return None;
        }
        Some(pair)
    }

    /// `[measures]`
    pub fn measures(&mut self, entry: &Entry<'_, '_>) {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`[measures]`") else { return };
        for entry in &all.entries {
            self.declare(entry.key, "a measure", &entry.span);
            let what = format!("the measure `{}`", entry.key);
            let keys = MeasureShape::keys();
            let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), &what, &keys) else {
                continue;
            };
            let value = self.reader.required(&fields, "value");
            let percent = fields.get("percent").and_then(|v| self.reader.boolean(v, "`percent`"));
            let measure = Measure {
                name: entry.key.to_owned(),
                title: self.title(&fields, entry.key),
                value: value.and_then(|v| self.reader.expression(v, "`value`")).unwrap_or_else(placeholder),
                unit: self.reader.text(&fields, "unit"),
                percent: percent.unwrap_or(false),
                says: self.reader.text(&fields, "says"),
            };
            self.scenario.measures.push(measure);
        }
    }

    /// `[claims]`
    pub fn claims(&mut self, entry: &Entry<'_, '_>) {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`[claims]`") else { return };
        for entry in &all.entries {
            self.identifier(entry.key, "a claim", &entry.span);
            let what = format!("the claim `{}`", entry.key);
            let keys = ClaimShape::keys();
            let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), &what, &keys) else {
                continue;
            };
            let says = self.reader.required(&fields, "says").and_then(|v| self.reader.string(v, "`says`"));
            let holds = self.reader.required(&fields, "holds_when");
            let holds = holds.and_then(|v| self.reader.expression(v, "`holds_when`"));
            let source = fields.entry("source").map(|e| self.claim_source(e)).unwrap_or_default();
            let claim = Claim {
                name: entry.key.to_owned(),
                title: self.title(&fields, entry.key),
                says: says.unwrap_or_default(),
                source,
                quote: self.quote(&fields),
                holds_when: holds.unwrap_or_else(placeholder),
                show: self.shown(&fields),
            };
            self.scenario.claims.push(claim);
        }
    }

    /// `quote` and `document`: both or neither.
    fn quote(&mut self, fields: &Fields<'_, '_>) -> Option<Quote> {
        let (value, document) = match (fields.entry("quote"), fields.entry("document")) {
            (None, None) => return None,
            (Some(_), None) => {
                self.reader.required(fields, "document");
                return None;
            }
            (None, Some(_)) => {
                self.reader.required(fields, "quote");
                return None;
            }
            (Some(quote), Some(document)) => (quote.value, document.value),
        };
        let text = self.reader.string(value, "`quote`")?;
        if text.trim().is_empty() {
            self.reader.error(codes::EMPTY, "a quotation without words", value.span(), "", None);
            return None;
        }
        let path = self.reader.string(document, "`document`")?;
        let document_span = document.span();
        let document = self.data_path(&path, document_span.clone())?;
        Some(Quote { text, span: value.span(), document, document_span, line: None })
    }

    fn shown(&mut self, fields: &Fields<'_, '_>) -> Vec<(String, Expression)> {
        let Some(value) = fields.get("show") else { return Vec::new() };
        let list = self.reader.list(value, "`show`", "texts").unwrap_or_default();
        let mut out = Vec::new();
        for item in list {
            let Some(text) = self.reader.string(item, "each of `show`") else { continue };
            if let Some(found) = self.reader.formula(&text, item.span()) {
                out.push((text, found));
            }
        }
        out
    }

    fn claim_source(&mut self, entry: &Entry<'_, '_>) -> ClaimSource {
        let keys = ClaimSourceShape::keys();
        let Some(fields) =
            self.reader.fields(entry.value, entry.span.clone(), "the source of a claim", &keys)
        else {
            return ClaimSource::default();
        };
        ClaimSource {
            author: self.reader.text(&fields, "author"),
            outlet: self.reader.text(&fields, "outlet"),
            date: fields.get("date").and_then(|v| self.reader.date(v, "`date`")),
        }
    }
}
