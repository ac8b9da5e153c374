//! The likelihood of a record and the beliefs on the way: an exact filter over what was not seen.
//!
//! Let h be a complete history of public moves and outcomes that a record is consistent with. Moves and chance events are about one player each
//! and types are independent, so Σ_θ μ(θ) Π σ(a | ·, θ) p(o | θ) = Π Pr(a | h) with Pr(a | h) the probability under the public belief, and the
//! posterior of the types given h *is* the public belief after h. Where everything was seen there is one history, and the filter is the
//! public belief. Where something was not, an observer holds a mixture of histories, each with its own public belief, since the players did see
//! what the record does not:
//!
//! ```text
//! L(record up to t) = Σ_h w_t(h),   w_{t+1}(h, x) = w_t(h) Π Pr(edges of x | h),   Pr(θ | record) = Σ_h w_t(h) b_h(θ) / Σ_h w_t(h)
//! ```
//!
//! Histories that meet in one state with one public belief are one from there on; those of least weight are left out where there are more
//! than [`FilterSettings::histories`], and what that leaves out is reported.

use armistice_game::{Belief, Node, NodeId, Stage, StageTree, StateId, WarGame};
use armistice_scenario::Observation;
use armistice_solve::{Equilibrium, SolvedStage, StageSolver};

/// Beliefs that differ by less than this in every coordinate are one belief: round-off.
const SAME_BELIEF: f64 = 1e-12;

/// How the filter works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilterSettings {
    /// Most histories kept after a period.
    pub histories: usize,
}

impl Default for FilterSettings {
    fn default() -> Self {
        Self { histories: 256 }
    }
}

/// A history, as far as it matters: where it has led.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Public state.
    pub state: StateId,
    /// Public belief, by slot.
    pub belief: Vec<f64>,
    /// Its probability given the record so far.
    pub weight: f64,
}

/// One period of a record.
#[derive(Clone, Debug)]
pub struct Month {
    /// ln Pr(what the row says | earlier rows).
    pub log_predictive: f64,
    /// Probability, given the record, of histories left out after this row.
    pub dropped: f64,
    /// Histories after the row; empty where the war is over.
    pub after: Vec<History>,
    /// How they came about.
    pub(super) links: Vec<Link>,
    /// Kept mass as a share of all.
    pub(super) kept: f64,
}

/// A way from a history to the next period.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// History before, by position in the period before.
    pub from: usize,
    /// The passage, by position among those of its state.
    pub passage: usize,
    /// History after, by position; `None`: left out, or the war is over.
    pub to: Option<usize>,
    /// Probability of the passage given the history before.
    pub probability: f64,
}

/// A record that went through the filter.
#[derive(Clone, Debug)]
pub struct Filtered {
    /// Before the first row.
    pub start: Vec<History>,
    /// By row.
    pub months: Vec<Month>,
}

impl Filtered {
    /// ln L of the record.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.months.iter().map(|m| m.log_predictive).sum()
    }

    /// Histories after so many rows.
    #[must_use]
    pub fn after(&self, rows: usize) -> &[History] {
        match rows.checked_sub(1) {
            None => &self.start,
            Some(last) => self.months.get(last).map_or(&[], |m| &m.after),
        }
    }

    /// Largest probability left out at a row.
    #[must_use]
    pub fn dropped(&self) -> f64 {
        self.months.iter().map(|m| m.dropped).fold(0.0, f64::max)
    }
}

/// Probability of each slot's type given a mixture of histories.
#[must_use]
pub fn mixed_belief(histories: &[History], slots: usize) -> Vec<f64> {
    let mut out = vec![0.0; slots];
    for history in histories {
        for (x, b) in out.iter_mut().zip(&history.belief) {
            *x += history.weight * b;
        }
    }
    out
}

/// A way through the stage of a state that a row allows: the edges passed, and where it leads.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Passage {
    pub edges: Vec<(NodeId, u32)>,
    pub exit: NodeId,
    /// The next state; `None` where the war is over.
    pub next: Option<StateId>,
}

/// The ways through a stage that a row allows, in the order of the tree.
pub(super) fn passages(game: &WarGame, tree: &StageTree, row: &Observation) -> Vec<Passage> {
    let mut out = Vec::new();
    let mut open: Vec<(NodeId, Vec<(NodeId, u32)>)> = vec![(NodeId(0), Vec::new())];
    while let Some((at, edges)) = open.pop() {
        let Some(node) = tree.nodes.get(at.index()) else { continue };
        match node {
            Node::Next(state) => {
                if !row.allows_state(game, *state) {
                    continue;
                }
                match (game.stages.get(state.index()), row.ended) {
                    (Some(Stage::Play(_)), None) => out.push(Passage { edges, exit: at, next: Some(*state) }),
                    (Some(Stage::Over(end)), Some(ended)) if end.ending.index() == ended => {
                        out.push(Passage { edges, exit: at, next: None });
                    }
                    _ => {}
                }
            }
            Node::End(end) => {
                let ending = tree.ends.get(*end as usize).map(|end| end.ending.index());
                if row.ended.is_some() && row.ended == ending {
                    out.push(Passage { edges, exit: at, next: None });
                }
            }
            Node::Move { edges: range, .. } | Node::Chance { edges: range, .. } => {
                // Last first, so that the first is taken from the stack first.
                for (number, edge) in range.clone().zip(tree.edges_of(at)).rev() {
                    if row.allows(node, edge) {
                        let mut longer = edges.clone();
                        longer.push((at, number));
                        open.push((edge.child, longer));
                    }
                }
            }
            Node::Later { .. } => {}
        }
    }
    out
}

