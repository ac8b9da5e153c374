//! Backtests of durations: that no fold peeks, and reference values for 95 interstate wars.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::PathBuf;

use armistice_fit::durations::{
    Columns, DurationBacktest, Forecast, Group, Model, SampleScores, War, Wars, backtest,
};
use armistice_fit::{FitError, Table};
use armistice_solve::Control;
use serde_json::Value;

fn columns() -> Columns {
    Columns {
        duration: "duration_days".into(),
        name: Some("war_name".into()),
        capabilities: Some(["cinc_side1".into(), "cinc_side2".into()]),
        initiator: Some("initiator_side".into()),
        period: Some("post45".into()),
    }
}

fn group(column: &str, value: &str) -> Group {
    Group { column: column.into(), value: value.into() }
}

/// Made-up wars, whose durations have nothing to do with the rest.
fn made_up() -> String {
    let mut csv = String::from("war_name,duration_days,cinc_side1,cinc_side2,initiator_side,post45,kind\n");
    for i in 0..40 {
        let days = (4.0 + 2.5 * (f64::from(i * 7919 % 40) / 40.0 - 0.3)).exp().round();
        let (a, b) = (0.01 + f64::from(i % 7) / 50.0, 0.005 + f64::from(i % 5) / 30.0);
        csv.push_str(&format!(
            "war {i},{days},{a},{b},{},{},{}\n",
            1 + i % 2,
            i / 25,
            ["x", "y"][i as usize % 2]
        ));
    }
    csv
}

fn read(csv: &str, groups: &[Group]) -> Result<Wars, FitError> {
    Wars::read(&Table::from_csv(csv.as_bytes())?, &columns(), groups)
}

#[test]
fn no_fold_sees_the_war_it_predicts() {
    let honest = read(&made_up(), &[group("kind", "x")]).unwrap();
    let before = backtest(&honest, &Control::default()).unwrap();
    for left_out in [0, 13, 39] {
        let mut corrupted = honest.clone();
        corrupted.wars[left_out].days = 123_456.0;
        let after = backtest(&corrupted, &Control::default()).unwrap();
        let name = &honest.wars[left_out].name;
        let mut compared = 0;
        for (old, new) in before.samples.iter().zip(&after.samples) {
            for old in old.forecasts.iter().filter(|f| &f.war == name) {
                let same = |f: &&Forecast| &f.war == name && f.model == old.model;
                if let Some(new) = new.forecasts.iter().find(same) {
                    // The same distribution, to the last bit.
                    assert_eq!(old.parameters, new.parameters, "{name} {:?}", old.model);
                    assert_eq!(old.ended_by.map(f64::to_bits), new.ended_by.map(f64::to_bits));
                    compared += 1;
                }
            }
        }
        let expected: usize =
            before.samples.iter().map(|s| s.forecasts.iter().filter(|f| &f.war == name).count()).sum();
        assert!(compared == expected && compared >= Model::ALL.len());
        // And the others do learn from it.
        let differ = |s: &SampleScores, t: &SampleScores| {
            s.forecasts.iter().zip(&t.forecasts).any(|(a, b)| &a.war != name && a.ended_by != b.ended_by)
        };
        assert!(differ(&before.samples[0], &after.samples[0]));
    }
}

#[test]
fn results_do_not_depend_on_threads_units_or_the_order_of_sides() {
    let wars = read(&made_up(), &[]).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| backtest(&wars, &Control::default()).unwrap())
    };
    let one = on(1);
    assert_eq!(one, on(3));
    let score = |b: &DurationBacktest| b.samples[0].models.last().unwrap().log_score.unwrap();
    let change = |change: &dyn Fn(&mut War)| {
        let mut other = wars.clone();
        other.wars.iter_mut().for_each(change);
        score(&backtest(&other, &Control::default()).unwrap())
    };
    let scaled = change(&|war| war.capabilities = war.capabilities.map(|c| c.map(|x| x + 5.0)));
    assert!((scaled - score(&one)).abs() < 1e-6, "{scaled} {}", score(&one));
    // The number of a side says who it is, and nothing about the war: in some data sides are numbered by how it ended.
    let mut table = made_up();
    let swapped: Vec<String> = table
        .lines()
        .map(|line| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if cells[4] == "1" || cells[4] == "2" {
                cells.swap(2, 3);
                cells[4] = if cells[4] == "1" { "2" } else { "1" };
            }
            cells.join(",")
        })
        .collect();
    table = swapped.join("\n");
    let turned = backtest(&read(&table, &[]).unwrap(), &Control::default()).unwrap();
    assert_eq!(one, turned);
}

