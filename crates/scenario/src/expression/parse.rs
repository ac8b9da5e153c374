//! Text → [`Term`]: a tokenizer and a precedence climber, with limits on length and depth so that any text is safe.
//!
//! Loosest to tightest: `if`, `or`, `and`, `not`, comparison, `+ -`, `* /`, unary `-`, `^` (to the right).

use std::ops::Range;

use super::{Operator, Term};

/// Longest expression, in bytes.
pub const MAX_LENGTH: usize = 4096;
/// Deepest tree.
pub const MAX_DEPTH: usize = 200;
/// Deepest nesting of parentheses, calls, `if` and signs, each of which costs stack while parsing.
const MAX_NESTING: usize = 60;

/// Why a text is not an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// What would be right.
    pub help: Option<String>,
    /// Whether a size limit was passed, rather than the grammar broken.
    pub too_large: bool,
}

/// A parsed tree and the place of every node, in preorder.
pub(crate) struct Parsed {
    /// The tree.
    pub term: Term,
    /// Byte ranges in the text, in preorder of the tree.
    pub spans: Vec<Range<usize>>,
}

/// Parses an expression.
pub(crate) fn parse(text: &str) -> Result<Parsed, SyntaxError> {
    if text.len() > MAX_LENGTH {
        return Err(SyntaxError {
            message: format!(
                "this expression has {} characters; at most {MAX_LENGTH} are allowed",
                text.len()
            ),
            span: 0..text.len(),
            help: Some("name its parts under `[let]`".to_owned()),
            too_large: true,
        });
    }
    let tokens = tokenize(text)?;
    let mut parser = Parser { text, tokens, next: 0, nesting: 0 };
    let piece = parser.expression(0)?;
    let token = parser.peek().clone();
    if token.kind != Kind::End {
        return Err(parser.stray(&token));
    }
    let mut spans = Vec::new();
    let term = piece.take(&mut spans);
    Ok(Parsed { term, spans })
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Number(f64),
    Word(String),
    Text(String),
    Symbol(&'static str),
    End,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    span: Range<usize>,
}

const SYMBOLS: [&str; 16] =
    ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "^", "(", ")", ",", ".", "="];

fn tokenize(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let start = at;
        let rest = &text[at..];
        let digit_at = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
        let kind = if first.is_ascii_digit() || (first == '.' && digit_at(at + 1)) {
            at += number_length(&bytes[at..]);
            match text[start..at].parse::<f64>() {
                Ok(x) if x.is_finite() => Kind::Number(x),
                _ => return fail("this number is too large", start..at, None),
            }
        } else if first.is_alphabetic() || first == '_' {
            at += rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            Kind::Word(text[start..at].to_owned())
        } else if first == '\'' || first == '"' {
            let Some(length) = rest[1..].find(first) else {
                return fail(
                    "this text is never closed",
                    start..text.len(),
                    Some("add a quotation mark `'`"),
                );
            };
            at += length + 2;
            Kind::Text(rest[1..=length].to_owned())
        } else if let Some(symbol) = SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
            at += symbol.len();
            Kind::Symbol(symbol)
        } else {
            let help = match first {
                '&' => Some("write `and`"),
                '|' => Some("write `or`"),
                '!' => Some("write `not`"),
                '?' => Some("write `if … then … else …`"),
                '%' => Some("write percentages as fractions: 0.05"),
                _ => None,
            };
            return fail(
                &format!("`{first}` means nothing in an expression"),
                start..start + first.len_utf8(),
                help,
            );
        };
        tokens.push(Token { kind, span: start..at });
    }
    tokens.push(Token { kind: Kind::End, span: text.len()..text.len() });
    Ok(tokens)
}

