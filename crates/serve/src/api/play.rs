//! One seat at the table: a person plays it, the others play their equilibrium, with types that nobody is told before the end.
//!
//! The server keeps nothing. A game is its case, its seed and the choices made so far; asking again with one choice more plays it again
//! from the start, with the same draws, and goes on.

use armistice::game::{Belief, Node, NodeId, PlayerId, Stage, StageTree, StateId};
use armistice::solve::{Assessment, StageSolver};
use axum::extract::State;
use axum::response::Response;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, grid};
use crate::answers::Answer;
use crate::case::Case;
use crate::error::Problem;
use crate::jobs::Lane;
use crate::server::App;
use crate::view::scenario::date;
use crate::view::stage::{Reading, ending, place};

/// Most periods of a war without a horizon.
const MOST_PERIODS: u32 = 600;

/// A game so far.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Play {
    case: Case,
    points: usize,
    /// Decides every draw: private types, the others' moves, chance.
    seed: u64,
    /// Name of the player whose moves the person makes.
    seat: String,
    /// Labels of the actions chosen so far.
    choices: Vec<String>,
}

/// Plays on until the person has to choose, or the war is over.
pub(crate) async fn play(State(app): State<App>, Asked(asked): Asked<Play>) -> Result<Response, Problem> {
    let points = grid(asked.points)?;
    let resolved = asked.case.resolve(&app.workspace)?;
    let seat = resolved.source.scenario.players.iter().position(|player| player.name == asked.seat);
    let Some(seat) = seat.map(PlayerId::new) else {
        return Err(Problem::bad(format!("there is no player `{}`", asked.seat)));
    };
    let shared = app.clone();
    app.jobs.start(Lane::Quick, move |control| {
        let answer = shared.answers.get(&resolved, points, shared.workspace.limits(), control)?;
        let mut table = Table::deal(&answer, seat, asked.seed, asked.choices);
        let state = table.play(&|| control.cancel.is_canceled())?;
        Ok(table.document(&state))
    })
}

/// How far the game has come.
enum At {
    /// The person chooses at a node of the present period.
    Choice(Value),
    /// The war is over.
    Over(Value),
    /// The war is still on at the horizon.
    Horizon,
}

/// A game being played.
struct Table<'a> {
    answer: &'a Answer,
    seat: PlayerId,
    seed: u64,
    choices: std::vec::IntoIter<String>,
    /// By player: its private type.
    types: Vec<usize>,
    period: u32,
    state: StateId,
    belief: Belief,
    /// By player: what it has earned so far, discounted to the start.
    earned: Vec<f64>,
    transcript: Vec<Value>,
}

impl<'a> Table<'a> {
    /// Draws the private types from the public belief at the start.
    fn deal(answer: &'a Answer, seat: PlayerId, seed: u64, choices: Vec<String>) -> Self {
        let game = &answer.solved.compiled.game;
        let start = &answer.run.start;
        let mut random = generator(seed, 0);
        let types = (0..game.players.len())
            .map(|player| draw(start.belief.of(game, PlayerId::new(player)), random.random::<f64>()))
            .collect();
        Self {
            answer,
            seat,
            seed,
            choices: choices.into_iter(),
            types,
            period: 0,
            state: start.state,
            belief: start.belief.clone(),
            earned: vec![0.0; game.players.len()],
            transcript: Vec::new(),
        }
    }

    fn play(&mut self, stopped: &dyn Fn() -> bool) -> Result<At, Problem> {
        let answer = self.answer;
        let (compiled, equilibrium) = (&answer.solved.compiled, &answer.solved.equilibrium);
        let game = &compiled.game;
        let horizon = answer.run.horizon().unwrap_or(MOST_PERIODS);
        let mut solver = StageSolver::new(game, equilibrium);
        loop {
            if stopped() {
                return Err(Problem::bad("stopped on request"));
            }
            let tree = match game.stages.get(self.state.index()) {
                Some(Stage::Play(tree)) => tree,
                Some(Stage::Over(end)) => {
                    self.pay(&end.payoff, self.period);
                    return Ok(At::Over(ending(&answer.resolved.source.scenario, game, end)));
                }
                None => return Err(Problem::bad("the game has no such state")),
            };
            if self.period >= horizon {
                if let Some(payoff) = game.horizon_payoffs.get(self.state.index()) {
                    self.pay(payoff, self.period);
                }
                return Ok(At::Horizon);
            }
            let solved = solver.solve(self.period, self.state, std::slice::from_ref(&self.belief));
            let Some(assessment) = solved.first() else {
                return Err(Problem::bad("the period was not solved"));
            };
            if let Some(at) = self.period(tree, assessment)? {
                return Ok(at);
            }
        }
    }

