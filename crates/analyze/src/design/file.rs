//! Points from a file: comma-separated values with a header.

use std::io::Read;

use armistice_scenario::Scenario;

use super::apply::unknown;
use super::{Design, DesignError, Factor, Levels, MAX_POINTS, Sampling, Subject};

/// Columns that tables of sweeps have besides factors, and that a file of points may have.
const IGNORED: [&str; 1] = ["point"];

/// Reads a design from comma-separated values: a header with the columns of factors (see [`Subject::column`]), one point a
/// line.
///
/// A lever is `0`, `1`, `false` or `true`; a case is a name, or empty or `base` for the scenario as written. A column `point` is ignored.
///
/// - errors: [`DesignError::File`] with the line; [`DesignError::Unknown`] for a column that is no factor.
pub fn read_points(scenario: &Scenario, content: impl Read) -> Result<Design, DesignError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(content);
    let broken = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        DesignError::File { line, what: error.to_string() }
    };
    let header = reader.headers().map_err(|e| broken(&e))?.clone();
    let mut subjects: Vec<Option<Subject>> = Vec::new();
    for name in &header {
        let name = name.trim_start_matches('\u{feff}');
        subjects.push(match IGNORED.contains(&name) {
            true => None,
            false => Some(subject(scenario, name)?),
        });
    }
    let mut cases: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| broken(&e))?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |what: String| DesignError::File { line, what };
        if record.len() != subjects.len() {
            let (found, wanted) = (record.len(), subjects.len());
            return Err(wrong(format!("it has {found} values, and the header names {wanted} columns")));
        }
        let mut row = Vec::new();
        for (field, subject) in record.iter().zip(&subjects) {
            let Some(subject) = subject else { continue };
            let value = value(subject, field, &mut cases);
            row.push(value.ok_or_else(|| wrong(format!("`{field}` is no value of `{}`", subject.column())))?);
        }
        rows.push(row);
        if rows.len() > MAX_POINTS {
            return Err(wrong("at most 1,000,000 points are allowed".to_owned()));
        }
    }
    let factors = subjects
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(position, subject)| Factor { levels: levels(&subject, &rows, position, &cases), subject });
    Ok(Design { factors: factors.collect(), sampling: Sampling::List { rows } })
}

fn value(subject: &Subject, field: &str, cases: &mut Vec<String>) -> Option<f64> {
    match subject {
        Subject::Lever(_) => match field.to_ascii_lowercase().as_str() {
            "0" | "false" => Some(0.0),
            "1" | "true" => Some(1.0),
            _ => None,
        },
        Subject::Case => {
            let name = if field.is_empty() { super::AS_WRITTEN } else { field };
            let position = cases.iter().position(|case| case == name).unwrap_or_else(|| {
                cases.push(name.to_owned());
                cases.len() - 1
            });
            Some(position as f64)
        }
        _ => field.parse().ok().filter(|x: &f64| x.is_finite()),
    }
}

/// What the points say about a factor: the range of its numbers.
fn levels(subject: &Subject, rows: &[Vec<f64>], position: usize, cases: &[String]) -> Levels {
    match subject {
        Subject::Lever(_) => Levels::Switch,
        Subject::Case => Levels::Cases(cases.to_vec()),
        _ => {
            let column = || rows.iter().filter_map(|row| row.get(position).copied());
            let (low, high) =
                (column().fold(f64::INFINITY, f64::min), column().fold(f64::NEG_INFINITY, f64::max));
            if low <= high { Levels::Range { low, high } } else { Levels::Range { low: 0.0, high: 0.0 } }
        }
    }
}

/// The factor that a column is of.
fn subject(scenario: &Scenario, name: &str) -> Result<Subject, DesignError> {
    if scenario.parameters.iter().any(|p| p.name == name) {
        return Ok(Subject::Parameter(name.to_owned()));
    }
    let known = subjects(scenario);
    known.iter().find(|subject| subject.column() == name).cloned().ok_or_else(|| {
        let parameters = scenario.parameters.iter().map(|p| p.name.clone());
        let names: Vec<String> = parameters.chain(known.iter().map(Subject::column)).collect();
        unknown("column", name, names.iter().map(String::as_str))
    })
}

/// Everything but parameters that can be a factor.
fn subjects(scenario: &Scenario) -> Vec<Subject> {
    let levers = scenario.levers.iter().map(|lever| Subject::Lever(lever.name.clone()));
    let priors = scenario.players.iter().flat_map(|player| {
        let prior = |kind: &armistice_scenario::TypeSpec| Subject::Prior {
            player: player.name.clone(),
            kind: kind.name.clone(),
        };
        player.types.iter().map(prior).collect::<Vec<_>>()
    });
    levers.chain(priors).chain([Subject::Case, Subject::Precision]).collect()
}
