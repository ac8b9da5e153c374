//! `serve`: a scenario in the browser.

use std::path::Path;
use std::process::{Command, Stdio};

use armistice_serve::{ServeError, Server, Settings};
use serde_json::json;

use crate::arguments::Serve;
use crate::failure::Failure;
use crate::session::Session;
use crate::work;

const SCHEMA: &str = "armistice.serve/1";

/// Serves until Ctrl-C.
pub fn run(session: &Session, arguments: &Serve) -> Result<(), Failure> {
    let file = work::scenario_file(&arguments.scenario)?;
    let settings = Settings {
        bind: arguments.bind,
        port: arguments.port,
        quick_points: arguments.quick_points as usize,
        fine_points: arguments.belief_points.max(arguments.quick_points) as usize,
        ..Settings::new(file.clone())
    };
    let server = Server::bind(settings).map_err(|error| failure(session, &file, error))?;
    let url = server.url();
    if session.json {
        session
            .document(SCHEMA, &json!({ "url": url, "address": server.address(), "token": server.token() }))?;
    } else {
        session.say(&url)?;
    }
    if !server.address().ip().is_loopback() {
        session.note("other machines can reach this address; whoever has the token can use it");
    }
    session.note("Ctrl-C ends it");
    if !arguments.no_open {
        open(&url);
    }
    server.run(&session.cancel).map_err(|error| failure(session, &file, error))
}

fn failure(session: &Session, scenario: &Path, error: ServeError) -> Failure {
    match error {
        ServeError::Scenario(loaded) => work::refuse(session, &loaded.source, &loaded.diagnostics, SCHEMA),
        ServeError::Bind { address, source } => Failure::Usage {
            what: format!("{address} cannot be listened on: {source}"),
            hint: Some("--port takes another port, --bind another address".to_owned()),
        },
        ServeError::Folder(source) => Failure::io("read", scenario)(source),
        other => Failure::Bug { what: format!("failed to {other}") },
    }
}

/// Asks the desktop to open an address. Where there is no desktop nothing happens: the address was printed.
fn open(url: &str) {
    let (program, first): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(program);
    command.args(first).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Not waited for: it may be the browser itself.
    let _ = command.spawn();
}
