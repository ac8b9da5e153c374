//! The page as a whole.

use armistice_analyze::Findings;
use minijinja::Value;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;

use crate::ReportError;
use crate::block::{Block, Section};
use crate::names::Names;
use crate::sections::{self, answer::Answer};
use crate::words;

const TEMPLATE: &str = include_str!("templates/page.html");
const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/style.css"));
const SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/charts.js"));
const STYLE_HASH: &str = include_str!(concat!(env!("OUT_DIR"), "/style.sha256"));
const SCRIPT_HASH: &str = include_str!(concat!(env!("OUT_DIR"), "/charts.sha256"));

/// Everything the template shows.
#[derive(Serialize)]
pub(crate) struct Page {
    /// What kind of page it is.
    pub kicker: &'static str,
    /// Title of the scenario.
    pub title: String,
    /// The first screen.
    pub answer: Answer,
    /// The rest.
    pub sections: Vec<Section>,
    /// One line for the foot of the page.
    pub stamp: String,
}

/// The view model of the page.
pub(crate) fn page(findings: &Findings) -> Page {
    let names = Names(findings);
    let from = &findings.provenance;
    let mut stamp = format!("Armistice {}", from.version);
    if let Some(date) = &from.date {
        stamp.push_str(&format!(", {}", words::date(date, true)));
    }
    let hash: String = from.scenario_hash.chars().take(12).collect();
    stamp.push_str(&format!(
        ". Scenario {hash}, seed {}, belief grid of {} points per dimension.",
        from.seed, from.grid_points
    ));
    Page {
        kicker: "Armistice report",
        title: findings.about.title.clone(),
        answer: sections::answer::answer(names),
        sections: sections::all(names),
        stamp,
    }
}

/// Findings as one self-contained HTML page.
///
/// Equal findings give equal bytes. The page holds no address of anything outside it. Its size is about 0.9 MB for the
/// chart runtime and the style sheet plus the data of the charts.
///
/// # Errors
///
/// [`ReportError::Template`] when the page cannot be put together, which is a bug of this crate.
pub fn render(findings: &Findings) -> Result<String, ReportError> {
    let origins: Vec<words::Origin> = words::ORIGINS.iter().map(|how| words::origin(*how)).collect();
    fill(context! {
        page => Serde(page(findings)),
        origins => Serde(origins),
        style => STYLE,
        script => SCRIPT,
        style_hash => STYLE_HASH,
        script_hash => SCRIPT_HASH,
    })
}

/// A page without charts: everything the template shows.
#[derive(Serialize)]
pub(crate) struct StillPage {
    pub kicker: &'static str,
    pub title: String,
    pub question: Option<String>,
    pub frame: String,
    pub sections: Vec<Part>,
    pub stamp: String,
}

/// A section of such a page.
#[derive(Serialize)]
pub(crate) struct Part {
    pub id: String,
    pub title: String,
    pub short: String,
    pub read: String,
    pub blocks: Vec<Block>,
}

/// A page without charts, and so without a script.
pub(crate) fn still(page: StillPage) -> Result<String, ReportError> {
    fill(context! { page => Serde(page), style => STYLE, style_hash => STYLE_HASH, script => "" })
}

fn fill(content: Value) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", TEMPLATE)?;
    Ok(environment.get_template("page")?.render(content)?)
}
