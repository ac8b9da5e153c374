//! What a fitted model predicts: probabilities over a profile with intervals, and average marginal effects.

use serde::Serialize;

use crate::data::{Column, Table};
use crate::error::{FitError, Problem};
use crate::estimate::{Fitted, normal_quantile};
use crate::formula::matrix;
use crate::inference::{normal_draw, quantile, stream};
use crate::likelihood::{Design, Model};
use crate::linear::Cholesky;

/// Values that some columns take, all combinations of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profile {
    /// Columns and their values as words.
    pub values: Vec<(String, Vec<String>)>,
}

/// Most rows of a profile: more is no table that anybody reads.
const MOST_ROWS: usize = 10_000;

impl Profile {
    /// Reads `x=1`, `x=-1:1:5` (five values from −1 to 1) and `g=a,b`, one string a column.
    ///
    /// # Errors
    /// All that is not understood.
    pub fn parse(parts: &[String]) -> Result<Self, FitError> {
        let (mut values, mut problems): (Vec<(String, Vec<String>)>, _) = (Vec::new(), Vec::new());
        for part in parts {
            let read = part.split_once('=').filter(|(n, v)| !n.trim().is_empty() && !v.trim().is_empty());
            let Some((name, list)) = read else {
                problems.push(
                    Problem::new(format!("{part:?} is no column with its values"))
                        .hint("such as x=0.5, x=-1:1:5 for five values from -1 to 1, or group=a,b"),
                );
                continue;
            };
            let name = name.trim().to_owned();
            if values.iter().any(|(known, _)| *known == name) {
                problems.push(Problem::new(format!("{name:?} is given twice")));
            }
            values.push((
                name,
                span(list).unwrap_or_else(|| list.split(',').map(|v| v.trim().to_owned()).collect()),
            ));
        }
        let rows = values.iter().fold(1_usize, |n, (_, list)| n.saturating_mul(list.len()));
        if rows > MOST_ROWS {
            problems
                .push(Problem::new(format!("the profile has {rows} rows; at most {MOST_ROWS} are computed")));
        }
        if problems.is_empty() { Ok(Self { values }) } else { Err(FitError::Invalid(problems)) }
    }
}

/// `from:to:count`.
fn span(text: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    let [from, to, count] = parts.as_slice() else { return None };
    let (from, to): (f64, f64) = (from.parse().ok()?, to.parse().ok()?);
    let count: usize = count.parse().ok().filter(|n| (2..=MOST_ROWS).contains(n))?;
    let step = (to - from) / (count - 1) as f64;
    (from.is_finite() && to.is_finite())
        .then(|| (0..count).map(|i| (from + step * i as f64).to_string()).collect())
}

/// One predicted number.
#[derive(Clone, Debug, Serialize)]
pub struct Prediction {
    /// The columns of the profile, and their values.
    pub at: Vec<(String, String)>,
    /// What is predicted.
    pub quantity: String,
    /// The prediction at the estimate.
    pub estimate: f64,
    /// Its standard error by the delta method; absent where the covariance is.
    pub standard_error: Option<f64>,
    /// Percentiles over bootstrap replicates, or over draws from the estimates' normal distribution.
    pub interval: Option<[f64; 2]>,
}

/// Predictions with what all other columns were held at.
#[derive(Clone, Debug, Serialize)]
pub struct Predictions {
    /// Columns that are used but not in the profile: numbers at their mean (0/1 columns at what is more frequent), words at the most frequent.
    pub held: Vec<(String, String)>,
    /// The predictions.
    pub rows: Vec<Prediction>,
    /// Where intervals come from: `bootstrap` or `normal draws`.
    pub intervals: &'static str,
}

/// Draws from the normal distribution of estimates behind an interval.
const DRAWS: u64 = 1000;

