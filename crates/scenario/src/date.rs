//! Calendar dates.

use std::fmt;

use serde::Serialize;

/// A date of the proleptic Gregorian calendar, shown as `2025-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Date {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// Reads `2025-01-31`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
        if parts.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
            return None;
        }
        let date = Self { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        let days = (1..=12).contains(&date.month).then(|| Self::days_in(date.year, date.month))?;
        (1..=days).contains(&date.day).then_some(date)
    }

    /// Days of a month, 1 to 12.
    #[must_use]
    pub fn days_in(year: i32, month: u8) -> u8 {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 31,
        }
    }

    /// Days since 1970-01-01 (Hinnant, *chrono-Compatible Low-Level Date Algorithms*: eras of 400 years that start on 1 March, so that the
    /// leap day is the last day of a year).
    #[must_use]
    pub fn days(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + of_era - 719_468
    }

    /// The date so many days after 1970-01-01; `None` where the year has more digits than a year can.
    #[must_use]
    pub fn from_days(days: i64) -> Option<Self> {
        let from_march = days.checked_add(719_468)?;
        let (era, of_era) = (from_march.div_euclid(146_097), from_march.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let year = i32::try_from(year).ok().filter(|year| (-9999..=9999).contains(year))?;
        Some(Self { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates_and_dates_days() {
        for (days, text) in
            [(0, "1970-01-01"), (19_047, "2022-02-24"), (11_016, "2000-02-29"), (-1, "1969-12-31")]
        {
            assert_eq!(Date::from_days(days).unwrap().to_string(), text);
            assert_eq!(Date::parse(text).unwrap().days(), days);
        }
        // Every day of a thousand years, one after the other.
        let mut before = Date::from_days(-400_000).unwrap();
        for days in -399_999..0 {
            let date = Date::from_days(days).unwrap();
            assert_eq!(date.days(), days);
            let next = if before.day < Date::days_in(before.year, before.month) {
                Date { day: before.day + 1, ..before }
            } else if before.month < 12 {
                Date { month: before.month + 1, day: 1, ..before }
            } else {
                Date { year: before.year + 1, month: 1, day: 1 }
            };
            assert_eq!(date, next);
            before = date;
        }
        assert_eq!(Date::from_days(i64::MAX), None);
        assert_eq!(Date::from_days(4_000_000), None, "the year 12921");
    }

    #[test]
    fn only_dates_are_read_as_dates() {
        assert!(Date::parse("2024-02-29").is_some());
        for text in
            ["2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "24-01-01", "2024-1-1", "2024-01"]
        {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
