//! Would the attacker rather stop? Margins over belief and front, headline measures, and the case as a file.

use armistice::Control;
use armistice::analyze::{Measures, Runs, single};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Asked, OnGrid, lane};
use crate::answers::{Answer, propagation, settings};
use crate::case::Case;
use crate::error::Problem;
use crate::patch;
use crate::server::App;
use crate::view::scenario::headline;

/// Solves a case and draws what the first page shows.
pub(crate) async fn solve(State(app): State<App>, Asked(asked): Asked<OnGrid>) -> Result<Response, Problem> {
    let (resolved, points) = asked.resolve(&app)?;
    let shared = app.clone();
    app.jobs.start(lane(&app, points), move |control| {
        let answer = shared.answers.get(&resolved, points, shared.workspace.limits(), control)?;
        let mut document = Map::new();
        document.insert("stamp".into(), answer.stamp());
        document.insert("points".into(), json!(points));
        document.insert("status".into(), json!(answer.status()));
        document.insert("not_converged".into(), json!(answer.solved.equilibrium.counts.not_converged));
        document.insert("headline".into(), measures(&shared, &answer, points, control)?);
        document.insert("command".into(), json!(patch::command(&shared.workspace, &resolved, points)));
        picture(&answer, control, &mut document)?;
        Ok(Value::Object(document))
    })
}

/// The headline measures of an answer, with their words.
pub(crate) fn measures(
    app: &App,
    answer: &Answer,
    points: usize,
    control: &Control<'_>,
) -> Result<Value, Problem> {
    let resolved = &answer.resolved;
    let quiet = Control { progress: None, cancel: control.cancel.clone() };
    let runs = Runs::new(settings(points), *app.workspace.limits(), propagation(resolved, points), &quiet);
    runs.insert(&resolved.variation, answer.run.clone());
    let values = Measures::new(&runs, &resolved.variation);
    let mut out = Vec::new();
    for measure in headline(&resolved.source.scenario) {
        let mut quantity = values.number(&measure.value)?;
        quantity.unit.clone_from(&measure.unit);
        quantity.percent = measure.percent;
        out.push(
            json!({ "name": measure.name, "title": measure.title, "says": measure.says, "value": quantity }),
        );
    }
    Ok(Value::Array(out))
}

/// Margins, survival, and the parameters as they are with levers in force.
fn picture(answer: &Answer, control: &Control<'_>, out: &mut Map<String, Value>) -> Result<(), Problem> {
    let scenario = &answer.resolved.source.scenario;
    let compiled = &answer.solved.compiled;
    let run = &answer.run;
    out.insert("margins".into(), json!(single::margins(scenario, run, None)));
    let surfaces =
        single::surfaces(scenario, &compiled.game, &answer.solved.equilibrium, &run.start, control)?;
    out.insert("surfaces".into(), json!(surfaces));
    out.insert("survival".into(), json!(single::survival(scenario, run, None)));
    let names = scenario.parameters.iter().map(|parameter| parameter.name.clone());
    let values: Map<String, Value> = names.zip(compiled.parameters.iter().map(|x| json!(x))).collect();
    out.insert("parameters".into(), Value::Object(values));
    Ok(())
}

/// A case to be saved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Save {
    case: Case,
    title: String,
}

/// The case as a scenario file.
pub(crate) async fn save(State(app): State<App>, Asked(asked): Asked<Save>) -> Result<Json<Value>, Problem> {
    let resolved = asked.case.resolve(&app.workspace)?;
    Ok(Json(json!({ "text": patch::save(&resolved, &asked.title)? })))
}

/// A saved case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Load {
    text: String,
}

/// The case that a file holds.
pub(crate) async fn load(State(app): State<App>, Asked(asked): Asked<Load>) -> Result<Json<Value>, Problem> {
    let loaded = tokio::task::spawn_blocking(move || patch::load(&app.workspace, &asked.text));
    let stopped = |_| Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "internal error");
    Ok(Json(json!({ "case": loaded.await.map_err(stopped)?? })))
}
