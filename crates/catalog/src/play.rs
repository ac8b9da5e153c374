//! What is read off a solved finite game: probabilities of endings, of moves, of moves given others, mean offers, payoffs.

use armistice_game::{FiniteGame, FiniteKind};
use armistice_scenario::{EvaluationError, Expression, Meaning, Value};

/// A profile of choice probabilities of a finite game, with the functions that expressions may use:
///
/// | function | value |
/// | --- | --- |
/// | `probability('ending')` | probability of the endings of that name |
/// | `payoff('player')` | expected payoff |
/// | `play('move')` | probability that a play contains the move; `offer` stands for every `offer(…)` |
/// | `play('move', 'other')` | … given that it contains the other, such as a private type |
/// | `mean('move')` | mean of the numbers in `move(…)` over the plays that contain it |
/// | `mean('move', 'other')` | … and the other |
/// | `choice('set', 'action')` | probability of an action at the information set of that name |
/// | `belief('set', 'move')` | probability at that information set that the play so far contains the move |
#[derive(Clone, Copy, Debug)]
pub struct Play<'a> {
    game: &'a FiniteGame,
    profile: &'a [f64],
}

/// Where a play has come to.
#[derive(Clone, Copy)]
struct Way {
    node: usize,
    probability: f64,
    /// The move looked for was made, with this number in brackets.
    made: Option<f64>,
    /// The other was.
    other: bool,
}

/// Sums over plays.
#[derive(Default)]
struct Sums {
    /// Probability of the other.
    other: f64,
    /// … and of the move.
    both: f64,
    /// … times its number.
    weighted: f64,
}

impl<'a> Play<'a> {
    /// A profile: probabilities of all actions of all information sets, in the game's order.
    #[must_use]
    pub fn new(game: &'a FiniteGame, profile: &'a [f64]) -> Self {
        Self { game, profile }
    }

    /// The value of an expression over the functions of solutions; other names mean what `names` says.
    ///
    /// - errors: [`EvaluationError`], also where the condition of a probability has probability 0.
    pub fn value(&self, expression: &Expression, names: &mut dyn Meaning) -> Result<Value, EvaluationError> {
        expression.value(&mut Reading { play: self, names })
    }

    /// Probabilities of what can be done at a node.
    fn edges(&self, starts: &[usize], node: usize) -> Vec<(&'a str, f64)> {
        match self.game.nodes[node].kind {
            FiniteKind::Terminal => Vec::new(),
            FiniteKind::Chance { set } => {
                let actions = &self.game.chances[set as usize].actions;
                actions.iter().map(|(name, p)| (name.as_str(), p.value)).collect()
            }
            FiniteKind::Move { set } => {
                let actions = &self.game.sets[set as usize].actions;
                let own = &self.profile[starts[set as usize]..];
                actions.iter().map(String::as_str).zip(own.iter().copied()).collect()
            }
        }
    }

    /// Where the actions of every information set start in the profile.
    fn starts(&self) -> Vec<usize> {
        let counts = self.game.sets.iter().map(|set| set.actions.len());
        counts
            .scan(0, |next, count| {
                let start = *next;
                *next += count;
                Some(start)
            })
            .collect()
    }

    /// Follows all plays with positive probability; `stop` sees every node and says whether plays end there.
    fn follow(&self, wanted: &str, other: Option<&str>, mut stop: impl FnMut(&Way) -> bool) {
        let starts = self.starts();
        let mut open = vec![Way { node: 0, probability: 1.0, made: None, other: other.is_none() }];
        while let Some(way) = open.pop() {
            if stop(&way) {
                continue;
            }
            let children = &self.game.nodes[way.node].children;
            for ((label, p), child) in self.edges(&starts, way.node).into_iter().zip(children).rev() {
                if p > 0.0 {
                    open.push(Way {
                        node: *child as usize,
                        probability: way.probability * p,
                        made: way.made.or_else(|| matches(label, wanted)),
                        other: way.other || other.is_some_and(|other| matches(label, other).is_some()),
                    });
                }
            }
        }
    }

    fn sums(&self, wanted: &str, other: Option<&str>) -> Sums {
        let mut sums = Sums::default();
        self.follow(wanted, other, |way| {
            if self.game.nodes[way.node].kind != FiniteKind::Terminal {
                return false;
            }
            if way.other {
                sums.other += way.probability;
                if let Some(number) = way.made {
                    sums.both += way.probability;
                    sums.weighted += way.probability * number;
                }
            }
            true
        });
        sums
    }

