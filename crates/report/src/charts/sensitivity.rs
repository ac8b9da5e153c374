//! Charts of how results depend on precision, priors and parameters.

use armistice_analyze::findings::{Outcome, PrecisionRow, PriorSweep, TornadoRow, TypeMargin};
use serde_json::{Value, json};

use super::{axis_format, tooltip};
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::names::Names;
use crate::{number, words};

/// Parameters drawn in a tornado; its table has all.
const BARS: usize = 18;

/// A number followed across runs.
pub(crate) enum Follow<'a> {
    /// A headline measure.
    Measure(&'a str),
    /// The attacker's margin of one type.
    Margin(&'a str),
}

impl Follow<'_> {
    fn title(&self, names: Names<'_>) -> String {
        match self {
            Self::Measure(name) => names.measure(name),
            Self::Margin(kind) => format!("Stopping margin, {}", names.attacker_kind(kind)),
        }
    }

    fn percent(&self, names: Names<'_>) -> bool {
        matches!(self, Self::Measure(name) if names.is_percent(name))
    }

    fn unit(&self, names: Names<'_>) -> String {
        match self {
            Self::Measure(name) => names.measure_unit(name),
            Self::Margin(_) => "payoff units".into(),
        }
    }

    fn value(&self, outcome: &Outcome) -> Option<f64> {
        match self {
            Self::Measure(name) => outcome.measures.iter().find(|value| value.name == *name)?.value,
            Self::Margin(kind) => outcome.margins.iter().find(|margin| margin.kind == *kind)?.margin,
        }
    }

    fn heading(&self, names: Names<'_>) -> String {
        match self.unit(names) {
            unit if unit.is_empty() => self.title(names),
            unit => format!("{} ({unit})", self.title(names)),
        }
    }
}

/// Every headline measure and margin that the outcomes hold; a margin that is itself a headline measure is not repeated.
pub(crate) fn followed(outcome: &Outcome) -> Vec<Follow<'_>> {
    let measures = outcome.measures.iter().map(|value| Follow::Measure(&value.name));
    let repeated = |margin: &TypeMargin| {
        margin.margin.is_some() && outcome.measures.iter().any(|value| value.value == margin.margin)
    };
    let margins = outcome.margins.iter().filter(|margin| !repeated(margin));
    measures.chain(margins.map(|margin| Follow::Margin(&margin.kind))).collect()
}

/// Lines over one varied number, one small chart for each followed number.
struct Sweep<'a> {
    id: &'a str,
    title: String,
    read: String,
    /// Heading and axis title of what is varied.
    what: String,
    log: bool,
    percent: bool,
    base: f64,
}

