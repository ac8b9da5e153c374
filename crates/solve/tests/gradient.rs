//! Derivatives with respect to every number of a game, against central differences of whole solutions.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../analyze/tests/common/mod.rs"]
mod wars;

use armistice_game::{Belief, Node, NodeId, Payoff, PayoffTable, Precision, Stage, WarGame, unroll};
use armistice_solve::gradient::{AdjointSolver, Effort, Primitives, StageSeeds, same_shape};
use armistice_solve::{Control, Settings, StageSolver, solve, solve_tree};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Half the step of a difference, in units of a direction of size about 1.
const STEP: f64 = 1e-6;
/// Relative to the derivative, and to the largest one below which only [`FLOOR`] is asked for.
const TOLERANCE: f64 = 1e-5;
const FLOOR: f64 = 1e-7;

fn settings(points: usize, kept: bool) -> Settings {
    Settings {
        belief_points: points,
        residual: 1e-12,
        threads: Some(1),
        kept_logits: if kept { 10_000_000 } else { 0 },
        ..Settings::default()
    }
}

/// A belief that lies on no grid point, and neither does what follows from it.
fn belief(game: &WarGame) -> Belief {
    let of = |player: &armistice_game::Player| -> Vec<f64> {
        let raw: Vec<f64> = (0..player.types.len()).map(|k| 1.0 + 0.41 * k as f64).collect();
        raw.iter().map(|x| x / raw.iter().sum::<f64>()).collect()
    };
    Belief(game.players.iter().flat_map(of).collect())
}

fn value(game: &WarGame, belief: &Belief, slot: usize, settings: &Settings) -> f64 {
    let equilibrium = solve(game, settings, &Control::default()).unwrap();
    let mut stages = StageSolver::new(game, &equilibrium);
    stages.solve(0, game.start, std::slice::from_ref(belief))[0].value(NodeId(0))[slot]
}

/// The derivative of the value of a slot at the start with respect to all primitives, and what it took.
fn gradient(game: &WarGame, belief: &Belief, slot: usize, settings: &Settings) -> (Primitives, Effort) {
    let equilibrium = solve(game, settings, &Control::default()).unwrap();
    let solver = AdjointSolver::new(game, &equilibrium).unwrap();
    let mut adjoints = vec![solver.adjoint()];
    let seeds = |_: usize, _: &armistice_solve::SolvedStage<'_>, out: &mut [StageSeeds]| {
        out[0].values.push((NodeId(0), slot, 1.0));
    };
    let visit = solver.visit((0, game.start), &[&belief.0], 1, seeds).unwrap();
    solver.take(&visit, &mut adjoints);
    let mut effort = visit.effort;
    effort += solver.sweep(&mut adjoints, &Control::default()).unwrap();
    let mut out = adjoints.pop().unwrap().primitives;
    out.start.copy_from_slice(&visit.roots);
    (out, effort)
}

/// The game with every number moved along a direction.
fn moved(game: &WarGame, along: &Primitives, step: f64) -> WarGame {
    let mut out = game.clone();
    let slots = game.slots();
    for (n, player) in out.players.iter_mut().enumerate() {
        player.discount += step * along.discount[n];
        if let Precision::Finite(x) = &mut player.precision {
            *x += step * along.precision[n];
        }
    }
    let pay = |payoff: &mut Payoff, along: &[f64]| match payoff {
        Payoff::Own(row) => row.iter_mut().zip(along).for_each(|(x, d)| *x += step * d),
        Payoff::Joint(joint) => joint.values.iter_mut().zip(along).for_each(|(x, d)| *x += step * d),
    };
    for (payoff, along) in out.horizon_payoffs.iter_mut().zip(&along.horizon) {
        pay(payoff, along);
    }
    for (stage, along) in out.stages.iter_mut().zip(&along.stages) {
        match stage {
            Stage::Over(end) => pay(&mut end.payoff, &along.ends[0]),
            Stage::Play(tree) => {
                let mut flows = PayoffTable::new(slots);
                for (n, edge) in tree.edges.iter_mut().enumerate() {
                    let mut row = tree.flows.row(edge.flow).to_vec();
                    row.iter_mut().zip(&along.flows[n * slots..]).for_each(|(x, d)| *x += step * d);
                    edge.flow = flows.push(&row);
                    edge.log_weight += step * along.log_weights[n];
                }
                tree.flows = flows;
                for (p, d) in tree.probabilities.iter_mut().zip(&along.probabilities) {
                    *p += step * d;
                }
                for (end, along) in tree.ends.iter_mut().zip(&along.ends) {
                    pay(&mut end.payoff, along);
                }
            }
        }
    }
    out
}

