//! The crisis-signaling game, against `../shared/reference/estimation`, and on games with several equilibria.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use armistice_fit::signaling::{Payoffs, Selection};
use armistice_fit::{
    Column, Covariance, Fitted, Kind, Method, Objective, Request, SignalingKind, Status, Table, estimate,
};
use armistice_solve::Control;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
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

/// Games drawn from the equilibrium of each row: `rows` of `games` each, with payoffs that may depend on `cost` and `power`.
fn drawn(payoffs: impl Fn(f64, f64) -> [f64; 7], rows: usize, games: usize, seed: u64) -> Table {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut columns = vec![Vec::new(); 6];
    for _ in 0..rows {
        let (cost, power) = (random.random::<f64>(), 2.0 * random.random::<f64>() - 1.0);
        let found = Payoffs(payoffs(cost, power)).equilibria();
        assert_eq!(found.len(), 1);
        let shares = found[0].log_probabilities().map(f64::exp);
        let mut counts = [0.0; 4];
        for _ in 0..games {
            let mut left: f64 = random.random();
            let ending = shares.iter().position(|share| {
                left -= share;
                left < 0.0
            });
            counts[ending.unwrap_or(3)] += 1.0;
        }
        let cells = counts.into_iter().chain([cost, power]);
        columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
    }
    let names = ["sq", "cd", "sf", "bd", "cost", "power"].map(str::to_owned);
    Table::from_columns(names.into_iter().zip(columns.into_iter().map(Column::Numbers)).collect()).unwrap()
}

fn fitted(table: &Table, formula: &str, method: Method) -> Fitted {
    let kind = Kind::Signaling(SignalingKind { method, selection: Selection::Likeliest, beliefs: None });
    let request = Request { starts: 1, ..Request::new(kind, formula) };
    estimate(&request, table, &Control::default()).unwrap()
}

/// Over samples and for each coefficient: the deviation of its estimates, the mean of its standard errors, the mean of those that take beliefs as known, and the
/// share of intervals of 90 percent that cover the truth.
fn over_samples(tables: &[Table], formula: &str, method: Method, truth: &[f64]) -> Vec<[f64; 4]> {
    let fits: Vec<Fitted> = tables.par_iter().map(|table| fitted(table, formula, method)).collect();
    let n = fits.len() as f64;
    let one = |(at, truth): (usize, &f64)| {
        let of = |pick: &dyn Fn(&Fitted) -> f64| fits.iter().map(pick).sum::<f64>() / n;
        let estimate = |f: &Fitted| f.estimates.coefficients[at].estimate;
        let error = |f: &Fitted| f.estimates.coefficients[at].standard_error.unwrap();
        let mean = of(&estimate);
        let deviation = (of(&|f| (estimate(f) - mean).powi(2)) * n / (n - 1.0)).sqrt();
        let known = of(&|f| {
            let mut negative = f.maximum.at.as_ref().unwrap().hessian.clone();
            negative.entries.iter_mut().for_each(|x| *x = -*x);
            negative.inverse().unwrap().at(at, at).sqrt()
        });
        let covered = of(&|f| f64::from(u8::from((estimate(f) - truth).abs() < 1.644_854 * error(f))));
        [deviation, of(&error), known, covered]
    };
    truth.iter().enumerate().map(one).collect()
}

#[test]
fn errors_of_nested_estimates_are_those_of_samples() {
    let tables: Vec<Table> = (0..120)
        .map(|seed| drawn(|cost, power| [0.0, 1.0, -1.2 * cost, 0.3 * power, -1.0, -1.0, 0.0], 80, 40, seed))
        .collect();
    let (formula, truth) =
        ("sq + cd + sf + bd ~ 0 | 1 | cost - 1 | power - 1 | 1 | 1 | 0", [1.0, -1.2, 0.3, -1.0, -1.0]);
    let nested = over_samples(&tables, formula, Method::Nested, &truth);
    let full = over_samples(&tables, formula, Method::Full, &truth);
    for (nested, full) in nested.iter().zip(&full) {
        let [deviation, error, ..] = *nested;
        // A deviation of 120 draws is known to 6.5 percent.
        assert!((deviation / error - 1.0).abs() < 0.2, "{nested:?}");
        assert!(nested[3] > 0.81 && nested[3] < 0.98, "{nested:?}");
        // No estimate is more precise than that of the whole likelihood.
        assert!(error > 0.98 * full[1], "{nested:?} {full:?}");
    }
    // Errors that take beliefs as known are wrong, by more than chance, for some coefficient.
    assert!(
        nested.iter().any(|[deviation, _, known, _]| (deviation / known - 1.0).abs() > 0.3),
        "{nested:?}"
    );
}

#[test]
fn errors_of_first_beliefs_are_counted() {
    let tables: Vec<Table> =
        (0..120).map(|seed| drawn(|_, _| [0.0, 0.0, 0.2, -0.8, 0.0, -0.6, 0.0], 60, 25, seed)).collect();
    let formula = "sq + cd + sf + bd ~ 0 | 0 | 1 | 1 | 0 | 1 | 0";
    let pseudo = over_samples(&tables, formula, Method::Pseudo, &[0.2, -0.8, -0.6]);
    for one in &pseudo {
        assert!((one[0] / one[1] - 1.0).abs() < 0.2, "{one:?}");
        assert!(one[3] > 0.81 && one[3] < 0.98, "{one:?}");
    }
    assert!(
        pseudo.iter().any(|[deviation, _, known, _]| (deviation / known - 1.0).abs() > 0.2),
        "{pseudo:?}"
    );
}

#[test]
fn consistent_beliefs_that_fit_exactly_are_those_of_full_likelihood() {
    // As many coefficients as probabilities: both estimators find the same point, and must find the same errors.
    let table = drawn(|_, _| [0.0, 0.0, 0.2, -0.8, 0.0, -0.6, 0.0], 1, 5000, 3);
    let formula = "sq + cd + sf + bd ~ 0 | 0 | 1 | 1 | 0 | 1 | 0";
    let [nested, full] = [Method::Nested, Method::Full].map(|method| fitted(&table, formula, method));
    for (a, b) in nested.estimates.coefficients.iter().zip(&full.estimates.coefficients) {
        assert!((a.estimate - b.estimate).abs() < 1e-7, "{}: {} {}", a.name, a.estimate, b.estimate);
        let ratio = a.standard_error.unwrap() / b.standard_error.unwrap();
        assert!((ratio - 1.0).abs() < 1e-6, "{}: {ratio}", a.name);
    }
}

#[test]
fn bootstrap_replicates_find_their_own_beliefs() {
    let table = drawn(|cost, power| [0.0, 1.0, -1.2 * cost, 0.3 * power, -1.0, -1.0, 0.0], 150, 40, 7);
    let formula = "sq + cd + sf + bd ~ 0 | 1 | cost - 1 | power - 1 | 1 | 1 | 0";
    let kind = Kind::Signaling(SignalingKind {
        method: Method::Nested,
        selection: Selection::Likeliest,
        beliefs: None,
    });
    let plain = Request { starts: 1, ..Request::new(kind, formula) };
    let drawn = Request { covariance: Covariance::Bootstrap, bootstrap: 150, ..plain.clone() };
    let [plain, drawn] = [plain, drawn].map(|r| estimate(&r, &table, &Control::default()).unwrap());
    for (a, b) in plain.estimates.coefficients.iter().zip(&drawn.estimates.coefficients) {
        let ratio = b.standard_error.unwrap() / a.standard_error.unwrap();
        assert!((ratio - 1.0).abs() < 0.3, "{}: {ratio}", a.name);
    }
}