/// Predicts every quantity of the model at every combination of values.
///
/// Cost: (replicates or 1000 draws) × rows of the profile evaluations of one observation.
///
/// # Errors
/// Columns that no equation uses, values that are no number or no level.
pub fn predict(fitted: &Fitted, table: &Table, profile: &Profile) -> Result<Predictions, FitError> {
    let used = fitted.prepared.columns.used();
    let mut problems = Vec::new();
    for (name, list) in &profile.values {
        match table.column(name) {
            None => problems.push(table.unknown(name)),
            Some(_) if !used.contains(name) => {
                let problem = Problem::new(format!("no equation uses {name:?}"));
                problems.push(problem.hint(format!("used are {}", used.join(", "))));
            }
            Some(Column::Numbers(_)) => {
                let bad = list.iter().filter(|v| v.parse::<f64>().is_ok_and(f64::is_finite).eq(&false));
                problems.extend(bad.map(|v| Problem::new(format!("{v:?} is no number for {name:?}"))));
            }
            Some(Column::Words(_)) => {}
        }
    }
    if !problems.is_empty() {
        return Err(FitError::Invalid(problems));
    }
    let combinations = combinations(profile);
    let mut held = Vec::new();
    let mut columns = Vec::new();
    for name in &used {
        let Some(column) = table.column(name) else { continue };
        let values: Vec<String> = match profile.values.iter().position(|(n, _)| n == name) {
            Some(at) => combinations.iter().map(|c| c[at].clone()).collect(),
            None => {
                let typical = typical(column, &fitted.prepared.rows);
                held.push((name.clone(), typical.clone()));
                vec![typical; combinations.len()]
            }
        };
        columns.push((name.clone(), like(column, values)));
    }
    let rows = combinations.len();
    let (names, columns) = columns.into_iter().unzip();
    let table = Table::replaced(names, columns, rows);
    let everything: Vec<usize> = (0..rows).collect();
    let design = matrix(&fitted.prepared.columns, &table, &everything)?;
    let draws = draws(fitted);
    let model = fitted.model.as_ref();
    let mut out = Vec::new();
    for (row, combination) in combinations.iter().enumerate() {
        let names = profile.values.iter().map(|(name, _)| name.clone());
        let at: Vec<(String, String)> = names.zip(combination.iter().cloned()).collect();
        for (number, quantity) in model.quantities().into_iter().enumerate() {
            let (estimate, gradient) = quantity_at(model, &design, row, number, &fitted.maximum.point);
            let variance = fitted.covariance.as_ref().map(|c| c.form(&gradient, &gradient));
            let mut spread: Vec<f64> = draws
                .iter()
                .map(|point| quantity_at(model, &design, row, number, point).0)
                .filter(|x| x.is_finite())
                .collect();
            spread.sort_by(f64::total_cmp);
            let half = 0.5 - 0.5 * fitted.estimates.request.level;
            let interval = quantile(&spread, half).zip(quantile(&spread, 1.0 - half)).map(|(a, b)| [a, b]);
            out.push(Prediction {
                at: at.clone(),
                quantity,
                estimate,
                standard_error: variance.filter(|v| *v >= 0.0).map(f64::sqrt),
                interval,
            });
        }
    }
    let intervals = if fitted.replicates.is_some() { "bootstrap" } else { "normal draws" };
    Ok(Predictions { held, rows: out, intervals })
}

/// An effect averaged over observations.
#[derive(Clone, Debug, Serialize)]
pub struct Effect {
    /// The column that changes.
    pub column: String,
    /// What changes: `slope`, or `a → b` for a step between labels or between 0 and 1.
    pub change: String,
    /// What is predicted.
    pub quantity: String,
    /// The average change of the prediction.
    pub effect: f64,
    /// Its standard error by the delta method.
    pub standard_error: Option<f64>,
    /// Estimate ± the normal quantile times the error.
    pub interval: Option<[f64; 2]>,
}

/// Average marginal effects of every column on every quantity: slopes for numbers, steps from the first level for labels and 0/1 columns.
///
/// Slopes are central differences of a thousandth of the column's standard deviation.
///
/// # Errors
/// When the regressors cannot be computed at the changed values.
pub fn effects(fitted: &Fitted, table: &Table) -> Result<Vec<Effect>, FitError> {
    let rows = &fitted.prepared.rows;
    let mut out = Vec::new();
    for name in fitted.prepared.columns.used() {
        let Some(column) = table.column(&name) else { continue };
        for (change, low, high, distance) in changes(column, rows) {
            let design = |values: Column| {
                let all: Vec<usize> = (0..rows.len()).collect();
                matrix(&fitted.prepared.columns, &fitted.prepared.with(table, &name, values), &all)
            };
            let (low, high) = (design(low)?, design(high)?);
            let model = fitted.model.as_ref();
            for (number, quantity) in model.quantities().into_iter().enumerate() {
                let (up, of_up) = mean(model, &high, number, &fitted.maximum.point);
                let (down, of_down) = mean(model, &low, number, &fitted.maximum.point);
                let effect = (up - down) / distance;
                let gradient: Vec<f64> =
                    of_up.iter().zip(&of_down).map(|(a, b)| (a - b) / distance).collect();
                let error = fitted.covariance.as_ref().map(|c| c.form(&gradient, &gradient));
                let error = error.filter(|v| *v >= 0.0).map(f64::sqrt);
                let width = normal_quantile(fitted.estimates.request.level);
                out.push(Effect {
                    column: name.clone(),
                    change: change.clone(),
                    quantity,
                    effect,
                    standard_error: error,
                    interval: error.map(|e| [effect - width * e, effect + width * e]),
                });
            }
        }
    }
    Ok(out)
}

