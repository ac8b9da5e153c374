//! Starting points for new scenarios.

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
