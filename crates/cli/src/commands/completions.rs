//! `completions`: a completion script for a shell.

use clap::CommandFactory;

use crate::arguments::{Arguments, Completions, Shell};
use crate::failure::Failure;
use crate::session::Session;

/// Prints the script.
pub fn run(session: &Session, arguments: &Completions) -> Result<(), Failure> {
    let shell = match arguments.shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Powershell => clap_complete::Shell::PowerShell,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "armistice", &mut script);
    let script = String::from_utf8_lossy(&script);
    if session.json {
        return session.document("armistice.completions/1", &serde_json::json!({ "script": script }));
    }
    session.say(&script)
}
