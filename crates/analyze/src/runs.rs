//! Runs on demand: every variation of a scenario is compiled, solved and followed forward once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use armistice_game::{Belief, PlayerId, Stage, TypeId, WarGame};
use armistice_scenario::{Change, Compiled, Expression, Limits, Scenario};
use armistice_solve::{Control, Equilibrium, Settings, Status, solve};

use crate::AnalyzeError;
use crate::bargaining::SettlementTable;
use crate::fingerprint::fingerprint;
use crate::forward::{Given, Propagation, Start, check};
use crate::margin::{StoppingMargin, StoppingNodes};
use crate::opening::Opening;
use crate::run::Run;

/// A scenario with some parameters set to other values, and a change on top of it (levers, commitments, …).
///
/// The parameters are changed *in the scenario*, so that levers and cases still apply to the changed values.
#[derive(Clone, Debug)]
pub struct Variation {
    scenario: Arc<Scenario>,
    overrides: BTreeMap<usize, f64>,
    /// What is changed on top.
    pub change: Change,
}

impl Variation {
    /// The scenario as written.
    #[must_use]
    pub fn base(scenario: Arc<Scenario>) -> Self {
        Self { scenario, overrides: BTreeMap::new(), change: Change::default() }
    }

    /// The scenario, parameters changed.
    #[must_use]
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// With the parameter at `position` set to a value.
    #[must_use]
    pub fn with_parameter(&self, position: usize, value: f64) -> Self {
        self.with_parameters(&[(position, value)])
    }

    /// With parameters set to values, by position.
    #[must_use]
    pub fn with_parameters(&self, values: &[(usize, f64)]) -> Self {
        let mut next = self.clone();
        if values.is_empty() {
            return next;
        }
        let scenario = Arc::make_mut(&mut next.scenario);
        for (position, value) in values {
            if let Some(parameter) = scenario.parameters.get_mut(*position) {
                parameter.value = Expression::number(*value);
            }
            next.overrides.insert(*position, *value);
        }
        next
    }

    /// With every player's precision multiplied by `scale`.
    #[must_use]
    pub fn with_precision(&self, scale: f64) -> Self {
        let mut next = self.clone();
        next.change.precision_scale = Some(next.change.precision_scale.unwrap_or(1.0) * scale);
        next
    }

    /// With a change on top: its levers join those in force, its other parts replace what they name.
    #[must_use]
    pub fn with_change(&self, inner: &Change) -> Self {
        let mut next = self.clone();
        let change = &mut next.change;
        for lever in &inner.levers {
            if !change.levers.contains(lever) {
                change.levers.push(*lever);
            }
        }
        change.parameters.extend(inner.parameters.iter().cloned());
        change.commit.retain(|(stage, _)| inner.commit.iter().all(|(other, _)| other != stage));
        change.commit.extend(inner.commit.iter().cloned());
        change.belief.retain(|(player, _, _)| inner.belief.iter().all(|(other, _, _)| other != player));
        change.belief.extend(inner.belief.iter().copied());
        change.start.retain(|(variable, _)| inner.start.iter().all(|(other, _)| other != variable));
        change.start.extend(inner.start.iter().copied());
        change.given.retain(|(player, _)| inner.given.iter().all(|(other, _)| other != player));
        change.given.extend(inner.given.iter().copied());
        if let Some(scale) = inner.precision_scale {
            change.precision_scale = Some(change.precision_scale.unwrap_or(1.0) * scale);
        }
        next
    }

    /// The players whose real type the variation fixes.
    #[must_use]
    pub fn given(&self) -> Given {
        let given = self.change.given.iter();
        Given(given.map(|(player, kind)| (PlayerId::new(*player), TypeId::new(*kind))).collect())
    }

    /// What tells two variations apart, but for the types that are given: those change no run, only its averages.
    fn key(&self) -> String {
        let change = Change { given: Vec::new(), ..self.change.clone() };
        format!("{:?}|{change:?}", self.overrides)
    }
}

