//! Audits: how often each claim holds over everything that is uncertain, when it does, and the nearest case in which it comes out
//! otherwise.
//!
//! An [`Audit`] plans a [`Sweep`] over the parameters of a scenario that have a range or a distribution. Its rows may be computed in one go or
//! in a folder that survives being stopped; [`Audit::findings`] then reads the table. A theory fixes some parameters: these do not vary.

mod counterexample;
mod region;
mod verdict;

use armistice_scenario::Scenario;
use armistice_solve::{Control, Selection, Settings};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::counterexample::Search;
pub use self::counterexample::{Counterexample, ParameterChange};
pub use self::region::{CHANCE, Limit, Region};
pub use self::verdict::{FAILS, HOLDS, MOSTLY, MOSTLY_NOT, Word, wilson};
use crate::AnalyzeError;
use crate::design::{Design, DesignError, Factor, Levels, Sampling, Subject};
use crate::evaluate::Measures;
use crate::findings::Verdict;
use crate::options::Options;
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
    /// Most variations evaluated to leave out changes that a counterexample does not need, per claim.
    pub evaluations: usize,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            sampling: Sampling::Sobol { points: 64, seed: 1 },
            parameters: Vec::new(),
            claims: Vec::new(),
            scales: vec![0.5, 1.0, 2.0],
            selections: false,
            evaluations: 24,
        }
    }
}

/// What an audit found for one scenario and theory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditFindings {
    /// Title of the scenario.
    pub scenario: String,
    /// blake3 of its files.
    pub scenario_hash: String,
    /// Parameters set throughout, by name.
    pub set: Vec<(String, f64)>,
    /// What varies.
    pub factors: Vec<Factor>,
    /// How games are solved.
    pub settings: Settings,
    /// Cases.
    pub cases: usize,
    /// Cases in which something did not compile or could not be solved; the claims that needed it are undefined there.
    pub failed: usize,
    /// Cases in which some stage game did not converge.
    pub not_converged: usize,
    /// The first case that failed, and why.
    pub failure: Option<(usize, String)>,
    /// By claim.
    pub claims: Vec<ClaimAudit>,
}

/// What an audit found about a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimAudit {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The proposition.
    pub proposition: String,
    /// Cases in which it holds.
    pub holds: usize,
    /// Cases in which it does not.
    pub fails: usize,
    /// Cases in which it is not defined; they are no part of the share.
    pub undefined: usize,
    /// Share of the cases where it is defined in which it holds.
    pub share: Option<f64>,
    /// Wilson's interval of 95 % for the share.
    pub interval: Option<(f64, f64)>,
    /// The share in a word.
    pub word: Word,
    /// Whether it holds at the scenario's own values.
    pub as_written: Verdict,
    /// When it holds.
    pub region: Option<Region>,
    /// Why there is no such box.
    pub no_region: Option<String>,
    /// The nearest case in which it comes out otherwise than mostly.
    pub counterexample: Option<Counterexample>,
    /// At the scenario's own values under other precisions and selections.
    pub under: Vec<Under>,
}

/// A claim at the scenario's own values, the game solved otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Under {
    /// What is otherwise.
    pub how: Otherwise,
    /// Whether the claim holds.
    pub verdict: Verdict,
    /// Whether every stage game converged.
    pub converged: bool,
}

/// What is otherwise than in the scenario and the settings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// Every precision multiplied by this.
    Precision(f64),
    /// Which equilibrium is sought.
    Selection(Selection),
}

/// The audit of a scenario, planned.
#[derive(Debug)]
pub struct Audit {
    sweep: Sweep,
    settings: AuditSettings,
    /// The factors' values in the scenario as written.
    base: Vec<f64>,
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
        let sweep = Sweep::new(scenario, design, questions, set, SHARD, options)?;
        let values = values(sweep.base().scenario(), options)?;
        let own = |factor: &Factor| {
            let name = factor.subject.column();
            let position = scenario.parameters.iter().position(|p| p.name == name);
            position.and_then(|k| values.get(k).copied()).unwrap_or_default()
        };
        let base = sweep.plan().design.factors.iter().map(own).collect();
        Ok(Self { settings: settings.clone(), base, sweep })
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
    /// - cost: for each precision and selection, one solution for the scenario and each case that claims name; for each claim at most
    ///   [`AuditSettings::evaluations`] variations.
    /// - errors: [`AnalyzeError::Cancelled`], as [`SweepError::Analyze`].
    pub fn findings(&self, table: &Table, control: &Control<'_>) -> Result<AuditFindings, SweepError> {
        let plan = self.sweep.plan();
        let scenario = self.sweep.base().scenario();
        let under = self.under(control)?;
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let search =
            Search { sweep: &self.sweep, base: &self.base, most: self.settings.evaluations, control: &quiet };
        let names = &plan.questions.claims;
        let mut claims = Vec::new();
        let total = Some(names.len() as u64);
        let one = |position: usize, name: &String| -> Result<Option<ClaimAudit>, SweepError> {
            let Some(claim) = scenario.claims.iter().find(|c| c.name == *name) else { return Ok(None) };
            let outcomes = switches(table, &format!("claim_{name}"));
            let which = |wanted: bool| -> Vec<usize> {
                (0..outcomes.len()).filter(|k| outcomes.get(*k) == Some(&Some(wanted))).collect()
            };
            let holding = which(true);
            let failing = which(false);
            let (holds, fails) = (holding.len(), failing.len());
            let share = (holds + fails > 0).then(|| holds as f64 / (holds + fails) as f64);
            let as_written = under.first().and_then(|(_, v, _)| v.get(position).cloned());
            let as_written = as_written.unwrap_or(Verdict::Undefined { reason: "it was not judged".into() });
            let region = region::region(plan, table, self.sweep.points(), name)?;
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
                Some(Under { how: (*how)?, verdict, converged: *converged })
            });
            Ok(Some(ClaimAudit {
                name: claim.name.clone(),
                title: claim.title.clone(),
                proposition: claim.holds_when.text.clone(),
                holds,
                fails,
                undefined: outcomes.len() - holds - fails,
                share,
                interval: wilson(holds, holds + fails),
                word: Word::of(share),
                as_written,
                no_region: region.as_ref().err().cloned(),
                region: region.ok(),
                counterexample,
                under: others.collect(),
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
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let mut out = Vec::new();
        for some in ways.chunks(rayon::current_num_threads().max(1)) {
            control.report("judging at own values", out.len() as u64, Some(ways.len() as u64));
            let judged: Result<Vec<Judged>, AnalyzeError> =
                some.par_iter().map(|how| self.judge(*how, &quiet)).collect();
            out.extend(judged?);
        }
        Ok(out)
    }

    fn judge(&self, how: Option<Otherwise>, control: &Control<'_>) -> Result<Judged, AnalyzeError> {
        let plan = self.sweep.plan();
        let base = self.sweep.base();
        let (variation, settings) = match how {
            Some(Otherwise::Precision(scale)) if scale != 1.0 => {
                (base.with_precision(scale), plan.settings.clone())
            }
            Some(Otherwise::Selection(selection)) => {
                (base.clone(), Settings { selection, ..plan.settings.clone() })
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
    let compiled = scenario.compile(&armistice_scenario::Change::default(), &options.limits);
    let compiled = compiled.map_err(|diagnostics| {
        let first = diagnostics.iter().find(|d| d.is_error()).or(diagnostics.first());
        AnalyzeError::Compile { what: first.map_or_else(String::new, |d| d.message.clone()) }
    })?;
    Ok(compiled.parameters)
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
