//! What can be opened: the scenario that was named, the scenarios beside it, the models of the catalog. Nothing else is read.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use armistice::scenario::{
    CATALOG, Diagnostic, FileError, Limits, Loaded, MAX_FILE, Scenario, catalog_scenario, load_with,
    parse_files, parse_with, render_plain,
};
use axum::http::StatusCode;
use serde::Serialize;

use crate::error::{Problem, ServeError};

/// How ids of catalog models begin.
const CATALOG_PREFIX: &str = "catalog/";

/// Keys of `[data]` that say how rows of a record read as play.
const SAYS_HOW: [&str; 3] = ["after", "moves", "events"];

/// Sections of a file that gives another one's parameters other values and changes nothing else of its game.
const OF_A_THEORY: [&str; 4] = ["extends", "scenario", "parameters", "claims"];

/// A scenario that can be opened.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    /// What requests call it: the name of a file of the folder, or `catalog/NAME`.
    pub id: String,
    /// Its title, or its name where it was not read yet.
    pub title: String,
    /// What it extends.
    pub extends: Option<String>,
    /// Whether its own text says how rows of a record read as play.
    pub reads: bool,
    /// Whether it extends another and changes nothing of it but parameters.
    pub theory: bool,
}

/// A scenario that was read.
#[derive(Debug)]
pub(crate) struct Source {
    pub id: String,
    pub scenario: Arc<Scenario>,
}

#[derive(Debug)]
pub(crate) struct Workspace {
    folder: PathBuf,
    limits: Limits,
    /// The scenario that was named comes first.
    entries: Vec<Entry>,
    read: Mutex<BTreeMap<String, Arc<Source>>>,
}

impl Workspace {
    /// Reads the scenario and lists those beside it.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, ServeError> {
        let file = if path.is_dir() { path.join("scenario.toml") } else { path.to_owned() };
        let loaded = load_with(&file, &limits);
        let Some(scenario) = sound(&loaded) else { return Err(ServeError::Scenario(Box::new(loaded))) };
        let folder = file.parent().map_or_else(PathBuf::new, Path::to_owned);
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        let folder = folder.canonicalize().map_err(ServeError::Folder)?;
        let id = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let scenario = Arc::new(scenario.clone());
        let mut entries = beside(&folder).map_err(ServeError::Folder)?;
        entries.sort_by(|a, b| (a.id != id).cmp(&(b.id != id)).then(a.id.cmp(&b.id)));
        let read = BTreeMap::from([(id.clone(), Arc::new(Source { id, scenario }))]);
        Ok(Self { folder, limits, entries, read: Mutex::new(read) })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The scenarios of the folder, the one that was named first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// A scenario by its id.
    ///
    /// Cost: that of checking it, the first time.
    pub fn source(&self, id: &str) -> Result<Arc<Source>, Problem> {
        if let Some(known) = self.read.lock().ok().and_then(|read| read.get(id).cloned()) {
            return Ok(known);
        }
        let loaded = if let Some(model) = id.strip_prefix(CATALOG_PREFIX) {
            let text = catalog_scenario(model).ok_or_else(|| unknown(id))?;
            parse_with(text, "scenario.toml", Path::new("."), &self.limits)
        } else {
            let entry = self.entries.iter().find(|entry| entry.id == id).ok_or_else(|| unknown(id))?;
            load_with(&self.folder.join(&entry.id), &self.limits)
        };
        let Some(scenario) = sound(&loaded) else { return Err(refusal(&loaded)) };
        let source = Arc::new(Source { id: id.to_owned(), scenario: Arc::new(scenario.clone()) });
        if let Ok(mut read) = self.read.lock() {
            read.insert(id.to_owned(), Arc::clone(&source));
        }
        Ok(source)
    }

