//! The first steps of every verb: read the scenario, apply the change, compile, solve.

use std::path::{Path, PathBuf};

use armistice::scenario::{Change, Compiled, Diagnostic, Limits, Loaded, Scenario, Source};
use armistice::solve::{Equilibrium, Selection, Settings, SolveError};
use armistice::{Control, Progress};
use serde::Serialize;
use serde_json::{Value, json};

use crate::arguments::{self, SolveOptions};
use crate::diagnostics;
use crate::failure::Failure;
use crate::game_file::Format;
use crate::progress::ProgressLine;
use crate::session::Session;
use crate::text::plural;

/// A scenario that was read, with the text its diagnostics point into.
pub struct Opened {
    /// The scenario.
    pub scenario: Scenario,
    /// Its text.
    pub source: Source,
}

/// The scenario file that a path means: the file itself, or `scenario.toml` in a folder.
pub fn scenario_file(path: &Path) -> Result<PathBuf, Failure> {
    if Format::of(path).is_some() {
        return Err(Failure::Usage {
            what: format!("{} is a finite game, and this verb takes a scenario", path.display()),
            hint: Some(
                "`armistice check`, `armistice solve` and `armistice convert` take finite games".to_owned(),
            ),
        });
    }
    if path.is_dir() {
        let file = path.join("scenario.toml");
        if file.is_file() {
            return Ok(file);
        }
        return Err(Failure::Io {
            doing: "read",
            path: file,
            why: format!("there is no scenario in {}; `armistice new NAME` writes one", path.display()),
        });
    }
    match std::fs::metadata(path) {
        Ok(_) => Ok(path.to_owned()),
        Err(source) => Err(Failure::io("read", path)(source)),
    }
}

/// Reads a scenario and everything that is wrong with it.
pub fn load(path: &Path, limits: &Limits) -> Result<Loaded, Failure> {
    Ok(armistice::scenario::load_with(&scenario_file(path)?, limits))
}

/// Reads a scenario that has to be sound: its errors are shown and end the command. Warnings are counted.
pub fn open(session: &Session, path: &Path, options: &SolveOptions, schema: &str) -> Result<Opened, Failure> {
    if let Some(threads) = options.threads {
        // Fails only when the pool exists already, which a second call would be.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build_global();
    }
    let Loaded { source, scenario, diagnostics, .. } = load(path, &limits(options))?;
    match scenario {
        Some(scenario) if !diagnostics.iter().any(Diagnostic::is_error) => {
            if !diagnostics.is_empty() {
                let warnings = plural(diagnostics.len(), "warning");
                session.note(&format!("{warnings} about {}: `armistice check` shows more", source.name));
            }
            Ok(Opened { scenario, source })
        }
        _ => Err(refuse(session, &source, &diagnostics, schema)),
    }
}

/// Shows diagnostics that end the command, on standard error and, with `--json`, as a document.
pub fn refuse(session: &Session, source: &Source, diagnostics: &[Diagnostic], schema: &str) -> Failure {
    session.complain(&diagnostics::render(source, diagnostics, session.look));
    if session.json {
        let body = json!({ "ok": false, "diagnostics": listed(source, diagnostics) });
        if let Err(failure) = session.document(schema, &body) {
            return failure;
        }
    }
    Failure::Scenario
}

/// Diagnostics as a document lists them: with lines and columns beside the bytes.
pub fn listed(source: &Source, diagnostics: &[Diagnostic]) -> Vec<Value> {
    let label = |label: &armistice::scenario::Label| {
        let (line, column) = source.position(label.span.start);
        let file = source.file(label.span.start);
        json!({
            "file": file.name,
            "line": line,
            "column": column,
            "start": label.span.start - file.start,
            "end": label.span.end - file.start,
            "text": label.text,
        })
    };
    diagnostics
        .iter()
        .map(|d| {
            json!({
                "code": d.code,
                "severity": d.severity,
                "message": d.message,
                "file": d.labels.first().map_or(source.name.as_str(), |l| source.file(l.span.start).name),
                "labels": d.labels.iter().map(label).collect::<Vec<_>>(),
                "help": d.help,
            })
        })
        .collect()
}

/// The settings of the solver.
pub fn settings(options: &SolveOptions) -> Settings {
    let mut settings = Settings {
        selection: match options.selection {
            arguments::Selection::Principal => Selection::Principal,
            arguments::Selection::Continuation => Selection::Continuation,
            arguments::Selection::Pooling => Selection::Pooling,
            arguments::Selection::Separating => Selection::Separating,
        },
        threads: options.threads.map(|n| n as usize),
        ..Settings::default()
    };
    if let Some(points) = options.belief_points {
        settings.belief_points = points as usize;
    }
    if let Some(values) = options.max_values {
        settings.max_values = values;
    }
    settings
}

