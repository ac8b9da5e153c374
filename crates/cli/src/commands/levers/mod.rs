//! `levers`: what each lever, and every set of them, does to the choice between stopping and going on.

mod text;

use std::time::Instant;

use armistice::analyze::calendar;
use armistice::analyze::levers::{self, LeverError, LeverFindings, LeverSettings, LeverStudy, Problem, Span};
use armistice::analyze::{KEPT_LOGITS, Options};
use armistice::scenario::Scenario;
use armistice::solve::Settings;
use armistice::{Control, Progress};
use serde::Serialize;

use crate::arguments::{Levers, Range};
use crate::change;
use crate::commands::simulate::analyze_failure;
use crate::failure::Failure;
use crate::progress::ProgressLine;
use crate::run_folder::RunFolder;
use crate::session::Session;
use crate::text::plural;
use crate::work::{self, Stamp};

const SCHEMA: &str = "armistice.levers/1";

/// `levers.json`, and the document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    stamp: Stamp,
    #[serde(flatten)]
    findings: &'a LeverFindings,
}

/// Solves the game with every set of levers and shows what they do.
pub fn run(session: &Session, arguments: &Levers) -> Result<(), Failure> {
    let opened = work::open(session, &arguments.scenario, &arguments.options, SCHEMA)?;
    let scenario = change::with_parameters(opened.scenario.clone(), &arguments.change.set)?;
    let options = options(arguments);
    if let Some(diagnostic) = scenario.refuse(options.settings.belief_points, &options.limits) {
        return Err(work::refuse(session, &opened.source, &[diagnostic], SCHEMA));
    }
    let study = study(&scenario, arguments, &options)?;
    if let Some(out) = &arguments.out {
        RunFolder::refuse_existing(out)?;
    }
    let begun = Instant::now();
    let findings = {
        let line = ProgressLine::new(session.quiet);
        let update = |progress: Progress<'_>| line.update(progress);
        let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
        study.findings(&control).map_err(analyze_failure)?
    };
    let sets = plural(findings.levers.sets.len(), "set");
    let count = plural(findings.levers.levers.len(), "lever");
    session.step("compared", &format!("{sets} of {count}"), begun);
    let stamp = Stamp::new(&scenario, study.solving(), None, command(arguments));
    let foot = text::foot(&stamp);
    let document = Document { stamp, findings: &findings };
    let json = session.document_text(SCHEMA, &document)?;
    if let Some(out) = &arguments.out {
        let folder = RunFolder::named(out)?;
        folder.write("levers.json", json.as_bytes())?;
        for (name, content) in levers::tables(&findings).map_err(analyze_failure)? {
            folder.write(name, &content)?;
        }
        folder.finish()?;
    }
    if session.json {
        session.say(&json)?;
    } else {
        session.say(&format!("{}\n\n{foot}", text::show(&findings)))?;
        if let Some(out) = &arguments.out {
            session.say(&out.display().to_string())?;
        }
    }
    if findings.not_converged > 0 {
        let what = plural(findings.not_converged, "game");
        return Err(Failure::NotCertified { status: format!("in {what} some stage game did not converge") });
    }
    Ok(())
}

/// The question, with everything that is wrong with it said at once.
fn study(scenario: &Scenario, arguments: &Levers, options: &Options) -> Result<LeverStudy, Failure> {
    let mut problems = Vec::new();
    let mut settings = settings(arguments);
    // Parameters are set in the scenario, so that levers apply to the new values.
    let change = crate::arguments::ChangeOptions { set: Vec::new(), ..arguments.change.clone() };
    match change::change(scenario, &change) {
        Ok(change) => settings.change = change,
        Err(failure) => problems.push(failure.message()),
    }
    match by(scenario, arguments) {
        Ok(by) => settings.by = by,
        Err(failure) => problems.push(failure.message()),
    }
    for (name, value) in &arguments.belief {
        match value.parse::<f64>().ok().filter(|p| p.is_finite()) {
            Some(p) => settings.belief.push((name.clone(), p)),
            None => problems.push((format!("the belief `{name}` is `{value}`, which is no number"), None)),
        }
    }
    if arguments.timing.is_some() {
        let asked = arguments.timing.clone().flatten();
        settings.timing = asked.map_or_else(|| levers::dates(scenario), |periods| periods.0);
    }
    let study = match LeverStudy::new(scenario, &settings, options) {
        Ok(study) if problems.is_empty() => return Ok(study),
        Ok(_) => Vec::new(),
        Err(LeverError::Problems(found)) => found,
        Err(LeverError::Analyze(error)) if problems.is_empty() => return Err(analyze_failure(error)),
        Err(LeverError::Analyze(error)) => vec![Problem { what: format!("cannot {error}"), hint: None }],
    };
    problems.extend(study.into_iter().map(|problem| (problem.what, problem.hint)));
    Err(together(problems))
}

