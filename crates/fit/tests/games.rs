//! The published fits of strategic and ultimatum models, against `../shared/reference/estimation`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use armistice_fit::{
    Errors, Fitted, Kind, Link, Objective, Request, Status, Stopping, StrategicKind, Table, Tree,
    UltimatumKind, estimate, maximize,
};
use armistice_solve::Control;
use serde_json::Value;

fn shared() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.join("reference/estimation").is_dir() {
        println!("SKIPPED: ../shared/reference/estimation is not there");
        eprintln!("SKIPPED: ../shared/reference/estimation is not there");
        return None;
    }
    Some(shared)
}

fn strategic(tree: Tree, link: Link, errors: Errors, outcomes: Option<[&str; 3]>) -> Kind {
    let outcomes = outcomes.map(|o| o.map(str::to_owned).to_vec());
    Kind::Strategic(StrategicKind { link, errors, outcomes, ..StrategicKind::new(tree) })
}

/// Fits, and compares with the published numbers.
fn reproduce(name: &str, kind: Kind, formula: &str) -> Option<Fitted> {
    let shared = shared()?;
    let text = std::fs::read(shared.join(format!("reference/estimation/games_{name}.json"))).unwrap();
    let reference: Value = serde_json::from_slice(&text).unwrap();
    let data = shared.join("data/estimation").join(reference["data_file"].as_str().unwrap());
    let table = Table::from_csv(&std::fs::read(data).unwrap()).unwrap();
    let fitted = estimate(&Request::new(kind, formula), &table, &Control::default()).unwrap();
    let found = &fitted.estimates;

    assert_eq!(found.status, Status::Converged);
    assert_eq!(found.observations as u64, reference["n"].as_u64().unwrap());
    let free = reference["fixed"].as_object().unwrap();
    let names: Vec<&str> =
        found.coefficients.iter().map(|c| c.name.as_str()).filter(|n| free[*n] == false).collect();
    assert_eq!(names.len() as u64, reference["k_free"].as_u64().unwrap(), "{names:?}");
    assert_eq!(names.len(), found.coefficients.len());

    // At the published coefficients the likelihood is the published one: the models are the same.
    let published = reference["loglik"].as_f64().unwrap();
    let point: Vec<f64> =
        found.coefficients.iter().map(|c| reference["coef"][&c.name].as_f64().unwrap()).collect();
    let there = fitted.likelihood().evaluate(&point).unwrap();
    assert!((there.value - published).abs() < 1e-6, "{name}: {} {published}", there.value);

    // The maximum is at least as high. Where the published fit stopped short of it by δ, its coefficients are off by up to √(2δ) standard errors.
    let short = found.log_likelihood - there.value;
    assert!(short > -1e-9, "{name}: {} is below {published}", found.log_likelihood);
    assert!(short < 2e-5, "{name}: {} is not the published maximum {published}", found.log_likelihood);
    let tolerance = 1e-4 + (2.0 * short).sqrt();
    for c in &found.coefficients {
        let error = reference["se"][&c.name].as_f64().unwrap();
        let off = (c.estimate - reference["coef"][&c.name].as_f64().unwrap()).abs() / error;
        assert!(off < tolerance, "{name} {}: off by {off} standard errors of {tolerance}", c.name);
        let ours = c.standard_error.unwrap();
        // Published errors come from a Hessian of numerical differences, at that point.
        assert!((ours / error - 1.0).abs() < 0.01 + tolerance, "{name} {}: error {ours} {error}", c.name);
    }
    Some(fitted)
}

const WAR_1800: &str = "esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2";

#[test]
fn war_1800_probit() {
    let kind = strategic(Tree::Egame12, Link::Probit, Errors::Agent, None);
    let Some(fitted) = reproduce("egame12_war1800_probit", kind, WAR_1800) else { return };
    let found = &fitted.estimates;
    assert_eq!((found.rows, found.dropped.iter().map(|d| d.1).sum::<usize>()), (313, 31));
    let outcomes: Vec<(&str, f64)> = found.outcomes.iter().map(|o| (o.name.as_str(), o.count)).collect();
    assert_eq!(outcomes, [("~esc", 124.0), ("esc,~war", 83.0), ("esc,war", 75.0)]);
    // A concave-looking likelihood: every starting point leads to the same maximum.
    assert_eq!((found.optima.len(), found.optima[0].starts), (1, 5));
}

