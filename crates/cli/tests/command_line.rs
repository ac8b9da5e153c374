//! The program as its users meet it: output, exit codes, color, Ctrl-C.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use snapbox::cmd::Command as Snap;
use snapbox::str;

use common::{PROGRAM, Place};

fn snap(arguments: &[&str]) -> Snap {
    Snap::new(PROGRAM).args(arguments).env_remove("NO_COLOR")
}

fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|e| e.unwrap().path()).filter(|p| p.to_string_lossy().ends_with(".tmp")).collect()
}

mod help {
    use super::*;

    #[test]
    fn without_arguments_it_says_what_it_can_do() {
        let (_, err) = Place::new().expect(2, &[]);
        for verb in ["check", "solve", "simulate", "run", "report", "new", "schema", "explain", "completions"]
        {
            assert!(err.contains(verb), "{verb} is not in:\n{err}");
        }
        assert!(!err.contains("man "), "the hidden verb is shown");
    }

    #[test]
    fn version() {
        snap(&["--version"]).assert().success().stdout_eq("armistice 0.1.0\n");
    }

    #[test]
    fn exit_codes_are_documented() {
        let (out, _) = Place::new().expect(0, &["--help"]);
        for code in ["  0  done", "  2  ", "  4  ", "  5  ", " 74  ", " 75  ", "130  "] {
            assert!(out.contains(code), "{code} is not in:\n{out}");
        }
    }

