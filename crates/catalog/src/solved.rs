//! The games of a model: built at given parameters, solved, and read.

use std::path::Path;
use std::sync::Arc;

use armistice_analyze::{AnalyzeError, Measures, Propagation, Runs, Variation};
use armistice_game::FiniteGame;
use armistice_scenario::{Change, FileError, Limits, Scenario, Value, parse_files, render_plain};
use armistice_solve::tree::{PathEnd, PathSettings, TreeError, trace};
use armistice_solve::{Control, Settings, Status, certify};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::files::{self, SCENARIO};
use crate::model::{Game, Model, Solver};
use crate::play::Play;
use crate::scope::Scope;
use crate::{CatalogError, Formula};

/// Most nodes of a tree that a scenario is unfolded into.
pub const MOST_NODES: usize = 400_000;

/// Largest λ to which branches are followed, per unit of payoff, where the model does not say.
pub const LAMBDA: f64 = 1e6;

/// What was solved, how large it is, and what the solution is worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Solution {
    /// Which refinement, where there is one.
    pub n: Option<u32>,
    /// Nodes of the tree, or of all stage trees.
    pub nodes: usize,
    /// Information sets, or states.
    pub sets: usize,
    /// λ at which the solution stands; `None` where every player has a precision of their own.
    pub lambda: Option<f64>,
    /// Largest regret as a share of the payoff range, by code that shares nothing with the solver.
    pub regret: f64,
    /// What the solver says of its end, in words.
    pub status: String,
    /// Values of the measures asked for, in their order; a reason where there is none.
    pub values: Vec<Result<f64, String>>,
    /// Which of the propositions asked for hold, in their order; a reason where they have no value.
    pub holds: Vec<Result<bool, String>>,
}

/// Solves a game of a model at the parameters of `scope`, to which the game's own have been added, and reads it.
///
/// - errors: [`CatalogError::Game`], [`CatalogError::Cancelled`].
pub fn solve_game(
    model: &Model,
    game: &Game,
    scope: &mut Scope<'_>,
    n: Option<u32>,
    control: &Control<'_>,
) -> Result<Solution, CatalogError> {
    match game.solver {
        Solver::Tree => solve_tree(model, game, scope, n, control),
        Solver::War => solve_war(model, game, scope, n, control),
    }
}

fn failed(model: &Model, game: &Game, why: impl ToString) -> CatalogError {
    CatalogError::Game { model: model.name.clone(), game: game.name.clone(), why: why.to_string() }
}

/// The finite game of a model: what `convert` and the web app show too.
///
/// - errors: [`CatalogError::Game`].
pub fn finite_game(
    model: &Model,
    game: &Game,
    scope: &Scope<'_>,
    n: Option<u32>,
) -> Result<FiniteGame, CatalogError> {
    if let Some(file) = &game.file {
        let text = rendered(model, game, file, scope, n)?;
        return FiniteGame::read_efg(&text).map_err(|errors| failed(model, game, errors));
    }
    let scenario = scenario(model, game, scope, n)?;
    let limits = Limits::default().without_grid();
    let compiled = scenario.compile(&Change::default(), &limits).map_err(|diagnostics| {
        let first = diagnostics.iter().find(|d| d.is_error()).or(diagnostics.first());
        failed(model, game, first.map_or("", |d| d.message.as_str()))
    })?;
    let periods = game.periods.unwrap_or(1);
    FiniteGame::of_war(&compiled.game, compiled.game.start, &compiled.start_belief, periods, MOST_NODES)
        .map_err(|error| failed(model, game, error))
}

/// A tree with its parameters put in.
fn rendered(
    model: &Model,
    game: &Game,
    file: &str,
    scope: &Scope<'_>,
    n: Option<u32>,
) -> Result<String, CatalogError> {
    let source = files::file(&model.name, file)
        .ok_or_else(|| failed(model, game, format!("there is no file `{file}`")))?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut context: std::collections::BTreeMap<&str, minijinja::Value> =
        scope.parameters().map(|(name, value)| (name, number(value))).collect();
    // Predictions too: a mechanism has to be worked out before it can be played. Those without a value here are not there.
    let mut at = scope.clone();
    for (name, _) in model.predictions.iter() {
        if let Ok(Some(value)) = at.prediction(name) {
            context.insert(name, number(value));
        }
    }
    if let Some(n) = n {
        context.insert("n", n.into());
    }
    environment
        .render_str(source, minijinja::Value::from(context))
        .map_err(|error| failed(model, game, format!("{file}: {error}")))
}

/// Whole numbers count; others are measured.
fn number(value: f64) -> minijinja::Value {
    let whole = value.fract() == 0.0 && value.abs() < 1e15;
    if whole { (value as i64).into() } else { value.into() }
}

