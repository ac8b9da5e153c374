//! Levers as their users meet them: text, document, tables, and questions that make no sense.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fs;

use serde_json::Value;

use common::Place;

const QUICK: [&str; 4] = ["levers", "war", "--belief-points", "5"];

#[test]
fn the_document_is_the_same_for_any_number_of_threads_and_in_the_folder() {
    let place = Place::with_war();
    let more = ["--timing=0,6,24", "--threshold", "pressure", "--over", "front=-1:1", "--tornado", "--json"];
    let common = [&QUICK[..], &more].concat();
    let on = |more: &[&str]| place.expect(0, &[&common[..], more].concat()).0;
    let one = on(&["--threads", "1"]);
    assert_eq!(one, on(&["--threads", "2", "--out", "kept"]));
    assert_eq!(one, fs::read_to_string(place.path("kept/levers.json")).unwrap());
    for name in ["sets", "fronts", "thresholds", "timing", "tornado"] {
        let content = fs::read_to_string(place.path(&format!("kept/{name}.csv"))).unwrap();
        assert!(content.lines().count() > 1, "{name}: {content}");
        assert!(!content.contains("NaN"), "{name}");
    }
    place.expect(74, &[&common[..], &["--out", "kept"]].concat());

    let document: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(document["schema"], "armistice.levers/1");
    assert_eq!(document["player"], "attacker");
    assert_eq!(document["by_date"], "2026-01-01");
    assert_eq!(document["stamp"]["settings"]["belief_points"], 5);
    let levers = &document["levers"];
    assert_eq!(levers["sets"][0]["levers"][0], "pressure");
    // On from the start it is the lever as it is; at the horizon it is none.
    let points = &levers["timing"][0]["points"];
    assert_eq!(points[0]["announced"], levers["effects"][0]);
    assert_eq!(points[2]["surprise"], levers["plain"]);
    // The stamp repeats it.
    let command = document["stamp"]["command"].as_str().unwrap();
    let again: Vec<&str> = command.split_whitespace().skip(1).chain(["--json"]).collect();
    assert_eq!(one, place.expect(0, &again).0);
}

#[test]
fn the_text_has_what_was_asked() {
    let place = Place::with_war();
    let more = ["--type", "strong", "--cost-to", "attacker", "--belief", "attacker.strong=0.8", "--by", "6"];
    let (text, _) = place.expect(0, &[&QUICK[..], &more].concat());
    for word in
        ["weak 20.0 %, strong 80.0 %", "over by 2025-07-01", "pressure", "loss of attacker", "Cheapest set"]
    {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
    assert!(!text.contains("margin of weak"), "{text}");
    let (by_date, _) = place.expect(0, &[&QUICK[..], &["--by", "2025-07-15", "--json"]].concat());
    assert_eq!(serde_json::from_str::<Value>(&by_date).unwrap()["levers"]["by"], 6);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let place = Place::with_war();
    let wrong = [
        "--player",
        "attaker",
        "--levers",
        "presure",
        "--state",
        "front=9",
        "--belief",
        "attacker.strong=x",
        "--by",
        "2031-01-01",
        "--case",
        "no_talk",
        "--threshold",
        "patients",
    ];
    let (_, err) = place.expect(2, &[&QUICK[..], &wrong].concat());
    for word in [
        "7 problems",
        "`attaker`",
        "`presure`",
        "`9`",
        "`x`, which is no number",
        "2031",
        "`no_talk`",
        "`patients`",
    ] {
        assert!(err.contains(word), "`{word}` is not in:\n{err}");
    }
    let (_, err) = place.expect(2, &[&QUICK[..], &["--levers", "presure"]].concat());
    assert!(err.contains("there is no lever `presure`") && err.contains("there is only `pressure`"), "{err}");
    place.expect(2, &[&QUICK[..], &["--timing=1,x"]].concat());
    place.expect(74, &["levers", "peace"]);
}

#[test]
fn a_scenario_without_levers_says_so() {
    let place = Place::with_war();
    let path = place.path("war/scenario.toml");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("[levers.pressure]").unwrap();
    let after = rest.split_once("[cases.no_talks]").unwrap().1;
    fs::write(&path, format!("{before}[cases.no_talks]{after}")).unwrap();
    let (_, err) = place.expect(2, &QUICK);
    assert!(err.contains("the scenario has no levers"), "{err}");
}
