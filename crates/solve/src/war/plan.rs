//! A stage tree prepared for solving: lotteries that reveal nothing are folded into tables over the belief grid.

use armistice_game::{EndPoint, Node, NodeId, Payoff, Precision, StageTree, StateId, WarGame};

use crate::BeliefGrid;
use crate::grid::MAX_TYPES;

/// What everybody's stages share.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) slots: usize,
    /// Slots rounded up to a multiple of 8: the row length of tables.
    pub(crate) stride: usize,
    /// Number of belief coordinates Σ (kᵢ − 1).
    pub(crate) dims: usize,
    /// By player: number of types, first slot, first belief coordinate.
    pub(crate) types: Vec<usize>,
    pub(crate) slot: Vec<usize>,
    pub(crate) dim: Vec<usize>,
    /// By slot: the owner's discount factor.
    pub(crate) slot_discount: Vec<f64>,
    /// By player; infinite precisions are 1 here and multiplied by the continuation.
    pub(crate) precision: Vec<f64>,
    pub(crate) infinite: Vec<bool>,
}

impl Shape {
    pub(crate) fn new(game: &WarGame) -> Self {
        let types = game.types();
        let (mut slot, mut dim) = (Vec::new(), Vec::new());
        let (mut slots, mut dims) = (0, 0);
        for k in &types {
            slot.push(slots);
            dim.push(dims);
            slots += k;
            dims += k - 1;
        }
        let infinite = game.players.iter().map(|p| p.precision == Precision::Infinite).collect();
        let precision = game
            .players
            .iter()
            .map(|p| match p.precision {
                Precision::Finite(x) => x,
                Precision::Infinite => 1.0,
            })
            .collect();
        let slot_discount = game.players.iter().flat_map(|p| vec![p.discount; p.types.len()]).collect();
        Self {
            slots,
            stride: slots.next_multiple_of(8),
            dims,
            types,
            slot,
            dim,
            slot_discount,
            precision,
            infinite,
        }
    }

    /// Whether the solver can hold this many types and coordinates.
    pub(crate) fn supported(&self) -> bool {
        self.types.iter().all(|k| *k <= MAX_TYPES) && self.dims <= MAX_DIMS
    }
}

/// Most belief coordinates in all: kernels keep one column for each, and grids beyond this could not be stored anyway.
pub(crate) const MAX_DIMS: usize = 12;

/// A node of a plan, in preorder like the stage tree.
#[derive(Clone, Debug)]
pub(crate) struct PlanNode {
    pub(crate) kind: Kind,
    /// Edges in [`Plan::edges`].
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// Node of the stage tree.
    pub(crate) source: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Values read from a table at the belief reached.
    Table(usize),
    /// Values that do not depend on beliefs: row of [`Plan::constants`].
    Constant(usize),
    /// A move of a player with several types: first logit, and first number of the stored linear maps.
    Typed { player: usize, logits: usize, maps: usize },
    /// A move of a player with one type.
    Open { player: usize },
    /// Chance that may reveal something about a player.
    Reveal { player: usize },
    /// Chance that reveals nothing but cannot be folded.
    Lottery,
    /// The next period, in the same tree.
    Later,
}

#[derive(Clone, Debug)]
pub(crate) struct PlanEdge {
    pub(crate) child: usize,
    /// Edge of the stage tree.
    pub(crate) source: usize,
    /// Start of the payoffs in [`Plan::flows`].
    pub(crate) flow: usize,
    pub(crate) log_weight: f64,
    /// Start in [`Plan::probabilities`].
    pub(crate) chance: usize,
    /// First number of the edge's strategies or likelihood ratios: `[edge][type of the mover, or of whom chance is about]`.
    pub(crate) strategy: usize,
}

/// A table of continuation values, rebuilt each period from next period's values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Table {
    /// δ V(t + 1, state).
    Next(StateId),
    /// Σ p (flow + table): a lottery that reveals nothing. `(probability, flow start, table)`.
    Mixture(Vec<(f64, usize, usize)>),
    /// The same in every period: `[grid point][slot]`.
    Fixed(Vec<f64>),
}

