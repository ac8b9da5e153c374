//! `[[end]]`, `[at_horizon]`, `[[stage]]`.

use std::ops::Range;

use crate::codes;
use crate::diagnostic::{Diagnostic, suggest};
use crate::expression::Expression;
use crate::model::{Branch, EndSpec, StageKind, StageSpec};
use crate::read::context::Context;
use crate::read::copies::{Chosen, label, replace};
use crate::read::cursor::{Entry, Fields, Node};
use crate::read::players::placeholder;
use crate::shape::{ActionShape, EndShape, HorizonShape, OutcomeShape, Shape, StageShape};

/// Most stages of a period: what bounds the depth of a stage tree.
pub(crate) const MAX_STAGES: usize = 100;
/// Most branches of one stage, copies included.
const MAX_BRANCHES: usize = 1_000;
/// The outcome of a war that is still on at the horizon.
pub(crate) const ONGOING: &str = "ongoing";

impl Context<'_> {
    /// `[[end]]`
    pub fn ends(&mut self, value: &Node<'_>) {
        for table in self.reader.tables(value, "end") {
            let Some(fields) = self.reader.fields(table, table.span(), "an `[[end]]`", &EndShape::keys())
            else {
                continue;
            };
            let named = self.reader.required(&fields, "outcome");
            let Some(outcome) = named.and_then(|v| self.reader.string(v, "`outcome`")) else { continue };
            let span = named.map_or(fields.span.clone(), |v| v.span());
            if outcome.is_empty() || outcome == ONGOING || outcome.contains(['\'', '"']) {
                let message = format!("`{outcome}` cannot name an outcome");
                let help = Some(format!("`{ONGOING}` is the outcome of a war still on at the horizon"));
                self.reader.error(codes::BAD_NAME, message, span.clone(), "", help);
            }
            let when = fields.get("when").map(|v| self.reader.expression(v, "`when`"));
            let when = when.map(|e| e.unwrap_or_else(placeholder));
            let end = self.ending(&fields, outcome, span.clone(), when);
            let same = |other: &&EndSpec| {
                let same_when = match (&other.when, &end.when) {
                    (None, None) => true,
                    (Some(a), Some(b)) => a.term == b.term && !a.text.is_empty(),
                    _ => false,
                };
                other.outcome == end.outcome && same_when
            };
            if let Some(other) = self.scenario.ends.iter().find(same) {
                let message = format!("the ending `{}` is stated twice", end.outcome);
                let diagnostic = Diagnostic::error(codes::NAME_TWICE, message)
                    .at(span, "stated here again")
                    .at(other.span.clone(), "first stated here");
                self.reader.problems.push(diagnostic);
            }
            self.scenario.ends.push(end);
        }
    }

    fn ending(
        &mut self,
        fields: &Fields<'_, '_>,
        outcome: String,
        span: Range<usize>,
        when: Option<Expression>,
    ) -> EndSpec {
        let title = self.reader.text(fields, "title").unwrap_or_else(|| outcome.clone());
        let terms = fields.get("terms").and_then(|v| self.reader.expression(v, "`terms`"));
        let payoff = self.per_player(fields.get("payoff"), "`payoff`");
        EndSpec { outcome, span, title, when, terms, payoff }
    }

    /// `[at_horizon]`
    pub fn at_horizon(&mut self, entry: &Entry<'_, '_>) {
        let keys = HorizonShape::keys();
        let fields = self.reader.fields(entry.value, entry.span.clone(), "`[at_horizon]`", &keys);
        if let Some(fields) = fields {
            let everywhere = fields.get("everywhere").and_then(|v| self.reader.boolean(v, "`everywhere`"));
            self.scenario.horizon_everywhere = everywhere.unwrap_or(false);
            self.scenario.at_horizon =
                Some(self.ending(&fields, ONGOING.to_owned(), entry.span.clone(), None));
        }
    }

    /// `[[stage]]`
    pub fn stages(&mut self, value: &Node<'_>) {
        let tables = self.reader.tables(value, "stage");
        if tables.len() > MAX_STAGES {
            let message = format!("{} stages; at most {MAX_STAGES} are allowed", tables.len());
            self.reader.error(codes::TOO_MANY, message, value.span(), "", None);
        }
        if value.get_ref().is_array() && tables.is_empty() {
            self.reader.error(codes::EMPTY, "a war without stages", value.span(), "", None);
        }
        for (position, table) in tables.into_iter().take(MAX_STAGES).enumerate() {
            let Some(fields) = self.reader.fields(table, table.span(), "a `[[stage]]`", &StageShape::keys())
            else {
                continue;
            };
            self.stage(&fields, position);
        }
    }

    fn stage(&mut self, fields: &Fields<'_, '_>, position: usize) {
        let has = |keys: &[&'static str]| keys.iter().copied().find(|k| fields.get(k).is_some());
        let is_move = has(&["move", "player", "actions"]);
        let is_chance = has(&["chance", "about", "outcomes"]);
        let flow_key = has(&["payoff", "cost", "set", "goto", "end"]);
        if let (Some(one), Some(other)) = (is_move, is_chance) {
            self.exclusive(
                fields,
                one,
                other,
                "a stage is a move, a chance event or a flow: split it in two",
            );
        }
        if let (Some(branch), Some(flow)) = (is_move.or(is_chance), flow_key) {
            let help = if is_move.is_some() {
                format!("write `{flow}` in the actions of the move")
            } else {
                format!("write `{flow}` in the outcomes of the event")
            };
            self.exclusive(fields, flow, branch, &help);
        }
        if is_move.or(is_chance).or(flow_key).is_none() {
            let help = "add `player`, `move` and `actions`; or `chance` and `outcomes`; or `payoff`, `cost` or `set`";
            self.reader.error(
                codes::EMPTY,
                "a stage without content",
                fields.span.clone(),
                "",
                Some(help.to_owned()),
            );
            return;
        }
        let (name_key, branches_key) =
            if is_move.is_some() { ("move", "actions") } else { ("chance", "outcomes") };
        let named = is_move.or(is_chance).is_some();
        let mut name = format!("flow {}", position + 1);
        let mut span = fields.span.clone();
        if named
            && let Some(value) = self.reader.required(fields, name_key)
            && let Some(text) = self.reader.string(value, &format!("`{name_key}`"))
        {
            let what = if is_move.is_some() { "a move" } else { "a chance event" };
            self.declare(&text, what, &value.span());
            (name, span) = (text, value.span());
        }
        let kind = if is_move.is_some() {
            let player = self.reader.required(fields, "player");
            let player = player.and_then(|v| self.reader.string(v, "`player`").map(|s| (s, v.span())));
            StageKind::Move { player: player.and_then(|(s, at)| self.player(&s, at)).unwrap_or(0) }
        } else if is_chance.is_some() {
            let about = fields.get("about");
            let about = about.and_then(|v| self.reader.string(v, "`about`").map(|s| (s, v.span())));
            StageKind::Chance { about: about.and_then(|(s, at)| self.player(&s, at)) }
        } else {
            StageKind::Flow
        };
        let when =
            fields.get("when").map(|v| self.reader.expression(v, "`when`").unwrap_or_else(placeholder));
        let title = self.reader.text(fields, "title").unwrap_or_else(|| name.clone());
        let branches = if named {
            self.branches(fields, branches_key, &name)
        } else {
            let branch = self.branch(fields, "flow", span.clone(), &name);
            vec![branch]
        };
        self.scenario.stages.push(StageSpec { name, span, title, kind, when, branches });
    }

    fn exclusive(&mut self, fields: &Fields<'_, '_>, one: &str, other: &str, help: &str) {
        let span = fields.entry(one).map_or(fields.span.clone(), |e| e.span.clone());
        let message = format!("a stage cannot have both `{one}` and `{other}`");
        self.reader.error(codes::EXCLUSIVE_KEYS, message, span, "", Some(help.to_owned()));
    }

    /// The actions of a move or the outcomes of an event, copies made by `each` included.
    fn branches(&mut self, stage: &Fields<'_, '_>, key: &str, name: &str) -> Vec<Branch> {
        let Some(value) = self.reader.required(stage, key) else { return Vec::new() };
        let span = stage.entry(key).map_or(stage.span.clone(), |e| e.span.clone());
        let Some(all) = self.reader.entries(value, span.clone(), &format!("`{key}`")) else {
            return Vec::new();
        };
        if all.entries.is_empty() {
            self.reader.error(codes::EMPTY, format!("`{name}` has no {key}"), span.clone(), "", None);
        }
        let is_chance = key == "outcomes";
        let keys = if is_chance { OutcomeShape::keys() } else { ActionShape::keys() };
        let mut out: Vec<Branch> = Vec::new();
        let mut rest: Option<Range<usize>> = None;
        for entry in &all.entries {
            let what = if is_chance { "an outcome" } else { "an action" };
            self.identifier(entry.key, what, &entry.span);
            let what = format!("`{}` of `{name}`", entry.key);
            let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), &what, &keys) else {
                continue;
            };
            let mut branch = self.branch(&fields, entry.key, entry.span.clone(), name);
            if is_chance {
                match self.reader.required(&fields, "probability") {
                    Some(v) if v.get_ref().as_str() == Some("rest") => {
                        if let Some(first) = &rest {
                            let message =
                                format!("`{name}` has two outcomes with the rest of the probability");
                            let diagnostic = Diagnostic::error(codes::REST, message)
                                .at(v.span(), "a second rest")
                                .at(first.clone(), "the first")
                                .help("write the probability of one of them");
                            self.reader.problems.push(diagnostic);
                        }
                        rest = Some(v.span());
                    }
                    Some(v) => {
                        let found = self.reader.expression(v, "`probability`");
                        branch.probability = Some(found.unwrap_or_else(placeholder));
                    }
                    None => branch.probability = Some(placeholder()),
                }
            }
            let copies = self.copies(&fields, branch);
            out.extend(copies);
            if out.len() > MAX_BRANCHES {
                let message = format!("`{name}` has more than {MAX_BRANCHES} branches, copies included");
                self.reader.error(codes::TOO_MANY, message, entry.span.clone(), "", None);
                out.truncate(MAX_BRANCHES);
                break;
            }
        }
        out
    }

    /// What actions, outcomes and flow stages have in common.
    fn branch(&mut self, fields: &Fields<'_, '_>, name: &str, span: Range<usize>, stage: &str) -> Branch {
        let optional = |context: &mut Self, key: &str| {
            let value = fields.get(key)?;
            Some(context.reader.expression(value, &format!("`{key}`")).unwrap_or_else(placeholder))
        };
        // A flow stage's own `when` belongs to the stage.
        let when = if name == "flow" { None } else { optional(self, "when") };
        let weight = optional(self, "weight");
        let payoff = self.per_player(fields.get("payoff"), "`payoff`");
        let cost = self.per_player(fields.get("cost"), "`cost`");
        let mut notes = Vec::new();
        if let Some(entry) = fields.entry("note")
            && let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`note`")
        {
            for note in &all.entries {
                self.identifier(note.key, "a note", &note.span);
                let found = self.reader.expression(note.value, &format!("the note `{}`", note.key));
                notes.push((note.key.to_owned(), found.unwrap_or_else(placeholder)));
            }
        }
        let mut set = Vec::new();
        if let Some(entry) = fields.entry("set")
            && let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`set`")
        {
            let names: Vec<String> = self.scenario.variables.iter().map(|v| v.name.clone()).collect();
            for entry in &all.entries {
                let found = self.reader.expression(entry.value, &format!("the new `{}`", entry.key));
                if let Some(variable) = self.find(entry.key, "state variable", entry.span.clone(), &names) {
                    set.push((variable, found.unwrap_or_else(placeholder)));
                }
            }
        }
        let ends_period = self.goto(fields);
        let end = fields.get("end").and_then(|v| self.named_end(v, stage));
        if ends_period && end.is_some() {
            self.exclusive(fields, "goto", "end", "an action ends the period or the war");
        }
        let title = if name == "flow" { None } else { self.reader.text(fields, "title") };
        Branch {
            label: name.to_owned(),
            name: name.to_owned(),
            span,
            title: title.unwrap_or_else(|| name.to_owned()),
            when,
            weight,
            probability: None,
            payoff,
            cost,
            notes,
            set,
            ends_period,
            end,
        }
    }

    fn goto(&mut self, fields: &Fields<'_, '_>) -> bool {
        let Some(value) = fields.get("goto") else { return false };
        match self.reader.string(value, "`goto`") {
            Some(word) if word == "next" => true,
            Some(word) => {
                let help = Some("the only place to go is \"next\": the next period".to_owned());
                let message = format!("there is nowhere to go called `{word}`");
                self.reader.error(codes::UNKNOWN_CHOICE, message, value.span(), "", help);
                false
            }
            None => false,
        }
    }

    fn named_end(&mut self, value: &Node<'_>, stage: &str) -> Option<usize> {
        let outcome = self.reader.string(value, "`end`")?;
        let found = self.scenario.ends.iter().position(|e| e.outcome == outcome && e.when.is_none());
        if found.is_none() {
            let names: Vec<&str> =
                self.scenario.ends.iter().filter(|e| e.when.is_none()).map(|e| e.outcome.as_str()).collect();
            let help = if self.scenario.ends.iter().any(|e| e.outcome == outcome) {
                Some(format!("the `[[end]]` called `{outcome}` has a `when`: add one without"))
            } else {
                suggest(&outcome, names)
                    .or_else(|| Some(format!("add an `[[end]]` with `outcome = \"{outcome}\"`")))
            };
            let message =
                format!("`{stage}` ends the war with `{outcome}`, which is no ending without `when`");
            self.reader.error(codes::NAMES_NOTHING, message, value.span(), "no such ending", help);
        }
        found
    }

    /// One branch per combination of the values in `each`; `count` in a weight becomes their number.
    fn copies(&mut self, fields: &Fields<'_, '_>, branch: Branch) -> Vec<Branch> {
        let noted = |_: &Self, name: &str| {
            let twice = branch.notes.iter().any(|(n, _)| n == name);
            twice.then(|| format!("`{name}` is noted and made by `each`"))
        };
        let combinations = self.combinations(fields, MAX_BRANCHES, &noted);
        let count = combinations.len();
        let copy = |chosen: Chosen| {
            let mut out = branch.clone();
            if let Some(weight) = &mut out.weight {
                replace(&mut weight.term, "count", count as f64);
            }
            out.label = label(&branch.name, &chosen);
            out.title = label(&branch.title, &chosen);
            out.notes = chosen.into_iter().chain(branch.notes.clone()).collect();
            out
        };
        combinations.into_iter().map(copy).collect()
    }
}
