//! Derivatives of measures with respect to every parameter of a scenario, through the equilibrium.

mod back;
mod linear;
mod paths;
mod reading;
mod slopes;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use armistice_scenario::{
    Change, Compiled, EvaluationError, Expression, MeasureEnvironment, Scenario, Value,
};
use armistice_solve::gradient::{Adjoint, AdjointSolver, Effort, Primitives, StageSeeds};
use armistice_solve::{BeliefGrid, Control, SolvedStage};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AnalyzeError;
use crate::findings::How;
use crate::forward::Propagation;
use crate::opening::Opening;
use crate::runs::{Runs, Solved, Variation, start_of};
use linear::{Composite, Linear, compose};
use paths::Paths;
use reading::{is_reading, read};

pub use slopes::{Slopes, slopes};

/// Relative half step of differences of a measure's expression in the numbers it is made of; the expression is explicit arithmetic.
const STEP: f64 = 1e-6;

/// Derivatives of measures with respect to parameters, and what they took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gradients {
    /// By measure, then by parameter.
    pub derivatives: Vec<Derivative>,
    /// Stages solved on the way.
    pub stages: u64,
    /// Transposed linear systems solved, at most one a stage and measure.
    pub solves: u64,
    /// Stages that were not solved; derivatives are then not to be trusted.
    pub not_converged: u64,
}

/// The derivative of a measure with respect to a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Derivative {
    /// The measure.
    pub measure: String,
    /// The parameter.
    pub parameter: String,
    /// The measure where the derivative is taken; `null` when it is not defined.
    pub value: Option<f64>,
    /// The parameter there.
    pub at: f64,
    /// d measure / d parameter, other parameters as stated; those stated in terms of this one move with it.
    pub derivative: Option<f64>,
    /// (d measure / measure) / (d parameter / parameter): percent per percent; `null` where the measure is 0 or not defined.
    pub elasticity: Option<f64>,
    /// Unit of the derivative in words.
    pub unit: Option<String>,
    /// How the measure is got.
    pub how: How,
    /// Whether it is an ordinary derivative, to both sides.
    pub smooth: bool,
    /// Why it is not, or why there is none.
    pub reason: Option<String>,
}

