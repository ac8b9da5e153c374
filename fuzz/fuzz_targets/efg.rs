//! Reading any text as a tree neither panics, nor hangs, nor exhausts memory, and what was read is sound and survives writing.
//!
//! `cargo +nightly fuzz run efg`, with any folder of `.efg` files as a corpus to start from.
#![no_main]

use armistice_game::FiniteGame;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match FiniteGame::read_efg(text) {
        Ok(game) => {
            assert_eq!(game.validate(), Ok(()));
            let written = game.write_efg();
            let again = FiniteGame::read_efg(&written).expect("what was written can be read");
            assert_eq!(again, game);
            assert_eq!(again.write_efg(), written);
        }
        Err(errors) => {
            assert!(!errors.errors.is_empty());
            let _ = errors.to_string();
        }
    }
});
