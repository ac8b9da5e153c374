//! The record of a war as play of the game: which rows there are, what each says about states, moves and events, and whether the game can
//! produce it.

mod check;
#[cfg(feature = "parquet")]
mod parquet;
mod table;

use std::collections::HashMap;
use std::path::Path;

use armistice_game::WarGame;

use crate::codes;
use crate::compile::constants::names_in;
use crate::compile::{Compiled, Limits};
use crate::diagnostic::{Diagnostic, suggest};
use crate::expression::{EvaluationError, Expression, Term, Value};
use crate::interpret::Meaning;
use crate::model::{Change, Data, Domain, Reading, Scenario};
use crate::parts::{FileError, Files};

pub use table::{RecordTable, TableRow};

/// What one row says about one period of a game.
///
/// `None` is *not seen*: consistent with everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The row's date, as written.
    pub date: String,
    /// Line of the table's file.
    pub line: u64,
    /// By `MoveId`: which actions the row is consistent with.
    pub moves: Vec<Option<Vec<bool>>>,
    /// By `ChanceId`: which outcomes.
    pub events: Vec<Option<Vec<bool>>>,
    /// By state variable: the position of its value at the end of the period.
    pub after: Vec<Option<u16>>,
    /// The ending, by its position in [`WarGame::endings`]; `None`: the war went on.
    pub ended: Option<usize>,
}

/// A record that reads as play of a game, period by period from the game's start.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// File it was read from, as named.
    pub file: String,
    /// blake3 of its bytes, hexadecimal.
    pub hash: String,
    /// The source chosen; `None` is the table's own columns.
    pub source: Option<String>,
    /// What each row says.
    pub periods: Vec<Observation>,
}

impl Scenario {
    /// How rows of the record read as play.
    ///
    /// - errors: that the scenario does not say, and what to write.
    pub fn reading(&self) -> Result<(&Data, &Reading), Vec<Diagnostic>> {
        let data = self.data.as_ref().ok_or_else(|| vec![no_data()])?;
        let reading = data.reading.as_ref().ok_or_else(|| {
            let message = "`[data]` does not say how rows of the record read as play".to_owned();
            let help = "state variables under `[data.after]`, moves under `[data.moves]`; see the language reference";
            vec![Diagnostic::error(codes::RECORD_TABLE, message).at(data.span.clone(), "").help(help)]
        })?;
        Ok((data, reading))
    }

    /// The rows of a table as play of a compiled game.
    ///
    /// - `source`: the name of a source under `[data.sources]`; `None` is the table's own columns.
    /// - errors: every row that cannot be read and every row that no play of the game produces, with cells and reason.
    /// - cost: linear in rows times the nodes of the stage trees of states the record may be in.
    pub fn record(
        &self,
        compiled: &Compiled,
        table: &RecordTable,
        source: Option<&str>,
    ) -> Result<Record, Vec<Diagnostic>> {
        let (data, reading) = self.reading()?;
        let overrides = source_of(data, reading, source)?;
        let rows = Rows { scenario: self, data, reading, table, overrides, parameters: &compiled.parameters };
        let mut problems = rows.names();
        if !problems.is_empty() {
            return Err(problems);
        }
        let chosen = rows.chosen(&mut problems);
        let mut periods = Vec::new();
        for row in chosen {
            periods.push(rows.observation(row, compiled, &mut problems));
        }
        if problems.is_empty() {
            check::possible(self, &rows, compiled, &periods, &mut problems);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let source = source.map(str::to_owned);
        Ok(Record { file: table.file.clone(), hash: table.hash.clone(), source, periods })
    }
}

impl Scenario {
    /// Parameters that say how rows read: changing one of them changes what was observed.
    #[must_use]
    pub fn read_by_record(&self) -> Vec<usize> {
        let Some(reading) = self.data.as_ref().and_then(|data| data.reading.as_ref()) else {
            return Vec::new();
        };
        let seen = reading.seen.iter().flat_map(|seen| seen.branches.iter().map(|(_, e)| e));
        let columns = reading.sources.iter().flat_map(|s| s.columns.iter().map(|(_, e)| e));
        let others = reading.after.iter().map(|(_, e)| e).chain(reading.ended.iter().map(|(_, e)| e));
        let mut names = Vec::new();
        seen.chain(columns).chain(others).for_each(|e| names_in(&e.term, &mut names));
        let named = |name: &String| names.iter().any(|parts| parts.first() == Some(name));
        (0..self.parameters.len()).filter(|i| named(&self.parameters[*i].name)).collect()
    }
}

/// What a file says that may be a table: a text as it is, Parquet as comma-separated values.
///
/// - errors: why it says nothing, in words.
pub fn table_text(content: Vec<u8>) -> Result<String, String> {
    if content.starts_with(b"PAR1") {
        #[cfg(feature = "parquet")]
        return parquet::as_text(content);
        #[cfg(not(feature = "parquet"))]
        return Err("it is in Parquet, which this build does not read".to_owned());
    }
    String::from_utf8(content).map_err(|_| "it is not UTF-8 text".to_owned())
}

pub(crate) fn no_data() -> Diagnostic {
    Diagnostic::error(codes::RECORD_TABLE, "the scenario has no record: it has no `[data]`")
        .help("name a table under `[data]`, and say how its rows read as play")
}

type Overrides<'s> = &'s [(String, Expression)];

fn source_of<'s>(
    data: &Data,
    reading: &'s Reading,
    source: Option<&str>,
) -> Result<Overrides<'s>, Vec<Diagnostic>> {
    let Some(name) = source else { return Ok(&[]) };
    match reading.sources.iter().find(|s| s.name == name) {
        Some(found) => Ok(&found.columns),
        None => {
            let message = format!("the record has no source `{name}`");
            let help = suggest(name, reading.sources.iter().map(|s| s.name.as_str()));
            Err(vec![
                Diagnostic::error(codes::NAMES_NOTHING, message).at(data.span.clone(), "").maybe_help(help),
            ])
        }
    }
}

