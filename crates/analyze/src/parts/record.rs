//! The record: the scenario's data file, as it is.

use armistice_scenario::{ChartKind, Data, Scenario, load_record};

use crate::AnalyzeError;
use crate::findings::{Record, RecordChart, RecordColumn};

/// Reads the columns that charts use. `None` when the scenario has no data.
///
/// - errors: [`AnalyzeError::Data`] for a file outside the scenario's folder, one that is no table, or a column that is not there.
pub fn record(scenario: &Scenario) -> Result<Option<Record>, AnalyzeError> {
    let Some(data) = &scenario.data else { return Ok(None) };
    let name = data.observed.to_string_lossy().replace('\\', "/");
    let failed = |what: String| AnalyzeError::Data { path: name.clone(), what };
    let table = load_record(scenario, None).map_err(|problems| {
        failed(problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; "))
    })?;
    let mut columns: Vec<RecordColumn> = Vec::new();
    for name in data.charts.iter().flat_map(|chart| &chart.columns) {
        if columns.iter().all(|known| known.name != *name) {
            let position = table.columns.iter().position(|column| column == name);
            let position = position.ok_or_else(|| failed(format!("there is no column `{name}`")))?;
            let cells = table.rows.iter().map(|row| row.cells.get(position).cloned().unwrap_or_default());
            columns.push(column_of(name.clone(), cells.collect()));
        }
    }
    Ok(Some(Record {
        file: name.clone(),
        date: data.date.clone(),
        dates: table.rows.into_iter().map(|row| row.date).collect(),
        columns,
        charts: charts(data),
    }))
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
