//! Scenarios made of several files: what they extend, what they include, and what they change.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use armistice_scenario::{
    CATALOG, Change, FileError, Limits, Loaded, Scenario, catalog_scenario, load, parse, parse_files,
    render_plain,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/extends")
}

fn quiet(loaded: Loaded) -> Scenario {
    assert_eq!(render_plain(&loaded), "");
    let scenario = loaded.scenario.unwrap();
    scenario.compile(&Change::default(), &Limits::default()).unwrap();
    scenario
}

fn text(text: &str) -> Loaded {
    parse(text, "scenario.toml", Path::new("."))
}

fn codes(loaded: &Loaded) -> Vec<&str> {
    loaded.diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn every_model_of_the_catalog_is_sound() {
    // Models with switches have actions that are never possible at the values as written; nothing else is said of any.
    let sound = |loaded: Loaded| {
        let never = loaded.diagnostics.iter().all(|d| !d.is_error() && d.code.starts_with("A08"));
        assert!(never && loaded.scenario.is_some(), "{}", render_plain(&loaded));
    };
    for (name, _) in CATALOG {
        sound(text(catalog_scenario(name).unwrap()));
        // Extending it without a change is the model itself.
        sound(text(&format!("extends = \"{name}\"")));
    }
    assert!(catalog_scenario("no-such-model").is_none());
}

#[test]
fn a_model_of_the_catalog_is_changed_key_by_key() {
    let base = quiet(text(catalog_scenario("fearon-1995-two-types").unwrap()));
    let scenario = quiet(load(&folder().join("model.toml")));
    assert_eq!(scenario.about.title, "Three demands under a private cost of war");
    assert_eq!(scenario.about.question, base.about.question);
    // Replaced entries keep their place in the order.
    let names = |s: &Scenario| s.parameters.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&scenario), names(&base));
    let resolute = scenario.parameters.iter().find(|p| p.name == "resolute").unwrap();
    assert_eq!((resolute.value.text.as_str(), &resolute.source), ("0.2", &None));
    let types = &scenario.players[1].types;
    assert_eq!(types[1].title, "high cost");
    assert_eq!(types[1].attributes[0].1.text, "high / 2");
    let demand = &scenario.stages[0];
    let labels: Vec<&str> = demand.branches.iter().map(|b| b.label.as_str()).collect();
    assert_eq!(labels, ["safe", "risky", "middle"]);
    assert_eq!(demand.branches[1].title, "gamble");
    assert_eq!(demand.branches[1].notes.len(), 1);
    assert_eq!(scenario.claims.len(), 1);
    assert_ne!(scenario.hash, base.hash);
    let compiled = scenario.compile(&Change::default(), &Limits::default()).unwrap();
    assert_eq!(compiled.start_belief.0, [1.0, 0.2, 0.8]);
    assert_eq!(compiled.game.moves[0].actions.len(), 3);
}

#[test]
fn a_file_is_extended_included_ordered_and_reduced() {
    let scenario = quiet(load(&folder().join("file.toml")));
    let stages: Vec<&str> = scenario.stages.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(stages, ["first", "talks", "second", "third", "reply", "battle", "last"]);
    let talks = &scenario.stages[1];
    assert_eq!(talks.title, "Talks in the capital");
    let labels: Vec<&str> = talks.branches.iter().map(|b| b.label.as_str()).collect();
    assert_eq!(labels, ["offer", "threat"]);
    let ends: Vec<&str> = scenario.ends.iter().map(|e| e.title.as_str()).collect();
    assert_eq!(ends, ["Collapse of the south", "peace", "collapse of the north"]);
    assert_eq!(scenario.ends[0].when.as_ref().unwrap().text, "front == 1");
    assert!(scenario.ends[0].payoff.iter().all(Option::is_some));
    assert!(scenario.levers.is_empty());
    let parameters: Vec<&str> = scenario.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(parameters, ["push", "war_cost"]);
    assert_eq!(scenario.parameters[0].value.text, "0.3");
    assert_eq!((scenario.measures.len(), scenario.claims.len()), (1, 1));
    // Data belong to the folder of the file that names them.
    let data = scenario.data.as_ref().unwrap();
    assert_eq!(data.observed, Path::new("parts/months.csv"));
    let charts: Vec<&str> = data.charts.iter().map(|c| c.title.as_str()).collect();
    assert_eq!(charts, ["The front", "The front again"]);
}

