//! The files a scenario is made of: what it extends, what it includes, and itself.
//!
//! Files are found by following `extends` and `include`, and are listed in the order in which they are laid over each
//! other: what a file extends comes first, then what it includes, then the file. Spans of all diagnostics point into one
//! text, in which the files stand one after another.

use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use toml::de::DeTable;

use crate::catalog::{CATALOG, catalog_scenario};
use crate::codes;
use crate::diagnostic::{Diagnostic, Source, suggest};
use crate::load::MAX_FILE;
use crate::read::cursor::{Node, Reader};

/// Most steps from a scenario to what it extends or includes.
const MAX_STEPS: usize = 8;
/// Most files of one scenario.
const MAX_PARTS: usize = 64;

/// Why a file that a scenario names cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// It lies outside the scenario's folder, if only through a link.
    #[error("it leads outside the scenario's folder")]
    Outside,
    /// It is larger than any scenario may be.
    #[error("it has {length} bytes; at most {MAX_FILE} are allowed")]
    TooLarge {
        /// Its length in bytes.
        length: u64,
    },
    /// It cannot be read.
    #[error("it cannot be read: {why}")]
    Unreadable {
        /// Why, in words.
        why: String,
    },
    /// The scenario is a text without a folder.
    #[error("this scenario was not read from a folder, so it can only extend models of the catalog")]
    NoFolder,
}

/// Reads a file that a scenario extends or includes, by its path below the scenario's folder.
pub type Files<'f> = &'f dyn Fn(&Path) -> Result<String, FileError>;

/// One file of a scenario.
pub(crate) struct Part {
    /// Where its text stands in the text of all.
    pub place: Range<usize>,
    /// Its folder below the scenario's; `None` for a model of the catalog, which has none.
    pub folder: Option<PathBuf>,
}

/// The files of a scenario, in the order in which they are laid over each other; the scenario's own file is the last.
pub(crate) struct Gathered {
    pub parts: Vec<Part>,
    pub source: Source,
    /// What is wrong with `extends` and `include`.
    pub problems: Vec<Diagnostic>,
}

