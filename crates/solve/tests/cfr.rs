//! Regret minimization: games of known value, agreement of forms, games refused, and effort.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "common/poker.rs"]
mod poker;

use std::fmt::Write;

use armistice_game::FiniteGame;
use armistice_solve::tree::{
    CfrEnd, CfrSettings, CfrSolution, CfrVariant, Form, TreeError, certify_profile, cfr, nash,
};
use armistice_solve::{CancelToken, Control, Progress};
use poker::{kuhn, leduc, one_card};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn read(text: &str) -> FiniteGame {
    FiniteGame::read_efg(text).unwrap()
}

/// Iterates, and checks what came out by the independent certificate.
fn solve(game: &FiniteGame, settings: &CfrSettings) -> CfrSolution {
    let found = cfr(game, settings, &Control::default()).unwrap();
    let proof = certify_profile(game, &found.profile, None).unwrap();
    assert_eq!(proof, found.certificate, "{}", game.title);
    assert!(proof.mass_error < 1e-12 && proof.perfect_recall, "{}: {proof:?}", game.title);
    let last = found.history.last().unwrap();
    assert!((last.exploitability - found.exploitability).abs() < 1e-10, "{}: {found:?}", game.title);
    assert_eq!(last.iteration, found.iterations);
    found
}

fn exactly(iterations: u64) -> CfrSettings {
    CfrSettings { iterations, target: 0.0, ..CfrSettings::default() }
}

/// Largest difference of two profiles.
fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// All forms and variants reach the value that the exact method finds.
fn agrees_with_nash(game: &FiniteGame, form: Form) {
    let exact = nash(game, &Control::default()).unwrap();
    let settings = CfrSettings { target: 1e-4, iterations: 100_000, ..CfrSettings::default() };
    for variant in [CfrVariant::Plus, CfrVariant::DISCOUNTED] {
        for general in [false, true] {
            let found = solve(game, &CfrSettings { variant, general, ..settings.clone() });
            assert_eq!(found.form, if general { Form::General } else { form }, "{}", game.title);
            assert_eq!(found.end, CfrEnd::Target, "{}: {:?}", game.title, found.history.last());
            assert!((found.value - exact.payoffs[0]).abs() < 2e-4, "{}: {found:?}", game.title);
        }
    }
}

#[test]
fn kuhn_poker_is_worth_minus_an_eighteenth() {
    let game = kuhn();
    let settings = CfrSettings { target: 1e-4, ..CfrSettings::default() };
    let found = solve(&game, &settings);
    assert_eq!((found.end, found.form, found.sets), (CfrEnd::Target, Form::Public, 12));
    assert!((found.value + 1.0 / 18.0).abs() < 1e-4 && found.exploitability <= 1e-4, "{found:?}");
    assert!(found.iterations <= 1000, "{}", found.iterations);
    agrees_with_nash(&game, Form::Public);
    // The same from a file.
    assert_eq!(solve(&read(&game.write_efg()), &settings).profile, found.profile);
}

#[test]
fn leduc_poker_is_worth_what_is_known() {
    let game = leduc();
    assert_eq!((game.nodes.len(), game.sets.len()), (9457, 936));
    let found = solve(&game, &CfrSettings::default());
    assert_eq!((found.end, found.form, found.sets), (CfrEnd::Target, Form::Public, 288));
    assert!(found.exploitability <= 1e-3 && (found.value + 0.0856).abs() < 1e-3, "{found:?}");
    assert_eq!(found.iterations, 500);
    let found = solve(&game, &CfrSettings { variant: CfrVariant::DISCOUNTED, ..CfrSettings::default() });
    assert!(found.exploitability <= 1e-3 && (found.value + 0.0856).abs() < 1e-3, "{found:?}");
    assert_eq!(found.iterations, 300);
}

#[test]
fn leduc_poker_to_a_millionth() {
    let found = solve(&leduc(), &CfrSettings { check_every: 50_000, ..exactly(50_000) });
    assert!(found.exploitability <= 2e-6, "{}", found.exploitability);
    assert!((found.value + 0.085_606_4).abs() < 1e-6, "{}", found.value);
}

#[test]
fn every_form_takes_the_same_steps() {
    for game in [kuhn(), one_card("seven", 7), one_card("twenty", 20)] {
        for variant in [CfrVariant::Plus, CfrVariant::DISCOUNTED] {
            for iterations in [1, 2, 3, 5, 10, 30] {
                let settings = CfrSettings { variant, ..exactly(iterations) };
                let public = solve(&game, &settings);
                let general = solve(&game, &CfrSettings { general: true, ..settings });
                assert_eq!((public.form, general.form), (Form::Public, Form::General));
                let distance = apart(&public.profile, &general.profile);
                assert!(distance < 1e-9, "{} {variant:?} {iterations}: {distance}", game.title);
            }
        }
    }
}

