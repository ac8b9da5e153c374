//! TOML text → a [`Scenario`] whose expressions are parsed and whose keys are known; names inside expressions are
//! resolved afterwards, by `check`.

mod context;
mod copies;
pub(crate) mod cursor;
mod outside;
mod play;
mod players;
mod record;
mod types;

use std::collections::HashMap;
use std::path::Path;

use toml::de::DeTable;

use crate::codes;
use crate::diagnostic::{Diagnostic, Problems};
use crate::merge::{Merger, shifted_table};
use crate::model::{About, Scenario};
use crate::parts::Gathered;
use crate::shape::{ScenarioFile, Shape};

use context::Context;
use cursor::{Fields, Reader};
pub(crate) use play::ONGOING;

/// What reading a file gives: a scenario that may lack parts, and every problem found so far.
pub(crate) struct Draft {
    pub scenario: Scenario,
    pub problems: Problems,
    /// Whether the text is not TOML, so that parts of it may have been skipped.
    pub broken: bool,
}

/// Reads the files of a scenario, laid over each other.
pub(crate) fn read(gathered: &Gathered, folder: &Path) -> Draft {
    let text = gathered.source.text.as_str();
    let mut reader = Reader::new(text);
    let mut broken = !gathered.problems.is_empty();
    reader.problems.in_game = true;
    gathered.problems.iter().for_each(|problem| reader.problems.push(problem.clone()));
    let mut document = DeTable::new();
    for part in &gathered.parts {
        let (table, errors) = DeTable::parse_recoverable(text.get(part.place.clone()).unwrap_or(""));
        let start = part.place.start;
        broken |= !errors.is_empty();
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            let span = span.start + start..span.end + start;
            reader.error(codes::TOML, format!("not valid TOML: {}", error.message()), span, "", None);
        }
        let table = shifted_table(table.into_inner(), start);
        Merger { reader: &mut reader }.lay(&mut document, table);
    }
    reader.problems.in_game = false;
    let own = gathered.parts.last().map_or(0, |part| part.place.start);
    let entries = document
        .iter()
        .map(|(k, v)| cursor::Entry { key: k.get_ref(), span: k.span(), value: v })
        .collect::<Vec<_>>();
    let mut root = Fields { what: "a scenario".to_owned(), span: own..own, entries };
    root.entries.sort_by_key(|e| reader.rank(e.span.start));
    let scenario = empty(gathered.hash(), folder);
    let mut context = Context { reader, scenario, parts: &gathered.parts, names: HashMap::new() };
    context.root(&root);
    let problems = context.reader.problems;
    Draft { scenario: context.scenario, problems, broken }
}

fn empty(hash: String, folder: &Path) -> Scenario {
    Scenario {
        folder: folder.to_owned(),
        hash,
        about: About::default(),
        parameters: Vec::new(),
        players: Vec::new(),
        variables: Vec::new(),
        lets: Vec::new(),
        ends: Vec::new(),
        at_horizon: None,
        horizon_everywhere: false,
        stages: Vec::new(),
        levers: Vec::new(),
        cases: Vec::new(),
        bargaining: None,
        measures: Vec::new(),
        claims: Vec::new(),
        data: None,
        calibration: Vec::new(),
    }
}

impl Context<'_> {
    /// Reads every section, those that others name first.
    fn root(&mut self, root: &Fields<'_, '_>) {
        let keys = ScenarioFile::keys();
        for entry in &root.entries {
            if !keys.contains(&entry.key) {
                let diagnostic =
                    Diagnostic::error(codes::UNKNOWN_KEY, format!("there is no section `[{}]`", entry.key))
                        .at(entry.span.clone(), "unknown section")
                        .maybe_help(crate::diagnostic::suggest(entry.key, keys.iter().copied()));
                self.reader.problems.push_harmless(diagnostic);
            }
        }
        self.reader.problems.in_game = true;
        self.section(root, "parameters", Self::parameters);
        if self.reader.required(root, "players").is_some() {
            self.section(root, "players", Self::players);
        }
        if self.reader.required(root, "scenario").is_some() {
            self.section(root, "scenario", Self::about);
        }
        self.section(root, "state", Self::variables);
        self.section(root, "let", Self::lets);
        if let Some(value) = root.get("end") {
            self.ends(value);
        }
        self.section(root, "at_horizon", Self::at_horizon);
        if let Some(value) = self.reader.required(root, "stage") {
            self.stages(value);
        }
        self.reader.problems.in_game = false;
        self.section(root, "levers", Self::levers);
        self.section(root, "cases", Self::cases);
        self.section(root, "bargaining", Self::bargaining);
        self.section(root, "measures", Self::measures);
        self.section(root, "claims", Self::claims);
        self.section(root, "data", Self::data);
        self.section(root, "calibration", Self::calibration);
        self.headline(root);
        self.horizon_payoff(root);
    }

    fn section<'v, 'a>(
        &mut self,
        root: &Fields<'v, 'a>,
        key: &str,
        read: fn(&mut Self, &cursor::Entry<'v, 'a>),
    ) {
        if let Some(entry) = root.entry(key) {
            read(self, entry);
        }
    }
}
