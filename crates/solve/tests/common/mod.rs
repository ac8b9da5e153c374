//! Games built by hand, node by node: independent of the scenario language.
#![allow(dead_code, clippy::unwrap_used)]

use armistice_game::{
    ChanceId, ChanceInfo, Edge, EndPoint, EndingId, Horizon, MoveId, MoveInfo, NodeId, Payoff, Player,
    PlayerId, Precision, PrivateType, Row, Stage, StageTreeBuilder, State, StateId, StateVariable, WarGame,
};

pub fn player(name: &str, discount: f64, precision: f64, types: &[(&str, f64)]) -> Player {
    Player {
        name: name.into(),
        discount,
        precision: if precision.is_finite() { Precision::Finite(precision) } else { Precision::Infinite },
        types: types
            .iter()
            .map(|(name, prior)| PrivateType { name: (*name).into(), prior: *prior })
            .collect(),
    }
}

pub fn edge(child: NodeId, label: u32) -> Edge {
    Edge { child, label, log_weight: 0.0, chance: 0, flow: Row(0), cost: Row(0) }
}

fn end(payoff: Vec<f64>, terms: f64) -> EndPoint {
    EndPoint { ending: EndingId(0), terms: Some(terms), payoff: Payoff::Own(payoff) }
}

/// The rules of `steel-or-mush` in the reference README, with its parameters; U is slot 2, W slots 3 and 4.
pub fn steel_or_mush(horizon: u32, precision: f64) -> WarGame {
    let d = 0.98;
    let (v_r, v_w, v_u) = ([0.6, 1.2], [0.5, 1.0], 1.5);
    let penalty = [0.05, 0.15];
    let posture_cost_w = [[0.0, 0.0], [0.04, 0.012], [0.1, 0.03]];
    let posture_cost_r = [0.0, 0.02, 0.05];
    let (down, up) = ([0.05, 0.12, 0.22], [0.25, 0.18, 0.1]);
    let (war_r, war_u) = ([0.02, 0.05], [0.03, 0.06]);
    let share = |x: i32| f64::from(x + 4) / 8.0;
    let peace = |y: f64, fee: f64| {
        vec![v_r[0] * y - fee * penalty[0], v_r[1] * y - fee * penalty[1], -v_u * y, -v_w[0] * y, -v_w[1] * y]
    };
    let mut stages = Vec::new();
    for x in -4..=4i32 {
        if x == -4 {
            stages.push(Stage::Over(end(peace(0.0, 1.0), 0.0)));
            continue;
        }
        if x == 4 {
            stages.push(Stage::Over(end(peace(1.0, 0.0), 1.0)));
            continue;
        }
        let mut b = StageTreeBuilder::new(5);
        let root = b.open();
        let mut postures = Vec::new();
        for p in 0..3usize {
            let at_u = b.open();
            let mut offers = Vec::new();
            for offer in 0..4u32 {
                let at_r = b.open();
                let mut replies = Vec::new();
                if offer > 0 {
                    let accept = b.open();
                    let y = [0.0, share(x), (share(x) + 0.125).min(1.0), (share(x) - 0.125).max(0.0)]
                        [offer as usize];
                    b.close_end(accept, end(peace(y, 1.0), y));
                    replies.push(edge(accept, 0));
                }
                for i in 0..2usize {
                    let battle = b.open();
                    let (f, g) = [(0.6, 0.5), (1.0, 1.0)][i];
                    let (lose, gain) = (f * down[p], g * up[p]);
                    let mut outcomes = Vec::new();
                    for (label, (probability, to)) in
                        [(lose, x - 1), (1.0 - lose - gain, x), (gain, x + 1)].into_iter().enumerate()
                    {
                        let leaf = b.open();
                        b.close_next(leaf, StateId::new((to + 4) as usize));
                        let mut e = edge(leaf, label as u32);
                        e.chance = b.probabilities.len() as u32;
                        b.probabilities.push(probability);
                        outcomes.push(e);
                    }
                    b.close_chance(battle, ChanceId(0), None, outcomes);
                    let mut e = edge(battle, 1 + i as u32);
                    let y = share(x);
                    let r = |v: f64| (1.0 - d) * v * y - war_r[i] - posture_cost_r[p] + 0.02;
                    e.flow = b.flows.push(&[
                        r(v_r[0]),
                        r(v_r[1]),
                        -(1.0 - d) * v_u * y - war_u[i],
                        -(1.0 - d) * v_w[0] * y,
                        -(1.0 - d) * v_w[1] * y,
                    ]);
                    replies.push(e);
                }
                b.close_move(at_r, MoveId(2), PlayerId(0), replies);
                offers.push(edge(at_r, offer));
            }
            b.close_move(at_u, MoveId(1), PlayerId(1), offers);
            let mut e = edge(at_u, p as u32);
            e.flow = b.flows.push(&[0.0, 0.0, 0.0, -posture_cost_w[p][0], -posture_cost_w[p][1]]);
            postures.push(e);
        }
        b.close_move(root, MoveId(0), PlayerId(2), postures);
        stages.push(Stage::Play(b.finish().unwrap()));
    }
    let words = |w: &[&str]| w.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    WarGame {
        title: "steel or mush".into(),
        players: vec![
            player("R", d, precision, &[("limited", 0.5), ("maximal", 0.5)]),
            player("U", d, precision, &[("only", 1.0)]),
            player("W", d, precision, &[("low", 0.5), ("high", 0.5)]),
        ],
        variables: vec![StateVariable {
            name: "front".into(),
            labels: (-4..=4).map(|x| x.to_string()).collect(),
            numbers: Some((-4..=4).map(f64::from).collect()),
        }],
        states: (0..9).map(|x| State { values: vec![x] }).collect(),
        start: StateId(4),
        horizon: Horizon::Periods(horizon),
        stages,
        horizon_payoffs: (-4..=4).map(|x| Payoff::Own(peace(share(x), 1.0))).collect(),
        moves: vec![
            MoveInfo {
                name: "posture".into(),
                player: PlayerId(2),
                actions: words(&["eager", "steady", "press"]),
            },
            MoveInfo {
                name: "offer".into(),
                player: PlayerId(1),
                actions: words(&["none", "frontline", "concede", "restore"]),
            },
            MoveInfo {
                name: "reply".into(),
                player: PlayerId(0),
                actions: words(&["accept", "probe", "assault"]),
            },
        ],
        chances: vec![ChanceInfo {
            name: "battle".into(),
            about: None,
            outcomes: words(&["lose", "hold", "gain"]),
        }],
        endings: vec!["peace".into()],
        observables: Vec::new(),
        unreachable: 0,
    }
}
