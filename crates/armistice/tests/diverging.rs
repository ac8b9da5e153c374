//! A war whose stage games drive Newton's method out of range: logits that are no numbers must be noticed, not kept.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use armistice_game::StateId;
use armistice_scenario::{Change, Limits};
use armistice_solve::{Control, Settings, Status, certify, solve};

/// Offers a hair above the rungs at which the weak are indifferent, and players that hardly err.
const LADDER: &str = r#"
extends = "powell-2004-screening"
remove = [
  "stage.second", "stage.last_reply", "stage.first.actions.below", "stage.first.actions.above", "stage.first.actions.rung",
  "stage.first.actions.all_tough", "stage.first.actions.all_weak", "stage.first.actions.between",
]

[scenario]
horizon = "indefinite"

[parameters]
hair = 0.004

[let]
y = "first.y"

[players.side_a]
precision = 10000

[players.side_b]
precision = 10000

[[stage]]
move = "first"
actions.ladder = { each = { j = { from = 0, to = 4 } }, note = { y = "rW + (1 - k) ^ first.j * (cW - cT) / k + hair" } }
"#;

#[test]
fn what_is_not_a_number_is_not_an_equilibrium() {
    let loaded = armistice_scenario::parse(LADDER, "ladder.toml", Path::new("."));
    let game = loaded.scenario.expect("the overlay is sound").compile(&Change::default(), &Limits::default());
    let game = game.unwrap().game;
    for belief_points in [5, 9, 17, 33] {
        let settings = Settings { belief_points, ..Settings::default() };
        let equilibrium = solve(&game, &settings, &Control::default()).unwrap();
        let certificate = certify(&game, &equilibrium, usize::MAX, &Control::default());
        let told = format!("{belief_points} points: {certificate:?}");
        for state in (0..game.states.len()).map(StateId::new) {
            assert!(equilibrium.table(0, state).iter().all(|v| v.is_finite()), "{told}");
        }
        assert!(certificate.regret.is_finite() && certificate.value_error.is_finite(), "{told}");
        if equilibrium.status == Status::Certified {
            assert!(certificate.residual <= 1e-9, "{told}");
        }
    }
}
