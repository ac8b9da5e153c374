//! The nodes of one period, and how arriving wars find their node.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use armistice_game::{StateId, WarGame};
use armistice_solve::BeliefGrid;

/// Cells this fine (2⁻²⁴ of a belief) only merge what differs by round-off.
pub(crate) const EXACT_LEVEL: u32 = 24;

/// Cells are never coarser than 2⁻²; a game with more states than nodes allowed keeps them all.
pub(crate) const COARSEST_LEVEL: u32 = 2;

/// Nodes of one period: wars at the same state and belief.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frontier {
    /// By node.
    pub states: Vec<StateId>,
    /// `[node][slot]`
    pub beliefs: Vec<f64>,
    /// `[node][measure]`: probabilities of being here, given each profile and then as each slot sees it.
    pub mass: Vec<f64>,
}

impl Frontier {
    pub fn len(&self) -> usize {
        self.states.len()
    }

    pub fn push(&mut self, state: StateId, belief: &[f64], mass: &[f64]) {
        self.states.push(state);
        self.beliefs.extend_from_slice(belief);
        self.mass.extend_from_slice(mass);
    }

    pub fn belief(&self, node: usize, slots: usize) -> &[f64] {
        self.beliefs.get(node * slots..(node + 1) * slots).unwrap_or(&[])
    }

    pub fn mass(&self, node: usize, measures: usize) -> &[f64] {
        self.mass.get(node * measures..(node + 1) * measures).unwrap_or(&[])
    }
}

/// Collects the wars that arrive in a period into nodes.
pub(crate) struct Collector<'a> {
    slots: usize,
    measures: usize,
    /// Probability of each profile at the start: weighs beliefs when nodes merge.
    prior: &'a [f64],
    cells: Cells<'a>,
    /// Slots whose probabilities tell two beliefs apart: of every player all types but the last.
    free: Vec<usize>,
    nodes: Frontier,
    /// By node: the weight its belief was averaged with.
    weights: Vec<f64>,
    index: HashMap<Vec<u32>, usize, BuildHasherDefault<KeyHasher>>,
}

/// What counts as the same belief.
#[derive(Clone, Copy)]
pub(crate) enum Cells<'a> {
    /// Beliefs in one cell of side 2⁻ˡᵉᵛᵉˡ, coarsened while there are more nodes than `limit`.
    Level { level: u32, limit: usize },
    /// Beliefs are split onto the points of a grid with the interpolation weights.
    Grid(&'a BeliefGrid),
}

impl<'a> Collector<'a> {
    pub fn new(game: &WarGame, prior: &'a [f64], measures: usize, cells: Cells<'a>) -> Self {
        let mut free = Vec::new();
        let mut offset = 0;
        for player in &game.players {
            free.extend(offset..offset + player.types.len().saturating_sub(1));
            offset += player.types.len();
        }
        Self {
            slots: offset,
            measures,
            prior,
            cells,
            free,
            nodes: Frontier::default(),
            weights: Vec::new(),
            index: HashMap::default(),
        }
    }

    /// Takes in every node of `arrivals`, in order.
    pub fn absorb(&mut self, arrivals: &Frontier) {
        for node in 0..arrivals.len() {
            let state = arrivals.states[node];
            let belief = arrivals.belief(node, self.slots);
            let mass = arrivals.mass(node, self.measures);
            match self.cells {
                Cells::Level { level, .. } => {
                    self.insert(key(state, belief, &self.free, level), state, belief, mass)
                }
                Cells::Grid(grid) => {
                    for (point, weight) in grid.locate(belief) {
                        let share: Vec<f64> = mass.iter().map(|m| m * weight).collect();
                        let key = vec![state.0, u32::try_from(point).unwrap_or(u32::MAX)];
                        self.insert(key, state, &grid.belief(point), &share);
                    }
                }
            }
        }
        self.coarsen();
    }

    fn insert(&mut self, key: Vec<u32>, state: StateId, belief: &[f64], mass: &[f64]) {
        // Beliefs are averaged over wars as the public sees them. Where the public gives a node no chance at all (it
        // excludes the true type), every profile counts alike.
        let public: f64 = mass.iter().zip(self.prior).map(|(m, p)| m * p).sum();
        let weight = public.max(f64::MIN_POSITIVE * 1e30 * mass.iter().sum::<f64>());
        let next = self.nodes.len();
        let node = *self.index.entry(key).or_insert(next);
        if node == next {
            self.nodes.push(state, belief, mass);
            self.weights.push(weight);
            return;
        }
        let old = self.weights[node];
        let total = old + weight;
        let share = if total > 0.0 { weight / total } else { 0.0 };
        let slots = self.slots;
        for (x, b) in self.nodes.beliefs[node * slots..(node + 1) * slots].iter_mut().zip(belief) {
            *x += share * (b - *x);
        }
        self.weights[node] = total;
        let measures = self.measures;
        for (x, m) in self.nodes.mass[node * measures..(node + 1) * measures].iter_mut().zip(mass) {
            *x += m;
        }
    }

