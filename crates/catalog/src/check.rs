//! Runs a model: its predictions, its known cases, its comparative statics, and its games against the closed form.

use armistice_scenario::Value;
use armistice_solve::Control;
use armistice_solve::tree::{SeveralSettings, equilibria};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::model::{Fidelity, Game, Known, Model, Ordered, Sign, Solver, Static};
use crate::play::Play;
use crate::scope::Scope;
use crate::solved::{Solution, finite_game, solve_game};
use crate::{CatalogError, Formula};

/// What is checked and how.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Parameters set by the user.
    pub parameters: Vec<(String, f64)>,
    /// Points at which the sign of each comparative static is tested.
    pub samples: usize,
    /// Seed of those points.
    pub seed: u64,
    /// Whether games are solved.
    pub games: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { parameters: Vec::new(), samples: 300, seed: 1, games: true }
    }
}

/// What came of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelFindings {
    /// Its name.
    pub model: String,
    /// Its title.
    pub title: String,
    /// How close it is to its source.
    pub fidelity: Fidelity,
    /// The first source.
    pub citation: String,
    /// blake3 of the model file.
    pub hash: String,
    /// What was asked for.
    pub settings: Settings,
    /// Parameters and their values.
    pub parameters: Vec<(String, f64)>,
    /// What the closed form predicts there.
    pub predictions: Vec<PredictionRow>,
    /// Known numbers.
    pub cases: Vec<CaseRow>,
    /// Comparative statics.
    pub statics: Vec<StaticRow>,
    /// Statements that hold everywhere.
    pub identities: Vec<IdentityRow>,
    /// Games.
    pub games: Vec<GameRow>,
    /// Whether everything holds.
    pub ok: bool,
}

/// A prediction at the parameters asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PredictionRow {
    /// Its name.
    pub name: String,
    /// What it is.
    pub says: String,
    /// Its value; `None` where it is not defined.
    pub value: Option<f64>,
}

/// A known number and the closed form's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseRow {
    /// The case.
    pub case: String,
    /// The prediction.
    pub prediction: String,
    /// What is known.
    pub expected: f64,
    /// What the closed form says.
    pub found: Option<f64>,
    /// Whether they agree.
    pub ok: bool,
}

/// A comparative static, tested.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StaticRow {
    /// What moves.
    pub quantity: String,
    /// With what.
    pub parameter: String,
    /// Which way.
    pub sign: Sign,
    /// Where.
    pub region: String,
    /// Points tested.
    pub samples: usize,
    /// Points with another sign.
    pub violations: usize,
    /// Whether it holds: tested somewhere, and violated nowhere.
    pub ok: bool,
}

/// A statement, tested.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IdentityRow {
    /// In words.
    pub claim: String,
    /// Points tested.
    pub samples: usize,
    /// Points where it does not hold.
    pub violations: usize,
    /// Whether it holds.
    pub ok: bool,
}

/// A game, solved and compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GameRow {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub says: String,
    /// Coarse to fine; one where there is no refinement.
    pub solutions: Vec<Solution>,
    /// What was read off them.
    pub measures: Vec<MeasureRow>,
    /// Known equilibria, and whether the branch from uniform play leads to them.
    pub equilibria: Vec<EquilibriumRow>,
    /// Whether everything holds.
    pub ok: bool,
}

/// A number read off a solution, against the closed form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureRow {
    /// What is compared.
    pub name: String,
    /// What the closed form says.
    pub expected: f64,
    /// By solution: what was read off; a reason where there is none.
    pub found: Vec<Result<f64, String>>,
    /// Largest difference allowed on the finest grid.
    pub tolerance: f64,
    /// Whether the finest is within the tolerance and errors fall with the grid.
    pub ok: bool,
}