/// Which numbers move.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Flows,
    Probabilities,
    Weights,
    Ends,
    Horizon,
    Discounts,
    Precisions,
    Beliefs,
}

const PARTS: [Part; 8] = [
    Part::Flows,
    Part::Probabilities,
    Part::Weights,
    Part::Ends,
    Part::Horizon,
    Part::Discounts,
    Part::Precisions,
    Part::Beliefs,
];

/// A random direction in which the game stays a game.
fn direction(game: &WarGame, part: Part, random: &mut ChaCha8Rng) -> Primitives {
    let mut out = Primitives::zero(game);
    let mut fill = |list: &mut [f64], scale: f64| {
        list.iter_mut().for_each(|x| *x = scale * random.random_range(-1.0..1.0));
    };
    match part {
        Part::Discounts => fill(&mut out.discount, 1.0),
        Part::Precisions => fill(&mut out.precision, 10.0),
        Part::Horizon => out.horizon.iter_mut().for_each(|row| fill(row, 1.0)),
        Part::Beliefs => {
            fill(&mut out.start, 1.0);
            for player in 0..game.players.len() {
                let own = &mut out.start[game.slots_of(armistice_game::PlayerId::new(player))];
                let mean = own.iter().sum::<f64>() / own.len() as f64;
                own.iter_mut().for_each(|x| *x -= mean);
            }
        }
        _ => {
            for (stage, along) in game.stages.iter().zip(&mut out.stages) {
                match part {
                    Part::Flows => fill(&mut along.flows, 1.0),
                    Part::Weights => fill(&mut along.log_weights, 1.0),
                    Part::Ends => along.ends.iter_mut().for_each(|row| fill(row, 1.0)),
                    _ => fill(&mut along.probabilities, 1.0),
                }
                let Stage::Play(tree) = stage else { continue };
                for node in &tree.nodes {
                    let Node::Chance { edges, about, .. } = node else { continue };
                    for kind in 0..about.map_or(1, |p| game.slots_of(p).len()) {
                        let at: Vec<usize> =
                            edges.clone().map(|e| tree.edges[e as usize].chance as usize + kind).collect();
                        let mean = at.iter().map(|i| along.probabilities[*i]).sum::<f64>() / at.len() as f64;
                        at.iter().for_each(|i| along.probabilities[*i] -= mean);
                    }
                }
            }
        }
    }
    out
}

fn compare(game: &WarGame, settings: &Settings, name: &str) {
    compare_in_steps(game, settings, name, (STEP, FLOOR));
}

