//! Audits: how often each claim holds over everything that is uncertain, when it does, and the nearest case in which it comes out
//! otherwise.
//!
//! An [`Audit`] plans a [`Sweep`] over the parameters of a scenario that have a range or a distribution. Its rows may be computed in one go or
//! in a folder that survives being stopped; [`Audit::findings`] then reads the table. A theory fixes some parameters: these do not vary.

mod check;
mod counterexample;
mod priors;
mod quick;
mod region;
mod turn;
mod verdict;

use armistice_scenario::{Change, Compiled, Limits, Scenario};
use armistice_solve::{Control, Selection, Settings};
use rayon::prelude::*;

pub use self::check::CheckedCase;
use self::counterexample::Search;
pub use self::quick::{Short, can_audit, quick};
pub use self::region::{CHANCE, MOST_BOXES};
pub use self::turn::Turn;
pub use self::verdict::wilson;
use crate::AnalyzeError;
use crate::design::{Design, DesignError, Factor, Levels, Sampling, Subject};
use crate::evaluate::Measures;
use crate::findings::Verdict;
pub use crate::findings::{
    AuditFindings, ClaimAudit, ClaimCheck, Counterexample, FAILS, GridCheck, HOLDS, HeldParameter,
    LargestDifference, Limit, MOSTLY, MOSTLY_NOT, Otherwise, ParameterChange, Peel, QuickAudit, Region,
    Under, Word,
};
use crate::options::Options;
use crate::parts::claims::words_of;
use crate::sweep::{Cells, Questions, Sweep, SweepError, Table};

/// Cases in a shard when an audit is kept in a folder: as many are lost at most when the program is killed.
const SHARD: usize = 16;

/// What is audited and how.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditSettings {
    /// How cases are chosen.
    pub sampling: Sampling,
    /// What varies, by name; nothing is every parameter with a range or a distribution that the theory does not fix.
    pub parameters: Vec<String>,
    /// Claims, by name; nothing is all.
    pub claims: Vec<String>,
    /// Factors on every precision under which claims are judged again at the scenario's own values.
    pub scales: Vec<f64>,
    /// Whether claims are judged again at the scenario's own values with other selections of equilibria.
    pub selections: bool,
    /// Factors on the odds of each private type under which claims are judged again at the scenario's own values, for players whose priors
    /// do not vary.
    pub odds: Vec<f64>,
    /// Most variations evaluated to leave out changes that a counterexample does not need, per claim.
    pub evaluations: usize,
    /// Cases to compute again on a finer grid, the first of the design.
    pub checked: usize,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            sampling: Sampling::Sobol { points: 64, seed: 1 },
            parameters: Vec::new(),
            claims: Vec::new(),
            scales: vec![0.5, 1.0, 2.0],
            selections: false,
            odds: vec![0.5, 2.0],
            evaluations: 24,
            checked: 8,
        }
    }
}

/// The audit of a scenario, planned.
#[derive(Debug)]
pub struct Audit {
    sweep: Sweep,
    settings: AuditSettings,
    /// The factors' values in the scenario as written.
    base: Vec<f64>,
    /// What limits compilation.
    limits: Limits,
}

impl Audit {
    /// Plans an audit.
    ///
    /// - `set`: parameters that a theory sets throughout, by name.
    /// - `fixed`: parameters that do not vary though they have a range, by name, unless the settings name them.
    /// - errors: [`SweepError::Design`] where nothing varies or a parameter has no range; [`SweepError::Analyze`] for an unknown name and a
    ///   scenario that does not compile.
    pub fn new(
        scenario: &Scenario,
        set: &[(String, f64)],
        fixed: &[String],
        settings: &AuditSettings,
        options: &Options,
    ) -> Result<Self, SweepError> {
        let claims = match settings.claims.as_slice() {
            [] => scenario.claims.iter().map(|c| c.name.clone()).collect(),
            names => names.to_vec(),
        };
        if let Some(name) = claims.iter().find(|name| scenario.claims.iter().all(|c| c.name != **name)) {
            return Err(AnalyzeError::Unknown { kind: "claim", name: name.clone() }.into());
        }
        let questions = Questions { measures: Vec::new(), claims };
        let factors = factors(scenario, fixed, &settings.parameters)?;
        let design = Design { factors, sampling: settings.sampling.clone() };
        let coarse = Options { coarse: true, ..options.clone() };
        let sweep = Sweep::new(scenario, design, questions, set, SHARD, &coarse)?;
        let values = values(sweep.base().scenario(), options)?;
        let own = |factor: &Factor| {
            let name = factor.subject.column();
            let position = scenario.parameters.iter().position(|p| p.name == name);
            position.and_then(|k| values.get(k).copied()).unwrap_or_default()
        };
        let base = sweep.plan().design.factors.iter().map(own).collect();
        Ok(Self { settings: settings.clone(), base, sweep, limits: options.limits })
    }

