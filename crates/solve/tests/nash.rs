//! Exact equilibria of finite games: games solved on paper, reference games, random games full of ties, and effort.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/families.rs"]
mod families;

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::path::Path;

use armistice_game::{FiniteGame, FiniteKind};
use armistice_solve::tree::{NashEnd, NashSolution, TreeError, backward_induction, certify_profile, nash};
use armistice_solve::{CancelToken, Control};
use families::{bargain, crisis, signal};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn read(text: &str) -> FiniteGame {
    FiniteGame::read_efg(text).unwrap()
}

/// Solves, and checks that what came out is an equilibrium.
fn solve(game: &FiniteGame) -> NashSolution {
    let found = nash(game, &Control::default()).unwrap();
    assert_eq!(found.end, NashEnd::Complementary, "{}", game.title);
    let proof = certify_profile(game, &found.profile, None).unwrap();
    assert!(proof.relative <= 1e-10 && proof.mass_error < 1e-12, "{}: {proof:?}", game.title);
    assert!(proof.nash_conv <= 1e-9 * range(game), "{}: {proof:?}", game.title);
    found
}

fn range(game: &FiniteGame) -> f64 {
    let all = || game.outcomes.iter().flat_map(|o| o.payoffs.iter().map(|p| p.value));
    all().fold(f64::NEG_INFINITY, f64::max) - all().fold(f64::INFINITY, f64::min)
}

fn near(found: &[f64], expected: &[f64]) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-12)
}

/// A table as a tree in which player 2 does not see what player 1 chose.
fn table(rows: &[Vec<[f64; 2]>]) -> FiniteGame {
    let list =
        |letter: &str, count: usize| (0..count).fold(String::new(), |s, i| s + &format!("\"{letter}{i}\" "));
    let mut text =
        format!("EFG 2 R \"table\" {{ \"A\" \"B\" }}\np \"\" 1 1 \"\" {{ {}}} 0\n", list("r", rows.len()));
    let mut number = 0;
    for row in rows {
        writeln!(text, "p \"\" 2 1 \"\" {{ {}}} 0", list("c", row.len())).unwrap();
        for [a, b] in row {
            number += 1;
            writeln!(text, "t \"\" {number} \"\" {{ {a}, {b} }}").unwrap();
        }
    }
    read(&text)
}

#[test]
fn matching_pennies_are_mixed_evenly() {
    let found = solve(&table(&[vec![[1.0, -1.0], [-1.0, 1.0]], vec![[-1.0, 1.0], [1.0, -1.0]]]));
    assert!(near(&found.profile, &[0.5; 4]) && near(&found.payoffs, &[0.0, 0.0]), "{found:?}");
    assert_eq!(found.constant_sum, Some(0.0));
    // Rows 3/7, 4/7; columns 2/7, 5/7; value 1/7.
    let found = solve(&table(&[vec![[3.0, -3.0], [-1.0, 1.0]], vec![[-2.0, 2.0], [1.0, -1.0]]]));
    assert!(near(&found.profile, &[3.0 / 7.0, 4.0 / 7.0, 2.0 / 7.0, 5.0 / 7.0]), "{found:?}");
    assert!(near(&found.payoffs, &[1.0 / 7.0, -1.0 / 7.0]), "{found:?}");
}

#[test]
fn prisoners_defect() {
    let game = table(&[vec![[2.0, 2.0], [0.0, 3.0]], vec![[3.0, 0.0], [1.0, 1.0]]]);
    let found = solve(&game);
    assert_eq!((found.profile.as_slice(), found.pivots, found.width), (&[0.0, 1.0, 0.0, 1.0][..], 1, 0));
    assert_eq!((found.constant_sum, found.attempts), (None, 1));
}

