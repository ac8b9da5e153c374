//! Charts of how long the war lasts and how it ends, and of what moves while it is on.

use armistice_analyze::findings::{BeliefPath, ObservablePath, Survival};
use serde_json::{Value, json};

use super::{color_and_dash, color_by, fold, from_to, span, tooltip, x_time, y_share};
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::names::Names;
use crate::{number, words};

const STILL_ON: &str = "War still on";

/// Share of wars still on, and ended by outcome, stacked.
pub(crate) fn stacked(names: Names<'_>, survival: &Survival) -> Chart {
    let mut keys = vec![("on".to_owned(), STILL_ON.to_owned())];
    let mut colors = vec!["var(--still)".to_owned()];
    for (i, outcome) in survival.outcomes.iter().enumerate() {
        keys.push((format!("o{i}"), outcome.title.clone()));
        colors.push(names.outcome_color(&outcome.outcome));
    }
    let rows = survival.periods.iter().enumerate().map(|(row, n)| {
        let date = survival.dates.get(row).cloned().flatten();
        let mut cells = vec![
            json!(names.when(*n, date.as_deref())),
            json!(date),
            json!(n),
            num(survival.on.get(row).copied()),
        ];
        cells.extend(survival.outcomes.iter().map(|outcome| num(outcome.share.get(row).copied())));
        cells
    });
    let labels: Vec<String> = keys.iter().map(|(_, label)| label.clone()).collect();
    let ends: Vec<String> = survival
        .outcomes
        .iter()
        .map(|outcome| {
            format!("{} {}", outcome.title, number::option(outcome.share.last().copied(), number::percent))
        })
        .collect();
    let mut builder = ChartBuilder::new("survival", "How many wars are still on, and how the others ended")
        .field("when", "At the start of", Form::Words)
        .field("date", "date", Form::Hidden)
        .field("period", format!("{} passed", words::sentence(&names.0.about.periods)), Form::Number);
    for (key, label) in &keys {
        builder = builder.field(key.clone(), label.clone(), Form::Percent);
    }
    builder
        .rows(rows.collect())
        .axis("Share of wars")
        .read(
            "Read it upright: at any date the gray part is the share of wars still being fought, the colored parts are those that \
             have ended, by kind of ending.",
        )
        .read(words::origin(survival.how).brief)
        .label(format!(
            "Stacked areas: the share of wars still on goes {}. At the last date: {}.",
            from_to(&survival.on.iter().copied().map(Some).collect::<Vec<_>>(), number::percent),
            words::list(&ends)
        ))
        .spec(json!({
            "height": 280,
            "transform": fold(&keys, "share"),
            "mark": { "type": "area", "line": false, "opacity": 1, "stroke": "var(--paper)", "strokeWidth": 0.6 },
            "encoding": {
                "x": x_time(dates(survival), names.period()),
                "y": { "field": "share", "type": "quantitative", "stack": "zero", "scale": { "domain": [0, 1] }, "axis": { "title": null, "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1] } },
                "color": color_by("series", &labels, &colors),
                "order": { "field": "order", "type": "quantitative" },
                "tooltip": tooltip(&[("series", "wars", None), ("when", "at the start of", None), ("share", "share", Some(".1%"))]),
            },
        }))
        .build()
}

/// First and last date of the curves.
fn dates(survival: &Survival) -> Option<(&str, &str)> {
    span(survival.dates.iter().map(Option::as_deref))
}

/// Survival given each type of the attacker; `None` with one type.
pub(crate) fn by_type(names: Names<'_>, survival: &Survival) -> Option<Chart> {
    if survival.by_type.len() < 2 {
        return None;
    }
    let mut keys = vec![("all".to_owned(), "All, by the public belief".to_owned())];
    let mut colors = vec!["var(--ink)".to_owned()];
    for (i, kind) in survival.by_type.iter().enumerate() {
        keys.push((format!("t{i}"), kind.title.clone()));
        colors.push(names.kind_color(&kind.kind));
    }
    let rows = survival.periods.iter().enumerate().map(|(row, n)| {
        let date = survival.dates.get(row).cloned().flatten();
        let mut cells = vec![
            json!(names.when(*n, date.as_deref())),
            json!(date),
            json!(n),
            num(survival.on.get(row).copied()),
        ];
        cells.extend(survival.by_type.iter().map(|kind| num(kind.on.get(row).copied())));
        cells
    });
    let labels: Vec<String> = keys.iter().map(|(_, label)| label.clone()).collect();
    let ends: Vec<String> = survival
        .by_type
        .iter()
        .map(|kind| format!("{}: {}", kind.title, number::option(kind.on.last().copied(), number::percent)))
        .collect();
    let (shade, dash) = color_and_dash(&labels, &colors, &dashes(labels.len()));
    let mut builder =
        ChartBuilder::new("survival-by-type", format!("Wars still on, by the type of {}", names.attacker()))
            .field("when", "At the start of", Form::Words)
            .field("date", "date", Form::Hidden)
            .field("period", format!("{} passed", words::sentence(&names.0.about.periods)), Form::Number);
    for (key, label) in &keys {
        builder = builder.field(key.clone(), label.clone(), Form::Percent);
    }
    let chart = builder
        .rows(rows.collect())
        .axis("Share of wars still on")
        .read("Each colored line is the share of wars still on if the attacker really is of that type; the black line weighs the types by the public belief.")
        .label(format!("Line chart: share of wars still on by type; at the last date {}.", ends.join(", ")))
        .spec(json!({
            "height": 220,
            "transform": fold(&keys, "share"),
            "mark": { "type": "line", "point": { "opacity": 0, "size": 90 } },
            "encoding": {
                "x": x_time(dates(survival), names.period()),
                "y": y_share("share"),
                "color": shade, "strokeDash": dash,
                "tooltip": tooltip(&[("series", "type", None), ("when", "at the start of", None), ("share", "wars still on", Some(".1%"))]),
            },
        }));
    Some(chart.build())
}

/// Dash patterns beside the colors, so that lines differ without color too.
fn dashes(count: usize) -> Vec<Value> {
    let patterns = [json!([1, 0]), json!([7, 3]), json!([2, 3]), json!([9, 3, 2, 3]), json!([4, 2])];
    (0..count).map(|place| patterns[place % patterns.len()].clone()).collect()
}

/// Fans of the observables over wars still on.
pub(crate) fn observables(names: Names<'_>, paths: &[ObservablePath]) -> Option<Chart> {
    let mut rows = Vec::new();
    let mut titles = Vec::new();
    let mut summary = Vec::new();
    for path in paths.iter().filter(|path| !path.points.is_empty()) {
        let title = words::sentence(&words::humane(&path.name));
        let middle: Vec<Option<f64>> = path.points.iter().map(|point| Some(point.value.p50)).collect();
        summary.push(format!("{title}: median {}", from_to(&middle, number::plain)));
        for point in &path.points {
            let value = point.value;
            rows.push(vec![
                json!(title),
                json!(names.when(point.period, point.date.as_deref())),
                json!(point.date),
                json!(point.period),
                num(value.p10),
                num(value.p25),
                num(value.p50),
                num(value.p75),
                num(value.p90),
                num(value.mean),
                num(point.survival),
            ]);
        }
        titles.push(title);
    }
    let first = paths.iter().find(|path| !path.points.is_empty())?;
    let dates = span(paths.iter().flat_map(|path| &path.points).map(|point| point.date.as_deref()));
    let x = x_time(dates, names.period());
    let tips = tooltip(&[
        ("what", "what", None),
        ("when", "when", None),
        ("p50", "median", Some(".3~g")),
        ("mean", "mean", Some(".3~g")),
        ("p10", "10 % of wars are below", Some(".3~g")),
        ("p90", "10 % of wars are above", Some(".3~g")),
        ("on", "wars still on", Some(".0%")),
    ]);
    let band = |low: &str, high: &str, opacity: f64| {
        json!({
            "mark": { "type": "area", "opacity": opacity, "color": "var(--c1)" },
            "encoding": { "x": x, "y": { "field": low, "type": "quantitative", "scale": { "zero": false }, "axis": { "title": null } }, "y2": { "field": high } },
        })
    };
    let line = json!({
        "mark": { "type": "line", "color": "var(--c1)", "point": { "opacity": 0, "size": 90 } },
        "encoding": { "x": x, "y": { "field": "p50", "type": "quantitative" }, "tooltip": tips },
    });
    let mean = json!({
        "mark": { "type": "line", "color": "var(--c2)", "strokeDash": [4, 3], "strokeWidth": 1.4 },
        "encoding": { "x": x, "y": { "field": "mean", "type": "quantitative" } },
    });
    let chart = ChartBuilder::new("observables", "What moves while the war is on")
        .field("what", "What", Form::Words)
        .field("when", words::sentence(names.period()), Form::Words)
        .field("date", "date", Form::Hidden)
        .field("period", "period", Form::Hidden)
        .field("p10", "10 % below", Form::Number)
        .field("p25", "25 % below", Form::Number)
        .field("p50", "Median", Form::Number)
        .field("p75", "25 % above", Form::Number)
        .field("p90", "10 % above", Form::Number)
        .field("mean", "Mean", Form::Number)
        .field("on", "Wars still on", Form::Percent)
        .rows(rows)
        .read(
            "Over wars still on at each date: median (solid), mean (dashed), the middle half (darker) and the middle four fifths \
             (lighter). Wars that have ended leave the picture, so a path can bend because the others have stopped.",
        )
        .read(words::origin(first.how).brief)
        .label(format!("Line charts with bands. {}.", summary.join("; ")))
        .spec(json!({
            "facet": { "field": "what", "type": "nominal", "sort": titles, "header": { "title": null } },
            "spec": { "height": 150, "layer": [band("p10", "p90", 0.16), band("p25", "p75", 0.26), mean, line] },
            "resolve": { "scale": { "y": "independent" }, "axis": { "x": "independent" } },
        }))
        .layout(json!({ "facet": { "min": 220, "columns": 3, "each": true } }));
    Some(chart.build())
}

/// What is publicly believed over wars still on; `None` where nothing is private.
pub(crate) fn beliefs(names: Names<'_>, paths: &[BeliefPath]) -> Option<Chart> {
    // With two types the second is the mirror image of the first.
    let shown: Vec<&BeliefPath> = paths
        .iter()
        .filter(|path| {
            let types =
                names.0.players.iter().find(|player| player.name == path.player).map(|player| &player.types);
            !path.points.is_empty()
                && types.is_none_or(|types| {
                    types.len() > 2 || types.first().is_some_and(|kind| kind.name == path.kind)
                })
        })
        .collect();
    let longest = shown.iter().max_by_key(|path| path.points.len())?;
    let keys: Vec<(String, String)> = shown
        .iter()
        .enumerate()
        .map(|(i, path)| (format!("b{i}"), format!("{}: {}", names.player(&path.player), path.title)))
        .collect();
    let rows = longest.points.iter().enumerate().map(|(row, point)| {
        let mut cells = vec![
            json!(names.when(point.period, point.date.as_deref())),
            json!(point.date),
            json!(point.period),
            num(point.survival),
        ];
        cells.extend(shown.iter().map(|path| num(path.points.get(row).map(|point| point.mean))));
        cells
    });
    let labels: Vec<String> = keys.iter().map(|(_, label)| label.clone()).collect();
    let colors: Vec<String> = (0..keys.len()).map(super::color).collect();
    let (shade, dash) = color_and_dash(&labels, &colors, &dashes(labels.len()));
    let dates = span(longest.points.iter().map(|point| point.date.as_deref()));
    let summary: Vec<String> = shown
        .iter()
        .zip(&labels)
        .map(|(path, label)| {
            let means: Vec<Option<f64>> = path.points.iter().map(|point| Some(point.mean)).collect();
            format!("{label} {}", from_to(&means, number::percent))
        })
        .collect();
    let mut builder = ChartBuilder::new("beliefs", "What is believed while the war goes on")
        .field("when", "At the start of", Form::Words)
        .field("date", "date", Form::Hidden)
        .field("period", "period", Form::Hidden)
        .field("on", "Wars still on", Form::Percent);
    for (key, label) in &keys {
        builder = builder.field(key.clone(), label.clone(), Form::Percent);
    }
    let chart = builder
        .rows(rows.collect())
        .axis("Mean public belief over wars still on")
        .read(
            "That a war is still on is itself evidence: types that would have stopped have left. Where a line rises, wars that go on are more \
             and more often fought by that type.",
        )
        .read(words::origin(longest.how).brief)
        .label(format!("Line chart of mean public beliefs: {}.", summary.join("; ")))
        .spec(json!({
            "height": 220,
            "transform": fold(&keys, "belief"),
            "mark": { "type": "line", "point": { "opacity": 0, "size": 90 } },
            "encoding": {
                "x": x_time(dates, names.period()),
                "y": y_share("belief"),
                "color": shade, "strokeDash": dash,
                "tooltip": tooltip(&[("series", "type", None), ("when", "at the start of", None), ("belief", "belief", Some(".1%"))]),
            },
        }));
    Some(chart.build())
}
