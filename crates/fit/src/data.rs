//! Tables of data from comma-separated values.

use crate::error::{FitError, Problem};

/// A column: numbers if all that is not missing reads as one, words otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers; NaN inside, and only inside, means missing.
    Numbers(Vec<f64>),
    /// Words; `None` is missing.
    Words(Vec<Option<String>>),
}

/// A table with named columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    names: Vec<String>,
    columns: Vec<Column>,
    rows: usize,
}

/// What counts as missing.
const MISSING: [&str; 4] = ["", "NA", "NaN", "."];

impl Table {
    /// Reads comma-separated values with a header. Empty cells, `NA`, `NaN` and `.` are missing. All problems are reported together, those of
    /// the first ten lines that have any.
    ///
    /// # Errors
    /// When the text is not a table: no header, names given twice, rows of different lengths, no rows.
    pub fn from_csv(text: &[u8]) -> Result<Self, FitError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text);
        let unreadable =
            |e: csv::Error| FitError::from(Problem::new(format!("the data cannot be read: {e}")));
        let names: Vec<String> = reader.headers().map_err(unreadable)?.iter().map(str::to_owned).collect();
        let mut problems = Vec::new();
        if names.is_empty() {
            return Err(Problem::new("the data are empty").hint("the first line names the columns").into());
        }
        for (position, name) in names.iter().enumerate() {
            if names[..position].contains(name) {
                problems.push(Problem::new(format!("two columns are named {name:?}")));
            }
        }
        let mut cells: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            if record.len() != names.len() && problems.len() < 10 {
                let line = record.position().map_or(0, csv::Position::line);
                let (have, want) = (record.len(), names.len());
                problems.push(Problem::new(format!("line {line} has {have} cells, the header {want}")));
            }
            for (column, cell) in cells.iter_mut().zip(record.iter()) {
                column.push((!MISSING.contains(&cell)).then(|| cell.to_owned()));
            }
        }
        let rows = cells.first().map_or(0, Vec::len);
        if rows == 0 {
            problems.push(Problem::new("the data have a header but no rows"));
        }
        if !problems.is_empty() {
            return Err(FitError::Invalid(problems));
        }
        let columns = cells.into_iter().map(Column::read).collect();
        Ok(Self { names, columns, rows })
    }

    /// A table from columns of equal length.
    ///
    /// # Errors
    /// When lengths differ.
    pub fn from_columns(columns: Vec<(String, Column)>) -> Result<Self, FitError> {
        let rows = columns.first().map_or(0, |(_, c)| c.len());
        if columns.iter().any(|(_, c)| c.len() != rows) {
            return Err(Problem::new("columns have different lengths").into());
        }
        let (names, columns) = columns.into_iter().unzip();
        Ok(Self { names, columns, rows })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Names of columns, in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// A column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.names.iter().position(|n| n == name).map(|at| &self.columns[at])
    }

    /// A problem that names a missing column, with the nearest name there is.
    #[must_use]
    pub fn unknown(&self, name: &str) -> Problem {
        let near = self
            .names
            .iter()
            .map(|known| (strsim::damerau_levenshtein(&known.to_lowercase(), &name.to_lowercase()), known))
            .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
            .min_by_key(|(distance, _)| *distance);
        let problem = Problem::new(format!("the data have no column {name:?}"));
        match near {
            Some((_, known)) => problem.hint(format!("did you mean {known:?}?")),
            None => problem.hint(format!("columns: {}", self.names.join(", "))),
        }
    }

    /// The same table with other values of some columns, one row for each assignment.
    #[must_use]
    pub(crate) fn replaced(names: Vec<String>, columns: Vec<Column>, rows: usize) -> Self {
        Self { names, columns, rows }
    }
}

impl Column {
    fn read(cells: Vec<Option<String>>) -> Self {
        let number = |cell: &Option<String>| match cell {
            None => Some(f64::NAN),
            Some(word) => word.parse::<f64>().ok().filter(|x| x.is_finite()),
        };
        let numbers: Option<Vec<f64>> = cells.iter().map(number).collect();
        numbers.map_or(Self::Words(cells), Self::Numbers)
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(x) => x.len(),
            Self::Words(x) => x.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a row is missing.
    #[must_use]
    pub fn missing(&self, row: usize) -> bool {
        match self {
            Self::Numbers(x) => x[row].is_nan(),
            Self::Words(x) => x[row].is_none(),
        }
    }

    /// A row as a label; `None` if missing.
    #[must_use]
    pub fn label(&self, row: usize) -> Option<String> {
        match self {
            Self::Numbers(x) => (!x[row].is_nan()).then(|| x[row].to_string()),
            Self::Words(x) => x[row].clone(),
        }
    }

    /// The distinct values of some rows as labels, numbers by size and words by the alphabet.
    #[must_use]
    pub fn levels(&self, rows: &[usize]) -> Vec<String> {
        match self {
            Self::Numbers(x) => {
                let mut values: Vec<f64> = rows.iter().map(|&r| x[r]).filter(|v| !v.is_nan()).collect();
                values.sort_by(f64::total_cmp);
                values.dedup();
                values.iter().map(f64::to_string).collect()
            }
            Self::Words(x) => {
                let mut values: Vec<&String> = rows.iter().filter_map(|&r| x[r].as_ref()).collect();
                values.sort();
                values.dedup();
                values.into_iter().cloned().collect()
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_words_and_gaps() {
        let table = Table::from_csv(b"a,b\n1,x\nNA,y\n2.5,\n").unwrap();
        assert_eq!(table.rows(), 3);
        let a = table.column("a").unwrap();
        assert!(matches!(a, Column::Numbers(_)) && a.missing(1) && !a.missing(2));
        let b = table.column("b").unwrap();
        assert_eq!(b.levels(&[0, 1, 2]), ["x", "y"]);
        assert!(b.missing(2));
        assert_eq!(table.unknown("A").hint.as_deref(), Some("did you mean \"a\"?"));
    }

    #[test]
    fn reports_every_problem() {
        let Err(FitError::Invalid(problems)) = Table::from_csv(b"a,a\n1\n1,2,3\n") else { panic!() };
        let texts: Vec<&str> = problems.iter().map(|p| p.what.as_str()).collect();
        assert_eq!(
            texts,
            [
                "two columns are named \"a\"",
                "line 2 has 1 cells, the header 2",
                "line 3 has 3 cells, the header 2"
            ]
        );
        assert!(Table::from_csv(b"").is_err());
        assert!(Table::from_csv(b"a,b\n").is_err());
    }
}
