//! Shows the problems of a scenario: all of them, with the words concerned.

use std::fmt;
use std::io::IsTerminal;

use armistice::scenario::{Diagnostic, Severity, Source, SourceFile, render_diagnostics};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource};

use crate::arguments::Color;

/// How diagnostics are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Unicode and color, for terminals.
    Fancy,
    /// Unicode without color, for terminals whose user wants none.
    Sober,
    /// Plain lines that can be searched, for files and pipes.
    Plain,
}

impl Look {
    /// The look that fits standard error and the wish of the user.
    pub fn choose(color: Color) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let wanted = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        match (wanted, terminal) {
            (true, _) => Self::Fancy,
            (false, true) => Self::Sober,
            (false, false) => Self::Plain,
        }
    }
}

/// All diagnostics, ready to print, with a count at the end.
pub fn render(source: &Source, diagnostics: &[Diagnostic], look: Look) -> String {
    let theme = match look {
        Look::Fancy => GraphicalTheme::unicode(),
        Look::Sober => GraphicalTheme::unicode_nocolor(),
        Look::Plain => return render_diagnostics(source, diagnostics) + &summary(diagnostics),
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(100);
    let mut out = String::new();
    for diagnostic in diagnostics {
        let shown = Shown::new(source, diagnostic);
        // Writing to a string fails only if a span lies outside the text: then the message alone is better than nothing.
        if handler.render_report(&mut out, &shown).is_err() {
            out.push_str(&format!("{}: {}\n", diagnostic.code, diagnostic.message));
        }
        out.push('\n');
    }
    out.push_str(&summary(diagnostics));
    out
}

/// "2 errors and 1 warning; `armistice explain A0301` says more".
fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let words = |n: usize, word: &str| match n {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{n} {word}s")),
    };
    let parts: Vec<String> =
        [words(count(Severity::Error), "error"), words(count(Severity::Warning), "warning")]
            .into_iter()
            .flatten()
            .collect();
    let example = diagnostics.first().map(|d| format!("; `armistice explain {}` says more", d.code));
    format!("{}{}", parts.join(" and "), example.unwrap_or_default())
}

/// A diagnostic with the text it points into, in the terms of miette.
struct Shown<'a> {
    diagnostic: &'a Diagnostic,
    source: NamedSource<String>,
    /// Places in that text.
    labels: Vec<LabeledSpan>,
    /// Places in other files of the scenario: miette shows one file at a time.
    elsewhere: Vec<Elsewhere>,
}

impl<'a> Shown<'a> {
    fn new(source: &Source, diagnostic: &'a Diagnostic) -> Self {
        let main = source.file(diagnostic.labels.first().map_or(0, |label| label.span.start));
        let (mut labels, mut elsewhere) = (Vec::new(), Vec::new());
        for (index, label) in diagnostic.labels.iter().enumerate() {
            let file = source.file(label.span.start);
            let text = (!label.text.is_empty()).then(|| label.text.clone());
            let span = (label.span.start - file.start, label.span.len());
            if index == 0 {
                labels.push(LabeledSpan::new_primary_with_span(text, span));
            } else if file == main {
                labels.push(LabeledSpan::new_with_span(text, span));
            } else {
                let label = LabeledSpan::new_with_span(None, span);
                elsewhere.push(Elsewhere { text: text.unwrap_or_default(), source: named(file), label });
            }
        }
        Self { diagnostic, source: named(main), labels, elsewhere }
    }
}

/// miette wants to own what it shows; diagnostics are few and scenarios small.
fn named(file: SourceFile<'_>) -> NamedSource<String> {
    NamedSource::new(file.name, file.text.to_owned()).with_language("toml")
}

/// A place that a diagnostic points to in another file.
#[derive(Debug)]
struct Elsewhere {
    text: String,
    source: NamedSource<String>,
    label: LabeledSpan,
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text.is_empty() { "this place is concerned, too" } else { &self.text })
    }
}

impl std::error::Error for Elsewhere {}

impl miette::Diagnostic for Elsewhere {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.diagnostic, f)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.diagnostic.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        if self.diagnostic.labels.is_empty() { None } else { Some(&self.source) }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.elsewhere.is_empty() {
            return None;
        }
        Some(Box::new(self.elsewhere.iter().map(|other| other as &dyn miette::Diagnostic)))
    }
}
