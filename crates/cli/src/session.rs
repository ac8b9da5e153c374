//! What every command needs: where to write, whether to speak, and how to be stopped.

use std::io::Write;
use std::time::Instant;

use anstyle::{AnsiColor, Style};
use armistice::CancelToken;
use serde::Serialize;

use crate::arguments::Common;
use crate::diagnostics::Look;
use crate::failure::Failure;
use crate::streams::Streams;

/// Bold, for headings.
pub const HEADING: Style = Style::new().bold();
/// Green, for what went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Yellow, for what needs attention.
pub const CARE: Style = AnsiColor::Yellow.on_default();
/// Red, for what went wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Dim, for what can be skipped.
pub const DIM: Style = Style::new().dimmed();

/// One invocation.
pub struct Session {
    /// Write one JSON document instead of text.
    pub json: bool,
    /// Only the result and errors.
    pub quiet: bool,
    /// How diagnostics are drawn.
    pub look: Look,
    /// The options of the verb that were typed, by their long names.
    pub given: Vec<String>,
    /// Everything that was typed after the name of the program.
    pub words: Vec<String>,
    /// Canceled by Ctrl-C.
    pub cancel: CancelToken,
    /// Where results and remarks go.
    pub streams: Streams,
}

/// A document: what `--json` writes.
#[derive(Serialize)]
struct Document<'a, T: Serialize> {
    schema: &'a str,
    version: &'a str,
    #[serde(flatten)]
    body: &'a T,
}

impl Session {
    /// The session of a command line.
    pub fn new(
        common: &Common,
        given: Vec<String>,
        words: Vec<String>,
        cancel: CancelToken,
        streams: Streams,
    ) -> Self {
        let look = match streams {
            Streams::Process => Look::choose(common.color),
            Streams::Kept(_) => Look::Plain,
        };
        Self { json: common.json, quiet: common.quiet, look, given, words, cancel, streams }
    }

    /// Writes text to standard output.
    pub fn say(&self, text: &str) -> Result<(), Failure> {
        let mut out = self.streams.writer();
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        Ok(out.flush()?)
    }

    /// Writes a document, `armistice.<verb>/1`, to standard output.
    pub fn document<T: Serialize>(&self, schema: &str, body: &T) -> Result<(), Failure> {
        self.say(&self.document_text(schema, body)?)
    }

    /// A document as text.
    pub fn document_text<T: Serialize>(&self, schema: &str, body: &T) -> Result<String, Failure> {
        let document = Document { schema, version: env!("CARGO_PKG_VERSION"), body };
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }

    /// Says that a step of long work is done, and how long it took.
    pub fn step(&self, done: &str, what: &str, begun: Instant) {
        let time = format!("{:.1} s", begun.elapsed().as_secs_f64());
        self.note(&format!("  {} {done:<8} {what}  {}", styled(GOOD, "✓"), styled(DIM, time)));
    }

    /// Writes a remark to standard error, unless asked to be quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.streams.remark(text);
        }
    }

    /// Writes to standard error what went wrong, also when asked to be quiet.
    pub fn complain(&self, text: &str) {
        self.streams.remark(text);
    }

    /// The command as typed, quoted for a shell where it has to be, without the number of threads, which changes nothing.
    pub fn typed(&self) -> String {
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        if let Some(at) = words.iter().position(|word| *word == "--threads") {
            words.drain(at..(at + 2).min(words.len()));
        }
        words.retain(|word| !word.starts_with("--threads="));
        let plain = |word: &str| word.chars().all(|c| c.is_alphanumeric() || "-_./=,:+".contains(c));
        let quoted = |word: &str| {
            if plain(word) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
        };
        std::iter::once("armistice".to_owned())
            .chain(words.into_iter().map(quoted))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Fails when Ctrl-C was pressed.
    pub fn go_on(&self, how: &str) -> Result<(), Failure> {
        if self.cancel.is_canceled() { Err(Failure::Interrupted { go_on: how.to_owned() }) } else { Ok(()) }
    }
}

/// Text in a style, for terminals that show it.
pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
