//! The tug of war of two rivals, against `../shared/reference/estimation`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use armistice_fit::tug_of_war::{Choices, Dynamics, Play, search, solve};
use armistice_fit::{Column, Status, Table};
use armistice_solve::Control;
use serde_json::Value;

fn shared() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.join("reference/estimation").is_dir() {
        println!("SKIPPED: ../shared/reference/estimation is not there");
        eprintln!("SKIPPED: ../shared/reference/estimation is not there");
        return None;
    }
    Some(shared)
}

fn numbers(table: &Table, name: &str) -> Vec<f64> {
    match table.column(name) {
        Some(Column::Numbers(x)) => x.clone(),
        _ => panic!("{name}"),
    }
}

fn game() -> Option<(Dynamics, Choices, Value)> {
    let shared = shared()?;
    let read = |name: &str| {
        Table::from_csv(&std::fs::read(shared.join("data/estimation").join(name)).unwrap()).unwrap()
    };
    let gamma = numbers(&read("tugofwar_first_stage.csv"), "value");
    let states = numbers(&read("tugofwar_states.csv"), "state");
    let dynamics = Dynamics::new(states, gamma[..6].try_into().unwrap(), gamma[6], 0.999).unwrap();
    let months = read("tugofwar_hamas_fatah_monthly.csv");
    let [state, h, f] = ["states.discrete", "Hattacks", "Fattacks"].map(|name| numbers(&months, name));
    let periods: Vec<(f64, [bool; 2])> =
        (0..state.len()).map(|t| (state[t], [h[t] > 0.0, f[t] > 0.0])).collect();
    let reference = std::fs::read(shared.join("reference/estimation/tug_of_war_dynamic_game.json")).unwrap();
    Some((dynamics.clone(), Choices::count(&dynamics, &periods), serde_json::from_slice(&reference).unwrap()))
}

fn point(value: &Value) -> [f64; 4] {
    std::array::from_fn(|i| value["theta"][i].as_f64().unwrap())
}

#[test]
fn the_published_estimate_and_the_maximum_near_it() {
    let Some((dynamics, choices, reference)) = game() else { return };
    let published = point(&reference["stored"]);
    let play = solve(&dynamics, &published, &Play::blank(440)).unwrap();
    assert!(play.residual <= 1e-9, "{}", play.residual);
    let value = choices.log_likelihood(&play).0;
    assert!((value - reference["stored"]["loglik"].as_f64().unwrap()).abs() < 1e-6, "{value}");

    let found = search(&dynamics, &choices, published, [0.0; 4], 1, 1, &Control::default()).unwrap();
    let best = found[0].as_ref().unwrap();
    let ours = &reference["ours"];
    assert_eq!(best.maximum.status, Status::Converged);
    assert!(best.maximum.value() >= ours["loglik"].as_f64().unwrap() - 1e-8, "{}", best.maximum.value());
    assert!((best.maximum.value() - ours["loglik"].as_f64().unwrap()).abs() < 1e-6);
    assert!(best.play.residual <= 1e-9, "{}", best.play.residual);
    for (i, (x, y)) in best.maximum.point.iter().zip(point(ours)).enumerate() {
        let error = ours["se_observed_information"][i].as_f64().unwrap();
        assert!((x - y).abs() < 1e-3 * error, "{i}: {x} {y}");
    }
}

#[test]
fn a_higher_maximum_lies_in_another_equilibrium() {
    let Some((dynamics, choices, reference)) = game() else { return };
    let near = [0.0099, -0.00026, 0.244, -2.27];
    let found = search(&dynamics, &choices, near, [0.0; 4], 1, 1, &Control::default()).unwrap();
    let best = found[0].as_ref().unwrap();
    assert_eq!(best.maximum.status, Status::Converged);
    assert!((best.maximum.value() - -272.751_625_27).abs() < 1e-6, "{}", best.maximum.value());
    assert!(best.maximum.value() > reference["ours"]["loglik"].as_f64().unwrap() + 5.4);
    assert!(best.play.residual <= 1e-9, "{}", best.play.residual);
    // At these payoffs there is more than one way to play, and play without a future leads to one that explains less.
    let payoffs: [f64; 4] = best.maximum.point.as_slice().try_into().unwrap();
    let other = solve(&dynamics, &payoffs, &Play::blank(440)).unwrap();
    assert!(other.residual <= 1e-9);
    assert!(choices.log_likelihood(&other).0 < best.maximum.value() - 5.0);
    assert!(solve(&dynamics, &payoffs, &best.play).unwrap().residual <= 1e-9);
}

/// A small game: 41 states.
fn small() -> Dynamics {
    let states = (0..41).map(|i| 0.1 * f64::from(i) - 2.0).collect();
    Dynamics::new(states, [0.0, -0.2, 0.25, 0.95, 0.0, 0.01], 0.15, 0.95).unwrap()
}

#[test]
fn gradients_are_those_of_the_likelihood() {
    let dynamics = small();
    let periods: Vec<(f64, [bool; 2])> =
        (0..200).map(|t| ((f64::from(t) * 0.7).sin() * 1.5, [t % 3 == 0, t % 5 == 0])).collect();
    let choices = Choices::count(&dynamics, &periods);
    let value = |point: [f64; 4]| {
        let play = solve(&dynamics, &point, &Play::blank(41)).unwrap();
        assert!(play.residual <= 1e-10);
        choices.log_likelihood(&play).0
    };
    let found =
        search(&dynamics, &choices, [0.0, 0.0, -0.5, -1.0], [0.1, 0.1, 0.3, 0.3], 3, 1, &Control::default())
            .unwrap();
    for optimum in found.iter().flatten().filter(|o| o.maximum.status == Status::Converged) {
        // At a maximum differences of the likelihood vanish in every direction; away from it they are the gradient.
        let at = optimum.maximum.at.as_ref().unwrap();
        let point: [f64; 4] = optimum.maximum.point.as_slice().try_into().unwrap();
        assert!((value(point) - at.value).abs() < 1e-7);
        for j in 0..4 {
            let moved = |h: f64| {
                let mut point = point;
                point[j] += h;
                value(point)
            };
            let curve = (moved(1e-3) - 2.0 * at.value + moved(-1e-3)) / 1e-6;
            assert!(
                (curve - at.hessian.at(j, j)).abs() < 1e-2 * curve.abs(),
                "{j}: {curve} {}",
                at.hessian.at(j, j)
            );
        }
    }
    assert!(found.iter().flatten().any(|o| o.maximum.status == Status::Converged));
}

#[test]
fn without_a_stake_attacks_follow_their_costs() {
    let play = solve(&small(), &[0.0, 0.0, -0.5, -1.0], &Play::blank(41)).unwrap();
    for [h, f] in &play.advantages {
        assert!((h + 0.5).abs() < 1e-9 && (f + 1.0).abs() < 1e-9);
    }
}

#[test]
fn a_law_of_motion_that_is_none_is_refused() {
    assert!(Dynamics::new(vec![0.0, 1.0, 3.0], [0.0; 6], 0.1, 0.9).is_err());
    assert!(Dynamics::new(vec![0.0, 1.0, 2.0], [0.0; 6], 0.0, 0.9).is_err());
    assert!(Dynamics::new(vec![0.0, 1.0, 2.0], [f64::NAN; 6], 0.1, 1.0).is_err());
}
