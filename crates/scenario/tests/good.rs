//! Every scenario in `files/good` is sound, compiles, and is the game it should be.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use armistice_game::{FiniteGame, Node, Stage};
use armistice_scenario::{Change, Compiled, Limits, Scenario, load, render_plain};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/good")
}

fn sound(name: &str) -> (Scenario, Compiled) {
    let loaded = load(&folder().join(name));
    assert!(loaded.scenario.is_some(), "{}", render_plain(&loaded));
    let scenario = loaded.scenario.unwrap();
    let compiled = scenario.compile(&Change::default(), &Limits::default()).unwrap();
    (scenario, compiled)
}

#[test]
fn every_good_file_is_sound_and_quiet() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let loaded = load(&path);
        assert_eq!(render_plain(&loaded), "", "{}", path.display());
        // Some are meant for trees and have more types than any grid over beliefs could hold.
        let scenario = loaded.scenario.unwrap();
        scenario.compile(&Change::default(), &Limits::default().without_grid()).unwrap();
    }
}

#[test]
fn learning_from_battle_is_the_reference_game() {
    let (_, compiled) = sound("learning-from-battle.toml");
    let game = &compiled.game;
    assert_eq!(game.states.len(), 7);
    assert_eq!(game.moves[0].actions, ["offer(0)", "offer(-2)", "offer(-1)", "offer(1)", "offer(2)", "none"]);
    assert_eq!(game.moves[1].actions, ["accept", "fight"]);
    let Stage::Play(tree) = &game.stages[0] else { panic!("the war is on at the start") };
    let battle = tree.nodes.iter().find(|n| matches!(n, Node::Chance { .. })).unwrap();
    let Node::Chance { about, .. } = battle else { panic!("a chance node") };
    assert_eq!(about.map(|p| p.0), Some(0));
    let table = compiled.bargaining.unwrap();
    assert_eq!(table.terms.len(), 11);
    assert_eq!(table.payoffs[0][5].values(), [0.5, 0.5, -0.5]);
}

#[test]
fn truce_or_regroup_has_only_the_states_play_reaches() {
    let (_, compiled) = sound("truce-or-regroup.toml");
    let game = &compiled.game;
    // Seven fronts at war; five fronts under truce with three stocks each.
    assert_eq!(game.states.len(), 7 + 15);
    assert_eq!(game.unreachable, 42 - 22);
}

#[test]
fn steel_or_mush_has_three_players_and_two_private_types() {
    let (_, compiled) = sound("steel-or-mush.toml");
    assert_eq!(compiled.game.types(), [2, 1, 2]);
    assert_eq!(compiled.game.endings, ["collapse_of_the_attacker", "collapse_of_the_defender", "peace"]);
}

#[test]
fn types_made_by_each_become_a_tree_though_no_grid_could_hold_them() {
    let loaded = load(&folder().join("ultimatum-many-types.toml"));
    let scenario = loaded.scenario.unwrap();
    let refused = scenario.compile(&Change::default(), &Limits { max_values: 400, ..Limits::default() });
    assert_eq!(refused.unwrap_err()[0].code, "A0603");
    // 20 types of one player: C(17 - 1 + 19, 19) points.
    assert!(scenario.size(17).grid_points > 4_000_000_000);
    assert_eq!(scenario.refuse(17, &Limits::default()).unwrap().code, "A0603");

    let responder = &scenario.players[1];
    assert_eq!(responder.types.len(), 20);
    assert_eq!(responder.types[0].name, "cost(1)");
    assert_eq!(responder.types[19].title, "cost(20)");
    let compiled = scenario.compile(&Change::default(), &Limits::default().without_grid()).unwrap();
    let game = &compiled.game;
    let Stage::Play(tree) = &game.stages[0] else { panic!("the war is on at the start") };
    // Refusing pays 1 − p − cost: the costs are the midpoints of twenty equal parts of [0, 0.4].
    let refusal = tree.ends.iter().find(|end| end.terms.is_none()).unwrap();
    let paid = &refusal.payoff.values()[1..];
    for (i, x) in paid.iter().enumerate() {
        assert!((x - (0.4 - 0.4 * (i as f64 + 0.5) / 20.0)).abs() < 1e-12, "{paid:?}");
    }
    let finite = FiniteGame::of_war(game, game.start, &compiled.start_belief, 1, 100_000).unwrap();
    // One chance node, 20 offers to choose among (in one information set), 20 × 21 replies, 2 ends each.
    assert_eq!(finite.nodes.len(), 1 + 20 + 20 * 21 + 2 * 20 * 21);
    assert_eq!(finite.sets.len(), 1 + 20 * 21);
    assert!(FiniteGame::of_war(game, game.start, &compiled.start_belief, 1, 10).is_err());

    // A case may name a copy by its label.
    let case = &scenario.cases[0].change;
    let compiled = scenario.compile(case, &Limits::default().without_grid()).unwrap();
    assert_eq!(compiled.start_belief.0[3], 1.0);
}
