//! `backtest FILE.csv`: how long wars last.

use std::path::Path;
use std::time::Instant;

use armistice::fit::Table;
use armistice::fit::durations::{Columns, DurationBacktest, Group, Wars, backtest};
use armistice::{Control, Progress};
use serde::Serialize;

use super::page;
use crate::arguments::WarsOptions;
use crate::failure::Failure;
use crate::progress::ProgressLine;
use crate::run_folder::{refuse_unwritable, write_whole};
use crate::session::Session;
use crate::text::plural;

const SCHEMA: &str = "armistice.backtest-durations/1";

/// The document of `--json`.
#[derive(Serialize)]
pub struct Document {
    /// The command, without what changes nothing in the result.
    pub command: String,
    /// The file of wars.
    pub data: String,
    /// Its blake3 hash.
    pub data_hash: String,
    /// What was found.
    pub backtest: DurationBacktest,
}

/// Reads wars, forecasts each from the others, and shows how good that was.
pub fn run(
    session: &Session,
    arguments: &WarsOptions,
    threads: Option<u32>,
    data: &Path,
) -> Result<(), Failure> {
    for target in arguments.report.iter().chain(&arguments.forecasts) {
        refuse_unwritable(target)?;
    }
    let bytes = std::fs::read(data).map_err(Failure::io("read", data))?;
    let table = Table::from_csv(&bytes).map_err(Failure::fit)?;
    let columns = columns(arguments, &table)?;
    let group = |(column, value): &(String, String)| Group { column: column.clone(), value: value.clone() };
    let groups: Vec<Group> = arguments.group.iter().map(group).collect();
    let wars = Wars::read(&table, &columns, &groups).map_err(Failure::fit)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0) as usize).build();
    let pool = pool.map_err(|error| Failure::TryAgain { what: error.to_string() })?;
    let begun = Instant::now();
    let line = ProgressLine::new(session.quiet);
    let update = |progress: Progress<'_>| line.update(progress);
    let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
    let backtest = pool.install(|| backtest(&wars, &control)).map_err(Failure::fit)?;
    drop(line);
    session.step("scored", &plural(backtest.wars, "war"), begun);
    let document = Document {
        command: session.typed(),
        data: data.display().to_string(),
        data_hash: blake3::hash(&bytes).to_hex().to_string(),
        backtest,
    };
    if let Some(target) = &arguments.forecasts {
        let stamp = format!(
            "# armistice {}; wars {}; {}\n",
            env!("CARGO_PKG_VERSION"),
            document.data_hash,
            document.command.replace('\n', " ")
        );
        write_whole(target, (stamp + &document.backtest.forecasts_csv()).as_bytes())?;
        session.note(&format!("{}", target.display()));
    }
    if let Some(target) = &arguments.report {
        write_whole(target, page::page(&document)?.as_bytes())?;
        session.note(&format!("{}", target.display()));
    }
    if session.json {
        return session.document(SCHEMA, &document);
    }
    session.say(&document.backtest.text())
}

/// The columns: those that were named, otherwise those with the usual names, where there are such.
fn columns(arguments: &WarsOptions, table: &Table) -> Result<Columns, Failure> {
    let usual = |given: &Option<String>, name: &str| {
        given.clone().or_else(|| table.column(name).map(|_| name.to_owned()))
    };
    let capabilities = match arguments.capabilities.as_slice() {
        [] => usual(&None, "cinc_side1").zip(usual(&None, "cinc_side2")).map(|(a, b)| [a, b]),
        [first, second] => Some([first.clone(), second.clone()]),
        _ => return Err(Failure::usage("--capabilities takes two columns, with a comma between them")),
    };
    if capabilities.is_none() && arguments.initiator.is_some() {
        return Err(Failure::usage(
            "--initiator says whose capability is whose, and there are no --capabilities",
        ));
    }
    Ok(Columns {
        duration: arguments.duration.clone(),
        name: usual(&arguments.name, "war_name"),
        initiator: capabilities.as_ref().and_then(|_| usual(&arguments.initiator, "initiator_side")),
        capabilities,
        period: usual(&arguments.period, "post45"),
    })
}
