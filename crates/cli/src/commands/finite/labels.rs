//! What players, information sets and actions are called: by names where these tell them apart, else by numbers.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use armistice::game::FiniteGame;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// The labels of a game. Those of one player's sets differ, as do those of one set's actions.
#[derive(Debug)]
pub struct Labels {
    /// By player.
    pub players: Vec<String>,
    /// By information set: its player.
    pub owner: Vec<usize>,
    /// By information set.
    pub sets: Vec<String>,
    /// By information set and action.
    pub actions: Vec<Vec<String>>,
    /// By information set: its first action among all; one more for the end.
    first: Vec<usize>,
}

impl Labels {
    /// The labels of a game.
    pub fn new(game: &FiniteGame) -> Self {
        let clean_sets: Vec<String> = game.sets.iter().map(|set| clean(&set.name)).collect();
        let mut often: HashMap<(u32, &str), usize> = HashMap::new();
        for (set, name) in game.sets.iter().zip(&clean_sets) {
            *often.entry((set.player, name)).or_default() += 1;
        }
        // A name that reads as a number could be taken for that of another set.
        let sets = game.sets.iter().zip(&clean_sets).map(|(set, name)| {
            let tells = often.get(&(set.player, name.as_str())) == Some(&1)
                && !name.is_empty()
                && name.parse::<i64>().is_err();
            if tells { name.clone() } else { set.number.to_string() }
        });
        let mut first = vec![0];
        let mut total = 0;
        for set in &game.sets {
            total += set.actions.len();
            first.push(total);
        }
        let mut out = Self {
            players: distinct(&game.players),
            owner: game.sets.iter().map(|set| set.player as usize).collect(),
            sets: sets.collect(),
            actions: game.sets.iter().map(|set| distinct(&set.actions)).collect(),
            first,
        };
        // Strokes in names can make two keys the same; numbers cannot.
        let keys = out.keys();
        if keys.iter().collect::<HashSet<_>>().len() != keys.len() {
            out.sets = game.sets.iter().map(|set| set.number.to_string()).collect();
            out.actions = game.sets.iter().map(|set| numbered(set.actions.len())).collect();
        }
        out
    }

    /// Where the actions of an information set lie among all.
    pub fn range(&self, set: usize) -> Range<usize> {
        match self.first.get(set..set + 2) {
            Some([from, to]) => *from..*to,
            _ => 0..0,
        }
    }

    /// The name of the player who owns a set.
    pub fn player_of(&self, set: usize) -> &str {
        self.owner.get(set).and_then(|player| self.players.get(*player)).map_or("", String::as_str)
    }

    /// `player/infoset/action` for every action of the game, in its order.
    pub fn keys(&self) -> Vec<String> {
        let sets = self.sets.iter().zip(&self.actions).enumerate();
        sets.flat_map(|(set, (label, actions))| {
            let player = self.player_of(set);
            actions.iter().map(move |action| format!("{player}/{label}/{action}"))
        })
        .collect()
    }
}

/// Names if all of them are there and differ, else positions from 1.
fn distinct(names: &[String]) -> Vec<String> {
    let names: Vec<String> = names.iter().map(|name| clean(name)).collect();
    let differ = names.iter().collect::<HashSet<_>>().len() == names.len();
    if differ && names.iter().all(|name| !name.is_empty()) { names } else { numbered(names.len()) }
}

fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|position| position.to_string()).collect()
}

/// A name on one line, without characters that would steer a terminal.
pub fn clean(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Probabilities as a document shows them: by player, information set and action.
#[derive(Debug)]
pub struct Strategies<'a> {
    /// What things are called.
    pub labels: &'a Labels,
    /// Probabilities of all actions of all information sets.
    pub profile: &'a [f64],
}

/// The information sets of one player.
struct OfPlayer<'a>(&'a Strategies<'a>, usize);

/// The actions of one information set.
struct OfSet<'a>(&'a Strategies<'a>, usize);

impl Serialize for Strategies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (player, name) in self.labels.players.iter().enumerate() {
            map.serialize_entry(name, &OfPlayer(self, player))?;
        }
        map.end()
    }
}

impl Serialize for OfPlayer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let labels = self.0.labels;
        let mut map = serializer.serialize_map(None)?;
        for (set, label) in labels.sets.iter().enumerate() {
            if labels.owner.get(set) == Some(&self.1) {
                map.serialize_entry(label, &OfSet(self.0, set))?;
            }
        }
        map.end()
    }
}

impl Serialize for OfSet<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let labels = self.0.labels;
        let probabilities = self.0.profile.get(labels.range(self.1)).unwrap_or_default();
        let mut map = serializer.serialize_map(None)?;
        for (action, p) in labels.actions.get(self.1).into_iter().flatten().zip(probabilities) {
            map.serialize_entry(action, p)?;
        }
        map.end()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_where_they_tell_things_apart() {
        let game = FiniteGame::read_efg(
            r#"EFG 2 R "" { "A" "B" }
            p "" 1 7 "first" { "x" "1/2" } 0
            p "" 2 1 "same" { "x" "x" } 0 t "" 1 "" { 0 0 } t "" 1 "" { 0 0 }
            p "" 2 2 "same" { "" "x" } 0 t "" 1 "" { 0 0 } t "" 1 "" { 0 0 }"#,
        )
        .unwrap();
        let labels = Labels::new(&game);
        assert_eq!(
            labels.keys(),
            ["A/first/x", "A/first/1/2", "B/1/1", "B/1/2", "B/2/1", "B/2/2"].map(str::to_owned)
        );
        let profile = [0.25, 0.75, 0.5, 0.5, 1.0, 0.0];
        let document = serde_json::to_value(Strategies { labels: &labels, profile: &profile }).unwrap();
        assert_eq!(document["A"]["first"]["1/2"], 0.75);
        assert_eq!(document["B"]["2"]["1"], 1.0);
    }

    #[test]
    fn keys_differ_whatever_the_names() {
        let game = FiniteGame::read_efg(
            r#"EFG 2 R "" { "A" }
            p "" 1 1 "a" { "b/c" "d" } 0
            p "" 1 2 "a/b" { "c" "d" } 0 t "" 1 "" { 0 } t "" 1 "" { 0 }
            t "" 1 "" { 0 }"#,
        )
        .unwrap();
        assert_eq!(Labels::new(&game).keys(), ["A/1/1", "A/1/2", "A/2/1", "A/2/2"].map(str::to_owned));
    }

    #[test]
    fn names_cannot_steer_a_terminal() {
        assert_eq!(clean("a\u{1b}[31m\n b"), "a [31m b");
    }
}
