//! Reading and writing random finite games, and files with random changes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use armistice_game::{
    Cells, ChanceSet, FiniteGame, FiniteKind, FiniteNode, FormatErrors, InformationSet, NormalGame, Number,
    Outcome,
};
use proptest::prelude::*;

/// What a random tree is made of; sets and outcomes come of small numbers, so that they repeat.
#[derive(Debug, Clone)]
enum Plan {
    End(Option<u8>),
    Chance(u8, Option<u8>, Vec<Plan>),
    Move(u8, u8, Option<u8>, Vec<Plan>),
}

fn plan() -> impl Strategy<Value = Plan> {
    let outcome = || prop::option::of(0u8..6);
    outcome().prop_map(Plan::End).prop_recursive(6, 60, 4, move |inner| {
        let children = prop::collection::vec(inner, 1..4);
        prop_oneof![
            (0u8..3, outcome(), children.clone()).prop_map(|(set, paid, next)| Plan::Chance(set, paid, next)),
            (0u8..3, 0u8..3, outcome(), children)
                .prop_map(|(who, set, paid, next)| Plan::Move(who, set, paid, next)),
        ]
    })
}

/// Texts with everything that quoting has to care for.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[ab\\\\\"\n{},é ]{0,6}", Just(String::new())]
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        prop::num::f64::NORMAL.prop_map(Number::from_f64),
        "[+-]?[0-9]{1,4}/[1-9][0-9]{0,3}".prop_map(|text| Number::parse(&text).unwrap()),
        "[+-]?[0-9]{0,4}\\.[0-9]{1,4}(e[+-]?[0-9])?".prop_map(|text| Number::parse(&text).unwrap()),
    ]
}

fn build(plan: &Plan, names: &[String], numbers: &[Number]) -> FiniteGame {
    let pick = |key: usize| names[key % names.len()].clone();
    let mut game = FiniteGame {
        title: pick(0),
        comment: (!pick(1).is_empty()).then(|| pick(1)),
        players: (0..3).map(pick).collect(),
        nodes: Vec::new(),
        sets: Vec::new(),
        chances: Vec::new(),
        outcomes: Vec::new(),
    };
    let mut open = vec![(None::<usize>, plan)];
    while let Some((parent, plan)) = open.pop() {
        let here = game.nodes.len();
        if let Some(parent) = parent {
            game.nodes[parent].children.push(here as u32);
        }
        let (kind, paid, next): (_, _, &[Plan]) = match plan {
            Plan::End(paid) => (FiniteKind::Terminal, paid, &[]),
            Plan::Chance(key, paid, next) => {
                let number = i64::from(*key) * 10 + next.len() as i64;
                let found = game.chances.iter().position(|chance| chance.number == number);
                let set = found.unwrap_or_else(|| {
                    let each = Number::parse(&format!("1/{}", next.len())).unwrap();
                    let actions = (0..next.len()).map(|a| (pick(a + 5), each.clone())).collect();
                    game.chances.push(ChanceSet { number, name: pick(number as usize), actions });
                    game.chances.len() - 1
                });
                (FiniteKind::Chance { set: set as u32 }, paid, next)
            }
            Plan::Move(player, key, paid, next) => {
                let (player, number) = (u32::from(*player), i64::from(*key) * 10 + next.len() as i64);
                let found = game.sets.iter().position(|set| (set.player, set.number) == (player, number));
                let set = found.unwrap_or_else(|| {
                    let actions = (0..next.len()).map(|a| pick(a + 7)).collect();
                    game.sets.push(InformationSet {
                        player,
                        number,
                        name: pick(number as usize + 1),
                        actions,
                    });
                    game.sets.len() - 1
                });
                (FiniteKind::Move { set: set as u32 }, paid, next)
            }
        };
        let outcome = paid.map(|key| {
            let number = i64::from(key) + 1;
            let found = game.outcomes.iter().position(|outcome| outcome.number == number);
            found.unwrap_or_else(|| {
                let payoffs =
                    (0..3).map(|i| numbers[(3 * usize::from(key) + i) % numbers.len()].clone()).collect();
                game.outcomes.push(Outcome { number, name: pick(usize::from(key)), payoffs });
                game.outcomes.len() - 1
            }) as u32
        });
        game.nodes.push(FiniteNode { name: pick(here), kind, children: Vec::new(), outcome });
        open.extend(next.iter().rev().map(|plan| (Some(here), plan)));
    }
    game
}

