//! The stage tree of one state: follows every path of a period, depth first.

use armistice_game::{ChanceId, Edge, EndingId, MoveId, NodeId, PlayerId, StageTree, StageTreeBuilder};

use crate::codes;
use crate::compile::code::Scalar;
use crate::compile::found::{Found, Stop, path};
use crate::compile::machine::Machine;
use crate::compile::payoffs::Flow;
use crate::compile::program::{BranchCode, Exp, Program};
use crate::compile::space::{Budget, Space};
use crate::compile::trim;
use crate::diagnostic::Diagnostic;
use crate::model::{Domain, Scenario, StageKind};

/// How far a probability may be off.
pub(crate) const PROBABILITY_TOLERANCE: f64 = 1e-9;

/// Where play stands after a branch was followed.
enum Step {
    Stage(usize),
    Next,
    End(usize),
}

/// What is common to the trees of all states.
pub(crate) struct Plan<'s> {
    pub scenario: &'s Scenario,
    pub program: &'s Program<'s>,
    /// First slot of each player.
    pub offsets: Vec<usize>,
    /// Number of types of each player.
    pub types: Vec<usize>,
    pub slots: usize,
    /// By stage: the branch name committed to.
    pub commit: Vec<Option<String>>,
    /// By stage.
    pub moves: Vec<Option<MoveId>>,
    /// By end.
    pub endings: Vec<EndingId>,
}

/// What was seen while building: for warnings, and the events that flows needed.
#[derive(Debug)]
pub(crate) struct Seen {
    /// By end.
    pub ends: Vec<bool>,
    /// `[stage][branch]`
    pub branches: Vec<Vec<bool>>,
    /// By stage: its event, where it has one.
    pub chances: Vec<Option<ChanceId>>,
    /// Stages of events, by event.
    pub chance_stage: Vec<usize>,
}

/// Builds trees and end payoffs.
pub(crate) struct Grower<'s> {
    pub plan: &'s Plan<'s>,
    pub machine: Machine<'s>,
    pub space: Space,
    pub budget: Budget,
    pub found: Found<'s>,
    pub seen: Seen,
    tree: StageTreeBuilder,
}

impl<'s> Grower<'s> {
    pub fn new(plan: &'s Plan<'s>, machine: Machine<'s>, space: Space, budget: Budget, seen: Seen) -> Self {
        let tree = StageTreeBuilder::new(plan.slots);
        Self { plan, machine, space, budget, found: Found::new(plan.scenario), seen, tree }
    }

    /// The tree of a state.
    pub fn tree(&mut self, state: &[u16]) -> Result<Option<StageTree>, Stop> {
        self.tree = StageTreeBuilder::new(self.plan.slots);
        self.machine.enter(state);
        let mut flow = self.nothing();
        let step = self.advance(0, &mut flow)?;
        if flow.payoff.iter().chain(&flow.cost).any(|x| *x != 0.0) {
            self.carrier(step, &flow)?;
        } else {
            self.grow(step)?;
        }
        let done = std::mem::replace(&mut self.tree, StageTreeBuilder::new(self.plan.slots));
        Ok(done.finish())
    }

    fn nothing(&self) -> Flow {
        Flow { payoff: vec![0.0; self.plan.slots], cost: vec![0.0; self.plan.slots] }
    }

    /// A certain event at the root that carries what flow stages pay before anyone moves.
    fn carrier(&mut self, step: Step, flow: &Flow) -> Result<(), Stop> {
        let first_flow =
            self.plan.scenario.stages.iter().position(|s| s.kind == StageKind::Flow).unwrap_or(0);
        let next = ChanceId::new(self.seen.chance_stage.len());
        let id = *self.seen.chances[first_flow].get_or_insert(next);
        if id == next {
            self.seen.chance_stage.push(first_flow);
        }
        let root = self.tree.open();
        self.budget.node(self.plan.slots)?;
        let child = self.grow(step)?;
        let chance = u32::try_from(self.tree.probabilities.len()).unwrap_or(u32::MAX);
        self.tree.probabilities.push(1.0);
        let edge = self.edge(child, 0, 0.0, chance, flow);
        self.tree.close_chance(root, id, None, vec![edge]);
        Ok(())
    }

    fn edge(&mut self, child: NodeId, label: usize, log_weight: f64, chance: u32, flow: &Flow) -> Edge {
        Edge {
            child,
            label: u32::try_from(label).unwrap_or(u32::MAX),
            log_weight,
            chance,
            flow: self.tree.flows.push(&flow.payoff),
            cost: self.tree.costs.push(&flow.cost),
        }
    }

