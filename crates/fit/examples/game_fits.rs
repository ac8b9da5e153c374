//! Times the fits that `benches/games/compare.py` runs beside the R package `games`: one line of JSON each.
//!
//!     cargo run --release -p armistice-fit --example game_fits -- FOLDER [REPETITIONS]
//!
//! FOLDER holds the tables, as `benches/games/fits.R` writes them. Processor time is that of all threads of this process (Linux), and a fit is all from
//! a table in memory to estimates with standard errors, from one starting point, as in R.

use std::path::Path;
use std::time::Instant;

use armistice_fit::{
    Errors, Estimates, FitError, Kind, Link, Request, StrategicKind, Table, Tree, UltimatumKind, estimate,
};
use armistice_solve::Control;

struct Case {
    name: &'static str,
    file: &'static str,
    request: Request,
}

fn case(name: &'static str, file: &'static str, kind: Kind, formula: &str) -> Case {
    Case { name, file, request: Request { starts: 1, ..Request::new(kind, formula) } }
}

fn strategic(tree: Tree, link: Link, errors: Errors) -> Kind {
    Kind::Strategic(StrategicKind { link, errors, ..StrategicKind::new(tree) })
}

fn cases() -> Vec<Case> {
    use Errors::{Agent, Private};
    use Link::{Logit, Probit};
    let war = "esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2";
    let attacks = "outcome ~ capcont + lreserves + overval + creditgrow + USinterest + service + contagion + prioratt - 1 | 1 | 1 \
                   | unifgov + lexports + preelec + postelec + rightgov + realinterest + capcont + lreserves";
    let endings = ["no attack", "devaluation", "defense"].map(str::to_owned).to_vec();
    let leblang =
        StrategicKind { errors: Private, outcomes: Some(endings), ..StrategicKind::new(Tree::Egame12) };
    let ultimatum = Kind::Ultimatum(UltimatumKind { range: [0.0, 15.0], s1: None, s2: None, floor: 0.0 });
    let mut all = vec![
        case("war1800", "war1800.csv", strategic(Tree::Egame12, Probit, Agent), war),
        case("war1800-logit", "war1800.csv", strategic(Tree::Egame12, Logit, Agent), war),
        case("war1800-private", "war1800.csv", strategic(Tree::Egame12, Probit, Private), war),
        case("leblang2003", "leblang2003.csv", Kind::Strategic(leblang), attacks),
        case(
            "egame122",
            "data_122.csv",
            strategic(Tree::Egame122, Probit, Agent),
            "y ~ x1 + x2 | x3 + f1 | 0 | x4 + x5 | z1 + z2 | z3 + f2",
        ),
        case(
            "egame123",
            "data_123.csv",
            strategic(Tree::Egame123, Probit, Private),
            "y ~ x1 + x2 | 0 | x3 | x4 + x5 | 0 | x6 | x7 | x8",
        ),
        case(
            "ultimatum",
            "data_ult.csv",
            ultimatum,
            "offer + accept ~ x1 + x2 + x3 + x4 + w1 + w2 | z1 + z2 + z3 + z4 + w1 + w2",
        ),
    ];
    let mut replicates =
        case("war1800-100-replicates", "war1800.csv", strategic(Tree::Egame12, Probit, Agent), war);
    replicates.request.bootstrap = 100;
    all.push(replicates);
    all
}

/// Seconds of processor time of all threads so far; `None` where the system does not say.
fn processor() -> Option<f64> {
    let mut sum = 0.0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        sum += text.split(' ').next()?.parse::<f64>().ok()?;
    }
    Some(1e-9 * sum)
}

/// Mean seconds of processor time and on the clock over repetitions (a single fit is too short to time).
fn timed(case: &Case, table: &Table, repetitions: u32) -> Result<(f64, f64, Estimates), FitError> {
    let fit = || estimate(&case.request, table, &Control::default());
    let found = fit()?.estimates;
    let (before, clock) = (processor(), Instant::now());
    for _ in 0..repetitions {
        fit()?;
    }
    let wall = clock.elapsed().as_secs_f64();
    let busy = before.zip(processor()).map_or(wall, |(before, after)| after - before);
    Ok((busy / f64::from(repetitions), wall / f64::from(repetitions), found))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: game_fits FOLDER [REPETITIONS]")?;
    let repetitions = arguments.next().map_or(Ok(100), |n| n.parse())?.max(1);
    for case in cases() {
        let table = Table::from_csv(&std::fs::read(Path::new(&folder).join(case.file))?)?;
        let (processor, clock, found) = timed(&case, &table, repetitions)?;
        let coefficients: Vec<f64> = found.coefficients.iter().map(|c| c.estimate).collect();
        let errors: Vec<Option<f64>> = found.coefficients.iter().map(|c| c.standard_error).collect();
        println!(
            "{}",
            serde_json::json!({
                "name": case.name, "processor": processor, "clock": clock, "log_likelihood": found.log_likelihood,
                "coefficients": coefficients, "errors": errors
            })
        );
    }
    Ok(())
}
