//! Time of fits from the first starting point, and of bootstraps. Published data are read from `../shared` and left out where they are absent.

use std::path::Path;

use armistice_fit::{
    Errors, Fitted, Kind, Link, Request, StrategicKind, Table, Tree, UltimatumKind, estimate,
};
use armistice_solve::Control;

fn main() {
    divan::main();
}

struct Case {
    file: &'static str,
    kind: Kind,
    formula: &'static str,
}

fn strategic(tree: Tree, link: Link, errors: Errors, outcomes: &[&str]) -> Kind {
    let outcomes = (!outcomes.is_empty()).then(|| outcomes.iter().map(|o| (*o).to_owned()).collect());
    Kind::Strategic(StrategicKind { link, errors, outcomes, ..StrategicKind::new(tree) })
}

const CASES: [&str; 7] =
    ["crises", "war1800", "war1800-logit", "leblang2003", "egame122", "egame123", "ultimatum"];

const WAR_1800: &str = "esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2";

fn case(name: &str) -> Case {
    use Errors::{Agent, Private};
    use Link::{Logit, Probit};
    let (file, kind, formula) = match name {
        "war1800" => ("war1800.csv", strategic(Tree::Egame12, Probit, Agent, &[]), WAR_1800),
        "war1800-logit" => ("war1800.csv", strategic(Tree::Egame12, Logit, Agent, &[]), WAR_1800),
        "leblang2003" => (
            "leblang2003.csv",
            strategic(Tree::Egame12, Probit, Private, &["no attack", "devaluation", "defense"]),
            "outcome ~ capcont + lreserves + overval + creditgrow + USinterest + service + contagion + prioratt - 1 | 1 | 1 \
             | unifgov + lexports + preelec + postelec + rightgov + realinterest + capcont + lreserves",
        ),
        "egame122" => (
            "data_122.csv",
            strategic(Tree::Egame122, Probit, Agent, &[]),
            "y ~ x1 + x2 | x3 + f1 | 0 | x4 + x5 | z1 + z2 | z3 + f2",
        ),
        "egame123" => (
            "data_123.csv",
            strategic(Tree::Egame123, Probit, Private, &[]),
            "y ~ x1 + x2 | 0 | x3 | x4 + x5 | 0 | x6 | x7 | x8",
        ),
        "ultimatum" => (
            "data_ult.csv",
            Kind::Ultimatum(UltimatumKind { range: [0.0, 15.0], s1: None, s2: None, floor: 0.0 }),
            "offer + accept ~ x1 + x2 + x3 + x4 + w1 + w2 | z1 + z2 + z3 + z4 + w1 + w2",
        ),
        _ => (
            "crises.csv",
            strategic(Tree::Egame12, Probit, Agent, &[]),
            "challenge + resist ~ tie | 0 | regime | power",
        ),
    };
    Case { file, kind, formula }
}

fn table(file: &str) -> Option<Table> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = [root.join("docs/src/data"), root.join("../shared/data/estimation")];
    let text = folders.iter().find_map(|folder| std::fs::read(folder.join(file)).ok());
    if text.is_none() {
        println!("SKIPPED: {file} is not there");
    }
    Table::from_csv(&text?).ok()
}

fn fit(case: &Case, table: &Table, bootstrap: usize) -> Option<Fitted> {
    let request = Request { starts: 1, bootstrap, ..Request::new(case.kind.clone(), case.formula) };
    estimate(&request, table, &Control::default()).ok()
}

/// From a table in memory to estimates with standard errors.
#[divan::bench(args = CASES)]
fn one_fit(bencher: divan::Bencher<'_, '_>, name: &str) {
    let case = case(name);
    if let Some(table) = table(case.file) {
        bencher.bench_local(|| fit(&case, &table, 0));
    }
}

/// The same with 100 bootstrap replicates.
#[divan::bench(args = ["crises", "war1800"])]
fn with_100_replicates(bencher: divan::Bencher<'_, '_>, name: &str) {
    let case = case(name);
    if let Some(table) = table(case.file) {
        bencher.bench_local(|| fit(&case, &table, 100));
    }
}
