//! The sequence form of a game of two players (von Stengel 1996, Games and Economic Behavior 14, 220–246).
//!
//! A *sequence* of a player is what he did on the way to a node, the empty one included. With perfect recall all nodes of
//! an information set h have the same sequence σ(h) of their owner before them, so that a strategy is a *plan* x ≥ 0 over
//! sequences with x(∅) = 1 and Σ_a x(σ(h) a) = x(σ(h)) for every h, in matrices E x = e. Expected payoffs are xᵀ A y and
//! xᵀ B y, where the entry (σ, τ) is the payoff of all ends with these sequences before them, weighted with chance. A game
//! with n ends has at most n entries, against a table of pure strategies that grows exponentially.

use std::collections::BTreeMap;

use super::TreeError;
use super::arrays::{Arrays, Who};

/// One player's sequences and the constraints on his plans. E has one row for x(∅) = 1 and one for each information set; it
/// is kept as the sequence before each set and the range of sequences that the set's actions lead to.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    /// The information sets of the player in the game's numbering, each behind those that its owner passed before.
    pub(crate) sets: Vec<usize>,
    /// By set: the sequence before it.
    pub(crate) before: Vec<usize>,
    /// By set: its actions are the sequences `start[h]..start[h + 1]`; sequence 0 is the empty one.
    pub(crate) start: Vec<usize>,
    /// By sequence: the set of its last action; meaningless for the empty one.
    pub(crate) set_of: Vec<usize>,
    /// By set: how large differences of payoffs can be there, the unit of its row: Σ over its nodes of the odds of chance.
    pub(crate) unit: Vec<f64>,
    /// Smallest payoff and range of payoffs of the player; what [`SequenceForm::toward`] holds is (payoff − low) / range.
    pub(crate) low: f64,
    pub(crate) range: f64,
}

impl Side {
    pub(crate) fn sequences(&self) -> usize {
        self.start.last().copied().unwrap_or(1)
    }

    pub(crate) fn actions(&self, set: usize) -> std::ops::Range<usize> {
        self.start[set]..self.start[set + 1]
    }

    /// The plan that chooses all actions of every set with the same probability.
    pub(crate) fn uniform(&self) -> Vec<f64> {
        let mut plan = vec![1.0; self.sequences()];
        for set in 0..self.sets.len() {
            let weight = plan[self.before[set]] / self.actions(set).len() as f64;
            plan[self.actions(set)].fill(weight);
        }
        plan
    }
}

/// A matrix by columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse {
    first: Vec<usize>,
    entries: Vec<(usize, f64)>,
}

impl Sparse {
    /// From entries (column, row, value) in any order; the sum of those of one place is taken in their order.
    fn new(columns: usize, cells: impl Iterator<Item = (usize, usize, f64)>) -> Self {
        let mut lists: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); columns];
        for (column, row, value) in cells {
            *lists[column].entry(row).or_default() += value;
        }
        let mut out = Self { first: vec![0], entries: Vec::new() };
        for list in lists {
            out.entries.extend(list);
            out.first.push(out.entries.len());
        }
        out
    }

    /// `out += value ×` a column.
    pub(crate) fn add_column(&self, column: usize, value: f64, out: &mut [f64]) {
        for (row, entry) in &self.entries[self.first[column]..self.first[column + 1]] {
            out[*row] += value * entry;
        }
    }

    /// `out += matrix × x`.
    pub(crate) fn add_product(&self, x: &[f64], out: &mut [f64]) {
        for (column, value) in x.iter().enumerate() {
            if *value != 0.0 {
                self.add_column(column, *value, out);
            }
        }
    }
}

/// The sequence form.
#[derive(Clone, Debug)]
pub(crate) struct SequenceForm {
    pub(crate) sides: [Side; 2],
    /// By player: what a plan of the other one makes his sequences worth. Row: own sequence; column: the other's.
    pub(crate) toward: [Sparse; 2],
}

