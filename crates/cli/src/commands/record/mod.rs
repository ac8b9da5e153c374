//! `fit`, `compare`, `forecast`, `score`, `backtest`: a scenario and the record of its war.

mod text;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use armistice::analyze::KEPT_LOGITS;
use armistice::fit::FitError;
use armistice::fit::record::{
    self, BacktestRequest, Clouds, CompareRequest, FilterSettings, FitDone, FitRequest, ForecastRequest,
    Past, PosteriorSettings, RecordModel, RecordSettings, Refits, Theory,
};
use armistice::scenario::{Record, RecordTable, Scenario, load_record, table_text};
use armistice::solve::Settings;
use armistice::{Control, Progress};
use serde::{Deserialize, Serialize};

use crate::arguments::{Backtest, Compare, Fit, Forecast, RecordOptions, Score, SolveOptions};
use crate::calendar;
use crate::change;
use crate::failure::Failure;
use crate::progress::ProgressLine;
use crate::run_folder::{refuse_unwritable, write_whole};
use crate::session::Session;
use crate::work::{self, Stamp};

/// Belief points per dimension where nothing is asked for: likelihoods need fewer than reports.
const POINTS: u32 = 5;

/// A scenario with its record.
struct Opened {
    scenario: Arc<Scenario>,
    table: RecordTable,
    record: Record,
    settings: RecordSettings,
    options: SolveOptions,
}

/// A document of one of these verbs.
#[derive(Serialize)]
struct Document<'a, T: Serialize> {
    stamp: Stamp,
    #[serde(flatten)]
    body: &'a T,
}

fn open(session: &Session, arguments: &RecordOptions, schema: &str) -> Result<Opened, Failure> {
    let options = SolveOptions {
        belief_points: arguments.options.belief_points.or(Some(POINTS)),
        ..arguments.options.clone()
    };
    let opened = work::open(session, &arguments.scenario, &options, schema)?;
    let scenario = change::with_parameters(opened.scenario, &arguments.set)?;
    let limits = work::limits(&options);
    if let Some(diagnostic) = scenario.refuse(options.belief_points.unwrap_or(POINTS) as usize, &limits) {
        return Err(work::refuse(session, &opened.source, &[diagnostic], schema));
    }
    let refuse =
        |list: &[armistice::scenario::Diagnostic]| work::refuse(session, &opened.source, list, schema);
    let table = load_record(&scenario, arguments.record.as_deref()).map_err(|list| refuse(&list))?;
    let record = record::read_record(&scenario, &table, arguments.source.as_deref(), &limits);
    let record = record.map_err(|error| match error {
        FitError::Record(list) => refuse(&list),
        other => Failure::fit(other),
    })?;
    let settings = RecordSettings {
        solving: Settings { threads: None, kept_logits: KEPT_LOGITS, ..work::settings(&options) },
        limits,
        filter: FilterSettings { histories: arguments.histories as usize },
    };
    Ok(Opened { scenario: Arc::new(scenario), table, record, settings, options })
}

/// Does something long with a progress line, and Ctrl-C.
fn long<T>(
    session: &Session,
    done: &str,
    what: &str,
    work: impl FnOnce(&Control<'_>) -> Result<T, FitError>,
) -> Result<T, Failure> {
    let begun = Instant::now();
    let result = {
        let line = ProgressLine::new(session.quiet);
        let update = |progress: Progress<'_>| line.update(progress);
        let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
        work(&control).map_err(Failure::fit)?
    };
    session.step(done, what, begun);
    Ok(result)
}

impl Opened {
    fn stamp(&self, verb: &str, arguments: &RecordOptions, mut words: Vec<String>) -> Stamp {
        for (name, value) in &arguments.set {
            words.push(format!("--set {name}={value}"));
        }
        if let Some(record) = &arguments.record {
            words.push(format!("--record {}", record.display()));
        }
        if let Some(source) = &arguments.source {
            words.push(format!("--source {source}"));
        }
        if arguments.histories != 256 {
            words.push(format!("--histories {}", arguments.histories));
        }
        let command = work::command(verb, &arguments.scenario, words, &self.options, Some(arguments.seed));
        Stamp::new(&self.scenario, &self.settings.solving, Some(arguments.seed), command)
    }
}

fn list(flag: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{flag} {}", names.join(",")))
}

/// Shows a result, or writes its document.
fn show<T: Serialize>(
    session: &Session,
    schema: &str,
    document: &Document<'_, T>,
    text: impl FnOnce() -> String,
    out: Option<&Path>,
) -> Result<(), Failure> {
    let json = session.document_text(schema, document)?;
    if let Some(out) = out {
        write_whole(out, json.as_bytes())?;
    }
    if session.json {
        return session.say(&json);
    }
    session.say(&format!("{}\n\n{}", text(), text::foot(&document.stamp)))
}

/// A fit and the clouds of its posterior in a file, as far as they are done, so that nothing is lost by stopping.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// blake3 of everything the fit depends on.
    request: String,
    fit: FitDone,
    /// blake3 of that and everything else the clouds depend on.
    clouds_request: String,
    clouds: Clouds,
    #[serde(skip)]
    path: Option<PathBuf>,
    /// Why the file could not be written.
    #[serde(skip)]
    failed: Option<Failure>,
}

