//! What audits add to shares: the way on which boxes are found, several boxes, priors moved, and audits cut short.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "common/scenarios.rs"]
mod scenarios;

use std::cell::Cell;

use armistice_analyze::audit::{
    Audit, AuditFindings, AuditSettings, Otherwise, Short, can_audit, held, quick,
};
use armistice_analyze::findings::Verdict;
use armistice_analyze::sweep::SweepError;
use armistice_analyze::{AnalyzeError, Options};
use armistice_scenario::Scenario;
use armistice_solve::{CancelToken, Control, Settings};
use scenarios::{ONE_CHOICE, parse};

/// The first claim holds in the upper half of the range of `stop_value`, [0, 0.8], and in the upper three tenths of that of `idle`, [0, 2]; the second where `stop_value` is
/// above 0.4; what the third says of the war depends on which type is likelier.
fn scenario() -> Scenario {
    let text = ONE_CHOICE
        .replace("\"dear.ends > ends\"", "\"stop_value > 0.4 or idle > 1.4\"")
        .replace(
            "\"action_probability('choice', 'stop', 'hard') > action_probability('choice', 'stop', 'soft')\"",
            "\"stop_value > 0.4\"",
        )
        .replace("\"must_go.expected_terms < 1\"", "\"ends > 0.5\"");
    parse(&text)
}

fn options() -> Options {
    Options { settings: Settings { belief_points: 5, ..Settings::default() }, ..Options::default() }
}

fn findings(settings: &AuditSettings) -> AuditFindings {
    let audit = Audit::new(&scenario(), &[], &[], settings, &options()).unwrap();
    let table = audit.table(&Control::default()).unwrap();
    audit.findings(&table, &Control::default()).unwrap()
}

#[test]
fn two_boxes_are_found_where_either_of_two_things_is_enough() {
    let parameters = ["stop_value", "idle"].map(str::to_owned).to_vec();
    let settings = AuditSettings { parameters, evaluations: 0, ..AuditSettings::default() };
    let found = findings(&settings);
    let either = &found.claims[0];
    // 1/2 + 1/2 · 3/10 of a Sobol sequence, to within a point beside the threshold.
    assert!((41..=42).contains(&either.holds) && either.fails == 64 - either.holds, "{}", either.holds);
    let boxes: Vec<_> = either.region.iter().chain(&either.more_regions).collect();
    let [one, other] = boxes.as_slice() else { panic!("two boxes: {boxes:?}") };
    for found in [one, other] {
        let [limit] = found.limits.as_slice() else { panic!("one limit: {found:?}") };
        // The best box is a little wider than the densest one: thresholds are met to within two slices, a tenth of the cases.
        let at = if limit.parameter == "idle" { 1.4 / 2.0 } else { 0.4 / 0.8 };
        let low = limit.low.unwrap() / if limit.parameter == "idle" { 2.0 } else { 0.8 };
        assert!((low - at).abs() < 0.1 && limit.high.is_none(), "{limit:?}");
        assert!(found.density > 0.85, "{found:?}");
    }
    assert_ne!(one.limits[0].parameter, other.limits[0].parameter);
    assert!(one.coverage + other.coverage > 0.9, "the second counts only what the first leaves: {boxes:?}");
    assert!(one.coverage > other.coverage);
    // One box is enough where one thing decides.
    assert!(found.claims[1].region.is_some() && found.claims[1].more_regions.is_empty());
}

#[test]
fn the_way_to_a_box_begins_with_all_cases() {
    let settings = AuditSettings { parameters: vec!["stop_value".into()], ..AuditSettings::default() };
    let found = findings(&settings);
    let way = &found.claims[1].peeling;
    let first = &way[0];
    assert_eq!((first.coverage, first.density, first.mass, first.cases), (1.0, 0.5, 1.0, 64));
    assert!(first.limits.is_empty() && !first.pasted);
    let peeled: Vec<_> = way.iter().filter(|peel| !peel.pasted).collect();
    assert!(peeled.len() > 5, "{} steps", peeled.len());
    for pair in peeled.windows(2) {
        assert!(pair[1].cases < pair[0].cases && pair[1].coverage <= pair[0].coverage, "{pair:?}");
    }
    assert!(way.iter().skip(1).all(|peel| peel.limits.iter().all(|limit| limit.parameter == "stop_value")));
    assert!(
        way.iter().any(|peel| peel.density == 1.0 && peel.coverage > 0.85),
        "a box where it always holds"
    );
}

