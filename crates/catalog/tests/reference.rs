//! Closed forms against independent numbers: `../shared/reference/theory` beside the repository; says so loudly when it is absent.
//!
//! `tests/reference/MODEL.toml` says which cases of which file a model has to reproduce, and under which names:
//!
//! - `file`: the file;
//! - `compared_by`: which other test compares the file, where this one does not, or stands in where there is none;
//! - `cases`: the cases, by name; all when left out;
//! - `given`: by case, parameters here that the file says in words or as a list;
//! - `parameters`: a name there → a name here, where they differ; `""` for what has no counterpart;
//! - `predictions`: the same for predictions; entries of lists are `name[0]`, of tables `name.key`, and `name[]` stands for the whole list;
//! - `tolerance`: where it has to be tighter than the file's;
//! - `at`: a prediction there → `[prediction, parameter, value]` here: the prediction where the parameter has that value;
//! - `indexed`: a list there → `[prediction, parameter, first index]` here: the prediction as the parameter counts up; a table with
//!   whole numbers as keys, `name.`, likewise;
//! - `uncovered`: predictions there that the model does not make, with the reason.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use armistice_catalog::{Scope, model, names};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mapping {
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    tolerance: Option<f64>,
    /// Where this file is compared, if not here.
    #[serde(default)]
    compared_by: Option<String>,
    #[serde(default)]
    cases: Vec<String>,
    #[serde(default)]
    given: BTreeMap<String, BTreeMap<String, f64>>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    #[serde(default)]
    predictions: BTreeMap<String, String>,
    #[serde(default)]
    at: BTreeMap<String, (String, String, f64)>,
    #[serde(default)]
    indexed: BTreeMap<String, (String, String, f64)>,
    #[serde(default)]
    uncovered: BTreeMap<String, String>,
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Numbers at the ends of a value, by path. `None` where the file has `null`; words are left out.
fn flatten(path: &str, value: &Value, out: &mut Vec<(String, Option<f64>)>) {
    match value {
        Value::Null => out.push((path.to_owned(), None)),
        Value::Bool(b) => out.push((path.to_owned(), Some(f64::from(u8::from(*b))))),
        Value::Number(x) => out.push((path.to_owned(), x.as_f64())),
        Value::String(text) => {
            if let Some(x) = rational(text) {
                out.push((path.to_owned(), Some(x)));
            }
        }
        Value::Array(list) => {
            for (position, entry) in list.iter().enumerate() {
                flatten(&format!("{path}[{position}]"), entry, out);
            }
        }
        Value::Object(table) => match table.get("value") {
            Some(value) if table.len() <= 2 => flatten(path, value, out),
            _ => {
                for (key, entry) in table {
                    flatten(&format!("{path}.{key}"), entry, out);
                }
            }
        },
    }
}

fn rational(text: &str) -> Option<f64> {
    match text.split_once('/') {
        Some((above, below)) => Some(above.trim().parse::<f64>().ok()? / below.trim().parse::<f64>().ok()?),
        None => text.trim().parse().ok(),
    }
}

fn numbers(value: &Value) -> Vec<(String, Option<f64>)> {
    let mut out = Vec::new();
    for (key, entry) in value.as_object().unwrap() {
        flatten(key, entry, &mut out);
    }
    out
}

/// `name[3]` → `name[]` and 3; `name.3` → `name.` and 3.
fn indexed(path: &str) -> Option<(String, usize)> {
    let Some((name, rest)) = path.split_once('[') else {
        let (name, key) = path.rsplit_once('.')?;
        return Some((format!("{name}."), key.parse().ok()?));
    };
    let (index, rest) = rest.split_once(']')?;
    Some((format!("{name}[]{rest}"), index.parse().ok()?))
}

/// A name there, or what stands for it: itself, or its list.
fn mapped<'a, T>(map: &'a BTreeMap<String, T>, path: &str) -> Option<&'a T> {
    let stem = path.split(['[', '.']).next().unwrap_or(path);
    map.get(path).or_else(|| map.get(&indexed(path)?.0)).or_else(|| map.get(stem))
}

