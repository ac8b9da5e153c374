//! `backtest`: forecasts of what is known already, made without it, and their scores.

mod durations;
mod page;

use crate::arguments::Backtest;
use crate::failure::Failure;
use crate::session::Session;

/// Backtests what was given.
pub fn run(session: &Session, arguments: &Backtest) -> Result<(), Failure> {
    match (&arguments.durations, &arguments.scenario) {
        (Some(data), None) => durations::run(session, arguments, data),
        (Some(_), Some(scenario)) => Err(Failure::Usage {
            what: format!("--durations reads a table of wars, and {} is one too many", scenario.display()),
            hint: Some("armistice backtest --durations wars.csv".to_owned()),
        }),
        (None, Some(scenario)) => Err(Failure::Usage {
            what: format!("{}: only tables of wars can be backtested", scenario.display()),
            hint: Some("armistice backtest --durations wars.csv".to_owned()),
        }),
        (None, None) => Err(Failure::Usage {
            what: "there is nothing to backtest".to_owned(),
            hint: Some("armistice backtest --durations wars.csv".to_owned()),
        }),
    }
}
