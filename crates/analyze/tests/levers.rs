//! Levers whose effects can be worked out by hand: sets and their fronts, thresholds, and levers put in force later.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "common/scenarios.rs"]
mod scenarios;

use std::sync::Arc;

use armistice_analyze::findings::{Curve, CurveSubject, Effect, FrontCost, FrontEffect, Timing, TimingPoint};
use armistice_analyze::levers::{LeverError, LeverFindings, LeverSettings, LeverStudy, Span, tables};
use armistice_analyze::{Options, Propagation, Runs, Variation};
use armistice_game::PlayerId;
use armistice_scenario::{Change, Scenario};
use armistice_solve::{Control, Settings};
use scenarios::{ONE_CHOICE, parse};

/// Every month: stop for 0.3, or go on at a cost of 0.05, which the lever raises to 0.25. Whatever is not stopped pays nothing in the end.
const MONTHS: &str = r#"
[scenario]
title = "Months"
period = "month"
horizon = 6
attacker = "north"

[parameters]
war_cost = { value = 0.05, range = [0, 0.5] }
open = 0

[players.north]
discount = 0.9
precision = 4
[players.south]
discount = 1
precision = 4

[state]
front = { from = 0, to = 1, start = 0 }

[[end]]
outcome = "stopped"
terms = "0.25"
payoff = { north = "0.3", south = "0" }

[at_horizon]
payoff = { north = "0", south = "0" }

[[stage]]
player = "north"
move = "choice"
actions.stop = { end = "stopped" }
actions.go = { cost = { north = "war_cost", south = "0.1" } }
actions.leap = { when = "open == 1", set = { front = "1" } }

[levers.press]
by = "south"
cost = 0.02
change = { war_cost = "war_cost + 0.2" }
[levers.nothing]
change = { open = "open" }
[levers.gate]
change = { open = "1" }
"#;

fn options(points: usize) -> Options {
    let settings = Settings { belief_points: points, ..Settings::default() };
    Options { settings, audit_points: Some(points), ..Options::default() }
}

fn study(scenario: &Scenario, settings: &LeverSettings) -> LeverFindings {
    let study = LeverStudy::new(scenario, settings, &options(5)).unwrap();
    study.findings(&Control::default()).unwrap()
}

fn span(name: &str) -> Span {
    Span { name: name.into(), range: None, points: None }
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[track_caller]
fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-8, "{a} {b}");
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Stop value plus cost of war minus the type's gain, with a set of levers in force.
fn margin_by_hand(set: &[String], gain: f64) -> f64 {
    let has = |name: &str| if set.iter().any(|l| l == name) { 1.0 } else { 0.0 };
    0.2 + 0.4 * has("prize") + 0.1 + 0.15 * has("arms") - gain
}

#[test]
fn every_set_has_the_effect_worked_out_by_hand_and_the_cheapest_is_that_of_brute_force() {
    let found = study(&parse(ONE_CHOICE), &LeverSettings { by: 1, ..LeverSettings::default() });
    let levers = &found.levers;
    assert_eq!((levers.sets.len(), levers.effects.len(), levers.complete), (7, 7, true));
    let nothing = names(&[]);
    let plain = std::iter::once((&nothing, 0.0, &levers.plain));
    let sets = levers.sets.iter().zip(&levers.effects).map(|(set, effect)| (&set.levers, set.cost, effect));
    // By type: the cheapest set with a positive margin.
    let mut best: [Option<(f64, Vec<String>)>; 2] = [None, None];
    for (set, cost, effect) in plain.chain(sets) {
        let margins = [margin_by_hand(set, 0.2), margin_by_hand(set, 0.6)];
        for (kind, by_hand) in margins.iter().enumerate() {
            assert_eq!(effect.margins[kind].player, "north");
            close(effect.margins[kind].margin.unwrap(), *by_hand);
            if *by_hand > 0.0 && best[kind].as_ref().is_none_or(|(least, _)| cost < *least) {
                best[kind] = Some((cost, set.clone()));
            }
        }
        let stop = 0.7 * logistic(4.0 * margins[0]) + 0.3 * logistic(4.0 * margins[1]);
        close(effect.ended_by.unwrap(), stop);
        close(effect.duration.unwrap(), 1.0);
        close(effect.bill.unwrap(), cost);
        let war_cost = if set.iter().any(|l| l == "arms") { 0.25 } else { 0.1 };
        close(effect.players[1].cost, (1.0 - stop) * 2.0 * war_cost);
        close(effect.players[1].value, -(1.0 - stop) * 2.0 * war_cost);
        close(effect.terms.unwrap(), 0.25);
        // South never chooses.
        assert_eq!(effect.margins[2].margin, None);
    }
    for (kind, name) in ["soft", "hard"].iter().enumerate() {
        let is = |cost: &FrontCost| {
            let front = levers
                .fronts
                .iter()
                .find(|f| f.cost == *cost && f.effect == FrontEffect::Margin((*name).to_owned()));
            front.unwrap().cheapest.clone().map(|set| (set.cost, set.levers))
        };
        assert_eq!(is(&FrontCost::Stated), best[kind]);
        assert_eq!(levers.cheapest[kind].levers, best[kind].clone().map(|(_, set)| set));
        // South is better off when north is paid for stopping, and loses by its own arms.
        let loss = is(&FrontCost::Loss("south".into())).unwrap();
        assert_eq!(loss.1, names(&["prize"]));
        assert!(loss.0 < 0.0);
    }
    assert_eq!(best[0].as_ref().unwrap().1, names(&[]));
    assert_eq!(best[1].as_ref().unwrap().1, names(&["prize"]));
}

