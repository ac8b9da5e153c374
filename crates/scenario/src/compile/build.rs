//! Puts a game together: players, states in order of discovery, trees, horizon, observables, bargaining table.

use armistice_game::{
    Belief, ChanceId, ChanceInfo, EndPoint, EndingId, Horizon, MoveId, MoveInfo, Observable, Payoff, Player,
    PlayerId, PrivateType, Stage, State, StateId, StateVariable, WarGame,
};

use crate::codes;
use crate::compile::code::Scalar;
use crate::compile::constants::{Constants, constants};
use crate::compile::found::Stop;
use crate::compile::machine::Machine;
use crate::compile::program::{Linker, Program};
use crate::compile::size::Limits;
use crate::compile::space::{Budget, Space};
use crate::compile::tree::{Grower, Plan, Seen};
use crate::compile::{BargainingTable, Compiled, trim};
use crate::diagnostic::Diagnostic;
use crate::model::{Change, Domain, Scenario, StageKind};

/// Belief points of the smallest grid there is: a scenario too large for it is too large.
const SMALLEST_GRID: usize = 2;
/// Operations allowed per node allowed.
const WORK_PER_NODE: u64 = 1_000;

pub(super) fn compile(
    scenario: &Scenario,
    change: &Change,
    limits: &Limits,
) -> Result<Compiled, Vec<Diagnostic>> {
    if let Some(refusal) = scenario.refuse(SMALLEST_GRID, limits) {
        return Err(vec![refusal]);
    }
    if scenario.players.is_empty() || scenario.stages.is_empty() {
        return Err(vec![Diagnostic::error(codes::EMPTY, "a war needs players and stages")]);
    }
    let constants = constants(scenario, change)?;
    let start_belief = start_belief(scenario, &constants, change)?;
    let mut linker = Linker::new(scenario, Some(&constants));
    let mut program = linker.program();
    if !linker.problems.is_empty() {
        return Err(linker.problems);
    }
    program.tables.attributes.clone_from(&constants.attributes);
    // Which `let`s are observables depends on what they read as written, not on what parameter values leave of it.
    program.observables = Linker::new(scenario, None).observables();
    let plan = plan(scenario, &program, change);
    let seen = seen(scenario);
    let work = WORK_PER_NODE.saturating_mul(limits.max_nodes as u64);
    let machine = Machine::new(&program.tables, &program.notes, work);
    let grower = Grower::new(&plan, machine, Space::default(), Budget::new(limits.max_nodes), seen);
    let mut assembly = Assembly { grower, stages: Vec::new() };
    let finished = assembly.game(&constants, change);
    let found = assembly.grower.found;
    let (game, horizon_terms, bargaining) = match finished {
        Ok(parts) if found.is_empty() => parts,
        Ok(_) => return Err(found.finish()),
        Err(Stop(diagnostic)) => {
            let mut list = found.finish();
            list.push(diagnostic);
            return Err(list);
        }
    };
    if let Err(error) = armistice_game::check(&game) {
        return Err(vec![Diagnostic::error(codes::UNSOUND, format!("failed to {error}"))]);
    }
    let warnings =
        if is_as_written(change) { warnings(scenario, &assembly.grower.seen, &game) } else { Vec::new() };
    let position =
        |ids: &[Option<MoveId>]| (0..ids.len()).filter(|stage| ids[*stage].is_some()).collect::<Vec<usize>>();
    let mut given = vec![None; scenario.players.len()];
    for (player, kind) in &change.given {
        if let Some(slot) = given.get_mut(*player) {
            *slot = Some(*kind);
        }
    }
    Ok(Compiled {
        game,
        parameters: constants.parameters.clone(),
        move_stage: position(&plan.moves),
        chance_stage: assembly.grower.seen.chance_stage.clone(),
        start_belief,
        given,
        lever_costs: constants.lever_costs.clone(),
        horizon_terms,
        bargaining,
        warnings,
    })
}

fn is_as_written(change: &Change) -> bool {
    change.levers.is_empty()
        && change.parameters.is_empty()
        && change.commit.is_empty()
        && change.start.is_empty()
}