    fn coarsen(&mut self) {
        while let Cells::Level { level, limit } = self.cells {
            if self.nodes.len() <= limit || level <= COARSEST_LEVEL {
                return;
            }
            let nodes = std::mem::take(&mut self.nodes);
            self.weights.clear();
            self.index.clear();
            // Cells nest, so that merging early or late puts the same wars together.
            self.cells = Cells::Level { level: level - 1, limit };
            for node in 0..nodes.len() {
                let state = nodes.states[node];
                let belief = nodes.belief(node, self.slots);
                let key = key(state, belief, &self.free, level - 1);
                self.insert(key, state, belief, nodes.mass(node, self.measures));
            }
        }
    }

    /// The nodes, those of one state together, and the level of the cells in the end.
    pub fn finish(self) -> (Frontier, u32) {
        let level = match self.cells {
            Cells::Level { level, .. } => level,
            Cells::Grid(_) => EXACT_LEVEL,
        };
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|node| self.nodes.states[*node]);
        let mut sorted = Frontier::default();
        for node in order {
            sorted.push(
                self.nodes.states[node],
                self.nodes.belief(node, self.slots),
                self.nodes.mass(node, self.measures),
            );
        }
        (sorted, level)
    }
}

pub(crate) fn key(state: StateId, belief: &[f64], free: &[usize], level: u32) -> Vec<u32> {
    let cells = f64::from(1u32 << level);
    let mut key = Vec::with_capacity(free.len() + 1);
    key.push(state.0);
    for slot in free {
        let b = belief.get(*slot).copied().unwrap_or(0.0);
        // The cell of 1 joins the last one below it. The cast truncates a value that is in range by construction.
        key.push((b * cells).clamp(0.0, cells - 1.0) as u32);
    }
    key
}

/// A hasher for short keys of integers. Only looks up: no order of the map is ever used.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        // The multiplication leaves the low bits weak, and the table reads those first.
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use armistice_game::{Horizon, Player, Precision, PrivateType};

    fn game() -> WarGame {
        let types = [("a", 0.5), ("b", 0.5)];
        let types = types.map(|(name, prior)| PrivateType { name: name.into(), prior }).to_vec();
        WarGame {
            title: String::new(),
            players: vec![Player {
                name: "p".into(),
                discount: 1.0,
                precision: Precision::Finite(1.0),
                types,
            }],
            variables: vec![],
            states: vec![],
            start: StateId(0),
            horizon: Horizon::Periods(1),
            stages: vec![],
            horizon_payoffs: vec![],
            moves: vec![],
            chances: vec![],
            endings: vec![],
            observables: vec![],
            unreachable: 0,
        }
    }

    #[test]
    fn merging_keeps_mass_and_the_mean_belief() {
        let game = game();
        let prior = [0.5, 0.5];
        let mut arrivals = Frontier::default();
        for i in 0..100 {
            // Mass by type in the proportions Bayes' rule asks for.
            let b = f64::from(i) / 99.0;
            arrivals.push(StateId(i % 2), &[b, 1.0 - b], &[b * 0.02, (1.0 - b) * 0.02]);
        }
        let mut collector = Collector::new(&game, &prior, 2, Cells::Level { level: EXACT_LEVEL, limit: 10 });
        collector.absorb(&arrivals);
        let (nodes, level) = collector.finish();
        assert!(nodes.len() <= 10 && level < EXACT_LEVEL);
        let total: f64 = nodes.mass.iter().sum();
        assert!((total - 2.0).abs() < 1e-12, "{total}");
        for node in 0..nodes.len() {
            let (belief, mass) = (nodes.belief(node, 2), nodes.mass(node, 2));
            assert!(
                (belief[0] - mass[0] / (mass[0] + mass[1])).abs() < 1e-12,
                "beliefs stay Bayes-consistent"
            );
        }
        assert!(nodes.states.is_sorted());
    }

    #[test]
    fn equal_beliefs_are_one_node_without_coarsening() {
        let game = game();
        let prior = [0.5, 0.5];
        let mut collector = Collector::new(&game, &prior, 1, Cells::Level { level: EXACT_LEVEL, limit: 10 });
        let mut arrivals = Frontier::default();
        arrivals.push(StateId(0), &[0.3, 0.7], &[0.25]);
        arrivals.push(StateId(0), &[0.3, 0.7], &[0.5]);
        arrivals.push(StateId(0), &[0.4, 0.6], &[0.25]);
        collector.absorb(&arrivals);
        let (nodes, level) = collector.finish();
        assert_eq!((nodes.len(), level), (2, EXACT_LEVEL));
        assert_eq!(nodes.mass, vec![0.75, 0.25]);
    }
}
