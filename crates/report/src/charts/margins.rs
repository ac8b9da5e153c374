//! Charts of the stopping margin.

use armistice_analyze::findings::{MarginSurface, Margins};
use serde_json::json;

use super::{reference, span, tooltip, x_time};
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::names::Names;
use crate::{number, words};

/// Margins by type over time: median, middle half and middle four fifths of wars.
pub(crate) fn over_time(names: Names<'_>, margins: &Margins) -> Option<Chart> {
    let mut rows = Vec::new();
    let mut summary = Vec::new();
    let mut titles = Vec::new();
    for path in &margins.paths {
        let middle: Vec<Option<f64>> =
            path.points.iter().map(|point| point.margin.map(|margin| margin.p50)).collect();
        if middle.iter().all(Option::is_none) {
            continue;
        }
        titles.push(path.title.clone());
        summary.push(format!("{}: median {}", path.title, super::from_to(&middle, number::plain)));
        for point in &path.points {
            let margin = point.margin;
            rows.push(vec![
                json!(path.title),
                json!(names.when(point.period, point.date.as_deref())),
                json!(point.date),
                json!(point.period),
                num(margin.map(|m| m.p10)),
                num(margin.map(|m| m.p25)),
                num(margin.map(|m| m.p50)),
                num(margin.map(|m| m.p75)),
                num(margin.map(|m| m.p90)),
                num(margin.map(|m| m.mean)),
                num(point.share_positive),
                num(point.survival),
            ]);
        }
    }
    if rows.is_empty() {
        return None;
    }
    let tips = tooltip(&[
        ("type", "type", None),
        ("when", "when", None),
        ("p50", "median margin", Some(".3~g")),
        ("p10", "10 % of wars are below", Some(".3~g")),
        ("p90", "10 % of wars are above", Some(".3~g")),
        ("positive", "wars where stopping is better", Some(".0%")),
        ("on", "wars still on", Some(".0%")),
    ]);
    let x = x_time(
        span(margins.paths.iter().flat_map(|path| &path.points).map(|point| point.date.as_deref())),
        names.period(),
    );
    let colors: Vec<String> = margins.paths.iter().map(|path| names.kind_color(&path.kind)).collect();
    let all: Vec<String> = margins.paths.iter().map(|path| path.title.clone()).collect();
    let shade = json!({ "field": "type", "type": "nominal", "scale": { "domain": all, "range": colors }, "legend": null });
    let band = |low: &str, high: &str, opacity: f64| {
        json!({
            "mark": { "type": "area", "opacity": opacity },
            "encoding": {
                "x": x, "color": shade,
                "y": { "field": low, "type": "quantitative", "axis": { "title": null } }, "y2": { "field": high },
            },
        })
    };
    let line = json!({
        "mark": { "type": "line", "point": { "opacity": 0, "size": 90 } },
        "encoding": { "x": x, "color": shade, "y": { "field": "p50", "type": "quantitative" }, "tooltip": tips },
    });
    let chart = ChartBuilder::new("margin-over-time", format!("Stopping margin of {} over time", margins.title))
        .field("type", "Type", Form::Words)
        .field("when", words::sentence(names.period()), Form::Words)
        .field("date", "date", Form::Hidden)
        .field("period", "period", Form::Hidden)
        .field("p10", "10 % below", Form::Number)
        .field("p25", "25 % below", Form::Number)
        .field("p50", "Median", Form::Number)
        .field("p75", "25 % above", Form::Number)
        .field("p90", "10 % above", Form::Number)
        .field("mean", "Mean", Form::Number)
        .field("positive", "Stopping better", Form::Percent)
        .field("on", "Wars still on", Form::Percent)
        .rows(rows)
        .axis(format!("Stopping margin, {}", margins.unit))
        .read(
            "Above zero, the best way to end the war is worth more than the best way to go on; below zero, going on is worth \
             more. The line is the median over wars still on, the darker band the middle half, the lighter band the middle \
             four fifths of them.",
        )
        .read(words::origin(margins.how).brief)
        .label(format!("Line chart with bands: stopping margin of {} by type, {}.", margins.title, summary.join("; ")))
        .spec(json!({
            "facet": { "field": "type", "type": "nominal", "sort": titles, "header": { "title": null } },
            "spec": { "height": 210, "layer": [reference("y", 0.0), band("p10", "p90", 0.16), band("p25", "p75", 0.26), line] },
        }))
        .layout(json!({ "facet": { "min": 300, "columns": titles.len().clamp(1, 3) } }));
    Some(chart.build())
}

