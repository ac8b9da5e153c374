//! Charts of what levers do.

use armistice_analyze::findings::Levers;
use serde_json::{Value, json};

use super::{axis_format, reference, tooltip};
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::names::Names;
use crate::{number, words};

/// What one lever alone does to one headline measure.
pub(crate) fn effects(names: Names<'_>, levers: &Levers, place: usize, measure: &str) -> Option<Chart> {
    let percent = names.is_percent(measure);
    let title = names.measure(measure);
    let base = levers.base.measures.iter().find(|value| value.name == measure)?.value?;
    let mut rows = Vec::new();
    for set in levers.sets.iter().filter(|set| set.levers.len() == 1) {
        let name = set.levers.first()?;
        let value = set.outcome.measures.iter().find(|value| value.name == measure);
        rows.push(vec![
            json!(names.lever(name)),
            num(base),
            num(value.and_then(|value| value.value)),
            num(value.and_then(|value| value.difference)),
            num(set.cost),
        ]);
    }
    if rows.len() > 1 {
        let all = levers.sets.iter().find(|set| set.levers.len() == levers.levers.len());
        if let Some(value) =
            all.and_then(|set| set.outcome.measures.iter().find(|value| value.name == measure))
        {
            let cost = all.map(|set| set.cost);
            rows.push(vec![
                json!("All together"),
                num(base),
                num(value.value),
                num(value.difference),
                num(cost),
            ]);
        }
    }
    if rows.iter().all(|row| row.get(2).is_none_or(Value::is_null)) {
        return None;
    }
    let form = if percent { Form::Percent } else { Form::Number };
    let show: fn(f64) -> String = if percent { number::percent } else { number::plain };
    let summary: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{} {}", row.first()?.as_str()?, show(row.get(2)?.as_f64()?))))
        .collect();
    let format = axis_format(percent);
    let y = json!({ "field": "lever", "type": "nominal", "sort": null, "axis": super::wrapped_axis() });
    let x = |field: &str| json!({ "field": field, "type": "quantitative", "scale": { "zero": false }, "axis": { "title": null, "format": format, "grid": true, "tickCount": 5 } });
    let tips = tooltip(&[
        ("lever", "lever", None),
        ("from", "without", Some(if percent { ".1%" } else { ".3~g" })),
        ("to", "with", Some(if percent { ".1%" } else { ".3~g" })),
        ("cost", "cost per period, payoff units", Some(".3~g")),
    ]);
    let chart = ChartBuilder::new(format!("levers-{}", place + 1), title.clone())
        .field("lever", "Lever", Form::Words)
        .field("from", "Without", form)
        .field("to", "With", form)
        .field("difference", "Difference", if percent { Form::Percent } else { Form::Number })
        .field("cost", "Cost per period", Form::Number)
        .rows(rows)
        .half()
        .axis(if percent { String::new() } else { words::sentence(&names.measure_unit(measure)) })
        .read(format!("From the dashed line, the model without any lever ({}), to the dot, with the lever in force.", show(base)))
        .label(format!("Dots: {title} by lever in force, {} without any. {}.", show(base), summary.join("; ")))
        .spec(json!({
            "height": { "step": 32 },
            "layer": [
                { "mark": { "type": "rule", "color": "var(--quiet)", "strokeDash": [3, 3] }, "encoding": { "x": { "datum": base } } },
                {
                    "transform": [{ "filter": "isValid(datum.to)" }],
                    "mark": { "type": "rule", "strokeWidth": 2.5, "color": "var(--c1)" },
                    "encoding": { "y": y, "x": x("from"), "x2": { "field": "to" } },
                },
                { "mark": { "type": "circle", "opacity": 1, "size": 95, "color": "var(--c1)" }, "encoding": { "y": y, "x": x("to"), "tooltip": tips } },
                {
                    "transform": [{ "filter": "!isValid(datum.to)" }],
                    "mark": { "type": "text", "text": "not defined", "align": "left", "dx": 6, "color": "var(--quiet)" },
                    "encoding": { "y": y, "x": { "value": 0 } },
                },
            ],
        }))
        .layout(json!({ "wrap": { "field": "lever", "wide": 26, "narrow": 16 } }));
    Some(chart.build())
}