    /// Passes stages that do not apply and flow stages, up to the next node.
    fn advance(&mut self, mut stage: usize, flow: &mut Flow) -> Result<Step, Stop> {
        let program = self.plan.program;
        while let Some(code) = program.stages.get(stage) {
            let applies = match &code.when {
                Some(when) => self.truth(when, true)?,
                None => true,
            };
            if applies && code.kind != StageKind::Flow {
                return Ok(Step::Stage(stage));
            }
            if applies && let Some(branch) = code.branches.first() {
                self.seen.branches[stage][0] = true;
                self.pay(branch, flow)?;
                self.change_state(branch)?;
                if let Some(end) = branch.spec.end {
                    return Ok(Step::End(end));
                }
                if branch.spec.ends_period {
                    return Ok(Step::Next);
                }
            }
            stage += 1;
        }
        Ok(Step::Next)
    }

    fn grow(&mut self, step: Step) -> Result<NodeId, Stop> {
        self.budget.node(self.plan.slots)?;
        let node = self.tree.open();
        match step {
            Step::Next => {
                let state = self.space.id(&self.machine.state);
                self.tree.close_next(node, state);
            }
            Step::End(end) => {
                self.seen.ends[end] = true;
                let point = self.end_point(end)?;
                self.tree.close_end(node, point);
            }
            Step::Stage(stage) => match self.plan.program.stages[stage].kind {
                StageKind::Chance { about } => self.chance(node, stage, about)?,
                _ => self.decision(node, stage)?,
            },
        }
        Ok(node)
    }

    /// Branches of a stage available on this path.
    fn available(&mut self, stage: usize) -> Result<Vec<usize>, Stop> {
        let branches = &self.plan.program.stages[stage].branches;
        let mut out = Vec::new();
        for (position, branch) in branches.iter().enumerate() {
            let Some(when) = &branch.when else {
                out.push(position);
                continue;
            };
            self.machine.take(stage, position);
            // The values of `each` are constants, so `when` may read them before the other notes are taken.
            for (note, value) in branch.notes.iter().filter(|(_, value)| is_constant(value)) {
                if let Ok(x) = self.machine.number(&value.code) {
                    self.machine.note(stage, *note, x);
                }
            }
            let holds = self.truth(when, true)?;
            self.machine.untake(stage);
            if holds {
                out.push(position);
            }
        }
        if let Some(name) = &self.plan.commit[stage] {
            let keeps = |position: &usize| {
                let spec = branches[*position].spec;
                spec.name == *name || spec.label == *name
            };
            let kept: Vec<usize> = out.iter().copied().filter(keeps).collect();
            if !kept.is_empty() {
                return Ok(kept);
            }
        }
        Ok(out)
    }

    fn none_available(&mut self, node: NodeId, stage: usize) {
        let spec = &self.plan.scenario.stages[stage];
        let machine = &self.machine;
        let scenario = self.plan.scenario;
        self.found.note(codes::NO_ACTION, spec.span.start, 0, || {
            let what = if matches!(spec.kind, StageKind::Move { .. }) { "action" } else { "outcome" };
            let message = format!("`{}` has no {what} available {}", spec.name, path(scenario, machine));
            Diagnostic::error(codes::NO_ACTION, message)
                .at(spec.span.clone(), "")
                .help("make one available there, or skip the stage there with `when`")
        });
        let state = self.space.id(&self.machine.state);
        self.tree.close_next(node, state);
    }

    fn decision(&mut self, node: NodeId, stage: usize) -> Result<(), Stop> {
        let available = self.available(stage)?;
        let StageKind::Move { player } = self.plan.program.stages[stage].kind else { return Ok(()) };
        let Some(id) = self.plan.moves[stage] else { return Ok(()) };
        if available.is_empty() {
            self.none_available(node, stage);
            return Ok(());
        }
        let mut edges = Vec::with_capacity(available.len());
        for position in available {
            self.seen.branches[stage][position] = true;
            let branch = &self.plan.program.stages[stage].branches[position];
            let saved = self.machine.save();
            self.enter(stage, position, branch)?;
            let log_weight = self.log_weight(branch)?;
            let (child, flow) = self.follow(stage, branch)?;
            edges.push(self.edge(child, position, log_weight, 0, &flow));
            self.machine.untake(stage);
            self.machine.restore(&saved);
        }
        self.tree.close_move(node, id, PlayerId::new(player), edges);
        Ok(())
    }

    fn log_weight(&mut self, branch: &BranchCode<'s>) -> Result<f64, Stop> {
        let Some(weight) = &branch.weight else { return Ok(0.0) };
        let x = self.number(weight)?;
        if x > 0.0 {
            return Ok(x.ln());
        }
        let (machine, scenario) = (&self.machine, self.plan.scenario);
        self.found.note(codes::WEIGHT, weight.source.span.start, 0, || {
            let place = path(scenario, machine);
            let message = format!("the weight of `{}` is {x} {place}", branch.spec.label);
            Diagnostic::error(codes::WEIGHT, message)
                .at(weight.source.span.clone(), "")
                .help("a weight is above 0; use `when` to make an action unavailable")
        });
        Ok(0.0)
    }