    /// The scenario that says how the record of a scenario's war reads as play: itself, or one of the folder that extends it. A theory, which
    /// gives another scenario's parameters other values, has the record of that one, which is returned too.
    ///
    /// Cost: that of checking the scenarios returned, the first time.
    pub fn reader(&self, source: &Arc<Source>) -> Result<(Arc<Source>, Option<Arc<Source>>), Problem> {
        let reads = |source: &Source| source.scenario.reading().is_ok();
        let in_folder = !source.id.starts_with(CATALOG_PREFIX);
        if in_folder && reads(source) {
            return Ok((Arc::clone(source), None));
        }
        let theory = self.entries.iter().find(|entry| entry.id == source.id && entry.theory);
        let base = match theory.and_then(|entry| entry.extends.as_ref()) {
            Some(id) if self.entries.iter().any(|entry| entry.id == *id) => Some(self.source(id)?),
            _ => None,
        };
        let own = base.as_ref().map_or(&source.id, |base| &base.id);
        let mut broken = None;
        let beside = self.entries.iter().filter(|entry| entry.reads && in_folder);
        for entry in beside.clone().filter(|entry| entry.extends.as_ref() == Some(own)) {
            match self.source(&entry.id) {
                Ok(found) if reads(&found) => return Ok((found, base)),
                Ok(_) => {}
                Err(problem) => broken = Some(problem),
            }
        }
        if let Some(problem) = broken {
            return Err(problem);
        }
        let others: Vec<&str> = beside.map(|entry| entry.title.as_str()).collect();
        let what = "this scenario does not say how the rows of a record read as play of its game";
        let how = "`[data.after]`, `[data.moves]` and `[data.events]` say so: see \"Facing the record\" in the book";
        let hint = if others.is_empty() {
            how.to_owned()
        } else {
            format!("{how}; of this folder these do: {}", others.join("; "))
        };
        Err(Problem::new(StatusCode::NOT_FOUND, what).hint(hint))
    }

    /// Checks the text of a scenario as if it lay in the folder.
    pub fn parse(&self, text: &str) -> Result<Scenario, Problem> {
        let loaded = parse_files(text, "patch", &self.folder, &self.limits, &|path| self.part(path));
        sound(&loaded).cloned().ok_or_else(|| refusal(&loaded))
    }

    /// A file below the folder, even through links.
    fn part(&self, path: &Path) -> Result<String, FileError> {
        let unreadable = |error: std::io::Error| FileError::Unreadable { why: error.to_string() };
        if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(FileError::Outside);
        }
        let file = self.folder.join(path).canonicalize().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => FileError::Missing,
            _ => unreadable(error),
        })?;
        if !file.starts_with(&self.folder) {
            return Err(FileError::Outside);
        }
        let about = std::fs::metadata(&file).map_err(unreadable)?;
        if about.len() > MAX_FILE as u64 {
            return Err(FileError::TooLarge { length: about.len() });
        }
        std::fs::read_to_string(&file).map_err(unreadable)
    }
}

/// The models of the catalog that are scenarios.
pub(crate) fn models() -> impl Iterator<Item = String> {
    CATALOG.iter().map(|(name, _)| format!("{CATALOG_PREFIX}{name}"))
}

/// The scenario, where nothing is wrong with it.
fn sound(loaded: &Loaded) -> Option<&Scenario> {
    let fine = !loaded.diagnostics.iter().any(Diagnostic::is_error);
    loaded.scenario.as_ref().filter(|_| fine)
}

fn refusal(loaded: &Loaded) -> Problem {
    Problem::bad(format!("the scenario has errors:\n{}", render_plain(loaded)))
}

fn unknown(id: &str) -> Problem {
    Problem::bad(format!("there is no scenario `{id}`"))
        .hint("scenarios are the TOML files of the folder that is served, and `catalog/NAME`")
}

/// The scenarios of a folder: TOML files with a section `scenario`, or that extend something.
fn beside(folder: &Path) -> std::io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let file = entry.file_type()?.is_file() && entry.metadata()?.len() <= MAX_FILE as u64;
        if !file || !name.ends_with(".toml") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let Ok(table) = text.parse::<toml::Table>() else { continue };
        let about = table.get("scenario").and_then(toml::Value::as_table);
        let extends = table.get("extends").and_then(toml::Value::as_str).map(str::to_owned);
        if about.is_none() && extends.is_none() {
            continue;
        }
        let title = about.and_then(|about| about.get("title")).and_then(toml::Value::as_str);
        let title = title.unwrap_or(&name).to_owned();
        let reads = SAYS_HOW.iter().any(|key| table.get("data").is_some_and(|data| data.get(key).is_some()));
        let theory = extends.is_some() && table.keys().all(|key| OF_A_THEORY.contains(&key.as_str()));
        entries.push(Entry { id: name, title, extends, reads, theory });
    }
    Ok(entries)
}
