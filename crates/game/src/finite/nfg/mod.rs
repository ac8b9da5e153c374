//! The format `.nfg` of games in normal form.
//!
//! Source: the documentation of Gambit, <https://gambitproject.readthedocs.io>, chapter *Game representation formats*, and
//! files that other programs wrote. The grammar, with texts, numbers and payoffs as in the format `.efg`:
//!
//! ```text
//! game       = "NFG" "1" ("R" | "D") text "{" text* "}" strategies text? table
//!              -- title, names of players, strategies of each player, comment
//! strategies = "{" integer* "}"                             -- how many each player has, from 1
//!            | "{" ("{" text* "}")* "}"                     -- their names
//! table      = (number ","?)*                               -- the payoff version
//!            | "{" ("{" text? (number ","?)* "}")* "}" (integer ","?)*   -- the outcome version
//! ```
//!
//! The table goes through all profiles of strategies, that of the first player changing fastest. In the payoff version it
//! has one payoff for each player there; in the outcome version the position of an outcome in the list, from 1, or 0 for
//! none. Strategies without names are called `1`, `2` and so on. Whether numbers or outcomes are listed does not depend on
//! how strategies are given.
//!
//! In the canonical form strategies have names, and a line of the table has the payoffs of one profile, or the outcomes of
//! all strategies of the first player.

mod read;
mod write;
