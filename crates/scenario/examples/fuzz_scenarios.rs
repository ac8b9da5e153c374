//! Mutates the scenario files of the tests and checks that reading and compiling never panics:
//! `cargo run --release --example fuzz_scenarios SECONDS SEED`.
//!
//! Needs nothing but a stable toolchain; `fuzz/` holds the coverage-guided version.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::time::{Duration, Instant};

use armistice_scenario::{Change, Limits, parse_with, render_plain};

/// Splitmix64: small, seeded, good enough to choose mutations.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap()
    }
}

const PIECES: [&str; 36] = [
    "0",
    "1",
    "-1",
    "1e308",
    "-1e-308",
    "9223372036854775807",
    "nan",
    "inf",
    "true",
    "''",
    "\"\"",
    "{}",
    "[]",
    "(",
    ")",
    "[[stage]]\n",
    "[[end]]\n",
    "when = \"front == 0\"\n",
    "each = { x = [1, 2] }",
    "goto = \"next\"",
    "self.value",
    "discount",
    " / 0",
    " ^ 99",
    "ln(0)",
    "exp(1000)",
    "if ",
    " then ",
    " else ",
    " and ",
    "not ",
    "'none'",
    "\n",
    "=",
    "\u{1f600}",
    ".",
];

fn mutate(text: &mut Vec<char>, other: &[char], dice: &mut Dice) {
    let length = text.len();
    let at = dice.below(length + 1);
    match dice.below(7) {
        0 if length > 0 => {
            let end = (at + 1 + dice.below(30)).min(length);
            text.drain(at.min(end)..end);
        }
        1 => {
            let piece: Vec<char> = PIECES[dice.below(PIECES.len())].chars().collect();
            text.splice(at..at, piece);
        }
        2 if length > 0 => {
            let from = dice.below(length);
            let copy: Vec<char> = text[from..(from + 1 + dice.below(200)).min(length)].to_vec();
            text.splice(at..at, copy);
        }
        3 if at < length => text[at] = char::from(32 + u8::try_from(dice.below(95)).unwrap()),
        4 => {
            let from = dice.below(other.len());
            let copy: Vec<char> = other[from..(from + 1 + dice.below(300)).min(other.len())].to_vec();
            text.splice(at..at, copy);
        }
        5 => {
            // Swap two lines.
            let joined: String = text.iter().collect();
            let mut lines: Vec<&str> = joined.split('\n').collect();
            let (a, b) = (dice.below(lines.len()), dice.below(lines.len()));
            lines.swap(a, b);
            *text = lines.join("\n").chars().collect();
        }
        _ => {
            // Replace one number or word by a piece.
            let end = (at..length).find(|i| !text[*i].is_alphanumeric()).unwrap_or(length);
            let piece: Vec<char> = PIECES[dice.below(PIECES.len())].chars().collect();
            text.splice(at.min(end)..end, piece);
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let seconds = Duration::from_secs(arguments.next().unwrap_or(60));
    let mut dice = Dice(arguments.next().unwrap_or(1));
    let read = |folder: &str| -> Vec<Vec<char>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        paths.iter().filter_map(|p| std::fs::read_to_string(p).ok()).map(|t| t.chars().collect()).collect()
    };
    let (mut good, bad) = (read("tests/files/good"), read("tests/files/bad"));
    good.extend(read("src/templates"));
    let limits = Limits { max_states: 2_000, max_nodes: 2_000, max_values: 1_000_000 };
    let (start, mut runs, mut sound, mut slowest) = (Instant::now(), 0u64, 0u64, Duration::ZERO);
    while start.elapsed() < seconds {
        // Mutations of good files are the ones that have a chance to compile.
        let seeds = if dice.below(3) > 0 { &good } else { &bad };
        let mut text = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(3) {
            let other = &good[dice.below(good.len())];
            mutate(&mut text, other, &mut dice);
        }
        let text: String = text.iter().collect();
        let begun = Instant::now();
        let outcome = std::panic::catch_unwind(|| {
            let loaded = parse_with(&text, "scenario.toml", Path::new("."), &limits);
            let _ = render_plain(&loaded);
            loaded.scenario.is_some_and(|s| s.compile(&Change::default(), &limits).is_ok())
        });
        match outcome {
            Ok(fine) => sound += u64::from(fine),
            Err(_) => {
                println!("panic after {runs} runs; the text was:\n{text}");
                std::process::exit(1);
            }
        }
        if begun.elapsed() > slowest {
            slowest = begun.elapsed();
            if slowest > Duration::from_secs(2) {
                println!("slow ({slowest:?}):\n{text}");
            }
        }
        runs += 1;
    }
    println!("{runs} runs, {sound} of them sound games, no panic; slowest {slowest:?}");
}
