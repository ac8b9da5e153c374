//! Chart of the model's behavior beside the record.

use armistice_analyze::findings::CalibrationRow;
use serde_json::{Value, json};

use super::tooltip;
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::{number, words};

/// Model, record and range of the record, a small scale for each row.
pub(crate) fn chart(rows: &[CalibrationRow]) -> Option<Chart> {
    let drawn: Vec<&CalibrationRow> = rows
        .iter()
        .filter(|row| row.model.value.is_some() && (row.observed.is_some() || row.range.is_some()))
        .collect();
    if drawn.is_empty() {
        return None;
    }
    let data: Vec<Vec<Value>> = drawn
        .iter()
        .map(|row| {
            vec![
                json!(title(row)),
                num(row.model.value),
                num(row.observed),
                num(row.range.map(|range| range.0)),
                num(row.range.map(|range| range.1)),
                json!(row.within.map_or("", |within| if within {
                    "within the range"
                } else {
                    "outside the range"
                })),
                // For drawing: shares as percentages, and a bar of no width where there is no range.
                num(row.model.value.map(|value| value * scale(row))),
                num(row.observed.or(row.model.value).map(|value| value * scale(row))),
                num(row.range.map(|range| range.0).or(row.model.value).map(|value| value * scale(row))),
                num(row.range.map(|range| range.1).or(row.model.value).map(|value| value * scale(row))),
            ]
        })
        .collect();
    let within = drawn.iter().filter(|row| row.within == Some(true)).count();
    let judged = drawn.iter().filter(|row| row.within.is_some()).count();
    let titles: Vec<String> = drawn.iter().map(|row| title(row)).collect();
    let x = |field: &str| json!({ "field": field, "type": "quantitative", "scale": { "zero": false, "padding": 12 }, "axis": { "title": null, "tickCount": 4 } });
    let tips = tooltip(&[
        ("what", "what", None),
        ("model", "model", Some(".3~g")),
        ("observed", "record", Some(".3~g")),
        ("low", "range of the record from", Some(".3~g")),
        ("high", "to", Some(".3~g")),
    ]);
    let chart = ChartBuilder::new("calibration", "The model beside the record")
        .field("what", "What", Form::Words)
        .field("model", "Model", Form::Number)
        .field("observed", "Record", Form::Number)
        .field("low", "Range from", Form::Number)
        .field("high", "Range to", Form::Number)
        .field("within", "Verdict", Form::Words)
        .field("model_at", "model_at", Form::Hidden)
        .field("observed_at", "observed_at", Form::Hidden)
        .field("low_at", "low_at", Form::Hidden)
        .field("high_at", "high_at", Form::Hidden)
        .rows(data)
        .read(
            "Gray bar: the range of the record; upright line: the record's number; diamond: the model. Each row has its own \
             scale, and where the record has no single number or no range its mark is left out.",
        )
        .label(format!(
            "Ranges and dots: the model lies within the record's range in {within} of {judged} rows that have one. {}.",
            drawn
                .iter()
                .map(|row| format!(
                    "{}: model {}, record {}",
                    words_of(row),
                    words::value(&row.model),
                    number::option(row.observed, number::plain)
                ))
                .collect::<Vec<_>>()
                .join("; ")
        ))
        .spec(json!({
            "facet": { "field": "what", "type": "nominal", "sort": titles, "header": { "title": null } },
            "spec": {
                "height": 30,
                "layer": [
                    { "mark": { "type": "bar", "height": 12, "color": "var(--band)" }, "encoding": { "x": x("low_at"), "x2": { "field": "high_at" } } },
                    { "mark": { "type": "tick", "size": 22, "thickness": 2, "color": "var(--ink)" }, "encoding": { "x": x("observed_at"), "opacity": { "condition": { "test": "isValid(datum.observed)", "value": 1 }, "value": 0 } } },
                    { "mark": { "type": "point", "shape": "diamond", "filled": true, "opacity": 1, "size": 110, "color": "var(--c2)" }, "encoding": { "x": x("model_at"), "tooltip": tips } },
                ],
            },
            "resolve": { "scale": { "x": "independent" } },
        }))
        .layout(json!({ "facet": { "min": 250, "columns": 3, "axis": 16, "each": true } }));
    Some(chart.build())
}

/// What drawn numbers are multiplied with.
fn scale(row: &CalibrationRow) -> f64 {
    if row.model.percent { 100.0 } else { 1.0 }
}

fn title(row: &CalibrationRow) -> String {
    match &row.model.unit {
        _ if row.model.percent => format!("{} (%)", words_of(row)),
        Some(unit) => format!("{} ({unit})", words_of(row)),
        _ => words_of(row),
    }
}

/// The title, or the name as words where there is none.
pub(crate) fn words_of(row: &CalibrationRow) -> String {
    if row.title == row.name { words::sentence(&words::humane(&row.name)) } else { row.title.clone() }
}