impl Kept {
    /// What the file has already, if there is one.
    fn open(opened: &Opened, arguments: &Fit) -> Result<Self, Failure> {
        let hash = |text: String| blake3::hash(text.as_bytes()).to_hex().to_string();
        let about = (
            env!("CARGO_PKG_VERSION"),
            &opened.scenario.hash,
            &opened.record.hash,
            (&arguments.record.set, &arguments.record.source, arguments.record.histories),
            (&arguments.free, arguments.evaluations, arguments.record.seed),
            opened.stamp("fit", &arguments.record, Vec::new()).settings,
        );
        let request = hash(serde_json::to_string(&about)?);
        let clouds = (&request, arguments.posterior, arguments.clouds);
        let new = Self {
            clouds_request: hash(serde_json::to_string(&clouds)?),
            request,
            fit: FitDone::default(),
            clouds: Clouds::default(),
            path: arguments.keep.clone(),
            failed: None,
        };
        let Some(path) = arguments.keep.as_ref().filter(|path| path.exists()) else { return Ok(new) };
        let text = std::fs::read_to_string(path).map_err(Failure::io("read", path))?;
        let hint = Some("name another file with --keep, or remove this one".to_owned());
        let found: Self = serde_json::from_str(&text).map_err(|error| Failure::Usage {
            what: format!("{} was not written by --keep: {error}", path.display()),
            hint: hint.clone(),
        })?;
        let whose = if found.request != new.request {
            "the fit"
        } else if found.clouds != Clouds::default() && found.clouds_request != new.clouds_request {
            "the posterior"
        } else {
            return Ok(Self { fit: found.fit, clouds: found.clouds, ..new });
        };
        let what = format!("{whose} in {} is of another scenario, record or request", path.display());
        Err(Failure::Usage { what, hint })
    }

    fn write(&mut self) {
        let Some(path) = self.path.clone().filter(|_| self.failed.is_none()) else { return };
        let text = serde_json::to_string(self).map_err(Failure::from);
        self.failed = text.and_then(|text| write_whole(&path, text.as_bytes())).err();
    }
}

