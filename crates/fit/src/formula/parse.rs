//! Text → [`Formula`], by recursive descent.

use std::ops::Range;

use super::{Expression, Factor, Formula, Function, Operation, Side, Term};
use crate::error::{FitError, Problem};

impl Formula {
    /// Reads a formula with a left-hand side: `y ~ a | b`.
    ///
    /// # Errors
    /// With the first thing that is not understood, and where it is.
    pub fn parse(text: &str) -> Result<Self, FitError> {
        let mut parser = Parser { text, at: 0 };
        let mut left = Vec::new();
        loop {
            left.push(parser.name("the name of a column")?);
            if !parser.take("+") {
                break;
            }
        }
        if !parser.take("~") {
            return Err(parser.expected("`~` between what is observed and what explains it").into());
        }
        let right = if parser.rest().is_empty() { Vec::new() } else { parser.sides()? };
        Ok(Self { text: text.to_owned(), left, right })
    }

    /// Reads equations alone: `~ a | b`, or `a | b`.
    ///
    /// # Errors
    /// As [`Formula::parse`].
    pub fn parse_sides(text: &str) -> Result<Vec<Side>, FitError> {
        let mut parser = Parser { text, at: 0 };
        parser.take("~");
        Ok(parser.sides()?)
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

/// Deepest nesting of parentheses: far beyond what anybody writes, far from the end of the stack.
const DEEPEST: usize = 50;

impl<'a> Parser<'a> {
    /// What follows, without leading white space.
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expected(&mut self, what: &str) -> Problem {
        let rest = self.rest();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        let found = rest.chars().next().map_or("the end of the formula".to_owned(), |c| format!("`{c}`"));
        Problem::new(format!("expected {what}, found {found}")).at(self.at..self.at + length)
    }

    fn name(&mut self, what: &str) -> Result<(String, Range<usize>), Problem> {
        let rest = self.rest();
        if let Some(quoted) = rest.strip_prefix('`') {
            let end = quoted.find('`').ok_or_else(|| {
                Problem::new("a name begins with ` but does not end").at(self.at..self.text.len())
            })?;
            let place = self.at..self.at + end + 2;
            self.at = place.end;
            return Ok((quoted[..end].to_owned(), place));
        }
        let first = rest.chars().next().filter(|c| c.is_alphabetic() || *c == '_' || *c == '.');
        if first.is_none() {
            return Err(self.expected(what));
        }
        let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let place = self.at..self.at + end;
        self.at = place.end;
        if &rest[..end] == "." {
            return Err(Problem::new("`.` for all other columns is not understood")
                .hint("name them")
                .at(place));
        }
        Ok((rest[..end].to_owned(), place))
    }

    fn sides(&mut self) -> Result<Vec<Side>, Problem> {
        let mut out = vec![self.side()?];
        while self.take("|") {
            out.push(self.side()?);
        }
        if !self.rest().is_empty() {
            return Err(self.expected("`+`, `|` or the end"));
        }
        Ok(out)
    }

    fn side(&mut self) -> Result<Side, Problem> {
        self.rest();
        let begin = self.at;
        let mut side = Side { intercept: true, ..Side::default() };
        let mut minus = self.take("-");
        if !minus {
            self.take("+");
        }
        loop {
            self.rest();
            let start = self.at;
            if let Some(digit) = self.digit() {
                match (minus, digit) {
                    (false, '1') | (true, '0') => side.intercept = true,
                    _ => side.intercept = false,
                }
            } else {
                let terms = self.crossing()?;
                if minus {
                    let problem = Problem::new("terms cannot be taken away").at(start..self.at);
                    return Err(problem.hint("only `- 1`, which leaves out the intercept"));
                }
                for term in terms {
                    if !side.terms.iter().any(|known| same(known, &term)) {
                        side.terms.push(term);
                    }
                }
            }
            minus = self.take("-");
            if !minus && !self.take("+") {
                break;
            }
        }
        // As in R: main effects first, then products.
        side.terms.sort_by_key(|term| term.factors.len());
        side.place = begin..self.at;
        Ok(side)
    }

    /// A lone 0 or 1.
    fn digit(&mut self) -> Option<char> {
        let mut letters = self.rest().chars();
        let digit = letters.next().filter(|c| *c == '0' || *c == '1')?;
        let alone = letters.next().is_none_or(|c| !c.is_alphanumeric() && c != '.' && c != '_');
        if alone {
            self.at += 1;
        }
        alone.then_some(digit)
    }

    /// `a`, `a:b`, `a*b`.
    fn crossing(&mut self) -> Result<Vec<Term>, Problem> {
        let mut terms = vec![self.product()?];
        while self.take("*") {
            let next = self.product()?;
            let crossed: Vec<Term> = terms
                .iter()
                .map(|t| Term { factors: t.factors.iter().chain(&next.factors).cloned().collect() })
                .collect();
            terms.push(next);
            terms.extend(crossed);
        }
        self.rest();
        if let Some(sign) = ["^", "/", "%"].iter().find(|s| self.text[self.at..].starts_with(**s)) {
            let problem = Problem::new(format!("`{sign}` between terms is not understood"));
            return Err(problem.hint("arithmetic goes inside I(), such as I(x^2)").at(self.at..self.at + 1));
        }
        Ok(terms)
    }

    fn product(&mut self) -> Result<Term, Problem> {
        let mut factors = vec![self.factor()?];
        while self.take(":") {
            factors.push(self.factor()?);
        }
        Ok(Term { factors })
    }

    fn factor(&mut self) -> Result<Factor, Problem> {
        self.rest();
        let begin = self.at;
        let expression = self.call_or_column(0)?;
        let name = match &expression {
            Expression::Column(name, _) => name.clone(),
            _ => self.text[begin..self.at].chars().filter(|c| !c.is_whitespace()).collect(),
        };
        Ok(Factor { name, expression, place: begin..self.at })
    }

    fn call_or_column(&mut self, depth: usize) -> Result<Expression, Problem> {
        let (name, place) = self.name("a column, a function of one, 0 or 1")?;
        let quoted = self.text[place.clone()].starts_with('`');
        if quoted || !self.take("(") {
            return Ok(Expression::Column(name, place));
        }
        let function = match name.as_str() {
            "sqrt" => Some(Function::Sqrt),
            "exp" => Some(Function::Exp),
            "log" => Some(Function::Log),
            "abs" => Some(Function::Abs),
            "I" => None,
            "factor" | "as.factor" => {
                let (column, at) = self.name("the name of a column")?;
                self.close(&place)?;
                return Ok(Expression::Labels(column, at));
            }
            _ => {
                let problem = Problem::new(format!("there is no function {name:?} in formulas")).at(place);
                return Err(problem.hint("known are sqrt, exp, log, abs, factor and I"));
            }
        };
        let argument = self.sum(depth + 1)?;
        self.close(&place)?;
        Ok(match function {
            Some(function) => Expression::Call(function, Box::new(argument)),
            None => argument,
        })
    }

    fn close(&mut self, opened: &Range<usize>) -> Result<(), Problem> {
        if self.take(")") {
            return Ok(());
        }
        Err(self.expected("`)`").hint(format!("for the parenthesis after {:?}", &self.text[opened.clone()])))
    }

    fn sum(&mut self, depth: usize) -> Result<Expression, Problem> {
        if depth > DEEPEST {
            return Err(Problem::new("parentheses are nested too deeply").at(self.at..self.at + 1));
        }
        let mut out = self.ratio(depth)?;
        loop {
            let operation = if self.take("+") {
                Operation::Add
            } else if self.take("-") {
                Operation::Subtract
            } else {
                return Ok(out);
            };
            out = Expression::Binary(operation, Box::new(out), Box::new(self.ratio(depth)?));
        }
    }

    fn ratio(&mut self, depth: usize) -> Result<Expression, Problem> {
        let mut out = self.signed(depth)?;
        loop {
            let operation = if self.take("*") {
                Operation::Multiply
            } else if self.take("/") {
                Operation::Divide
            } else {
                return Ok(out);
            };
            out = Expression::Binary(operation, Box::new(out), Box::new(self.signed(depth)?));
        }
    }

    fn signed(&mut self, depth: usize) -> Result<Expression, Problem> {
        let mut negative = false;
        while self.take("-") {
            negative = !negative;
        }
        let power = self.power(depth)?;
        Ok(if negative { Expression::Call(Function::Negative, Box::new(power)) } else { power })
    }

    fn power(&mut self, depth: usize) -> Result<Expression, Problem> {
        if depth > DEEPEST {
            return Err(Problem::new("powers are nested too deeply").at(self.at..self.at));
        }
        let base = self.atom(depth)?;
        if !self.take("^") {
            return Ok(base);
        }
        let negative = self.take("-");
        let exponent = self.power(depth + 1)?;
        let exponent =
            if negative { Expression::Call(Function::Negative, Box::new(exponent)) } else { exponent };
        Ok(Expression::Binary(Operation::Power, Box::new(base), Box::new(exponent)))
    }

    fn atom(&mut self, depth: usize) -> Result<Expression, Problem> {
        if self.take("(") {
            let opened = self.at - 1..self.at;
            let inside = self.sum(depth + 1)?;
            self.close(&opened)?;
            return Ok(inside);
        }
        let rest = self.rest();
        if rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let exponent = rest[digits..].strip_prefix(['e', 'E']).map_or(0, |tail| {
                let sign = usize::from(tail.starts_with(['+', '-']));
                let length = tail[sign..].find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len() - sign);
                if length == 0 { 0 } else { 1 + sign + length }
            });
            let text = &rest[..digits + exponent];
            let place = self.at..self.at + text.len();
            let value = text.parse::<f64>().ok().filter(|x| x.is_finite());
            let value =
                value.ok_or_else(|| Problem::new(format!("{text} is not a number")).at(place.clone()))?;
            self.at = place.end;
            return Ok(Expression::Number(value));
        }
        self.call_or_column(depth)
    }
}

