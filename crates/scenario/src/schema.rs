//! The JSON Schema of scenario files, for editors.

use schemars::generate::SchemaSettings;

use crate::shape::ScenarioFile;

/// The JSON Schema (draft 2020-12) of a scenario file, with the explanation of every key.
///
/// Editors that know TOML complete and check a file that starts with `#:schema PATH`.
#[must_use]
pub fn schema() -> serde_json::Value {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<ScenarioFile>();
    let mut value = schema.to_value();
    if let Some(root) = value.as_object_mut() {
        root.insert("title".to_owned(), "Armistice scenario".into());
        // What a scenario extends or includes may have the sections that every scenario needs.
        if let Some(required) = root.remove("required") {
            let one = |key: &str| serde_json::json!({ "required": [key] });
            let whole = serde_json::json!({ "required": required });
            root.insert("anyOf".to_owned(), vec![whole, one("extends"), one("include")].into());
        }
    }
    value
}