/// `fit`
pub fn fit(session: &Session, arguments: &Fit) -> Result<(), Failure> {
    const SCHEMA: &str = "armistice.fit/1";
    for path in [&arguments.out, &arguments.months, &arguments.keep].into_iter().flatten() {
        refuse_unwritable(path)?;
    }
    let opened = open(session, &arguments.record, SCHEMA)?;
    let past = Past::all(&opened.record);
    let request = FitRequest {
        free: arguments.free.clone(),
        starts: arguments.starts as usize,
        evaluations: arguments.evaluations as usize,
        profiles: arguments.profile.clone(),
        seed: arguments.record.seed,
        ..FitRequest::default()
    };
    let mut kept = Kept::open(&opened, arguments)?;
    let mut found = long(session, "fitted", &opened.scenario.about.title, |control| {
        let done = kept.fit.clone();
        let mut keep = |done: &FitDone| {
            kept.fit.clone_from(done);
            kept.write();
        };
        let world = (&opened.scenario, &opened.record, &past);
        record::fit_record_from((done, &mut keep), world, &request, &opened.settings, control)
    })?;
    if let Some(points) = arguments.posterior.filter(|_| !found.interrupted) {
        let asked = PosteriorSettings {
            points: points as usize,
            runs: arguments.clouds as usize,
            seed: arguments.record.seed,
            ..PosteriorSettings::default()
        };
        let drawn = long(session, "drew", "the posterior", |control| {
            let clouds = kept.clouds.clone();
            let mut keep = |clouds: &Clouds| {
                kept.clouds.clone_from(clouds);
                kept.write();
            };
            let world = (&opened.scenario, &past);
            let on = (clouds, &mut keep as &mut dyn FnMut(&Clouds));
            let done = record::add_posterior(&mut found, world, &asked, &opened.settings, on, control);
            // What was fitted is kept.
            if matches!(done, Err(FitError::Canceled)) { Ok(false) } else { done.map(|()| true) }
        })?;
        found.interrupted |= !drawn;
    }
    let mut words: Vec<String> = list("--free", &arguments.free).into_iter().collect();
    words.push(format!("--starts {}", arguments.starts));
    words.extend(list("--profile", &arguments.profile));
    words.extend(arguments.posterior.map(|n| format!("--posterior={n} --clouds {}", arguments.clouds)));
    let document = Document { stamp: opened.stamp("fit", &arguments.record, words), body: &found };
    if let Some(path) = &arguments.months {
        write_whole(path, found.months_csv().as_bytes())?;
    }
    show(session, SCHEMA, &document, || text::fit(&found), arguments.out.as_deref())?;
    kept.failed.map_or(Ok(()), Err)?;
    if found.interrupted {
        let go_on = match &arguments.keep {
            Some(_) => "what was found before is above; the same command goes on from what was kept of it",
            None => "what was found before is above",
        };
        return Err(Failure::Interrupted { go_on: go_on.to_owned() });
    }
    match found.optima.first() {
        Some(best) if !best.converged => {
            Err(Failure::NoMaximum { status: "still climbing; more --evaluations may help".to_owned() })
        }
        _ => Ok(()),
    }
}

/// `compare`
pub fn compare(session: &Session, arguments: &Compare) -> Result<(), Failure> {
    const SCHEMA: &str = "armistice.compare/1";
    let opened = open(session, &arguments.record, SCHEMA)?;
    let mut theories = vec![Theory { name: "neutral".to_owned(), held: Vec::new() }];
    for path in &arguments.theory {
        let theory = work::open(session, path, &opened.options, SCHEMA)?;
        let name = path.file_stem().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let name = name.strip_prefix("theory-").map_or(name.clone(), str::to_owned);
        theories.push(record::theory_of(&opened.scenario, &theory.scenario, &name).map_err(Failure::fit)?);
    }
    let evidence = arguments.evidence.map(|points| PosteriorSettings {
        points: points as usize,
        seed: arguments.record.seed,
        ..PosteriorSettings::default()
    });
    let request = CompareRequest {
        free: arguments.free.clone(),
        evidence,
        from: arguments.from.clone(),
        every: arguments.every as usize,
        prior: arguments.prior,
        seed: arguments.record.seed,
    };
    let found = long(session, "compared", &opened.scenario.about.title, |control| {
        record::compare_theories(
            &opened.scenario,
            &theories,
            &opened.record,
            &request,
            &opened.settings,
            control,
        )
    })?;
    let mut words: Vec<String> =
        arguments.theory.iter().map(|p| format!("--theory {}", p.display())).collect();
    words.extend(list("--free", &arguments.free));
    words.extend(arguments.evidence.map(|n| format!("--evidence={n}")));
    if let Some(from) = &arguments.from {
        words.push(format!("--from {from}"));
        words.extend(refits_as_typed(&arguments.free, arguments.every, arguments.prior));
    }
    let document = Document { stamp: opened.stamp("compare", &arguments.record, words), body: &found };
    if let Some(path) = &arguments.chart {
        write_whole(path, found.chart().as_bytes())?;
    }
    show(session, SCHEMA, &document, || text::compare(&found), None)
}