fn start_belief(
    scenario: &Scenario,
    constants: &Constants,
    change: &Change,
) -> Result<Belief, Vec<Diagnostic>> {
    let mut rows = constants.priors.clone();
    for (player, row) in rows.iter_mut().enumerate() {
        let stated: Vec<_> = change.belief.iter().filter(|(p, ..)| *p == player).collect();
        if stated.is_empty() {
            continue;
        }
        row.fill(0.0);
        for (_, kind, p) in stated {
            if let Some(slot) = row.get_mut(*kind) {
                *slot = *p;
            }
        }
        let mass: f64 = row.iter().sum();
        if (mass - 1.0).abs() > 1e-9 || row.iter().any(|p| !(*p >= 0.0)) {
            let name = &scenario.players[player].name;
            let message = format!("the belief about `{name}` sums to {}", trim(mass));
            return Err(vec![Diagnostic::error(codes::PRIORS, message)]);
        }
    }
    Ok(Belief(rows.concat()))
}

fn plan<'s>(scenario: &'s Scenario, program: &'s Program<'s>, change: &Change) -> Plan<'s> {
    let types: Vec<usize> = scenario.players.iter().map(|p| p.types.len()).collect();
    let mut offsets = Vec::new();
    let mut slots = 0;
    for count in &types {
        offsets.push(slots);
        slots += count;
    }
    let mut commit = vec![None; scenario.stages.len()];
    for (stage, action) in &change.commit {
        if let Some(slot) = commit.get_mut(*stage) {
            *slot = Some(action.clone());
        }
    }
    let mut next = 0;
    let moves = scenario
        .stages
        .iter()
        .map(|stage| {
            let is_move = matches!(stage.kind, StageKind::Move { .. });
            is_move.then(|| {
                next += 1;
                MoveId::new(next - 1)
            })
        })
        .collect();
    let names = ending_names(scenario);
    let endings = scenario
        .ends
        .iter()
        .map(|end| EndingId::new(names.iter().position(|n| *n == end.outcome).unwrap_or(0)))
        .collect();
    Plan { scenario, program, offsets, types, slots, commit, moves, endings }
}

/// Distinct outcomes in the order of the file.
fn ending_names(scenario: &Scenario) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for end in &scenario.ends {
        if !names.contains(&end.outcome) {
            names.push(end.outcome.clone());
        }
    }
    names
}

fn seen(scenario: &Scenario) -> Seen {
    let mut chance_stage = Vec::new();
    let chances = scenario.stages.iter().enumerate().map(|(stage, spec)| {
        matches!(spec.kind, StageKind::Chance { .. }).then(|| {
            chance_stage.push(stage);
            ChanceId::new(chance_stage.len() - 1)
        })
    });
    let chances = chances.collect();
    Seen {
        ends: vec![false; scenario.ends.len()],
        branches: scenario.stages.iter().map(|s| vec![false; s.branches.len()]).collect(),
        chances,
        chance_stage,
    }
}

/// The game, the terms at the horizon, and the bargaining table.
type Parts = (WarGame, Vec<Option<f64>>, Option<BargainingTable>);

struct Assembly<'s> {
    grower: Grower<'s>,
    stages: Vec<Stage>,
}

impl<'s> Assembly<'s> {
    fn game(&mut self, constants: &Constants, change: &Change) -> Result<Parts, Stop> {
        let scenario = self.grower.plan.scenario;
        let mut start: Vec<u16> =
            scenario.variables.iter().map(|v| u16::try_from(v.start).unwrap_or(0)).collect();
        for (variable, position) in &change.start {
            let values = self.grower.plan.program.tables.variables.get(*variable).map_or(0, Vec::len);
            let (Some(slot), Ok(position)) = (start.get_mut(*variable), u16::try_from(*position)) else {
                continue;
            };
            if usize::from(position) >= values {
                let message = format!("a start at position {position} of {values} values");
                return Err(Stop(Diagnostic::error(codes::OUTSIDE_DOMAIN, message)));
            }
            *slot = position;
        }
        self.grower.space.id(&start);
        while let Some(state) = self.grower.space.states.get(self.stages.len()).cloned() {
            let stage = self.stage(&state)?;
            self.stages.push(stage);
        }
        let states = self.grower.space.states.clone();
        let (horizon_payoffs, horizon_terms) = self.horizon(&states)?;
        let observables = self.observables(&states)?;
        let bargaining = self.bargaining(&states)?;
        let product = scenario.size(SMALLEST_GRID).states;
        let unreachable = u64::try_from(product - states.len() as u128).unwrap_or(u64::MAX);
        let game = WarGame {
            title: scenario.about.title.clone(),
            players: players(scenario, constants),
            variables: variables(scenario),
            states: states.into_iter().map(|values| State { values }).collect(),
            start: StateId::new(0),
            horizon: scenario.about.horizon.map_or(Horizon::Indefinite, Horizon::Periods),
            stages: std::mem::take(&mut self.stages),
            horizon_payoffs,
            moves: moves(scenario),
            chances: self.chances(),
            endings: ending_names(scenario),
            observables,
            unreachable,
        };
        Ok((game, horizon_terms, bargaining))
    }

