//! Sweeps as their users meet them: tables, exit codes, Ctrl-C, and being killed at any moment.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use common::{Place, texts};

/// Every file of a folder and its content.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn a_sweep_is_the_same_for_any_number_of_threads() {
    let place = Place::with_war();
    let common = ["sweep", "war", "--points", "20", "--shard-size", "6", "--belief-points", "5"];
    let on = |threads: &str, out: &str| {
        let arguments = [&common[..], &["--threads", threads, "--out", out]].concat();
        let (text, err) = place.expect(0, &arguments);
        assert!(err.contains("20 points, 5 factors, 3 measures, 1 claim"), "{err}");
        assert!(text.contains("expected_length") && text.contains("sweep.parquet"), "{text}");
        files(&place.path(out))
    };
    let one = on("1", "one");
    assert_eq!(one, on("2", "two"));
    assert_eq!(one.len(), 1 + 2 * 4 + 2);

    let document: Value = serde_json::from_slice(&one["sweep.json"]).unwrap();
    assert_eq!(document["schema"], "armistice.sweep/1");
    assert_eq!(document["points"], 20);
    assert_eq!(document["measures"][0]["name"], "over_in_a_year");
    assert_eq!(document["stamp"]["seed"], 1);
    let command = document["stamp"]["command"].as_str().unwrap();
    assert!(command.contains("--design lhs --points 20 --seed 1"), "{command}");

    // Nothing to do, and the document again; the command that began it may be repeated too.
    let (text, err) = place.expect(0, &["sweep", "war", "--out", "one", "--resume", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
    assert!(err.contains("4 of them whole before"), "{err}");
    place.expect(0, &[&common[..], &["--out", "one", "--resume"]].concat());
    assert_eq!(one, files(&place.path("one")));
}

#[test]
fn what_cannot_be_swept_is_said() {
    let place = Place::with_war();
    let refused = |arguments: &[&str], words: &[&str]| {
        let (_, err) = place.expect(2, &[&["sweep", "war", "--out", "none"], arguments].concat());
        for word in words {
            assert!(err.contains(word), "`{word}` is not in:\n{err}");
        }
        assert!(!place.path("none").exists());
    };
    refused(&["--parameters", "patiance"], &["there is no parameter `patiance`", "`patience`"]);
    refused(&["--parameters", "patience=a..b"], &["LOW..HIGH"]);
    refused(&["--parameters", "patience=1..0"], &["its range goes from 1 to 0"]);
    refused(&["--levers", "tanks"], &["there is no lever `tanks`", "`pressure`"]);
    refused(&["--cases", "peace"], &["there is no case `peace`", "`base`"]);
    refused(&["--priors", "attacker"], &["a player, a dot and a type"]);
    refused(&["--measures", "length"], &["there is no measure or claim `length`", "`expected_length`"]);
    refused(&["--design", "grid", "--levels", "100"], &["at most 1,000,000"]);
    refused(&["--design", "sobol", "--points", "70000"], &["65,536"]);
    refused(&["--design", "file"], &["--from"]);
    refused(&["--set", "patience=x"], &["not a number"]);
    fs::write(place.path("points.csv"), "patience,lever_pressure\n0.95,2\n").unwrap();
    refused(&["--from", "points.csv"], &["line 2", "lever_pressure"]);
    place.expect(74, &["sweep", "war", "--out", "nowhere", "--resume"]);

    let common = ["sweep", "war", "--points", "2", "--belief-points", "3", "--measures", "expected_length"];
    place.expect(0, &[&common[..], &["--out", "one"]].concat());
    let (_, err) = place.expect(2, &[&common[..], &["--out", "one"]].concat());
    assert!(err.contains("holds a sweep already") && err.contains("--resume"), "{err}");
    let other = ["sweep", "war", "--points", "3", "--out", "one", "--resume"];
    let (_, err) = place.expect(2, &other);
    assert!(err.contains("the design is not what its plan says"), "{err}");
    let text = fs::read_to_string(place.path("war/scenario.toml")).unwrap();
    fs::write(place.path("war/scenario.toml"), text.replace("horizon = 24", "horizon = 25")).unwrap();
    let (_, err) = place.expect(2, &["sweep", "war", "--out", "one", "--resume"]);
    assert!(err.contains("the scenario is not what its plan says"), "{err}");
    fs::write(place.path("one/plan.json"), "{}").unwrap();
    let (_, err) = place.expect(74, &["sweep", "war", "--out", "one", "--resume"]);
    assert!(err.contains("not the plan of a sweep"), "{err}");
}

#[test]
fn points_that_fail_end_with_their_own_code() {
    let place = Place::with_war();
    fs::write(
        place.path("points.csv"),
        "strong_prior,lever_pressure,case\n0.5,1,base\n1.5,0,base\n0.2,0,no_talks\n",
    )
    .unwrap();
    let arguments = ["sweep", "war", "--from", "points.csv", "--belief-points", "5", "--out", "sweep"];
    let (text, err) = place.expect(6, &arguments);
    assert!(text.contains("1 point of 3 failed"), "{text}");
    assert!(err.contains("1 of 3 points failed; the first, point 1, failed to compile"), "{err}");
    let document: Value = serde_json::from_slice(&fs::read(place.path("sweep/sweep.json")).unwrap()).unwrap();
    assert_eq!((&document["points"], &document["failed"]), (&3.into(), &1.into()));
    assert_eq!(document["measures"][1]["defined"], 2);
}

/// Long enough to be interrupted anywhere, short enough to be repeated.
const LONG: [&str; 11] = [
    "sweep",
    "war",
    "--points",
    "60",
    "--shard-size",
    "2",
    "--belief-points",
    "9",
    "--threads",
    "2",
    "--quiet",
];

#[test]
fn an_interrupted_sweep_says_how_to_go_on() {
    let place = Place::with_war();
    let many = ["sweep", "war", "--points", "20000", "--shard-size", "4", "--out", "sweep"];
    let child = place.spawn(&many);
    let begun = Instant::now();
    while !place.path("sweep/part-00000.json").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was written");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let asked = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(20), "it took {:?} to stop", asked.elapsed());
    let (_, err) = texts(&output);
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("`armistice sweep war --out sweep --resume` goes on"), "{err}");
    assert!(!place.path("sweep/sweep.parquet").exists());
    assert!(files(&place.path("sweep")).keys().all(|name| !name.ends_with(".tmp")));
}

