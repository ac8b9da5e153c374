//! Designs over a scenario: what points change, and points from files.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "common/scenarios.rs"]
mod scenarios;

use std::sync::Arc;

use armistice_analyze::design::{
    Changes, Design, DesignError, Factor, Levels, Sampling, Subject, read_points,
};
use armistice_analyze::{Measures, Propagation, Runs, Variation};
use armistice_scenario::{Change, Limits, Scenario};
use armistice_solve::{Control, Settings};
use scenarios::{ONE_CHOICE, parse};

fn changes(scenario: &Scenario, design: &Design) -> Result<Changes, DesignError> {
    let compiled = scenario.compile(&Change::default(), &Limits::default()).unwrap();
    Changes::new(design, scenario, &compiled)
}

fn factor(subject: Subject, levels: Levels) -> Factor {
    Factor { subject, levels }
}

fn parameter(name: &str) -> Factor {
    factor(Subject::Parameter(name.into()), Levels::Range { low: 0.0, high: 1.0 })
}

#[test]
fn a_point_changes_what_its_factors_say() {
    let scenario = parse(ONE_CHOICE);
    let prior = Subject::Prior { player: "north".into(), kind: "hard".into() };
    let design = Design {
        factors: vec![
            parameter("stop_value"),
            factor(Subject::Lever("prize".into()), Levels::Switch),
            factor(Subject::Case, Levels::Cases(vec!["base".into(), "dear".into()])),
            factor(prior, Levels::Range { low: 0.0, high: 1.0 }),
            factor(Subject::Precision, Levels::Numbers(vec![1.0, 2.0])),
        ],
        sampling: Sampling::Grid { levels: 2 },
    };
    let changes = changes(&scenario, &design).unwrap();
    let base = Variation::base(Arc::new(scenario));
    let runs = Runs::new(
        Settings { belief_points: 3, ..Settings::default() },
        Limits::default(),
        Propagation::default(),
        &Control::default(),
    );
    // The margin of the hard type and the probability that the war ends.
    let at = |point: &[f64]| {
        let variation = changes.variation(&base, point);
        let run = runs.get(&variation).unwrap();
        let measures = Measures::new(&runs, &variation);
        let scenario = variation.scenario();
        let ends = measures.number(&scenario.measures[0].value).unwrap().value.unwrap();
        assert!(ends > 0.0);
        let margin = run.margins(armistice_game::PlayerId::new(0))[1].clone().unwrap().margin();
        (margin, ends)
    };
    // Stopping is worth 0.3 (0.7 with the lever); going on 0.6 − 0.1 to the hard type (0.6 − 0.5 in the dear case).
    let margin = |point: &[f64]| at(point).0;
    assert!((margin(&[0.3, 0.0, 0.0, 0.5, 1.0]) + 0.2).abs() < 1e-9);
    assert!((margin(&[0.3, 1.0, 0.0, 0.5, 1.0]) - 0.2).abs() < 1e-9);
    assert!((margin(&[0.3, 0.0, 1.0, 0.5, 1.0]) - 0.2).abs() < 1e-9);
    // The war ends with the probability that the believed mixture of types stops: σ = 1 / (1 + exp(−λ margin)).
    let logit = |x: f64| 1.0 / (1.0 + (-x).exp());
    let mixture = |p: f64, lambda: f64| p * logit(lambda * -0.2) + (1.0 - p) * logit(lambda * 0.2);
    for (prior, scale) in [(0.0, 1.0), (0.5, 1.0), (0.25, 2.0), (1.0, 1.0)] {
        let (_, ends) = at(&[0.3, 0.0, 0.0, prior, scale]);
        assert!((ends - mixture(prior, 4.0 * scale)).abs() < 1e-9, "{prior} {scale}: {ends}");
    }
}

#[test]
fn names_and_values_that_are_not_there_are_refused() {
    let scenario = parse(ONE_CHOICE);
    let refuse = |factors: Vec<Factor>| {
        changes(&scenario, &Design { factors, sampling: Sampling::Grid { levels: 2 } }).unwrap_err()
    };
    assert!(matches!(refuse(vec![parameter("stop")]), DesignError::Unknown { kind: "parameter", .. }));
    let lever = factor(Subject::Lever("tanks".into()), Levels::Switch);
    assert!(matches!(refuse(vec![lever]), DesignError::Unknown { kind: "lever", .. }));
    let case = factor(Subject::Case, Levels::Cases(vec!["cheap".into()]));
    let DesignError::Unknown { known, .. } = refuse(vec![case]) else { panic!("another error") };
    assert!(known.contains(&"dear".to_owned()) && known.contains(&"base".to_owned()));
    let prior = |kind: &str, high: f64| {
        let subject = Subject::Prior { player: "north".into(), kind: kind.into() };
        factor(subject, Levels::Range { low: 0.0, high })
    };
    assert!(matches!(refuse(vec![prior("hard", 1.5)]), DesignError::Levels { .. }));
    assert!(matches!(refuse(vec![prior("hard", 1.0), prior("soft", 1.0)]), DesignError::Levels { .. }));
    let precision = factor(Subject::Precision, Levels::Range { low: 0.0, high: 2.0 });
    assert!(matches!(refuse(vec![precision]), DesignError::Levels { .. }));
}

#[test]
fn points_come_from_files() {
    let scenario = parse(ONE_CHOICE);
    let text = "point,war_cost,lever_arms,case,prior_north_hard,precision_scale\n\
                7,0.1,true,dear,0.5,1\n\
                8,0.9,0,base,0.25,2\n";
    let design = read_points(&scenario, text.as_bytes()).unwrap();
    assert_eq!(design.generate().unwrap(), [[0.1, 1.0, 0.0, 0.5, 1.0], [0.9, 0.0, 1.0, 0.25, 2.0]]);
    assert_eq!(design.factors[2].levels, Levels::Cases(vec!["dear".into(), "base".into()]));
    changes(&scenario, &design).unwrap();

    let wrong = |text: &str| read_points(&scenario, text.as_bytes()).unwrap_err().to_string();
    assert!(wrong("war_cots\n1\n").contains("war_cots"));
    assert!(wrong("war_cost\n1\nx\n").contains("line 3"), "{}", wrong("war_cost\n1\nx\n"));
    assert!(wrong("war_cost,lever_arms\n1\n").contains("line 2"));
    assert!(wrong("lever_arms\n2\n").contains("lever_arms"));
    assert!(wrong("war_cost\ninf\n").contains("inf"));
    let none = read_points(&scenario, "war_cost\n".as_bytes()).unwrap();
    assert!(matches!(none.generate(), Err(DesignError::Size { .. })));
}
