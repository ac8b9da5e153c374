//! Estimates from counts: a published one, and parameters put in that come out again.
#![allow(clippy::unwrap_used)]

use armistice_game::{FiniteGame, NormalGame, Number};
use armistice_solve::Control;
use armistice_solve::tree::{PathSettings, estimate, estimate_lambda, trace};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Ochs (1995), game with payoff 4: McKelvey and Palfrey (1995) estimate λ from how often rows and columns were chosen; the documentation of
/// Gambit gives λ = 1.8456 and ln L = −174.76 for these numbers.
#[test]
fn the_estimate_for_matching_pennies_is_the_published_one() {
    let game = NormalGame::read_nfg(
        "NFG 1 R \"Ochs\" { \"row\" \"column\" } { 2 2 }\n1.1141 0 0 1.1141 0 1.1141 0.2785 0",
    )
    .unwrap()
    .to_tree();
    let counts = [128.0 * 0.527, 128.0 * 0.473, 128.0 * 0.366, 128.0 * 0.634];
    let found = estimate_lambda(&game, &counts, &Control::default()).unwrap();
    assert!(found.converged, "{found:?}");
    assert!((found.lambda - 1.845_609_753_7).abs() < 1e-6, "{found:?}");
    assert!((found.log_likelihood + 174.764_531_910_9).abs() < 1e-8, "{found:?}");
    assert!(found.lambda_error > 0.1 && found.lambda_error < 2.0, "{found:?}");
}

/// A challenge that may be resisted, with the challenger's cost of war `cost` and the other's gain from conceding `gain`.
fn crisis(cost: f64, gain: f64) -> FiniteGame {
    let mut game = FiniteGame::read_efg(
        "EFG 2 R \"crisis\" { \"A\" \"B\" }\n\
         c \"\" 1 \"\" { \"weak\" 1/2 \"strong\" 1/2 } 0\n\
         p \"\" 1 1 \"weak\" { \"stay\" \"challenge\" } 0\nt \"\" 1 \"\" { 0 1 }\n\
         p \"\" 2 1 \"asked\" { \"concede\" \"resist\" } 0\nt \"\" 2 \"\" { 1 0 }\nt \"\" 3 \"\" { 0 0 }\n\
         p \"\" 1 2 \"strong\" { \"stay\" \"challenge\" } 0\nt \"\" 4 \"\" { 0 1 }\n\
         p \"\" 2 1 \"asked\" { \"concede\" \"resist\" } 0\nt \"\" 5 \"\" { 1 0 }\nt \"\" 6 \"\" { 1/2 -1 }\n",
    )
    .unwrap();
    game.outcomes[2].payoffs[0] = Number::from_f64(-cost);
    game.outcomes[1].payoffs[1] = Number::from_f64(gain);
    game
}

#[test]
fn precision_and_payoffs_put_in_come_out_again() {
    let truth = (2.0, [0.8, 0.3]);
    let game = crisis(truth.1[0], truth.1[1]);
    let settings = PathSettings { max_lambda: truth.0, ..PathSettings::default() };
    let path = trace(&game, &settings, &Control::default()).unwrap();
    let profile = &path.points.last().unwrap().profile;
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut inside = 0;
    let samples = 20;
    for _ in 0..samples {
        let mut counts = vec![0.0; profile.len()];
        for set in 0..3 {
            for _ in 0..4000 {
                let second = random.random::<f64>() >= profile[2 * set];
                counts[2 * set + usize::from(second)] += 1.0;
            }
        }
        let family = |theta: &[f64]| Ok(crisis(theta[0], theta[1]));
        let found = estimate(&family, &[0.5, 0.0], &counts, &Control::default()).unwrap();
        assert!(found.converged, "{found:?}");
        assert!(found.log_likelihood > found.log_likelihood_uniform);
        let near = |value: f64, truth: f64, error: f64| (value - truth).abs() < 2.0 * error;
        inside += usize::from(near(found.lambda, truth.0, found.lambda_error));
        inside += usize::from(near(found.parameters[0], truth.1[0], found.errors[0]));
        inside += usize::from(near(found.parameters[1], truth.1[1], found.errors[1]));
    }
    // Two standard errors hold 95 in 100; 60 intervals hold 50 or more with near certainty.
    assert!(inside >= 50, "{inside} of {} intervals hold the truth", 3 * samples);
}

#[test]
fn counts_that_do_not_fit_are_refused() {
    let game = crisis(0.5, 0.0);
    for counts in [vec![1.0; 5], vec![0.0; 6], vec![1.0, -1.0, 1.0, 1.0, 1.0, 1.0]] {
        assert!(estimate_lambda(&game, &counts, &Control::default()).is_err(), "{counts:?}");
    }
}
