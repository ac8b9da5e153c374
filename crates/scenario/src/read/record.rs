//! `[data]`, `[calibration]`.

use std::ops::Range;
use std::path::PathBuf;

use crate::codes;
use crate::diagnostic::suggest;
use crate::expression::Expression;
use crate::model::{Calibration, ChartKind, Data, DataChart, Reading, RecordSource, Seen, StageKind};
use crate::parts::below;
use crate::read::context::Context;
use crate::read::cursor::{Entry, Fields, Node};
use crate::read::players::placeholder;
use crate::shape::{CalibrationShape, ChartShape, DataShape, Shape};

impl Context<'_> {
    /// `[data]`
    pub fn data(&mut self, entry: &Entry<'_, '_>) {
        let keys = DataShape::keys();
        let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), "`[data]`", &keys) else {
            return;
        };
        let Some(value) = self.reader.required(&fields, "observed") else { return };
        let Some(observed) = self.reader.string(value, "`observed`") else { return };
        let observed = self.data_path(&observed, value.span()).unwrap_or_default();
        let date = self.reader.text(&fields, "date").unwrap_or_else(|| "date".to_owned());
        let mut charts = Vec::new();
        if let Some(value) = fields.get("chart") {
            for table in self.reader.tables(value, "data.chart") {
                charts.extend(self.chart(table));
            }
        }
        let reading = self.reading(&fields);
        self.scenario.data = Some(Data { observed, span: value.span(), date, charts, reading });
    }

    /// How rows read as play; `None` where no key says anything about it.
    fn reading(&mut self, fields: &Fields<'_, '_>) -> Option<Reading> {
        let keys = ["from", "to", "after", "moves", "events", "ended", "sources"];
        keys.iter().find(|key| fields.get(key).is_some())?;
        let mut out = Reading::default();
        for (key, bound) in [("from", &mut out.from), ("to", &mut out.to)] {
            if let Some(value) = fields.get(key) {
                *bound = self.reader.string(value, &format!("`{key}`")).map(|text| (text, value.span()));
            }
        }
        if let Some(entry) = fields.entry("after") {
            let names: Vec<String> = self.scenario.variables.iter().map(|v| v.name.clone()).collect();
            for (name, span, value) in self.named_expressions(entry, "`[data.after]`") {
                if let Some(variable) = self.find(&name, "state variable", span, &names) {
                    out.after.push((variable, value));
                }
            }
        }
        for (key, moves) in [("moves", true), ("events", false)] {
            if let Some(entry) = fields.entry(key) {
                let seen = self.seen(entry, &format!("`[data.{key}]`"), moves);
                out.seen.extend(seen);
            }
        }
        if let Some(entry) = fields.entry("ended") {
            let names: Vec<String> = self.scenario.ends.iter().map(|end| end.outcome.clone()).collect();
            for (name, span, value) in self.named_expressions(entry, "`[data.ended]`") {
                if self.find(&name, "outcome", span, &names).is_some() {
                    out.ended.push((name, value));
                }
            }
        }
        if let Some(entry) = fields.entry("sources")
            && let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`[data.sources]`")
        {
            for entry in &all.entries {
                let what = format!("the source `{}`", entry.key);
                let columns = self.named_expressions(entry, &what);
                let columns = columns.into_iter().map(|(name, _, value)| (name, value)).collect();
                out.sources.push(RecordSource { name: entry.key.to_owned(), columns });
            }
        }
        Some(out)
    }

    /// Names with an expression each.
    fn named_expressions(
        &mut self,
        entry: &Entry<'_, '_>,
        what: &str,
    ) -> Vec<(String, Range<usize>, Expression)> {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), what) else { return Vec::new() };
        let mut out = Vec::new();
        for entry in &all.entries {
            if let Some(value) = self.reader.expression(entry.value, &format!("`{}`", entry.key)) {
                out.push((entry.key.to_owned(), entry.span.clone(), value));
            }
        }
        out
    }

    fn seen(&mut self, entry: &Entry<'_, '_>, what: &str, moves: bool) -> Vec<Seen> {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), what) else { return Vec::new() };
        let fits = |kind: StageKind| match kind {
            StageKind::Move { .. } => moves,
            StageKind::Chance { .. } => !moves,
            StageKind::Flow => false,
        };
        let stages: Vec<(usize, String)> = (self.scenario.stages.iter().enumerate())
            .filter(|(_, stage)| fits(stage.kind))
            .map(|(position, stage)| (position, stage.name.clone()))
            .collect();
        let names: Vec<String> = stages.iter().map(|(_, name)| name.clone()).collect();
        let mut out = Vec::new();
        for entry in &all.entries {
            let kind = if moves { "move" } else { "chance event" };
            let Some(stage) = self.find(entry.key, kind, entry.span.clone(), &names) else { continue };
            let (stage, name) = stages[stage].clone();
            let mut labels: Vec<String> = Vec::new();
            for branch in &self.scenario.stages[stage].branches {
                for label in [&branch.name, &branch.label] {
                    if !labels.contains(label) {
                        labels.push(label.clone());
                    }
                }
            }
            let mut branches = Vec::new();
            for (label, span, value) in self.named_expressions(entry, &format!("`{name}`")) {
                let kind = if moves { "action" } else { "outcome" };
                if self.find(&label, kind, span, &labels).is_some() {
                    branches.push((label, value));
                }
            }
            out.push(Seen { stage, span: entry.span.clone(), branches });
        }
        out
    }

    /// A path below the scenario's folder: it starts at the folder of the file that names it.
    pub(super) fn data_path(&mut self, text: &str, span: Range<usize>) -> Option<PathBuf> {
        let part = self.parts.iter().rev().find(|part| part.place.start <= span.start);
        let folder = part.and_then(|part| part.folder.as_ref());
        match (below(text), folder) {
            (Some(path), Some(folder)) => Some(folder.join(path)),
            (path, _) => {
                let help = match path {
                    None => "name a file below the scenario's folder, such as \"data/months.csv\"",
                    Some(_) => {
                        "models of the catalog have no data: name it in the scenario that extends them"
                    }
                };
                let message = format!("`{text}` is outside the scenario's folder");
                self.reader.error(codes::DATA_PATH, message, span, "", Some(help.to_owned()));
                None
            }
        }
    }

    fn chart(&mut self, table: &Node<'_>) -> Option<DataChart> {
        let fields = self.reader.fields(table, table.span(), "a `[[data.chart]]`", &ChartShape::keys())?;
        let title = self.reader.required(&fields, "title").and_then(|v| self.reader.string(v, "`title`"));
        let columns = self.reader.required(&fields, "columns")?;
        let span = columns.span();
        let columns: Vec<String> =
            self.reader.strings(columns, "`columns`").into_iter().map(|(s, _)| s).collect();
        if columns.is_empty() {
            self.reader.error(codes::EMPTY, "a chart without columns", span, "", None);
        }
        let mut labels = columns.clone();
        if let Some(value) = fields.get("labels") {
            let given: Vec<String> =
                self.reader.strings(value, "`labels`").into_iter().map(|(s, _)| s).collect();
            if given.len() == columns.len() {
                labels = given;
            } else {
                let message = format!("{} labels for {} columns", given.len(), columns.len());
                self.reader.error(codes::WRONG_TYPE, message, value.span(), "one label per column", None);
            }
        }
        let kinds = [("line", ChartKind::Line), ("bar", ChartKind::Bar), ("strip", ChartKind::Strip)];
        let mut kind = ChartKind::Line;
        if let Some(value) = fields.get("kind")
            && let Some(word) = self.reader.string(value, "`kind`")
        {
            match kinds.iter().find(|(name, _)| *name == word) {
                Some((_, found)) => kind = *found,
                None => {
                    let help = suggest(&word, kinds.iter().map(|(name, _)| *name));
                    let message = format!("`{word}` is not a kind of chart");
                    self.reader.error(codes::UNKNOWN_CHOICE, message, value.span(), "", help);
                }
            }
        }
        Some(DataChart {
            title: title.unwrap_or_default(),
            columns,
            labels,
            unit: self.reader.text(&fields, "unit"),
            kind,
            source: self.reader.text(&fields, "source"),
            says: self.reader.text(&fields, "says"),
        })
    }

    /// `[calibration]`
    pub fn calibration(&mut self, entry: &Entry<'_, '_>) {
        let Some(all) = self.reader.entries(entry.value, entry.span.clone(), "`[calibration]`") else {
            return;
        };
        for entry in &all.entries {
            self.identifier(entry.key, "a calibration", &entry.span);
            let what = format!("the calibration `{}`", entry.key);
            let keys = CalibrationShape::keys();
            let Some(fields) = self.reader.fields(entry.value, entry.span.clone(), &what, &keys) else {
                continue;
            };
            let measure = self.reader.required(&fields, "measure");
            let measure = measure.and_then(|v| self.reader.expression(v, "`measure`"));
            let observed = fields.get("observed").and_then(|v| self.reader.number(v, "`observed`"));
            let range = fields.get("range").and_then(|v| self.reader.range(v, "`range`"));
            if fields.get("observed").is_none() && fields.get("range").is_none() {
                let message = format!("{what} has neither `observed` nor `range`");
                let help = Some("say what the record shows".to_owned());
                self.reader.error(codes::MISSING_KEY, message, entry.span.clone(), "", help);
            }
            let calibration = Calibration {
                name: entry.key.to_owned(),
                title: self.reader.text(&fields, "title").unwrap_or_else(|| entry.key.to_owned()),
                measure: measure.unwrap_or_else(placeholder),
                observed,
                range,
                unit: self.reader.text(&fields, "unit"),
                source: self.reader.text(&fields, "source"),
                says: self.reader.text(&fields, "says"),
            };
            self.scenario.calibration.push(calibration);
        }
    }
}
