//! Measures, claims, levers and sensitivity against numbers worked out by hand.
#![allow(clippy::unwrap_used)]

#[path = "common/scenarios.rs"]
mod scenarios;

use std::sync::Arc;

use armistice_analyze::findings::{Findings, How, Verdict};
use armistice_analyze::{Audit, Measures, Options, Propagation, Runs, Variation, analyze};
use armistice_scenario::{Expression, Limits, Value};
use armistice_solve::{Control, Settings};
use scenarios::{COIN, ONE_CHOICE, parse};

fn value(text: &str, scenario: &str) -> Result<f64, String> {
    let base = Variation::base(Arc::new(parse(scenario)));
    let settings = Settings { belief_points: 5, ..Settings::default() };
    let expression = Expression::parse(text).unwrap();
    let fresh =
        || Runs::new(settings.clone(), Limits::default(), Propagation::default(), &Control::default());
    let (runs, others) = (fresh(), fresh());
    let found = Measures::new(&runs, &base).value(&expression).unwrap();
    // Whoever says what is asked gets the same, whether or not the war had to be followed for it.
    let asked = Measures::asking(&others, &base, &[&expression]).value(&expression).unwrap();
    assert_eq!(found, asked, "{text}");
    match found.0? {
        Value::Number(x) => Ok(x),
        other => panic!("{other:?}"),
    }
}

fn is(text: &str, scenario: &str, expected: f64) {
    let found = value(text, scenario).unwrap_or_else(|reason| panic!("{text}: {reason}"));
    assert!((found - expected).abs() < 1e-9, "{text} is {found}, not {expected}");
}

/// σ(stop) = 1 / (1 + exp(−λ M)).
fn stops(margin: f64) -> f64 {
    1.0 / (1.0 + (-4.0 * margin).exp())
}

const SOFT: f64 = 0.2 - (0.2 - 0.1);
const HARD: f64 = 0.2 - (0.6 - 0.1);

#[test]
fn one_choice_is_a_logit() {
    let (soft, hard) = (stops(SOFT), stops(HARD));
    let public = 0.7 * soft + 0.3 * hard;
    is("margin('north', 'soft')", ONE_CHOICE, SOFT);
    is("margin('north', 'hard')", ONE_CHOICE, HARD);
    is("public", ONE_CHOICE, 0.3 * HARD + 0.7 * SOFT);
    is("action_probability('choice', 'stop', 'soft')", ONE_CHOICE, soft);
    is("action_probability('choice', 'stop')", ONE_CHOICE, public);
    is("ends", ONE_CHOICE, public);
    is("probability_outcome('stopped')", ONE_CHOICE, public);
    is("probability_outcome('ongoing')", ONE_CHOICE, 1.0 - public);
    is("survival(0)", ONE_CHOICE, 1.0);
    is("frequency('choice', 'go')", ONE_CHOICE, 1.0 - public);
    is("expected_duration", ONE_CHOICE, 1.0);
    is("expected_terms", ONE_CHOICE, 0.25);
    is("reached('choice')", ONE_CHOICE, 1.0);
    is("expected('share', 1)", ONE_CHOICE, 0.5);
    is("cost('north')", ONE_CHOICE, 0.1 * (1.0 - public));
    is("cost('south')", ONE_CHOICE, 0.2 * (1.0 - public));
    is("value('north', 'hard')", ONE_CHOICE, hard * 0.2 + (1.0 - hard) * 0.5);
    is("value('south')", ONE_CHOICE, -0.2 * (1.0 - public));
    // ln of σ(go | hard) (1 − b) / ((1 − b) σ(go | soft)): the prior cancels between two types.
    is("belief_shift('choice', 'go', 'hard')", ONE_CHOICE, ((1.0 - hard) / (1.0 - soft)).ln());
    is("belief_shift('choice', 'go', 'soft')", ONE_CHOICE, ((1.0 - soft) / (1.0 - hard)).ln());
    // Bayes' rule.
    is("posterior('choice', 'stop', 'north', 'hard')", ONE_CHOICE, 0.3 * hard / public);
    is("posterior('choice', 'go', 'north', 'soft')", ONE_CHOICE, 0.7 * (1.0 - soft) / (1.0 - public));
    is("posterior('choice', 'go', 'south', 'only')", ONE_CHOICE, 1.0);
}

