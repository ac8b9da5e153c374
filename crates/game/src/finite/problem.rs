//! What can be wrong with a finite game, and what to do about it.

use std::fmt;

use super::number::NumberError;

/// A place in a text, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// One thing that is wrong with a finite game.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError {
    /// Where it is; none for a game that was not read from a text.
    pub place: Option<Place>,
    /// What is wrong.
    pub problem: FormatProblem,
}

impl FormatError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.problem.remedy()
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}; {}", self.problem, self.remedy())
    }
}

/// Everything that is wrong with a finite game. The message completes "failed to …".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatErrors {
    /// The problems in the order of the text; never empty.
    pub errors: Vec<FormatError>,
    /// How many more there are: a list of thousands helps nobody.
    pub omitted: usize,
}

impl fmt::Display for FormatErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("read the game:")?;
        for error in &self.errors {
            write!(f, "\n  {error}")?;
        }
        if self.omitted > 0 {
            write!(f, "\n  and {}", count(self.omitted, "more problem"))?;
        }
        Ok(())
    }
}

impl std::error::Error for FormatErrors {}

/// The kinds of problems with finite games.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatProblem {
    /// Something else stands where one thing must.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What must stand here.
        expected: &'static str,
        /// What stands here.
        found: String,
    },
    /// The text ends too early.
    #[error("the text ends where {expected} is expected")]
    Ends {
        /// What must come next.
        expected: &'static str,
    },
    /// The text ends before the tree does.
    #[error("the text ends before the tree does: it needs at least {}", count(*missing, "more node"))]
    MissingNodes {
        /// For how many actions no node follows.
        missing: usize,
    },
    /// A quoted text without its closing quote.
    #[error("a quoted text begins here and never ends")]
    OpenText,
    /// Something follows after the game.
    #[error("the game is complete, but {found} follows")]
    Trailing {
        /// What follows.
        found: String,
    },
    /// A number that cannot be read.
    #[error("{text} is {why}")]
    Number {
        /// The text of the number.
        text: String,
        /// What is wrong with it.
        why: NumberError,
    },
    /// More of something than positions can count.
    #[error("the game has more than {} {what}", u32::MAX)]
    TooMany {
        /// Of what there are too many.
        what: &'static str,
    },
    /// A game without players.
    #[error("the game has no players")]
    NoPlayers,
    /// The number of a player who does not exist.
    #[error("there is no player {player}: the game has {}", count(*players, "player"))]
    NoSuchPlayer {
        /// The number in the text.
        player: i64,
        /// How many players the game has.
        players: usize,
    },
    /// A number that should count from 1.
    #[error("{what} number {number} is not positive")]
    NotPositive {
        /// What is numbered.
        what: &'static str,
        /// Its number.
        number: i64,
    },
    /// A move without actions.
    #[error("{set} has no actions")]
    NoActions {
        /// Which set.
        set: String,
    },
    /// A set that appears for the first time and does not say its actions.
    #[error("{set} appears for the first time without its actions")]
    UnknownSet {
        /// Which set.
        set: String,
    },
    /// A repeated description that differs from the first.
    #[error("{what} is described again with {part}")]
    Differs {
        /// What is described.
        what: String,
        /// What differs, such as `another name`.
        part: &'static str,
    },
    /// A repeated list of actions of another length.
    #[error("{set} has {} here and {first} where it appeared first", count(*here, "action"))]
    ActionCount {
        /// Which set.
        set: String,
        /// How many actions it has here.
        here: usize,
        /// How many it has where it appeared first.
        first: usize,
    },
    /// Not one payoff for each player.
    #[error("{what} has {} for {}", count(*found, "payoff"), count(*players, "player"))]
    PayoffCount {
        /// What pays.
        what: String,
        /// How many payoffs there are.
        found: usize,
        /// How many players.
        players: usize,
    },
    /// A probability below zero.
    #[error("the probability {text} is negative")]
    NegativeProbability {
        /// The text of the probability.
        text: String,
    },
    /// Probabilities that do not sum to 1.
    #[error("the probabilities of {set} sum to {sum} instead of 1")]
    ProbabilitySum {
        /// Which set.
        set: String,
        /// The sum.
        sum: String,
    },
    /// An outcome whose payoffs are given nowhere.
    #[error("outcome {number} has no payoffs anywhere")]
    UndefinedOutcome {
        /// The number of the outcome.
        number: i64,
    },
    /// A name or payoffs for the number that means no outcome.
    #[error("outcome 0 has a name or payoffs")]
    NullOutcome,
    /// Not one list of strategies for each player.
    #[error("there are strategies for {}, and the game has {players}", count(*found, "player"))]
    StrategyCount {
        /// For how many players there are strategies.
        found: usize,
        /// How many players the game has.
        players: usize,
    },
    /// A player without strategies.
    #[error("player {player} has no strategies")]
    NoStrategies {
        /// The number of the player, from 1.
        player: usize,
    },
    /// A table that does not fit its header.
    #[error("the table has {} where players and strategies ask for {needed}", count(*found, "number"))]
    EntryCount {
        /// How many there are.
        found: usize,
        /// How many there must be; `u128::MAX` stands for that many or more.
        needed: u128,
    },
    /// An outcome that is not in the list.
    #[error("there is no outcome {number}: the list has {}", count(*outcomes, "outcome"))]
    NoSuchOutcome {
        /// The number in the text.
        number: i64,
        /// How many outcomes there are.
        outcomes: usize,
    },
    /// A game that was put together wrongly; no text can cause this.
    #[error("{what} {position}: {why}")]
    Malformed {
        /// What is broken.
        what: &'static str,
        /// Its position, from 0.
        position: usize,
        /// In which way.
        why: &'static str,
    },
}

