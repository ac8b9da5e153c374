//! Cases that were solved: the last few are kept, so that looking at one from several pages solves it once.

use std::sync::Arc;

use armistice::Control;
use armistice::analyze::{KEPT_LOGITS, Propagation, Run, Runs, Solved, Spread};
use armistice::game::PlayerId;
use armistice::solve::{Settings, Status};
use serde_json::{Value, json};

use crate::case::Resolved;
use crate::error::Problem;
use crate::recent::Recent;

/// How many are kept; one on the fine grid of the shipped war takes some tens of megabytes.
const KEPT: usize = 10;

/// Nodes a period while wars are followed forward, on a coarse and on a fine grid.
const NODES: (usize, usize) = (60, 400);

/// A case, solved and followed forward.
#[derive(Debug)]
pub(crate) struct Answer {
    pub resolved: Resolved,
    pub solved: Solved,
    pub run: Run,
}

/// The last answers.
#[derive(Debug)]
pub(crate) struct Answers(Recent<Answer>);

impl Default for Answers {
    fn default() -> Self {
        Self(Recent::new(KEPT))
    }
}

/// How cases are solved on a grid.
pub(crate) fn settings(points: usize) -> Settings {
    Settings { belief_points: points, kept_logits: KEPT_LOGITS, ..Settings::default() }
}

/// How wars are followed forward on a grid.
pub(crate) fn propagation(resolved: &Resolved, points: usize) -> Propagation {
    let limit = if points < 9 { NODES.0 } else { NODES.1 };
    Propagation {
        spread: Spread::Merge { limit },
        margins: Some(PlayerId::new(resolved.source.scenario.about.attacker)),
        ..Propagation::default()
    }
}

impl Answers {
    /// The answer to a case on a grid of so many belief points, from those kept or computed.
    ///
    /// - cost: one solution and one forward pass, the first time.
    pub fn get(
        &self,
        resolved: &Resolved,
        points: usize,
        limits: &armistice::scenario::Limits,
        control: &Control<'_>,
    ) -> Result<Arc<Answer>, Problem> {
        let case = serde_json::to_string(&resolved.case).unwrap_or_default();
        let key = format!("{points} {} {case}", resolved.source.scenario.hash);
        if let Some(known) = self.0.find(&key) {
            return Ok(known);
        }
        if let Some(refusal) = resolved.source.scenario.refuse(points, limits) {
            return Err(Problem::bad(refusal.message));
        }
        let runs = Runs::new(settings(points), *limits, propagation(resolved, points), control);
        let solved = runs.solve(&resolved.variation)?;
        let run = runs.follow(&resolved.variation, &solved)?;
        Ok(self.0.keep(key, Answer { resolved: resolved.clone(), solved, run }))
    }
}

impl Answer {
    /// What every result says about itself.
    pub fn stamp(&self) -> Value {
        stamp(&self.resolved, &self.solved.equilibrium.settings)
    }

    /// The status of the solution in a word.
    pub fn status(&self) -> &'static str {
        match self.solved.equilibrium.status {
            Status::Certified => "certified",
            Status::Approximate => "approximate",
            Status::NotConverged { .. } => "not_converged",
            Status::NotStationary { .. } => "not_stationary",
            Status::Cancelled => "cancelled",
        }
    }
}

/// Version, scenario, case and settings of a result.
pub(crate) fn stamp(resolved: &Resolved, settings: &Settings) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "scenario_hash": resolved.source.scenario.hash,
        "case": resolved.case,
        "settings": settings,
    })
}
