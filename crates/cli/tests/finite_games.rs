//! Finite games on the command line: `check`, `solve` and `convert` with `.efg` and `.nfg` files.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fs;
use std::process::Command;

use serde_json::Value;

use common::Place;

/// A weak claimant claims with probability 1/4 and is audited with probability 1/2: the only equilibrium in which an
/// auditor can be indifferent.
const AUDIT: &str = r#"EFG 2 R "Demand and audit" { "Claimant" "Auditor" }

c "" 1 "" { "strong" 1/3 "weak" 2/3 } 0
p "" 1 1 "strong" { "claim" "pass" } 0
p "" 2 1 "claimed" { "accept" "audit" } 0
t "" 1 "" { 2, -1 }
t "" 2 "" { 1, -2 }
t "" 3 "" { 0, 0 }
p "" 1 2 "weak" { "claim" "pass" } 0
p "" 2 1 "claimed" { "accept" "audit" } 0
t "" 1 "" { 2, -1 }
t "" 4 "" { -2, 1 }
t "" 3 "" { 0, 0 }
"#;

/// Both go with probability 1/5.
const CHICKEN: &str = r#"NFG 1 R "Chicken <&>" { "A" "B" } { { "swerve" "go, fast" } { "swerve" "go, fast" } }
0 0  1 -1  -1 1  -5 -5"#;

/// Four problems, in four lines.
const BROKEN: &str = r#"EFG 2 R "Broken" { "A" "B" }
c "" 1 "" { "x" 1/2 "y" 1/3 } 0
p "" 3 1 "" { "a" "b" } 0
t "" 1 "" { 1, 2 }
t "" 2 "" { 1, x }
t "" 3 "" { 1 }
"#;

/// A driver who cannot tell two exits apart, and forgets whether one was passed.
const FORGETFUL: &str = r#"EFG 2 R "Two exits" { "D" }
p "" 1 1 "" { "on" "off" } 0
p "" 1 1 "" { "on" "off" } 0
t "" 1 "" { 1 }
t "" 2 "" { 4 }
t "" 3 "" { 0 }
"#;

/// A folder with games.
fn games() -> Place {
    Place::with_files(&[
        ("audit.efg", AUDIT),
        ("chicken.nfg", CHICKEN),
        ("broken.efg", BROKEN),
        ("exits.efg", FORGETFUL),
    ])
}

#[track_caller]
fn contains_all(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
}

#[track_caller]
fn close(value: &Value, wanted: f64) {
    let value = value.as_f64().unwrap_or_else(|| panic!("{value} is no number"));
    assert!((value - wanted).abs() < 1e-4, "{value} is not {wanted}");
}

mod checking {
    use super::*;

    #[test]
    fn sound_games_say_what_they_are() {
        let place = games();
        let (out, err) = place.expect(0, &["check", "audit.efg"]);
        contains_all(
            &out,
            &["Demand and audit: no problems", "11 nodes", "3 information sets", "public", "perfect"],
        );
        assert!(err.is_empty(), "{err}");
        let (out, _) = place.expect(0, &["check", "chicken.nfg", "--deny-warnings"]);
        contains_all(&out, &["2 × 2 strategies", "general", "7 nodes"]);
        let (out, _) = place.expect(0, &["check", "exits.efg"]);
        contains_all(&out, &["imperfect"]);
    }

    #[test]
    fn as_a_document() {
        let place = games();
        let document = place.json(0, &["check", "audit.efg", "--json"]);
        assert_eq!(document["schema"], "armistice.check-game/1");
        assert_eq!(document["ok"], true);
        assert_eq!(document["size"]["actions"], 6);
        assert_eq!(document["size"]["form"], "public");
        assert_eq!(document["perfect_recall"], true);
        assert_eq!(document["game_hash"].as_str().unwrap().len(), 64);
        assert_eq!(place.json(0, &["check", "exits.efg", "--json"])["perfect_recall"], false);
    }

