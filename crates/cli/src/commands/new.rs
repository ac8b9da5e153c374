//! `new`: a folder with a commented scenario that runs.

use std::fs;
use std::path::Path;

use armistice::scenario::{CATALOG, TEMPLATES, extend_model, new_scenario};
use serde_json::json;

use crate::arguments::New;
use crate::failure::Failure;
use crate::names::unknown;
use crate::session::{DIM, HEADING, Session, styled};
use crate::text::Table;

const SCHEMA: &str = "armistice.new/1";

/// Writes the folder, or lists the templates.
pub fn run(session: &Session, arguments: &New) -> Result<(), Failure> {
    let Some(folder) = arguments.name.as_deref().filter(|_| !arguments.list) else {
        return list(session);
    };
    let template = match &arguments.from {
        Some(name) => name.as_str(),
        None => TEMPLATES.first().map_or("", |(name, _)| name),
    };
    let names = || TEMPLATES.iter().map(|(name, _)| *name).chain(CATALOG.iter().map(|(name, _)| *name));
    let text = new_scenario(template)
        .or_else(|| extend_model(template))
        .ok_or_else(|| unknown("template", template, names()))?;
    write(folder, &text)?;
    let file = folder.join("scenario.toml");
    if session.json {
        return session.document(SCHEMA, &json!({ "scenario": file, "template": template }));
    }
    session.say(&format!("{}", file.display()))?;
    session.note(&format!("next: armistice run {}", folder.display()));
    Ok(())
}

fn write(folder: &Path, text: &str) -> Result<(), Failure> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
    }
    fs::create_dir(folder).map_err(Failure::io("create", folder))?;
    let file = folder.join("scenario.toml");
    fs::write(&file, text).map_err(Failure::io("write", &file))
}

fn list(session: &Session) -> Result<(), Failure> {
    if session.json {
        let rows: Vec<_> =
            TEMPLATES.iter().map(|(name, about)| json!({ "name": name, "about": about })).collect();
        let models: Vec<_> = CATALOG.iter().map(|(name, _)| name).collect();
        return session.document(SCHEMA, &json!({ "templates": rows, "models": models }));
    }
    let mut table = Table::default();
    for (position, (name, about)) in TEMPLATES.iter().enumerate() {
        let default = if position == 0 { styled(DIM, " (the default)") } else { String::new() };
        table.row([(*name).to_owned(), format!("{about}{default}")]);
    }
    session.say(&format!("{}\n{}", styled(HEADING, "Templates"), table.lines_with_prose("  ").join("\n")))?;
    let models: Vec<String> = CATALOG.iter().map(|(name, _)| format!("  {name}")).collect();
    session.say(&format!("{}\n{}", styled(HEADING, "Models of the catalog"), models.join("\n")))
}
