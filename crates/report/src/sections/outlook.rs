//! What lies ahead: margins, survival, terms, the bargaining range.

use armistice_analyze::findings::{Agreement, MarginSurface, Survival};

use crate::block::{Block, Fact, Section};
use crate::names::{Names, fact};
use crate::table::{Cell, Table};
use crate::{charts, number, words};

/// Surfaces shown unfolded.
const SURFACES: usize = 2;

/// Whether the attacker would rather stop.
pub(crate) fn margins(names: Names<'_>) -> Section {
    let mut blocks = Vec::new();
    match &names.0.margins {
        Some(margins) => {
            let facts = margins.start.iter().map(|start| {
                let mut fact = fact(format!("At the start, {}", start.title), &start.margin);
                if let (Some(stop), Some(go)) = (&start.stop, &start.go) {
                    let worth = |value: Option<f64>| number::option(value, number::plain);
                    fact.notes.insert(
                        0,
                        format!(
                            "Best way to stop: {} ({}). Best way to go on: {} ({}).",
                            words::humane(stop),
                            worth(start.stop_value),
                            words::humane(go),
                            worth(start.go_value)
                        ),
                    );
                }
                if let Some(stage) = &start.stage {
                    let after = if start.history.is_empty() {
                        String::new()
                    } else {
                        format!(", after {}", words::path(&start.history))
                    };
                    fact.notes.push(format!("Read at the move “{}”{after}.", words::humane(stage)));
                }
                fact
            });
            blocks.push(Block::Facts { facts: facts.collect() });
            match charts::margins::over_time(names, margins) {
                Some(chart) => blocks.push(Block::chart(chart)),
                None => blocks.push(names.absent("margins.paths", "Margins over time were not computed.")),
            }
            blocks.extend(surfaces(names, &margins.surfaces, &margins.unit));
        }
        None => blocks.push(names.absent("margins", "The stopping margin was not computed.")),
    }
    Section {
        id: "margins",
        title: "Would it rather stop?".into(),
        short: "Stopping margin",
        read: format!(
            "The stopping margin is what {} would gain by ending the war in the best way open to it rather than going on in the best way open to \
             it: above zero stopping is the better choice, below zero going on is.",
            names.attacker()
        ),
        blocks,
    }
}

/// One chart for each pair of variable and belief, with all types in it; the first few unfolded.
fn surfaces(names: Names<'_>, surfaces: &[MarginSurface], unit: &str) -> Vec<Block> {
    let mut groups: Vec<Vec<&MarginSurface>> = Vec::new();
    for surface in surfaces {
        let same = |group: &&mut Vec<&MarginSurface>| {
            group.first().is_some_and(|first| {
                (&first.variable, &first.belief_about, &first.belief_in)
                    == (&surface.variable, &surface.belief_about, &surface.belief_in)
            })
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(surface),
            None => groups.push(vec![surface]),
        }
    }
    // A variable with more values says more; two-valued flags come last.
    groups.sort_by_key(|group| std::cmp::Reverse(group.first().map_or(0, |surface| surface.labels.len())));
    let drawn: Vec<_> = groups
        .iter()
        .enumerate()
        .filter_map(|(place, group)| charts::margins::surface(names, unit, place, group))
        .collect();
    if drawn.is_empty() {
        return vec![
            names.absent("margins.surfaces", "The margin over states and beliefs was not computed."),
        ];
    }
    let mut shown: Vec<Block> = drawn.into_iter().map(Block::chart).collect();
    let folded = shown.split_off(shown.len().min(SURFACES));
    if !folded.is_empty() {
        let summary = format!(
            "{} over other variables and beliefs",
            words::several(folded.len(), "more chart", "more charts")
        );
        shown.push(Block::Details { summary, blocks: folded });
    }
    shown
}

/// How long the war lasts and how it ends, and what moves meanwhile.
pub(crate) fn survival(names: Names<'_>) -> Section {
    let mut blocks = Vec::new();
    match &names.0.survival {
        Some(survival) => {
            blocks.push(Block::Facts {
                facts: vec![
                    fact("Expected duration, cut at the horizon", &survival.expected_duration),
                    fact("Median duration", &survival.median_duration),
                ],
            });
            blocks.push(Block::chart(charts::survival::stacked(names, survival)));
            if let Some(chart) = charts::survival::by_type(names, survival) {
                blocks.push(Block::chart(chart));
            }
            blocks.extend(cross_check(names, survival));
        }
        None => blocks.push(names.absent("survival", "The survival of the war was not computed.")),
    }
    match charts::survival::observables(names, &names.0.observables) {
        Some(chart) => blocks.push(Block::chart(chart)),
        None => blocks.push(names.absent("observables", "The scenario names no observable to follow.")),
    }
    Section {
        id: "survival",
        title: "How long it lasts and how it ends".into(),
        short: "Duration and endings",
        read: "Imagine very many wars that begin like this one and in which everybody acts as the model says: the curves count how many of them are \
               still on, and how the others ended."
            .into(),
        blocks,
    }
}