#[test]
fn levers_can_be_few_and_sets_small_and_the_question_is_put_where_it_is_asked() {
    let asked = LeverSettings {
        levers: names(&["arms", "prize"]),
        largest: Some(1),
        belief: vec![("north.hard".into(), 0.9)],
        by: 1,
        ..LeverSettings::default()
    };
    let found = study(&parse(ONE_CHOICE), &asked);
    assert_eq!(found.levers.sets.len(), 2);
    assert!(!found.levers.complete);
    let stop = 0.1 * logistic(4.0 * 0.1) + 0.9 * logistic(4.0 * -0.3);
    close(found.levers.plain.ended_by.unwrap(), stop);
    assert_eq!(found.belief[1], ("north".into(), "hard".into(), 0.9));
    // Over there the war is over but for the last payoff: nobody has a choice.
    let there = LeverSettings { player: Some("south".into()), by: 1, ..LeverSettings::default() };
    let found = study(&parse(ONE_CHOICE), &there);
    assert_eq!(found.levers.base.margins[0].margin, None);
    assert!(found.levers.fronts.iter().all(|f| f.cheapest.is_none()));
}

#[test]
fn thresholds_are_those_worked_out_by_hand() {
    let curves = |subject: &str, over: &[&str]| -> Curve {
        let asked = LeverSettings {
            thresholds: vec![span(subject)],
            over: over.iter().map(|name| span(name)).collect(),
            ..LeverSettings::default()
        };
        study(&parse(ONE_CHOICE), &asked).levers.curves.remove(0)
    };
    let zero = |curve: &Curve, kind: usize, point: usize| {
        let crossings = &curve.kinds[kind].points[point].crossings;
        assert_eq!(crossings.len(), 1, "{crossings:?}");
        assert!(crossings[0].rising);
        crossings[0].value.unwrap()
    };
    let curve = curves("stop_value", &[]);
    assert_eq!(curve.subject, CurveSubject::Parameter("stop_value".into()));
    close(zero(&curve, 1, 0), 0.5);
    close(zero(&curve, 0, 0), 0.1);
    close(zero(&curves("prize", &[]), 1, 0), 0.75);
    close(zero(&curves("levers", &[]), 1, 0), 0.3 / 0.55);

    // 0.6 − war_cost − 0.15 × strength, whatever the belief.
    let curve = curves("stop_value", &["war_cost", "arms"]);
    let (costs, shares) = (&curve.axes[0].values, &curve.axes[1].values);
    assert_eq!((costs.len(), shares.len(), shares[5]), (6, 6, 1.0));
    for (i, cost) in costs.iter().enumerate() {
        for (j, share) in shares.iter().enumerate() {
            close(zero(&curve, 1, i * 6 + j), 0.6 - cost - 0.15 * share);
        }
    }
    let curve = curves("stop_value", &["north.hard"]);
    (0..6).for_each(|point| close(zero(&curve, 1, point), 0.5));
    // A set of levers and one of them: the axis comes first, the strength of all works on what it left.
    let curve = curves("levers", &["arms"]);
    close(zero(&curve, 1, 5), 0.15 / 0.55);
}

