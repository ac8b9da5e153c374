//! The program `armistice`: arguments, color, progress and exit codes over the library of the same name.

mod arguments;
mod calendar;
mod change;
mod commands;
mod diagnostics;
mod exit;
mod failure;
mod game_file;
mod interrupt;
mod names;
mod progress;
mod run_folder;
mod session;
mod text;
mod work;

use std::panic;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::arguments::{Arguments, Color, Verb};
use crate::failure::Failure;
use crate::session::Session;

fn main() -> ExitCode {
    panic::set_hook(Box::new(|info| {
        anstream::eprintln!("internal error: {info}");
        anstream::eprintln!("this is a bug in armistice; please report it with the command and the scenario");
    }));
    let code = panic::catch_unwind(program).unwrap_or(exit::BUG);
    ExitCode::from(code)
}

/// Everything from the arguments to the exit code.
fn program() -> u8 {
    let (arguments, given) = match parse() {
        Ok(parsed) => parsed,
        Err(message) => {
            // Help and version are results and go to standard output; clap knows which is which.
            let code = if message.use_stderr() { exit::INVALID } else { exit::DONE };
            return if message.print().is_err() { exit::DONE } else { code };
        }
    };
    choose_color(arguments.common.color);
    let session = Session::new(&arguments.common, given, interrupt::install());
    match run(&session, &arguments) {
        Ok(()) => exit::DONE,
        Err(failure) => {
            complain(&session, &failure);
            failure.code()
        }
    }
}

/// The arguments, and which options of the verb were typed.
fn parse() -> Result<(Arguments, Vec<String>), clap::Error> {
    let mut matches = Arguments::command().try_get_matches()?;
    let given = arguments::given(&matches);
    let arguments = Arguments::from_arg_matches_mut(&mut matches);
    Ok((arguments.map_err(|error| error.format(&mut Arguments::command()))?, given))
}

fn run(session: &Session, arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::Check(arguments) => commands::check::run(session, arguments),
        Verb::Solve(arguments) => commands::solve::run(session, arguments),
        Verb::Simulate(arguments) => commands::simulate::run(session, arguments),
        Verb::Run(arguments) => commands::run::run(session, arguments),
        Verb::Sweep(arguments) => commands::sweep::run(session, arguments),
        Verb::Audit(arguments) => commands::audit::run(session, arguments),
        Verb::Levers(arguments) => commands::levers::run(session, arguments),
        Verb::Estimate(arguments) => commands::estimate::run(session, arguments),
        Verb::Fit(arguments) => commands::record::fit(session, arguments),
        Verb::Compare(arguments) => commands::record::compare(session, arguments),
        Verb::Forecast(arguments) => commands::record::forecast(session, arguments),
        Verb::Score(arguments) => commands::record::score(session, arguments),
        Verb::Backtest(arguments) => commands::record::backtest(session, arguments),
        Verb::Report(arguments) => commands::report::run(session, arguments),
        Verb::New(arguments) => commands::new::run(session, arguments),
        Verb::Convert(arguments) => commands::convert::run(session, arguments),
        Verb::Catalog(arguments) => commands::catalog::run(session, arguments),
        Verb::Schema => commands::schema::run(session),
        Verb::Explain(arguments) => commands::explain::run(session, arguments),
        Verb::Completions(arguments) => commands::completions::run(session, arguments),
        Verb::Man(arguments) => commands::man::run(session, arguments),
    }
}

/// Tells the output streams and the diagnostics renderer what the user wants.
fn choose_color(color: Color) {
    let choice = match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Says on standard error what went wrong; with `--json` also as a document on standard output.
fn complain(session: &Session, failure: &Failure) {
    let (message, hint) = failure.message();
    if message.is_empty() {
        return;
    }
    let (bad, dim) = (session::BAD, session::DIM);
    anstream::eprintln!("{bad}error:{bad:#} {message}");
    if let Some(hint) = &hint {
        anstream::eprintln!("  {dim}hint:{dim:#} {hint}");
    }
    if session.json && !failure.wrote_document() {
        let document = serde_json::json!({ "exit_code": failure.code(), "message": message, "hint": hint });
        // Standard output may be closed; the exit code still says what happened.
        let _ = session.document("armistice.error/1", &document);
    }
}
