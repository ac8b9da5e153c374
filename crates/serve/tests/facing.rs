//! The record: read as play at the case, month by month, and forecasts from its end that are those of the verb.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use std::sync::Arc;

use armistice::Control;
use armistice::analyze::KEPT_LOGITS;
use armistice::fit::record::{
    Forecast, ForecastRequest, Past, RecordModel, RecordSettings, forecast, read_record,
};
use armistice::scenario::{Limits, load, load_record};
use armistice::solve::Settings;
use serde_json::{Value, json};

use common::{Running, root, serve, serve_small};

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn small() -> Running {
    serve(&root().join("docs/src/record"))
}

fn asked() -> Value {
    json!({ "case": { "source": "scenario.toml" }, "points": 5 })
}

/// Some request with more in it.
fn with(more: Value) -> Value {
    let mut out = asked();
    let out_map = out.as_object_mut().unwrap();
    out_map.extend(more.as_object().unwrap().clone());
    out
}

#[test]
fn beliefs_and_margins_come_month_by_month_and_the_month_to_come_is_open() {
    let server = small();
    let found = server.compute("/api/past", &asked());
    let rows = found["rows"].as_array().unwrap().len();
    assert_eq!(rows, 14);
    for name in ["beliefs", "margins", "histories", "dates"] {
        assert_eq!(found[name].as_array().unwrap().len(), rows + 1, "{name}");
    }
    assert_eq!(numbers(&found["beliefs"][0]), [0.5, 0.5, 0.5, 0.5]);
    let predictive = numbers(&found["log_predictive"]);
    assert!((predictive.iter().sum::<f64>() - found["log_likelihood"].as_f64().unwrap()).abs() < 1e-9);

    for row in 0..=rows {
        let month = server.compute("/api/month", &with(json!({ "row": row })));
        let weights: f64 =
            month["histories"].as_array().unwrap().iter().map(|h| h["weight"].as_f64().unwrap()).sum();
        assert!((weights - 1.0).abs() < 1e-9, "{month}");
        let nodes = month["stage"]["nodes"].as_array().unwrap();
        for node in nodes {
            for edge in node["edges"].as_array().unwrap() {
                assert_eq!(edge["passed"].is_number(), row < rows, "{row}: {edge}");
            }
        }
        // Where one history is open, its public belief is what could be believed.
        if month["histories"].as_array().unwrap().len() == 1 {
            for (a, b) in numbers(&month["belief"]).iter().zip(numbers(&found["beliefs"][row])) {
                assert!((a - b).abs() < 1e-9);
            }
        }
        assert_eq!(month["cells"].is_array(), row < rows);
    }
    // In the first month no offer was made and the answer was an attack.
    let first = server.compute("/api/month", &with(json!({ "row": 0 })));
    let nodes = first["stage"]["nodes"].as_array().unwrap();
    let edges = |label: &str| -> Vec<f64> {
        let all = nodes.iter().flat_map(|node| node["edges"].as_array().unwrap());
        all.filter(|edge| edge["label"] == label).map(|edge| edge["passed"].as_f64().unwrap()).collect()
    };
    assert_eq!(edges("silent"), [1.0]);
    assert_eq!(edges("attack").iter().sum::<f64>(), 1.0);

    for (body, why) in [
        (json!({ "row": rows + 1 }), "past the one after it"),
        (json!({ "row": 0, "history": 7 }), "histories"),
    ] {
        let (name, data) = server.post("/api/month", &with(body)).last_event();
        assert_eq!(name, "failed");
        assert!(data["message"].as_str().unwrap().contains(why), "{data}");
    }
}

