//! `audit`: how often each claim holds over everything that is uncertain, when it does, and the nearest case in which it comes out otherwise.

mod all_files;
mod checked;
mod examples;
mod page;
mod text;

use std::path::Path;
use std::time::Instant;

use armistice::analyze::audit::{self, AuditFindings, AuditSettings, CheckedCase, HeldParameter};
use armistice::analyze::design::Sampling;
use armistice::analyze::findings::ExamplePlace;
use armistice::analyze::sweep::{self, SweepError, SweepFolder, Table};
use armistice::analyze::{AnalyzeError, KEPT_LOGITS, Options};
use armistice::scenario::Scenario;
use armistice::solve::Settings;
use armistice::{Control, Progress};
use serde::Serialize;

use crate::arguments::{Audit, AuditDesign};
use crate::commands::simulate::analyze_failure;
use crate::commands::sweep::design_failure;
use crate::failure::Failure;
use crate::names::unknown;
use crate::progress::ProgressLine;
use crate::session::Session;
use crate::text::plural;
use crate::work::{self, Opened, Stamp};

const SCHEMA: &str = "armistice.audit/1";

/// The theory that is no theory.
const NEUTRAL: &str = "neutral";

/// `audit.json`, and the document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    command: &'a str,
    seed: u64,
    thresholds: Thresholds,
    audits: &'a [Done],
}

/// From which shares on a verdict is which word.
#[derive(Serialize)]
struct Thresholds {
    holds: f64,
    mostly: f64,
    mostly_not: f64,
    fails: f64,
}

/// The audit of one scenario in one theory.
#[derive(Serialize)]
pub struct Done {
    /// The scenario or theory as typed: what `armistice run` takes to repeat a case.
    path: String,
    theory: String,
    stamp: Stamp,
    /// The parameters in which the theory differs.
    held: Vec<HeldParameter>,
    /// By claim: a command that solves the counterexample.
    commands: Vec<(String, String)>,
    /// By claim: a scenario file with the counterexample, by its path in the folder of the audit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<(String, String)>,
    #[serde(flatten)]
    findings: AuditFindings,
    /// The scenario's position among those named.
    #[serde(skip)]
    scenario: usize,
}

impl Done {
    /// Where the counterexamples are, the files below `folder`.
    fn examples(&self, folder: Option<&Path>) -> Vec<ExamplePlace> {
        let place = |(claim, command): &(String, String)| {
            let file = self.files.iter().find(|(name, _)| name == claim);
            let file = file.map(|(_, file)| folder.unwrap_or(Path::new("")).join(file).display().to_string());
            ExamplePlace { claim: claim.clone(), command: command.clone(), file }
        };
        self.commands.iter().map(place).collect()
    }
}

/// A scenario in a theory, before it is audited.
struct Planned<'a> {
    path: &'a Path,
    theory: String,
    /// The scenario's position among those named.
    position: usize,
    /// What is audited: the scenario, or the theory where it extends it.
    opened: &'a Opened,
    held: Vec<HeldParameter>,
    set: Vec<(String, f64)>,
    fixed: Vec<String>,
}

