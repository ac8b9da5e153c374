//! The crisis-signaling game, against `../shared/reference/estimation`, and on games with several equilibria.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use armistice_fit::signaling::{Payoffs, Selection};
use armistice_fit::{Fitted, Kind, Method, Objective, Request, SignalingKind, Status, Table, estimate};
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

fn reference(name: &str) -> Option<Value> {
    let text = std::fs::read(shared()?.join("reference/estimation").join(name)).unwrap();
    Some(serde_json::from_slice(&text).unwrap())
}

const SANCTIONS: &str = "sq + cd + sf + bd ~ sqrt(senderecondep) + senderdemocracy + contig + ally - 1 | anticipatedsendercosts \
     | sqrt(targetecondep) + anticipatedtargetcosts + contig + ally | sqrt(senderecondep) + senderdemocracy + lncaprat \
     | targetdemocracy + lncaprat | senderdemocracy | -1";

fn sanctions(method: Method, beliefs: bool, starts: usize) -> Option<Fitted> {
    let table = std::fs::read(shared()?.join("data/estimation/sanctionsData.csv")).unwrap();
    let table = Table::from_csv(&table).unwrap();
    let beliefs = beliefs.then(|| ["PRhat".to_owned(), "PFhat".to_owned()]);
    let kind = Kind::Signaling(SignalingKind { method, selection: Selection::Likeliest, beliefs });
    let request = Request { starts, spread: 1.0, ..Request::new(kind, SANCTIONS) };
    Some(estimate(&request, &table, &Control::default()).unwrap())
}

#[test]
fn every_equilibrium_of_the_published_grid_is_found() {
    let Some(reference) = reference("sigint_generate_eq_constants.json") else { return };
    let number = |v: &Value, key: &str| v[key].as_f64().unwrap();
    for (row, theta) in reference["theta"].as_array().unwrap().iter().enumerate() {
        let [va, wa, wb, a, vb] = ["VA", "barWA", "barWB", "bara", "VB"].map(|key| number(theta, key));
        let found = Payoffs([0.0, va, 0.0, wa, wb, a, vb]).equilibria();
        let listed = reference["predicted"].as_array().unwrap().iter();
        let published: Vec<&Value> = listed.filter(|p| number(p, "Row") == (row + 1) as f64).collect();
        assert_eq!(found.len(), published.len(), "row {row}");
        for (ours, theirs) in found.iter().zip(published) {
            assert!((ours.resist - number(theirs, "pr")).abs() < 1e-8, "{ours:?} {theirs}");
            assert!((ours.challenge - number(theirs, "pc")).abs() < 1e-8, "{ours:?} {theirs}");
            assert!((ours.fight - number(theirs, "pf")).abs() < 1e-8, "{ours:?} {theirs}");
            assert!(ours.residual.abs() < 1e-12, "{ours:?}");
        }
    }
}

#[test]
fn probabilities_of_an_equilibrium_add_up() {
    for payoffs in [
        [0.0, 1.0, 0.0, -1.9, -2.9, -1.2, 1.0],
        [0.3, 0.1, -2.0, 0.5, 0.1, -0.5, 0.0],
        [0.0, 3.0, 1.0, -4.0, -1.0, -2.0, 2.0],
    ] {
        let found = Payoffs(payoffs).equilibria();
        assert!(found.len() % 2 == 1, "{payoffs:?}: {} equilibria", found.len());
        for e in found {
            let sum: f64 = e.log_probabilities().iter().map(|l| l.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-13, "{payoffs:?}: {sum}");
        }
    }
}

