//! The reference values: every value and every strategy of an independent implementation, from scenario files, and the exact
//! values of unrolled games. Reads `../shared/reference/dynamic` beside the repository; says so loudly when it is absent.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use armistice_game::{Belief, Horizon, Node, NodeId, Stage, StageTree, StateId, WarGame, unroll};
use armistice_scenario::{Change, Limits};
use armistice_solve::{Assessment, Control, Settings, StageSolver, Status, solve, solve_tree};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn reference(name: &str) -> Option<Value> {
    let path = root().join("../shared/reference/dynamic").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            println!("SKIPPED: {name} is not there; nothing was compared");
            None
        }
    }
}

fn game(name: &str, horizon: u64) -> WarGame {
    let path = root().join("crates/scenario/tests/files/good").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).unwrap();
    let mut scenario = armistice_scenario::parse(&text, name, path.parent().unwrap())
        .scenario
        .expect("the reference scenarios are sound");
    scenario.about.horizon = Some(u32::try_from(horizon).unwrap());
    scenario.compile(&Change::default(), &Limits::default()).unwrap().game
}

/// The state named by the reference: a front, or [phase, front, rearmed].
fn state(game: &WarGame, named: &Value) -> Option<StateId> {
    let find = |wanted: &dyn Fn(&str, &str) -> bool| {
        game.states.iter().position(|s| {
            game.variables
                .iter()
                .zip(&s.values)
                .all(|(variable, value)| wanted(&variable.name, &variable.labels[usize::from(*value)]))
        })
    };
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let position = match named {
        Value::Array(parts) => {
            let (phase, front, rearmed) = (text(&parts[0]), text(&parts[1]), text(&parts[2]));
            find(&|name, label| match name {
                "phase" => label == phase,
                "front" => label == front,
                _ => label == rearmed,
            })
        }
        front => find(&|name, label| name != "front" || label == text(front)),
    };
    position.map(StateId::new)
}

/// Beliefs name the players in capitals and give the probability of the second type.
fn belief(game: &WarGame, named: &Value) -> Belief {
    let mut out = Belief::prior(game);
    for (name, p) in named.as_object().unwrap() {
        let player = game.player(&name.to_lowercase()).unwrap();
        let p = p.as_f64().unwrap();
        out = out.with(game, player, &[1.0 - p, p]);
    }
    out
}

/// The node reached by a path of actions, whatever flow or chance lies between.
fn walk(game: &WarGame, tree: &StageTree, path: &[Value]) -> NodeId {
    let mut node = NodeId(0);
    for action in path {
        let Node::Move { id, .. } = &tree.nodes[node.index()] else { panic!("{path:?}") };
        let labels = &game.moves[id.index()].actions;
        let wanted = action.as_str().unwrap();
        let edge = tree
            .edges_of(node)
            .iter()
            .find(|e| same(&labels[e.label as usize], wanted))
            .unwrap_or_else(|| panic!("{wanted} among {labels:?}"));
        node = edge.child;
    }
    node
}

/// `offer+1` and `offer(1)` are one action.
fn same(label: &str, wanted: &str) -> bool {
    let plain = label.replace(['(', ')'], "");
    label == wanted || plain == wanted || plain == wanted.replace('+', "")
}

fn strategies(
    game: &WarGame,
    tree: &StageTree,
    assessment: &Assessment,
    node: NodeId,
    kind: usize,
) -> Vec<f64> {
    let Node::Move { edges, .. } = &tree.nodes[node.index()] else { panic!("{} is no move", game.title) };
    edges.clone().map(|e| assessment.strategy(e as usize)[kind]).collect()
}

