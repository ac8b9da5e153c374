//! What these verbs say in text.

use armistice::fit::record::{Backtest, Fit, Forecast, RecordComparison, RecordSeen, Resolved};

use crate::session::{HEADING, styled};
use crate::text::{Table, percent, plural};
use crate::work::Stamp;

/// The last line of every result.
pub fn foot(stamp: &Stamp) -> String {
    let hash = stamp.scenario_hash.get(..8).unwrap_or("");
    format!(
        "armistice {} · scenario {hash} · {} belief points · {}",
        stamp.version, stamp.settings.belief_points, stamp.command
    )
}

fn number(x: f64) -> String {
    let text = if x != 0.0 && x.abs() < 0.1 { format!("{x:.4}") } else { format!("{x:.3}") };
    text.replace('-', "−")
}

fn seen(record: &RecordSeen) -> String {
    let source = record.source.as_ref().map_or_else(String::new, |s| format!(", source {s}"));
    let hash = record.hash.get(..8).unwrap_or("");
    format!(
        "record    {}, {} to {}, {} ({hash}{source})",
        record.file,
        record.from,
        record.to,
        plural(record.rows, "row")
    )
}

/// `fit`
pub fn fit(found: &Fit) -> String {
    let mut out = vec![seen(&found.record)];
    let stated = found.log_likelihood_stated.map_or_else(|| "0 probability".to_owned(), number);
    out.push(format!(
        "ln L      {} at the maximum, {stated} at the scenario's values",
        number(found.log_likelihood)
    ));
    if found.dropped > 0.0 {
        out.push(format!(
            "left out  histories of at most {} after a row; --histories keeps more",
            percent(found.dropped)
        ));
    }
    out.push(String::new());
    out.push(styled(HEADING, "Estimates"));
    let mut table = Table::default();
    table.row(["parameter", "range", "stated", "estimate", "s.e.", "robust", "95 %", "what the record says"]);
    for e in &found.estimates {
        let some = |x: Option<f64>| x.map_or_else(|| "–".to_owned(), number);
        let interval = e.profile.as_ref().map(|p| p.interval).or(e.interval);
        table.row([
            e.name.clone(),
            format!("{} to {}", number(e.range.0), number(e.range.1)),
            number(e.stated),
            number(e.value),
            some(e.standard_error),
            some(e.robust_error),
            interval
                .map_or_else(|| "–".to_owned(), |(low, high)| format!("{} to {}", number(low), number(high))),
            e.identified.words().to_owned(),
        ]);
    }
    out.extend(table.lines("  "));
    if !found.idle.is_empty() {
        out.push(format!("  The likelihood does not move with {}.", found.idle.join(", ")));
    }
    if found.optima.len() > 1 {
        out.push(String::new());
        out.push(styled(HEADING, "Maxima found"));
        for optimum in &found.optima {
            let values: Vec<String> = optimum.values.iter().map(|x| number(*x)).collect();
            let from = plural(optimum.starts, "start");
            out.push(format!("  ln L {} from {from}: {}", number(optimum.log_likelihood), values.join(", ")));
        }
    }
    if let Some(posterior) = &found.posterior {
        out.push(String::new());
        out.push(styled(HEADING, "Posterior"));
        let mut table = Table::default();
        table.row(["parameter", "mean", "s.d.", "5 %", "50 %", "95 %", "R-hat", "overlap with the prior"]);
        for row in &posterior.parameters {
            let (low, middle, high) = row.quantiles;
            let r_hat = row.r_hat.map_or_else(|| "–".to_owned(), |r| format!("{r:.2}"));
            let cells = [row.mean, row.deviation, low, middle, high].map(number);
            let mut cells: Vec<String> = std::iter::once(row.name.clone()).chain(cells).collect();
            cells.extend([r_hat, percent(row.overlap)]);
            table.row(cells);
        }
        out.extend(table.lines("  "));
        let error = posterior.log_evidence_error.map_or_else(String::new, |e| format!(" ± {e:.2}"));
        out.push(format!("  ln of the marginal likelihood {}{error}", number(posterior.log_evidence)));
        out.push(format!(
            "  {} draws of {} clouds, worth {:.0} different ones",
            posterior.draws.len(),
            posterior.temperatures.len(),
            posterior.effective_draws
        ));
    }
    beliefs(found, &mut out);
    out.join("\n")
}

