//! Rows of a sweep: a point, solved and measured.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use armistice_scenario::{Change, Expression, Limits, Scenario};
use armistice_solve::{Control, Settings};
use rayon::prelude::*;

use super::plan::{PLAN_SCHEMA, PlanLimits, points};
use super::{Plan, Questions, SweepError};
use crate::AnalyzeError;
use crate::design::{Changes, Design};
use crate::evaluate::Measures;
use crate::findings::Verdict;
use crate::forward::{Propagation, Spread};
use crate::options::Options;
use crate::runs::{Runs, Solutions, Variation};

/// How it went at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointStatus {
    /// Solved; a measure that is not defined there is no failure.
    Ok,
    /// Solved, but some stage game of some game did not converge: the numbers are there, to be read with care.
    NotConverged,
    /// Something did not compile or could not be solved; measures that needed it are missing.
    Failed,
}

impl PointStatus {
    /// As tables have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotConverged => "not_converged",
            Self::Failed => "failed",
        }
    }
}

/// One point of a sweep and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its position in the design.
    pub point: usize,
    /// A number for each factor.
    pub values: Vec<f64>,
    /// How it went.
    pub status: PointStatus,
    /// The share of stage games, of all games solved here, that did not converge.
    pub unsolved: f64,
    /// Why it failed.
    pub error: Option<String>,
    /// Which measures and claims are not defined, and why: `name: reason`, separated by `; `.
    pub undefined: Option<String>,
    /// By measure.
    pub measures: Vec<Option<f64>>,
    /// By claim.
    pub claims: Vec<Option<bool>>,
}

/// A plan with everything that computing its rows needs.
#[derive(Debug)]
pub struct Sweep {
    plan: Plan,
    points: Vec<Vec<f64>>,
    changes: Changes,
    base: Variation,
    measures: Vec<(String, Expression)>,
    claims: Vec<(String, Expression)>,
    solutions: Arc<Solutions>,
}

impl Sweep {
    /// Plans a sweep of a scenario.
    ///
    /// - `options`: its solver settings, limits and forward pass of variations; the belief grid is the audit grid, which is
    ///   chosen for the scenario as written where `options` names none.
    /// - `set`: parameters that have other values throughout, by name.
    /// - errors: [`SweepError::Design`]; [`SweepError::Analyze`] where the scenario as written does not compile or has no measure, claim or
    ///   parameter of that name.
    pub fn new(
        scenario: &Scenario,
        design: Design,
        questions: Questions,
        set: &[(String, f64)],
        shard_size: usize,
        options: &Options,
    ) -> Result<Self, SweepError> {
        let base = with(scenario, set)?;
        let compiled = compile(&base, &options.limits)?;
        let settings = Settings { threads: None, ..options.sweep_settings(&compiled.game) };
        let (rows, points_hash) = points(&design)?;
        let plan = Plan {
            schema: PLAN_SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: options.stamp.command.clone().unwrap_or_default(),
            scenario: scenario.about.title.clone(),
            scenario_hash: scenario.hash.clone(),
            set: set.to_vec(),
            points: rows.len(),
            points_hash,
            questions,
            settings,
            nodes: options.audit_nodes,
            limits: PlanLimits::new(&options.limits),
            shard_size: shard_size.max(1),
            design,
        };
        Self::assemble(plan, rows, base, &compiled)
    }

    /// The sweep of a plan that was made before.
    ///
    /// - errors: [`SweepError::Differs`] when the plan is of another scenario or another version, or its points come out otherwise; else
    ///   as for [`Sweep::new`].
    pub fn planned(scenario: &Scenario, plan: Plan) -> Result<Self, SweepError> {
        if plan.schema != PLAN_SCHEMA || plan.version != env!("CARGO_PKG_VERSION") {
            return Err(SweepError::Differs { what: "the version of armistice" });
        }
        if plan.scenario_hash != scenario.hash {
            return Err(SweepError::Differs { what: "the scenario" });
        }
        let (rows, points_hash) = points(&plan.design)?;
        if points_hash != plan.points_hash || rows.len() != plan.points || plan.shard_size == 0 {
            return Err(SweepError::Differs { what: "the design" });
        }
        let base = with(scenario, &plan.set)?;
        let compiled = compile(&base, &limits(&plan))?;
        Self::assemble(plan, rows, base, &compiled)
    }