    #[test]
    fn every_problem_has_its_place_and_a_remedy() {
        let place = games();
        for verb in
            [&["check", "broken.efg"][..], &["solve", "broken.efg"], &["convert", "broken.efg", "o.efg"]]
        {
            let (out, err) = place.expect(2, verb);
            assert!(out.is_empty(), "{out}");
            for place in ["broken.efg:2:11:", "broken.efg:3:6:", "broken.efg:5:16:", "broken.efg:6:11:"] {
                contains_all(&err, &[place]);
            }
            contains_all(&err, &["sum to 5/6", "no player 3", "1 payoff for 2 players", "4 problems"]);
            assert_eq!(err.matches("help: ").count(), 4, "{err}");
        }
        assert!(!place.names().contains(&"o.efg".to_owned()));
        let document = place.json(2, &["check", "broken.efg", "--json"]);
        assert_eq!(document["ok"], false);
        let list = document["diagnostics"].as_array().unwrap();
        assert_eq!(list.len(), 4);
        assert_eq!((&list[0]["line"], &list[0]["column"]), (&Value::from(2), &Value::from(11)));
        assert!(list.iter().all(|one| one["help"].as_str().is_some_and(|help| !help.is_empty())));
    }

    #[test]
    fn with_color_the_words_are_shown() {
        let (_, err) = games().expect(2, &["check", "broken.efg", "--color", "always"]);
        contains_all(&err, &["broken.efg:5:16", "t \"\" 2 \"\" { 1, x }", "\u{1b}["]);
    }

    #[test]
    fn anything_at_all_can_be_read_without_a_crash() {
        let place = games();
        let sources: [&[u8]; 6] = [
            b"",
            b"\xff\xfe\x00",
            b"EFG",
            b"NFG 1 R \"\" { } { }",
            b"EFG 2 R \"\xe9\" { \"A\" }",
            b"{{{{\"\n",
        ];
        for text in sources {
            for name in ["odd.efg", "odd.nfg"] {
                fs::write(place.path(name), text).unwrap();
                let (_, err) = place.expect(2, &["check", name]);
                contains_all(&err, &[&format!("{name}:1:"), "help: "]);
                place.expect(2, &["check", name, "--color", "always"]);
            }
        }
        fs::write(place.path("latin.efg"), b"EFG 2 R\n\"caf\xe9\"").unwrap();
        contains_all(&place.expect(2, &["check", "latin.efg"]).1, &["latin.efg:2:5:", "UTF-8"]);
    }

    #[test]
    fn missing_files_are_io_failures() {
        let place = games();
        let (_, err) = place.expect(74, &["check", "gone.efg"]);
        contains_all(&err, &["cannot read gone.efg", "there is no such file"]);
        place.expect(74, &["solve", "gone.nfg"]);
        place.expect(74, &["convert", "gone.nfg", "new.efg"]);
    }

    #[test]
    fn a_folder_may_be_called_like_a_game() {
        let place = games();
        place.expect(0, &["new", "war.efg"]);
        place.expect(0, &["check", "war.efg"]);
    }
}

mod solving {
    use super::*;

    #[test]
    fn a_verified_equilibrium() {
        let place = games();
        let (out, err) = place.expect(0, &["solve", "audit.efg"]);
        assert!(err.is_empty(), "{err}");
        contains_all(
            &out,
            &[
                "Demand and audit",
                "11 nodes",
                "public",
                "to λ = 1e6, the largest λ asked for",
                "evaluations",
                "verified: regret ≤ 1e-6 of the payoff range",
                "agent regret",
                "NashConv",
                "residual",
                "mass error",
                "Claimant · weak",
                "0.2500",
                "0.7500",
                "Auditor · claimed",
                "armistice solve audit.efg",
            ],
        );
        assert!(!out.contains("NOT an equilibrium"), "{out}");
    }