fn beliefs(found: &Fit, out: &mut Vec<String>) {
    let Some(last) = found.months.last() else { return };
    out.push(String::new());
    out.push(styled(HEADING, format!("Belief after {}", last.date)));
    for belief in &last.beliefs {
        let margin = found.margins.iter().find(|m| m.player == belief.player && m.kind == belief.kind);
        let margin = margin
            .map_or_else(String::new, |m| format!("; stopping margin {}", crate::text::signed(m.margin)));
        out.push(format!("  {}: {} {}{margin}", belief.player, belief.kind, percent(belief.probability)));
    }
    let mut worst: Vec<_> = found.months.iter().collect();
    worst.sort_by(|a, b| a.log_predictive.total_cmp(&b.log_predictive));
    let rows: Vec<String> =
        worst.iter().take(3).map(|m| format!("{} ({})", m.date, percent(m.log_predictive.exp()))).collect();
    out.push(format!("  Least expected rows: {}", rows.join(", ")));
}

/// `compare`
pub fn compare(found: &RecordComparison) -> String {
    let mut out = vec![seen(&found.record), String::new()];
    let mut table = Table::default();
    table.row([
        "theory",
        "holds",
        "estimates",
        "ln L",
        "AIC",
        "BIC",
        "marginal",
        "best in",
        "against the best",
        "p",
    ]);
    let best_of = |t: usize| {
        let value =
            |f: &armistice::fit::record::TheoryFit| f.months.get(t).copied().unwrap_or(f64::NEG_INFINITY);
        (0..found.theories.len())
            .max_by(|a, b| value(&found.theories[*a]).total_cmp(&value(&found.theories[*b])))
    };
    for (n, theory) in found.theories.iter().enumerate() {
        let some = |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| format!("{x:.2}").replace('-', "−"));
        let months = (0..found.dates.len()).filter(|t| best_of(*t) == Some(n)).count();
        let test = found.tests.iter().find(|t| t.other == n);
        let marginal = theory.log_evidence.map_or_else(
            || "–".to_owned(),
            |(e, error)| {
                format!("{}{}", some(Some(e)), error.map_or_else(String::new, |x| format!(" ± {x:.2}")))
            },
        );
        table.row([
            theory.theory.name.clone(),
            theory.theory.held.len().to_string(),
            theory.estimated.len().to_string(),
            some(theory.log_likelihood),
            some(theory.aic),
            some(theory.bic),
            marginal,
            format!("{months} of {}", found.dates.len()),
            test.map_or_else(
                || "the best".to_owned(),
                |t| t.vuong.map_or_else(|| "same".to_owned(), |z| format!("z {z:.2}")),
            ),
            test.and_then(|t| t.vuong_p).map_or_else(String::new, |p| format!("{p:.3}")),
        ]);
    }
    out.extend(table.lines("  "));
    out.push(
        "  z, p: Vuong's test of the theory of highest ln L against each of the others, by row.".to_owned(),
    );
    unseen(found, &mut out);
    out.join("\n")
}

/// What theories say of rows that they have not seen.
fn unseen(found: &RecordComparison, out: &mut Vec<String>) {
    let sum = |list: &[f64]| list.iter().sum::<f64>();
    if let Some(from) = &found.held_out_from {
        out.push(String::new());
        out.push(styled(HEADING, format!("Rows held out, from {from} on")));
        let held = |n: usize| found.theories.get(n).and_then(|t| t.held_out.as_deref()).unwrap_or(&[]);
        let best = (0..found.theories.len()).max_by(|a, b| sum(held(*a)).total_cmp(&sum(held(*b))));
        let highest = best.map_or(&[][..], held);
        let mut table = Table::default();
        table.row(["theory", "rows", "ln probability", "a row", "less than the best"]);
        for (n, theory) in found.theories.iter().enumerate() {
            let own = held(n);
            let count = own.len() as f64;
            let less: Vec<f64> = highest.iter().zip(own).map(|(b, o)| b - o).collect();
            let mean = sum(&less) / count;
            let variance = less.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
            table.row([
                theory.theory.name.clone(),
                own.len().to_string(),
                number(sum(own)),
                number(sum(own) / count),
                if best == Some(n) {
                    "the best".to_owned()
                } else {
                    format!("{} ± {}", number(sum(&less)), number((variance * count).sqrt()))
                },
            ]);
        }
        out.extend(table.lines("  "));
    }
    if found.theories.iter().any(|t| t.leave_one_out.is_some()) {
        out.push(String::new());
        out.push(styled(HEADING, "Each row left out (PSIS-LOO)"));
        let mut table = Table::default();
        table.row(["theory", "ln probability", "s.e.", "effective parameters", "rows in doubt"]);
        for theory in &found.theories {
            let Some(left_out) = &theory.leave_one_out else { continue };
            table.row([
                theory.theory.name.clone(),
                number(left_out.elpd),
                number(left_out.standard_error),
                number(left_out.effective_parameters),
                format!("{} of {}", left_out.doubtful(), left_out.rows.len()),
            ]);
        }
        out.extend(table.lines("  "));
        out.push("  In doubt: rows whose Pareto shape k is above what so many draws allow.".to_owned());
    }
}

