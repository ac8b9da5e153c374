//! What the results rest on.

use armistice_analyze::Derivative;
use armistice_analyze::findings::Outcome;

use crate::block::{Block, Section};
use crate::charts::sensitivity::{Follow, followed, precision, prior, tornado};
use crate::names::Names;
use crate::table::{Cell, Table};
use crate::{number, words};

/// Precision, priors, parameters.
pub(crate) fn section(names: Names<'_>) -> Section {
    let sensitivity = &names.0.sensitivity;
    let mut blocks = Vec::new();
    blocks.push(Block::heading("Parameters, one at a time"));
    blocks.extend(tornadoes(names));
    blocks.push(Block::heading("Where the answer turns over"));
    if sensitivity.tornado.is_empty() {
        blocks.push(names.absent("sensitivity.tornado", "No parameter has a range, so none was varied."));
    } else if sensitivity.thresholds.is_empty() {
        blocks.push(names.absent(
            "sensitivity.thresholds",
            "Within its stated range no single parameter makes the stopping margin change sign.",
        ));
    } else {
        blocks.push(Block::table(thresholds(names)));
    }
    blocks.push(Block::heading("Small changes"));
    blocks.extend(slopes(names));
    blocks.push(Block::heading("Precision of choice"));
    match precision(names, &sensitivity.precision) {
        Some(chart) => blocks.push(Block::chart(chart)),
        None => blocks.push(names.absent("sensitivity.precision", "Other precisions were not tried.")),
    }
    if let Some(note) = &names.0.about.calendar_note {
        blocks.push(Block::text(note.clone()));
    }
    blocks.push(Block::heading("The first belief"));
    match sensitivity.prior.as_ref().and_then(|sweep| prior(names, sweep)) {
        Some(chart) => blocks.push(Block::chart(chart)),
        None => blocks.push(
            names.absent("sensitivity.prior", "The attacker has one type, or other priors were not tried."),
        ),
    }
    if let Some(points) = sensitivity.grid_points {
        blocks.push(Block::text(format!(
            "All runs in this section use a belief grid of {points} points per dimension."
        )));
    }
    Section {
        id: "sensitivity",
        title: "What the results rest on".into(),
        short: "Sensitivity",
        read: "The same war computed again with one thing changed at a time: what moves the results far deserves your doubt first.".into(),
        blocks,
    }
}

/// The first headline measure and the first margin unfolded, the rest folded.
fn tornadoes(names: Names<'_>) -> Vec<Block> {
    let sensitivity = &names.0.sensitivity;
    let fullest = sensitivity.tornado.iter().flat_map(|row| [&row.at_low, &row.at_high]);
    let Some(fullest) = fullest.max_by_key(|outcome| outcome.measures.len() + outcome.margins.len()) else {
        return vec![names.absent("sensitivity.tornado", "No parameter has a range, so none was varied.")];
    };
    let mut shown = Vec::new();
    let mut folded = Vec::new();
    for (place, follow) in followed(fullest).iter().enumerate() {
        let base = base(names, follow, fullest);
        let Some(chart) = tornado(names, place, follow, base, &sensitivity.tornado) else { continue };
        let first_margin = matches!(follow, Follow::Margin(_)) && place == fullest.measures.len();
        if place == 0 || first_margin {
            shown.push(Block::chart(chart));
        } else {
            folded.push(Block::chart(chart));
        }
    }
    if shown.is_empty() && folded.is_empty() {
        return vec![Block::notice("No parameter moves any headline number within its stated range.")];
    }
    if !folded.is_empty() {
        let summary =
            format!("The same for {}", words::several(folded.len(), "other number", "other numbers"));
        shown.push(Block::Details { summary, blocks: folded });
    }
    shown
}

/// The followed number without any change, on the grid of these runs: value minus difference of any run.
fn base(names: Names<'_>, follow: &Follow<'_>, run: &Outcome) -> Option<f64> {
    let from_run = match follow {
        Follow::Measure(name) => {
            let found = run.measures.iter().find(|value| value.name == *name)?;
            found.value.zip(found.difference).map(|(value, difference)| value - difference)
        }
        Follow::Margin(kind) => {
            let found = run.margins.iter().find(|margin| margin.kind == *kind)?;
            found.margin.zip(found.difference).map(|(value, difference)| value - difference)
        }
    };
    from_run.or_else(|| match follow {
        Follow::Measure(name) => names.headline(name)?.value.value,
        Follow::Margin(_) => None,
    })
}

/// Rows of a table of derivatives that are shown; the others are folded.
const SLOPES: usize = 8;

