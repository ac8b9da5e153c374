//! The war: what was observed, and what is played at any point of it.

use armistice::analyze::single;
use armistice::game::{Belief, Stage, StateId};
use armistice::solve::StageSolver;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, Named, grid};
use crate::answers::Answer;
use crate::case::Case;
use crate::error::Problem;
use crate::jobs::Lane;
use crate::server::App;
use crate::view::stage::{Reading, place};

/// The scenario's record.
pub(crate) async fn record(
    State(app): State<App>,
    Asked(asked): Asked<Named>,
) -> Result<Json<Value>, Problem> {
    let read = tokio::task::spawn_blocking(move || {
        let source = app.workspace.source(&asked.source)?;
        Ok::<_, Problem>(
            json!({ "record": single::record(&source.scenario)?, "scenario_hash": source.scenario.hash }),
        )
    });
    read.await.map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error"))?.map(Json)
}

/// A point of a war: the start where nothing is said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Point {
    case: Case,
    points: usize,
    #[serde(default)]
    period: u32,
    #[serde(default)]
    state: Option<u32>,
    #[serde(default)]
    belief: Option<Vec<f64>>,
}

/// What is played in one period at one belief.
pub(crate) async fn stage(State(app): State<App>, Asked(asked): Asked<Point>) -> Result<Response, Problem> {
    let Point { case, points, period, state, belief } = asked;
    let points = grid(points)?;
    let resolved = case.resolve(&app.workspace)?;
    let shared = app.clone();
    app.jobs.start(Lane::Quick, move |control| {
        let answer = shared.answers.get(&resolved, points, shared.workspace.limits(), control)?;
        let start = &answer.run.start;
        let state = state.map_or(start.state, StateId);
        let belief = belief.map_or_else(|| start.belief.clone(), Belief);
        check(&answer, period, state, &belief)?;
        Ok(document(&answer, period, state, &belief))
    })
}

/// Refuses states and beliefs that the game does not have.
fn check(answer: &Answer, period: u32, state: StateId, belief: &Belief) -> Result<(), Problem> {
    let game = &answer.solved.compiled.game;
    if answer.run.horizon().is_some_and(|horizon| period > horizon) {
        return Err(Problem::bad(format!("period {period} is after the horizon")));
    }
    if state.index() >= game.states.len() {
        return Err(Problem::bad(format!("there is no state {}", state.index())));
    }
    let mut first = 0;
    for types in game.types() {
        let own = belief.0.get(first..first + types).unwrap_or_default();
        let sum: f64 = own.iter().sum();
        if own.len() != types || own.iter().any(|p| !(0.0..=1.0).contains(p)) || !((sum - 1.0).abs() < 1e-6) {
            return Err(Problem::bad(
                "a belief holds, for each player in turn, the probabilities of its types",
            ));
        }
        first += types;
    }
    if belief.0.len() != first {
        return Err(Problem::bad(format!("a belief of this game holds {first} probabilities")));
    }
    Ok(())
}

fn document(answer: &Answer, period: u32, state: StateId, belief: &Belief) -> Value {
    let scenario = &answer.resolved.source.scenario;
    let compiled = &answer.solved.compiled;
    let mut out = place(scenario, compiled, period, state, belief);
    out.insert("stamp".into(), answer.stamp());
    let last = answer.run.horizon().is_some_and(|horizon| period >= horizon);
    out.insert("horizon".into(), json!(last));
    if let Some(Stage::Play(tree)) = compiled.game.stages.get(state.index())
        && !last
    {
        let mut solver = StageSolver::new(&compiled.game, &answer.solved.equilibrium);
        let solved = solver.solve(period, state, std::slice::from_ref(belief));
        if let Some(assessment) = solved.first() {
            out.insert(
                "stage".into(),
                Reading { scenario, compiled, tree, assessment, passed: None }.document(),
            );
        }
    }
    Value::Object(out)
}
