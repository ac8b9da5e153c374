//! Whether a solution can be believed.

use armistice::Control;
use armistice::analyze::single;
use armistice::solve::{Selection, certify, compare_selections, grid_error, solve};
use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::{Asked, OnGrid};
use crate::answers::settings;
use crate::error::Problem;
use crate::jobs::Lane;
use crate::server::App;

/// Points recomputed independently.
const CHECKED: usize = 2000;
/// Points at which other selections of equilibria are tried.
const TRIED: usize = 200;

/// The certificate of a case on a grid.
pub(crate) async fn certificate(
    State(app): State<App>,
    Asked(asked): Asked<OnGrid>,
) -> Result<Response, Problem> {
    let (resolved, points) = asked.resolve(&app)?;
    let shared = app.clone();
    app.jobs.start(Lane::Long, move |control| {
        let answer = shared.answers.get(&resolved, points, shared.workspace.limits(), control)?;
        let (game, equilibrium) = (&answer.solved.compiled.game, &answer.solved.equilibrium);
        let mut proof = certify(game, equilibrium, CHECKED, control);
        if points >= 3 {
            let quiet = Control { progress: None, cancel: control.cancel.clone() };
            let coarse = solve(game, &settings(points.div_ceil(2)), &quiet)
                .map_err(|error| Problem::bad(format!("failed to {error}")))?;
            proof.grid_error = Some(grid_error(game, equilibrium, &coarse));
        }
        let others = [Selection::Pooling, Selection::Separating];
        proof.selections = compare_selections(game, equilibrium, &others, TRIED, control);
        if control.cancel.is_canceled() {
            return Err(Problem::bad("stopped on request"));
        }
        let forward = answer.run.outlook.payoff_error(&answer.run.values);
        let states = game.states.len();
        Ok(json!({
            "stamp": answer.stamp(),
            "points": points,
            "states": states,
            "horizon": answer.run.horizon(),
            "certificate": single::certificate(game, &proof, Some(forward), Vec::new()),
        }))
    })
}