#[test]
fn closed_forms_agree_with_the_reference() {
    let folder = here().join("../../../shared/reference/theory");
    if !folder.exists() {
        println!("SKIPPED: {} is absent; closed forms are not compared with it", folder.display());
        return;
    }
    let mut problems = Vec::new();
    let (mut models, mut compared) = (0, 0);
    let mut files = BTreeSet::new();
    for name in names() {
        let file = here().join(format!("tests/reference/{name}.toml"));
        let Ok(text) = std::fs::read_to_string(&file) else {
            problems.push(format!("{name}: there is no tests/reference/{name}.toml"));
            continue;
        };
        let mapping: Mapping = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let Some(reference) = mapping.file.clone() else {
            match &mapping.compared_by {
                Some(by) => println!("{name}: no file of the reference, {by}"),
                None => problems.push(format!("{name}: neither a file nor `compared_by`")),
            }
            continue;
        };
        let json = std::fs::read_to_string(folder.join(&reference)).unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        files.insert(reference.clone());
        if let Some(by) = &mapping.compared_by {
            println!("{name}: {reference} is compared by {by}");
            continue;
        }
        let before = compared;
        check(name, &mapping, &json, &mut compared, &mut problems);
        println!("{name}: {} numbers of {reference} compared", compared - before);
        models += 1;
    }
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if name.starts_with('m') && name.ends_with(".json") && !files.contains(&name) {
            problems.push(format!("no model of the catalog stands for {name}"));
        }
    }
    println!("{models} models, {compared} numbers");
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

fn check(name: &str, mapping: &Mapping, json: &Value, compared: &mut usize, problems: &mut Vec<String>) {
    let model = model(name).unwrap();
    let tolerance = json["tolerance"]
        .as_object()
        .map_or(1e-9, |table| table.values().filter_map(Value::as_f64).fold(1e-9, f64::max));
    let tolerance = mapping.tolerance.unwrap_or(tolerance);
    let cases = json["cases"].as_array().unwrap();
    for wanted in &mapping.cases {
        if !cases.iter().any(|case| case["id"] == wanted.as_str()) {
            problems.push(format!("{name}: the reference has no case `{wanted}`"));
        }
    }
    for case in cases {
        let id = case["id"].as_str().unwrap();
        if !mapping.cases.is_empty() && !mapping.cases.iter().any(|c| c == id) {
            continue;
        }
        let mut scope = Scope::new(&model).unwrap();
        for (path, value) in numbers(&case["params"]) {
            let own = mapped(&mapping.parameters, &path).map_or(path.as_str(), String::as_str);
            let Some(value) = value.filter(|_| !own.is_empty()) else { continue };
            if let Err(error) = scope.set(own, value) {
                problems.push(format!("{name}, {id}: {error}"));
            }
        }
        for (own, value) in mapping.given.get(id).into_iter().flatten() {
            if let Err(error) = scope.set(own, *value) {
                problems.push(format!("{name}, {id}: {error}"));
            }
        }
        for (path, expected) in numbers(&case["predictions"]) {
            if mapped(&mapping.uncovered, &path).is_some() {
                continue;
            }
            let counted =
                indexed(&path).and_then(|(list, index)| Some((mapping.indexed.get(&list)?, index as f64)));
            let found = match counted.or_else(|| Some((mapping.at.get(&path)?, 0.0))) {
                Some(((prediction, parameter, first), index)) => {
                    let mut scope = scope.clone();
                    scope.set(parameter, first + index).unwrap();
                    scope.prediction(prediction)
                }
                None => {
                    let own = mapped(&mapping.predictions, &path).map_or(path.as_str(), String::as_str);
                    scope.prediction(own)
                }
            };
            match (found, expected) {
                (Ok(None), None) => {}
                (Ok(Some(found)), Some(expected)) => {
                    *compared += 1;
                    let scale = 1f64.max(expected.abs());
                    if !((found - expected).abs() <= tolerance * scale) {
                        problems.push(format!("{name}, {id}, {path}: {found} is not {expected}"));
                    }
                }
                (found, expected) => {
                    problems.push(format!("{name}, {id}, {path}: found {found:?}, expected {expected:?}"));
                }
            }
        }
    }
}
