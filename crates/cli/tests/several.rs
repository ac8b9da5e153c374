//! `solve GAME` with `--equilibria`, `--branches`, `--pure` and `--cfr`.
#![allow(clippy::unwrap_used)]

mod common;

use serde_json::Value;

use common::solve_game;

fn document(game: &str, options: &[&str]) -> Value {
    let (code, out, err) = solve_game(game, options);
    assert_eq!(code, Some(0), "{err}");
    serde_json::from_str(&out).unwrap()
}

const SEXES: &str = "NFG 1 R \"Battle of the sexes\" { \"Ann\" \"Bob\" } { 2 2 }\n2 1 0 0 0 0 1 2\n";

/// The second player sees what the first did; both ends below `L` are worth the same to the second.
const TIES: &str = r#"EFG 2 R "Ties" { "A" "B" }
p "" 1 1 "first" { "L" "R" } 0
p "" 2 1 "after L" { "l" "r" } 0
t "" 1 "" { 3, 1 }
t "" 2 "" { 0, 1 }
p "" 2 2 "after R" { "l" "r" } 0
t "" 3 "" { 2, 0 }
t "" 4 "" { 1, 1 }
"#;

#[test]
fn equilibria_are_listed_and_the_selected_one_is_marked() {
    let (code, out, err) = solve_game(SEXES, &["--equilibria"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("3 equilibria with 3 outcomes") && out.contains("* 1"), "{out}");
    assert!(out.contains("sequential") && out.contains("branch crossing at λ = 1.37"), "{out}");
    assert!(!out.contains("Equilibrium 2"), "{out}");
    let (_, all, _) = solve_game(SEXES, &["--equilibria", "--all", "--restarts", "2"]);
    assert!(all.contains("Equilibrium 3") && all.contains("0.3333"), "{all}");
    let found = document(SEXES, &["--equilibria", "--json"]);
    assert_eq!(found["schema"], "armistice.solve-game-equilibria/1");
    assert_eq!((&found["found"]["principal"], found["strategies"].as_array().unwrap().len()), (&0.into(), 3));
    assert_eq!(found["found"]["equilibria"][0]["certificate"]["bayes_residual"], 0.0);
    assert_eq!(found, document(SEXES, &["--equilibria", "--json"]));
}

#[test]
fn branches_that_cross_are_followed() {
    let (code, out, err) = solve_game(SEXES, &["--branches"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("3 branches, 1 crossing") && out.contains("leads to 2 and 3"), "{out}");
    let found = document(SEXES, &["--branches", "--max-lambda", "50", "--json"]);
    assert_eq!(found["found"]["paths"].as_array().unwrap().len(), 3);
    let crossing = &found["found"]["crossings"][0];
    let (from, to) = (crossing["from"].as_f64().unwrap(), crossing["to"].as_f64().unwrap());
    assert!(from < to && to - from < 1e-6, "{crossing}");
}

#[test]
fn pure_equilibria_come_with_all_ties() {
    let (code, out, err) = solve_game(TIES, &["--pure"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("2 pure equilibria"), "{out}");
    let found = document(TIES, &["--pure", "--json"]);
    assert_eq!((&found["found"]["count"], &found["found"]["complete"]), (&2.into(), &true.into()));
    assert_eq!(found["strategies"][0]["B"]["after R"]["r"], 1.0);
    let (code, _, err) = solve_game(SEXES, &["--pure"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("more than one node"), "{err}");
}

#[test]
fn what_they_are_not_for_is_said() {
    for options in [
        ["--equilibria", "--max-lambda=5"],
        ["--equilibria", "--nash"],
        ["--branches", "--pure"],
        ["--branches", "--at=1"],
        ["--pure", "--at=1"],
        ["--pure", "--restarts=3"],
    ] {
        assert_eq!(solve_game(SEXES, &options).0, Some(2), "{options:?}");
    }
}

const PENNIES: &str = "NFG 1 R \"Pennies\" { \"A\" \"B\" } { 2 2 }\n3 -3 -1 1 -2 2 1 -1\n";

#[test]
fn regret_is_minimized_where_payoffs_have_a_constant_sum() {
    let (code, out, err) = solve_game(PENNIES, &["--cfr", "20000"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("20,000 iterations") && out.contains("0.1428"), "{out}");
    let found = document(PENNIES, &["--cfr", "--discounted", "--json"]);
    assert_eq!(found["schema"], "armistice.solve-game-cfr/1");
    assert!((found["solution"]["value"].as_f64().unwrap() - 1.0 / 7.0).abs() < 1e-3, "{found}");
    let (code, _, err) = solve_game(SEXES, &["--cfr"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("same sum"), "{err}");
}
