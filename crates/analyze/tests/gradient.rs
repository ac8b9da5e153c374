//! Derivatives of measures with respect to every parameter, against central differences of whole runs.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use armistice_analyze::findings::How;
use armistice_analyze::{Gradients, Measures, Propagation, Runs, Spread, Variation, gradient};
use armistice_scenario::{Expression, Limits, Scenario, Value, new_scenario};
use armistice_solve::{Control, Settings};

/// Half the step of a difference, relative to the parameter (to 0.3 where it is smaller).
const STEP: f64 = 1e-6;
/// Relative to the derivative; in addition to an absolute floor, relative to the measure, below which a difference of solutions
/// to a residual of 1e-12 says nothing.
const TOLERANCE: f64 = 1e-5;
const FLOOR: f64 = 1e-6;

fn runs<'a>(points: usize, kept: bool, limit: usize, control: &Control<'a>) -> Runs<'a> {
    let settings = Settings {
        belief_points: points,
        residual: 1e-12,
        kept_logits: if kept { 50_000_000 } else { 0 },
        threads: Some(1),
        ..Settings::default()
    };
    let how = Propagation { spread: Spread::Merge { limit }, ..Propagation::default() };
    Runs::new(settings, Limits::default(), how, control)
}

fn parse(text: &str, horizon: u32) -> Scenario {
    let loaded = armistice_scenario::parse(text, "scenario.toml", Path::new("."));
    let mut scenario = loaded.scenario.unwrap();
    scenario.about.horizon = Some(horizon);
    scenario
}

fn number(measures: &Measures<'_>, text: &str) -> Result<f64, String> {
    match measures.value(&Expression::parse(text).unwrap()).unwrap().0? {
        Value::Number(x) => Ok(x),
        other => panic!("{other:?}"),
    }
}

fn found(scenario: &Scenario, measures: &[&str], points: usize, kept: bool) -> Gradients {
    let control = Control::default();
    let base = Variation::base(Arc::new(scenario.clone()));
    let list: Vec<(String, Expression, Option<String>)> =
        measures.iter().map(|m| ((*m).to_owned(), Expression::parse(m).unwrap(), None)).collect();
    gradient(&runs(points, kept, 1_000_000, &control), &base, &list, &control).unwrap()
}