proptest! {
    #[test]
    fn random_trees_round_trip(
        plan in plan(),
        names in prop::collection::vec(name(), 1..12),
        numbers in prop::collection::vec(number(), 1..12),
    ) {
        let game = build(&plan, &names, &numbers);
        game.validate().unwrap();
        let written = game.write_efg();
        let again = FiniteGame::read_efg(&written).unwrap();
        prop_assert_eq!(&again, &game);
        prop_assert_eq!(again.write_efg(), written);
    }

    #[test]
    fn random_tables_round_trip(
        counts in prop::collection::vec(1usize..4, 1..4),
        names in prop::collection::vec(name(), 1..12),
        numbers in prop::collection::vec(number(), 1..12),
        picks in prop::collection::vec(0u32..6, 27),
        paid in any::<bool>(),
    ) {
        let pick = |key: usize| names[key % names.len()].clone();
        let payoff = |key: usize| numbers[key % numbers.len()].clone();
        let profiles: usize = counts.iter().product();
        let players = counts.len();
        let cells = if paid {
            Cells::Payoffs((0..profiles * players).map(payoff).collect())
        } else {
            let outcome = |i: usize| Outcome {
                number: i as i64 + 1,
                name: pick(i),
                payoffs: (0..players).map(|p| payoff(i + p)).collect(),
            };
            Cells::Outcomes {
                outcomes: (0..5).map(outcome).collect(),
                cells: picks[..profiles].iter().map(|&pick| pick.checked_sub(1)).collect(),
            }
        };
        let game = NormalGame {
            title: pick(0),
            comment: (!pick(1).is_empty()).then(|| pick(1)),
            players: (0..players).map(pick).collect(),
            strategies: counts.iter().map(|&count| (0..count).map(pick).collect()).collect(),
            cells,
        };
        game.validate().unwrap();
        let written = game.write_nfg();
        let again = NormalGame::read_nfg(&written).unwrap();
        prop_assert_eq!(&again, &game);
        prop_assert_eq!(again.write_nfg(), written);
        let tree = game.to_tree();
        tree.validate().unwrap();
        prop_assert_eq!(FiniteGame::read_efg(&tree.write_efg()).unwrap(), tree);
    }
}

/// A small generator, so that every run tries the same changes.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn no_change_of_a_file_makes_reading_panic() {
    const SOURCES: [&str; 3] = [
        include_str!("files/stages.efg"),
        include_str!("files/table.nfg"),
        include_str!("files/outcomes.nfg"),
    ];
    const PIECES: [&str; 16] = [
        "{",
        "}",
        "\"",
        "\\",
        ",",
        " ",
        "0",
        "-1",
        "99999999999",
        "1/0",
        "1e400",
        "c \"\" 1 ",
        "p \"\" 1 1 ",
        "t \"\" 1 ",
        "é",
        "\n",
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut sound, mut refused) = (0, 0);
    for round in 0..12_000 {
        let source = SOURCES[round % 3];
        let mut bytes = source.as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            let end = (at + random.below(20)).min(bytes.len());
            match random.below(5) {
                0 => drop(bytes.drain(at..end)),
                1 => bytes.truncate(at.max(1)),
                2 => bytes[at] = random.below(256) as u8,
                3 => {
                    let copy = bytes[at..end].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, copy);
                }
                _ => drop(bytes.splice(at..at, PIECES[random.below(PIECES.len())].bytes())),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.split('\n').count();
        let mut check = |errors: FormatErrors| {
            refused += 1;
            assert!(!errors.errors.is_empty());
            assert!(errors.errors.iter().all(|error| error.place.unwrap().line <= lines), "{text}");
            assert!(!errors.to_string().is_empty());
        };
        match FiniteGame::read_efg(&text) {
            Ok(game) => {
                sound += 1;
                game.validate().unwrap();
                assert_eq!(FiniteGame::read_efg(&game.write_efg()).unwrap(), game, "{text}");
            }
            Err(errors) => check(errors),
        }
        match NormalGame::read_nfg(&text) {
            Ok(game) => {
                sound += 1;
                game.validate().unwrap();
                assert_eq!(NormalGame::read_nfg(&game.write_nfg()).unwrap(), game, "{text}");
                game.to_tree().validate().unwrap();
            }
            Err(errors) => check(errors),
        }
    }
    assert!(sound > 500 && refused > 5_000, "{sound} {refused}");
}
