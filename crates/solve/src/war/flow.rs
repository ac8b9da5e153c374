//! Wars followed forward on the belief grid, with what the backward recursion found at its points.
//!
//! Mass κ(t, s, b; θ) at a grid belief b, given the profile θ of private types, goes down the stage tree by σ(a | h, θᵢ) of the stage solved
//! at b, and arrives at the beliefs that Bayes' rule gives. These lie off the grid; each is split onto the points around it with the
//! interpolation weights. That is the transpose of the recursion, which reads values there with the same weights: what is
//! counted this way is what a value function of that count, kept on the same grid, would say.
//!
//! Nothing is solved: the strategies are those that the equilibrium kept.

use armistice_game::{Node, NodeId, Stage, StageTree, StateId, WarGame};

use crate::{BeliefGrid, Equilibrium};

use super::lanes::{F8, LANES};
use super::leaf::cell;
use super::plan::{Kind, Plan, Shape, Table};
use super::task::roots;

/// Pushes wars from period to period on the grid of an equilibrium that kept what is played ([`crate::Settings::kept_play`]).
pub struct GridFlow<'a> {
    equilibrium: &'a Equilibrium,
    shape: Shape,
    /// By state.
    stages: Vec<Option<OwnStage<'a>>>,
    /// `[profile][player]`: position of the player's type.
    kinds: Vec<Vec<usize>>,
    corners: Option<Corners>,
    /// `[batch][slot]`
    roots: Vec<F8>,
    /// Vectors of probabilities in a period.
    strategies: usize,
    mass: Vec<F8>,
    beliefs: Vec<F8>,
    edges: Vec<F8>,
    leaves: Vec<F8>,
    tables: Vec<f64>,
    belief: Vec<f64>,
}

/// One state's stage.
struct OwnStage<'a> {
    tree: &'a StageTree,
    plan: Plan,
    /// First vector of its strategies within a period.
    first: usize,
    /// By node of the plan: edges of the stage tree below a folded lottery, with their probabilities.
    folded: Vec<Vec<(usize, f64)>>,
}

/// What happened in one period.
#[derive(Clone, Debug, Default)]
pub struct Flowed {
    /// `[state][grid point][profile]`: wars at the start of the next period.
    pub next: Vec<f64>,
    /// `[state][edge of the stage tree × profile]`: how often each edge was passed; empty where the war is over or never was.
    pub edges: Vec<Vec<f64>>,
}

impl<'a> GridFlow<'a> {
    /// Prepares the stages of a game; `None` where the equilibrium did not keep what is played.
    #[must_use]
    pub fn new(game: &'a WarGame, equilibrium: &'a Equilibrium) -> Option<Self> {
        let shape = Shape::new(game);
        let grid = &equilibrium.grid;
        let batches = grid.points().div_ceil(LANES);
        let mut first = 0;
        let mut stages = Vec::new();
        for stage in &game.stages {
            let Stage::Play(tree) = stage else {
                stages.push(None);
                continue;
            };
            let plan = Plan::new(&shape, tree, grid);
            let mut folded = vec![Vec::new(); plan.nodes.len()];
            for (node, below) in plan.nodes.iter().zip(&mut folded) {
                if let Kind::Table(_) = node.kind {
                    below_of(tree, NodeId::new(node.source), 1.0, below);
                }
            }
            let own = batches * plan.strategies;
            stages.push(Some(OwnStage { tree, plan, first, folded }));
            first += own;
        }
        if equilibrium.play.is_empty() || first == 0 {
            return None;
        }
        let mut kinds = vec![Vec::new()];
        for types in &shape.types {
            kinds = kinds
                .iter()
                .flat_map(|row: &Vec<usize>| (0..*types).map(|k| row.iter().copied().chain([k]).collect()))
                .collect();
        }
        let (mass, beliefs, edges) = (Vec::new(), Vec::new(), Vec::new());
        let (leaves, tables) = (Vec::new(), Vec::new());
        let belief = vec![0.0; shape.slots];
        let corners = Corners::new(&shape, grid);
        let roots = roots(grid, shape.slots);
        Some(Self {
            equilibrium,
            shape,
            stages,
            kinds,
            corners,
            roots,
            strategies: first,
            mass,
            beliefs,
            edges,
            leaves,
            tables,
            belief,
        })
    }

