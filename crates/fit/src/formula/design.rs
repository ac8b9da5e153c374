//! [`Formula`] and [`Table`] → regressors, with every problem reported and missing rows counted.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Expression, Factor, Formula, Function, Operation, Side};
use crate::data::{Column, Table};
use crate::error::{FitError, Problem};
use crate::likelihood::{Design, Equation};
use crate::linear::{Cholesky, Square};

/// What is observed: a column left of `~`, without the rows that were dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Column,
}

/// How the columns of an equation are computed from any table with the same columns.
#[derive(Clone, Debug)]
pub struct Columns {
    sides: Vec<(String, Side)>,
    /// Levels of each column of labels that is used.
    levels: BTreeMap<String, Vec<String>>,
}

/// Data made ready for a model.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What is observed.
    pub responses: Vec<Response>,
    /// Regressors of the equations that are not zero.
    pub design: Design,
    /// How they were computed.
    pub columns: Columns,
    /// Rows of the table that are used.
    pub rows: Vec<usize>,
    /// Rows of the table.
    pub of: usize,
    /// Rows dropped, by the column that was missing first.
    pub dropped: Vec<(String, usize)>,
}

/// Evaluates the equations of a formula on a table.
///
/// `equations` pairs a name with a side; zero sides are left out. Rows in which anything that is used is missing, or in which a function is not
/// defined, are dropped and counted. `also` names further columns that must be present (clusters).
///
/// # Errors
/// All of: unknown columns, words where numbers are needed, factors with one level, no rows left, regressors that depend linearly on others.
pub fn prepare(
    formula: &Formula,
    equations: &[(String, Side)],
    also: &[String],
    table: &Table,
) -> Result<Prepared, FitError> {
    let sides: Vec<(String, Side)> = equations.iter().filter(|(_, side)| !side.is_zero()).cloned().collect();
    let mut problems = Vec::new();
    for (name, place) in &formula.left {
        if table.column(name).is_none() {
            problems.push(table.unknown(name).at(place.clone()));
        }
    }
    for name in also {
        if table.column(name).is_none() {
            problems.push(table.unknown(name));
        }
    }
    for factor in factors(&sides) {
        check(&factor.expression, true, table, &mut problems);
    }
    if !problems.is_empty() {
        return Err(FitError::Invalid(problems));
    }
    let (rows, dropped) = complete_rows(formula, &sides, also, table);
    if rows.is_empty() {
        let problem = Problem::new("no row is complete: in every one something is missing");
        return Err(problem.hint(missing_words(&dropped)).into());
    }
    let mut levels = BTreeMap::new();
    for factor in factors(&sides) {
        if let Some(name) = labels(&factor.expression, table)
            && let Some(column) = table.column(name)
        {
            let found = column.levels(&rows);
            if found.len() < 2 {
                problems.push(
                    Problem::new(format!(
                        "{name:?} is the same in all {} rows that are complete",
                        rows.len()
                    ))
                    .hint("leave it out")
                    .at(factor.place.clone()),
                );
            }
            levels.insert(name.to_owned(), found);
        }
    }
    let columns = Columns { sides, levels };
    let design = matrix(&columns, table, &rows)?;
    problems.extend(dependent(&columns, &design));
    if !problems.is_empty() {
        return Err(FitError::Invalid(problems));
    }
    let response = |(name, _): &(String, Range<usize>)| {
        let values = match table.column(name)? {
            Column::Numbers(x) => Column::Numbers(rows.iter().map(|&r| x[r]).collect()),
            Column::Words(x) => Column::Words(rows.iter().map(|&r| x[r].clone()).collect()),
        };
        Some(Response { name: name.clone(), values })
    };
    let responses = formula.left.iter().filter_map(response).collect();
    Ok(Prepared { responses, design, columns, rows, of: table.rows(), dropped })
}

impl Columns {
    /// Columns of the data that equations use, in the order in which they occur first.
    #[must_use]
    pub fn used(&self) -> Vec<String> {
        let mut out = Vec::new();
        for factor in factors(&self.sides) {
            names(&factor.expression, &mut out);
        }
        out
    }
}

