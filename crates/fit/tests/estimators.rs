//! Estimators on data of known origin: recovery, errors, bootstrap, predictions, effects, comparisons, refusals.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use armistice_fit::special::{logistic, normal};
use armistice_fit::{
    Column, Covariance, Errors, FitError, Fitted, Kind, Link, Profile, Request, Status, StrategicKind, Table,
    Tree, UltimatumKind, compare, effects, estimate, predict,
};
use armistice_solve::Control;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Crises in which u1(status quo) = 0.3 x, u1(war) = −0.5 + z, u2(war) = 0.2 + 0.8 w, with agent errors of scale `sigma`.
fn crises(n: usize, sigma: f64) -> Table {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); 5];
    let mut groups = Vec::new();
    for i in 0..n {
        let [x, z, w]: [f64; 3] = std::array::from_fn(|_| 2.0 * random.random::<f64>() - 1.0);
        let spread = sigma * std::f64::consts::SQRT_2;
        let war = normal((0.2 + 0.8 * w) / spread);
        let challenge = normal((war * (z - 0.5) - 0.3 * x) / spread);
        let (a, b) = (random.random::<f64>() < challenge, random.random::<f64>() < war);
        let row = [f64::from(u8::from(a)), f64::from(u8::from(a && b)), x, z, w];
        columns.iter_mut().zip(row).for_each(|(c, v)| c.push(v));
        groups.push(Some(format!("g{}", i % 40)));
    }
    let names = ["a", "b", "x", "z", "w"].map(str::to_owned);
    let mut all: Vec<(String, Column)> =
        names.into_iter().zip(columns.into_iter().map(Column::Numbers)).collect();
    all.push(("g".to_owned(), Column::Words(groups)));
    Table::from_columns(all).unwrap()
}

const FORMULA: &str = "a + b ~ x - 1 | 0 | z | w";

fn kind() -> StrategicKind {
    StrategicKind::new(Tree::Egame12)
}

fn fit(table: &Table, request: &Request) -> Fitted {
    estimate(request, table, &Control::default()).unwrap()
}

fn problems(table: &Table, request: &Request) -> Vec<String> {
    match estimate(request, table, &Control::default()) {
        Err(FitError::Invalid(problems)) => problems.into_iter().map(|p| p.what).collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("accepted"),
    }
}

#[test]
fn what_was_put_in_comes_out() {
    let fitted = fit(&crises(8000, 1.0), &Request::new(Kind::Strategic(kind()), FORMULA));
    for (c, truth) in fitted.estimates.coefficients.iter().zip([0.3, -0.5, 1.0, 0.2, 0.8]) {
        let off = (c.estimate - truth) / c.standard_error.unwrap();
        assert!(off.abs() < 3.5, "{}: {} for {truth}", c.name, c.estimate);
    }
}

#[test]
fn known_utilities_leave_the_scale() {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let (sigma, mut a, mut b) = (0.6, Vec::new(), Vec::new());
    let spread = sigma * std::f64::consts::SQRT_2;
    let war = normal(0.5 / spread);
    for _ in 0..20_000 {
        let challenge = random.random::<f64>() < normal((war - 0.2 - (1.0 - war) * 0.3) / spread);
        a.push(f64::from(u8::from(challenge)));
        b.push(f64::from(u8::from(challenge && random.random::<f64>() < war)));
    }
    let columns = vec![("a".to_owned(), Column::Numbers(a)), ("b".to_owned(), Column::Numbers(b))];
    let table = Table::from_columns(columns).unwrap();
    let known = StrategicKind { fixed_utilities: Some(vec![0.2, -0.3, 1.0, 0.5]), ..kind() };
    let one = fit(&table, &Request::new(Kind::Strategic(known.clone()), "a + b ~"));
    let c = &one.estimates.coefficients[0];
    assert_eq!(c.name, "log(sigma)");
    assert!((c.estimate - sigma.ln()).abs() < 4.0 * c.standard_error.unwrap(), "{}", c.estimate);
    let two = StrategicKind { scale: Some("1 | 1".to_owned()), ..known };
    let two = fit(&table, &Request::new(Kind::Strategic(two), "a + b ~"));
    assert_eq!(two.estimates.coefficients[1].name, "log(sigma2)");
    assert!(two.estimates.log_likelihood >= one.estimates.log_likelihood);
}

#[test]
fn scales_may_depend_on_data() {
    let scaled = StrategicKind { scale: Some("x - 1".to_owned()), ..kind() };
    for errors in [Errors::Agent, Errors::Private] {
        let kind = StrategicKind { errors, ..scaled.clone() };
        let fitted = fit(&crises(2000, 1.0), &Request::new(Kind::Strategic(kind), FORMULA));
        let c = fitted.estimates.coefficients.last().unwrap();
        assert!(c.name == "log(sigma)" || c.name == "log(sigma):x");
        // The scale does not depend on x in these data.
        assert!(c.z.unwrap().abs() < 3.5, "{}", c.estimate);
        assert_eq!(fitted.estimates.status, Status::Converged);
    }
}