    /// The sweep whose rows the audit reads.
    #[must_use]
    pub fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    /// All rows, computed in one go and kept nowhere.
    ///
    /// - errors: [`AnalyzeError::Cancelled`].
    pub fn table(&self, control: &Control<'_>) -> Result<Table, AnalyzeError> {
        let rows = self.sweep.rows(0..self.sweep.points().len(), control)?;
        Ok(self.sweep.plan().table(&rows))
    }

    /// What the rows say about each claim, and what some further variations do. The same for any number of threads.
    ///
    /// - `table`: all rows of [`Audit::sweep`].
    /// - cost: for each precision, selection and prior, one solution for the scenario and each case that claims name; for each claim at most
    ///   [`AuditSettings::evaluations`] variations.
    /// - errors: [`AnalyzeError::Cancelled`], as [`SweepError::Analyze`].
    pub fn findings(&self, table: &Table, control: &Control<'_>) -> Result<AuditFindings, SweepError> {
        let under = self.under(control)?;
        self.read(table, &under, control)
    }

    /// [`Audit::findings`], given what is judged at the scenario's own values.
    fn read(
        &self,
        table: &Table,
        under: &[Judged],
        control: &Control<'_>,
    ) -> Result<AuditFindings, SweepError> {
        let plan = self.sweep.plan();
        let scenario = self.sweep.base().scenario();
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let search =
            Search { sweep: &self.sweep, base: &self.base, most: self.settings.evaluations, control: &quiet };
        let names = &plan.questions.claims;
        let mut claims = Vec::new();
        let total = Some(names.len() as u64);
        let one = |position: usize, name: &String| -> Result<Option<ClaimAudit>, SweepError> {
            let Some(claim) = scenario.claims.iter().find(|c| c.name == *name) else { return Ok(None) };
            let Outcomes { holding, failing, undefined } = Outcomes::of(table, name);
            let (holds, fails) = (holding.len(), failing.len());
            let share = (holds + fails > 0).then(|| holds as f64 / (holds + fails) as f64);
            let as_written = under.first().and_then(|(_, v, _)| v.get(position).cloned());
            let as_written = as_written.unwrap_or(Verdict::Undefined { reason: "it was not judged".into() });
            let found = region::regions(plan, table, self.sweep.points(), name)?;
            let mut boxes = found.boxes.into_iter();
            let (source, quote) = words_of(claim);
            // What it mostly does is not news.
            let wanted = share.is_some_and(|share| share < 0.5);
            let cases = if wanted { &holding } else { &failing };
            let news = if wanted { Verdict::Holds } else { Verdict::DoesNotHold };
            let counterexample = match share {
                None => None,
                Some(_) => search.find(&claim.holds_when, wanted, as_written == news, cases)?,
            };
            let others = under.iter().skip(1).filter_map(|(how, verdicts, converged)| {
                let verdict = verdicts.get(position)?.clone();
                Some(Under { how: how.clone()?, verdict, converged: *converged })
            });
            Ok(Some(ClaimAudit {
                name: claim.name.clone(),
                title: claim.title.clone(),
                says: claim.says.clone(),
                source,
                quote,
                proposition: claim.holds_when.text.clone(),
                holds,
                fails,
                undefined,
                share,
                interval: wilson(holds, holds + fails),
                word: Word::of(share),
                as_written,
                no_region: found.none,
                region: boxes.next(),
                more_regions: boxes.collect(),
                peeling: found.peeling,
                counterexample,
                under: others.collect(),
                check: None,
            }))
        };
        let numbered: Vec<(usize, &String)> = names.iter().enumerate().collect();
        for some in numbered.chunks(rayon::current_num_threads().max(1)) {
            control.report("looking for counterexamples", claims.len() as u64, total);
            let found: Result<Vec<_>, SweepError> =
                some.par_iter().map(|(position, name)| one(*position, name)).collect();
            claims.extend(found?.into_iter().flatten());
        }
        let status = texts(table, "status");
        let errors = texts(table, "error");
        let count = |word: &str| status.iter().filter(|s| s.as_deref() == Some(word)).count();
        let first = status.iter().position(|s| s.as_deref() == Some("failed"));
        Ok(AuditFindings {
            scenario: plan.scenario.clone(),
            scenario_hash: plan.scenario_hash.clone(),
            set: plan.set.clone(),
            factors: plan.design.factors.clone(),
            settings: plan.settings.clone(),
            cases: plan.points,
            failed: count("failed"),
            not_converged: count("not_converged"),
            failure: first.map(|k| (k, errors.get(k).cloned().flatten().unwrap_or_default())),
            check: None,
            claims,
        })
    }