/// A table of derivatives for each headline measure: the first unfolded.
fn slopes(names: Names<'_>) -> Vec<Block> {
    let sensitivity = &names.0.sensitivity;
    let mut measures: Vec<&str> = sensitivity.derivatives.iter().map(|row| row.measure.as_str()).collect();
    measures.dedup();
    let mut shown = Vec::new();
    let mut folded = Vec::new();
    for (place, measure) in measures.iter().enumerate() {
        let mut rows: Vec<&Derivative> = sensitivity
            .derivatives
            .iter()
            .filter(|row| row.measure == *measure && row.derivative.is_some())
            .collect();
        rows.sort_by(|a, b| tenth(b).abs().total_cmp(&tenth(a).abs()));
        let moving = rows.iter().filter(|row| tenth(row) != 0.0).count();
        rows.truncate(moving);
        let Some(first) = rows.first() else { continue };
        let title = names.measure(measure);
        let value = first.value.map_or_else(|| number::NONE.to_owned(), number::plain);
        let (most, rest) = rows.split_at(rows.len().min(SLOPES));
        let caption = format!(
            "What moves “{title}” ({value} now), by how far a tenth more of each parameter would move it"
        );
        let blocks = if place == 0 { &mut shown } else { &mut folded };
        blocks.push(Block::table(slope_table(names, &format!("slopes-{place}"), caption, most)));
        if !rest.is_empty() {
            let table = slope_table(
                names,
                &format!("slopes-{place}-rest"),
                format!("“{title}”: the other parameters"),
                rest,
            );
            let summary =
                format!("“{title}”: {}", words::several(rest.len(), "more parameter", "more parameters"));
            blocks.push(Block::Details { summary, blocks: vec![Block::table(table)] });
        }
    }
    if shown.is_empty() && folded.is_empty() {
        return vec![names.absent("sensitivity.derivatives", "No headline measure has a derivative.")];
    }
    if !folded.is_empty() {
        shown.push(Block::Details {
            summary: "The same for the other headline numbers".into(),
            blocks: folded,
        });
    }
    if let Some(points) = sensitivity.derivative_points {
        shown.push(Block::text(format!(
            "Derivatives are taken through the equilibrium, all parameters at once, on a belief grid of {points} points per \
             dimension. They say what a small change does; the ranges above say what a large one does."
        )));
    }
    shown
}

/// What a tenth more of the parameter does to the measure, as far as the derivative reaches.
fn tenth(row: &Derivative) -> f64 {
    0.1 * row.at * row.derivative.unwrap_or(0.0)
}

fn slope_table(names: Names<'_>, id: &str, caption: String, rows: &[&Derivative]) -> Table {
    let mut table = Table::new(id, caption)
        .words("Parameter")
        .numbers("Scenario")
        .numbers("Derivative")
        .words("Unit of the derivative")
        .numbers("A tenth more moves it by")
        .words("Remark");
    for row in rows {
        let remark = if row.smooth { String::new() } else { row.reason.clone().unwrap_or_default() };
        table.row(vec![
            Cell::text(words::sentence(&words::humane(&row.parameter)))
                .titled(names.parameter_says(&row.parameter).or(Some(row.parameter.as_str()))),
            Cell::number(Some(row.at), number::plain),
            Cell::number(row.derivative, number::signed),
            Cell::text(row.unit.clone().unwrap_or_default()),
            Cell::number(Some(tenth(row)), number::signed),
            Cell::text(remark),
        ]);
    }
    table
}

fn thresholds(names: Names<'_>) -> Table {
    let mut table = Table::new(
        "thresholds",
        "Where in its range a parameter makes the stopping margin change sign, the others as they are",
    )
    .words("Parameter")
    .words("Type")
    .numbers("Scenario")
    .numbers("Margin is zero at")
    .numbers("Margin at the low end")
    .numbers("Margin at the high end");
    for threshold in &names.0.sensitivity.thresholds {
        table.row(vec![
            Cell::text(words::sentence(&words::humane(&threshold.parameter)))
                .titled(names.parameter_says(&threshold.parameter).or(Some(threshold.parameter.as_str()))),
            Cell::text(names.attacker_kind(&threshold.kind)),
            Cell::number(Some(threshold.base), number::plain),
            Cell::number(threshold.crossing.value, number::plain)
                .titled(Some(words::explain(&threshold.crossing))),
            Cell::number(Some(threshold.margin_at_low), number::plain),
            Cell::number(Some(threshold.margin_at_high), number::plain),
        ]);
    }
    table
}