fn compare_in_steps(game: &WarGame, settings: &Settings, name: &str, (half, floor): (f64, f64)) {
    let at = belief(game);
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut wrong = Vec::new();
    for slot in 0..game.slots() {
        let (gradient, effort) = gradient(game, &at, slot, settings);
        assert_eq!(effort.not_converged, 0, "{name}");
        assert_eq!(effort.solves, effort.stages, "one transposed solve a stage");
        for part in PARTS {
            let along = direction(game, part, &mut random);
            let side = |step: f64| {
                let mut at = at.clone();
                at.0.iter_mut().zip(&along.start).for_each(|(b, d)| *b += step * d);
                let moved = moved(game, &along, step);
                same_shape(game, &moved).unwrap();
                value(&moved, &at, slot, settings)
            };
            let wanted = (side(half) - side(-half)) / (2.0 * half);
            let found = gradient.dot(&along);
            let error = (found - wanted).abs();
            if error > TOLERANCE * wanted.abs() + floor {
                wrong.push(format!("{part:?} slot {slot}: {found:.9} not {wanted:.9} ({error:.1e})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

#[test]
fn one_player_with_one_type_moves_and_lotteries_reveal_nothing() {
    compare(&common::steel_or_mush(3, 10.0), &settings(5, false), "steel or mush");
}

#[test]
fn logits_kept_in_single_precision_change_nothing() {
    compare(&common::steel_or_mush(2, 25.0), &settings(9, true), "steel or mush");
}

#[test]
fn battles_reveal_strength_and_settlements_depend_on_the_other_type() {
    compare(&wars::tug(wars::SMALL), &settings(5, true), "tug of war");
    compare(&wars::tug(wars::Shape { two_sided: false, ..wars::SMALL }), &settings(9, false), "tug of war");
}

#[test]
fn chance_that_happens_to_reveal_nothing_would_reveal_with_other_odds() {
    let mut game = wars::tug(wars::Shape { periods: 2, ..wars::SMALL });
    for stage in &mut game.stages {
        let Stage::Play(tree) = stage else { continue };
        for pair in tree.probabilities.chunks_exact_mut(2) {
            pair[1] = pair[0];
        }
    }
    // At the start belief posteriors after a battle are the prior itself, off the grid; one period later they lie on grid points,
    // where a difference would cross a kink. So one period, and then the horizon, whose values are linear.
    game.horizon = armistice_game::Horizon::Periods(1);
    compare(&game, &settings(5, false), "tug of war with even odds");
}

/// Without any grid: differences of the whole game unrolled into one tree. Derivatives on a finer grid come closer to them.
#[test]
fn derivatives_converge_to_those_of_the_unrolled_tree() {
    let game = wars::tug(wars::Shape { periods: 3, ..wars::SMALL });
    let at = belief(&game);
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let exact = |game: &WarGame, at: &Belief| {
        let tree = unroll(game, game.start, 3, 1_000_000).unwrap();
        solve_tree(game, &tree, at, &settings(2, false)).unwrap().value(NodeId(0)).to_vec()
    };
    for part in PARTS {
        let along = direction(&game, part, &mut random);
        let side = |step: f64| {
            let mut at = at.clone();
            at.0.iter_mut().zip(&along.start).for_each(|(b, d)| *b += step * d);
            exact(&moved(&game, &along, step), &at)
        };
        let (up, down) = (side(STEP), side(-STEP));
        let error = |points: usize| {
            (0..game.slots())
                .map(|slot| {
                    let found = gradient(&game, &at, slot, &settings(points, true)).0.dot(&along);
                    (found - (up[slot] - down[slot]) / (2.0 * STEP)).abs()
                })
                .fold(0.0, f64::max)
        };
        // On one grid two errors may happen to cancel.
        let (coarse, fine) = (error(6).max(error(9)), error(48).max(error(65)));
        println!("{part:?} {coarse:.1e} {fine:.1e}");
        assert!(fine < coarse / 10.0 + FLOOR && fine < 2e-4, "{part:?} {coarse} {fine}");
    }
}

#[test]
fn an_indefinite_horizon_is_swept_until_nothing_is_left() {
    let mut game = wars::tug(wars::SMALL);
    game.horizon = armistice_game::Horizon::Indefinite;
    game.horizon_payoffs.clear();
    // Values move by less than this in a period, so by less than twenty times as much in all.
    let settings = Settings { value_tolerance: 1e-13, ..settings(5, true) };
    compare_in_steps(&game, &settings, "endless tug of war", (1e-5, 1e-6));
}

#[test]
fn only_points_that_matter_are_visited() {
    let game = common::steel_or_mush(4, 10.0);
    let equilibrium = solve(&game, &settings(9, true), &Control::default()).unwrap();
    let (_, effort) = gradient(&game, &belief(&game), 0, &settings(9, true));
    // The first period has one point, and after it fronts within reach alone.
    assert!(effort.stages < equilibrium.counts.points, "{effort:?}");
    assert!(effort.solves <= effort.stages, "{effort:?}");
}