#[test]
fn priors_are_moved_where_they_do_not_vary_and_only_there() {
    let with = |parameters: &[&str]| {
        let parameters = parameters.iter().map(|name| (*name).to_owned()).collect();
        findings(&AuditSettings {
            parameters,
            scales: Vec::new(),
            evaluations: 0,
            ..AuditSettings::default()
        })
    };
    // `ends` is a probability over the prior of 0.3 for the hard type; halved and doubled odds of 7 : 3 for the soft one are 7 : 6 and 14 : 3.
    let found = with(&["stop_value"]);
    let under = &found.claims[2].under;
    let [half, double] = under.as_slice() else { panic!("two priors: {under:?}") };
    for (moved, odds, to) in [(half, 0.5, 7.0 / 13.0), (double, 2.0, 14.0 / 17.0)] {
        let Otherwise::Prior { player, kind, odds: factor, from, to: there } = &moved.how else {
            panic!("{moved:?}")
        };
        assert_eq!((player.as_str(), kind.as_str(), *factor), ("north", "soft", odds));
        assert!((from - 0.7).abs() < 1e-12 && (there - to).abs() < 1e-12, "{moved:?}");
        // Stopping is worth 0.2 and going on 0.1 to the soft type and 0.5 to the hard one, with λ = 4.
        let stop = |go: f64| 1.0 / (1.0 + f64::exp(4.0 * (go - 0.2)));
        let ends = to * stop(0.1) + (1.0 - to) * stop(0.5);
        assert_eq!(moved.verdict == Verdict::Holds, ends > 0.5, "{moved:?}: {ends}");
        assert_eq!(moved.how.words(), format!("odds of north.soft × {odds}"));
    }
    assert!(
        with(&["prior_hard"]).claims[2].under.is_empty(),
        "what a prior that varies does is in the shares"
    );
}

#[test]
fn an_audit_cut_short_is_that_of_its_first_cases() {
    let go = |cases: usize, rounds: usize, cancel: CancelToken| {
        let left = Cell::new(rounds);
        let more = || left.replace(left.get().saturating_sub(1)) > 0;
        quick(&scenario(), cases, 7, &options(), &more, &Control { progress: None, cancel })
    };
    let (short, why) = go(64, 1, CancelToken::default()).unwrap().unwrap();
    assert_eq!((short.cases, why), (16, Some(Short::NoMore)), "two rounds of eight");
    let (whole, why) = go(16, 9, CancelToken::default()).unwrap().unwrap();
    assert_eq!((&whole, why), (&short, None));
    assert_eq!(whole.claims.len(), 3);
    assert!(whole.claims.iter().all(|claim| claim.under.is_empty()));

    let cancel = CancelToken::default();
    cancel.cancel();
    assert!(matches!(go(64, 9, cancel), Err(SweepError::Analyze(AnalyzeError::Cancelled))));
    assert!(quick(&scenario(), 0, 7, &options(), &|| true, &Control::default()).unwrap().is_none());
    assert!(can_audit(&scenario()) && !can_audit(&parse(scenarios::COIN)), "the coin has no claims");
}

#[test]
fn stopping_keeps_the_cases_that_were_done() {
    let cancel = CancelToken::default();
    let asked = cancel.clone();
    // Stopped by the same thread that asks whether to go on, after the first eight.
    let more = move || {
        asked.cancel();
        true
    };
    let control = Control { progress: None, cancel };
    let (found, why) = quick(&scenario(), 64, 7, &options(), &more, &control).unwrap().unwrap();
    assert_eq!((found.cases, why), (8, Some(Short::Stopped)));
}

#[test]
fn what_a_theory_holds_comes_with_what_is_said_for_it() {
    let theory = ONE_CHOICE
        .replace("stop_value = { value = 0.2,", "stop_value = { value = 0.7, says = \"dear peace\",")
        .replace("war_cost = { value = 0.1,", "war_cost = { value = 0.2,");
    let found = held(&scenario(), &parse(&theory), &options()).unwrap();
    let [stop, cost] = found.as_slice() else { panic!("two parameters: {found:?}") };
    assert_eq!((stop.parameter.as_str(), stop.neutral, stop.value), ("stop_value", 0.2, 0.7));
    assert_eq!((stop.says.as_deref(), stop.range), (Some("dear peace"), Some((0.0, 0.8))));
    assert_eq!((cost.neutral, cost.value, cost.says.as_deref()), (0.1, 0.2, None));
    assert_eq!(cost.source.as_deref(), Some("assumed"));
}
