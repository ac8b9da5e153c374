//! What all derivatives of a measure of the shipped war cost, beside one solution of it: `cargo bench -p armistice-analyze --bench gradient`.
//!
//! Everything on one thread, so that the two can be compared. The solution is at hand when derivatives are taken.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use armistice_analyze::{Options, Propagation, Runs, Spread, Variation, gradient};
use armistice_scenario::{Change, Expression, Limits, Scenario};
use armistice_solve::{Control, Settings, solve};

fn main() {
    divan::main();
}

fn scenario() -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/russia-ukraine");
    armistice_scenario::load(&path).scenario.unwrap()
}

fn settings() -> Settings {
    Settings { threads: Some(1), ..Options::default().settings }
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn solution(bencher: divan::Bencher) {
    let war = scenario().compile(&Change::default(), &Limits::default()).unwrap();
    bencher.bench(|| solve(&war.game, &settings(), &Control::default()).unwrap());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn compilation(bencher: divan::Bencher) {
    let scenario = scenario();
    bencher.bench(|| scenario.compile(&Change::default(), &Limits::default()).unwrap());
}

const MARGIN: &str = "margin('russia', 'maximal')";
const VALUE: &str = "value('russia')";
const DURATION: &str = "expected_duration";

/// All parameters; the first three are one measure each, the last is all three together.
#[divan::bench(args = [MARGIN, VALUE, DURATION, "all three"], sample_count = 3, sample_size = 1)]
fn derivatives(bencher: divan::Bencher, measure: &str) {
    let all = [MARGIN, VALUE, DURATION];
    let chosen: Vec<&str> = if all.contains(&measure) { vec![measure] } else { all.to_vec() };
    let list: Vec<_> =
        chosen.iter().map(|m| ((*m).to_owned(), Expression::parse(m).unwrap(), None)).collect();
    let variation = Variation::base(Arc::new(scenario()));
    let control = Control::default();
    let how =
        Propagation { spread: Spread::Merge { limit: Options::default().nodes }, ..Propagation::default() };
    let runs = Runs::new(settings(), Limits::default(), how, &control);
    runs.solve(&variation).unwrap();
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    bencher.bench(|| one.install(|| gradient(&runs, &variation, &list, &control)).unwrap());
}
