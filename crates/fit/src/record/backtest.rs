//! The backtest: every month forecast from the months before it, and nothing else, against rules that know no model.

use std::sync::Arc;

use armistice_scenario::{Record, RecordTable, Scenario};
use armistice_solve::Control;
use serde::Serialize;

use crate::{FitError, Problem};

use super::choices::Choices;
use super::document::RecordSeen;
use super::filter::filter;
use super::model::{Point, RecordSettings};
use super::past::Past;
use super::predict::{NextMonth, next_month};
use super::rolling::{Refits, Rolling};
use super::scoring::{brier, density, log_score};
use super::series::{Track, categories, tracks};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct BacktestRequest {
    /// Date of the first month that is forecast.
    pub from: String,
    /// What is estimated from the months before, again and again.
    pub refits: Refits,
    /// Seed.
    pub seed: u64,
}

/// A backtest: `armistice.backtest/1`.
#[derive(Clone, Debug, Serialize)]
pub struct Backtest {
    /// The record.
    pub record: RecordSeen,
    /// What was scored.
    pub targets: Vec<Target>,
    /// By month.
    pub months: Vec<BacktestMonth>,
    /// Estimates made on the way: first month they were used for, and values.
    pub estimates: Vec<(String, Vec<f64>)>,
    /// Names of what was estimated.
    pub free: Vec<String>,
    /// Seed.
    pub seed: u64,
}

/// One thing that is forecast.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// A column, or a move.
    pub name: String,
    /// How it is scored: `log` or `brier`; smaller is better.
    pub score: &'static str,
    /// Months scored.
    pub months: usize,
    /// Mean score of the model.
    pub model: f64,
    /// Mean score of each rule.
    pub rules: Vec<(&'static str, f64)>,
    /// The best rule.
    pub best: &'static str,
    /// Mean difference of the model to the best rule, and its standard error over months.
    pub difference: (f64, f64),
}

/// One month.
#[derive(Clone, Debug, Serialize)]
pub struct BacktestMonth {
    /// Date.
    pub date: String,
    /// By target: what was forecast and what happened; `null` where the row shows nothing.
    pub forecasts: Vec<Option<Scored>>,
    /// Probability given to an end of the war in the month.
    pub over: f64,
    /// By column: how the distribution of its change was made of the game's steps.
    pub around: Vec<Around>,
    /// By move: the chance, estimated from the months before, that the last choice stands without a new one.
    pub stands: Vec<f64>,
}

/// What stands between the steps that a game can make and the change of a column, estimated from the months before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Around {
    /// How far apart the steps stay: 1 as in the game, 0 all at their mean.
    pub factor: f64,
    /// Share of last month's unexpected change that is expected again.
    pub carried: f64,
    /// Standard deviation around each step.
    pub deviation: f64,
}

/// A forecast and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scored {
    /// Probabilities of the categories, or mean and standard deviation of the change.
    pub forecast: Vec<f64>,
    /// The category, or the change.
    pub outcome: f64,
    /// The model's score.
    pub model: f64,
    /// The rules' scores.
    pub rules: Vec<f64>,
}

const CHANGE_RULES: [&str; 5] = ["no change", "mean", "last change", "AR(1)", "six-month mean"];
const CATEGORY_RULES: [&str; 2] = ["frequency", "persistence"];

/// Everything that may be known when a month is forecast. Later rows are not in it.
struct Known {
    past: Past,
    /// By track: values up to the last row, the one before the record first.
    series: Vec<Vec<Option<f64>>>,
}

impl Known {
    fn before(record: &Record, tracks: &[Track], row: usize) -> Self {
        let series = tracks.iter().map(|track| {
            std::iter::once(track.before).chain(track.values.iter().take(row).copied()).collect()
        });
        Self { past: Past::until(record, row), series: series.collect() }
    }

    fn changes(&self, track: usize) -> Vec<f64> {
        let series = self.series.get(track).map_or(&[][..], |s| s);
        series.windows(2).filter_map(|pair| Some(pair[1]? - pair[0]?)).collect()
    }
}

/// What the model says of the month after what is known.
struct Foreseen {
    next: NextMonth,
    /// What it had said of each month that is known, from the months before that one.
    before: Vec<NextMonth>,
    /// By track: steps of the observable with their probabilities, given that the war goes on, moved and drawn together, and how.
    steps: Vec<(Vec<(f64, f64)>, Around)>,
}