#[test]
fn cases_change_what_they_say_and_nothing_else() {
    let (soft, hard) = (stops(SOFT), stops(HARD));
    is("dear.margin('north', 'hard')", ONE_CHOICE, HARD + 0.4);
    is("dear.margin_hard - margin_hard", ONE_CHOICE, 0.4);
    is("dear.war_cost + war_cost", ONE_CHOICE, 0.6);
    is("armed.margin_hard", ONE_CHOICE, HARD + 0.15);
    is("really_hard.ends", ONE_CHOICE, hard);
    is("really_hard.action_probability('choice', 'stop')", ONE_CHOICE, 0.7 * soft + 0.3 * hard);
    is("thought_soft.ends", ONE_CHOICE, 0.9 * soft + 0.1 * hard);
    is("must_go.ends", ONE_CHOICE, 0.0);
    is("must_go.expected_duration", ONE_CHOICE, 1.0);
    assert!(value("must_go.expected_terms", ONE_CHOICE).unwrap_err().contains("no war ends on terms"));
    assert!(value("must_go.margin_hard", ONE_CHOICE).unwrap_err().contains("no choice between ending"));
    is(
        "thought_soft.posterior('choice', 'stop', 'north', 'hard')",
        ONE_CHOICE,
        0.1 * hard / (0.9 * soft + 0.1 * hard),
    );
    is("really_hard.posterior('choice', 'stop', 'north', 'hard')", ONE_CHOICE, 1.0);
    let never = value("must_go.posterior('choice', 'stop', 'north', 'hard')", ONE_CHOICE);
    assert!(never.unwrap_err().contains("never chosen"));
    assert!(value("range_width", ONE_CHOICE).unwrap_err().contains("[bargaining]"));
    assert!(value("1 / (ends - ends)", ONE_CHOICE).unwrap_err().contains("divides by zero"));
    assert!(value("no_such.ends", ONE_CHOICE).unwrap_err().contains("no_such"));
    assert!(value("margin('east', 'hard')", ONE_CHOICE).unwrap_err().contains("player `east`"));
}

#[test]
fn uniform_play_has_closed_forms() {
    // An offer comes with probability ½ and is then accepted with probability ½.
    let end = 0.25;
    let on = |n: i32| (1.0f64 - end).powi(n);
    for n in 0..=6 {
        is(&format!("survival({n})"), COIN, on(n));
        is(&format!("probability_end_by({n}, 'settled')"), COIN, 1.0 - on(n));
    }
    is("expected_duration", COIN, (0..6).map(on).sum());
    // Half of the wars are over within ln ½ / ln ¾ = 2.41 weeks; within the third week the curve is taken as a line.
    is("median_duration", COIN, 2.0 + (on(2) - 0.5) / (on(2) - on(3)));
    is("expected('share', 4)", COIN, 4.0 * 0.5 / 6.0);
    is("frequency('talks', 'offer')", COIN, 0.5);
    is("frequency('talks', 'offer(1)')", COIN, 0.25);
    is("frequency('reply', 'accept', 'talks', 'offer')", COIN, 0.5);
    is("frequency('reply', 'accept', 'talks', 'silent')", COIN, 0.0);
    is("frequency('reply', 'accept')", COIN, end);
    is("action_probability('reply', 'accept', 'talks', 'offer')", COIN, 0.5);
    is("action_probability('reply', 'accept', 'talks', 'silent')", COIN, 0.0);
    is("action_probability('reply', 'accept', 'talks', 'offer(1)')", COIN, 0.5);
    is("chance('battle', 'gain')", COIN, 0.5);
    is("cost('north')", COIN, 0.5 * (1.0 - end) * (0..6).map(on).sum::<f64>());
    // Ends in week t at the front reached after t − 1 battles: mean (t − 1) / 12.
    let ended: f64 = (1..=6).map(|t| on(t - 1) * end).sum();
    let terms: f64 = (1..=6).map(|t| on(t - 1) * end * f64::from(t - 1) / 12.0).sum();
    is("expected_terms", COIN, terms / ended);
    // The discounted value: Σ δᵗ (settle now, or pay 0.5 and go on), and the share held at the horizon.
    let north: f64 =
        (0..6).map(|t| 0.9f64.powi(t) * on(t) * (end * f64::from(t) / 12.0 - (1.0 - end) * 0.5)).sum::<f64>()
            + 0.9f64.powi(6) * on(6) * 0.5;
    is("value('north')", COIN, north);
}

fn findings(options: Options) -> Findings {
    analyze(&parse(ONE_CHOICE), &options, &Control::default()).unwrap().findings
}

fn small() -> Options {
    Options { trajectories: 2000, audit: Audit::Ranges(1), ..Options::default() }
}

#[test]
fn levers_are_combined_and_the_cheapest_that_works_is_found() {
    let levers = findings(small()).levers.unwrap();
    assert_eq!(levers.sets.len(), 7);
    let set = |names: &[&str]| levers.sets.iter().find(|s| s.levers == names).unwrap();
    let hard = |names: &[&str]| set(names).outcome.margins[1].margin.unwrap();
    assert!((hard(&["arms"]) - (HARD + 0.15)).abs() < 1e-9);
    assert!((hard(&["prize"]) - (HARD + 0.4)).abs() < 1e-9);
    assert!((hard(&["arms", "prize"]) - (HARD + 0.55)).abs() < 1e-9);
    assert!((hard(&["nothing"]) - HARD).abs() < 1e-12);
    let both = set(&["arms", "prize"]);
    assert!((both.cost - 0.07).abs() < 1e-12 && both.costs.len() == 1);
    assert_eq!(both.costs[0].by.as_deref(), Some("south"));
    assert_eq!(levers.levers[0].changes, vec![("war_cost".into(), 0.1, 0.25)]);
    // Soft stops anyway; hard needs the prize.
    assert_eq!(levers.cheapest[0].levers, Some(vec![]));
    assert_eq!(levers.cheapest[1].levers, Some(vec!["prize".into()]));
    assert!((levers.cheapest[1].margin.unwrap() - (HARD + 0.4)).abs() < 1e-9);
}

