//! Charts of how strong levers have to be, and of what they do when they come later.

use armistice_analyze::findings::{CurveSubject, Effect, Levers};
use serde_json::{Value, json};

use super::tooltip;
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::names::Names;
use crate::{number, words};

/// The strength of all levers at which the margin of each type changes sign, against a belief.
pub(crate) fn strength(names: Names<'_>, levers: &Levers) -> Option<Chart> {
    let curve = levers.curves.iter().find(|curve| {
        let strength = matches!(curve.subject, CurveSubject::Strength(_));
        strength
            && matches!(curve.axes.as_slice(), [axis] if matches!(axis.subject, CurveSubject::Belief(..)))
    })?;
    let axis = curve.axes.first()?;
    let CurveSubject::Belief(player, kind) = &axis.subject else { return None };
    let belief =
        format!("Belief that {} is {}", names.player(player), words::lower(&names.kind(player, kind)));
    let (mut rows, mut titles, mut summary) = (Vec::new(), Vec::new(), Vec::new());
    for own in &curve.kinds {
        let title = names.attacker_kind(&own.kind);
        let mut crossed = 0;
        for (value, point) in axis.values.iter().zip(&own.points) {
            for crossing in &point.crossings {
                crossed += usize::from(crossing.value.is_some());
                let side = if crossing.rising { "above" } else { "below" };
                rows.push(vec![json!(title), num(*value), num(crossing.value), json!(side)]);
            }
            if point.crossings.is_empty() {
                let side = match point.at_low {
                    Some(margin) if margin > 0.0 => "at every strength",
                    Some(_) => "at none",
                    None => "not defined",
                };
                rows.push(vec![json!(title), num(*value), Value::Null, json!(side)]);
            }
        }
        summary.push(format!("{title}: a threshold at {crossed} of {} beliefs", axis.values.len()));
        titles.push(title);
    }
    if rows.iter().all(|row| row.get(2).is_none_or(Value::is_null)) {
        return None;
    }
    let colors: Vec<String> = (0..titles.len()).map(super::color).collect();
    let tips = tooltip(&[
        ("type", "type", None),
        ("belief", "belief", Some(".0%")),
        ("strength", "strength", Some(".3~g")),
        ("side", "stopping better", None),
    ]);
    let base = json!({
        "x": { "field": "belief", "type": "quantitative", "scale": { "domain": [0, 1] }, "axis": { "title": belief.clone(), "format": ".0%" } },
        "y": { "field": "strength", "type": "quantitative", "scale": { "domain": [curve.low, curve.high] }, "axis": { "title": null } },
        "color": super::color_by("type", &titles, &colors),
    });
    let with = |mark: Value| {
        let mut encoding = base.clone();
        encoding["tooltip"] = tips.clone();
        json!({ "transform": [{ "filter": "isValid(datum.strength)" }], "mark": mark, "encoding": encoding })
    };
    let mut layers =
        vec![super::reference("y", 1.0), with(json!({ "type": "point", "filled": true, "size": 60 }))];
    // A line through several thresholds at one belief would join what does not belong together.
    if curve.kinds.iter().flat_map(|own| &own.points).all(|point| point.crossings.len() < 2) {
        layers.push(with(json!({ "type": "line", "strokeWidth": 2 })));
    }
    let chart = ChartBuilder::new("levers-strength", format!("How strong all levers together have to be to change the choice of {}", names.attacker()))
        .field("type", "Type", Form::Words)
        .field("belief", belief.clone(), Form::Percent)
        .field("strength", "Strength", Form::Number)
        .field("side", "Stopping is better", Form::Words)
        .rows(rows)
        .axis("Vertical: strength of all levers together at which the stopping margin is zero; 0 is none of them, 1 is all of them as stated.")
        .read("At a point the type is indifferent between stopping and going on; the table says on which side stopping is better. Where a type has no point, its choice is the same at every strength shown; the table says which.")
        .label(format!("Lines: strength of all levers at which the margin is zero, by belief. {}.", summary.join("; ")))
        .spec(json!({
            "height": 240,
            "layer": layers,
        }))
        .half();
    Some(chart.build())
}

/// Pr(war over by a date) when all levers come later: announced, or by surprise.
pub(crate) fn timing(names: Names<'_>, levers: &Levers) -> Option<Chart> {
    let timing = levers.timing.iter().max_by_key(|timing| (timing.points.len(), timing.levers.len()))?;
    if timing.points.len() < 2 {
        return None;
    }
    let ways = ["Announced at the start", "By surprise"];
    let mut rows = Vec::new();
    let mut summary = Vec::new();
    for point in &timing.points {
        let when = names.when(point.period, point.date.as_deref());
        let row = |way: &str, effect: &Effect| {
            vec![
                json!(way),
                num(f64::from(point.period)),
                json!(when),
                num(effect.ended_by),
                num(effect.duration),
                num(effect.terms),
            ]
        };
        rows.push(row(ways[0], &point.announced));
        rows.push(row(ways[1], &point.surprise));
        if let (Some(announced), Some(surprise)) = (point.announced.ended_by, point.surprise.ended_by) {
            summary.push(format!(
                "from {when}: {} announced, {} by surprise",
                number::percent(announced),
                number::percent(surprise)
            ));
        }
    }
    let colors = [super::color(0), super::color(1)];
    let domain = ways.map(str::to_owned);
    let dashes = [json!([1, 0]), json!([5, 4])];
    let (color, dash) = super::color_and_dash(&domain, &colors, &dashes);
    let tips = tooltip(&[
        ("series", "levers", None),
        ("when", "in force from", None),
        ("over", "over by then", Some(".1%")),
        ("duration", "periods of war", Some(".3~g")),
        ("terms", "terms", Some(".4~g")),
    ]);
    let period = names.period();
    let within = words::several(levers.by as usize, period, &format!("{period}s"));
    let mut title: Vec<String> = timing.levers.iter().map(|name| names.lever(name)).collect();
    if title.len() > 2 {
        title = vec![format!("All {} levers", title.len())];
    }
    let encoding = json!({
        "x": { "field": "period", "type": "quantitative", "axis": { "title": format!("First {period} in which they are in force"), "tickMinStep": 1 } },
        "y": { "field": "over", "type": "quantitative", "scale": { "zero": false }, "axis": { "title": null, "format": "~%" } },
        "color": color,
        "tooltip": tips,
    });
    let mut line = encoding.clone();
    line["strokeDash"] = dash;
    let chart = ChartBuilder::new("levers-timing", format!("{} put in force later: war over within {within}", title.join(" + ")))
        .field("series", "Levers", Form::Words)
        .field("period", "Period", Form::Number)
        .field("when", "In force from", Form::Words)
        .field("over", format!("Over within {within}"), Form::Percent)
        .field("duration", "Periods of war", Form::Number)
        .field("terms", "Terms", Form::Number)
        .rows(rows)
        .axis(format!("Vertical: probability that the war is over within {within} of the start. Horizontal: {period}s from the start until the levers are in force."))
        .read("Announced: everybody knows from the start when they will come, and may act before. By surprise: nobody expects them until they are there. Left both are the levers as they are; at the horizon both are the war without them.")
        .label(format!("Lines: probability that the war is over within {within}, by when the levers come. {}.", summary.join("; ")))
        .spec(json!({
            "height": 240,
            "layer": [
                { "mark": { "type": "line", "strokeWidth": 2 }, "encoding": line },
                { "mark": { "type": "point", "filled": true, "size": 60 }, "encoding": encoding },
            ],
        }))
        .half();
    Some(chart.build())
}
