//! A small war, built without the scenario language: the tests of this crate must not depend on it to be right.
#![allow(dead_code, clippy::unwrap_used)]

use armistice_game::*;

/// What differs between the wars of the tests.
#[derive(Clone, Copy)]
pub struct Shape {
    pub periods: u32,
    pub precision: f64,
    /// Whether the defender's strength is private and battles reveal it.
    pub two_sided: bool,
    /// Whether the settlement's worth to the defender depends on the attacker's type.
    pub interdependent: bool,
}

pub const SMALL: Shape = Shape { periods: 4, precision: 8.0, two_sided: true, interdependent: true };

pub const SETTLEMENT: EndingId = EndingId(0);
pub const VICTORY: EndingId = EndingId(1);
pub const DEFEAT: EndingId = EndingId(2);

/// Front 0..=3; at 0 and 3 the war is over. Each period the defender is silent or offers, the attacker accepts (only an offer)
/// or holds or assaults, and a battle moves the front; its odds depend on the defender's strength.
pub fn tug(shape: Shape) -> WarGame {
    let player = |name: &str, types: &[(&str, f64)]| Player {
        name: name.into(),
        discount: 0.95,
        precision: Precision::Finite(shape.precision),
        types: types.iter().map(|(n, p)| PrivateType { name: (*n).into(), prior: *p }).collect(),
    };
    let strong = if shape.two_sided { vec![("weak", 0.375), ("strong", 0.625)] } else { vec![("only", 1.0)] };
    let players =
        vec![player("attacker", &[("limited", 0.5), ("maximal", 0.5)]), player("defender", &strong)];
    let slots = 2 + strong.len();
    let states: Vec<State> = [1u16, 2, 0, 3].iter().map(|f| State { values: vec![*f] }).collect();
    let index = |front: u16| StateId::new(states.iter().position(|s| s.values[0] == front).unwrap());
    let value = [0.4, 1.1];
    let pay = |share: f64, penalty: f64, mistrust: f64| {
        let own: Vec<f64> =
            (0..slots).map(|s| if s < 2 { value[s] * share - penalty } else { -share - mistrust }).collect();
        if !shape.interdependent || mistrust == 0.0 {
            return Payoff::Own(own);
        }
        let mut values = Vec::new();
        for worth in value {
            for _ in 0..slots - 2 {
                values.extend([worth * share - penalty, -share - mistrust * worth]);
            }
        }
        Payoff::Joint(JointPayoff { values })
    };
    let stages: Vec<Stage> = states
        .iter()
        .map(|state| {
            let front = state.values[0];
            let share = f64::from(front) / 3.0;
            match front {
                0 => Stage::Over(EndPoint { ending: DEFEAT, terms: Some(0.0), payoff: pay(0.0, 0.3, 0.0) }),
                3 => Stage::Over(EndPoint { ending: VICTORY, terms: Some(1.0), payoff: pay(1.0, 0.0, 0.0) }),
                _ => Stage::Play(stage(shape, slots, front, share, &index, &pay)),
            }
        })
        .collect();
    // States that are over pay their own ending, at the horizon as before.
    let horizon_payoffs = states
        .iter()
        .zip(&stages)
        .map(|(state, stage)| match stage {
            Stage::Over(end) => end.payoff.clone(),
            Stage::Play(_) => pay(f64::from(state.values[0]) / 3.0, 0.0, 0.0),
        })
        .collect();
    WarGame {
        title: "tug of war".into(),
        players,
        variables: vec![StateVariable {
            name: "front".into(),
            labels: (0..4).map(|i| i.to_string()).collect(),
            numbers: Some((0..4).map(f64::from).collect()),
        }],
        start: index(1),
        horizon: Horizon::Periods(shape.periods),
        stages,
        horizon_payoffs,
        moves: vec![
            MoveInfo { name: "talks".into(), player: PlayerId(1), actions: names(&["silent", "offer"]) },
            MoveInfo {
                name: "reply".into(),
                player: PlayerId(0),
                actions: names(&["accept", "hold", "assault"]),
            },
        ],
        chances: vec![ChanceInfo {
            name: "battle".into(),
            about: shape.two_sided.then_some(PlayerId(1)),
            outcomes: names(&["lose", "same", "gain"]),
        }],
        endings: names(&["settlement", "victory", "defeat"]),
        observables: vec![Observable {
            name: "share".into(),
            values: states.iter().map(|s| f64::from(s.values[0]) / 3.0).collect(),
        }],
        states,
        unreachable: 0,
    }
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|s| (*s).to_owned()).collect()
}

fn stage(
    shape: Shape,
    slots: usize,
    front: u16,
    share: f64,
    index: &dyn Fn(u16) -> StateId,
    pay: &dyn Fn(f64, f64, f64) -> Payoff,
) -> StageTree {
    let mut b = StageTreeBuilder::new(slots);
    let value = [0.4, 1.1];
    let root = b.open();
    let mut talks = Vec::new();
    for talk in 0..2u32 {
        let reply = b.open();
        let mut replies = Vec::new();
        for action in 0..3u32 {
            if action == 0 && talk == 0 {
                continue;
            }
            let child = b.open();
            let mut flow = vec![0.0; slots];
            let mut cost = vec![0.0; slots];
            if action == 0 {
                let point =
                    EndPoint { ending: SETTLEMENT, terms: Some(share), payoff: pay(share, 0.05, 0.1) };
                b.close_end(child, point);
            } else {
                let assault = action == 2;
                for slot in 0..slots {
                    cost[slot] = if slot < 2 { if assault { 0.04 } else { 0.02 } } else { 0.03 };
                    let held = if slot < 2 { value[slot] * share } else { -share };
                    flow[slot] = 0.05 * held - cost[slot];
                }
                let mut outcomes = Vec::new();
                for outcome in 0..3u32 {
                    let to = b.open();
                    let next = match outcome {
                        0 => front - 1,
                        1 => front,
                        _ => front + 1,
                    };
                    b.close_next(to, index(next));
                    let at = u32::try_from(b.probabilities.len()).unwrap();
                    for kind in 0..if shape.two_sided { 2 } else { 1 } {
                        let strong = kind == 1;
                        let gain = if assault { 0.3 } else { 0.1 } * if strong { 0.5 } else { 1.0 };
                        let lose = if strong { 0.2 } else { 0.1 };
                        b.probabilities.push([lose, 1.0 - lose - gain, gain][outcome as usize]);
                    }
                    outcomes.push(edge(to, outcome, at, Row(0), Row(0)));
                }
                b.close_chance(child, ChanceId(0), shape.two_sided.then_some(PlayerId(1)), outcomes);
            }
            let (flow, cost) = (b.flows.push(&flow), b.costs.push(&cost));
            replies.push(edge(child, action, 0, flow, cost));
        }
        b.close_move(reply, MoveId(1), PlayerId(0), replies);
        talks.push(edge(reply, talk, 0, Row(0), Row(0)));
    }
    b.close_move(root, MoveId(0), PlayerId(1), talks);
    b.finish().unwrap()
}

fn edge(child: NodeId, label: u32, chance: u32, flow: Row, cost: Row) -> Edge {
    Edge { child, label, log_weight: 0.0, chance, flow, cost }
}
