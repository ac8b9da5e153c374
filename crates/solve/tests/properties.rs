//! Properties every solution has, on random games with up to four players and three private types.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/random.rs"]
mod random;

use armistice_game::{Belief, Horizon, NodeId, Precision, Stage, StateId, WarGame, unroll};
use armistice_solve::{
    Control, Equilibrium, Selection, Settings, StageSolver, Status, certify, compare_selections, solve,
    solve_tree,
};
use common::player;
use random::{Spec, game};

fn specs() -> Vec<Spec> {
    let spec = |types: &[usize], precision: f64| Spec {
        types: types.to_vec(),
        states: 3,
        horizon: Horizon::Periods(3),
        precision,
        depth: 4,
    };
    vec![
        spec(&[2, 1], 3.0),
        spec(&[2, 2], 4.0),
        spec(&[3, 1], 4.0),
        spec(&[1, 3, 2], 3.0),
        spec(&[2, 1, 2, 1], 5.0),
        spec(&[2, 2, 2], 2.0),
        spec(&[1, 1], 5.0),
    ]
}

fn settings(belief_points: usize) -> Settings {
    Settings { belief_points, ..Settings::default() }
}

fn solved(game: &WarGame, belief_points: usize) -> Equilibrium {
    let equilibrium = solve(game, &settings(belief_points), &Control::default()).unwrap();
    assert_eq!(equilibrium.status, Status::Certified, "{}: {:?}", game.title, equilibrium.counts);
    equilibrium
}

#[test]
fn certificates_hold_on_random_games() {
    let (mut ambiguous, mut checked) = (0, 0);
    for (i, spec) in specs().iter().enumerate() {
        for seed in 0..4 {
            let game = game(seed * 100 + i as u64, spec);
            let equilibrium = solved(&game, 5);
            let certificate = certify(&game, &equilibrium, 150, &Control::default());
            assert!(certificate.residual < 1e-9, "{certificate:?}");
            // Payoffs this wild can make a stage game with several equilibria; then the certificate must say so.
            assert!(certificate.value_error < 1e-9 || certificate.ambiguous > 0, "{certificate:?}");
            ambiguous += certificate.ambiguous;
            checked += certificate.checked;
            assert!(certificate.mass_error < 1e-12, "{certificate:?}");
            assert!(
                certificate.regret >= 0.0 && certificate.regret <= certificate.regret_bound,
                "{certificate:?}"
            );
        }
    }
    assert!(ambiguous * 200 < checked, "{ambiguous} of {checked}");
}

