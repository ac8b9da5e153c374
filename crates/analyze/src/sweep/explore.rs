//! What the rows of a sweep say about its factors: Sobol indices, and boxes in which a claim holds.

use super::{Cells, Plan, SweepError, Table};
use crate::design::{Levels, Sampling};
use crate::indices::{Bootstrap, Indices, IndicesError, sobol_indices};
use crate::prim::{Prim, PrimColumn, PrimError, Trajectory};

/// First-order and total Sobol indices of every measure and claim, by the name of its column; a claim counts as 1 where it holds
/// and 0 where it does not.
///
/// - `table`: all rows of a sweep with a [`Sampling::Saltelli`] design.
/// - returns nothing for another design.
/// - cost: see [`sobol_indices`].
#[must_use]
pub fn indices(
    plan: &Plan,
    table: &Table,
    bootstrap: &Bootstrap,
) -> Vec<(String, Result<Indices, IndicesError>)> {
    if !matches!(plan.design.sampling, Sampling::Saltelli { .. }) {
        return Vec::new();
    }
    let factors = plan.design.factors.len();
    answers(plan, table).map(|(name, values)| (name, sobol_indices(&values, factors, bootstrap))).collect()
}

/// Boxes of factors in which a claim holds, or does not, by [`Prim::find`] over the points where it is defined.
///
/// Levers and cases are categories; everything else is a number. Shares of points are shares of the design: they are probabilities as far as
/// the design draws its factors from distributions that are meant.
///
/// - `claim`: the name of the claim in the plan.
/// - errors: [`SweepError::Analyze`] for a claim that the plan does not have. The box itself may not be defined: see [`PrimError`].
pub fn boxes(
    plan: &Plan,
    table: &Table,
    claim: &str,
    holds: bool,
    prim: &Prim,
) -> Result<Result<Trajectory, PrimError>, SweepError> {
    let unknown = || crate::AnalyzeError::Unknown { kind: "claim", name: claim.to_owned() };
    let name = format!("claim_{claim}");
    let Some(Cells::Switches(cells)) = table.column(&name) else { return Err(unknown().into()) };
    let defined: Vec<usize> =
        (0..cells.len()).filter(|row| matches!(cells.get(*row), Some(Some(_)))).collect();
    let interest: Vec<bool> =
        defined.iter().map(|row| cells.get(*row).copied().flatten() == Some(holds)).collect();
    let outcome: Vec<f64> = interest.iter().map(|yes| f64::from(u8::from(*yes))).collect();
    let columns = factor_columns(plan, table, &defined);
    Ok(prim.find(&columns, &outcome, &interest))
}

/// The factors of some rows, as boxes are looked for in them.
pub(crate) fn factor_columns(plan: &Plan, table: &Table, rows: &[usize]) -> Vec<PrimColumn> {
    let factors = plan.design.factors.iter();
    factors.map(|factor| column(table.column(&factor.subject.column()), &factor.levels, rows)).collect()
}

fn column(cells: Option<&Cells>, levels: &Levels, rows: &[usize]) -> PrimColumn {
    let every =
        |value: &dyn Fn(usize) -> usize| PrimColumn::Categories(rows.iter().map(|r| value(*r)).collect());
    match (cells, levels) {
        (Some(Cells::Switches(cells)), _) => {
            every(&|row| usize::from(cells.get(row).copied().flatten() == Some(true)))
        }
        (Some(Cells::Texts(cells)), Levels::Cases(cases)) => every(&|row| {
            let name = cells.get(row).and_then(Option::as_deref);
            cases.iter().position(|case| Some(case.as_str()) == name).unwrap_or(cases.len())
        }),
        (Some(Cells::Numbers(cells)), _) => {
            // A required column has all its cells.
            PrimColumn::Numbers(
                rows.iter().map(|r| cells.get(*r).copied().flatten().unwrap_or(0.0)).collect(),
            )
        }
        _ => PrimColumn::Numbers(vec![0.0; rows.len()]),
    }
}

/// The columns of measures and claims, as numbers.
fn answers<'t>(plan: &Plan, table: &'t Table) -> impl Iterator<Item = (String, Vec<Option<f64>>)> + 't {
    let names = plan.columns();
    let first = plan.design.factors.len() + 5;
    names.into_iter().skip(first).filter_map(|name| {
        let values = match table.column(&name)? {
            Cells::Numbers(cells) => cells.clone(),
            Cells::Switches(cells) => {
                cells.iter().map(|cell| cell.map(|yes| f64::from(u8::from(yes)))).collect()
            }
            _ => return None,
        };
        Some((name, values))
    })
}
