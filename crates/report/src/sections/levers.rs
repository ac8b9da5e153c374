//! What would change the attacker's calculation.

use armistice_analyze::findings::{FrontCost, FrontEffect, Levers, Outcome};

use crate::block::{Block, Fact, Section};
use crate::names::Names;
use crate::table::{Cell, Table};
use crate::{charts, number, words};

/// Levers, sets of them, the cheapest set.
pub(crate) fn section(names: Names<'_>) -> Section {
    let mut blocks = Vec::new();
    match &names.0.levers {
        Some(levers) if !levers.levers.is_empty() => {
            blocks.push(Block::Facts { facts: cheapest(names, levers) });
            let measures: Vec<&str> =
                names.0.answer.measures.iter().map(|measure| measure.name.as_str()).collect();
            let drawn: Vec<_> = measures
                .iter()
                .enumerate()
                .filter_map(|(place, measure)| charts::levers::effects(names, levers, place, measure))
                .collect();
            let unit = names.0.margins.as_ref().map_or("payoff units", |margins| margins.unit.as_str());
            if let Some(chart) = charts::levers::margin_by_cost(names, levers, unit) {
                blocks.push(Block::chart(chart));
            }
            blocks.extend(players(names, levers).map(Block::table));
            let strength = charts::lever_study::strength(names, levers);
            let timing = charts::lever_study::timing(names, levers);
            if strength.is_some() || timing.is_some() {
                blocks.push(Block::heading("How strong, and when"));
            }
            blocks.extend(strength.map(Block::chart));
            blocks.extend(timing.map(Block::chart));
            let not_timed = levers.timing.iter().filter_map(|timing| timing.undefined.as_ref());
            blocks.extend(not_timed.map(|why| Block::notice(format!("No timing: {why}."))));
            if !drawn.is_empty() {
                blocks.push(Block::heading("One lever at a time"));
                blocks.push(Block::Figures { charts: drawn });
            }
            blocks.push(Block::table(meaning(names, levers)));
            blocks.push(Block::Details {
                summary: format!(
                    "Every set computed ({}), with its effect on each number",
                    number::count(levers.sets.len() as u64)
                ),
                blocks: vec![Block::table(sets(names, levers))],
            });
            if !levers.complete {
                blocks.push(Block::notice(
                    "Not every set was computed, so the cheapest set is the cheapest of those that were.",
                ));
            }
            blocks.push(Block::text(format!(
                "All runs in this section use a belief grid of {} points per dimension; differences are only taken within it.",
                levers.grid_points
            )));
        }
        Some(_) => blocks.push(Block::notice("The scenario names no levers.")),
        None => blocks.push(names.absent("levers", "The scenario names no levers.")),
    }
    Section {
        id: "levers",
        title: "What would change the calculation".into(),
        short: "Levers",
        read: "A lever is a change somebody could make, at a cost to them; the charts compare the same war with the lever in force from the start and \
               without it, everybody knowing and everybody adapting."
            .into(),
        blocks,
    }
}

fn cheapest(names: Names<'_>, levers: &Levers) -> Vec<Fact> {
    let fact = |best: &armistice_analyze::findings::CheapestSet| {
        let kind = names.attacker_kind(&best.kind);
        let set =
            best.levers.as_ref().map(|set| set.iter().map(|name| names.lever(name)).collect::<Vec<_>>());
        let value = match &set {
            Some(set) if set.is_empty() => "No lever needed".to_owned(),
            Some(set) => words::list(set),
            None => "No set computed does it".to_owned(),
        };
        let mut notes = Vec::new();
        if let (Some(_), Some(margin)) = (&set, best.margin) {
            let cost = best.cost.unwrap_or(0.0);
            notes.push(format!(
                "Cost {} per period in force; margin with it {}.",
                number::plain(cost),
                number::signed(margin)
            ));
        }
        Fact {
            label: format!("Cheapest set that makes stopping better: {kind}"),
            value,
            notes,
            ..Fact::default()
        }
    };
    levers.cheapest.iter().map(fact).collect()
}