fn cross_check(names: Names<'_>, survival: &Survival) -> Vec<Block> {
    let Some(check) = &survival.cross_check else {
        return vec![
            names.absent("survival.cross_check", "These numbers were not checked against simulated wars."),
        ];
    };
    let mut table = Table::new("cross-check", "The same numbers computed in two ways")
        .words("Number")
        .numbers("Without sampling")
        .numbers("From simulated wars")
        .numbers("Standard error");
    for row in &check.rows {
        table.row(vec![
            Cell::code(row.what.clone()),
            Cell::number(Some(row.propagated), number::plain),
            Cell::number(Some(row.simulated), number::plain),
            Cell::number(Some(row.standard_error), number::plain),
        ]);
    }
    let verdict = match check.agreement {
        Agreement::Agree => "agree within four standard errors and the grid error",
        Agreement::Differ => {
            "differ by more than four standard errors and the grid error: trust neither to that precision"
        }
    };
    let summary = format!(
        "Checked against {} simulated wars (seed {}): the two computations {verdict}.",
        number::count(check.trajectories),
        check.seed
    );
    if check.agreement == Agreement::Differ {
        return vec![Block::notice(summary), Block::table(table)];
    }
    vec![Block::Details { summary, blocks: vec![Block::table(table)] }]
}

/// On what terms it ends.
pub(crate) fn terms(names: Names<'_>) -> Section {
    let mut blocks = Vec::new();
    match &names.0.terms {
        Some(terms) => {
            let mut mean = fact("Mean over wars that have ended", &terms.mean);
            if mean.unit.is_none() {
                mean.unit = terms.unit.clone();
            }
            let share = Fact {
                label: "Wars whose ending has terms".into(),
                value: number::percent(terms.share_with_terms),
                unit: Some("of all wars".into()),
                mark: Some(words::origin(terms.how).mark),
                title: Some(words::origin(terms.how).long.into()),
                notes: Vec::new(),
                ..Fact::default()
            };
            blocks.push(Block::Facts { facts: vec![mean, share] });
            if let Some(chart) = charts::terms::histogram(names, terms) {
                blocks.push(Block::chart(chart));
            }
            let unit = terms.unit.clone().unwrap_or_else(|| "terms".into());
            let mut table = Table::new("terms", "Mean terms by kind of ending")
                .words("Ending")
                .numbers("Share of all wars")
                .numbers(if terms.unit.is_some() { format!("Mean ({unit})") } else { "Mean terms".into() });
            for outcome in &terms.outcomes {
                table.row(vec![
                    Cell::text(outcome.title.clone()).titled(Some(outcome.outcome.clone())),
                    Cell::number(Some(outcome.share), number::percent),
                    Cell::number(Some(outcome.mean), number::plain),
                ]);
            }
            blocks.push(Block::table(table));
        }
        None => blocks.push(names.absent("terms", "No ending of this scenario has terms.")),
    }
    Section {
        id: "terms",
        title: "On what terms".into(),
        short: "Terms",
        read: "Terms are the number each ending fixes between the sides; the chart counts wars by the terms on which they ended.".into(),
        blocks,
    }
}

/// What could be settled at the start, and what the war wastes.
pub(crate) fn bargaining(names: Names<'_>) -> Section {
    let mut blocks = Vec::new();
    let mut read =
        String::from("The bargaining range holds the terms that both sides would rather have than the war.");
    match &names.0.bargaining {
        Some(bargaining) => {
            let (attacker, defender) = (names.player(&bargaining.attacker), names.player(&bargaining.defender));
            read = format!(
                "The bargaining range holds the terms of “{}” that both {attacker} and {defender} would rather have at the start than the war: if it is \
                 wide and the war goes on, the obstacle is information or trust, not the lack of a deal.",
                names.outcome(&bargaining.outcome)
            );
            let unit = names.0.terms.as_ref().and_then(|terms| terms.unit.clone()).unwrap_or_else(|| "terms".into());
            let span = |low: Option<f64>, high: Option<f64>| match (low, high) {
                (Some(low), Some(high)) => format!("{} to {}", number::plain(low), number::plain(high)),
                _ => "empty".into(),
            };
            let read_at_start = words::origin(armistice_analyze::findings::How::Equilibrium);
            let range = |label: &str, text: String, note: &str| Fact {
                label: label.into(),
                unit: (text != "empty").then(|| unit.clone()),
                value: text,
                mark: Some(read_at_start.mark),
                title: Some(read_at_start.long.into()),
                notes: vec![note.into()],
                ..Fact::default()
            };
            let every = span(bargaining.low_every_type, bargaining.high_every_type);
            let mut width = fact("Width of the range", &bargaining.width);
            width.notes.insert(0, "Zero when the range is empty.".into());
            let mut waste = fact("Inefficiency of the war", &bargaining.inefficiency);
            waste.notes.insert(0, "What both sides could have saved by settling at the start on the terms they should expect.".into());
            blocks.push(Block::Facts {
                facts: vec![
                    range(
                        "Both prefer to going on",
                        span(bargaining.low, bargaining.high),
                        "Each side weighed over its own types by the public belief.",
                    ),
                    range("Every type of both prefers", every, "No private type would rather fight."),
                    width,
                    waste,
                ],
            });
            match charts::bargaining::chart(names, bargaining, &unit) {
                Some(chart) => blocks.push(Block::chart(chart)),
                None => blocks.push(names.absent("bargaining.points", "No terms were tried.")),
            }
        }
        None => blocks.push(names.absent(
            "bargaining",
            "The scenario does not say which move carries the terms of a settlement, so no range was computed.",
        )),
    }
    Section {
        id: "bargaining",
        title: "What could be agreed at the start".into(),
        short: "Bargaining range",
        read,
        blocks,
    }
}
