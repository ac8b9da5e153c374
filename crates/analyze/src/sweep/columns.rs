//! Rows of a sweep as columns of a table.

use super::{Cells, Column, Plan, Row, Table};
use crate::design::{Factor, Levels};

/// The columns that every table of a sweep has besides its factors, measures and claims.
const POINT: &str = "point";
const STATUS: &str = "status";
const UNSOLVED: &str = "unsolved";
const ERROR: &str = "error";
const UNDEFINED: &str = "undefined";

impl Plan {
    /// The names of the columns: `point`, the factors, `status`, `unsolved`, `error`, `undefined`, the measures, and `claim_NAME` for each claim. A
    /// measure with a name that is taken is called `measure_NAME`.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut names = vec![POINT.to_owned()];
        names.extend(self.design.factors.iter().map(|factor| factor.subject.column()));
        names.extend([STATUS, UNSOLVED, ERROR, UNDEFINED].map(str::to_owned));
        for name in &self.questions.measures {
            let taken = names.contains(name);
            names.push(if taken { format!("measure_{name}") } else { name.clone() });
        }
        names.extend(self.questions.claims.iter().map(|name| format!("claim_{name}")));
        // Whatever is still there twice is told apart by its place.
        for position in 1..names.len() {
            let (before, rest) = names.split_at_mut(position);
            if let Some(name) = rest.first_mut()
                && before.contains(name)
            {
                name.push_str(&format!("_{position}"));
            }
        }
        names
    }

    /// Rows as a table.
    #[must_use]
    pub fn table(&self, rows: &[Row]) -> Table {
        let mut columns = Vec::new();
        let mut add = |cells: Cells, optional: bool| columns.push((cells, optional));
        add(Cells::Integers(rows.iter().map(|row| row.point as i64).collect()), false);
        for (k, factor) in self.design.factors.iter().enumerate() {
            let values = rows.iter().map(|row| row.values.get(k).copied().unwrap_or_default());
            add(cells(factor, values), false);
        }
        let text = |cells: Vec<Option<String>>| Cells::Texts(cells);
        add(text(rows.iter().map(|row| Some(row.status.as_str().to_owned())).collect()), false);
        add(Cells::Numbers(rows.iter().map(|row| Some(row.unsolved)).collect()), false);
        add(text(rows.iter().map(|row| row.error.clone()).collect()), true);
        add(text(rows.iter().map(|row| row.undefined.clone()).collect()), true);
        for k in 0..self.questions.measures.len() {
            let cells = rows.iter().map(|row| row.measures.get(k).copied().flatten());
            add(Cells::Numbers(cells.collect()), true);
        }
        for k in 0..self.questions.claims.len() {
            let cells = rows.iter().map(|row| row.claims.get(k).copied().flatten());
            add(Cells::Switches(cells.collect()), true);
        }
        let named = self.columns().into_iter().zip(columns);
        let columns = named.map(|(name, (cells, optional))| Column { name, cells, optional });
        Table { columns: columns.collect() }
    }
}

fn cells(factor: &Factor, values: impl Iterator<Item = f64>) -> Cells {
    match &factor.levels {
        Levels::Switch => Cells::Switches(values.map(|value| Some(value != 0.0)).collect()),
        Levels::Cases(cases) => Cells::Texts(
            values.map(|value| Some(cases.get(value as usize).cloned().unwrap_or_default())).collect(),
        ),
        _ => Cells::Numbers(values.map(Some).collect()),
    }
}
