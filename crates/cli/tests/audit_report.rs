//! What an audit leaves to read: counterexamples that can be run, the page, and the quick audit of a run.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fs;
use std::path::Path;

use serde_json::Value;

use common::Place;

/// A folder of its own for one test, with the scenario of the tutorial in it.
fn ridge() -> Place {
    let place = Place::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/tutorial");
    fs::create_dir(place.path("ridge")).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), place.path("ridge").join(entry.file_name())).unwrap();
    }
    place
}

#[test]
fn counterexamples_can_be_run_from_where_they_lie_and_come_out_as_said() {
    let place = ridge();
    let theory = ["--theory", "ridge/column-is-right.toml"];
    let audit = [
        "audit",
        "ridge",
        "--points",
        "16",
        "--belief-points",
        "5",
        "--precision-scales",
        "1",
        "--out",
        "kept",
    ];
    let (text, _) = place.expect(0, &[&audit[..], &theory].concat());
    let document: Value = serde_json::from_str(&place.read("kept/audit.json")).unwrap();
    // The original may go: an audit keeps what it was about.
    fs::rename(place.path("ridge"), place.path("gone")).unwrap();
    let mut seen = 0;
    for audit in document["audits"].as_array().unwrap() {
        for claim in audit["claims"].as_array().unwrap() {
            let name = claim["name"].as_str().unwrap();
            let file = audit["files"].as_array().into_iter().flatten().find(|file| file[0] == name);
            let Some(example) = claim["counterexample"].as_object() else {
                assert!(file.is_none(), "{name} has no counterexample");
                continue;
            };
            let file = file.expect("every counterexample has a file")[1].as_str().unwrap();
            assert!(text.contains(file), "{file} is not in:\n{text}");
            let out = format!("run-{seen}");
            let run =
                ["run", &format!("kept/{file}"), "--quick", "--audit-points", "5", "--out", &out, "--json"];
            let (out, _) = place.expect(0, &run);
            let run: Value = serde_json::from_str(&out).unwrap();
            let found = run["claims"].as_array().unwrap().iter().find(|claim| claim[0] == name).unwrap();
            let expected = if example["holds"] == true { "holds" } else { "does_not_hold" };
            assert_eq!(found[1]["verdict"], expected, "{file}: {found}");
            seen += 1;
        }
    }
    assert!(seen >= 2, "{seen} counterexamples: too few to show anything\n{text}");
}

#[test]
fn pages_say_what_was_found_and_load_nothing() {
    let place = ridge();
    let audit =
        ["audit", "ridge", "--theory", "ridge/column-is-right.toml", "--points", "8", "--belief-points", "5"];
    let audit = [&audit[..], &["--evaluations", "4", "--selections", "--report", "page.html"]].concat();
    let (text, _) = place.expect(0, &audit);
    assert!(text.contains("page.html"), "{text}");
    let page = place.read("page.html");
    for words in [
        "An offer on the table ends a war sooner than silence does",
        "column.md, line 8",
        "length &lt; silence.length",
        "Column is right",
        "they can wait",
        "Verdicts side by side",
        "share-bar",
        "pooling",
        "In what the theories differ",
        "0.92 to 0.99",
    ] {
        assert!(page.contains(words), "`{words}` is not in the page");
    }
    assert!(!page.contains("<script") && page.contains("default-src 'none'; script-src 'none'"));
    for outside in ["src=\"", "href=\"http", "url(http", "@import", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
    // Where a page cannot be written, that is said before anything is solved.
    place.expect(74, &["audit", "ridge", "--report", "no/such/folder/page.html"]);
    place.expect(74, &["audit", "ridge", "--report", "ridge"]);
}

#[test]
fn a_run_has_a_quick_audit_that_says_how_much_was_done() {
    let place = ridge();
    let run = |out: &str, more: &[&str]| {
        let common = ["run", "ridge", "--wars", "0", "--belief-points", "5", "--out", out];
        place.expect(0, &[&common[..], more].concat()).0
    };
    let findings =
        |out: &str| -> Value { serde_json::from_str(&place.read(&format!("{out}/findings.json"))).unwrap() };
    let text = run("whole", &["--audit-cases", "16", "--threads", "1"]);
    assert!(text.contains("over 16 cases of everything uncertain"), "{text}");
    let whole = findings("whole");
    assert_eq!(whole["audit"]["findings"]["cases"], 16);
    assert_eq!(whole["audit"]["findings"]["claims"].as_array().unwrap().len(), 4);
    assert!(whole["provenance"]["command"].as_str().unwrap().contains("--audit-cases 16"));
    let page = place.read("whole/report.html");
    assert!(
        page.contains("<section id=\"audit\"") && page.contains("armistice audit ridge --report audit.html")
    );

    // With no time, the first cases alone: the same as when so many are asked for, on any number of threads.
    run("short", &["--audit-seconds", "0.000001", "--threads", "2"]);
    let short = findings("short");
    assert_eq!(
        (short["audit"]["asked"].as_u64(), short["audit"]["findings"]["cases"].as_u64()),
        (Some(64), Some(8))
    );
    assert!(short["audit"]["short"].as_str().unwrap().contains("set aside"), "{}", short["audit"]["short"]);
    assert!(short["provenance"]["command"].as_str().unwrap().contains("--audit-cases 8"));
    assert!(place.read("short/report.html").contains("8 cases of the 64 asked for"));
    run("eight", &["--audit-cases", "8", "--threads", "1"]);
    assert_eq!(findings("eight")["audit"]["findings"], short["audit"]["findings"]);

    run("none", &["--no-audit", "--quick"]);
    let none = findings("none");
    assert!(none.get("audit").is_none());
    let missing = none["missing"].as_array().unwrap().iter().find(|part| part["part"] == "audit").unwrap();
    assert_eq!(missing["reason"], "not asked for");

    // Without claims there is nothing to audit, and nothing is said of it.
    let text = place.read("ridge/scenario.toml");
    fs::write(place.path("ridge/scenario.toml"), text.split("[claims.").next().unwrap()).unwrap();
    run("silent", &["--quick"]);
    let silent = findings("silent");
    assert!(silent["missing"].as_array().unwrap().iter().all(|part| part["part"] != "audit"));
    assert!(!place.read("silent/report.html").contains("<section id=\"audit\""));
    let (_, err) = place.expect(2, &["run", "ridge", "--no-audit", "--audit-cases", "8"]);
    assert!(err.contains("--no-audit"), "{err}");
}