    /// Number of profiles of private types: the first player's type is the most significant digit.
    #[must_use]
    pub fn profiles(&self) -> usize {
        self.kinds.len()
    }

    /// `[state][grid point][profile]`: mass 1 for every profile at a state and belief, split onto the grid.
    #[must_use]
    pub fn start(&self, state: StateId, belief: &[f64]) -> Vec<f64> {
        let (points, profiles) = (self.equilibrium.grid.points(), self.profiles());
        let mut out = vec![0.0; self.stages.len() * points * profiles];
        for (point, weight) in self.equilibrium.grid.locate(belief) {
            let row = (state.index() * points + point) * profiles;
            if let Some(row) = out.get_mut(row..row + profiles) {
                row.fill(weight);
            }
        }
        out
    }

    /// Pushes the wars of a period, `[state][grid point][profile]`, through its moves.
    ///
    /// Wars at states where the war is over stay out of it. Cost: one walk down each stage tree that has any mass for every eight
    /// beliefs. The same bits whatever else is followed.
    pub fn step(&mut self, period: u32, mass: &[f64]) -> Flowed {
        let grid = &self.equilibrium.grid;
        let (points, profiles) = (grid.points(), self.kinds.len());
        let block = points * profiles;
        let mut out = Flowed { next: vec![0.0; self.stages.len() * block], edges: Vec::new() };
        let last = (self.equilibrium.play.len() / self.strategies.max(1)).saturating_sub(1);
        let from = (period as usize).min(last) * self.strategies;
        for (state, stage) in self.stages.iter().enumerate() {
            let mut passed = Vec::new();
            let here = mass.get(state * block..(state + 1) * block).unwrap_or(&[]);
            if let Some(stage) = stage.as_ref().filter(|_| here.iter().any(|m| *m > 0.0)) {
                let plan = &stage.plan;
                self.mass.resize(self.mass.len().max(plan.nodes.len() * profiles), F8::ZERO);
                self.beliefs.resize(self.beliefs.len().max(plan.nodes.len() * self.shape.slots), F8::ZERO);
                self.edges.clear();
                self.edges.resize(plan.edges.len() * profiles, F8::ZERO);
                self.leaves.clear();
                self.leaves.resize(plan.nodes.len() * profiles, F8::ZERO);
                self.tables.clear();
                self.tables.resize(plan.tables.len() * block, 0.0);
                let mut down = Down {
                    shape: &self.shape,
                    kinds: &self.kinds,
                    grid,
                    corners: self.corners.as_ref(),
                    roots: &self.roots,
                    mass: &mut self.mass,
                    beliefs: &mut self.beliefs,
                    edges: &mut self.edges,
                    leaves: &mut self.leaves,
                    tables: &mut self.tables,
                    belief: &mut self.belief,
                };
                for batch in 0..points.div_ceil(LANES) {
                    let play = from + stage.first + batch * plan.strategies;
                    let play = self.equilibrium.play.get(play..play + plan.strategies).unwrap_or(&[]);
                    down.batch(plan, play, here, batch);
                }
                passed = stage.passed(&self.edges, &self.leaves, profiles);
                stage.arrive(&mut self.tables, block, &mut out.next);
            }
            out.edges.push(passed);
        }
        out
    }
}

impl OwnStage<'_> {
    /// `[edge of the stage tree × profile]`
    fn passed(&self, edges: &[F8], leaves: &[F8], profiles: usize) -> Vec<f64> {
        let mut out = vec![0.0; self.tree.edges.len() * profiles];
        let sum = |x: &F8| x.0.iter().sum::<f64>();
        for (edge, own) in self.plan.edges.iter().zip(edges.chunks_exact(profiles)) {
            for (to, x) in out[edge.source * profiles..(edge.source + 1) * profiles].iter_mut().zip(own) {
                *to = sum(x);
            }
        }
        for (below, own) in self.folded.iter().zip(leaves.chunks_exact(profiles)) {
            for (edge, p) in below {
                for (to, x) in out[edge * profiles..(edge + 1) * profiles].iter_mut().zip(own) {
                    *to = p * sum(x);
                }
            }
        }
        out
    }

    /// Sends what arrived at tables to the states they read: the transpose of [`Plan::fill_tables`] without payoffs.
    fn arrive(&self, tables: &mut [f64], block: usize, next: &mut [f64]) {
        for (index, table) in self.plan.tables.iter().enumerate().rev() {
            let (before, own) = tables.split_at_mut(index * block);
            let own = &own[..block];
            match table {
                Table::Next(state) => {
                    let to = &mut next[state.index() * block..(state.index() + 1) * block];
                    to.iter_mut().zip(own).for_each(|(to, m)| *to += m);
                }
                Table::Mixture(parts) => {
                    for (p, _, part) in parts {
                        let to = &mut before[part * block..(part + 1) * block];
                        to.iter_mut().zip(own).for_each(|(to, m)| *to += p * m);
                    }
                }
                Table::Fixed(_) => {}
            }
        }
    }
}

