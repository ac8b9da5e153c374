//! The shipped war states every claim of the three published texts, and each can be judged.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use armistice_analyze::findings::Verdict;
use armistice_analyze::{Measures, Propagation, Runs, Spread, Variation};
use armistice_scenario::{Limits, Scenario, load, render_plain};
use armistice_solve::{Control, Settings, Status};

/// What adds one mechanism each.
const EXTENSIONS: [&str; 8] =
    ["answers", "blame", "deal", "demands", "linkage", "reputation", "threat", "widening"];
const THEORIES: [&str; 3] = ["theory-adversary-terms", "theory-no-illusions", "theory-steel-or-mush"];
/// A part of others, which is no scenario by itself.
const PART: &str = "without-truces";
/// The same war for its past, which states no claims.
const PAST: &str = "record";
/// Belief points per dimension: enough to tell whether a number is defined, not to tell which.
const COARSE: usize = 3;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/russia-ukraine")
}

fn read(name: &str) -> Scenario {
    let loaded = load(&folder().join(format!("{name}.toml")));
    assert_eq!(render_plain(&loaded), "", "{name}");
    loaded.scenario.unwrap()
}

/// Solves the scenario and the cases that its claims name, and judges them.
fn judged(name: &str) {
    let scenario = Arc::new(read(name));
    let base = Variation::base(Arc::clone(&scenario));
    let settings = Settings { belief_points: COARSE, ..Settings::default() };
    let pass = Propagation { spread: Spread::Merge { limit: 100 }, ..Propagation::default() };
    let control = Control::default();
    let runs = Runs::new(settings, Limits::default(), pass, &control);
    let solved = runs.solve(&base).unwrap();
    assert!(
        matches!(solved.equilibrium.status, Status::Certified),
        "{name}: {:?}",
        solved.equilibrium.status
    );
    let measures = Measures::new(&runs, &base);
    for claim in &scenario.claims {
        let verdict = measures.verdict(&claim.holds_when).unwrap();
        assert!(
            matches!(verdict, Verdict::Holds | Verdict::DoesNotHold),
            "{name}, {}: {verdict:?}",
            claim.name
        );
        assert!(claim.source.outlet.is_some() && claim.source.date.is_some(), "{name}, {}", claim.name);
    }
    assert_eq!(runs.troubled(), 0, "{name}");
}

#[test]
fn every_claim_is_stated() {
    let mut files = BTreeSet::new();
    let mut stated = BTreeSet::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|e| e == "toml") && name != PART {
            stated.extend(read(&name).claims.into_iter().map(|claim| claim.name));
            files.insert(name);
        }
    }
    let known = EXTENSIONS
        .iter()
        .chain(&THEORIES)
        .chain(&["scenario", PAST])
        .map(|name| (*name).to_owned())
        .collect();
    assert_eq!(files, known, "a file that no test knows");
    for (letter, count) in [('A', 6), ('B', 10), ('C', 8)] {
        for number in 1..=count {
            let id = format!("{letter}{number}_");
            assert!(stated.iter().any(|name| name.starts_with(&id)), "no file states {id}");
        }
    }
}

#[test]
fn theories_differ_from_the_base_in_numbers_inside_their_ranges_only() {
    let base = read("scenario");
    for name in THEORIES {
        let theory = read(name);
        let mut changed = 0;
        for (one, other) in base.parameters.iter().zip(&theory.parameters) {
            assert_eq!((&one.name, one.range), (&other.name, other.range), "{name}");
            changed += usize::from(one.value.text != other.value.text);
        }
        assert!(changed >= 5, "{name} changes {changed} numbers");
        assert_eq!(base.parameters.len(), theory.parameters.len(), "{name}");
        assert_eq!(base.claims.len(), theory.claims.len(), "{name}");
        let stages =
            |s: &Scenario| s.stages.iter().map(|s| (s.name.clone(), s.branches.len())).collect::<Vec<_>>();
        assert_eq!(stages(&base), stages(&theory), "{name}");
    }
}

macro_rules! judge {
    ($($test:ident: $name:literal;)*) => {
        $(#[test]
        fn $test() {
            judged($name);
        })*
    };
}

judge! {
    the_base: "scenario";
    answers_to_offers: "answers";
    blame_for_refusing: "blame";
    a_deal_over_a_refusal: "deal";
    extreme_demands: "demands";
    issue_linkage: "linkage";
    reputation: "reputation";
    threats: "threat";
    widening: "widening";
}
