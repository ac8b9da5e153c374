//! `armistice catalog`: what it prints, its exit codes, and that the book's pages about it are fresh.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use common::Place;

/// Runs a command that has to end with `code`; standard output and standard error.
fn expect(code: i32, arguments: &[&str]) -> (String, String) {
    Place::new().expect(code, arguments)
}

fn json(code: i32, arguments: &[&str]) -> Value {
    Place::new().json(code, arguments)
}

#[test]
fn models_are_listed_and_found_by_claim() {
    let all = json(0, &["catalog", "list", "--json"]);
    let some = json(0, &["catalog", "list", "--claim", "b2", "--json"]);
    let names = |document: &Value| -> Vec<String> {
        let models = document["models"].as_array().unwrap();
        models.iter().map(|model| model["name"].as_str().unwrap().to_owned()).collect()
    };
    let (all, some) = (names(&all), names(&some));
    assert!(some.contains(&"fearon-1995-cost".to_owned()) && some.len() < all.len());
    let (out, err) = expect(0, &["catalog", "list"]);
    assert!(all.iter().all(|name| out.contains(name)));
    assert!(err.contains("catalog show"), "{err}");
}

#[test]
fn a_model_is_shown_whole_or_file_by_file() {
    let (out, _) = expect(0, &["catalog", "show", "fearon-1995-cost"]);
    for words in ["What would be observed", "(k - l) / (h - l)", "0.4", "Powell, R. (1999)"] {
        assert!(out.contains(words), "{words} is not in\n{out}");
    }
    let (file, _) = expect(0, &["catalog", "show", "fearon-1995-cost", "--file", "scenario.toml"]);
    assert!(file.contains("[[stage]]"));
    let (_, err) = expect(2, &["catalog", "show", "fearon-1995-cost", "--file", "nothing"]);
    assert!(err.contains("model.toml"), "{err}");
    let (_, err) = expect(2, &["catalog", "show", "fearon-1995-coast"]);
    assert!(err.contains("did you mean `fearon-1995-cost`"), "{err}");
}

#[test]
fn running_a_model_says_what_holds_and_fails_where_something_does_not() {
    let (out, _) = expect(0, &["catalog", "run", "fearon-1995-cost"]);
    assert!(out.contains("12 of 12 known numbers agree") && !out.contains('✗'), "{out}");
    let document = json(0, &["catalog", "run", "fearon-1995-two-types", "--set", "resolute=0.65", "--json"]);
    assert_eq!(document["models"][0]["predictions"][2]["value"], 0.0);
    assert_eq!(document["models"][0]["games"][0]["measures"][0]["found"][0]["Ok"].as_f64().unwrap(), 0.0);
    // At the critical prior the tree is indifferent up to the margin: the closed form knows no mixing.
    let critical = "resolute=0.6122448979591837";
    let (out, err) = expect(5, &["catalog", "run", "fearon-1995-two-types", "--set", critical]);
    assert!(out.contains('✗') && err.contains("does not hold"), "{out}\n{err}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let (_, err) = expect(2, &["catalog", "run", "fearon-1995-cost", "--set", "q=1"]);
    assert!(err.contains("p, cA, l, h"), "{err}");
    let (_, err) = expect(2, &["catalog", "run", "fearon-1995-cost", "--set", "p=much"]);
    assert!(err.contains("not a number"), "{err}");
    let (_, err) = expect(2, &["catalog", "run", "fearon-1995-cost", "--set", "l=0.5"]);
    assert!(err.contains("divides by zero") && err.contains("outside the region"), "{err}");
    expect(2, &["catalog", "run", "--all", "--set", "p=0.5"]);
    expect(2, &["catalog", "run"]);
}

#[test]
fn plots_are_drawn() {
    let place = Place::new();
    place.expect(0, &["catalog", "run", "fearon-1995-two-types", "--plot", "plot.svg", "--quiet"]);
    let drawing = place.read("plot.svg");
    assert_eq!(drawing.matches("<circle").count(), 19, "nine solved games for two lines, and the legend");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = fs::read_dir(folder.join("catalog"))
        .unwrap()
        .map(|entry| Path::new("catalog").join(entry.unwrap().file_name()))
        .collect();
    out.push("catalog.md".into());
    out.sort();
    out
}

#[test]
fn the_pages_of_the_book_are_fresh() {
    let place = Place::new();
    place.expect(0, &["catalog", "pages", "."]);
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src");
    assert_eq!(files(place.folder()), files(&book));
    let stale: Vec<PathBuf> = files(&book)
        .into_iter()
        .filter(|file| fs::read(book.join(file)).unwrap() != fs::read(place.folder().join(file)).unwrap())
        .collect();
    assert!(stale.is_empty(), "stale: run `cargo run --release -- catalog pages docs/src`: {stale:?}");
}