/// Edges below a node with the probabilities of lotteries that reveal nothing.
fn below_of(tree: &StageTree, node: NodeId, reached: f64, out: &mut Vec<(usize, f64)>) {
    if let Some(Node::Chance { edges, .. }) = tree.nodes.get(node.index()) {
        for position in edges.start as usize..edges.end as usize {
            let edge = &tree.edges[position];
            let p = reached * tree.probability(edge, 0);
            out.push((position, p));
            below_of(tree, edge.child, p, out);
        }
    }
}

/// Eight beliefs on their way down a tree.
struct Down<'d> {
    shape: &'d Shape,
    kinds: &'d [Vec<usize>],
    grid: &'d BeliefGrid,
    corners: Option<&'d Corners>,
    /// `[batch][slot]`
    roots: &'d [F8],
    /// `[node][profile]`
    mass: &'d mut [F8],
    /// `[node][slot]`
    beliefs: &'d mut [F8],
    /// `[edge][profile]`, summed over batches.
    edges: &'d mut [F8],
    /// `[node][profile]`, for tables, summed over batches.
    leaves: &'d mut [F8],
    /// `[table][grid point][profile]`
    tables: &'d mut [f64],
    /// `[slot]`: of one lane.
    belief: &'d mut [f64],
}

impl Down<'_> {
    fn batch(&mut self, plan: &Plan, play: &[F8], here: &[f64], batch: usize) {
        let (profiles, slots) = (self.kinds.len(), self.shape.slots);
        self.beliefs[..slots].copy_from_slice(&self.roots[batch * slots..(batch + 1) * slots]);
        for lane in 0..LANES {
            // The last batch repeats its last point, without wars.
            let point = batch * LANES + lane;
            let row = here.get(point * profiles..(point + 1) * profiles);
            for profile in 0..profiles {
                self.mass[profile].0[lane] = row.map_or(0.0, |row| row[profile]);
            }
        }
        if self.mass[..profiles].iter().all(|m| m.0.iter().all(|x| *x == 0.0)) {
            return;
        }
        for (index, node) in plan.nodes.iter().enumerate() {
            if let Kind::Table(table) = node.kind {
                self.leaf(index, table);
                continue;
            }
            for (position, edge) in plan.edges[node.first..node.last].iter().enumerate() {
                let (parents, children) = self.beliefs.split_at_mut(edge.child * slots);
                let beliefs = &mut children[..slots];
                beliefs.copy_from_slice(&parents[index * slots..(index + 1) * slots]);
                let (parents, children) = self.mass.split_at_mut(edge.child * profiles);
                let (from, to) =
                    (&parents[index * profiles..(index + 1) * profiles], &mut children[..profiles]);
                let kinds = self.kinds;
                match node.kind {
                    Kind::Typed { player, .. } => {
                        let own = &play[edge.strategy..edge.strategy + self.shape.types[player]];
                        share(from, to, |profile| own[kinds[profile][player]]);
                        learn(&mut beliefs[self.shape.slot[player]..][..own.len()], |kind| own[kind]);
                    }
                    Kind::Open { .. } => share(from, to, |_| play[edge.strategy]),
                    Kind::Reveal { player } => {
                        let own = |kind: usize| F8::splat(plan.probabilities[edge.chance + kind]);
                        share(from, to, |profile| own(kinds[profile][player]));
                        learn(&mut beliefs[self.shape.slot[player]..][..self.shape.types[player]], own);
                    }
                    Kind::Lottery => share(from, to, |_| F8::splat(plan.probabilities[edge.chance])),
                    // Only unrolled trees have such nodes, and those are not games of states.
                    Kind::Later | Kind::Table(_) | Kind::Constant(_) => to.fill(F8::ZERO),
                }
                let sums = &mut self.edges[(node.first + position) * profiles..][..profiles];
                sums.iter_mut().zip(&*to).for_each(|(sum, m)| *sum += *m);
            }
        }
    }

    /// Splits what arrives at a table onto the grid points around its beliefs: the transpose of reading it.
    fn leaf(&mut self, index: usize, table: usize) {
        let (profiles, slots) = (self.kinds.len(), self.shape.slots);
        let mass = &self.mass[index * profiles..(index + 1) * profiles];
        let sums = &mut self.leaves[index * profiles..(index + 1) * profiles];
        sums.iter_mut().zip(mass).for_each(|(sum, m)| *sum += *m);
        let block = self.grid.points() * profiles;
        let to = &mut self.tables[table * block..(table + 1) * block];
        if let Some(corners) = self.corners {
            corners.split(&self.beliefs[index * slots..(index + 1) * slots], mass, to);
            return;
        }
        for lane in 0..LANES {
            if mass.iter().all(|m| m.0[lane] == 0.0) {
                continue;
            }
            for (b, at) in self.belief.iter_mut().zip(&self.beliefs[index * slots..(index + 1) * slots]) {
                *b = at.0[lane];
            }
            for (point, weight) in self.grid.locate(self.belief) {
                for (to, m) in to[point * profiles..(point + 1) * profiles].iter_mut().zip(mass) {
                    *to += weight * m.0[lane];
                }
            }
        }
    }
}