#[test]
fn every_problem_is_reported_at_once() {
    let csv = "days,a,b,began,late\n-3,1,1,1,0\n5,0,1,3,2\n";
    let columns = Columns {
        duration: "days".into(),
        name: Some("war".into()),
        capabilities: Some(["a".into(), "b".into()]),
        initiator: Some("began".into()),
        period: Some("late".into()),
    };
    let table = Table::from_csv(csv.as_bytes()).unwrap();
    let Err(FitError::Invalid(problems)) = Wars::read(&table, &columns, &[group("kin", "x")]) else {
        panic!()
    };
    let all: Vec<&str> = problems.iter().map(|p| p.what.as_str()).collect();
    assert_eq!(all.len(), 6, "{all:?}");
    let few = "duration_days\n".to_owned() + &"5\n".repeat(11);
    let plain = Columns {
        duration: "duration_days".into(),
        name: None,
        capabilities: None,
        initiator: None,
        period: None,
    };
    assert!(Wars::read(&Table::from_csv(few.as_bytes()).unwrap(), &plain, &[]).is_err());
    // Durations that do not vary have no likelihood with a maximum, and that is said rather than scored.
    let same = "duration_days\n".to_owned() + &"5\n".repeat(20);
    let wars = Wars::read(&Table::from_csv(same.as_bytes()).unwrap(), &plain, &[]).unwrap();
    let scored = backtest(&wars, &Control::default()).unwrap();
    let normal = scored.samples[0].models.iter().find(|m| m.model == Model::LogNormal).unwrap();
    assert_eq!((normal.failed, normal.log_score), (20, None));
}

fn shared(path: &str) -> Option<PathBuf> {
    let at = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if at.exists() {
        return Some(at);
    }
    eprintln!("SKIPPED: {} is not there; reference values are not checked", at.display());
    None
}

fn close(name: &str, ours: f64, theirs: &Value, tolerance: f64) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() <= tolerance * theirs.abs(), "{name}: {ours} {theirs}");
}

#[test]
fn reference_baselines_of_interstate_wars() {
    let Some(data) = shared("data/cow/war_duration_covariates.csv") else { return };
    let Some(reference) = shared("reference/estimation/cow_duration_baselines.json") else { return };
    let reference: Value = serde_json::from_slice(&std::fs::read(reference).unwrap()).unwrap();
    let groups = [group("multi", "0"), group("post45", "1")];
    let csv = String::from_utf8(std::fs::read(data).unwrap()).unwrap();
    let wars = read(&csv, &groups).unwrap();
    let result = backtest(&wars, &Control::default()).unwrap();
    println!("{}", result.text());
    let own: Vec<&SampleScores> = [0, 1, 3].iter().map(|&i| &result.samples[i]).collect();
    let keys = ["cow_all_95", "cow_bilateral_1v1", "cow_post1945"];
    for (key, sample) in keys.into_iter().zip(own) {
        let known = &reference[key];
        assert_eq!(sample.wars as u64, known["n"].as_u64().unwrap());
        let at_risk = &known["empirical_cond_end_within_1y"]["365"]["at_risk"];
        assert_eq!(sample.at_risk as u64, at_risk.as_u64().unwrap());
        for (model, name) in [
            (Model::Exponential, "exponential"),
            (Model::Weibull, "weibull"),
            (Model::LogNormal, "lognormal"),
            (Model::LogLogistic, "loglogistic"),
            (Model::GeneralizedGamma, "generalized_gamma"),
        ] {
            let ours = sample.models.iter().find(|m| m.model == model).unwrap();
            let value = |name: &str| ours.parameters.iter().find(|p| p.name == name).unwrap().value;
            // Where there is a second set of estimates it is exact; the first came from a general optimizer.
            let fitted = &known["models"][name];
            close(key, ours.log_likelihood.unwrap(), &fitted["loglik"], 3e-9);
            if let Some(loo) = fitted.get("loo_logscore_sum") {
                close(key, ours.log_score.unwrap(), loo, 2e-6);
            }
            if model == Model::GeneralizedGamma {
                close(key, value("mu"), &fitted["params"]["mu_"], 1e-3);
                close(key, value("sigma").ln(), &fitted["params"]["ln_sigma_"], 1e-3);
                close(key, value("lambda"), &fitted["params"]["lambda_"], 2e-2);
                continue;
            }
            let exact = &known["closed_form_models"][name];
            for (parameter, theirs) in ours.parameters.iter().zip(exact["params"].as_array().unwrap()) {
                close(key, parameter.value, theirs, 1e-6);
            }
            close(key, ours.log_likelihood.unwrap(), &exact["loglik"], 1e-12);
            close(key, ours.log_score.unwrap(), &exact["loo_sum"], 1e-7);
            // Their CRPS is a quadrature, ours the closed form, which the library's tests check against one.
            if let Some(crps) = ours.crps {
                close(key, crps, &exact["loo_crps_days"], 1e-3);
            }
            for (horizon, ours) in ["30", "90", "180", "365", "730", "1461"].iter().zip(&ours.brier) {
                close(key, ours.unwrap(), &exact["loo_brier"][horizon], 1e-6);
            }
            let conditional = &exact["loo_brier_end_within_1y_given_365d"]["brier"];
            close(key, ours.brier_ends_within.unwrap(), conditional, 1e-6);
        }
        let base = sample.models.iter().find(|m| m.model == Model::BaseRate).unwrap();
        for (horizon, ours) in ["30", "90", "180", "365", "730", "1461"].iter().zip(&base.brier) {
            close(key, ours.unwrap(), &known["loo_brier_empirical_baserate"][horizon], 1e-12);
        }
    }
    // The structural model, estimated on all other wars, against the best baseline that each sample's own wars give.
    for (i, margin) in [(0, 2.0), (2, 1.5), (4, 0.1)] {
        let structural = result.samples[i].models.last().unwrap();
        let versus = structural.versus.unwrap();
        assert!(versus.sum > margin, "{}: {versus:?}", result.samples[i].sample);
    }
}
