//! Sweeps: the same bytes however they are computed, and nothing lost when they are stopped.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "common/scenarios.rs"]
mod scenarios;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use armistice_analyze::design::{Design, Factor, Levels, Sampling, Subject};
use armistice_analyze::sweep::{
    Cells, PointStatus, Questions, Sweep, SweepError, SweepFolder, SweepOutcome, Table, run,
};
use armistice_analyze::{Options, analyze};
use armistice_scenario::Scenario;
use armistice_solve::{CancelToken, Control, Progress, Settings};
use scenarios::{ONE_CHOICE, parse};

fn options() -> Options {
    Options {
        settings: Settings { belief_points: 5, ..Settings::default() },
        trajectories: 0,
        levers: false,
        sensitivity: false,
        ..Options::default()
    }
}

fn factor(name: &str, levels: Levels) -> Factor {
    Factor { subject: Subject::Parameter(name.into()), levels }
}

fn design(sampling: Sampling) -> Design {
    Design {
        factors: vec![
            factor("stop_value", Levels::Range { low: 0.0, high: 0.8 }),
            factor("war_cost", Levels::Range { low: 0.05, high: 0.4 }),
            Factor { subject: Subject::Lever("prize".into()), levels: Levels::Switch },
            Factor { subject: Subject::Case, levels: Levels::Cases(vec!["base".into(), "dear".into()]) },
        ],
        sampling,
    }
}

fn sweep_of(scenario: &Scenario, design: Design, shard_size: usize) -> Sweep {
    Sweep::new(scenario, design, Questions::all(scenario), &[], shard_size, &options()).unwrap()
}

fn small(scenario: &Scenario) -> Sweep {
    sweep_of(scenario, design(Sampling::LatinHypercube { points: 23, seed: 3 }), 4)
}

/// Every file of a folder and its content.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect()
}

fn whole(sweep: &Sweep, folder: &Path) -> SweepOutcome {
    let folder = SweepFolder::create(folder, sweep.plan()).unwrap();
    run(sweep, &folder, &Control::default()).unwrap()
}

fn resume(sweep: &Sweep, folder: &Path) -> SweepOutcome {
    run(sweep, &SweepFolder::open(folder).unwrap(), &Control::default()).unwrap()
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_on_being_stopped() {
    let scenario = parse(ONE_CHOICE);
    let place = tempfile::tempdir().unwrap();
    let on = |threads: usize, name: &str| {
        let folder = place.path().join(name);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| whole(&small(&scenario), &folder));
        folder
    };
    let one = on(1, "one");
    let reference = files(&one);
    assert_eq!(reference.len(), 1 + 2 * 6 + 1, "a plan, six shards with records, all rows");
    assert_eq!(reference, files(&on(2, "two")));

    // The last shard is gone; another is cut short; a third has another content; a record is gone; an interrupted write.
    fs::remove_file(one.join("part-00005.parquet")).unwrap();
    fs::remove_file(one.join("part-00005.json")).unwrap();
    let shard = fs::read(one.join("part-00002.parquet")).unwrap();
    fs::write(one.join("part-00002.parquet"), &shard[..shard.len() / 2]).unwrap();
    let mut shard = fs::read(one.join("part-00003.parquet")).unwrap();
    shard[100] ^= 1;
    fs::write(one.join("part-00003.parquet"), &shard).unwrap();
    fs::remove_file(one.join("part-00000.json")).unwrap();
    fs::write(one.join(".part-00004.parquet.tmp"), b"half").unwrap();
    fs::remove_file(one.join("sweep.parquet")).unwrap();
    let outcome = resume(&small(&scenario), &one);
    assert_eq!((outcome.kept, outcome.damaged, outcome.computed), (2, 3, 4));
    assert_eq!(reference, files(&one));
    let again = resume(&small(&scenario), &one);
    assert_eq!((again.kept, again.computed), (6, 0));
    assert_eq!(reference, files(&one));

    // Stopped after the second shard.
    let three = place.path().join("three");
    let token = CancelToken::default();
    let stop = |progress: Progress<'_>| {
        if progress.done >= 8 {
            token.cancel();
        }
    };
    let control = Control { progress: Some(&stop), cancel: token.clone() };
    let sweep = small(&scenario);
    let outcome = {
        let folder = SweepFolder::create(&three, sweep.plan()).unwrap();
        run(&sweep, &folder, &control).unwrap()
    };
    assert!(outcome.tally.is_none() && outcome.computed == 2, "{outcome:?}");
    // The plan alone is enough to go on.
    let plan = SweepFolder::open(&three).unwrap().plan().clone();
    resume(&Sweep::planned(&scenario, plan).unwrap(), &three);
    assert_eq!(reference, files(&three));
}