    #[test]
    fn as_a_document() {
        let place = games();
        let document = place.json(0, &["solve", "audit.efg", "--json", "--at", "10,1"]);
        assert_eq!(document["schema"], "armistice.solve-game/1");
        assert_eq!((&document["ok"], &document["status"]), (&Value::from(true), &Value::from("verified")));
        assert_eq!(document["end"], "reached");
        assert_eq!(document["lambda"], 1e6);
        assert_eq!(document["stamp"]["game"], "Demand and audit");
        assert_eq!(document["stamp"]["game_hash"].as_str().unwrap().len(), 64);
        assert_eq!(document["stamp"]["command"], "armistice solve audit.efg --at 1,10");
        close(&document["strategies"]["Claimant"]["weak"]["claim"], 0.25);
        close(&document["strategies"]["Claimant"]["strong"]["claim"], 1.0);
        close(&document["strategies"]["Auditor"]["claimed"]["audit"], 0.5);
        assert!(document["certificate"]["relative"].as_f64().unwrap() <= 1e-6);
        assert!(document["counts"]["points"].as_u64().unwrap() > 10);
        assert!(document["events"].as_array().is_some());
        assert!(document["path"].is_null(), "the path was not asked for");
        let at = document["at"].as_array().unwrap();
        assert_eq!(at.len(), 2);
        assert_eq!((&at[0]["lambda"], &at[1]["lambda"]), (&Value::from(1.0), &Value::from(10.0)));
        assert!(at[0]["certificate"]["residual"].as_f64().unwrap() < 1e-9);
        assert!(at[0]["certificate"]["relative"].as_f64().unwrap() > 1e-3);
    }

    #[test]
    fn the_whole_path_when_it_is_asked_for() {
        let place = games();
        let document = place.json(0, &["--json", "solve", "chicken.nfg", "--with-path"]);
        let actions = document["path"]["actions"].as_array().unwrap();
        let points = document["path"]["points"].as_array().unwrap();
        assert_eq!(actions[1], "A/1/go, fast");
        assert_eq!(points.len() as u64, document["counts"]["points"].as_u64().unwrap());
        assert_eq!(points[0]["profile"], serde_json::json!([0.5, 0.5, 0.5, 0.5]));
        close(&points.last().unwrap()["profile"][1], 0.2);
        // Where two branches leave the symmetric one, it says so.
        assert_eq!(document["events"][0]["kind"], "bifurcation");
        let (_, err) = place.expect(2, &["solve", "chicken.nfg", "--with-path"]);
        contains_all(&err, &["--json"]);
    }

    #[test]
    fn at_a_small_precision_it_is_quantal_response_and_no_equilibrium() {
        let place = games();
        let (out, _) = place.expect(0, &["solve", "audit.efg", "--max-lambda", "5"]);
        contains_all(
            &out,
            &["NOT an equilibrium: regret", "a quantal response equilibrium at λ = 5", "to λ = 5"],
        );
        assert!(!out.contains("verified: "), "{out}");
        let document = place.json(0, &["solve", "audit.efg", "--max-lambda", "5", "--json"]);
        assert_eq!(document["ok"], false);
        assert_eq!(document["status"], "not_verified");
        assert_eq!(document["quantal_response"], true);
        assert!(document["why"].as_str().unwrap().contains("regret"));
        assert_eq!(document["stamp"]["command"], "armistice solve audit.efg --max-lambda 5");
    }

    #[test]
    fn without_perfect_recall_nothing_is_verified() {
        let (out, err) = games().expect(4, &["solve", "exits.efg"]);
        contains_all(&out, &["NOT an equilibrium", "perfect recall", "lower bounds", "0.6667"]);
        contains_all(&err, &["perfect recall"]);
    }

    #[test]
    fn points_stand_beside_each_other() {
        let (out, _) = games().expect(0, &["solve", "chicken.nfg", "--at", "0.5", "--at", "10,2"]);
        contains_all(&out, &["Points asked for", "λ = 0.5   λ = 2  λ = 10  λ = 1e6", "0.6141"]);
    }

    #[test]
    fn a_game_without_choices_is_solved() {
        let place = games();
        fs::write(place.path("over.efg"), "EFG 2 R \"Over\" { \"A\" } t \"\" 1 \"\" { 3 }").unwrap();
        let (out, _) = place.expect(0, &["solve", "over.efg", "--plot", "over.svg"]);
        contains_all(&out, &["0 actions", "+3.0000"]);
    }