/// A stage tree prepared for solving.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) nodes: Vec<PlanNode>,
    pub(crate) edges: Vec<PlanEdge>,
    /// `[row][slot]`
    pub(crate) flows: Vec<f64>,
    pub(crate) probabilities: Vec<f64>,
    /// `[row][slot]`
    pub(crate) constants: Vec<f64>,
    pub(crate) tables: Vec<Table>,
    /// By table, what its numbers are made of in the stage tree: edges of a mixture, the end of a fixed one.
    pub(crate) sources: Vec<Vec<usize>>,
    /// Logits of all typed moves.
    pub(crate) logits: usize,
    /// Numbers of all stored linear maps (per column count `dims + 2`).
    pub(crate) maps: usize,
    /// Strategies of all edges.
    pub(crate) strategies: usize,
    /// Most edges of one node.
    pub(crate) widest: usize,
}

impl Plan {
    pub(crate) fn new(shape: &Shape, tree: &StageTree, grid: &BeliefGrid) -> Self {
        Self::built(shape, tree, grid, false)
    }

    /// The same stage with nothing shared that only happens to be equal: numbers equal here may move apart when a parameter moves.
    ///
    /// Chance about a player of several types stays a node even where all types have the same odds, and tables are
    /// shared only where they are of one state. Logits are numbered as in [`Plan::new`].
    pub(crate) fn apart(shape: &Shape, tree: &StageTree, grid: &BeliefGrid) -> Self {
        Self::built(shape, tree, grid, true)
    }

    fn built(shape: &Shape, tree: &StageTree, grid: &BeliefGrid, apart: bool) -> Self {
        let mut builder = Builder {
            shape,
            tree,
            grid,
            apart,
            plan: Self {
                nodes: Vec::new(),
                edges: Vec::new(),
                flows: tree.flows.values().to_vec(),
                probabilities: tree.probabilities.clone(),
                constants: Vec::new(),
                tables: Vec::new(),
                sources: Vec::new(),
                logits: 0,
                maps: 0,
                strategies: 0,
                widest: 1,
            },
        };
        builder.node(NodeId(0));
        builder.plan
    }

    /// Length of one table: `[grid point][stride]`.
    pub(crate) fn table_len(shape: &Shape, grid: &BeliefGrid) -> usize {
        grid.points() * shape.stride
    }

    /// Fills all tables from next period's values; `next(state)` is `[grid point][slot]`.
    pub(crate) fn fill_tables<'v>(
        &self,
        shape: &Shape,
        grid: &BeliefGrid,
        next: impl Fn(StateId) -> &'v [f64],
        out: &mut Vec<f64>,
    ) {
        let len = Self::table_len(shape, grid);
        out.clear();
        out.resize(len * self.tables.len(), 0.0);
        for (index, table) in self.tables.iter().enumerate() {
            let (before, rest) = out.split_at_mut(index * len);
            let own = &mut rest[..len];
            match table {
                Table::Next(state) => {
                    for (row, values) in
                        own.chunks_exact_mut(shape.stride).zip(next(*state).chunks_exact(shape.slots))
                    {
                        for ((x, v), d) in row.iter_mut().zip(values).zip(&shape.slot_discount) {
                            *x = d * v;
                        }
                    }
                }
                Table::Mixture(parts) => {
                    for (p, flow, part) in parts {
                        let flow = &self.flows[*flow..*flow + shape.slots];
                        let from = &before[part * len..(part + 1) * len];
                        for (row, values) in
                            own.chunks_exact_mut(shape.stride).zip(from.chunks_exact(shape.stride))
                        {
                            for ((x, v), f) in row.iter_mut().zip(values).zip(flow) {
                                *x += p * (f + v);
                            }
                        }
                    }
                }
                Table::Fixed(values) => {
                    for (row, values) in
                        own.chunks_exact_mut(shape.stride).zip(values.chunks_exact(shape.slots))
                    {
                        row[..shape.slots].copy_from_slice(values);
                    }
                }
            }
        }
    }
}

struct Builder<'a> {
    shape: &'a Shape,
    tree: &'a StageTree,
    grid: &'a BeliefGrid,
    /// See [`Plan::apart`].
    apart: bool,
    plan: Plan,
}