#[test]
fn suits_are_taken_as_one_without_loss() {
    let game = leduc();
    for iterations in [1, 2, 3, 10, 20] {
        let one = solve(&game, &exactly(iterations));
        let apart_from = solve(&game, &CfrSettings { general: true, ..exactly(iterations) });
        assert_eq!((one.sets, apart_from.sets), (288, 936));
        assert!((one.value - apart_from.value).abs() < 1e-9, "{iterations}");
        assert!((one.exploitability - apart_from.exploitability).abs() < 1e-9, "{iterations}");
    }
    // A payoff that differs between suits keeps them apart.
    let mut marked = game;
    let outcome = marked.outcomes.first_mut().unwrap();
    for (payoff, sign) in outcome.payoffs.iter_mut().zip([1.0, -1.0]) {
        *payoff = armistice_game::Number::from_f64(payoff.value + sign * 1e-6);
    }
    assert!(solve(&marked, &exactly(1)).sets > 288);
}

/// Types dealt together with `joint`; player 1 signals, chance shows a public card whose odds depend on both types and can be impossible,
/// player 2 answers, and with `later` player 1 privately learns something more and acts on it. Payoffs are random.
fn random_deal(seed: u64, joint: &[&[u32]], later: bool) -> FiniteGame {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let total: u32 = joint.iter().flat_map(|row| row.iter()).sum();
    let mut text = String::from("EFG 2 R \"deal\" { \"A\" \"B\" }\nc \"\" 1 \"\" { ");
    for weight in joint.iter().flat_map(|row| row.iter()) {
        write!(text, "\"d\" {weight}/{total} ").unwrap();
    }
    text.push_str("} 0\n");
    let (mut number, mut chance) = (0, 1);
    for (one, row) in joint.iter().enumerate() {
        for two in 0..row.len() {
            writeln!(text, "p \"\" 1 {} \"\" {{ \"x\" \"y\" \"z\" }} 0", one + 1).unwrap();
            for signal in 0..3 {
                chance += 1;
                // Of three cards the one that both types add up to is missing.
                let odds: Vec<_> =
                    (0..3).map(|card| if card == (one + two) % 3 { "0" } else { "1/2" }).collect();
                let [a, b, c] = odds[..] else { unreachable!() };
                writeln!(text, "c \"\" {chance} \"\" {{ \"a\" {a} \"b\" {b} \"c\" {c} }} 0").unwrap();
                for card in 0..3 {
                    let set = 1 + two * 100 + signal * 10 + card;
                    writeln!(text, "p \"\" 2 {set} \"\" {{ \"l\" \"r\" }} 0").unwrap();
                    for answer in 0..2 {
                        if later {
                            chance += 1;
                            writeln!(text, "c \"\" {chance} \"\" {{ \"h\" 1/3 \"t\" 2/3 }} 0").unwrap();
                        }
                        for coin in 0..if later { 2 } else { 1 } {
                            let moves = if later { 2 } else { 1 };
                            if later {
                                let set = 1000 + one * 1000 + signal * 100 + card * 10 + answer * 2 + coin;
                                writeln!(text, "p \"\" 1 {set} \"\" {{ \"u\" \"d\" }} 0").unwrap();
                            }
                            for _ in 0..moves {
                                number += 1;
                                let gain = rng.random_range(-20..=20);
                                writeln!(text, "t \"\" {number} \"\" {{ {gain}, {} }}", 3 - gain).unwrap();
                            }
                        }
                    }
                }
            }
        }
    }
    read(&text)
}

#[test]
fn deals_may_be_correlated_and_chance_may_follow_them() {
    let joint: [&[u32]; 3] = [&[5, 1, 0], &[2, 0, 3], &[1, 4, 4]];
    for seed in 0..5 {
        agrees_with_nash(&random_deal(seed, &joint, false), Form::Public);
    }
}

#[test]
fn private_states_may_split_later() {
    for seed in 0..5 {
        agrees_with_nash(&random_deal(seed, &[&[1, 2], &[3, 1]], true), Form::Public);
    }
}