/// Audits every scenario in every theory.
pub fn run(session: &Session, typed: &Audit) -> Result<(), Failure> {
    let arguments = &all_files::expand(session, typed)?;
    let open = |path: &std::path::PathBuf| work::open(session, path, &arguments.options, SCHEMA);
    let scenarios: Vec<Opened> = arguments.scenarios.iter().map(open).collect::<Result<_, _>>()?;
    let theories: Vec<Opened> = arguments.theory.iter().map(open).collect::<Result<_, _>>()?;
    check_names(arguments, &scenarios)?;
    let options = options(arguments);
    for opened in scenarios.iter().chain(&theories) {
        if let Some(diagnostic) = opened.scenario.refuse(options.settings.belief_points, &options.limits) {
            return Err(work::refuse(session, &opened.source, &[diagnostic], SCHEMA));
        }
    }
    let planned = plan(arguments, &scenarios, &theories, &options)?;
    // All plans are made before anything is solved, so that a wrong name costs nothing.
    let mut audits = Vec::new();
    for one in &planned {
        let settings = settings(arguments, one);
        let audit = audit::Audit::new(&one.opened.scenario, &one.set, &one.fixed, &settings, &options);
        audits.push(audit.map_err(|error| failure(arguments, error))?);
    }
    if let (Some(out), false) = (&arguments.out, arguments.resume) {
        crate::run_folder::RunFolder::refuse_existing(out)?;
    }
    if let Some(report) = &arguments.report {
        crate::run_folder::refuse_unwritable(report)?;
    }
    let mut done = Vec::new();
    for (position, (one, audit)) in planned.iter().zip(&audits).enumerate() {
        let begun = Instant::now();
        let place = (position, planned.len());
        let findings = findings(session, arguments, place, one, audit);
        let findings = findings.map_err(|error| failure(arguments, error))?;
        session.step("audited", &text::sizes(one.path, &one.theory, &findings), begun);
        let scenario = &one.opened.scenario;
        let stamp = Stamp::new(scenario, &findings.settings, Some(arguments.seed), command(typed));
        let commands = text::commands(one.path, &findings, arguments.options.belief_points);
        let mut files = Vec::new();
        if let Some(out) = &arguments.out {
            files = examples::write(out, &folder(position, one), one, &findings)?;
        }
        let (path, theory, held) = (one.path.display().to_string(), one.theory.clone(), one.held.clone());
        done.push(Done { path, theory, stamp, held, commands, files, findings, scenario: one.position });
    }
    finish(session, arguments, &scenarios, &done, command(typed))
}

/// The folder of one audit within that of all.
fn folder(position: usize, one: &Planned<'_>) -> String {
    format!("{}-{}", position + 1, one.theory)
}

/// Writes and shows what was found, and says whether all of it can be relied on.
fn finish(
    session: &Session,
    arguments: &Audit,
    scenarios: &[Opened],
    done: &[Done],
    command: String,
) -> Result<(), Failure> {
    let thresholds = Thresholds {
        holds: audit::HOLDS,
        mostly: audit::MOSTLY,
        mostly_not: audit::MOSTLY_NOT,
        fails: audit::FAILS,
    };
    let document = Document { command: &command, seed: arguments.seed, thresholds, audits: done };
    let json = session.document_text(SCHEMA, &document)?;
    if let Some(out) = &arguments.out {
        crate::run_folder::write_whole(&out.join("audit.json"), json.as_bytes())?;
    }
    let pages = page::write(arguments, scenarios, done, &command)?;
    if session.json {
        session.say(&json)?;
    } else {
        let tables: Vec<String> = done.iter().map(text::table).collect();
        session.say(&tables.join("\n\n"))?;
        let json = arguments.out.as_ref().map(|out| out.join("audit.json"));
        let written: Vec<String> =
            json.iter().chain(&pages).map(|path| format!("\n{}", path.display())).collect();
        if !written.is_empty() {
            session.say(&written.concat())?;
        }
    }
    let failed: usize = done.iter().map(|d| d.findings.failed).sum();
    let points: usize = done.iter().map(|d| d.findings.cases).sum();
    if let Some((point, why)) = done.iter().find_map(|d| d.findings.failure.clone()) {
        return Err(Failure::Points { failed, points, point: point as i64, why });
    }
    let troubled: usize = done.iter().map(|d| d.findings.not_converged).sum();
    if troubled > 0 {
        let what = plural(troubled, "case");
        return Err(Failure::NotCertified { status: format!("in {what} some stage game did not converge") });
    }
    Ok(())
}

/// Every name has to be in some scenario: claims of an extension are not those of its base.
fn check_names(arguments: &Audit, scenarios: &[Opened]) -> Result<(), Failure> {
    let all = |names: &dyn Fn(&Scenario) -> Vec<String>| {
        let mut out: Vec<String> = Vec::new();
        for name in scenarios.iter().flat_map(|opened| names(&opened.scenario)) {
            if !out.contains(&name) {
                out.push(name);
            }
        }
        out
    };
    let claims = all(&|s| s.claims.iter().map(|c| c.name.clone()).collect());
    let parameters = all(&|s| s.parameters.iter().map(|p| p.name.clone()).collect());
    let kinds = [("claim", &arguments.claims, &claims), ("parameter", &arguments.parameters, &parameters)];
    for (kind, asked, known) in kinds {
        if let Some(name) = asked.iter().find(|name| !known.contains(name)) {
            return Err(unknown(kind, name, known.iter().map(String::as_str)));
        }
    }
    if claims.is_empty() {
        return Err(Failure::Usage {
            what: "there is no claim to audit".to_owned(),
            hint: Some("state one: [claims.NAME] with holds_when".to_owned()),
        });
    }
    Ok(())
}

