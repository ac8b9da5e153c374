//! `estimate`: structural models of conflict from data.

use std::time::Instant;

use armistice::fit::signaling::Selection;
use armistice::fit::{
    self, Comparison, Covariance, Effect, Errors, Estimates, Kind, Link, Method, Predictions, Profile,
    Request, SignalingKind, Status, StrategicKind, Table, Tree, TugOfWarKind, UltimatumKind,
};
use armistice::{Control, Progress};
use serde::Serialize;

use crate::arguments::estimate as typed;
use crate::arguments::{Estimate, TableFormat};
use crate::failure::Failure;
use crate::progress::ProgressLine;
use crate::run_folder::write_whole;
use crate::session::Session;
use crate::text::plural;

const SCHEMA: &str = "armistice.estimate/1";

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    command: String,
    data: String,
    data_hash: String,
    estimates: &'a Estimates,
    predictions: Option<Predictions>,
    effects: Option<Vec<Effect>>,
    versus: Option<&'a Estimates>,
    comparison: Option<Comparison>,
}

/// Reads, estimates, and shows what was found.
pub fn run(session: &Session, arguments: &Estimate) -> Result<(), Failure> {
    let bytes = std::fs::read(&arguments.data).map_err(Failure::io("read", &arguments.data))?;
    if ![0, 2].contains(&arguments.beliefs.len()) {
        return Err(Failure::usage("--beliefs takes two columns: P(resist), P(fight | challenge)"));
    }
    let table = Table::from_csv(&bytes).map_err(Failure::fit_of(""))?;
    let profile = (!arguments.at.is_empty()).then(|| Profile::parse(&arguments.at));
    let profile = profile.transpose().map_err(Failure::fit_of(""))?;
    let begun = Instant::now();
    let estimate = |request: &Request| {
        let line = ProgressLine::new(session.quiet);
        let update = |progress: Progress<'_>| line.update(progress);
        let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
        fit::estimate(request, &table, &control).map_err(Failure::fit_of(&request.formula))
    };
    if arguments.model == typed::Model::TugOfWar {
        return tug_of_war(session, arguments, &bytes, &table);
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads.unwrap_or(0) as usize).build();
    let pool = pool.map_err(|error| Failure::TryAgain { what: error.to_string() })?;
    let mut request = request(arguments);
    let other = match &arguments.versus {
        None => None,
        Some(formula) => {
            // Both models have to use the rows that are complete for both.
            let mentioned = |formula: &str| {
                fit::formula::Formula::parse(formula).map(|f| f.mentioned()).map_err(Failure::fit_of(formula))
            };
            let complete = mentioned(&request.formula)?;
            request.complete = mentioned(formula)?;
            Some(Request { formula: formula.clone(), complete, ..request.clone() })
        }
    };
    let (fitted, second) = pool.install(|| {
        let fitted = estimate(&request)?;
        let second = other.as_ref().map(&estimate).transpose()?;
        Ok::<_, Failure>((fitted, second))
    })?;
    let predictions = profile.map(|profile| fit::predict(&fitted, &table, &profile)).transpose();
    let predictions = predictions.map_err(Failure::fit_of(""))?;
    let effects =
        arguments.effects.then(|| fit::effects(&fitted, &table)).transpose().map_err(Failure::fit_of(""))?;
    let comparison = second.as_ref().map(|second| fit::compare(&fitted, second)).transpose();
    let comparison = comparison.map_err(Failure::fit_of(""))?;
    let rows = plural(fitted.estimates.observations, "observation");
    session.step("fitted", &format!("{rows}, {}", plural(fitted.estimates.starts, "start")), begun);
    let document = Document {
        command: command(session, arguments),
        data: arguments.data.display().to_string(),
        data_hash: blake3::hash(&bytes).to_hex().to_string(),
        estimates: &fitted.estimates,
        predictions,
        effects,
        versus: second.as_ref().map(|second| &second.estimates),
        comparison,
    };
    show(session, arguments, &document)
}

/// The tug of war has no observations of its own kind, and so neither predictions nor comparisons.
fn tug_of_war(session: &Session, arguments: &Estimate, bytes: &[u8], table: &Table) -> Result<(), Failure> {
    if !arguments.at.is_empty() || arguments.effects || arguments.versus.is_some() {
        return Err(Failure::usage("the tug of war has neither predictions nor effects nor comparisons"));
    }
    if arguments.motion.len() != 7 {
        let what = format!("--motion has {} numbers: expected 7", arguments.motion.len());
        let hint = "constant, first attack, second attack, state, first attack × state, second attack × state, standard deviation";
        return Err(Failure::Usage { what, hint: Some(hint.to_owned()) });
    }
    let begun = Instant::now();
    let line = ProgressLine::new(session.quiet);
    let update = |progress: Progress<'_>| line.update(progress);
    let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
    let estimates = fit::estimate_tug_of_war(&request(arguments), table, &control);
    let estimates = estimates.map_err(Failure::fit_of(&arguments.formula))?;
    drop(line);
    session.step(
        "fitted",
        &format!("{}, {}", plural(estimates.observations, "period"), plural(estimates.starts, "start")),
        begun,
    );
    let document = Document {
        command: command(session, arguments),
        data: arguments.data.display().to_string(),
        data_hash: blake3::hash(bytes).to_hex().to_string(),
        estimates: &estimates,
        predictions: None,
        effects: None,
        versus: None,
        comparison: None,
    };
    show(session, arguments, &document)
}