impl SequenceForm {
    /// - cost: linear in the nodes, up to the logarithm of sorting.
    /// - errors: [`TreeError::NotTwoPlayers`], [`TreeError::ImperfectRecall`], [`TreeError::Unsound`].
    pub(crate) fn new(tree: &Arrays) -> Result<Self, TreeError> {
        if tree.players != 2 {
            return Err(TreeError::NotTwoPlayers { players: tree.players });
        }
        let mut order: Vec<usize> = (0..tree.owner.len()).collect();
        // In preorder what comes first is never below what comes later; sets without nodes come last.
        order.sort_by_key(|set| tree.members[*set].first().copied().unwrap_or(usize::MAX));
        let mut at = vec![0; tree.owner.len()];
        let mut sides = [0, 1].map(|player| {
            let range = tree.payoff_range(player);
            Side {
                sets: Vec::new(),
                before: Vec::new(),
                start: vec![1],
                set_of: vec![usize::MAX],
                unit: Vec::new(),
                low: lowest(tree, player),
                range: if range > 0.0 { range } else { 1.0 },
            }
        });
        for set in order {
            let count = tree.action[set + 1] - tree.action[set];
            if count == 0 {
                return Err(TreeError::Unsound { what: "an information set has no actions" });
            }
            let side = &mut sides[tree.owner[set]];
            at[set] = side.sets.len();
            side.start.push(side.sequences() + count);
            side.set_of.extend(std::iter::repeat_n(side.sets.len(), count));
            side.sets.push(set);
            side.before.push(usize::MAX);
            side.unit.push(0.0);
        }
        let mut last = vec![[0usize; 2]; tree.nodes()];
        let mut odds = vec![1.0; tree.nodes()];
        let mut ends = Vec::new();
        for node in 0..tree.nodes() {
            let set = match tree.who[node] {
                Who::Nobody => {
                    ends.push(node);
                    continue;
                }
                Who::Set(set) => Some(set),
                Who::Chance(_) => None,
            };
            if let Some(set) = set {
                let (player, own) = (tree.owner[set], at[set]);
                let side = &mut sides[player];
                if side.before[own] == usize::MAX {
                    side.before[own] = last[node][player];
                } else if side.before[own] != last[node][player] {
                    return Err(TreeError::ImperfectRecall { set });
                }
                side.unit[own] += odds[node];
            }
            for (position, child) in tree.children(node).iter().enumerate() {
                last[*child] = last[node];
                odds[*child] = odds[node];
                match (set, tree.who[node]) {
                    (Some(set), _) => {
                        let player = tree.owner[set];
                        last[*child][player] = sides[player].start[at[set]] + position;
                    }
                    (None, Who::Chance(first)) => odds[*child] *= tree.odds[first + position],
                    (None, _) => {}
                }
            }
        }
        for side in &mut sides {
            for before in side.before.iter_mut().filter(|b| **b == usize::MAX) {
                *before = 0;
            }
            for unit in side.unit.iter_mut().filter(|u| !(**u > 0.0)) {
                *unit = 1.0;
            }
        }
        let toward = [0, 1].map(|player: usize| {
            let (side, columns) = (&sides[player], sides[1 - player].sequences());
            let cells = ends.iter().map(|end| {
                let worth = (tree.payoff(*end, player) - side.low) / side.range;
                (last[*end][1 - player], last[*end][player], odds[*end] * worth)
            });
            Sparse::new(columns, cells)
        });
        Ok(Self { sides, toward })
    }
}

fn lowest(tree: &Arrays, player: usize) -> f64 {
    let ends = (0..tree.nodes()).filter(|n| tree.who[*n] == Who::Nobody);
    let low = ends.map(|n| tree.payoff(n, player)).fold(f64::INFINITY, f64::min);
    if low.is_finite() { low } else { 0.0 }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use armistice_game::FiniteGame;

    #[test]
    fn plans_and_payoffs_of_a_small_tree() {
        // Chance, then player 1 informed, then player 2 uninformed.
        let text = r#"EFG 2 R "t" { "A" "B" }
            c "" 1 "" { "l" 1/4 "r" 3/4 } 0
            p "" 1 1 "" { "U" "D" } 0
            t "" 1 "" { 1, 0 }
            p "" 2 1 "" { "L" "R" } 0
            t "" 2 "" { 2, 4 }
            t "" 3 "" { 3, 2 }
            p "" 1 2 "" { "U" "D" } 0
            t "" 4 "" { 5, 0 }
            p "" 2 1 "" { "L" "R" } 0
            t "" 5 "" { 1, 1 }
            t "" 6 "" { 2, 1 }"#;
        let game = FiniteGame::read_efg(text).unwrap();
        let form = SequenceForm::new(&Arrays::new(&game).unwrap()).unwrap();
        let [one, two] = &form.sides;
        assert_eq!((one.sequences(), two.sequences()), (5, 3));
        assert_eq!((one.before.as_slice(), one.start.as_slice()), (&[0, 0][..], &[1, 3, 5][..]));
        assert_eq!(two.unit, [1.0]);
        // Player 2 has low = 0 and range = 4: B' x for uniform x.
        let mut worth = vec![0.0; 3];
        form.toward[1].add_product(&one.uniform(), &mut worth);
        assert_eq!(
            worth,
            [0.0, (0.5 * 0.25 * 4.0 + 0.5 * 0.75) / 4.0, (0.5 * 0.25 * 2.0 + 0.5 * 0.75) / 4.0]
        );
    }
}