#[test]
fn a_row_is_what_an_analysis_finds_there() {
    let scenario = parse(ONE_CHOICE);
    let sweep = small(&scenario);
    let rows = sweep.rows(0..23, &Control::default()).unwrap();
    let row = rows.iter().find(|row| row.values[2] == 0.0 && row.values[3] == 0.0).unwrap();
    let mut there = scenario.clone();
    for (k, name) in ["stop_value", "war_cost"].iter().enumerate() {
        let parameter = there.parameters.iter_mut().find(|p| p.name == *name).unwrap();
        parameter.value = armistice_scenario::Expression::number(row.values[k]);
    }
    let options = Options { audit: armistice_analyze::Audit::Base, ..options() };
    let findings = analyze(&there, &options, &Control::default()).unwrap().findings;
    let ours: Vec<Option<f64>> = findings.answer.measures.iter().map(|m| m.value.value).collect();
    let names: Vec<&str> = findings.answer.measures.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["ends", "margin_hard", "public"]);
    assert_eq!(row.measures, ours, "the same bits");
    for (claim, verdict) in findings.claims.iter().zip(&row.claims) {
        use armistice_analyze::findings::Verdict;
        let expected = match claim.verdict {
            Verdict::Holds => Some(true),
            Verdict::DoesNotHold => Some(false),
            Verdict::Undefined { .. } => None,
        };
        assert_eq!(*verdict, expected, "{}", claim.name);
    }
    assert!(row.undefined.as_deref().unwrap().starts_with("undefined_one: expected_terms"));
    assert_eq!(row.status, PointStatus::Ok);
}

#[test]
fn points_that_fail_keep_their_row() {
    let scenario = parse(ONE_CHOICE);
    let design = Design {
        factors: vec![factor("prior_hard", Levels::Numbers(vec![0.3, 1.5, 0.6, -1.0]))],
        sampling: Sampling::Grid { levels: 1 },
    };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("sweep");
    let tally = whole(&sweep_of(&scenario, design, 3), &folder).tally.unwrap();
    assert_eq!((tally.points, tally.failed, tally.not_converged), (4, 2, 0));
    assert_eq!(tally.failures.iter().map(|(point, _)| *point).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(tally.measures[0].defined, 2);
    assert_eq!((tally.claims[0].holds, tally.claims[0].undefined), (2, 2));

    let table = Table::from_parquet(fs::read(folder.join("sweep.parquet")).unwrap()).unwrap();
    let names: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    let expected = [
        "point",
        "prior_hard",
        "status",
        "unsolved",
        "error",
        "undefined",
        "ends",
        "margin_hard",
        "public",
        "claim_costs_end_wars",
        "claim_false_one",
        "claim_undefined_one",
    ];
    assert_eq!(names, expected);
    let Some(Cells::Texts(errors)) = table.column("error") else { panic!("no errors") };
    assert!(errors[1].as_deref().unwrap().contains("compile the scenario"), "{errors:?}");
    assert_eq!(errors[0], None);
    let Some(Cells::Numbers(ends)) = table.column("ends") else { panic!("no measure") };
    assert!(ends[0].is_some() && ends[1].is_none() && ends[3].is_none());
    let Some(Cells::Numbers(factor)) = table.column("prior_hard") else { panic!("no factor") };
    assert_eq!(factor[1], Some(1.5));
}

#[test]
fn a_folder_belongs_to_one_plan_and_one_process() {
    let scenario = parse(ONE_CHOICE);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("sweep");
    let sweep = small(&scenario);
    let held = SweepFolder::create(&folder, sweep.plan()).unwrap();
    assert!(matches!(SweepFolder::open(&folder), Err(SweepError::Busy { .. })));
    assert!(matches!(SweepFolder::create(&folder, sweep.plan()), Err(SweepError::Io { .. })));
    let other = sweep_of(&scenario, design(Sampling::LatinHypercube { points: 23, seed: 4 }), 4);
    let differs = |what| matches!(what, Err(SweepError::Differs { what: "the design" }));
    assert!(differs(run(&other, &held, &Control::default()).map(|_| ())));
    drop(held);

    let changed = parse(&ONE_CHOICE.replace("stop_value = { value = 0.2", "stop_value = { value = 0.25"));
    let plan = SweepFolder::open(&folder).unwrap().plan().clone();
    assert!(matches!(
        Sweep::planned(&changed, plan.clone()),
        Err(SweepError::Differs { what: "the scenario" })
    ));
    let newer = armistice_analyze::sweep::Plan { version: "99.0.0".into(), ..plan.clone() };
    assert!(matches!(Sweep::planned(&scenario, newer), Err(SweepError::Differs { .. })));
    assert_eq!(plan, *sweep.plan(), "a plan comes back as it was written");
    fs::write(folder.join("plan.json"), "{").unwrap();
    assert!(matches!(SweepFolder::open(&folder), Err(SweepError::Plan { .. })));
}

#[test]
fn games_that_are_the_same_are_solved_once_and_give_the_same_rows() {
    let scenario = parse(ONE_CHOICE);
    // `idle` is read by nothing, and priors only weigh values.
    let prior = Subject::Prior { player: "north".into(), kind: "hard".into() };
    let factors = vec![
        factor("idle", Levels::Range { low: 0.0, high: 2.0 }),
        Factor { subject: prior, levels: Levels::Range { low: 0.0, high: 1.0 } },
    ];
    let sweep = sweep_of(&scenario, Design { factors, sampling: Sampling::Grid { levels: 3 } }, 9);
    let together = sweep.rows(0..9, &Control::default()).unwrap();
    for point in (0..9).rev() {
        let alone = sweep_of(&scenario, sweep.plan().design.clone(), 9);
        let row = alone.rows(point..point + 1, &Control::default()).unwrap();
        assert_eq!(row[0], together[point]);
    }
}
