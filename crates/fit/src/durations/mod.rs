//! How long wars last: forecasts that are made without the war they are about, and their scores.
//!
//! [`Wars`] reads a table of wars, [`backtest`] leaves out one war after the other, estimates every [`Model`] on the others, and scores what these
//! predict for the war that was left out. [`DurationBacktest`] is the document. Baselines are the usual distributions of durations;
//! [`Model::Waiting`] is structural: how long it takes until two sides that disagree about who will win agree well enough to settle.

mod backtest;
mod baseline;
mod fit;
mod gamma;
mod predictive;
mod render;
mod waiting;

use crate::data::{Column, Table};
use crate::error::{FitError, Problem};

pub use backtest::{
    CONDITION, Difference, DurationBacktest, Forecast, HORIZONS, ModelScores, Parameter, SampleScores,
    backtest,
};
pub use fit::{Fit, Model};
pub use predictive::Predictive;
pub use waiting::{Prior, WAITING_PRIORS};

/// Fewest wars of which one can be left out: three more than the most coefficients a baseline has, twice.
pub const FEWEST: usize = 12;

/// A war: how long it lasted, and what was known when it began.
#[derive(Clone, Debug, PartialEq)]
pub struct War {
    /// Its name.
    pub name: String,
    /// Days it lasted.
    pub days: f64,
    /// Logarithms of the capabilities of two sides: of the one that began, and of the other.
    pub capabilities: Option<[f64; 2]>,
    /// Whether it is known which side began; otherwise the two are in no order.
    pub began: bool,
    /// 1 for wars of a later period, otherwise 0.
    pub period: f64,
}

/// Which columns of a table say what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Days that a war lasted.
    pub duration: String,
    /// Name of the war.
    pub name: Option<String>,
    /// Capability of the first and of the second side, in any unit.
    pub capabilities: Option<[String; 2]>,
    /// Which side began: 1 or 2.
    pub initiator: Option<String>,
    /// Whether the war is of a later period: 0 or 1.
    pub period: Option<String>,
}

/// A group of wars that is scored by itself: those with a value in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The column.
    pub column: String,
    /// The value, as a label.
    pub value: String,
}

/// Wars, and groups of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Wars {
    /// The wars.
    pub wars: Vec<War>,
    /// Names of groups, and which wars are in them.
    pub groups: Vec<(String, Vec<usize>)>,
    /// Rows left out because something in them is missing.
    pub dropped: usize,
    /// What is known of wars when they begin, in words.
    pub covariates: Vec<&'static str>,
}

impl Wars {
    /// Reads wars from a table. Rows in which a column that is used has a gap are left out and counted.
    ///
    /// # Errors
    /// Every problem at once: columns that are not there, durations or capabilities that are not positive, sides other than 1 and 2, periods other than 0 and 1,
    /// groups of which no war is a member or that are too small.
    pub fn read(table: &Table, columns: &Columns, groups: &[Group]) -> Result<Self, FitError> {
        let mut problems = Vec::new();
        let mut numbers = |name: &String, what: &str, valid: &dyn Fn(f64) -> bool, hint: &str| {
            let values = match table.column(name) {
                Some(Column::Numbers(values)) => values.clone(),
                Some(Column::Words(_)) => {
                    problems.push(Problem::new(format!("{name:?} holds words: {what} is a number")));
                    return vec![f64::NAN; table.rows()];
                }
                None => {
                    problems.push(table.unknown(name));
                    return vec![f64::NAN; table.rows()];
                }
            };
            let wrong: Vec<String> = (0..table.rows())
                .filter(|&row| !values[row].is_nan() && !valid(values[row]))
                .map(|row| format!("{} in row {}", values[row], row + 1))
                .collect();
            if let Some(first) = wrong.first() {
                let others = wrong.len() - 1;
                let more = if others > 0 { format!(" and {others} more") } else { String::new() };
                problems.push(Problem::new(format!("{name:?} has {first}{more}: {what}")).hint(hint));
            }
            values
        };
        let positive = |x: f64| x > 0.0;
        let days = numbers(
            &columns.duration,
            "a duration is a positive number of days",
            &positive,
            "count the first and the last day",
        );
        let capabilities = columns.capabilities.as_ref().map(|names| {
            let says = "a capability is a positive number";
            names
                .each_ref()
                .map(|n| numbers(n, says, &positive, "leave the cell empty where it is not known"))
        });
        let side = |x: f64| x == 1.0 || x == 2.0;
        let initiator = columns.initiator.as_ref().map(|name| {
            numbers(name, "the side that began is 1 or 2", &side, "1 is the side of the first capability")
        });
        let flag = |x: f64| x == 0.0 || x == 1.0;
        let period = columns
            .period
            .as_ref()
            .map(|name| numbers(name, "a period is 0 or 1", &flag, "1 for wars of the later period"));
        let name = columns.name.as_ref().and_then(|name| {
            let column = table.column(name);
            if column.is_none() {
                problems.push(table.unknown(name));
            }
            column
        });
        let members: Vec<Option<&Column>> = groups
            .iter()
            .map(|group| {
                let column = table.column(&group.column);
                if column.is_none() {
                    problems.push(table.unknown(&group.column));
                }
                column
            })
            .collect();
        let used = capabilities.iter().flatten().chain(&initiator).chain(&period).chain([&days]);
        let used: Vec<&Vec<f64>> = used.collect();
        let kept: Vec<usize> =
            (0..table.rows()).filter(|&row| used.iter().all(|column| !column[row].is_nan())).collect();
        if problems.is_empty() && kept.len() < FEWEST {
            problems.push(
                Problem::new(format!("{} wars are complete: too few to leave one out", kept.len()))
                    .hint(format!("at least {FEWEST}")),
            );
        }
        let mut sizes = Vec::new();
        for (group, column) in groups.iter().zip(&members) {
            let Some(column) = column else { continue };
            let label = format!("{}={}", group.column, group.value);
            let is = |&&row: &&usize| column.label(row).as_ref() == Some(&group.value);
            let rows: Vec<usize> = kept.iter().filter(is).copied().collect();
            if rows.len() < FEWEST {
                let what =
                    format!("the group {label} has {} complete wars: too few to leave one out", rows.len());
                problems.push(Problem::new(what).hint(format!("at least {FEWEST}")));
            }
            sizes.push((label, rows));
        }
        if !problems.is_empty() {
            return Err(FitError::Invalid(problems));
        }
        let war = |&row: &usize| {
            let second_began = initiator.as_ref().is_some_and(|sides| sides[row] == 2.0);
            let logs = capabilities.as_ref().map(|[first, second]| {
                let pair = [first[row].ln(), second[row].ln()];
                if second_began { [pair[1], pair[0]] } else { pair }
            });
            War {
                name: name.and_then(|column| column.label(row)).unwrap_or_else(|| format!("row {}", row + 1)),
                days: days[row],
                capabilities: logs,
                began: initiator.is_some(),
                period: period.as_ref().map_or(0.0, |period| period[row]),
            }
        };
        let place = |row: &usize| kept.binary_search(row).unwrap_or(0);
        let known = [
            (capabilities.is_some(), "capabilities of both sides"),
            (capabilities.is_some() && initiator.is_some(), "which side began"),
            (period.is_some(), "period"),
        ];
        Ok(Self {
            wars: kept.iter().map(war).collect(),
            groups: sizes
                .into_iter()
                .map(|(label, rows)| (label, rows.iter().map(place).collect()))
                .collect(),
            dropped: table.rows() - kept.len(),
            covariates: known.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect(),
        })
    }
}
