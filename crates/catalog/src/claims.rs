//! The claims that models are linked to.

use serde::Deserialize;

use crate::model::Ordered;

/// A claim of an audited argument, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimInShort {
    /// Its identifier, such as `B2`.
    pub id: String,
    /// What it says, in a few words.
    pub says: String,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Listed(Ordered<String>);

/// All claims, in order.
///
/// The list is built into the program; were it not sound, it would be empty, and a test fails.
#[must_use]
pub fn claims() -> Vec<ClaimInShort> {
    let listed: Listed = toml::from_str(include_str!("../../../catalog/claims.toml"))
        .unwrap_or_else(|_| Listed(Ordered::default()));
    listed.0.0.into_iter().map(|(id, says)| ClaimInShort { id, says }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_of_them_are_listed() {
        let ids: Vec<String> = super::claims().into_iter().map(|claim| claim.id).collect();
        assert_eq!(ids.len(), 24);
        assert_eq!((ids[0].as_str(), ids[15].as_str(), ids[23].as_str()), ("A1", "B10", "C8"));
    }
}