/// Checks the record of a scenario by every source it has.
pub(crate) fn verify(scenario: &Scenario, limits: &Limits, files: Files<'_>) -> Vec<Diagnostic> {
    let Ok((data, reading)) = scenario.reading() else { return Vec::new() };
    let text = match files(&data.observed) {
        Ok(text) => text,
        // Whoever reads scenarios from texts has no table to check; that a file is missing is said elsewhere.
        Err(FileError::NoFolder | FileError::Missing) => return Vec::new(),
        Err(error) => {
            let message = format!("the record `{}` cannot be read: {error}", data.observed.display());
            return vec![Diagnostic::error(codes::RECORD_TABLE, message).at(data.span.clone(), "")];
        }
    };
    let table = match RecordTable::read(scenario, None, &text) {
        Ok(table) => table,
        Err(list) => return list,
    };
    // A game too large to be compiled was reported, and so was one that is not sound.
    let Ok(compiled) = scenario.compile(&Change::default(), &limits.without_grid()) else {
        return Vec::new();
    };
    let names = std::iter::once(None).chain(reading.sources.iter().map(|s| Some(s.name.as_str())));
    let mut out: Vec<Diagnostic> = Vec::new();
    for name in names {
        for mut problem in scenario.record(&compiled, &table, name).err().unwrap_or_default() {
            if out.contains(&problem) {
                continue;
            }
            if let Some(name) = name {
                problem.message = format!("by the source `{name}`, {}", problem.message);
            }
            out.push(problem);
        }
    }
    out
}

/// The rows of a table, with what expressions over them mean.
struct Rows<'a> {
    scenario: &'a Scenario,
    data: &'a Data,
    reading: &'a Reading,
    table: &'a RecordTable,
    overrides: Overrides<'a>,
    parameters: &'a [f64],
}

/// One row as the meaning of names.
struct Cells<'a> {
    rows: &'a Rows<'a>,
    row: &'a TableRow,
    /// Whether names are columns as they stand in the table.
    raw: bool,
}

/// What says that a cell is blank.
const BLANK: &str = "the cell is blank";

