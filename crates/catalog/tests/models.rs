//! Every model of the catalog, run: cases, comparative statics, identities, games against closed forms.
//!
//! `ARMISTICE_MODEL=name` runs one of them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::Path;

use armistice_catalog::{ModelFindings, Settings, files, model, names, run};

fn wanted() -> Vec<&'static str> {
    let only = std::env::var("ARMISTICE_MODEL").ok();
    names().filter(|name| only.as_deref().is_none_or(|only| only == *name)).collect()
}

/// What does not hold, a line each.
fn complaints(findings: &ModelFindings) -> Vec<String> {
    let mut out = Vec::new();
    let name = &findings.model;
    for row in findings.cases.iter().filter(|row| !row.ok) {
        out.push(format!(
            "{name}, case {}: {} is {:?}, not {}",
            row.case, row.prediction, row.found, row.expected
        ));
    }
    for row in findings.statics.iter().filter(|row| !row.ok) {
        let (quantity, parameter) = (&row.quantity, &row.parameter);
        out.push(format!(
            "{name}: ∂{quantity}/∂{parameter}: {} violations of {}",
            row.violations, row.samples
        ));
    }
    for row in findings.identities.iter().filter(|row| !row.ok) {
        out.push(format!("{name}: {}: {} violations of {}", row.claim, row.violations, row.samples));
    }
    for game in findings.games.iter().filter(|game| !game.ok) {
        for row in game.measures.iter().filter(|row| !row.ok) {
            out.push(format!(
                "{name}, {}: {} should be {}: {:?}",
                game.name, row.name, row.expected, row.found
            ));
        }
        for row in game.equilibria.iter().filter(|row| !row.ok) {
            out.push(format!(
                "{name}, {}: equilibrium {} found: {:?}, selected: {}",
                game.name, row.name, row.found, row.selected
            ));
        }
    }
    out
}

#[test]
fn every_model_bears_out_what_it_says() {
    let mut wrong = Vec::new();
    for name in wanted() {
        let begun = std::time::Instant::now();
        let result = model(name).and_then(|model| run(&model, &Settings::default(), &Default::default()));
        match result {
            Ok(findings) => {
                wrong.extend(complaints(&findings));
                println!("{name}: {} games, {:.1} s", findings.games.len(), begun.elapsed().as_secs_f64());
                for game in &findings.games {
                    for s in &game.solutions {
                        let (n, nodes, sets) =
                            (s.n.map_or(String::new(), |n| format!("n = {n}, ")), s.nodes, s.sets);
                        println!(
                            "  {}: {n}{nodes} nodes, {sets} sets, regret {:.1e}, {}",
                            game.name, s.regret, s.status
                        );
                    }
                    for m in &game.measures {
                        println!("    {} = {}: {:?}", m.name, m.expected, m.found);
                    }
                }
            }
            Err(error) => wrong.push(format!("{name}: failed to {error}")),
        }
    }
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_folder_is_listed_with_all_its_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut found = BTreeSet::new();
    for folder in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).filter(|p| p.is_dir())
    {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        for file in std::fs::read_dir(&folder).unwrap() {
            found.insert((name.clone(), file.unwrap().file_name().to_string_lossy().into_owned()));
        }
    }
    let listed: BTreeSet<(String, String)> = names()
        .flat_map(|name| {
            files(name).unwrap().into_iter().map(move |(file, _)| (name.to_owned(), file.to_owned()))
        })
        .collect();
    assert_eq!(found, listed);
}

#[test]
fn names_are_forgiven_and_unknown_parameters_are_not() {
    let near = model("fearon-1995-costs").unwrap_err().to_string();
    assert!(near.contains("did you mean `fearon-1995-cost`"), "{near}");
    let fearon = model("fearon-1995-cost").unwrap();
    let settings = Settings { parameters: vec![("q".into(), 1.0)], games: false, ..Settings::default() };
    let wrong = run(&fearon, &settings, &Default::default()).unwrap_err().to_string();
    assert!(wrong.contains("p, cA, l, h"), "{wrong}");
}
