//! A chart: a Vega-Lite specification, its rows, words for those who do not see it, and a table of the same rows.

use serde::Serialize;
use serde_json::{Value, json};

use crate::number;
use crate::table::{Cell, Table};

/// Rows shown in the folded table; the CSV file has all of them.
const ROWS_SHOWN: usize = 240;

/// How a field reads in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Words.
    Words,
    /// A number.
    Number,
    /// A share, as a percentage.
    Percent,
    /// Only for drawing.
    Hidden,
}

/// A field of the rows.
pub(crate) struct Field {
    key: String,
    heading: String,
    form: Form,
}

/// A chart on the page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Chart {
    /// Name, unique on the page.
    pub id: String,
    /// What is shown.
    pub title: String,
    /// How to read it, and how the numbers were got.
    pub read: Vec<String>,
    /// What the vertical axis shows, with its unit.
    pub axis: Option<String>,
    /// Words for those who do not see it, with a summary of the numbers.
    pub label: String,
    /// Whether two of its kind may stand abreast.
    pub half: bool,
    /// Where the numbers come from.
    pub source: Option<String>,
    /// The data block: specification, layout, columns, rows.
    pub data: String,
    /// The rows as a table.
    pub table: Table,
    /// Headings and all rows at full precision, for CSV.
    #[serde(skip)]
    pub csv: (Vec<String>, Vec<Vec<String>>),
}

/// Builds a [`Chart`].
pub(crate) struct ChartBuilder {
    chart: Chart,
    fields: Vec<Field>,
    rows: Vec<Vec<Value>>,
    spec: Value,
    layout: Value,
}

impl ChartBuilder {
    /// An empty chart.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        let chart = Chart {
            id: id.into(),
            title: title.into(),
            read: Vec::new(),
            axis: None,
            label: String::new(),
            half: false,
            source: None,
            data: String::new(),
            table: Table::default(),
            csv: (Vec::new(), Vec::new()),
        };
        Self { chart, fields: Vec::new(), rows: Vec::new(), spec: Value::Null, layout: json!({}) }
    }

    /// Adds a field of the rows.
    pub fn field(mut self, key: impl Into<String>, heading: impl Into<String>, form: Form) -> Self {
        self.fields.push(Field { key: key.into(), heading: heading.into(), form });
        self
    }

    /// Sets the rows; each has one value per field.
    pub fn rows(mut self, rows: Vec<Vec<Value>>) -> Self {
        self.rows = rows;
        self
    }

    /// Adds a sentence to the caption.
    pub fn read(mut self, sentence: impl Into<String>) -> Self {
        self.chart.read.push(sentence.into());
        self
    }

    /// Says what the vertical axis shows, above the drawing where it cannot collide with anything.
    pub fn axis(mut self, words: impl Into<String>) -> Self {
        self.chart.axis = Some(words.into()).filter(|words: &String| !words.is_empty());
        self
    }

    /// Sets the words for those who do not see the chart.
    pub fn label(mut self, words: impl Into<String>) -> Self {
        self.chart.label = words.into();
        self
    }

    /// Lets two charts stand abreast.
    pub fn half(mut self) -> Self {
        self.chart.half = true;
        self
    }

    /// Says where the numbers come from.
    pub fn source(mut self, source: Option<String>) -> Self {
        self.chart.source = source;
        self
    }

    /// Sets the specification; its data are the rows.
    pub fn spec(mut self, spec: Value) -> Self {
        self.spec = spec;
        self
    }

    /// Says how the chart fits its place: see `web/charts/src/layout.js`.
    pub fn layout(mut self, layout: Value) -> Self {
        self.layout = layout;
        self
    }

    /// The chart.
    pub fn build(mut self) -> Chart {
        debug_assert!(
            self.rows.iter().all(|row| row.len() == self.fields.len()),
            "{}: a value for each field",
            self.chart.id
        );
        if let Value::Object(spec) = &mut self.spec {
            spec.insert("data".into(), json!({ "name": "table" }));
        }
        let keys: Vec<&str> = self.fields.iter().map(|field| field.key.as_str()).collect();
        let headings: Vec<&str> = self.fields.iter().map(|field| field.heading.as_str()).collect();
        let block = json!({
            "spec": self.spec, "layout": self.layout, "columns": keys, "headings": headings, "rows": self.rows,
        });
        self.chart.data = script_safe(&block.to_string());
        self.chart.table = self.table();
        let shown = |i: usize| self.fields.get(i).is_some_and(|field| field.form != Form::Hidden);
        let line = |row: &Vec<Value>| {
            row.iter().enumerate().filter(|(i, _)| shown(*i)).map(|(_, value)| exact(value)).collect()
        };
        let rows = self.rows.iter().map(line).collect();
        let heads = self.fields.iter().filter(|field| field.form != Form::Hidden);
        self.chart.csv = (heads.map(|field| field.heading.clone()).collect(), rows);
        self.chart
    }

    fn table(&self) -> Table {
        let mut table = Table::new(self.chart.id.clone(), format!("{}: the numbers", self.chart.title));
        let shown: Vec<(usize, &Field)> =
            self.fields.iter().enumerate().filter(|(_, field)| field.form != Form::Hidden).collect();
        for (_, field) in &shown {
            table = match field.form {
                Form::Words | Form::Hidden => table.words(field.heading.clone()),
                Form::Number | Form::Percent => table.numbers(field.heading.clone()),
            };
        }
        for row in self.rows.iter().take(ROWS_SHOWN) {
            table.row(shown.iter().map(|(i, field)| cell(row.get(*i), field.form)).collect());
        }
        if self.rows.len() > ROWS_SHOWN {
            table.more = Some(format!(
                "The first {ROWS_SHOWN} of {} rows; the CSV file has all of them.",
                number::count(self.rows.len() as u64)
            ));
        }
        table
    }
}

fn cell(value: Option<&Value>, form: Form) -> Cell {
    match (value, form) {
        (Some(Value::Number(value)), Form::Percent) => Cell::number(value.as_f64(), number::percent),
        (Some(Value::Number(value)), _) => Cell::number(value.as_f64(), number::plain),
        (Some(Value::String(text)), _) => Cell::text(text.replace('\n', " ")),
        (Some(Value::Bool(flag)), _) => Cell::text(if *flag { "yes" } else { "no" }),
        (_, Form::Words | Form::Hidden) => Cell::text(number::NONE),
        (_, Form::Number | Form::Percent) => Cell::number(None, number::plain),
    }
}

/// A value at full precision.
fn exact(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.replace('\n', " "),
        other => other.to_string(),
    }
}

/// A number for a row: `null` where it is not defined or not finite.
pub(crate) fn num(value: impl Into<Option<f64>>) -> Value {
    match value.into() {
        Some(value) if value.is_finite() => json!(value),
        _ => Value::Null,
    }
}

/// JSON that may stand between script tags: nothing in it can end the element or start a comment.
fn script_safe(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