/// Whether two terms are the same product, in whatever order.
fn same(a: &Term, b: &Term) -> bool {
    a.factors.len() == b.factors.len() && a.factors.iter().all(|x| b.factors.iter().any(|y| x.name == y.name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn names(side: &Side) -> Vec<String> {
        let of = |t: &Term| t.factors.iter().map(|f| f.name.clone()).collect::<Vec<_>>().join(":");
        side.terms.iter().map(of).collect()
    }

    #[test]
    fn reads_the_formula_of_the_manual() {
        let f = Formula::parse("esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2").unwrap();
        assert_eq!(f.left.iter().map(|l| l.0.as_str()).collect::<Vec<_>>(), ["esc", "war"]);
        assert_eq!(f.right.len(), 4);
        assert!(f.right[1].is_zero());
        assert_eq!(names(&f.right[3]), ["balanc", "regime2"]);
        assert!(f.right[3].intercept);
    }

    #[test]
    fn intercepts_crossings_and_functions() {
        let sides = Formula::parse_sides("a*b - 1 | -1 | 1 | sqrt(x) + I(x^2 - 1) + a:a2 | x + 0").unwrap();
        assert_eq!(names(&sides[0]), ["a", "b", "a:b"]);
        assert!(!sides[0].intercept && sides[1].is_zero() && sides[2].intercept && !sides[4].intercept);
        assert_eq!(names(&sides[3]), ["sqrt(x)", "I(x^2-1)", "a:a2"]);
    }

    #[test]
    fn says_what_and_where() {
        for (text, what) in [
            ("y z ~ x", "expected `~` between what is observed and what explains it, found `z`"),
            ("y ~ x + ", "expected a column, a function of one, 0 or 1, found the end of the formula"),
            ("y ~ x^2", "`^` between terms is not understood"),
            ("y ~ cos(x)", "there is no function \"cos\" in formulas"),
            ("y ~ x - z", "terms cannot be taken away"),
            ("y ~ I(x", "expected `)`, found the end of the formula"),
            ("y ~ .", "`.` for all other columns is not understood"),
            ("y ~ x )", "expected `+`, `|` or the end, found `)`"),
            ("y ~ `x", "a name begins with ` but does not end"),
            ("", "expected the name of a column, found the end of the formula"),
        ] {
            let Err(FitError::Invalid(problems)) = Formula::parse(text) else { panic!("{text}") };
            assert_eq!(problems[0].what, what, "{text}");
        }
        let deep = format!("y ~ I({}x{})", "(".repeat(200), ")".repeat(200));
        assert!(Formula::parse(&deep).is_err());
        let deep = format!("y ~ I(x{})", "^x".repeat(5000));
        assert!(Formula::parse(&deep).is_err());
    }
}
