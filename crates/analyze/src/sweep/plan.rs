//! What a sweep computes, before it computes anything.

use armistice_scenario::{Limits, Scenario};
use armistice_solve::Settings;
use serde::{Deserialize, Serialize};

use crate::AnalyzeError;
use crate::design::{Design, DesignError};

/// The schema of a plan.
pub const PLAN_SCHEMA: &str = "armistice.sweep-plan/1";

/// What is asked at every point: names of measures and claims of the scenario, in the order of their columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questions {
    /// Measures.
    pub measures: Vec<String>,
    /// Claims.
    pub claims: Vec<String>,
}

impl Questions {
    /// All measures and claims of a scenario.
    #[must_use]
    pub fn all(scenario: &Scenario) -> Self {
        Self {
            measures: scenario.measures.iter().map(|m| m.name.clone()).collect(),
            claims: scenario.claims.iter().map(|c| c.name.clone()).collect(),
        }
    }

    /// The measures and claims of these names.
    ///
    /// - errors: [`AnalyzeError::Unknown`].
    pub fn named(scenario: &Scenario, names: &[String]) -> Result<Self, AnalyzeError> {
        let mut out = Self::default();
        for name in names {
            let (list, there) = if scenario.measures.iter().any(|m| m.name == *name) {
                (&mut out.measures, true)
            } else {
                (&mut out.claims, scenario.claims.iter().any(|c| c.name == *name))
            };
            if !there {
                return Err(AnalyzeError::Unknown { kind: "measure or claim", name: name.clone() });
            }
            if !list.contains(name) {
                list.push(name.clone());
            }
        }
        Ok(out)
    }
}

/// Everything that the rows of a sweep depend on, and how they are put into shards. Threads are no part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_SCHEMA`].
    pub schema: String,
    /// Version of the program: another one may compute other numbers.
    pub version: String,
    /// A command that begins the same sweep.
    pub command: String,
    /// Title of the scenario.
    pub scenario: String,
    /// blake3 of the scenario's files.
    pub scenario_hash: String,
    /// Parameters set in the scenario before anything else, by name.
    pub set: Vec<(String, f64)>,
    /// What varies and at which points.
    pub design: Design,
    /// Number of points.
    pub points: usize,
    /// blake3 of all numbers of all points, eight bytes each, little-endian.
    pub points_hash: String,
    /// What is asked.
    pub questions: Questions,
    /// How games are solved.
    pub settings: Settings,
    /// Nodes per period of the forward pass before close beliefs are merged; of no account where the settings keep what is played.
    pub nodes: usize,
    /// Sizes beyond which a point is refused.
    pub limits: PlanLimits,
    /// Points in a shard; the last may have fewer.
    pub shard_size: usize,
}

/// Sizes beyond which a point is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLimits {
    /// States.
    pub states: u64,
    /// Nodes of all stages together.
    pub nodes: usize,
    /// Numbers of a solution.
    pub values: u64,
}

impl PlanLimits {
    /// Those of the compiler.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self { states: limits.max_states, nodes: limits.max_nodes, values: limits.max_values }
    }
}

impl Plan {
    /// Number of shards.
    #[must_use]
    pub fn shards(&self) -> usize {
        self.points.div_ceil(self.shard_size.max(1))
    }

    /// The points of a shard, from the first to one past the last.
    #[must_use]
    pub fn shard(&self, shard: usize) -> std::ops::Range<usize> {
        let size = self.shard_size.max(1);
        (shard * size).min(self.points)..((shard + 1) * size).min(self.points)
    }

    /// blake3 of the plan, but for its command.
    #[must_use]
    pub fn hash(&self) -> String {
        let plain = Self { command: String::new(), ..self.clone() };
        // A plan is made of numbers, texts and lists: it always has a text.
        let text = serde_json::to_vec(&plain).unwrap_or_default();
        blake3::hash(&text).to_hex().to_string()
    }

    /// In which part another plan differs, but for the command; `None` where they are one plan.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        [
            (self.schema != other.schema, "the form of the plan"),
            (self.version != other.version, "the version of armistice"),
            (self.scenario_hash != other.scenario_hash, "the scenario"),
            (self.set != other.set, "the parameters that are set"),
            (self.design != other.design || self.points_hash != other.points_hash, "the design"),
            (self.questions != other.questions, "the list of measures and claims"),
            (self.settings != other.settings || self.limits != other.limits, "the settings of the solver"),
            (self.nodes != other.nodes, "the forward pass"),
            (self.shard_size != other.shard_size, "the size of a shard"),
        ]
        .into_iter()
        .find_map(|(differs, what)| differs.then_some(what))
    }
}

/// The points of a design, and their hash.
pub(super) fn points(design: &Design) -> Result<(Vec<Vec<f64>>, String), DesignError> {
    let rows = design.generate()?;
    let mut hasher = blake3::Hasher::new();
    for value in rows.iter().flatten() {
        hasher.update(&value.to_le_bytes());
    }
    Ok((rows, hasher.finalize().to_hex().to_string()))
}