    /// Verdicts of all claims at the scenario's own values: as planned first, then otherwise.
    fn under(&self, control: &Control<'_>) -> Result<Vec<Judged>, SweepError> {
        let mut ways: Vec<Option<Otherwise>> = vec![None];
        ways.extend(self.settings.scales.iter().map(|scale| Some(Otherwise::Precision(*scale))));
        if self.settings.selections {
            let all = [Selection::Principal, Selection::Pooling, Selection::Separating];
            ways.extend(all.map(|selection| Some(Otherwise::Selection(selection))));
        }
        let factors = &self.sweep.plan().design.factors;
        let moved = priors::moved(self.sweep.base(), factors, &self.settings.odds, &self.limits)?;
        ways.extend(moved.into_iter().map(Some));
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let mut out = Vec::new();
        for some in ways.chunks(rayon::current_num_threads().max(1)) {
            control.report("judging at own values", out.len() as u64, Some(ways.len() as u64));
            let judged: Result<Vec<Judged>, AnalyzeError> =
                some.par_iter().map(|how| self.judge(how.clone(), &quiet)).collect();
            out.extend(judged?);
        }
        Ok(out)
    }

    fn judge(&self, how: Option<Otherwise>, control: &Control<'_>) -> Result<Judged, AnalyzeError> {
        let plan = self.sweep.plan();
        let base = self.sweep.base();
        let (variation, settings) = match &how {
            Some(Otherwise::Precision(scale)) if *scale != 1.0 => {
                (base.with_precision(*scale), plan.settings.clone())
            }
            Some(Otherwise::Selection(selection)) => {
                (base.clone(), Settings { selection: *selection, ..plan.settings.clone() })
            }
            Some(Otherwise::Prior { player, kind, to, .. }) => {
                (priors::with_prior(base, player, kind, *to, &self.limits)?, plan.settings.clone())
            }
            _ => (base.clone(), plan.settings.clone()),
        };
        let runs = self.sweep.runs(&settings, control);
        let measures = Measures::new(&runs, &variation);
        let mut verdicts = Vec::new();
        for name in &plan.questions.claims {
            let claim = variation.scenario().claims.iter().find(|c| c.name == *name);
            verdicts.push(match claim {
                Some(claim) => measures.verdict(&claim.holds_when)?,
                None => Verdict::Undefined { reason: "there is no such claim".into() },
            });
        }
        Ok((how, verdicts, runs.troubled() == 0))
    }
}

/// Cases by what a claim is in them.
struct Outcomes {
    holding: Vec<usize>,
    failing: Vec<usize>,
    /// How many in which it is not defined.
    undefined: usize,
}

impl Outcomes {
    fn of(table: &Table, claim: &str) -> Self {
        let outcomes = switches(table, &format!("claim_{claim}"));
        let which = |wanted: Option<bool>| -> Vec<usize> {
            (0..outcomes.len()).filter(|k| outcomes.get(*k) == Some(&wanted)).collect()
        };
        Self { holding: which(Some(true)), failing: which(Some(false)), undefined: which(None).len() }
    }
}