/// A known equilibrium.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EquilibriumRow {
    /// What it is called.
    pub name: String,
    /// Which refinement drops it.
    pub fails: Option<String>,
    /// How many of the equilibria that a search found are it; profiles that differ off the path count as several. `None` where the game is
    /// too large to be searched.
    pub found: Option<usize>,
    /// Whether the branch from uniform play led to it.
    pub selected: bool,
    /// Whether it was found, if that was tried, and selected if and only if the model says so.
    pub ok: bool,
}

impl EquilibriumRow {
    /// Whether it was found, in words.
    #[must_use]
    pub const fn words(&self) -> &'static str {
        match self.found {
            None => "the game is too large to be searched",
            Some(0) => "not found",
            Some(_) => "found",
        }
    }
}

/// Runs a model.
///
/// - cost: closed forms take microseconds, games as long as it takes to solve them: seconds at most.
/// - errors: [`CatalogError`]; what does not hold is in the findings.
pub fn run(model: &Model, settings: &Settings, control: &Control<'_>) -> Result<ModelFindings, CatalogError> {
    let mut scope = Scope::new(model)?;
    for (name, value) in &settings.parameters {
        scope.set(name, *value)?;
    }
    let predictions = model
        .predictions
        .iter()
        .map(|(name, prediction)| {
            let value = scope.prediction(name)?;
            Ok(PredictionRow { name: name.to_owned(), says: prediction.says.clone(), value })
        })
        .collect::<Result<Vec<_>, CatalogError>>()?;
    let cases = cases(model)?;
    let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
    let statics = model
        .statics
        .iter()
        .map(|entry| statics(model, entry, settings.samples, &mut random))
        .collect::<Result<Vec<_>, CatalogError>>()?;
    let mut identities = Vec::new();
    for identity in &model.identities {
        let (mut tested, mut violations) = (0, 0);
        sample(model, identity.condition.as_ref(), settings.samples, &mut random, &mut |scope, _| {
            tested += 1;
            violations += usize::from(!scope.holds(&identity.holds.0)?);
            Ok(true)
        })?;
        let ok = tested > 0 && violations == 0;
        identities.push(IdentityRow { claim: identity.claim.clone(), samples: tested, violations, ok });
    }
    let mut games = Vec::new();
    if settings.games {
        for (done, game) in model.games.iter().enumerate() {
            control.report(&game.name, done as u64, Some(model.games.len() as u64));
            games.push(play(model, game, settings, control)?);
        }
    }
    let ok = cases.iter().all(|row| row.ok)
        && statics.iter().all(|row| row.ok)
        && identities.iter().all(|row| row.ok)
        && games.iter().all(|row| row.ok);
    Ok(ModelFindings {
        model: model.name.clone(),
        title: model.title.clone(),
        fidelity: model.fidelity,
        citation: model.citation.first().cloned().unwrap_or_default(),
        hash: model.hash.clone(),
        settings: settings.clone(),
        parameters: model
            .parameters
            .iter()
            .filter_map(|(name, _)| Some((name.to_owned(), scope.parameter(name)?)))
            .collect(),
        predictions,
        cases,
        statics,
        identities,
        games,
        ok,
    })
}

fn cases(model: &Model) -> Result<Vec<CaseRow>, CatalogError> {
    let mut rows = Vec::new();
    for case in &model.cases {
        let mut scope = Scope::new(model)?;
        scope.set_all(&case.parameters)?;
        for (prediction, known) in case.expect.iter() {
            let expected = scope.number(&known.0)?;
            let found = scope.prediction(prediction)?;
            rows.push(CaseRow {
                case: case.id.clone(),
                prediction: prediction.to_owned(),
                expected,
                found,
                ok: found.is_some_and(|found| (found - expected).abs() <= case.tolerance),
            });
        }
    }
    Ok(rows)
}

/// Steps of differences, as a share of the parameter's range.
const STEP: f64 = 1e-5;
/// Differences of quantities below this are none: round-off of closed forms of order one.
const STILL: f64 = 1e-12;
/// Draws for each point wanted, before a region counts as too small to be tested more often.
const DRAWS: usize = 400;