/// A number of things in words.
fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

impl FormatProblem {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Expected { .. } => "see the grammar of the format for what may stand here",
            Self::Ends { .. } => "complete the text; perhaps it was cut off",
            Self::MissingNodes { .. } => {
                "every action leads to a node, listed in the order of the tree; perhaps the text was cut off"
            }
            Self::OpenText => "close it with a quotation mark; inside, a quotation mark is written \\\"",
            Self::Trailing { .. } => "remove the rest, or give an earlier move the actions that lead to it",
            Self::Number { why: NumberError::Range, .. } => "choose smaller units",
            Self::Number { .. } => "write an integer, a fraction as 7/10, or a decimal number as 0.7 or 7e-1",
            Self::TooMany { .. } => "split the game",
            Self::NoPlayers => "name the players in braces after the title",
            Self::NoSuchPlayer { .. } => "use the position of the player in the list of names, from 1",
            Self::NotPositive { .. } => "use a number from 1",
            Self::NoActions { .. } => "name at least one action, or make the node terminal",
            Self::UnknownSet { .. } => {
                "list the actions in braces after its number; only repetitions may leave them out"
            }
            Self::Differs { .. } => "repeat the first description, leave it out, or use another number",
            Self::ActionCount { .. } => "list the same actions, leave them out, or use another number",
            Self::PayoffCount { .. } => "give one payoff for each player",
            Self::NegativeProbability { .. } => "use a probability of at least 0",
            Self::ProbabilitySum { .. } => "make them sum to 1; fractions are summed exactly",
            Self::UndefinedOutcome { .. } => "write its payoffs in braces after its number, once at least",
            Self::NullOutcome => "0 means that there is no outcome; use another number",
            Self::StrategyCount { .. } => "give strategies for each player, in the order of the players",
            Self::NoStrategies { .. } => "give each player one strategy at least",
            Self::EntryCount { .. } => {
                "list every combination of strategies, the first player's changing fastest, each with one payoff for each \
                 player or one number of an outcome"
            }
            Self::NoSuchOutcome { .. } => {
                "use the position of the outcome in the list, from 1, or 0 for none"
            }
            Self::Malformed { .. } => "this is a mistake of the program that built the game, not of a file",
        }
    }
}

/// Problems as they are found, with the places as offsets into the text.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<(Option<usize>, FormatProblem)>,
    omitted: usize,
}

impl Problems {
    /// How many problems are kept; more are only counted.
    const LIMIT: usize = 1_000;

    pub(super) fn add(&mut self, offset: Option<usize>, problem: FormatProblem) {
        if self.found.len() < Self::LIMIT {
            self.found.push((offset, problem));
        } else {
            self.omitted += 1;
        }
    }

    pub(super) fn count(&self) -> usize {
        self.found.len() + self.omitted
    }

    /// The problems of a game that has no text.
    pub(super) fn into_result(self) -> Result<(), FormatErrors> {
        if self.count() == 0 { Ok(()) } else { Err(self.locate("")) }
    }

    /// Turns offsets into lines and columns, in one pass over the text.
    pub(super) fn locate(mut self, text: &str) -> FormatErrors {
        self.found.sort_by_key(|(offset, _)| *offset);
        let (mut at, mut place) = (0, Place { line: 1, column: 1 });
        let mut errors = Vec::with_capacity(self.found.len());
        for (offset, problem) in self.found {
            if let Some(offset) = offset {
                for c in text.get(at..offset).unwrap_or_default().chars() {
                    if c == '\n' {
                        place = Place { line: place.line + 1, column: 1 };
                    } else if c != '\u{feff}' {
                        place.column += 1;
                    }
                }
                at = offset;
            }
            errors.push(FormatError { place: offset.map(|_| place), problem });
        }
        FormatErrors { errors, omitted: self.omitted }
    }
}