#[test]
fn in_beer_and_quiche_both_types_do_the_same() {
    let mut text =
        String::from("EFG 2 R \"beer\" { \"A\" \"B\" }\nc \"\" 1 \"\" { \"strong\" 9/10 \"weak\" 1/10 } 0\n");
    let mut number = 0;
    for (kind, likes) in [(1, "beer"), (2, "quiche")] {
        writeln!(text, "p \"\" 1 {kind} \"\" {{ \"beer\" \"quiche\" }} 0").unwrap();
        for (set, meal) in [(1, "beer"), (2, "quiche")] {
            writeln!(text, "p \"\" 2 {set} \"\" {{ \"fight\" \"not\" }} 0").unwrap();
            for (peace, right) in [(0, kind == 2), (2, kind == 1)] {
                number += 1;
                let own = peace + i32::from(likes == meal);
                writeln!(text, "t \"\" {number} \"\" {{ {own}, {} }}", i32::from(right)).unwrap();
            }
        }
    }
    let found = solve(&read(&text));
    assert!(near(&found.payoffs, &[2.9, 0.9]), "{found:?}");
    assert!(near(&found.profile[..2], &[1.0, 0.0]), "{found:?}");
}

/// Kuhn 1950: both ante 1, one of three cards each, one bet of 1.
fn kuhn() -> FiniteGame {
    let mut text = String::from("EFG 2 R \"kuhn\" { \"A\" \"B\" }\nc \"\" 1 \"\" { ");
    let deals = [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)];
    for (a, b) in deals {
        write!(text, "\"{a}{b}\" 1/6 ").unwrap();
    }
    text.push_str("} 0\n");
    let mut number = 0;
    let mut end = |text: &mut String, gain: i32| {
        number += 1;
        writeln!(text, "t \"\" {number} \"\" {{ {gain}, {} }}", -gain).unwrap();
    };
    for (a, b) in deals {
        let win = if a > b { 1 } else { -1 };
        writeln!(text, "p \"\" 1 {a} \"\" {{ \"check\" \"bet\" }} 0").unwrap();
        writeln!(text, "p \"\" 2 {b} \"\" {{ \"check\" \"bet\" }} 0").unwrap();
        end(&mut text, win);
        writeln!(text, "p \"\" 1 {} \"\" {{ \"fold\" \"call\" }} 0", a + 3).unwrap();
        end(&mut text, -1);
        end(&mut text, 2 * win);
        writeln!(text, "p \"\" 2 {} \"\" {{ \"fold\" \"call\" }} 0", b + 3).unwrap();
        end(&mut text, 1);
        end(&mut text, 2 * win);
    }
    read(&text)
}

#[test]
fn kuhn_poker_is_worth_minus_an_eighteenth() {
    let found = solve(&kuhn());
    assert!(near(&found.payoffs, &[-1.0 / 18.0, 1.0 / 18.0]), "{found:?}");
    assert_eq!((found.constant_sum, found.attempts), (Some(0.0), 1));
    assert!(found.pivots < 40, "{}", found.pivots);
}

#[test]
fn games_of_another_kind_are_refused() {
    // Selten 1975.
    let horse = read(
        "EFG 2 R \"horse\" { \"A\" \"B\" \"C\" }\np \"\" 1 1 \"\" { \"D\" \"C\" } 0\np \"\" 3 1 \"\" { \"L\" \"R\" } 0\n\
         t \"\" 1 \"\" { 3, 3, 2 }\nt \"\" 2 \"\" { 0, 0, 0 }\np \"\" 2 1 \"\" { \"d\" \"c\" } 0\n\
         p \"\" 3 1 \"\" { \"L\" \"R\" } 0\nt \"\" 3 \"\" { 4, 4, 0 }\nt \"\" 4 \"\" { 0, 0, 1 }\nt \"\" 5 \"\" { 1, 1, 1 }\n",
    );
    assert_eq!(nash(&horse, &Control::default()), Err(TreeError::NotTwoPlayers { players: 3 }));
    assert_eq!(backward_induction(&horse, 9), Err(TreeError::ImperfectInformation { set: 1 }));
    let forgets = read(
        "EFG 2 R \"forgets\" { \"A\" \"B\" }\np \"\" 1 1 \"\" { \"L\" \"R\" } 0\np \"\" 1 2 \"\" { \"l\" \"r\" } 0\n\
         t \"\" 1 \"\" { 1, 0 }\nt \"\" 2 \"\" { 0, 0 }\np \"\" 1 2 \"\" { \"l\" \"r\" } 0\nt \"\" 3 \"\" { 0, 0 }\n\
         t \"\" 4 \"\" { 1, 0 }\n",
    );
    assert_eq!(nash(&forgets, &Control::default()), Err(TreeError::ImperfectRecall { set: 1 }));
}

