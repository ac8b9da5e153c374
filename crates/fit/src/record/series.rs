//! Numbers and categories of a record beside its play: what forecasts are scored against.

use armistice_game::{Stage, WarGame};
use armistice_scenario::{Compiled, Record, RecordTable, Scenario};

use super::filter::passages;
use super::past::Past;

/// A column of numbers that the game has an observable for.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// The column, and the observable.
    pub name: String,
    /// By row of the record; `None` where the cell is blank.
    pub values: Vec<Option<f64>>,
    /// The row before the first, where the table has one.
    pub before: Option<f64>,
}

/// A move as a forecast sees it: actions that no row tells apart are one category.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// Position of the move in [`WarGame::moves`].
    pub id: usize,
    /// Name of the move.
    pub name: String,
    /// Names of the categories; the last is every action about which no row says anything.
    pub labels: Vec<String>,
    /// The rule by which a row resolves each category; empty for the last.
    pub rules: Vec<String>,
    /// By action: its category.
    pub of: Vec<usize>,
}

/// Columns that have the name of an observable, read by the record's own source.
///
/// Source overrides of such a column are applied by the scenario's expressions, so a track is of the table's own column only where the record has no
/// source; with a source there is none.
#[must_use]
pub fn tracks(table: &RecordTable, record: &Record, game: &WarGame) -> Vec<Track> {
    if record.source.is_some() {
        return Vec::new();
    }
    let rows: Vec<usize> = (record.periods.iter())
        .filter_map(|period| table.rows.iter().position(|row| row.line == period.line))
        .collect();
    let mut out = Vec::new();
    for (column, name) in table.columns.iter().enumerate() {
        if game.observable(name).is_none() {
            continue;
        }
        let cell = |row: usize| -> Option<f64> {
            table.rows.get(row)?.cells.get(column)?.trim().parse().ok().filter(|x: &f64| x.is_finite())
        };
        let before = rows.first().and_then(|row| row.checked_sub(1)).and_then(cell);
        out.push(Track { name: name.clone(), values: rows.iter().map(|row| cell(*row)).collect(), before });
    }
    out
}

/// The moves about which the rows of a scenario say something.
#[must_use]
pub fn categories(scenario: &Scenario, compiled: &Compiled) -> Vec<Category> {
    let Some(reading) = scenario.data.as_ref().and_then(|data| data.reading.as_ref()) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for seen in &reading.seen {
        let Some(id) = compiled.move_stage.iter().position(|stage| *stage == seen.stage) else { continue };
        let info = &compiled.game.moves[id];
        let mut labels: Vec<String> = Vec::new();
        let mut rules: Vec<String> = Vec::new();
        let mut group: Vec<usize> = Vec::new();
        for (name, expression) in &seen.branches {
            match rules.iter().position(|rule| *rule == expression.text) {
                Some(same) => {
                    labels[same] = format!("{} or {name}", labels[same]);
                    group.push(same);
                }
                None => {
                    labels.push(name.clone());
                    rules.push(expression.text.clone());
                    group.push(rules.len() - 1);
                }
            }
        }
        let last = labels.len();
        labels.push("another".to_owned());
        rules.push(String::new());
        let place = |action: &String| {
            let found = seen.branches.iter().position(|(name, _)| {
                action
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('('))
            });
            found.map_or(last, |found| group[found])
        };
        let of = info.actions.iter().map(place).collect();
        out.push(Category { id, name: info.name.clone(), labels, rules, of });
    }
    out
}

impl Category {
    /// The category that a row shows; `None` where it shows several, none, or where no play that the row allows makes the move.
    #[must_use]
    pub fn shown(&self, game: &WarGame, past: &Past, row: usize) -> Option<usize> {
        let row = past.rows().get(row)?;
        let mask = row.moves.get(self.id)?.as_ref()?;
        let mut found: Option<usize> = None;
        for (category, _) in self.of.iter().zip(mask).filter(|(_, consistent)| **consistent) {
            if found.is_some_and(|known| known != *category) {
                return None;
            }
            found = Some(*category);
        }
        let made = game.stages.iter().any(|stage| match stage {
            Stage::Play(tree) => passages(game, tree, row).iter().any(|way| {
                way.edges.iter().any(|(at, _)| {
                    matches!(tree.nodes.get(at.index()), Some(armistice_game::Node::Move { id, .. }) if id.index() == self.id)
                })
            }),
            Stage::Over(_) => false,
        });
        found.filter(|_| made)
    }
}
