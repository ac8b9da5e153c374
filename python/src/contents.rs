//! What a scenario holds, and what the axes of its values stand for, as JSON.

use std::path::Path;

use armistice::game::StateId;
use armistice::scenario::{Change, Domain, Limits, Scenario};
use armistice_cli::Held;
use serde_json::{Value, json};

/// What the scenario at a path (a file, or a folder with `scenario.toml`) holds; for sound scenarios, which `check` says.
pub fn describe(path: &Path) -> Result<String, String> {
    let file = if path.is_dir() { path.join("scenario.toml") } else { path.to_owned() };
    let loaded = armistice::scenario::load(&file);
    let scenario = loaded.scenario.ok_or("the scenario has errors, which `check` says")?;
    let compiled = scenario.compile(&Change::default(), &Limits::default());
    let compiled = compiled.map_err(|_| "the scenario has errors, which `check` says")?;
    Ok(document(&scenario, &compiled.parameters).to_string())
}

fn document(scenario: &Scenario, values: &[f64]) -> Value {
    let about = &scenario.about;
    let attacker = scenario.players.get(about.attacker).map(|player| player.name.as_str());
    let parameters = scenario.parameters.iter().zip(values).map(|(parameter, value)| {
        json!({
            "name": parameter.name,
            "value": value,
            "low": parameter.range.map(|range| range.0),
            "high": parameter.range.map(|range| range.1),
            "unit": parameter.unit,
            "source": parameter.source,
            "controlled_by": parameter.controlled_by,
            "says": parameter.says,
        })
    });
    let players = scenario.players.iter().map(|player| {
        let types: Vec<&str> = player.types.iter().map(|kind| kind.name.as_str()).collect();
        json!({ "name": player.name, "title": player.title, "types": types })
    });
    let variables = scenario.variables.iter().map(|variable| {
        let values = match &variable.domain {
            Domain::Integers(from, to) => (*from..=*to).map(|value| value.to_string()).collect(),
            Domain::Words(words) => words.clone(),
        };
        let start = values.get(variable.start).cloned();
        json!({ "name": variable.name, "title": variable.title, "values": values, "start": start })
    });
    let levers = scenario
        .levers
        .iter()
        .map(|lever| json!({ "name": lever.name, "title": lever.title, "by": lever.by, "says": lever.says }));
    let cases = scenario
        .cases
        .iter()
        .map(|case| json!({ "name": case.name, "title": case.title, "says": case.says }));
    let measures = scenario.measures.iter().map(|measure| {
        json!({ "name": measure.name, "title": measure.title, "unit": measure.unit, "says": measure.says })
    });
    let claims = scenario.claims.iter().map(|claim| {
        let source = [claim.source.author.as_deref(), claim.source.outlet.as_deref()];
        let source: Vec<&str> = source.into_iter().flatten().collect();
        json!({ "name": claim.name, "title": claim.title, "says": claim.says, "source": source.join(", ") })
    });
    json!({
        "title": about.title,
        "hash": scenario.hash,
        "question": about.question,
        "summary": about.summary,
        "horizon": about.horizon,
        "attacker": attacker,
        "parameters": parameters.collect::<Vec<_>>(),
        "players": players.collect::<Vec<_>>(),
        "variables": variables.collect::<Vec<_>>(),
        "levers": levers.collect::<Vec<_>>(),
        "cases": cases.collect::<Vec<_>>(),
        "measures": measures.collect::<Vec<_>>(),
        "claims": claims.collect::<Vec<_>>(),
    })
}

/// States, points of the belief grid (probability by slot), and slots (player and type) of a solution.
pub fn axes(held: &Held) -> String {
    let (game, grid) = (held.game(), &held.equilibrium().grid);
    let states: Vec<String> =
        (0..game.states.len()).map(|state| game.state_label(StateId::new(state))).collect();
    let beliefs: Vec<Vec<f64>> = (0..grid.points()).map(|point| grid.belief(point)).collect();
    let slots: Vec<(&str, &str)> = game
        .players
        .iter()
        .flat_map(|player| player.types.iter().map(|kind| (player.name.as_str(), kind.name.as_str())))
        .collect();
    json!({ "states": states, "beliefs": beliefs, "slots": slots }).to_string()
}