#[test]
fn a_forecast_is_that_of_the_verb_to_the_last_bit_and_follows_the_sliders() {
    let server = small();
    let body = with(json!({ "by": [2, 4], "wars": 60, "seed": 3, "issued": "2021-03-01" }));
    let result = server.compute("/api/forecast", &body);
    let file: Value = serde_json::from_str(result["file"].as_str().unwrap()).unwrap();
    assert_eq!(file["schema"], "armistice.forecast/1");
    assert_eq!(file["stamp"]["command"], result["command"]);
    let found: Forecast = serde_json::from_value(file.clone()).unwrap();

    let scenario = load(&root().join("docs/src/record/scenario.toml")).scenario.unwrap();
    let table = load_record(&scenario, None).unwrap();
    let limits = Limits::default();
    let record = read_record(&scenario, &table, None, &limits).unwrap();
    let solving = Settings { belief_points: 5, kept_logits: KEPT_LOGITS, ..Settings::default() };
    let settings = RecordSettings { solving: solving.clone(), ..RecordSettings::default() };
    let control = Control::default();
    let hash = scenario.hash.clone();
    let model =
        RecordModel::new(Arc::new(scenario), Vec::new(), vec![Past::all(&record)], settings, &control);
    let request =
        ForecastRequest { horizons: vec![2, 4], wars: 60, issued: "2021-03-01".to_owned(), seed: 3 };
    let expected = forecast(&model, &table, &record, &[Vec::new()], &request).unwrap();
    assert_eq!(found, expected);
    assert_eq!(file["stamp"]["scenario_hash"], hash);
    assert_eq!(file["stamp"]["settings"], serde_json::to_value(&solving).unwrap());
    let command = result["command"].as_str().unwrap();
    assert!(
        command.starts_with("armistice forecast ")
            && command.ends_with(
                "docs/src/record/scenario.toml --by 2,4 --wars 60 --issued 2021-03-01 --belief-points 5 --seed 3"
            ),
        "{command}"
    );
    // Every move that is forecast has its words, and every number its past.
    for kind in result["moves"].as_array().unwrap().iter().flat_map(|m| m["kinds"].as_array().unwrap()) {
        assert!(found.quantities.iter().any(|q| kind["id"] == q.id.as_str()), "{kind}");
    }
    assert_eq!(result["moves"].as_array().unwrap().len(), 2);
    assert_eq!(result["observables"][0]["past"].as_array().unwrap().len(), 14);

    let mut moved = body.clone();
    moved["case"]["parameters"] = json!({ "war_cost": 0.15 });
    let other = server.compute("/api/forecast", &moved);
    assert!(other["command"].as_str().unwrap().contains("--set war_cost=0.15"), "{}", other["command"]);
    assert_ne!(other["file"], result["file"]);

    // Draws of a fit bring the uncertainty of parameters in.
    let mut drawn = body.clone();
    drawn["draws"] =
        json!({ "file": "my fit.json", "names": ["war_cost"], "values": [[0.03], [0.08], [0.18]] });
    let result = server.compute("/api/forecast", &drawn);
    assert!(result["command"].as_str().unwrap().contains("--fit 'my fit.json' --draws 3"));
    let file: Value = serde_json::from_str(result["file"].as_str().unwrap()).unwrap();
    let spread = file["quantities"].as_array().unwrap().iter().map(|q| q["parameter_uncertainty"].as_f64());
    assert!(spread.flatten().any(|x| x > 0.0));
}

#[test]
fn everything_wrong_with_a_forecast_is_said_at_once() {
    let server = small();
    let body = with(json!({
        "by": [4, 2], "wars": 0, "seed": 1, "issued": "today",
        "draws": { "file": "f", "names": ["war_cost"], "values": [[0.1, 0.2]] },
    }));
    let refused = server.post("/api/forecast", &body);
    assert_eq!(refused.status, 400);
    for what in ["rise", "wars", "date of issue", "a number for each parameter"] {
        assert!(refused.body.contains(what), "{what}: {}", refused.body);
    }
    let beyond = with(json!({ "by": [11], "wars": 10, "seed": 1, "issued": "2021-03-01" }));
    let (name, data) = server.post("/api/forecast", &beyond).last_event();
    assert_eq!(name, "failed");
    assert!(data["message"].as_str().unwrap().contains("outside the game"), "{data}");
    assert!(data["hint"].as_str().unwrap().contains("horizon"), "{data}");
}

#[test]
fn a_scenario_without_a_record_says_so_and_what_would_help() {
    let server = serve_small();
    let refused = server.post("/api/reads", &json!({ "case": { "source": "scenario.toml" } }));
    assert_eq!((refused.status, refused.json()["reads"].clone()), (200, Value::Null));
    assert!(
        refused.body.contains("does not say how") && refused.body.contains("[data.moves]"),
        "{}",
        refused.body
    );
    for path in ["/api/past", "/api/month", "/api/forecast"] {
        let more = match path {
            "/api/past" => json!({}),
            "/api/month" => json!({ "row": 0 }),
            _ => json!({ "by": [1], "wars": 10, "seed": 1, "issued": "2021-03-01" }),
        };
        let (name, data) = server.post(path, &with(more)).last_event();
        assert_eq!(name, "failed", "{path}");
        assert!(data["message"].as_str().unwrap().contains("does not say how"), "{data}");
    }
}

