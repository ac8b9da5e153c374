//! `backtest`: forecasts of what is known already, made without it, and their scores.

mod durations;
mod page;

use crate::arguments::Backtest;
use crate::failure::Failure;
use crate::session::Session;

/// Options that only tables of wars have.
const WARS: [&str; 8] =
    ["report", "forecasts", "group", "duration", "name", "capabilities", "initiator", "period"];
/// Options that both have.
const BOTH: [&str; 5] = ["threads", "json", "quiet", "color", "help"];

/// Backtests a scenario against its record, or forecasts of how long wars last, if the path is that of a table.
pub fn run(session: &Session, arguments: &Backtest) -> Result<(), Failure> {
    let path = &arguments.record.scenario;
    let table = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let known = |option: &str| BOTH.contains(&option) || WARS.contains(&option) == table;
    let strange: Vec<String> =
        session.given.iter().filter(|option| !known(option)).map(|option| format!("--{option}")).collect();
    if !strange.is_empty() {
        let (is, other) = if table {
            ("a table of wars", "a scenario with a record")
        } else {
            ("no table of wars", "a table of wars, FILE.csv")
        };
        return Err(Failure::Usage {
            what: format!("{} is {is}: it has no use for {}", path.display(), strange.join(", ")),
            hint: Some(format!("that is for {other}")),
        });
    }
    if table {
        durations::run(session, &arguments.wars, arguments.record.options.threads, path)
    } else {
        super::record::backtest(session, arguments)
    }
}