/// What a column is changed from and to, and by how much.
fn changes(column: &Column, rows: &[usize]) -> Vec<(String, Column, Column, f64)> {
    let levels = column.levels(rows);
    let n = rows.len();
    match column {
        Column::Words(_) => {
            let constant = |level: &String| Column::Words(vec![Some(level.clone()); n]);
            let Some(first) = levels.first() else { return Vec::new() };
            let step = |level: &String| (format!("{first} → {level}"), constant(first), constant(level), 1.0);
            levels.iter().skip(1).map(step).collect()
        }
        Column::Numbers(_) if levels == ["0", "1"] => {
            vec![("0 → 1".to_owned(), Column::Numbers(vec![0.0; n]), Column::Numbers(vec![1.0; n]), 1.0)]
        }
        Column::Numbers(x) => {
            let values: Vec<f64> = rows.iter().map(|&r| x[r]).collect();
            let mean = values.iter().sum::<f64>() / n as f64;
            let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
            let h = 1e-3 * deviation;
            if !(h > 0.0) {
                return Vec::new();
            }
            let by = |h: f64| Column::Numbers(values.iter().map(|v| v + h).collect());
            vec![("slope".to_owned(), by(-h), by(h), 2.0 * h)]
        }
    }
}

/// The mean of a quantity over rows, and its gradient.
fn mean(model: &dyn Model, design: &Design, number: usize, point: &[f64]) -> (f64, Vec<f64>) {
    let n = design.observations() as f64;
    let mut gradient = vec![0.0; point.len()];
    let mut sum = 0.0;
    for row in 0..design.observations() {
        let (value, one) = quantity_at(model, design, row, number, point);
        sum += value;
        gradient.iter_mut().zip(one).for_each(|(g, o)| *g += o / n);
    }
    (sum / n, gradient)
}

fn quantity_at(
    model: &dyn Model,
    design: &Design,
    row: usize,
    number: usize,
    point: &[f64],
) -> (f64, Vec<f64>) {
    let m = model.indices();
    let (mut eta, mut gradient, mut out) = (vec![0.0; m], vec![0.0; m], vec![0.0; point.len()]);
    let row = design.row(row);
    design.indices_of(row, point, &mut eta);
    let value = model.quantity(number, &eta, &mut gradient);
    design.add_gradient(row, &gradient, 1.0, &mut out);
    (value, out)
}

/// Points that stand for the uncertainty of the estimate.
fn draws(fitted: &Fitted) -> Vec<Vec<f64>> {
    if let Some(replicates) = &fitted.replicates {
        return replicates.coefficients.clone();
    }
    let factor = fitted.covariance.as_ref().and_then(|c| Cholesky::new(c, 1e-14).ok());
    let Some(factor) = factor else { return Vec::new() };
    let one = |number: u64| {
        let mut random = stream(fitted.estimates.request.seed, 1 << 40 | number);
        let noise: Vec<f64> = (0..fitted.maximum.point.len()).map(|_| normal_draw(&mut random)).collect();
        fitted.maximum.point.iter().zip(factor.times(&noise)).map(|(x, d)| x + d).collect()
    };
    (0..DRAWS).map(one).collect()
}

fn combinations(profile: &Profile) -> Vec<Vec<String>> {
    let mut out: Vec<Vec<String>> = vec![Vec::new()];
    for (_, list) in &profile.values {
        let add = |row: &Vec<String>, value: &String| {
            let mut longer = row.clone();
            longer.push(value.clone());
            longer
        };
        out = out.iter().flat_map(|row| list.iter().map(move |value| add(row, value))).collect();
    }
    out
}

/// The mean of numbers, the most frequent of labels and of 0 and 1.
fn typical(column: &Column, rows: &[usize]) -> String {
    let levels = column.levels(rows);
    if let Column::Numbers(x) = column
        && levels != ["0", "1"]
    {
        let mean = rows.iter().map(|&r| x[r]).sum::<f64>() / rows.len() as f64;
        return mean.to_string();
    }
    let count = |level: &String| rows.iter().filter(|&&r| column.label(r).as_ref() == Some(level)).count();
    // Of equally frequent ones the first.
    levels.iter().rev().max_by_key(|level| count(level)).cloned().unwrap_or_default()
}

/// A column of the same kind with these values.
fn like(column: &Column, values: Vec<String>) -> Column {
    match column {
        Column::Numbers(_) => Column::Numbers(values.iter().map(|v| v.parse().unwrap_or(f64::NAN)).collect()),
        Column::Words(_) => Column::Words(values.into_iter().map(Some).collect()),
    }
}
