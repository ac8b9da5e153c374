//! A scenario as the page shows it: its words, its sliders, its switches.

use armistice::analyze::calendar;
use armistice::analyze::single::{about, cases};
use armistice::scenario::{Change, Compiled, Domain, Limits, Measure, Scenario, StageKind};
use serde_json::{Value, json};

use crate::error::Problem;
use crate::workspace::Source;

/// The document; one compilation.
pub(crate) fn describe(source: &Source, limits: &Limits) -> Result<Value, Problem> {
    let scenario = &source.scenario;
    let compiled =
        scenario.compile(&Change::default(), limits).map_err(|problems| Problem::first(&problems))?;
    let headline: Vec<Value> = headline(scenario)
        .into_iter()
        .map(|measure| json!({ "name": measure.name, "title": measure.title, "says": measure.says }))
        .collect();
    Ok(json!({
        "id": source.id,
        "hash": scenario.hash,
        "version": env!("CARGO_PKG_VERSION"),
        "about": about(scenario),
        "players": players(scenario),
        "variables": variables(scenario),
        "stages": stages(scenario),
        "parameters": parameters(scenario, &compiled),
        "levers": levers(scenario, &compiled),
        "cases": cases(scenario),
        "headline": headline,
        "claims": scenario.claims.len(),
        "record": scenario.data.is_some(),
    }))
}

/// Players and their types, in the order of beliefs.
pub(crate) fn players(scenario: &Scenario) -> Vec<Value> {
    let rows = scenario.players.iter().map(|player| {
        let types: Vec<Value> =
            player.types.iter().map(|kind| json!({ "name": kind.name, "title": kind.title })).collect();
        json!({ "name": player.name, "title": player.title, "types": types })
    });
    rows.collect()
}

/// The measures shown first; all of them where the scenario names none.
pub(crate) fn headline(scenario: &Scenario) -> Vec<&Measure> {
    if scenario.about.headline.is_empty() {
        return scenario.measures.iter().collect();
    }
    let named = |name: &String| scenario.measures.iter().find(|measure| measure.name == *name);
    scenario.about.headline.iter().filter_map(named).collect()
}

fn parameters(scenario: &Scenario, compiled: &Compiled) -> Vec<Value> {
    let controller = |name: &Option<String>| {
        let player = scenario.players.iter().find(|player| Some(&player.name) == name.as_ref());
        player.map(|player| player.title.clone()).or_else(|| name.clone())
    };
    let rows = scenario.parameters.iter().zip(&compiled.parameters);
    rows.map(|(parameter, value)| {
        json!({
            "name": parameter.name,
            "value": value,
            "text": parameter.value.text,
            "range": parameter.range,
            "unit": parameter.unit,
            "source": parameter.source,
            "controlled_by": controller(&parameter.controlled_by),
            "says": parameter.says,
        })
    })
    .collect()
}

fn levers(scenario: &Scenario, compiled: &Compiled) -> Vec<Value> {
    let rows = scenario.levers.iter().zip(&compiled.lever_costs);
    rows.map(|(lever, cost)| {
        let change: Vec<Value> = lever
            .change
            .iter()
            .filter_map(|(position, value)| {
                let parameter = scenario.parameters.get(*position)?;
                Some(json!({ "parameter": parameter.name, "text": value.text }))
            })
            .collect();
        json!({
            "name": lever.name, "title": lever.title, "by": lever.by, "cost": cost, "says": lever.says,
            "source": lever.source, "change": change,
        })
    })
    .collect()
}

fn variables(scenario: &Scenario) -> Vec<Value> {
    let rows = scenario.variables.iter().map(|variable| {
        let labels: Vec<String> = match &variable.domain {
            Domain::Integers(from, to) => (*from..=*to).map(|value| value.to_string()).collect(),
            Domain::Words(words) => words.clone(),
        };
        json!({ "name": variable.name, "title": variable.title, "labels": labels, "start": variable.start })
    });
    rows.collect()
}

fn stages(scenario: &Scenario) -> Vec<Value> {
    let player = |position: usize| scenario.players.get(position).map(|player| player.title.clone());
    let rows = scenario.stages.iter().map(|stage| {
        let (kind, who) = match stage.kind {
            StageKind::Move { player: who } => ("move", player(who)),
            StageKind::Chance { about } => ("chance", about.and_then(player)),
            StageKind::Flow => ("flow", None),
        };
        json!({
            "name": stage.name, "title": stage.title, "kind": kind, "player": who,
            "when": stage.when.as_ref().map(|when| when.text.clone()),
        })
    });
    rows.collect()
}

/// The date of a period, where the scenario has dates.
pub(crate) fn date(scenario: &Scenario, period: u32) -> Option<String> {
    scenario.about.start.map(|start| calendar::date_of(start, scenario.about.period, period))
}
