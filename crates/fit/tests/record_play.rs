//! A record month by month: what was done, what everybody would have done, and stopping margins.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::Arc;

use armistice_fit::record::{
    FitRequest, Past, Point, RecordModel, RecordSettings, fit_record, read_record, stopping_margins, walks,
};
use armistice_game::{Node, Stage};
use armistice_scenario::{Limits, Record, RecordTable, Scenario, parse_files};
use armistice_solve::Control;

const WAR: &str = include_str!("../../../docs/src/record/scenario.toml");

/// Everything is seen in the first row; in the others an offer, an answer and a front are not.
const MONTHS: &str = "month,offer,reply,line\n\
    2020-01,no,attack,1\n\
    2020-02,,attack,1\n\
    2020-03,yes,,\n\
    2020-04,no,wait,2\n";

fn scenario() -> Scenario {
    let files = |_: &Path| Ok(MONTHS.to_owned());
    let loaded = parse_files(WAR, "scenario.toml", Path::new("."), &Limits::default(), &files);
    loaded.scenario.unwrap()
}

fn record(scenario: &Scenario) -> Record {
    let table = RecordTable::read(scenario, None, MONTHS).unwrap();
    read_record(scenario, &table, None, &Limits::default()).unwrap()
}

fn solved(scenario: &Scenario, past: &Past) -> Point {
    let control = Control::default();
    let scenario = Arc::new(scenario.clone());
    let model =
        RecordModel::new(scenario, Vec::new(), vec![past.clone()], RecordSettings::default(), &control);
    model.at(&[]).unwrap().unwrap()
}

#[test]
fn what_was_done_is_a_flow_through_the_tree_that_the_row_allows() {
    let scenario = scenario();
    let past = Past::all(&record(&scenario));
    let point = solved(&scenario, &past);
    let game = &point.compiled.game;
    let filtered = &point.filtered[0];
    for (t, row) in past.rows().iter().enumerate() {
        let found = walks(&point, filtered, past.rows(), t);
        // Histories that the row rules out are no more.
        assert!(!found.is_empty() && found.len() <= filtered.after(t).len());
        assert!((found.iter().map(|walk| walk.weight).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(found.windows(2).all(|pair| pair[0].weight >= pair[1].weight));
        for walk in &found {
            let Stage::Play(tree) = &game.stages[walk.history.state.index()] else { panic!("over") };
            let passed = walk.passed.as_ref().unwrap();
            let mut here = vec![0.0; tree.nodes.len()];
            here[0] = 1.0;
            for (index, node) in tree.nodes.iter().enumerate() {
                let (Node::Move { edges, .. } | Node::Chance { edges, .. }) = node else { continue };
                let out: f64 = edges.clone().map(|edge| passed[edge as usize]).sum();
                assert!((out - here[index]).abs() < 1e-12, "{t} {index}: {out} of {}", here[index]);
                for edge in edges.clone() {
                    let number = edge as usize;
                    let edge = &tree.edges[number];
                    here[edge.child.index()] += passed[number];
                    assert!(row.allows(node, edge) || passed[number] == 0.0, "{t} {number}");
                    // Where the row shows everything, what was done is certain.
                    assert!(t > 0 || [0.0, 1.0].contains(&passed[number]), "{}", passed[number]);
                }
            }
        }
    }
    // What the row says moves weight between the histories before it.
    let after = walks(&point, filtered, past.rows(), 3);
    assert!(after.len() > 1 && after.iter().any(|walk| (walk.weight - walk.history.weight).abs() > 1e-3));
    // The month to come is open, and there is none after it.
    let next = walks(&point, filtered, past.rows(), past.len());
    assert!(!next.is_empty() && next.iter().all(|walk| walk.passed.is_none()));
    assert!(walks(&point, filtered, past.rows(), past.len() + 1).is_empty());
}

#[test]
fn margins_by_month_end_with_those_of_a_fit() {
    let scenario = scenario();
    let record = record(&scenario);
    let past = Past::all(&record);
    let point = solved(&scenario, &past);
    let rows = past.len();
    let by_month = stopping_margins(&point, &point.filtered[0], 0..rows + 1, &[0, 1]);
    assert_eq!(by_month.len(), rows + 1);
    for month in &by_month {
        let own: Vec<&str> = month.iter().map(|margin| margin.player.as_str()).collect();
        assert!(own.starts_with(&["attacker", "attacker"]), "{own:?}");
        assert!(month.iter().all(|margin| margin.margin.is_finite()));
    }
    // Nobody's margin stays what it was: beliefs and the front move.
    assert!(by_month.windows(2).all(|pair| (pair[0][0].margin - pair[1][0].margin).abs() > 1e-6));

    // At values at which nothing is estimated a fit ends with the same margins.
    let request =
        FitRequest { free: vec!["war_cost".into()], starts: 1, evaluations: 1, ..FitRequest::default() };
    let fit = fit_record(
        &Arc::new(scenario.clone()),
        &record,
        &past,
        &request,
        &RecordSettings::default(),
        &Control::default(),
    )
    .unwrap();
    let estimated = fit.estimates[0].value;
    let text =
        WAR.replace("war_cost    = { value = 0.08", &format!("war_cost    = {{ value = {estimated:?}"));
    let files = |_: &Path| Ok(MONTHS.to_owned());
    let at =
        parse_files(&text, "scenario.toml", Path::new("."), &Limits::default(), &files).scenario.unwrap();
    let point = solved(&at, &past);
    let last = stopping_margins(&point, &point.filtered[0], rows..rows + 1, &[0]);
    assert_eq!(last[0].len(), fit.margins.len());
    for (own, fitted) in last[0].iter().zip(&fit.margins) {
        assert_eq!(own.kind, fitted.kind);
        assert!((own.margin - fitted.margin).abs() < 1e-9, "{own:?} {fitted:?}");
    }
}