/// Differentiates measures of a variation with respect to every parameter of its scenario.
///
/// - `measures`: name, expression, unit. Expressions may name cases; every case is solved once.
/// - returns a row for each measure and parameter. Functions with derivatives: `value`, `margin`, `action_probability`,
///   `belief_shift`, `survival`, `probability_end_by`, `probability_outcome`, `expected_duration`, `median_duration`, `expected_terms`,
///   `expected`, `frequency`, `reached`, `chance`, `cost`.
/// - cost: for each case one solution, one to two more for each measure, two compilations a parameter, and for measures that
///   follow wars forward about two forward passes.
/// - errors: as for [`Runs::get`]. A measure or a derivative that does not exist is a row that says why.
///
/// ```
/// use std::{path::Path, sync::Arc};
/// use armistice_analyze::{Propagation, Runs, Variation, gradient};
/// use armistice_scenario::{Expression, Limits, new_scenario, parse};
/// use armistice_solve::{Control, Settings};
///
/// let text = new_scenario("two-sided-war").ok_or("no such template")?;
/// let mut scenario = parse(&text, "scenario.toml", Path::new(".")).scenario.ok_or("not sound")?;
/// scenario.about.horizon = Some(3);
/// let (settings, control) = (Settings { belief_points: 4, ..Settings::default() }, Control::default());
/// let runs = Runs::new(settings, Limits::default(), Propagation::default(), &control);
/// let measures = [("length".into(), Expression::parse("expected_duration")?, Some("months".into()))];
/// let found = gradient(&runs, &Variation::base(Arc::new(scenario)), &measures, &control)?;
/// let by_cost = found.derivatives.iter().find(|d| d.parameter == "attacker_cost").ok_or("no such row")?;
/// assert!(by_cost.smooth && by_cost.derivative.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn gradient(
    runs: &Runs<'_>,
    variation: &Variation,
    measures: &[(String, Expression, Option<String>)],
    control: &Control<'_>,
) -> Result<Gradients, AnalyzeError> {
    let scenario = variation.scenario();
    let books = Books {
        runs,
        variation,
        control,
        cases: RefCell::default(),
        atoms: RefCell::default(),
        failed: RefCell::default(),
        moved: Cell::new(None),
        along: RefCell::default(),
    };
    let mut found = Vec::new();
    for (_, expression, _) in measures {
        found.push(books.partials(scenario, expression)?);
    }
    let atoms = books.atoms.borrow();
    let cases = books.cases.borrow();
    // By case and measure.
    let mut effort = Effort::default();
    let mut adjoints: Vec<Vec<Primitives>> = Vec::new();
    for (number, (_, case)) in cases.iter().enumerate() {
        let functionals: Vec<Functional> = found
            .iter()
            .map(|found| {
                let mut out = Functional::default();
                for (atom, partial) in found.iter().flat_map(|found| &found.partials) {
                    if atoms[*atom].case == number {
                        out.add(*partial, &atoms[*atom].what);
                    }
                }
                out
            })
            .collect();
        let (own, took) = case.adjoints(&functionals, control)?;
        adjoints.push(own);
        effort += took;
    }
    let base = Expressions { scenario };
    let values: Vec<f64> = (0..scenario.parameters.len()).map(|p| base.parameter(p)).collect();
    // Compilations go on at once; everything about one parameter is one row of results.
    let limits = runs.limits();
    let canceled = || control.cancel.is_canceled();
    let games: Vec<(&Compiled, &BeliefGrid, &Variation, &[Primitives])> = (cases.iter().zip(&adjoints))
        .map(|((_, case), adjoints)| {
            let grid = &case.solved.equilibrium.grid;
            (&case.solved.compiled, grid, &case.variation, adjoints.as_slice())
        })
        .collect();
    let columns: Vec<Vec<Result<Column, String>>> = values
        .par_iter()
        .enumerate()
        .map(|(position, value)| {
            let games = games.iter().filter(|_| !canceled());
            games
                .map(|(base, grid, variation, adjoints)| {
                    let found = slopes::slopes(variation, base, position, *value, limits)?;
                    let along = adjoints.iter().map(|a| a.dot(&found.primitives)).collect();
                    let notes = found.note.into_iter().chain(on_grid(base, grid, &found.primitives));
                    Ok(Column { along, parameters: found.parameters, notes: notes.collect() })
                })
                .collect()
        })
        .collect();
    if canceled() {
        return Err(AnalyzeError::Cancelled);
    }
    let mut out = Gradients {
        derivatives: Vec::new(),
        stages: effort.stages,
        solves: effort.solves,
        not_converged: effort.not_converged,
    };
    for (n, ((name, expression, unit), found)) in measures.iter().zip(&found).enumerate() {
        for (position, column) in columns.iter().enumerate() {
            let parameter = &scenario.parameters[position];
            let mut row = Derivative {
                measure: name.clone(),
                parameter: parameter.name.clone(),
                value: None,
                at: values[position],
                derivative: None,
                elasticity: None,
                unit: per(unit.as_deref(), parameter.unit.as_deref()),
                how: How::Stated,
                smooth: false,
                reason: None,
            };
            match found {
                Err(reason) => row.reason = Some(reason.clone()),
                Ok(found) => {
                    row.value = Some(found.value);
                    row.how = found.how;
                    let used = |case: usize| found.partials.iter().any(|(atom, _)| atoms[*atom].case == case);
                    let parts = Parts { number: n, column, used: &used };
                    books.row(scenario, expression, found, &parts, &mut row)?;
                }
            }
            out.derivatives.push(row);
        }
    }
    Ok(out)
}