/// The limits of the compiler.
pub fn limits(options: &SolveOptions) -> Limits {
    let mut limits = Limits { max_values: settings(options).max_values, ..Limits::default() };
    if let Some(states) = options.max_states {
        limits.max_states = states;
    }
    if let Some(nodes) = options.max_nodes {
        limits.max_nodes = usize::try_from(nodes).unwrap_or(usize::MAX);
    }
    limits
}

/// Compiles a scenario after a change.
pub fn compile(
    session: &Session,
    opened: &Opened,
    change: &Change,
    options: &SolveOptions,
    schema: &str,
) -> Result<Compiled, Failure> {
    let limits = limits(options);
    let refused = opened.scenario.refuse(settings(options).belief_points, &limits);
    let compiled = match refused {
        Some(diagnostic) => Err(vec![diagnostic]),
        None => opened.scenario.compile(change, &limits),
    };
    compiled.map_err(|diagnostics| refuse(session, &opened.source, &diagnostics, schema))
}

/// Solves a game with progress shown; a canceled solution is a failure that says how to go on.
pub fn solve(session: &Session, compiled: &Compiled, settings: &Settings) -> Result<Equilibrium, Failure> {
    let line = ProgressLine::new(session.quiet);
    let update = |progress: Progress<'_>| line.update(progress);
    let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
    let equilibrium = armistice::solve::solve(&compiled.game, settings, &control).map_err(solve_failure)?;
    drop(line);
    session.go_on(
        "nothing was written; run the same command again, or with fewer --belief-points to be faster",
    )?;
    Ok(equilibrium)
}

/// Why a game was not solved, as the user should hear it.
pub fn solve_failure(error: SolveError) -> Failure {
    match error {
        SolveError::TooLarge { .. } => Failure::Usage {
            what: format!("cannot {error}"),
            hint: Some("lower --belief-points, or raise the limit with --max-values".to_owned()),
        },
        SolveError::Setting { .. } => Failure::usage(format!("cannot {error}")),
        SolveError::Threads => Failure::TryAgain { what: format!("cannot {error}") },
        _ => Failure::Bug { what: format!("the compiled game cannot be solved: {error}") },
    }
}

/// What a result was made from and how: on every output.
#[derive(Debug, Serialize)]
pub struct Stamp {
    /// Version of this program.
    pub version: &'static str,
    /// Title of the scenario.
    pub scenario: String,
    /// blake3 of the scenario file, and of the files it extends and includes.
    pub scenario_hash: String,
    /// Settings of the solver.
    pub settings: Settings,
    /// Seed of every random number, where there are any.
    pub seed: Option<u64>,
    /// A command that gives the same result.
    pub command: String,
}

impl Stamp {
    /// The stamp of a result.
    pub fn new(scenario: &Scenario, settings: &Settings, seed: Option<u64>, command: String) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            scenario: scenario.about.title.clone(),
            scenario_hash: scenario.hash.clone(),
            // The number of threads changes nothing, so it is no part of what identifies a result.
            settings: Settings { threads: None, ..settings.clone() },
            seed,
            command,
        }
    }
}

/// A command line that gives the same result: what does not affect the result is left out.
pub fn command(
    verb: &str,
    scenario: &Path,
    change: Vec<String>,
    options: &SolveOptions,
    seed: Option<u64>,
) -> String {
    let mut words = vec!["armistice".to_owned(), verb.to_owned(), scenario.display().to_string()];
    words.extend(change);
    let defaults = Settings::default();
    let settings = settings(options);
    if settings.belief_points != defaults.belief_points {
        words.extend(["--belief-points".to_owned(), settings.belief_points.to_string()]);
    }
    match options.selection {
        arguments::Selection::Principal => {}
        arguments::Selection::Continuation => words.push("--selection continuation".to_owned()),
        arguments::Selection::Pooling => words.push("--selection pooling".to_owned()),
        arguments::Selection::Separating => words.push("--selection separating".to_owned()),
    }
    if let Some(seed) = seed {
        words.extend(["--seed".to_owned(), seed.to_string()]);
    }
    let quoted = |word: String| {
        if word.contains(char::is_whitespace) && !word.starts_with("--") { format!("'{word}'") } else { word }
    };
    words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}
