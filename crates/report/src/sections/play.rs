//! How the game is played, and what its moves say.

use armistice_analyze::findings::StageKind;

use crate::block::{Block, Section};
use crate::names::Names;
use crate::table::{Cell, Table};
use crate::{charts, diagram, number, words};

/// Players, the moves of a period, endings, variants.
pub(crate) fn section(names: Names<'_>) -> Section {
    let findings = names.0;
    let mut blocks = Vec::new();
    if let Some(summary) = &findings.about.summary {
        blocks.push(Block::text(summary.clone()));
    }
    match diagram::draw(names) {
        Some(diagram) => blocks.push(Block::Diagram { diagram }),
        None => blocks.push(names.absent("stages", "The findings hold no stages.")),
    }
    blocks.push(Block::heading("Who decides, and what only they know"));
    blocks.push(Block::table(players(names).quiet()));
    if !findings.variables.is_empty() {
        blocks.push(Block::heading("What everybody sees"));
        let mut table = Table::new("state", "Public state")
            .quiet()
            .words("Variable")
            .words("Values")
            .words("At the start");
        for variable in &findings.variables {
            table.row(vec![
                Cell::text(variable.title.clone()).titled(Some(variable.name.clone())),
                Cell::text(values(&variable.labels)),
                Cell::text(words::humane(&variable.start)),
            ]);
        }
        blocks.push(Block::table(table));
    }
    blocks.push(Block::heading("How it can end"));
    let mut table = Table::new("endings", "Endings of the war")
        .quiet()
        .words("Ending")
        .words("Where")
        .numbers("Probability by the horizon");
    for ending in &findings.endings {
        let place = match &ending.when {
            Some(when) => Cell::code(when.clone()),
            None => Cell::text(if ending.outcome == "ongoing" {
                "the horizon is reached with the war on"
            } else {
                "when a move or chance brings it about"
            }),
        };
        table.row(vec![
            Cell::text(ending.title.clone()).titled(Some(ending.outcome.clone())),
            place,
            Cell::number(ending.probability, number::percent),
        ]);
    }
    blocks.push(Block::table(table));
    if !findings.cases.is_empty() {
        let mut table =
            Table::new("cases", "Named variants of the scenario").quiet().words("Case").words("What differs");
        for case in &findings.cases {
            table.row(vec![
                Cell::text(case.title.clone()).titled(Some(case.name.clone())),
                Cell::text(case.says.clone().unwrap_or_default()),
            ]);
        }
        blocks.push(Block::Details {
            summary: format!(
                "{} used by measures and claims",
                words::several(findings.cases.len(), "variant", "variants")
            ),
            blocks: vec![Block::table(table)],
        });
    }
    Section {
        id: "play",
        title: "How the war is modeled".into(),
        short: "The model",
        read: format!(
            "A {} of the war is the same sequence of moves again and again: each side chooses knowing what everybody has seen, its own \
             private type, and what the others will infer from the choice.",
            names.period()
        ),
        blocks,
    }
}

/// "−3 to 3 (7 values)" or the words themselves.
fn values(labels: &[String]) -> String {
    match labels {
        [first, .., last] if labels.len() > 6 => {
            format!("{} to {} ({} values)", words::humane(first), words::humane(last), labels.len())
        }
        _ => labels.iter().map(|label| words::humane(label)).collect::<Vec<_>>().join(", "),
    }
}

fn players(names: Names<'_>) -> Table {
    let mut table = Table::new("players", "Players and their private types")
        .words("Player")
        .words("Private type")
        .numbers("Prior belief")
        .numbers("Value at the start")
        .numbers("Discount per period")
        .numbers("Precision λ");
    for player in &names.0.players {
        for (i, kind) in player.types.iter().enumerate() {
            let single = player.types.len() == 1;
            table.row(vec![
                Cell::text(player.title.clone()).titled(Some(player.name.clone())),
                Cell::text(if single { "nothing private".to_owned() } else { kind.title.clone() }),
                if single {
                    Cell::text(number::NONE).classed("num")
                } else {
                    Cell::number(Some(kind.prior), number::percent)
                },
                Cell::number(kind.value, number::plain)
                    .titled(Some(format!("Expected discounted payoff, in payoff units of {}", player.title))),
                if i == 0 { Cell::number(Some(player.discount), number::plain) } else { Cell::text("") },
                match (i, player.precision) {
                    (0, Some(precision)) => Cell::number(Some(precision), number::plain),
                    (0, None) => Cell::text("∞").classed("num").titled(Some("Exact best response")),
                    _ => Cell::text(""),
                },
            ]);
        }
    }
    table
}

/// What each move says about the one who makes it.
pub(crate) fn signals(names: Names<'_>) -> Section {
    let findings = names.0;
    let mut blocks = Vec::new();
    let all: Vec<_> = findings
        .signals
        .iter()
        .enumerate()
        .filter_map(|(place, signal)| charts::signals::chart(names, place, signal))
        .collect();
    let mut open: Vec<String> = findings
        .signals
        .iter()
        .filter(|signal| signal.actions.first().is_none_or(|action| action.types.len() < 2))
        .map(|signal| names.player(&signal.player))
        .collect();
    open.dedup();
    if all.is_empty() {
        let any = findings.stages.iter().any(|stage| stage.kind == StageKind::Move);
        blocks.push(names.absent(
            "signals",
            if any {
                "No player with private types moves in the first period, so no move says anything."
            } else {
                "The findings hold no moves."
            },
        ));
    } else {
        blocks.push(Block::Figures { charts: all });
        if !open.is_empty() {
            open.sort();
            open.dedup();
            blocks.push(Block::text(format!(
                "Moves of {} carry no private information in this model: there is nothing about them to learn.",
                words::list(&open)
            )));
        }
    }
    match charts::survival::beliefs(names, &findings.beliefs) {
        Some(chart) => blocks.push(Block::chart(chart)),
        None => blocks.push(names.absent("beliefs", "No belief moves: no player has private types.")),
    }
    Section {
        id: "signals",
        title: "What each move says".into(),
        short: "What moves say",
        read: "A move that one type makes more readily than another is evidence about who one is dealing with: the dashed line is the public \
               belief before the move, the dot the belief after it was seen, and a larger dot a more frequent action."
            .into(),
        blocks,
    }
}