fn sweep(names: Names<'_>, about: &Sweep<'_>, runs: &[(f64, &Outcome)]) -> Option<Chart> {
    let fullest = runs
        .iter()
        .map(|(_, outcome)| *outcome)
        .max_by_key(|outcome| outcome.measures.len() + outcome.margins.len())?;
    let followed = followed(fullest);
    let mut builder = ChartBuilder::new(about.id, about.title.clone()).field(
        "setting",
        about.what.clone(),
        if about.percent { Form::Percent } else { Form::Number },
    );
    let mut headings = Vec::new();
    let mut keys = Vec::new();
    let mut summary = Vec::new();
    for (i, number) in followed.iter().enumerate() {
        let percent = number.percent(names);
        builder = builder.field(
            format!("m{i}"),
            number.heading(names),
            if percent { Form::Percent } else { Form::Number },
        );
        keys.push((format!("m{i}"), number.heading(names)));
        headings.push(number.heading(names));
        let values: Vec<Option<f64>> = runs.iter().map(|(_, outcome)| number.value(outcome)).collect();
        let form: fn(f64) -> String = if percent { number::percent } else { number::plain };
        summary.push(format!("{} {}", number.title(names), super::from_to(&values, form)));
    }
    let rows: Vec<Vec<Value>> = runs
        .iter()
        .map(|(setting, outcome)| {
            let mut cells = vec![num(*setting)];
            cells.extend(followed.iter().map(|number| num(number.value(outcome))));
            cells
        })
        .collect();
    if headings.is_empty() || rows.is_empty() {
        return None;
    }
    let settings: Vec<f64> = runs.iter().map(|(setting, _)| *setting).collect();
    let mut scale = json!({ "zero": false, "nice": false });
    let mut axis = json!({ "title": null, "format": axis_format(about.percent) });
    if about.log {
        scale = json!({ "type": "log", "base": 2, "nice": false });
        axis["values"] = json!(settings);
    }
    let x = json!({ "field": "setting", "type": "quantitative", "scale": scale, "axis": axis });
    let percents: Vec<String> =
        followed.iter().filter(|number| number.percent(names)).map(|number| number.heading(names)).collect();
    // Small charts share one axis format, so shares are drawn as percentages and their headings say so.
    let shown = json!({ "calculate": format!("indexof({}, datum.series) >= 0 ? 100 * datum.value : datum.value", json!(percents)), "as": "shown" });
    let mut transform = super::fold(&keys, "value");
    if let Value::Array(steps) = &mut transform {
        steps.push(shown);
        steps.push(json!({ "calculate": "format(datum.shown, '.3~g')", "as": "text" }));
    }
    let y = json!({
        "field": "shown", "type": "quantitative", "scale": { "zero": false },
        "axis": { "title": null, "tickCount": 4 },
    });
    let spec = json!({
        "transform": transform,
        "facet": { "field": "series", "type": "nominal", "sort": headings, "header": { "title": null } },
        "spec": {
            "height": 120,
            "layer": [
                { "mark": { "type": "rule", "color": "var(--quiet)", "strokeDash": [3, 3] }, "encoding": { "x": { "datum": about.base } } },
                {
                    "mark": { "type": "line", "color": "var(--c1)", "point": { "filled": true, "size": 34, "color": "var(--c1)" } },
                    "encoding": {
                        "x": x, "y": y,
                        "tooltip": tooltip(&[("series", "what", None), ("setting", about.what.as_str(), Some(if about.percent { ".0%" } else { ".3~g" })), ("text", "value", None)]),
                    },
                },
            ],
        },
        "resolve": { "scale": { "y": "independent" }, "axis": { "x": "independent" } },
    });
    let chart = builder
        .rows(rows)
        .axis(format!("Horizontal: {}", words::lower(&about.what)))
        .read(about.read.clone())
        .label(format!("Small line charts over {}. {}.", about.what, summary.join("; ")))
        .spec(spec)
        .layout(json!({ "facet": { "min": 230, "columns": 3, "each": true } }));
    Some(chart.build())
}

/// Over the precision of all players.
pub(crate) fn precision(names: Names<'_>, rows: &[PrecisionRow]) -> Option<Chart> {
    let about = Sweep {
        id: "sensitivity-precision",
        title: "If everybody chose more or less exactly".into(),
        read: "Precision (λ) says how closely players follow their best choice. To the left they err more, to the right less; the \
               dashed line is the scenario. A conclusion that turns over between the ends rests on how exact people are."
            .into(),
        what: "Every λ times".into(),
        log: true,
        percent: false,
        base: 1.0,
    };
    let runs: Vec<(f64, &Outcome)> = rows.iter().map(|row| (row.scale, &row.outcome)).collect();
    sweep(names, &about, &runs)
}

/// Over the attacker's prior.
pub(crate) fn prior(names: Names<'_>, prior: &PriorSweep) -> Option<Chart> {
    let player = names.player(&prior.player);
    let about = Sweep {
        id: "sensitivity-prior",
        title: format!("If the public belief about {player} were another"),
        read: "Nobody observed this number: it is what everybody else believes before the first period. The dashed line is the scenario.".into(),
        what: format!("Prior belief that {player} is: {}", prior.title),
        log: false,
        percent: true,
        base: prior.base,
    };
    let runs: Vec<(f64, &Outcome)> = prior.rows.iter().map(|row| (row.prior, &row.outcome)).collect();
    sweep(names, &about, &runs)
}

