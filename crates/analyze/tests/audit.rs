//! Audits of claims whose regions are known: one parameter decides, at a threshold that can be worked out by hand.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "common/scenarios.rs"]
mod scenarios;

use armistice_analyze::audit::{Audit, AuditFindings, AuditSettings, Otherwise, Word, differences, wilson};
use armistice_analyze::design::Sampling;
use armistice_analyze::findings::Verdict;
use armistice_analyze::sweep::SweepError;
use armistice_analyze::{AnalyzeError, Options};
use armistice_scenario::Scenario;
use armistice_solve::{CancelToken, Control, Settings};
use scenarios::{ONE_CHOICE, parse};

/// The hard type stops with probability 1 / (1 + exp(−4 (stop_value − 0.5))): the first claim holds where `stop_value` is above 0.5, which
/// is in 3/8 of its range; the second where it is above 0.1, in 7/8.
fn scenario() -> Scenario {
    let text = ONE_CHOICE
        .replace("\"dear.ends > ends\"", "\"action_probability('choice', 'stop', 'hard') > 0.5\"")
        .replace(
            "\"action_probability('choice', 'stop', 'hard') > action_probability('choice', 'stop', 'soft')\"",
            "\"action_probability('choice', 'stop', 'hard') > 1 / (1 + exp(1.6))\"",
        );
    parse(&text)
}

fn options() -> Options {
    Options { settings: Settings { belief_points: 5, ..Settings::default() }, ..Options::default() }
}

fn settings() -> AuditSettings {
    let parameters = ["stop_value", "idle", "prior_hard"].map(str::to_owned).to_vec();
    AuditSettings { parameters, selections: true, ..AuditSettings::default() }
}

fn findings(settings: &AuditSettings) -> AuditFindings {
    let audit = Audit::new(&scenario(), &[], &[], settings, &options()).unwrap();
    let table = audit.table(&Control::default()).unwrap();
    audit.findings(&table, &Control::default()).unwrap()
}

#[test]
fn shares_boxes_and_counterexamples_are_those_worked_out_by_hand() {
    let found = findings(&settings());
    assert_eq!((found.cases, found.failed, found.not_converged), (64, 0, 0));

    let [half, most, undefined] = found.claims.as_slice() else { panic!("three claims") };
    // A Sobol sequence of 64 points has 24 of them in three eighths of a range, to within those beside the threshold.
    assert_eq!((half.holds, half.fails, half.undefined), (24, 40, 0));
    assert_eq!(half.word, Word::Depends);
    assert_eq!(half.as_written, Verdict::DoesNotHold);
    assert_eq!(half.interval, wilson(24, 64));
    let region = half.region.as_ref().unwrap();
    let [limit] = region.limits.as_slice() else { panic!("one limit: {region:?}") };
    assert_eq!(limit.parameter, "stop_value");
    assert!(limit.high.is_none() && (0.45..0.55).contains(&limit.low.unwrap()), "{limit:?}");
    assert!(limit.words().starts_with("stop_value above 0."), "{}", limit.words());
    assert!(region.density > 0.85 && region.coverage > 0.85, "{region:?}");
    let example = half.counterexample.as_ref().unwrap();
    assert!(example.holds && example.pruned && example.changed_before == 3);
    let [change] = example.changes.as_slice() else { panic!("one change: {example:?}") };
    assert_eq!((change.parameter.as_str(), change.from), ("stop_value", 0.2));
    assert!(change.to > 0.5 && change.to <= 0.8, "{change:?}");

    assert_eq!((most.holds, most.fails), (56, 8));
    assert_eq!((most.word, &most.as_written), (Word::Mostly, &Verdict::Holds));
    let example = most.counterexample.as_ref().unwrap();
    assert!(!example.holds && example.changes.len() == 1 && example.changes[0].to <= 0.1, "{example:?}");

    assert_eq!((undefined.undefined, undefined.share, undefined.interval), (64, None, None));
    assert_eq!(undefined.word, Word::Undefined);
    assert!(undefined.counterexample.is_none() && undefined.region.is_none());

    // The threshold of one half does not depend on λ, nor is there more than one equilibrium.
    assert_eq!(half.under.len(), 6);
    assert!(half.under.iter().all(|under| under.verdict == Verdict::DoesNotHold && under.converged));
    // The other does: with half the precision play is nearer to one half at every point.
    assert_eq!(most.under[0].how, Otherwise::Precision(0.5));
    assert_eq!(most.under[0].verdict, Verdict::Holds);
    assert_eq!(most.under[2].verdict, Verdict::DoesNotHold);
}

#[test]
fn a_counterexample_comes_out_so_when_it_is_solved_again() {
    let found = findings(&settings());
    for claim in &found.claims {
        let Some(example) = &claim.counterexample else { continue };
        let set: Vec<(String, f64)> =
            example.changes.iter().map(|change| (change.parameter.clone(), change.to)).collect();
        let one = AuditSettings {
            sampling: Sampling::Sobol { points: 1, seed: 1 },
            parameters: vec!["idle".into()],
            claims: vec![claim.name.clone()],
            scales: Vec::new(),
            ..AuditSettings::default()
        };
        let audit = Audit::new(&scenario(), &set, &[], &one, &options()).unwrap();
        let table = audit.table(&Control::default()).unwrap();
        let again = audit.findings(&table, &Control::default()).unwrap();
        let expected = if example.holds { Verdict::Holds } else { Verdict::DoesNotHold };
        assert_eq!(again.claims[0].as_written, expected, "{}", claim.name);
    }
}

