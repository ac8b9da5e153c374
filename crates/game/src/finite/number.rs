//! Numbers that keep the text in which they were written.

use std::fmt;

/// A finite number together with the text in which it was written, so that `7/10` stays `7/10`.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// The number, rounded to double precision.
    pub value: f64,
    text: Box<str>,
}

/// Why a text is not a [`Number`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// It is not an integer, a fraction or a decimal number.
    #[error("not a number")]
    Form,
    /// It is a fraction with denominator zero.
    #[error("a fraction with denominator zero")]
    Denominator,
    /// It is beyond the range of double precision.
    #[error("beyond the range of double precision")]
    Range,
}

impl Number {
    /// The number whose text is the shortest decimal that reads back to the same value.
    ///
    /// A value that is not finite has no text that could be read; [`FiniteGame::validate`](crate::FiniteGame::validate)
    /// reports it.
    #[must_use]
    pub fn from_f64(value: f64) -> Self {
        let text = if value == value.trunc() && value.abs() < 1e15 {
            format!("{value}")
        } else {
            // The debugging form changes to an exponent where digits would only be zeros.
            format!("{value:?}")
        };
        Self { value, text: text.into_boxed_str() }
    }

    /// Reads an integer, a fraction of integers, or a decimal number with or without an exponent.
    ///
    /// ```
    /// use armistice_game::Number;
    ///
    /// let number = Number::parse("7/10")?;
    /// assert_eq!((number.value, number.text()), (0.7, "7/10"));
    /// # Ok::<(), armistice_game::NumberError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the text is none of these, or the number is not finite.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        Ok(Self { value: value(text)?, text: text.into() })
    }

    /// The text in which the number was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Numerator and denominator of the number exactly as written, in lowest terms with a positive denominator; none where
    /// they do not fit. A decimal number is a fraction too: `0.1` is 1/10.
    #[must_use]
    pub fn fraction(&self) -> Option<(i128, i128)> {
        let (n, d) = match self.text.split_once('/') {
            Some((n, d)) => (n.parse().ok()?, d.parse().ok()?),
            None => decimal(&self.text)?,
        };
        reduce(n, d)
    }

    /// Whether the number is written as an integer or a fraction, which nobody rounds.
    pub(super) fn is_written_exactly(&self) -> bool {
        !self.text.contains(['.', 'e', 'E'])
    }

    /// Whether text and value belong together, as they do after reading.
    pub(super) fn is_sound(&self) -> bool {
        value(&self.text) == Ok(self.value)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The value of a text in double precision.
pub(super) fn value(text: &str) -> Result<f64, NumberError> {
    // The parser of the standard library also takes `inf`, `nan` and their like.
    if !text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E' | b'/')) {
        return Err(NumberError::Form);
    }
    let value = match text.split_once('/') {
        Some((n, d)) => {
            let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
            if !digits(n.strip_prefix(['+', '-']).unwrap_or(n)) || !digits(d) {
                return Err(NumberError::Form);
            }
            if d.bytes().all(|b| b == b'0') {
                return Err(NumberError::Denominator);
            }
            let (n, d): (f64, f64) =
                (n.parse().map_err(|_| NumberError::Form)?, d.parse().map_err(|_| NumberError::Form)?);
            if !d.is_finite() {
                return Err(NumberError::Range);
            }
            n / d
        }
        None => text.parse().map_err(|_| NumberError::Form)?,
    };
    if value.is_finite() { Ok(value) } else { Err(NumberError::Range) }
}

/// A decimal number as a fraction, not in lowest terms.
fn decimal(text: &str) -> Option<(i128, i128)> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = part.trim_end_matches('0');
    let mut n: i128 = match whole {
        "" | "+" | "-" => 0,
        whole => whole.parse().ok()?,
    };
    for b in part.bytes() {
        let digit = i128::from(b - b'0');
        n = n.checked_mul(10)?.checked_add(if whole.starts_with('-') { -digit } else { digit })?;
    }
    let places = exponent.checked_sub(i64::try_from(part.len()).ok()?)?;
    if n == 0 {
        return Some((0, 1));
    }
    let power = 10i128.checked_pow(u32::try_from(places.unsigned_abs()).ok()?)?;
    if places >= 0 { Some((n.checked_mul(power)?, 1)) } else { Some((n, power)) }
}

fn reduce(n: i128, d: i128) -> Option<(i128, i128)> {
    let (mut a, mut b) = (n.checked_abs()?, d);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { None } else { Some((n / a, d / a)) }
}

/// The exact sum of numbers, as far as it fits.
fn exact_sum<'a>(numbers: impl Iterator<Item = &'a Number>) -> Option<(i128, i128)> {
    let mut sum = (0i128, 1i128);
    for number in numbers {
        let (n, d) = number.fraction()?;
        sum = if d == sum.1 {
            reduce(sum.0.checked_add(n)?, d)?
        } else {
            let left = sum.0.checked_mul(d)?;
            reduce(left.checked_add(n.checked_mul(sum.1)?)?, sum.1.checked_mul(d)?)?
        };
    }
    Some(sum)
}