    /// Takes a branch and its notes.
    fn enter(&mut self, stage: usize, position: usize, branch: &BranchCode<'s>) -> Result<(), Stop> {
        self.machine.take(stage, position);
        for (note, value) in &branch.notes {
            let x = self.number(value)?;
            self.machine.note(stage, *note, x);
        }
        Ok(())
    }

    /// Pays, changes the state, and goes on.
    fn follow(&mut self, stage: usize, branch: &BranchCode<'s>) -> Result<(NodeId, Flow), Stop> {
        let mut flow = self.nothing();
        self.pay(branch, &mut flow)?;
        self.change_state(branch)?;
        let step = match branch.spec.end {
            Some(end) => Step::End(end),
            None if branch.spec.ends_period => Step::Next,
            None => self.advance(stage + 1, &mut flow)?,
        };
        Ok((self.grow(step)?, flow))
    }

    fn chance(&mut self, node: NodeId, stage: usize, about: Option<usize>) -> Result<(), Stop> {
        let available = self.available(stage)?;
        if available.is_empty() {
            self.none_available(node, stage);
            return Ok(());
        }
        let kinds = about.map_or(1, |player| self.plan.types[player]);
        let table = self.probabilities(stage, about, kinds, &available)?;
        let Some(id) = self.seen.chances[stage] else { return Ok(()) };
        let mut edges = Vec::with_capacity(available.len());
        for (position, row) in available.into_iter().zip(table) {
            // What cannot happen is left out, so that it may lead nowhere.
            if row.iter().all(|p| *p == 0.0) {
                continue;
            }
            self.seen.branches[stage][position] = true;
            let branch = &self.plan.program.stages[stage].branches[position];
            let chance = u32::try_from(self.tree.probabilities.len()).unwrap_or(u32::MAX);
            self.tree.probabilities.extend(&row);
            let saved = self.machine.save();
            self.enter(stage, position, branch)?;
            let (child, flow) = self.follow(stage, branch)?;
            edges.push(self.edge(child, position, 0.0, chance, &flow));
            self.machine.untake(stage);
            self.machine.restore(&saved);
        }
        self.tree.close_chance(node, id, about.map(PlayerId::new), edges);
        Ok(())
    }

    /// `[available outcome][type]`
    fn probabilities(
        &mut self,
        stage: usize,
        about: Option<usize>,
        kinds: usize,
        available: &[usize],
    ) -> Result<Vec<Vec<f64>>, Stop> {
        let mut table = vec![vec![0.0; kinds]; available.len()];
        let mut rest = None;
        // Types with a bad probability already: their sum says nothing new.
        let mut broken = vec![false; kinds];
        for (row, position) in available.iter().enumerate() {
            let branch = &self.plan.program.stages[stage].branches[*position];
            let Some(probability) = &branch.probability else {
                rest = Some(row);
                continue;
            };
            let saved = self.machine.save();
            self.enter(stage, *position, branch)?;
            let mut bad = Vec::new();
            for (kind, cell) in table[row].iter_mut().enumerate() {
                if let Some(player) = about {
                    self.machine.kind(player, kind);
                }
                let p = self.number(probability)?;
                *cell = p.clamp(0.0, 1.0);
                if (p - *cell).abs() > PROBABILITY_TOLERANCE {
                    bad.push((kind, p));
                }
            }
            self.machine.untake(stage);
            self.machine.restore(&saved);
            for (kind, p) in bad {
                self.bad_probability(branch, probability, p, about, kind);
                broken[kind] = true;
            }
        }
        for kind in 0..kinds {
            let sum: f64 = table.iter().map(|row| row[kind]).sum();
            let left = 1.0 - sum;
            match rest {
                Some(row) if left >= -PROBABILITY_TOLERANCE => {
                    // Rounding in the others must not make an impossible outcome possible.
                    table[row][kind] = if left < 1e-12 { 0.0 } else { left };
                }
                None if left.abs() <= PROBABILITY_TOLERANCE => {}
                _ if broken[kind] => {}
                _ => self.bad_sum(stage, sum, rest.is_some(), about, kind),
            }
        }
        Ok(table)
    }

    fn kind_words(&self, about: Option<usize>, kind: usize) -> String {
        about.map_or_else(String::new, |player| {
            let spec = &self.plan.scenario.players[player];
            format!(" for the type `{}` of `{}`", spec.types[kind].name, spec.name)
        })
    }

