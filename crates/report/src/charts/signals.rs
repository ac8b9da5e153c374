//! Charts of what moves say about the mover.

use armistice_analyze::findings::Signal;
use serde_json::json;

use super::tooltip;
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::names::Names;
use crate::{number, words};

/// Where the belief goes after each action of one move; `None` where the mover has one type.
pub(crate) fn chart(names: Names<'_>, place: usize, signal: &Signal) -> Option<Chart> {
    let first = signal.actions.first()?;
    // With two types the second is the mirror image of the first.
    let shown = match first.types.len() {
        0 | 1 => return None,
        2 => 1,
        more => more,
    };
    let player = names.player(&signal.player);
    let mut rows = Vec::new();
    let mut titles = Vec::new();
    for place in 0..shown {
        let Some(kind) = first.types.get(place) else { continue };
        let title = names.kind(&signal.player, &kind.name);
        for action in &signal.actions {
            let Some(kind) = action.types.get(place) else { continue };
            rows.push(vec![
                json!(title),
                json!(action.title),
                num(action.probability),
                num(kind.probability),
                num(kind.belief_before),
                num(kind.belief_after),
                num(kind.shift),
            ]);
        }
        titles.push(title);
    }
    let moved: Vec<String> = signal
        .actions
        .iter()
        .filter_map(|action| {
            let kind = action.types.first()?;
            Some(format!("after {} {}", action.title, number::percent(kind.belief_after)))
        })
        .collect();
    let before = first.types.first().map(|kind| kind.belief_before).unwrap_or_default();
    let order: Vec<String> = signal.actions.iter().map(|action| action.title.clone()).collect();
    let y = json!({ "field": "action", "type": "nominal", "sort": null, "axis": super::wrapped_axis() });
    let x = |field: &str| {
        json!({
            "field": field, "type": "quantitative", "scale": { "domain": [0, 1] },
            "axis": { "title": null, "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1], "grid": true },
        })
    };
    let tips = tooltip(&[
        ("action", "action", None),
        ("probability", "chosen, by the public belief", Some(".1%")),
        ("by_type", "chosen by this type", Some(".1%")),
        ("before", "belief before", Some(".1%")),
        ("after", "belief after", Some(".1%")),
        ("shift", "shift of the log odds", Some("+.2f")),
    ]);
    let layers = json!([
        { "mark": { "type": "rule", "color": "var(--quiet)", "strokeDash": [3, 3] }, "encoding": { "x": { "datum": before } } },
        { "mark": { "type": "rule", "strokeWidth": 2.5, "color": "var(--c1)" }, "encoding": { "y": y, "x": x("before"), "x2": { "field": "after" } } },
        {
            "mark": { "type": "circle", "opacity": 1, "color": "var(--c1)", "stroke": "var(--paper)", "strokeWidth": 1 },
            "encoding": {
                "y": y, "x": x("after"), "tooltip": tips,
                "size": { "field": "probability", "type": "quantitative", "scale": { "domain": [0, 1], "range": [60, 420] }, "legend": null },
            },
        },
    ]);
    let height = json!({ "step": 34 });
    let history = if signal.history.is_empty() {
        "as the first thing seen in the period".to_owned()
    } else {
        format!("after {}", words::path(&signal.history))
    };
    let mut builder =
        ChartBuilder::new(format!("signal-{}", place + 1), format!("{player}: {}", signal.title))
            .field("type", "Type", if shown == 1 { Form::Hidden } else { Form::Words })
            .field("action", "Action", Form::Words)
            .field("probability", "Chosen, by the public belief", Form::Percent)
            .field(
                "by_type",
                format!("Chosen by {}", if shown == 1 { &titles[0] } else { "the type" }),
                Form::Percent,
            )
            .field("before", "Belief before", Form::Percent)
            .field("after", "Belief after", Form::Percent)
            .field("shift", "Shift of log odds", Form::Number)
            .rows(rows)
            .half()
            .axis(if shown == 1 {
                format!("Belief that {player} is: {}", titles[0])
            } else {
                "Belief in the type".into()
            })
            .read(format!("Read at the start, {history}."))
            .label(format!(
                "Dots: belief that {player} is {} by the action seen, {} before; {}. Actions: {}.",
                titles.first().cloned().unwrap_or_default(),
                number::percent(before),
                moved.join(", "),
                words::list(&order)
            ));
    builder = if shown == 1 {
        builder
            .spec(json!({ "height": height, "layer": layers }))
            .layout(json!({ "wrap": { "field": "action", "wide": 24, "narrow": 15 } }))
    } else {
        builder
            .spec(json!({
                "facet": { "field": "type", "type": "nominal", "sort": titles, "header": { "title": null } },
                "spec": { "height": height, "layer": layers },
            }))
            .layout(json!({
                "facet": { "min": 260, "columns": 1, "axis": 130 }, "wrap": { "field": "action", "wide": 24, "narrow": 15 },
            }))
    };
    Some(builder.build())
}
