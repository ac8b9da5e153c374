//! What the parts of the language mean in the compiled game.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use armistice_game::{Node, NodeId, Payoff, Precision, Stage, StageTree, StateId, WarGame};
use armistice_scenario::{Change, Compiled, Expression, Limits, Scenario, parse, render_plain};

/// Two players, one of them with two types, a front of three places.
const HEAD: &str = r#"
[scenario]
title = "A war"
period = "month"
horizon = 2

[parameters]
push = 0.25
cost = 0.1
twice = "2 * push"

[players.a]
discount = 0.9
precision = 4
attributes = { share_cost = 0.5 }
[players.a.types]
low = { prior = 0.75, value = 1 }
high = { prior = 0.25, value = 2 }

[players.d]
discount = 0.8
precision = "inf"

[state]
front = { from = 0, to = 2, start = 1 }
phase = { values = ["war", "truce"], start = "war" }

[let]
share = "front / 2"

[at_horizon]
payoff = { a = "self.value * share" }
"#;

fn scenario(body: &str) -> Scenario {
    let loaded = parse(&format!("{HEAD}{body}"), "scenario.toml", Path::new("."));
    assert!(loaded.scenario.is_some(), "{}", render_plain(&loaded));
    loaded.scenario.unwrap()
}

fn compiled(body: &str, change: &Change) -> Compiled {
    scenario(body).compile(change, &Limits::default()).unwrap_or_else(|e| panic!("{e:?}"))
}

fn game(body: &str) -> WarGame {
    compiled(body, &Change::default()).game
}

fn tree(game: &WarGame, state: u32) -> &StageTree {
    match &game.stages[StateId(state).index()] {
        Stage::Play(tree) => tree,
        Stage::Over(_) => panic!("the war is over in that state"),
    }
}

/// Labels of the actions or outcomes at a node.
fn labels(game: &WarGame, tree: &StageTree, node: usize) -> Vec<String> {
    let names = match &tree.nodes[node] {
        Node::Move { id, .. } => &game.moves[id.index()].actions,
        Node::Chance { id, .. } => &game.chances[id.index()].outcomes,
        _ => return Vec::new(),
    };
    tree.edges_of(NodeId::new(node)).iter().map(|e| names[e.label as usize].clone()).collect()
}

const FIGHT: &str = r#"
[[stage]]
player = "a"
move = "act"
actions.wait = {}
actions.strike = { payoff = { a = "self.value" }, cost = { a = "cost * self.value", d = "cost" }, set = { front = "min(front + 1, 2)" } }
"#;

#[test]
fn payoffs_are_net_of_costs_and_costs_are_kept() {
    let game = game(FIGHT);
    let tree = tree(&game, 0);
    let strike = &tree.edges_of(NodeId(0))[1];
    assert_eq!(tree.flows.row(strike.flow), [1.0 - 0.1, 2.0 - 0.2, -0.1]);
    assert_eq!(tree.costs.row(strike.cost), [0.1, 0.2, 0.1]);
    assert_eq!(game.states[0].values, [1, 0]);
    assert_eq!(game.states[1].values, [2, 0]);
    assert_eq!(game.unreachable, 4);
    assert_eq!(game.horizon_payoffs[1], Payoff::Own(vec![1.0, 2.0, 0.0]));
    assert_eq!(game.players[0].precision, Precision::Finite(4.0));
    assert_eq!(game.players[1].precision, Precision::Infinite);
    assert_eq!(game.observables.len(), 1);
    assert_eq!(game.observables[0].values, [0.5, 1.0]);
}

#[test]
fn stages_are_skipped_and_sets_take_effect_at_once() {
    let game = game(
        r#"
[[stage]]
player = "d"
move = "offer"
when = "phase == 'war'"
actions.silent = {}
actions.truce = { set = { phase = "'truce'" } }

[[stage]]
player = "a"
move = "reply"
when = "phase == 'truce'"
actions.keep = { goto = "next" }
actions.breaks = { set = { phase = "'war'" } }

[[stage]]
player = "a"
move = "act"
actions.wait = {}
"#,
    );
    let tree = tree(&game, 0);
    // silent → act; truce → reply → keep (next) or breaks → act.
    assert_eq!(labels(&game, tree, 0), ["silent", "truce"]);
    assert_eq!(labels(&game, tree, 1), ["wait"]);
    assert_eq!(labels(&game, tree, 3), ["keep", "breaks"]);
    assert_eq!(tree.nodes.len(), 7);
    assert_eq!(game.states.len(), 2);
}

