//! How often moves and events happen, counted along the way.

use armistice_game::{ChanceId, MoveId, Node, NodeId, StageTree, WarGame};

/// Expected numbers of times that actions are chosen and outcomes occur, given each profile, over the whole war.
///
/// Moves and chance events share one numbering of *labels*: the actions of all moves, then the outcomes of all events.
#[derive(Clone, Debug, PartialEq)]
pub struct Frequencies {
    profiles: usize,
    /// By move, then by event: first label; one more entry at the end.
    offsets: Vec<usize>,
    moves: usize,
    /// `[label][profile]`
    made: Vec<f64>,
    /// `[label][earlier label][profile]`: made after the earlier one in the same period.
    after: Vec<f64>,
}

impl Frequencies {
    pub(crate) fn new(game: &WarGame, profiles: usize) -> Self {
        let mut offsets = vec![0];
        let mut next = 0;
        let moves = game.moves.iter().map(|m| m.actions.len());
        for count in moves.chain(game.chances.iter().map(|c| c.outcomes.len())) {
            next += count;
            offsets.push(next);
        }
        Self {
            profiles,
            offsets,
            moves: game.moves.len(),
            made: vec![0.0; next * profiles],
            after: vec![0.0; next * next * profiles],
        }
    }

    /// Number of labels.
    fn labels(&self) -> usize {
        self.offsets.last().copied().unwrap_or(0)
    }

    /// The label of an action.
    fn action(&self, id: MoveId, action: usize) -> Option<usize> {
        self.label(id.index(), action)
    }

    fn label(&self, group: usize, branch: usize) -> Option<usize> {
        let (from, to) = (*self.offsets.get(group)?, *self.offsets.get(group + 1)?);
        Some(from + branch).filter(|label| *label < to)
    }

    /// Adds what happened in the trees of one state.
    ///
    /// - `mass`: `[edge][profile]`, expected number of times each edge is passed.
    pub(crate) fn add(&mut self, tree: &StageTree, mass: &[f64]) {
        if !tree.nodes.is_empty() {
            self.walk(tree, NodeId(0), mass, &mut Vec::new());
        }
    }

    fn walk(&mut self, tree: &StageTree, node: NodeId, mass: &[f64], earlier: &mut Vec<usize>) {
        let (group, first) = match tree.nodes.get(node.index()) {
            Some(Node::Move { id, edges, .. }) => (id.index(), edges.start as usize),
            Some(Node::Chance { id, edges, .. }) => (self.moves + id.index(), edges.start as usize),
            _ => return,
        };
        for (position, edge) in tree.edges_of(node).iter().enumerate() {
            let from = (first + position) * self.profiles;
            let Some(passed) = mass.get(from..from + self.profiles) else { continue };
            if passed.iter().all(|x| *x == 0.0) {
                continue;
            }
            let Some(label) = self.label(group, edge.label as usize) else { continue };
            let (profiles, labels) = (self.profiles, self.labels());
            for (x, m) in self.made[label * profiles..].iter_mut().zip(passed) {
                *x += m;
            }
            for before in earlier.iter() {
                let row = (label * labels + before) * profiles;
                for (x, m) in self.after[row..].iter_mut().zip(passed) {
                    *x += m;
                }
            }
            earlier.push(label);
            self.walk(tree, edge.child, mass, earlier);
            earlier.pop();
        }
    }

    fn row(table: &[f64], row: usize, profiles: usize) -> &[f64] {
        table.get(row * profiles..(row + 1) * profiles).unwrap_or(&[])
    }

    fn sum(&self, weights: &[f64], labels: impl Iterator<Item = usize>) -> f64 {
        labels.map(|l| super::profile::mean(weights, Self::row(&self.made, l, self.profiles))).sum()
    }

    fn sum_after(&self, weights: &[f64], labels: impl Iterator<Item = usize>, earlier: &[usize]) -> f64 {
        let all = self.labels();
        labels
            .flat_map(|l| earlier.iter().map(move |e| l * all + e))
            .map(|row| super::profile::mean(weights, Self::row(&self.after, row, self.profiles)))
            .sum()
    }

    /// Expected number of times the move is made over the war.
    ///
    /// - `weights`: by profile, as from [`super::Profiles::weights`].
    #[must_use]
    pub fn made(&self, weights: &[f64], id: MoveId) -> f64 {
        let to = self.offsets.get(id.index() + 1).copied().unwrap_or(0);
        self.sum(weights, self.offsets.get(id.index()).copied().unwrap_or(0)..to)
    }

    /// Expected number of times one of `actions` is chosen over the war.
    #[must_use]
    pub fn chosen(&self, weights: &[f64], id: MoveId, actions: &[usize]) -> f64 {
        self.sum(weights, actions.iter().filter_map(|a| self.action(id, *a)))
    }

    /// Expected number of times the event occurs over the war.
    #[must_use]
    pub fn occurred(&self, weights: &[f64], id: ChanceId) -> f64 {
        self.made(weights, MoveId::new(self.moves + id.index()))
    }

    /// Share of the times the move is made in which one of `actions` is chosen; `None` where it is never made.
    ///
    /// - `actions`: positions of actions (copies made by `each` count together).
    /// - `after`: only the times it is made after one of these actions of an earlier move of the same period.
    #[must_use]
    pub fn frequency(
        &self,
        weights: &[f64],
        id: MoveId,
        actions: &[usize],
        after: Option<(MoveId, &[usize])>,
    ) -> Option<f64> {
        let from = self.offsets.get(id.index()).copied()?;
        let to = self.offsets.get(id.index() + 1).copied()?;
        let chosen = actions.iter().filter_map(|a| self.action(id, *a));
        let (some, all) = match after {
            None => (self.sum(weights, chosen), self.sum(weights, from..to)),
            Some((before, labels)) => {
                let earlier: Vec<usize> = labels.iter().filter_map(|a| self.action(before, *a)).collect();
                (self.sum_after(weights, chosen, &earlier), self.sum_after(weights, from..to, &earlier))
            }
        };
        (all > 0.0).then(|| some / all)
    }

    /// Share of the times the event occurs in which it has the outcome; `None` where it never occurs.
    #[must_use]
    pub fn chance(&self, weights: &[f64], id: ChanceId, outcomes: &[usize]) -> Option<f64> {
        self.frequency(weights, MoveId::new(self.moves + id.index()), outcomes, None)
    }
}
