//! The war so far, as observed.

use crate::block::{Block, Section};
use crate::charts;
use crate::names::Names;

/// The charts of the record.
pub(crate) fn section(names: Names<'_>) -> Section {
    let mut blocks = Vec::new();
    match &names.0.record {
        Some(record) => {
            let drawn = record.charts.iter().enumerate();
            let all: Vec<_> = drawn
                .filter_map(|(place, chart)| charts::record::chart(names, record, place, chart))
                .collect();
            if all.is_empty() {
                blocks.push(Block::notice("The scenario has data but states no chart of them."));
            } else {
                // Strips need the whole width; neighbors of half width stand side by side.
                let mut row: Vec<_> = Vec::new();
                for chart in all {
                    if chart.half {
                        row.push(chart);
                        continue;
                    }
                    if !row.is_empty() {
                        blocks.push(Block::Figures { charts: std::mem::take(&mut row) });
                    }
                    blocks.push(Block::chart(chart));
                }
                if !row.is_empty() {
                    blocks.push(Block::Figures { charts: row });
                }
            }
        }
        None => blocks.push(names.absent("record", "This scenario comes without observed data.")),
    }
    Section {
        id: "record",
        title: "The war so far".into(),
        short: "The war so far",
        read: "What was observed, before any model: each chart names its source, and nothing here was computed by this report.".into(),
        blocks,
    }
}
