//! Sobol indices and boxes of a finished sweep, as files and as lines.

use armistice::analyze::Bootstrap;
use armistice::analyze::Indices;
use armistice::analyze::design::{Factor, Levels, Sampling};
use armistice::analyze::prim::{Limits, Prim, PrimBox};
use armistice::analyze::sweep::{Plan, SweepError, SweepFolder, Table as Rows, boxes, indices};
use armistice::scenario::Scenario;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::names::unknown;
use crate::session::{HEADING, styled};
use crate::text::{Table, percent};

/// What was made of the rows.
#[derive(Debug, Default)]
pub struct Explored {
    /// Files of the folder: name and content.
    pub files: Vec<(&'static str, String)>,
    /// What is shown.
    pub lines: Vec<String>,
}

/// The claims that `--boxes` names, and whether boxes are wanted in which they hold.
pub fn claims(scenario: &Scenario, names: &[String]) -> Result<Vec<(String, bool)>, Failure> {
    let known = || scenario.claims.iter().map(|claim| claim.name.as_str());
    let read = |text: &String| {
        let (name, holds) = text.strip_prefix("not:").map_or((text.as_str(), true), |name| (name, false));
        if known().any(|other| other == name) {
            Ok((name.to_owned(), holds))
        } else {
            Err(unknown("claim", name, known()))
        }
    };
    names.iter().map(read).collect()
}

/// Indices for a design made for them, and boxes where they were asked for.
pub fn explore(plan: &Plan, folder: &SweepFolder, wanted: &[(String, bool)]) -> Result<Explored, SweepError> {
    let mut out = Explored::default();
    let saltelli = matches!(plan.design.sampling, Sampling::Saltelli { .. });
    if !saltelli && wanted.is_empty() {
        return Ok(out);
    }
    let path = folder.merged();
    let content = std::fs::read(&path);
    let content = content.map_err(|source| SweepError::Io { doing: "read", path, source })?;
    let rows = Rows::from_parquet(content)?;
    if saltelli {
        show_indices(plan, &indices(plan, &rows, &Bootstrap::default()), &mut out);
    }
    let mut found = Vec::new();
    for (claim, holds) in wanted {
        let trajectory = boxes(plan, &rows, claim, *holds, &Prim::default())?;
        let title = if *holds { claim.clone() } else { format!("not {claim}") };
        let mut document = json!({ "claim": claim, "holds": holds });
        match trajectory {
            Ok(trajectory) => {
                // The last box is the purest; those before it cover more, and are in the file.
                if let Some(last) = trajectory.boxes.last() {
                    show_box(plan, &title, last, &mut out.lines);
                }
                let boxes = trajectory.boxes.iter().map(|b| describe(plan, b)).collect();
                document["boxes"] = Value::Array(boxes);
            }
            Err(error) => {
                out.lines.push(format!("{}: no box, {error}", styled(HEADING, &title)));
                document["undefined"] = error.to_string().into();
            }
        }
        found.push(document);
    }
    if !found.is_empty() {
        let document =
            json!({ "schema": "armistice.sweep-boxes/1", "plan": folder.plan_hash(), "claims": found });
        out.files.push(("boxes.json", format!("{document:#}\n")));
    }
    if !out.lines.is_empty() {
        out.lines.push(String::new());
    }
    Ok(out)
}

fn show_indices(
    plan: &Plan,
    found: &[(String, Result<Indices, armistice::analyze::IndicesError>)],
    out: &mut Explored,
) {
    let mut file =
        "name,factor,first,first_low,first_high,total,total_low,total_high,used,left_out\n".to_owned();
    let mut table = Table::default();
    let columns: Vec<String> = plan.design.factors.iter().map(|factor| factor.subject.column()).collect();
    let heading = ["Total Sobol indices".to_owned()].into_iter().chain(columns.iter().cloned());
    table.row(heading);
    for (name, result) in found {
        match result {
            Ok(indices) => {
                let total = indices.factors.iter().map(|factor| format!("{:.3}", factor.total.value));
                table.row([name.clone()].into_iter().chain(total));
                for (column, factor) in columns.iter().zip(&indices.factors) {
                    let end = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
                    let row = [factor.first, factor.total].map(|index| {
                        let (low, high) = (index.interval.map(|i| i.0), index.interval.map(|i| i.1));
                        format!("{},{},{}", index.value, end(low), end(high))
                    });
                    let counts = format!("{},{}", indices.used, indices.left_out);
                    file.push_str(&format!("{name},{column},{},{counts}\n", row.join(",")));
                }
            }
            Err(error) => {
                let dashes = columns.iter().map(|_| "–".to_owned());
                table.row([name.clone()].into_iter().chain(dashes).chain([error.to_string()]));
            }
        }
    }
    out.files.push(("indices.csv", file));
    let lines = table.lines_with_prose("").into_iter().enumerate();
    out.lines.extend(lines.map(|(row, line)| if row == 0 { styled(HEADING, line) } else { line }));
    out.lines.push(String::new());
}

fn show_box(plan: &Plan, title: &str, found: &PrimBox, lines: &mut Vec<String>) {
    lines.push(format!(
        "{}: true at {} of the points in the box, which has {} of all points where it is true",
        styled(HEADING, title),
        percent(found.density),
        percent(found.coverage),
    ));
    for restriction in &found.restricted {
        let (Some(factor), Some(limits)) =
            (plan.design.factors.get(restriction.factor), found.limits.get(restriction.factor))
        else {
            continue;
        };
        let chance = [restriction.low, restriction.high].into_iter().flatten().fold(0.0, f64::max);
        lines.push(format!("  {}  (quasi-p {chance:.1e})", words(factor, limits)));
    }
}

fn words(factor: &Factor, limits: &Limits) -> String {
    let column = factor.subject.column();
    match limits {
        Limits::Interval { low, high } => format!("{column} from {low:.6} to {high:.6}"),
        Limits::Categories(kept) => format!("{column} {}", names(factor, kept).join(" or ")),
    }
}

fn names(factor: &Factor, kept: &[usize]) -> Vec<String> {
    let name = |position: &usize| match &factor.levels {
        Levels::Cases(cases) => cases.get(*position).cloned().unwrap_or_default(),
        _ => (if *position == 0 { "false" } else { "true" }).to_owned(),
    };
    kept.iter().map(name).collect()
}

fn describe(plan: &Plan, found: &PrimBox) -> Value {
    let limits: Vec<Value> = found
        .restricted
        .iter()
        .filter_map(|restriction| {
            let factor = plan.design.factors.get(restriction.factor)?;
            let column = factor.subject.column();
            let (low_p, high_p) = (restriction.low, restriction.high);
            Some(match found.limits.get(restriction.factor)? {
                Limits::Interval { low, high } => {
                    json!({ "column": column, "low": low, "high": high, "quasi_p_low": low_p, "quasi_p_high": high_p })
                }
                Limits::Categories(kept) => {
                    json!({ "column": column, "values": names(factor, kept), "quasi_p": low_p })
                }
            })
        })
        .collect();
    json!({
        "points": found.points,
        "coverage": found.coverage,
        "density": found.density,
        "mass": found.mass,
        "limits": limits,
    })
}