#[test]
fn claims_are_judged_and_judged_again() {
    let found = findings(small());
    let claim = |name: &str| found.claims.iter().find(|c| c.name == name).unwrap();
    let first = claim("costs_end_wars");
    assert_eq!(first.verdict, Verdict::Holds);
    assert_eq!(first.source.date.as_deref(), Some("2025-05-16"));
    assert_eq!(first.proposition, "dear.ends > ends");
    assert!((first.shown[2].value.value.unwrap() - 0.4).abs() < 1e-9);
    assert_eq!(first.shown[0].value.how, How::Enumerated);
    assert!(first.shown[0].value.percent);
    assert_eq!(claim("false_one").verdict, Verdict::DoesNotHold);
    assert!(
        matches!(&claim("undefined_one").verdict, Verdict::Undefined { reason } if reason.contains("terms"))
    );
    // Under both precisions, and at both ends of the range of the parameter with the largest effect.
    assert_eq!(first.under.len(), 4, "{:?}", first.under);
    // A claim without cases is judged at the ends of every range.
    assert_eq!(claim("false_one").under.len(), 2 + 2 * 4);
    assert!(claim("false_one").under.iter().all(|u| u.verdict == Verdict::DoesNotHold));
}

/// How close variations come: they are solved to this residual.
const VARIED: f64 = 10.0 * armistice_analyze::AUDIT_RESIDUAL;

#[test]
fn sensitivity_is_what_the_formula_says() {
    let found = findings(small());
    let row = |name: &str| found.sensitivity.tornado.iter().find(|r| r.parameter == name).unwrap();
    let margin = row("stop_value").at_high.margins[1].clone();
    assert!((margin.margin.unwrap() - (HARD + 0.6)).abs() < VARIED);
    assert!((margin.difference.unwrap() - 0.6).abs() < VARIED);
    // Nothing reads this parameter, so nothing may move.
    assert!(row("idle").at_low.measures.iter().all(|m| m.difference == Some(0.0)));
    // The prior moves the public margin through the measure's own formula.
    let public = &row("prior_hard").at_high.measures[2];
    assert!((public.value.unwrap() - (0.9 * HARD + 0.1 * SOFT)).abs() < VARIED);
    let threshold = |parameter: &str, kind: &str| {
        found.sensitivity.thresholds.iter().find(|t| t.parameter == parameter && t.kind == kind)
    };
    let crossing = threshold("stop_value", "hard").unwrap().crossing.value.unwrap();
    assert!((crossing - 0.5).abs() < 1e-6, "{crossing}");
    assert!(threshold("stop_value", "soft").unwrap().crossing.value.unwrap() - 0.1 < 1e-6);
    assert!(threshold("idle", "hard").is_none());
    assert_eq!(found.sensitivity.precision.len(), 6);
    let half = &found.sensitivity.precision[0];
    let expected = 0.7 / (1.0 + (-2.0 * SOFT).exp()) + 0.3 / (1.0 + (-2.0 * HARD).exp());
    assert!((half.outcome.measures[0].value.unwrap() - expected).abs() < VARIED);
    let prior = found.sensitivity.prior.as_ref().unwrap();
    assert_eq!((prior.kind.as_str(), prior.rows.len()), ("hard", 11));
    assert!((prior.rows[10].outcome.measures[0].value.unwrap() - stops(HARD)).abs() < VARIED);
    // The largest change of a headline measure is named first, with its two values.
    let first = &found.answer.changes[0];
    assert_eq!((first.measure.as_str(), first.name.as_str()), ("ends", "stop_value"));
    let headline = &found.answer.measures[1];
    let span = headline.over_ranges.as_ref().unwrap();
    assert!((span.low - (HARD - 0.2)).abs() < VARIED && (span.high - (HARD + 0.6)).abs() < VARIED);
    assert_eq!(span.high_by.as_deref(), Some("stop_value"));
}

#[test]
fn calibration_says_whether_the_model_is_in_the_range() {
    let found = findings(small());
    let public = 0.7 * stops(SOFT) + 0.3 * stops(HARD);
    assert!((found.calibration[0].model.value.unwrap() - public).abs() < 1e-9);
    assert_eq!((found.calibration[0].within, found.calibration[1].within), (Some(true), Some(false)));
}

#[test]
fn what_was_not_asked_for_is_said_to_be_missing() {
    let options = Options {
        levers: false,
        sensitivity: false,
        trajectories: 0,
        audit: Audit::Base,
        ..Options::default()
    };
    let found = findings(options);
    let parts: Vec<&str> = found.missing.iter().map(|m| m.part.as_str()).collect();
    assert_eq!(parts, ["survival.cross_check", "levers", "sensitivity", "claims.under"]);
    assert!(found.missing.iter().all(|m| m.reason == "not asked for"));
    assert!(found.levers.is_none() && found.sensitivity.tornado.is_empty());
}