#[test]
fn files_can_come_from_anywhere_and_the_hash_covers_all_of_them() {
    let read = |lower: &'static str| {
        let files = move |path: &Path| {
            assert_eq!(path, Path::new("lower.toml"));
            Ok(lower.to_owned())
        };
        let upper = "extends = \"lower.toml\"";
        quiet(parse_files(upper, "scenario.toml", Path::new("."), &Limits::default(), &files)).hash
    };
    let (one, other) = (
        read("extends = \"fearon-1995-two-types\""),
        read("extends = \"fearon-1995-two-types\"\nparameters.p = 0.6"),
    );
    assert_ne!(one, other);
    assert_eq!(one, read("extends = \"fearon-1995-two-types\""));
    assert_eq!(codes(&text("extends = \"lower.toml\"")), ["A0704"]);
    let gone = |_: &Path| Err(FileError::Missing);
    let loaded = parse_files("extends = \"a.toml\"", "b", Path::new("."), &Limits::default(), &gone);
    assert_eq!(codes(&loaded), ["A0704"]);
}

#[test]
fn a_single_file_has_the_hash_of_its_bytes() {
    let model = catalog_scenario("fearon-1995-two-types").unwrap();
    let scenario = quiet(text(model));
    assert_eq!(scenario.hash, blake3::hash(model.as_bytes()).to_hex().to_string());
}

#[test]
fn places_are_told_in_the_file_they_are_in() {
    let loaded = load(Path::new("tests/files/bad/extends-two-files.toml"));
    let twice = loaded.diagnostics.iter().find(|d| d.code == "A0108").unwrap();
    let places: Vec<(&str, usize)> = twice
        .labels
        .iter()
        .map(|l| (loaded.source.file(l.span.start).name, loaded.source.position(l.span.start).0))
        .collect();
    assert_eq!(
        places,
        [("tests/files/bad/extends-two-files.toml", 8), ("tests/files/bad/parts/war.toml", 7)]
    );
}

#[test]
fn includes_without_end_are_refused() {
    // Every file includes a file with a name of its own.
    let next = std::cell::Cell::new(0);
    let files = |_: &Path| {
        next.set(next.get() + 1);
        Ok(format!("include = [\"{0}a.toml\", \"{0}b.toml\", \"{0}c.toml\"]", next.get()))
    };
    let upper = "extends = \"fearon-1995-two-types\"\ninclude = [\"x.toml\"]";
    let loaded = parse_files(upper, "scenario.toml", Path::new("."), &Limits::default(), &files);
    assert!(loaded.scenario.is_none());
    assert!(codes(&loaded).iter().all(|code| *code == "A0707"));
    assert!(next.get() < 1_000);

    let long = "#".repeat(3 * 1024 * 1024);
    let files = move |_: &Path| Ok(long.clone());
    let upper = "extends = \"fearon-1995-two-types\"\ninclude = [\"x.toml\", \"y.toml\"]";
    let loaded = parse_files(upper, "scenario.toml", Path::new("."), &Limits::default(), &files);
    assert_eq!(codes(&loaded), ["A0105"]);
}

#[test]
fn long_lists_are_laid_over_each_other_in_time() {
    let stages = "[[stage]]\nmove = \"m\"\n".repeat(60_000);
    let removals = "\"levers.x\", ".repeat(100_000);
    let levers: String = (0..40_000).map(|i| format!("levers.l{i} = 1\n")).collect();
    let lower = format!("{levers}{stages}");
    let upper = format!("extends = \"lower.toml\"\nremove = [{removals}]\n{levers}");
    let start = std::time::Instant::now();
    let files = move |_: &Path| Ok(lower.clone());
    let loaded = parse_files(&upper, "scenario.toml", Path::new("."), &Limits::default(), &files);
    assert!(loaded.scenario.is_none());
    assert!(codes(&loaded).contains(&"A0113"));
    assert!(start.elapsed() < std::time::Duration::from_secs(20));
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("extends-links");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("war")).unwrap();
    std::fs::write(folder.join("outside.toml"), "extends = \"fearon-1995-two-types\"").unwrap();
    std::os::unix::fs::symlink(folder.join("outside.toml"), folder.join("war/link.toml")).unwrap();
    std::fs::write(folder.join("war/scenario.toml"), "extends = \"link.toml\"").unwrap();
    assert_eq!(codes(&load(&folder.join("war"))), ["A0705"]);
}
