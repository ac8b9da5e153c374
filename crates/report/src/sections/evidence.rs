//! What stands beside the model: the record, the certificate, the parameters.

use armistice_analyze::findings::{Certificate, ParameterRow};

use crate::block::{Block, Fact, Section};
use crate::names::Names;
use crate::table::{Cell, Table};
use crate::{charts, number, words};

/// The model's own behavior beside the record.
pub(crate) fn calibration(names: Names<'_>) -> Section {
    let rows = &names.0.calibration;
    let mut blocks = Vec::new();
    if rows.is_empty() {
        blocks.push(names.absent("calibration", "The scenario sets none of its numbers beside the record."));
    } else {
        let judged = rows.iter().filter(|row| row.within.is_some()).count();
        let within = rows.iter().filter(|row| row.within == Some(true)).count();
        if judged > 0 {
            blocks.push(Block::text(format!(
                "The model lies within the range of the record in {within} of {} that have one.",
                words::several(judged, "row", "rows")
            )));
        }
        if let Some(chart) = charts::calibration::chart(rows) {
            blocks.push(Block::chart(chart));
        }
        let mut table = Table::new("calibration-table", "Model and record")
            .words("What")
            .numbers("Model")
            .numbers("Record")
            .numbers("Range of the record")
            .words("Verdict")
            .words("Source of the record");
        for row in rows {
            let form = |value: f64| words::like(&row.model, value);
            let verdict = match row.within {
                Some(true) => Cell::text("within").classed("holds"),
                Some(false) => Cell::text("outside").classed("fails"),
                None => Cell::text(number::NONE),
            };
            let range = row.range.map_or_else(
                || number::NONE.into(),
                |(low, high)| format!("{} to {}", form(low), form(high)),
            );
            table.row(vec![
                Cell::text(charts::calibration::words_of(row))
                    .titled(Some(row.measure.clone()))
                    .noted(row.says.clone()),
                Cell::number(row.model.value, form)
                    .titled(Some(words::explain(&row.model)))
                    .noted(words::unit(&row.model)),
                Cell::number(row.observed, form),
                Cell::text(range).classed("num"),
                verdict,
                Cell::text(row.source.clone().unwrap_or_default()),
            ]);
        }
        blocks.push(Block::table(table));
    }
    Section {
        id: "calibration",
        title: "The model beside the record".into(),
        short: "Model and record",
        read: "A model that does not behave like the war it describes deserves little trust about its future: here its own behavior stands beside what was \
               observed."
            .into(),
        blocks,
    }
}

/// Whether the solution can be believed.
pub(crate) fn certificate(names: Names<'_>) -> Section {
    let mut blocks = Vec::new();
    match &names.0.certificate {
        Some(certificate) => {
            blocks.push(Block::text(status(&certificate.status)));
            blocks.push(Block::Facts { facts: facts(certificate) });
            if !certificate.grid_error.is_empty() {
                blocks.push(Block::table(grid_error(names, certificate)));
            }
            if !certificate.selections.is_empty() {
                let different: u64 = certificate.selections.iter().map(|row| row.different).sum();
                blocks.push(Block::text(if different == 0 {
                    "Starting from other profiles led to the same equilibrium at every point compared: no sign that the results hang on which one was picked."
                } else {
                    "Starting from other profiles led to another equilibrium at some points: there, the results hang on which one was picked."
                }));
                blocks.push(Block::table(selections(certificate)));
            }
            blocks.push(Block::Details {
                summary: "How the equations were solved".into(),
                blocks: vec![Block::table(effort(certificate))],
            });
            if !certificate.not_solved.is_empty() {
                let mut table = Table::new("not-solved", "Points that were not solved (the first of them)")
                    .numbers("Period")
                    .words("State")
                    .numbers("Residual left");
                for point in &certificate.not_solved {
                    table.row(vec![
                        Cell::number(Some(f64::from(point.period)), number::plain),
                        Cell::text(point.state.clone()),
                        Cell::number(Some(point.residual), number::plain),
                    ]);
                }
                blocks.push(Block::table(table));
            }
        }
        None => blocks.push(names.absent("certificate", "The solution was not checked.")),
    }
    Section {
        id: "certificate",
        title: "Can the solution be believed?".into(),
        short: "Certificate",
        read: "Not whether the model is right, but whether its equations were solved: a check that shares no code with the solver looked for anybody who \
               could gain by deviating."
            .into(),
        blocks,
    }
}

/// The status in words.
pub(crate) fn status(status: &str) -> String {
    match status {
        "certified" => "Certified: every point of the solution satisfies the equilibrium equations to the tolerance asked for.".into(),
        "approximate" => "Approximate: every point satisfies the equilibrium equations to a looser tolerance than the one asked for.".into(),
        "not_converged" => "Not certified: some points were not solved. Numbers that rest on them are not reliable.".into(),
        "not_stationary" => "Not certified: values still moved when the solver stopped.".into(),
        "cancelled" => "Not certified: the solver was stopped before it was done.".into(),
        other => format!("Status: {}.", words::humane(other)),
    }
}

