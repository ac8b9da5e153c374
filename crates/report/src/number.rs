//! Numbers as words: three significant digits, a true minus sign, narrow spaces between thousands, never NaN.

/// What stands where a number is not defined.
pub(crate) const NONE: &str = "–";

/// A number for reading, to three significant digits (four from 1000 on).
pub(crate) fn plain(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            NONE.into()
        } else if value > 0.0 {
            "∞".into()
        } else {
            "−∞".into()
        };
    }
    let size = value.abs();
    if size == 0.0 {
        return "0".into();
    }
    if !(1e-4..1e9).contains(&size) {
        return scientific(value);
    }
    let digits = (2.0 - size.log10().floor()).clamp(0.0, 6.0) as usize;
    let text = format!("{size:.digits$}");
    let text = if digits > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{}{}", if value < 0.0 { "−" } else { "" }, thousands(text))
}

/// A number with an explicit sign.
pub(crate) fn signed(value: f64) -> String {
    let text = plain(value);
    if value > 0.0 { format!("+{text}") } else { text }
}

/// A share as a percentage. Small shares that are not zero never read as 0 %, nor large ones as 100 %.
pub(crate) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return NONE.into();
    }
    let value = share * 100.0;
    let size = value.abs();
    let sign = if value < 0.0 { "−" } else { "" };
    let text = if size == 0.0 {
        "0".into()
    } else if size < 0.1 {
        return format!("{sign}<\u{202f}0.1\u{202f}%");
    } else if size < 10.0 {
        trimmed(size, 1)
    } else if (99.0..100.0).contains(&size) {
        if size >= 99.95 {
            return format!("{sign}>\u{202f}99.9\u{202f}%");
        }
        trimmed(size, 1)
    } else {
        thousands(&format!("{size:.0}"))
    };
    format!("{sign}{text}\u{202f}%")
}

/// A difference of shares, in percentage points.
pub(crate) fn points(difference: f64) -> String {
    if !difference.is_finite() {
        return NONE.into();
    }
    let value = difference * 100.0;
    let size = value.abs();
    if size == 0.0 {
        return "0".into();
    }
    if size < 0.05 {
        return if value < 0.0 { "−<\u{202f}0.1".into() } else { "<\u{202f}0.1".into() };
    }
    let text = if size < 10.0 { trimmed(size, 1) } else { format!("{size:.0}") };
    format!("{}{text}", if value < 0.0 { "−" } else { "+" })
}

/// The size of an error: one significant digit, two where the first is 1.
pub(crate) fn rough(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || !size.is_finite() {
        return plain(size);
    }
    let place = size.log10().floor();
    let unit = 10f64.powf(if size / 10f64.powf(place) < 2.0 { place - 1.0 } else { place });
    plain((size / unit).round() * unit)
}

/// A whole number.
pub(crate) fn count(value: u64) -> String {
    thousands(&value.to_string())
}

/// A number or the sign for none.
pub(crate) fn option(value: Option<f64>, form: fn(f64) -> String) -> String {
    value.map_or_else(|| NONE.into(), form)
}

fn trimmed(size: f64, digits: usize) -> String {
    let text = format!("{size:.digits$}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn scientific(value: f64) -> String {
    let text = format!("{:.1e}", value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text.as_str(), "0"));
    let raised: String = exponent.chars().map(superscript).collect();
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{}\u{202f}×\u{202f}10{raised}", mantissa.strip_suffix(".0").unwrap_or(mantissa))
}

fn superscript(digit: char) -> char {
    match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' | '4'..='9' => char::from_u32(0x2070 + digit as u32 - '0' as u32).unwrap_or(digit),
        other => other,
    }
}

/// Thin spaces between groups of three digits, from five digits on.
fn thousands(text: &str) -> String {
    let (whole, rest) = text.split_once('.').map_or((text, ""), |(whole, rest)| (whole, rest));
    if whole.len() < 5 {
        return text.into();
    }
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    if rest.is_empty() { grouped } else { format!("{grouped}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (-0.25, "−0.25"),
            (12.345, "12.3"),
            (1234.5, "1234"),
            (78205.0, "78\u{202f}205"),
            (0.001_234, "0.00123"),
            (3e-9, "3\u{202f}×\u{202f}10⁻⁹"),
            (-1.25e12, "−1.2\u{202f}×\u{202f}10¹²"),
            (f64::NAN, "–"),
            (f64::INFINITY, "∞"),
        ];
        for (value, text) in cases {
            assert_eq!(plain(value), text, "{value}");
        }
    }

    #[test]
    fn shares_never_round_to_certainty() {
        let cases = [
            (0.0, "0\u{202f}%"),
            (1.0, "100\u{202f}%"),
            (0.0004, "<\u{202f}0.1\u{202f}%"),
            (0.9999, ">\u{202f}99.9\u{202f}%"),
            (0.9951, "99.5\u{202f}%"),
            (0.0421, "4.2\u{202f}%"),
            (0.5, "50\u{202f}%"),
        ];
        for (value, text) in cases {
            assert_eq!(percent(value), text, "{value}");
        }
        assert_eq!(points(-0.031), "−3.1");
        assert_eq!(points(0.00001), "<\u{202f}0.1");
    }
}