impl Builder<'_> {
    fn node(&mut self, source: NodeId) -> usize {
        let index = self.plan.nodes.len();
        self.plan.nodes.push(PlanNode { kind: Kind::Lottery, first: 0, last: 0, source: source.index() });
        if let Some(table) = self.foldable(source).then(|| self.table(source)) {
            self.plan.nodes[index].kind = Kind::Table(table);
            return index;
        }
        let tree = self.tree;
        let (kind, mover) = match &tree.nodes[source.index()] {
            Node::Move { player, edges, .. } => {
                let player = player.index();
                let actions = edges.len();
                let k = self.shape.types[player];
                if k == 1 {
                    (Kind::Open { player }, 1)
                } else {
                    let kind = Kind::Typed { player, logits: self.plan.logits, maps: self.plan.maps };
                    self.plan.logits += actions * k;
                    self.plan.maps += actions * (2 * k - 1);
                    (kind, k)
                }
            }
            Node::Chance { about: Some(player), .. } => {
                (Kind::Reveal { player: player.index() }, self.shape.types[player.index()])
            }
            Node::Chance { about: None, .. } => (Kind::Lottery, 0),
            Node::Later { .. } => (Kind::Later, 0),
            Node::End(end) => {
                let row = self.plan.constants.len();
                self.plan.constants.extend_from_slice(tree.ends[*end as usize].payoff.values());
                self.plan.nodes[index].kind = Kind::Constant(row);
                return index;
            }
            Node::Next(_) => (Kind::Lottery, 0),
        };
        let first = self.plan.edges.len();
        let (from, to) = match &tree.nodes[source.index()] {
            Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges } => {
                (edges.start, edges.end)
            }
            _ => (0, 0),
        };
        self.plan.widest = self.plan.widest.max((to - from) as usize);
        for position in from..to {
            let edge = &tree.edges[position as usize];
            self.plan.edges.push(PlanEdge {
                child: 0,
                source: position as usize,
                flow: edge.flow.index() * self.shape.slots,
                log_weight: edge.log_weight,
                chance: edge.chance as usize,
                strategy: self.plan.strategies,
            });
            self.plan.strategies += mover;
        }
        let last = self.plan.edges.len();
        for position in first..last {
            let child = self.node(tree.edges[self.plan.edges[position].source].child);
            self.plan.edges[position].child = child;
        }
        let node = &mut self.plan.nodes[index];
        (node.kind, node.first, node.last) = (kind, first, last);
        index
    }

    /// Whether everything below reads values at the belief of this very node: a table can hold the result.
    fn foldable(&self, source: NodeId) -> bool {
        match &self.tree.nodes[source.index()] {
            Node::Next(_) => true,
            Node::End(end) => matches!(self.tree.ends[*end as usize].payoff, Payoff::Joint(_)),
            Node::Chance { about, .. } => {
                let edges = self.tree.edges_of(source);
                let kinds = about.map_or(1, |p| self.shape.types[p.index()]);
                let common = edges.iter().all(|e| {
                    (1..kinds).all(|kind| self.tree.probability(e, kind) == self.tree.probability(e, 0))
                });
                common
                    && !(self.apart && kinds > 1)
                    && edges.iter().all(|e| {
                        self.foldable(e.child) || matches!(self.tree.nodes[e.child.index()], Node::End(_))
                    })
            }
            Node::Move { .. } | Node::Later { .. } => false,
        }
    }

    fn table(&mut self, source: NodeId) -> usize {
        let tree = self.tree;
        let mut sources = Vec::new();
        let table = match &tree.nodes[source.index()] {
            Node::Next(state) => Table::Next(*state),
            Node::End(end) => {
                sources.push(*end as usize);
                Table::Fixed(self.end(&tree.ends[*end as usize]))
            }
            Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges } => {
                let mut parts = Vec::new();
                for position in edges.start as usize..edges.end as usize {
                    let edge = &tree.edges[position];
                    let p = tree.probability(edge, 0);
                    if p > 0.0 || self.apart {
                        sources.push(position);
                        parts.push((p, edge.flow.index() * self.shape.slots, self.table(edge.child)));
                    }
                }
                Table::Mixture(parts)
            }
        };
        let shared = !self.apart || matches!(table, Table::Next(_));
        if let Some(known) = self.plan.tables.iter().position(|t| *t == table).filter(|_| shared) {
            return known;
        }
        self.plan.tables.push(table);
        self.plan.sources.push(sources);
        self.plan.tables.len() - 1
    }

    /// Expected payoffs of an ending at every grid point: exact in between too, because they are multilinear in beliefs.
    fn end(&self, end: &EndPoint) -> Vec<f64> {
        (0..self.grid.points())
            .flat_map(|point| end.payoff.expected(&self.shape.types, &self.grid.belief(point)))
            .collect()
    }
}
