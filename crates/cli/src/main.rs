//! The program `armistice`.

use std::process::ExitCode;

fn main() -> ExitCode {
    armistice_cli::program()
}
