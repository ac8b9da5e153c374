//! Exit codes: what a script may rely on. Every code the program ends with is one of these.

/// Everything asked for was done.
pub const DONE: u8 = 0;
/// A bug in armistice: it should never happen, and a report of it is welcome.
pub const BUG: u8 = 1;
/// The command line, the scenario or the game is not valid; nothing was computed.
pub const INVALID: u8 = 2;
/// The result was written, but the solution is not certified.
pub const NOT_CERTIFIED: u8 = 4;
/// A check that was asked for failed (`--require`, `--deny-warnings`).
pub const CHECK_FAILED: u8 = 5;
/// A sweep was written, but some of its points failed; the table says which and why.
pub const POINTS_FAILED: u8 = 6;
/// A file or folder could not be read or written; a missing file is one of these.
pub const IO: u8 = 74;
/// The machine could not do it now (worker threads could not be started): try again.
pub const TRY_AGAIN: u8 = 75;
/// Stopped by Ctrl-C; whatever was already whole was kept.
pub const INTERRUPTED: u8 = 130;

/// All codes with their meaning, in the order of the documentation.
pub const ALL: &[(u8, &str)] = &[
    (DONE, "done"),
    (BUG, "a bug in armistice"),
    (INVALID, "the command line, the scenario or the game is not valid"),
    (NOT_CERTIFIED, "the result was written, but the solution is not certified"),
    (CHECK_FAILED, "a check that was asked for failed (--require, --deny-warnings)"),
    (POINTS_FAILED, "a sweep was written, but some of its points failed"),
    (IO, "a file could not be read or written"),
    (TRY_AGAIN, "the machine could not do it now: try again"),
    (INTERRUPTED, "stopped by Ctrl-C; nothing half-written was left"),
];

/// The codes as a short table for `--help`.
pub fn help() -> String {
    let mut out = String::from("Exit codes:\n");
    for (code, meaning) in ALL {
        out.push_str(&format!("  {code:>3}  {meaning}\n"));
    }
    out.push_str("\nResults go to standard output, everything else to standard error.");
    out
}
