//! What the scenario says about itself, in the words of its author.

use armistice_game::{PlayerId, Precision};
use armistice_scenario::{Compiled, Distribution, Domain, Scenario, StageKind};

use crate::calendar;
use crate::findings;
use crate::forward::Given;
use crate::measure::named;
use crate::run::Run;

/// The scenario's own words about itself.
pub fn about(scenario: &Scenario) -> findings::About {
    let about = &scenario.about;
    let (period, periods) = calendar::words(about.period);
    findings::About {
        title: about.title.clone(),
        question: about.question.clone(),
        summary: about.summary.clone(),
        cannot_say: about.cannot_say.clone(),
        calendar_note: about.calendar_note.clone(),
        period: period.into(),
        periods: periods.into(),
        start: about.start.map(|date| date.to_string()),
        horizon: about.horizon,
        attacker: scenario.players.get(about.attacker).map(|p| p.name.clone()).unwrap_or_default(),
    }
}

pub(crate) fn players(scenario: &Scenario, run: &Run) -> Vec<findings::Player> {
    let players = scenario.players.iter().zip(&run.game.players).enumerate();
    players
        .map(|(position, (spec, player))| {
            let first = run.game.slots_of(PlayerId::new(position)).start;
            let types = spec.types.iter().zip(&player.types).enumerate();
            findings::Player {
                name: spec.name.clone(),
                title: spec.title.clone(),
                discount: player.discount,
                precision: match player.precision {
                    Precision::Finite(x) => Some(x),
                    Precision::Infinite => None,
                },
                types: types
                    .map(|(kind, (words, t))| findings::PrivateType {
                        name: words.name.clone(),
                        title: words.title.clone(),
                        prior: t.prior,
                        value: run.values.get(first + kind).copied(),
                    })
                    .collect(),
            }
        })
        .collect()
}

pub(crate) fn variables(scenario: &Scenario) -> Vec<findings::Variable> {
    scenario
        .variables
        .iter()
        .map(|variable| {
            let (labels, numbers): (Vec<String>, Option<Vec<f64>>) = match &variable.domain {
                Domain::Integers(from, to) => (
                    (*from..=*to).map(|i| i.to_string()).collect(),
                    Some((*from..=*to).map(|i| i as f64).collect()),
                ),
                Domain::Words(words) => (words.clone(), None),
            };
            findings::Variable {
                name: variable.name.clone(),
                title: variable.title.clone(),
                start: labels.get(variable.start).cloned().unwrap_or_default(),
                labels,
                numbers,
            }
        })
        .collect()
}

pub(crate) fn endings(scenario: &Scenario, run: &Run) -> Vec<findings::Ending> {
    let weights = run.outlook.weights(&Given::default());
    let last = run.outlook.periods;
    let mut out: Vec<findings::Ending> = Vec::new();
    for end in &scenario.ends {
        let position = run.game.endings.iter().position(|name| *name == end.outcome);
        let probability =
            position.map(|p| run.outlook.ended_by(&weights, last, Some(armistice_game::EndingId::new(p))));
        // Several entries may share an outcome; the probability is that of the outcome.
        out.push(findings::Ending {
            outcome: end.outcome.clone(),
            title: end.title.clone(),
            when: end.when.as_ref().map(|e| e.text.clone()),
            probability: Some(probability.unwrap_or(0.0)),
        });
    }
    out.push(findings::Ending {
        outcome: "ongoing".into(),
        title: scenario.at_horizon.as_ref().map_or_else(
            || "still on".into(),
            |end| match end.title.as_str() {
                "" | "ongoing" => "still on at the horizon".into(),
                title => title.into(),
            },
        ),
        when: None,
        probability: Some(run.outlook.survival(&weights, last)),
    });
    out
}

/// The named variants.
pub fn cases(scenario: &Scenario) -> Vec<findings::Case> {
    let case = |case: &armistice_scenario::Case| findings::Case {
        name: case.name.clone(),
        title: case.title.clone(),
        says: case.says.clone(),
    };
    scenario.cases.iter().map(case).collect()
}

pub(crate) fn parameters(scenario: &Scenario, run: &Run) -> Vec<findings::ParameterRow> {
    let rows = scenario.parameters.iter().zip(&run.parameters);
    rows.map(|(parameter, value)| findings::ParameterRow {
        name: parameter.name.clone(),
        text: parameter.value.text.clone(),
        value: *value,
        range: parameter.range,
        distribution: parameter.distribution.map(distribution),
        unit: parameter.unit.clone(),
        source: parameter.source.clone(),
        controlled_by: parameter.controlled_by.clone(),
        says: parameter.says.clone(),
    })
    .collect()
}