impl Formula {
    /// Columns of the data that the formula mentions, what is observed included.
    #[must_use]
    pub fn mentioned(&self) -> Vec<String> {
        let mut out = self.left.iter().map(|(name, _)| name.clone()).collect();
        let factors = self.right.iter().flat_map(|side| &side.terms).flat_map(|term| &term.factors);
        factors.for_each(|factor| names(&factor.expression, &mut out));
        out
    }
}

fn names(expression: &Expression, out: &mut Vec<String>) {
    match expression {
        Expression::Number(_) => {}
        Expression::Column(name, _) | Expression::Labels(name, _) => {
            if !out.contains(name) {
                out.push(name.clone());
            }
        }
        Expression::Call(_, argument) => names(argument, out),
        Expression::Binary(_, a, b) => {
            names(a, out);
            names(b, out);
        }
    }
}

impl Prepared {
    /// The rows that are used, of all columns that are, with other values in one of them.
    pub(crate) fn with(&self, table: &Table, name: &str, values: Column) -> Table {
        let used = self.columns.used();
        let take = |used: &String| match table.column(used) {
            _ if used == name => values.clone(),
            Some(Column::Numbers(x)) => Column::Numbers(self.rows.iter().map(|&r| x[r]).collect()),
            Some(Column::Words(x)) => Column::Words(self.rows.iter().map(|&r| x[r].clone()).collect()),
            None => Column::Numbers(vec![f64::NAN; self.rows.len()]),
        };
        let columns = used.iter().map(take).collect();
        Table::replaced(used, columns, self.rows.len())
    }

    /// Gives an equation another name.
    pub(crate) fn rename(&mut self, old: &str, new: &str) {
        for equation in self.design.equations.iter_mut().filter(|e| e.name == old) {
            new.clone_into(&mut equation.name);
        }
        for (name, _) in self.columns.sides.iter_mut().filter(|(name, _)| name == old) {
            new.clone_into(name);
        }
    }
}

fn missing_words(dropped: &[(String, usize)]) -> String {
    let one = |(name, count): &(String, usize)| format!("{name} in {count}");
    dropped.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn factors(sides: &[(String, Side)]) -> impl Iterator<Item = &Factor> {
    sides.iter().flat_map(|(_, side)| &side.terms).flat_map(|term| &term.factors)
}

/// Whether columns exist and are numbers where they have to be.
fn check(expression: &Expression, top: bool, table: &Table, problems: &mut Vec<Problem>) {
    match expression {
        Expression::Number(_) => {}
        Expression::Column(name, place) | Expression::Labels(name, place) => match table.column(name) {
            None => problems.push(table.unknown(name).at(place.clone())),
            Some(Column::Words(_)) if !top => problems.push(
                Problem::new(format!("{name:?} holds words, and nothing can be computed from words"))
                    .hint("as a term of its own it becomes one indicator a level")
                    .at(place.clone()),
            ),
            Some(_) => {}
        },
        Expression::Call(_, argument) => check(argument, false, table, problems),
        Expression::Binary(_, a, b) => {
            check(a, false, table, problems);
            check(b, false, table, problems);
        }
    }
}

/// The column whose labels a factor stands for, if it does.
fn labels<'a>(expression: &'a Expression, table: &Table) -> Option<&'a str> {
    match expression {
        Expression::Labels(name, _) => Some(name),
        Expression::Column(name, _) => {
            matches!(table.column(name), Some(Column::Words(_))).then_some(name.as_str())
        }
        _ => None,
    }
}

/// The value of an expression in a row; NaN where something is missing or not defined.
fn value(expression: &Expression, table: &Table, row: usize) -> f64 {
    match expression {
        Expression::Number(x) => *x,
        Expression::Column(name, _) | Expression::Labels(name, _) => match table.column(name) {
            Some(Column::Numbers(x)) => x[row],
            // Labels are counted elsewhere; here only whether they are there matters.
            Some(Column::Words(x)) if x[row].is_some() => 0.0,
            _ => f64::NAN,
        },
        Expression::Call(function, argument) => {
            let x = value(argument, table, row);
            match function {
                Function::Sqrt => x.sqrt(),
                Function::Exp => x.exp(),
                Function::Log => x.ln(),
                Function::Abs => x.abs(),
                Function::Negative => -x,
            }
        }
        Expression::Binary(operation, a, b) => {
            let (a, b) = (value(a, table, row), value(b, table, row));
            match operation {
                Operation::Add => a + b,
                Operation::Subtract => a - b,
                Operation::Multiply => a * b,
                Operation::Divide => a / b,
                Operation::Power => a.powf(b),
            }
        }
    }
}

