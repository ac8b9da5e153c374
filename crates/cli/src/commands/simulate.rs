//! `simulate`: wars from the solution, one row per war and period.

use std::fs::File;
use std::io::{BufWriter, Write};

use armistice::analyze::simulate::{Simulation, simulate, write_csv, write_json_lines};
use armistice::analyze::{AnalyzeError, Given, KEPT_LOGITS, start_of};
use armistice::game::{PlayerId, TypeId};
use armistice::solve::Settings;
use armistice::{Control, Progress};
use serde::Serialize;
use serde_json::Value;

use crate::arguments::{RowFormat, Simulate};
use crate::change;
use crate::failure::Failure;
use crate::progress::ProgressLine;
use crate::run_folder::write_whole_with;
use crate::session::Session;
use crate::work::{self, Stamp};

const SCHEMA: &str = "armistice.simulate/1";

/// The document of `--json`.
#[derive(Serialize)]
struct Document {
    stamp: Stamp,
    rows: Vec<Value>,
}

/// Simulates and writes rows.
pub fn run(session: &Session, arguments: &Simulate) -> Result<(), Failure> {
    let options = &arguments.options;
    let opened = work::open(session, &arguments.scenario, options, SCHEMA)?;
    let change = change::change(&opened.scenario, &arguments.change)?;
    let compiled = work::compile(session, &opened, &change, options, SCHEMA)?;
    let settings = Settings { kept_logits: KEPT_LOGITS, ..work::settings(options) };
    let equilibrium = work::solve(session, &compiled, &settings)?;

    let given = compiled.given.iter().enumerate();
    let given = given.filter_map(|(player, kind)| Some((PlayerId::new(player), TypeId::new((*kind)?))));
    let simulation = Simulation {
        trajectories: arguments.wars,
        seed: arguments.seed,
        given: Given(given.collect()),
        keep: arguments.wars,
        ..Simulation::default()
    };
    let trajectories = {
        let line = ProgressLine::new(session.quiet);
        let update = |progress: Progress<'_>| line.update(progress);
        let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
        simulate(&compiled.game, &equilibrium, &start_of(&compiled), &simulation, &control)
            .map_err(analyze_failure)?
            .1
    };

    let about = &opened.scenario.about;
    let calendar = about.start.map(|date| (date, about.period));
    let rows = |out: &mut dyn Write| {
        if session.json || arguments.format == RowFormat::Json {
            write_json_lines(&compiled.game, calendar, &trajectories, out)
        } else {
            write_csv(&compiled.game, calendar, &trajectories, out)
        }
    };
    let words = change::words(&arguments.change);
    let command = work::command("simulate", &arguments.scenario, words, options, Some(arguments.seed));
    let command = format!("{command} --wars {}", arguments.wars);
    if session.json && arguments.out.is_none() {
        let mut lines = Vec::new();
        rows(&mut lines).map_err(analyze_failure)?;
        let rows: Vec<Value> =
            serde_json::Deserializer::from_slice(&lines).into_iter().collect::<Result<_, _>>()?;
        let stamp = Stamp::new(&opened.scenario, &settings, Some(arguments.seed), command);
        session.document(SCHEMA, &Document { stamp, rows })?;
        return super::solve::verdict(&equilibrium.status);
    }
    match &arguments.out {
        Some(path) => write_whole_with(path, |file: &mut BufWriter<File>| rows(file).map_err(write_error))?,
        None => {
            let mut out = Watched { inner: BufWriter::new(session.streams.writer()), closed: false };
            let written = rows(&mut out).map_err(analyze_failure).and_then(|()| Ok(out.flush()?));
            if out.closed {
                return Err(Failure::PipeClosed);
            }
            written?;
        }
    }
    session.note(&format!(
        "{} wars, seed {}, scenario {}, armistice {}: {command}",
        arguments.wars,
        arguments.seed,
        opened.scenario.hash.get(..8).unwrap_or_default(),
        env!("CARGO_PKG_VERSION"),
    ));
    super::solve::verdict(&equilibrium.status)
}

/// A writer that remembers whether its reader has gone: errors that say so come back wrapped.
struct Watched<W: Write> {
    inner: W,
    closed: bool,
}

impl<W: Write> Watched<W> {
    fn watch<T>(&mut self, result: std::io::Result<T>) -> std::io::Result<T> {
        self.closed |= result.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe);
        result
    }
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let result = self.inner.write(bytes);
        self.watch(result)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let result = self.inner.flush();
        self.watch(result)
    }
}

/// An error of writing rows as what it is.
fn write_error(error: AnalyzeError) -> std::io::Error {
    match error {
        AnalyzeError::Write(source) => source,
        other => std::io::Error::other(other),
    }
}

/// Why an analysis failed, as the user should hear it.
pub fn analyze_failure(error: AnalyzeError) -> Failure {
    match error {
        AnalyzeError::Write(source) => source.into(),
        AnalyzeError::Cancelled => Failure::Interrupted { go_on: "run the same command again".to_owned() },
        AnalyzeError::Solve(source) => work::solve_failure(source),
        AnalyzeError::Game(source) => Failure::Bug { what: format!("failed to {source}") },
        other => Failure::usage(format!("cannot {other}")),
    }
}