#[test]
fn hidden_actions_have_the_general_form() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for size in [2, 3, 5, 9] {
        let list = |letter: &str| (0..size).fold(String::new(), |s, i| s + &format!("\"{letter}{i}\" "));
        let mut text = format!("EFG 2 R \"table\" {{ \"A\" \"B\" }}\np \"\" 1 1 \"\" {{ {}}} 0\n", list("r"));
        for row in 0..size {
            writeln!(text, "p \"\" 2 1 \"\" {{ {}}} 0", list("c")).unwrap();
            for column in 0..size {
                let gain = rng.random_range(-9..=9);
                writeln!(text, "t \"\" {} \"\" {{ {gain}, {} }}", row * size + column + 1, -gain).unwrap();
            }
        }
        agrees_with_nash(&read(&text), Form::General);
    }
}

#[test]
fn one_card_poker_agrees_with_the_exact_method() {
    agrees_with_nash(&one_card("seven", 7), Form::Public);
    agrees_with_nash(&one_card("thirteen", 13), Form::Public);
}

#[test]
fn games_without_choices_are_worth_what_they_pay() {
    let found = solve(&read("EFG 2 R \"end\" { \"A\" \"B\" }\nt \"\" 1 \"\" { 2, 1 }\n"), &exactly(3));
    assert_eq!((found.value, found.exploitability, found.constant_sum), (2.0, 0.0, 3.0));
    let one = "EFG 2 R \"one\" { \"A\" \"B\" }\np \"\" 1 1 \"\" { \"l\" \"r\" } 0\nt \"\" 1 \"\" { 1, -1 }\nt \"\" 2 \"\" { 4, -4 }\n";
    let found = solve(&read(one), &exactly(1000));
    assert!((found.value - 4.0).abs() < 1e-2, "{found:?}");
}

#[test]
fn games_of_another_kind_are_refused() {
    let refused = |text: &str| cfr(&read(text), &CfrSettings::default(), &Control::default()).unwrap_err();
    let three = "EFG 2 R \"three\" { \"A\" \"B\" \"C\" }\nt \"\" 1 \"\" { 1, 0, -1 }\n";
    assert_eq!(refused(three), TreeError::NotTwoPlayers { players: 3 });
    let general = "EFG 2 R \"general\" { \"A\" \"B\" }\np \"\" 1 1 \"\" { \"L\" \"R\" } 0\nt \"\" 1 \"\" { 1, 0 }\nt \"\" 2 \"\" { 0, 0 }\n";
    assert_eq!(refused(general), TreeError::NotConstantSum);
    let forgets = "EFG 2 R \"forgets\" { \"A\" \"B\" }\np \"\" 1 1 \"\" { \"L\" \"R\" } 0\np \"\" 1 2 \"\" { \"l\" \"r\" } 0\n\
         t \"\" 1 \"\" { 1, 0 }\nt \"\" 2 \"\" { 0, 1 }\np \"\" 1 2 \"\" { \"l\" \"r\" } 0\nt \"\" 3 \"\" { 0, 1 }\n\
         t \"\" 4 \"\" { 1, 0 }\n";
    assert_eq!(refused(forgets), TreeError::ImperfectRecall { set: 1 });
    for settings in [
        CfrSettings { target: f64::NAN, ..CfrSettings::default() },
        CfrSettings { target: -1.0, ..CfrSettings::default() },
        CfrSettings { check_every: 0, ..CfrSettings::default() },
        CfrSettings {
            variant: CfrVariant::Discounted { alpha: f64::NAN, beta: 0.0, gamma: 2.0 },
            ..CfrSettings::default()
        },
    ] {
        let error = cfr(&kuhn(), &settings, &Control::default()).unwrap_err();
        assert!(matches!(error, TreeError::Setting { .. }), "{error}");
    }
}

#[test]
fn every_run_gives_the_same_bits() {
    for variant in [CfrVariant::Plus, CfrVariant::DISCOUNTED] {
        let settings = CfrSettings { variant, ..exactly(77) };
        assert_eq!(solve(&leduc(), &settings), solve(&leduc(), &settings));
    }
}

#[test]
fn a_canceled_run_keeps_what_is_done() {
    let game = kuhn();
    let cancel = CancelToken::default();
    let stop = |progress: Progress<'_>| {
        if progress.done >= 100 {
            cancel.cancel();
        }
    };
    let control = Control { cancel: cancel.clone(), progress: Some(&stop) };
    let found = cfr(&game, &exactly(10_000), &control).unwrap();
    assert_eq!((found.end, found.iterations), (CfrEnd::Canceled, 100));
    assert_eq!(found.profile, solve(&game, &exactly(100)).profile);
    // Before anything is done play is uniform.
    let found = cfr(&game, &exactly(10_000), &control).unwrap();
    assert_eq!((found.end, found.iterations, found.history.len()), (CfrEnd::Canceled, 0, 0));
    assert!(found.profile.iter().all(|p| *p == 0.5));
}