#[test]
fn margins_have_different_signs_on_the_two_sides_of_a_threshold() {
    let scenario = parse(&armistice_scenario::new_scenario("two-sided-war").unwrap());
    let cost = Span { name: "attacker_cost".into(), range: Some((0.0, 0.3)), points: None };
    let front = Span { name: "front".into(), range: Some((-1.0, 1.0)), points: None };
    let belief = Span { name: "attacker.strong".into(), range: None, points: Some(3) };
    let asked =
        LeverSettings { thresholds: vec![cost], over: vec![front, belief], ..LeverSettings::default() };
    let found = study(&scenario, &asked);
    let curve = &found.levers.curves[0];
    let control = Control::default();
    let runs = Runs::new(found.settings.clone(), options(5).limits, Propagation::default(), &control);
    let base = Variation::base(Arc::new(scenario.clone()));
    let position = scenario.parameters.iter().position(|p| p.name == "attacker_cost").unwrap();
    let mut checked = 0;
    for (kind, own) in curve.kinds.iter().enumerate() {
        for (place, point) in own.points.iter().enumerate() {
            for crossing in &point.crossings {
                let Some(zero) = crossing.value else { continue };
                let here = Change {
                    start: vec![(0, 2 + place / 3)],
                    belief: vec![(0, 0, 1.0 - 0.5 * (place % 3) as f64), (0, 1, 0.5 * (place % 3) as f64)],
                    ..Change::default()
                };
                let margin = |x: f64| {
                    let variation = base.with_parameter(position, x).with_change(&here);
                    runs.margins(&variation, PlayerId::new(0)).unwrap()[kind].unwrap()
                };
                let (below, above) = (margin(zero - 0.002), margin(zero + 0.002));
                assert!(
                    below * above < 0.0 && (above > 0.0) == crossing.rising,
                    "{crossing:?} {below} {above}"
                );
                checked += 1;
            }
        }
    }
    assert!(checked >= 3, "{checked}");
}

/// V(t) and Pr(stop in t) of north by hand: from the value after the last period, at the cost of each period.
fn by_hand(costs: &[f64], after: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut values, mut stops) = (vec![after], Vec::new());
    for cost in costs.iter().rev() {
        let go = -cost + 0.9 * values[0];
        let stop = logistic(4.0 * (0.3 - go));
        values.insert(0, stop * 0.3 + (1.0 - stop) * go);
        stops.insert(0, stop);
    }
    (values, stops)
}

#[track_caller]
fn agrees(effect: &Effect, value: f64, stops: &[f64], by: usize, from: usize) {
    let survival: Vec<f64> =
        (0..=stops.len()).map(|n| stops[..n].iter().map(|p| 1.0 - p).product()).collect();
    close(effect.players[0].value, value);
    close(effect.ended_by.unwrap(), 1.0 - survival[by]);
    close(effect.duration.unwrap(), survival[..stops.len()].iter().sum());
    close(effect.bill.unwrap(), 0.02 * survival[from..stops.len()].iter().sum::<f64>());
}

fn timed(scenario: &Scenario, levers: &[&str], timing: &[u32]) -> Vec<Timing> {
    let asked =
        LeverSettings { levers: names(levers), by: 4, timing: timing.to_vec(), ..LeverSettings::default() };
    study(scenario, &asked).levers.timing
}

#[test]
fn levers_that_come_later_work_as_worked_out_by_hand() {
    let found = timed(&parse(MONTHS), &["press"], &[0, 2, 5, 6, 40]);
    let (low, high) = (0.05, 0.25);
    let (before, with) = (by_hand(&[low; 6], 0.0), by_hand(&[high; 6], 0.0));
    let [Timing { points, undefined: None, .. }] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(points.len(), 5);
    for TimingPoint { period, announced, surprise, .. } in points {
        let from = (*period as usize).min(6);
        let costs: Vec<f64> = (0..6).map(|t| if t < from { low } else { high }).collect();
        let (values, stops) = by_hand(&costs, 0.0);
        agrees(announced, values[0], &stops, 4, from);
        let stops = [&before.1[..from], &with.1[from..]].concat();
        let value = if from == 0 { with.0[0] } else { before.0[0] };
        agrees(surprise, value, &stops, 4, from);
    }
    // On from the start it is the lever; past the horizon it is nothing, to the bit.
    let whole =
        study(&parse(MONTHS), &LeverSettings { levers: names(&["press"]), by: 4, ..Default::default() });
    assert_eq!(points[0].announced, whole.levers.effects[0]);
    assert_eq!(points[0].surprise, whole.levers.effects[0]);
    assert_eq!(points[3].announced, whole.levers.plain);
    assert_eq!(points[4].surprise, whole.levers.plain);
}