/// Probability of an edge under the public belief at its node, which is written to `belief`.
pub(super) fn public_probability(
    game: &WarGame,
    tree: &StageTree,
    stage: &SolvedStage<'_>,
    (at, number): (NodeId, u32),
    belief: &mut [f64],
) -> f64 {
    let Some(edge) = tree.edges.get(number as usize) else { return 0.0 };
    match tree.nodes.get(at.index()) {
        Some(Node::Move { player, .. }) => {
            stage.belief(at, belief);
            let own = belief.get(game.slots_of(*player)).unwrap_or(&[]);
            own.iter().enumerate().map(|(kind, b)| b * stage.strategy(number as usize, kind)).sum()
        }
        Some(Node::Chance { about: Some(player), .. }) => {
            stage.belief(at, belief);
            let own = belief.get(game.slots_of(*player)).unwrap_or(&[]);
            own.iter().enumerate().map(|(kind, b)| b * tree.probability(edge, kind)).sum()
        }
        Some(Node::Chance { about: None, .. }) => tree.probability(edge, 0),
        _ => 1.0,
    }
}

/// The histories of one period by state, in the order of states.
pub(super) fn by_state(histories: &[History]) -> Vec<(StateId, Vec<usize>)> {
    let mut order: Vec<usize> = (0..histories.len()).collect();
    order.sort_by_key(|i| (histories[*i].state, *i));
    let mut out: Vec<(StateId, Vec<usize>)> = Vec::new();
    for i in order {
        match out.last_mut() {
            Some((state, list)) if *state == histories[i].state => list.push(i),
            _ => out.push((histories[i].state, vec![i])),
        }
    }
    out
}

/// Follows a record through a solved game.
///
/// - `start`: public state and belief before the first row.
/// - returns `None` where the record has probability 0, which only chance can cause: under a finite precision every action has some.
/// - cost: a stage solution for each history and row, after preparing the stages of the states the record is in.
#[must_use]
pub fn filter(
    game: &WarGame,
    equilibrium: &Equilibrium,
    start: (StateId, &Belief),
    rows: &[Observation],
    settings: &FilterSettings,
) -> Option<Filtered> {
    let mut solver = StageSolver::new(game, equilibrium);
    let first = vec![History { state: start.0, belief: start.1.0.clone(), weight: 1.0 }];
    let mut out = Filtered { start: first, months: Vec::with_capacity(rows.len()) };
    for (period, row) in rows.iter().enumerate() {
        let before = out.after(period);
        let month = step(game, &mut solver, u32::try_from(period).ok()?, before, row, settings)?;
        out.months.push(month);
    }
    Some(out)
}

/// One row.
fn step(
    game: &WarGame,
    solver: &mut StageSolver<'_>,
    period: u32,
    before: &[History],
    row: &Observation,
    settings: &FilterSettings,
) -> Option<Month> {
    let slots = game.slots();
    let mut belief = vec![0.0; slots];
    let mut after: Vec<History> = Vec::new();
    let mut links: Vec<Link> = Vec::new();
    let (mut total, mut over) = (0.0, 0.0);
    for (state, members) in by_state(before) {
        let Some(Stage::Play(tree)) = game.stages.get(state.index()) else { continue };
        let ways = passages(game, tree, row);
        let beliefs: Vec<&[f64]> = members.iter().map(|i| before[*i].belief.as_slice()).collect();
        solver.visit(period, state, beliefs.into_iter(), |n, stage| {
            let from = members[n];
            for (passage, way) in ways.iter().enumerate() {
                let edges = way.edges.iter();
                let probability: f64 =
                    edges.map(|edge| public_probability(game, tree, &stage, *edge, &mut belief)).product();
                let mass = before[from].weight * probability;
                if !(mass > 0.0) {
                    continue;
                }
                total += mass;
                let to = way.next.map(|next| {
                    stage.belief(way.exit, &mut belief);
                    place(&mut after, next, &belief, mass)
                });
                if to.is_none() {
                    over += mass;
                }
                links.push(Link { from, passage, to, probability });
            }
        });
    }
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    let mut kept = 1.0;
    if after.len() > settings.histories {
        kept = prune(&mut after, &mut links, settings.histories, total - over) / total;
    }
    let mass: f64 = after.iter().map(|h| h.weight).sum();
    after.iter_mut().for_each(|h| h.weight /= mass);
    Some(Month { log_predictive: total.ln(), dropped: (1.0 - kept).max(0.0), after, links, kept })
}

/// Adds mass to the history of a state and belief.
fn place(after: &mut Vec<History>, state: StateId, belief: &[f64], mass: f64) -> usize {
    let same = |h: &History| {
        h.state == state && h.belief.iter().zip(belief).all(|(a, b)| (a - b).abs() <= SAME_BELIEF)
    };
    match after.iter().position(same) {
        Some(found) => {
            after[found].weight += mass;
            found
        }
        None => {
            after.push(History { state, belief: belief.to_vec(), weight: mass });
            after.len() - 1
        }
    }
}

/// Leaves out the lightest histories; gives the mass kept.
fn prune(after: &mut Vec<History>, links: &mut [Link], most: usize, mass: f64) -> f64 {
    let mut order: Vec<usize> = (0..after.len()).collect();
    order.sort_by(|a, b| after[*b].weight.total_cmp(&after[*a].weight).then(a.cmp(b)));
    let lost: f64 = order.iter().skip(most).map(|i| after[*i].weight).sum();
    let mut keep: Vec<usize> = order.into_iter().take(most).collect();
    keep.sort_unstable();
    let mut place = vec![None; after.len()];
    for (new, old) in keep.iter().enumerate() {
        place[*old] = Some(new);
    }
    for link in links {
        link.to = link.to.and_then(|to| place[to]);
    }
    *after = keep.iter().map(|i| after[*i].clone()).collect();
    mass - lost
}
