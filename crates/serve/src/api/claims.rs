//! Claims at a case: what holds, and which single parameter would turn it.

use armistice::Control;
use armistice::analyze::findings::Verdict;
use armistice::analyze::{Measures, Runs, Variation, single};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, OnGrid, grid};
use crate::answers::{propagation, settings, stamp};
use crate::case::{Case, Resolved};
use crate::error::Problem;
use crate::jobs::Lane;
use crate::server::App;

/// Every claim of the scenario at a case, with the numbers it wants shown.
pub(crate) async fn claims(State(app): State<App>, Asked(asked): Asked<OnGrid>) -> Result<Response, Problem> {
    let (resolved, points) = asked.resolve(&app)?;
    let shared = app.clone();
    app.jobs.start(Lane::Long, move |control| {
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let runs = runs(&shared, &resolved, points, &quiet)?;
        let found = single::claims(&runs, &resolved.variation, control)?;
        Ok(json!({ "stamp": stamp(&resolved, &settings(points)), "points": points, "claims": found }))
    })
}

/// Runs that know the answer to the case itself.
fn runs<'a>(
    app: &App,
    resolved: &Resolved,
    points: usize,
    control: &Control<'a>,
) -> Result<Runs<'a>, Problem> {
    let limits = app.workspace.limits();
    let answer = app.answers.get(resolved, points, limits, control)?;
    let runs = Runs::new(settings(points), *limits, propagation(resolved, points), control);
    runs.insert(&resolved.variation, answer.run.clone());
    Ok(runs)
}

/// A claim at a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneClaim {
    case: Case,
    points: usize,
    claim: String,
}

/// The parameters that, alone and at one end of their range, make a claim come out otherwise.
pub(crate) async fn turns(
    State(app): State<App>,
    Asked(asked): Asked<OneClaim>,
) -> Result<Response, Problem> {
    let OneClaim { case, points, claim } = asked;
    let points = grid(points)?;
    let resolved = case.resolve(&app.workspace)?;
    if !resolved.source.scenario.claims.iter().any(|known| known.name == claim) {
        return Err(Problem::bad(format!("there is no claim `{claim}`")));
    }
    let shared = app.clone();
    app.jobs.start(Lane::Long, move |control| {
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let runs = runs(&shared, &resolved, points, &quiet)?;
        let (verdict, tried, rows) = search(&runs, &resolved, &claim, control)?;
        Ok(json!({
            "stamp": stamp(&resolved, &settings(points)), "points": points, "claim": claim, "verdict": verdict,
            "tried": tried, "turns": rows,
        }))
    })
}

/// The verdict at the case, how many settings were tried, and those under which it differs.
fn search(
    runs: &Runs<'_>,
    resolved: &Resolved,
    claim: &str,
    control: &Control<'_>,
) -> Result<(Verdict, usize, Vec<Value>), Problem> {
    let scenario = resolved.variation.scenario();
    let Some(claim) = scenario.claims.iter().find(|known| known.name == claim) else {
        return Err(Problem::bad("there is no such claim"));
    };
    let quiet = Control { progress: None, cancel: control.cancel.clone() };
    let judge = |variation: &Variation| {
        single::prepare(runs, variation, &[&claim.holds_when], "", &quiet)?;
        Measures::new(runs, variation).verdict(&claim.holds_when)
    };
    let verdict = judge(&resolved.variation)?;
    let now = runs.get(&resolved.variation)?;
    let mut settings = Vec::new();
    for (position, parameter) in scenario.parameters.iter().enumerate() {
        let value = now.parameters.get(position).copied();
        let ends = parameter.range.map(|(low, high)| [low, high]).into_iter().flatten();
        settings.extend(ends.filter(|end| Some(*end) != value).map(|end| (position, &parameter.name, end)));
    }
    let mut rows = Vec::new();
    for (done, (position, name, end)) in settings.iter().enumerate() {
        control.report("trying the ends of ranges", done as u64, Some(settings.len() as u64));
        let found = judge(&resolved.variation.with_parameter(*position, *end))?;
        if found != verdict {
            rows.push(json!({ "parameter": name, "value": end, "verdict": found }));
        }
    }
    Ok((verdict, settings.len(), rows))
}
