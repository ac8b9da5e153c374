//! Dates of periods.

use armistice_scenario::{Date, Period};

/// The first day of period `n` of a scenario that starts at `start`, as `YYYY-MM-DD`.
///
/// Months, quarters and years keep the day of the month of the start, or the last day of shorter months.
#[must_use]
pub fn date_of(start: Date, period: Period, n: u32) -> String {
    let date = match period {
        Period::Day => add_days(start, i64::from(n)),
        Period::Week => add_days(start, 7 * i64::from(n)),
        Period::Month => add_months(start, i64::from(n)),
        Period::Quarter => add_months(start, 3 * i64::from(n)),
        Period::Year => add_months(start, 12 * i64::from(n)),
    };
    date.to_string()
}

/// Singular and plural of a period.
#[must_use]
pub fn words(period: Period) -> (&'static str, &'static str) {
    match period {
        Period::Day => ("day", "days"),
        Period::Week => ("week", "weeks"),
        Period::Month => ("month", "months"),
        Period::Quarter => ("quarter", "quarters"),
        Period::Year => ("year", "years"),
    }
}

fn add_months(date: Date, months: i64) -> Date {
    let from_zero = i64::from(date.year) * 12 + i64::from(date.month) - 1 + months;
    let year = i32::try_from(from_zero.div_euclid(12)).unwrap_or(date.year);
    let month = u8::try_from(from_zero.rem_euclid(12) + 1).unwrap_or(1);
    Date { year, month, day: date.day.min(Date::days_in(year, month)) }
}

fn add_days(date: Date, days: i64) -> Date {
    Date::from_days(date.days() + days).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Date = Date { year: 2024, month: 1, day: 31 };

    #[test]
    fn months_keep_the_day_or_end_with_the_month() {
        assert_eq!(date_of(START, Period::Month, 1), "2024-02-29");
        assert_eq!(date_of(START, Period::Month, 13), "2025-02-28");
        assert_eq!(date_of(START, Period::Quarter, 1), "2024-04-30");
        assert_eq!(date_of(START, Period::Year, 1), "2025-01-31");
    }

    #[test]
    fn days_and_weeks_cross_months_and_leap_years() {
        assert_eq!(date_of(START, Period::Day, 30), "2024-03-01");
        assert_eq!(date_of(START, Period::Day, 366), "2025-01-31");
        assert_eq!(date_of(START, Period::Week, 1), "2024-02-07");
        assert_eq!(date_of(Date { year: 1939, month: 11, day: 30 }, Period::Day, 104), "1940-03-13");
    }
}
