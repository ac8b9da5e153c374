//! Vega-Lite specifications. Colors are custom properties of the page, so that light, dark and print need no second drawing.

pub(crate) mod answer;
pub(crate) mod bargaining;
pub(crate) mod calibration;
pub(crate) mod levers;
pub(crate) mod margins;
pub(crate) mod record;
pub(crate) mod sensitivity;
pub(crate) mod signals;
pub(crate) mod survival;
pub(crate) mod terms;

use serde_json::{Value, json};

/// The nth color of the page's palette.
pub(crate) fn color(place: usize) -> String {
    format!("var(--c{})", place % 7 + 1)
}

/// An x channel over time: dates where there are any, else period numbers.
pub(crate) fn x_time(dated: bool, period: &str) -> Value {
    if dated {
        json!({ "field": "date", "type": "temporal", "scale": { "type": "utc" }, "axis": { "title": null } })
    } else {
        json!({ "field": "period", "type": "quantitative", "axis": { "title": format!("{period}s from the start") } })
    }
}

/// A y channel of shares from 0 to 1, read as percentages.
pub(crate) fn y_share(field: &str, title: &str) -> Value {
    json!({
        "field": field, "type": "quantitative", "scale": { "domain": [0, 1] },
        "axis": { "title": title, "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1] },
    })
}

/// A color channel over words, in their order.
pub(crate) fn color_by(field: &str, domain: &[String], range: &[String]) -> Value {
    json!({
        "field": field, "type": "nominal", "sort": null,
        "scale": { "domain": domain, "range": range }, "legend": { "title": null },
    })
}

/// A tooltip: field, title and how numbers read (a d3 format, or nothing for words).
pub(crate) fn tooltip(fields: &[(&str, &str, Option<&str>)]) -> Value {
    let channel = |(field, title, format): &(&str, &str, Option<&str>)| match format {
        Some(format) => json!({ "field": field, "title": title, "type": "quantitative", "format": format }),
        None => json!({ "field": field, "title": title, "type": "nominal" }),
    };
    Value::Array(fields.iter().map(channel).collect())
}

/// A thin line at zero, or at another value of one axis.
pub(crate) fn reference(axis: &str, at: f64) -> Value {
    json!({
        "mark": { "type": "rule", "color": "var(--quiet)", "strokeWidth": 1 },
        "encoding": { axis: { "datum": at } },
    })
}

/// Turns wide rows into one row per series: `keys` with their words, in drawing order.
pub(crate) fn fold(keys: &[(String, String)], value: &str) -> Value {
    let names: Vec<&String> = keys.iter().map(|(key, _)| key).collect();
    let words: serde_json::Map<String, Value> =
        keys.iter().map(|(key, title)| (key.clone(), json!(title))).collect();
    let order: serde_json::Map<String, Value> =
        keys.iter().enumerate().map(|(place, (key, _))| (key.clone(), json!(place))).collect();
    json!([
        { "fold": names, "as": ["key", value] },
        { "calculate": format!("({})[datum.key]", Value::Object(words)), "as": "series" },
        { "calculate": format!("({})[datum.key]", Value::Object(order)), "as": "order" },
    ])
}

/// Labels of an axis broken into lines where the rows were (see `layout.wrap`).
pub(crate) fn wrapped_axis() -> Value {
    json!({ "title": null, "labelExpr": "split(datum.label, '\\n')", "labelLimit": 1000, "ticks": false, "domain": false })
}

/// Format of an axis for a measure.
pub(crate) fn axis_format(percent: bool) -> &'static str {
    if percent { ".0%" } else { "~g" }
}

/// First and last value of a series in words: "from 80 % to 12 %".
pub(crate) fn from_to(values: &[Option<f64>], form: fn(f64) -> String) -> String {
    let mut defined = values.iter().flatten();
    match (defined.next(), defined.next_back()) {
        (Some(first), Some(last)) => format!("from {} to {}", form(*first), form(*last)),
        (Some(only), None) => form(*only),
        _ => "not defined".into(),
    }
}