/// Length of the number at the start of `bytes`: digits, a fraction, an exponent.
fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| {
        bytes.get(from..).map_or(0, |rest| rest.iter().take_while(|b| b.is_ascii_digit()).count())
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

fn fail<T>(message: &str, span: Range<usize>, help: Option<&str>) -> Result<T, SyntaxError> {
    Err(SyntaxError { message: message.to_owned(), span, help: help.map(str::to_owned), too_large: false })
}

/// A tree under construction: its place and the places of its parts, so that spans come out in preorder.
struct Piece {
    term: Term,
    span: Range<usize>,
    depth: usize,
    parts: Vec<Vec<Range<usize>>>,
}

impl Piece {
    fn leaf(term: Term, span: Range<usize>) -> Self {
        Self { term, span, depth: 1, parts: Vec::new() }
    }

    fn take(self, spans: &mut Vec<Range<usize>>) -> Term {
        spans.push(self.span);
        spans.extend(self.parts.into_iter().flatten());
        self.term
    }

    /// The tree and the spans of it and its parts.
    fn split(self) -> (Term, Vec<Range<usize>>) {
        let mut spans = Vec::new();
        let term = self.take(&mut spans);
        (term, spans)
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    nesting: usize,
}

/// How tightly each binary operator binds.
fn binary(kind: &Kind) -> Option<(Operator, u8)> {
    Some(match kind {
        Kind::Word(word) if word == "or" => (Operator::Or, 1),
        Kind::Word(word) if word == "and" => (Operator::And, 2),
        Kind::Symbol(symbol) => match *symbol {
            "==" => (Operator::Equal, 4),
            "!=" => (Operator::NotEqual, 4),
            "<" => (Operator::Less, 4),
            "<=" => (Operator::LessOrEqual, 4),
            ">" => (Operator::Greater, 4),
            ">=" => (Operator::GreaterOrEqual, 4),
            "+" => (Operator::Add, 5),
            "-" => (Operator::Subtract, 5),
            "*" => (Operator::Multiply, 6),
            "/" => (Operator::Divide, 6),
            "^" => (Operator::Power, 8),
            _ => return None,
        },
        _ => return None,
    })
}

const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const SIGN: u8 = 7;
const POWER: u8 = 8;

/// Words with a meaning of their own.
pub(crate) const KEYWORDS: [&str; 8] = ["and", "or", "not", "if", "then", "else", "true", "false"];

impl Parser<'_> {
    fn peek(&self) -> &Token {
        // The last token is always `End` and is never passed.
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(&self.peek().kind, Kind::Symbol(s) if *s == symbol)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(&self.peek().kind, Kind::Word(w) if w == word)
    }

    fn stray(&self, token: &Token) -> SyntaxError {
        let (message, help) = match &token.kind {
            Kind::End => ("the expression stops too early".to_owned(), None),
            Kind::Symbol("=") => {
                ("a single `=` means nothing here".to_owned(), Some("compare with `==`".to_owned()))
            }
            Kind::Symbol(")") => ("this parenthesis was never opened".to_owned(), None),
            Kind::Symbol(symbol) => (
                format!("`{symbol}` was not expected here"),
                Some("is a value missing before it?".to_owned()),
            ),
            _ => (
                format!("`{}` was not expected here", &self.text[token.span.clone()]),
                Some("is an operator missing before it?".to_owned()),
            ),
        };
        // An empty place cannot be underlined: point at the last character instead.
        let span = if token.span.is_empty() {
            let last = self.text.char_indices().next_back().map_or(0, |(i, _)| i);
            last..self.text.len()
        } else {
            token.span.clone()
        };
        SyntaxError { message, span, help, too_large: false }
    }

    fn expect(&mut self, symbol: &'static str, opened: &Range<usize>) -> Result<Token, SyntaxError> {
        if self.is_symbol(symbol) {
            return Ok(self.advance());
        }
        let token = self.peek().clone();
        if token.kind == Kind::End && symbol == ")" {
            return fail("this parenthesis is never closed", opened.clone(), Some("add `)`"));
        }
        Err(self.stray(&token))
    }

    fn keyword(&mut self, word: &str, opened: &Range<usize>) -> Result<(), SyntaxError> {
        if self.is_word(word) {
            self.advance();
            return Ok(());
        }
        let token = self.peek().clone();
        if token.kind == Kind::End {
            return fail(
                &format!("this `if` has no `{word}`"),
                opened.clone(),
                Some("write `if condition then value else other`"),
            );
        }
        Err(self.stray(&token))
    }

    /// Joins parts under a new node, keeping the depth within its limit.
    fn join(
        &self,
        span: Range<usize>,
        parts: Vec<Piece>,
        build: impl FnOnce(Vec<Term>) -> Term,
    ) -> Result<Piece, SyntaxError> {
        let depth = 1 + parts.iter().map(|p| p.depth).max().unwrap_or(0);
        if depth > MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        let (terms, spans) = parts.into_iter().map(Piece::split).unzip();
        Ok(Piece { term: build(terms), span, depth, parts: spans })
    }

    fn too_deep(&self, span: Range<usize>) -> SyntaxError {
        SyntaxError {
            message: "this expression is nested too deeply".to_owned(),
            span,
            help: Some("name its parts under `[let]`".to_owned()),
            too_large: true,
        }
    }

    /// Parses operators that bind at least as tightly as `floor`.
    fn expression(&mut self, floor: u8) -> Result<Piece, SyntaxError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(self.too_deep(self.peek().span.clone()));
        }
        let mut left = self.prefix()?;
        while let Some((operator, strength)) = binary(&self.peek().kind) {
            if strength < floor {
                break;
            }
            let token = self.advance();
            // `^` groups to the right, everything else to the left.
            let right = self.expression(if strength == POWER { SIGN } else { strength + 1 })?;
            let span = left.span.start..right.span.end;
            left = self.join(span, vec![left, right], |terms| two(terms, operator))?;
            if strength == COMPARISON && binary(&self.peek().kind).is_some_and(|(_, s)| s == COMPARISON) {
                return fail(
                    "comparisons cannot be chained",
                    token.span.start..self.peek().span.end,
                    Some("join two comparisons with `and`"),
                );
            }
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn prefix(&mut self) -> Result<Piece, SyntaxError> {
        let token = self.advance();
        match token.kind {
            Kind::Number(x) => Ok(Piece::leaf(Term::Number(x), token.span)),
            Kind::Text(ref text) => Ok(Piece::leaf(Term::Text(text.clone()), token.span)),
            Kind::Symbol("-") => {
                let inner = self.expression(SIGN)?;
                let span = token.span.start..inner.span.end;
                // A signed literal is one number, so that printing and parsing agree.
                if let Term::Number(x) = inner.term {
                    return Ok(Piece::leaf(Term::Number(-x), span));
                }
                self.join(span, vec![inner], |terms| one(terms, Term::Negate))
            }
            Kind::Symbol("+") => self.expression(SIGN),
            Kind::Symbol("(") => {
                let inner = self.expression(0)?;
                let close = self.expect(")", &token.span)?;
                Ok(Piece { span: token.span.start..close.span.end, ..inner })
            }
            Kind::Word(ref word) => match word.as_str() {
                "true" => Ok(Piece::leaf(Term::Boolean(true), token.span)),
                "false" => Ok(Piece::leaf(Term::Boolean(false), token.span)),
                "not" => {
                    let inner = self.expression(NOT)?;
                    let span = token.span.start..inner.span.end;
                    self.join(span, vec![inner], |terms| one(terms, Term::Not))
                }
                "if" => self.conditional(&token.span),
                "then" | "else" | "and" | "or" => Err(self.stray(&token)),
                _ => self.name(word.clone(), &token.span),
            },
            _ => Err(self.stray(&token)),
        }
    }

    fn conditional(&mut self, opened: &Range<usize>) -> Result<Piece, SyntaxError> {
        let condition = self.expression(0)?;
        self.keyword("then", opened)?;
        let yes = self.expression(0)?;
        self.keyword("else", opened)?;
        let no = self.expression(0)?;
        self.join(opened.start..no.span.end, vec![condition, yes, no], three)
    }

    /// A dotted name, or a call when a parenthesis follows.
    fn name(&mut self, first: String, start: &Range<usize>) -> Result<Piece, SyntaxError> {
        let mut parts = vec![first];
        let mut end = start.end;
        while self.is_symbol(".") {
            self.advance();
            let token = self.advance();
            let Kind::Word(word) = token.kind else { return Err(self.stray(&token)) };
            parts.push(word);
            end = token.span.end;
            if parts.len() > 2 {
                return fail("a name has at most two parts", start.start..end, None);
            }
        }
        if !self.is_symbol("(") {
            return Ok(Piece::leaf(Term::Name(parts), start.start..end));
        }
        let open = self.advance();
        let mut arguments = Vec::new();
        if !self.is_symbol(")") {
            loop {
                arguments.push(self.expression(0)?);
                if !self.is_symbol(",") {
                    break;
                }
                self.advance();
            }
        }
        let close = self.expect(")", &open.span)?;
        self.join(start.start..close.span.end, arguments, |terms| Term::Call(parts, terms))
    }
}

fn one(terms: Vec<Term>, build: fn(Box<Term>) -> Term) -> Term {
    terms.into_iter().next().map_or(Term::Boolean(false), |t| build(Box::new(t)))
}

fn two(terms: Vec<Term>, operator: Operator) -> Term {
    let mut terms = terms.into_iter().map(Box::new);
    match (terms.next(), terms.next()) {
        (Some(a), Some(b)) => Term::Binary(operator, a, b),
        _ => Term::Boolean(false),
    }
}

fn three(terms: Vec<Term>) -> Term {
    let mut terms = terms.into_iter().map(Box::new);
    match (terms.next(), terms.next(), terms.next()) {
        (Some(a), Some(b), Some(c)) => Term::If(a, b, c),
        _ => Term::Boolean(false),
    }
}
