//! The record: the scenario's data file, as it is.

use std::path::{Component, Path};

use armistice_scenario::{ChartKind, Data, Scenario};

use crate::AnalyzeError;
use crate::findings::{Record, RecordChart, RecordColumn};

/// Reads the columns that charts use. `None` when the scenario has no data.
///
/// - errors: [`AnalyzeError::Data`] for a file outside the scenario's folder, one that cannot be read, or a column that is
///   not there.
pub fn record(scenario: &Scenario) -> Result<Option<Record>, AnalyzeError> {
    let Some(data) = &scenario.data else { return Ok(None) };
    let name = data.observed.to_string_lossy().replace('\\', "/");
    let failed = |what: String| AnalyzeError::Data { path: name.clone(), what };
    if !stays_below(&data.observed) {
        return Err(failed("it is not below the scenario's folder".into()));
    }
    let path = scenario.folder.join(&data.observed);
    let mut reader = csv::Reader::from_path(&path).map_err(|e| failed(e.to_string()))?;
    let headers = reader.headers().map_err(|e| failed(e.to_string()))?.clone();
    let column = |wanted: &str| {
        headers
            .iter()
            .position(|h| h.trim() == wanted)
            .ok_or_else(|| failed(format!("there is no column `{wanted}`")))
    };
    let date = column(&data.date)?;
    let mut wanted: Vec<(String, usize)> = Vec::new();
    for name in data.charts.iter().flat_map(|chart| &chart.columns) {
        if wanted.iter().all(|(known, _)| known != name) {
            wanted.push((name.clone(), column(name)?));
        }
    }
    let mut dates = Vec::new();
    let mut cells: Vec<Vec<String>> = vec![Vec::new(); wanted.len()];
    for row in reader.records() {
        let row = row.map_err(|e| failed(e.to_string()))?;
        dates.push(row.get(date).unwrap_or("").trim().to_owned());
        for ((_, position), column) in wanted.iter().zip(&mut cells) {
            column.push(row.get(*position).unwrap_or("").trim().to_owned());
        }
    }
    let columns = wanted.into_iter().zip(cells).map(|((name, _), cells)| column_of(name, cells));
    Ok(Some(Record {
        file: name.clone(),
        date: data.date.clone(),
        dates,
        columns: columns.collect(),
        charts: charts(data),
    }))
}

fn stays_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

fn column_of(name: String, cells: Vec<String>) -> RecordColumn {
    let numbers: Vec<Option<f64>> =
        cells.iter().map(|cell| cell.parse::<f64>().ok().filter(|x| x.is_finite())).collect();
    let wordy = cells.iter().zip(&numbers).any(|(cell, number)| !cell.is_empty() && number.is_none());
    RecordColumn { name, numbers, words: wordy.then_some(cells) }
}

fn charts(data: &Data) -> Vec<RecordChart> {
    data.charts
        .iter()
        .map(|chart| RecordChart {
            title: chart.title.clone(),
            columns: chart.columns.clone(),
            labels: if chart.labels.is_empty() { chart.columns.clone() } else { chart.labels.clone() },
            unit: chart.unit.clone(),
            kind: match chart.kind {
                ChartKind::Line => "line",
                ChartKind::Bar => "bar",
                ChartKind::Strip => "strip",
            }
            .into(),
            source: chart.source.clone(),
            says: chart.says.clone(),
        })
        .collect()
}
