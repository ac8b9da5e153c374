//! The verbs of Armistice: arguments, color, progress and exit codes over the library `armistice`.
//!
//! The program `armistice` is [`program`]. Other languages run the same verbs in their own process with [`call`], which keeps what is
//! written instead of printing it, and look at a solution in many places with [`Held`].

mod arguments;
mod calendar;
mod change;
mod commands;
mod diagnostics;
mod exit;
mod failure;
mod game_file;
mod held;
mod interrupt;
mod names;
mod progress;
mod run_folder;
mod session;
mod streams;
mod text;
mod work;

use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use armistice::CancelToken;
use clap::{CommandFactory, FromArgMatches};

use crate::arguments::{Arguments, Color, Verb};
use crate::failure::Failure;
use crate::session::Session;
use crate::streams::Streams;

pub use held::Held;

/// What a verb wrote, and how it ended.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The exit code that the program would have ended with; 0 is done.
    pub code: u8,
    /// What goes to standard output: the result.
    pub output: Vec<u8>,
    /// What goes to standard error: diagnostics, errors, remarks.
    pub remarks: String,
}

/// The program `armistice`, from the arguments of the process to its exit code.
#[must_use]
pub fn program() -> ExitCode {
    panic::set_hook(Box::new(|info| {
        anstream::eprintln!("internal error: {info}");
        anstream::eprintln!("this is a bug in armistice; please report it with the command and the scenario");
    }));
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let code = panic::catch_unwind(|| run_words(&words, &Streams::Process, interrupt::install));
    ExitCode::from(code.unwrap_or(exit::BUG))
}

/// Runs a verb in this process: `["solve", "war", "--json"]` answers what `armistice solve war --json` writes.
///
/// - `words`: the arguments without the name of the program.
/// - `cancel`: asks the verb to stop, as Ctrl-C asks the program.
/// - cost: that of the verb. Nothing is printed, but for a progress line where standard error is a terminal and the words do not
///   hold `--quiet`.
/// - errors: none of its own. The code of the answer says how the verb ended, 1 for a bug of ours.
#[must_use]
pub fn call(words: &[String], cancel: &CancelToken) -> Answer {
    let words: Vec<OsString> = words.iter().map(OsString::from).collect();
    let streams = Streams::kept();
    let run = AssertUnwindSafe(|| run_words(&words, &streams, || cancel.clone()));
    let code = panic::catch_unwind(run).unwrap_or_else(|cause| {
        streams.remark(&bug(cause.as_ref()));
        exit::BUG
    });
    let (output, remarks) = streams.take();
    Answer { code, output, remarks }
}

/// What a panic said.
fn bug(cause: &(dyn std::any::Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("it did not say why");
    format!("internal error: {text}")
}

/// Everything from the words to the exit code.
fn run_words(words: &[OsString], streams: &Streams, install: impl FnOnce() -> CancelToken) -> u8 {
    let (arguments, given) = match parse(words) {
        Ok(parsed) => parsed,
        Err(message) => {
            // Help and version are results and go to standard output; clap knows which is which.
            let code = if message.use_stderr() { exit::INVALID } else { exit::DONE };
            return if streams.usage(&message) { code } else { exit::DONE };
        }
    };
    if matches!(streams, Streams::Process) {
        choose_color(arguments.common.color);
    }
    let session = Session::new(&arguments.common, given, typed(words), install(), streams.clone());
    match run(&session, &arguments) {
        Ok(()) => exit::DONE,
        Err(failure) => {
            complain(&session, &failure);
            failure.code()
        }
    }
}

/// The words as text.
fn typed(words: &[OsString]) -> Vec<String> {
    words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

/// The arguments, and which options of the verb were typed.
fn parse(words: &[OsString]) -> Result<(Arguments, Vec<String>), clap::Error> {
    let name = OsString::from("armistice");
    let mut matches = Arguments::command().try_get_matches_from(std::iter::once(&name).chain(words))?;
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
        Verb::Backtest(arguments) => commands::backtest::run(session, arguments),
        Verb::Report(arguments) => commands::report::run(session, arguments),
        Verb::Serve(arguments) => commands::serve::run(session, arguments),
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
    session.complain(&format!("{bad}error:{bad:#} {message}"));
    if let Some(hint) = &hint {
        session.complain(&format!("  {dim}hint:{dim:#} {hint}"));
    }
    if session.json && !failure.wrote_document() {
        let document = serde_json::json!({ "exit_code": failure.code(), "message": message, "hint": hint });
        // Standard output may be closed; the exit code still says what happened.
        let _ = session.document("armistice.error/1", &document);
    }
}
