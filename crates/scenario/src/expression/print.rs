//! [`Term`] → text that parses back to the same tree.

use std::fmt::{self, Display, Formatter, Write};

use super::{Operator, Term};

impl Operator {
    /// How it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::And => "and",
            Self::Or => "or",
        }
    }

    const fn strength(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide => 6,
            Self::Power => 8,
            _ => 4,
        }
    }
}

impl Term {
    /// How tightly the outermost operation binds; see the parser.
    fn strength(&self) -> u8 {
        match self {
            Self::If(..) => 0,
            Self::Binary(operator, ..) => operator.strength(),
            Self::Not(_) => 3,
            Self::Negate(_) => 7,
            Self::Number(x) if x.is_sign_negative() => 7,
            _ => 9,
        }
    }

    /// Writes the term, in parentheses when it binds more loosely than `floor`.
    fn write(&self, out: &mut Formatter<'_>, floor: u8) -> fmt::Result {
        if self.strength() < floor {
            out.write_char('(')?;
            self.write(out, 0)?;
            return out.write_char(')');
        }
        match self {
            Self::Number(x) => write!(out, "{x}"),
            Self::Boolean(x) => write!(out, "{x}"),
            // Both quotation marks are allowed around a text, so one that holds the first is written with the other.
            Self::Text(text) if text.contains('\'') => write!(out, "\"{text}\""),
            Self::Text(text) => write!(out, "'{text}'"),
            Self::Name(parts) => out.write_str(&parts.join(".")),
            Self::Call(parts, arguments) => {
                write!(out, "{}(", parts.join("."))?;
                for (i, argument) in arguments.iter().enumerate() {
                    if i > 0 {
                        out.write_str(", ")?;
                    }
                    argument.write(out, 0)?;
                }
                out.write_char(')')
            }
            Self::Negate(inner) => {
                out.write_char('-')?;
                inner.write(out, 7)
            }
            Self::Not(inner) => {
                out.write_str("not ")?;
                inner.write(out, 3)
            }
            Self::Binary(operator, left, right) => {
                let strength = operator.strength();
                let (low, high) = match operator {
                    Operator::Power => (9, 7),
                    _ if strength == 4 => (5, 5),
                    _ => (strength, strength + 1),
                };
                left.write(out, low)?;
                write!(out, " {} ", operator.symbol())?;
                right.write(out, high)
            }
            Self::If(condition, yes, no) => {
                out.write_str("if ")?;
                condition.write(out, 0)?;
                out.write_str(" then ")?;
                yes.write(out, 0)?;
                out.write_str(" else ")?;
                no.write(out, 0)
            }
        }
    }
}

impl Display for Term {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.write(out, 0)
    }
}