#[test]
fn a_canceled_search_says_so() {
    let cancel = CancelToken::default();
    cancel.cancel();
    let control = Control { cancel, ..Control::default() };
    let found = nash(&signal(8, 4), &control).unwrap();
    assert_eq!((found.end, found.pivots, found.attempts), (NashEnd::Canceled, 0, 1));
    assert!(found.certificate.mass_error < 1e-12);
}

fn fraction(text: &str) -> f64 {
    match text.split_once('/') {
        Some((n, d)) => n.parse::<f64>().unwrap() / d.parse::<f64>().unwrap(),
        None => text.parse().unwrap(),
    }
}

/// Whether play reaches each information set.
fn reached(game: &FiniteGame, profile: &[f64]) -> Vec<bool> {
    let mut first = vec![0];
    for set in &game.sets {
        first.push(first.last().unwrap() + set.actions.len());
    }
    let mut out = vec![false; game.sets.len()];
    let mut on = vec![false; game.nodes.len()];
    on[0] = true;
    for (index, node) in game.nodes.iter().enumerate() {
        for (position, child) in node.children.iter().enumerate() {
            on[*child as usize] = on[index]
                && match node.kind {
                    FiniteKind::Move { set } => profile[first[set as usize] + position] > 1e-12,
                    FiniteKind::Chance { set } => game.chances[set as usize].actions[position].1.value > 0.0,
                    FiniteKind::Terminal => false,
                };
        }
        if let FiniteKind::Move { set } = node.kind {
            out[set as usize] |= on[index];
        }
    }
    out
}

/// Equal strategies where play goes, in games whose sequential equilibrium is the only one.
fn compare(game: &FiniteGame, form: &serde_json::Value, profile: &[f64]) {
    let strategies = &form["equilibria"][0]["strategies"];
    let on = reached(game, profile);
    let mut at = 0;
    for (index, set) in game.sets.iter().enumerate() {
        for action in &set.actions {
            let expected = strategies[&set.name][action].as_str().map_or(0.0, fraction);
            assert!(!on[index] || (profile[at] - expected).abs() < 1e-9, "{form:#?} {} {action}", set.name);
            at += 1;
        }
    }
}

#[test]
fn the_reference_games_are_solved() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/theory");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("SKIPPED: {} is not there; no reference game was solved", folder.display());
        return;
    };
    let mut unique: HashMap<String, serde_json::Value> = HashMap::new();
    for file in files {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|e| e == "json") {
            let document: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            for form in document["finite_forms"].as_array().into_iter().flatten() {
                if form["unique_by_strict_solvability"] == true {
                    unique.insert(form["efg"].as_str().unwrap().to_owned(), form.clone());
                }
            }
        }
    }
    let (mut solved, mut compared, mut sequential) = (0, 0, 0);
    for file in std::fs::read_dir(folder.join("efg")).unwrap() {
        let path = file.unwrap().path();
        let game = read(&std::fs::read_to_string(&path).unwrap());
        let form = unique.get(&format!("efg/{}", path.file_name().unwrap().to_str().unwrap()));
        let induced = backward_induction(&game, 10);
        if let (Some(form), Ok(all)) = (form, &induced) {
            assert!(all.complete && all.count == 1, "{}: {all:?}", path.display());
            let choices = game.sets.iter().zip(&all.equilibria[0].actions);
            let pure =
                choices.flat_map(|(s, a)| (0..s.actions.len()).map(move |i| f64::from(u8::from(i == *a))));
            compare(&game, form, &pure.collect::<Vec<_>>());
            sequential += 1;
        }
        if game.players.len() != 2 {
            assert!(nash(&game, &Control::default()).is_err());
            continue;
        }
        let found = solve(&game);
        assert_eq!(found.attempts, 1, "{}", path.display());
        solved += 1;
        // With perfect information a threat can make another equilibrium, which backward induction leaves out.
        if let (Some(form), Err(_)) = (form, &induced) {
            compare(&game, form, &found.profile);
            compared += 1;
        }
    }
    println!("{solved} reference games were solved; {compared} and {sequential} have a unique equilibrium");
    assert!(solved > 20 && compared > 5 && sequential > 1);
}