#[test]
fn pairs_of_equilibria_near_a_fold_are_found() {
    // Between −2.75 and −2.7 two of three equilibria meet and vanish: right up to the fold none is missed.
    let count = |wb: f64| Payoffs([0.0, 1.0, 0.0, -1.9, wb, -1.2, 1.0]).equilibria().len();
    let (mut three, mut one) = (-2.75, -2.7);
    assert_eq!((count(three), count(one)), (3, 1));
    for _ in 0..40 {
        let middle = 0.5 * (three + one);
        if count(middle) == 3 { three = middle } else { one = middle }
    }
    let distance = |wb: f64| {
        let found = Payoffs([0.0, 1.0, 0.0, -1.9, wb, -1.2, 1.0]).equilibria();
        found[1].resist - found[0].resist
    };
    // Distances shrink like the square root of the distance to the fold.
    assert!(distance(three) < 1e-3, "{}", distance(three));
}

#[test]
fn nested_pseudo_likelihood_of_sanctions() {
    let Some(reference) = reference("sigint_npl_from_phat_rf.json") else { return };
    let mut points = Vec::new();
    for beliefs in [true, false] {
        let fitted = sanctions(Method::Nested, beliefs, 1).unwrap();
        let found = &fitted.estimates;
        assert_eq!((found.status, found.observations), (Status::Converged, 418));
        assert!(
            (found.log_likelihood - reference["loglik"].as_f64().unwrap()).abs() < 1e-6,
            "{}",
            found.log_likelihood
        );
        for c in &found.coefficients {
            let error = reference["se"][&c.name].as_f64().unwrap();
            let off = (c.estimate - reference["coef"][&c.name].as_f64().unwrap()).abs() / error;
            assert!(off < 1e-4, "{}: off by {off} standard errors", c.name);
        }
        points.push(fitted.maximum.point);
    }
    for (a, b) in points[0].iter().zip(&points[1]) {
        assert!((a - b).abs() < 1e-5, "first beliefs matter: {a} {b}");
    }
}

#[test]
fn full_likelihood_of_sanctions_from_twenty_starts() {
    let Some(reference) = reference("sigint_cmle_profile_ml.json") else { return };
    let published = &reference["from_stored_cmle"];
    // The first starting point is the same for every seed; twenty more are drawn.
    let fitted = sanctions(Method::Full, false, 21).unwrap();
    let found = &fitted.estimates;
    assert_eq!(found.status, Status::Converged);
    assert!(
        (found.log_likelihood - published["loglik"].as_f64().unwrap()).abs() < 1e-6,
        "{}",
        found.log_likelihood
    );
    assert!(found.optima[0].starts >= 19, "{} of 21", found.optima[0].starts);
    let theta = published["theta"].as_array().unwrap();
    for (at, c) in found.coefficients.iter().enumerate() {
        let off = (c.estimate - theta[at].as_f64().unwrap()).abs() / c.standard_error.unwrap();
        assert!(off < 1e-4, "{}: off by {off} standard errors", c.name);
        assert_eq!(reference["names"][at], c.name);
    }
    let there = found.multiplicity.as_ref().unwrap();
    assert_eq!(there.counts, [(1, 418)]);
    assert!(there.residual < 1e-12);
    // Derivatives through the equilibrium are those of the likelihood.
    let (likelihood, point) = (fitted.likelihood(), &fitted.maximum.point);
    let at = likelihood.evaluate(&point.iter().map(|x| x + 0.01).collect::<Vec<_>>()).unwrap();
    for j in 0..point.len() {
        let value = |h: f64| {
            let moved: Vec<f64> =
                point.iter().enumerate().map(|(i, x)| x + 0.01 + if i == j { h } else { 0.0 }).collect();
            likelihood.evaluate(&moved).unwrap()
        };
        let (up, down) = (value(1e-5), value(-1e-5));
        let slope = (up.value - down.value) / 2e-5;
        assert!(
            (slope - at.gradient[j]).abs() < 1e-4 * (1.0 + slope.abs()),
            "{j}: {slope} {}",
            at.gradient[j]
        );
        let curve = (up.gradient[j] - down.gradient[j]) / 2e-5;
        assert!((curve - at.hessian.at(j, j)).abs() < 1e-4 * (1.0 + curve.abs()), "{j}: {curve}");
    }
}
