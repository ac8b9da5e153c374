//! `solve GAME --nash`.
#![allow(clippy::unwrap_used)]

mod common;

use common::solve_game;

fn solve(game: &str, options: &[&str]) -> (Option<i32>, String, String) {
    solve_game(game, &[&["--nash"], options].concat())
}

const PENNIES: &str = "NFG 1 R \"Pennies\" { \"A\" \"B\" } { 2 2 }\n3 -3 -1 1 -1 1 1 -1";

#[test]
fn a_zero_sum_table_has_its_value() {
    let (code, out, err) = solve(PENNIES, &[]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("verified") && out.contains("constant sum") && out.contains("0.3333"), "{out}");
    let (code, out, _) = solve(PENNIES, &["--json"]);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &document["ok"]), (Some(0), &serde_json::Value::Bool(true)));
    assert!((document["solution"]["payoffs"][0].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-12, "{out}");
}

#[test]
fn what_it_is_not_for_is_said() {
    let three = "NFG 1 R \"Three\" { \"A\" \"B\" \"C\" } { 1 1 1 }\n1 2 3";
    let (code, _, err) = solve(three, &[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("3 players"), "{err}");
    assert_eq!(solve(PENNIES, &["--at", "1"]).0, Some(2));
    assert_eq!(solve(PENNIES, &["--max-lambda", "5"]).0, Some(2));
}
