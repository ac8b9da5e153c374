//! What is answered: the numbers of the library, each client its own, and nothing computed that nobody waits for.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use armistice::analyze::{Propagation, Runs, Variation};
use armistice::game::PlayerId;
use armistice::scenario::Limits;
use armistice::{Control, solve};
use serde_json::{Value, json};

use common::{root, serve, serve_small};

/// The first parameter with a range, and that range.
fn ranged(server: &common::Running) -> (String, f64, f64) {
    let scenario = server.post("/api/scenario", &json!({ "source": "scenario.toml" })).json();
    let row = scenario["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["range"].is_array())
        .unwrap()
        .clone();
    let end = |i: usize| row["range"][i].as_f64().unwrap();
    (row["name"].as_str().unwrap().to_owned(), end(0), end(1))
}

fn margins(result: &Value) -> Vec<f64> {
    let rows = result["margins"]["start"].as_array().unwrap();
    rows.iter().map(|row| row["margin"]["value"].as_f64().unwrap()).collect()
}

#[test]
fn fifty_clients_at_once_get_their_own_answers_and_those_of_the_library() {
    let server = serve_small();
    let (name, low, high) = ranged(&server);
    let value = |client: usize| low + (high - low) * client as f64 / 49.0;
    let results: Vec<Value> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..50)
            .map(|client| {
                let (server, name) = (&server, &name);
                scope.spawn(move || {
                    let case = json!({ "source": "scenario.toml", "parameters": { name: value(client) } });
                    server.compute("/api/solve", &json!({ "case": case, "points": 5 }))
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    for (client, result) in results.iter().enumerate() {
        assert_eq!(result["parameters"][&name], value(client));
        assert_eq!(result["stamp"]["case"]["parameters"][&name], value(client));
        assert_eq!(result["stamp"]["settings"]["belief_points"], 5);
        assert_eq!(result["stamp"]["version"], env!("CARGO_PKG_VERSION"));
    }
    assert_ne!(margins(&results[0]), margins(&results[49]));

    let text = armistice::scenario::new_scenario("two-sided-war").unwrap();
    let scenario =
        armistice::scenario::parse(&text, "scenario.toml", std::path::Path::new(".")).scenario.unwrap();
    let position = scenario.parameters.iter().position(|parameter| parameter.name == name).unwrap();
    let attacker = PlayerId::new(scenario.about.attacker);
    let settings = solve::Settings { belief_points: 5, ..solve::Settings::default() };
    let control = Control::default();
    let runs = Runs::new(settings, Limits::default(), Propagation::default(), &control);
    let base = Variation::base(scenario.into());
    for client in [0, 17, 49] {
        let expected = runs.margins(&base.with_parameter(position, value(client)), attacker).unwrap();
        for (found, expected) in margins(&results[client]).iter().zip(expected) {
            assert!((found - expected.unwrap()).abs() < 1e-8, "client {client}: {found} and {expected:?}");
        }
    }
}

#[test]
fn a_client_that_leaves_stops_its_computation() {
    let server = serve(&root().join("scenarios/russia-ukraine"));
    let body = json!({ "case": { "source": "scenario.toml" }, "points": 65 }).to_string();
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(server.request("POST", "/api/solve", &[], &body).as_bytes()).unwrap();
    // It has begun when the first progress arrives.
    let mut seen = String::new();
    let mut buffer = [0; 4096];
    while !seen.contains("event: progress") {
        let read = stream.read(&mut buffer).unwrap();
        assert_ne!(read, 0, "{seen}");
        seen += &String::from_utf8_lossy(&buffer[..read]);
    }
    assert_eq!(server.get("/api/workspace").json()["computing"], 1);
    drop(stream);
    let begun = Instant::now();
    while server.get("/api/workspace").json()["computing"] != 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "still computing for a client that left");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_case_goes_to_a_file_and_back() {
    let server = serve_small();
    let (name, low, _) = ranged(&server);
    let scenario = server.post("/api/scenario", &json!({ "source": "scenario.toml" })).json();
    let levers: Vec<&str> = scenario["levers"]
        .as_array()
        .unwrap()
        .iter()
        .take(1)
        .map(|lever| lever["name"].as_str().unwrap())
        .collect();
    let case = json!({
        "source": "scenario.toml", "parameters": { name: low }, "levers": levers, "variant": null, "precision": null,
    });
    let saved = server.post("/api/save", &json!({ "case": case, "title": "A \"case\"" })).json();
    let text = saved["text"].as_str().unwrap();
    assert!(text.contains("extends = \"scenario.toml\""), "{text}");
    let loaded = server.post("/api/load", &json!({ "text": text }));
    assert_eq!(loaded.status, 200, "{}", loaded.body);
    assert_eq!(loaded.json()["case"], case);

    let more = format!("{text}\n[players.nobody]\n");
    let refused = server.post("/api/load", &json!({ "text": more }));
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("players"), "{}", refused.body);
}

#[test]
fn the_war_goes_on_from_stage_to_stage() {
    let server = serve_small();
    let case = json!({ "source": "scenario.toml" });
    let first = server.compute("/api/stage", &json!({ "case": case, "points": 5 }));
    let nodes = first["stage"]["nodes"].as_array().unwrap();
    for node in nodes {
        let edges = node["edges"].as_array().unwrap();
        if !edges.is_empty() {
            let sum: f64 = edges.iter().map(|edge| edge["probability"].as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{node}");
        }
    }
    let next = nodes.iter().find(|node| node["kind"] == "next" && node["end"].is_null()).unwrap();
    let second = server.compute(
        "/api/stage",
        &json!({ "case": case, "points": 5, "period": 1, "state": next["next"], "belief": next["belief"] }),
    );
    assert_eq!(second["period"], 1);
    assert_eq!(second["belief"], next["belief"]);
    for (body, why) in [
        (json!({ "case": case, "points": 5, "state": 99_999 }), "no state"),
        (json!({ "case": case, "points": 5, "belief": [0.5] }), "belief"),
        (json!({ "case": case, "points": 5, "period": 99_999 }), "horizon"),
    ] {
        let (name, data) = server.post("/api/stage", &body).last_event();
        assert_eq!(name, "failed");
        assert!(data["message"].as_str().unwrap().contains(why), "{data}");
    }
}

#[test]
fn a_game_is_played_to_its_end_and_only_then_tells_the_types() {
    let server = serve_small();
    let scenario = server.post("/api/scenario", &json!({ "source": "scenario.toml" })).json();
    let seat = scenario["players"][0]["name"].as_str().unwrap().to_owned();
    let play = |seed: u64, choices: &[String]| {
        let body = json!({ "case": { "source": "scenario.toml" }, "points": 5, "seed": seed, "seat": seat, "choices": choices });
        server.compute("/api/play", &body)
    };
    let mut choices: Vec<String> = Vec::new();
    let mut state = play(7, &choices);
    assert_eq!(state, play(7, &choices), "the same seed deals the same game");
    while state["decision"].is_object() {
        for (player, kind) in state["types"].as_array().unwrap().iter().enumerate() {
            assert_eq!(kind.is_null(), player != 0, "{state}");
        }
        assert!(choices.len() < 500, "the war does not end");
        let before = state["transcript"].as_array().unwrap().len();
        // The last action listed, so that the game does not end at once by the first offer.
        let actions = state["decision"]["actions"].as_array().unwrap();
        choices.push(actions.last().unwrap()["label"].as_str().unwrap().to_owned());
        state = play(7, &choices);
        assert!(state["transcript"].as_array().unwrap().len() > before);
    }
    assert!(state["end"]["title"].is_string(), "{state}");
    assert!(state["types"].as_array().unwrap().iter().all(Value::is_object));
    assert_eq!(state["earned"].as_array().unwrap().len(), scenario["players"].as_array().unwrap().len());
    let (name, _) = {
        let body = json!({ "case": { "source": "scenario.toml" }, "points": 5, "seed": 7, "seat": seat, "choices": ["no such action"] });
        server.post("/api/play", &body).last_event()
    };
    assert_eq!(name, "failed");
}

#[test]
fn levers_claims_certificate_and_catalog_answer() {
    let server = serve_small();
    let asked = json!({ "case": { "source": "scenario.toml" }, "points": 5 });
    let scenario = server.post("/api/scenario", &json!({ "source": "scenario.toml" })).json();
    let claims = server.compute("/api/claims", &asked);
    assert_eq!(claims["claims"].as_array().unwrap().len() as u64, scenario["claims"].as_u64().unwrap());
    let claim = claims["claims"][0]["name"].clone();
    let turns = server.compute(
        "/api/turns",
        &json!({ "case": { "source": "scenario.toml" }, "points": 5, "claim": claim }),
    );
    let turn = &turns["turn"];
    let counted = ["holds", "fails", "undefined"].map(|name| turn[name].as_u64().unwrap());
    assert_eq!(counted.iter().sum::<u64>(), turns["cases"].as_u64().unwrap());
    assert_eq!(turn["as_written"], claims["claims"][0]["verdict"]);
    if let Some(changes) = turn["counterexample"]["changes"].as_array() {
        // Put on the sliders, the changes turn the claim.
        let parameters: serde_json::Map<String, Value> = changes
            .iter()
            .map(|change| (change["parameter"].as_str().unwrap().to_owned(), change["to"].clone()))
            .collect();
        let case = json!({ "source": "scenario.toml", "parameters": parameters });
        let again = server.compute("/api/claims", &json!({ "case": case, "points": 5 }));
        assert_eq!(again["claims"][0]["verdict"], turns["verdict"]);
        assert_ne!(again["claims"][0]["verdict"], claims["claims"][0]["verdict"]);
    } else {
        assert!(counted.contains(&turns["cases"].as_u64().unwrap()), "{turns}");
    }
    let levers = server.compute("/api/levers", &asked);
    let sets = levers["findings"]["levers"]["sets"].as_array().unwrap().len();
    assert_eq!(sets, (1 << scenario["levers"].as_array().unwrap().len()) - 1);
    let proof = server.compute("/api/certificate", &asked);
    assert_eq!(proof["certificate"]["status"], "certified");
    let catalog = server.get("/api/catalog").json();
    let openable =
        catalog["models"].as_array().unwrap().iter().filter(|model| model["source"].is_string()).count();
    assert!(openable > 30, "{openable}");
    let model = server.compute(
        "/api/solve",
        &json!({ "case": { "source": "catalog/fearon-1995-two-types" }, "points": 5 }),
    );
    assert_eq!(model["stamp"]["case"]["source"], "catalog/fearon-1995-two-types");
}

#[test]
fn the_command_solves_the_same_game_even_where_levers_and_sliders_meet() {
    let server = serve(&root().join("scenarios/russia-ukraine"));
    let solve = |case: Value| server.compute("/api/solve", &json!({ "case": case, "points": 2 }));
    let plain = solve(json!({ "source": "scenario.toml", "parameters": { "premium": 0.0 } }));
    let command = plain["command"].as_str().unwrap();
    assert!(
        command.starts_with("armistice solve ") && command.contains("--set premium=0 --belief-points 2"),
        "{command}"
    );

    let scenario = server.post("/api/scenario", &json!({ "source": "scenario.toml" })).json();
    let lever = scenario["levers"][0].clone();
    let moved = lever["change"][0]["parameter"].as_str().unwrap();
    let row = scenario["parameters"].as_array().unwrap().iter().find(|row| row["name"] == moved).unwrap();
    let value = row["range"][0].as_f64().unwrap();
    let both = solve(
        json!({ "source": "scenario.toml", "parameters": { moved: value }, "levers": [lever["name"]] }),
    );
    // The slider stands below the lever, so that the parameter is neither the slider's value nor the scenario's.
    let effective = both["parameters"][moved].as_f64().unwrap();
    assert_ne!(effective, value);
    let command = both["command"].as_str().unwrap();
    assert!(command.contains(&format!("--set {moved}={effective}")), "{command}");
}
