//! Finite games: the quantal response correspondence against other methods, published numbers and itself.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/families.rs"]
mod families;

use std::path::PathBuf;

use armistice_game::{FiniteGame, NormalGame};
use armistice_solve::Control;
use armistice_solve::tree::{Form, PathEnd, PathEvent, PathSettings, QrePath, certify_profile, trace};
use families::{bargain, crisis, signal};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn follow(game: &FiniteGame, settings: &PathSettings) -> QrePath {
    trace(game, settings, &Control::default()).unwrap()
}

fn table(text: &str) -> FiniteGame {
    NormalGame::read_nfg(text).unwrap().to_tree()
}

fn theory() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/theory");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: {} is not there", folder.display());
    None
}

/// One player with payoffs 1 and 0 chooses by the logistic function of λ.
#[test]
fn a_single_choice_is_logistic() {
    let game = FiniteGame::read_efg(
        "EFG 2 R \"choice\" { \"A\" }\np \"\" 1 1 \"\" { \"l\" \"r\" } 0\nt \"\" 1 \"\" { 1 }\nt \"\" 2 \"\" { 0 }\n",
    )
    .unwrap();
    let at = vec![0.5, 1.0, 3.0, 10.0, 30.0];
    let path = follow(&game, &PathSettings { at: at.clone(), max_lambda: 30.0, ..PathSettings::default() });
    for lambda in at {
        let point = path.points.iter().find(|p| p.lambda == lambda).unwrap();
        let expected = 1.0 / (1.0 + f64::exp(-lambda));
        assert!((point.profile[0] - expected).abs() < 1e-12, "λ {lambda}: {}", point.profile[0]);
    }
}

/// Points on the path solve σ = logit(λQ(σ)), by code that shares nothing with the solver but the tree.
#[test]
fn every_point_is_a_fixed_point() {
    for game in [signal(3, 4), bargain(2, 2, 2), crisis(3, 4), bargain(3, 2, 3)] {
        let path = follow(&game, &PathSettings { max_lambda: 1e3, ..PathSettings::default() });
        assert_eq!((path.end, path.form), (PathEnd::Reached, Form::Public), "{}", game.title);
        for point in &path.points {
            let proof = certify_profile(&game, &point.profile, Some(point.lambda)).unwrap();
            assert!(proof.residual.unwrap() < 1e-9, "{} λ {}: {proof:?}", game.title, point.lambda);
            assert!(proof.mass_error < 1e-12 && proof.perfect_recall);
        }
        // A logit response over n actions loses at most ln n / λ against the best one.
        assert!(path.certificate.agent_regret < 8f64.ln() / 1e3, "{}: {:?}", game.title, path.certificate);
    }
}

/// Both forms follow the same path: one eliminates along the public tree, the other writes the whole Jacobian out.
#[test]
fn both_forms_agree() {
    let at = vec![0.5, 2.0, 5.0, 20.0, 100.0];
    for game in [signal(3, 3), bargain(2, 2, 2), crisis(2, 4), bargain(2, 1, 3)] {
        let settings = PathSettings { at: at.clone(), max_lambda: 100.0, ..PathSettings::default() };
        let public = follow(&game, &settings);
        let general = follow(&game, &PathSettings { general: true, ..settings });
        assert_eq!((public.form, general.form), (Form::Public, Form::General));
        assert_eq!((public.end, general.end), (PathEnd::Reached, PathEnd::Reached));
        for lambda in &at {
            let [a, b] =
                [&public, &general].map(|path| path.points.iter().find(|p| p.lambda == *lambda).unwrap());
            let worst = a.profile.iter().zip(&b.profile).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-9, "{} λ {lambda}: {worst}", game.title);
        }
    }
}

