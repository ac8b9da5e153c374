//! The verb `estimate`: formats, exit codes, stamps, files.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const FORMULA: &str = "challenge + resist ~ tie | 0 | regime | power";

fn data() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/data/crises.csv").display().to_string()
}

fn estimate(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_armistice");
    Command::new(program).args(["estimate", "egame12", &data(), FORMULA]).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn one_document_holds_everything() {
    let arguments = [
        "--json",
        "--bootstrap",
        "20",
        "--effects",
        "--at",
        "power=0,1",
        "--versus",
        "challenge + resist ~ 1 | 0 | tie | 1",
    ];
    let document: Value = serde_json::from_str(&text(&estimate(&arguments))).unwrap();
    assert_eq!(document["schema"], "armistice.estimate/1");
    assert_eq!(document["estimates"]["observations"], 237);
    assert_eq!(document["estimates"]["request"]["seed"], 1);
    assert_eq!(document["estimates"]["bootstrap"]["asked"], 20);
    assert_eq!(document["predictions"]["rows"].as_array().unwrap().len(), 6);
    assert_eq!(document["data_hash"].as_str().unwrap().len(), 64);
    assert!(document["command"].as_str().unwrap().ends_with("--seed 1"));
    assert_eq!(document["comparison"]["observations"], 237);
    assert_eq!(document["effects"].as_array().unwrap().len(), 9);
    // The number of threads is no part of the result.
    let again = estimate(&[&arguments[..], &["--threads", "1"]].concat());
    assert_eq!(serde_json::from_str::<Value>(&text(&again)).unwrap(), document);
}

#[test]
fn tables_come_as_csv_and_latex() {
    let csv = text(&estimate(&["--format", "csv"]));
    assert_eq!(csv.lines().next(), Some("name,estimate,standard_error,z,p,low,high"));
    assert_eq!(csv.lines().count(), 7);
    assert!(csv.lines().nth(3).unwrap().starts_with("\"u1(challenge,resist):(Intercept)\",-0.84"), "{csv}");
    let latex = text(&estimate(&["--format", "latex"]));
    assert!(
        latex.starts_with("% armistice ") && latex.ends_with("\\bottomrule\n\\end{tabular}\n"),
        "{latex}"
    );
    assert!(latex.contains("u1(\\textasciitilde{}challenge)"), "{latex}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("table.csv");
    let written = estimate(&["--format", "csv", "--out", &file.display().to_string()]);
    assert!(text(&written).is_empty());
    assert_eq!(std::fs::read_to_string(file).unwrap(), csv);
}

#[test]
fn exit_codes_say_what_happened() {
    assert_eq!(estimate(&["--se", "clustered"]).status.code(), Some(2));
    assert_eq!(estimate(&["--at", "nobody=1"]).status.code(), Some(2));
    let program = env!("CARGO_BIN_EXE_armistice");
    let run = |arguments: &[&str]| Command::new(program).arg("estimate").args(arguments).output().unwrap();
    assert_eq!(run(&["egame12", "nowhere.csv", FORMULA]).status.code(), Some(74));
    assert_eq!(run(&["ultimatum", &data(), "tie ~ 1 | 1"]).status.code(), Some(2));
    // A side that always resists above some power: the coefficient has no finite maximum.
    let folder = tempfile::tempdir().unwrap();
    let rows: String =
        (0..40).map(|i| format!("{},{},{i}\n", i % 2, u8::from(i % 2 == 1 && i > 20))).collect();
    let file = folder.path().join("perfect.csv");
    std::fs::write(&file, format!("a,b,x\n{rows}")).unwrap();
    let output = run(&["egame12", &file.display().to_string(), "a + b ~ 1 | 0 | 0 | x", "--json"]);
    assert_eq!(output.status.code(), Some(4));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["estimates"]["coefficients"][2]["standard_error"].is_null());
}
