//! Prints the size of a scenario's game and how long compiling it takes: `measure PATH…`.

use std::path::Path;
use std::time::{Duration, Instant};

use armistice_game::Stage;
use armistice_scenario::{Change, Limits, load, render_plain};

fn main() {
    for path in std::env::args().skip(1) {
        let start = Instant::now();
        let loaded = load(Path::new(&path));
        let checked = start.elapsed();
        eprint!("{}", render_plain(&loaded));
        let Some(scenario) = loaded.scenario else { continue };
        // The best of several: the machine may be busy.
        let mut took = Duration::MAX;
        let mut compiled = scenario.compile(&Change::default(), &Limits::default());
        for _ in 0..20 {
            let start = Instant::now();
            compiled = scenario.compile(&Change::default(), &Limits::default());
            took = took.min(start.elapsed());
        }
        let Ok(compiled) = compiled else { continue };
        let nodes: usize = compiled
            .game
            .stages
            .iter()
            .map(|stage| if let Stage::Play(tree) = stage { tree.nodes.len() } else { 0 })
            .sum();
        println!(
            "{path}: {} states, {nodes} nodes, {} slots; checked in {:.1} ms, compiled in {:.1} ms",
            compiled.game.states.len(),
            compiled.game.slots(),
            checked.as_secs_f64() * 1e3,
            took.as_secs_f64() * 1e3
        );
    }
}