impl Gathered {
    /// blake3 of the file, or of all files with their lengths where there are several; hexadecimal.
    pub fn hash(&self) -> String {
        if let [_] = self.parts.as_slice() {
            return blake3::hash(self.source.text.as_bytes()).to_hex().to_string();
        }
        let mut hasher = blake3::Hasher::new();
        for part in &self.parts {
            hasher.update(&(part.place.len() as u64).to_le_bytes());
            hasher.update(self.source.text.get(part.place.clone()).unwrap_or("").as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// A file on the way from the scenario to what it rests on.
struct Step {
    /// What diagnostics call it.
    name: String,
    /// Its folder below the scenario's.
    folder: Option<PathBuf>,
    /// What tells it from other files: a path, or the name of a model.
    key: String,
    /// Whether it was included, so that it cannot extend anything.
    fragment: bool,
}

/// Follows `extends` and `include` from the scenario's own text.
pub(crate) fn gather(text: &str, name: &str, files: Files<'_>) -> Gathered {
    let gathered = Gathered { parts: Vec::new(), source: Source::without_text(name), problems: Vec::new() };
    let key = Path::new(name).file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let prefix = name.strip_suffix(&key).unwrap_or("").to_owned();
    let mut gatherer =
        Gatherer { files, gathered, prefix, above: Vec::new(), seen: vec![key.clone()], length: text.len() };
    let step = Step { name: name.to_owned(), folder: Some(PathBuf::new()), key, fragment: false };
    gatherer.part(step, text);
    gatherer.gathered
}

struct Gatherer<'f> {
    files: Files<'f>,
    gathered: Gathered,
    /// What the user wrote before the name of the scenario's file.
    prefix: String,
    /// Keys of the files that are being followed.
    above: Vec<String>,
    /// Keys of all files.
    seen: Vec<String>,
    /// Bytes of all files.
    length: usize,
}

impl Gatherer<'_> {
    fn part(&mut self, step: Step, text: &str) {
        self.above.push(step.key.clone());
        let mut reader = Reader::new(text);
        // Syntax errors are reported when the parts are read.
        let (document, _) = DeTable::parse_recoverable(text);
        let table = document.get_ref();
        if let Some((key, value)) = table.get_key_value("extends") {
            if step.fragment {
                let message = format!("`{}` is included, and extends something itself", step.name);
                let help = "a file that is included is a fragment: let the scenario extend the model";
                let problem = Diagnostic::error(codes::EXTENDS_HERE, message).at(key.span(), "").help(help);
                reader.problems.push(problem);
            } else if let Some(wanted) = reader.string(value, "`extends`") {
                self.follow(&step, &wanted, value.span(), false, &mut reader);
            }
        }
        if let Some(value) = table.get("include") {
            for (wanted, span) in included(&mut reader, value) {
                self.follow(&step, &wanted, span, true, &mut reader);
            }
        }
        self.above.pop();
        let start = self.gathered.source.add(&step.name, text);
        self.gathered.parts.push(Part { place: start..start + text.len(), folder: step.folder });
        for problem in reader.problems.finish() {
            self.gathered.problems.push(problem.shifted(start));
        }
    }

    /// Reads what `extends` or `include` names.
    fn follow(
        &mut self,
        from: &Step,
        wanted: &str,
        span: Range<usize>,
        fragment: bool,
        reader: &mut Reader<'_>,
    ) {
        let found = self.find(from, wanted, &span, fragment).and_then(|(step, text)| {
            let problem = |code: &'static str, message: String, help: &str| {
                Err(Diagnostic::error(code, message).at(span.clone(), "").help(help))
            };
            if self.above.contains(&step.key) {
                let message = format!("`{wanted}` rests on this file itself");
                return problem(codes::PART_AGAIN, message, "break the cycle: a file cannot extend itself");
            }
            if self.seen.contains(&step.key) {
                let message = format!("`{wanted}` is part of this scenario already");
                return problem(codes::PART_AGAIN, message, "name each file once");
            }
            if self.above.len() > MAX_STEPS || self.seen.len() >= MAX_PARTS {
                let message = format!("`{wanted}` is one file too many");
                let help = format!("a scenario has at most {MAX_PARTS} files, {MAX_STEPS} steps deep");
                return problem(codes::TOO_DEEP, message, &help);
            }
            self.length = self.length.saturating_add(text.len());
            if self.length > MAX_FILE {
                let message = format!("with `{wanted}` the scenario has {} bytes", self.length);
                let help = format!("at most {MAX_FILE} are allowed, all files together");
                return problem(codes::FILE_TOO_LARGE, message, &help);
            }
            Ok((step, text))
        });
        match found {
            Ok((step, text)) => {
                self.seen.push(step.key.clone());
                self.part(step, &text);
            }
            Err(problem) => reader.problems.push(problem),
        }
    }

    fn find(
        &self,
        from: &Step,
        wanted: &str,
        span: &Range<usize>,
        fragment: bool,
    ) -> Result<(Step, String), Diagnostic> {
        let problem = |code, message: String| Diagnostic::error(code, message).at(span.clone(), "");
        if !fragment && !wanted.contains('/') && !wanted.ends_with(".toml") {
            let Some(text) = catalog_scenario(wanted) else {
                let message = format!("there is no model `{wanted}` in the catalog");
                let help = suggest(wanted, CATALOG.iter().map(|(name, _)| *name)).unwrap_or_else(|| {
                    "the name of a file ends with `.toml`, such as \"base.toml\"".to_owned()
                });
                return Err(problem(codes::UNKNOWN_MODEL, message).help(help));
            };
            let name = format!("catalog/{wanted}/scenario.toml");
            let step = Step { key: name.clone(), name, folder: None, fragment };
            return Ok((step, text.to_owned()));
        }
        let Some(folder) = &from.folder else {
            let message = format!("a model of the catalog names the file `{wanted}`, and has no folder");
            return Err(problem(codes::PART_OUTSIDE, message));
        };
        let outside = || {
            let message = format!("`{wanted}` is outside the scenario's folder");
            let help = "name a file below the folder of this one, such as \"parts/talks.toml\"";
            problem(codes::PART_OUTSIDE, message).help(help)
        };
        let below = below(wanted).ok_or_else(outside)?;
        let path: PathBuf = folder.join(below).components().filter(|c| *c != Component::CurDir).collect();
        let text = (self.files)(&path).map_err(|error| match error {
            FileError::Outside => outside(),
            FileError::TooLarge { .. } => problem(codes::FILE_TOO_LARGE, format!("`{wanted}`: {error}")),
            _ => problem(codes::PART_MISSING, format!("`{wanted}`: {error}"))
                .help("the path starts at the folder of the file that names it"),
        })?;
        let key = path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let name = format!("{}{key}", self.prefix);
        let folder = path.parent().map(Path::to_owned);
        Ok((Step { name, folder, key, fragment }, text))
    }
}

fn included(reader: &mut Reader<'_>, value: &Node<'_>) -> Vec<(String, Range<usize>)> {
    let list = reader.strings(value, "`include`");
    list.into_iter().take(MAX_PARTS + 1).collect()
}

/// A path that stays below the folder it starts at, by its letters.
pub(crate) fn below(text: &str) -> Option<&Path> {
    let path = Path::new(text);
    let inside = !text.is_empty()
        && !text.contains(['\\', ':', '\0'])
        && path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    inside.then_some(path)
}