/// `forecast`
pub fn forecast(found: &Forecast) -> String {
    let mut out = vec![
        seen(&found.record),
        format!(
            "issued    {}, {} of parameters, {} for each",
            found.issued,
            plural(found.draws, "set"),
            plural(found.wars, "war")
        ),
        String::new(),
    ];
    let mut table = Table::default();
    table.row(["", "", "parameters", "simulation", "5 % to 95 %"]);
    for q in &found.quantities {
        let event = q.sample.is_none();
        let show = |x: f64| if event { percent(x) } else { number(x) };
        let error = |x: f64| if x > 0.0 { format!("± {}", show(x)) } else { String::new() };
        let range = q.quantiles.map_or_else(String::new, |q| format!("{} to {}", number(q[0]), number(q[4])));
        table.row([
            q.question.clone(),
            show(q.value),
            error(q.parameter_uncertainty),
            error(q.simulation_error),
            range,
        ]);
    }
    out.extend(table.lines("  "));
    if found.refused > 0 {
        out.push(format!(
            "  {} of parameters give the record no probability and were left out.",
            plural(found.refused, "set")
        ));
    }
    out.join("\n")
}

/// `score`
pub fn score(found: &Resolved) -> String {
    let mut out = vec![format!("forecast  issued {}", found.issued), String::new()];
    let mut table = Table::default();
    table.row(["quantity", "forecast", "happened", "log", "Brier", "CRPS"]);
    let some = |x: Option<f64>| x.map_or_else(|| "–".to_owned(), number);
    for q in found.quantities.iter().filter(|q| q.outcome.is_some()) {
        table.row([q.id.clone(), number(q.value), some(q.outcome), some(q.log), some(q.brier), some(q.crps)]);
    }
    let resolved = found.quantities.iter().filter(|q| q.outcome.is_some()).count();
    if resolved > 0 {
        out.extend(table.lines("  "));
        out.push(format!("  Mean of events: log {}, Brier {}.", some(found.log), some(found.brier)));
    }
    let open: Vec<_> = found.quantities.iter().filter(|q| q.open.is_some()).collect();
    if !open.is_empty() {
        out.push(format!(
            "  {} still open; the first: {} ({}).",
            plural(open.len(), "quantity").replace("quantitys", "quantities"),
            open[0].id,
            open[0].open.as_deref().unwrap_or("")
        ));
    }
    out.join("\n")
}

/// `backtest`
pub fn backtest(found: &Backtest) -> String {
    let mut out = vec![seen(&found.record)];
    let first = found.months.first().map_or("", |m| &m.date);
    out.push(format!(
        "forecast  {} from {first} on, each from the rows before it",
        plural(found.months.len(), "month")
    ));
    if found.free.is_empty() {
        out.push("values    the scenario's, throughout".to_owned());
    } else {
        out.push(format!(
            "values    {} estimated {} from the rows before",
            found.free.join(", "),
            plural(found.estimates.len(), "time")
        ));
    }
    out.push(String::new());
    let mut table = Table::default();
    table.row(["target", "score", "months", "model", "best rule", "", "difference", "rules"]);
    let mut beaten = 0;
    for t in &found.targets {
        let best = t.rules.iter().find(|(name, _)| *name == t.best).map_or(f64::NAN, |(_, x)| *x);
        beaten += usize::from(t.model < best);
        let rules: Vec<String> = t.rules.iter().map(|(name, x)| format!("{name} {}", number(*x))).collect();
        table.row([
            t.name.clone(),
            t.score.to_owned(),
            t.months.to_string(),
            number(t.model),
            number(best),
            t.best.to_owned(),
            format!("{} ± {}", number(t.difference.0), number(t.difference.1)),
            rules.join(", "),
        ]);
    }
    out.extend(table.lines_with_prose("  "));
    out.push(format!(
        "  Smaller is better. The model beats the best rule on {beaten} of {}.",
        plural(found.targets.len(), "target")
    ));
    let over: f64 = found.months.iter().map(|m| m.over).sum();
    out.push(format!("  Ends of the war expected in these months: {over:.2}."));
    out.join("\n")
}