/// The scenario of a model with what the game and the refinement change, at the parameters of `scope`.
fn scenario(model: &Model, game: &Game, scope: &Scope<'_>, n: Option<u32>) -> Result<Scenario, CatalogError> {
    let own = files::file(&model.name, SCENARIO)
        .ok_or_else(|| failed(model, game, "the model has no scenario.toml"))?;
    let text = match &game.extend {
        Some(overlay) => {
            let overlay = n.map_or_else(|| overlay.clone(), |n| overlay.replace("{n}", &n.to_string()));
            format!("extends = \"{SCENARIO}\"\n{overlay}")
        }
        None => own.to_owned(),
    };
    let read = |path: &Path| {
        if path == Path::new(SCENARIO) { Ok(own.to_owned()) } else { Err(FileError::Missing) }
    };
    let loaded = parse_files(&text, &game.name, Path::new("."), &Limits::default(), &read);
    let Some(mut scenario) = loaded.scenario else {
        return Err(failed(model, game, render_plain(&loaded)));
    };
    for (name, value) in scope.parameters() {
        if let Some(parameter) = scenario.parameters.iter_mut().find(|p| p.name == name) {
            parameter.value = armistice_scenario::Expression::number(value);
        }
    }
    Ok(scenario)
}

fn solve_tree(
    model: &Model,
    game: &Game,
    scope: &mut Scope<'_>,
    n: Option<u32>,
    control: &Control<'_>,
) -> Result<Solution, CatalogError> {
    let tree = finite_game(model, game, scope, n)?;
    let max_lambda = game.lambda.as_ref().map_or(Ok(LAMBDA), |lambda| scope.number(&lambda.0))?;
    let settings = PathSettings { max_lambda, ..PathSettings::default() };
    let path = trace(&tree, &settings, control).map_err(|error: TreeError| failed(model, game, error))?;
    if path.end == PathEnd::Cancelled {
        return Err(CatalogError::Cancelled);
    }
    let last = path.points.last();
    let profile = last.map_or(&[] as &[f64], |point| &point.profile);
    let play = Play::new(&tree, profile);
    let read = |formula: &Formula| Ok(play.value(&formula.0, scope).map_err(|why| why.reason()));
    let (values, holds) = readings(game, read)?;
    Ok(Solution {
        n,
        nodes: tree.nodes.len(),
        sets: tree.sets.len(),
        lambda: last.map(|point| point.lambda),
        regret: path.certificate.relative,
        status: match path.end {
            PathEnd::Reached => "followed to the end".to_owned(),
            PathEnd::Stalled => "followed until double precision was used up".to_owned(),
            PathEnd::Points => "not followed to the end: too long".to_owned(),
            PathEnd::Cancelled => "stopped".to_owned(),
        },
        values,
        holds,
    })
}

/// Values and truths, or the reasons why there are none.
type Readings = (Vec<Result<f64, String>>, Vec<Result<bool, String>>);

/// The measures of a game and whether its equilibria hold, by what reads a formula off a solution.
fn readings(
    game: &Game,
    mut read: impl FnMut(&Formula) -> Result<Result<Value, String>, CatalogError>,
) -> Result<Readings, CatalogError> {
    let values = game.measures.iter().map(|(_, m)| Ok(read(&m.measure)?.and_then(to_number)));
    let values = values.collect::<Result<_, CatalogError>>()?;
    let holds = game.equilibria.iter().map(|e| Ok(read(&e.holds)?.and_then(to_truth)));
    Ok((values, holds.collect::<Result<_, CatalogError>>()?))
}

fn to_number(value: Value) -> Result<f64, String> {
    match value {
        Value::Number(x) => Ok(x),
        Value::Boolean(b) => Ok(f64::from(u8::from(b))),
        Value::Text(_) => Err("it is a word".to_owned()),
    }
}

fn to_truth(value: Value) -> Result<bool, String> {
    match value {
        Value::Boolean(b) => Ok(b),
        _ => Err("it is not a proposition".to_owned()),
    }
}

/// Points of a solution that are checked.
const CHECKED: usize = 200;

fn solve_war(
    model: &Model,
    game: &Game,
    scope: &mut Scope<'_>,
    n: Option<u32>,
    control: &Control<'_>,
) -> Result<Solution, CatalogError> {
    let scenario = scenario(model, game, scope, n)?;
    let settings = Settings { ..Settings::default() };
    let runs = Runs::new(settings, Limits::default(), Propagation::default(), control);
    let variation = Variation::base(Arc::new(scenario));
    let translated = |error: AnalyzeError| match error {
        AnalyzeError::Cancelled => CatalogError::Cancelled,
        other => failed(model, game, other),
    };
    let solved = runs.solve(&variation).map_err(translated)?;
    let certificate = certify(&solved.compiled.game, &solved.equilibrium, CHECKED, control);
    runs.insert(&variation, runs.follow(&variation, &solved).map_err(translated)?);
    let measures = Measures::new(&runs, &variation);
    let read = |formula: &Formula| Ok(measures.value(&formula.0).map_err(translated)?.0);
    let (values, holds) = readings(game, read)?;
    let states = solved.compiled.game.states.len();
    Ok(Solution {
        n,
        nodes: certificate.points as usize,
        sets: states,
        lambda: None,
        regret: certificate.regret_share,
        status: match &solved.equilibrium.status {
            Status::Certified => "certified".to_owned(),
            other => format!("{other:?}"),
        },
        values,
        holds,
    })
}
