//! What the page can ask for. Small things are answered at once; what takes time streams its progress and ends with one result.

pub(crate) mod calculus;
pub(crate) mod catalog;
pub(crate) mod certificate;
pub(crate) mod claims;
pub(crate) mod forecast;
pub(crate) mod levers;
pub(crate) mod past;
pub(crate) mod play;
pub(crate) mod report;
pub(crate) mod theories;
pub(crate) mod war;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::case::{Case, Resolved};
use crate::error::Problem;
use crate::jobs::Lane;
use crate::server::App;
use crate::view;

/// Most belief grid points per dimension that a request may ask for.
const MOST_POINTS: usize = 65;

/// The body of a request, read as JSON of the type that the address takes, with nothing left over.
pub(crate) struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().map(str::trim) != Some("application/json") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "this address takes application/json",
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection: BytesRejection| {
            Problem::new(rejection.status(), rejection.body_text().to_lowercase())
        })?;
        serde_json::from_slice(&bytes)
            .map(Asked)
            .map_err(|error| Problem::bad(format!("the request cannot be read: {error}")))
    }
}

/// A case and the grid it is to be solved on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnGrid {
    pub case: Case,
    pub points: usize,
}

impl OnGrid {
    /// Names looked up and the grid checked.
    pub fn resolve(self, app: &App) -> Result<(Resolved, usize), Problem> {
        let points = grid(self.points)?;
        Ok((self.case.resolve(&app.workspace)?, points))
    }
}

/// Solving on the grid of a moved slider is quick.
pub(crate) fn lane(app: &App, points: usize) -> Lane {
    if points <= app.settings.quick_points { Lane::Quick } else { Lane::Long }
}

/// Whether a text has the shape of a date such as 2026-01-15.
pub(crate) fn is_date(text: &str) -> bool {
    let shape = |(at, c): (usize, char)| if matches!(at, 4 | 7) { c == '-' } else { c.is_ascii_digit() };
    text.len() == 10 && text.char_indices().all(shape)
}

/// A grid that may be asked for.
pub(crate) fn grid(points: usize) -> Result<usize, Problem> {
    if (2..=MOST_POINTS).contains(&points) {
        Ok(points)
    } else {
        Err(Problem::bad(format!("a belief grid of {points} points is not one of 2 to {MOST_POINTS}")))
    }
}

/// The scenarios that can be opened.
pub(crate) async fn workspace(State(app): State<App>) -> Json<Value> {
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "sources": app.workspace.entries(),
        "quick_points": app.settings.quick_points,
        "fine_points": app.settings.fine_points,
        "computing": app.jobs.alive(),
    }))
}

/// Names a scenario.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    pub source: String,
}

/// One scenario: its words, its parameters, its levers.
pub(crate) async fn scenario(
    State(app): State<App>,
    Asked(asked): Asked<Named>,
) -> Result<Json<Value>, Problem> {
    let document = tokio::task::spawn_blocking(move || {
        let source = app.workspace.source(&asked.source)?;
        view::scenario::describe(&source, app.workspace.limits())
    });
    document.await.map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error"))?.map(Json)
}