#[test]
fn copies_carry_their_value_and_their_weight() {
    let game = game(
        r#"
[[end]]
outcome = "deal"
terms = "offer.terms"
payoff = { a = "self.value * offer.terms" }

[[stage]]
player = "d"
move = "offer"
actions.propose = { each = { step = [-1, 0, 1] }, weight = "1 / count", note = { terms = "share + offer.step / 4" }, when = "front + offer.step >= 1" }
actions.none = {}

[[stage]]
player = "a"
move = "reply"
actions.accept = { when = "offer == 'propose'", end = "deal" }
actions.refuse = {}
"#,
    );
    let tree = tree(&game, 0);
    assert_eq!(game.moves[0].actions, ["propose(-1)", "propose(0)", "propose(1)", "none"]);
    assert_eq!(labels(&game, tree, 0), ["propose(0)", "propose(1)", "none"]);
    let weights: Vec<f64> = tree.edges_of(NodeId(0)).iter().map(|e| e.log_weight).collect();
    assert_eq!(weights, [(1.0f64 / 3.0).ln(), (1.0f64 / 3.0).ln(), 0.0]);
    let terms: Vec<Option<f64>> = tree.ends.iter().map(|e| e.terms).collect();
    assert_eq!(terms, [Some(0.5), Some(0.75)]);
    assert_eq!(tree.ends[1].payoff, Payoff::Own(vec![0.75, 1.5, 0.0]));
    assert_eq!(labels(&game, tree, 7), ["refuse"]);
}

#[test]
fn events_about_a_type_have_a_probability_per_type() {
    let game = game(
        r#"
[[stage]]
chance = "battle"
about = "a"
outcomes.gain = { probability = "0.2 * self.value", set = { front = "min(front + 1, 2)" } }
outcomes.never = { probability = 0, set = { front = 99 } }
outcomes.hold = { probability = "rest", payoff = { a = "-self.value" } }
"#,
    );
    let tree = tree(&game, 0);
    assert_eq!(labels(&game, tree, 0), ["gain", "hold"]);
    let edges = tree.edges_of(NodeId(0));
    let p: Vec<f64> = edges.iter().flat_map(|e| (0..2).map(|k| tree.probability(e, k))).collect();
    assert_eq!(p, [0.2, 0.4, 0.8, 0.6]);
    assert_eq!(tree.flows.row(edges[1].flow), [-1.0, -2.0, 0.0]);
}

#[test]
fn flows_ride_on_the_edge_before_them_or_on_an_event_of_their_own() {
    let body = r#"
[[stage]]
cost = { a = "cost" }

[[stage]]
player = "a"
move = "act"
actions.wait = {}
actions.strike = { set = { front = "min(front + 1, 2)" } }

[[stage]]
when = "act == 'strike'"
payoff = { d = "-share" }
"#;
    let compiled = compiled(body, &Change::default());
    let game = &compiled.game;
    let tree = tree(game, 0);
    assert_eq!(compiled.chance_stage, [0]);
    assert_eq!(compiled.move_stage, [1]);
    assert_eq!(game.chances[0].outcomes, ["flow"]);
    let root = tree.edges_of(NodeId(0));
    assert_eq!(tree.flows.row(root[0].flow), [-0.1, -0.1, 0.0]);
    assert_eq!(tree.costs.row(root[0].cost), [0.1, 0.1, 0.0]);
    let act = tree.edges_of(NodeId(1));
    assert_eq!(tree.flows.row(act[0].flow), [0.0, 0.0, 0.0]);
    // The flow comes after the set of the strike.
    assert_eq!(tree.flows.row(act[1].flow), [0.0, 0.0, -1.0]);
}

#[test]
fn flows_that_change_nothing_at_the_root_need_no_event() {
    let compiled = compiled(
        &format!("[[stage]]\nwhen = \"front == 0\"\ncost = {{ a = 1 }}\n{FIGHT}"),
        &Change::default(),
    );
    assert!(compiled.chance_stage.is_empty());
    assert!(matches!(tree(&compiled.game, 0).nodes[0], Node::Move { .. }));
}

#[test]
fn the_first_ending_that_holds_applies() {
    let body = format!(
        r#"
[[end]]
outcome = "far"
when = "front == 2"
terms = "share"
payoff = {{ a = "self.value", d = -1 }}

[[end]]
outcome = "also_far"
when = "front > 1 or front < 1"
{FIGHT}"#
    );
    let game = game(&body);
    assert_eq!(game.endings, ["far", "also_far"]);
    let Stage::Over(end) = &game.stages[1] else { panic!("the war is over there") };
    assert_eq!((end.ending.0, end.terms), (0, Some(1.0)));
    // States that are over pay their own ending at the horizon.
    assert_eq!(game.horizon_payoffs[1], Payoff::Own(vec![1.0, 2.0, -1.0]));
}

