//! How long war games take: `cargo bench -p armistice-solve`. The last line states the arithmetic behind the first figure.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use armistice_game::Belief;
use armistice_solve::{Control, Settings, StageSolver, solve};
use common::steel_or_mush;

fn main() {
    divan::main();
}

fn settings(belief_points: usize, threads: usize) -> Settings {
    Settings { belief_points, threads: Some(threads), ..Settings::default() }
}

/// 7 states × 289 beliefs × 24 periods = 48,552 stage fixed points to a residual of 1e-10.
#[divan::bench(args = [1, 2], sample_count = 20)]
fn steel_or_mush_17_points_24_periods(bencher: divan::Bencher, threads: usize) {
    let game = steel_or_mush(24, 10.0);
    bencher.bench(|| solve(&game, &settings(17, threads), &Control::default()).unwrap());
}

/// Cost in periods: linear.
#[divan::bench(args = [6, 12, 24, 48, 96], sample_count = 10)]
fn periods(bencher: divan::Bencher, horizon: u32) {
    let game = steel_or_mush(horizon, 10.0);
    bencher.bench(|| solve(&game, &settings(9, 1), &Control::default()).unwrap());
}

/// Cost in grid points: linear in their number, so quadratic in points a side.
#[divan::bench(args = [5, 9, 17, 33], sample_count = 10)]
fn belief_points(bencher: divan::Bencher, points: usize) {
    let game = steel_or_mush(12, 10.0);
    bencher.bench(|| solve(&game, &settings(points, 1), &Control::default()).unwrap());
}

/// Strategies at 1,024 beliefs off the grid, from values alone: what one war-month of simulation costs, 1,024 times.
#[divan::bench(sample_count = 50)]
fn stages_off_the_grid(bencher: divan::Bencher) {
    let game = steel_or_mush(12, 10.0);
    let equilibrium = solve(&game, &settings(17, 1), &Control::default()).unwrap();
    let beliefs: Vec<Belief> = (0..1024u32)
        .map(|i| {
            let (r, w) = (f64::from(i % 32) / 31.7, f64::from(i / 32) / 31.9);
            Belief(vec![1.0 - r, r, 1.0, 1.0 - w, w])
        })
        .collect();
    let mut solver = StageSolver::new(&game, &equilibrium);
    bencher.bench_local(|| solver.solve(3, game.start, &beliefs));
}
