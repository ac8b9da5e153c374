//! `sweep`: a scenario at every point of a design, one row each.

mod cluster;
mod design;
mod explore;
mod summary;

use std::path::Path;
use std::time::Instant;

use armistice::analyze::design::DesignError;
use armistice::analyze::sweep::{self, Questions, SweepError, SweepFolder, SweepOutcome, Tally};
use armistice::analyze::{KEPT_LOGITS, Options, Stamp as Typed};
use armistice::scenario::Scenario;
use armistice::solve::Settings;
use armistice::{Control, Progress};
use serde::Serialize;

use self::explore::Explored;
use crate::arguments::Sweep;
use crate::commands::simulate::analyze_failure;
use crate::failure::Failure;
use crate::names::unknown;
use crate::progress::ProgressLine;
use crate::session::Session;
use crate::text::plural;
use crate::work::{self, Opened, Stamp};

const SCHEMA: &str = "armistice.sweep/1";

/// Options that say nothing about what is computed.
const BESIDES: [&str; 12] = [
    "out", "resume", "plan", "shard", "slurm", "parts", "boxes", "threads", "json", "quiet", "color", "help",
];

/// `sweep.json`, and the document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    stamp: &'a Stamp,
    /// Hash of the plan.
    plan: &'a str,
    shards: usize,
    #[serde(flatten)]
    tally: &'a Tally,
}

/// Plans, or goes on with a plan; then computes what is missing.
pub fn run(session: &Session, arguments: &Sweep) -> Result<(), Failure> {
    let begun = Instant::now();
    let opened = work::open(session, &arguments.scenario, &arguments.options, SCHEMA)?;
    let scenario = &opened.scenario;
    if let Some(part) = arguments.cluster.shard {
        return cluster::part(session, &opened, arguments, part);
    }
    let boxes = explore::claims(scenario, &arguments.boxes)?;
    let asked = session.given.iter().any(|option| !BESIDES.contains(&option.as_str()));
    let (sweep, folder) = if arguments.resume {
        let folder = SweepFolder::open(&arguments.out).map_err(|e| failure(arguments, e))?;
        let planned = sweep::Sweep::planned(scenario, folder.plan().clone());
        let sweep = planned.map_err(|e| failure(arguments, e))?;
        if asked && let Some(what) = plan(session, &opened, arguments)?.plan().difference(sweep.plan()) {
            return Err(failure(arguments, SweepError::Differs { what }));
        }
        (sweep, folder)
    } else {
        crate::run_folder::RunFolder::refuse_existing(&arguments.out).map_err(|failure| {
            let begun = arguments.out.join("plan.json").is_file();
            if begun { exists(&arguments.out) } else { failure }
        })?;
        let sweep = plan(session, &opened, arguments)?;
        let folder = SweepFolder::create(&arguments.out, sweep.plan());
        (sweep, folder.map_err(|e| failure(arguments, e))?)
    };
    session.step("planned", &summary::sizes(sweep.plan()), begun);
    if arguments.cluster.plan {
        return cluster::planned(session, arguments, &folder);
    }

    let begun = Instant::now();
    let outcome = {
        let line = ProgressLine::new(session.quiet);
        let update = |progress: Progress<'_>| line.update(progress);
        let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
        sweep::run(&sweep, &folder, &control).map_err(|e| failure(arguments, e))?
    };
    let Some(tally) = &outcome.tally else { return Err(interrupted(arguments, &outcome)) };
    session.step("swept", &shards(&outcome), begun);
    let explored = explore::explore(sweep.plan(), &folder, &boxes).map_err(|e| failure(arguments, e))?;
    finish(session, &opened, arguments, &sweep, &folder, tally, &explored)
}

/// Writes what the rows say, shows it, and says whether all of it can be relied on.
fn finish(
    session: &Session,
    opened: &Opened,
    arguments: &Sweep,
    sweep: &sweep::Sweep,
    folder: &SweepFolder,
    tally: &Tally,
    explored: &Explored,
) -> Result<(), Failure> {
    let plan = sweep.plan();
    let seed = design::seed(&plan.design.sampling);
    let stamp = Stamp::new(&opened.scenario, &plan.settings, seed, plan.command.clone());
    let document = Document { stamp: &stamp, plan: folder.plan_hash(), shards: plan.shards(), tally };
    let text = session.document_text(SCHEMA, &document)?;
    let place = |name: &str, content: &str| {
        folder.place(&folder.path().join(name), content.as_bytes()).map_err(|e| failure(arguments, e))
    };
    place("sweep.json", &text)?;
    for (name, content) in &explored.files {
        place(name, content)?;
    }
    if session.json {
        session.say(&text)?;
    } else {
        session.say(&format!(
            "{}\n\n{}",
            summary::summary(tally, &explored.lines),
            folder.merged().display()
        ))?;
    }
    if tally.failed > 0 {
        let (point, why) = tally.failures.first().map_or((0, ""), |(point, why)| (*point, why.as_str()));
        return Err(Failure::Points {
            failed: tally.failed,
            points: tally.points,
            point,
            why: why.to_owned(),
        });
    }
    if tally.not_converged > 0 {
        let what = plural(tally.not_converged, "point");
        let share = crate::text::percent(tally.unsolved);
        let status = format!(
            "at {what}, marked `not_converged`, some stage games did not converge: up to {share} of those of a point"
        );
        return Err(Failure::NotCertified { status });
    }
    Ok(())
}

