//! Chart of what could be settled at the start.

use armistice_analyze::findings::Bargaining;
use serde_json::{Value, json};

use super::{color, color_and_dash, fold, reference, tooltip};
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::names::Names;
use crate::{number, words};

/// Gain of settling over going on, by terms, for both sides and their types.
pub(crate) fn chart(names: Names<'_>, bargaining: &Bargaining, unit: &str) -> Option<Chart> {
    let first = bargaining.points.first()?;
    let (attacker, defender) = (names.player(&bargaining.attacker), names.player(&bargaining.defender));
    let mut keys = vec![
        ("a".to_owned(), format!("{attacker}, by the public belief")),
        ("d".to_owned(), format!("{defender}, by the public belief")),
    ];
    let mut colors = vec![color(0), color(1)];
    let mut dashes = vec![json!([1, 0]), json!([1, 0])];
    let patterns = [json!([5, 3]), json!([2, 2]), json!([8, 3, 2, 3])];
    let sides = [
        (&first.attacker_types, &bargaining.attacker, &attacker, "at", 0),
        (&first.defender_types, &bargaining.defender, &defender, "dt", 1),
    ];
    for (types, player, title, prefix, shade) in sides {
        if types.len() < 2 {
            continue;
        }
        for (i, kind) in types.iter().enumerate() {
            keys.push((format!("{prefix}{i}"), format!("{title}: {}", names.kind(player, &kind.kind))));
            colors.push(color(shade));
            dashes.push(patterns[i % patterns.len()].clone());
        }
    }
    let rows: Vec<Vec<Value>> = bargaining
        .points
        .iter()
        .map(|point| {
            let mut cells = vec![num(point.terms), num(point.attacker), num(point.defender)];
            for types in [&point.attacker_types, &point.defender_types] {
                if types.len() >= 2 {
                    cells.extend(types.iter().map(|kind| num(kind.gain)));
                }
            }
            cells
        })
        .collect();
    let labels: Vec<String> = keys.iter().map(|(_, label)| label.clone()).collect();
    let x = json!({ "field": "terms", "type": "quantitative", "scale": { "zero": false, "nice": false }, "axis": { "title": null } });
    let (shade, dash) = color_and_dash(&labels, &colors, &dashes);
    let across = if unit == "terms" { unit.to_owned() } else { format!("terms, {unit}") };
    let mut layers = Vec::new();
    if let (Some(low), Some(high)) = (bargaining.low, bargaining.high) {
        layers.push(json!({
            "transform": [{ "filter": format!("datum.terms == {}", first.terms) }],
            "mark": { "type": "rect", "color": "var(--band)", "opacity": 0.55 },
            "encoding": { "x": { "datum": low }, "x2": { "datum": high } },
        }));
    }
    layers.push(reference("y", 0.0));
    layers.push(json!({
        "transform": fold(&keys, "gain"),
        "mark": { "type": "line", "point": { "opacity": 0, "size": 90 } },
        "encoding": {
            "x": x,
            "y": { "field": "gain", "type": "quantitative", "axis": { "title": null } },
            "color": shade, "strokeDash": dash,
            "tooltip": tooltip(&[("series", "who", None), ("terms", "terms", Some(".3~g")), ("gain", "gain of settling", Some("+.3~g"))]),
        },
    }));
    let range = match (bargaining.low, bargaining.high) {
        (Some(low), Some(high)) => {
            format!("both gain between {} and {}", number::plain(low), number::plain(high))
        }
        _ => "there are no terms at which both gain".into(),
    };
    let mut builder = ChartBuilder::new("bargaining", "What settling at the start is worth, by terms").field(
        "terms",
        words::sentence(unit),
        Form::Number,
    );
    for (key, label) in &keys {
        builder = builder.field(key.clone(), label.clone(), Form::Number);
    }
    let chart = builder
        .rows(rows)
        .axis(format!("Vertical: gain of settling over going on, payoff units of each side. Horizontal: {across}."))
        .read("Above zero a side prefers settling on these terms to going on. Where both solid lines are above zero (shaded) there is something to agree on; dashed lines are single types. The two sides' units are their own and are not compared.")
        .label(format!("Line chart of the gain from settling by terms, {unit}, for {attacker} and {defender}: {range}."))
        .spec(json!({ "height": 260, "layer": layers }))
        .layout(json!({ "narrow": { "height": 240 } }));
    Some(chart.build())
}
