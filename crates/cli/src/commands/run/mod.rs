//! `run`: the main job, from a scenario to the folder with its report.

mod quick;
mod summary;

use std::path::{Path, PathBuf};
use std::time::Instant;

use armistice::analyze::findings::Verdict;
use armistice::analyze::simulate::write_csv;
use armistice::analyze::{Analysis, Audit, Findings, KEPT_LOGITS, Options, analyze};
use armistice::scenario::Scenario;
use armistice::solve::Settings;
use armistice::{Control, Progress};
use serde::Serialize;

use crate::arguments::Run;
use crate::calendar;
use crate::change::with_parameters;
use crate::commands::report::render;
use crate::commands::simulate::analyze_failure;
use crate::failure::Failure;
use crate::names::unknown;
use crate::progress::ProgressLine;
use crate::run_folder::RunFolder;
use crate::session::Session;
use crate::text::plural;
use crate::work::{self, Opened, Stamp};

const SCHEMA: &str = "armistice.run/1";

/// Simulated wars that are written step by step.
const KEPT: u64 = 1000;

/// `run.json`, and the document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    stamp: &'a Stamp,
    /// The command as typed.
    typed: String,
    date: String,
    complete: bool,
    status: &'a str,
    folder: &'a Path,
    report: PathBuf,
    findings: PathBuf,
    trajectories: PathBuf,
    answer: &'a armistice::analyze::findings::Answer,
    claims: Vec<(&'a str, &'a Verdict)>,
}

/// Does it all.
pub fn run(session: &Session, arguments: &Run) -> Result<(), Failure> {
    if let Some(out) = &arguments.out {
        RunFolder::refuse_existing(out)?;
    }
    let begun = Instant::now();
    let opened = work::open(session, &arguments.scenario, &arguments.options, SCHEMA)?;
    let scenario = with_parameters(opened.scenario.clone(), &arguments.set)?;
    for name in &arguments.require {
        if !scenario.claims.iter().any(|claim| claim.name == *name) {
            return Err(unknown("claim", name, scenario.claims.iter().map(|claim| claim.name.as_str())));
        }
    }
    session.step("checked", &sizes(&scenario), begun);

    let options = options(arguments);
    let begun = Instant::now();
    let mut analysis = analysis(session, &opened, &scenario, &options)?;
    let solved = plural(analysis.findings.provenance.solved_games, "game");
    session.step("solved", &format!("{solved}, the main one {}", status(&analysis.findings)), begun);
    quick::add(session, arguments, &scenario, &options, &mut analysis.findings);
    let findings = &analysis.findings;
    let interrupted = session.cancel.is_canceled();

    let begun = Instant::now();
    let page = render(findings)?;
    let document = write(session, arguments, &scenario, &options, &analysis, &page)?;
    session.step("written", &document, begun);

    let report = Path::new(&document).join("report.html");
    if !session.json {
        session.say(&format!("{}\n\n{}", summary::summary(findings), report.display()))?;
    }
    if interrupted {
        let go_on = "the report holds what was done until then; run the same command again for the rest";
        return Err(Failure::Interrupted { go_on: go_on.to_owned() });
    }
    required(findings, &arguments.require)?;
    super::solve::verdict(&analysis.solved.equilibrium.status)
}

fn options(arguments: &Run) -> Options {
    let defaults = Options::default();
    let mut command =
        vec![work::command("run", &arguments.scenario, Vec::new(), &arguments.options, Some(arguments.seed))];
    command.extend(arguments.set.iter().map(|(name, value)| format!("--set {name}={value}")));
    if arguments.wars != defaults.trajectories {
        command.push(format!("--wars {}", arguments.wars));
    }
    if arguments.quick {
        command.push("--quick".to_owned());
    }
    if let Some(points) = arguments.audit_points {
        command.push(format!("--audit-points {points}"));
    }
    if let Some(ranges) = arguments.ranges {
        command.push(format!("--ranges {ranges}"));
    }
    Options {
        settings: Settings { kept_logits: KEPT_LOGITS, ..work::settings(&arguments.options) },
        limits: work::limits(&arguments.options),
        audit_points: arguments.audit_points.map(|n| n as usize),
        trajectories: arguments.wars,
        keep: arguments.wars.min(KEPT),
        seed: arguments.seed,
        levers: !arguments.quick,
        sensitivity: !arguments.quick,
        audit: match arguments.ranges {
            Some(n) => Audit::Ranges(n as usize),
            None if arguments.quick => Audit::Base,
            None => defaults.audit,
        },
        stamp: armistice::analyze::Stamp { command: Some(command.join(" ")), date: Some(calendar::today()) },
        ..defaults
    }
}