/// A unit per another.
fn per(measure: Option<&str>, parameter: Option<&str>) -> Option<String> {
    match (measure, parameter) {
        (None, None) => None,
        (Some(measure), None) => Some(measure.to_owned()),
        (measure, Some(parameter)) => Some(format!("{} per ({parameter})", measure.unwrap_or("1"))),
    }
}

/// A measure's expression: its value, and its derivatives with respect to the functions it calls.
struct Found {
    value: f64,
    how: How,
    partials: Vec<(usize, f64)>,
    /// Whether beliefs were merged on the way.
    merged: Option<f64>,
}

/// One call of a function in one case.
struct Atom {
    case: usize,
    function: String,
    arguments: Vec<Value>,
    value: f64,
    how: How,
    what: What,
}

/// What a call depends on.
enum What {
    Reading { seeds: StageSeeds, start: Vec<f64> },
    Sums(Vec<(f64, Linear)>),
}

/// A sum of calls in one case.
#[derive(Clone, Default)]
struct Functional {
    seeds: StageSeeds,
    start: Vec<f64>,
    sums: Vec<(f64, Linear)>,
}

impl Functional {
    fn add(&mut self, factor: f64, what: &What) {
        match what {
            What::Reading { seeds, start } => {
                let StageSeeds { values, action_values, strategies, beliefs } = seeds;
                self.seeds.values.extend(values.iter().map(|(a, b, x)| (*a, *b, factor * x)));
                self.seeds.action_values.extend(action_values.iter().map(|(a, b, x)| (*a, *b, factor * x)));
                self.seeds.strategies.extend(strategies.iter().map(|(a, b, x)| (*a, *b, factor * x)));
                self.seeds.beliefs.extend(beliefs.iter().map(|(a, b, x)| (*a, *b, factor * x)));
                self.start.resize(self.start.len().max(start.len()), 0.0);
                self.start.iter_mut().zip(start).for_each(|(x, y)| *x += factor * y);
            }
            What::Sums(sums) => self.sums.extend(sums.iter().map(|(x, linear)| (factor * x, linear.clone()))),
        }
    }
}

/// One case: its game, its solution and its first period.
struct Case {
    variation: Variation,
    solved: Arc<Solved>,
    opening: Option<Opening>,
    /// Wars followed forward, once somebody asks.
    paths: OnceCell<Paths>,
}

impl Case {
    /// The wars of the case, followed forward when they are first asked for.
    fn paths(&self, how: &Propagation, control: &Control<'_>) -> Result<&Paths, AnalyzeError> {
        if self.paths.get().is_none() {
            let start = start_of(&self.solved.compiled);
            let paths = Paths::new(&self.solved, (&start, &self.variation.given()), how, control)?;
            let _ = self.paths.set(paths);
        }
        self.paths.get().ok_or(AnalyzeError::Cancelled)
    }