/// Asymmetric matching pennies with payoff X for the row player: at λ the two probabilities satisfy two equations.
#[test]
fn matching_pennies_solves_its_two_equations() {
    let game = table("NFG 1 R \"pennies\" { \"A\" \"B\" } { 2 2 }\n9 0 0 1 0 1 1 0");
    let path = follow(&game, &PathSettings { max_lambda: 20.0, ..PathSettings::default() });
    for point in &path.points {
        let (p, q) = (point.profile[0], point.profile[2]);
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        assert!((p - logistic(point.lambda * (9.0 * q - (1.0 - q)))).abs() < 1e-9);
        assert!((q - logistic(point.lambda * ((1.0 - p) - p))).abs() < 1e-9);
    }
    // The limit is the equilibrium: p = 1/2, q = 1/10.
    let far = follow(&game, &PathSettings::default());
    let last = far.points.last().unwrap();
    assert!((last.profile[0] - 0.5).abs() < 1e-3 && (last.profile[2] - 0.1).abs() < 1e-3, "{last:?}");
}

/// A branch that turns back in λ and forward again is followed through both turns.
#[test]
fn turning_points_are_passed() {
    let game = table("NFG 1 R \"turn\" { \"A\" \"B\" } { 2 3 }\n17 7 3 15 20 5 19 10 12 8 12 19");
    let path = follow(&game, &PathSettings { max_lambda: 1e4, ..PathSettings::default() });
    let turns: Vec<f64> = path
        .events
        .iter()
        .filter_map(|event| match event {
            PathEvent::Turning { lambda } => Some(*lambda),
            PathEvent::Bifurcation { .. } => None,
        })
        .collect();
    assert_eq!((path.end, turns.len()), (PathEnd::Reached, 2), "{:?}", path.events);
    assert!(path.points.windows(2).any(|w| w[1].lambda < w[0].lambda), "λ falls between the turns");
    for point in &path.points {
        let proof = certify_profile(&game, &point.profile, Some(point.lambda)).unwrap();
        assert!(proof.residual.unwrap() < 1e-8, "λ {}: {proof:?}", point.lambda);
    }
    assert!(path.certificate.relative < 1e-6);
}

/// Battle of the sexes is symmetric under exchange of players and actions: the principal branch stays symmetric and another one
/// crosses it. With payoffs 2 and 1 the symmetric point loses stability where λ p (1 − p) 3 = 1.
#[test]
fn crossings_are_bracketed() {
    let game = table("NFG 1 R \"sexes\" { \"A\" \"B\" } { 2 2 }\n2 1 0 0 0 0 1 2");
    let path = follow(&game, &PathSettings { max_lambda: 100.0, ..PathSettings::default() });
    let [PathEvent::Bifurcation { from, to }] = path.events.as_slice() else { panic!("{:?}", path.events) };
    let at = |lambda: f64| path.points.iter().find(|p| p.lambda == lambda).unwrap().profile[0];
    let stability = |lambda: f64| 3.0 * lambda * at(lambda) * (1.0 - at(lambda)) - 1.0;
    assert!(stability(*from) < 0.0 && stability(*to) > 0.0 && to - from < 2e-3 * to, "{from} {to}");
    let last = path.points.last().unwrap();
    assert!((last.profile[0] - last.profile[3]).abs() < 1e-9, "the branch stays symmetric");
}

/// A game with hidden actions has no public form.
#[test]
fn simultaneous_moves_take_the_general_form() {
    let game = table("NFG 1 R \"pd\" { \"A\" \"B\" } { 2 2 }\n3 3 4 0 0 4 1 1");
    let path = follow(&game, &PathSettings::default());
    assert_eq!((path.form, path.end), (Form::General, PathEnd::Reached));
    let last = path.points.last().unwrap();
    assert!(last.profile[1] > 0.999 && last.profile[3] > 0.999, "both defect: {last:?}");
}

