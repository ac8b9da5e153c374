//! From text to tree.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::finite::number::wrong_sum;
use crate::finite::problem::{FormatErrors, FormatProblem};
use crate::finite::text::{Reader, Stop};
use crate::{ChanceSet, FiniteGame, FiniteKind, FiniteNode, InformationSet, Outcome};

impl FiniteGame {
    /// Reads a game in Gambit's format `.efg`.
    ///
    /// ```
    /// use armistice_game::{FiniteGame, FiniteKind};
    ///
    /// let text = r#"EFG 2 R "War or peace" { "A" "B" }
    ///     p "" 1 1 "offer" { "fair" "none" } 0
    ///     t "" 1 "peace" { 1/2, 1/2 }
    ///     t "" 2 "war" { 3/10, 1/5 }"#;
    /// let game = FiniteGame::read_efg(text)?;
    /// assert_eq!(game.nodes[0].kind, FiniteKind::Move { set: 0 });
    /// assert_eq!(game.outcomes[1].payoffs[0].text(), "3/10");
    /// # Ok::<(), armistice_game::FormatErrors>(())
    /// ```
    ///
    /// Cost: linear in the length of the text, in time and memory.
    ///
    /// # Errors
    ///
    /// All problems of the text, up to the first that hides the structure of the rest.
    pub fn read_efg(text: &str) -> Result<Self, FormatErrors> {
        let mut reader = Reader::new(text);
        let read = TreeReader::read(&mut reader);
        reader.result(read)
    }
}

/// An outcome during reading.
struct Paid {
    outcome: Outcome,
    /// Where it is mentioned first, as long as its payoffs are not known.
    awaited: Option<usize>,
}

struct TreeReader<'r, 'a> {
    reader: &'r mut Reader<'a>,
    players: usize,
    nodes: Vec<FiniteNode>,
    sets: Vec<InformationSet>,
    set_numbers: HashMap<(i64, i64), u32>,
    chances: Vec<ChanceSet>,
    chance_numbers: HashMap<i64, u32>,
    outcomes: Vec<Paid>,
    outcome_numbers: HashMap<i64, u32>,
}

