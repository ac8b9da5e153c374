//! What the two formats have in common: quoted texts, braces, words, and how they are written.

use std::borrow::Cow;

use super::number::{self, Number};
use super::problem::{FormatProblem, Problems};

/// Reading cannot go on; the reason is among the problems.
#[derive(Debug)]
pub(super) struct Stop;

/// A text with the place up to which it was read, and the problems so far.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    pub(super) problems: Problems,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // Some editors begin a file with a byte order mark.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, problems: Problems::default() }
    }

    /// Skips white space and shows the byte with which the next item begins.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b) = bytes.get(self.at) {
            // Vertical tabs count as white space here, but not for the standard library.
            if !b.is_ascii_whitespace() && *b != 0x0b {
                return Some(*b);
            }
            self.at += 1;
        }
        None
    }

    /// The offset of the next item.
    pub(super) fn offset(&mut self) -> usize {
        self.peek();
        self.at
    }

    /// Reports a problem and goes on.
    pub(super) fn report(&mut self, offset: usize, problem: FormatProblem) {
        self.problems.add(Some(offset), problem);
    }

    /// Reports that the next item is not what it must be.
    pub(super) fn unexpected(&mut self, expected: &'static str) -> Stop {
        let offset = self.offset();
        let problem = match self.found() {
            Some(found) => FormatProblem::Expected { expected, found },
            None => FormatProblem::Ends { expected },
        };
        self.report(offset, problem);
        Stop
    }

    /// The next item as messages show it; none at the end.
    fn found(&mut self) -> Option<String> {
        match self.peek()? {
            b @ (b'{' | b'}' | b',') => Some(format!("`{}`", char::from(b))),
            b'"' => Some("a quoted text".into()),
            _ => Some(format!("`{}`", shorten(self.bare()))),
        }
    }

    /// The unquoted word at the current place.
    fn bare(&self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest
            .bytes()
            .position(|b| b.is_ascii_whitespace() || matches!(b, 0x0b | b'"' | b'{' | b'}' | b','));
        &rest[..end.unwrap_or(rest.len())]
    }

    /// Reads an unquoted word.
    pub(super) fn word(&mut self, expected: &'static str) -> Result<&'a str, Stop> {
        match self.peek() {
            None | Some(b'"' | b'{' | b'}' | b',') => Err(self.unexpected(expected)),
            Some(_) => {
                let word = self.bare();
                self.at += word.len();
                Ok(word)
            }
        }
    }

    /// Reads one of some words.
    pub(super) fn keyword(&mut self, words: &[&str], expected: &'static str) -> Result<&'a str, Stop> {
        self.peek();
        let word = self.bare();
        if words.contains(&word) {
            self.at += word.len();
            Ok(word)
        } else {
            Err(self.unexpected(expected))
        }
    }

    /// Takes a brace if it comes next.
    pub(super) fn take(&mut self, brace: u8) -> bool {
        let found = self.peek() == Some(brace);
        self.at += usize::from(found);
        found
    }

    /// Reads a brace.
    pub(super) fn brace(&mut self, brace: u8, expected: &'static str) -> Result<(), Stop> {
        if self.take(brace) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// Reads a quoted text. `\"` stands for a quotation mark and `\\` for a backslash; any other backslash stands for itself.
    pub(super) fn quoted(&mut self, expected: &'static str) -> Result<Cow<'a, str>, Stop> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected(expected));
        }
        let start = self.at + 1;
        let rest = self.text.get(start..).unwrap_or_default();
        let bytes = rest.as_bytes();
        let (mut end, mut escapes) = (0, false);
        loop {
            match bytes.get(end) {
                None => {
                    self.report(start - 1, FormatProblem::OpenText);
                    return Err(Stop);
                }
                Some(b'"') => break,
                Some(b'\\') if matches!(bytes.get(end + 1), Some(b'"' | b'\\')) => {
                    escapes = true;
                    end += 2;
                }
                Some(_) => end += 1,
            }
        }
        self.at = start + end + 1;
        let inside = &rest[..end];
        if !escapes {
            return Ok(Cow::Borrowed(inside));
        }
        let mut text = String::with_capacity(end);
        let mut chars = inside.chars().peekable();
        while let Some(c) = chars.next() {
            match chars.peek() {
                Some(&next @ ('"' | '\\')) if c == '\\' => {
                    text.push(next);
                    chars.next();
                }
                _ => text.push(c),
            }
        }
        Ok(Cow::Owned(text))
    }

    /// Reads a quoted text if one comes next.
    pub(super) fn maybe_quoted(&mut self) -> Result<Option<Cow<'a, str>>, Stop> {
        if self.peek() == Some(b'"') { self.quoted("a quoted text").map(Some) } else { Ok(None) }
    }

    /// Reads quoted texts in braces.
    pub(super) fn names(&mut self, open: &'static str, item: &'static str) -> Result<Vec<String>, Stop> {
        self.brace(b'{', open)?;
        let mut names = Vec::new();
        while !self.take(b'}') {
            names.push(self.quoted(item)?.into_owned());
        }
        Ok(names)
    }

    /// Reads an integer.
    pub(super) fn integer(&mut self, expected: &'static str) -> Result<i64, Stop> {
        self.peek();
        match self.bare().parse() {
            Ok(integer) => {
                self.at += self.bare().len();
                Ok(integer)
            }
            Err(_) => Err(self.unexpected(expected)),
        }
    }

    /// Reads the text of a number and the comma that may follow it.
    pub(super) fn number_text(&mut self, expected: &'static str) -> Result<&'a str, Stop> {
        let word = self.word(expected)?;
        self.take(b',');
        Ok(word)
    }

    /// Reads a number. A word that is not one is reported, and reading goes on.
    pub(super) fn number(&mut self, expected: &'static str) -> Result<Number, Stop> {
        let offset = self.offset();
        let word = self.number_text(expected)?;
        Ok(Number::parse(word).unwrap_or_else(|why| {
            self.report(offset, FormatProblem::Number { text: format!("`{}`", shorten(word)), why });
            Number::from_f64(0.0)
        }))
    }

    /// Reads a number and says whether it has the same value as one that was read before.
    pub(super) fn same_number(
        &mut self,
        before: Option<&Number>,
        expected: &'static str,
    ) -> Result<bool, Stop> {
        let offset = self.offset();
        let word = self.number_text(expected)?;
        if before.is_some_and(|before| before.text() == word) {
            return Ok(true);
        }
        match number::value(word) {
            // Where both are known exactly, rounding must not make them equal.
            Ok(value) => Ok(before.is_some_and(|before| {
                value == before.value
                    && match (Number::parse(word).ok().and_then(|n| n.fraction()), before.fraction()) {
                        (Some(a), Some(b)) => a == b,
                        _ => true,
                    }
            })),
            Err(why) => {
                self.report(offset, FormatProblem::Number { text: format!("`{}`", shorten(word)), why });
                Ok(true)
            }
        }
    }

    /// Reads numbers in braces.
    pub(super) fn numbers(&mut self) -> Result<Vec<Number>, Stop> {
        self.brace(b'{', "`{` and payoffs")?;
        let mut numbers = Vec::new();
        while !self.take(b'}') {
            numbers.push(self.number("a payoff or `}`")?);
        }
        Ok(numbers)
    }

    /// Checks that nothing follows.
    pub(super) fn finish(&mut self) {
        let offset = self.offset();
        if let Some(found) = self.found() {
            self.report(offset, FormatProblem::Trailing { found });
        }
    }

    /// The result of reading: what was read if nothing was wrong, otherwise all problems.
    pub(super) fn result<T>(self, read: Result<T, Stop>) -> Result<T, super::FormatErrors> {
        match read {
            Ok(read) if self.problems.count() == 0 => Ok(read),
            _ => Err(self.problems.locate(self.text)),
        }
    }
}