/// Effort, counted: a slower algorithm fails here without a clock.
#[test]
fn paths_are_short() {
    for (game, most) in [(signal(32, 8), 60), (bargain(3, 3, 2), 90), (crisis(8, 4), 70)] {
        let path = follow(&game, &PathSettings::default());
        assert_eq!(path.end, PathEnd::Reached);
        assert!(path.counts.evaluations <= most, "{}: {:?}", game.title, path.counts);
    }
}

/// Wanted points are met exactly.
#[test]
fn wanted_points_are_on_the_path() {
    let at = vec![0.25, 1.0, 2.0, 4.0];
    let path =
        follow(&crisis(2, 3), &PathSettings { at: at.clone(), max_lambda: 4.0, ..PathSettings::default() });
    for lambda in at {
        assert!(path.points.iter().any(|p| p.lambda == lambda), "{lambda}");
    }
    assert_eq!(path.points.last().unwrap().lambda, 4.0);
}

/// Best responses: a player who always chooses worst has all of the payoff range to gain.
#[test]
fn regret_is_what_a_best_response_gains() {
    let game = table("NFG 1 R \"pd\" { \"A\" \"B\" } { 2 2 }\n3 3 4 0 0 4 1 1");
    let proof = certify_profile(&game, &[1.0, 0.0, 1.0, 0.0], None).unwrap();
    assert_eq!((proof.payoffs.clone(), proof.regret.clone()), (vec![3.0, 3.0], vec![1.0, 1.0]));
    assert_eq!((proof.nash_conv, proof.agent_regret, proof.relative), (2.0, 1.0, 0.25));
    let proof = certify_profile(&game, &[0.0, 1.0, 0.0, 1.0], None).unwrap();
    assert_eq!(proof.nash_conv, 0.0);
}

/// The reference games: all are followed until a best response gains less than a millionth of the payoff range, and where the
/// sequential equilibrium is unique the path ends in it.
#[test]
fn the_reference_games_end_in_their_equilibria() {
    let Some(folder) = theory() else { return };
    let mut solved = 0;
    let mut unique = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with('m') || path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let model: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for form in model["finite_forms"].as_array().into_iter().flatten() {
            let file = form["efg"].as_str().unwrap();
            let file = folder.join("efg").join(PathBuf::from(file).file_name().unwrap());
            let game = FiniteGame::read_efg(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let found = follow(&game, &PathSettings::default());
            let last = found.points.last().unwrap();
            assert!(found.certificate.relative < 1e-6, "{file:?} {:?} λ {}", found.end, last.lambda);
            solved += 1;
            if form["unique_by_strict_solvability"].as_bool() != Some(true) {
                continue;
            }
            unique += 1;
            let strategies = &form["equilibria"][0]["strategies"];
            let mut at = 0;
            for set in &game.sets {
                for action in &set.actions {
                    let stated = &strategies[&set.name][action];
                    let expected = stated.as_str().map_or(stated.as_f64().unwrap_or(0.0), |text| {
                        armistice_game::Number::parse(text).unwrap().value
                    });
                    let got = last.profile[at];
                    assert!(
                        (got - expected).abs() < 1e-4,
                        "{file:?} {} {action}: {got} not {expected}",
                        set.name
                    );
                    at += 1;
                }
            }
        }
    }
    assert!(solved >= 25 && unique >= 10, "{solved} solved, {unique} unique");
}

