//! How long the shipped war takes: `cargo bench -p armistice-analyze`.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use armistice_analyze::simulate::{Simulation, simulate};
use armistice_analyze::{Options, Propagation, Spread, Start, propagate, start_of};
use armistice_scenario::{Change, Compiled, Limits};
use armistice_solve::{Control, Equilibrium, Settings, solve};

fn main() {
    divan::main();
}

fn war() -> Compiled {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/russia-ukraine");
    let scenario = armistice_scenario::load(&path).scenario.unwrap();
    scenario.compile(&Change::default(), &Limits::default()).unwrap()
}

/// The war solved as `run` solves it, with logits to start from.
fn solved() -> (Compiled, Arc<Equilibrium>, Start) {
    let war = war();
    let equilibrium = solve(&war.game, &Options::default().settings, &Control::default()).unwrap();
    let start = start_of(&war);
    (war, Arc::new(equilibrium), start)
}

/// Main solution, by belief points a side.
#[divan::bench(args = [5, 9, 17], sample_count = 3)]
fn solution(bencher: divan::Bencher, belief_points: usize) {
    let war = war();
    let settings = Settings { belief_points, ..Options::default().settings };
    bencher.bench(|| solve(&war.game, &settings, &Control::default()).unwrap());
}

/// The exact forward pass, by nodes kept a period.
#[divan::bench(args = [100, 1500], sample_count = 3)]
fn forward_pass(bencher: divan::Bencher, limit: usize) {
    let (war, equilibrium, start) = solved();
    let how = Propagation { spread: Spread::Merge { limit }, ..Propagation::default() };
    bencher.bench(|| propagate(&war.game, &equilibrium, &start, &how, &Control::default()).unwrap());
}

/// One million war-months at exact beliefs: as many wars as have that many between them.
#[divan::bench(sample_count = 3)]
fn million_war_months(bencher: divan::Bencher) {
    let (war, equilibrium, start) = solved();
    let run = |trajectories| {
        let what = Simulation { trajectories, ..Simulation::default() };
        simulate(&war.game, &equilibrium, &start, &what, &Control::default()).unwrap().0
    };
    let sample = 1000;
    let months = run(sample).war_periods();
    let wars = (1_000_000 * sample).div_ceil(months);
    bencher.counter(divan::counter::ItemsCount::new(1_000_000u64)).bench(|| run(wars));
}
