//! Chart of what would change the first headline measure.

use armistice_analyze::findings::{Shift, ShiftBy};
use serde_json::json;

use super::{axis_format, tooltip};
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::names::Names;
use crate::{number, words};

/// Rows shown on the first screen.
const SHOWN: usize = 8;

/// Words for a change: a lever's title, or a parameter and the value it takes.
pub(crate) fn words_of(shift: &Shift) -> String {
    match (shift.by, shift.setting) {
        (ShiftBy::Parameter, Some(setting)) => {
            format!("{} at {}", words::sentence(&words::humane(&shift.title)), number::plain(setting))
        }
        (ShiftBy::Parameter, None) => words::sentence(&words::humane(&shift.title)),
        (ShiftBy::Lever, _) => shift.title.clone(),
    }
}

/// From where to where the measure goes, largest change first.
pub(crate) fn chart(names: Names<'_>, place: usize, measure: &str, shifts: &[&Shift]) -> Option<Chart> {
    if shifts.is_empty() {
        return None;
    }
    let percent = names.is_percent(measure);
    let title = names.measure(measure);
    let form: fn(f64) -> String = if percent { number::percent } else { number::plain };
    let kinds = ["Lever", "Parameter at an end of its range"];
    let mut rows = Vec::new();
    for shift in shifts.iter().take(SHOWN) {
        let kind = kinds[usize::from(shift.by == ShiftBy::Parameter)];
        rows.push(vec![
            json!(words_of(shift)),
            json!(kind),
            num(shift.from),
            num(shift.to),
            num(shift.to - shift.from),
        ]);
    }
    let summary: Vec<String> =
        shifts.iter().take(SHOWN).map(|shift| format!("{}: {}", words_of(shift), form(shift.to))).collect();
    let from = shifts.first()?.from;
    let y = json!({ "field": "change", "type": "nominal", "sort": null, "axis": super::wrapped_axis() });
    let x = |field: &str| json!({ "field": field, "type": "quantitative", "scale": { "zero": false }, "axis": { "title": null, "format": axis_format(percent), "grid": true, "tickCount": 5 } });
    let shade = json!({ "field": "kind", "type": "nominal", "scale": { "domain": kinds, "range": ["var(--c1)", "var(--c5)"] }, "legend": { "title": null } });
    let value = if percent { ".1%" } else { ".3~g" };
    let tips = tooltip(&[
        ("change", "change", None),
        ("kind", "kind", None),
        ("from", "without", Some(value)),
        ("to", "with", Some(value)),
    ]);
    let shape = if percent { Form::Percent } else { Form::Number };
    let chart = ChartBuilder::new(format!("changes-{}", place + 1), title.clone())
        .field("change", "Change", Form::Words)
        .field("kind", "Kind", Form::Words)
        .field("from", "Without", shape)
        .field("to", "With", shape)
        .field("difference", "Difference", shape)
        .rows(rows)
        .axis(if percent { String::new() } else { words::sentence(&names.measure_unit(measure)) })
        .read(format!("From the dashed line ({}, on the grid used for comparisons) to the dot, one change at a time.", form(from)))
        .label(format!("Dots: {title}, {} as the scenario stands. {}.", form(from), summary.join("; ")))
        .spec(json!({
            "height": { "step": 30 },
            "layer": [
                { "mark": { "type": "rule", "color": "var(--quiet)", "strokeDash": [3, 3] }, "encoding": { "x": { "datum": from } } },
                { "mark": { "type": "rule", "strokeWidth": 2.5 }, "encoding": { "y": y, "x": x("from"), "x2": { "field": "to" }, "color": shade } },
                { "mark": { "type": "circle", "opacity": 1, "size": 95 }, "encoding": { "y": y, "x": x("to"), "color": shade, "tooltip": tips } },
            ],
        }))
        .layout(json!({ "wrap": { "field": "change", "wide": 40, "narrow": 18 }, "narrow": { "height": { "step": 38 } } }));
    Some(chart.build())
}
