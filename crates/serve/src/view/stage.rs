//! One period at one belief: the tree of its moves, what every type does at each and why.

use armistice::analyze::StoppingNodes;
use armistice::game::{Belief, EndPoint, Node, NodeId, PlayerId, Stage, StageTree, StateId, WarGame};
use armistice::scenario::{Compiled, Scenario};
use armistice::solve::Assessment;
use serde_json::{Map, Value, json};

use super::scenario::date;

/// A stage and what is played in it.
pub(crate) struct Reading<'a> {
    pub scenario: &'a Scenario,
    pub compiled: &'a Compiled,
    pub tree: &'a StageTree,
    pub assessment: &'a Assessment,
    /// By edge: how likely it is, given a row of the record, that play passed it.
    pub passed: Option<&'a [f64]>,
}

/// Where a war stands at the start of a period.
pub(crate) fn place(
    scenario: &Scenario,
    compiled: &Compiled,
    period: u32,
    state: StateId,
    belief: &Belief,
) -> Map<String, Value> {
    let game = &compiled.game;
    let mut out = Map::new();
    out.insert("period".into(), json!(period));
    out.insert("date".into(), json!(date(scenario, period)));
    out.insert("state".into(), json!(state.index()));
    out.insert("state_values".into(), json!(state_words(scenario, game, state)));
    out.insert("observables".into(), json!(observables(game, state)));
    out.insert("belief".into(), json!(belief.0));
    let over = match game.stages.get(state.index()) {
        Some(Stage::Over(end)) => Some(ending(scenario, game, end)),
        _ => None,
    };
    out.insert("over".into(), json!(over));
    out
}

/// The state in words: title and label of every variable.
fn state_words(scenario: &Scenario, game: &WarGame, state: StateId) -> Vec<(String, String)> {
    let Some(state) = game.states.get(state.index()) else { return Vec::new() };
    let variables = scenario.variables.iter().zip(&game.variables).zip(&state.values);
    variables
        .map(|((words, variable), value)| {
            let label = variable.labels.get(usize::from(*value)).cloned().unwrap_or_default();
            (words.title.clone(), label)
        })
        .collect()
}

fn observables(game: &WarGame, state: StateId) -> Map<String, Value> {
    let rows = game.observables.iter();
    rows.map(|row| (row.name.clone(), json!(row.values.get(state.index())))).collect()
}

/// How a war ended: kind, words, terms.
pub(crate) fn ending(scenario: &Scenario, game: &WarGame, end: &EndPoint) -> Value {
    let outcome = game.endings.get(end.ending.index()).cloned().unwrap_or_default();
    let words = scenario.ends.iter().find(|known| known.outcome == outcome);
    json!({ "outcome": outcome, "title": words.map_or(&outcome, |known| &known.title), "terms": end.terms })
}

