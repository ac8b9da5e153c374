//! Levers and sets of them: what each does to the choice between stopping and going on.

use armistice::analyze::Options;
use armistice::analyze::levers::{LeverError, LeverSettings, LeverStudy, a_year};
use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::{Asked, OnGrid};
use crate::answers::{settings, stamp};
use crate::error::Problem;
use crate::jobs::Lane;
use crate::server::App;

/// Nodes a period while wars are followed forward under each set.
const NODES: usize = 60;

/// Every lever alone, sets of them, and the sets that no other beats, at the case's parameters; levers in force at the case are left out
/// of both sides.
pub(crate) async fn levers(State(app): State<App>, Asked(asked): Asked<OnGrid>) -> Result<Response, Problem> {
    let (resolved, points) = asked.resolve(&app)?;
    let limits = *app.workspace.limits();
    app.jobs.start(Lane::Long, move |control| {
        let scenario = resolved.plain.scenario();
        let mut change = resolved.variation.change.clone();
        change.levers.clear();
        let asked = LeverSettings { change, by: a_year(scenario), ..LeverSettings::default() };
        let options = Options {
            settings: settings(points),
            limits,
            audit_points: Some(points),
            audit_nodes: NODES,
            ..Options::default()
        };
        let study = LeverStudy::new(scenario, &asked, &options).map_err(|error| match error {
            LeverError::Problems(problems) => {
                let all: Vec<String> = problems.into_iter().map(|problem| problem.what).collect();
                Problem::bad(all.join("; "))
            }
            LeverError::Analyze(error) => error.into(),
        })?;
        let found = study.findings(control)?;
        Ok(json!({ "stamp": stamp(&resolved, study.solving()), "points": points, "findings": found }))
    })
}
