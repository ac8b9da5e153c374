//! Claims at a case: what holds, and the nearest case that would turn it.

use std::sync::Arc;

use armistice::Control;
use armistice::analyze::audit::{Audit, AuditSettings, can_audit};
use armistice::analyze::design::Sampling;
use armistice::analyze::{Measures, Options, Runs, Variation, single};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::{Asked, OnGrid, grid};
use crate::answers::{propagation, settings, stamp};
use crate::case::{Case, Resolved, with_parameters};
use crate::error::Problem;
use crate::jobs::Lane;
use crate::server::App;

/// Cases drawn over the ranges of everything uncertain to find one that turns a claim, and the seed that draws them.
const CASES: usize = 32;
const SEED: u64 = 1;

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

/// How often a claim holds over everything that is uncertain around a case, and the nearest case in which it comes out otherwise: the search
/// of the audit, judged again on the grid of the page.
pub(crate) async fn turns(
    State(app): State<App>,
    Asked(asked): Asked<OneClaim>,
) -> Result<Response, Problem> {
    let OneClaim { case, points, claim } = asked;
    let points = grid(points)?;
    let resolved = case.resolve(&app.workspace)?;
    let Some(position) = resolved.source.scenario.claims.iter().position(|known| known.name == claim) else {
        return Err(Problem::bad(format!("there is no claim `{claim}`")));
    };
    let shared = app.clone();
    app.jobs.start(Lane::Long, move |control| {
        let limits = *shared.workspace.limits();
        let (scenario, _) = resolved.written(&limits)?;
        if !can_audit(&scenario) {
            return Err(Problem::bad("no parameter has a range or a distribution, so there is nothing to vary"));
        }
        let options = Options { settings: settings(points), limits, ..Options::default() };
        let asked = AuditSettings {
            sampling: Sampling::Sobol { points: CASES, seed: SEED },
            claims: vec![claim.clone()],
            ..AuditSettings::default()
        };
        let audit = Audit::new(&scenario, &[], &[], &asked, &options)?;
        let turn = audit.turn(&claim, control)?;
        let mut verdict = None;
        if let Some(example) = &turn.counterexample {
            let changes = example.changes.iter().map(|change| (change.parameter.clone(), change.to)).collect();
            let base = Variation::base(with_parameters(&Arc::new(scenario.clone()), &changes));
            let quiet = Control { progress: None, cancel: control.cancel.clone() };
            let runs = Runs::new(settings(points), limits, propagation(&resolved, points), &quiet);
            if let Some(claim) = base.scenario().claims.get(position) {
                single::prepare(&runs, &base, &[&claim.holds_when], "", &quiet)?;
                verdict = Some(Measures::new(&runs, &base).verdict(&claim.holds_when)?);
            }
        }
        Ok(json!({
            "stamp": stamp(&resolved, &settings(points)), "points": points, "claim": claim, "turn": turn,
            "verdict": verdict, "cases": CASES, "seed": SEED, "factors": audit.sweep().plan().design.factors.len(),
        }))
    })
}
