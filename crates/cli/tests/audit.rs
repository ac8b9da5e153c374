//! Audits as their users meet them: a table, a document, what cannot be audited, and going on.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fs;

use serde_json::Value;

use common::Place;

/// Everything that makes an audit of the template quick.
const QUICK: [&str; 6] = ["--points", "8", "--belief-points", "5", "--precision-scales", "0.5,2"];

/// A folder with a scenario and a theory in it.
fn place() -> Place {
    let place = Place::with_war();
    let theory = "extends = \"scenario.toml\"\n\n[parameters]\npatience = { value = 0.95 }\n";
    fs::write(place.path("war/long-view.toml"), theory).unwrap();
    place
}

#[test]
fn an_audit_is_one_document_for_any_number_of_threads_and_can_go_on() {
    let place = place();
    let common = [&["audit", "war", "--theory", "war/long-view.toml", "--json"], &QUICK[..]].concat();
    let on = |more: &[&str]| place.expect(0, &[&common, more].concat()).0;
    let one = on(&["--threads", "1"]);
    // In a folder the document also names the files with counterexamples; everything else is the same.
    let kept = on(&["--threads", "2", "--out", "kept"]);
    let mut without: Value = serde_json::from_str(&kept).unwrap();
    for audit in without["audits"].as_array_mut().unwrap() {
        audit.as_object_mut().unwrap().remove("files");
    }
    assert_eq!(without, serde_json::from_str::<Value>(&one).unwrap());
    assert_eq!(kept, fs::read_to_string(place.path("kept/audit.json")).unwrap());

    let document: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(document["schema"], "armistice.audit/1");
    assert_eq!(document["thresholds"]["mostly"], 0.75);
    let audits = document["audits"].as_array().unwrap();
    assert_eq!(
        audits.iter().map(|a| a["theory"].as_str().unwrap()).collect::<Vec<_>>(),
        ["neutral", "long-view"]
    );
    let factors = |k: usize| audits[k]["factors"].as_array().unwrap().len();
    assert_eq!(factors(1), factors(0) - 1, "what a theory states does not vary");
    assert_eq!(audits[0]["claims"][0]["under"].as_array().unwrap().len(), 2);
    assert_eq!(audits[0]["stamp"]["seed"], 1);

    // A folder is not written over; with --resume what is whole is kept, and what is missing is made again.
    place.expect(74, &[&common[..], &["--out", "kept"]].concat());
    fs::remove_file(place.path("kept/audit.json")).unwrap();
    fs::remove_file(place.path("kept/2-long-view/part-00000.parquet")).unwrap();
    assert_eq!(kept, on(&["--out", "kept", "--resume"]));
    let other = [&common[..], &["--out", "kept", "--resume", "--seed", "2"]].concat();
    let (_, err) = place.expect(2, &other);
    assert!(err.contains("the design is not what the plan in the folder says"), "{err}");
}

#[test]
fn tables_have_a_row_a_claim_and_wrong_names_are_diagnosed() {
    let place = place();
    let (text, _) = place.expect(0, &[&["audit", "war", "--selections"], &QUICK[..]].concat());
    for word in
        ["verdict", "talks_shorten_the_war", "λ × 0.5", "pooling", "separating", "when:", "otherwise:"]
    {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
    let refused = |arguments: &[&str], words: &[&str]| {
        let (_, err) = place.expect(2, &[&["audit", "war"], arguments].concat());
        for word in words {
            assert!(err.contains(word), "`{word}` is not in:\n{err}");
        }
    };
    refused(&["--claims", "talks"], &["there is no claim `talks`", "`talks_shorten_the_war`"]);
    refused(&["--parameters", "patiance"], &["there is no parameter `patiance`", "`patience`"]);
    refused(&["--precision-scales", "0"], &["greater than 0"]);
    place.expect(74, &["audit", "peace"]);
}

#[test]
fn one_command_audits_all_files_of_a_folder() {
    let place = place();
    let extension = "extends = \"scenario.toml\"\nremove = [\"claims\"]\n\n[scenario]\ntitle = \"Another question\"\n\n\
                     [claims.it_lasts]\ntitle = \"It lasts\"\nsays = \"The war outlasts a period.\"\nholds_when = \"expected_duration > 1\"\nshow = [\"expected_duration\"]\n";
    fs::write(place.path("war/lasting.toml"), extension).unwrap();
    fs::write(place.path("war/part.toml"), "[measures.part]\nvalue = \"1\"\n").unwrap();
    let all = [&["audit", "war", "--all-files", "--json", "--out", "all"], &QUICK[..]].concat();
    let (text, _) = place.expect(0, &all);
    let document: Value = serde_json::from_str(&text).unwrap();
    let audits = document["audits"].as_array().unwrap();
    let of = |audit: &Value| {
        (audit["scenario"].as_str().unwrap().to_owned(), audit["theory"].as_str().unwrap().to_owned())
    };
    let all: Vec<(String, String)> = audits.iter().map(of).collect();
    let theories: Vec<&str> = all.iter().map(|(_, theory)| theory.as_str()).collect();
    assert_eq!(theories, ["neutral", "long-view", "neutral", "long-view"], "{all:?}");
    assert!(all[2].0 == "Another question" && all[3].0 == "Another question", "{all:?}");
    assert_eq!(audits[3]["set"][0][0], "patience", "a theory goes with an extension, too");
    assert_eq!(audits[3]["claims"][0]["name"], "it_lasts");
    let command = document["command"].as_str().unwrap();
    assert!(command.contains("--all-files") && !command.contains("lasting"), "{command}");

    // The cases that were computed again on a finer grid are kept, and taken from there.
    let check = &audits[2]["check"];
    assert_eq!((check["cases"].as_u64(), &check["belief_points"]), (Some(8), &serde_json::json!([5, 9])));
    let own = &audits[2]["claims"][0]["check"];
    assert_eq!((own["compared"].as_u64(), own["otherwise"].as_u64()), (Some(8), Some(0)), "{own}");
    let largest = &own["largest"];
    assert_eq!(largest["shows"], "expected_duration");
    assert!(largest["coarse"].as_f64() != largest["fine"].as_f64(), "{largest}");
    let kept = place.path("all/3-neutral/checked.json");
    let content = fs::read_to_string(&kept).unwrap();
    let fine = largest["fine"].as_f64().unwrap().to_string();
    let point = largest["point"].as_u64().unwrap() as usize;
    assert!(point < 8 && content.matches(fine.as_str()).count() == 1, "{fine}");
    fs::write(&kept, content.replace(fine.as_str(), "123.5")).unwrap();
    fs::remove_file(place.path("all/audit.json")).unwrap();
    let again = ["audit", "war", "--all-files", "--json", "--out", "all", "--resume"];
    let (text, _) = place.expect(0, &[&again, &QUICK[..]].concat());
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["audits"][2]["claims"][0]["check"]["largest"]["fine"], 123.5);
}
