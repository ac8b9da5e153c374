//! The format `.efg` of games in extensive form.
//!
//! Source: the documentation of Gambit, <https://gambitproject.readthedocs.io>, chapter *Game representation formats*,
//! and files that other programs wrote. The grammar, in which `x*` is any number of `x` and `x?` one or none:
//!
//! ```text
//! game     = "EFG" "2" ("R" | "D") text "{" text* "}" text? node
//!            -- title, names of players, comment; the node is the root
//! node     = "c" text integer  chance?  outcome  node*       -- name, number of the chance set
//!          | "p" text integer integer  moves?  outcome  node*  -- name, player from 1, number of the set
//!          | "t" text  outcome                                 -- name
//!            -- as many nodes follow as the set has actions
//! chance   = text? "{" (text number ","?)* "}"               -- name of the set; actions with probabilities
//! moves    = text? "{" text* "}"                             -- name of the set; actions
//! outcome  = integer text? payoffs?                          -- number, 0 for none; name
//! payoffs  = "{" (number ","?)* "}"                          -- one for each player
//! number   = integer | integer "/" digits | decimal          -- 3, 7/10, 0.7, -.5, 7e-1
//! text     = a quotation mark, characters, a quotation mark  -- \" is a quotation mark, \\ a backslash
//! ```
//!
//! White space separates words and means nothing else outside of quoted texts. Sets are numbered from 1, for each player
//! and for chance anew; outcomes are numbered from 1 for all. A set is described where it appears first. An outcome is
//! described once at least; here that may be after its first use. Whatever is described again must be described in the same
//! way. An empty name is no description.
//!
//! The canonical form, which [`write_efg`](crate::FiniteGame::write_efg) gives, has one node on a line. It repeats
//! descriptions, because not every program understands their absence, unless they are long.

mod read;
mod write;