impl Meaning for Cells<'_> {
    fn name(&mut self, parts: &[String]) -> Result<Value, EvaluationError> {
        let unknown = || EvaluationError::Unknown { name: parts.join(".") };
        let [name] = parts else { return Err(unknown()) };
        let replaced = self.rows.overrides.iter().find(|(column, _)| column == name && !self.raw);
        if let Some((_, expression)) = replaced {
            return expression.value(&mut Cells { raw: true, ..*self });
        }
        if let Some(position) = self.rows.table.columns.iter().position(|c| c == name) {
            let cell = self.row.cells.get(position).map_or("", |cell| cell.trim());
            return match cell.parse::<f64>() {
                _ if cell.is_empty() => {
                    Err(EvaluationError::Unavailable { function: name.clone(), reason: BLANK.to_owned() })
                }
                Ok(x) if x.is_finite() => Ok(Value::Number(x)),
                _ => Ok(Value::Text(cell.to_owned())),
            };
        }
        let position = self.rows.scenario.parameters.iter().position(|p| p.name == *name);
        let value = position.and_then(|p| self.rows.parameters.get(p)).ok_or_else(unknown)?;
        Ok(Value::Number(*value))
    }

    fn call(&mut self, parts: &[String], arguments: &[Value]) -> Result<Value, EvaluationError> {
        match (parts, arguments) {
            ([name], [Value::Text(column)]) if name == "seen" => {
                let raw = &mut Cells { raw: true, ..*self };
                match raw.name(std::slice::from_ref(column)) {
                    Ok(_) => Ok(Value::Boolean(true)),
                    Err(error) if is_blank(&error) => Ok(Value::Boolean(false)),
                    Err(error) => Err(error),
                }
            }
            _ => Err(EvaluationError::Unknown { name: parts.join(".") }),
        }
    }
}

fn is_blank(error: &EvaluationError) -> bool {
    matches!(error, EvaluationError::Unavailable { reason, .. } if reason == BLANK)
}