    /// By functional: derivatives with respect to all numbers of the game.
    fn adjoints(
        &self,
        functionals: &[Functional],
        control: &Control<'_>,
    ) -> Result<(Vec<Primitives>, Effort), AnalyzeError> {
        let (game, equilibrium) = (&self.solved.compiled.game, &self.solved.equilibrium);
        let solver = AdjointSolver::new(game, equilibrium)?;
        let start = start_of(&self.solved.compiled);
        let mut adjoints: Vec<Adjoint> = functionals.iter().map(|_| solver.adjoint()).collect();
        let mut effort = Effort::default();
        let seeds = |_: usize, _: &SolvedStage<'_>, out: &mut [StageSeeds]| {
            out.iter_mut().zip(functionals).for_each(|(seeds, f)| seeds.clone_from(&f.seeds));
        };
        if functionals.iter().any(|f| f.seeds != StageSeeds::default())
            && let Some(visit) = solver.visit((0, start.state), &[&start.belief.0], functionals.len(), seeds)
        {
            solver.take(&visit, &mut adjoints);
            effort += visit.effort;
            for (adjoint, root) in adjoints.iter_mut().zip(visit.roots.chunks_exact(game.slots())) {
                adjoint.primitives.start.iter_mut().zip(root).for_each(|(x, y)| *x += y);
            }
        }
        for (adjoint, functional) in adjoints.iter_mut().zip(functionals) {
            adjoint.primitives.start.iter_mut().zip(&functional.start).for_each(|(x, y)| *x += y);
        }
        let following: Vec<usize> =
            (0..functionals.len()).filter(|n| !functionals[*n].sums.is_empty()).collect();
        if let Some(paths) = self.paths.get().filter(|_| !following.is_empty()) {
            let sums: Vec<Vec<(f64, Linear)>> =
                following.iter().map(|n| functionals[*n].sums.clone()).collect();
            let mut own: Vec<Adjoint> = following.iter().map(|n| adjoints[*n].clone()).collect();
            effort += paths.adjoint(&solver, &sums, &mut own, control)?;
            for (n, adjoint) in following.iter().zip(own) {
                adjoints[*n] = adjoint;
            }
        }
        effort += solver.sweep(&mut adjoints, control)?;
        Ok((adjoints.into_iter().map(|adjoint| adjoint.primitives).collect(), effort))
    }
}

/// The calls made so far, and the cases they are of; an environment in which one number may be moved.
struct Books<'a> {
    runs: &'a Runs<'a>,
    variation: &'a Variation,
    control: &'a Control<'a>,
    cases: RefCell<Vec<(Option<String>, Rc<Case>)>>,
    atoms: RefCell<Vec<Atom>>,
    failed: RefCell<Option<AnalyzeError>>,
    /// A call whose value is to be moved, and by how much.
    moved: Cell<Option<(usize, f64)>>,
    /// By case: parameters to add, where these are moved.
    along: RefCell<Vec<(usize, Vec<f64>)>>,
}

/// What one parameter does to one case.
struct Column {
    /// By measure: through the game.
    along: Vec<f64>,
    /// By parameter.
    parameters: Vec<f64>,
    /// Why derivatives are not ordinary ones.
    notes: Vec<String>,
}

/// What one row is made of.
struct Parts<'p> {
    number: usize,
    column: &'p [Result<Column, String>],
    used: &'p dyn Fn(usize) -> bool,
}