/// `forecast`
pub fn forecast(session: &Session, arguments: &Forecast) -> Result<(), Failure> {
    const SCHEMA: &str = "armistice.forecast/1";
    let opened = open(session, &arguments.record, SCHEMA)?;
    let past = Past::all(&opened.record);
    if past.is_over() {
        return Err(Failure::usage("the war on record is over, so there is nothing to forecast"));
    }
    let (names, draws) = match &arguments.fit {
        None => (Vec::new(), vec![Vec::new()]),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(Failure::io("read", path))?;
            let (names, draws) =
                record::read_draws(&text, &path.display().to_string()).map_err(Failure::fit)?;
            (names, draws.into_iter().take(arguments.draws as usize).collect())
        }
    };
    let free = if names.is_empty() {
        Vec::new()
    } else {
        record::free_parameters(&opened.scenario, &names).map_err(Failure::fit)?
    };
    let request = ForecastRequest {
        horizons: arguments.by.clone(),
        wars: arguments.wars as usize,
        issued: arguments.issued.clone().unwrap_or_else(calendar::today),
        seed: arguments.record.seed,
    };
    let found = long(session, "forecast", &opened.scenario.about.title, |control| {
        let model = RecordModel::new(
            Arc::clone(&opened.scenario),
            free,
            vec![past],
            opened.settings.clone(),
            control,
        );
        record::forecast(&model, &opened.table, &opened.record, &draws, &request)
    })?;
    let by: Vec<String> = arguments.by.iter().map(u32::to_string).collect();
    let mut words = vec![format!("--by {}", by.join(",")), format!("--wars {}", arguments.wars)];
    words
        .extend(arguments.fit.as_ref().map(|p| format!("--fit {} --draws {}", p.display(), arguments.draws)));
    words.push(format!("--issued {}", found.issued));
    let document = Document { stamp: opened.stamp("forecast", &arguments.record, words), body: &found };
    show(session, SCHEMA, &document, || text::forecast(&found), arguments.out.as_deref())
}

/// How often what is free is estimated again.
fn refits_as_typed(free: &[String], every: u32, prior: bool) -> Vec<String> {
    if free.is_empty() {
        return Vec::new();
    }
    let mut words = vec![format!("--every {every}")];
    words.extend(prior.then(|| "--prior".to_owned()));
    words
}

/// `score`
pub fn score(session: &Session, arguments: &Score) -> Result<(), Failure> {
    const SCHEMA: &str = "armistice.score/1";
    let text =
        std::fs::read_to_string(&arguments.forecast).map_err(Failure::io("read", &arguments.forecast))?;
    let forecast: record::Forecast = serde_json::from_str(&text).map_err(|error| Failure::Usage {
        what: format!("{} is no forecast: {error}", arguments.forecast.display()),
        hint: Some("`armistice forecast SCENARIO --out FILE` writes one".to_owned()),
    })?;
    let table = std::fs::read(&arguments.record).map_err(Failure::io("read", &arguments.record))?;
    let csv = table_text(table)
        .map_err(|why| Failure::usage(format!("{} cannot be read: {why}", arguments.record.display())))?;
    let found = record::score_forecast(&forecast, csv.as_bytes()).map_err(Failure::fit)?;
    if session.json {
        return session.document(SCHEMA, &found);
    }
    session.say(&text::score(&found))
}

/// `backtest`
pub fn backtest(session: &Session, arguments: &Backtest) -> Result<(), Failure> {
    const SCHEMA: &str = "armistice.backtest/1";
    let opened = open(session, &arguments.record, SCHEMA)?;
    let thirteenth = opened.record.periods.get(12).or(opened.record.periods.last()).map(|p| p.date.clone());
    let request = BacktestRequest {
        from: arguments.from.clone().or(thirteenth).unwrap_or_default(),
        refits: Refits {
            free: arguments.free.clone(),
            every: arguments.every as usize,
            prior: arguments.prior,
        },
        seed: arguments.record.seed,
    };
    let found = long(session, "forecast", "every month", |control| {
        record::backtest(&opened.scenario, &opened.table, &opened.record, &request, &opened.settings, control)
    })?;
    let mut words = vec![format!("--from {}", request.from)];
    words.extend(list("--free", &arguments.free));
    words.extend(refits_as_typed(&arguments.free, arguments.every, arguments.prior));
    let document = Document { stamp: opened.stamp("backtest", &arguments.record, words), body: &found };
    show(session, SCHEMA, &document, || text::backtest(&found), None)
}