impl<'a> Rows<'a> {
    fn expressions(&self) -> impl Iterator<Item = &'a Expression> {
        let reading = self.reading;
        let after = reading.after.iter().map(|(_, e)| e);
        let seen = reading.seen.iter().flat_map(|seen| seen.branches.iter().map(|(_, e)| e));
        let ended = reading.ended.iter().map(|(_, e)| e);
        after.chain(seen).chain(ended).chain(self.overrides.iter().map(|(_, e)| e))
    }

    /// Names that are neither columns nor parameters, and columns that are replaced though they are not there.
    fn names(&self) -> Vec<Diagnostic> {
        let parameters = self.scenario.parameters.iter().map(|p| p.name.as_str());
        let columns = self.table.columns.iter().map(String::as_str);
        let known: HashMap<&str, ()> = columns.clone().chain(parameters).map(|name| (name, ())).collect();
        let replaced = |name: &str| self.overrides.iter().any(|(column, _)| column == name);
        let mut out: Vec<Diagnostic> = Vec::new();
        for expression in self.expressions() {
            let mut names = Vec::new();
            names_in(&expression.term, &mut names);
            for name in names.iter().map(|parts| parts.join(".")) {
                if known.contains_key(name.as_str()) || replaced(&name) {
                    continue;
                }
                let message = format!("`{}` has no column `{name}`", self.table.file);
                let problem = Diagnostic::error(codes::RECORD_TABLE, message)
                    .at(expression.span.clone(), "neither a column nor a parameter")
                    .maybe_help(suggest(&name, columns.clone()));
                if !out.contains(&problem) {
                    out.push(problem);
                }
            }
        }
        out
    }

    /// The rows that are play, in order; problems with their dates are noted.
    fn chosen(&self, problems: &mut Vec<Diagnostic>) -> Vec<&'a TableRow> {
        let rows = &self.table.rows;
        let mut bound = |bound: &Option<(String, std::ops::Range<usize>)>, last: bool| {
            let Some((date, span)) = bound else { return if last { rows.len() } else { 0 } };
            match rows.iter().position(|row| row.date == *date) {
                Some(position) => position + usize::from(last),
                None => {
                    let message = format!("no row of `{}` has the date `{date}`", self.table.file);
                    let help = suggest(date, rows.iter().map(|row| row.date.as_str()));
                    problems.push(
                        Diagnostic::error(codes::RECORD_ROWS, message).at(span.clone(), "").maybe_help(help),
                    );
                    if last { rows.len() } else { 0 }
                }
            }
        };
        let (from, to) = (bound(&self.reading.from, false), bound(&self.reading.to, true));
        let chosen: Vec<&TableRow> = rows.get(from..to.max(from)).unwrap_or(&[]).iter().collect();
        if chosen.is_empty() {
            let message = format!("no row of `{}` is play of the game", self.table.file);
            problems.push(Diagnostic::error(codes::RECORD_ROWS, message).at(self.data.span.clone(), ""));
        }
        self.dates(&chosen, problems);
        chosen
    }

    /// Rows follow each other period by period, from the game's start.
    fn dates(&self, chosen: &[&TableRow], problems: &mut Vec<Diagnostic>) {
        let mut refuse = |row: &TableRow, what: String, help: String| {
            let message = format!("{} (line {} of `{}`) {what}", row.date, row.line, self.table.file);
            let problem = Diagnostic::error(codes::RECORD_ROWS, message);
            problems.push(problem.at(self.data.span.clone(), "").help(help));
        };
        let step = self.scenario.about.period.months();
        let first = self.scenario.about.start.map(|s| i64::from(s.year) * 12 + i64::from(s.month) - 1);
        if let (Some(step), Some(first)) = (step, first) {
            for (n, row) in chosen.iter().enumerate() {
                let wanted = first + step * n as i64;
                let shown = format!("{:04}-{:02}", wanted.div_euclid(12), wanted.rem_euclid(12) + 1);
                if month_of(&row.date) != Some(wanted) {
                    let what = format!("stands where the game has {shown}");
                    let help = "every row is one period, in order, from the scenario's `start`; say with `from` and `to` which are play";
                    refuse(row, what, help.to_owned());
                    break;
                }
            }
            return;
        }
        for pair in chosen.windows(2) {
            if let [before, after] = pair
                && before.date >= after.date
                && (before.date.parse::<f64>().ok() >= after.date.parse::<f64>().ok())
            {
                let what = format!("does not come after {}", before.date);
                refuse(after, what, "every row is one period, in order".to_owned());
            }
        }
    }

    fn value(&self, expression: &Expression, row: &TableRow) -> Result<Option<Value>, EvaluationError> {
        match expression.value(&mut Cells { rows: self, row, raw: false }) {
            Ok(value) => Ok(Some(value)),
            Err(error) if is_blank(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The cells an expression reads, in words: `intensity = probe, truce = none`.
    fn cells(&self, expressions: &[&Expression], row: &TableRow) -> String {
        let mut shown: Vec<String> = Vec::new();
        let mut show = |term: &Term| {
            let mut names = Vec::new();
            names_in(term, &mut names);
            for name in names.iter().map(|parts| parts.join(".")) {
                if let Some(position) = self.table.columns.iter().position(|c| *c == name) {
                    let cell = row.cells.get(position).map_or("", String::as_str);
                    let text = format!("{name} = {}", if cell.is_empty() { "blank" } else { cell });
                    if !shown.contains(&text) {
                        shown.push(text);
                    }
                }
            }
        };
        expressions.iter().for_each(|expression| show(&expression.term));
        shown.join(", ")
    }

    fn refuse(&self, row: &TableRow, expression: &Expression, why: &str) -> Diagnostic {
        let cells = self.cells(&[expression], row);
        let place = format!("{} (line {} of `{}`)", row.date, row.line, self.table.file);
        let message = format!("{place}: {why}, where {cells}");
        Diagnostic::error(codes::RECORD_VALUE, message).at(expression.span.clone(), "")
    }

    /// What a row says; problems are noted, and count as not seen.
    fn observation(
        &self,
        row: &TableRow,
        compiled: &Compiled,
        problems: &mut Vec<Diagnostic>,
    ) -> Observation {
        let game = &compiled.game;
        let mut out = Observation {
            date: row.date.clone(),
            line: row.line,
            moves: vec![None; game.moves.len()],
            events: vec![None; game.chances.len()],
            after: vec![None; game.variables.len()],
            ended: None,
        };
        for (variable, expression) in &self.reading.after {
            match self.value(expression, row) {
                Ok(None) => {}
                Ok(Some(value)) => match self.position(game, *variable, &value) {
                    Ok(position) => out.after[*variable] = Some(position),
                    Err(why) => problems.push(self.refuse(row, expression, &why)),
                },
                Err(error) => problems.push(self.refuse(row, expression, &error.reason())),
            }
        }
        for seen in &self.reading.seen {
            let places = [(&compiled.move_stage, true), (&compiled.chance_stage, false)];
            let found = places.iter().find_map(|(stages, moves)| {
                stages.iter().position(|stage| *stage == seen.stage).map(|id| (id, *moves))
            });
            // A move that is nowhere made says nothing.
            let Some((id, moves)) = found else { continue };
            let labels = if moves { &game.moves[id].actions } else { &game.chances[id].outcomes };
            let mask = self.mask(row, &seen.branches, labels, problems);
            if moves { out.moves[id] = mask } else { out.events[id] = mask }
        }
        for (name, expression) in &self.reading.ended {
            match self.value(expression, row) {
                Ok(None | Some(Value::Boolean(false))) => {}
                Ok(Some(Value::Boolean(true))) => out.ended = game.endings.iter().position(|e| e == name),
                Ok(Some(_)) => problems.push(self.refuse(row, expression, "a truth value is needed")),
                Err(error) => problems.push(self.refuse(row, expression, &error.reason())),
            }
        }
        out
    }

    /// Which of the labels a row is consistent with; `None` where it says nothing.
    fn mask(
        &self,
        row: &TableRow,
        branches: &[(String, Expression)],
        labels: &[String],
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Vec<bool>> {
        let mut any = false;
        let mut mask = vec![false; labels.len()];
        for (name, expression) in branches {
            let consistent = match self.value(expression, row) {
                Ok(None) => true,
                Ok(Some(Value::Boolean(b))) => {
                    any = true;
                    b
                }
                Ok(Some(_)) => {
                    problems.push(self.refuse(row, expression, "a truth value is needed"));
                    true
                }
                Err(error) => {
                    problems.push(self.refuse(row, expression, &error.reason()));
                    true
                }
            };
            for (label, slot) in labels.iter().zip(&mut mask) {
                let copy = label.strip_prefix(name.as_str());
                *slot |= consistent && copy.is_some_and(|rest| rest.is_empty() || rest.starts_with('('));
            }
        }
        any.then_some(mask)
    }

    /// Position of a state variable's value.
    fn position(&self, game: &WarGame, variable: usize, value: &Value) -> Result<u16, String> {
        let Some(spec) = self.scenario.variables.get(variable) else {
            return Err("there is no such variable".to_owned());
        };
        let shown = match value {
            Value::Number(x) => x.to_string(),
            Value::Text(text) => text.clone(),
            Value::Boolean(b) => b.to_string(),
        };
        let wanted = match (&spec.domain, value) {
            (Domain::Integers(from, to), Value::Number(x)) => {
                if (x - x.round()).abs() < 1e-9 && *x >= *from as f64 - 0.5 && *x <= *to as f64 + 0.5 {
                    (x.round() + 0.0).to_string()
                } else {
                    return Err(format!(
                        "`{}` would be {shown}, and goes in whole steps from {from} to {to}",
                        spec.name
                    ));
                }
            }
            (Domain::Words(_), Value::Text(text)) => text.clone(),
            (Domain::Integers(..), _) => {
                return Err(format!("`{}` would be {shown}, and is a number", spec.name));
            }
            (Domain::Words(_), _) => return Err(format!("`{}` would be {shown}, and is a word", spec.name)),
        };
        let labels = game.variables.get(variable).map_or(&[][..], |v| &v.labels);
        let found = labels.iter().position(|label| *label == wanted);
        found.and_then(|p| u16::try_from(p).ok()).ok_or_else(|| format!("`{}` is never {wanted}", spec.name))
    }
}

/// Months since year 0 of a date that starts `YYYY-MM`.
fn month_of(date: &str) -> Option<i64> {
    let (year, rest) = date.split_once('-')?;
    let month: i64 = rest.get(..2)?.parse().ok()?;
    (1..=12).contains(&month).then_some(())?;
    Some(year.parse::<i64>().ok()? * 12 + month - 1)
}

impl crate::model::Period {
    /// Calendar months of a period; `None` for those that are counted in days.
    fn months(self) -> Option<i64> {
        match self {
            Self::Day | Self::Week => None,
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Year => Some(12),
        }
    }
}

/// A path as it is written in messages, whatever the system.
fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}
