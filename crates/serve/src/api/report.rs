//! The report of the case: the page that `armistice run` writes.

use armistice::analyze::audit::can_audit;
use armistice::analyze::findings::Missing;
use armistice::analyze::{Audit, KEPT_LOGITS, Options, Stamp, analyze};
use armistice::report::render;
use armistice::solve::Settings;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::{Asked, grid, is_date};
use crate::answers::stamp;
use crate::case::Case;
use crate::error::Problem;
use crate::jobs::Lane;
use crate::patch::{file_of, shell};
use crate::server::App;

/// A report to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    case: Case,
    points: usize,
    /// Whether levers and sensitivity are part of it, as without `--quick`: minutes instead of seconds.
    whole: bool,
    /// The date to write into it, such as 2026-01-15.
    date: String,
}

/// The report of a case, as one HTML page.
pub(crate) async fn report(State(app): State<App>, Asked(asked): Asked<Report>) -> Result<Response, Problem> {
    let Report { case, points, whole, date } = asked;
    let points = grid(points)?;
    if !is_date(&date) {
        return Err(Problem::bad("a date is written as 2026-01-15"));
    }
    let resolved = case.resolve(&app.workspace)?;
    let shared = app.clone();
    app.jobs.start(Lane::Long, move |control| {
        let limits = *shared.workspace.limits();
        let (scenario, set) = resolved.written(&limits)?;
        if let Some(refusal) = scenario.refuse(points, &limits) {
            return Err(Problem::bad(refusal.message));
        }
        let defaults = Options::default();
        let mut words = file_of(&shared.workspace, &resolved.case.source, "run");
        words.extend(["--belief-points".to_owned(), points.to_string()]);
        words.extend(["--seed".to_owned(), defaults.seed.to_string()]);
        words.extend(set.iter().flat_map(|(name, value)| ["--set".to_owned(), format!("{name}={value}")]));
        words.push(if whole { "--no-audit" } else { "--quick" }.to_owned());
        let command = words.iter().map(|word| shell(word)).collect::<Vec<_>>().join(" ");
        let options = Options {
            settings: Settings { belief_points: points, kept_logits: KEPT_LOGITS, ..Settings::default() },
            limits,
            levers: whole,
            sensitivity: whole,
            audit: if whole { defaults.audit } else { Audit::Base },
            stamp: Stamp { command: Some(command.clone()), date: Some(date.clone()) },
            ..defaults
        };
        let mut analysis = analyze(&scenario, &options, control)?;
        if control.cancel.is_canceled() {
            return Err(Problem::bad("stopped on request"));
        }
        if can_audit(&scenario) {
            let reason = "not asked for".to_owned();
            analysis.findings.missing.push(Missing { part: "audit".to_owned(), reason });
        }
        let page = render(&analysis.findings).map_err(|error| Problem::bad(format!("failed to {error}")))?;
        Ok(json!({ "stamp": stamp(&resolved, &options.settings), "command": command, "page": page }))
    })
}