/// Stopping margin of each type against the cost of every set of levers.
pub(crate) fn margin_by_cost(names: Names<'_>, levers: &Levers, unit: &str) -> Option<Chart> {
    let mut rows = Vec::new();
    let mut titles: Vec<String> = Vec::new();
    let mut positive = 0;
    let none = (Vec::new(), 0.0, &levers.base);
    let sets = levers.sets.iter().map(|set| (set.levers.clone(), set.cost, &set.outcome));
    for (set, cost, outcome) in std::iter::once(none).chain(sets) {
        for margin in &outcome.margins {
            let Some(value) = margin.margin else { continue };
            let title = names.attacker_kind(&margin.kind);
            if !titles.contains(&title) {
                titles.push(title.clone());
            }
            let cheapest = levers.cheapest.iter().any(|best| {
                best.kind == margin.kind && best.levers.as_ref().is_some_and(|levers| *levers == set)
            });
            positive += usize::from(value > 0.0);
            let words: Vec<String> = set.iter().map(|name| names.lever(name)).collect();
            let label = if set.is_empty() { "No lever".to_owned() } else { words.join(" + ") };
            let group = if cheapest {
                "Cheapest set that makes stopping better"
            } else if set.is_empty() {
                "No lever"
            } else if set.len() == 1 {
                "One lever"
            } else {
                "Several levers"
            };
            rows.push(vec![
                json!(title),
                json!(label),
                num(cost),
                num(value),
                num(margin.difference),
                json!(group),
            ]);
        }
    }
    if rows.len() < 2 {
        return None;
    }
    // What is drawn last lies on top.
    rows.sort_by_key(|row: &Vec<Value>| {
        row.last().and_then(Value::as_str).is_some_and(|group| group.starts_with("Cheapest"))
    });
    let groups = ["No lever", "One lever", "Several levers", "Cheapest set that makes stopping better"];
    let tips = tooltip(&[
        ("set", "levers", None),
        ("cost", "cost per period", Some(".3~g")),
        ("margin", "margin", Some(".3~g")),
        ("difference", "change", Some("+.3~g")),
    ]);
    let total = rows.len();
    let points = json!({
        "mark": { "type": "point", "filled": true, "opacity": 0.9 },
        "encoding": {
            "x": { "field": "cost", "type": "quantitative", "scale": { "padding": 8 }, "axis": { "title": null, "grid": true } },
            "y": { "field": "margin", "type": "quantitative", "axis": { "title": null } },
            "color": { "field": "group", "type": "nominal", "scale": { "domain": groups, "range": ["var(--ink)", "var(--c1)", "var(--quiet)", "var(--c2)"] }, "legend": { "title": null } },
            "shape": { "field": "group", "type": "nominal", "scale": { "domain": groups, "range": ["cross", "circle", "circle", "diamond"] }, "legend": { "title": null } },
            "size": { "condition": { "test": format!("datum.group == '{}'", groups[3]), "value": 190 }, "value": 70 },
            "tooltip": tips,
        },
    });
    let chart = ChartBuilder::new("levers-cost", format!("Stopping margin of {} against the cost of each set of levers", names.attacker()))
        .field("type", "Type", Form::Words)
        .field("set", "Levers in force", Form::Words)
        .field("cost", "Cost per period", Form::Number)
        .field("margin", "Margin", Form::Number)
        .field("difference", "Change", Form::Number)
        .field("group", "Group", Form::Hidden)
        .rows(rows)
        .axis(format!("Vertical: stopping margin, {unit}. Horizontal: cost per period in force, payoff units of those who bear it, added up."))
        .read("Each point is a set of levers in force together. Up means closer to stopping; above the line stopping is the better choice; left is cheaper.")
        .label(format!(
            "Scatter plot: stopping margin against cost for {total} combinations of lever set and type; the margin is positive in {positive} of them. Types: {}.",
            words::list(&titles)
        ))
        .spec(json!({
            "facet": { "field": "type", "type": "nominal", "sort": titles, "header": { "title": null } },
            "spec": { "height": 240, "layer": [reference("y", 0.0), points] },
        }))
        .layout(json!({ "facet": { "min": 300, "columns": titles.len().clamp(1, 3) } }));
    Some(chart.build())
}
