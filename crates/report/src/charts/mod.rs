//! Vega-Lite specifications. Colors are custom properties of the page, so that light, dark and print need no second drawing.

pub(crate) mod answer;
pub(crate) mod bargaining;
pub(crate) mod calibration;
pub(crate) mod lever_study;
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

/// An x channel over time: dates where there are any (`first` and `last` in ISO form), else period numbers.
pub(crate) fn x_time(span: Option<(&str, &str)>, period: &str) -> Value {
    match span {
        Some((first, last)) => json!({
            "field": "date", "type": "temporal", "scale": { "type": "utc" }, "axis": time_axis(first, last),
        }),
        None => {
            json!({ "field": "period", "type": "quantitative", "axis": { "title": format!("{period}s from the start") } })
        }
    }
}

/// Years where there are several, else months, so that no label depends on another for its year.
pub(crate) fn time_axis(first: &str, last: &str) -> Value {
    let months = |date: &str| {
        let mut parts = date.split('-').map(|part| part.parse::<i32>().unwrap_or(1));
        parts.next().unwrap_or(0) * 12 + parts.next().unwrap_or(1)
    };
    match months(last) - months(first) {
        24.. => json!({ "title": null, "format": "%Y", "tickCount": "year", "labelFlush": false }),
        4.. => {
            json!({ "title": null, "format": "%b %Y", "tickCount": { "interval": "month", "step": 3 }, "labelFlush": false })
        }
        _ => json!({ "title": null, "format": "%-d %b %Y", "tickCount": 3 }),
    }
}

/// First and last of some dates, where all are there.
pub(crate) fn span<'a>(mut dates: impl Iterator<Item = Option<&'a str>>) -> Option<(&'a str, &'a str)> {
    let first = dates.next()??;
    let mut bounds = (first, first);
    for date in dates {
        let date = date?;
        bounds = (bounds.0.min(date), bounds.1.max(date));
    }
    Some(bounds)
}

/// A y channel of shares from 0 to 1, read as percentages.
pub(crate) fn y_share(field: &str) -> Value {
    json!({
        "field": field, "type": "quantitative", "scale": { "domain": [0, 1] },
        "axis": { "title": null, "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1] },
    })
}

/// A color channel over words, in their order.
pub(crate) fn color_by(field: &str, domain: &[String], range: &[String]) -> Value {
    json!({
        "field": field, "type": "nominal", "sort": null,
        "scale": { "domain": domain, "range": range }, "legend": { "title": null },
    })
}

/// The same for lines, which dashes tell apart as well as colors: a color and a dash channel that share one legend.
pub(crate) fn color_and_dash(domain: &[String], range: &[String], dashes: &[Value]) -> (Value, Value) {
    let legend = json!({ "title": null, "symbolType": "stroke", "symbolSize": 320, "symbolStrokeWidth": 2 });
    let channel = |range: Value| {
        json!({
            "field": "series", "type": "nominal", "sort": null, "scale": { "domain": domain, "range": range }, "legend": legend,
        })
    };
    (channel(json!(range)), channel(json!(dashes)))
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
pub(crate) fn axis_format(percent: bool) -> Value {
    if percent { json!("~%") } else { Value::Null }
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