#[test]
fn all_errors_agree_where_the_model_is_true() {
    let table = crises(6000, 1.0);
    let mut request = Request::new(Kind::Strategic(kind()), FORMULA);
    let observed = fit(&table, &request);
    for covariance in
        [Covariance::OuterProduct, Covariance::Robust, Covariance::Clustered, Covariance::Bootstrap]
    {
        request.covariance = covariance;
        request.cluster = (covariance == Covariance::Clustered).then(|| "g".to_owned());
        request.bootstrap = if covariance == Covariance::Bootstrap { 200 } else { 0 };
        let other = fit(&table, &request);
        for (a, b) in observed.estimates.coefficients.iter().zip(&other.estimates.coefficients) {
            let ratio = b.standard_error.unwrap() / a.standard_error.unwrap();
            let room = if covariance == Covariance::Clustered { 0.4 } else { 0.2 };
            assert!((ratio - 1.0).abs() < room, "{covariance:?} {}: {ratio}", a.name);
            assert_eq!(a.estimate.to_bits(), b.estimate.to_bits());
        }
    }
}

#[test]
fn one_thread_and_many_give_the_same_bits() {
    let table = crises(1500, 1.0);
    let request = Request {
        bootstrap: 40,
        covariance: Covariance::Bootstrap,
        ..Request::new(Kind::Strategic(kind()), FORMULA)
    };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let fitted = pool.install(|| fit(&table, &request));
        let profile = Profile::parse(&["x=-1:1:3".to_owned()]).unwrap();
        let predictions = predict(&fitted, &table, &profile).unwrap();
        serde_json::to_string(&(&fitted.estimates, predictions)).unwrap()
    };
    assert_eq!(with(1), with(4));
}

#[test]
fn predictions_add_up_and_intervals_hold_the_estimate() {
    let table = crises(1500, 1.0);
    let fitted = fit(&table, &Request::new(Kind::Strategic(kind()), FORMULA));
    let profile = Profile::parse(&["x=-1:1:3".to_owned(), "w=0,0.5".to_owned()]).unwrap();
    let predictions = predict(&fitted, &table, &profile).unwrap();
    assert_eq!(predictions.rows.len(), 6 * 3);
    for three in predictions.rows.chunks(3) {
        assert!((three.iter().map(|p| p.estimate).sum::<f64>() - 1.0).abs() < 1e-12);
        for p in three {
            let [low, high] = p.interval.unwrap();
            assert!(low < p.estimate && p.estimate < high);
            // A normal interval is about 3.92 errors wide.
            let width = (high - low) / p.standard_error.unwrap();
            assert!((3.0..5.0).contains(&width), "{width}");
        }
    }
    assert_eq!(predictions.held.iter().map(|h| h.0.as_str()).collect::<Vec<_>>(), ["z"]);
    let wrong = Profile::parse(&["g=g1".to_owned(), "x=much".to_owned()]).unwrap();
    let Err(FitError::Invalid(problems)) = predict(&fitted, &table, &wrong) else { panic!() };
    assert_eq!(problems.len(), 2);
    assert!(Profile::parse(&["x".to_owned(), "=1".to_owned()]).is_err());
}

#[test]
fn effects_are_differences_of_mean_predictions() {
    let table = crises(900, 1.0);
    let fitted = fit(&table, &Request::new(Kind::Strategic(kind()), FORMULA));
    let found = effects(&fitted, &table).unwrap();
    // Probabilities add up to one, so effects on them add up to nothing.
    for three in found.chunks(3) {
        assert!(three.iter().map(|e| e.effect).sum::<f64>().abs() < 1e-9);
        assert!(three.iter().all(|e| e.change == "slope" && e.standard_error.unwrap() > 0.0));
    }
    // x makes the status quo better for player 1, so that it is kept more often.
    assert!(found[0].column == "x" && found[0].effect > 0.0);
}

#[test]
fn the_true_model_wins_comparisons() {
    let table = crises(3000, 1.0);
    let right = fit(&table, &Request::new(Kind::Strategic(kind()), FORMULA));
    let wrong = fit(&table, &Request::new(Kind::Strategic(kind()), "a + b ~ w - 1 | 0 | x | z"));
    let there = compare(&right, &wrong).unwrap();
    assert!(there.vuong.unwrap() > 2.0 && there.vuong_p.unwrap() < 0.05);
    assert!(2 * there.clarke > 3000 && there.clarke_p < 0.05);
    let back = compare(&wrong, &right).unwrap();
    assert!((there.vuong.unwrap() + back.vuong.unwrap()).abs() < 1e-9);
    assert_eq!(compare(&right, &right).unwrap().vuong, None);
}

