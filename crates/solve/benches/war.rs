//! How long war games take: `cargo bench -p armistice-solve`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use armistice_game::{Belief, State, StateVariable};
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

/// Cost in states: linear. So many theaters of seven fronts each, all alike.
#[divan::bench(args = [1, 2, 4, 8, 16], sample_count = 10)]
fn theaters(bencher: divan::Bencher, count: usize) {
    let mut game = steel_or_mush(12, 10.0);
    let (stages, payoffs, states) = (game.stages.clone(), game.horizon_payoffs.clone(), game.states.clone());
    let labels = (0..count).map(|n| n.to_string()).collect();
    game.variables.push(StateVariable { name: "theater".into(), labels, numbers: None });
    game.stages = vec![stages; count].concat();
    game.horizon_payoffs = vec![payoffs; count].concat();
    game.states = (0..u16::try_from(count).unwrap())
        .flat_map(|n| states.iter().map(move |state| State { values: vec![state.values[0], n] }))
        .collect();
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

/// What one core could do at best without fused multiply–adds, which the solver does not use: 2 × 8 × 8 operations a round, none
/// of which waits for another of its round.
#[divan::bench(sample_count = 20)]
fn peak_of_one_core(bencher: divan::Bencher) {
    const ROUNDS: u64 = 1_000_000;
    bencher.counter(divan::counter::ItemsCount::new(ROUNDS * 2 * 8 * 8)).bench_local(|| {
        let start = divan::black_box([[1.0f64; 8]; 8]);
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx512f") {
            // SAFETY: the features were detected.
            #[expect(unsafe_code, reason = "calls a function compiled for detected instructions")]
            return unsafe { multiply_and_add_avx512(start, ROUNDS) };
        }
        multiply_and_add(start, ROUNDS)
    });
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f")]
fn multiply_and_add_avx512(x: [[f64; 8]; 8], rounds: u64) -> [[f64; 8]; 8] {
    multiply_and_add(x, rounds)
}

#[inline(always)]
fn multiply_and_add(x: [[f64; 8]; 8], rounds: u64) -> [[f64; 8]; 8] {
    // Eight names, so that the vectors stay in registers.
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = x;
    let step = |v: &mut [f64; 8]| v.iter_mut().for_each(|v| *v = *v * 0.999 + 0.001);
    for _ in 0..rounds {
        step(&mut a);
        step(&mut b);
        step(&mut c);
        step(&mut d);
        step(&mut e);
        step(&mut f);
        step(&mut g);
        step(&mut h);
    }
    [a, b, c, d, e, f, g, h]
}
