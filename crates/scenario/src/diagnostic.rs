//! What is wrong with a scenario, where, and what would be right.

use std::collections::HashSet;
use std::fmt::Write;
use std::ops::Range;

use serde::Serialize;

use crate::codes;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The scenario cannot be used.
    Error,
    /// The scenario can be used, and may not say what its author meant.
    Warning,
}

/// A place in the scenario file and what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Byte range in [`Source::text`].
    pub span: Range<usize>,
    /// A few words; may be empty.
    pub text: String,
}

/// One problem of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Its kind, such as `A0301`; see [`crate::explain`].
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, one sentence without a period.
    pub message: String,
    /// Where; the first label is the place that matters most.
    pub labels: Vec<Label>,
    /// What would be right.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without a place.
    pub(crate) fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), labels: Vec::new(), help: None }
    }

    /// A warning without a place.
    pub(crate) fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Adds a place.
    pub(crate) fn at(mut self, span: Range<usize>, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what would be right.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what would be right, where something is known.
    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// This diagnostic with all its places moved by `by` bytes.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        for label in &mut self.labels {
            label.span = label.span.start + by..label.span.end + by;
        }
        self
    }

    /// Whether the scenario cannot be used.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The text diagnostics point into: the scenario's file, and before it the files it extends or includes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Name of the scenario's file, as the user gave it.
    pub name: String,
    /// The whole text: all files, one after another.
    pub text: String,
    /// By file: its name and where its text starts.
    files: Vec<(String, usize)>,
}

/// One file of a [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFile<'s> {
    /// Its name.
    pub name: &'s str,
    /// Its text.
    pub text: &'s str,
    /// Where the text starts in [`Source::text`].
    pub start: usize,
}

impl Source {
    /// The source of a scenario in one file.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        let mut out = Self::without_text(name);
        out.add(name, text);
        out
    }

    /// The source of a scenario no file of which was read yet.
    pub(crate) fn without_text(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Adds a file; gives where its text starts.
    pub(crate) fn add(&mut self, name: &str, text: &str) -> usize {
        if !self.files.is_empty() {
            // So that the end of one file is not the start of the next.
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.files.push((name.to_owned(), start));
        start
    }

    /// All files, in the order in which they are laid over each other.
    pub fn files(&self) -> impl Iterator<Item = SourceFile<'_>> {
        self.files.iter().map(|(_, start)| self.file(*start))
    }

    /// The file that a byte of [`Source::text`] belongs to.
    #[must_use]
    pub fn file(&self, byte: usize) -> SourceFile<'_> {
        let next = self.files.iter().position(|(_, start)| *start > byte).unwrap_or(self.files.len());
        let (name, start) = match next.checked_sub(1).and_then(|i| self.files.get(i)) {
            Some((name, start)) => (name.as_str(), *start),
            None => (self.name.as_str(), 0),
        };
        let end = self.files.get(next).map_or(self.text.len(), |(_, start)| start - 1);
        SourceFile { name, text: self.text.get(start..end).unwrap_or(""), start }
    }

    /// Line and column of a byte in its file, both from 1; columns count characters.
    #[must_use]
    pub fn position(&self, byte: usize) -> (usize, usize) {
        self.file(byte).position(byte)
    }
}

impl<'s> SourceFile<'s> {
    fn position(&self, byte: usize) -> (usize, usize) {
        let (line, start) = self.line_start(byte);
        let end = (byte - self.start).min(self.text.len());
        let column = self.text.get(start..end).map_or(0, |s| s.chars().count());
        (line + 1, column + 1)
    }

    fn line_start(&self, byte: usize) -> (usize, usize) {
        let before = &self.text.as_bytes()[..(byte - self.start).min(self.text.len())];
        let line = before.iter().filter(|b| **b == b'\n').count();
        (line, before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1))
    }

    /// The line a byte is on, without its end.
    fn line(&self, byte: usize) -> &'s str {
        let (_, start) = self.line_start(byte);
        self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("")
    }
}

/// Most problems listed in one run; the rest are counted.
const MAX_LISTED: usize = 200;

/// Collects the problems of a scenario in the order in which they are found.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Diagnostic>,
    /// Whether an error concerns the game itself, so that compiling it would only repeat the error.
    pub game_is_broken: bool,
    /// Whether problems found now concern the game itself.
    pub in_game: bool,
    unlisted: usize,
}