#[test]
fn ultimatum_recovers_reservation_values() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let (q, r1, r2, s1, s2) = (10.0, 3.0, 2.0, 0.8_f64, 0.5_f64);
    let (mut offers, mut accepted) = (Vec::new(), Vec::new());
    for _ in 0..3000 {
        let u: f64 = random.random();
        let secret = s1 * (u / (1.0 - u)).ln();
        // The offer at which player 1 gains nothing by offering more or less.
        let gap = |y: f64| q - y - r1 - secret - s2 * (1.0 + ((y - r2) / s2).exp());
        let (mut low, mut high) = (0.0, q);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if gap(middle) > 0.0 { low = middle } else { high = middle }
        }
        let y = if gap(0.0) <= 0.0 {
            0.0
        } else if gap(q) >= 0.0 {
            q
        } else {
            low
        };
        offers.push(y);
        accepted.push(f64::from(u8::from(random.random::<f64>() < logistic((y - r2) / s2))));
    }
    let columns =
        vec![("y".to_owned(), Column::Numbers(offers)), ("ok".to_owned(), Column::Numbers(accepted))];
    let table = Table::from_columns(columns).unwrap();
    let kind = Kind::Ultimatum(UltimatumKind { range: [0.0, q], s1: None, s2: None, floor: 0.0 });
    let fitted = fit(&table, &Request::new(kind, "y + ok ~ 1 | 1"));
    for (c, truth) in fitted.estimates.coefficients.iter().zip([r1, r2, s1.ln(), s2.ln()]) {
        let off = (c.estimate - truth) / c.standard_error.unwrap();
        assert!(off.abs() < 3.5, "{}: {} for {truth}", c.name, c.estimate);
    }
    // Without the answers the offers alone still say where they are; and a middling offer is predicted with its slope.
    let profile = Profile { values: Vec::new() };
    let middle = predict(&fitted, &table, &profile).unwrap();
    assert_eq!(middle.rows.len(), 2);
    assert!((2.0..4.0).contains(&middle.rows[0].estimate) && middle.rows[1].estimate > 0.5);
}

#[test]
fn what_is_wrong_is_said_all_at_once() {
    let table = crises(300, 1.0);
    let request = |kind: StrategicKind, formula: &str| Request::new(Kind::Strategic(kind), formula);
    let said = problems(
        &table,
        &request(StrategicKind { link: Link::Logit, errors: Errors::Private, ..kind() }, "a + b ~ x | z"),
    );
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[1].starts_with("2 equations: expected 4"), "{said:?}");
    let said = problems(&table, &request(kind(), "a + b ~ x | 1 | z | w"));
    assert_eq!(said, ["\"(Intercept)\" is in every utility of player 1: it is not identified"]);
    let said = problems(&table, &request(kind(), "a + b + x ~ x | 0 | z | w"));
    assert_eq!(said, ["3 columns are observed: expected one with outcomes, or 2 with actions"]);
    let said = problems(&table, &request(kind(), "a + x ~ 1 | 0 | z | w"));
    assert!(said[0].starts_with("an action of row"), "{said:?}");
    let said = problems(&table, &request(kind(), "g ~ 1 | 0 | z | w"));
    assert!(said[0].starts_with("\"g\" has 40 values, the game 3 endings"), "{said:?}");
    let said = problems(&table, &request(StrategicKind { scale: Some("x".to_owned()), ..kind() }, FORMULA));
    assert!(said[0].contains("the level of the scale is not identified"), "{said:?}");
    let clustered =
        Request { covariance: Covariance::Clustered, level: 1.0, starts: 0, ..request(kind(), FORMULA) };
    assert_eq!(problems(&table, &clustered).len(), 3);
}

#[test]
fn perfect_prediction_is_no_maximum() {
    let mut csv = String::from("a,b,x\n");
    for i in 0..60 {
        let x = f64::from(i) - 29.5;
        csv.push_str(&format!("{},{},{x}\n", u8::from(x > 0.0), u8::from(x > 0.0 && i % 2 == 0)));
    }
    let table = Table::from_csv(csv.as_bytes()).unwrap();
    let fitted = fit(&table, &Request::new(Kind::Strategic(kind()), "a + b ~ x | 0 | 0 | 1"));
    assert_ne!(fitted.estimates.status, Status::Converged);
    assert!(!fitted.estimates.notes.is_empty());
    assert!(fitted.estimates.coefficients.iter().all(|c| c.standard_error.is_none()));
}
