//! Words for what a number is and how it was got.

use armistice_analyze::findings::{How, Quantity, Step};
use serde::Serialize;

use crate::number;

/// How a number was got, for the legend and for the mark beside it.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Origin {
    /// The mark beside the number.
    pub mark: &'static str,
    /// In one or two words.
    pub short: &'static str,
    /// In a sentence.
    pub long: &'static str,
    /// In a short sentence, for captions.
    pub brief: &'static str,
}

/// Every way to get a number, most direct first.
pub(crate) const ORIGINS: [How; 7] = [
    How::Stated,
    How::Observed,
    How::Equilibrium,
    How::Enumerated,
    How::Propagated,
    How::Simulated,
    How::Mixed,
];

/// Words for a way to get a number.
pub(crate) fn origin(how: How) -> Origin {
    let (mark, short, brief, long) = match how {
        How::Stated => (
            "a",
            "stated",
            "Stated in the scenario.",
            "Stated by the author of the scenario, or computed from its parameters alone.",
        ),
        How::Observed => ("o", "observed", "Observed.", "Observed: taken from the scenario's data file."),
        How::Equilibrium => (
            "e",
            "equilibrium",
            "Read off the solved game at the start.",
            "Read off the solved game at the start: strategies, values and beliefs, with no averaging over futures.",
        ),
        How::Enumerated => (
            "n",
            "enumerated",
            "Averaged over every path of play.",
            "Averaged over every path of play, none left out, at the exact beliefs reached.",
        ),
        How::Propagated => (
            "p",
            "propagated",
            "Averaged over every path of play on a belief grid, without sampling.",
            "Averaged over every path of play, with the beliefs reached spread over the points of a grid. No sampling; the \
             grid makes an error, which is stated where it was measured.",
        ),
        How::Simulated => (
            "s",
            "simulated",
            "Averaged over simulated wars.",
            "Averaged over simulated wars drawn at random; the standard error is stated.",
        ),
        How::Mixed => (
            "m",
            "mixed",
            "Got in several ways.",
            "Computed from several of the others; the error stated is that of the least exact of them.",
        ),
    };
    Origin { mark, short, long, brief }
}

/// The number of a quantity, without its unit.
pub(crate) fn value(quantity: &Quantity) -> String {
    match quantity.value {
        Some(value) if quantity.percent => number::percent(value),
        Some(value) => number::plain(value),
        None => "not defined".into(),
    }
}

/// A number in the manner of a quantity.
pub(crate) fn like(quantity: &Quantity, value: f64) -> String {
    if quantity.percent { number::percent(value) } else { number::plain(value) }
}

/// A difference of two numbers in the manner of a quantity.
pub(crate) fn difference_like(percent: bool, value: f64) -> String {
    if percent { format!("{} pts", number::points(value)) } else { number::signed(value) }
}

/// The unit to show after the number; percentages carry their own.
pub(crate) fn unit(quantity: &Quantity) -> Option<String> {
    if quantity.value.is_none() { None } else { quantity.unit.clone() }
}

/// Error of a quantity in words; `None` where none was measured or there is no number.
pub(crate) fn error(quantity: &Quantity) -> Option<String> {
    quantity.value?;
    let size = |value: f64| match (quantity.percent, value) {
        (_, 0.0) => "0".into(),
        (true, value) => format!("{} points", number::rough(value * 100.0)),
        (false, value) => number::rough(value),
    };
    let mut parts = Vec::new();
    // Zero means that the run compared the grid with itself, which says nothing.
    if let Some(error) = quantity.grid_error.filter(|error| *error != 0.0) {
        parts.push(format!("numerical error about {} (from a coarser belief grid)", size(error)));
    }
    if let Some(error) = quantity.standard_error {
        parts.push(format!("standard error {}", size(error)));
    }
    if parts.is_empty() { None } else { Some(parts.join("; ")) }
}

/// Everything known about a quantity, for the tooltip.
pub(crate) fn explain(quantity: &Quantity) -> String {
    let mut text = String::from(origin(quantity.how).long);
    if let Some(points) = quantity.grid_points {
        text.push_str(&format!(" Belief grid: {points} points per dimension."));
    }
    if let Some(error) = error(quantity) {
        text.push_str(&format!(" Error: {error}."));
    }
    if let Some(reason) = &quantity.undefined {
        text.push_str(&format!(" Not defined: {reason}."));
    }
    text
}

/// A name of a scenario as words: `war_cost` becomes "war cost".
pub(crate) fn humane(name: &str) -> String {
    name.replace('_', " ")
}

/// The same with a capital.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The same with a small first letter, for the middle of a sentence; all capitals stay.
pub(crate) fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let second_is_capital = text.chars().nth(1).is_some_and(char::is_uppercase);
    match letters.next() {
        Some(first) if !second_is_capital => first.to_lowercase().chain(letters).collect(),
        _ => text.into(),
    }
}

/// A title without what follows its first comma.
pub(crate) fn short(title: &str) -> &str {
    title.split(',').next().unwrap_or(title).trim()
}

/// A path within a period: "talks: offer, then answer: refuse".
pub(crate) fn path(steps: &[Step]) -> String {
    let words: Vec<String> =
        steps.iter().map(|step| format!("{}: {}", humane(&step.stage), humane(&step.branch))).collect();
    words.join(", then ")
}

/// "a", "a and b", "a, b and c".
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "1 month", "3 months".
pub(crate) fn several(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", number::count(count as u64), if count == 1 { one } else { many })
}

/// A date for reading: 2022-02-24 becomes "24 February 2022", a first of the month "February 2022" where periods are longer than weeks.
pub(crate) fn date(text: &str, by_day: bool) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month)) = (parts.next(), parts.next()) else { return text.into() };
    let Some(name) = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1))) else {
        return text.into();
    };
    match parts.next().and_then(|day| day.parse::<u32>().ok()) {
        Some(day) if by_day => format!("{day} {name} {year}"),
        _ => format!("{name} {year}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_lists() {
        assert_eq!(date("2022-02-24", true), "24 February 2022");
        assert_eq!(date("2022-02-01", false), "February 2022");
        assert_eq!(date("someday", true), "someday");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!(sentence("élan"), "Élan");
    }
}