/// Forecasts every month from `from` on out of the months before it.
///
/// - the change of a column: a mixture of normal densities around the steps that the game can make, drawn together around their mean by one factor (0 keeps the
///   mean alone, since a lattice is rougher than what it stands for), moved by a share of what the month before brought beyond its own mean
///   (errors follow a first-order autoregression), and with one variance: all three the likeliest on the months before. Rules: normal densities
///   around 0, the mean, the last change, an autoregression, and the mean of six months, each with the mean square of its own errors on the
///   months before as variance.
/// - moves: what the game says, but for a chance that the last choice stands without a new one, estimated from the months before. Rules: the share of months so far, and the last month repeated with the share of months that repeated the one before.
/// - cost: one solution of the game for each set of parameter values; an estimate takes some tens of solutions with their gradients.
pub fn backtest(
    scenario: &Arc<Scenario>,
    table: &RecordTable,
    record: &Record,
    request: &BacktestRequest,
    settings: &RecordSettings,
    control: &Control<'_>,
) -> Result<Backtest, FitError> {
    let Some(first) = record.periods.iter().position(|p| p.date == request.from) else {
        let hint = "name a row of the record, such as its thirteenth";
        return Err(Problem::new(format!("no row of the record has the date `{}`", request.from))
            .hint(hint)
            .into());
    };
    if first < 6 {
        return Err(Problem::new(
            "fewer than six months lie before the first forecast, too few for any rule",
        )
        .into());
    }
    let mut rolling = Rolling::new(scenario, record, &request.refits, settings, control)?;
    let mut months: Vec<BacktestMonth> = Vec::new();
    let mut named: Vec<(String, &'static str)> = Vec::new();
    let total = record.periods.len() - first;
    for row in first..record.periods.len() {
        control.report("forecasting months", (row - first) as u64, Some(total as u64));
        let point = rolling.before(row)?;
        let game = &point.compiled.game;
        let tracks = tracks(table, record, game);
        let categories = categories(scenario, &point.compiled);
        if named.is_empty() {
            named.extend(tracks.iter().map(|t| (t.name.clone(), "log")));
            named.extend(categories.iter().map(|c| (c.name.clone(), "brier")));
        }
        let known = Known::before(record, &tracks, row);
        let Some(foreseen) = foresee(point, &known, &tracks, settings) else { continue };
        let mut forecasts = Vec::new();
        for (n, track) in tracks.iter().enumerate() {
            let now = track.values.get(row).copied().flatten();
            let last = known.series[n].last().copied().flatten();
            forecasts.push(
                now.zip(last).map(|(now, last)| change(&known.changes(n), &foreseen.steps[n], now - last)),
            );
        }
        // What happened, for scoring alone.
        let shown = Past::until(record, row + 1);
        let mut stands = Vec::new();
        for category in &categories {
            let made = Choices::of(category, game, &known.past, &foreseen.before);
            let outcome = category.shown(game, &shown, row);
            forecasts.push(outcome.map(|outcome| choice(&made, &foreseen.next, outcome)));
            stands.push(made.stands);
        }
        months.push(BacktestMonth {
            date: record.periods[row].date.clone(),
            forecasts,
            over: foreseen.next.over(),
            around: foreseen.steps.iter().map(|(_, around)| *around).collect(),
            stands,
        });
    }
    let targets =
        named.iter().enumerate().map(|(n, (name, score))| target(name, score, n, &months)).collect();
    Ok(Backtest {
        record: RecordSeen::of(record, &Past::all(record)),
        targets,
        months,
        estimates: rolling.estimates,
        free: request.refits.free.clone(),
        seed: request.seed,
    })
}

/// The next month by the model, from nothing but what is known.
fn foresee(point: &Point, known: &Known, tracks: &[Track], settings: &RecordSettings) -> Option<Foreseen> {
    let (game, equilibrium) = (&point.compiled.game, &point.equilibrium);
    let start = (game.start, &point.compiled.start_belief);
    let filtered = filter(game, equilibrium, start, known.past.rows(), &settings.filter)?;
    let at = |rows: usize| next_month(game, equilibrium, filtered.after(rows), u32::try_from(rows).ok()?);
    // The distribution of each month before, one step ahead, for the spread within a step.
    let mut before = Vec::new();
    for rows in 0..known.past.len() {
        before.push(at(rows)?);
    }
    let next = at(known.past.len())?;
    let mut steps = Vec::new();
    for (n, track) in tracks.iter().enumerate() {
        let values = &game.observable(&track.name)?.values;
        let of = |rows: usize, next: &NextMonth| -> Vec<(f64, f64)> {
            let now: f64 = filtered.after(rows).iter().map(|h| h.weight * values[h.state.index()]).sum();
            let on: f64 = next.states.iter().map(|(_, p)| p).sum();
            next.states.iter().map(|(state, p)| (values[state.index()] - now, p / on)).collect()
        };
        let seen: Vec<(f64, Vec<(f64, f64)>)> = (0..known.past.len())
            .filter_map(|t| {
                let series = &known.series[n];
                Some((series[t + 1]? - series[t]?, of(t, &before[t])))
            })
            .collect();
        let around = likeliest(&seen);
        let unexpected = seen.last().map_or(0.0, |(y, steps)| y - mean_of(steps));
        steps.push((around.applied(&of(known.past.len(), &next), unexpected), around));
    }
    Some(Foreseen { next, before, steps })
}

fn mean_of(steps: &[(f64, f64)]) -> f64 {
    steps.iter().map(|(step, p)| step * p).sum()
}

impl Around {
    /// Steps drawn together around their mean, and moved by the share carried of what was unexpected the month before.
    fn applied(self, steps: &[(f64, f64)], unexpected: f64) -> Vec<(f64, f64)> {
        let mean = mean_of(steps);
        let place = |step: f64| mean + self.factor * (step - mean) + self.carried * unexpected;
        steps.iter().map(|(step, p)| (place(*step), *p)).collect()
    }
}

/// What makes changes that were seen likeliest, given the steps expected of each: factor and share of five and six values, the deviation by
/// golden section on its logarithm.
///
/// A column on a lattice is known to a cell of it, so the deviation is at least that of a uniform distribution over a cell, times the factor.
fn likeliest(seen: &[(f64, Vec<(f64, f64)>)]) -> Around {
    let square: f64 = seen.iter().map(|(y, _)| y * y).sum::<f64>() / (seen.len() as f64).max(1.0);
    let top = square.sqrt().max(1e-6).ln() + 1.0;
    let gap = seen.iter().filter_map(|(_, steps)| steps.get(1).map(|b| (b.0 - steps[0].0).abs()));
    let gap = gap.filter(|g| *g > 0.0).fold(f64::INFINITY, f64::min);
    let unexpected: Vec<f64> =
        std::iter::once(0.0).chain(seen.iter().map(|(y, steps)| y - mean_of(steps))).collect();
    let ratio = 0.5 * (5.0f64.sqrt() - 1.0);
    let mut best = (f64::NEG_INFINITY, Around { factor: 0.0, carried: 0.0, deviation: 1.0 });
    for (factor, carried) in [0.0, 0.25, 0.5, 0.75, 1.0]
        .into_iter()
        .flat_map(|factor| [0.0, 0.2, 0.4, 0.6, 0.8, 1.0].map(|carried| (factor, carried)))
    {
        let around = Around { factor, carried, deviation: 1.0 };
        let placed: Vec<(f64, Vec<(f64, f64)>)> = (seen.iter().zip(&unexpected))
            .map(|((y, steps), before)| (*y, around.applied(steps, *before)))
            .collect();
        let floor = if gap.is_finite() { (factor * gap / 12.0f64.sqrt()).max(1e-6) } else { 1e-6 };
        let value = |log: f64| -> f64 {
            let deviation = log.exp();
            placed.iter().map(|(y, steps)| mixture(*y, steps, deviation).max(1e-300).ln()).sum()
        };
        let (mut low, mut high) = ((top - 6.0).max(floor.ln()), top.max(floor.ln() + 1.0));
        for _ in 0..40 {
            let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
            if value(a) < value(b) { low = a } else { high = b }
        }
        let log = 0.5 * (low + high);
        if value(log) > best.0 {
            best = (value(log), Around { deviation: log.exp(), ..around });
        }
    }
    best.1
}

fn mixture(y: f64, steps: &[(f64, f64)], deviation: f64) -> f64 {
    steps.iter().map(|(step, p)| p * density(y, *step, deviation)).sum()
}

fn change(before: &[f64], (steps, around): &(Vec<(f64, f64)>, Around), y: f64) -> Scored {
    let mean = mean_of(steps);
    let spread = around.deviation;
    let square: f64 = steps.iter().map(|(step, p)| p * (step - mean).powi(2)).sum::<f64>() + spread * spread;
    let rules = (0..CHANGE_RULES.len()).map(|rule| log_score(rule_density(rule, before, y))).collect();
    let model = log_score(mixture(y, steps, spread));
    Scored { forecast: vec![mean, square.sqrt()], outcome: y, model, rules }
}

/// What a rule predicts for the change after some changes.
fn rule_mean(rule: usize, before: &[f64]) -> f64 {
    let mean =
        |list: &[f64]| if list.is_empty() { 0.0 } else { list.iter().sum::<f64>() / list.len() as f64 };
    match rule {
        0 => 0.0,
        1 => mean(before),
        2 => before.last().copied().unwrap_or(0.0),
        3 => {
            let (from, to) =
                (before.get(..before.len().saturating_sub(1)).unwrap_or(&[]), before.get(1..).unwrap_or(&[]));
            let (a, b) = (mean(from), mean(to));
            let square: f64 = from.iter().map(|x| (x - a).powi(2)).sum();
            let cross: f64 = from.iter().zip(to).map(|(x, y)| (x - a) * (y - b)).sum();
            let slope = if square > 0.0 && from.len() > 2 { cross / square } else { 0.0 };
            b + slope * (before.last().copied().unwrap_or(a) - a)
        }
        _ => mean(&before[before.len().saturating_sub(6)..]),
    }
}

/// Normal around the rule's mean; the variance is the mean square of its errors at each change before, from the fourth on.
fn rule_density(rule: usize, before: &[f64], y: f64) -> f64 {
    let errors: Vec<f64> = (3..before.len()).map(|t| before[t] - rule_mean(rule, &before[..t])).collect();
    let square = errors.iter().map(|e| e * e).sum::<f64>() / (errors.len() as f64).max(1.0);
    density(y, rule_mean(rule, before), square.sqrt().max(1e-6))
}

fn choice(made: &Choices<'_>, next: &NextMonth, outcome: usize) -> Scored {
    let k = made.category.labels.len();
    let forecast = made.next(next);
    let seen: Vec<usize> = made.seen.iter().map(|(_, category)| *category).collect();
    // A share of one month is spread evenly over the categories that rows can show, so that nothing has probability 0.
    let open = (k - 1) as f64;
    let even = |c: usize| if c + 1 < k { 1.0 / open } else { 0.0 };
    let n = seen.len() as f64;
    let count = |c: usize| seen.iter().filter(|s| **s == c).count() as f64;
    let frequency: Vec<f64> = (0..k).map(|c| (count(c) + even(c)) / (n + 1.0)).collect();
    let repeated = seen.windows(2).filter(|pair| pair[0] == pair[1]).count() as f64;
    let again = (repeated + 0.5) / (seen.len().saturating_sub(1) as f64 + 1.0);
    let persistence: Vec<f64> = match seen.last() {
        None => frequency.clone(),
        Some(last) => {
            let others: f64 = (0..k).filter(|c| c != last).map(|c| frequency[c]).sum();
            let share = |c: usize| if c == *last { again } else { (1.0 - again) * frequency[c] / others };
            (0..k).map(share).collect()
        }
    };
    let rules = vec![brier(&frequency, outcome), brier(&persistence, outcome)];
    Scored { model: brier(&forecast, outcome), forecast, outcome: outcome as f64, rules }
}

fn target(name: &str, score: &'static str, n: usize, months: &[BacktestMonth]) -> Target {
    let scored: Vec<&Scored> = months.iter().filter_map(|m| m.forecasts.get(n)?.as_ref()).collect();
    let count = (scored.len() as f64).max(1.0);
    let names: &[&'static str] = if score == "log" { &CHANGE_RULES } else { &CATEGORY_RULES };
    let model = scored.iter().map(|s| s.model).sum::<f64>() / count;
    let rules: Vec<(&'static str, f64)> = (names.iter().enumerate())
        .map(|(r, name)| (*name, scored.iter().map(|s| s.rules[r]).sum::<f64>() / count))
        .collect();
    let best = (0..rules.len()).min_by(|a, b| rules[*a].1.total_cmp(&rules[*b].1)).unwrap_or(0);
    let differences: Vec<f64> = scored.iter().map(|s| s.model - s.rules[best]).collect();
    let mean = differences.iter().sum::<f64>() / count;
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    Target {
        name: name.to_owned(),
        score,
        months: scored.len(),
        model,
        best: rules[best].0,
        rules,
        difference: (mean, (variance / count).sqrt()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_unexpected_is_carried_on_where_the_past_says_so() {
        // A game that expects a step of 1 half of the time, and changes that swing slowly around ½.
        let steps = vec![(0.0, 0.5), (1.0, 0.5)];
        let seen: Vec<(f64, Vec<(f64, f64)>)> =
            (0..40).map(|t| (0.5 + 0.2 * (f64::from(t) / 4.0).sin(), steps.clone())).collect();
        let found = likeliest(&seen);
        assert!(found.carried >= 0.8 && found.factor == 0.0, "{found:?}");
        let next = found.applied(&steps, 0.3);
        assert!((mean_of(&next) - 0.5 - 0.3 * found.carried).abs() < 1e-12);
        // Changes that take turns: what was unexpected last month is no reason to expect it again.
        let turns: Vec<(f64, Vec<(f64, f64)>)> = (0..12).map(|t| (f64::from(t % 2), steps.clone())).collect();
        let found = likeliest(&turns);
        assert!(found.carried == 0.0, "{found:?}");
    }
}