/// Parts computed at the same time by several processes, one of them twice, give the files of one process.
#[test]
fn parts_put_together_are_the_whole() {
    let place = Place::with_war();
    place.expect(0, &[&LONG[..], &["--out", "whole"]].concat());
    let shared = ["sweep", "war", "--out", "shared", "--quiet"];
    let part = |which: &'static str| [&shared[..], &["--shard", which]].concat();
    let (_, said) = place.expect(74, &part("1/3"));
    assert!(said.contains("plan.json"), "{said}");
    place.expect(0, &[&LONG[..], &["--out", "shared", "--plan"]].concat());
    let children: Vec<_> =
        ["1/3", "2/3", "3/3", "2/3"].iter().map(|which| place.spawn(&part(which))).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{:?}", texts(&output));
    }
    assert!(!place.path("shared/sweep.parquet").exists());
    place.expect(0, &[&shared[..], &["--resume"]].concat());
    assert_eq!(files(&place.path("whole")), files(&place.path("shared")));
    for wrong in ["0/3", "4/3", "3", "x/2"] {
        place.expect(2, &part(wrong));
    }
}

/// Kills a sweep `kills` times at random moments, resuming it each time; it ends with the bytes of one that was left alone.
fn killed(kills: usize) {
    let place = Place::with_war();
    place.expect(0, &[&LONG[..], &["--out", "whole"]].concat());
    let reference = files(&place.path("whole"));
    let begun = Instant::now();
    place.expect(0, &[&LONG[..], &["--out", "timed"]].concat());
    let span = begun.elapsed().as_millis() as u64;
    let again = ["sweep", "war", "--out", "killed", "--resume", "--quiet", "--threads", "2"];
    let (mut done, mut finished, mut most) = (0, 0, 0);
    // A linear congruential generator (Knuth's MMIX constants): the moments are spread alike on every machine.
    let mut state: u64 = 1;
    while done < kills {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wait = (state >> 33) % (span / 4).max(8);
        let begun = place.path("killed/plan.json").exists();
        let whole = |folder: &Path| files_or_none(folder).iter().filter(|n| n.ends_with(".json")).count();
        let before = whole(&place.path("killed"));
        let first = [&LONG[..], &["--out", "killed"]].concat();
        let mut child = place.spawn(if begun { &again } else { &first });
        thread::sleep(Duration::from_millis(wait));
        let ended = child.try_wait().unwrap().is_some();
        // Kill, as the system does when memory runs out: nothing can be done about it and nothing is cleaned up.
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        if ended {
            assert_eq!(output.status.code(), Some(0), "{:?}", texts(&output));
            assert_eq!(reference, files(&place.path("killed")), "after {done} kills");
            fs::remove_dir_all(place.path("killed")).unwrap();
            finished += 1;
        } else {
            done += 1;
            let after = whole(&place.path("killed"));
            assert!(after >= before, "a whole shard was lost");
            most = most.max(after);
        }
    }
    if place.path("killed/plan.json").exists() {
        place.expect(0, &again);
        assert_eq!(reference, files(&place.path("killed")));
    }
    println!("{done} kills, {finished} sweeps finished between them, at most {most} records at a kill");
}

fn files_or_none(folder: &Path) -> Vec<String> {
    if folder.exists() { files(folder).into_keys().collect() } else { Vec::new() }
}

#[test]
fn a_sweep_that_is_killed_loses_nothing_that_was_whole() {
    killed(12);
}

/// The same, as often as it takes to believe it: `cargo test -p armistice-cli --test sweep -- --ignored --nocapture`.
#[test]
#[ignore = "takes a minute"]
fn a_sweep_that_is_killed_fifty_times_loses_nothing_that_was_whole() {
    killed(50);
}