/// Solutions that several [`Runs`] share: the last few, by fingerprint of their game.
///
/// A solution that is found here has the bits that solving again would give, so results do not depend on what is found.
#[derive(Debug, Default)]
pub(crate) struct Solutions(Mutex<VecDeque<(u64, Arc<Equilibrium>)>>);

/// How many solutions are shared; each may hold as many logits as its settings keep.
const SHARED: usize = 8;

impl Solutions {
    fn find(&self, print: u64) -> Option<Arc<Equilibrium>> {
        let mut list = self.0.lock().ok()?;
        let position = list.iter().position(|(known, _)| *known == print)?;
        // The last used goes last, the first in the list is given up first.
        let entry = list.remove(position)?;
        let found = Arc::clone(&entry.1);
        list.push_back(entry);
        Some(found)
    }

    fn keep(&self, print: u64, equilibrium: &Arc<Equilibrium>) {
        let Ok(mut list) = self.0.lock() else { return };
        if list.iter().all(|(known, _)| *known != print) {
            list.push_back((print, Arc::clone(equilibrium)));
        }
        while list.len() > SHARED {
            list.pop_front();
        }
    }
}

/// Compiles, solves and follows variations of one scenario on one grid, each once.
pub struct Runs<'a> {
    settings: Settings,
    limits: Limits,
    propagation: Propagation,
    control: Control<'a>,
    /// The first game solved: variations that only differ in priors or in unused parameters need no other solution.
    first: OnceLock<(u64, Arc<Equilibrium>)>,
    /// Solutions of other runs with the same settings.
    shared: Option<Arc<Solutions>>,
    cache: Mutex<BTreeMap<String, Arc<Run>>>,
    solved: AtomicUsize,
    troubled: AtomicUsize,
    /// By fingerprint of every game asked for: its stage games, and those of them that did not converge.
    stages: Mutex<BTreeMap<u64, (u64, u64)>>,
}

/// A game and its solution, kept whole.
#[derive(Clone, Debug)]
pub struct Solved {
    /// The compiled scenario.
    pub compiled: Compiled,
    /// Its solution.
    pub equilibrium: Arc<Equilibrium>,
}

impl<'a> Runs<'a> {
    /// Runs with these settings. Where many runs go on at once the control should have no progress sink.
    #[must_use]
    pub fn new(settings: Settings, limits: Limits, propagation: Propagation, control: &Control<'a>) -> Self {
        Self {
            settings,
            limits,
            propagation,
            control: control.clone(),
            first: OnceLock::new(),
            shared: None,
            cache: Mutex::new(BTreeMap::new()),
            solved: AtomicUsize::new(0),
            troubled: AtomicUsize::new(0),
            stages: Mutex::new(BTreeMap::new()),
        }
    }

    /// Takes solutions from others with the same settings, and gives them its own.
    pub(crate) fn sharing(mut self, solutions: Arc<Solutions>) -> Self {
        self.shared = Some(solutions);
        self
    }