impl Reading<'_> {
    fn game(&self) -> &WarGame {
        &self.compiled.game
    }

    /// Every node in preorder, with its edges, and the stopping margins read in this period.
    pub fn document(&self) -> Value {
        let nodes: Vec<Value> =
            (0..self.tree.nodes.len()).map(|index| self.node(NodeId::new(index))).collect();
        json!({ "nodes": nodes, "margins": self.margins(), "residual": self.assessment.residual })
    }

    /// Name and title of the move or event of a node.
    pub fn words(&self, node: &Node) -> (String, String) {
        let position = match node {
            Node::Move { id, .. } => self.compiled.move_stage.get(id.index()),
            Node::Chance { id, .. } => self.compiled.chance_stage.get(id.index()),
            Node::Next(_) | Node::Later { .. } | Node::End(_) => None,
        };
        let stage = position.and_then(|position| self.scenario.stages.get(*position));
        stage.map_or_else(Default::default, |stage| (stage.name.clone(), stage.title.clone()))
    }

    /// Label and title of a branch of a node.
    pub fn branch(&self, node: &Node, label: u32) -> (String, String) {
        let game = self.game();
        let (labels, position) = match node {
            Node::Move { id, .. } => (
                game.moves.get(id.index()).map(|info| &info.actions),
                self.compiled.move_stage.get(id.index()),
            ),
            Node::Chance { id, .. } => (
                game.chances.get(id.index()).map(|info| &info.outcomes),
                self.compiled.chance_stage.get(id.index()),
            ),
            Node::Next(_) | Node::Later { .. } | Node::End(_) => (None, None),
        };
        let label = labels.and_then(|labels| labels.get(label as usize)).cloned().unwrap_or_default();
        let stage = position.and_then(|position| self.scenario.stages.get(*position));
        let branch = stage.and_then(|stage| stage.branches.iter().find(|branch| branch.label == label));
        let title = branch.map_or_else(|| label.clone(), |branch| branch.title.clone());
        (label, title)
    }

    fn node(&self, id: NodeId) -> Value {
        let Some(node) = self.tree.nodes.get(id.index()) else { return Value::Null };
        let (name, title) = self.words(node);
        let edges: Vec<Value> = match node {
            Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges } => {
                let first = edges.start as usize;
                (first..edges.end as usize).map(|at| self.edge(node, at)).collect()
            }
            Node::Next(_) | Node::End(_) => Vec::new(),
        };
        let (kind, player) = match node {
            Node::Move { player, .. } => ("move", Some(player.index())),
            Node::Chance { about, .. } => ("chance", about.map(PlayerId::index)),
            Node::Next(_) => ("next", None),
            Node::Later { .. } => ("later", None),
            Node::End(_) => ("end", None),
        };
        let next = if let Node::Next(state) = node { Some(state.index()) } else { None };
        let end = match node {
            Node::End(end) => {
                self.tree.ends.get(*end as usize).map(|end| ending(self.scenario, self.game(), end))
            }
            Node::Next(state) => match self.game().stages.get(state.index()) {
                Some(Stage::Over(end)) => Some(ending(self.scenario, self.game(), end)),
                _ => None,
            },
            _ => None,
        };
        json!({
            "kind": kind,
            "name": name,
            "title": title,
            "player": player,
            "belief": self.assessment.belief(id),
            "value": self.assessment.value(id),
            "edges": edges,
            "next": next,
            "next_words": next.map(|state| state_words(self.scenario, self.game(), StateId::new(state))),
            "end": end,
        })
    }

    fn edge(&self, node: &Node, at: usize) -> Value {
        let Some(edge) = self.tree.edges.get(at) else { return Value::Null };
        let (label, title) = self.branch(node, edge.label);
        let values: Vec<f64> = match node {
            Node::Move { player, .. } => self
                .game()
                .slots_of(*player)
                .map(|slot| self.assessment.action_value(self.tree.flows.row(edge.flow), edge, slot))
                .collect(),
            _ => Vec::new(),
        };
        json!({
            "child": edge.child.index(),
            "label": label,
            "title": title,
            "probability": self.assessment.probability.get(at),
            "strategy": self.assessment.strategy(at),
            "value": values,
            "passed": self.passed.and_then(|passed| passed.get(at)),
        })
    }

    /// Stopping margins of every player who can end the war here, by type.
    fn margins(&self) -> Vec<Value> {
        let mut out = Vec::new();
        for (position, player) in self.scenario.players.iter().enumerate() {
            let id = PlayerId::new(position);
            let nodes = StoppingNodes::of_tree(self.game(), self.tree, id);
            let margins: Vec<Option<f64>> = self
                .game()
                .slots_of(id)
                .map(|slot| nodes.margin(self.tree, self.assessment, slot).map(|margin| margin.margin()))
                .collect();
            if margins.iter().any(Option::is_some) {
                out.push(json!({ "player": player.name, "position": position, "margins": margins }));
            }
        }
        out
    }
}