pub(crate) fn distribution(of: Distribution) -> String {
    match of {
        Distribution::Uniform(a, b) => format!("uniform({a}, {b})"),
        Distribution::Triangular(a, m, b) => format!("triangular({a}, {m}, {b})"),
        Distribution::Normal(mean, sd) => format!("normal({mean}, {sd})"),
        Distribution::LogNormal(mu, sigma) => format!("lognormal({mu}, {sigma})"),
        Distribution::Beta(a, b) => format!("beta({a}, {b})"),
        Distribution::Gamma(shape, scale) => format!("gamma({shape}, {scale})"),
    }
}

/// The stages in order, with how often each is reached and each branch taken over the whole war.
pub(crate) fn stages(scenario: &Scenario, compiled: &Compiled, run: &Run) -> Vec<findings::StageStep> {
    let weights = run.outlook.weights(&Given::default());
    let periods = run.outlook.war_periods(&weights);
    let frequencies = &run.outlook.frequencies;
    // A stage is reached at most once a period; the sums may say otherwise by round-off.
    let share = |count: f64| (periods > 0.0).then(|| (count / periods).min(1.0));
    scenario
        .stages
        .iter()
        .enumerate()
        .map(|(position, stage)| {
            let as_move = compiled.move_stage.iter().position(|s| *s == position);
            let as_event = compiled.chance_stage.iter().position(|s| *s == position);
            let (kind, player) = match stage.kind {
                StageKind::Move { player } => (findings::StageKind::Move, Some(player)),
                StageKind::Chance { about } => (findings::StageKind::Chance, about),
                StageKind::Flow => (findings::StageKind::Flow, None),
            };
            let flow = kind == findings::StageKind::Flow;
            let id = as_move.map(armistice_game::MoveId::new);
            let event = as_event.map(armistice_game::ChanceId::new);
            let frequency = |name: &str| match (id, event) {
                _ if flow => None,
                (Some(id), _) => {
                    let labels = run.game.moves.get(id.index()).map_or(&[][..], |m| &m.actions);
                    frequencies.frequency(&weights, id, &named(labels, name), None)
                }
                (None, Some(event)) => {
                    let labels = run.game.chances.get(event.index()).map_or(&[][..], |c| &c.outcomes);
                    frequencies.chance(&weights, event, &named(labels, name))
                }
                (None, None) => None,
            };
            findings::StageStep {
                name: stage.name.clone(),
                title: stage.title.clone(),
                kind,
                player: player.and_then(|p| scenario.players.get(p)).map(|p| p.name.clone()),
                when: stage.when.as_ref().map(|e| e.text.clone()),
                branches: branches(scenario, stage, &frequency),
                reached: match (id, event) {
                    _ if flow => None,
                    (Some(id), _) => share(frequencies.made(&weights, id)),
                    (None, Some(event)) => share(frequencies.occurred(&weights, event)),
                    // No path of the game comes by.
                    (None, None) => Some(0.0),
                },
            }
        })
        .collect()
}

fn branches(
    scenario: &Scenario,
    stage: &armistice_scenario::StageSpec,
    frequency: &dyn Fn(&str) -> Option<f64>,
) -> Vec<findings::Branch> {
    let mut out: Vec<findings::Branch> = Vec::new();
    for branch in &stage.branches {
        let copy = (branch.label != branch.name).then(|| branch.label.clone());
        if let Some(known) = out.iter_mut().find(|known| known.name == branch.name) {
            known.copies.extend(copy);
            continue;
        }
        out.push(findings::Branch {
            name: branch.name.clone(),
            // The title of a copy is its label where the author gave none; the name stands for all copies.
            title: if branch.title == branch.label { branch.name.clone() } else { branch.title.clone() },
            when: branch.when.as_ref().map(|e| e.text.clone()),
            copies: copy.into_iter().collect(),
            notes: branch.notes.iter().map(|(name, _)| name.clone()).collect(),
            sets: branch
                .set
                .iter()
                .filter_map(|(variable, _)| scenario.variables.get(*variable))
                .map(|v| v.name.clone())
                .collect(),
            ends_period: branch.ends_period,
            end: branch.end.and_then(|e| scenario.ends.get(e)).map(|e| e.outcome.clone()),
            frequency: frequency(&branch.name),
        });
    }
    out
}