impl<'a> TreeReader<'_, 'a> {
    fn read(reader: &mut Reader<'a>) -> Result<FiniteGame, Stop> {
        reader.keyword(&["EFG"], "`EFG`, with which a game in extensive form begins")?;
        reader.keyword(&["2"], "`2`, the version of the format")?;
        reader.keyword(&["R", "D"], "`R` or `D`, the kind of numbers")?;
        let title = reader.quoted("the title of the game in quotes")?.into_owned();
        let offset = reader.offset();
        let players =
            reader.names("`{` and the names of the players", "the name of a player in quotes or `}`")?;
        if players.is_empty() {
            reader.report(offset, FormatProblem::NoPlayers);
        }
        let comment = reader.maybe_quoted()?.map(Cow::into_owned);
        let mut tree = TreeReader {
            reader,
            players: players.len(),
            nodes: Vec::new(),
            sets: Vec::new(),
            set_numbers: HashMap::new(),
            chances: Vec::new(),
            chance_numbers: HashMap::new(),
            outcomes: Vec::new(),
            outcome_numbers: HashMap::new(),
        };
        tree.grow()?;
        tree.reader.finish();
        for paid in &tree.outcomes {
            if let Some(offset) = paid.awaited {
                tree.reader.report(offset, FormatProblem::UndefinedOutcome { number: paid.outcome.number });
            }
        }
        let TreeReader { nodes, sets, chances, outcomes, .. } = tree;
        let outcomes = outcomes.into_iter().map(|paid| paid.outcome).collect();
        Ok(FiniteGame { title, comment, players, nodes, sets, chances, outcomes })
    }

    /// Reads nodes until every action leads somewhere. Depth is counted on the heap: trees can be deeper than a stack.
    fn grow(&mut self) -> Result<(), Stop> {
        // Nodes on the way from the root, with the number of their actions for which no node was read yet.
        let mut open: Vec<(u32, usize)> = Vec::new();
        loop {
            if self.reader.peek().is_none() && !self.nodes.is_empty() {
                let missing = open.iter().fold(0usize, |sum, (_, missing)| sum.saturating_add(*missing));
                let offset = self.reader.offset();
                self.reader.report(offset, FormatProblem::MissingNodes { missing });
                return Err(Stop);
            }
            let offset = self.reader.offset();
            let (node, actions) = self.node()?;
            let position = self.position(offset, self.nodes.len(), "nodes")?;
            if let Some((parent, missing)) = open.last_mut() {
                if let Some(parent) = self.nodes.get_mut(*parent as usize) {
                    parent.children.push(position);
                }
                *missing -= 1;
                if *missing == 0 {
                    open.pop();
                }
            }
            self.nodes.push(node);
            if actions > 0 {
                open.push((position, actions));
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }

    /// Reads one node and says how many actions it has.
    fn node(&mut self) -> Result<(FiniteNode, usize), Stop> {
        let kind = self.reader.keyword(&["c", "p", "t"], "a node: `c`, `p` or `t`")?;
        let name = self.reader.quoted("the name of the node in quotes")?.into_owned();
        let (kind, actions) = match kind {
            "c" => self.chance()?,
            "p" => self.moves()?,
            _ => (FiniteKind::Terminal, 0),
        };
        let outcome = self.outcome()?;
        Ok((FiniteNode { name, kind, children: Vec::new(), outcome }, actions))
    }

    fn chance(&mut self) -> Result<(FiniteKind, usize), Stop> {
        let offset = self.reader.offset();
        let number = self.reader.integer("the number of the chance set")?;
        let called = || format!("chance set {number}");
        let name = self.reader.maybe_quoted()?.unwrap_or_default();
        let list = self.reader.offset();
        let described = self.reader.take(b'{');
        let Some(&set) = self.chance_numbers.get(&number) else {
            self.positive(offset, "chance set", number);
            if !described {
                self.reader.report(offset, FormatProblem::UnknownSet { set: called() });
                return Err(Stop);
            }
            let mut actions = Vec::new();
            let start = self.reader.problems.count();
            while !self.reader.take(b'}') {
                let action = self.action()?.into_owned();
                let offset = self.reader.offset();
                let probability = self.reader.number(PROBABILITY)?;
                if probability.value < 0.0 {
                    let text = probability.text().to_owned();
                    self.reader.report(offset, FormatProblem::NegativeProbability { text });
                }
                actions.push((action, probability));
            }
            if actions.is_empty() {
                self.reader.report(list, FormatProblem::NoActions { set: called() });
            } else if self.reader.problems.count() == start
                && let Some(sum) = wrong_sum(actions.iter().map(|(_, probability)| probability))
            {
                self.reader.report(list, FormatProblem::ProbabilitySum { set: called(), sum });
            }
            let count = actions.len();
            let set = self.position(offset, self.chances.len(), "chance sets")?;
            self.chances.push(ChanceSet { number, name: name.into_owned(), actions });
            self.chance_numbers.insert(number, set);
            return Ok((FiniteKind::Chance { set }, count));
        };
        let Some(first) = self.chances.get_mut(set as usize) else { return Err(Stop) };
        let mut count = first.actions.len();
        if contradicts(&mut first.name, name) {
            self.reader.report(offset, FormatProblem::Differs { what: called(), part: "another name" });
        }
        if described {
            let (mut names, mut probabilities, mut here) = (true, true, 0);
            while !self.reader.take(b'}') {
                let before = first.actions.get(here);
                let action = self.reader.quoted(ACTION)?;
                names &= before.is_none_or(|(name, _)| *name == action);
                let same =
                    self.reader.same_number(before.map(|(_, probability)| probability), PROBABILITY)?;
                probabilities &= same || before.is_none();
                here += 1;
            }
            if here != count {
                self.reader.report(list, FormatProblem::ActionCount { set: called(), here, first: count });
                count = here;
            } else if !names {
                self.reader.report(list, FormatProblem::Differs { what: called(), part: "other actions" });
            } else if !probabilities {
                self.reader
                    .report(list, FormatProblem::Differs { what: called(), part: "other probabilities" });
            }
        }
        Ok((FiniteKind::Chance { set }, count))
    }

    fn moves(&mut self) -> Result<(FiniteKind, usize), Stop> {
        let offset = self.reader.offset();
        let player = self.reader.integer("the number of the player")?;
        if usize::try_from(player).map_or(true, |p| p == 0 || p > self.players) {
            self.reader.report(offset, FormatProblem::NoSuchPlayer { player, players: self.players });
        }
        let offset = self.reader.offset();
        let number = self.reader.integer("the number of the information set")?;
        let called = || format!("information set {number} of player {player}");
        let name = self.reader.maybe_quoted()?.unwrap_or_default();
        let list = self.reader.offset();
        let described = self.reader.take(b'{');
        let Some(&set) = self.set_numbers.get(&(player, number)) else {
            self.positive(offset, "information set", number);
            if !described {
                self.reader.report(offset, FormatProblem::UnknownSet { set: called() });
                return Err(Stop);
            }
            let mut actions = Vec::new();
            while !self.reader.take(b'}') {
                actions.push(self.action()?.into_owned());
            }
            if actions.is_empty() {
                self.reader.report(list, FormatProblem::NoActions { set: called() });
            }
            let count = actions.len();
            let set = self.position(offset, self.sets.len(), "information sets")?;
            // A number that fits no position was reported above, and no game comes of this.
            let owner = u32::try_from(player).unwrap_or_default().saturating_sub(1);
            self.sets.push(InformationSet { player: owner, number, name: name.into_owned(), actions });
            self.set_numbers.insert((player, number), set);
            return Ok((FiniteKind::Move { set }, count));
        };
        let Some(first) = self.sets.get_mut(set as usize) else { return Err(Stop) };
        let mut count = first.actions.len();
        if contradicts(&mut first.name, name) {
            self.reader.report(offset, FormatProblem::Differs { what: called(), part: "another name" });
        }
        if described {
            let (mut names, mut here) = (true, 0);
            while !self.reader.take(b'}') {
                let action = self.reader.quoted(ACTION)?;
                names &= first.actions.get(here).is_none_or(|name| *name == action);
                here += 1;
            }
            if here != count {
                self.reader.report(list, FormatProblem::ActionCount { set: called(), here, first: count });
                count = here;
            } else if !names {
                self.reader.report(list, FormatProblem::Differs { what: called(), part: "other actions" });
            }
        }
        Ok((FiniteKind::Move { set }, count))
    }

    fn outcome(&mut self) -> Result<Option<u32>, Stop> {
        let offset = self.reader.offset();
        let number = self.reader.integer("the number of the outcome")?;
        let name = self.reader.maybe_quoted()?;
        let list = self.reader.offset();
        let described = self.reader.peek() == Some(b'{');
        if number == 0 {
            if described || name.is_some_and(|name| !name.is_empty()) {
                self.reader.report(list, FormatProblem::NullOutcome);
            }
            if described {
                self.reader.numbers()?;
            }
            return Ok(None);
        }
        let called = || format!("outcome {number}");
        let name = name.unwrap_or_default();
        let position = match self.outcome_numbers.get(&number) {
            Some(&position) => position,
            None => {
                self.positive(offset, "outcome", number);
                let position = self.position(offset, self.outcomes.len(), "outcomes")?;
                let outcome = Outcome { number, name: String::new(), payoffs: Vec::new() };
                self.outcomes.push(Paid { outcome, awaited: Some(offset) });
                self.outcome_numbers.insert(number, position);
                position
            }
        };
        let Some(Paid { outcome, awaited }) = self.outcomes.get_mut(position as usize) else {
            return Err(Stop);
        };
        if contradicts(&mut outcome.name, name) {
            self.reader.report(offset, FormatProblem::Differs { what: called(), part: "another name" });
        }
        if !described {
            return Ok(Some(position));
        }
        let found = if awaited.take().is_some() {
            outcome.payoffs = self.reader.numbers()?;
            outcome.payoffs.len()
        } else {
            self.reader.take(b'{');
            let (mut same, mut here) = (true, 0);
            while !self.reader.take(b'}') {
                same &= self.reader.same_number(outcome.payoffs.get(here), PAYOFF)?;
                here += 1;
            }
            if !same || here < outcome.payoffs.len() {
                self.reader.report(list, FormatProblem::Differs { what: called(), part: "other payoffs" });
            }
            here
        };
        if found != self.players {
            let problem = FormatProblem::PayoffCount { what: called(), found, players: self.players };
            self.reader.report(list, problem);
        }
        Ok(Some(position))
    }

    fn action(&mut self) -> Result<Cow<'a, str>, Stop> {
        self.reader.quoted(ACTION)
    }

    fn positive(&mut self, offset: usize, what: &'static str, number: i64) {
        if number <= 0 {
            self.reader.report(offset, FormatProblem::NotPositive { what, number });
        }
    }

    fn position(&mut self, offset: usize, length: usize, what: &'static str) -> Result<u32, Stop> {
        u32::try_from(length).map_err(|_| {
            self.reader.report(offset, FormatProblem::TooMany { what });
            Stop
        })
    }
}

const ACTION: &str = "the name of an action in quotes or `}`";
const PROBABILITY: &str = "the probability of the action";
const PAYOFF: &str = "a payoff or `}`";

/// Takes a repeated name and says whether it contradicts the one that was known. An empty name says nothing.
fn contradicts(known: &mut String, name: Cow<'_, str>) -> bool {
    if known.is_empty() {
        *known = name.into_owned();
        return false;
    }
    !name.is_empty() && *known != name
}