/// The sweep that the arguments describe.
fn plan(session: &Session, opened: &Opened, arguments: &Sweep) -> Result<sweep::Sweep, Failure> {
    let scenario = &opened.scenario;
    let wrong = |error| failure(arguments, error);
    let design = design::design(scenario, arguments)?;
    let questions = match arguments.measures.as_slice() {
        [] => Questions::all(scenario),
        names => {
            let known = scenario.measures.iter().map(|m| m.name.as_str());
            let known = known.chain(scenario.claims.iter().map(|c| c.name.as_str()));
            if let Some(name) = names.iter().find(|name| !known.clone().any(|other| other == name.as_str())) {
                return Err(unknown("measure or claim", name, known));
            }
            Questions::named(scenario, names).map_err(|e| wrong(e.into()))?
        }
    };
    let set = design::settings(scenario, &arguments.set)?;
    let solving = &arguments.options;
    let options = Options {
        settings: Settings { kept_logits: KEPT_LOGITS, ..work::settings(solving) },
        limits: work::limits(solving),
        audit_points: solving.belief_points.map(|n| n as usize),
        coarse: arguments.coarse,
        stamp: Typed { command: Some(command(arguments)), date: None },
        ..Options::default()
    };
    if let Some(diagnostic) = scenario.refuse(options.settings.belief_points, &options.limits) {
        return Err(work::refuse(session, &opened.source, &[diagnostic], SCHEMA));
    }
    sweep::Sweep::new(scenario, design, questions, &set, arguments.shard_size as usize, &options)
        .map_err(wrong)
}

/// A command that begins the same sweep, wherever it is written to.
fn command(arguments: &Sweep) -> String {
    let mut words = vec![work::command("sweep", &arguments.scenario, Vec::new(), &arguments.options, None)];
    words.extend(design::words(arguments));
    if !arguments.measures.is_empty() {
        words.push(format!("--measures {}", arguments.measures.join(",")));
    }
    words.extend(arguments.set.iter().map(|(name, value)| format!("--set {name}={value}")));
    if arguments.coarse {
        words.push("--coarse".to_owned());
    }
    if arguments.shard_size != 64 {
        words.push(format!("--shard-size {}", arguments.shard_size));
    }
    words.push("--out FOLDER".to_owned());
    words.join(" ")
}

fn shards(outcome: &SweepOutcome) -> String {
    let mut text = format!("{} in {}", summary::points(outcome), plural(outcome.shards, "shard"));
    if outcome.kept > 0 {
        text.push_str(&format!(", {} of them whole before", outcome.kept));
    }
    if outcome.damaged > 0 {
        text.push_str(&format!(", {} damaged and computed again", outcome.damaged));
    }
    text
}

fn interrupted(arguments: &Sweep, outcome: &SweepOutcome) -> Failure {
    let (scenario, out) = (arguments.scenario.display(), arguments.out.display());
    let whole = outcome.kept + outcome.computed;
    let go_on = format!(
        "whole so far: {whole} of {}; `armistice sweep {scenario} --out {out} --resume` goes on",
        plural(outcome.shards, "shard")
    );
    Failure::Interrupted { go_on }
}

fn exists(out: &Path) -> Failure {
    Failure::Usage {
        what: format!("{} holds a sweep already", out.display()),
        hint: Some("go on with it with --resume, or name another folder with --out".to_owned()),
    }
}

/// Why there is no sweep, as the user should hear it.
fn failure(arguments: &Sweep, error: SweepError) -> Failure {
    match error {
        SweepError::Design(error) => design_failure(error),
        SweepError::Analyze(error) => analyze_failure(error),
        SweepError::Io { doing, path, source } => Failure::io(doing, &path)(source),
        SweepError::Plan { path, what } => {
            Failure::Io { doing: "read", path, why: format!("it is not the plan of a sweep: {what}") }
        }
        SweepError::Busy { path } => {
            Failure::Io { doing: "write to", path, why: "another sweep is writing to it".to_owned() }
        }
        SweepError::Differs { what } => Failure::Usage {
            what: format!("cannot go on with {}: {what} is not what its plan says", arguments.out.display()),
            hint: Some("leave out what the plan says, or begin another sweep with another --out".to_owned()),
        },
        error => {
            Failure::Io { doing: "go on in", path: arguments.out.clone(), why: format!("failed to {error}") }
        }
    }
}

/// Why there is no design.
pub fn design_failure(error: DesignError) -> Failure {
    match &error {
        DesignError::Unknown { kind, name, known } => unknown(kind, name, known.iter().map(String::as_str)),
        DesignError::NoRange { name } => Failure::Usage {
            what: format!("cannot {error}"),
            hint: Some(format!("give it one: --parameters {name}=LOW..HIGH")),
        },
        _ => Failure::usage(format!("cannot {error}")),
    }
}

/// What a scenario has that can vary where nothing is named.
fn ranged(scenario: &Scenario) -> impl Iterator<Item = &armistice::scenario::Parameter> {
    scenario.parameters.iter().filter(|p| p.range.is_some() || p.distribution.is_some())
}
