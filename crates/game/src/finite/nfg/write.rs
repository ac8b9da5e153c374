//! From table to text.

use std::fmt::Write;

use crate::finite::text::{header, list, quote, quote_all};
use crate::{Cells, NormalGame};

impl NormalGame {
    /// Writes the game in Gambit's format `.nfg`, in the canonical form: reading it gives an equal game, and writing that
    /// gives the same bytes, if the game is [valid](Self::validate).
    #[must_use]
    pub fn write_nfg(&self) -> String {
        let mut out = String::new();
        header(&mut out, "NFG 1 R", &self.title, &self.players);
        out.push_str("\n{\n");
        for strategies in &self.strategies {
            quote_all(&mut out, strategies);
            out.push('\n');
        }
        out.push_str("}\n");
        if let Some(comment) = &self.comment {
            quote(&mut out, comment);
            out.push('\n');
        }
        out.push('\n');
        match &self.cells {
            Cells::Payoffs(payoffs) => {
                for profile in payoffs.chunks(self.players.len().max(1)) {
                    for (i, payoff) in profile.iter().enumerate() {
                        out.push_str(if i == 0 { "" } else { " " });
                        out.push_str(payoff.text());
                    }
                    out.push('\n');
                }
            }
            Cells::Outcomes { outcomes, cells } => {
                out.push_str("{\n");
                for outcome in outcomes {
                    out.push_str("{ ");
                    quote(&mut out, &outcome.name);
                    out.push(' ');
                    list(&mut out, &outcome.payoffs);
                    out.push_str(" }\n");
                }
                out.push_str("}\n");
                let first = self.strategies.first().map_or(1, Vec::len);
                for line in cells.chunks(first.max(1)) {
                    for (i, cell) in line.iter().enumerate() {
                        // Writing to a string cannot fail.
                        let _ = write!(
                            out,
                            "{}{}",
                            if i == 0 { "" } else { " " },
                            cell.map_or(0, |position| u64::from(position) + 1)
                        );
                    }
                    out.push('\n');
                }
            }
        }
        out
    }
}
