//! Tables of the page.

use serde::Serialize;

use crate::number;

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Cell {
    /// As read.
    pub text: String,
    /// The number at full precision, for CSV.
    pub v: Option<String>,
    /// `num`, `code`, `yes`, `no`, `undefined` or nothing.
    pub class: &'static str,
    /// Tooltip.
    pub title: Option<String>,
    /// A second line, smaller.
    pub note: Option<String>,
    /// A small drawing below, as SVG that is safe to stand in a page.
    pub drawing: Option<String>,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A name from the scenario file.
    pub fn code(text: impl Into<String>) -> Self {
        Self { text: text.into(), class: "code", ..Self::default() }
    }

    /// A number shown in some form.
    pub fn number(value: Option<f64>, form: impl Fn(f64) -> String) -> Self {
        let value = value.filter(|value| value.is_finite());
        Self {
            text: value.map_or_else(|| number::NONE.into(), form),
            v: Some(value.map_or_else(String::new, |value| value.to_string())),
            class: "num",
            ..Self::default()
        }
    }

    /// The same cell with a tooltip.
    pub fn titled(mut self, title: Option<impl Into<String>>) -> Self {
        self.title = title.map(Into::into);
        self
    }

    /// The same cell with a second line.
    pub fn noted(mut self, note: Option<impl Into<String>>) -> Self {
        self.note = note.map(Into::into);
        self
    }

    /// The same cell with a small drawing.
    pub fn drawn(mut self, drawing: Option<String>) -> Self {
        self.drawing = drawing;
        self
    }

    /// The same cell of another class.
    pub fn classed(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Column {
    /// Heading.
    pub text: String,
    /// Whether it holds numbers.
    pub numeric: bool,
}

/// A table with a name, a caption and a heading for each column; the first cell of a row heads the row.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Table {
    /// Name, unique on the page; also the name of the CSV file.
    pub id: String,
    /// What it shows.
    pub caption: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
    /// What is left out.
    pub more: Option<String>,
    /// Whether a heading before it already says what it shows; the caption is then only heard.
    pub quiet: bool,
}

impl Table {
    /// An empty table.
    pub fn new(id: impl Into<String>, caption: impl Into<String>) -> Self {
        Self { id: id.into(), caption: caption.into(), ..Self::default() }
    }

    /// The same table with its caption only heard.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Adds a column of words.
    pub fn words(mut self, heading: impl Into<String>) -> Self {
        self.columns.push(Column { text: heading.into(), numeric: false });
        self
    }

    /// Adds a column of numbers.
    pub fn numbers(mut self, heading: impl Into<String>) -> Self {
        self.columns.push(Column { text: heading.into(), numeric: true });
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }
}