/// What the sets that no other beats in stated cost and margin do to every player.
fn players(names: Names<'_>, levers: &Levers) -> Option<Table> {
    let mut table = Table::new(
        "lever-fronts",
        "Sets that no other set beats in stated cost and stopping margin of some type",
    )
    .words("Levers in force")
    .numbers("Cost per period")
    .numbers("Expected bill")
    .numbers("Length of the war, in periods");
    for player in &levers.plain.players {
        table = table.numbers(format!("Payoff of {}", names.player(&player.player)));
    }
    let chosen = levers
        .fronts
        .iter()
        .filter(|front| front.cost == FrontCost::Stated && matches!(front.effect, FrontEffect::Margin(_)));
    let on_front: Vec<&[String]> =
        chosen.flat_map(|front| &front.sets).map(|set| set.levers.as_slice()).collect();
    let mut rows = 0;
    for (set, effect) in levers.sets.iter().zip(&levers.effects) {
        if !on_front.contains(&set.levers.as_slice()) {
            continue;
        }
        rows += 1;
        let title: Vec<String> = set.levers.iter().map(|name| names.lever(name)).collect();
        let mut cells = vec![
            Cell::text(title.join(" + ")),
            Cell::number(Some(set.cost), number::plain),
            Cell::number(effect.bill, number::plain)
                .titled(Some("Cost per period times the expected number of periods of war")),
            Cell::number(effect.duration, number::plain),
        ];
        cells.extend(levers.plain.players.iter().zip(&effect.players).map(|(before, after)| {
            Cell::number(Some(after.value), number::plain)
                .noted(Some(number::signed(after.value - before.value)))
        }));
        table.row(cells);
    }
    (rows > 0).then_some(table)
}

fn meaning(names: Names<'_>, levers: &Levers) -> Table {
    let mut table = Table::new("levers", "The levers")
        .words("Lever")
        .words("By")
        .numbers("Cost per period")
        .words("What it changes")
        .words("Source");
    for lever in &levers.levers {
        let changes: Vec<String> = lever
            .changes
            .iter()
            .map(|(name, before, after)| {
                format!(
                    "{} from {} to {}",
                    words::humane(name),
                    number::plain(*before),
                    number::plain(*after)
                )
            })
            .collect();
        table.row(vec![
            Cell::text(lever.title.clone()).titled(Some(lever.name.clone())).noted(lever.says.clone()),
            Cell::text(lever.by.as_deref().map_or_else(String::new, |by| names.player(by))),
            Cell::number(Some(lever.cost), number::plain).titled(Some("In payoff units of whoever pulls it")),
            Cell::text(changes.join("; ")),
            Cell::text(lever.source.clone().unwrap_or_default()),
        ]);
    }
    table
}

fn sets(names: Names<'_>, levers: &Levers) -> Table {
    let mut table = Table::new("lever-sets", "Sets of levers: each number, and its change in brackets")
        .words("Levers in force")
        .numbers("Cost per period");
    for value in &levers.base.measures {
        table = table.numbers(names.measure(&value.name));
    }
    for margin in &levers.base.margins {
        table = table.numbers(format!("Margin, {}", names.attacker_kind(&margin.kind)));
    }
    let mut first = vec![Cell::text("None"), Cell::number(Some(0.0), number::plain)];
    first.extend(outcome(names, &levers.base, &levers.base));
    table.row(first);
    for set in &levers.sets {
        let title: Vec<String> = set.levers.iter().map(|name| names.lever(name)).collect();
        let costs: Vec<String> = set
            .costs
            .iter()
            .map(|cost| {
                let by = cost.by.as_deref().map_or_else(|| "nobody named".into(), |by| names.player(by));
                format!("{by}: {}", number::plain(cost.cost))
            })
            .collect();
        let mut cells = vec![
            Cell::text(title.join(" + ")),
            Cell::number(Some(set.cost), number::plain).titled(Some(costs.join("; "))),
        ];
        cells.extend(outcome(names, &levers.base, &set.outcome));
        table.row(cells);
    }
    table
}

/// Cells of an outcome, in the columns of `like`.
fn outcome(names: Names<'_>, like: &Outcome, outcome: &Outcome) -> Vec<Cell> {
    let why = outcome.undefined.clone();
    let measures = like.measures.iter().map(|column| {
        let found = outcome.measures.iter().find(|value| value.name == column.name);
        let percent = names.is_percent(&column.name);
        let form: fn(f64) -> String = if percent { number::percent } else { number::plain };
        let change =
            found.and_then(|value| value.difference).map(|change| words::difference_like(percent, change));
        Cell::number(found.and_then(|value| value.value), form).noted(change).titled(why.clone())
    });
    let margins = like.margins.iter().map(|column| {
        let found = outcome.margins.iter().find(|margin| margin.kind == column.kind);
        let change = found.and_then(|margin| margin.difference).map(number::signed);
        Cell::number(found.and_then(|margin| margin.margin), number::plain).noted(change).titled(why.clone())
    });
    measures.chain(margins).collect()
}