    #[test]
    fn an_unknown_verb_is_a_usage_error() {
        snap(&["slove"]).assert().code(2).stderr_eq(str![[r#"
error: unrecognized subcommand 'slove'

  tip: some similar subcommands exist: 'levers', 'score', 'serve', 'solve'

Usage: armistice [OPTIONS] <VERB>

For more information, try '--help'.

"#]]);
    }

    #[test]
    fn completions_for_every_shell() {
        for (shell, sign) in [
            ("bash", "complete -F"),
            ("zsh", "#compdef armistice"),
            ("fish", "complete -c armistice"),
            ("powershell", "Register-ArgumentCompleter"),
        ] {
            let (out, err) = Place::new().expect(0, &["completions", shell]);
            assert!(out.contains(sign), "{shell}: {out}");
            assert!(err.is_empty());
        }
    }

    #[test]
    fn manual() {
        let (out, _) = Place::new().expect(0, &["man", "run"]);
        assert!(out.contains(".TH"), "{out}");
    }
}

mod checking {
    use super::*;

    #[test]
    fn a_sound_scenario() {
        let place = Place::with_war();
        let (out, err) = place.expect(0, &["check", "war"]);
        assert!(out.contains("no problems"), "{out}");
        assert!(err.is_empty(), "{err}");
    }

    #[test]
    fn the_file_can_be_named_instead_of_the_folder() {
        Place::with_war().expect(0, &["check", "war/scenario.toml"]);
    }

    #[test]
    fn a_missing_file_is_an_io_failure() {
        let place = Place::new();
        let (out, err) = place.expect(74, &["check", "nowhere"]);
        assert!(out.is_empty());
        assert!(
            err.contains("cannot read nowhere") && err.contains("there is no such file or folder"),
            "{err}"
        );
        assert_eq!(place.json(74, &["check", "nowhere", "--json"])["schema"], "armistice.error/1");
    }

    #[test]
    fn a_folder_without_a_scenario_says_so() {
        let place = Place::new();
        fs::create_dir(place.path("empty")).unwrap();
        let (_, err) = place.expect(74, &["check", "empty"]);
        assert!(err.contains("scenario.toml") && err.contains("armistice new"), "{err}");
    }

    /// Breaks the small scenario in several places at once.
    fn broken() -> Place {
        let place = Place::with_war();
        place.edit("war/scenario.toml", |text| {
            format!("{text}\n[levers.odd]\nchange = {{ no_such_parameter = \"1\" }}\n\n[claims.empty]\nsays = \"?\"\nholds_when = \"1 +\"\n\n[levers.again]\ncolor = 3\n")
        });
        place
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let (out, err) = broken().expect(2, &["check", "war"]);
        assert!(out.is_empty(), "{out}");
        for word in ["no_such_parameter", "1 +", "color"] {
            assert!(err.contains(word), "{word} is not in:\n{err}");
        }
        assert!(err.contains("armistice explain A0"), "{err}");
    }

    #[test]
    fn problems_as_a_document() {
        let document = broken().json(2, &["check", "war", "--json"]);
        assert_eq!(document["schema"], "armistice.check/1");
        let list = document["diagnostics"].as_array().unwrap();
        assert!(list.len() >= 3, "{document}");
        for one in list {
            assert!(one["code"].as_str().unwrap().starts_with('A'));
            assert!(one["labels"][0]["line"].as_u64().is_some(), "{one}");
        }
    }

    #[test]
    fn other_verbs_refuse_a_broken_scenario_too() {
        let place = broken();
        for verb in ["solve", "simulate", "run"] {
            let (out, err) = place.expect(2, &[verb, "war"]);
            assert!(out.is_empty() && err.contains("no_such_parameter"), "{verb}: {err}");
        }
        assert!(!place.path("runs").exists());
    }

    #[test]
    fn anything_at_all_can_be_checked_without_a_crash() {
        let place = Place::new();
        let sources: [&[u8]; 5] =
            [b"", b"\xff\xfe\x00", b"[[[", b"scenario = 3", b"x = \"\\u0000\"\n\n\n[stage]"];
        for text in sources {
            fs::write(place.path("scenario.toml"), text).unwrap();
            place.expect(2, &["check", "."]);
        }
    }

    #[test]
    fn explanations_work_offline() {
        let place = Place::new();
        let (out, _) = place.expect(0, &["explain", "A0301"]);
        assert!(out.contains("A0301"), "{out}");
        let (list, _) = place.expect(0, &["explain"]);
        assert!(list.lines().count() > 10, "{list}");
        let (_, err) = place.expect(2, &["explain", "A9999"]);
        assert!(err.contains("armistice explain"), "{err}");
    }

    #[test]
    fn the_schema_is_a_json_schema() {
        let schema: Value = serde_json::from_str(&Place::new().expect(0, &["schema"]).0).unwrap();
        assert!(schema["$schema"].as_str().unwrap().contains("json-schema.org"));
    }
}

mod color {
    use super::*;

    const ESCAPE: &str = "\u{1b}[";

    #[test]
    fn none_when_piped() {
        let place = Place::with_war();
        let (out, err) = place.expect(0, &["solve", "war"]);
        assert!(!out.contains(ESCAPE) && !err.contains(ESCAPE));
        let (_, err) = place.expect(74, &["check", "nowhere"]);
        assert!(!err.contains(ESCAPE));
    }

    #[test]
    fn always_when_asked() {
        let place = Place::with_war();
        let (out, _) = place.expect(0, &["solve", "war", "--color", "always"]);
        assert!(out.contains(ESCAPE), "{out}");
    }

    #[test]
    fn never_beats_a_terminal() {
        let place = Place::with_war();
        let Some(seen) = on_a_terminal(&place, "solve war --color never") else { return };
        assert!(!seen.contains("\u{1b}[1m") && !seen.contains("\u{1b}[32m"), "{seen:?}");
    }

    #[test]
    fn no_color_is_honored_on_a_terminal() {
        let place = Place::with_war();
        let Some(colored) = on_a_terminal(&place, "solve war -q") else { return };
        assert!(colored.contains(ESCAPE), "{colored:?}");
        let plain = on_a_terminal(&place, "solve war -q; true").unwrap();
        assert!(plain.contains(ESCAPE));
        let sober = on_a_terminal_with(&place, "solve war -q", "NO_COLOR=1").unwrap();
        assert!(!sober.contains(ESCAPE), "{sober:?}");
    }

    /// What the program writes to a terminal, where the machine has `script` to make one.
    fn on_a_terminal(place: &Place, arguments: &str) -> Option<String> {
        on_a_terminal_with(place, arguments, "ARMISTICE_TEST=1")
    }

    fn on_a_terminal_with(place: &Place, arguments: &str, variable: &str) -> Option<String> {
        let command = format!("env {variable} '{PROGRAM}' {arguments}");
        let output = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .current_dir(place.folder())
            .env_remove("NO_COLOR")
            .env("TERM", "xterm-256color")
            .stdin(Stdio::null())
            .output();
        match output {
            Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
            Err(_) => {
                println!("SKIPPED: no `script` on this machine to make a terminal");
                None
            }
        }
    }
}

mod solving {
    use super::*;

    #[test]
    fn shows_strategies_and_a_certificate() {
        let (out, err) = Place::with_war().expect(0, &["solve", "war"]);
        for word in ["certified", "residual", "regret", "seed", "scenario"] {
            assert!(out.contains(word) || word == "seed", "{word} is not in:\n{out}");
        }
        assert!(err.is_empty(), "{err}");
    }

    #[test]
    fn as_a_document() {
        let document = Place::with_war().json(0, &["solve", "war", "--json"]);
        assert_eq!(document["schema"], "armistice.solve/1");
        assert_eq!(document["status"], "certified");
        assert!(document["stamp"]["scenario_hash"].as_str().unwrap().len() == 64);
        assert!(document["nodes"].as_array().is_some_and(|n| !n.is_empty()), "{document}");
    }

    #[test]
    fn names_that_do_not_exist_are_usage_errors() {
        let place = Place::with_war();
        for arguments in [
            ["solve", "war", "--case", "nope"],
            ["solve", "war", "--lever", "nope"],
            ["solve", "war", "--set", "nope=1"],
            ["solve", "war", "--at", "nope=1"],
            ["solve", "war", "--belief", "nope.x=1"],
        ] {
            let (_, err) = place.expect(2, &arguments);
            assert!(err.contains("nope") && err.contains("there "), "{arguments:?}: {err}");
        }
    }

    #[test]
    fn a_game_over_the_limit_is_refused_with_the_numbers() {
        let (_, err) = Place::with_war().expect(2, &["solve", "war", "--max-values", "10"]);
        assert!(err.contains("--max-values") && err.contains("states"), "{err}");
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let place = Place::with_war();
        let mut child = place
            .program(&["simulate", "war", "--wars", "20000"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

mod simulating {
    use super::*;

    #[test]
    fn rows_with_a_header() {
        let (out, err) = Place::with_war().expect(0, &["simulate", "war", "--wars", "20"]);
        let mut lines = out.lines();
        let header = lines.next().unwrap();
        assert!(header.starts_with("war,period"), "{header}");
        assert!(lines.count() >= 20);
        assert!(err.contains("seed 1"), "{err}");
    }

    #[test]
    fn the_seed_decides() {
        let place = Place::with_war();
        let run = |seed: &str, threads: &str| {
            place.expect(0, &["simulate", "war", "--wars", "50", "--seed", seed, "--threads", threads]).0
        };
        assert_eq!(run("7", "1"), run("7", "2"));
        assert_ne!(run("7", "2"), run("8", "2"));
    }

    #[test]
    fn json_lines() {
        let place = Place::with_war();
        let (out, _) = place.expect(0, &["simulate", "war", "--wars", "5", "--format", "json"]);
        for line in out.lines() {
            assert!(serde_json::from_str::<Value>(line).unwrap()["period"].is_u64(), "{line}");
        }
        let document = place.json(0, &["simulate", "war", "--wars", "5", "--json"]);
        assert_eq!(document["schema"], "armistice.simulate/1");
        assert_eq!(document["stamp"]["seed"], 1);
        assert_eq!(document["rows"].as_array().unwrap().len(), out.lines().count());
    }

    #[test]
    fn to_a_file() {
        let place = Place::with_war();
        let (out, _) = place.expect(0, &["simulate", "war", "--wars", "5", "--out", "rows.csv"]);
        assert!(out.is_empty());
        assert!(place.read("rows.csv").starts_with("war,period"));
        let (_, err) = place.expect(74, &["simulate", "war", "--wars", "5", "--out", "no/such/rows.csv"]);
        assert!(err.contains("cannot write no/such/rows.csv"), "{err}");
    }
}

mod running {
    use super::*;

    #[test]
    fn from_nothing_to_a_report() {
        let place = Place::with_war();
        let (out, err) = place.expect(0, &["run", "war"]);
        let report = out.lines().last().unwrap();
        assert!(report.ends_with("report.html"), "{out}");
        for file in ["report.html", "findings.json", "trajectories.csv", "run.json"] {
            assert!(place.path("runs/latest").join(file).is_file(), "{file} is missing");
        }
        assert!(place.path(report.trim_start_matches("report: ").trim()).is_file(), "{report}");
        assert!(err.contains("checked") && err.contains("solved"), "{err}");
        assert!(leftovers(&place.path("runs")).is_empty());
        let findings: Value =
            serde_json::from_slice(&fs::read(place.path("runs/latest/findings.json")).unwrap()).unwrap();
        assert_eq!(findings["schema"], "armistice.findings/1");
        assert_eq!(findings["provenance"]["seed"], 1);
        assert!(findings["provenance"]["command"].as_str().unwrap().starts_with("armistice run war"));

        // A second run gets a name of its own and becomes the latest.
        let (again, _) = place.expect(0, &["run", "war", "-q", "--seed", "2"]);
        assert_ne!(out.lines().last(), again.lines().last());
        assert_eq!(fs::read_dir(place.path("runs")).unwrap().count(), 3);

        // The report can be written again from the findings.
        fs::remove_file(place.path("runs/latest/report.html")).unwrap();
        place.expect(0, &["report", "runs/latest"]);
        assert!(place.path("runs/latest/report.html").is_file());
        let (page, _) = place.expect(0, &["report", "runs/latest/findings.json", "--out", "-"]);
        assert!(page.starts_with("<!doctype html>"));
    }

    #[test]
    fn any_number_of_threads_gives_the_same_findings() {
        let place = Place::with_war();
        place.expect(0, &["run", "war", "--threads", "1", "--out", "one"]);
        place.expect(0, &["run", "war", "--threads", "2", "--out", "two"]);
        let read = |folder: &str, file: &str| fs::read(place.path(folder).join(file)).unwrap();
        for file in ["findings.json", "trajectories.csv", "report.html"] {
            assert!(read("one", file) == read("two", file), "{file} depends on the number of threads");
        }
    }

    #[test]
    fn an_existing_folder_is_not_touched() {
        let place = Place::with_war();
        fs::create_dir(place.path("mine")).unwrap();
        fs::write(place.path("mine/note"), "keep").unwrap();
        let (_, err) = place.expect(74, &["run", "war", "--out", "mine"]);
        assert!(err.contains("exists already") && err.contains("--out"), "{err}");
        assert_eq!(place.read("mine/note"), "keep");
    }

    #[test]
    fn a_required_claim_decides_the_exit_code() {
        let place = Place::with_war();
        place.edit("war/scenario.toml", |text| {
            format!("{text}\n[claims.sure]\nsays = \"One is one.\"\nholds_when = \"1 == 1\"\n\n[claims.never]\nsays = \"One is two.\"\nholds_when = \"1 == 2\"\n")
        });
        place.expect(0, &["run", "war", "--require", "sure"]);
        let (out, err) = place.expect(5, &["run", "war", "--require", "sure", "--require", "never"]);
        assert!(err.contains("never") && out.contains("report.html"), "{out}{err}");
        let (_, err) = place.expect(2, &["run", "war", "--require", "nope"]);
        assert!(err.contains("nope") && err.contains("sure"), "{err}");
    }

    #[test]
    fn as_a_document() {
        let place = Place::with_war();
        let document = place.json(0, &["run", "war", "--json", "--out", "here"]);
        assert_eq!(document["schema"], "armistice.run/1");
        assert_eq!(document["report"], "here/report.html");
    }

    #[test]
    fn findings_of_another_version_are_refused() {
        let place = Place::new();
        fs::write(place.path("findings.json"), "{\"schema\": \"armistice.findings/99\"}").unwrap();
        let (_, err) = place.expect(2, &["report", "findings.json"]);
        assert!(err.contains("armistice.findings/99"), "{err}");
        fs::write(place.path("findings.json"), "not json").unwrap();
        place.expect(2, &["report", "findings.json"]);
        place.expect(74, &["report", "gone.json"]);
    }
}

mod beginning {
    use super::*;

    #[test]
    fn every_template_is_sound() {
        let place = Place::new();
        let document = place.json(0, &["new", "--list", "--json"]);
        let templates = document["templates"].as_array().unwrap().iter().map(|t| &t["name"]);
        for name in templates.chain(document["models"].as_array().unwrap()) {
            let name = name.as_str().unwrap();
            place.expect(0, &["new", name, "--from", name]);
            place.expect(0, &["check", name]);
        }
    }

    #[test]
    fn problems_below_a_scenario_are_told_in_their_own_file() {
        let place = Place::new();
        let war = place.path("war");
        fs::create_dir_all(war.join("parts")).unwrap();
        let upper = "extends = 'fearon-1995-two-types'\ninclude = ['parts/claims.toml']";
        fs::write(war.join("scenario.toml"), upper).unwrap();
        let claim = "[claims.war]\nsays = 'War.'\nholds_when = 'wat > 0.5'";
        fs::write(war.join("parts/claims.toml"), claim).unwrap();
        let (_, err) = place.expect(2, &["check", "war"]);
        assert!(err.contains("war/parts/claims.toml:3:15"), "{err}");
        let document = place.json(2, &["check", "war", "--json"]);
        assert_eq!(document["diagnostics"][0]["labels"][0]["start"], claim.find("wat").unwrap());
        fs::write(war.join("parts/claims.toml"), claim.replace("wat", "war")).unwrap();
        place.expect(0, &["solve", "war"]);
    }

    #[test]
    fn a_scenario_of_many_types_becomes_a_tree() {
        let place = Place::new();
        place.expect(0, &["new", "war", "--from", "fearon-1995-cost"]);
        place.expect(0, &["convert", "war", "war.efg", "--periods", "1"]);
        let (_, err) = place.expect(2, &["solve", "war"]);
        assert!(err.contains("A0603"), "{err}");
    }

    #[test]
    fn nothing_is_overwritten() {
        let place = Place::with_war();
        let (_, err) = place.expect(74, &["new", "war"]);
        assert!(err.contains("exists already"), "{err}");
    }

    #[test]
    fn an_unknown_template_lists_those_there_are() {
        let (_, err) = Place::new().expect(2, &["new", "x", "--from", "nope"]);
        assert!(err.contains("nope") && err.contains("there "), "{err}");
    }
}

#[cfg(unix)]
mod interrupting {
    use super::*;

    /// Starts a long run and sends it SIGINT once it is under way.
    fn interrupted(arguments: &[&str]) -> (Place, Output) {
        let place = Place::with_war();
        place.edit("war/scenario.toml", |text| text.replace("horizon = 24 ", "horizon = 2400 "));
        let child = place.spawn(arguments);
        thread::sleep(Duration::from_millis(1500));
        let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(signal.success(), "the run was over before it could be interrupted");
        let asked = Instant::now();
        let output = child.wait_with_output().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(20), "it took {:?} to stop", asked.elapsed());
        (place, output)
    }

    #[test]
    fn a_long_solution_stops_and_says_how_to_go_on() {
        let (_, output) = interrupted(&["solve", "war", "--belief-points", "1025", "--threads", "1"]);
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{err}");
        assert!(err.contains("stopping") && err.contains("hint:"), "{err}");
        assert!(output.stdout.is_empty());
    }

    #[test]
    fn an_interrupted_run_leaves_nothing_half_written() {
        let (place, output) = interrupted(&["run", "war", "--belief-points", "1025", "--threads", "1"]);
        assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
        let runs = place.path("runs");
        assert!(leftovers(&runs).is_empty());
        if let Ok(entries) = fs::read_dir(&runs) {
            for entry in entries {
                let folder = entry.unwrap().path();
                assert!(folder.join("report.html").is_file(), "{} is half-written", folder.display());
            }
        }
    }
}
