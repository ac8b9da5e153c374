//! Every scenario in `files/good` is sound, compiles, and is the game it should be.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use armistice_game::{Node, Stage};
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
        let scenario = loaded.scenario.unwrap();
        scenario.compile(&Change::default(), &Limits::default()).unwrap();
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
