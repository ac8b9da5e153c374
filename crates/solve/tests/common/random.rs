//! Random war games: any number of players and types, chance that reveals, end payoffs that depend on everybody's type.

use armistice_game::{
    ChanceId, ChanceInfo, Edge, EndPoint, EndingId, Horizon, JointPayoff, MoveId, MoveInfo, NodeId, Payoff,
    PlayerId, Precision, Stage, StageTree, StageTreeBuilder, State, StateId, StateVariable, WarGame,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub struct Spec {
    pub types: Vec<usize>,
    pub states: usize,
    pub horizon: Horizon,
    pub precision: f64,
    pub depth: usize,
}

struct Maker<'a> {
    rng: ChaCha8Rng,
    spec: &'a Spec,
    builder: StageTreeBuilder,
}

fn payoff(rng: &mut impl Rng, spec: &Spec) -> Payoff {
    if rng.random_bool(0.5) {
        let slots: usize = spec.types.iter().sum();
        Payoff::Own((0..slots).map(|_| rng.random_range(-1.0..1.0)).collect())
    } else {
        let profiles: usize = spec.types.iter().product();
        let n = profiles * spec.types.len();
        Payoff::Joint(JointPayoff { values: (0..n).map(|_| rng.random_range(-1.0..1.0)).collect() })
    }
}

impl Maker<'_> {
    fn node(&mut self, depth: usize) -> NodeId {
        let at = self.builder.open();
        let players = self.spec.types.len();
        if depth == 0 {
            if self.rng.random_bool(0.25) {
                let payoff = payoff(&mut self.rng, self.spec);
                self.builder.close_end(at, EndPoint { ending: EndingId(0), terms: None, payoff });
            } else {
                let to = self.rng.random_range(0..self.spec.states);
                self.builder.close_next(at, StateId::new(to));
            }
            return at;
        }
        let player = self.rng.random_range(0..players);
        if self.rng.random_bool(0.25) {
            let about = self.rng.random_bool(0.7).then(|| PlayerId::new(player));
            let kinds = about.map_or(1, |_| self.spec.types[player]);
            let raw: Vec<Vec<f64>> =
                (0..2).map(|_| (0..kinds).map(|_| self.rng.random_range(0.1..1.0)).collect()).collect();
            let mut edges = Vec::new();
            for e in 0..2 {
                let mut edge = self.edge(depth, e);
                edge.chance = self.builder.probabilities.len() as u32;
                for (kind, p) in raw[e].iter().enumerate() {
                    self.builder.probabilities.push(p / (raw[0][kind] + raw[1][kind]));
                }
                edges.push(edge);
            }
            self.builder.close_chance(at, ChanceId(0), about, edges);
        } else {
            let edges = (0..self.rng.random_range(2..4)).map(|e| self.edge(depth, e)).collect();
            self.builder.close_move(at, MoveId::new(player), PlayerId::new(player), edges);
        }
        at
    }

    fn edge(&mut self, depth: usize, label: usize) -> Edge {
        let child = self.node(depth - 1);
        let slots: usize = self.spec.types.iter().sum();
        let flow: Vec<f64> = (0..slots).map(|_| self.rng.random_range(-0.1..0.1)).collect();
        Edge {
            child,
            label: label as u32,
            log_weight: self.rng.random_range(-0.5..0.5),
            chance: 0,
            flow: self.builder.flows.push(&flow),
            cost: armistice_game::Row(0),
        }
    }
}

pub fn game(seed: u64, spec: &Spec) -> WarGame {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let slots: usize = spec.types.iter().sum();
    let mut stages: Vec<Stage> = (0..spec.states)
        .map(|_| {
            let own = ChaCha8Rng::seed_from_u64(rng.next_u64());
            let mut maker = Maker { rng: own, spec, builder: StageTreeBuilder::new(slots) };
            maker.node(spec.depth);
            let tree: StageTree = maker.builder.finish().unwrap();
            Stage::Play(tree)
        })
        .collect();
    if spec.states > 2 {
        let payoff = payoff(&mut rng, spec);
        stages[spec.states - 1] = Stage::Over(EndPoint { ending: EndingId(0), terms: None, payoff });
    }
    let players = spec
        .types
        .iter()
        .enumerate()
        .map(|(i, k)| {
            let raw: Vec<f64> = (0..*k).map(|_| rng.random_range(0.2..1.0)).collect();
            let total: f64 = raw.iter().sum();
            let names: Vec<String> = (0..*k).map(|t| format!("t{t}")).collect();
            let types: Vec<(&str, f64)> =
                names.iter().zip(&raw).map(|(n, r)| (n.as_str(), r / total)).collect();
            super::player(&format!("p{i}"), 0.9, spec.precision, &types)
        })
        .collect::<Vec<_>>();
    let horizon_payoffs = match spec.horizon {
        Horizon::Periods(_) => (0..spec.states).map(|_| payoff(&mut rng, spec)).collect(),
        Horizon::Indefinite => Vec::new(),
    };
    assert!(players.iter().all(|p| p.precision != Precision::Finite(f64::NAN)));
    WarGame {
        title: format!("random {seed}"),
        moves: (0..players.len())
            .map(|i| MoveInfo {
                name: format!("m{i}"),
                player: PlayerId::new(i),
                actions: vec!["a".into(), "b".into(), "c".into()],
            })
            .collect(),
        players,
        variables: vec![StateVariable {
            name: "s".into(),
            labels: (0..spec.states).map(|s| s.to_string()).collect(),
            numbers: None,
        }],
        states: (0..spec.states).map(|s| State { values: vec![s as u16] }).collect(),
        start: StateId(0),
        horizon: spec.horizon,
        stages,
        horizon_payoffs,
        chances: vec![ChanceInfo { name: "c".into(), about: None, outcomes: vec!["x".into(), "y".into()] }],
        endings: vec!["end".into()],
        observables: Vec::new(),
        unreachable: 0,
    }
}
