//! From a file or a text to a checked scenario.

use std::path::{Path, PathBuf};

use crate::check::check;
use crate::codes;
use crate::compile::Limits;
use crate::diagnostic::{Diagnostic, Source, render_diagnostics};
use crate::model::Scenario;
use crate::parts::{FileError, Files, gather};
use crate::quotes::verify;
use crate::read::read;
use crate::record::{self, RecordTable};

/// Largest scenario file, in bytes.
pub const MAX_FILE: usize = 4 * 1024 * 1024;

/// What loading gives: the scenario if it is sound, and everything there is to say about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario; `None` when any diagnostic is an error.
    pub scenario: Option<Scenario>,
    /// Every problem, by place in the file.
    pub diagnostics: Vec<Diagnostic>,
    /// The text that diagnostics point into.
    pub source: Source,
}

/// Loads a scenario from its folder or its file.
///
/// - returns every problem found, those of reading the file included; never fails otherwise.
/// - cost: that of compiling the game once, and once for every case and lever that changes it.
#[must_use]
pub fn load(path: &Path) -> Loaded {
    load_with(path, &Limits::default())
}

/// [`load`] with limits of one's own.
#[must_use]
pub fn load_with(path: &Path, limits: &Limits) -> Loaded {
    let file = if path.is_dir() { path.join("scenario.toml") } else { path.to_owned() };
    let folder = file.parent().map_or_else(PathBuf::new, Path::to_owned);
    let name = file.display().to_string();
    let as_text = |content| String::from_utf8(content).map_err(|_| unreadable(&file, "it is not UTF-8 text"));
    let text = match read_file(&file).and_then(as_text) {
        Ok(text) => text,
        Err(diagnostic) => {
            let source = Source::new(&name, "");
            return Loaded { scenario: None, diagnostics: vec![diagnostic], source };
        }
    };
    let mut loaded = parse_files(&text, &name, &folder, limits, &|path| read_part(&folder, path));
    if let Some(missing) = loaded.scenario.as_ref().and_then(|s| missing_data(s, &folder)) {
        loaded.scenario = None;
        loaded.diagnostics.push(missing);
    }
    loaded
}

fn unreadable(file: &Path, why: &str) -> Diagnostic {
    Diagnostic::error(codes::UNREADABLE, format!("`{}` cannot be read: {why}", file.display()))
}

fn read_file(file: &Path) -> Result<Vec<u8>, Diagnostic> {
    let failed = |error: std::io::Error| unreadable(file, &error.to_string());
    let length = std::fs::metadata(file).map_err(failed)?.len();
    if length > MAX_FILE as u64 {
        return Err(too_large(length));
    }
    std::fs::read(file).map_err(failed)
}

/// Reads a file below a folder, even through links.
fn read_part(folder: &Path, path: &Path) -> Result<String, FileError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let unreadable = |error: std::io::Error| FileError::Unreadable { why: error.to_string() };
    let file = folder.join(path).canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => FileError::Missing,
        _ => unreadable(error),
    })?;
    if !file.starts_with(folder.canonicalize().map_err(unreadable)?) {
        return Err(FileError::Outside);
    }
    let about = std::fs::metadata(&file).map_err(unreadable)?;
    if !about.is_file() {
        return Err(FileError::Unreadable { why: "it is not a file".to_owned() });
    }
    if about.len() > MAX_FILE as u64 {
        return Err(FileError::TooLarge { length: about.len() });
    }
    let content = std::fs::read(&file).map_err(unreadable)?;
    record::table_text(content).map_err(|why| FileError::Unreadable { why })
}

fn too_large(length: u64) -> Diagnostic {
    let message = format!("the scenario file has {length} bytes; at most {MAX_FILE} are allowed");
    Diagnostic::error(codes::FILE_TOO_LARGE, message)
        .help("keep data in a file beside it, named under `[data]`")
}