#[test]
fn the_grid_converges_to_the_unrolled_tree_at_order_h_squared() {
    for (i, spec) in
        specs().iter().enumerate().filter(|(_, s)| s.types.iter().filter(|k| **k > 1).count() < 3)
    {
        let mut game = game(7 + i as u64, spec);
        game.horizon = Horizon::Periods(2);
        let belief = Belief::prior(&game);
        let tree = unroll(&game, game.start, 2, 100_000).unwrap();
        let exact = solve_tree(&game, &tree, &belief, &Settings::default()).unwrap();
        assert!(exact.converged);
        let error = |points: usize| {
            let values = solved(&game, points).value(&game, 0, game.start, &belief);
            values.iter().zip(exact.value(NodeId(0))).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        let (coarse, fine) = (error(5), error(33));
        // Eight times finer: 64 times smaller at order h², with room for where the kinks fall.
        assert!(fine < 1e-9 || fine < coarse / 12.0, "{}: {coarse:e} {fine:e}", game.title);
        assert!(fine < 3e-4, "{}: {fine:e}", game.title);
    }
}

#[test]
fn zero_precision_plays_base_weights() {
    let mut game = game(3, &specs()[1]);
    for p in &mut game.players {
        p.precision = Precision::Finite(0.0);
    }
    let equilibrium = solved(&game, 5);
    let Stage::Play(tree) = &game.stages[0] else { panic!() };
    let assessment = &StageSolver::new(&game, &equilibrium).solve(0, StateId(0), &[Belief::prior(&game)])[0];
    for (index, _) in tree.nodes.iter().enumerate() {
        let edges = tree.edges_of(NodeId::new(index));
        let total: f64 = edges.iter().map(|e| e.log_weight.exp()).sum();
        for edge in edges {
            let position = tree.edges.iter().position(|e| e == edge).unwrap();
            for p in assessment.strategy(position) {
                assert!((p - edge.log_weight.exp() / total).abs() < 1e-14);
            }
        }
    }
}

#[test]
fn threads_and_neighbors_do_not_change_a_bit() {
    let game = game(5, &specs()[4]);
    let one = solve(&game, &Settings { threads: Some(1), ..settings(5) }, &Control::default()).unwrap();
    let two = solve(&game, &Settings { threads: Some(2), ..settings(5) }, &Control::default()).unwrap();
    let belief = Belief::prior(&game);
    for state in 0..3 {
        assert_eq!(one.table(0, StateId(state)), two.table(0, StateId(state)));
    }
    let other = Belief(one.grid.belief(3));
    let alone = StageSolver::new(&game, &one).solve(0, StateId(0), std::slice::from_ref(&belief));
    let together = StageSolver::new(&game, &one).solve(0, StateId(0), &[other.clone(), belief, other]);
    assert_eq!(alone[0], together[1]);
}

#[test]
fn affine_changes_of_payoffs_change_nothing_but_units() {
    let spec = &specs()[1];
    let game = game(11, spec);
    let mut scaled = game.clone();
    // Player 0 counts in units half as large: payoffs double, λ halves.
    let slots = game.slots_of(armistice_game::PlayerId(0));
    scale(&mut scaled, &slots, spec.types.len());
    scaled.players[0].precision = Precision::Finite(spec.precision / 2.0);
    let (a, b) = (solved(&game, 5), solved(&scaled, 5));
    let belief = Belief::prior(&game);
    let (a, b) = (a.value(&game, 0, StateId(0), &belief), b.value(&scaled, 0, StateId(0), &belief));
    for (slot, (x, y)) in a.iter().zip(&b).enumerate() {
        let factor = if slots.contains(&slot) { 2.0 } else { 1.0 };
        assert!((factor * x - y).abs() < 1e-8, "{slot}: {x} {y}");
    }
}

fn scale(game: &mut WarGame, slots: &std::ops::Range<usize>, players: usize) {
    let payoff = |payoff: &mut armistice_game::Payoff| match payoff {
        armistice_game::Payoff::Own(row) => row[slots.clone()].iter_mut().for_each(|x| *x *= 2.0),
        armistice_game::Payoff::Joint(joint) => {
            joint.values.iter_mut().step_by(players).for_each(|x| *x *= 2.0);
        }
    };
    for p in &mut game.horizon_payoffs {
        payoff(p);
    }
    for stage in &mut game.stages {
        match stage {
            Stage::Over(end) => payoff(&mut end.payoff),
            Stage::Play(tree) => {
                tree.ends.iter_mut().for_each(|end| payoff(&mut end.payoff));
                let rows = tree.flows.rows();
                let mut flows =
                    armistice_game::PayoffTable::new(game.players.iter().map(|p| p.types.len()).sum());
                for row in 1..rows {
                    let mut values = tree.flows.row(armistice_game::Row::new(row)).to_vec();
                    values[slots.clone()].iter_mut().for_each(|x| *x *= 2.0);
                    assert_eq!(flows.push(&values).index(), row);
                }
                tree.flows = flows;
            }
        }
    }
}

#[test]
fn continuation_agrees_with_the_fast_iteration_at_moderate_precision() {
    for spec in &specs()[..4] {
        let game = game(21, spec);
        let equilibrium = solved(&game, 5);
        for check in
            compare_selections(&game, &equilibrium, &[Selection::Continuation], 20, &Control::default())
        {
            assert_eq!((check.converged, check.different), (check.points, 0), "{check:?}");
            assert!(check.largest_difference < 1e-8);
        }
    }
}

#[test]
fn infinite_precision_is_a_limit_with_small_regret() {
    let mut spec = specs().remove(0);
    spec.precision = f64::INFINITY;
    spec.depth = 3;
    let game = game(2, &spec);
    let equilibrium = solve(&game, &settings(9), &Control::default()).unwrap();
    let reached = equilibrium.counts.largest_precision.unwrap();
    let certificate = certify(&game, &equilibrium, 50, &Control::default());
    assert!(reached >= 10.0, "{reached}");
    assert!(certificate.regret <= 3f64.ln() / reached + 1e-9, "{certificate:?}");
}

#[test]
fn an_indefinite_horizon_is_the_limit_of_long_ones() {
    let mut spec = specs().remove(1);
    spec.horizon = Horizon::Indefinite;
    let stationary = game(4, &spec);
    let mut long = stationary.clone();
    long.horizon = Horizon::Periods(250);
    long.horizon_payoffs = vec![armistice_game::Payoff::Own(vec![0.0; 4]); 3];
    let (a, b) = (solved(&stationary, 5), solved(&long, 5));
    let belief = Belief::prior(&long);
    let (x, y) = (a.value(&stationary, 0, StateId(0), &belief), b.value(&long, 0, StateId(0), &belief));
    for (p, q) in x.iter().zip(&y) {
        assert!((p - q).abs() < 1e-7, "{p} {q}");
    }
    let certificate = certify(&stationary, &a, 40, &Control::default());
    assert!(certificate.value_error < 1e-8, "{certificate:?}");
}

#[test]
fn sizes_are_refused_before_anything_is_allocated() {
    let mut game = game(1, &specs()[5]);
    game.horizon = Horizon::Periods(4_000_000_000);
    let error = solve(&game, &settings(1001), &Control::default()).unwrap_err();
    assert!(error.to_string().contains("more than the limit"), "{error}");
}

#[test]
fn cancelling_is_a_status() {
    let game = game(1, &specs()[1]);
    let control = Control::default();
    control.cancel.cancel();
    assert_eq!(solve(&game, &settings(5), &control).unwrap().status, Status::Cancelled);
    assert_eq!(player("p", 0.9, 1.0, &[("a", 1.0)]).types.len(), 1);
}