/// A word of a file in a message: enough to recognize it.
fn shorten(word: &str) -> Cow<'_, str> {
    const SHOWN: usize = 40;
    match word.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &word[..end])),
        None => Cow::Borrowed(word),
    }
}

/// Writes a quoted text that [`Reader::quoted`] reads back.
///
/// A backslash is doubled only where it would otherwise say something about what follows: other programs know no doubled
/// backslashes, and show them as two.
pub(super) fn quote(out: &mut String, text: &str) {
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '"' || (c == '\\' && matches!(chars.peek(), None | Some('"' | '\\'))) {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

/// Writes quoted texts in braces.
pub(super) fn quote_all<'a>(out: &mut String, texts: impl IntoIterator<Item = &'a String>) {
    out.push('{');
    for text in texts {
        out.push(' ');
        quote(out, text);
    }
    out.push_str(" }");
}

/// Writes payoffs, with commas.
pub(super) fn list(out: &mut String, numbers: &[Number]) {
    for (i, number) in numbers.iter().enumerate() {
        out.push_str(if i == 0 { "" } else { ", " });
        out.push_str(number.text());
    }
}

/// Writes what both formats begin with.
pub(super) fn header(out: &mut String, kind: &str, title: &str, players: &[String]) {
    out.push_str(kind);
    out.push(' ');
    quote(out, title);
    out.push(' ');
    quote_all(out, players);
    out.push('\n');
}
