//! Starting points for new scenarios.

use std::fmt::Write;
use std::path::Path;

use crate::catalog::catalog_scenario;
use crate::expression::Term;
use crate::load::parse;

/// The names of the templates, each with what it starts from.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("two-sided-war", "two sides, private aims of one, offers every month, battles that reveal strength"),
    ("truce", "a truce that stops the costs of fighting and lets one side regroup"),
];

/// A commented scenario to start from; `None` when there is no template of that name.
///
/// ```
/// let text = armistice_scenario::new_scenario("truce").unwrap_or_default();
/// let loaded = armistice_scenario::parse(&text, "scenario.toml", std::path::Path::new("."));
/// assert!(loaded.scenario.is_some());
/// ```
#[must_use]
pub fn new_scenario(template: &str) -> Option<String> {
    let text = match template {
        "two-sided-war" => include_str!("templates/two-sided-war.toml"),
        "truce" => include_str!("templates/truce.toml"),
        _ => return None,
    };
    Some(text.to_owned())
}

/// A scenario that extends a model of the catalog, with the model's parameters as comments to change; `None` when there is
/// no model of that name.
///
/// ```
/// let text = armistice_scenario::extend_model("fearon-1995-cost").unwrap_or_default();
/// assert!(text.contains("extends = \"fearon-1995-cost\""));
/// let loaded = armistice_scenario::parse(&text, "scenario.toml", std::path::Path::new("."));
/// assert!(loaded.scenario.is_some());
/// ```
#[must_use]
pub fn extend_model(model: &str) -> Option<String> {
    let scenario = parse(catalog_scenario(model)?, "scenario.toml", Path::new(".")).scenario?;
    let mut out = format!(
        "# What is not said here is as in the model `{model}` of the catalog.\n\nextends = \"{model}\"\n\n\
         [scenario]\ntitle = {}\n\n[parameters]\n",
        toml::Value::from(scenario.about.title.as_str())
    );
    for parameter in &scenario.parameters {
        let value = match &parameter.value.term {
            Term::Number(_) => parameter.value.text.clone(),
            _ => toml::Value::from(parameter.value.text.as_str()).to_string(),
        };
        let says = parameter.says.as_ref().map(|says| format!("   # {}", says.replace('\n', " ")));
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "# {} = {value}{}", parameter.name, says.unwrap_or_default());
    }
    Some(out)
}