/// The data file has to exist, and to lie in the folder even through links.
fn missing_data(scenario: &Scenario, folder: &Path) -> Option<Diagnostic> {
    let data = scenario.data.as_ref()?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let shown = data.observed.display();
    let file = folder.join(&data.observed);
    let (Ok(file), Ok(folder)) = (file.canonicalize(), folder.canonicalize()) else {
        let message = format!("there is no data file `{shown}`");
        return Some(
            Diagnostic::error(codes::DATA_MISSING, message)
                .at(data.span.clone(), "")
                .help("the path starts at the scenario's folder"),
        );
    };
    if !file.starts_with(&folder) {
        let message = format!("`{shown}` leads outside the scenario's folder");
        return Some(Diagnostic::error(codes::DATA_PATH, message).at(data.span.clone(), ""));
    }
    if !file.is_file() {
        let message = format!("`{shown}` is not a file");
        return Some(Diagnostic::error(codes::DATA_MISSING, message).at(data.span.clone(), ""));
    }
    None
}

/// Reads a scenario from a text. Nothing is read from disk: it may extend models of the catalog, and no files.
///
/// - `name`: what diagnostics call the text.
/// - `folder`: where the data files would be.
#[must_use]
pub fn parse(text: &str, name: &str, folder: &Path) -> Loaded {
    parse_with(text, name, folder, &Limits::default())
}

/// [`parse`] with limits of one's own.
#[must_use]
pub fn parse_with(text: &str, name: &str, folder: &Path, limits: &Limits) -> Loaded {
    parse_files(text, name, folder, limits, &|_| Err(FileError::NoFolder))
}

/// [`parse_with`], with a way to read the files that the scenario extends or includes.
///
/// - `files`: given the path of a file below the scenario's folder, its text. Paths never lead up; that links do not lead
///   out is the business of whoever reads.
#[must_use]
pub fn parse_files(text: &str, name: &str, folder: &Path, limits: &Limits, files: Files<'_>) -> Loaded {
    if text.len() > MAX_FILE {
        let diagnostics = vec![too_large(text.len() as u64)];
        return Loaded { scenario: None, diagnostics, source: Source::new(name, text) };
    }
    let gathered = gather(text, name, files);
    let (mut scenario, mut diagnostics) = check(read(&gathered, folder), limits);
    let quotes = scenario.as_mut().map_or_else(Vec::new, |scenario| verify(scenario, files));
    if !quotes.is_empty() {
        if quotes.iter().any(Diagnostic::is_error) {
            scenario = None;
        }
        diagnostics.extend(quotes);
        diagnostics.sort_by_key(|d| d.labels.first().map_or(0, |label| label.span.start));
    }
    let rows = scenario.as_ref().map_or_else(Vec::new, |scenario| record::verify(scenario, limits, files));
    if rows.iter().any(Diagnostic::is_error) {
        scenario = None;
    }
    diagnostics.extend(rows);
    Loaded { scenario, diagnostics, source: gathered.source }
}

/// Reads the record that a scenario names under `[data]`, or another table in its place.
///
/// - `file`: a table with the columns that `[data]` reads; `None` is the scenario's own.
/// - errors: [`codes::RECORD_TABLE`](crate::ALL_CODES) and its neighbors, all that is wrong with the table at once.
pub fn load_record(scenario: &Scenario, file: Option<&Path>) -> Result<RecordTable, Vec<Diagnostic>> {
    let text = match (file, scenario.data.as_ref()) {
        (Some(file), _) => {
            let text = |content| record::table_text(content).map_err(|why| unreadable(file, &why));
            read_file(file).and_then(text).map_err(|diagnostic| vec![diagnostic])?
        }
        (None, Some(data)) => {
            let shown = data.observed.display();
            read_part(&scenario.folder, &data.observed).map_err(|error| {
                let message = format!("the record `{shown}` cannot be read: {error}");
                vec![Diagnostic::error(codes::RECORD_TABLE, message).at(data.span.clone(), "")]
            })?
        }
        (None, None) => return Err(vec![record::no_data()]),
    };
    let shown = file.map(|file| file.display().to_string());
    RecordTable::read(scenario, shown.as_deref(), &text)
}

/// The diagnostics of a scenario as plain text.
#[must_use]
pub fn render_plain(loaded: &Loaded) -> String {
    render_diagnostics(&loaded.source, &loaded.diagnostics)
}
