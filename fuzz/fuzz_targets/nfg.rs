//! Reading any text as a table neither panics, nor hangs, nor exhausts memory, and what was read is sound and survives
//! writing and becoming a tree.
//!
//! `cargo +nightly fuzz run nfg`, with any folder of `.nfg` files as a corpus to start from.
#![no_main]

use armistice_game::NormalGame;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match NormalGame::read_nfg(text) {
        Ok(game) => {
            assert_eq!(game.validate(), Ok(()));
            let written = game.write_nfg();
            let again = NormalGame::read_nfg(&written).expect("what was written can be read");
            assert_eq!(again, game);
            assert_eq!(again.write_nfg(), written);
            assert_eq!(game.to_tree().validate(), Ok(()));
        }
        Err(errors) => {
            assert!(!errors.errors.is_empty());
            let _ = errors.to_string();
        }
    }
});
