//! Reading and compiling any text neither panics, nor hangs, nor exhausts memory.
//!
//! `cargo +nightly fuzz run scenario`, with the files of `crates/scenario/tests/files` as a corpus to start from.
#![no_main]

use std::path::Path;

use armistice_scenario::{Change, Expression, Limits, parse_with, render_plain};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let limits = Limits { max_states: 2_000, max_nodes: 2_000, max_values: 1_000_000 };
    let loaded = parse_with(text, "scenario.toml", Path::new("."), &limits);
    // Rendering slices the text by the spans of diagnostics.
    let _ = render_plain(&loaded);
    if let Some(scenario) = &loaded.scenario {
        let _ = scenario.compile(&Change::default(), &limits);
        for case in &scenario.cases {
            let _ = scenario.compile(&case.change, &limits);
        }
    }
    if let Ok(found) = Expression::parse(text) {
        let printed = found.term.to_string();
        // A printed term may be longer than what the parser takes.
        if let Ok(again) = Expression::parse(&printed) {
            assert_eq!(found.term, again.term);
        }
    }
});
