//! `catalog`: published models, listed, shown, run against their closed forms.

mod pages;
mod show;

use armistice::catalog::{
    CatalogError, Model, ModelFindings, Settings, draw, files, model, names, run as run_model,
};
use armistice::{Control, Progress};
use serde::Serialize;
use serde_json::json;

use crate::arguments::{Catalog, CatalogList, CatalogRun, CatalogShow, CatalogVerb};
use crate::failure::Failure;
use crate::names::unknown;
use crate::progress::ProgressLine;
use crate::run_folder::write_whole;
use crate::session::{DIM, HEADING};
use crate::session::{Session, styled};
use crate::text::Table;

const SCHEMA: &str = "armistice.catalog/1";

/// Does what was asked for.
pub fn run(session: &Session, arguments: &Catalog) -> Result<(), Failure> {
    match &arguments.what {
        CatalogVerb::List(list) => self::list(session, list),
        CatalogVerb::Show(show) => self::show(session, show),
        CatalogVerb::Run(run) => check(session, run),
        CatalogVerb::Pages(pages) => pages::write(session, &pages.folder),
    }
}

/// Failures of the catalog as failures of a command.
fn failure(error: CatalogError) -> Failure {
    match error {
        CatalogError::Unknown { name, near } => {
            let mut failure = unknown("model", &name, names());
            if let (Failure::Usage { hint, .. }, Some(near)) = (&mut failure, near) {
                *hint = Some(format!("did you mean `{near}`? `armistice catalog list` names them all"));
            }
            failure
        }
        CatalogError::NoParameter { model, name, known } => Failure::Usage {
            what: format!("`{model}` has no parameter `{name}`"),
            hint: Some(format!("it has {known}")),
        },
        CatalogError::NoValue { .. } => Failure::Usage {
            what: format!("failed to {error}"),
            hint: Some("the parameters may lie outside the region in which the model is defined".to_owned()),
        },
        CatalogError::Game { .. } => Failure::Usage {
            what: format!("failed to {error}"),
            hint: Some("--no-games leaves the games out".to_owned()),
        },
        CatalogError::Cancelled => Failure::Interrupted { go_on: "run the same command again".to_owned() },
        other => Failure::Bug { what: format!("failed to {other}") },
    }
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    id: &'a str,
    title: &'a str,
    fidelity: &'static str,
    citation: Option<&'a String>,
    claims: &'a [String],
    games: usize,
}

/// Names the models.
fn list(session: &Session, arguments: &CatalogList) -> Result<(), Failure> {
    let mut models: Vec<Model> = names().map(model).collect::<Result<_, _>>().map_err(failure)?;
    models.sort_by(|a, b| a.id.cmp(&b.id).then(a.name.cmp(&b.name)));
    if let Some(claim) = &arguments.claim {
        models.retain(|model| model.claims.iter().any(|c| c.eq_ignore_ascii_case(claim)));
    }
    if session.json {
        let rows: Vec<Row<'_>> = models
            .iter()
            .map(|model| Row {
                name: &model.name,
                id: &model.id,
                title: &model.title,
                fidelity: model.fidelity.words(),
                citation: model.citation.first(),
                claims: &model.claims,
                games: model.games.len(),
            })
            .collect();
        return session.document(SCHEMA, &json!({ "models": rows }));
    }
    let mut table = Table::default();
    for model in &models {
        table.row([model.name.clone(), format!("{}  {}", model.title, styled(DIM, &model.literature))]);
    }
    let mut out = vec![styled(HEADING, "Models")];
    out.extend(table.lines_with_prose("  "));
    session.say(&out.join("\n"))?;
    session
        .note(&styled(DIM, "armistice catalog show NAME prints one, armistice catalog run NAME checks it"));
    Ok(())
}

/// Prints a model, or one of its files.
fn show(session: &Session, arguments: &CatalogShow) -> Result<(), Failure> {
    let found = model(&arguments.name).map_err(failure)?;
    if let Some(wanted) = &arguments.file {
        let listed = files(&found.name).unwrap_or_default();
        let file = listed.iter().find(|(name, _)| name == wanted);
        let (_, text) = file.ok_or_else(|| unknown("file", wanted, listed.iter().map(|(name, _)| *name)))?;
        return session.say(text);
    }
    let settings = Settings { games: false, ..Settings::default() };
    let findings = run_model(&found, &settings, &Control::default()).map_err(failure)?;
    if session.json {
        return session.document(SCHEMA, &show::document(&found, &findings));
    }
    session.say(&show::text(&found, &findings))
}

/// Runs a model, or all of them.
fn check(session: &Session, arguments: &CatalogRun) -> Result<(), Failure> {
    if arguments.all && (!arguments.set.is_empty() || arguments.plot.is_some()) {
        return Err(Failure::usage("--set and --plot are for one model, not for --all"));
    }
    let wanted: Vec<&str> = match &arguments.name {
        Some(name) => vec![name.as_str()],
        None => names().collect(),
    };
    let parameters = arguments
        .set
        .iter()
        .map(|(name, value)| {
            let number = value.parse::<f64>().ok().filter(|x| x.is_finite());
            number.map(|x| (name.clone(), x)).ok_or_else(|| {
                Failure::usage(format!("`{name}` cannot be set to `{value}`: it is not a number"))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let settings =
        Settings { parameters, games: !arguments.no_games, samples: arguments.samples, seed: arguments.seed };
    let mut all = Vec::new();
    for name in &wanted {
        let found = model(name).map_err(failure)?;
        let line = ProgressLine::new(session.quiet || session.json);
        let sink = |progress: Progress<'_>| {
            let what = format!("{name}: {}", progress.what);
            line.update(Progress { what: &what, ..progress });
        };
        let control = Control { progress: Some(&sink), cancel: session.cancel.clone() };
        let findings = run_model(&found, &settings, &control).map_err(failure)?;
        if let Some(target) = &arguments.plot {
            let drawing = draw(&found, &settings, &control).map_err(failure)?;
            let drawing =
                drawing.ok_or_else(|| Failure::usage(format!("`{name}` has no plot of its own")))?;
            write_whole(target, drawing.as_bytes())?;
        }
        drop(line);
        if !session.json {
            let text =
                if wanted.len() == 1 { show::results(&found, &findings) } else { show::line(&findings) };
            session.say(&text)?;
        }
        all.push(findings);
    }
    if session.json {
        session.document(SCHEMA, &json!({ "ok": all.iter().all(|f| f.ok), "models": all }))?;
    }
    if let Some(target) = &arguments.plot {
        session.note(&format!("wrote {}", target.display()));
    }
    let wrong: Vec<&ModelFindings> = all.iter().filter(|findings| !findings.ok).collect();
    match wrong.as_slice() {
        [] => Ok(()),
        [one] => {
            Err(Failure::Check { what: format!("something that `{}` says does not hold here", one.model) })
        }
        several => Err(Failure::Check {
            what: format!("something that {} models say does not hold here", several.len()),
        }),
    }
}
