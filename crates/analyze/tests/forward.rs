//! The forward pass against everything that can be computed without it.
#![allow(clippy::unwrap_used)]

mod common;

use armistice_analyze::simulate::{Simulation, simulate};
use armistice_analyze::{Given, Outlook, Propagation, Spread, Start, propagate};
use armistice_game::*;
use armistice_solve::{Control, Equilibrium, Settings, solve, solve_tree};
use common::{SETTLEMENT, SMALL, Shape, VICTORY, tug};

fn solved(game: &WarGame, belief_points: usize) -> Equilibrium {
    solve(game, &Settings { belief_points, ..Settings::default() }, &Control::default()).unwrap()
}

fn at(game: &WarGame, attacker: f64, defender: f64) -> Start {
    let belief = if game.slots() == 4 {
        vec![attacker, 1.0 - attacker, defender, 1.0 - defender]
    } else {
        vec![attacker, 1.0 - attacker, 1.0]
    };
    Start { state: game.start, belief: Belief(belief) }
}

fn follow(game: &WarGame, equilibrium: &Equilibrium, start: &Start, spread: Spread) -> Outlook {
    let options = Propagation { spread, margins: Some(PlayerId(0)), ..Propagation::default() };
    propagate(game, equilibrium, start, &options, &Control::default()).unwrap()
}

const EXACT: Spread = Spread::Merge { limit: usize::MAX };

#[test]
fn on_the_grid_payoffs_are_the_values_to_round_off() {
    for two_sided in [false, true] {
        let game = tug(Shape { two_sided, periods: 8, ..SMALL });
        check(&game).unwrap();
        let equilibrium = solved(&game, 5);
        for (attacker, defender) in [(0.5, 0.25), (1.0, 0.5), (0.3, 0.61)] {
            let start = at(&game, attacker, defender);
            let outlook = follow(&game, &equilibrium, &start, Spread::Grid);
            let values = equilibrium.value(&game, 0, start.state, &start.belief);
            assert!(outlook.payoff_error(&values) < 1e-10, "{:?} {values:?}", outlook.payoffs);
        }
    }
}

#[test]
fn exact_beliefs_reproduce_the_unrolled_tree() {
    // The tree knows no grid; the outlook's only error is that of values read off a fine one.
    let game = tug(Shape { periods: 3, ..SMALL });
    let equilibrium = solved(&game, 129);
    let start = at(&game, 0.5, 0.4);
    let outlook = follow(&game, &equilibrium, &start, EXACT);
    assert!(outlook.exact());

    let tree = unroll(&game, game.start, 3, 1_000_000).unwrap();
    let assessment = solve_tree(&game, &tree, &start.belief, &Settings::default()).unwrap();
    assert!(assessment.converged);
    let mut reach = vec![0.0; tree.nodes.len()];
    reach[0] = 1.0;
    let mut ended = [0.0; 4];
    for (index, node) in tree.nodes.iter().enumerate() {
        if let Node::End(end) = node {
            ended[tree.ends[*end as usize].ending.index()] += reach[index];
        }
        if let Node::Move { edges, .. } | Node::Chance { edges, .. } | Node::Later { edges } = node {
            for e in edges.clone() {
                reach[tree.edges[e as usize].child.index()] =
                    reach[index] * assessment.probability[e as usize];
            }
        }
    }
    let weights = outlook.weights(&Given::default());
    for (ending, probability) in ended.iter().take(3).enumerate() {
        let found = outlook.ended_by(&weights, 3, Some(EndingId::new(ending)));
        assert!((found - probability).abs() < 1e-6, "{ending}: {found} {probability}");
    }
    assert!((outlook.survival(&weights, 3) - ended[3]).abs() < 1e-6);
    assert!(outlook.payoff_error(assessment.value(NodeId(0))) < 1e-6);
}

