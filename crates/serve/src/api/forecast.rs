//! Forecasts from the last month on record, as the verb `forecast` makes them.

use std::sync::Arc;

use armistice::fit::record::{
    Forecast, ForecastRequest, Past, Quantity, RecordModel, Rule, categories, forecast as forecast_war,
    free_parameters,
};
use armistice::scenario::{Change, Limits, StageKind};
use armistice::solve::Settings;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Asked, grid, is_date};
use crate::answers::{settings, stamp};
use crate::case::Case;
use crate::error::Problem;
use crate::jobs::Lane;
use crate::past::{Faced, record_settings};
use crate::patch::{file_of, shell};
use crate::server::App;
use crate::view::scenario::{date, players};

/// Most horizons, most wars for each draw, and most draws of parameters, of one request.
const MOST: (usize, usize, usize) = (120, 20_000, 1000);

/// What is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    case: Case,
    points: usize,
    /// Horizons, in periods after the record.
    by: Vec<u32>,
    /// Wars simulated for each set of parameter values.
    wars: usize,
    seed: u64,
    /// Date of issue, such as 2026-01-15.
    issued: String,
    /// Draws of parameters; none: the case's values.
    #[serde(default)]
    draws: Option<Draws>,
}

/// Draws of parameters out of a file of `fit --out`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draws {
    /// The file's name, for the command.
    file: String,
    names: Vec<String>,
    values: Vec<Vec<f64>>,
}

/// The file that `armistice forecast --out` writes.
#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    version: &'static str,
    stamp: FileStamp<'a>,
    #[serde(flatten)]
    forecast: &'a Forecast,
}

#[derive(Serialize)]
struct FileStamp<'a> {
    version: &'static str,
    scenario: &'a str,
    scenario_hash: &'a str,
    settings: Settings,
    seed: Option<u64>,
    command: &'a str,
}

/// A forecast, and the file that says it.
pub(crate) async fn forecast(State(app): State<App>, Asked(asked): Asked<Ask>) -> Result<Response, Problem> {
    let points = grid(asked.points)?;
    check(&asked)?;
    let resolved = asked.case.clone().resolve(&app.workspace)?;
    let shared = app.clone();
    app.jobs.start(Lane::Long, move |control| {
        let limits = shared.workspace.limits();
        let faced = Faced::of(&resolved, &shared.workspace)?;
        if let Some(refusal) = faced.scenario.refuse(points, limits) {
            return Err(Problem::bad(refusal.message));
        }
        let past = Past::all(&faced.record);
        if past.is_over() {
            return Err(Problem::bad("the war on record is over, so there is nothing to forecast"));
        }
        let (names, values) = match &asked.draws {
            Some(draws) => (draws.names.as_slice(), draws.values.clone()),
            None => (&[][..], vec![Vec::new()]),
        };
        let free = if names.is_empty() { Vec::new() } else { free_parameters(&faced.scenario, names)? };
        let request = ForecastRequest {
            horizons: asked.by.clone(),
            wars: asked.wars,
            issued: asked.issued.clone(),
            seed: asked.seed,
        };
        let rows = u32::try_from(past.len()).unwrap_or(u32::MAX);
        let model = RecordModel::new(
            Arc::clone(&faced.scenario),
            free,
            vec![past],
            record_settings(points, limits),
            control,
        );
        let found = forecast_war(&model, &faced.table, &faced.record, &values, &request)?;
        let command = command(&shared, &faced, &asked, points);
        let file = File {
            schema: "armistice.forecast/1",
            version: env!("CARGO_PKG_VERSION"),
            stamp: FileStamp {
                version: env!("CARGO_PKG_VERSION"),
                scenario: &faced.scenario.about.title,
                scenario_hash: &faced.scenario.hash,
                settings: settings(points),
                seed: Some(asked.seed),
                command: &command,
            },
            forecast: &found,
        };
        let text = serde_json::to_string_pretty(&file)
            .map_err(|error| Problem::bad(format!("failed to write the forecast: {error}")))?
            + "\n";
        let dates: Vec<Option<String>> = asked
            .by
            .iter()
            .map(|by| date(&faced.scenario, rows.saturating_add(*by).saturating_sub(1)))
            .collect();
        Ok(json!({
            "stamp": stamp(&resolved, &settings(points)),
            "points": points,
            "reads": faced.document(),
            "players": players(&faced.scenario),
            "moves": moves(&faced, &found, limits)?,
            "observables": tracks(&faced, &found),
            "dates": dates,
            "last": date(&faced.scenario, rows.saturating_sub(1)),
            "command": command,
            "file": text,
        }))
    })
}