#[test]
fn what_turns_a_claim_is_the_nearest_case_that_comes_out_otherwise_than_as_written() {
    let scenario = scenario();
    let names: Vec<&str> = scenario.claims.iter().map(|claim| claim.name.as_str()).collect();
    let audit = Audit::new(&scenario, &[], &[], &settings(), &options()).unwrap();
    let turn = |name: &str| audit.turn(name, &Control::default()).unwrap();

    let half = turn(names[0]);
    assert_eq!((half.holds, half.fails, half.undefined), (24, 40, 0));
    assert_eq!(half.as_written, Verdict::DoesNotHold);
    let example = half.counterexample.unwrap();
    let [change] = example.changes.as_slice() else { panic!("one change: {example:?}") };
    assert!(example.holds && change.parameter == "stop_value" && change.to > 0.5, "{example:?}");

    let most = turn(names[1]);
    assert_eq!(most.as_written, Verdict::Holds);
    let example = most.counterexample.unwrap();
    assert!(!example.holds && example.changes.len() == 1 && example.changes[0].to <= 0.1, "{example:?}");

    let never = turn(names[2]);
    assert!(matches!(never.as_written, Verdict::Undefined { .. }) && never.counterexample.is_none());

    // Above the threshold as written, what it mostly does is what turns it.
    let moved = parse(
        &ONE_CHOICE
            .replace("stop_value = { value = 0.2", "stop_value = { value = 0.7")
            .replace("\"dear.ends > ends\"", "\"action_probability('choice', 'stop', 'hard') > 0.5\""),
    );
    let audit = Audit::new(&moved, &[], &[], &settings(), &options()).unwrap();
    let half = audit.turn(names[0], &Control::default()).unwrap();
    assert_eq!(half.as_written, Verdict::Holds);
    let example = half.counterexample.unwrap();
    assert!(!example.holds && example.changes.len() == 1 && example.changes[0].to < 0.5, "{example:?}");

    let canceled = Control { progress: None, cancel: CancelToken::default() };
    canceled.cancel.cancel();
    assert!(matches!(audit.turn(names[0], &canceled), Err(SweepError::Analyze(AnalyzeError::Cancelled))));
}

#[test]
fn threads_change_nothing() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| serde_json::to_string(&findings(&settings())).unwrap())
    };
    assert_eq!(on(1), on(2));
}

#[test]
fn what_a_theory_holds_does_not_vary() {
    let theory = parse(&ONE_CHOICE.replace("stop_value = { value = 0.2", "stop_value = { value = 0.7"));
    let held = differences(&scenario(), &theory, &options()).unwrap();
    assert_eq!(held, [("stop_value".to_owned(), 0.7)]);
    let settings = AuditSettings { parameters: Vec::new(), ..settings() };
    let audit = Audit::new(&scenario(), &held, &["stop_value".into()], &settings, &options()).unwrap();
    let columns: Vec<String> =
        audit.sweep().plan().design.factors.iter().map(|factor| factor.subject.column()).collect();
    assert_eq!(columns, ["war_cost", "idle", "prior_hard"]);
    let table = audit.table(&Control::default()).unwrap();
    let found = audit.findings(&table, &Control::default()).unwrap();
    // Above 0.6 even free of cost, the hard type stops more often than not.
    assert_eq!((found.claims[0].word, found.claims[0].holds), (Word::Holds, 64));
    assert_eq!(found.claims[0].no_region.as_deref(), Some("the share is near 0 or 1"));
    assert!(found.claims[0].counterexample.is_none());
}

#[test]
fn words_have_their_thresholds() {
    let word = |share| Word::of(Some(share)).as_str();
    let expected = [
        (1.0, "holds"),
        (0.95, "holds"),
        (0.949, "mostly"),
        (0.75, "mostly"),
        (0.749, "depends"),
        (0.251, "depends"),
        (0.25, "mostly not"),
        (0.051, "mostly not"),
        (0.05, "fails"),
        (0.0, "fails"),
    ];
    for (share, expected) in expected {
        assert_eq!(word(share), expected, "{share}");
    }
    assert_eq!(Word::of(None).as_str(), "undefined");
}

#[test]
fn intervals_are_those_of_wilson() {
    // Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for (hits, cases, low, high) in
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
    {
        let (l, h) = wilson(hits, cases).unwrap();
        assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{hits} of {cases}: {l} {h}");
    }
    assert_eq!(wilson(20, 20).unwrap().1, 1.0);
    assert_eq!(wilson(0, 0), None);
}

#[test]
fn what_cannot_be_audited_is_said_and_stopping_stops() {
    let refused =
        |settings: AuditSettings| Audit::new(&scenario(), &[], &[], &settings, &options()).unwrap_err();
    let unknown = refused(AuditSettings { claims: vec!["none".into()], ..settings() });
    assert!(matches!(unknown, SweepError::Analyze(AnalyzeError::Unknown { kind: "claim", .. })));
    let unknown = refused(AuditSettings { parameters: vec!["none".into()], ..settings() });
    assert!(matches!(unknown, SweepError::Analyze(AnalyzeError::Unknown { kind: "parameter", .. })));
    assert!(matches!(
        refused(AuditSettings { parameters: vec!["effect".into()], ..settings() }),
        SweepError::Design(_)
    ));

    let cancel = CancelToken::default();
    cancel.cancel();
    let audit = Audit::new(&scenario(), &[], &[], &settings(), &options()).unwrap();
    let stopped = audit.table(&Control { progress: None, cancel });
    assert!(matches!(stopped, Err(AnalyzeError::Cancelled)));
}