    fn bad_probability(
        &mut self,
        branch: &BranchCode<'s>,
        probability: &Exp<'s>,
        p: f64,
        about: Option<usize>,
        kind: usize,
    ) {
        let who = self.kind_words(about, kind);
        let (machine, scenario) = (&self.machine, self.plan.scenario);
        self.found.note(codes::PROBABILITY_RANGE, probability.source.span.start, 0, || {
            let place = path(scenario, machine);
            let message = format!("the probability of `{}` is {}{who} {place}", branch.spec.label, trim(p));
            Diagnostic::error(codes::PROBABILITY_RANGE, message)
                .at(probability.source.span.clone(), "")
                .help("a probability is between 0 and 1: `clamp(x, 0, 1)` cuts it off")
        });
    }

    fn bad_sum(&mut self, stage: usize, sum: f64, has_rest: bool, about: Option<usize>, kind: usize) {
        let who = self.kind_words(about, kind);
        let (machine, scenario) = (&self.machine, self.plan.scenario);
        let spec = &scenario.stages[stage];
        self.found.note(codes::PROBABILITY_SUM, spec.span.start, 0, || {
            let place = path(scenario, machine);
            let sum = trim(sum);
            let message = format!("the probabilities of `{}` sum to {sum}{who} {place}", spec.name);
            let help = if has_rest {
                "nothing is left for the outcome with the rest: make the others smaller"
            } else {
                "they must sum to 1: write `probability = \"rest\"` for one of them"
            };
            Diagnostic::error(codes::PROBABILITY_SUM, message).at(spec.span.clone(), "").help(help)
        });
    }

    /// Changes the state; all new values are worked out before any is taken.
    fn change_state(&mut self, branch: &BranchCode<'s>) -> Result<(), Stop> {
        let mut new = Vec::with_capacity(branch.set.len());
        for (variable, source) in &branch.set {
            match self.machine.evaluate(&source.code) {
                Ok(value) => match self.position(*variable, value) {
                    Some(position) => new.push((*variable, position)),
                    None => self.outside(*variable, source, value),
                },
                Err(trouble) => self.found.trouble(trouble, source.source, &source.what, &self.machine)?,
            }
        }
        for (variable, position) in new {
            self.machine.set(variable, position);
        }
        Ok(())
    }

    fn position(&self, variable: usize, value: Scalar) -> Option<u16> {
        let values = &self.plan.program.tables.variables[variable];
        let position = match (&self.plan.scenario.variables[variable].domain, value) {
            (Domain::Integers(from, _), Scalar::Number(x)) => {
                let steps = x - *from as f64;
                let whole = steps.round();
                if (steps - whole).abs() > 1e-9 || whole < 0.0 || whole >= values.len() as f64 {
                    return None;
                }
                whole as usize
            }
            (Domain::Words(_), value) => values.iter().position(|v| *v == value)?,
            _ => return None,
        };
        u16::try_from(position).ok()
    }

    fn outside(&mut self, variable: usize, source: &Exp<'s>, value: Scalar) {
        let (machine, scenario) = (&self.machine, self.plan.scenario);
        self.found.note(codes::OUTSIDE_DOMAIN, source.source.span.start, variable, || {
            let spec = &scenario.variables[variable];
            let place = path(scenario, machine);
            let (value, domain) = match (&spec.domain, value) {
                (Domain::Integers(from, to), Scalar::Number(x)) => {
                    (format!("{x}"), format!("{from} … {to}, whole numbers"))
                }
                (Domain::Words(words), _) => ("another word".to_owned(), words.join(", ")),
                _ => ("something else".to_owned(), String::new()),
            };
            let message = format!("`{}` would become {value} {place}", spec.name);
            Diagnostic::error(codes::OUTSIDE_DOMAIN, message)
                .at(source.source.span.clone(), format!("outside {domain}"))
                .help(format!(
                    "keep it inside with `clamp`, end the war there with `[[end]]`, or widen `{}`",
                    spec.name
                ))
        });
    }

    /// A number on this path; a problem and 0 where there is none.
    pub fn number(&mut self, source: &Exp<'s>) -> Result<f64, Stop> {
        match self.machine.number(&source.code) {
            Ok(x) => Ok(x),
            Err(trouble) => {
                self.found.trouble(trouble, source.source, &source.what, &self.machine)?;
                Ok(0.0)
            }
        }
    }

    /// A truth value on this path; a problem and `otherwise` where there is none.
    pub fn truth(&mut self, source: &Exp<'s>, otherwise: bool) -> Result<bool, Stop> {
        match self.machine.truth(&source.code) {
            Ok(b) => Ok(b),
            Err(trouble) => {
                self.found.trouble(trouble, source.source, &source.what, &self.machine)?;
                Ok(otherwise)
            }
        }
    }
}

fn is_constant(value: &Exp<'_>) -> bool {
    matches!(value.code, crate::compile::code::Code::Constant(_))
}
