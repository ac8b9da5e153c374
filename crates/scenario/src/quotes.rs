//! Quotations: whether what a claim quotes stands in the document it names, and where.
//!
//! White space, typographic quotation marks and dashes count as their plain forms. An ellipsis in a quotation that is not in the
//! document stands for words left out: what it separates has to follow in order.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{Quote, Scenario};
use crate::parts::{FileError, Files};

/// Most words of a quotation that are compared when the nearest passage is looked for.
const MAX_COMPARED: usize = 200;
/// Most words of a passage that are shown.
const MAX_SHOWN: usize = 40;

/// Looks every quotation up in its document, and notes the line where it is found.
///
/// - cost: linear in the documents; for a quotation that is not found, the length of its document times that of the quotation.
pub(crate) fn verify(scenario: &mut Scenario, files: Files<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for claim in &mut scenario.claims {
        let Some(quote) = &mut claim.quote else { continue };
        let shown = quote.document.display().to_string().replace('\\', "/");
        match files(&quote.document) {
            Ok(document) => match find(&quote.text, &document) {
                Ok(line) => quote.line = Some(line),
                Err(nearest) => problems.push(differs(quote, &shown, nearest)),
            },
            Err(FileError::Outside) => {
                let message = format!("`{shown}` leads outside the scenario's folder");
                problems
                    .push(Diagnostic::error(codes::DATA_PATH, message).at(quote.document_span.clone(), ""));
            }
            Err(error) => {
                let why = match error {
                    FileError::NoFolder => "this scenario was not read from a folder".to_owned(),
                    other => format!("`{shown}`: {other}"),
                };
                problems.push(
                    Diagnostic::warning(
                        codes::QUOTE_UNVERIFIED,
                        format!("the quotation of `{}` is not verified: {why}", claim.name),
                    )
                    .at(quote.document_span.clone(), "")
                    .help(
                        "put the document below the scenario's folder, or leave `quote` and `document` out",
                    ),
                );
            }
        }
    }
    problems
}

fn differs(quote: &Quote, shown: &str, nearest: Option<Nearest>) -> Diagnostic {
    let message = format!("the quotation is not in `{shown}`");
    let help = match nearest {
        None => "no word of it is there: is it the right document?".to_owned(),
        Some(Nearest { line, passage, word: Some(word) }) => {
            format!("nearest is line {line}, which differs at “{word}”: {passage}")
        }
        Some(Nearest { line, passage, word: None }) => {
            format!("line {line} has these words with other punctuation: {passage}")
        }
    };
    Diagnostic::error(codes::QUOTE_DIFFERS, message).at(quote.span.clone(), "").help(help)
}

/// The passage of a document most like a quotation.
#[derive(Debug, PartialEq)]
struct Nearest {
    line: usize,
    passage: String,
    /// The first word of the quotation after the longest run of words that are there.
    word: Option<String>,
}

/// A word with the line it stands on.
struct Word<'t> {
    plain: String,
    text: &'t str,
    line: usize,
}

/// The line on which a quotation starts, or the passage nearest to it.
fn find(quote: &str, document: &str) -> Result<usize, Option<Nearest>> {
    let (text, lines) = plain(document);
    let whole = plain(quote).0;
    let pieces: Vec<&str> = whole.split("...").map(str::trim).filter(|piece| !piece.is_empty()).collect();
    match text.find(whole.trim()).or_else(|| in_order(&pieces, &text)) {
        Some(at) => Ok(lines.get(at).copied().unwrap_or(1)),
        None => Err(nearest(quote, document)),
    }
}

/// Where the first of some pieces stands, when all follow each other in a text.
fn in_order(pieces: &[&str], text: &str) -> Option<usize> {
    let (mut start, mut from) = (None, 0);
    for piece in pieces {
        let at = from + text.get(from..)?.find(piece)?;
        start = start.or(Some(at));
        from = at + piece.len();
    }
    start
}

