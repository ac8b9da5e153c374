//! What a sweep found, in a screenful.

use armistice::analyze::sweep::{Plan, SweepOutcome, Tally};

use crate::session::{CARE, DIM, HEADING, styled};
use crate::text::{Table, percent, plural};

/// What is planned.
pub fn sizes(plan: &Plan) -> String {
    format!(
        "{}, {}, {}, {}",
        plural(plan.points, "point"),
        plural(plan.design.factors.len(), "factor"),
        plural(plan.questions.measures.len(), "measure"),
        plural(plan.questions.claims.len(), "claim"),
    )
}

/// How many points there are.
pub fn points(outcome: &SweepOutcome) -> String {
    plural(outcome.tally.as_ref().map_or(0, |tally| tally.points), "point")
}

/// The summary of all rows.
///
/// - `explored`: lines on indices and boxes, which follow the tables.
pub fn summary(tally: &Tally, explored: &[String]) -> String {
    let mut out = Vec::new();
    let number = |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| format!("{x:.4}"));
    if !tally.measures.is_empty() {
        let mut table = Table::default();
        table.row(["Measures", "lowest", "mean", "highest", ""].map(str::to_owned));
        for measure in &tally.measures {
            let missing = tally.points - measure.defined;
            let note = if missing > 0 { format!("not defined at {missing}") } else { String::new() };
            let numbers = [measure.lowest, measure.mean, measure.highest].map(number);
            let [lowest, mean, highest] = numbers;
            table.row([measure.name.clone(), lowest, mean, highest, note]);
        }
        headed(&mut out, &table);
    }
    if !tally.claims.is_empty() {
        let mut table = Table::default();
        table.row(["Claims", "hold at", "not defined at"].map(str::to_owned));
        for claim in &tally.claims {
            let decided = claim.holds + claim.fails;
            let share =
                if decided > 0 { percent(claim.holds as f64 / decided as f64) } else { "–".to_owned() };
            let undefined = if claim.undefined > 0 { claim.undefined.to_string() } else { String::new() };
            table.row([claim.name.clone(), share, undefined]);
        }
        headed(&mut out, &table);
    }
    out.extend_from_slice(explored);
    for (count, what) in [(tally.failed, "failed"), (tally.not_converged, "did not converge")] {
        if count > 0 {
            out.push(styled(CARE, format!("{} of {} {what}", plural(count, "point"), tally.points)));
        }
    }
    for (point, why) in &tally.failures {
        out.push(styled(DIM, format!("  point {point} {why}")));
    }
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    out.join("\n")
}

fn headed(out: &mut Vec<String>, table: &Table) {
    let lines = table.lines("");
    for (position, line) in lines.into_iter().enumerate() {
        out.push(if position == 0 { styled(HEADING, line) } else { line });
    }
    out.push(String::new());
}
