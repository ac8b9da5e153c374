//! A page of tables with small drawings, for results that are not a scenario's findings: scores of forecasts and the like.

use std::fmt::Write as _;

use crate::ReportError;
use crate::block::Block;
use crate::number;
use crate::page::{Part, StillPage, still};
use crate::table::{Cell, Table};

/// What a page of tables shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// What kind of page it is, in small letters above the title.
    pub kicker: &'static str,
    /// The title.
    pub title: String,
    /// What it is about, in a sentence.
    pub frame: String,
    /// Sections.
    pub sections: Vec<SheetSection>,
    /// One line for the foot: version, hash of what was read, settings.
    pub stamp: String,
}

/// A section of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetSection {
    /// Heading.
    pub title: String,
    /// Words for the table of contents.
    pub short: String,
    /// How to read it.
    pub read: String,
    /// Its content.
    pub pieces: Vec<Piece>,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// A paragraph.
    Text(String),
    /// A command to copy.
    Command(String),
    /// A table.
    Table {
        /// What it shows.
        caption: String,
        /// Headings, and whether numbers stand below.
        columns: Vec<(String, bool)>,
        /// Rows.
        rows: Vec<Vec<Item>>,
    },
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Words.
    Words(String),
    /// A number with so many decimals; nothing where it is not defined.
    Number(Option<f64>, usize),
    /// Counts in bins of equal width, as bars with a line at equal counts.
    Histogram(Vec<usize>),
    /// Observed shares against forecasts, both from 0 to 1, with the diagonal on which they would be equal.
    Reliability(Vec<ReliabilityPoint>),
}

/// A point of a reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityPoint {
    /// The mean forecast.
    pub forecast: f64,
    /// The share that came true.
    pub observed: f64,
    /// Its interval.
    pub interval: Option<[f64; 2]>,
    /// How many forecasts.
    pub count: usize,
}

/// A sheet as one self-contained HTML page without any script. Equal sheets give equal bytes.
///
/// # Errors
///
/// [`ReportError::Template`] when the page cannot be put together, which is a bug of this crate.
pub fn render_sheet(sheet: &Sheet) -> Result<String, ReportError> {
    let mut tables = 0;
    let mut block = |piece: &Piece| match piece {
        Piece::Text(text) => Block::text(text.clone()),
        Piece::Command(text) => Block::Command { text: text.clone() },
        Piece::Table { caption, columns, rows } => {
            tables += 1;
            let mut table = Table::new(format!("table-{tables}"), caption.clone());
            for (heading, numeric) in columns {
                table = if *numeric { table.numbers(heading.clone()) } else { table.words(heading.clone()) };
            }
            rows.iter().for_each(|row| table.row(row.iter().map(cell).collect()));
            Block::table(table)
        }
    };
    let part = |(i, section): (usize, &SheetSection)| Part {
        id: format!("section-{}", i + 1),
        title: section.title.clone(),
        short: section.short.clone(),
        read: section.read.clone(),
        blocks: section.pieces.iter().map(&mut block).collect(),
    };
    still(StillPage {
        kicker: sheet.kicker,
        title: sheet.title.clone(),
        question: None,
        frame: sheet.frame.clone(),
        sections: sheet.sections.iter().enumerate().map(part).collect(),
        stamp: sheet.stamp.clone(),
    })
}

fn cell(item: &Item) -> Cell {
    match item {
        Item::Words(text) => Cell::text(text.clone()),
        Item::Number(value, digits) => Cell::number(*value, |x| minus(&format!("{x:.digits$}"))),
        Item::Histogram(counts) => {
            let list: Vec<String> = counts.iter().map(ToString::to_string).collect();
            Cell::text("").titled(Some(format!("counts: {}", list.join(", ")))).drawn(Some(histogram(counts)))
        }
        Item::Reliability(points) => {
            let share = |x: f64| number::percent(x);
            let list: Vec<String> = points
                .iter()
                .map(|p| format!("said {}, came {} ({})", share(p.forecast), share(p.observed), p.count))
                .collect();
            Cell::text("").titled(Some(list.join("; "))).drawn(Some(reliability(points)))
        }
    }
}