/// Everything that is wrong with a request, at once.
fn check(asked: &Ask) -> Result<(), Problem> {
    let mut wrong = Vec::new();
    let (horizons, wars, sets) = MOST;
    if asked.by.is_empty() || asked.by.len() > horizons {
        wrong.push(format!("1 to {horizons} horizons can be asked for"));
    }
    if !asked.by.windows(2).all(|pair| pair.first() < pair.last()) {
        wrong.push("horizons rise".to_owned());
    }
    if asked.wars == 0 || asked.wars > wars {
        wrong.push(format!("1 to {wars} wars can be simulated"));
    }
    if !is_date(&asked.issued) {
        wrong.push("a date of issue is written as 2026-01-15".to_owned());
    }
    if let Some(draws) = &asked.draws {
        if draws.values.is_empty() || draws.values.len() > sets {
            wrong.push(format!("1 to {sets} draws of parameters can be used"));
        }
        let sound = |row: &Vec<f64>| row.len() == draws.names.len() && row.iter().all(|x| x.is_finite());
        if draws.names.is_empty() || !draws.values.iter().all(sound) {
            wrong.push("a draw has a number for each parameter that it names".to_owned());
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Problem::bad(wrong.join("; "))) }
}

/// The command that makes the same forecast on a terminal.
fn command(app: &App, faced: &Faced, asked: &Ask, points: usize) -> String {
    let by: Vec<String> = asked.by.iter().map(u32::to_string).collect();
    let mut words = file_of(&app.workspace, &faced.source.id, "forecast");
    words.extend(["--by".to_owned(), by.join(","), "--wars".to_owned(), asked.wars.to_string()]);
    if let Some(draws) = &asked.draws {
        let n = draws.values.len().to_string();
        words.extend(["--fit".to_owned(), draws.file.clone(), "--draws".to_owned(), n]);
    }
    words.extend(["--issued".to_owned(), asked.issued.clone()]);
    for (name, value) in &faced.set {
        words.extend(["--set".to_owned(), format!("{name}={value}")]);
    }
    words.extend(["--belief-points".to_owned(), points.to_string()]);
    words.extend(["--seed".to_owned(), asked.seed.to_string()]);
    words.iter().map(|word| shell(word)).collect::<Vec<_>>().join(" ")
}

/// The moves that are forecast, with the words for each kind of them and the quantity that says how likely it is.
fn moves(faced: &Faced, found: &Forecast, limits: &Limits) -> Result<Vec<Value>, Problem> {
    let compiled = faced.scenario.compile(&Change::default(), &limits.without_grid());
    let compiled = compiled.map_err(|problems| Problem::first(&problems))?;
    let mut out = Vec::new();
    for category in categories(&faced.scenario, &compiled) {
        let position = compiled.move_stage.get(category.id).copied();
        let Some(stage) = position.and_then(|position| faced.scenario.stages.get(position)) else { continue };
        let player = match stage.kind {
            StageKind::Move { player } => faced.scenario.players.get(player).map(|player| &player.title),
            _ => None,
        };
        let title = |name: &str| {
            let branch = stage.branches.iter().find(|branch| branch.name == name);
            branch.map_or_else(|| name.to_owned(), |branch| branch.title.clone())
        };
        let kinds: Vec<Value> = category
            .labels
            .iter()
            .filter_map(|label| {
                let begins = format!("{}-{}-", category.name, label.replace(' ', "-"));
                let own = |q: &&Quantity| q.id.strip_prefix(&begins) == Some(q.resolves.as_str());
                let quantity = found.quantities.iter().find(own)?;
                let words: Vec<String> = label.split(" or ").map(title).collect();
                Some(json!({ "title": words.join(" or "), "id": quantity.id }))
            })
            .collect();
        if !kinds.is_empty() {
            out.push(json!({ "name": stage.name, "title": stage.title, "player": player, "kinds": kinds }));
        }
    }
    Ok(out)
}

/// Numbers on record that the forecast goes on with: their names and their past.
fn tracks(faced: &Faced, found: &Forecast) -> Vec<Value> {
    let named = |name: &str| {
        found
            .quantities
            .iter()
            .any(|quantity| matches!(&quantity.rule, Rule::Change { column, .. } if column == name))
    };
    let columns = faced.table.columns.iter().enumerate().filter(|(_, name)| named(name));
    let past = |column: usize| -> Vec<(Option<String>, Option<f64>)> {
        let rows = faced.record.periods.iter().enumerate();
        rows.map(|(row, period)| {
            let found = faced.table.rows.iter().find(|found| found.line == period.line);
            let cell = found.and_then(|row| row.cells.get(column));
            let number = cell.and_then(|cell| cell.parse::<f64>().ok()).filter(|x| x.is_finite());
            (date(&faced.scenario, u32::try_from(row).unwrap_or(u32::MAX)), number)
        })
        .collect()
    };
    columns.map(|(column, name)| json!({ "name": name, "past": past(column) })).collect()
}
