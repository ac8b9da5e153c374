//! What sections are made of.

use serde::Serialize;

use crate::audited::Argument;
use crate::chart::Chart;
use crate::table::Table;

/// A section of the page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Section {
    /// Name, for links.
    pub id: &'static str,
    /// Heading.
    pub title: String,
    /// Words for the table of contents.
    pub short: &'static str,
    /// How to read it: one plain sentence.
    pub read: String,
    /// Its content.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum Block {
    /// A heading within the section.
    Heading {
        /// Its words.
        text: String,
    },
    /// A paragraph.
    Text {
        /// Its words.
        text: String,
    },
    /// Something to know before using the numbers, or why something is not here.
    Notice {
        /// Its words.
        text: String,
    },
    /// Numbers with words.
    Facts {
        /// The numbers.
        facts: Vec<Fact>,
    },
    /// Charts; more than one may stand abreast.
    Figures {
        /// The charts.
        charts: Vec<Chart>,
    },
    /// A table.
    Table {
        /// The table.
        table: Table,
    },
    /// The stage diagram.
    Diagram {
        /// The diagram.
        diagram: Diagram,
    },
    /// Claims of one document.
    Claims {
        /// The document.
        group: ClaimGroup,
    },
    /// Claims with what audits found about them.
    Arguments {
        /// The claims.
        items: Vec<Argument>,
    },
    /// A command to copy.
    Command {
        /// The command.
        text: String,
    },
    /// Something folded away.
    Details {
        /// What is folded.
        summary: String,
        /// Its content.
        blocks: Vec<Block>,
    },
}

/// A number with words.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Fact {
    /// What it is.
    pub label: String,
    /// The number.
    pub value: String,
    /// Its unit.
    pub unit: Option<String>,
    /// How it was got: the mark of the legend.
    pub mark: Option<&'static str>,
    /// Everything known about it.
    pub title: Option<String>,
    /// Uncertainty and explanation, line by line.
    pub notes: Vec<String>,
    /// Whether there is no number.
    pub absent: bool,
    /// Whether the label is an expression of the scenario.
    pub code: bool,
}

/// Claims of one document.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ClaimGroup {
    /// Author, outlet, date.
    pub source: String,
    /// "6 claims: 3 hold …".
    pub tally: String,
    /// The claims.
    pub claims: Vec<ClaimItem>,
}

/// A claim.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ClaimItem {
    /// Name, for links.
    pub id: String,
    /// Heading.
    pub title: String,
    /// The claim in words.
    pub says: String,
    /// The author's own words, and where they stand.
    pub quote: Option<(String, String)>,
    /// `holds`, `fails` or `undefined`.
    pub class: &'static str,
    /// The verdict in words.
    pub verdict: &'static str,
    /// Why there is none.
    pub reason: Option<String>,
    /// Whether it survives other precisions and parameters, in words.
    pub robust: Option<String>,
    /// Numbers.
    pub shown: Vec<Fact>,
    /// The proposition in the scenario's text.
    pub proposition: String,
    /// Verdicts under changed circumstances.
    pub under: Option<Table>,
    /// Grid points.
    pub grid: String,
}

/// The stage diagram, drawn twice: for wide and for narrow places.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Diagram {
    /// How to read it.
    pub read: String,
    /// Words for those who do not see it.
    pub label: String,
    /// SVG for wide places, safe to stand in a page.
    pub wide: String,
    /// SVG for narrow places.
    pub narrow: String,
    /// The same as a table.
    pub table: Table,
}

impl Block {
    /// A paragraph.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// A heading.
    pub fn heading(text: impl Into<String>) -> Self {
        Self::Heading { text: text.into() }
    }

    /// A notice.
    pub fn notice(text: impl Into<String>) -> Self {
        Self::Notice { text: text.into() }
    }

    /// One chart.
    pub fn chart(chart: Chart) -> Self {
        Self::Figures { charts: vec![chart] }
    }

    /// A table.
    pub fn table(table: Table) -> Self {
        Self::Table { table }
    }
}
