//! What can go wrong: on starting, and on answering.

use std::net::SocketAddr;

use armistice::analyze::AnalyzeError;
use armistice::scenario::Loaded;
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.document() }))).into_response()
    }
}