/// Rows in which everything is there, and what was missing in the others.
fn complete_rows(
    formula: &Formula,
    sides: &[(String, Side)],
    also: &[String],
    table: &Table,
) -> (Vec<usize>, Vec<(String, usize)>) {
    let mut dropped: Vec<(String, usize)> = Vec::new();
    let mut rows = Vec::new();
    let columns: Vec<&String> = formula.left.iter().map(|(name, _)| name).chain(also).collect();
    for row in 0..table.rows() {
        let gone = |name: &&&String| table.column(name).is_none_or(|c| c.missing(row));
        let missing = columns.iter().find(gone).map(|name| (*name).clone()).or_else(|| {
            factors(sides).find(|f| !value(&f.expression, table, row).is_finite()).map(|f| f.name.clone())
        });
        match missing {
            None => rows.push(row),
            Some(name) => match dropped.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => dropped.push((name, 1)),
            },
        }
    }
    (rows, dropped)
}

/// The regressors of some rows of a table.
///
/// # Errors
/// When a label is not among the levels seen at first.
pub fn matrix(columns: &Columns, table: &Table, rows: &[usize]) -> Result<Design, FitError> {
    let mut equations = Vec::new();
    let mut all: Vec<Vec<f64>> = Vec::new();
    for (name, side) in &columns.sides {
        let mut names = Vec::new();
        if side.intercept {
            names.push("(Intercept)".to_owned());
            all.push(vec![1.0; rows.len()]);
        }
        for term in &side.terms {
            let mut parts: Vec<(String, Vec<f64>)> = vec![(String::new(), vec![1.0; rows.len()])];
            for (position, factor) in term.factors.iter().enumerate() {
                let next = expand(columns, side, &term.factors, position, factor, table, rows)?;
                // As in R the first factor varies fastest.
                let cross = |(b, y): &(String, Vec<f64>)| {
                    parts
                        .iter()
                        .map(|(a, x)| {
                            let name = if a.is_empty() { b.clone() } else { format!("{a}:{b}") };
                            (name, x.iter().zip(y).map(|(x, y)| x * y).collect())
                        })
                        .collect::<Vec<_>>()
                };
                parts = next.iter().flat_map(cross).collect();
            }
            for (name, values) in parts {
                names.push(name);
                all.push(values);
            }
        }
        equations.push(Equation { name: name.clone(), columns: names });
    }
    let data = (0..rows.len()).flat_map(|i| all.iter().map(move |column| column[i])).collect();
    Ok(Design::new(equations, data, rows.len()))
}

/// The columns of one factor of a term.
fn expand(
    columns: &Columns,
    side: &Side,
    term: &[Factor],
    position: usize,
    factor: &Factor,
    table: &Table,
    rows: &[usize],
) -> Result<Vec<(String, Vec<f64>)>, FitError> {
    let levels = match &factor.expression {
        Expression::Labels(name, _) | Expression::Column(name, _) => {
            columns.levels.get(name).map(|levels| (name, levels))
        }
        _ => None,
    };
    let Some((name, levels)) = levels else {
        let values = rows.iter().map(|&r| value(&factor.expression, table, r)).collect();
        return Ok(vec![(factor.name.clone(), values)]);
    };
    let Some(column) = table.column(name) else { return Err(table.unknown(name).into()) };
    for &row in rows {
        let label = column.label(row).unwrap_or_default();
        if !levels.contains(&label) {
            let problem = Problem::new(format!("{label:?} is not a level of {name:?}"));
            return Err(problem.hint(format!("levels: {}", levels.join(", "))).into());
        }
    }
    // A level is left out exactly where the rest of the product is in the equation already, as in R: only then would all levels add up to it.
    let others: Vec<&str> =
        term.iter().enumerate().filter(|(at, _)| *at != position).map(|(_, f)| f.name.as_str()).collect();
    let there = if others.is_empty() {
        side.intercept || !first_of_its_kind(columns, side, factor)
    } else {
        side.terms.iter().any(|t| {
            t.factors.len() == others.len() && t.factors.iter().all(|f| others.contains(&f.name.as_str()))
        })
    };
    let indicator = |level: &String| {
        let of = |&row: &usize| f64::from(u8::from(column.label(row).as_ref() == Some(level)));
        (format!("{}{level}", factor.name), rows.iter().map(of).collect())
    };
    Ok(levels.iter().skip(usize::from(there)).map(indicator).collect())
}