    fn stage(&mut self, state: &[u16]) -> Result<Stage, Stop> {
        self.grower.machine.enter(state);
        if let Some(end) = self.over()? {
            self.grower.seen.ends[end] = true;
            return Ok(Stage::Over(self.grower.end_point(end)?));
        }
        let tree = self.grower.tree(state)?;
        let broken = || Stop(Diagnostic::error(codes::UNSOUND, "a node of a stage tree was never filled"));
        tree.map(Stage::Play).ok_or_else(broken)
    }

    /// The first ending that holds in the state at hand.
    fn over(&mut self) -> Result<Option<usize>, Stop> {
        let program = self.grower.plan.program;
        for (position, end) in program.ends.iter().enumerate() {
            // A condition without a value is a problem already; it must not end the war everywhere.
            if let Some(when) = &end.when
                && self.grower.truth(when, false)?
            {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    fn horizon(&mut self, states: &[Vec<u16>]) -> Result<(Vec<Payoff>, Vec<Option<f64>>), Stop> {
        let (mut payoffs, mut terms) = (Vec::new(), Vec::new());
        let program = self.grower.plan.program;
        let scenario = self.grower.plan.scenario;
        let (Some(end), Some(_)) = (&program.at_horizon, scenario.about.horizon) else {
            return Ok((payoffs, terms));
        };
        for (state, stage) in states.iter().zip(&self.stages) {
            if let Stage::Over(EndPoint { terms: t, payoff, .. }) = stage
                && !scenario.horizon_everywhere
            {
                payoffs.push(payoff.clone());
                terms.push(*t);
                continue;
            }
            self.grower.machine.enter(state);
            terms.push(self.grower.terms(end)?);
            payoffs.push(self.grower.end_payoff(end)?);
        }
        Ok((payoffs, terms))
    }

    fn observables(&mut self, states: &[Vec<u16>]) -> Result<Vec<Observable>, Stop> {
        let scenario = self.grower.plan.scenario;
        let program = self.grower.plan.program;
        let mut out = Vec::new();
        for slot in &program.observables {
            let (name, source) = &scenario.lets[*slot];
            let Some((code, _)) = &program.tables.lets[*slot] else { continue };
            let mut values = Vec::with_capacity(states.len());
            self.grower.budget.values(states.len())?;
            for state in states {
                self.grower.machine.enter(state);
                match self.grower.machine.evaluate(code) {
                    Ok(Scalar::Number(x)) => values.push(x),
                    Ok(_) => values.push(0.0),
                    Err(trouble) => {
                        let what = format!("`{name}`");
                        self.grower.found.trouble(trouble, source, &what, &self.grower.machine)?;
                        values.push(0.0);
                    }
                }
            }
            out.push(Observable { name: name.clone(), values });
        }
        Ok(out)
    }

    fn bargaining(&mut self, states: &[Vec<u16>]) -> Result<Option<BargainingTable>, Stop> {
        let plan = self.grower.plan;
        let Some(spec) = &plan.scenario.bargaining else { return Ok(None) };
        let branches = &plan.scenario.stages[spec.stage].branches;
        let Some(branch) = branches.iter().position(|b| b.notes.iter().any(|(n, _)| *n == spec.note)) else {
            return Ok(None);
        };
        let notes = &mut plan.program.stages[spec.stage].branches[branch].notes.iter();
        let in_branch = branches[branch].notes.iter().position(|(n, _)| *n == spec.note).unwrap_or(0);
        let note = notes.nth(in_branch).map_or(0, |(position, _)| *position);
        let steps = (spec.points.max(2) - 1) as f64;
        let terms: Vec<f64> =
            (0..spec.points).map(|i| spec.from + (spec.to - spec.from) * i as f64 / steps).collect();
        let end = &plan.program.ends[spec.end];
        let mut payoffs = Vec::with_capacity(states.len());
        for (position, state) in states.iter().enumerate() {
            let mut row = Vec::new();
            if matches!(self.stages[position], Stage::Play(_)) {
                self.grower.machine.enter(state);
                self.grower.machine.take(spec.stage, branch);
                for value in &terms {
                    self.grower.machine.note(spec.stage, note, *value);
                    row.push(self.grower.end_payoff(end)?);
                }
            }
            payoffs.push(row);
        }
        Ok(Some(BargainingTable { terms, payoffs }))
    }

    fn chances(&self) -> Vec<ChanceInfo> {
        let scenario = self.grower.plan.scenario;
        let info = |stage: &usize| {
            let spec = &scenario.stages[*stage];
            let about = match spec.kind {
                StageKind::Chance { about } => about.map(PlayerId::new),
                _ => None,
            };
            let outcomes = spec.branches.iter().map(|b| b.label.clone()).collect();
            ChanceInfo { name: spec.name.clone(), about, outcomes }
        };
        self.grower.seen.chance_stage.iter().map(info).collect()
    }
}

fn players(scenario: &Scenario, constants: &Constants) -> Vec<Player> {
    let types = |player: usize| {
        let specs = &scenario.players[player].types;
        let pairs = specs.iter().zip(&constants.priors[player]);
        pairs.map(|(spec, prior)| PrivateType { name: spec.name.clone(), prior: *prior }).collect()
    };
    let player = |(i, spec): (usize, &crate::model::PlayerSpec)| Player {
        name: spec.name.clone(),
        discount: constants.discounts[i],
        precision: constants.precisions[i],
        types: types(i),
    };
    scenario.players.iter().enumerate().map(player).collect()
}

fn variables(scenario: &Scenario) -> Vec<StateVariable> {
    let variable = |spec: &crate::model::VariableSpec| {
        let (labels, numbers) = match &spec.domain {
            Domain::Integers(from, to) => {
                let numbers: Vec<f64> = (*from..=*to).map(|x| x as f64).collect();
                ((*from..=*to).map(|x| x.to_string()).collect(), Some(numbers))
            }
            Domain::Words(words) => (words.clone(), None),
        };
        StateVariable { name: spec.name.clone(), labels, numbers }
    };
    scenario.variables.iter().map(variable).collect()
}

fn moves(scenario: &Scenario) -> Vec<MoveInfo> {
    let info = |spec: &crate::model::StageSpec| match spec.kind {
        StageKind::Move { player } => Some(MoveInfo {
            name: spec.name.clone(),
            player: PlayerId::new(player),
            actions: spec.branches.iter().map(|b| b.label.clone()).collect(),
        }),
        _ => None,
    };
    scenario.stages.iter().filter_map(info).collect()
}

/// What is written and never happens.
fn warnings(scenario: &Scenario, seen: &Seen, game: &WarGame) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    if matches!(game.stages.first(), Some(Stage::Over(_))) {
        let message = "the war is over before it starts";
        let place = scenario.variables.first().map_or(0..0, |v| v.span.clone());
        out.push(Diagnostic::warning(codes::OVER_AT_START, message).at(place, "the start lies in an ending"));
        return out;
    }
    for (end, reached) in scenario.ends.iter().zip(&seen.ends) {
        if !reached {
            let message = format!("no play reaches the ending `{}`", end.outcome);
            out.push(Diagnostic::warning(codes::UNREACHED, message).at(end.span.clone(), ""));
        }
    }
    for (stage, taken) in scenario.stages.iter().zip(&seen.branches) {
        let mut last = "";
        for branch in &stage.branches {
            let copies = stage.branches.iter().zip(taken).filter(|(b, _)| b.name == branch.name);
            if branch.name != last && copies.clone().all(|(_, taken)| !taken) {
                let what = match stage.kind {
                    StageKind::Move { .. } => "the action",
                    StageKind::Chance { .. } => "the outcome",
                    StageKind::Flow => "the stage",
                };
                let message = format!("{what} `{}` of `{}` is never possible", branch.name, stage.name);
                out.push(Diagnostic::warning(codes::UNREACHED, message).at(branch.span.clone(), ""));
            }
            last = &branch.name;
        }
    }
    out
}