/// Every scenario as written, then in every theory. The first scenario is replaced by the theory's file, which extends it; in the others the
/// parameters are set that the theory sets in the first.
fn plan<'a>(
    arguments: &'a Audit,
    scenarios: &'a [Opened],
    theories: &'a [Opened],
    options: &Options,
) -> Result<Vec<Planned<'a>>, Failure> {
    let Some(first) = scenarios.first() else { return Ok(Vec::new()) };
    let mut held = Vec::new();
    for theory in theories {
        let differences = audit::held(&first.scenario, &theory.scenario, options);
        held.push(differences.map_err(analyze_failure)?);
    }
    let mut out = Vec::new();
    for (position, (opened, path)) in scenarios.iter().zip(&arguments.scenarios).enumerate() {
        if !wanted(arguments, &opened.scenario) {
            continue;
        }
        let theory = NEUTRAL.to_owned();
        let (set, fixed, none) = (Vec::new(), Vec::new(), Vec::new());
        out.push(Planned { path, theory, position, opened, held: none, set, fixed });
        for ((theory, file), held) in theories.iter().zip(&arguments.theory).zip(&held) {
            let name = file.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let fixed = held.iter().map(|held| held.parameter.clone()).collect();
            let (path, opened) = if position == 0 { (file, theory) } else { (path, opened) };
            let there =
                |held: &&HeldParameter| opened.scenario.parameters.iter().any(|p| p.name == held.parameter);
            let held: Vec<HeldParameter> = held.iter().filter(there).cloned().collect();
            let set = held.iter().map(|held| (held.parameter.clone(), held.value));
            let set = if position == 0 { Vec::new() } else { set.collect() };
            out.push(Planned { path, theory: name, position, opened, held, set, fixed });
        }
    }
    Ok(out)
}

/// Whether a scenario has any of the claims that are asked about.
fn wanted(arguments: &Audit, scenario: &Scenario) -> bool {
    let named = |name: &String| arguments.claims.is_empty() || arguments.claims.contains(name);
    scenario.claims.iter().any(|claim| named(&claim.name))
}

fn findings(
    session: &Session,
    arguments: &Audit,
    (position, audits): (usize, usize),
    one: &Planned<'_>,
    audit: &audit::Audit,
) -> Result<AuditFindings, SweepError> {
    let line = ProgressLine::new(session.quiet);
    let update = |progress: Progress<'_>| {
        let what = match audits {
            1 => progress.what.to_owned(),
            _ => format!("audit {} of {audits}: {}", position + 1, progress.what),
        };
        line.update(Progress { what: &what, ..progress });
    };
    let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
    let table = match &arguments.out {
        None => audit.table(&control)?,
        Some(out) => {
            let path = out.join(folder(position, one));
            let folder = if path.join("plan.json").is_file() {
                SweepFolder::open(&path)?
            } else {
                SweepFolder::create(&path, audit.sweep().plan())?
            };
            let outcome = sweep::run(audit.sweep(), &folder, &control)?;
            if outcome.tally.is_none() {
                return Err(AnalyzeError::Cancelled.into());
            }
            let path = folder.merged();
            let content = std::fs::read(&path);
            Table::from_parquet(content.map_err(|source| SweepError::Io { doing: "read", path, source })?)?
        }
    };
    let path = arguments.out.as_ref().map(|out| out.join(folder(position, one)).join(checked::FILE));
    let known = path.as_ref().map(|path| checked::read(path, audit)).unwrap_or_default();
    let check = || {
        let mut keep = |cases: &[CheckedCase]| match &path {
            Some(path) => checked::write(path, audit, cases),
            None => Ok(()),
        };
        audit.check(known, &mut keep, &control)
    };
    // Counterexamples are looked for one variation after another: beside them there is time for the finer grid.
    let (findings, cases) = rayon::join(|| audit.findings(&table, &control), check);
    let (mut findings, cases) = (findings?, cases?);
    audit.add_check(&cases, &mut findings);
    Ok(findings)
}

