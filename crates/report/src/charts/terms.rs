//! Chart of the terms on which wars end.

use armistice_analyze::findings::Terms;
use serde_json::{Value, json};

use super::{color_by, tooltip};
use crate::chart::{Chart, ChartBuilder, Form, num};
use crate::names::Names;
use crate::{number, words};

/// Histogram of terms by outcome; `None` without bars.
pub(crate) fn histogram(names: Names<'_>, terms: &Terms) -> Option<Chart> {
    if terms.bins.is_empty() {
        return None;
    }
    let mut rows = Vec::new();
    let low = terms.bins.iter().map(|bin| bin.low).fold(f64::INFINITY, f64::min);
    let high = terms.bins.iter().map(|bin| bin.high).fold(f64::NEG_INFINITY, f64::max);
    // Bars of single values are drawn with a width that keeps neighbours apart.
    let mut values: Vec<f64> = terms.bins.iter().map(|bin| bin.low).collect();
    values.sort_by(f64::total_cmp);
    let gap = values
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .filter(|gap| *gap > 0.0)
        .fold(f64::INFINITY, f64::min);
    let half = if gap.is_finite() { gap * 0.4 } else { (high - low).max(0.1) * 0.1 };
    let mut tallest: (f64, f64) = (0.0, 0.0);
    for bin in &terms.bins {
        let single = bin.high <= bin.low;
        let (from, to) = if single { (bin.low - half, bin.low + half) } else { (bin.low, bin.high) };
        let text = if single {
            number::plain(bin.low)
        } else {
            format!("{} to {}", number::plain(bin.low), number::plain(bin.high))
        };
        let total: f64 = bin.shares.iter().sum();
        if total > tallest.1 {
            tallest = (bin.low, total);
        }
        let mut base = 0.0;
        for (outcome, share) in terms.outcomes.iter().zip(&bin.shares) {
            if *share > 0.0 {
                rows.push(vec![
                    json!(text),
                    json!(outcome.title),
                    num(*share),
                    num(from),
                    num(to),
                    num(base),
                    num(base + share),
                ]);
                base += share;
            }
        }
    }
    let labels: Vec<String> = terms.outcomes.iter().map(|outcome| outcome.title.clone()).collect();
    let colors: Vec<String> =
        terms.outcomes.iter().map(|outcome| names.outcome_color(&outcome.outcome)).collect();
    let unit = terms.unit.clone().unwrap_or_else(|| "terms".into());
    let across = if unit == "terms" { unit.clone() } else { format!("terms, {unit}") };
    let margin = half.max((high - low) * 0.02);
    let bars = json!({
        "mark": { "type": "rect", "stroke": "var(--paper)", "strokeWidth": 0.5 },
        "encoding": {
            "x": { "field": "from", "type": "quantitative", "scale": { "domain": [low - margin, high + margin], "nice": false, "zero": false }, "axis": { "title": null } },
            "x2": { "field": "to" },
            "y": { "field": "base", "type": "quantitative", "axis": { "title": null, "format": "~%" } },
            "y2": { "field": "top" },
            "color": color_by("outcome", &labels, &colors),
            "tooltip": tooltip(&[("terms", "terms", None), ("outcome", "ending", None), ("share", "share of all wars", Some(".1%"))]),
        },
    });
    let mut layers = vec![bars];
    if let Some(mean) = terms.mean.value {
        layers.push(mark_of_mean(mean));
    }
    let chart = ChartBuilder::new("terms-histogram", "Terms of the wars that end")
        .field("terms", "Terms", Form::Words)
        .field("outcome", "Ending", Form::Words)
        .field("share", "Share of all wars", Form::Percent)
        .field("from", "from", Form::Hidden)
        .field("to", "to", Form::Hidden)
        .field("base", "base", Form::Hidden)
        .field("top", "top", Form::Hidden)
        .rows(rows)
        .axis(format!("Vertical: share of all wars. Horizontal: {across}."))
        .read("Height is the share of all wars, including those that have no terms or have not ended; the dashed line is the mean over wars that ended.")
        .read(words::origin(terms.how).brief)
        .label(format!(
            "Histogram of terms, {unit}, from {} to {}; most frequent at {} ({} of wars); mean {}.",
            number::plain(low),
            number::plain(high),
            number::plain(tallest.0),
            number::percent(tallest.1),
            words::value(&terms.mean),
        ))
        .spec(json!({ "height": 230, "layer": layers }));
    Some(chart.build())
}

fn mark_of_mean(mean: f64) -> Value {
    json!({
        "mark": { "type": "rule", "color": "var(--ink)", "strokeDash": [4, 3], "strokeWidth": 1.5, "tooltip": { "content": "encoding" } },
        "encoding": { "x": { "datum": mean } },
    })
}
