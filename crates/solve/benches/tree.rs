//! How long finite games take: `cargo bench -p armistice-solve --bench tree`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/families.rs"]
mod families;

use armistice_game::FiniteGame;
use armistice_solve::Control;
use armistice_solve::tree::{PathSettings, QrePath, trace};
use families::{bargain, crisis, signal};

fn main() {
    divan::main();
}

fn follow(game: &FiniteGame, max_lambda: f64) -> QrePath {
    trace(game, &PathSettings { max_lambda, ..PathSettings::default() }, &Control::default()).unwrap()
}

/// Signaling by types and demands, to λ = 10⁶.
#[divan::bench(args = [(16, 8), (32, 8), (40, 8)], sample_count = 10)]
fn signaling(bencher: divan::Bencher, (types, demands): (usize, usize)) {
    let game = signal(types, demands);
    bencher.bench(|| follow(&game, 1e6));
}

/// Alternating offers by offers, rounds and types, to λ = 10⁶.
#[divan::bench(args = [(3, 2, 2), (2, 3, 2), (5, 2, 2), (3, 3, 2), (8, 2, 2)], sample_count = 10)]
fn bargaining(bencher: divan::Bencher, (offers, rounds, types): (usize, usize, usize)) {
    let game = bargain(offers, rounds, types);
    bencher.bench(|| follow(&game, 1e6));
}

/// Escalation by types and moves, to λ = 10⁶.
#[divan::bench(args = [(4, 8), (8, 4), (8, 8), (16, 16), (32, 32)], sample_count = 5)]
fn escalation(bencher: divan::Bencher, (types, moves): (usize, usize)) {
    let game = crisis(types, moves);
    bencher.bench(|| follow(&game, 1e6));
}

/// Cost in nodes of the tree: two types each, more and more moves, to λ = 100.
#[divan::bench(args = [100, 1_000, 10_000], sample_count = 3)]
fn nodes(bencher: divan::Bencher, moves: usize) {
    let game = crisis(2, moves);
    bencher.bench(|| follow(&game, 100.0));
}

/// 128,832 actions, to λ = 100.
#[divan::bench(sample_count = 1)]
fn hundred_thousand_actions(bencher: divan::Bencher) {
    let game = bargain(11, 4, 2);
    bencher.bench(|| follow(&game, 100.0));
}

/// Reading `escalation` (32, 32), 99,329 nodes of text.
#[divan::bench(sample_count = 10)]
fn reading(bencher: divan::Bencher) {
    let text = crisis(32, 32).write_efg();
    bencher.bench(|| FiniteGame::read_efg(&text).unwrap());
}