#[test]
fn war_1800_logit() {
    let kind = strategic(Tree::Egame12, Link::Logit, Errors::Agent, None);
    reproduce("egame12_war1800_logit", kind, WAR_1800);
}

#[test]
fn war_1800_private_information() {
    let kind = strategic(Tree::Egame12, Link::Probit, Errors::Private, None);
    reproduce("egame12_war1800_private", kind, WAR_1800);
}

#[test]
fn speculative_attacks() {
    let outcomes = Some(["no attack", "devaluation", "defense"]);
    let kind = strategic(Tree::Egame12, Link::Probit, Errors::Private, outcomes);
    let formula = "outcome ~ capcont + lreserves + overval + creditgrow + USinterest + service + contagion + prioratt - 1 \
                   | 1 | 1 | unifgov + lexports + preelec + postelec + rightgov + realinterest + capcont + lreserves";
    reproduce("egame12_leblang2003_full", kind, formula);
}

#[test]
fn two_players_four_endings() {
    let kind = strategic(Tree::Egame122, Link::Probit, Errors::Agent, None);
    reproduce("egame122_data122", kind, "y ~ x1 + x2 | x3 + f1 | 0 | x4 + x5 | z1 + z2 | z3 + f2");
}

#[test]
fn three_players() {
    let kind = strategic(Tree::Egame123, Link::Probit, Errors::Private, None);
    reproduce("egame123_data123_private", kind, "y ~ x1 + x2 | 0 | x3 | x4 + x5 | 0 | x6 | x7 | x8");
}

#[test]
fn ultimatum() {
    let kind = Kind::Ultimatum(UltimatumKind { range: [0.0, 15.0], s1: None, s2: None, floor: 0.0 });
    let formula = "offer + accept ~ x1 + x2 + x3 + x4 + w1 + w2 | z1 + z2 + z3 + z4 + w1 + w2";
    reproduce("ultimatum_datault_both", kind, formula);
}

#[test]
fn ultimatum_with_a_known_scale() {
    // The published fit counts probabilities below the machine's ε as ε; offers of nothing that were accepted are such.
    let Some(shared) = shared() else { return };
    let text =
        std::fs::read(shared.join("reference/estimation/games_ultimatum_student_offers.json")).unwrap();
    let reference: Value = serde_json::from_slice(&text).unwrap();
    let table = Table::from_csv(&std::fs::read(shared.join("data/estimation/student_offers.csv")).unwrap());
    let fit = |floor| {
        let kind = Kind::Ultimatum(UltimatumKind { range: [0.0, 100.0], s1: None, s2: Some(1.0), floor });
        let request = Request::new(kind, "offer + accept ~ gender1 | gender2");
        estimate(&request, table.as_ref().unwrap(), &Control::default()).unwrap()
    };
    let floored = fit(f64::EPSILON);
    let names = floored.estimates.coefficients.iter().map(|c| &c.name);
    let published: Vec<f64> = names.map(|n| reference["coef"][n].as_f64().unwrap()).collect();
    // At the published point that likelihood has the published value. The point is no maximum of it, though: its gradient does not vanish.
    let local = maximize(&floored.likelihood(), &published, &Stopping { decrement: 1e-3, evaluations: 1 });
    assert!((local.value() - reference["loglik"].as_f64().unwrap()).abs() < 1e-6, "{}", local.value());
    assert!(local.decrement > 0.5, "{}", local.decrement);
    assert!(floored.estimates.log_likelihood > local.value() + 100.0);
    // The exact likelihood has its maximum elsewhere.
    let exact = fit(0.0);
    assert!((exact.estimates.log_likelihood - -696.809_148_712).abs() < 1e-6);
    assert!(exact.likelihood().evaluate(&local.point).unwrap().value < exact.estimates.log_likelihood - 1.0);
}