impl Books<'_> {
    fn number(&self, scenario: &Scenario, expression: &Expression) -> Result<f64, String> {
        match scenario.evaluate(expression, None, self) {
            Ok(Value::Number(x)) if x.is_finite() => Ok(x),
            Ok(Value::Number(_)) => Err("it is not finite".into()),
            Ok(_) => Err("it is not a number".into()),
            Err(EvaluationError::Unavailable { function, reason }) => Err(format!("{function}: {reason}")),
            Err(error) => Err(format!("it failed to {error}")),
        }
    }

    /// The value of an expression and its derivatives with respect to all calls it makes.
    fn partials(
        &self,
        scenario: &Scenario,
        expression: &Expression,
    ) -> Result<Result<Found, String>, AnalyzeError> {
        let value = self.number(scenario, expression);
        if let Some(error) = self.failed.borrow_mut().take() {
            match error {
                AnalyzeError::Cancelled => return Err(error),
                other => return Ok(Err(format!("the run failed to {other}"))),
            }
        }
        let value = match value {
            Ok(value) => value,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut found = Found { value, how: How::Stated, partials: Vec::new(), merged: None };
        let count = self.atoms.borrow().len();
        for atom in 0..count {
            let step = STEP * self.atoms.borrow()[atom].value.abs().max(1e-3);
            let side = |step: f64| {
                self.moved.set(Some((atom, step)));
                let value = self.number(scenario, expression);
                self.moved.set(None);
                value
            };
            let slope = match (side(step), side(-step)) {
                (Ok(up), Ok(down)) => (up - down) / (2.0 * step),
                (Ok(up), Err(_)) => (up - value) / step,
                (Err(_), Ok(down)) => (value - down) / step,
                (Err(reason), Err(_)) => return Ok(Err(reason)),
            };
            if slope != 0.0 {
                let atom_how = self.atoms.borrow()[atom].how;
                found.how = match found.how {
                    How::Stated => atom_how,
                    how if how == atom_how => how,
                    _ => How::Mixed,
                };
                if atom_how == How::Propagated {
                    let case = self.atoms.borrow()[atom].case;
                    found.merged = self.cases.borrow()[case].1.paths.get().map(|paths| paths.width);
                }
                found.partials.push((atom, slope));
            }
        }
        Ok(Ok(found))
    }

    fn row(
        &self,
        scenario: &Scenario,
        expression: &Expression,
        found: &Found,
        parts: &Parts<'_>,
        row: &mut Derivative,
    ) -> Result<(), AnalyzeError> {
        let mut total = 0.0;
        let mut notes: Vec<String> = Vec::new();
        let mut along = Vec::new();
        for (case, column) in parts.column.iter().enumerate() {
            match column {
                Ok(column) => {
                    along.push((case, column.parameters.clone()));
                    if !(parts.used)(case) {
                        continue;
                    }
                    total += column.along.get(parts.number).copied().unwrap_or(0.0);
                    notes.extend(column.notes.iter().cloned());
                }
                Err(reason) if (parts.used)(case) => {
                    row.reason = Some(format!("not differentiable: {reason}"));
                    return Ok(());
                }
                Err(_) => {}
            }
        }
        // What the expression says of parameters itself.
        let step = STEP * row.at.abs().max(1e-3);
        let side = |step: f64| {
            let moved = along.iter().map(|(case, list)| (*case, list.iter().map(|x| x * step).collect()));
            self.along.replace(moved.collect());
            let value = self.number(scenario, expression);
            self.along.replace(Vec::new());
            value
        };
        if let (Ok(up), Ok(down)) = (side(step), side(-step)) {
            total += (up - down) / (2.0 * step);
        }
        if let Some(width) = found.merged {
            notes.push(format!(
                "beliefs within {width} of each other are merged, and which ones is held fixed"
            ));
        }
        notes.dedup();
        if !total.is_finite() {
            row.reason = Some("it is not finite".into());
            return Ok(());
        }
        row.derivative = Some(total);
        let elasticity = total * row.at / found.value;
        row.elasticity = Some(elasticity).filter(|x| found.value != 0.0 && x.is_finite());
        row.smooth = notes.is_empty();
        row.reason = (!notes.is_empty()).then(|| notes.join("; "));
        Ok(())
    }

    fn case(&self, name: Option<&str>) -> Result<usize, AnalyzeError> {
        let known = self.cases.borrow().iter().position(|(known, _)| known.as_deref() == name);
        if let Some(position) = known {
            return Ok(position);
        }
        let change = match name {
            None => Change::default(),
            Some(name) => {
                let cases = &self.variation.scenario().cases;
                let unknown = || AnalyzeError::Unknown { kind: "case", name: name.to_owned() };
                cases.iter().find(|c| c.name == name).ok_or_else(unknown)?.change.clone()
            }
        };
        let variation = self.variation.with_change(&change);
        let solved = Arc::new(self.runs.solve(&variation)?);
        let start = start_of(&solved.compiled);
        let opening = Opening::new(&solved.compiled.game, &solved.equilibrium, &start);
        let case = Case { variation, solved, opening, paths: OnceCell::new() };
        let mut cases = self.cases.borrow_mut();
        cases.push((name.map(str::to_owned), Rc::new(case)));
        Ok(cases.len() - 1)
    }

    /// The call as an atom, made when it is met first.
    fn atom(&self, case: Option<&str>, function: &str, arguments: &[Value]) -> Result<usize, String> {
        let position = self.case(case).map_err(|error| {
            let reason = format!("the run failed to {error}");
            self.failed.replace(Some(error));
            reason
        })?;
        let same = |a: &Atom| a.case == position && a.function == function && a.arguments == arguments;
        if let Some(known) = self.atoms.borrow().iter().position(same) {
            return Ok(known);
        }
        let case = Rc::clone(&self.cases.borrow()[position].1);
        let game = &case.solved.compiled.game;
        let (value, how, what) = if is_reading(function) {
            let found = read(game, case.opening.as_ref(), function, arguments)?;
            (found.value, How::Equilibrium, What::Reading { seeds: found.seeds, start: found.start })
        } else {
            let paths = case.paths(self.runs.propagation(), self.control).map_err(|error| {
                let reason = format!("the run failed to {error}");
                self.failed.replace(Some(error));
                reason
            })?;
            let Composite { value, parts } = compose(paths, function, arguments)?;
            (value, if paths.width == 0.0 { How::Enumerated } else { How::Propagated }, What::Sums(parts))
        };
        let (function, arguments) = (function.to_owned(), arguments.to_vec());
        let mut atoms = self.atoms.borrow_mut();
        atoms.push(Atom { case: position, function, arguments, value, how, what });
        Ok(atoms.len() - 1)
    }
}

