//! How long exact equilibria take: `cargo bench -p armistice-solve --bench nash`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/families.rs"]
mod families;

use armistice_solve::Control;
use armistice_solve::tree::nash;
use families::{bargain, crisis, signal};

fn main() {
    divan::main();
}

/// Signaling by types and demands.
#[divan::bench(args = [(32, 8), (64, 16)], sample_count = 10)]
fn signaling(bencher: divan::Bencher, (types, demands): (usize, usize)) {
    let game = signal(types, demands);
    bencher.bench(|| nash(&game, &Control::default()).unwrap());
}

/// Escalation by types and moves.
#[divan::bench(args = [(16, 8)], sample_count = 10)]
fn escalation(bencher: divan::Bencher, (types, moves): (usize, usize)) {
    let game = crisis(types, moves);
    bencher.bench(|| nash(&game, &Control::default()).unwrap());
}

/// Alternating offers by offers, rounds and types.
#[divan::bench(args = [(5, 3, 2)], sample_count = 10)]
fn bargaining(bencher: divan::Bencher, (offers, rounds, types): (usize, usize, usize)) {
    let game = bargain(offers, rounds, types);
    bencher.bench(|| nash(&game, &Control::default()).unwrap());
}