/// Parameters at the ends of their ranges, one at a time, for one followed number.
pub(crate) fn tornado(
    names: Names<'_>,
    place: usize,
    follow: &Follow<'_>,
    base: Option<f64>,
    rows: &[TornadoRow],
) -> Option<Chart> {
    let base = base?;
    let percent = follow.percent(names);
    let mut drawn: Vec<(f64, Vec<Value>)> = Vec::new();
    for row in rows {
        let (low, high) = (follow.value(&row.at_low), follow.value(&row.at_high));
        if low.is_none() && high.is_none() {
            continue;
        }
        let span = low.into_iter().chain(high).fold(0.0_f64, |span, value| span.max((value - base).abs()));
        drawn.push((
            span,
            vec![
                json!(words::humane(&row.parameter)),
                num(row.low),
                num(row.base),
                num(row.high),
                num(low),
                num(high),
                num(base),
                json!(row.unit),
                json!(row.controlled_by.as_deref().map(|name| names.player(name))),
            ],
        ));
    }
    drawn.sort_by(|a, b| b.0.total_cmp(&a.0));
    if drawn.first()?.0 <= 0.0 {
        return None;
    }
    let all = drawn.len();
    for (rank, (_, row)) in drawn.iter_mut().enumerate() {
        row.push(json!(rank));
    }
    let title = follow.title(names);
    let form: fn(f64) -> String = if percent { number::percent } else { number::plain };
    let summary: Vec<String> = drawn
        .iter()
        .take(5)
        .filter_map(|(_, row)| {
            let end = |i: usize| row.get(i).and_then(Value::as_f64).map_or_else(|| number::NONE.into(), form);
            Some(format!("{}: {} at the low end, {} at the high end", row.first()?.as_str()?, end(4), end(5)))
        })
        .collect();
    let y = json!({ "field": "parameter", "type": "nominal", "sort": null, "axis": super::wrapped_axis() });
    let x = |field: &str| json!({ "field": field, "type": "quantitative", "scale": { "zero": false }, "axis": { "title": null, "format": axis_format(percent), "grid": true, "tickCount": 6 } });
    let value = if percent { ".1%" } else { ".3~g" };
    let tips = tooltip(&[
        ("parameter", "parameter", None),
        ("low", "low end", Some(".3~g")),
        ("base", "scenario", Some(".3~g")),
        ("high", "high end", Some(".3~g")),
        ("at_low", "at the low end", Some(value)),
        ("at_high", "at the high end", Some(value)),
    ]);
    let ends = ["Low end of its range", "High end"];
    let bar = |field: &str, end: &str| {
        json!({
            "mark": { "type": "bar", "height": { "band": 0.62 } },
            "encoding": {
                "y": y, "x": x(field), "x2": { "field": "result" }, "tooltip": tips,
                "color": { "datum": end, "type": "nominal", "scale": { "domain": ends, "range": ["var(--c3)", "var(--c5)"] }, "legend": { "title": null } },
            },
        })
    };
    let shape = if percent { Form::Percent } else { Form::Number };
    let mut read = format!(
        "One parameter at a time goes to either end of its stated range, the others stay; the line is the scenario ({}). Longest bar first. \
         This does not show what happens when several differ together.",
        form(base)
    );
    if all > BARS {
        read.push_str(&format!(
            " Drawn are the {BARS} with the longest bars; the numbers below have all {all}."
        ));
    }
    let chart = ChartBuilder::new(format!("tornado-{}", place + 1), format!("{title}: which parameters matter"))
        .field("parameter", "Parameter", Form::Words)
        .field("low", "Low end", Form::Number)
        .field("base", "Scenario", Form::Number)
        .field("high", "High end", Form::Number)
        .field("at_low", "Result at the low end", shape)
        .field("at_high", "Result at the high end", shape)
        .field("result", "Result of the scenario", shape)
        .field("unit", "Unit", Form::Words)
        .field("by", "Controlled by", Form::Words)
        .field("rank", "rank", Form::Hidden)
        .rows(drawn.into_iter().map(|(_, row)| row).collect())
        .axis(if percent { String::new() } else { words::sentence(&follow.unit(names)) })
        .read(read)
        .label(format!("Bars: {title}, {} in the scenario. {}.", form(base), summary.join("; ")))
        .spec(json!({
            "height": { "step": 24 },
            "transform": [{ "filter": format!("datum.rank < {BARS}") }],
            "layer": [
                bar("at_low", ends[0]), bar("at_high", ends[1]),
                { "mark": { "type": "rule", "color": "var(--ink)", "strokeWidth": 1 }, "encoding": { "x": { "datum": base } } },
            ],
        }))
        .layout(json!({ "wrap": { "field": "parameter", "wide": 40, "narrow": 18 }, "narrow": { "height": { "step": 34 } } }));
    Some(chart.build())
}