fn facts(certificate: &Certificate) -> Vec<Fact> {
    let plain = |label: &str, value: String, notes: Vec<String>| Fact {
        label: label.into(),
        value,
        notes,
        ..Fact::default()
    };
    let bound = certificate.regret_bound.map_or_else(
        || "With infinite precision it should be zero.".to_owned(),
        |bound| format!("Under this model of choice it may be up to {}.", number::plain(bound)),
    );
    let mut facts = vec![
        plain(
            "Largest residual",
            number::plain(certificate.residual),
            vec!["Difference between a probability and what the equations ask for.".into()],
        ),
        plain(
            "Largest gain from one deviation",
            number::plain(certificate.regret),
            vec![
                format!(
                    "Payoff units; {} of the payoff range of the game.",
                    number::percent(certificate.regret_relative)
                ),
                bound,
            ],
        ),
        plain(
            "Points checked",
            number::count(certificate.checked),
            vec![if certificate.exhaustive {
                "Every period, state and belief of the grid.".into()
            } else {
                format!("A sample of {} points (period, state, belief).", number::count(certificate.points))
            }],
        ),
        plain(
            "Largest error of a value",
            number::plain(certificate.value_error),
            vec![format!(
                "Payoff units: values kept against what the strategies earn. The payoffs of the game span {}.",
                number::plain(certificate.payoff_range)
            )],
        ),
    ];
    if let Some(error) = certificate.forward_error {
        facts.push(plain(
            "Values against wars followed forward",
            number::plain(error),
            vec!["Payoff units, at the start: the error of reading values between the points of the belief grid.".into()],
        ));
    }
    if let Some(error) = &certificate.value_grid_error {
        facts.push(plain(
            "Estimated grid error of values at the start",
            number::plain(error.estimate),
            vec![format!(
                "Payoff units. Against a grid of {} points per dimension: {} at the start, {} at most.",
                error.coarse_points,
                number::plain(error.start_difference),
                number::plain(error.largest_difference)
            )],
        ));
    }
    facts
}

fn grid_error(names: Names<'_>, certificate: &Certificate) -> Table {
    let mut table =
        Table::new("grid-error", "Headline numbers on two belief grids, and the error this suggests")
            .words("Number")
            .numbers("Main grid")
            .numbers("Coarser grid")
            .numbers("Estimated error");
    for row in &certificate.grid_error {
        let percent = names.is_percent(&row.name);
        let form: fn(f64) -> String = if percent { number::percent } else { number::plain };
        let difference = |value: f64| {
            let text = if percent { format!("{} pts", number::points(value)) } else { number::plain(value) };
            text.trim_start_matches('+').to_owned()
        };
        table.row(vec![
            Cell::text(names.measure(&row.name)).titled(Some(row.name.clone())),
            Cell::number(Some(row.value), form),
            Cell::number(Some(row.coarse), form),
            Cell::number(Some(row.estimate), difference),
        ]);
    }
    table
}

/// Whether other ways to select a stage equilibrium lead elsewhere.
fn selections(certificate: &Certificate) -> Table {
    let mut table = Table::new("selections", "Other equilibria looked for, point by point")
        .words("Selection")
        .numbers("Points compared")
        .numbers("Solved")
        .numbers("Another equilibrium")
        .numbers("Largest difference of a payoff");
    for row in &certificate.selections {
        let whole = |count: u64| Cell::number(Some(count as f64), move |_| number::count(count));
        table.row(vec![
            Cell::text(row.selection.clone()),
            whole(row.points),
            whole(row.converged),
            whole(row.different),
            Cell::number(Some(row.largest_difference), number::plain),
        ]);
    }
    table
}

fn effort(certificate: &Certificate) -> Table {
    let counts = certificate.counts;
    let mut table = Table::new("effort", "Points solved, by method").words("Method").numbers("Points");
    for (what, count) in [
        ("Iteration alone", counts.iteration),
        ("Newton steps", counts.newton),
        ("Continuation in λ", counts.homotopy),
        ("Not solved", counts.not_converged),
        ("In all", counts.points),
        ("Newton evaluations of a stage", counts.evaluations),
        ("Evaluations of its payoffs alone", counts.checks),
    ] {
        table.row(vec![Cell::text(what), Cell::number(Some(count as f64), |_| number::count(count))]);
    }
    table
}

/// Every parameter, its value, range and source.
pub(crate) fn parameters(names: Names<'_>) -> Section {
    let rows = &names.0.parameters;
    let mut blocks = Vec::new();
    if rows.is_empty() {
        blocks.push(names.absent("parameters", "The scenario has no parameters."));
    } else {
        let assumed = rows.iter().filter(|row| is_assumed(row)).count();
        blocks.push(Block::text(format!(
            "{}, of which {} assumed: nobody measured them, and the section on what the results rest on shows which of them matter.",
            words::several(rows.len(), "parameter", "parameters"),
            if assumed == 1 { "1 is".into() } else { format!("{assumed} are") }
        )));
        let mut table = Table::new("parameters-table", "Parameters")
            .words("Parameter")
            .numbers("Value")
            .numbers("Range")
            .words("Unit")
            .words("Controlled by")
            .words("Source");
        for row in rows {
            let computed = row.text.trim().parse::<f64>().is_err();
            let range = row.range.map_or_else(
                || number::NONE.into(),
                |(low, high)| format!("{} to {}", number::plain(low), number::plain(high)),
            );
            table.row(vec![
                Cell::code(row.name.clone()).noted(row.says.clone()),
                Cell::number(Some(row.value), number::plain)
                    .noted(computed.then(|| format!("= {}", row.text))),
                Cell::text(range).classed("num").noted(row.distribution.clone()),
                Cell::text(row.unit.clone().unwrap_or_default()),
                Cell::text(row.controlled_by.as_deref().map_or_else(String::new, |by| names.player(by))),
                Cell::text(row.source.clone().unwrap_or_else(|| "not stated".into())),
            ]);
        }
        blocks.push(Block::table(table));
    }
    Section {
        id: "parameters",
        title: "Parameters and their sources".into(),
        short: "Parameters",
        read: "Every number that went in, with where it comes from; “assumed” is the honest word for a number that nobody measured.".into(),
        blocks,
    }
}

fn is_assumed(row: &ParameterRow) -> bool {
    row.source.as_deref().is_none_or(|source| source.trim().to_ascii_lowercase().starts_with("assumed"))
}
