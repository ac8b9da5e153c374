//! The verb `backtest`: the form for durations.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn backtest(arguments: &[&str]) -> Output {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/data/wars.csv");
    let program = env!("CARGO_BIN_EXE_armistice");
    let columns = ["--duration", "days", "--name", "war"];
    Command::new(program)
        .args(["backtest", &data.display().to_string()])
        .args(columns)
        .args(arguments)
        .output()
        .unwrap()
}

const KNOWN: [&str; 6] =
    ["--capabilities", "strength1,strength2", "--initiator", "began", "--period", "late"];

#[test]
fn one_document_holds_everything_and_threads_change_nothing() {
    let of = |threads: &str| {
        let output =
            backtest(&[&KNOWN[..], &["--json", "--group", "coalition=0", "--threads", threads]].concat());
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    let one = of("1");
    assert_eq!(one, of("3"));
    let document: Value = serde_json::from_slice(&one).unwrap();
    assert_eq!(document["schema"], "armistice.backtest-durations/1");
    assert_eq!(document["data_hash"].as_str().unwrap().len(), 64);
    let samples = document["backtest"]["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 3);
    assert_eq!(document["backtest"]["dropped"], 1);
    for sample in samples {
        let wars = sample["wars"].as_u64().unwrap();
        let forecasts = sample["forecasts"].as_array().unwrap().len() as u64;
        assert!(forecasts >= 6 * wars, "{forecasts}");
        let counts = sample["models"][2]["transforms"]["counts"].as_array().unwrap();
        assert_eq!(counts.iter().map(|c| c.as_u64().unwrap()).sum::<u64>(), wars);
    }
}

#[test]
fn files_are_whole_and_stamped() {
    let folder = tempfile::tempdir().unwrap();
    let (page, csv) = (folder.path().join("page.html"), folder.path().join("forecasts.csv"));
    let paths = [page.display().to_string(), csv.display().to_string()];
    let output =
        backtest(&[&KNOWN[..], &["--quiet", "--report", &paths[0], "--forecasts", &paths[1]]].concat());
    assert!(output.status.success(), "{output:?}");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("How long wars last") && !page.contains("<script") && !page.contains("NaN"));
    assert!(page.contains("class=\"score histogram\"") && page.contains("class=\"score reliability\""));
    let csv = std::fs::read_to_string(csv).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(
        lines[0].starts_with("# armistice ") && lines[1].starts_with("sample,learns_from,model,war,days")
    );
    assert_eq!(lines.len(), 2 + 7 * 45);
    assert!(!csv.contains("NaN") && !csv.contains("inf"));
}

#[test]
fn wrong_requests_say_what_would_be_right_and_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html").display().to_string();
    let arguments = ["--capabilities", "strenght1,strength2", "--period", "coalition2", "--report", &page];
    let output = backtest(&arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(
        complaint.contains("2 problems") && complaint.contains("did you mean \"strength1\"?"),
        "{complaint}"
    );
    assert!(!Path::new(&page).exists());
    for (arguments, words) in [
        (vec!["backtest"], "SCENARIO"),
        (vec!["backtest", "wars.csv", "--from", "2020-01"], "no use for --from"),
        (vec!["backtest", "somewhere", "--group", "a=1"], "no use for --group"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_armistice")).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(words), "{output:?}");
    }
    let output = backtest(&["--report", "/nowhere/at/all/page.html"]);
    assert_eq!(output.status.code(), Some(74));
}
