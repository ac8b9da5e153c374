//! Readings of one war side by side: which parameters differ, and what follows.

use std::collections::BTreeMap;

use armistice::Control;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, calculus, grid};
use crate::answers::Answer;
use crate::case::Case;
use crate::error::Problem;
use crate::jobs::Lane;
use crate::server::App;

/// Most scenarios that are compared at once.
const MOST: usize = 16;

/// Scenarios to compare; the first is the one the others are held against.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compared {
    sources: Vec<String>,
    points: usize,
}

/// Scenarios as written, side by side.
pub(crate) async fn theories(
    State(app): State<App>,
    Asked(asked): Asked<Compared>,
) -> Result<Response, Problem> {
    let points = grid(asked.points)?;
    if asked.sources.is_empty() || asked.sources.len() > MOST {
        return Err(Problem::bad(format!("1 to {MOST} scenarios can be compared")));
    }
    let shared = app.clone();
    app.jobs.start(Lane::Long, move |control| {
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let mut base = None;
        let mut rows = Vec::new();
        for (done, id) in asked.sources.iter().enumerate() {
            control.report("solving readings", done as u64, Some(asked.sources.len() as u64));
            let case = Case { source: id.clone(), ..Case::default() };
            let resolved = case.resolve(&shared.workspace)?;
            let answer = shared.answers.get(&resolved, points, shared.workspace.limits(), &quiet)?;
            let values = values(&answer);
            rows.push(json!({
                "id": id,
                "title": resolved.source.scenario.about.title,
                "headline": calculus::measures(&shared, &answer, points, &quiet)?,
                "differs": differences(&answer, &values, base.as_ref().unwrap_or(&values)),
                "stamp": answer.stamp(),
            }));
            base.get_or_insert(values);
        }
        Ok(json!({ "points": points, "rows": rows }))
    })
}

fn values(answer: &Answer) -> BTreeMap<String, f64> {
    let names = answer.resolved.source.scenario.parameters.iter().map(|parameter| parameter.name.clone());
    names.zip(answer.solved.compiled.parameters.iter().copied()).collect()
}

/// Parameters with other values than in the first scenario, and those it does not have, in the order of this one.
fn differences(answer: &Answer, own: &BTreeMap<String, f64>, base: &BTreeMap<String, f64>) -> Vec<Value> {
    let rows = answer.resolved.source.scenario.parameters.iter().filter_map(|parameter| {
        let (value, before) = (own.get(&parameter.name)?, base.get(&parameter.name));
        (before != Some(value)).then(|| {
            json!({
                "name": parameter.name, "value": value, "base": before, "unit": parameter.unit,
                "source": parameter.source,
            })
        })
    });
    rows.collect()
}
