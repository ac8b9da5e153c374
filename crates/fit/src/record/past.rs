//! What a model may see of a record: its first rows. Later ones are not in the type.

use armistice_scenario::{Observation, Record};

/// The rows of a record up to some period. Whatever is estimated or predicted takes this, so that it cannot see what came later.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    rows: Vec<Observation>,
}

impl Past {
    /// The first `rows` rows.
    #[must_use]
    pub fn until(record: &Record, rows: usize) -> Self {
        Self { rows: record.periods.iter().take(rows).cloned().collect() }
    }

    /// All rows.
    #[must_use]
    pub fn all(record: &Record) -> Self {
        Self::until(record, record.periods.len())
    }

    /// Rows that come from no table, such as those of a war that was drawn.
    #[must_use]
    pub fn of(rows: Vec<Observation>) -> Self {
        Self { rows }
    }

    /// The rows, in order.
    #[must_use]
    pub fn rows(&self) -> &[Observation] {
        &self.rows
    }

    /// How many rows there are: the period that comes next.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing is known yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
