//! Charts of what was observed.

use armistice_analyze::findings::{Record, RecordChart, RecordColumn};
use serde_json::{Value, json};

use super::{color, color_by, fold, from_to, span, tooltip};
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::names::Names;
use crate::{number, words};

/// Draws one chart of the record; `None` where none of its columns was read.
pub(crate) fn chart(names: Names<'_>, record: &Record, place: usize, chart: &RecordChart) -> Option<Chart> {
    let series: Vec<(String, String, &RecordColumn)> = chart
        .columns
        .iter()
        .enumerate()
        .filter_map(|(i, name)| {
            let column = record.columns.iter().find(|column| column.name == *name)?;
            let label = chart.labels.get(i).cloned().unwrap_or_else(|| words::humane(name));
            Some((format!("s{i}"), label, column))
        })
        .collect();
    if series.is_empty() {
        return None;
    }
    let strip = chart.kind == "strip" || series.iter().any(|(_, _, column)| column.words.is_some());
    let mut builder = ChartBuilder::new(format!("record-{}", place + 1), chart.title.clone())
        .field("when", words::sentence(names.period()), Form::Words)
        .field("date", "date", Form::Hidden)
        .source(chart.source.clone());
    if let Some(unit) = &chart.unit {
        builder = builder.axis(words::sentence(unit));
    }
    if let Some(says) = &chart.says {
        builder = builder.read(says.clone());
    }
    for (key, label, _) in &series {
        builder = builder.field(key.clone(), label.clone(), if strip { Form::Words } else { Form::Number });
    }
    let cell = |column: &RecordColumn, row: usize| match &column.words {
        Some(words) => words
            .get(row)
            .filter(|word| !word.is_empty())
            .map_or(Value::Null, |word| json!(words::humane(word))),
        None => num(column.numbers.get(row).copied().flatten()),
    };
    let rows = record.dates.iter().enumerate().map(|(row, date)| {
        let mut cells = vec![json!(words::date(date, date.len() > 7 && names.by_day())), json!(date)];
        cells.extend(series.iter().map(|(_, _, column)| cell(column, row)));
        cells
    });
    let rows: Vec<Vec<Value>> = rows.collect();
    let keys: Vec<(String, String)> =
        series.iter().map(|(key, label, _)| (key.clone(), label.clone())).collect();
    let dated = span(record.dates.iter().map(|date| is_date(date).then_some(date.as_str())));
    let spec = if strip {
        strip_spec(&keys, &series, dated, names.period())
    } else {
        number_spec(&keys, chart, dated, names.period())
    };
    let kind = if strip {
        "Strip of words"
    } else if chart.kind == "bar" {
        "Bar chart"
    } else {
        "Line chart"
    };
    let summary: Vec<String> = series
        .iter()
        .filter(|(_, _, column)| column.words.is_none())
        .map(|(_, label, column)| format!("{label} {}", from_to(&column.numbers, number::plain)))
        .collect();
    let range = match (record.dates.first(), record.dates.last()) {
        (Some(first), Some(last)) => format!("{} to {}", words::date(first, false), words::date(last, false)),
        _ => String::new(),
    };
    let facets = !strip && chart.kind == "bar" && series.len() > 1;
    let unit = chart.unit.as_ref().map(|unit| format!(", {unit}")).unwrap_or_default();
    builder = builder
        .rows(rows)
        .label(format!("{kind}: {}{unit}, {range}. {}.", chart.title, summary.join("; ")))
        .spec(spec);
    if strip {
        builder = builder.layout(json!({ "labels": "wrap" }));
    }
    if facets {
        builder = builder.layout(json!({ "facet": { "min": 280, "columns": 1 } }));
    }
    if series.len() <= 2 && !strip {
        builder = builder.half();
    }
    Some(builder.build())
}

/// Whether a cell reads as a year, a month or a day.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits =
        |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [year] => digits(year, 4),
        [year, month] => digits(year, 4) && digits(month, 2),
        [year, month, day] => digits(year, 4) && digits(month, 2) && digits(day, 2),
        _ => false,
    }
}