fn compare(name: &str, file: &str) {
    let Some(reference) = reference(file) else { return };
    let game = game(name, reference["horizon"].as_u64().unwrap());
    let points = usize::try_from(reference["belief_points"].as_u64().unwrap()).unwrap();
    let settings = Settings { belief_points: points, ..Settings::default() };
    let equilibrium = solve(&game, &settings, &Control::default()).unwrap();
    assert_eq!(equilibrium.status, Status::Certified);
    let (mut values, mut probabilities) = (0, 0);
    for row in reference["values"].as_array().unwrap() {
        let Some(state) = state(&game, &row["state"]) else {
            continue;
        };
        let player = game.player(&row["player"].as_str().unwrap().to_lowercase()).unwrap();
        let slot = game.slots_of(player).start + usize::try_from(row["type"].as_u64().unwrap()).unwrap();
        let got = equilibrium.value(&game, 0, state, &belief(&game, &row["belief"]))[slot];
        let expected = row["value"].as_f64().unwrap();
        assert!((got - expected).abs() < 1e-8, "{file} {row}: {got}");
        values += 1;
    }
    let mut solver = StageSolver::new(&game, &equilibrium);
    for row in reference["root_strategy"].as_array().unwrap() {
        let Some(state) = state(&game, &row["state"]) else { continue };
        let Stage::Play(tree) = &game.stages[state.index()] else { continue };
        let node = walk(&game, tree, row["path"].as_array().unwrap());
        let kind = usize::try_from(row["type"].as_u64().unwrap()).unwrap();
        // The reference reads strategies like values: between grid points by interpolation.
        let mut got: Vec<f64> = Vec::new();
        for (point, weight) in equilibrium.grid.locate(&belief(&game, &row["belief"]).0) {
            let assessment = solver.solve(0, state, &[Belief(equilibrium.grid.belief(point))]).remove(0);
            let own = strategies(&game, tree, &assessment, node, kind);
            got.resize(own.len(), 0.0);
            got.iter_mut().zip(&own).for_each(|(x, p)| *x += weight * p);
        }
        let expected: Vec<f64> =
            row["probabilities"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect();
        assert_eq!(got.len(), expected.len(), "{file} {row}");
        for (p, q) in got.iter().zip(&expected) {
            assert!((p - q).abs() < 1e-8, "{file} {row}: {got:?}");
        }
        probabilities += got.len();
    }
    assert_eq!(values, reference["values"].as_array().unwrap().len(), "states that are unreachable here");
    println!("{file}: {values} values and {probabilities} probabilities agree to 1e-8");
}

#[test]
fn learning_from_battle_17() {
    compare("learning-from-battle", "learning-from-battle.17-points.24-periods.json");
}

#[test]
fn learning_from_battle_65() {
    compare("learning-from-battle", "learning-from-battle.65-points.24-periods.json");
}

#[test]
fn truce_or_regroup_17() {
    compare("truce-or-regroup", "truce-or-regroup.17-points.24-periods.json");
}

#[test]
fn steel_or_mush_17() {
    compare("steel-or-mush", "steel-or-mush.17-points.12-periods.json");
}

#[test]
fn steel_or_mush_9() {
    compare("steel-or-mush", "steel-or-mush.9-points.24-periods.json");
}

/// Exact values of the unrolled games, as stated with the reference, by slot.
fn exact(name: &str, at: &str, periods: u32, expected: &[f64]) {
    let game = game(name, u64::from(periods));
    let state = state(&game, &serde_json::from_str(at).unwrap()).unwrap();
    let half =
        Belief(game.players.iter().flat_map(|p| vec![1.0 / p.types.len() as f64; p.types.len()]).collect());
    let tree = unroll(&game, state, periods, 5_000_000).unwrap();
    let assessment = solve_tree(&game, &tree, &half, &Settings::default()).unwrap();
    assert!(assessment.converged);
    for (got, expected) in assessment.value(NodeId(0)).iter().zip(expected) {
        assert!((got - expected).abs() < 1e-8, "{name} {periods}: {got} {expected}");
    }
    // The grid's error falls like h²: eight times finer, at least sixteen times smaller, with room for the kinks.
    let error = |points: usize| {
        let settings = Settings { belief_points: points, ..Settings::default() };
        let grid = WarGame { horizon: Horizon::Periods(periods), ..game.clone() };
        let equilibrium = solve(&grid, &settings, &Control::default()).unwrap();
        let values = equilibrium.value(&grid, 0, state, &half);
        values.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    let errors = [error(9), error(33), error(129)];
    println!(
        "{name}, {periods} periods, {} nodes: grid errors at 9, 33, 129 points {errors:?}",
        tree.nodes.len()
    );
    // The stated exact values have eight decimals: below that the comparison is with their rounding.
    assert!(errors[1] < errors[0] / 4.0 && errors[2] < (errors[1] / 4.0).max(1.5e-8), "{errors:?}");
}

#[test]
fn learning_from_battle_unrolled() {
    exact("learning-from-battle", "0", 2, &[0.420_781_55, 0.486_894_14, -0.560_828_18]);
    exact("learning-from-battle", "0", 3, &[0.412_650_95, 0.488_580_68, -0.572_236_47]);
}

#[test]
fn truce_or_regroup_unrolled() {
    exact("truce-or-regroup", r#"["war", 0, 0]"#, 3, &[0.070_002_54, 0.521_158_16, -0.602_890_36]);
    exact("truce-or-regroup", r#"["truce", 0, 1]"#, 4, &[0.085_646_58, 0.531_997_78, -0.633_365_59]);
}
