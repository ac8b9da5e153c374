//! Ctrl-C (and the signal to terminate): the first asks the work to stop, the second stops the program at once.

use std::sync::atomic::{AtomicBool, Ordering};

use armistice::CancelToken;

use crate::exit;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Installs the handler and returns the token that long work has to watch.
///
/// If the handler cannot be installed, Ctrl-C keeps its usual meaning.
pub fn install() -> CancelToken {
    let token = CancelToken::default();
    let watched = token.clone();
    let handler = move || {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
        watched.cancel();
        anstream::eprintln!("\nstopping; press Ctrl-C again to stop at once");
    };
    // Failing to install leaves the operating system's own behavior: the program ends, which is no worse.
    let _ = ctrlc::set_handler(handler);
    token
}