fn x(span: Option<(&str, &str)>) -> Value {
    if span.is_some() {
        super::x_time(span, "")
    } else {
        json!({ "field": "date", "type": "ordinal", "sort": null, "axis": { "title": null, "labelOverlap": true } })
    }
}

fn number_spec(
    keys: &[(String, String)],
    chart: &RecordChart,
    dated: Option<(&str, &str)>,
    period: &str,
) -> Value {
    let labels: Vec<String> = keys.iter().map(|(_, label)| label.clone()).collect();
    let colors: Vec<String> = (0..keys.len()).map(color).collect();
    let y = json!({ "field": "value", "type": "quantitative", "axis": { "title": null } });
    let tips =
        tooltip(&[("series", "series", None), ("when", "when", None), ("value", "value", Some(",.4~g"))]);
    let mut shade = color_by("series", &labels, &colors);
    if keys.len() == 1 {
        shade["legend"] = Value::Null;
    }
    if chart.kind != "bar" {
        let mut y = y;
        y["scale"] = json!({ "zero": false });
        return json!({
            "height": 190, "transform": fold(keys, "value"),
            "mark": { "type": "line", "point": { "opacity": 0, "size": 90 }, "clip": true },
            "encoding": { "x": x(dated), "y": y, "color": shade, "tooltip": tips },
        });
    }
    let bars = json!({
        "mark": { "type": "bar", "width": { "band": 0.85 } },
        "encoding": { "x": banded(dated, period), "y": y, "color": shade, "tooltip": tips },
    });
    if keys.len() == 1 {
        let mut spec = bars;
        spec["height"] = json!(190);
        spec["transform"] = fold(keys, "value");
        return spec;
    }
    let mut inner = bars;
    inner["height"] = json!(110);
    inner["encoding"]["y"]["axis"]["tickCount"] = json!(3);
    inner["encoding"]["color"]["legend"] = Value::Null;
    json!({
        "transform": fold(keys, "value"),
        "facet": { "field": "series", "type": "nominal", "sort": labels, "header": { "title": null } },
        "spec": inner,
    })
}

/// Dates as bands as wide as a period.
fn banded(span: Option<(&str, &str)>, period: &str) -> Value {
    let Some((first, last)) = span else { return x(None) };
    let unit = match period {
        "year" => "utcyear",
        "quarter" => "utcyearquarter",
        "month" => "utcyearmonth",
        "week" => "utcyearweek",
        _ => "utcyearmonthdate",
    };
    let axis = super::time_axis(first, last);
    json!({ "field": "date", "type": "temporal", "timeUnit": unit, "axis": axis })
}

fn strip_spec(
    keys: &[(String, String)],
    series: &[(String, String, &RecordColumn)],
    dated: Option<(&str, &str)>,
    period: &str,
) -> Value {
    let mut seen: Vec<String> = Vec::new();
    for (_, _, column) in series {
        for word in column.words.iter().flatten().filter(|word| !word.is_empty()) {
            let word = words::humane(word);
            if !seen.contains(&word) {
                seen.push(word);
            }
        }
    }
    // "none" and "no" are the absence of something: gray, so that events stand out.
    let colors: Vec<String> = {
        let mut next = 0;
        let pick = |word: &String| {
            if matches!(word.as_str(), "none" | "no" | "0") {
                return "var(--faint)".to_owned();
            }
            next += 1;
            color(next - 1)
        };
        seen.iter().map(pick).collect()
    };
    let labels: Vec<&String> = keys.iter().map(|(_, label)| label).collect();
    let mut transform = fold(keys, "value");
    if let Value::Array(steps) = &mut transform {
        steps.push(json!({ "filter": "isValid(datum.value)" }));
    }
    json!({
        "height": { "step": 30 },
        "transform": transform,
        "mark": { "type": "rect", "stroke": "var(--paper)", "strokeWidth": 1 },
        "encoding": {
            "x": banded(dated, period),
            "y": { "field": "series", "type": "nominal", "sort": labels, "axis": { "title": null, "domain": false, "ticks": false, "titleAngle": 0 } },
            "color": color_by("value", &seen, &colors),
            "tooltip": tooltip(&[("series", "series", None), ("when", "when", None), ("value", "value", None)]),
        },
    })
}