fn settings(arguments: &Audit, one: &Planned<'_>) -> AuditSettings {
    let scenario = &one.opened.scenario;
    // A theory's cases are of the same game over fewer ranges, and a case on the finer grid costs as much as several on the other.
    let share = if one.theory == NEUTRAL { 1 } else { 4 };
    let (points, seed) = (arguments.points as usize, arguments.seed);
    let there = |names: &[String], known: &dyn Fn(&str) -> bool| {
        names.iter().filter(|name| known(name)).cloned().collect()
    };
    AuditSettings {
        sampling: match arguments.design {
            AuditDesign::Sobol => Sampling::Sobol { points, seed },
            AuditDesign::Lhs => Sampling::LatinHypercube { points, seed },
        },
        parameters: there(&arguments.parameters, &|n| scenario.parameters.iter().any(|p| p.name == n)),
        claims: there(&arguments.claims, &|n| scenario.claims.iter().any(|c| c.name == n)),
        scales: arguments.precision_scales.clone(),
        odds: arguments.prior_odds.clone(),
        selections: arguments.selections,
        evaluations: arguments.evaluations as usize,
        checked: (arguments.checked as usize).div_ceil(share),
    }
}

fn options(arguments: &Audit) -> Options {
    let solving = &arguments.options;
    Options {
        settings: Settings { kept_logits: KEPT_LOGITS, ..work::settings(solving) },
        limits: work::limits(solving),
        audit_points: solving.belief_points.map(|n| n as usize),
        ..Options::default()
    }
}

/// A command that gives the same result.
fn command(arguments: &Audit) -> String {
    let first = arguments.scenarios.first().map_or(Path::new(""), |path| path.as_path());
    let mut words: Vec<String> =
        arguments.scenarios.iter().skip(1).map(|path| path.display().to_string()).collect();
    if arguments.all_files {
        words.push("--all-files".to_owned());
    }
    words.extend(arguments.theory.iter().map(|path| format!("--theory {}", path.display())));
    let lists = [("--claims", &arguments.claims), ("--parameters", &arguments.parameters)];
    words.extend(
        lists.iter().filter(|(_, l)| !l.is_empty()).map(|(flag, l)| format!("{flag} {}", l.join(","))),
    );
    if arguments.design == AuditDesign::Lhs {
        words.push("--design lhs".to_owned());
    }
    let list = |numbers: &[f64]| numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    words.push(format!("--points {}", arguments.points));
    words.push(format!("--precision-scales {}", list(&arguments.precision_scales)));
    words.push(format!("--prior-odds {}", list(&arguments.prior_odds)));
    if arguments.selections {
        words.push("--selections".to_owned());
    }
    words.push(format!("--evaluations {}", arguments.evaluations));
    words.push(format!("--checked {}", arguments.checked));
    work::command("audit", first, words, &arguments.options, Some(arguments.seed))
}

/// Why there is no audit, as the user should hear it.
fn failure(arguments: &Audit, error: SweepError) -> Failure {
    match error {
        SweepError::Analyze(AnalyzeError::Cancelled) => Failure::Interrupted { go_on: go_on(arguments) },
        SweepError::Analyze(error) => analyze_failure(error),
        SweepError::Design(error) => design_failure(error),
        SweepError::Io { doing, path, source } => Failure::io(doing, &path)(source),
        SweepError::Differs { what } => Failure::Usage {
            what: format!("cannot go on: {what} is not what the plan in the folder says"),
            hint: Some(
                "repeat the command that began the audit, or name another folder with --out".to_owned(),
            ),
        },
        error => {
            let path = arguments.out.clone().unwrap_or_default();
            Failure::Io { doing: "go on in", path, why: format!("failed to {error}") }
        }
    }
}

fn go_on(arguments: &Audit) -> String {
    match &arguments.out {
        None => "nothing was written; with --out FOLDER an audit can be stopped and resumed".to_owned(),
        Some(out) => {
            format!("whole shards are kept in {}; the same command with --resume goes on", out.display())
        }
    }
}
