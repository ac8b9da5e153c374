//! A case: what the sliders and switches say, and the variation of the scenario that it stands for.

use std::collections::BTreeMap;
use std::sync::Arc;

use armistice::analyze::Variation;
use armistice::scenario::{Change, Limits, Scenario};
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

/// A case as numbers of its scenario.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    /// Parameters that it sets, levers in force included.
    pub set: BTreeMap<String, f64>,
    /// What it is besides, in words.
    pub more: Vec<String>,
}

impl Resolved {
    /// The parameters that sliders, levers and variant set, with the values that come out.
    ///
    /// - errors: a case that does not compile.
    pub fn numbers(&self, limits: &Limits) -> Result<Numbers, Problem> {
        let scenario = self.variation.scenario();
        let Change { levers, parameters, commit, belief, start, given, precision_scale } =
            &self.variation.change;
        let pulled = levers.iter().filter_map(|lever| scenario.levers.get(*lever));
        let moved = pulled.flat_map(|lever| &lever.change).chain(parameters).map(|(position, _)| *position);
        let mut set = self.case.parameters.clone();
        let moved: Vec<usize> = moved.collect();
        if !moved.is_empty() {
            let compiled = scenario.compile(&self.variation.change, &limits.without_grid());
            let compiled = compiled.map_err(|problems| Problem::first(&problems))?;
            for position in moved {
                let (name, value) = (scenario.parameters.get(position), compiled.parameters.get(position));
                set.extend(name.map(|parameter| parameter.name.clone()).zip(value.copied()));
            }
        }
        let mut more = Vec::new();
        if precision_scale.is_some() {
            more.push("the factor on every precision".to_owned());
        }
        let plain = commit.is_empty() && belief.is_empty() && start.is_empty() && given.is_empty();
        if let Some(name) = self.case.variant.as_ref().filter(|_| !plain) {
            more.push(format!("what the case `{name}` changes besides parameters"));
        }
        Ok(Numbers { set, more })
    }

    /// The scenario with the case's numbers written into it; nothing where the case is more than numbers.
    ///
    /// - errors: that, with what it is more.
    pub fn written(&self, limits: &Limits) -> Result<(Scenario, BTreeMap<String, f64>), Problem> {
        let Numbers { set, more } = self.numbers(limits)?;
        if !more.is_empty() {
            return Err(Problem::bad(format!(
                "this looks at parameters and levers alone, not at {}",
                more.join(" and at ")
            ))
            .hint("take them off the case"));
        }
        Ok((with_parameters(&self.source.scenario, &set).as_ref().clone(), set))
    }
}

/// A scenario with parameters set; names that it does not have are passed over.
pub(crate) fn with_parameters(scenario: &Arc<Scenario>, set: &BTreeMap<String, f64>) -> Arc<Scenario> {
    let position = |name: &String| scenario.parameters.iter().position(|parameter| parameter.name == *name);
    let values: Vec<(usize, f64)> =
        set.iter().filter_map(|(name, value)| Some((position(name)?, *value))).collect();
    Arc::clone(Variation::base(Arc::clone(scenario)).with_parameters(&values).scenario())
}