    #[test]
    fn long_lists_are_cut_and_shown_with_all() {
        let place = games();
        let mut game = String::from("EFG 2 R \"Many\" { \"A\" \"B\" }\nc \"\" 1 \"\" {");
        game.extend((0..50).map(|deal| format!(" \"{deal}\" 1/50")));
        game.push_str(" } 0\n");
        for set in 1..=50 {
            let player = if set == 1 { 2 } else { 1 };
            game.push_str(&format!("p \"\" {player} {set} \"\" {{"));
            game.extend((0..15).map(|action| format!(" \"a{action}\"")));
            game.push_str(" } 0\n");
            for action in 0..15 {
                game.push_str(&format!("t \"\" {} \"\" {{ {action} {action} }}\n", action + 1));
            }
        }
        fs::write(place.path("many.efg"), game).unwrap();
        let (out, _) = place.expect(0, &["solve", "many.efg"]);
        contains_all(&out, &["10 more information sets: --all shows them", "(14 more)"]);
        let (all, _) = place.expect(0, &["solve", "many.efg", "--all"]);
        assert!(all.lines().count() > 50 * 16, "{all}");
        assert!(!all.contains("more information sets") && !all.contains("(14 more)"));
        let drawing = {
            place.expect(0, &["solve", "many.efg", "-q", "--plot", "many.svg"]);
            place.read("many.svg")
        };
        assert_eq!(drawing.matches("<polyline").count(), 750);
        contains_all(&drawing, &["in gray: 727 more"]);
    }

    #[test]
    fn payoffs_that_would_overflow_are_refused() {
        let place = games();
        fs::write(place.path("huge.nfg"), "NFG 1 R \"\" { \"A\" } { 2 } 1e308 -1e308").unwrap();
        contains_all(&place.expect(2, &["solve", "huge.nfg"]).1, &["payoff beyond 1e150", "units"]);
    }

    #[test]
    fn the_same_bytes_twice() {
        let place = games();
        let arguments = ["solve", "audit.efg", "--json", "--with-path", "--at", "1"];
        let once = place.expect(0, &arguments).0;
        assert_eq!(once, place.expect(0, &arguments).0);
        let threads = place.expect(0, &[&arguments[..], &["--threads", "2"]].concat()).0;
        assert_eq!(once, threads);
    }
}

mod files {
    use super::*;

    #[test]
    fn the_path_as_rows() {
        let place = games();
        let (_, err) = place.expect(0, &["solve", "chicken.nfg", "--path", "rows.csv", "--at", "1.5"]);
        contains_all(&err, &["wrote rows.csv"]);
        let rows = place.read("rows.csv");
        let mut lines = rows.lines();
        let header = "lambda,residual,A/1/swerve,\"A/1/go, fast\",B/1/swerve,\"B/1/go, fast\"";
        assert_eq!(lines.next(), Some(header));
        let numbers: Vec<Vec<f64>> =
            lines.map(|line| line.split(',').map(|x| x.parse().unwrap()).collect()).collect();
        assert!(numbers.iter().all(|row| row.len() == 6));
        assert_eq!(numbers[0], [0.0, 0.0, 0.5, 0.5, 0.5, 0.5]);
        assert!(numbers.iter().any(|row| row[0] == 1.5), "the λ asked for is in no row");
        let last = numbers.last().unwrap();
        assert!(last[0] == 1e6 && (last[3] - 0.2).abs() < 1e-4);
        assert!(numbers.iter().all(|row| (row[2] + row[3] - 1.0).abs() < 1e-12));
        // What was read from the document is what stands in the rows.
        let document = place.json(0, &["solve", "chicken.nfg", "--json", "--with-path", "--at", "1.5"]);
        for (row, point) in numbers.iter().zip(document["path"]["points"].as_array().unwrap()) {
            assert_eq!(point["lambda"].as_f64(), Some(row[0]));
            assert_eq!(point["profile"][0].as_f64(), Some(row[2]));
        }
    }

