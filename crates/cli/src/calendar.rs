//! Today's date, for the names of run folders.

use std::time::{SystemTime, UNIX_EPOCH};

use armistice::scenario::Date;

/// The date in coordinated universal time as `2026-11-22`; `SOURCE_DATE_EPOCH` takes the place of the clock.
pub fn today() -> String {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse::<i64>().ok());
    let seconds = fixed.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(0))
    });
    Date::from_days(seconds.div_euclid(86_400)).map_or_else(String::new, |date| date.to_string())
}