/// What is otherwise, the verdict of each claim, and whether everything converged.
type Judged = (Option<Otherwise>, Vec<Verdict>, bool);

/// What varies: the parameters named, or all that have a range or a distribution and are not fixed.
fn factors(scenario: &Scenario, fixed: &[String], named: &[String]) -> Result<Vec<Factor>, SweepError> {
    let mut out = Vec::new();
    for name in named {
        if scenario.parameters.iter().all(|p| p.name != *name) {
            return Err(AnalyzeError::Unknown { kind: "parameter", name: name.clone() }.into());
        }
    }
    for parameter in &scenario.parameters {
        let range = parameter.range.map(|(low, high)| Levels::Range { low, high });
        let levels = parameter.distribution.map(Levels::Distribution).or(range);
        let wanted = if named.is_empty() {
            levels.is_some() && !fixed.contains(&parameter.name)
        } else {
            named.contains(&parameter.name)
        };
        match levels {
            _ if !wanted => {}
            Some(levels) => out.push(Factor { subject: Subject::Parameter(parameter.name.clone()), levels }),
            None => return Err(DesignError::NoRange { name: parameter.name.clone() }.into()),
        }
    }
    Ok(out)
}

/// The values of a scenario's parameters as written.
///
/// - errors: [`AnalyzeError::Compile`].
pub fn values(scenario: &Scenario, options: &Options) -> Result<Vec<f64>, AnalyzeError> {
    Ok(compile(scenario, &options.limits)?.parameters)
}

fn compile(scenario: &Scenario, limits: &Limits) -> Result<Compiled, AnalyzeError> {
    scenario.compile(&Change::default(), limits).map_err(|diagnostics| {
        let first = diagnostics.iter().find(|d| d.is_error()).or(diagnostics.first());
        AnalyzeError::Compile { what: first.map_or_else(String::new, |d| d.message.clone()) }
    })
}

/// The parameters in which a theory differs from a scenario, with the theory's values: by name, in the scenario's order.
///
/// - errors: as for [`values`].
pub fn differences(
    scenario: &Scenario,
    theory: &Scenario,
    options: &Options,
) -> Result<Vec<(String, f64)>, AnalyzeError> {
    let (ours, theirs) = (values(scenario, options)?, values(theory, options)?);
    let mut out = Vec::new();
    for (parameter, value) in scenario.parameters.iter().zip(ours) {
        let position = theory.parameters.iter().position(|p| p.name == parameter.name);
        let other = position.and_then(|k| theirs.get(k).copied());
        out.extend(other.filter(|other| *other != value).map(|other| (parameter.name.clone(), other)));
    }
    Ok(out)
}

/// What a theory holds, with what it or the scenario says of it: [`differences`] with words.
///
/// - errors: as for [`values`].
pub fn held(
    scenario: &Scenario,
    theory: &Scenario,
    options: &Options,
) -> Result<Vec<HeldParameter>, AnalyzeError> {
    let neutral = values(scenario, options)?;
    let mut out = Vec::new();
    for (name, value) in differences(scenario, theory, options)? {
        let position = scenario.parameters.iter().position(|p| p.name == name);
        let ours = position.and_then(|k| Some((scenario.parameters.get(k)?, *neutral.get(k)?)));
        let (Some((ours, from)), Some(theirs)) = (ours, theory.parameters.iter().find(|p| p.name == name))
        else {
            continue;
        };
        out.push(HeldParameter {
            neutral: from,
            value,
            range: ours.range,
            unit: ours.unit.clone(),
            says: theirs.says.clone().or_else(|| ours.says.clone()),
            source: theirs.source.clone().or_else(|| ours.source.clone()),
            parameter: name,
        });
    }
    Ok(out)
}

fn switches(table: &Table, name: &str) -> Vec<Option<bool>> {
    match table.column(name) {
        Some(Cells::Switches(cells)) => cells.clone(),
        _ => Vec::new(),
    }
}

fn texts(table: &Table, name: &str) -> Vec<Option<String>> {
    match table.column(name) {
        Some(Cells::Texts(cells)) => cells.clone(),
        _ => Vec::new(),
    }
}