    #[test]
    fn the_path_as_a_drawing() {
        let place = games();
        let (out, err) = place.expect(0, &["solve", "chicken.nfg", "--plot", "branch.svg", "-q"]);
        assert!(out.contains("verified") && err.is_empty(), "{err}");
        let drawing = place.read("branch.svg");
        assert!(drawing.starts_with("<svg xmlns=") && drawing.ends_with("</svg>\n"));
        assert_eq!(drawing.matches("<polyline").count(), 4);
        contains_all(&drawing, &["Chicken &lt;&amp;&gt;", "A/1/go, fast", "precision λ", ">1e6<", "crosses"]);
        assert!(!drawing.contains("NaN") && !drawing.contains("inf"));
    }

    #[test]
    fn places_where_nothing_can_be_written_are_named_before_work() {
        let place = games();
        let (_, err) = place.expect(74, &["solve", "audit.efg", "--path", "no/such/rows.csv"]);
        contains_all(&err, &["cannot write no/such/rows.csv", "no folder no/such"]);
        for option in ["--path", "--plot"] {
            let (_, err) = place.expect(2, &["solve", "audit.efg", option, "./audit.efg"]);
            contains_all(&err, &["is the game itself"]);
        }
        place.expect(2, &["solve", "audit.efg", "--path", "same", "--plot", "same"]);
        assert_eq!(place.read("audit.efg"), AUDIT);
    }
}

mod options {
    use super::*;

    #[test]
    fn those_of_scenarios_do_not_apply_to_games() {
        let place = games();
        for (option, value) in [
            ("--period", "0"),
            ("--belief", "a.b=0.5"),
            ("--case", "x"),
            ("--lever", "x"),
            ("--set", "x=1"),
            ("--precision-scale", "2"),
            ("--belief-points", "5"),
            ("--selection", "principal"),
            ("--max-values", "10"),
        ] {
            let (out, err) = place.expect(2, &["solve", "audit.efg", option, value]);
            assert!(out.is_empty());
            contains_all(&err, &[option, "is for scenarios", "audit.efg is a finite game", "hint:"]);
        }
        contains_all(
            &place.expect(2, &["solve", "audit.efg", "--at", "front=2"]).1,
            &["--at front=2", "numbers"],
        );
        contains_all(&place.expect(2, &["solve", "audit.efg", "--at", "front"]).1, &["--at", "1,2.5,10"]);
        contains_all(
            &place.expect(2, &["solve", "audit.efg", "--at", "7", "--max-lambda", "5"]).1,
            &["λ = 7", "beyond", "--max-lambda"],
        );
        place.expect(2, &["check", "audit.efg", "--belief-points", "5"]);
    }

    #[test]
    fn those_of_games_do_not_apply_to_scenarios() {
        let place = games();
        place.expect(0, &["new", "war"]);
        for arguments in [
            &["solve", "war", "--max-lambda", "5"][..],
            &["solve", "war", "--path", "rows.csv"],
            &["solve", "war", "--plot", "plot.svg"],
            &["solve", "war", "--json", "--with-path"],
        ] {
            let (_, err) = place.expect(2, arguments);
            contains_all(&err, &["is for finite games", "war is a scenario"]);
        }
        contains_all(&place.expect(2, &["solve", "war", "--at", "1,2"]).1, &["VARIABLE=VALUE"]);
        assert!(!place.names().contains(&"rows.csv".to_owned()));
    }

    #[test]
    fn other_verbs_say_where_games_belong() {
        let place = games();
        for verb in ["run", "simulate"] {
            let (_, err) = place.expect(2, &[verb, "audit.efg"]);
            contains_all(&err, &["audit.efg is a finite game", "armistice solve"]);
        }
    }
}

mod converting {
    use super::*;