fn statics(
    model: &Model,
    entry: &Static,
    samples: usize,
    random: &mut ChaCha8Rng,
) -> Result<StaticRow, CatalogError> {
    let parameter = model.parameters.get(&entry.parameter);
    let Some((parameter, [low, high])) = parameter.and_then(|p| Some((p, p.range?))) else {
        return Err(CatalogError::Unreadable {
            model: model.name.clone(),
            why: format!(
                "`{}` has to be a parameter with a range: a comparative static moves it",
                entry.parameter
            ),
        });
    };
    let step = if parameter.integer { 1.0 } else { STEP * (high - low) };
    let (mut tested, mut violations) = (0, 0);
    sample(model, entry.condition.as_ref(), samples, random, &mut |scope, condition| {
        let here = scope.parameter(&entry.parameter).unwrap_or(low);
        let before = scope.number(&entry.quantity.0)?;
        scope.set(&entry.parameter, here + step)?;
        let inside = here + step <= high && condition.is_none_or(|c| scope.holds(&c.0).unwrap_or(false));
        if !inside {
            return Ok(false);
        }
        let moved = scope.number(&entry.quantity.0)? - before;
        tested += 1;
        let ok = match entry.sign {
            Sign::Rises => moved > STILL,
            Sign::Falls => moved < -STILL,
            Sign::Constant => moved.abs() <= STILL,
            Sign::NotFalling => moved >= -STILL,
            Sign::NotRising => moved <= STILL,
        };
        violations += usize::from(!ok);
        Ok(true)
    })?;
    Ok(StaticRow {
        quantity: entry.quantity.to_string(),
        parameter: entry.parameter.clone(),
        sign: entry.sign,
        region: entry.region.clone(),
        samples: tested,
        violations,
        ok: tested > 0 && violations == 0,
    })
}

/// What is done at a point of a region; whether it counts.
type Take<'a> = dyn FnMut(&mut Scope<'_>, Option<&Formula>) -> Result<bool, CatalogError> + 'a;

/// Draws parameters evenly over their ranges until `samples` points of the region were taken; `take` says whether it took one.
fn sample(
    model: &Model,
    condition: Option<&Formula>,
    samples: usize,
    random: &mut ChaCha8Rng,
    take: &mut Take<'_>,
) -> Result<(), CatalogError> {
    let mut taken = 0;
    let base = Scope::new(model)?;
    for _ in 0..samples * DRAWS {
        if taken == samples {
            break;
        }
        let mut scope = base.clone();
        for (name, parameter) in model.parameters.iter() {
            let Some([low, high]) = parameter.range else { continue };
            let share: f64 = random.random();
            let drawn = if parameter.integer {
                (low + (high + 1.0 - low) * share).floor()
            } else {
                low + (high - low) * share
            };
            scope.set(name, drawn)?;
        }
        // Outside the region expressions may have no value.
        if condition.is_some_and(|c| !scope.holds(&c.0).unwrap_or(false)) {
            continue;
        }
        taken += usize::from(take(&mut scope, condition)?);
    }
    Ok(())
}

/// Whether errors fall with the grid: the largest on the finer half of the grids is no larger than on the coarser half. One grid may be
/// better than the next by luck of where its points lie.
fn fall(errors: &[Option<f64>]) -> bool {
    let (coarse, fine) = errors.split_at(errors.len() / 2);
    let largest = |half: &[Option<f64>]| {
        half.iter().try_fold(0.0, |most: f64, error| error.map(|error| most.max(error)))
    };
    match (largest(coarse), largest(fine)) {
        (Some(coarse_error), Some(fine_error)) => {
            coarse.is_empty() || fine_error <= coarse_error.max(ROUND_OFF)
        }
        _ => false,
    }
}

/// Errors below this are round-off and what is left at a finite λ: some 1e-6 for each mixed choice at the largest.
const ROUND_OFF: f64 = 1e-5;