impl MeasureEnvironment for Books<'_> {
    fn call(&self, case: Option<&str>, function: &str, arguments: &[Value]) -> Result<f64, EvaluationError> {
        let unavailable =
            |reason: String| EvaluationError::Unavailable { function: function.to_owned(), reason };
        let atom = self.atom(case, function, arguments).map_err(unavailable)?;
        let moved = self.moved.get().filter(|(moved, _)| *moved == atom).map_or(0.0, |(_, by)| by);
        Ok(self.atoms.borrow()[atom].value + moved)
    }

    fn parameter(&self, case: Option<&str>, position: usize) -> Option<f64> {
        let number = self.case(case).ok()?;
        let value = *self.cases.borrow()[number].1.solved.compiled.parameters.get(position)?;
        let along = self.along.borrow();
        let moved = along.iter().find(|(case, _)| *case == number).and_then(|(_, list)| list.get(position));
        Some(value + moved.copied().unwrap_or(0.0))
    }
}

/// Parameters as stated, without any case.
struct Expressions<'a> {
    scenario: &'a Scenario,
}

impl Expressions<'_> {
    fn parameter(&self, position: usize) -> f64 {
        let name = &self.scenario.parameters[position].name;
        let value = Expression::parse(name).map(|e| self.scenario.evaluate(&e, None, self));
        match value {
            Ok(Ok(Value::Number(x))) => x,
            _ => 0.0,
        }
    }
}

impl MeasureEnvironment for Expressions<'_> {
    fn call(&self, _: Option<&str>, function: &str, _: &[Value]) -> Result<f64, EvaluationError> {
        Err(EvaluationError::Unknown { name: function.to_owned() })
    }
}

/// Where the start belief moves off a grid point the interpolant has a kink.
fn on_grid(compiled: &Compiled, grid: &BeliefGrid, slopes: &Primitives) -> Option<String> {
    let game = &compiled.game;
    let belief = &compiled.start_belief.0;
    for (player, grid) in grid.players().iter().enumerate() {
        let own = game.slots_of(armistice_game::PlayerId::new(player));
        let mut above = 0.0;
        for slot in own.clone().rev().take(own.len().saturating_sub(1)) {
            above += belief.get(slot).copied().unwrap_or(0.0);
            let z = above * grid.steps() as f64;
            let inside = above > 1e-9 && above < 1.0 - 1e-9;
            let moves = slopes.start.get(slot).is_some_and(|x| *x != 0.0);
            if moves && inside && (z - z.round()).abs() < 1e-9 {
                let what =
                    "the belief at the start lies on a grid point, where interpolated values have a kink";
                return Some(format!(
                    "{what}; the derivative is the one to higher probability of later types"
                ));
            }
        }
    }
    None
}