/// Without an intercept the first factor of labels keeps all its levels, and the others lose one each.
fn first_of_its_kind(columns: &Columns, side: &Side, factor: &Factor) -> bool {
    let is_label = |f: &Factor| matches!(&f.expression, Expression::Labels(n, _) | Expression::Column(n, _) if columns.levels.contains_key(n));
    let first = side.terms.iter().find(|t| t.factors.len() == 1 && t.factors.iter().all(is_label));
    first.and_then(|t| t.factors.first()).is_some_and(|f| f.name == factor.name)
}

/// Share of a regressor's size below which what the others leave of it counts as nothing.
const DEPENDENT: f64 = 1e-12;

/// Regressors that are constant sums of others in the same equation.
fn dependent(columns: &Columns, design: &Design) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, equation) in design.equations.iter().enumerate() {
        let range = design.range(number);
        let mut gram = Square::zeros(range.len());
        for i in 0..design.observations() {
            gram.add_outer(1.0, &design.row(i)[range.clone()]);
        }
        if let Err(at) = Cholesky::new(&gram, DEPENDENT) {
            let name = &equation.columns[at];
            let what = format!("in {}, {name:?} depends linearly on what stands before it", equation.name);
            let place = columns.sides.get(number).map(|(_, side)| side.place.clone());
            let hint = "it is constant, or a sum of other regressors: leave it out";
            problems.push(Problem { what, hint: Some(hint.to_owned()), place });
        }
    }
    problems
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table::from_csv(b"y,x,g,h\n0,1,a,u\n1,2,b,v\n1,NA,c,u\n0,4,a,v\n1,-5,b,u\n0,7,c,u\n1,3,c,v\n")
            .unwrap()
    }

    fn columns(right: &str) -> Result<Prepared, FitError> {
        let formula = Formula::parse(&format!("y ~ {right}")).unwrap();
        let sides: Vec<_> =
            formula.right.iter().enumerate().map(|(i, s)| (format!("e{i}"), s.clone())).collect();
        prepare(&formula, &sides, &[], &table())
    }

    #[test]
    fn factors_lose_their_first_level_only_beside_an_intercept() {
        assert_eq!(columns("g").unwrap().design.names(), ["e0:(Intercept)", "e0:gb", "e0:gc"]);
        assert_eq!(columns("g - 1").unwrap().design.names(), ["e0:ga", "e0:gb", "e0:gc"]);
        assert_eq!(columns("g + h - 1").unwrap().design.names(), ["e0:ga", "e0:gb", "e0:gc", "e0:hv"]);
    }

    #[test]
    fn missing_rows_are_dropped_and_counted() {
        let prepared = columns("x | 0 | log(x)").unwrap();
        assert_eq!(prepared.dropped, [("x".to_owned(), 1), ("log(x)".to_owned(), 1)]);
        assert_eq!((prepared.rows.len(), prepared.of), (5, 7));
        assert_eq!(prepared.design.equations.len(), 2);
    }

    #[test]
    fn products_cross() {
        let prepared = columns("x*h").unwrap();
        assert_eq!(prepared.design.names(), ["e0:(Intercept)", "e0:x", "e0:hv", "e0:x:hv"]);
        assert_eq!(prepared.design.row(1), [1.0, 2.0, 1.0, 2.0]);
    }

    #[test]
    fn every_problem_is_reported() {
        let Err(FitError::Invalid(problems)) = columns("X + sqrt(g) | zz") else { panic!() };
        let texts: Vec<&str> = problems.iter().map(|p| p.what.as_str()).collect();
        assert_eq!(
            texts,
            [
                "the data have no column \"X\"",
                "\"g\" holds words, and nothing can be computed from words",
                "the data have no column \"zz\""
            ]
        );
        let Err(FitError::Invalid(problems)) = columns("x + I(2*x + 1)") else { panic!() };
        assert!(problems[0].what.contains("depends linearly"), "{:?}", problems[0]);
    }
}
