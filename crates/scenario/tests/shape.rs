//! The schema, the pages of codes and the templates agree with the checker.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use armistice_scenario::{
    ALL_CODES, Change, Limits, TEMPLATES, diagnostics_chapter, explain, new_scenario, parse, render_plain,
    schema,
};
use serde_json::Value;

fn good_files() -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = std::fs::read_dir("tests/files/good")
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()))
        .collect();
    for (name, _) in TEMPLATES {
        out.push(((*name).to_owned(), new_scenario(name).unwrap()));
    }
    // The wars shipped with the repository; a package of this crate alone does not have them.
    if let Ok(folders) = std::fs::read_dir("../../scenarios") {
        for folder in folders {
            let path = folder.unwrap().path().join("scenario.toml");
            if path.is_file() {
                out.push((path.display().to_string(), std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    out
}

/// Follows `$ref`, and gives every shape a value may have.
fn shapes<'s>(root: &'s Value, shape: &'s Value) -> Vec<&'s Value> {
    if let Some(name) = shape.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(name.trim_start_matches('#')).unwrap();
        return shapes(root, target);
    }
    match shape.get("anyOf").and_then(Value::as_array) {
        Some(list) => list.iter().flat_map(|s| shapes(root, s)).collect(),
        None => vec![shape],
    }
}

/// Whether a value has the shape the schema gives it: the kind, the keys, and what lies below them.
fn fits(root: &Value, shape: &Value, value: &Value) -> bool {
    shapes(root, shape).into_iter().any(|shape| {
        let kinds: Vec<&str> = match shape.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => return true,
        };
        match value {
            Value::Object(map) => {
                let required = shape.get("required").and_then(Value::as_array);
                let complete = required
                    .is_none_or(|keys| keys.iter().all(|k| map.contains_key(k.as_str().unwrap_or(""))));
                complete
                    && kinds.contains(&"object")
                    && map.iter().all(|(key, below)| {
                        let known = shape.get("properties").and_then(|p| p.get(key));
                        let other = shape.get("additionalProperties").filter(|o| o.is_object());
                        known.or(other).is_some_and(|shape| fits(root, shape, below))
                    })
            }
            Value::Array(list) => {
                let item = shape.get("items").filter(|i| i.is_object());
                kinds.contains(&"array")
                    && list.iter().enumerate().all(|(i, below)| {
                        let fixed = shape.get("prefixItems").and_then(|p| p.get(i));
                        fixed.or(item).is_none_or(|shape| fits(root, shape, below))
                    })
            }
            Value::String(_) => kinds.contains(&"string"),
            Value::Bool(_) => kinds.contains(&"boolean"),
            Value::Number(x) if x.is_i64() => kinds.contains(&"integer") || kinds.contains(&"number"),
            Value::Number(_) => kinds.contains(&"number"),
            Value::Null => false,
        }
    })
}

/// A TOML value as JSON; dates become texts.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(s) => Value::from(s.as_str()),
        toml::Value::Integer(x) => Value::from(*x),
        toml::Value::Float(x) => Value::from(*x),
        toml::Value::Boolean(b) => Value::from(*b),
        toml::Value::Datetime(d) => Value::from(d.to_string()),
        toml::Value::Array(list) => Value::Array(list.iter().map(json).collect()),
        toml::Value::Table(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), json(v))).collect()),
    }
}

#[test]
fn good_scenarios_have_the_shape_of_the_schema() {
    let schema = schema();
    for (name, text) in good_files() {
        let value: toml::Value = toml::from_str(&text).unwrap();
        for (key, section) in json(&value).as_object().unwrap() {
            let shape = schema.pointer(&format!("/properties/{key}")).unwrap();
            assert!(fits(&schema, shape, section), "`[{key}]` of {name}");
        }
    }
}

#[test]
fn the_schema_refuses_what_the_checker_refuses() {
    let schema = schema();
    let bad = serde_json::json!({ "title": "A war", "period": "month", "horizon": 3, "titel": "A war" });
    let shape = schema.pointer("/properties/scenario").unwrap();
    assert!(!fits(&schema, shape, &bad));
}

#[test]
fn templates_are_sound_and_quiet() {
    for (name, _) in TEMPLATES {
        let loaded = parse(&new_scenario(name).unwrap(), name, Path::new("."));
        assert_eq!(render_plain(&loaded), "");
        let scenario = loaded.scenario.unwrap();
        scenario.compile(&Change::default(), &Limits::default()).unwrap();
        for case in &scenario.cases {
            scenario.compile(&case.change, &Limits::default()).unwrap();
        }
    }
    assert!(new_scenario("no such template").is_none());
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    for code in ALL_CODES {
        let page = explain(code).unwrap_or_else(|| panic!("{code} has no page"));
        assert!(page.len() > 60, "{code}");
    }
    let chapter = diagnostics_chapter();
    let pages: Vec<&str> =
        chapter.lines().filter_map(|line| line.strip_prefix("## ")?.split(':').next()).collect();
    assert_eq!(pages, ALL_CODES);
    assert!(explain("A9999").is_none());
    assert!(explain("").is_none());
}

/// `ARMISTICE_UPDATE=1` writes what is expected instead of comparing it.
fn current(path: &str, text: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("ARMISTICE_UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{} is stale: run the tests with ARMISTICE_UPDATE=1", path.display());
}

#[test]
fn the_chapter_on_diagnostics_is_current() {
    current("docs/src/reference/diagnostics.md", &diagnostics_chapter());
}

#[test]
fn the_published_schema_is_current() {
    let text = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    current("docs/src/reference/scenario.schema.json", &text);
}