#[test]
fn a_lever_that_changes_nothing_changes_nothing_whenever_it_comes() {
    let scenario = parse(&armistice_scenario::new_scenario("two-sided-war").unwrap().replace("* 1.5", "* 1"));
    let asked = LeverSettings { timing: vec![0, 3, 11], ..LeverSettings::default() };
    let found = study(&scenario, &asked);
    let plain = &found.levers.plain;
    for point in &found.levers.timing[0].points {
        for effect in [&point.announced, &point.surprise] {
            close(effect.ended_by.unwrap(), plain.ended_by.unwrap());
            close(effect.terms.unwrap(), plain.terms.unwrap());
            for (own, other) in effect.players.iter().zip(&plain.players) {
                close(own.value, other.value);
                close(own.cost, other.cost);
            }
            for (own, other) in effect.margins.iter().zip(&plain.margins) {
                assert_eq!(own.margin.is_some(), other.margin.is_some());
                close(own.margin.unwrap_or(0.0), other.margin.unwrap_or(0.0));
            }
        }
    }
}

#[test]
fn wars_without_a_horizon_can_change_too() {
    let scenario = parse(
        &MONTHS
            .replace("horizon = 6", "horizon = \"indefinite\"")
            .replace("[at_horizon]\npayoff = { north = \"0\", south = \"0\" }\n", ""),
    );
    let found = timed(&scenario, &["press"], &[3]);
    let point = &found[0].points[0];
    // Far from the end values are stationary.
    let (low, high) = (0.05, 0.25);
    let (before, with) = (by_hand(&[low; 400], 0.0).0[0], by_hand(&[high; 400], 0.0).0[0]);
    let (values, first) = by_hand(&[low; 3], with);
    let (_, rest) = by_hand(&[high; 1], with);
    let survival = |first: &[f64]| first.iter().map(|p| 1.0 - p).product::<f64>() * (1.0 - rest[0]);
    close(point.announced.players[0].value, values[0]);
    close(point.announced.ended_by.unwrap(), 1.0 - survival(&first));
    let (_, first) = by_hand(&[low; 3], before);
    close(point.surprise.ended_by.unwrap(), 1.0 - survival(&first));
    close(point.surprise.players[0].value, before);
}

#[test]
fn a_war_cannot_go_over_to_a_game_with_other_states() {
    let found = timed(&parse(MONTHS), &["gate"], &[2]);
    assert!(found[0].points.is_empty());
    assert!(found[0].undefined.as_ref().unwrap().contains("which states can be reached"), "{found:?}");
}

#[test]
fn everything_that_is_wrong_with_a_question_is_said_at_once() {
    let asked = LeverSettings {
        kind: Some("wild".into()),
        levers: names(&["arms", "alms"]),
        state: vec![("clock".into(), "7".into()), ("cluck".into(), "0".into())],
        belief: vec![("north.hard".into(), 1.5), ("east.soft".into(), 0.5)],
        pays: Some("west".into()),
        thresholds: vec![span("effect"), span("north.hard"), span("nobody")],
        over: vec![span("idle"), span("idle")],
        ..LeverSettings::default()
    };
    let error = LeverStudy::new(&parse(ONE_CHOICE), &asked, &options(5)).unwrap_err();
    let LeverError::Problems(problems) = error else { panic!("{error:?}") };
    let all: Vec<String> = problems.iter().map(|p| p.what.clone()).collect();
    for word in [
        "`wild`",
        "`alms`",
        "`7`",
        "`cluck`",
        "1.5",
        "`east`",
        "`west`",
        "`effect` has no range",
        "`north.hard` is neither",
        "`nobody`",
        "named twice",
    ] {
        assert!(all.iter().any(|what| what.contains(word)), "{word}: {all:?}");
    }
}

#[test]
fn documents_and_tables_are_the_same_for_any_number_of_threads() {
    let scenario = parse(&armistice_scenario::new_scenario("two-sided-war").unwrap());
    let asked = LeverSettings {
        thresholds: vec![span("pressure")],
        over: vec![span("attacker.strong")],
        tornado: true,
        timing: vec![0, 6],
        ..LeverSettings::default()
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| study(&scenario, &asked))
    };
    let one = on(1);
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&on(3)).unwrap());
    let again: LeverFindings = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
    assert_eq!(again.levers.timing, one.levers.timing);
    let files = tables(&one).unwrap();
    let rows = |name: &str| {
        let (_, content) = files.iter().find(|(file, _)| *file == name).unwrap();
        String::from_utf8_lossy(content).lines().count() - 1
    };
    assert_eq!((rows("sets.csv"), rows("timing.csv"), rows("tornado.csv")), (2, 4, 5));
    assert!(rows("thresholds.csv") >= 12 && rows("fronts.csv") > 0);
}
