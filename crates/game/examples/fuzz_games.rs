//! Mutates the games of the tests and checks that reading and writing never panics:
//! `cargo run --release --example fuzz_games SECONDS SEED`.
//!
//! Needs nothing but a stable toolchain; `fuzz/` holds the coverage-guided version.

use std::time::{Duration, Instant};

use armistice_game::{FiniteGame, NormalGame};

const SOURCES: [&str; 3] = [
    include_str!("../tests/files/stages.efg"),
    include_str!("../tests/files/table.nfg"),
    include_str!("../tests/files/outcomes.nfg"),
];

/// Pieces that mean something to the readers.
const PIECES: [&str; 24] = [
    "EFG 2 R ",
    "NFG 1 R ",
    "c \"\" 1 ",
    "p \"\" 1 1 ",
    "t \"\" 1 ",
    "{ ",
    "} ",
    "\"",
    "\\",
    "1/2 ",
    "-1e308 ",
    "1e-400 ",
    "0 ",
    "99999999999999999999 ",
    ", ",
    "\n",
    "{ 1 2 3 } ",
    "\"a\" 1/3 ",
    "2 ",
    "1/0 ",
    "nan ",
    "é",
    "\u{0}",
    "{ \"x\" { } ",
];

fn main() {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse::<u64>().unwrap_or(0));
    let (seconds, mut state) = (arguments.next().unwrap_or(20), arguments.next().unwrap_or(1) | 1);
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap_or(0) % below.max(1)
    };
    let (start, mut runs, mut sound) = (Instant::now(), 0u64, 0u64);
    let mut slowest = Duration::ZERO;
    while start.elapsed() < Duration::from_secs(seconds) {
        let mut text: Vec<char> = SOURCES[random(SOURCES.len())].chars().collect();
        for _ in 0..=random(8) {
            let at = random(text.len() + 1);
            let to = (at + random(12)).min(text.len());
            match random(4) {
                0 => drop(text.drain(at..to)),
                1 => drop(text.splice(at..to, PIECES[random(PIECES.len())].chars())),
                2 => {
                    let copied: Vec<char> = text[at..to].to_vec();
                    let place = random(text.len() + 1);
                    drop(text.splice(place..place, copied));
                }
                _ => {
                    if let Some(c) = text.get_mut(at) {
                        *c = char::from(b' ' + u8::try_from(random(95)).unwrap_or(0));
                    }
                }
            }
        }
        let text: String = text.into_iter().collect();
        let began = Instant::now();
        if let Ok(game) = FiniteGame::read_efg(&text) {
            sound += 1;
            let again = FiniteGame::read_efg(&game.write_efg());
            assert_eq!(again.as_ref(), Ok(&game), "what was written reads otherwise:\n{text}");
        }
        if let Ok(game) = NormalGame::read_nfg(&text) {
            sound += 1;
            let again = NormalGame::read_nfg(&game.write_nfg());
            assert_eq!(again.as_ref(), Ok(&game), "what was written reads otherwise:\n{text}");
        }
        slowest = slowest.max(began.elapsed());
        runs += 1;
    }
    println!("{runs} runs, {sound} of them sound games, no panic; slowest {slowest:?}");
}
