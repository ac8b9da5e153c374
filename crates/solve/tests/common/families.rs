//! Families of two-player games with public actions and private types that grow as one likes.
#![allow(dead_code)]

use std::collections::HashMap;

use armistice_game::{ChanceSet, FiniteGame, FiniteKind, FiniteNode, InformationSet, Number, Outcome};

struct Builder {
    game: FiniteGame,
    sets: HashMap<(u32, String), u32>,
}

impl Builder {
    fn new(title: String) -> Self {
        Self {
            game: FiniteGame {
                title,
                comment: None,
                players: vec!["P1".into(), "P2".into()],
                nodes: Vec::new(),
                sets: Vec::new(),
                chances: Vec::new(),
                outcomes: Vec::new(),
            },
            sets: HashMap::new(),
        }
    }

    /// Adds a node; the parent's list of children grows by it.
    fn node(&mut self, parent: Option<u32>, kind: FiniteKind, outcome: Option<u32>) -> u32 {
        let index = self.game.nodes.len() as u32;
        self.game.nodes.push(FiniteNode { name: String::new(), kind, children: Vec::new(), outcome });
        if let Some(parent) = parent {
            self.game.nodes[parent as usize].children.push(index);
        }
        index
    }

    fn deal(&mut self, count: usize) -> u32 {
        let actions = (0..count).map(|i| (format!("t{i}"), Number::parse(&format!("1/{count}")).unwrap()));
        self.game.chances.push(ChanceSet { number: 1, name: String::new(), actions: actions.collect() });
        self.node(None, FiniteKind::Chance { set: 0 }, None)
    }

    fn choose(&mut self, parent: u32, player: u32, key: String, actions: &[String]) -> u32 {
        let next = self.game.sets.len() as u32;
        let set = *self.sets.entry((player, key.clone())).or_insert(next);
        if set == next {
            let number = self.game.sets.iter().filter(|s| s.player == player).count() as i64 + 1;
            self.game.sets.push(InformationSet { player, number, name: key, actions: actions.to_vec() });
        }
        self.node(Some(parent), FiniteKind::Move { set }, None)
    }

    fn end(&mut self, parent: u32, payoffs: [f64; 2]) {
        let index = self.game.outcomes.len() as u32;
        self.game.outcomes.push(Outcome {
            number: i64::from(index) + 1,
            name: String::new(),
            payoffs: payoffs.map(Number::from_f64).to_vec(),
        });
        self.node(Some(parent), FiniteKind::Terminal, Some(index));
    }
}

fn words(items: &[&str]) -> Vec<String> {
    items.iter().map(|s| (*s).to_owned()).collect()
}

fn numbered(letter: &str, count: usize) -> Vec<String> {
    (0..count).map(|i| format!("{letter}{i}")).collect()
}

/// One side knows its resolve and demands; the other concedes or fights.
pub fn signal(types: usize, demands: usize) -> FiniteGame {
    let mut b = Builder::new(format!("signal {types} {demands}"));
    let root = b.deal(types);
    for i in 0..types {
        let cost = 0.05 + 0.5 * (i as f64 + 0.5) / types as f64;
        let at = b.choose(root, 0, format!("t{i}"), &numbered("d", demands));
        for m in 0..demands {
            let x = (m as f64 + 0.5) / demands as f64;
            let reply = b.choose(at, 1, format!("m{m}"), &words(&["concede", "fight"]));
            b.end(reply, [x, 1.0 - x]);
            b.end(reply, [0.5 - cost - 0.1 * x, 0.35]);
        }
    }
    b.game
}

/// Alternating offers over a pie; the responder accepts, rejects or fights; war when rounds are over.
pub fn bargain(offers: usize, rounds: usize, types: usize) -> FiniteGame {
    let mut b = Builder::new(format!("bargain {offers} {rounds} {types}"));
    let root = b.deal(types * types);
    for i in 0..types {
        for j in 0..types {
            round(&mut b, root, (offers, rounds, types), (i, j), 0, String::new());
        }
    }
    b.game
}

fn round(
    b: &mut Builder,
    parent: u32,
    size: (usize, usize, usize),
    kinds: (usize, usize),
    t: usize,
    history: String,
) {
    let (offers, rounds, types) = size;
    let own = [kinds.0, kinds.1];
    let (proposer, responder) = (t % 2, 1 - t % 2);
    let cost = |kind: usize| 0.05 + 0.3 * (kind as f64 + 0.5) / types as f64;
    let war = |at: usize| [kinds.0, kinds.1].map(|kind| 0.9f64.powi(at as i32) * (0.5 - cost(kind)));
    let at =
        b.choose(parent, proposer as u32, format!("{}|{history}", own[proposer]), &numbered("x", offers));
    for k in 0..offers {
        let x = (k as f64 + 0.5) / offers as f64;
        let next = format!("{history}{k}.");
        let reply = b.choose(
            at,
            responder as u32,
            format!("{}|{next}?", own[responder]),
            &words(&["accept", "reject", "war"]),
        );
        let d = 0.9f64.powi(t as i32);
        b.end(reply, [d * x, d * (1.0 - x)]);
        if t + 1 < rounds {
            round(b, reply, size, kinds, t + 1, next);
        } else {
            b.end(reply, war(t + 1));
        }
        b.end(reply, war(t));
    }
}

/// Escalation: whoever moves quits, escalates or attacks.
pub fn crisis(types: usize, moves: usize) -> FiniteGame {
    let mut b = Builder::new(format!("crisis {types} {moves}"));
    let root = b.deal(types * types);
    let cost = |kind: usize| 0.05 + 0.5 * (kind as f64 + 0.5) / types as f64;
    for i in 0..types {
        for j in 0..types {
            let mut parent = root;
            // Ends of attacks stand behind what escalation leads to.
            let mut attacks = Vec::new();
            for t in 0..moves {
                let (me, lost) = (t % 2, 0.02 * t as f64);
                let kind = [i, j][me];
                let at = b.choose(
                    parent,
                    me as u32,
                    format!("{kind}|{t}"),
                    &words(&["quit", "escalate", "attack"]),
                );
                let quit = -0.03 * t as f64 - lost;
                b.end(at, if me == 0 { [quit, 1.0 - lost] } else { [1.0 - lost, quit] });
                let edge = if me == 0 { 0.05 } else { -0.05 };
                attacks.push((at, [0.5 - cost(i) + edge - lost, 0.5 - cost(j) - edge - lost]));
                if t + 1 == moves {
                    b.end(at, [0.5 - cost(i) - 0.1 - lost, 0.5 - cost(j) - 0.1 - lost]);
                }
                parent = at;
            }
            for (at, payoffs) in attacks.into_iter().rev() {
                b.end(at, payoffs);
            }
        }
    }
    b.game
}