/// Compares every derivative with a difference; returns the parameters that have none, with the reason.
fn compare(scenario: &Scenario, measures: &[&str], points: usize, kept: bool) -> Vec<(String, String)> {
    let gradients = found(scenario, measures, points, kept);
    assert_eq!(gradients.not_converged, 0);
    assert!(gradients.solves <= gradients.stages * measures.len() as u64);
    let base = Variation::base(Arc::new(scenario.clone()));
    let control = Control::default();
    let same = runs(points, false, 1_000_000, &control);
    let here = Measures::new(&same, &base);
    let mut wrong = Vec::new();
    let mut none: Vec<(String, String)> = Vec::new();
    let mut worst = 0.0f64;
    for (position, parameter) in scenario.parameters.iter().enumerate() {
        let rows: Vec<_> = gradients.derivatives.iter().filter(|d| d.parameter == parameter.name).collect();
        if let Some(row) = rows.iter().find(|row| row.derivative.is_none()) {
            none.push((parameter.name.clone(), row.reason.clone().unwrap()));
            continue;
        }
        let step = STEP * rows[0].at.abs().max(0.3);
        let side = |step: f64| {
            let runs = runs(points, false, 1_000_000, &control);
            let moved = base.with_parameter(position, rows[0].at + step);
            let own = Measures::new(&runs, &moved);
            measures.iter().map(|m| number(&own, m).unwrap()).collect::<Vec<f64>>()
        };
        if rows.iter().any(|row| !row.smooth) {
            none.push((parameter.name.clone(), rows[0].reason.clone().unwrap_or_default()));
            continue;
        }
        let (up, down) = (side(step), side(-step));
        for ((row, measure), (up, down)) in rows.iter().zip(measures).zip(up.iter().zip(&down)) {
            let value = number(&here, measure).unwrap();
            assert!((row.value.unwrap() - value).abs() < 1e-10, "{measure}: {:?} not {value}", row.value);
            let wanted = (up - down) / (2.0 * step);
            let derivative = row.derivative.unwrap();
            let error = (derivative - wanted).abs();
            if wanted.abs() > 0.05 {
                worst = worst.max(error / wanted.abs());
            }
            if error > TOLERANCE * wanted.abs() + FLOOR * value.abs().max(1.0) {
                wrong.push(format!("d {measure} / d {}: {derivative:.9} not {wanted:.9}", parameter.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("worst relative error {worst:.1e}; without a derivative: {none:?}");
    none
}

#[test]
fn two_sided_war_discount_precision_prior_and_costs() {
    let scenario = parse(&new_scenario("two-sided-war").unwrap(), 3);
    let none = compare(
        &scenario,
        &[
            "value('attacker')",
            "value('defender')",
            "margin('attacker', 'strong')",
            "survival(2)",
            "expected_duration",
            "expected_terms",
            "cost('defender') * patience",
        ],
        8,
        true,
    );
    assert_eq!(none, []);
}

#[test]
fn truce_actions_shifts_frequencies_and_medians() {
    let scenario = parse(&new_scenario("truce").unwrap(), 3);
    let none = compare(
        &scenario,
        &[
            "action_probability('talks', 'offer')",
            "action_probability('reply', 'accept', 'maximal')",
            "action_probability('reply', 'accept')",
            "belief_shift('reply', 'accept', 'maximal')",
            "value('attacker', 'limited')",
            "probability_end_by(3)",
            "frequency('order', 'attack')",
            "frequency('order', 'attack', 'ground', 'fortify')",
            "reached('order')",
        ],
        8,
        false,
    );
    assert_eq!(none, []);
}

#[test]
fn three_types() {
    let text = new_scenario("two-sided-war").unwrap().replace(
        "weak = { prior = \"1 - strong_prior\", up = 0.10, down = 0.25 }",
        "weak = { prior = \"0.7 * (1 - strong_prior)\", up = 0.10, down = 0.25 }\n\
         middle = { prior = \"0.3 * (1 - strong_prior)\", up = 0.2, down = 0.15 }",
    );
    assert!(text.contains("middle"));
    let scenario = parse(&text, 2);
    let none = compare(
        &scenario,
        &["value('attacker', 'middle')", "value('defender')", "expected_duration", "survival(2)"],
        6,
        true,
    );
    assert_eq!(none, []);
}

#[test]
fn the_shipped_war() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/russia-ukraine");
    let mut scenario = armistice_scenario::load(&path).scenario.unwrap();
    scenario.about.horizon = Some(2);
    let none = compare(
        &scenario,
        &["value('russia')", "margin('russia', 'limited')", "survival(2)", "cost('ukraine')"],
        4,
        true,
    );
    // What only says whether truces can be offered at all, and nothing else, has no derivative.
    let names: Vec<&str> = none.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["truces"], "{none:?}");
}

#[test]
fn a_prior_on_a_grid_point_is_said_to_have_one_side_only() {
    let scenario = parse(&new_scenario("two-sided-war").unwrap(), 2);
    let gradients = found(&scenario, &["value('defender')"], 5, false);
    for row in &gradients.derivatives {
        assert_eq!(row.smooth, row.parameter != "strong_prior", "{row:?}");
        assert_eq!(row.how, How::Equilibrium);
        assert!(row.derivative.is_some() && row.elasticity.is_some(), "{row:?}");
    }
}

#[test]
fn kinks_are_found_and_structure_that_changes_is_refused() {
    let text = new_scenario("two-sided-war").unwrap();
    let with = |cost: &str| {
        let text = text.replace("value = 0.97,", "value = 0.97, unit = \"per month\",");
        let mut scenario = parse(&text, 2);
        let position = scenario.parameters.iter().position(|p| p.name == "attacker_cost").unwrap();
        let extra = Expression::parse(cost).unwrap();
        let mut derived = scenario.parameters[position].clone();
        "knob".clone_into(&mut derived.name);
        derived.value = Expression::number(0.05);
        scenario.parameters[position].value = extra;
        scenario.parameters.push(derived);
        found(&scenario, &["value('attacker')"], 5, false)
    };
    let knob =
        |gradients: &Gradients| gradients.derivatives.iter().find(|d| d.parameter == "knob").unwrap().clone();
    let smooth = knob(&with("knob ^ 2 * 20"));
    assert!(smooth.smooth && smooth.derivative.unwrap() < 0.0, "{smooth:?}");
    let kink = knob(&with("max(knob, 0.05)"));
    assert!(!kink.smooth && kink.reason.as_ref().unwrap().contains("kink"), "{kink:?}");
    // To the right the larger one is the knob itself.
    let plain = knob(&with("knob"));
    assert!((kink.derivative.unwrap() - plain.derivative.unwrap()).abs() < 1e-6, "{kink:?} {plain:?}");
    let flat = knob(&with("0.05 + floor(knob)"));
    assert!(flat.smooth && flat.derivative.unwrap().abs() < 1e-12, "{flat:?}");
}

#[test]
fn cases_observables_and_types_that_are_given() {
    let scenario = parse(&new_scenario("truce").unwrap(), 4);
    let measures = [
        "expected_duration - no_truce.expected_duration",
        "no_truce.value('defender') / (1 + push)",
        "if survival(1) > 0 then survival(4) else 0",
    ];
    assert_eq!(compare(&scenario, &measures, 8, true), []);
    let scenario = parse(&new_scenario("two-sided-war").unwrap(), 3);
    assert_eq!(compare(&scenario, &["expected('share', 2)", "probability_outcome('ongoing')"], 8, true), []);
}

#[test]
fn merged_beliefs_and_undefined_measures_are_said() {
    let scenario = parse(&new_scenario("two-sided-war").unwrap(), 3);
    let control = Control::default();
    let base = Variation::base(Arc::new(scenario));
    let list: Vec<(String, Expression, Option<String>)> =
        ["expected_duration", "range_width", "survival(1) / 0"]
            .iter()
            .map(|m| ((*m).to_owned(), Expression::parse(m).unwrap(), Some("months".to_owned())))
            .collect();
    let merged = gradient(&runs(5, true, 20, &control), &base, &list, &control).unwrap();
    let exact = gradient(&runs(5, true, 1_000_000, &control), &base, &list, &control).unwrap();
    for (row, exact) in merged.derivatives.iter().zip(&exact.derivatives) {
        if row.measure != "expected_duration" {
            assert!(row.derivative.is_none() && row.reason.is_some() && !row.smooth, "{row:?}");
            continue;
        }
        assert_eq!((row.how, exact.how), (How::Propagated, How::Enumerated));
        assert!(!row.smooth && row.reason.as_ref().unwrap().contains("merged"), "{row:?}");
        assert!(row.unit.as_ref().unwrap().starts_with("months"), "{row:?}");
        // Merging is an approximation of the measure, and its derivative one of the derivative.
        let (near, truth) = (row.derivative.unwrap(), exact.derivative.unwrap());
        assert!((near - truth).abs() < 0.02 * truth.abs() + 1e-3, "{} {near} {truth}", row.parameter);
    }
    let stopped = Control::default();
    stopped.cancel.cancel();
    assert!(gradient(&runs(5, true, 20, &stopped), &base, &list, &stopped).is_err());
}

#[test]
fn threads_change_no_bit() {
    let scenario = parse(&new_scenario("truce").unwrap(), 4);
    let list = ["survival(3)", "value('attacker')"];
    let pool = |threads| rayon_pool(threads, || found(&scenario, &list, 5, true));
    assert_eq!(pool(1), pool(3));
}

fn rayon_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}
