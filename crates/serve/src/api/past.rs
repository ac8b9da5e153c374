//! What the model believed month by month, how near everybody was to stopping, and one month as it was played.

use armistice::fit::record::{RecordSeen, mixed_belief, stopping_margins, walks};
use armistice::game::{Belief, Stage};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Asked, OnGrid, grid, lane};
use crate::answers::{settings, stamp};
use crate::case::Case;
use crate::error::Problem;
use crate::past::{Faced, Followed};
use crate::server::App;
use crate::view::scenario::{date, players};
use crate::view::stage::{Reading, place};

/// Which scenario reads the record of a case as play, or why none does.
pub(crate) async fn reads(State(app): State<App>, Asked(asked): Asked<Of>) -> Result<Json<Value>, Problem> {
    let found = tokio::task::spawn_blocking(move || {
        let resolved = asked.case.resolve(&app.workspace)?;
        match Faced::of(&resolved, &app.workspace) {
            Ok(faced) => Ok(json!({ "reads": faced.document(), "why": null })),
            Err(problem) if problem.status == StatusCode::NOT_FOUND => {
                Ok(json!({ "reads": null, "why": problem.message, "hint": problem.hint }))
            }
            Err(problem) => Err(problem),
        }
    });
    found.await.map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error"))?.map(Json)
}

/// A case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Of {
    case: Case,
}

/// Beliefs before each row of the record and after the last, by slot; stopping margins in each period; how likely each row was.
pub(crate) async fn past(State(app): State<App>, Asked(asked): Asked<OnGrid>) -> Result<Response, Problem> {
    let (resolved, points) = asked.resolve(&app)?;
    let shared = app.clone();
    app.jobs.start(lane(&app, points), move |control| {
        let followed = shared.pasts.get(&resolved, points, &shared.workspace, control)?;
        let mut document = months(&followed)?;
        if let Some(out) = document.as_object_mut() {
            out.insert("stamp".into(), stamp(&resolved, &settings(points)));
            out.insert("points".into(), json!(points));
        }
        Ok(document)
    })
}

fn months(followed: &Followed) -> Result<Value, Problem> {
    let Followed { faced, past, point } = followed;
    let filtered = followed.filtered()?;
    let rows = past.len();
    let game = &point.compiled.game;
    let everyone: Vec<usize> = (0..game.players.len()).collect();
    let margins = stopping_margins(point, filtered, 0..rows + 1, &everyone);
    // None where the war is over.
    let believed = |row: usize| {
        let histories = filtered.after(row);
        (!histories.is_empty()).then(|| mixed_belief(histories, game.slots()))
    };
    let beliefs: Vec<Option<Vec<f64>>> = (0..=rows).map(believed).collect();
    let recorded: Vec<&str> = past.rows().iter().map(|row| row.date.as_str()).collect();
    let dates: Vec<Option<String>> =
        (0..=rows).map(|row| date(&faced.scenario, u32::try_from(row).unwrap_or(u32::MAX))).collect();
    let over = past.is_over();
    Ok(json!({
        "reads": faced.document(),
        "record": RecordSeen::of(&faced.record, past),
        "players": players(&faced.scenario),
        "attacker": faced.scenario.about.attacker,
        "rows": recorded,
        "dates": dates,
        "over": over,
        "beliefs": beliefs,
        "margins": margins,
        "log_predictive": filtered.months.iter().map(|month| month.log_predictive).collect::<Vec<_>>(),
        "log_likelihood": filtered.log_likelihood(),
        "histories": (0..=rows).map(|row| filtered.after(row).len()).collect::<Vec<_>>(),
        "dropped": filtered.dropped(),
    }))
}

/// A month of the record, or the one after it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Month {
    case: Case,
    points: usize,
    /// Rows before it.
    row: usize,
    /// Which of the histories that the record leaves open, the likeliest first.
    #[serde(default)]
    history: usize,
}

/// What every type would do in a month, what each action was worth to it, and what was done.
pub(crate) async fn month(State(app): State<App>, Asked(asked): Asked<Month>) -> Result<Response, Problem> {
    let Month { case, points, row, history } = asked;
    let points = grid(points)?;
    let resolved = case.resolve(&app.workspace)?;
    let shared = app.clone();
    app.jobs.start(lane(&app, points), move |control| {
        let followed = shared.pasts.get(&resolved, points, &shared.workspace, control)?;
        let mut document = played(&followed, row, history)?;
        if let Some(out) = document.as_object_mut() {
            out.insert("stamp".into(), stamp(&resolved, &settings(points)));
        }
        Ok(document)
    })
}

fn played(followed: &Followed, row: usize, history: usize) -> Result<Value, Problem> {
    let Followed { faced, past, point } = followed;
    let (scenario, compiled) = (&faced.scenario, &point.compiled);
    if row > past.len() {
        return Err(Problem::bad(format!(
            "the record has {} rows, and {row} is past the one after it",
            past.len()
        )));
    }
    let found = walks(point, followed.filtered()?, past.rows(), row);
    let period = u32::try_from(row).unwrap_or(u32::MAX);
    let open: Vec<Value> =
        found.iter().map(|walk| json!({ "before": walk.history.weight, "weight": walk.weight })).collect();
    let seen = past.rows().get(row).and_then(|row| cells(followed, row.line));
    let mut out = Map::new();
    if let Some(walk) = found.get(history) {
        let belief = Belief(walk.history.belief.clone());
        out = place(scenario, compiled, period, walk.history.state, &belief);
        if let Some(Stage::Play(tree)) = compiled.game.stages.get(walk.history.state.index()) {
            let passed = walk.passed.as_deref();
            let reading = Reading { scenario, compiled, tree, assessment: &walk.assessment, passed };
            out.insert("stage".into(), reading.document());
        }
    } else if !found.is_empty() {
        return Err(Problem::bad(format!("the record leaves {} histories open there", found.len())));
    }
    out.insert("row".into(), json!(row));
    out.insert("date".into(), json!(date(scenario, period)));
    out.insert("players".into(), json!(players(scenario)));
    out.insert("histories".into(), json!(open));
    out.insert("history".into(), json!(history));
    out.insert("cells".into(), json!(seen));
    Ok(Value::Object(out))
}

/// What the table says of a month: the columns with something in them.
fn cells(followed: &Followed, line: u64) -> Option<Vec<(&String, &String)>> {
    let table = &followed.faced.table;
    let row = table.rows.iter().find(|row| row.line == line)?;
    Some(table.columns.iter().zip(&row.cells).filter(|(_, cell)| !cell.is_empty()).collect())
}