/// How far a sum of probabilities written as decimals may be from 1: ten digits are what generators of files commonly print.
const ROUNDED: f64 = 1e-9;

/// The sum of probabilities as text where it is not 1; none where it is.
///
/// Integers and fractions must sum to 1 exactly. Decimals were perhaps rounded by whoever wrote them, and sums that do not
/// fit are formed in double precision; both may be off by the tolerance.
pub(super) fn wrong_sum<'a>(numbers: impl Iterator<Item = &'a Number> + Clone) -> Option<String> {
    let exact = exact_sum(numbers.clone());
    if exact == Some((1, 1)) {
        return None;
    }
    if let Some((n, d)) = exact
        && numbers.clone().all(Number::is_written_exactly)
    {
        return Some(if d == 1 { n.to_string() } else { format!("{n}/{d}") });
    }
    let sum: f64 = numbers.map(|x| x.value).sum();
    if (sum - 1.0).abs() <= ROUNDED { None } else { Some(sum.to_string()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_to_write_a_number() {
        for (text, value, fraction) in [
            ("0", 0.0, (0, 1)),
            ("-0", 0.0, (0, 1)),
            ("7", 7.0, (7, 1)),
            ("+7", 7.0, (7, 1)),
            ("7/10", 0.7, (7, 10)),
            ("-14/20", -0.7, (-7, 10)),
            ("0.5", 0.5, (1, 2)),
            (".5", 0.5, (1, 2)),
            ("-.5", -0.5, (-1, 2)),
            ("-0.5", -0.5, (-1, 2)),
            ("-1.5", -1.5, (-3, 2)),
            ("3.", 3.0, (3, 1)),
            ("10.000000", 10.0, (10, 1)),
            ("1e-3", 0.001, (1, 1000)),
            ("2.5E+2", 250.0, (250, 1)),
            ("0e999999999", 0.0, (0, 1)),
        ] {
            let number = Number::parse(text).unwrap();
            assert_eq!((number.value, number.text()), (value, text));
            assert_eq!(number.fraction(), Some(fraction), "{text}");
            assert!(number.is_sound());
        }
    }

    #[test]
    fn what_is_not_a_number() {
        for text in [
            "", "-", ".", "e", "1e", "1/", "/2", "1/-2", "1.5/2", "1/2/3", "inf", "nan", "-NaN", "1_0",
            "0x1", "--1",
        ] {
            assert_eq!(Number::parse(text), Err(NumberError::Form), "{text}");
        }
        assert_eq!(Number::parse("1/00"), Err(NumberError::Denominator));
        let long = "9".repeat(400);
        for text in
            ["1e999", "-1e309", &long, &format!("{long}/{long}"), &format!("1/{long}"), &format!("{long}/1")]
        {
            assert_eq!(Number::parse(text), Err(NumberError::Range), "{text}");
        }
    }

    #[test]
    fn values_have_short_texts() {
        for (value, text) in [(0.0, "0"), (-3.0, "-3"), (0.1, "0.1"), (1e300, "1e300"), (-2.5e-9, "-2.5e-9")]
        {
            let number = Number::from_f64(value);
            assert_eq!(number.text(), text);
            assert_eq!(Number::parse(text), Ok(number));
        }
        assert!(!Number::from_f64(f64::NAN).is_sound() && !Number::from_f64(f64::INFINITY).is_sound());
    }

    #[test]
    fn fractions_that_do_not_fit_are_none() {
        for text in ["1e-60", "1e60", "0.1e-9223372036854775808"] {
            assert_eq!(Number::parse(text).unwrap().fraction(), None, "{text}");
        }
        let least = format!("{}/3", i128::MIN);
        assert_eq!(Number::parse(&least).unwrap().fraction(), None);
    }

    #[test]
    fn sums_of_probabilities() {
        let wrong = |texts: &[&str]| {
            let numbers: Vec<_> = texts.iter().map(|t| Number::parse(t).unwrap()).collect();
            wrong_sum(numbers.iter())
        };
        assert_eq!(wrong(&["1/3", "1/3", "1/3"]), None);
        assert_eq!(wrong(&["0.1", "0.2", "7/10"]), None);
        assert_eq!(wrong(&["0.3333333333", "0.3333333333", "0.3333333333"]), None);
        assert_eq!(wrong(&["1/2", "1/3"]), Some("5/6".into()));
        assert_eq!(wrong(&["1", "1"]), Some("2".into()));
        assert_eq!(
            wrong(&["3333333333/10000000000", "3333333333/10000000000", "3333333333/10000000000"]).as_deref(),
            Some("9999999999/10000000000")
        );
        assert_eq!(wrong(&["0.5", "0.4"]), Some("0.9".into()));
        let half = format!("{}/{}", "1".repeat(60), "2".repeat(60));
        assert_eq!(wrong(&[&half, &half]), None);
    }
}