/// A number with a proper minus sign.
fn minus(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

/// Bars 60 high at most, on a width of 150.
fn histogram(counts: &[usize]) -> String {
    let (width, height) = (150.0, 60.0);
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let bar = width / counts.len().max(1) as f64;
    let mut out = open("histogram", width, height);
    for (i, count) in counts.iter().enumerate() {
        let tall = height * *count as f64 / most;
        let _ = write!(
            out,
            "<rect class=\"bar\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"/>",
            bar * i as f64 + 1.0,
            height - tall,
            bar - 2.0
        );
    }
    let mean = counts.iter().sum::<usize>() as f64 / counts.len().max(1) as f64;
    let level = height * (1.0 - mean / most);
    let _ = write!(
        out,
        "<line class=\"even\" x1=\"0\" x2=\"{width}\" y1=\"{level:.1}\" y2=\"{level:.1}\"/></svg>"
    );
    out
}

/// A square with the diagonal; points with their intervals.
fn reliability(points: &[ReliabilityPoint]) -> String {
    let size = 110.0;
    let mut out = open("reliability", size, size);
    let _ = write!(
        out,
        "<rect class=\"field\" x=\"0\" y=\"0\" width=\"{size}\" height=\"{size}\"/><line class=\"even\" x1=\"0\" y1=\"{size}\" x2=\"{size}\" y2=\"0\"/>"
    );
    let at = |share: f64| size * share.clamp(0.0, 1.0);
    for point in points {
        let x = at(point.forecast);
        if let Some([low, high]) = point.interval {
            let (top, bottom) = (size - at(high), size - at(low));
            let _ = write!(
                out,
                "<line class=\"range\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top:.1}\" y2=\"{bottom:.1}\"/>"
            );
        }
        let y = size - at(point.observed);
        let _ = write!(out, "<circle class=\"at\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
    }
    out.push_str("</svg>");
    out
}

fn open(class: &str, width: f64, height: f64) -> String {
    format!(
        "<svg class=\"score {class}\" viewBox=\"-4 -4 {} {}\" width=\"{}\" height=\"{}\" aria-hidden=\"true\" focusable=\"false\">",
        width + 8.0,
        height + 8.0,
        width + 8.0,
        height + 8.0
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_a_page_without_a_script() {
        let point = ReliabilityPoint { forecast: 0.2, observed: 0.25, interval: Some([0.1, 0.5]), count: 8 };
        let row = vec![
            Item::Words("<model>".into()),
            Item::Number(Some(-654.747), 2),
            Item::Number(None, 2),
            Item::Histogram(vec![1, 0, 3]),
            Item::Reliability(vec![point]),
        ];
        let columns = ["a", "b", "c", "d", "e"].map(|name| (name.to_owned(), name == "b"));
        let table = Piece::Table { caption: "Scores".into(), columns: columns.to_vec(), rows: vec![row] };
        let section = SheetSection {
            title: "One".into(),
            short: "One".into(),
            read: "Read.".into(),
            pieces: vec![Piece::Text("Text.".into()), table, Piece::Command("armistice".into())],
        };
        let sheet = Sheet {
            kicker: "Armistice",
            title: "Title".into(),
            frame: "Frame.".into(),
            sections: vec![section],
            stamp: "Stamp.".into(),
        };
        let page = render_sheet(&sheet).unwrap();
        assert!(page.starts_with("<!doctype html>") && !page.contains("<script"));
        assert!(page.contains("&lt;model&gt;") && !page.contains("<model>"));
        assert!(page.contains("\u{2212}654.75") && page.contains(number::NONE));
        assert!(page.contains("<circle class=\"at\"") && page.contains("counts: 1, 0, 3"));
        assert!(!page.contains("NaN"));
        assert_eq!(page, render_sheet(&sheet).unwrap());
    }
}
