//! A case as text: a scenario that extends its source, and the command that computes the same on a terminal.

use std::collections::BTreeMap;
use std::fmt::Write;

use armistice::scenario::Change;
use toml::Value;

use crate::case::{Case, Resolved};
use crate::error::Problem;
use crate::workspace::Workspace;

/// Name of the case that holds the levers of a saved file.
const SAVED: &str = "saved";

/// Sections that a saved case may have.
const SECTIONS: [&str; 4] = ["extends", "scenario", "parameters", "cases"];

/// The case as a scenario file that extends its source.
///
/// - errors: what a file cannot say: another precision, and a variant that is more than levers.
pub(crate) fn save(resolved: &Resolved, title: &str) -> Result<String, Problem> {
    let Case { source, parameters, precision, .. } = &resolved.case;
    if precision.is_some() {
        return Err(Problem::bad("a file cannot multiply every precision")
            .hint("set the parameter that the players' precisions are made of"));
    }
    let extends = source.strip_prefix("catalog/").unwrap_or(source);
    let mut out = String::from(
        "# A case saved by `armistice serve`. What is not said here is as in the scenario it extends.\n\n",
    );
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "extends = {}\n\n[scenario]\ntitle = {}", quoted(extends), quoted(title));
    if !parameters.is_empty() {
        out.push_str("\n[parameters]\n");
        for (name, value) in parameters {
            let _ = writeln!(out, "{name} = {{ value = {} }}", number(*value));
        }
    }
    let change = &resolved.variation.change;
    if !levers_alone(change) {
        return Err(Problem::bad("a file cannot put a case of the scenario into force")
            .hint("copy the command instead: it names the case"));
    }
    let names = change.levers.iter().filter_map(|lever| resolved.source.scenario.levers.get(*lever));
    let names: Vec<String> = names.map(|lever| quoted(&lever.name)).collect();
    if !names.is_empty() {
        let _ =
            writeln!(out, "\n[cases.{SAVED}]\ntitle = {}\nlevers = [{}]", quoted(title), names.join(", "));
    }
    Ok(out)
}

fn levers_alone(change: &Change) -> bool {
    let Change { levers: _, parameters, commit, belief, start, given, precision_scale } = change;
    parameters.is_empty()
        && commit.is_empty()
        && belief.is_empty()
        && start.is_empty()
        && given.is_empty()
        && precision_scale.is_none()
}

/// The case that a saved file holds.
///
/// - errors: everything `check` has to say about the file; a file that changes more than parameters and levers.
pub(crate) fn load(workspace: &Workspace, text: &str) -> Result<Case, Problem> {
    let table = text
        .parse::<toml::Table>()
        .map_err(|error| Problem::bad(format!("the file is not TOML: {error}")))?;
    let Some(extends) = table.get("extends").and_then(Value::as_str) else {
        return Err(Problem::bad("the file does not say which scenario it extends")
            .hint("a saved case begins with `extends = \"scenario.toml\"`"));
    };
    let model = !extends.ends_with(".toml");
    let id = if model { format!("catalog/{extends}") } else { extends.to_owned() };
    let source = workspace.source(&id)?;
    let more: Vec<&str> = table.keys().map(String::as_str).filter(|key| !SECTIONS.contains(key)).collect();
    if !more.is_empty() {
        return Err(Problem::bad(format!(
            "the file changes more than parameters and levers: {}",
            more.join(", ")
        ))
        .hint("put it into the scenario's folder and start `armistice serve` again to open it"));
    }
    let patched = workspace.parse(text)?;
    let compile = |scenario: &armistice::scenario::Scenario| {
        scenario.compile(&Change::default(), workspace.limits()).map_err(|problems| Problem::first(&problems))
    };
    let (old, new) = (compile(&source.scenario)?, compile(&patched)?);
    let before: BTreeMap<&str, f64> = source
        .scenario
        .parameters
        .iter()
        .map(|p| p.name.as_str())
        .zip(old.parameters.iter().copied())
        .collect();
    let written = table.get("parameters").and_then(Value::as_table);
    let mut parameters = BTreeMap::new();
    for (parameter, value) in patched.parameters.iter().zip(&new.parameters) {
        match before.get(parameter.name.as_str()) {
            Some(_) if written.is_some_and(|table| table.contains_key(&parameter.name)) => {
                parameters.insert(parameter.name.clone(), *value);
            }
            Some(_) => {}
            None => return Err(Problem::bad(format!("the file adds the parameter `{}`", parameter.name))),
        }
    }
    parameters.retain(|name, value| before.get(name.as_str()) != Some(value));
    let saved = patched.cases.iter().find(|case| case.name == SAVED);
    if saved.is_some_and(|case| !levers_alone(&case.change)) {
        return Err(Problem::bad(format!("the case `{SAVED}` of the file changes more than levers")));
    }
    let positions = saved.map(|case| case.change.levers.as_slice()).unwrap_or_default();
    let levers = positions.iter().filter_map(|l| patched.levers.get(*l)).map(|l| l.name.clone()).collect();
    Ok(Case { source: id, parameters, levers, variant: None, precision: None })
}

