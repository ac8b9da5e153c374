//! A case: what the sliders and switches say, and the variation of the scenario that it stands for.

use std::collections::BTreeMap;
use std::sync::Arc;

use armistice::analyze::Variation;
use armistice::scenario::Change;
use serde::{Deserialize, Serialize};

use crate::error::Problem;
use crate::workspace::{Source, Workspace};

/// What differs from a scenario as written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// The scenario, by its id.
    pub source: String,
    /// Parameters set in the scenario, so that levers and cases apply to the new values.
    #[serde(default)]
    pub parameters: BTreeMap<String, f64>,
    /// Levers in force.
    #[serde(default)]
    pub levers: Vec<String>,
    /// A named case of the scenario.
    #[serde(default)]
    pub variant: Option<String>,
    /// Factor on every player's precision.
    #[serde(default)]
    pub precision: Option<f64>,
}

/// A case with its names resolved.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub source: Arc<Source>,
    pub case: Case,
    /// The scenario with the parameters set and nothing else.
    pub plain: Variation,
    /// With levers, variant and precision on top.
    pub variation: Variation,
}

impl Case {
    /// Looks the names up.
    ///
    /// - errors: every name that is not there and every number that is none, at once.
    pub fn resolve(mut self, workspace: &Workspace) -> Result<Resolved, Problem> {
        let source = workspace.source(&self.source)?;
        let scenario = &source.scenario;
        let mut wrong = Vec::new();
        let mut values = Vec::new();
        for (name, value) in &self.parameters {
            match scenario.parameters.iter().position(|parameter| parameter.name == *name) {
                Some(position) if value.is_finite() => values.push((position, *value)),
                Some(_) => wrong.push(format!("`{name}` cannot be set to {value}")),
                None => wrong.push(format!("there is no parameter `{name}`")),
            }
        }
        let mut change = Change::default();
        if let Some(name) = &self.variant {
            match scenario.cases.iter().find(|case| case.name == *name) {
                Some(case) => change = case.change.clone(),
                None => wrong.push(format!("there is no case `{name}`")),
            }
        }
        self.levers.sort_unstable();
        self.levers.dedup();
        for name in &self.levers {
            match scenario.levers.iter().position(|lever| lever.name == *name) {
                Some(position) if !change.levers.contains(&position) => change.levers.push(position),
                Some(_) => {}
                None => wrong.push(format!("there is no lever `{name}`")),
            }
        }
        change.levers.sort_unstable();
        match self.precision {
            Some(scale) if !(scale > 0.0 && scale.is_finite()) => {
                wrong.push(format!("precision cannot be multiplied by {scale}"));
            }
            Some(scale) => change.precision_scale = Some(change.precision_scale.unwrap_or(1.0) * scale),
            None => {}
        }
        if !wrong.is_empty() {
            return Err(Problem::bad(wrong.join("; ")));
        }
        let plain = Variation::base(Arc::clone(scenario)).with_parameters(&values);
        let variation = plain.with_change(&change);
        Ok(Resolved { source, case: self, plain, variation })
    }
}
