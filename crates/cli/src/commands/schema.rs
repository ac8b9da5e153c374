//! `schema`: the JSON Schema of scenario files.

use crate::failure::Failure;
use crate::session::Session;

/// Prints the schema; it is a JSON document of its own, so `--json` changes nothing.
pub fn run(session: &Session) -> Result<(), Failure> {
    session.say(&serde_json::to_string_pretty(&armistice::scenario::schema())?)
}