fn play(
    model: &Model,
    game: &Game,
    settings: &Settings,
    control: &Control<'_>,
) -> Result<GameRow, CatalogError> {
    let mut scope = at(model, &game.parameters, settings)?;
    let grids: Vec<Option<u32>> =
        if game.refine.is_empty() { vec![None] } else { game.refine.iter().map(|n| Some(*n)).collect() };
    let mut solutions = Vec::with_capacity(grids.len());
    for n in grids {
        solutions.push(solve_game(model, game, &mut scope, n, control)?);
    }
    let mut measures = Vec::new();
    for (position, (name, measured)) in game.measures.iter().enumerate() {
        let expected = match &measured.equals {
            Some(formula) => Some(scope.number(&formula.0)?),
            None => scope.prediction(name)?,
        };
        let Some(expected) = expected else { continue };
        let found: Vec<Result<f64, String>> = solutions
            .iter()
            .map(|solution| {
                solution.values.get(position).cloned().unwrap_or_else(|| Err("not read".to_owned()))
            })
            .collect();
        let errors: Vec<Option<f64>> =
            found.iter().map(|value| value.as_ref().ok().map(|value| (value - expected).abs())).collect();
        let last = errors.last().copied().flatten();
        measures.push(MeasureRow {
            name: name.to_owned(),
            expected,
            found,
            tolerance: measured.tolerance,
            ok: fall(&errors) && last.is_some_and(|last| last <= measured.tolerance),
        });
    }
    let several = found(model, game, &mut scope, control)?;
    let equilibria: Vec<EquilibriumRow> = game
        .equilibria
        .iter()
        .enumerate()
        .map(|(position, known)| {
            let holds = solutions.last().and_then(|s| s.holds.get(position)?.as_ref().ok()).copied();
            let selected = holds == Some(true);
            let found = several.as_ref().map(|all| all.iter().filter(|holds| holds[position]).count());
            EquilibriumRow {
                name: known.name.clone(),
                fails: known.fails.clone(),
                found,
                selected,
                ok: holds.is_some() && selected == known.principal && found != Some(0),
            }
        })
        .collect();
    let ok = measures.iter().all(|row| row.ok) && equilibria.iter().all(|row| row.ok);
    Ok(GameRow { name: game.name.clone(), says: game.says.clone(), solutions, measures, equilibria, ok })
}

/// Most information sets of a game that is searched for its known equilibria: the search grows faster than the game.
const SEARCHED: usize = 100;

/// Looks for several equilibria of a game of which several are known; for each that is found, which of the known ones it is.
fn found(
    model: &Model,
    game: &Game,
    scope: &mut Scope<'_>,
    control: &Control<'_>,
) -> Result<Option<Vec<Vec<bool>>>, CatalogError> {
    if game.equilibria.is_empty() || game.solver != Solver::Tree {
        return Ok(None);
    }
    // The search grows faster than the game: the coarsest grid is enough to tell equilibria apart.
    let tree = finite_game(model, game, scope, game.refine.first().copied())?;
    if tree.sets.len() > SEARCHED {
        return Ok(None);
    }
    let several = equilibria(&tree, &SeveralSettings::default(), control).map_err(|error| {
        CatalogError::Game { model: model.name.clone(), game: game.name.clone(), why: error.to_string() }
    })?;
    if control.cancel.is_canceled() {
        return Err(CatalogError::Cancelled);
    }
    let found = several
        .equilibria
        .iter()
        .map(|one| {
            let play = Play::new(&tree, &one.profile);
            let holds = |known: &Known| play.value(&known.holds.0, scope) == Ok(Value::Boolean(true));
            game.equilibria.iter().map(holds).collect()
        })
        .collect();
    Ok(Some(found))
}

/// The model at the parameters of one of its games, with what the user set on top.
pub(crate) fn at<'a>(
    model: &'a Model,
    own: &Ordered<Formula>,
    settings: &Settings,
) -> Result<Scope<'a>, CatalogError> {
    let mut scope = Scope::new(model)?;
    scope.set_all(own)?;
    for (name, value) in &settings.parameters {
        scope.set(name, *value)?;
    }
    Ok(scope)
}