/// Moves in turn; every player has a type and sees all, nothing, or half of what the other does.
struct Maker {
    rng: ChaCha8Rng,
    text: String,
    sets: HashMap<(usize, String), usize>,
    ends: usize,
    levels: i32,
    zero_sum: bool,
    coarse: usize,
}

impl Maker {
    fn game(seed: u64, moves: usize, kinds: usize, actions: usize) -> FiniteGame {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (levels, zero_sum, coarse) =
            ([1, 2, 1000][rng.random_range(0..3)], rng.random_bool(0.3), [1, 2, 9][rng.random_range(0..3)]);
        let text = format!("EFG 2 R \"random {seed}\" {{ \"A\" \"B\" }}\nc \"\" 1 \"\" {{ ");
        let mut maker = Self { rng, text, sets: HashMap::new(), ends: 0, levels, zero_sum, coarse };
        for deal in 0..kinds * kinds {
            write!(maker.text, "\"{deal}\" 1/{} ", kinds * kinds).unwrap();
        }
        maker.text.push_str("} 0\n");
        for i in 0..kinds {
            for j in 0..kinds {
                maker.grow(moves, 0, actions, [i.to_string(), j.to_string()]);
            }
        }
        read(&maker.text)
    }

    fn grow(&mut self, moves: usize, t: usize, actions: usize, seen: [String; 2]) {
        if t == moves {
            self.ends += 1;
            let a = self.rng.random_range(0..=self.levels);
            let b = if self.zero_sum { -a } else { self.rng.random_range(0..=self.levels) };
            writeln!(self.text, "t \"\" {} \"\" {{ {a}, {b} }}", self.ends).unwrap();
            return;
        }
        let mover = t % 2;
        let next = self.sets.len() + 1;
        let set = *self.sets.entry((mover, seen[mover].clone())).or_insert(next);
        let list = (0..actions).fold(String::new(), |s, a| s + &format!("\"{a}\" "));
        writeln!(self.text, "p \"\" {} {set} \"\" {{ {list}}} 0", mover + 1).unwrap();
        for action in 0..actions {
            let mut after = seen.clone();
            write!(after[mover], ".{action}").unwrap();
            write!(after[1 - mover], ",{}", action / self.coarse).unwrap();
            self.grow(moves, t + 1, actions, after);
        }
    }
}

#[test]
fn random_games_full_of_ties_are_solved() {
    let mut first = 0;
    for seed in 0..150 {
        let (moves, kinds, actions) =
            [(2, 2, 2), (2, 1, 6), (3, 2, 2), (4, 2, 2), (3, 3, 3)][seed as usize % 5];
        let found = solve(&Maker::game(seed, moves, kinds, actions));
        first += u64::from(found.attempts == 1);
    }
    assert!(first >= 148, "{first}");
}

#[test]
fn random_tables_are_solved() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for size in [2usize, 3, 5, 8, 13, 30] {
        for levels in [1, 2, 100_000] {
            let mut cell = || [0; 2].map(|_: i32| f64::from(rng.random_range(0..=levels)));
            solve(&table(&(0..size).map(|_| (0..size).map(|_| cell()).collect()).collect::<Vec<_>>()));
        }
    }
}

/// What a path takes, which no clock can hide.
#[test]
fn paths_are_as_long_as_the_games() {
    let effort = |game: &FiniteGame| {
        let found = solve(game);
        (found.attempts, found.pivots, found.width)
    };
    let [first, second, third, fourth] =
        [signal(32, 8), signal(64, 16), crisis(16, 8), bargain(5, 3, 2)].map(|game| effort(&game));
    assert!(first <= (1, 70, 2) && second <= (1, 140, 2), "{first:?} {second:?}");
    assert!(third <= (1, 700, 5) && fourth <= (1, 170, 5), "{third:?} {fourth:?}");
}