    /// What limits compilation.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How games are solved.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What stops the runs.
    pub(crate) fn control(&self) -> &Control<'a> {
        &self.control
    }

    /// How wars are followed forward.
    pub(crate) fn propagation(&self) -> &Propagation {
        &self.propagation
    }

    /// Games so far in which some point did not converge.
    #[must_use]
    pub fn troubled(&self) -> usize {
        self.troubled.load(Ordering::Relaxed)
    }

    /// The share of stage games that did not converge, over all different games asked for so far; 0 where there were none.
    ///
    /// Independent of where solutions came from.
    pub(crate) fn unsolved(&self) -> f64 {
        let Ok(stages) = self.stages.lock() else { return 0.0 };
        let (all, open) = stages.values().fold((0u64, 0u64), |sum, own| (sum.0 + own.0, sum.1 + own.1));
        if all == 0 { 0.0 } else { open as f64 / all as f64 }
    }

    fn note(&self, print: u64, equilibrium: &Equilibrium) {
        if let Ok(mut stages) = self.stages.lock() {
            stages.insert(print, (equilibrium.counts.points, equilibrium.counts.not_converged));
        }
    }

    /// Puts a run made elsewhere into the cache.
    pub fn insert(&self, variation: &Variation, run: Run) {
        if let Ok(mut cache) = self.cache.lock() {
            cache.insert(variation.key(), Arc::new(run));
        }
    }

    /// Grid points per belief dimension.
    #[must_use]
    pub fn grid_points(&self) -> usize {
        self.settings.belief_points
    }

    /// Games solved so far.
    #[must_use]
    pub fn solved(&self) -> usize {
        self.solved.load(Ordering::Relaxed)
    }

    /// The run of a variation, from the cache where it is there.
    ///
    /// - cost: one solution and one forward pass, the first time.
    /// - errors: [`AnalyzeError::Compile`], those of solving, [`AnalyzeError::Cancelled`].
    pub fn get(&self, variation: &Variation) -> Result<Arc<Run>, AnalyzeError> {
        let key = variation.key();
        if let Some(run) = self.cache.lock().ok().and_then(|cache| cache.get(&key).cloned()) {
            return Ok(run);
        }
        // Two threads may compute the same run; both get the same numbers. Waiting for each other inside a pool that
        // steals work could wait forever.
        let solved = self.solve(variation)?;
        let run = Arc::new(self.follow(variation, &solved)?);
        if let Ok(mut cache) = self.cache.lock() {
            cache.insert(key, Arc::clone(&run));
        }
        Ok(run)
    }

    /// The values of all parameters in a variation, by position.
    ///
    /// - cost: one compilation.
    /// - errors: [`AnalyzeError::Compile`], [`AnalyzeError::Cancelled`].
    pub(crate) fn parameters(&self, variation: &Variation) -> Result<Vec<f64>, AnalyzeError> {
        Ok(self.compile(variation)?.parameters)
    }

    fn compile(&self, variation: &Variation) -> Result<Compiled, AnalyzeError> {
        if self.control.cancel.is_canceled() {
            return Err(AnalyzeError::Cancelled);
        }
        variation.scenario.compile(&variation.change, &self.limits).map_err(|diagnostics| {
            let first = diagnostics.iter().find(|d| d.is_error()).or(diagnostics.first());
            AnalyzeError::Compile { what: first.map_or_else(String::new, |d| d.message.clone()) }
        })
    }

    /// Compiles and solves a variation.
    ///
    /// - errors: as for [`Runs::get`].
    pub fn solve(&self, variation: &Variation) -> Result<Solved, AnalyzeError> {
        let compiled = self.compile(variation)?;
        let print = fingerprint(&compiled.game);
        if let Some((known, equilibrium)) = self.first.get()
            && *known == print
        {
            self.note(print, equilibrium);
            return Ok(Solved { compiled, equilibrium: Arc::clone(equilibrium) });
        }
        let equilibrium = match self.shared.as_ref().and_then(|shared| shared.find(print)) {
            Some(known) => known,
            None => self.compute(&compiled.game, print)?,
        };
        self.note(print, &equilibrium);
        if !matches!(equilibrium.status, Status::Certified | Status::Approximate) {
            self.troubled.fetch_add(1, Ordering::Relaxed);
        }
        let _ = self.first.set((print, Arc::clone(&equilibrium)));
        Ok(Solved { compiled, equilibrium })
    }

    fn compute(&self, game: &WarGame, print: u64) -> Result<Arc<Equilibrium>, AnalyzeError> {
        let equilibrium = Arc::new(solve(game, &self.settings, &self.control)?);
        if equilibrium.status == Status::Cancelled {
            return Err(AnalyzeError::Cancelled);
        }
        self.solved.fetch_add(1, Ordering::Relaxed);
        if let Some(shared) = &self.shared {
            shared.keep(print, &equilibrium);
        }
        Ok(equilibrium)
    }

    /// The stopping margins of a player at the start of a variation, by type, without following the war forward.
    ///
    /// - cost: one solution, unless the run is in the cache.
    /// - errors: as for [`Runs::get`].
    pub fn margins(&self, variation: &Variation, player: PlayerId) -> Result<Vec<Option<f64>>, AnalyzeError> {
        let key = variation.key();
        let margin = |m: Option<StoppingMargin>| m.map(|m| m.margin());
        if let Some(run) = self.cache.lock().ok().and_then(|cache| cache.get(&key).cloned()) {
            return Ok(run.margins(player).into_iter().map(margin).collect());
        }
        let Solved { compiled, equilibrium } = self.solve(variation)?;
        let game = &compiled.game;
        let start = start_of(&compiled);
        let opening = Opening::new(game, &equilibrium, &start);
        Ok(match (opening, game.stages.get(start.state.index())) {
            (Some(opening), Some(Stage::Play(tree))) => {
                let nodes = StoppingNodes::of_tree(game, tree, player);
                opening.margins(game, player, &nodes).into_iter().map(margin).collect()
            }
            _ => vec![None; game.slots_of(player).len()],
        })
    }

    /// Follows a solved variation forward.
    ///
    /// - errors: as for [`Run::new`].
    pub fn follow(&self, variation: &Variation, solved: &Solved) -> Result<Run, AnalyzeError> {
        let Solved { compiled, equilibrium } = solved;
        let run =
            Run::new(&compiled.game, equilibrium, start_of(compiled), &self.propagation, &self.control)?;
        Ok(completed(run, variation, compiled))
    }

    /// The run of a variation for which only the first period matters: from the cache where it is there, else without following the
    /// war forward.
    ///
    /// - cost: one solution, the first time.
    /// - errors: as for [`Runs::get`].
    pub(crate) fn opening(&self, variation: &Variation) -> Result<Arc<Run>, AnalyzeError> {
        let key = variation.key();
        if let Some(run) = self.cache.lock().ok().and_then(|cache| cache.get(&key).cloned()) {
            return Ok(run);
        }
        let Solved { compiled, equilibrium } = self.solve(variation)?;
        check(&compiled.game, &start_of(&compiled))?;
        let run = Run::unfollowed(&compiled.game, &equilibrium, start_of(&compiled));
        Ok(Arc::new(completed(run, variation, &compiled)))
    }
}

/// A run with what the scenario says of it.
fn completed(mut run: Run, variation: &Variation, compiled: &Compiled) -> Run {
    run.settlement = settlement(&variation.scenario, compiled, &run.start);
    run.parameters.clone_from(&compiled.parameters);
    run.lever_costs.clone_from(&compiled.lever_costs);
    run
}

/// Where a compiled scenario starts.
#[must_use]
pub fn start_of(compiled: &Compiled) -> Start {
    Start { state: compiled.game.start, belief: compiled.start_belief.clone() }
}

fn settlement(scenario: &Scenario, compiled: &Compiled, start: &Start) -> Option<SettlementTable> {
    let (spec, table) = (scenario.bargaining.as_ref()?, compiled.bargaining.as_ref()?);
    let game: &WarGame = &compiled.game;
    let Belief(belief) = &start.belief;
    let payoffs = table.payoffs.get(start.state.index())?;
    let types = game.types();
    Some(SettlementTable {
        terms: table.terms.clone(),
        payoffs: payoffs.iter().map(|payoff| payoff.expected(&types, belief)).collect(),
        attacker: game.slots_of(PlayerId::new(spec.between.0)),
        defender: game.slots_of(PlayerId::new(spec.between.1)),
    })
}
