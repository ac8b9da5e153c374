//! From table to tree.

use super::{Cells, FiniteGame, FiniteKind, FiniteNode, InformationSet, NormalGame, Outcome};

impl NormalGame {
    /// The same game as a tree: players choose one after another, and nobody learns what was chosen before.
    ///
    /// Each player has one information set. Players with a single strategy come first, then the others in their order: so the
    /// tree has at most twice as many nodes as the table has profiles, and one more for each of those players. Outcomes are
    /// listed as the tree reaches them; in a table of payoffs each profile has its own.
    ///
    /// A game whose table does not fit its strategies, which [`validate`](Self::validate) reports, gives a tree without nodes.
    #[must_use]
    pub fn to_tree(&self) -> FiniteGame {
        let mut tree = FiniteGame {
            title: self.title.clone(),
            comment: self.comment.clone(),
            players: self.players.clone(),
            nodes: Vec::new(),
            sets: Vec::new(),
            chances: Vec::new(),
            outcomes: Vec::new(),
        };
        if !self.fits() {
            return tree;
        }
        let counts: Vec<usize> = self.strategies.iter().map(Vec::len).collect();
        let (single, several): (Vec<usize>, Vec<usize>) =
            (0..counts.len()).partition(|&player| counts[player] == 1);
        let order: Vec<usize> = single.into_iter().chain(several).collect();
        // How far apart profiles are that differ in the strategy of one player by one.
        let strides: Vec<usize> = counts
            .iter()
            .scan(1, |product, &count| {
                let stride = *product;
                *product *= count;
                Some(stride)
            })
            .collect();
        tree.sets = order
            .iter()
            .map(|&player| InformationSet {
                player: player as u32,
                number: 1,
                name: String::new(),
                actions: self.strategies[player].clone(),
            })
            .collect();
        let mut listed = Listed::new(&self.cells, self.players.len());
        // Nodes to come, the next one last: parent, depth, and the first profile that can still follow.
        let mut open: Vec<(Option<usize>, usize, usize)> = vec![(None, 0, 0)];
        while let Some((parent, depth, profile)) = open.pop() {
            let position = tree.nodes.len();
            if let Some(parent) = parent {
                tree.nodes[parent].children.push(position as u32);
            }
            let (kind, outcome) = match order.get(depth) {
                Some(&player) => {
                    let next = (0..counts[player]).rev();
                    open.extend(next.map(|s| (Some(position), depth + 1, profile + s * strides[player])));
                    (FiniteKind::Move { set: depth as u32 }, None)
                }
                None => (FiniteKind::Terminal, listed.reach(profile, &mut tree.outcomes)),
            };
            tree.nodes.push(FiniteNode { name: String::new(), kind, children: Vec::new(), outcome });
        }
        tree
    }
}

/// The outcomes of a table, as far as a tree has reached them.
struct Listed<'a> {
    cells: &'a Cells,
    players: usize,
    /// Where each outcome of the table is in the tree.
    positions: Vec<Option<u32>>,
}

impl<'a> Listed<'a> {
    fn new(cells: &'a Cells, players: usize) -> Self {
        let length = match cells {
            Cells::Payoffs(_) => 0,
            Cells::Outcomes { outcomes, .. } => outcomes.len(),
        };
        Self { cells, players, positions: vec![None; length] }
    }

    /// The outcome of a profile; it is added to the tree where it is reached first.
    fn reach(&mut self, profile: usize, reached: &mut Vec<Outcome>) -> Option<u32> {
        let position = reached.len() as u32;
        match self.cells {
            Cells::Payoffs(payoffs) => {
                let start = profile * self.players;
                reached.push(Outcome {
                    number: i64::from(position) + 1,
                    name: String::new(),
                    payoffs: payoffs.get(start..start + self.players)?.to_vec(),
                });
                Some(position)
            }
            Cells::Outcomes { outcomes, cells } => {
                let cell = (*cells.get(profile)?)? as usize;
                let known = self.positions.get_mut(cell)?;
                if known.is_none() {
                    reached.push(outcomes.get(cell)?.clone());
                    *known = Some(position);
                }
                *known
            }
        }
    }
}