/// One failure that says all of them.
fn together(mut problems: Vec<(String, Option<String>)>) -> Failure {
    if problems.len() == 1
        && let Some((what, hint)) = problems.pop()
    {
        return Failure::Usage { what, hint };
    }
    let lines = problems.iter().map(|(what, hint)| match hint {
        Some(hint) => format!("\n  {what}: {hint}"),
        None => format!("\n  {what}"),
    });
    let lines: String = lines.collect();
    Failure::usage(format!("{} with the question{lines}", plural(problems.len(), "problem")))
}

fn settings(arguments: &Levers) -> LeverSettings {
    let span = |range: &Range| Span { name: range.name.clone(), range: range.range, points: range.points };
    LeverSettings {
        player: arguments.player.clone(),
        kind: arguments.kind.clone(),
        levers: arguments.levers.clone(),
        largest: arguments.sets.map(|n| n as usize),
        state: arguments.state.clone(),
        pays: arguments.cost_to.clone(),
        thresholds: arguments.threshold.iter().map(span).collect(),
        over: arguments.over.iter().map(span).collect(),
        scan: arguments.scan as usize,
        tornado: arguments.tornado,
        ..LeverSettings::default()
    }
}

/// How many periods have passed by a date, or the number of periods itself.
fn by(scenario: &Scenario, arguments: &Levers) -> Result<u32, Failure> {
    let Some(text) = &arguments.by else { return Ok(levers::a_year(scenario)) };
    let about = &scenario.about;
    let last = about.horizon.unwrap_or(10_000);
    let wrong = |hint: String| Failure::Usage {
        what: format!("`{text}` is no date within the horizon and no number of periods"),
        hint: Some(hint),
    };
    if let Ok(periods) = text.parse::<u32>() {
        return if periods <= last { Ok(periods) } else { Err(wrong(format!("there are {last} periods"))) };
    }
    let Some(start) = about.start else {
        return Err(wrong(
            "the scenario has no start, so that only a number of periods can be given".to_owned(),
        ));
    };
    let date = |n: u32| calendar::date_of(start, about.period, n);
    let shape = |c: (usize, char)| if c.0 == 4 || c.0 == 7 { c.1 == '-' } else { c.1.is_ascii_digit() };
    let sound = text.len() == 10 && text.char_indices().all(shape);
    let found = (0..=last).take_while(|n| date(*n) <= *text).last().filter(|_| sound && *text <= date(last));
    found.ok_or_else(|| wrong(format!("the war lasts from {} to {} at most", date(0), date(last))))
}

fn options(arguments: &Levers) -> Options {
    let solving = &arguments.options;
    Options {
        settings: Settings { kept_logits: KEPT_LOGITS, ..work::settings(solving) },
        limits: work::limits(solving),
        audit_points: solving.belief_points.map(|n| n as usize),
        ..Options::default()
    }
}

/// A command that gives the same result.
fn command(arguments: &Levers) -> String {
    let mut words = change::words(&arguments.change);
    let mut add = |flag: &str, value: Option<String>| {
        words.extend(value.map(|value| format!("{flag} {value}")));
    };
    add("--player", arguments.player.clone());
    add("--type", arguments.kind.clone());
    for (name, value) in &arguments.state {
        add("--state", Some(format!("{name}={value}")));
    }
    for (name, value) in &arguments.belief {
        add("--belief", Some(format!("{name}={value}")));
    }
    add("--by", arguments.by.clone());
    add("--levers", (!arguments.levers.is_empty()).then(|| arguments.levers.join(",")));
    add("--sets", arguments.sets.map(|n| n.to_string()));
    add("--cost-to", arguments.cost_to.clone());
    for range in &arguments.threshold {
        add("--threshold", Some(range.typed()));
    }
    for range in &arguments.over {
        add("--over", Some(range.typed()));
    }
    add("--scan", (arguments.scan != 5).then(|| arguments.scan.to_string()));
    if arguments.tornado {
        words.push("--tornado".to_owned());
    }
    if let Some(timing) = &arguments.timing {
        let list = timing.as_ref().map(|p| p.0.iter().map(u32::to_string).collect::<Vec<_>>().join(","));
        words.push(list.map_or_else(|| "--timing".to_owned(), |list| format!("--timing={list}")));
    }
    work::command("levers", &arguments.scenario, words, &arguments.options, None)
}
