//! How fast regrets are minimized: `cargo bench -p armistice-solve --bench cfr`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/poker.rs"]
mod poker;

use armistice_solve::Control;
use armistice_solve::tree::{CfrSettings, CfrVariant, cfr};
use poker::{leduc, one_card};

fn main() {
    divan::main();
}

fn settings(iterations: u64) -> CfrSettings {
    CfrSettings { iterations, target: 0.0, check_every: u64::MAX, ..CfrSettings::default() }
}

/// CFR+ on Leduc poker by iterations; what more iterations cost more is iterating alone.
#[divan::bench(args = [1, 100_001], sample_count = 5)]
fn leduc_plus(bencher: divan::Bencher, iterations: u64) {
    let game = leduc();
    bencher.bench(|| cfr(&game, &settings(iterations), &Control::default()).unwrap());
}

/// The same, discounted.
#[divan::bench(args = [100_001], sample_count = 5)]
fn leduc_discounted(bencher: divan::Bencher, iterations: u64) {
    let game = leduc();
    let settings = CfrSettings { variant: CfrVariant::DISCOUNTED, ..settings(iterations) };
    bencher.bench(|| cfr(&game, &settings, &Control::default()).unwrap());
}

/// Every information set by itself, suits told apart.
#[divan::bench(args = [10_001], sample_count = 5)]
fn leduc_general(bencher: divan::Bencher, iterations: u64) {
    let game = leduc();
    let settings = CfrSettings { general: true, ..settings(iterations) };
    bencher.bench(|| cfr(&game, &settings, &Control::default()).unwrap());
}

/// From the tree to an exploitability of 0.001 chips, certified.
#[divan::bench(sample_count = 20)]
fn leduc_to_a_thousandth(bencher: divan::Bencher) {
    let game = leduc();
    bencher.bench(|| cfr(&game, &CfrSettings::default(), &Control::default()).unwrap());
}

/// One-card poker by cards.
#[divan::bench(args = [13, 100], sample_count = 5)]
fn one_card_poker(bencher: divan::Bencher, cards: usize) {
    let game = one_card("cards", cards);
    bencher.bench(|| cfr(&game, &settings(1_000), &Control::default()).unwrap());
}