fn analysis(
    session: &Session,
    opened: &Opened,
    scenario: &Scenario,
    options: &Options,
) -> Result<Analysis, Failure> {
    if let Some(diagnostic) = scenario.refuse(options.settings.belief_points, &options.limits) {
        return Err(work::refuse(session, &opened.source, &[diagnostic], SCHEMA));
    }
    let line = ProgressLine::new(session.quiet);
    let update = |progress: Progress<'_>| line.update(progress);
    let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
    analyze(scenario, options, &control).map_err(analyze_failure)
}

/// Writes the folder, whole, and says where it is.
fn write(
    session: &Session,
    arguments: &Run,
    scenario: &Scenario,
    options: &Options,
    analysis: &Analysis,
    page: &str,
) -> Result<String, Failure> {
    let folder = match &arguments.out {
        Some(path) => RunFolder::named(path)?,
        None => {
            let hash = scenario.hash.get(..8).unwrap_or_default();
            RunFolder::next(Path::new("runs"), &format!("{}-{hash}", calendar::today()))?
        }
    };
    let findings = &analysis.findings;
    let command = findings.provenance.command.clone().unwrap_or_default();
    let stamp = Stamp::new(scenario, &options.settings, Some(options.seed), command);
    let document = Document {
        stamp: &stamp,
        typed: std::iter::once("armistice".to_owned())
            .chain(session.words.iter().cloned())
            .collect::<Vec<_>>()
            .join(" "),
        date: calendar::today(),
        complete: findings.missing.is_empty(),
        status: findings.certificate.as_ref().map_or("unknown", |c| c.status.as_str()),
        folder: folder.target(),
        report: folder.target().join("report.html"),
        findings: folder.target().join("findings.json"),
        trajectories: folder.target().join("trajectories.csv"),
        answer: &findings.answer,
        claims: findings.claims.iter().map(|claim| (claim.name.as_str(), &claim.verdict)).collect(),
    };
    let json = armistice::report::to_json(findings)
        .map_err(|error| Failure::Bug { what: format!("failed to {error}") })?;
    let about = &scenario.about;
    let mut rows = Vec::new();
    let game = &analysis.solved.compiled.game;
    write_csv(game, about.start.map(|date| (date, about.period)), &analysis.trajectories, &mut rows)
        .map_err(analyze_failure)?;

    folder.write("findings.json", json.as_bytes())?;
    folder.write("trajectories.csv", &rows)?;
    folder.write("run.json", session.document_text(SCHEMA, &document)?.as_bytes())?;
    folder.write("report.html", page.as_bytes())?;
    if session.json {
        session.document(SCHEMA, &document)?;
    }
    drop(document);
    Ok(folder.finish()?.display().to_string())
}

fn sizes(scenario: &Scenario) -> String {
    let types = scenario.players.iter().map(|p| p.types.len()).sum();
    format!(
        "{}, {} in all, {}, {}",
        plural(scenario.players.len(), "player"),
        plural(types, "type"),
        plural(scenario.parameters.len(), "parameter"),
        plural(scenario.claims.len(), "claim"),
    )
}

fn status(findings: &Findings) -> String {
    findings.certificate.as_ref().map_or_else(|| "unchecked".to_owned(), |c| c.status.replace('_', " "))
}

/// Exit code 5 unless every required claim holds.
fn required(findings: &Findings, names: &[String]) -> Result<(), Failure> {
    let failed: Vec<String> = names
        .iter()
        .filter(|name| {
            let claim = findings.claims.iter().find(|claim| claim.name == **name);
            claim.is_none_or(|claim| claim.verdict != Verdict::Holds)
        })
        .map(|name| format!("`{name}`"))
        .collect();
    match failed.as_slice() {
        [] => Ok(()),
        [one] => Err(Failure::Check { what: format!("the claim {one} does not hold") }),
        _ => Err(Failure::Check { what: format!("the claims {} do not hold", failed.join(", ")) }),
    }
}
