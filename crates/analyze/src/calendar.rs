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
    text(date)
}

/// A date as `YYYY-MM-DD`.
#[must_use]
pub fn text(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
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
    Date { year, month, day: date.day.min(days_in(year, month)) }
}

fn days_in(year: i32, month: u8) -> u8 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days are counted in the proleptic Gregorian calendar (Hinnant, *chrono-Compatible Low-Level Date Algorithms*).
fn add_days(date: Date, days: i64) -> Date {
    let y = i64::from(date.year) - i64::from(u8::from(date.month <= 2));
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let shifted = (i64::from(date.month) + 9) % 12;
    let day_of_year = (153 * shifted + 2) / 5 + i64::from(date.day) - 1;
    let day = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year + days;

    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date {
        year: i32::try_from(year).unwrap_or(date.year),
        month: u8::try_from(month).unwrap_or(1),
        day: u8::try_from(day_of_year - (153 * shifted + 2) / 5 + 1).unwrap_or(1),
    }
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
