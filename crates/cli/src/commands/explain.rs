//! `explain`: what a diagnostic means, offline.

use serde_json::json;

use crate::arguments::Explain;
use crate::failure::Failure;
use crate::session::Session;

const SCHEMA: &str = "armistice.explain/1";

/// Prints the page of a code, or the list of codes.
pub fn run(session: &Session, arguments: &Explain) -> Result<(), Failure> {
    let Some(code) = &arguments.code else {
        return list(session);
    };
    let wanted = code.trim().to_uppercase();
    let Some(page) = armistice::scenario::explain(&wanted) else {
        return Err(Failure::Usage {
            what: format!("there is no diagnostic `{code}`"),
            hint: Some("`armistice explain` lists them all".to_owned()),
        });
    };
    if session.json {
        return session.document(SCHEMA, &json!({ "code": wanted, "page": page }));
    }
    session.say(page)
}

fn list(session: &Session) -> Result<(), Failure> {
    let rows: Vec<(&str, &str)> = armistice::scenario::ALL_CODES
        .iter()
        .map(|code| (*code, armistice::scenario::explain(code).map_or("", title)))
        .collect();
    if session.json {
        let rows: Vec<_> = rows.iter().map(|(code, title)| json!({ "code": code, "title": title })).collect();
        return session.document(SCHEMA, &json!({ "codes": rows }));
    }
    let lines: Vec<String> = rows.iter().map(|(code, title)| format!("{code}  {title}")).collect();
    session.say(&lines.join("\n"))
}

/// The first line of a page without its code.
fn title(page: &str) -> &str {
    let first = page.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let words = first.trim_start_matches(['#', ' ']);
    words.split_once(':').map_or(words, |(_, rest)| rest.trim())
}
