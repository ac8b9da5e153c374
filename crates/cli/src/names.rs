//! Names that do not exist, and those that do.

use crate::failure::Failure;

/// A usage failure: there is no `kind` of this name, but there are others.
pub fn unknown<'a>(kind: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Failure {
    let mut list: Vec<String> = known.into_iter().map(|n| format!("`{n}`")).collect();
    let more = list.len().saturating_sub(30);
    list.truncate(30);
    let hint = match list.as_slice() {
        [] => Some("there is none at all".to_owned()),
        [one] => Some(format!("there is only {one}")),
        _ if more > 0 => Some(format!("there are {} and {more} more", list.join(", "))),
        _ => Some(format!("there are {}", list.join(", "))),
    };
    Failure::Usage { what: format!("there is no {kind} `{name}`"), hint }
}
