//! The whole document, on the reference scenarios.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use armistice_analyze::findings::{Agreement, Findings, SCHEMA};
use armistice_analyze::{AnalyzeError, Audit, Options, analyze};
use armistice_scenario::{Scenario, load};
use armistice_solve::{Control, Progress, Settings};

fn reference(name: &str) -> Scenario {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../scenario/tests/files/good")
        .join(name)
        .with_extension("toml");
    let loaded = load(&path);
    loaded.scenario.clone().unwrap_or_else(|| panic!("{}", armistice_scenario::render_plain(&loaded)))
}

fn quick() -> Options {
    Options {
        settings: Settings { belief_points: 9, ..Settings::default() },
        audit_points: Some(5),
        nodes: 400,
        audit_nodes: 100,
        trajectories: 2000,
        certified_points: 200,
        audit: Audit::Precision,
        ..Options::default()
    }
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-9, "{a} {b}");
}

/// What has to be true of every findings document.
fn sound(found: &Findings) {
    assert_eq!(found.schema, SCHEMA);
    assert_eq!(found.missing, vec![], "nothing is missing");
    let survival = found.survival.as_ref().unwrap();
    assert!(survival.on.is_sorted_by(|a, b| *b <= *a + 1e-12), "survival falls");
    for (n, on) in survival.on.iter().enumerate() {
        close(on + survival.outcomes.iter().map(|o| o.share[n]).sum::<f64>(), 1.0);
    }
    for kind in &survival.by_type {
        close(kind.on[0], 1.0);
        assert!(kind.on.is_sorted_by(|a, b| *b <= *a + 1e-12));
    }
    // Survival given the types, weighed by their priors, is survival.
    let attacker = found.players.iter().find(|p| p.name == found.about.attacker).unwrap();
    if !survival.by_type.is_empty() {
        for n in 0..survival.on.len() {
            let mean: f64 =
                attacker.types.iter().zip(&survival.by_type).map(|(t, s)| t.prior * s.on[n]).sum();
            close(mean, survival.on[n]);
        }
    }
    let check = survival.cross_check.as_ref().unwrap();
    assert_eq!(check.agreement, Agreement::Agree, "{:#?}", check.rows);
    close(
        found
            .endings
            .iter()
            .fold((0.0, Vec::new()), |(sum, mut seen), e| {
                // Entries that share an outcome share its probability.
                if seen.contains(&e.outcome) {
                    return (sum, seen);
                }
                seen.push(e.outcome.clone());
                (sum + e.probability.unwrap(), seen)
            })
            .0,
        1.0,
    );
    if let Some(terms) = &found.terms {
        let bars: f64 = terms.bins.iter().flat_map(|b| &b.shares).sum();
        close(bars, terms.share_with_terms);
    }
    for signal in &found.signals {
        close(signal.actions.iter().map(|a| a.probability).sum(), 1.0);
        let kinds = signal.actions[0].types.len();
        for kind in 0..kinds {
            close(signal.actions.iter().map(|a| a.types[kind].probability).sum(), 1.0);
            // Beliefs are a martingale.
            let mean: f64 = signal.actions.iter().map(|a| a.probability * a.types[kind].belief_after).sum();
            close(mean, signal.actions[0].types[kind].belief_before);
        }
    }
    for path in &found.beliefs {
        assert!(path.points.iter().all(|p| (0.0..=1.0).contains(&p.mean)));
    }
    for stage in &found.stages {
        let shares: Vec<f64> = stage.branches.iter().filter_map(|b| b.frequency).collect();
        if shares.len() == stage.branches.len() && !shares.is_empty() {
            close(shares.iter().sum(), 1.0);
        }
    }
    let certificate = found.certificate.as_ref().unwrap();
    assert_eq!(certificate.status, "certified");
    assert!(certificate.residual < 1e-9 && certificate.value_error < 1e-8, "{certificate:?}");
    assert!(certificate.regret <= certificate.regret_bound.unwrap() + 1e-9);
    assert!(certificate.forward_error.unwrap() < 0.02 * certificate.payoff_range);
    for row in &found.sensitivity.precision {
        if row.scale == 1.0 {
            assert!(row.outcome.measures.iter().all(|m| m.difference.is_none_or(|d| d == 0.0)));
        }
    }
}

#[test]
fn reference_scenarios_have_sound_findings() {
    for name in ["learning-from-battle", "steel-or-mush", "truce-or-regroup"] {
        let analysis = analyze(&reference(name), &quick(), &Control::default()).unwrap();
        sound(&analysis.findings);
        let text = serde_json::to_string(&analysis.findings).unwrap();
        let back: Findings = serde_json::from_str(&text).unwrap();
        assert!(back == analysis.findings, "{name}: the document reads back as it was written");
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let scenario = reference("truce-or-regroup");
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| analyze(&scenario, &quick(), &Control::default()).unwrap().findings);
        serde_json::to_string_pretty(&found).unwrap()
    };
    assert!(run(1) == run(2));
}

#[test]
fn a_run_that_is_stopped_keeps_what_it_has() {
    let scenario = reference("steel-or-mush");
    let control = Control::default();
    control.cancel.cancel();
    assert!(matches!(analyze(&scenario, &quick(), &control), Err(AnalyzeError::Cancelled)));

    // Stopped when the simulation begins: the main solution and what is read off it are there.
    let cancel = armistice_solve::CancelToken::default();
    let seen = AtomicUsize::new(0);
    let sink = |progress: Progress<'_>| {
        if progress.what == "simulating" {
            seen.fetch_add(1, Ordering::Relaxed);
            cancel.cancel();
        }
    };
    let control = Control { progress: Some(&sink), cancel: cancel.clone() };
    let found = analyze(&scenario, &quick(), &control).unwrap().findings;
    assert!(seen.load(Ordering::Relaxed) > 0);
    assert!(found.survival.is_some() && found.survival.as_ref().unwrap().cross_check.is_none());
    let stopped =
        |part: &str| found.missing.iter().any(|m| m.part == part && m.reason == "stopped on request");
    assert!(stopped("survival.cross_check"), "{:?}", found.missing);
    assert!(stopped("sensitivity.precision") || stopped("comparisons"), "{:?}", found.missing);
    assert!(found.levers.is_none() && found.sensitivity.tornado.is_empty());
}