#[test]
fn probabilities_are_probabilities() {
    let game = tug(Shape { periods: 10, ..SMALL });
    let equilibrium = solved(&game, 9);
    let start = at(&game, 0.5, 0.4);
    for spread in [Spread::Merge { limit: 4000 }, Spread::Merge { limit: 40 }, Spread::Grid] {
        let outlook = follow(&game, &equilibrium, &start, spread);
        for given in
            [vec![], vec![(PlayerId(0), TypeId(1))], vec![(PlayerId(0), TypeId(0)), (PlayerId(1), TypeId(1))]]
        {
            let weights = outlook.weights(&Given(given));
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let mut before = 1.0;
            for n in 0..=10 {
                let on = outlook.survival(&weights, n);
                assert!(on <= before + 1e-12, "survival falls");
                assert!((on + outlook.ended_by(&weights, n, None) - 1.0).abs() < 1e-11, "mass is one");
                let in_states: f64 = outlook.states(&weights, n).map(|(_, m)| m).sum();
                assert!((in_states - on).abs() < 1e-12);
                before = on;
            }
            let moves = outlook.frequencies.made(&weights, MoveId(0));
            assert!(
                (moves - outlook.war_periods(&weights)).abs() < 1e-10,
                "one round of talks each period of war"
            );
            let shares: f64 =
                (0..3).map(|a| outlook.frequencies.frequency(&weights, MoveId(1), &[a], None).unwrap()).sum();
            assert!((shares - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn merging_close_beliefs_is_accurate_and_the_grid_is_not() {
    let game = tug(Shape { periods: 5, ..SMALL });
    let equilibrium = solved(&game, 9);
    let start = at(&game, 0.5, 0.4);
    let exact = follow(&game, &equilibrium, &start, Spread::Merge { limit: 60_000 });
    assert!(exact.exact(), "{}", exact.width);
    let merged = follow(&game, &equilibrium, &start, Spread::Merge { limit: 100 });
    let spread = follow(&game, &equilibrium, &start, Spread::Grid);
    assert!(merged.width > 0.0 && merged.nodes < exact.nodes / 10);
    let given = Given(vec![(PlayerId(0), TypeId(1))]);
    let duration = |o: &Outlook| o.expected_duration(&o.weights(&given));
    let (truth, close, coarse) = (duration(&exact), duration(&merged), duration(&spread));
    println!("exact {truth}, merged to {} cells {close}, spread over the grid {coarse}", merged.width);
    assert!((close - truth).abs() < 1e-3, "{close} {truth}");
    assert!((close - truth).abs() < (coarse - truth).abs(), "{close} {coarse} {truth}");
}

#[test]
fn simulated_wars_agree_with_followed_ones() {
    let game = tug(Shape { periods: 6, ..SMALL });
    let equilibrium = solved(&game, 9);
    let start = at(&game, 0.5, 0.4);
    let outlook = follow(&game, &equilibrium, &start, Spread::Merge { limit: 20_000 });
    for given in [Given::default(), Given(vec![(PlayerId(0), TypeId(1)), (PlayerId(1), TypeId(0))])] {
        let options = Simulation { trajectories: 40_000, given: given.clone(), ..Simulation::default() };
        let (summary, _) = simulate(&game, &equilibrium, &start, &options, &Control::default()).unwrap();
        let weights = outlook.weights(&given);
        let close = |what: &str, estimate: armistice_analyze::simulate::Estimate, truth: f64| {
            let gap = (estimate.mean - truth).abs();
            assert!(gap < 4.0 * estimate.standard_error + 1e-6, "{what}: {estimate:?} {truth}");
        };
        close("duration", summary.duration().unwrap(), outlook.expected_duration(&weights));
        for n in 1..=6 {
            close("survival", summary.survival(n).unwrap(), outlook.survival(&weights, n));
            let settled = outlook.ended_by(&weights, n, Some(SETTLEMENT));
            close("settlement", summary.ended_by(n, Some(SETTLEMENT)).unwrap(), settled);
        }
        let won = outlook.ended_by(&weights, 6, Some(VICTORY));
        close("victory", summary.ended_by(6, Some(VICTORY)).unwrap(), won);
        close("terms", summary.terms(None).unwrap(), outlook.expected_terms(&weights, None).unwrap().0);
        for player in 0..2 {
            close("cost", summary.cost(player).unwrap(), outlook.cost(&weights, PlayerId::new(player)));
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let game = tug(Shape { periods: 6, ..SMALL });
    let equilibrium = solved(&game, 9);
    let start = at(&game, 0.5, 0.4);
    let options = Simulation { trajectories: 5000, keep: 50, ..Simulation::default() };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let outlook = follow(&game, &equilibrium, &start, Spread::Merge { limit: 500 });
            (outlook, simulate(&game, &equilibrium, &start, &options, &Control::default()).unwrap())
        })
    };
    let (one, many) = (run(1), run(2));
    assert!(one.0 == many.0, "propagation");
    assert!(one.1 == many.1, "simulation");
    assert!(one.0 == run(3).0);
}

#[test]
fn a_canceled_run_stops() {
    let game = tug(SMALL);
    let equilibrium = solved(&game, 3);
    let control = Control::default();
    control.cancel.cancel();
    let start = at(&game, 0.5, 0.4);
    let stopped = propagate(&game, &equilibrium, &start, &Propagation::default(), &control);
    assert!(stopped.unwrap_err().to_string().contains("stopped on request"));
    assert!(simulate(&game, &equilibrium, &start, &Simulation::default(), &control).is_err());
}

#[test]
fn kept_strategies_count_what_solving_again_on_the_grid_counts() {
    for two_sided in [false, true] {
        let game = tug(Shape { two_sided, periods: 8, ..SMALL });
        let settings = Settings { belief_points: 4, kept_play: true, ..Settings::default() };
        let equilibrium = solve(&game, &settings, &Control::default()).unwrap();
        let start = at(&game, 0.3, 0.61);
        let kept = follow(&game, &equilibrium, &start, Spread::Kept);
        let solved = follow(&game, &equilibrium, &start, Spread::Grid);
        // What is kept is within the residual, 1e-10, of what is solved again; some dozen moves lie on a path.
        let same = |a: f64, b: f64| assert!((a - b).abs() < 1e-8, "{a} {b}");
        let weights = kept.weights(&Given::default());
        for profile in 0..weights.len() {
            let mut one = vec![0.0; weights.len()];
            one[profile] = 1.0;
            for n in 0..=8 {
                same(kept.survival(&one, n), solved.survival(&one, n));
                for ending in [VICTORY, SETTLEMENT] {
                    same(kept.ended_by(&one, n, Some(ending)), solved.ended_by(&one, n, Some(ending)));
                }
                let states = |outlook: &Outlook| outlook.states(&one, n).collect::<Vec<_>>();
                assert_eq!(states(&kept).len(), states(&solved).len());
                for (a, b) in states(&kept).into_iter().zip(states(&solved)) {
                    assert_eq!(a.0, b.0);
                    same(a.1, b.1);
                }
            }
            for player in 0..game.players.len() {
                same(kept.cost(&one, PlayerId::new(player)), solved.cost(&one, PlayerId::new(player)));
            }
            for (id, made) in game.moves.iter().enumerate() {
                for action in 0..made.actions.len() {
                    let share =
                        |outlook: &Outlook| outlook.frequencies.chosen(&one, MoveId::new(id), &[action]);
                    same(share(&kept), share(&solved));
                }
            }
            same(kept.survival(&one, 8) + kept.ended_by(&one, 8, None), 1.0);
        }
        assert!(!kept.exact() && kept.width == 1.0 / 3.0);
        // Without kept strategies it is the pass that solves.
        let plain = self::solved(&game, 4);
        assert_eq!(follow(&game, &plain, &start, Spread::Kept), follow(&game, &plain, &start, Spread::Grid));
    }
}