/// The command that solves the same game on a terminal.
///
/// Options of the command line replace what levers and cases set, where sliders stand below them. Where that makes a difference, the
/// parameters that come out are given as numbers.
pub(crate) fn command(workspace: &Workspace, resolved: &Resolved, points: usize) -> String {
    let Case { source, parameters, levers, variant, precision } = &resolved.case;
    let mut words = file_of(workspace, source, "solve");
    let compiled = |change: &Change| {
        resolved.source.scenario.compile(change, workspace.limits()).ok().map(|c| c.parameters)
    };
    let scenario = &resolved.source.scenario;
    let position = |name: &str| scenario.parameters.iter().position(|p| p.name == name);
    // What the command line would make of the same words.
    let mut typed = resolved.variation.change.clone();
    for (name, value) in parameters {
        if let Some(position) = position(name) {
            typed.parameters.retain(|(other, _)| *other != position);
            typed.parameters.push((position, armistice::scenario::Expression::number(*value)));
        }
    }
    let change = &resolved.variation.change;
    let wanted = resolved.variation.scenario().compile(change, workspace.limits()).ok().map(|c| c.parameters);
    let mut set: Vec<(String, f64)> = parameters.iter().map(|(name, value)| (name.clone(), *value)).collect();
    if let (Some(wanted), Some(written)) = (wanted, compiled(change))
        && compiled(&typed).as_ref() != Some(&wanted)
    {
        let names = scenario.parameters.iter().map(|p| p.name.clone());
        let rows = names.zip(wanted).zip(written);
        set = rows.filter(|((_, value), without)| value != without).map(|(row, _)| row).collect();
    }
    if let Some(variant) = variant {
        words.extend(["--case".to_owned(), variant.clone()]);
    }
    for lever in levers {
        words.extend(["--lever".to_owned(), lever.clone()]);
    }
    for (name, value) in set {
        words.extend(["--set".to_owned(), format!("{name}={value}")]);
    }
    if let Some(scale) = precision {
        words.extend(["--precision-scale".to_owned(), scale.to_string()]);
    }
    words.extend(["--belief-points".to_owned(), points.to_string()]);
    words.into_iter().map(|word| shell(&word)).collect::<Vec<_>>().join(" ")
}

/// The first words of a command: the verb and the file; a model of the catalog is written to a file first.
pub(crate) fn file_of(workspace: &Workspace, source: &str, verb: &str) -> Vec<String> {
    let file = workspace.folder().join(source).display().to_string();
    let words = match source.strip_prefix("catalog/") {
        Some(model) => vec!["armistice", "new", model, "--from", model, "&&", "armistice", verb, model],
        None => vec!["armistice", verb, file.as_str()],
    };
    words.into_iter().map(str::to_owned).collect()
}

/// A word for a shell: quoted where it holds anything but letters, digits and a few signs.
pub(crate) fn shell(word: &str) -> String {
    let plain = word == "&&" || word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./=:+,".contains(c));
    if plain && !word.is_empty() { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A number that TOML reads as a float.
fn number(value: f64) -> String {
    Value::from(value).to_string()
}