    #[test]
    fn canonical_texts_stay_as_they_are() {
        let place = games();
        for (from, once, twice) in
            [("audit.efg", "one.efg", "two.efg"), ("chicken.nfg", "one.nfg", "two.nfg")]
        {
            let (out, err) = place.expect(0, &["convert", from, once]);
            assert_eq!(out.trim(), once);
            assert!(err.contains("bytes"), "{err}");
            place.expect(0, &["convert", once, twice]);
            assert_eq!(place.read(once), place.read(twice));
        }
        // The same game has the same solution.
        let read = |name| place.json(0, &["solve", name, "--json"]);
        assert_eq!(read("audit.efg")["strategies"], read("one.efg")["strategies"]);
    }

    #[test]
    fn the_first_periods_of_a_scenario_become_a_tree() {
        let place = games();
        place.expect(0, &["new", "war"]);
        assert!(place.expect(2, &["convert", "war", "war.efg"]).1.contains("--periods"));
        assert!(place.expect(2, &["convert", "war", "w.efg", "--periods", "9"]).1.contains("--max-nodes"));
        place.expect(0, &["convert", "war", "war.efg", "--periods", "1"]);
        place.expect(0, &["check", "war.efg"]);
        assert_eq!(place.json(0, &["solve", "war.efg", "--json"])["status"], "verified");
    }

    #[test]
    fn a_table_becomes_a_tree() {
        let place = games();
        let document = place.json(0, &["convert", "chicken.nfg", "tree.efg", "--json"]);
        assert_eq!(document["schema"], "armistice.convert/1");
        assert_eq!(document["to_format"], "efg");
        assert!(place.read("tree.efg").starts_with("EFG 2 R \"Chicken <&>\" { \"A\" \"B\" }"));
        let read = |name| place.json(0, &["solve", name, "--json"]);
        assert_eq!(read("chicken.nfg")["strategies"], read("tree.efg")["strategies"]);
        let (_, err) = place.expect(2, &["convert", "tree.efg", "back.nfg"]);
        contains_all(&err, &["a tree cannot be written as a table"]);
    }

    #[test]
    fn nothing_is_overwritten_unless_forced() {
        let place = games();
        fs::write(place.path("mine.efg"), "keep").unwrap();
        let (_, err) = place.expect(74, &["convert", "audit.efg", "mine.efg"]);
        contains_all(&err, &["exists already", "--force"]);
        assert_eq!(place.read("mine.efg"), "keep");
        place.expect(0, &["convert", "audit.efg", "mine.efg", "--force"]);
        assert!(place.read("mine.efg").starts_with("EFG 2 R"));
        place.expect(0, &["convert", "mine.efg", "mine.efg", "--force"]);
        assert!(place.names().iter().all(|name| !name.ends_with(".tmp")));
    }

    #[test]
    fn names_say_the_format() {
        let place = games();
        for arguments in [["convert", "audit.efg", "game.txt"], ["convert", "audit.efg", "game"]] {
            let (_, err) = place.expect(2, &arguments);
            contains_all(&err, &["by its name", ".efg", ".nfg"]);
        }
        place.expect(74, &["convert", "audit.efg", "no/such/folder.efg"]);
    }
}

#[cfg(unix)]
mod interrupting {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    /// A table without symmetries, of a size that takes long.
    fn long() -> String {
        const SIZE: u64 = 300;
        let mut text = String::from("NFG 1 R \"Long\" { \"A\" \"B\" } { 300 300 }\n");
        let mut state = 1u64;
        for _ in 0..2 * SIZE * SIZE {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(&format!("{} ", (state >> 33) % 1000));
        }
        text
    }

    #[test]
    fn a_long_solution_stops_and_writes_nothing() {
        let place = games();
        fs::write(place.path("long.nfg"), long()).unwrap();
        let child = place.spawn(&["solve", "long.nfg", "--path", "rows.csv"]);
        thread::sleep(Duration::from_millis(700));
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let asked = Instant::now();
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(asked.elapsed() < Duration::from_secs(30), "it took {:?} to stop", asked.elapsed());
        assert_eq!(output.status.code(), Some(130), "{err}");
        contains_all(&err, &["stopping", "hint:"]);
        assert!(output.stdout.is_empty());
        assert!(!place.names().contains(&"rows.csv".to_owned()));
    }
}