    fn ending(&self, name: &str) -> Option<f64> {
        let known = self.game.outcomes.iter().any(|outcome| outcome.name == name);
        let mut total = 0.0;
        self.follow("", None, |way| {
            let node = &self.game.nodes[way.node];
            let outcome = node.outcome.and_then(|o| self.game.outcomes.get(o as usize));
            if node.kind == FiniteKind::Terminal && outcome.is_some_and(|o| o.name == name) {
                total += way.probability;
            }
            false
        });
        known.then_some(total)
    }

    fn payoff(&self, player: &str) -> Option<f64> {
        let player = self.game.players.iter().position(|p| p == player)?;
        let mut total = 0.0;
        self.follow("", None, |way| {
            let outcome = self.game.nodes[way.node].outcome.and_then(|o| self.game.outcomes.get(o as usize));
            if let Some(payoff) = outcome.and_then(|outcome| outcome.payoffs.get(player)) {
                total += way.probability * payoff.value;
            }
            false
        });
        Some(total)
    }

    fn choice(&self, set: &str, action: &str) -> Option<f64> {
        let position = self.game.sets.iter().position(|s| s.name == set)?;
        let own = self.game.sets[position].actions.iter().position(|a| a == action)?;
        self.profile.get(self.starts().get(position)? + own).copied()
    }

    fn belief(&self, set: &str, wanted: &str) -> Option<f64> {
        let position = self.game.sets.iter().position(|s| s.name == set)? as u32;
        let (mut reached, mut both) = (0.0, 0.0);
        self.follow(wanted, None, |way| {
            let here = self.game.nodes[way.node].kind == (FiniteKind::Move { set: position });
            if here {
                reached += way.probability;
                both += if way.made.is_some() { way.probability } else { 0.0 };
            }
            here
        });
        (reached > 0.0).then(|| both / reached)
    }

    fn call(&self, function: &str, arguments: &[&str]) -> Result<f64, EvaluationError> {
        let unavailable = |reason: &str| EvaluationError::Unavailable {
            function: format!("{function}('{}')", arguments.join("', '")),
            reason: reason.to_owned(),
        };
        match (function, arguments) {
            ("probability", [ending]) => {
                self.ending(ending).ok_or_else(|| unavailable("the game has no ending of that name"))
            }
            ("payoff", [player]) => {
                self.payoff(player).ok_or_else(|| unavailable("the game has no player of that name"))
            }
            ("choice", [set, action]) => self
                .choice(set, action)
                .ok_or_else(|| unavailable("the game has no such action at such an information set")),
            ("belief", [set, wanted]) => {
                self.belief(set, wanted).ok_or_else(|| unavailable("no play reaches such an information set"))
            }
            ("play" | "mean", [wanted] | [wanted, _]) => {
                let sums = self.sums(wanted, arguments.get(1).copied());
                let (part, whole) =
                    if function == "play" { (sums.both, sums.other) } else { (sums.weighted, sums.both) };
                if whole > 0.0 { Ok(part / whole) } else { Err(unavailable("no play contains it")) }
            }
            _ => Err(EvaluationError::Unknown { name: function.to_owned() }),
        }
    }
}

/// The number in the brackets of a label that stands for the move looked for: `offer(3)` for `offer`; 0 where there are none. Labels
/// of several words, as chance has when it deals types to several players, match by any of them.
fn matches(label: &str, wanted: &str) -> Option<f64> {
    if label == wanted {
        return Some(inside(label).unwrap_or(0.0));
    }
    label.split(' ').find_map(|word| {
        let (stem, _) = word.split_once('(').unwrap_or((word, ""));
        (word == wanted || stem == wanted).then(|| inside(word).unwrap_or(0.0))
    })
}

fn inside(word: &str) -> Option<f64> {
    word.split_once('(')?.1.strip_suffix(')')?.parse().ok()
}

struct Reading<'a, 'b> {
    play: &'a Play<'a>,
    names: &'b mut dyn Meaning,
}

impl Meaning for Reading<'_, '_> {
    fn name(&mut self, parts: &[String]) -> Result<Value, EvaluationError> {
        self.names.name(parts)
    }

    fn call(&mut self, parts: &[String], arguments: &[Value]) -> Result<Value, EvaluationError> {
        let texts: Vec<&str> = arguments
            .iter()
            .map(|argument| match argument {
                Value::Text(text) => Ok(text.as_str()),
                _ => Err(EvaluationError::Kind { wanted: "a name in quotation marks" }),
            })
            .collect::<Result<_, _>>()?;
        self.play.call(&parts.join("."), &texts).map(Value::Number)
    }
}