/// The belief grid of two players of two types each, among players of one type, which is what large games have: around a belief are four points,
/// found without a list of them ([`BeliefGrid::locate`] makes one for any grid).
struct Corners {
    /// Of each of the two: the slot whose probability is the coordinate, grid points from one value of it to the next, cells.
    axes: [(usize, usize, usize); 2],
}

impl Corners {
    fn new(shape: &Shape, grid: &BeliefGrid) -> Option<Self> {
        let informed: Vec<usize> = (0..shape.types.len()).filter(|player| shape.types[*player] > 1).collect();
        let [first, second] = *informed.as_slice() else { return None };
        let axis = |player: usize| {
            let (stride, cells) = (grid.strides()[player], grid.players()[player].steps());
            (shape.types[player] == 2).then_some((shape.slot[player] + 1, stride, cells))
        };
        Some(Self { axes: [axis(first)?, axis(second)?] })
    }

    /// Splits `mass`, `[profile]`, at `beliefs`, `[slot]`, onto the grid points around them: `to` is `[grid point][profile]`.
    fn split(&self, beliefs: &[F8], mass: &[F8], to: &mut [f64]) {
        let [(p, row, rows), (q, column, columns)] = self.axes;
        for lane in 0..LANES {
            let own: [f64; 4] = std::array::from_fn(|profile| mass[profile].0[lane]);
            if own == [0.0; 4] {
                continue;
            }
            let (i, f) = cell(beliefs[p].0[lane], rows);
            let (j, g) = cell(beliefs[q].0[lane], columns);
            let low = i * row + j * column;
            let points = [low, low + column, low + row, low + row + column];
            let weights = [(1.0 - f) * (1.0 - g), (1.0 - f) * g, f * (1.0 - g), f * g];
            for (point, weight) in points.into_iter().zip(weights) {
                let to = &mut to[point * 4..][..4];
                for (to, m) in to.iter_mut().zip(own) {
                    *to += weight * m;
                }
            }
        }
    }
}

/// Mass behind an edge, by profile.
fn share(from: &[F8], to: &mut [F8], probability: impl Fn(usize) -> F8) {
    for (profile, (to, from)) in to.iter_mut().zip(from).enumerate() {
        *to = *from * probability(profile);
    }
}

/// Bayes' rule; where nobody of the public's belief does this the belief stays.
fn learn(belief: &mut [F8], likelihood: impl Fn(usize) -> F8) {
    let mut total = F8::ZERO;
    for (kind, b) in belief.iter().enumerate() {
        total += *b * likelihood(kind);
    }
    for (kind, b) in belief.iter_mut().enumerate() {
        let seen = *b * likelihood(kind);
        for lane in 0..LANES {
            if total.0[lane] > 0.0 {
                b.0[lane] = seen.0[lane] / total.0[lane];
            }
        }
    }
}
