//! Finite games in files: which files they are, reading them, and showing everything that is wrong with one.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use armistice::game::{FiniteGame, FormatError, FormatErrors, NormalGame};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource};
use serde_json::{Value, json};

use crate::diagnostics::Look;
use crate::failure::Failure;
use crate::session::Session;
use crate::text::plural;

/// Problems that are shown with the words concerned; more are shown by place alone.
const DRAWN: usize = 50;

/// A format of finite games.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A tree.
    Efg,
    /// A table.
    Nfg,
}

impl Format {
    /// The format that the ending of a file's name says; none for folders and other files.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "efg" if !path.is_dir() => Some(Self::Efg),
            "nfg" if !path.is_dir() => Some(Self::Nfg),
            _ => None,
        }
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Efg => "efg",
            Self::Nfg => "nfg",
        }
    }
}

/// A game that was read.
pub struct GameFile {
    /// blake3 of the file.
    pub hash: String,
    /// The tree; of a table, its tree.
    pub tree: FiniteGame,
    /// The table, where the file has one.
    pub table: Option<NormalGame>,
}

/// Reads a game that has to be sound: its errors are shown and end the command.
pub fn open(session: &Session, path: &Path, format: Format, schema: &str) -> Result<GameFile, Failure> {
    let bytes = std::fs::read(path).map_err(Failure::io("read", path))?;
    let hash = blake3::hash(&bytes).to_hex().to_string();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let sound = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            return Err(refuse(session, path, text.clone(), &[not_utf8(&text, sound)], 0, schema));
        }
    };
    let read = match format {
        Format::Efg => FiniteGame::read_efg(&text).map(|tree| (tree, None)),
        Format::Nfg => NormalGame::read_nfg(&text).map(|table| (table.to_tree(), Some(table))),
    };
    match read {
        Ok((tree, table)) => Ok(GameFile { hash, tree, table }),
        Err(FormatErrors { errors, omitted }) => {
            let problems: Vec<Problem> = errors.iter().map(|error| Problem::of(&text, error)).collect();
            Err(refuse(session, path, text, &problems, omitted, schema))
        }
    }
}

/// One thing that is wrong with the text of a game.
#[derive(Debug)]
struct Problem {
    /// Line and column, from 1.
    place: Option<(usize, usize)>,
    /// The bytes concerned.
    span: Option<(usize, usize)>,
    cause: String,
    remedy: String,
}

impl Problem {
    fn of(text: &str, error: &FormatError) -> Self {
        let place = error.place.map(|place| (place.line, place.column));
        Self {
            place,
            span: place.map(|(line, column)| span(text, line, column)),
            cause: error.problem.to_string(),
            remedy: error.remedy().to_owned(),
        }
    }

    /// `game.efg:3:7`
    fn at(&self, file: &str) -> String {
        match self.place {
            Some((line, column)) => format!("{file}:{line}:{column}"),
            None => file.to_owned(),
        }
    }
}

/// The first bytes that are no text; `sound` bytes before them are.
fn not_utf8(text: &str, sound: usize) -> Problem {
    let before = text.get(..sound).unwrap_or_default();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().filter(|c| *c != '\u{feff}').count();
    Problem {
        place: Some((before.matches('\n').count() + 1, column + 1)),
        span: Some((sound, '\u{fffd}'.len_utf8())),
        cause: "the file is not text in UTF-8 from here on".to_owned(),
        remedy: "save it as UTF-8; perhaps a name was written in another encoding".to_owned(),
    }
}

/// Start and length of the word at a place. The mark at the start of some files has no column.
fn span(text: &str, line: usize, column: usize) -> (usize, usize) {
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    let into: usize = {
        let mut seen = 1;
        let before = rest.chars().take_while(|c| {
            let here = seen < column || *c == '\u{feff}';
            seen += usize::from(*c != '\u{feff}');
            here
        });
        before.map(char::len_utf8).sum()
    };
    let word = rest.get(into..).unwrap_or_default();
    let length = word.find(|c: char| c.is_whitespace()).unwrap_or(word.len());
    (start + into, length.max(usize::from(!word.is_empty())))
}

/// Shows problems on standard error and, with `--json`, as a document.
fn refuse(
    session: &Session,
    path: &Path,
    text: String,
    problems: &[Problem],
    omitted: usize,
    schema: &str,
) -> Failure {
    let file = path.display().to_string();
    session.complain(&render(&file, &Arc::new(text), problems, omitted, session.look));
    if session.json {
        let listed: Vec<Value> = problems.iter().map(|problem| document(&file, problem)).collect();
        let body = json!({ "ok": false, "diagnostics": listed, "omitted": omitted });
        if let Err(failure) = session.document(schema, &body) {
            return failure;
        }
    }
    Failure::Scenario
}

fn document(file: &str, problem: &Problem) -> Value {
    json!({
        "severity": "error",
        "message": problem.cause,
        "file": file,
        "line": problem.place.map(|(line, _)| line),
        "column": problem.place.map(|(_, column)| column),
        "help": problem.remedy,
    })
}

fn render(file: &str, text: &Arc<String>, problems: &[Problem], omitted: usize, look: Look) -> String {
    let mut out = String::new();
    let theme = match look {
        Look::Fancy => Some(GraphicalTheme::unicode()),
        Look::Sober => Some(GraphicalTheme::unicode_nocolor()),
        Look::Plain => None,
    };
    let handler =
        theme.map(|theme| GraphicalReportHandler::new_themed(theme).with_links(false).with_width(100));
    for (position, problem) in problems.iter().enumerate() {
        let place = problem.at(file);
        if let Some(handler) = &handler
            && position < DRAWN
        {
            let shown = Shown { problem, source: NamedSource::new(file, Arc::clone(text)) };
            let before = out.len();
            if handler.render_report(&mut out, &shown).is_ok() {
                out.push('\n');
                continue;
            }
            out.truncate(before);
        }
        out.push_str(&format!("{place}: error: {}\n  help: {}\n", problem.cause, problem.remedy));
    }
    let more = if omitted > 0 { format!(", and {} not shown", omitted) } else { String::new() };
    out.push_str(&format!("{} in {file}{more}", plural(problems.len(), "problem")));
    out
}

/// A problem with the text it points into, in the terms of miette.
struct Shown<'a> {
    problem: &'a Problem,
    source: NamedSource<Arc<String>>,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.problem, f)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.cause)
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Error)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.problem.remedy))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.problem.span.map(|_| &self.source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.problem.span?;
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(None, span))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_ending() {
        assert_eq!(Format::of(Path::new("a/b.efg")), Some(Format::Efg));
        assert_eq!(Format::of(Path::new("B.NFG")), Some(Format::Nfg));
        assert_eq!(Format::of(Path::new("war/scenario.toml")), None);
        assert_eq!(Format::of(Path::new("efg")), None);
    }

    #[test]
    fn words_at_places() {
        let text = "\u{feff}EFG 2\nä word\n";
        for (line, column, word) in [(1, 1, "EFG"), (1, 5, "2"), (2, 1, "ä"), (2, 3, "word")] {
            let (start, length) = span(text, line, column);
            let start = if line == 1 && column == 1 { start.max('\u{feff}'.len_utf8()) } else { start };
            assert_eq!(text.get(start..start + length), Some(word), "{line}:{column}");
        }
        assert_eq!(span(text, 3, 1), (text.len(), 0));
        assert_eq!(not_utf8("ab\nc\u{fffd}", 4).place, Some((2, 2)));
    }
}
