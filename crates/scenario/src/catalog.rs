//! Published models, ready to extend: the scenarios of the folder `catalog`, embedded.

macro_rules! catalog {
    ($($name:literal),* $(,)?) => {
        /// The models of the catalog by name, with their scenario files.
        pub const CATALOG: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../catalog/", $name, "/scenario.toml")))),*];
    };
}

catalog! {
    "fearon-1995-cost",
    "fearon-1995-two-types",
}

/// The scenario file of a model of the catalog; `None` when there is no model of that name.
///
/// ```
/// let text = armistice_scenario::catalog_scenario("fearon-1995-cost").unwrap_or_default();
/// let loaded = armistice_scenario::parse(text, "scenario.toml", std::path::Path::new("."));
/// assert!(loaded.scenario.is_some());
/// ```
#[must_use]
pub fn catalog_scenario(name: &str) -> Option<&'static str> {
    CATALOG.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
