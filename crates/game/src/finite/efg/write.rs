//! From tree to text.

use std::fmt::Write;
use std::ops::Range;

use crate::finite::text::{header, list, quote, quote_all};
use crate::{FiniteGame, FiniteKind};

/// The length in bytes up to which a description is repeated. Without a limit a file could grow by a factor of its own
/// length: one long list of payoffs, mentioned at each of many nodes.
const REPEATED: usize = 512;

impl FiniteGame {
    /// Writes the game in Gambit's format `.efg`, in the canonical form: reading it gives an equal game, and writing that
    /// gives the same bytes, if the game is [valid](Self::validate).
    #[must_use]
    pub fn write_efg(&self) -> String {
        let mut out = String::new();
        header(&mut out, "EFG 2 R", &self.title, &self.players);
        if let Some(comment) = &self.comment {
            quote(&mut out, comment);
            out.push('\n');
        }
        out.push('\n');
        let mut chances = Descriptions::new(self.chances.len());
        let mut sets = Descriptions::new(self.sets.len());
        let mut outcomes = Descriptions::new(self.outcomes.len());
        for node in &self.nodes {
            out.push_str(match node.kind {
                FiniteKind::Terminal => "t ",
                FiniteKind::Chance { .. } => "c ",
                FiniteKind::Move { .. } => "p ",
            });
            quote(&mut out, &node.name);
            match node.kind {
                FiniteKind::Terminal => {}
                FiniteKind::Chance { set } => {
                    if let Some(chance) = self.chances.get(set as usize) {
                        number(&mut out, chance.number);
                        chances.describe(&mut out, set, |out| {
                            quote(out, &chance.name);
                            out.push_str(" {");
                            for (name, probability) in &chance.actions {
                                out.push(' ');
                                quote(out, name);
                                out.push(' ');
                                out.push_str(probability.text());
                            }
                            out.push_str(" }");
                        });
                    }
                }
                FiniteKind::Move { set } => {
                    if let Some(found) = self.sets.get(set as usize) {
                        number(&mut out, i64::from(found.player) + 1);
                        number(&mut out, found.number);
                        sets.describe(&mut out, set, |out| {
                            quote(out, &found.name);
                            out.push(' ');
                            quote_all(out, &found.actions);
                        });
                    }
                }
            }
            match node.outcome.and_then(|position| Some((position, self.outcomes.get(position as usize)?))) {
                None => out.push_str(" 0"),
                Some((position, outcome)) => {
                    number(&mut out, outcome.number);
                    outcomes.describe(&mut out, position, |out| {
                        quote(out, &outcome.name);
                        out.push_str(" { ");
                        list(out, &outcome.payoffs);
                        out.push_str(" }");
                    });
                }
            }
            out.push('\n');
        }
        out
    }
}

fn number(out: &mut String, number: i64) {
    // Writing to a string cannot fail.
    let _ = write!(out, " {number}");
}

/// Where things of one kind were described first.
struct Descriptions {
    first: Vec<Option<Range<usize>>>,
}

impl Descriptions {
    fn new(length: usize) -> Self {
        Self { first: vec![None; length] }
    }

    /// Writes a description, or the one that was written before if it is short.
    fn describe(&mut self, out: &mut String, position: u32, write: impl FnOnce(&mut String)) {
        match self.first.get_mut(position as usize) {
            Some(Some(range)) => {
                if range.len() <= REPEATED {
                    out.extend_from_within(range.clone());
                }
            }
            first => {
                let start = out.len();
                out.push(' ');
                write(out);
                if let Some(first) = first {
                    *first = Some(start..out.len());
                }
            }
        }
    }
}
