//! The published models.

use armistice::catalog::{model, names};
use axum::Json;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::error::Problem;
use crate::workspace::models;

/// Every model, with the scenario that opens it where it has one.
pub(crate) async fn list() -> Result<Json<Value>, Problem> {
    let read = tokio::task::spawn_blocking(|| {
        let scenarios: Vec<String> = models().collect();
        let mut rows = Vec::new();
        for name in names() {
            let found = model(name).map_err(|error| {
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, format!("failed to {error}"))
            })?;
            let id = format!("catalog/{name}");
            rows.push(json!({
                "name": name,
                "id": found.id,
                "title": found.title,
                "fidelity": found.fidelity.words(),
                "citation": found.citation.first(),
                "result": found.result,
                "claims": found.claims,
                "source": scenarios.contains(&id).then_some(id),
            }));
        }
        Ok::<_, Problem>(json!({ "version": env!("CARGO_PKG_VERSION"), "models": rows }))
    });
    read.await.map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error"))?.map(Json)
}
