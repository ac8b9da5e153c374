//! Small poker games as trees.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::HashMap;

use armistice_game::{ChanceSet, FiniteGame, FiniteKind, FiniteNode, InformationSet, Number, Outcome};

struct Table {
    game: FiniteGame,
    sets: HashMap<(u32, String), u32>,
    chances: HashMap<usize, u32>,
}

impl Table {
    fn new(title: &str) -> Self {
        let game = FiniteGame {
            title: title.into(),
            comment: None,
            players: vec!["P1".into(), "P2".into()],
            nodes: Vec::new(),
            sets: Vec::new(),
            chances: Vec::new(),
            outcomes: Vec::new(),
        };
        Self { game, sets: HashMap::new(), chances: HashMap::new() }
    }

    fn node(&mut self, parent: Option<u32>, kind: FiniteKind, outcome: Option<u32>) -> u32 {
        let index = self.game.nodes.len() as u32;
        self.game.nodes.push(FiniteNode { name: String::new(), kind, children: Vec::new(), outcome });
        if let Some(parent) = parent {
            self.game.nodes[parent as usize].children.push(index);
        }
        index
    }

    /// One of `count` cards that are left.
    fn deal(&mut self, parent: Option<u32>, count: usize) -> u32 {
        let next = self.game.chances.len() as u32;
        let set = *self.chances.entry(count).or_insert(next);
        if set == next {
            let odds = Number::parse(&format!("1/{count}")).unwrap();
            let actions = (0..count).map(|i| (format!("c{i}"), odds.clone())).collect();
            self.game.chances.push(ChanceSet { number: i64::from(set) + 1, name: String::new(), actions });
        }
        self.node(parent, FiniteKind::Chance { set }, None)
    }

    fn choose(&mut self, parent: u32, player: u32, key: String, actions: &[&str]) -> u32 {
        let next = self.game.sets.len() as u32;
        let set = *self.sets.entry((player, key.clone())).or_insert(next);
        if set == next {
            let number = self.game.sets.iter().filter(|s| s.player == player).count() as i64 + 1;
            let actions = actions.iter().map(|a| (*a).to_string()).collect();
            self.game.sets.push(InformationSet { player, number, name: key, actions });
        }
        self.node(Some(parent), FiniteKind::Move { set }, None)
    }

    fn end(&mut self, parent: u32, gain: f64) {
        let index = self.game.outcomes.len() as u32;
        self.game.outcomes.push(Outcome {
            number: i64::from(index) + 1,
            name: String::new(),
            payoffs: vec![Number::from_f64(gain), Number::from_f64(-gain)],
        });
        self.node(Some(parent), FiniteKind::Terminal, Some(index));
    }
}

/// Kuhn (1950): both ante 1, one of three cards each, one bet of 1.
pub fn kuhn() -> FiniteGame {
    one_card("kuhn", 3)
}

/// The same with as many cards as one likes.
pub fn one_card(title: &str, cards: usize) -> FiniteGame {
    let mut table = Table::new(title);
    let root = table.deal(None, cards);
    for one in 0..cards {
        let second = table.deal(Some(root), cards - 1);
        for two in (0..cards).filter(|two| *two != one) {
            let win = if one > two { 1.0 } else { -1.0 };
            let start = table.choose(second, 0, format!("{one}"), &["check", "bet"]);
            let check = table.choose(start, 1, format!("{two} check"), &["check", "bet"]);
            table.end(check, win);
            let raise = table.choose(check, 0, format!("{one} check bet"), &["fold", "call"]);
            table.end(raise, -1.0);
            table.end(raise, 2.0 * win);
            let bet = table.choose(start, 1, format!("{two} bet"), &["fold", "call"]);
            table.end(bet, 1.0);
            table.end(bet, 2.0 * win);
        }
    }
    table.game
}

/// Leduc poker (Southey et al. 2005): two suits of three ranks, ante 1, two rounds with bets of 2 and 4 and at most two raises, one public card
/// between them. Cards are told apart by suit. Worth −0.0856 to the first player.
pub fn leduc() -> FiniteGame {
    let mut table = Table::new("leduc");
    let root = table.deal(None, 6);
    for one in 0..6 {
        let second = table.deal(Some(root), 5);
        for two in (0..6).filter(|two| *two != one) {
            let hand = Hand { cards: [one, two], board: None };
            bet(&mut table, second, &hand, 0, [1.0, 1.0], "");
        }
    }
    table.game
}

struct Hand {
    cards: [usize; 2],
    board: Option<usize>,
}

/// A move of the player whose turn it is; `line` is what was done, round by round.
fn bet(table: &mut Table, parent: u32, hand: &Hand, player: usize, paid: [f64; 2], line: &str) {
    let round = line.rsplit('/').next().unwrap_or("");
    let raises = round.matches('r').count();
    let owes = paid[1 - player] > paid[player];
    let mut actions = Vec::new();
    if owes {
        actions.push("fold");
    }
    actions.push("call");
    if raises < 2 {
        actions.push("raise");
    }
    let key = format!("{} {:?} {line}", hand.cards[player], hand.board);
    let node = table.choose(parent, player as u32, key, &actions);
    let size = if hand.board.is_some() { 4.0 } else { 2.0 };
    for action in actions {
        let mut next = paid;
        match action {
            "fold" => table.end(node, if player == 0 { -paid[0] } else { paid[1] }),
            "call" => {
                next[player] = paid[1 - player];
                if round.is_empty() {
                    bet(table, node, hand, 1 - player, next, &format!("{line}c"));
                } else if hand.board.is_some() {
                    show(table, node, hand, next[0]);
                } else {
                    let board = table.deal(Some(node), 4);
                    for card in (0..6).filter(|card| !hand.cards.contains(card)) {
                        let hand = Hand { cards: hand.cards, board: Some(card) };
                        bet(table, board, &hand, 0, next, &format!("{line}c/"));
                    }
                }
            }
            _ => {
                next[player] = paid[1 - player] + size;
                bet(table, node, hand, 1 - player, next, &format!("{line}r"));
            }
        }
    }
}

/// A pair with the public card wins, else the higher rank; ranks are cards / 2.
fn show(table: &mut Table, parent: u32, hand: &Hand, paid: f64) {
    let strength = |card: usize| if hand.board.is_some_and(|b| b / 2 == card / 2) { 10 } else { card / 2 };
    let (one, two) = (strength(hand.cards[0]), strength(hand.cards[1]));
    let gain = match one.cmp(&two) {
        std::cmp::Ordering::Greater => paid,
        std::cmp::Ordering::Equal => 0.0,
        std::cmp::Ordering::Less => -paid,
    };
    table.end(parent, gain);
}