/// Published quantal responses at given λ.
#[test]
fn the_reference_quantal_responses_are_met() {
    let Some(folder) = theory() else { return };
    let text = std::fs::read_to_string(folder.join("m16_qre_reference.json")).unwrap();
    let model: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut compared = 0;
    for case in model["cases"].as_array().unwrap() {
        let (Some(file), Some(lambda)) = (case["params"]["efg"].as_str(), case["params"]["lambda"].as_f64())
        else {
            continue;
        };
        let game = FiniteGame::read_efg(&std::fs::read_to_string(folder.join(file)).unwrap()).unwrap();
        let path = follow(&game, &PathSettings { max_lambda: lambda, ..PathSettings::default() });
        let mut profile = path.points.last().unwrap().profile.iter();
        for set in &game.sets {
            for action in &set.actions {
                let got = profile.next().unwrap();
                let expected = case["predictions"][&set.name][action]["value"].as_f64().unwrap();
                assert!(
                    (got - expected).abs() < 1e-8,
                    "{} {} {action}: {got} {expected}",
                    case["id"],
                    set.name
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "{compared}");
}

/// A war unrolled and dealt out is the same game to two solvers that share no code: one solves its stages by fixed points in
/// beliefs, the other follows the correspondence of the tree from λ = 0.
#[test]
fn wars_dealt_out_have_the_same_equilibrium() {
    let mut war = common::steel_or_mush(2, 10.0);
    // One λ for the whole tree is the war's precision where nobody discounts.
    war.players.iter_mut().for_each(|player| player.discount = 1.0);
    let belief = armistice_game::Belief(vec![0.6, 0.4, 1.0, 0.3, 0.7]);
    let unrolled = armistice_game::unroll(&war, war.start, 2, 1_000_000).unwrap();
    let settings = armistice_solve::Settings::default();
    let solved = armistice_solve::solve_tree(&war, &unrolled, &belief, &settings).unwrap();
    let game = FiniteGame::of_war(&war, war.start, &belief, 2, 1_000_000).unwrap();
    game.validate().unwrap();
    let path = follow(&game, &PathSettings { max_lambda: 10.0, ..PathSettings::default() });
    assert_eq!((path.form, path.end), (Form::Public, PathEnd::Reached));
    let values = solved.value(armistice_game::NodeId(0));
    let expected = [0.6 * values[0] + 0.4 * values[1], values[2], 0.3 * values[3] + 0.7 * values[4]];
    for (got, expected) in path.certificate.payoffs.iter().zip(expected) {
        assert!((got - expected).abs() < 1e-9, "{got} {expected}");
    }
    // The first move, by the two types of W: the game's first information set, and the other type's.
    let postures: Vec<usize> = (0..game.sets.len()).filter(|s| game.sets[*s].name.ends_with(" 0")).collect();
    assert_eq!(postures.len(), 2);
    let mut first = vec![0];
    first.extend(game.sets.iter().scan(0, |total, set| {
        *total += set.actions.len();
        Some(*total)
    }));
    let armistice_game::Node::Move { edges, .. } = &unrolled.nodes[0] else { panic!("a move") };
    for (kind, set) in postures.into_iter().enumerate() {
        for action in 0..3 {
            let got = path.points.last().unwrap().profile[first[set] + action];
            assert!(
                (got - solved.strategy(edges.start as usize + action)[kind]).abs() < 1e-9,
                "type {kind} action {action}"
            );
        }
    }
}

/// Random tables: every path gets to its end, turning points or not, and ends near an equilibrium.
#[test]
fn random_tables_are_followed_to_the_end() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut turned = 0;
    for (size, count) in [(2, 500), (3, 500), (5, 100), (10, 20)] {
        for _ in 0..count {
            let cells: Vec<String> =
                (0..2 * size * size).map(|_| random.random_range(0..1000u32).to_string()).collect();
            let text = format!("NFG 1 R \"t\" {{ \"A\" \"B\" }} {{ {size} {size} }}\n{}", cells.join(" "));
            let path = follow(&table(&text), &PathSettings { max_lambda: 100.0, ..PathSettings::default() });
            assert_eq!(path.end, PathEnd::Reached, "{text} {:?}", path.events);
            // ln n / λ is what a logit response loses at most.
            assert!(path.certificate.agent_regret <= f64::from(size).ln() / 100.0, "{text}");
            turned += usize::from(path.events.iter().any(|e| matches!(e, PathEvent::Turning { .. })));
        }
    }
    assert!(turned >= 10, "{turned} branches with turning points");
}