    fn assemble(
        plan: Plan,
        points: Vec<Vec<f64>>,
        base: Variation,
        compiled: &armistice_scenario::Compiled,
    ) -> Result<Self, SweepError> {
        let scenario = base.scenario();
        let changes = Changes::new(&plan.design, scenario, compiled)?;
        let unknown = |name: &String| AnalyzeError::Unknown { kind: "measure or claim", name: name.clone() };
        let mut measures = Vec::new();
        for name in &plan.questions.measures {
            let found = scenario.measures.iter().find(|m| m.name == *name).ok_or_else(|| unknown(name))?;
            measures.push((name.clone(), found.value.clone()));
        }
        let mut claims = Vec::new();
        for name in &plan.questions.claims {
            let found = scenario.claims.iter().find(|c| c.name == *name).ok_or_else(|| unknown(name))?;
            claims.push((name.clone(), found.holds_when.clone()));
        }
        Ok(Self { plan, points, changes, measures, claims, solutions: Arc::default(), base })
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// All points: `[point][factor]`.
    #[must_use]
    pub fn points(&self) -> &[Vec<f64>] {
        &self.points
    }

    /// The rows of some points, in their order.
    ///
    /// Every point is solved for itself, from nothing, so that a row is what [`crate::analyze`] would find there: the same bits for any
    /// number of threads, whatever was solved before. Games that are the same at several points or in several cases are solved
    /// once.
    ///
    /// - cost: for each point one solution and one forward pass for the scenario and for each case that its measures and claims name.
    /// - errors: [`AnalyzeError::Cancelled`]; everything else that goes wrong at a point is in its row.
    pub fn rows(&self, range: Range<usize>, control: &Control<'_>) -> Result<Vec<Row>, AnalyzeError> {
        let (begin, end) = (range.start.min(self.points.len()), range.end.min(self.points.len()));
        let total = Some(self.points.len() as u64);
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let positions: Vec<usize> = (begin..end.max(begin)).collect();
        let mut out = Vec::with_capacity(positions.len());
        // Some at a time, so that progress is reported from the thread that started the work.
        for some in positions.chunks(4 * rayon::current_num_threads().max(1)) {
            control.report("sweeping", (begin + out.len()) as u64, total);
            let done: Result<Vec<Row>, AnalyzeError> =
                some.par_iter().map(|point| self.row(*point, &quiet)).collect();
            out.extend(done?);
        }
        control.report("sweeping", end as u64, total);
        Ok(out)
    }

    fn row(&self, point: usize, control: &Control<'_>) -> Result<Row, AnalyzeError> {
        let values = self.points.get(point).cloned().unwrap_or_default();
        // A bug that some point brings to light must not take the other points with it. What is shared between points is a
        // cache of finished solutions.
        let solved = catch_unwind(AssertUnwindSafe(|| self.solve(point, values.clone(), control)));
        solved.unwrap_or_else(|_| {
            let error = Some("internal error: this is a bug in armistice".to_owned());
            let (measures, claims) = (vec![None; self.measures.len()], vec![None; self.claims.len()]);
            let status = PointStatus::Failed;
            Ok(Row { point, values, status, unsolved: 0.0, error, undefined: None, measures, claims })
        })
    }

    /// The scenario as written, with the parameters that are set throughout.
    pub(crate) fn base(&self) -> &Variation {
        &self.base
    }

    /// Runs as those of the points; those with the plan's own settings share their solutions.
    pub(crate) fn runs<'c>(&self, settings: &Settings, control: &Control<'c>) -> Runs<'c> {
        let plan = &self.plan;
        let spread = if settings.kept_play { Spread::Kept } else { Spread::Merge { limit: plan.nodes } };
        let pass = Propagation { spread, ..Propagation::default() };
        let runs = Runs::new(settings.clone(), limits(plan), pass, control);
        if *settings == plan.settings { runs.sharing(Arc::clone(&self.solutions)) } else { runs }
    }

    fn solve(&self, point: usize, values: Vec<f64>, control: &Control<'_>) -> Result<Row, AnalyzeError> {
        let runs = self.runs(&self.plan.settings, control);
        let variation = self.changes.variation(&self.base, &values);
        let asked = self.measures.iter().chain(&self.claims).map(|(_, expression)| expression);
        let measures = Measures::asking(&runs, &variation, &asked.collect::<Vec<_>>());
        let mut undefined = Vec::new();
        let mut numbers = Vec::new();
        for (name, expression) in &self.measures {
            let quantity = measures.number(expression)?;
            numbers.push(quantity.value);
            undefined.extend(quantity.undefined.map(|reason| format!("{name}: {reason}")));
        }
        let mut verdicts = Vec::new();
        for (name, proposition) in &self.claims {
            verdicts.push(match measures.verdict(proposition)? {
                Verdict::Holds => Some(true),
                Verdict::DoesNotHold => Some(false),
                Verdict::Undefined { reason } => {
                    undefined.push(format!("{name}: {reason}"));
                    None
                }
            });
        }
        let error = measures.failure().map(|error| format!("failed to {error}"));
        let status = match &error {
            Some(_) => PointStatus::Failed,
            None if runs.troubled() > 0 => PointStatus::NotConverged,
            None => PointStatus::Ok,
        };
        let undefined = (!undefined.is_empty()).then(|| undefined.join("; "));
        let unsolved = runs.unsolved();
        Ok(Row { point, values, status, unsolved, error, undefined, measures: numbers, claims: verdicts })
    }
}

fn limits(plan: &Plan) -> Limits {
    Limits { max_values: plan.limits.values, max_states: plan.limits.states, max_nodes: plan.limits.nodes }
}

/// The scenario with parameters set in it.
fn with(scenario: &Scenario, set: &[(String, f64)]) -> Result<Variation, AnalyzeError> {
    let mut values = Vec::new();
    for (name, value) in set {
        let position = scenario.parameters.iter().position(|p| p.name == *name);
        let unknown = || AnalyzeError::Unknown { kind: "parameter", name: name.clone() };
        values.push((position.ok_or_else(unknown)?, *value));
    }
    Ok(Variation::base(Arc::new(scenario.clone())).with_parameters(&values))
}

fn compile(base: &Variation, limits: &Limits) -> Result<armistice_scenario::Compiled, AnalyzeError> {
    base.scenario().compile(&Change::default(), limits).map_err(|diagnostics| {
        let first = diagnostics.iter().find(|d| d.is_error()).or(diagnostics.first());
        AnalyzeError::Compile { what: first.map_or_else(String::new, |d| d.message.clone()) }
    })
}
