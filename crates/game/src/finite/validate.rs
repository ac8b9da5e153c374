//! Checks of finite games that were put together in memory: what reading a file guarantees.

use std::collections::HashSet;

use super::number::wrong_sum;
use super::problem::{FormatErrors, FormatProblem, Problems};
use super::{Cells, FiniteGame, FiniteKind, NormalGame, Number, Outcome};

impl FiniteGame {
    /// Checks everything that reading a file guarantees: a tree in preorder, positions in range, as many children as
    /// actions, probabilities that sum to 1, one finite payoff for each player, unique numbers from 1, and sets and outcomes
    /// in order of first appearance, none unused.
    ///
    /// Cost: linear in the size of the game.
    ///
    /// # Errors
    ///
    /// All problems, without places.
    pub fn validate(&self) -> Result<(), FormatErrors> {
        let mut problems = Problems::default();
        if self.players.is_empty() {
            problems.add(None, FormatProblem::NoPlayers);
        }
        self.check_tree(&mut problems);
        self.check_order(&mut problems);
        self.check_sets(&mut problems);
        check_outcomes(&self.outcomes, self.players.len(), &mut problems);
        problems.into_result()
    }

    fn check_tree(&self, problems: &mut Problems) {
        if self.nodes.is_empty() {
            malformed(problems, "node", 0, "a tree has a root");
        }
        // Nodes whose children were not all passed yet, with the number of those that were.
        let mut open: Vec<(usize, usize)> = Vec::new();
        for (i, node) in self.nodes.iter().enumerate() {
            if i > 0 {
                let due = open.last_mut().and_then(|(parent, passed)| {
                    *passed += 1;
                    self.nodes[*parent].children.get(*passed - 1)
                });
                if due.is_none_or(|&due| due as usize != i) {
                    malformed(problems, "node", i, "nodes are listed in preorder, each the child of one");
                    return;
                }
            }
            if !node.children.is_empty() {
                open.push((i, 0));
            }
            while open.last().is_some_and(|&(parent, passed)| passed == self.nodes[parent].children.len()) {
                open.pop();
            }
            let actions = match node.kind {
                FiniteKind::Terminal => Some(0),
                FiniteKind::Chance { set } => self.chances.get(set as usize).map(|c| c.actions.len()),
                FiniteKind::Move { set } => self.sets.get(set as usize).map(|s| s.actions.len()),
            };
            match actions {
                None => malformed(problems, "node", i, "its set does not exist"),
                Some(actions) if actions != node.children.len() => {
                    malformed(problems, "node", i, "it has not as many children as actions");
                }
                Some(_) => {}
            }
            if node.outcome.is_some_and(|position| position as usize >= self.outcomes.len()) {
                malformed(problems, "node", i, "its outcome does not exist");
            }
        }
        if let Some(&(parent, _)) = open.last() {
            malformed(problems, "node", parent, "it has children that do not exist");
        }
    }

    fn check_order(&self, problems: &mut Problems) {
        let (mut chances, mut sets, mut outcomes) = (0, 0, 0);
        // Whether a position continues the order in which things appear first.
        let appears = |next: &mut usize, position: u32| {
            let known = (position as usize) <= *next;
            *next = (*next).max(position as usize + 1);
            known
        };
        for (i, node) in self.nodes.iter().enumerate() {
            let set = match node.kind {
                FiniteKind::Terminal => true,
                FiniteKind::Chance { set } => appears(&mut chances, set),
                FiniteKind::Move { set } => appears(&mut sets, set),
            };
            if !set {
                malformed(problems, "node", i, "sets are listed in the order in which they appear first");
            }
            if node.outcome.is_some_and(|position| !appears(&mut outcomes, position)) {
                malformed(problems, "node", i, "outcomes are listed in the order in which they appear first");
            }
        }
        for (what, used, length) in [
            ("chance set", chances, self.chances.len()),
            ("information set", sets, self.sets.len()),
            ("outcome", outcomes, self.outcomes.len()),
        ] {
            if used < length {
                malformed(problems, what, used, "it is not used");
            }
        }
    }