impl Problems {
    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.is_error() && self.in_game {
            self.game_is_broken = true;
        }
        self.push_harmless(diagnostic);
    }

    /// Adds a problem that leaves the game as it is, such as a key nobody reads.
    pub fn push_harmless(&mut self, diagnostic: Diagnostic) {
        if self.list.contains(&diagnostic) {
            return;
        }
        if self.list.len() < MAX_LISTED {
            self.list.push(diagnostic);
        } else {
            self.unlisted += 1;
        }
    }

    /// Forgets what is likely to be missing only because the TOML parser skipped over a syntax error. A name that is
    /// almost one that is there stays: it was mistyped, not skipped.
    pub fn drop_consequences(&mut self) {
        let missing = [codes::MISSING_KEY, codes::NAMES_NOTHING, codes::UNKNOWN_NAME, codes::UNKNOWN_WORD];
        let mistyped = |d: &Diagnostic| d.help.as_ref().is_some_and(|help| help.starts_with(DID_YOU_MEAN));
        self.list.retain(|d| !missing.contains(&d.code) || mistyped(d));
    }

    /// Whether anything found so far is an error.
    pub fn has_errors(&self) -> bool {
        self.unlisted > 0 || self.list.iter().any(Diagnostic::is_error)
    }

    /// The problems by place in the file.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|d| d.labels.first().map_or(0, |label| label.span.start));
        if self.unlisted > 0 {
            let message = format!("{} more problems are not listed", self.unlisted);
            self.list.push(Diagnostic::error(codes::TOO_MANY_PROBLEMS, message));
        }
        self.list
    }
}

/// Diagnostics as plain text: code, message, place, the words underlined, help.
#[must_use]
pub fn render_diagnostics(source: &Source, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        render(&mut out, source, diagnostic);
    }
    out
}

fn render(out: &mut String, source: &Source, diagnostic: &Diagnostic) {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "{severity}[{}]: {}", diagnostic.code, diagnostic.message);
    for label in &diagnostic.labels {
        let file = source.file(label.span.start);
        let (line, column) = file.position(label.span.start);
        let _ = writeln!(out, "  --> {}:{line}:{column}", file.name);
        let words = file.line(label.span.start);
        let number = line.to_string();
        let room = words.chars().count().saturating_sub(column - 1).max(1);
        let width = source
            .text
            .get(label.span.clone())
            .map_or(1, |s| s.lines().next().unwrap_or("").chars().count())
            .clamp(1, room);
        // Very long lines are cut around the words that matter.
        let skip = if words.chars().count() > 160 { (column - 1).saturating_sub(40) } else { 0 };
        let shown: String = words.chars().skip(skip).take(160).collect();
        let marks = "^".repeat(width.min(160));
        let indent = " ".repeat(column - 1 - skip);
        let _ = writeln!(out, " {number} | {}", shown.trim_end());
        let text = if label.text.is_empty() { String::new() } else { format!(" {}", label.text) };
        let _ = writeln!(out, " {} | {indent}{marks}{text}", " ".repeat(number.len()));
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "  help: {help}");
    }
    out.push('\n');
}

/// The candidate most like `wanted`, if any is like it enough to be what was meant.
pub(crate) fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wanted.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // Comparing is quadratic in length: names longer than this are not worth a guess.
        if candidate.len() > 64 || wanted.len() > 64 {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        let allowed = (wanted.chars().count().max(candidate.chars().count()) / 3).max(1);
        if distance <= allowed && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How a guess starts.
const DID_YOU_MEAN: &str = "did you mean";

/// "did you mean …", or a list of what there is when the list is short.
pub(crate) fn suggest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut candidates: Vec<&str> = candidates.into_iter().collect();
    let mut seen = HashSet::new();
    candidates.retain(|candidate| seen.insert(*candidate));
    // Enough to choose from; more would only take time when a file has thousands of mistakes.
    candidates.truncate(300);
    if let Some(name) = nearest(wanted, candidates.iter().copied()) {
        return Some(format!("{DID_YOU_MEAN} `{name}`?"));
    }
    if candidates.is_empty() || candidates.len() > 12 {
        return None;
    }
    let list: Vec<String> = candidates.iter().map(|c| format!("`{c}`")).collect();
    Some(format!("there is {}", list.join(", ")))
}
