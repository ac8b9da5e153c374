//! How to get the same report again, and how numbers were got.

use crate::block::{Block, Section};
use crate::names::Names;
use crate::number;
use crate::table::{Cell, Table};

/// Command, hashes, settings.
pub(crate) fn section(names: Names<'_>) -> Section {
    let findings = names.0;
    let from = &findings.provenance;
    let mut blocks = Vec::new();
    match &from.command {
        Some(command) => blocks.push(Block::Command { text: command.clone() }),
        None => blocks
            .push(Block::notice("This report was made through the library: there is no command to repeat.")),
    }
    let mut table =
        Table::new("provenance", "What was run, on what, with which settings").words("Item").words("Value");
    let mut add = |what: &str, cell: Cell| table.row(vec![Cell::text(what), cell]);
    add("Software", Cell::text(format!("Armistice {}", from.version)));
    if let Some(date) = &from.date {
        add("Date of the run", Cell::text(date.clone()));
    }
    add("Scenario file (blake3)", Cell::code(from.scenario_hash.clone()));
    for file in &from.data {
        add(&format!("Data file {} (blake3)", file.path), Cell::code(file.hash.clone()));
    }
    add(
        "Belief grid, points per dimension",
        Cell::text(format!("{}; {} where cases are compared", from.grid_points, from.audit_grid_points)),
    );
    add("Equilibrium sought", Cell::text(from.selection.clone()));
    add("Residual asked for", Cell::text(number::plain(from.residual)));
    add(
        "Reachable public states",
        Cell::text(format!(
            "{}; {} of the full product are never reached",
            number::count(from.states as u64),
            number::count(from.unreachable_states)
        )),
    );
    add(
        "Periods",
        Cell::text(from.periods.map_or_else(|| "indefinite horizon".into(), |periods| periods.to_string())),
    );
    add("Games solved for this report", Cell::text(number::count(from.solved_games as u64)));
    add("Simulated wars", Cell::text(number::count(from.trajectories)));
    add("Seed", Cell::text(from.seed.to_string()));
    add("Findings document", Cell::code(findings.schema.clone()));
    blocks.push(Block::table(table));
    Section {
        id: "reproduce",
        title: "How to get this report again".into(),
        short: "Reproduce",
        read: "The same command on the same files gives the same numbers, on one thread or many.".into(),
        blocks,
    }
}