    /// Plays one period; returns where it stopped, or nothing when the next one begins.
    fn period(&mut self, tree: &StageTree, assessment: &Assessment) -> Result<Option<At>, Problem> {
        let answer = self.answer;
        let (scenario, compiled) = (&answer.resolved.source.scenario, &answer.solved.compiled);
        let reading = Reading { scenario, compiled, tree, assessment, passed: None };
        let mut random = generator(self.seed, u64::from(self.period) + 1);
        let mut node = NodeId(0);
        loop {
            let here = tree.nodes.get(node.index());
            let edges = tree.edges_of(node);
            let position = match here {
                Some(Node::Move { player, edges: range, .. }) if *player == self.seat => {
                    // Drawn and not used, so that what others draw does not depend on who sits where.
                    let _: f64 = random.random();
                    if edges.len() == 1 {
                        0
                    } else {
                        let Some(choice) = self.choices.next() else {
                            return Ok(Some(At::Choice(self.decision(&reading, node, range.start as usize))));
                        };
                        let labels =
                            edges.iter().map(|edge| here.map(|here| reading.branch(here, edge.label).0));
                        let found = labels.flatten().position(|label| label == choice);
                        found.ok_or_else(|| Problem::bad(format!("`{choice}` cannot be chosen there")))?
                    }
                }
                Some(Node::Move { player, edges: range, .. }) => {
                    let kind = self.types.get(player.index()).copied().unwrap_or(0);
                    let weights: Vec<f64> = range
                        .clone()
                        .map(|edge| assessment.strategy(edge as usize).get(kind).copied().unwrap_or(0.0))
                        .collect();
                    draw(&weights, random.random())
                }
                Some(Node::Chance { about, .. }) => {
                    let kind = about.and_then(|player| self.types.get(player.index()).copied()).unwrap_or(0);
                    let weights: Vec<f64> = edges.iter().map(|edge| tree.probability(edge, kind)).collect();
                    draw(&weights, random.random())
                }
                Some(Node::Next(state)) => {
                    let belief = assessment.belief(node);
                    if !belief.is_empty() {
                        self.belief = Belief(belief.to_vec());
                    }
                    self.state = *state;
                    self.period += 1;
                    return Ok(None);
                }
                Some(Node::End(end)) => {
                    let Some(end) = tree.ends.get(*end as usize) else {
                        return Err(Problem::bad("no such ending"));
                    };
                    self.pay(&end.payoff, self.period);
                    return Ok(Some(At::Over(ending(scenario, &compiled.game, end))));
                }
                Some(Node::Later { .. }) | None => return Err(Problem::bad("the period does not end")),
            };
            let (Some(here), Some(edge)) = (here, edges.get(position)) else {
                return Err(Problem::bad("the period does not go on"));
            };
            self.note(&reading, here, node, position);
            let row = tree.flows.row(edge.flow).to_vec();
            self.earn(&row, self.period);
            node = edge.child;
        }
    }

    /// What the person has to decide: the actions, what they are worth to the own type, and what the equilibrium would do.
    fn decision(&self, reading: &Reading<'_>, node: NodeId, first: usize) -> Value {
        let (tree, assessment) = (reading.tree, reading.assessment);
        let Some(here) = tree.nodes.get(node.index()) else { return Value::Null };
        let kind = self.types.get(self.seat.index()).copied().unwrap_or(0);
        let slot = reading.compiled.game.slots_of(self.seat).start + kind;
        let actions: Vec<Value> = tree
            .edges_of(node)
            .iter()
            .enumerate()
            .map(|(position, edge)| {
                let (label, title) = reading.branch(here, edge.label);
                json!({
                    "label": label,
                    "title": title,
                    "value": assessment.action_value(tree.flows.row(edge.flow), edge, slot),
                    "equilibrium": assessment.strategy(first + position).get(kind),
                    "belief_after": assessment.belief(edge.child),
                })
            })
            .collect();
        let (name, title) = reading.words(here);
        json!({ "move": name, "title": title, "actions": actions, "belief": assessment.belief(node) })
    }