#[test]
fn end_payoffs_are_joint_only_where_they_read_other_types() {
    let body = |payoff: &str| {
        format!(
            r#"
[[end]]
outcome = "deal"
payoff = {payoff}

[[stage]]
player = "a"
move = "act"
actions.stop = {{ end = "deal" }}
actions.go = {{}}
"#
        )
    };
    let joint = game(&body(r#"{ a = "self.value", d = "-a.value * 10" }"#));
    let Payoff::Joint(payoff) = &tree(&joint, 0).ends[0].payoff else { panic!("a joint payoff") };
    assert_eq!(payoff.values, [1.0, -10.0, 2.0, -20.0]);
    // An attribute that all types share is public.
    let own = game(&body(r#"{ a = "self.value", d = "-a.share_cost" }"#));
    assert_eq!(tree(&own, 0).ends[0].payoff, Payoff::Own(vec![1.0, 2.0, -0.5]));
}

#[test]
fn changes_apply_levers_then_parameters_and_derive_the_rest() {
    let body = format!(
        r#"{FIGHT}
[levers.more]
cost = "cost / 2"
change = {{ push = "push * 2", cost = "cost + push" }}
"#
    );
    let base = compiled(&body, &Change::default());
    assert_eq!(base.parameters, [0.25, 0.1, 0.5]);
    assert_eq!(base.lever_costs, [0.05]);
    let pulled = compiled(&body, &Change { levers: vec![0], ..Change::default() });
    // Both sides of a change read the old values; parameters that follow from others follow.
    assert_eq!(pulled.parameters, [0.5, 0.35, 1.0]);
    let both = Change {
        levers: vec![0],
        parameters: vec![(0, Expression::parse("push / 10").unwrap()), (1, Expression::number(3.0))],
        precision_scale: Some(0.5),
        ..Change::default()
    };
    let both = compiled(&body, &both);
    assert_eq!(both.parameters, [0.05, 3.0, 0.1]);
    assert_eq!(both.game.players[0].precision, Precision::Finite(2.0));
}

#[test]
fn changes_commit_start_and_believe() {
    let change = Change {
        commit: vec![(0, "strike".to_owned())],
        start: vec![(0, 0), (1, 1)],
        belief: vec![(0, 1, 1.0)],
        given: vec![(0, 1)],
        ..Change::default()
    };
    let compiled = compiled(FIGHT, &change);
    let game = &compiled.game;
    assert_eq!(labels(game, tree(game, 0), 0), ["strike"]);
    assert_eq!(game.states[0].values, [0, 1]);
    assert_eq!(compiled.start_belief.0, [0.0, 1.0, 1.0]);
    assert_eq!(compiled.given, [Some(1), None]);
    // The labels stay those of the scenario as written, so that runs can be compared.
    assert_eq!(game.moves[0].actions, ["wait", "strike"]);
}

#[test]
fn a_commitment_holds_only_where_it_can_be_kept() {
    let body = FIGHT.replace("actions.strike = {", "actions.strike = { when = \"front == 1\",");
    let change = Change { commit: vec![(0, "strike".to_owned())], ..Change::default() };
    let game = compiled(&body, &change).game;
    assert_eq!(labels(&game, tree(&game, 0), 0), ["strike"]);
    assert_eq!(labels(&game, tree(&game, 1), 0), ["wait"]);
}

#[test]
fn a_let_may_read_self_and_the_path() {
    let body = FIGHT.replace("self.value\" }, cost", "gain\" }, cost");
    let text = format!("{HEAD}{body}").replace(
        "[let]",
        "[let]\ngain = \"self.value * (if act == 'strike' then step else 0) * discount\"\nstep = \"front + 1\"",
    );
    let loaded = parse(&text, "scenario.toml", Path::new("."));
    assert!(loaded.scenario.is_some(), "{}", render_plain(&loaded));
    let game = loaded.scenario.unwrap().compile(&Change::default(), &Limits::default()).unwrap().game;
    let names: Vec<&str> = game.observables.iter().map(|o| o.name.as_str()).collect();
    assert_eq!(names, ["step", "share"]);
    let strike = &tree(&game, 0).edges_of(NodeId(0))[1];
    assert_eq!(tree(&game, 0).flows.row(strike.flow), [1.8 - 0.1, 3.6 - 0.2, -0.1]);
}