/// A random tree of perfect information with few different payoffs.
fn open_tree(rng: &mut ChaCha8Rng, depth: usize, sets: &mut [usize; 2], ends: &mut usize, text: &mut String) {
    let kind = if depth == 0 { 9 } else { rng.random_range(0..10) };
    if kind >= 7 {
        *ends += 1;
        let (a, b) = (rng.random_range(0..3), rng.random_range(0..3));
        writeln!(text, "t \"\" {ends} \"\" {{ {a}, {b} }}").unwrap();
        return;
    }
    if kind == 6 {
        let number = 100 + *ends + sets[0] + sets[1] + text.len();
        writeln!(text, "c \"\" {number} \"\" {{ \"x\" 1/2 \"y\" 1/2 }} 0").unwrap();
    } else {
        let player = kind % 2;
        sets[player] += 1;
        writeln!(text, "p \"\" {} {} \"\" {{ \"x\" \"y\" }} 0", player + 1, sets[player]).unwrap();
    }
    (0..2).for_each(|_| open_tree(rng, depth - 1, sets, ends, text));
}

/// Whether nobody gains anywhere from changing one action, the rest as it is.
fn is_perfect(game: &FiniteGame, actions: &[usize]) -> bool {
    let mut value = vec![[0.0; 2]; game.nodes.len()];
    for (index, node) in game.nodes.iter().enumerate().rev() {
        let below: Vec<[f64; 2]> = node.children.iter().map(|c| value[*c as usize]).collect();
        value[index] = match node.kind {
            FiniteKind::Terminal => {
                let payoffs = &game.outcomes[node.outcome.unwrap() as usize].payoffs;
                [payoffs[0].value, payoffs[1].value]
            }
            FiniteKind::Chance { .. } => [0, 1].map(|p| below.iter().map(|v| v[p] / 2.0).sum()),
            FiniteKind::Move { set } => {
                let own = game.sets[set as usize].player as usize;
                let chosen = below[actions[set as usize]];
                if below.iter().any(|v| v[own] > chosen[own]) {
                    return false;
                }
                chosen
            }
        };
    }
    true
}

#[test]
fn backward_induction_finds_every_pure_equilibrium() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut many = 0;
    for _ in 0..200 {
        let mut text = String::from("EFG 2 R \"open\" { \"A\" \"B\" }\n");
        open_tree(&mut rng, 4, &mut [0; 2], &mut 0, &mut text);
        let game = read(&text);
        let found = backward_induction(&game, usize::MAX).unwrap();
        let sets = game.sets.len();
        if sets > 12 {
            continue;
        }
        let all: BTreeSet<Vec<usize>> = (0..1usize << sets)
            .map(|code| (0..sets).map(|set| code >> set & 1).collect())
            .filter(|actions: &Vec<usize>| is_perfect(&game, actions))
            .collect();
        let listed: BTreeSet<Vec<usize>> = found.equilibria.iter().map(|e| e.actions.clone()).collect();
        assert_eq!((found.count as usize, found.complete), (all.len(), true), "{text}");
        assert_eq!((listed, found.equilibria.len()), (all, found.count as usize), "{text}");
        many += usize::from(found.count > 1);
    }
    assert!(many > 50, "{many}");
}

#[test]
fn more_equilibria_than_can_be_counted_are_still_listed() {
    let mut text = String::from("EFG 2 R \"ties\" { \"A\" \"B\" }\nc \"\" 1 \"\" { ");
    (0..70).for_each(|i| write!(text, "\"{i}\" 1/70 ").unwrap());
    text.push_str("} 0\n");
    for i in 1..=70 {
        writeln!(text, "p \"\" 1 {i} \"\" {{ \"x\" \"y\" }} 0\nt \"\" 1 \"\" {{ 1, 2 }}\nt \"\" 1 \"\"")
            .unwrap();
    }
    let found = backward_induction(&read(&text), 20).unwrap();
    assert_eq!((found.count, found.complete, found.equilibria.len()), (u64::MAX, false, 20));
    let different: BTreeSet<&[usize]> = found.equilibria.iter().map(|e| e.actions.as_slice()).collect();
    assert_eq!(different.len(), 20);
    assert!(found.equilibria.iter().all(|e| near(&e.payoffs, &[1.0, 2.0])));
}