    fn check_sets(&self, problems: &mut Problems) {
        let mut numbers = HashSet::new();
        for (i, set) in self.sets.iter().enumerate() {
            check_number(
                problems,
                "information set",
                i,
                set.number,
                numbers.insert((set.player, set.number)),
            );
            let called = || format!("information set {} of player {}", set.number, u64::from(set.player) + 1);
            if set.player as usize >= self.players.len() {
                let player = i64::from(set.player) + 1;
                problems.add(None, FormatProblem::NoSuchPlayer { player, players: self.players.len() });
            }
            if set.actions.is_empty() {
                problems.add(None, FormatProblem::NoActions { set: called() });
            }
        }
        let mut numbers = HashSet::new();
        for (i, chance) in self.chances.iter().enumerate() {
            check_number(problems, "chance set", i, chance.number, numbers.insert(chance.number));
            let called = || format!("chance set {}", chance.number);
            let probabilities = chance.actions.iter().map(|(_, probability)| probability);
            for probability in probabilities.clone() {
                if probability.value < 0.0 {
                    let text = probability.text().to_owned();
                    problems.add(None, FormatProblem::NegativeProbability { text });
                }
            }
            if chance.actions.is_empty() {
                problems.add(None, FormatProblem::NoActions { set: called() });
            } else if !probabilities.clone().all(Number::is_sound) {
                malformed(problems, "chance set", i, UNSOUND);
            } else if let Some(sum) = wrong_sum(probabilities) {
                problems.add(None, FormatProblem::ProbabilitySum { set: called(), sum });
            }
        }
    }
}

impl NormalGame {
    /// Checks everything that reading a file guarantees: strategies for each player, a table that fits them, and outcomes
    /// with one finite payoff for each player, numbered by position.
    ///
    /// Cost: linear in the size of the game.
    ///
    /// # Errors
    ///
    /// All problems, without places.
    pub fn validate(&self) -> Result<(), FormatErrors> {
        let mut problems = Problems::default();
        let players = self.players.len();
        if players == 0 {
            problems.add(None, FormatProblem::NoPlayers);
        }
        if self.strategies.len() != players {
            problems.add(None, FormatProblem::StrategyCount { found: self.strategies.len(), players });
        }
        for (i, strategies) in self.strategies.iter().enumerate() {
            if strategies.is_empty() {
                problems.add(None, FormatProblem::NoStrategies { player: i + 1 });
            }
        }
        let (found, needed) = self.entries();
        if problems.count() == 0 && found as u128 != needed {
            problems.add(None, FormatProblem::EntryCount { found, needed });
        }
        match &self.cells {
            Cells::Payoffs(payoffs) => {
                for (i, _) in payoffs.iter().enumerate().filter(|(_, payoff)| !payoff.is_sound()) {
                    malformed(&mut problems, "payoff", i, UNSOUND);
                }
            }
            Cells::Outcomes { outcomes, cells } => {
                check_outcomes(outcomes, players, &mut problems);
                for (i, outcome) in outcomes.iter().enumerate() {
                    if usize::try_from(outcome.number) != Ok(i + 1) {
                        malformed(
                            &mut problems,
                            "outcome",
                            i,
                            "outcomes of a table are numbered from 1 in their order",
                        );
                    }
                }
                for number in cells.iter().flatten().map(|&position| i64::from(position) + 1) {
                    if number > outcomes.len() as i64 {
                        problems.add(None, FormatProblem::NoSuchOutcome { number, outcomes: outcomes.len() });
                    }
                }
            }
        }
        problems.into_result()
    }

    /// Whether the table has an entry for each profile.
    pub(super) fn fits(&self) -> bool {
        let (found, needed) = self.entries();
        self.strategies.len() == self.players.len() && needed > 0 && found as u128 == needed
    }

    /// How many entries the table has and how many it needs.
    fn entries(&self) -> (usize, u128) {
        let profiles = self
            .strategies
            .iter()
            .try_fold(1u128, |product, names| product.checked_mul(names.len() as u128))
            .unwrap_or(u128::MAX);
        match &self.cells {
            Cells::Payoffs(payoffs) => (payoffs.len(), profiles.saturating_mul(self.players.len() as u128)),
            Cells::Outcomes { cells, .. } => (cells.len(), profiles),
        }
    }
}

const UNSOUND: &str = "its text does not have its value, or the value is not finite";

fn malformed(problems: &mut Problems, what: &'static str, position: usize, why: &'static str) {
    problems.add(None, FormatProblem::Malformed { what, position, why });
}

fn check_number(problems: &mut Problems, what: &'static str, position: usize, number: i64, unique: bool) {
    if number <= 0 {
        problems.add(None, FormatProblem::NotPositive { what, number });
    }
    if !unique {
        malformed(problems, what, position, "an earlier one has the same number");
    }
}

fn check_outcomes(outcomes: &[Outcome], players: usize, problems: &mut Problems) {
    let mut numbers = HashSet::new();
    for (i, outcome) in outcomes.iter().enumerate() {
        check_number(problems, "outcome", i, outcome.number, numbers.insert(outcome.number));
        if outcome.payoffs.len() != players {
            let what = format!("outcome {}", outcome.number);
            problems.add(None, FormatProblem::PayoffCount { what, found: outcome.payoffs.len(), players });
        }
        if !outcome.payoffs.iter().all(Number::is_sound) {
            malformed(problems, "outcome", i, UNSOUND);
        }
    }
}
