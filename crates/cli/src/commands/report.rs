//! `report`: the report again, from the findings of a run.

use std::fs;
use std::path::Path;

use armistice::analyze::Findings;
use armistice::analyze::findings::SCHEMA as FINDINGS;
use serde_json::{Value, json};

use crate::arguments::Report;
use crate::failure::Failure;
use crate::run_folder::write_whole;
use crate::session::Session;

const SCHEMA: &str = "armistice.report/1";

/// Renders and writes.
pub fn run(session: &Session, arguments: &Report) -> Result<(), Failure> {
    let file = if arguments.findings.is_dir() {
        arguments.findings.join("findings.json")
    } else {
        arguments.findings.clone()
    };
    let findings = read(&file)?;
    let page = render(&findings)?;
    let target = match &arguments.out {
        Some(path) if path.as_os_str() == "-" => return session.say(&page),
        Some(path) => path.clone(),
        None => file.with_file_name("report.html"),
    };
    write_whole(&target, page.as_bytes())?;
    if session.json {
        return session.document(SCHEMA, &json!({ "report": target }));
    }
    session.say(&target.display().to_string())
}

/// The page of some findings.
pub fn render(findings: &Findings) -> Result<String, Failure> {
    armistice::report::render(findings)
        .map_err(|error| Failure::Bug { what: format!("failed to {error}: {}", causes(&error)) })
}

/// Why, down to the first cause.
fn causes(error: &dyn std::error::Error) -> String {
    let mut out = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        out.push(cause.to_string());
        next = cause.source();
    }
    out.join(": ")
}

/// Reads findings, refusing those of another version.
fn read(path: &Path) -> Result<Findings, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::io("read", path))?;
    let not_findings = |why: String| Failure::Usage {
        what: format!("{} is not a findings document: {why}", path.display()),
        hint: Some("`armistice run` writes one, findings.json".to_owned()),
    };
    let value: Value = serde_json::from_str(&text).map_err(|error| not_findings(error.to_string()))?;
    let schema = value.get("schema").and_then(Value::as_str).unwrap_or("none");
    if schema != FINDINGS {
        return Err(not_findings(format!("its schema is `{schema}`, and this version reads `{FINDINGS}`")));
    }
    serde_json::from_value(value).map_err(|error| not_findings(error.to_string()))
}
