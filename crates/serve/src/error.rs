//! What can go wrong: on starting, and on answering.

use std::net::SocketAddr;

use armistice::analyze::AnalyzeError;
use armistice::analyze::sweep::SweepError;
use armistice::fit::FitError;
use armistice::scenario::{Diagnostic, Loaded};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why the server did not start. Messages complete "failed to …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The scenario has errors.
    #[error("read the scenario")]
    Scenario(Box<Loaded>),
    /// The scenario's folder cannot be read.
    #[error("read the folder of the scenario")]
    Folder(#[source] std::io::Error),
    /// The address cannot be used.
    #[error("listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// No token could be drawn.
    #[error("draw a token from the operating system's random numbers")]
    Random,
    /// Threads for connections could not be started.
    #[error("start threads for connections")]
    Threads(#[source] std::io::Error),
}

/// Why a request was not answered: what is wrong and what would be right.
#[derive(Debug)]
pub(crate) struct Problem {
    pub status: StatusCode,
    pub message: String,
    pub hint: Option<String>,
}

impl Problem {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), hint: None }
    }

    /// The request is not what this address takes.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Why a scenario does not compile, or a record does not read.
    pub fn first(problems: &[Diagnostic]) -> Self {
        let Some(first) = problems.first() else { return Self::bad("the scenario has no game") };
        let more = problems.len() - 1;
        let rest =
            if more > 0 { format!(" (and {more} more: `armistice check` lists all)") } else { String::new() };
        let hint = first.help.clone();
        Self { hint, ..Self::bad(format!("{}{rest}", first.message)) }
    }

    /// The document that says so.
    pub fn document(&self) -> serde_json::Value {
        json!({ "message": self.message, "hint": self.hint })
    }
}

impl From<AnalyzeError> for Problem {
    fn from(error: AnalyzeError) -> Self {
        match error {
            AnalyzeError::Cancelled => Self::bad("stopped on request"),
            other => Self::bad(format!("failed to {other}")),
        }
    }
}

impl From<FitError> for Problem {
    fn from(error: FitError) -> Self {
        match error {
            FitError::Canceled => Self::bad("stopped on request"),
            FitError::Invalid(problems) => {
                let all: Vec<String> = problems.iter().map(|problem| problem.what.clone()).collect();
                let hint = problems.into_iter().find_map(|problem| problem.hint);
                Self { hint, ..Self::bad(all.join("; ")) }
            }
            FitError::Record(problems) => Self::first(&problems),
            other => Self::bad(format!("failed to {other}")),
        }
    }
}

impl From<SweepError> for Problem {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Analyze(error) => error.into(),
            other => Self::bad(format!("failed to {other}")),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.document() }))).into_response()
    }
}
