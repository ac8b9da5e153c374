//! Cases that were solved: the last few are kept, so that looking at one from several pages solves it once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use armistice::Control;
use armistice::analyze::{KEPT_LOGITS, Propagation, Run, Runs, Solved, Spread};
use armistice::game::PlayerId;
use armistice::solve::{Settings, Status};
use serde_json::{Value, json};

use crate::case::Resolved;
use crate::error::Problem;

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
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<VecDeque<(String, Arc<Answer>)>>);

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
        if let Some(known) = self.find(&key) {
            return Ok(known);
        }
        if let Some(refusal) = resolved.source.scenario.refuse(points, limits) {
            return Err(Problem::bad(refusal.message));
        }
        let runs = Runs::new(settings(points), *limits, propagation(resolved, points), control);
        let solved = runs.solve(&resolved.variation)?;
        let run = runs.follow(&resolved.variation, &solved)?;
        let answer = Arc::new(Answer { resolved: resolved.clone(), solved, run });
        if let Ok(mut list) = self.0.lock() {
            list.retain(|(known, _)| *known != key);
            list.push_back((key, Arc::clone(&answer)));
            while list.len() > KEPT {
                list.pop_front();
            }
        }
        Ok(answer)
    }

    fn find(&self, key: &str) -> Option<Arc<Answer>> {
        let mut list = self.0.lock().ok()?;
        let position = list.iter().position(|(known, _)| known == key)?;
        let entry = list.remove(position)?;
        let found = Arc::clone(&entry.1);
        list.push_back(entry);
        Some(found)
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