/// A text with plain spaces, quotation marks and dashes, and for each of its bytes the line it comes from.
fn plain(text: &str) -> (String, Vec<usize>) {
    let (mut out, mut lines) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
    let mut line = 1;
    for c in text.chars() {
        let mut buffer = [0; 4];
        let piece: &str = match c {
            c if c.is_whitespace() => {
                if out.ends_with(' ') {
                    ""
                } else {
                    " "
                }
            }
            '‘' | '’' | '‚' | '‛' | 'ʼ' | '′' => "'",
            '“' | '”' | '„' | '‟' | '«' | '»' | '″' => "\"",
            '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
            '…' => "...",
            '\u{ad}' | '\u{200b}' | '\u{feff}' => "",
            c => c.encode_utf8(&mut buffer),
        };
        out.push_str(piece);
        lines.extend(std::iter::repeat_n(line, piece.len()));
        line += usize::from(c == '\n');
    }
    (out, lines)
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut out = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for word in line.split_whitespace() {
            let plain = plain(word).0;
            let plain: String = plain.chars().filter(|c| c.is_alphanumeric()).collect();
            out.push(Word { plain: plain.to_lowercase(), text: word, line: number + 1 });
        }
    }
    out
}

/// The passage around the longest run of words that a document shares with a quotation.
fn nearest(quote: &str, document: &str) -> Option<Nearest> {
    let mut wanted = words(quote);
    wanted.truncate(MAX_COMPARED);
    let there = words(document);
    // By word of the quotation: length of the run that ends there and at the word of the document before.
    let mut runs = vec![0usize; wanted.len() + 1];
    let mut best = (0, 0, 0);
    for (position, word) in there.iter().enumerate() {
        for i in (0..wanted.len()).rev() {
            let same = wanted[i].plain == word.plain && !word.plain.is_empty();
            runs[i + 1] = if same { runs[i] + 1 } else { 0 };
            if runs[i + 1] > best.0 {
                best = (runs[i + 1], i, position);
            }
        }
    }
    let (length, last, at) = best;
    if length == 0 {
        return None;
    }
    // Where the quotation would start in the document, and the first word that differs on either side of the run.
    let first = (at + 1).saturating_sub(last + 1);
    let shown = wanted.len().min(MAX_SHOWN);
    let passage: Vec<&str> = there.iter().skip(first).take(shown).map(|word| word.text).collect();
    let word =
        wanted.get(last + 1).or_else(|| (last + 1).checked_sub(length + 1).and_then(|i| wanted.get(i)));
    Some(Nearest {
        line: there.get(first)?.line,
        passage: passage.join(" "),
        word: word.map(|word| word.text.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Nearest, find};

    const LETTER: &str = "To the north.\n\n“If the West is so eager\nto befriend him, it must\u{a0}mean they’re weak—desperate,\neven.” So why make a deal?\n";

    #[test]
    fn white_space_and_typographic_marks_do_not_count() {
        assert_eq!(find("\"If the West is so eager to befriend him", LETTER), Ok(3));
        assert_eq!(find("it must mean  they're weak-desperate, even.\" So why", LETTER), Ok(4));
        assert_eq!(find("  So why make a deal?  ", LETTER), Ok(5));
    }

    #[test]
    fn an_ellipsis_stands_for_words_left_out() {
        assert_eq!(find("so eager … desperate, even", LETTER), Ok(3));
        assert!(find("desperate, even … so eager", LETTER).is_err());
        assert_eq!(find("one ... two", "zero one ... two"), Ok(1));
    }

    #[test]
    fn the_nearest_passage_is_told() {
        let told = find("it must mean they are weak", LETTER).unwrap_err();
        let Nearest { line, passage, word } = told.unwrap();
        assert_eq!((line, word.as_deref()), (4, Some("they")));
        assert_eq!(passage, "it must mean they’re weak—desperate, even.”");
        let told = find("nobody wrote this", LETTER).unwrap_err();
        assert_eq!(told, None);
        let told = find("Why make a bad deal?", LETTER).unwrap_err().unwrap();
        assert_eq!((told.line, told.word.as_deref()), (5, Some("bad")));
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert_eq!(find("a word", ""), Err(None));
    }
}
