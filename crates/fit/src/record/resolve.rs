//! Scores of forecasts that were made, by a record that has come since.

use armistice_scenario::{EvaluationError, Expression, Meaning, Value};
use serde::Serialize;

use crate::{FitError, Problem, Table};

use super::forecast::{Forecast, Quantity, Rule};
use super::scoring::{crps, log_score};

/// The scores of a forecast: `armistice.score/1`.
#[derive(Clone, Debug, Serialize)]
pub struct Resolved {
    /// Date of issue.
    pub issued: String,
    /// Every quantity.
    pub quantities: Vec<ResolvedQuantity>,
    /// Mean ln score of events resolved, in nats, as a penalty; `null` without any.
    pub log: Option<f64>,
    /// Mean Brier score of events resolved, 0 to 1, as a penalty.
    pub brier: Option<f64>,
}

/// One quantity and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct ResolvedQuantity {
    /// Its name in the forecast.
    pub id: String,
    /// Probability or mean.
    pub value: f64,
    /// What happened: 1 or 0 of an event, a number otherwise; `null` where it is not resolved.
    pub outcome: Option<f64>,
    /// Why it is not.
    pub open: Option<String>,
    /// −ln of the probability given to what happened.
    pub log: Option<f64>,
    /// (p − o)².
    pub brier: Option<f64>,
    /// Continuous ranked probability score, in the unit of the number.
    pub crps: Option<f64>,
}

/// The order of two dates as far as both are written: a record may have come to write 2020-11-01 for 2020-11.
fn in_order(a: &str, b: &str) -> std::cmp::Ordering {
    let shorter = a.len().min(b.len());
    // Numbers of periods and the like are words.
    let cut = |date: &str| if shorter < 4 { date.len() } else { shorter };
    a.get(..cut(a)).unwrap_or(a).cmp(b.get(..cut(b)).unwrap_or(b))
}

/// Scores what a table resolves: quantities whose row is there. The others stay open.
///
/// - errors: a table that does not read, or without the forecast's date column.
pub fn score_forecast(forecast: &Forecast, csv: &[u8]) -> Result<Resolved, FitError> {
    // The table's own reader finds broken rows; cells are read as text here.
    Table::from_csv(csv)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(csv);
    let wrong =
        |error: csv::Error| FitError::from(Problem::new(format!("the record is not a table: {error}")));
    let columns: Vec<String> = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
    let Some(date) = columns.iter().position(|c| *c == forecast.date_column) else {
        let what = format!(
            "the record has no column `{}`, which holds the dates of the forecast",
            forecast.date_column
        );
        return Err(Problem::new(what).into());
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in reader.records() {
        rows.push(row.map_err(wrong)?.iter().map(str::to_owned).collect());
    }
    let find =
        |wanted: &str| rows.iter().find(|row| row.get(date).is_some_and(|d| in_order(d, wanted).is_eq()));
    let mut quantities = Vec::new();
    for quantity in &forecast.quantities {
        let ended = |until: &str, expressions: &[String]| {
            // An ending in any row after the record and up to the date counts.
            rows.iter()
                .filter(|row| {
                    let after = |d: &String| in_order(d, &forecast.record.to).is_gt();
                    row.get(date).is_some_and(|d| after(d) && in_order(d, until).is_le())
                })
                .any(|row| {
                    expressions.iter().any(|e| matches!(holds(forecast, &columns, row, e), Ok(Some(true))))
                })
        };
        let outcome = match (&quantity.rule, find(&quantity.resolves)) {
            (Rule::Open, _) => Err("no column of the record resolves it".to_owned()),
            (Rule::Ended { expressions }, _) if ended(&quantity.resolves, expressions) => Ok(1.0),
            (_, None) => Err(format!("the record has no row for {}", quantity.resolves)),
            (Rule::Ended { .. }, Some(_)) => Ok(0.0),
            (Rule::Holds { expression }, Some(row)) => match holds(forecast, &columns, row, expression) {
                Ok(Some(true)) => Ok(1.0),
                Ok(Some(false)) => Ok(0.0),
                Ok(None) => Err("a cell that it needs is blank".to_owned()),
                Err(why) => Err(why),
            },
            (Rule::Change { column, from }, Some(row)) => {
                let at = columns.iter().position(|c| c == column);
                let cell = at.and_then(|at| row.get(at)).and_then(|cell| cell.parse::<f64>().ok());
                cell.map(|x| x - from).ok_or_else(|| format!("`{column}` is blank in {}", quantity.resolves))
            }
        };
        quantities.push(scored(quantity, outcome));
    }
    let mean = |pick: &dyn Fn(&ResolvedQuantity) -> Option<f64>| {
        let list: Vec<f64> = quantities.iter().filter_map(pick).collect();
        (!list.is_empty()).then(|| list.iter().sum::<f64>() / list.len() as f64)
    };
    Ok(Resolved {
        issued: forecast.issued.clone(),
        log: mean(&|q| q.log),
        brier: mean(&|q| q.brier),
        quantities,
    })
}

fn scored(quantity: &Quantity, outcome: Result<f64, String>) -> ResolvedQuantity {
    let event = quantity.sample.is_none();
    let happened = outcome.as_ref().ok().copied();
    let p = quantity.value;
    ResolvedQuantity {
        id: quantity.id.clone(),
        value: p,
        outcome: happened,
        log: happened.filter(|_| event).map(|o| log_score(if o > 0.5 { p } else { 1.0 - p })),
        brier: happened.filter(|_| event).map(|o| (p - o).powi(2)),
        crps: happened.filter(|_| !event).and_then(|o| crps(quantity.sample.as_deref()?, o)),
        open: outcome.err(),
    }
}

struct Cells<'a> {
    forecast: &'a Forecast,
    columns: &'a [String],
    row: &'a [String],
    blank: bool,
}

impl Meaning for Cells<'_> {
    fn name(&mut self, parts: &[String]) -> Result<Value, EvaluationError> {
        let unknown = || EvaluationError::Unknown { name: parts.join(".") };
        let [name] = parts else { return Err(unknown()) };
        if let Some(position) = self.columns.iter().position(|c| c == name) {
            let cell = self.row.get(position).map_or("", String::as_str);
            return match cell.parse::<f64>() {
                _ if cell.is_empty() => {
                    self.blank = true;
                    Err(unknown())
                }
                Ok(x) if x.is_finite() => Ok(Value::Number(x)),
                _ => Ok(Value::Text(cell.to_owned())),
            };
        }
        self.forecast.parameters.get(name).map(|x| Value::Number(*x)).ok_or_else(unknown)
    }

    fn call(&mut self, parts: &[String], _: &[Value]) -> Result<Value, EvaluationError> {
        Err(EvaluationError::Unknown { name: parts.join(".") })
    }
}

/// Whether an expression holds in a row; `Ok(None)` where a cell is blank.
fn holds(
    forecast: &Forecast,
    columns: &[String],
    row: &[String],
    text: &str,
) -> Result<Option<bool>, String> {
    let expression = Expression::parse(text)?;
    let mut cells = Cells { forecast, columns, row, blank: false };
    match expression.value(&mut cells) {
        Ok(Value::Boolean(b)) => Ok(Some(b)),
        Ok(_) => Err(format!("`{text}` is not true or false")),
        Err(_) if cells.blank => Ok(None),
        Err(error) => Err(error.reason()),
    }
}