/// Writes the document, or the table, and says whether it can be relied on.
fn show(session: &Session, arguments: &Estimate, document: &Document<'_>) -> Result<(), Failure> {
    let text = if session.json {
        session.document_text(SCHEMA, document)?
    } else {
        match arguments.format {
            TableFormat::Text => text(document),
            TableFormat::Csv => document.estimates.csv(),
            TableFormat::Latex => format!("{}{}", stamp(document), document.estimates.latex()),
        }
    };
    match &arguments.out {
        Some(out) => {
            write_whole(out, text.as_bytes())?;
            session.note(&format!("{}", out.display()));
        }
        None => session.say(&text)?,
    }
    converged(document.estimates)
}

/// Whether the estimate can be relied on as a maximum.
fn converged(estimates: &Estimates) -> Result<(), Failure> {
    let status = match estimates.status {
        Status::Converged => return Ok(()),
        Status::Flat => "the likelihood is flat in some direction",
        Status::Stalled | Status::Undefined => "no maximum was reached",
    };
    Err(Failure::NoMaximum { status: status.to_owned() })
}

fn text(document: &Document<'_>) -> String {
    let mut parts = vec![document.estimates.text()];
    parts.extend(document.predictions.as_ref().map(Predictions::text));
    parts.extend(document.effects.as_ref().map(|effects| fit::effects_text(effects)));
    parts.extend(document.comparison.as_ref().map(Comparison::text));
    parts.join("\n")
}

/// Where a LaTeX table comes from, as comments.
fn stamp(document: &Document<'_>) -> String {
    let (version, hash) = (env!("CARGO_PKG_VERSION"), &document.data_hash);
    format!("% armistice {version}; data {hash}\n% {}\n", document.command.replace('\n', " "))
}

fn request(arguments: &Estimate) -> Request {
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let strategic = |tree| {
        Kind::Strategic(StrategicKind {
            tree,
            link: match arguments.link {
                typed::Link::Probit => Link::Probit,
                typed::Link::Logit => Link::Logit,
            },
            errors: match arguments.errors {
                typed::Errors::Agent => Errors::Agent,
                typed::Errors::Private => Errors::Private,
            },
            fixed_utilities: (!arguments.utilities.is_empty()).then(|| arguments.utilities.clone()),
            scale: arguments.scale.clone(),
            outcomes: some(&arguments.outcomes),
        })
    };
    let kind = match arguments.model {
        typed::Model::Egame12 => strategic(Tree::Egame12),
        typed::Model::Egame122 => strategic(Tree::Egame122),
        typed::Model::Egame123 => strategic(Tree::Egame123),
        typed::Model::TugOfWar => {
            let (motion, grid) = (&arguments.motion, arguments.states);
            Kind::TugOfWar(TugOfWarKind {
                range: grid.map_or([0.0; 2], |grid| grid.range),
                states: grid.map_or(0, |grid| grid.states),
                motion: std::array::from_fn(|i| motion.get(i).copied().unwrap_or(f64::NAN)),
                sigma: motion.get(6).copied().unwrap_or(f64::NAN),
                discount: arguments.discount,
            })
        }
        typed::Model::Signaling => Kind::Signaling(SignalingKind {
            method: match arguments.method {
                typed::Method::Full => Method::Full,
                typed::Method::Pseudo => Method::Pseudo,
                typed::Method::Nested => Method::Nested,
            },
            selection: match arguments.selection {
                typed::Rule::Likeliest => Selection::Likeliest,
                typed::Rule::Lowest => Selection::Lowest,
                typed::Rule::Highest => Selection::Highest,
            },
            beliefs: match arguments.beliefs.as_slice() {
                [resist, fight] => Some([resist.clone(), fight.clone()]),
                _ => None,
            },
        }),
        typed::Model::Ultimatum => Kind::Ultimatum(UltimatumKind {
            range: [arguments.min_offer, arguments.max_offer.unwrap_or(f64::INFINITY)],
            s1: arguments.s1,
            s2: arguments.s2,
            floor: arguments.floor,
        }),
    };
    Request {
        covariance: match arguments.se {
            typed::Covariance::Observed => Covariance::Observed,
            typed::Covariance::OuterProduct => Covariance::OuterProduct,
            typed::Covariance::Robust => Covariance::Robust,
            typed::Covariance::Clustered => Covariance::Clustered,
            typed::Covariance::Bootstrap => Covariance::Bootstrap,
        },
        cluster: arguments.cluster.clone(),
        bootstrap: arguments.bootstrap as usize,
        starts: arguments.starts as usize,
        spread: arguments.spread,
        seed: arguments.seed,
        level: arguments.level,
        ..Request::new(kind, &arguments.formula)
    }
}

/// The command as typed, with its seed.
fn command(session: &Session, arguments: &Estimate) -> String {
    let typed = session.typed();
    if session.words.iter().any(|word| word.starts_with("--seed")) {
        return typed;
    }
    format!("{typed} --seed {}", arguments.seed)
}
