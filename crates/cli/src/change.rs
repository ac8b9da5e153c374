//! `--case`, `--lever`, `--set` and `--precision-scale` as a change of the scenario.

use armistice::scenario::{Change, Expression, Scenario};

use crate::arguments::ChangeOptions;
use crate::failure::Failure;
use crate::names::unknown;

/// The change that the options name. A case comes first; levers and parameters named beside it are added to it.
pub fn change(scenario: &Scenario, options: &ChangeOptions) -> Result<Change, Failure> {
    let mut change = match &options.case {
        None => Change::default(),
        Some(name) => {
            let found = scenario.cases.iter().find(|case| case.name == *name);
            let names = scenario.cases.iter().map(|case| case.name.as_str());
            found.ok_or_else(|| unknown("case", name, names))?.change.clone()
        }
    };
    for name in &options.lever {
        let names = scenario.levers.iter().map(|lever| lever.name.as_str());
        let position = scenario.levers.iter().position(|lever| lever.name == *name);
        let position = position.ok_or_else(|| unknown("lever", name, names))?;
        if !change.levers.contains(&position) {
            change.levers.push(position);
        }
    }
    for (name, value) in &options.set {
        let (position, expression) = setting(scenario, name, value)?;
        change.parameters.retain(|(other, _)| *other != position);
        change.parameters.push((position, expression));
    }
    if let Some(scale) = options.precision_scale {
        change.precision_scale = Some(change.precision_scale.unwrap_or(1.0) * scale);
    }
    Ok(change)
}

/// A scenario with parameters set *in* it, so that its levers and cases apply to the new values.
pub fn with_parameters(mut scenario: Scenario, set: &[(String, String)]) -> Result<Scenario, Failure> {
    for (name, value) in set {
        let (position, expression) = setting(&scenario, name, value)?;
        if let Some(parameter) = scenario.parameters.get_mut(position) {
            parameter.value = expression;
        }
    }
    Ok(scenario)
}

/// A parameter's position and the number it is set to.
fn setting(scenario: &Scenario, name: &str, value: &str) -> Result<(usize, Expression), Failure> {
    let names = scenario.parameters.iter().map(|parameter| parameter.name.as_str());
    let position = scenario.parameters.iter().position(|parameter| parameter.name == name);
    let position = position.ok_or_else(|| unknown("parameter", name, names))?;
    let number = value.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| Failure::Usage {
        what: format!("`{name}` cannot be set to `{value}`: it is not a number"),
        hint: Some("a case in the scenario can set parameters to expressions".to_owned()),
    })?;
    Ok((position, Expression::number(number)))
}

/// The options as they would be typed, for stamps.
pub fn words(options: &ChangeOptions) -> Vec<String> {
    let mut out = Vec::new();
    let mut add = |flag: &str, value: String| {
        out.push(flag.to_owned());
        out.push(value);
    };
    if let Some(case) = &options.case {
        add("--case", case.clone());
    }
    for lever in &options.lever {
        add("--lever", lever.clone());
    }
    for (name, value) in &options.set {
        add("--set", format!("{name}={value}"));
    }
    if let Some(scale) = options.precision_scale {
        add("--precision-scale", scale.to_string());
    }
    out
}