    fn note(&mut self, reading: &Reading<'_>, here: &Node, node: NodeId, position: usize) {
        let edges = reading.tree.edges_of(node);
        let Some(edge) = edges.get(position) else { return };
        // What could not have been otherwise is no news.
        if edges.len() < 2 {
            return;
        }
        let (who, kind) = match here {
            Node::Move { player, .. } => (Some(player.index()), "move"),
            Node::Chance { .. } => (None, "chance"),
            _ => return,
        };
        let (label, title) = reading.branch(here, edge.label);
        let first = match here {
            Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges } => {
                edges.start as usize
            }
            Node::Next(_) | Node::End(_) => return,
        };
        let (stage, stage_title) = reading.words(here);
        self.transcript.push(json!({
            "period": self.period,
            "date": date(reading.scenario, self.period),
            "kind": kind,
            "player": who,
            "stage": stage,
            "stage_title": stage_title,
            "label": label,
            "title": title,
            "probability": reading.assessment.probability.get(first + position),
            "belief": reading.assessment.belief(edge.child),
        }));
    }

    /// Adds a flow, by slot, to what everyone has earned.
    fn earn(&mut self, row: &[f64], period: u32) {
        let game = &self.answer.solved.compiled.game;
        for (position, player) in game.players.iter().enumerate() {
            let kind = self.types.get(position).copied().unwrap_or(0);
            let slot = game.slots_of(PlayerId::new(position)).start + kind;
            let discount = player.discount.powf(f64::from(period));
            if let Some(earned) = self.earned.get_mut(position) {
                *earned += discount * row.get(slot).copied().unwrap_or(0.0);
            }
        }
    }

    /// Adds an end payoff, given everybody's real type.
    fn pay(&mut self, payoff: &armistice::game::Payoff, period: u32) {
        let types = self.answer.solved.compiled.game.types();
        let mut real = Vec::new();
        for (count, kind) in types.iter().zip(&self.types) {
            real.extend((0..*count).map(|own| f64::from(u8::from(own == *kind))));
        }
        let row = payoff.expected(&types, &real);
        self.earn(&row, period);
    }

    fn document(&self, at: &At) -> Value {
        let answer = self.answer;
        let (scenario, compiled) = (&answer.resolved.source.scenario, &answer.solved.compiled);
        let mut out = place(scenario, compiled, self.period, self.state, &self.belief);
        let over = !matches!(at, At::Choice(_));
        let type_of = |player: usize| {
            let kind = self.types.get(player).copied().unwrap_or(0);
            let spec = scenario.players.get(player).and_then(|player| player.types.get(kind));
            spec.map(|kind| json!({ "name": kind.name, "title": kind.title }))
        };
        // Only the own type is told before the end.
        let types: Vec<Value> = (0..self.types.len())
            .map(
                |player| {
                    if over || player == self.seat.index() { json!(type_of(player)) } else { Value::Null }
                },
            )
            .collect();
        let mut set = |key: &str, value: Value| out.insert(key.to_owned(), value);
        set("stamp", answer.stamp());
        set("seed", json!(self.seed));
        set("seat", json!(self.seat.index()));
        set("types", json!(types));
        set("transcript", json!(self.transcript));
        let kind = self.types.get(self.seat.index()).copied().unwrap_or(0);
        let slot = compiled.game.slots_of(self.seat).start + kind;
        set("expected", json!(answer.run.values.get(slot)));
        match at {
            At::Choice(decision) => {
                set("decision", decision.clone());
            }
            At::Over(end) => {
                set("end", end.clone());
                set("earned", json!(self.earned));
            }
            At::Horizon => {
                set(
                    "end",
                    json!({ "outcome": "ongoing", "title": "still on at the horizon", "terms": null }),
                );
                set("earned", json!(self.earned));
            }
        }
        Value::Object(out)
    }
}

/// A generator of its own for each period, so that a choice does not shift the draws of later periods; 0 deals the types.
fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream);
    random
}

/// Position of the share in which `x` in [0, 1) falls; the last positive one when rounding leaves none.
fn draw(weights: &[f64], x: f64) -> usize {
    let total: f64 = weights.iter().sum();
    let mut rest = x * total;
    let mut last = 0;
    for (position, weight) in weights.iter().enumerate() {
        if *weight > 0.0 {
            last = position;
            if rest < *weight {
                return position;
            }
            rest -= weight;
        }
    }
    last
}