#[test]
fn after_a_war_that_is_over_nothing_is_believed_and_nothing_forecast() {
    let folder = tempfile::tempdir().unwrap();
    let from = root().join("docs/src/record");
    std::fs::copy(from.join("scenario.toml"), folder.path().join("scenario.toml")).unwrap();
    let months = std::fs::read_to_string(from.join("months.csv")).unwrap();
    std::fs::write(
        folder.path().join("months.csv"),
        months.trim_end().to_owned() + "\n2021-03,yes,accept,2\n",
    )
    .unwrap();
    let server = serve(folder.path());
    let found = server.compute("/api/past", &asked());
    assert_eq!(found["over"], true);
    let beliefs = found["beliefs"].as_array().unwrap();
    assert!(beliefs[14].is_array() && beliefs[15].is_null());
    let last = server.compute("/api/month", &with(json!({ "row": 14 })));
    assert!(last["stage"].is_object());
    let none = server.compute("/api/month", &with(json!({ "row": 15 })));
    assert!(none["stage"].is_null() && none["histories"].as_array().unwrap().is_empty());
    let more = json!({ "by": [1], "wars": 10, "seed": 1, "issued": "2021-04-01" });
    let (name, data) = server.post("/api/forecast", &with(more)).last_event();
    assert_eq!(name, "failed");
    assert!(data["message"].as_str().unwrap().contains("is over"), "{data}");
}

#[test]
fn the_record_of_a_scenario_may_be_read_by_one_that_extends_it() {
    let server = serve(&root().join("scenarios/russia-ukraine"));
    let reads = |case: Value| server.post("/api/reads", &json!({ "case": case })).json()["reads"].clone();
    let plain = reads(json!({ "source": "scenario.toml" }));
    assert_eq!(plain["id"], "record.toml");
    assert_eq!((plain["rows"].clone(), plain["left"].clone()), (json!(36), json!(24)));
    assert_eq!((plain["set"].clone(), plain["left_out"].clone()), (json!({}), json!([])));
    assert_eq!(reads(json!({ "source": "record.toml" }))["id"], "record.toml");

    // Sliders and levers are parameters there; what is none is named with its reason.
    let scenario = server.post("/api/scenario", &json!({ "source": "scenario.toml" })).json();
    let lever = scenario["levers"][0].clone();
    let case = json!({
        "source": "scenario.toml", "parameters": { "premium": 0.001, "front_step": 0.4 },
        "levers": [lever["name"]], "precision": 2.0,
    });
    let moved = reads(case);
    assert_eq!(moved["set"]["premium"], 0.001);
    let changed: Vec<&str> =
        lever["change"].as_array().unwrap().iter().map(|row| row["parameter"].as_str().unwrap()).collect();
    let left_out = moved["left_out"].to_string();
    for name in changed {
        assert!(moved["set"][name].is_number() || left_out.contains(name), "{name}: {moved}");
    }
    assert!(left_out.contains("front_step") && left_out.contains("how the record reads"), "{left_out}");
    assert!(left_out.contains("precision"), "{left_out}");

    // A theory has the record of the scenario whose parameters it changes, at its own values; another model has none.
    let theory = reads(json!({ "source": "theory-no-illusions.toml" }));
    assert_eq!(theory["id"], "record.toml");
    assert!(!theory["set"].as_object().unwrap().is_empty(), "{theory}");
    let other = server.post("/api/reads", &json!({ "case": { "source": "threat.toml" } }));
    assert_eq!(other.json()["reads"], Value::Null);
    assert!(other.body.contains("of this folder"), "{}", other.body);
}

#[test]
fn the_report_of_a_case_is_one_page_with_its_command() {
    let server = serve_small();
    let scenario = server.post("/api/scenario", &json!({ "source": "scenario.toml" })).json();
    let ranged = |row: &&Value| row["range"].is_array();
    let row = scenario["parameters"].as_array().unwrap().iter().find(ranged).unwrap().clone();
    let (name, low) = (row["name"].as_str().unwrap(), row["range"][0].as_f64().unwrap());
    let body = json!({
        "case": { "source": "scenario.toml", "parameters": { name: low } }, "points": 5, "whole": false, "date": "2026-01-15",
    });
    let result = server.compute("/api/report", &body);
    let page = result["page"].as_str().unwrap();
    let title = scenario["about"]["title"].as_str().unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains(title));
    let command = result["command"].as_str().unwrap();
    assert!(command.contains(&format!("--set {name}={low}")) && command.ends_with("--quick"), "{command}");
    assert!(page.contains(&format!("{name}={low}")), "the page names the command");
    assert!(page.contains("Content-Security-Policy"));

    let mut more = body.clone();
    more["case"]["precision"] = json!(2.0);
    let (event, data) = server.post("/api/report", &more).last_event();
    assert_eq!(event, "failed");
    assert!(data["message"].as_str().unwrap().contains("precision"), "{data}");
    let mut undated = body;
    undated["date"] = json!("<script>");
    assert_eq!(server.post("/api/report", &undated).status, 400);
}