/// Margins over a state variable and a belief, all types that share them side by side.
pub(crate) fn surface(
    names: Names<'_>,
    unit: &str,
    place: usize,
    surfaces: &[&MarginSurface],
) -> Option<Chart> {
    let first = surfaces.first()?;
    let about = names.player(&first.belief_about);
    let believed = names.kind(&first.belief_about, &first.belief_in);
    let full = names.variable(&first.variable);
    let variable = words::lower(words::short(&full));
    let largest = surfaces
        .iter()
        .flat_map(|surface| surface.margins.iter().flatten().flatten())
        .fold(0.0_f64, |largest, margin| largest.max(margin.abs()));
    if largest == 0.0 {
        return None;
    }
    let edges = edges(largest);
    let mut rows = Vec::new();
    let (mut below, mut above) = (0, 0);
    for surface in surfaces {
        let half = surface.beliefs.windows(2).map(|pair| pair[1] - pair[0]).fold(1.0_f64, f64::min) / 2.0;
        for (row, (label, margins)) in surface.labels.iter().zip(&surface.margins).enumerate() {
            for (belief, margin) in surface.beliefs.iter().zip(margins) {
                let Some(margin) = margin else { continue };
                if *margin > 0.0 {
                    above += 1
                } else {
                    below += 1
                }
                let sign = if *margin > 0.0 { "+" } else { "" };
                let start = row == surface.start_row && (belief - surface.start_belief).abs() <= half;
                rows.push(vec![
                    json!(surface.title),
                    json!(words::humane(label)),
                    num(*belief),
                    num(*margin),
                    num((belief - half).max(0.0)),
                    num((belief + half).min(1.0)),
                    num(((belief - half).max(0.0) + (belief + half).min(1.0)) / 2.0),
                    json!(sign),
                    json!(start),
                ]);
            }
        }
    }
    let height = first.labels.len();
    let order: Vec<String> = first.labels.iter().rev().map(|label| words::humane(label)).collect();
    let titles: Vec<&String> = surfaces.iter().map(|surface| &surface.title).collect();
    let y = json!({ "field": "state", "type": "ordinal", "sort": order, "axis": { "title": null, "domain": false, "ticks": false, "labelOverlap": true } });
    let x = json!({
        "field": "from", "type": "quantitative", "scale": { "domain": [0, 1], "nice": false },
        "axis": { "title": null, "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1] },
    });
    let tips = tooltip(&[
        ("type", "type", None),
        ("state", variable.as_str(), None),
        ("belief", "belief", Some(".0%")),
        ("margin", "margin", Some(".3~g")),
    ]);
    let step = if height > 16 { 12 } else { 20 };
    let cells = json!({
        "mark": { "type": "rect", "stroke": "var(--paper)", "strokeWidth": 0.5 },
        "encoding": {
            "x": x, "x2": { "field": "to" }, "y": y, "tooltip": tips,
            "color": {
                "field": "margin", "type": "quantitative",
                "scale": { "type": "threshold", "domain": edges, "range": ["var(--go4)", "var(--go3)", "var(--go2)", "var(--go1)", "var(--stop1)", "var(--stop2)", "var(--stop3)", "var(--stop4)"] },
                "legend": { "title": null, "format": ".2~g", "gradientLength": 240 },
            },
        },
    });
    let signs = json!({
        "transform": [{ "filter": "datum.sign == '+'" }],
        "mark": { "type": "text", "fontSize": 10, "style": "on-mark", "tooltip": false },
        "encoding": {
            "x": { "field": "middle", "type": "quantitative" }, "y": y, "text": { "field": "sign" },
            // Dark cells carry light signs and the other way round, on light and on dark pages alike.
            "color": { "condition": { "test": format!("datum.margin > {}", edges[5]), "value": "var(--paper)" }, "value": "var(--ink)" },
        },
    });
    let start = json!({
        "transform": [{ "filter": "datum.start" }],
        "mark": { "type": "rect", "fillOpacity": 0, "stroke": "var(--ink)", "strokeWidth": 2 },
        "encoding": { "x": x, "x2": { "field": "to" }, "y": y },
    });
    let chart = ChartBuilder::new(
        format!("margin-surface-{}", place + 1),
        format!("Stopping margin by {} and by the belief about {about}", variable),
    )
    .field("type", "Type", Form::Words)
    .field("state", full.clone(), Form::Words)
    .field("belief", format!("Belief: {believed}"), Form::Percent)
    .field("margin", "Margin", Form::Number)
    .field("from", "from", Form::Hidden)
    .field("to", "to", Form::Hidden)
    .field("middle", "middle", Form::Hidden)
    .field("sign", "sign", Form::Hidden)
    .field("start", "start", Form::Hidden)
    .rows(rows)
    .axis(format!(
        "Color: stopping margin, {unit}, + where stopping is better. Vertical: {}. Horizontal: belief that {about} is: {believed}.",
        words::lower(&full)
    ))
    .read(format!(
        "Each cell is the first period of a war that starts from that {} with that public belief, all else as in the scenario; \
         the outlined cell is nearest to where this war starts. Cells without color are states that play cannot reach or \
         where there is no choice.",
        variable
    ))
    .read(words::origin(armistice_analyze::findings::How::Equilibrium).brief)
    .label(format!(
        "Grid of colored cells: stopping margin by {variable} and by the belief that {about} is {believed}. It is negative in \
         {below} cells and positive in {above}; the largest size is {}.",
        number::plain(largest)
    ))
    .spec(json!({
        "facet": { "field": "type", "type": "nominal", "sort": titles, "header": { "title": null } },
        "spec": { "height": { "step": step }, "layer": [cells, signs, start] },
    }))
    .layout(json!({ "facet": { "min": 280, "columns": surfaces.len().clamp(1, 3), "axis": 60 } }));
    Some(chart.build())
}

/// Edges of the color classes: zero and three on either side, at round numbers.
fn edges(largest: f64) -> Vec<f64> {
    let scale = 10f64.powf(largest.log10().floor());
    let top = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * scale)
        .filter(|top| *top <= largest)
        .fold(scale, f64::max);
    let steps = [top * 0.1, top * 0.4, top];
    steps.iter().rev().map(|step| -step).chain([0.0]).chain(steps).collect::<Vec<f64>>()
}

#[cfg(test)]
mod tests {
    use super::edges;

    #[test]
    fn classes_are_symmetric_about_zero() {
        let edges = edges(3.7);
        assert_eq!(edges.len(), 7);
        assert_eq!(edges[3], 0.0);
        assert!(edges.iter().zip(edges.iter().rev()).all(|(a, b)| a == &-b));
        assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
