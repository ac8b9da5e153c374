//! Rival theories of one war, held against one record.

use std::sync::Arc;

use armistice_scenario::{Change, Expression, Record, Scenario};
use armistice_solve::Control;
use serde::Serialize;

use crate::{FitError, Problem};

use super::document::RecordSeen;
use super::filter::filter;
use super::fit::{FitRequest, fit_record};
use super::model::{RecordModel, RecordSettings, Spent, free_parameters};
use super::past::Past;
use super::posterior::{PosteriorSettings, posterior};
use super::psis::{LeaveOneOut, leave_one_out};
use super::rolling::{Refits, Rolling};

/// A theory: values of parameters that it holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Theory {
    /// Name.
    pub name: String,
    /// Parameters and the values it gives them.
    pub held: Vec<(String, f64)>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct CompareRequest {
    /// Parameters estimated in every theory that does not hold them.
    pub free: Vec<String>,
    /// Whether marginal likelihoods and leave-one-out are computed; needs free parameters.
    pub evidence: Option<PosteriorSettings>,
    /// Date of the first row that is held out, where rows are.
    pub from: Option<String>,
    /// Rows between estimates from the rows before, for held-out rows.
    pub every: usize,
    /// Whether these estimates count the parameters' distributions too.
    pub prior: bool,
    /// Seed.
    pub seed: u64,
}

/// A comparison: `armistice.compare/1`.
#[derive(Clone, Debug, Serialize)]
pub struct RecordComparison {
    /// The record.
    pub record: RecordSeen,
    /// In the order asked for, the scenario as written first.
    pub theories: Vec<TheoryFit>,
    /// Dates of the rows.
    pub dates: Vec<String>,
    /// Every theory against the one of highest ln L.
    pub tests: Vec<TheoryTest>,
    /// What was estimated.
    pub free: Vec<String>,
    /// First row that was held out.
    pub held_out_from: Option<String>,
    /// Games solved.
    pub spent: Vec<Spent>,
    /// Seed.
    pub seed: u64,
}

/// One theory.
#[derive(Clone, Debug, Serialize)]
pub struct TheoryFit {
    /// The theory.
    pub theory: Theory,
    /// ln L; `null` where the record has probability 0 in it.
    pub log_likelihood: Option<f64>,
    /// Parameters estimated.
    pub estimated: Vec<(String, f64)>,
    /// 2k − 2 ln L.
    pub aic: Option<f64>,
    /// k ln n − 2 ln L.
    pub bic: Option<f64>,
    /// ln of the probability given to each row by the rows before it, at the same values throughout.
    pub months: Vec<f64>,
    /// ln of the marginal likelihood over the free parameters' priors, and its standard error.
    pub log_evidence: Option<(f64, Option<f64>)>,
    /// Leave-one-out, from draws of the posterior.
    pub leave_one_out: Option<LeaveOneOut>,
    /// ln of the probability given to each held-out row by what was estimated from rows before it; `null` where no row is held out.
    pub held_out: Option<Vec<f64>>,
}

/// The tests of Vuong (1989) and Clarke (2003) of the best theory against another.
#[derive(Clone, Debug, Serialize)]
pub struct TheoryTest {
    /// Position of the best.
    pub best: usize,
    /// Position of the other.
    pub other: usize,
    /// Standard normal if both are equally close; `null` where they predict the same.
    pub vuong: Option<f64>,
    /// Two-sided.
    pub vuong_p: Option<f64>,
    /// Rows that the best predicts better.
    pub better: u64,
    /// Two-sided, of so many rows of fair coins.
    pub clarke_p: f64,
}

/// The parameters in which a theory's file differs from a scenario, those left out that say how the record reads.
///
/// - errors: a theory without a game; one that differs in nothing.
pub fn theory_of(scenario: &Scenario, theory: &Scenario, name: &str) -> Result<Theory, FitError> {
    let limits = armistice_scenario::Limits::default().without_grid();
    let compile = |s: &Scenario| s.compile(&Change::default(), &limits).map_err(FitError::Record);
    let (ours, theirs) = (compile(scenario)?, compile(theory)?);
    let reading = scenario.read_by_record();
    let mut held = Vec::new();
    for (position, parameter) in scenario.parameters.iter().enumerate() {
        let other = theory.parameters.iter().position(|p| p.name == parameter.name);
        let value = other.and_then(|other| theirs.parameters.get(other)).copied();
        if let Some(value) = value
            && !reading.contains(&position)
            && (value - ours.parameters[position]).abs() > 1e-12 * (1.0 + value.abs())
        {
            held.push((parameter.name.clone(), value));
        }
    }
    if held.is_empty() {
        let what = format!("the theory {name} gives no parameter of the scenario another value");
        return Err(Problem::new(what)
            .hint("a theory extends the scenario, or one that the scenario extends too")
            .into());
    }
    Ok(Theory { name: name.to_owned(), held })
}

/// The scenario with a theory's values in it.
fn held(scenario: &Scenario, theory: &Theory) -> Scenario {
    let mut out = scenario.clone();
    for (name, value) in &theory.held {
        if let Some(parameter) = out.parameters.iter_mut().find(|p| p.name == *name) {
            parameter.value = Expression::number(*value);
        }
    }
    out
}

/// Holds every theory against a record.
///
/// - cost: for each theory one solution, or a fit where parameters are free; and clouds where marginal likelihoods are asked for.
/// - errors: as for [`fit_record`].
pub fn compare_theories(
    scenario: &Arc<Scenario>,
    theories: &[Theory],
    record: &Record,
    request: &CompareRequest,
    settings: &RecordSettings,
    control: &Control<'_>,
) -> Result<RecordComparison, FitError> {
    let past = Past::all(record);
    let free = if request.free.is_empty() { Vec::new() } else { free_parameters(scenario, &request.free)? };
    if request.evidence.is_some() && free.is_empty() {
        let problem = Problem::new("a marginal likelihood integrates over free parameters, and none are");
        return Err(problem.hint("name some with --free").into());
    }
    let first = match &request.from {
        None => None,
        Some(from) => Some(record.periods.iter().position(|p| p.date == *from).ok_or_else(|| {
            Problem::new(format!("no row of the record has the date `{from}`"))
                .hint("name the first row that is held out")
        })?),
    };
    let mut out = Vec::new();
    let mut spent = Vec::new();
    for (n, theory) in theories.iter().enumerate() {
        control.report("comparing theories", n as u64, Some(theories.len() as u64));
        let world = Arc::new(held(scenario, theory));
        let own: Vec<String> =
            free.iter().map(|f| f.name.clone()).filter(|f| theory.held.iter().all(|(h, _)| h != f)).collect();
        let own_free = if own.is_empty() { Vec::new() } else { free_parameters(&world, &own)? };
        let quiet = Control { progress: None, cancel: control.cancel.clone() };
        let model = RecordModel::new(
            Arc::clone(&world),
            own_free.clone(),
            vec![past.clone()],
            settings.clone(),
            &quiet,
        );
        let values = if own.is_empty() {
            Vec::new()
        } else {
            let ask = FitRequest {
                free: own.clone(),
                starts: 2,
                draws: 0,
                seed: request.seed,
                ..FitRequest::default()
            };
            fit_record(&world, record, &past, &ask, settings, &quiet)?
                .estimates
                .iter()
                .map(|e| e.value)
                .collect()
        };
        let point = model.at(&values)?;
        let likelihood = point.as_ref().map(super::Point::log_likelihood);
        let (log_evidence, leave_one_out) = match &request.evidence {
            Some(settings) if !own.is_empty() => {
                let terms = |v: &[f64]| Ok(model.at(v)?.map(|p| p.terms()));
                let found = posterior(&own_free, &terms, settings, &|_, _| {})?;
                (Some((found.log_evidence, found.log_evidence_error)), leave_one_out(&found.terms))
            }
            // Nothing is free: the likelihood is the marginal one.
            Some(_) => (likelihood.map(|l| (l, None)), None),
            None => (None, None),
        };
        let held_out = first.map(|first| {
            let refits = Refits { free: own.clone(), every: request.every, prior: request.prior };
            hold_out(&world, record, first, &refits, settings, &quiet)
        });
        let k = own.len() as f64;
        out.push(TheoryFit {
            theory: theory.clone(),
            log_likelihood: likelihood,
            estimated: own.into_iter().zip(values).collect(),
            aic: likelihood.map(|l| 2.0 * k - 2.0 * l),
            bic: likelihood.map(|l| k * (past.len() as f64).ln() - 2.0 * l),
            months: point.map_or_else(Vec::new, |p| p.terms()),
            log_evidence,
            leave_one_out,
            held_out: held_out.transpose()?,
        });
        spent.push(model.spent());
    }
    let tests = tests(&out);
    Ok(RecordComparison {
        record: RecordSeen::of(record, &past),
        theories: out,
        dates: record.periods.iter().map(|p| p.date.clone()).collect(),
        tests,
        free: request.free.clone(),
        held_out_from: request.from.clone(),
        spent,
        seed: request.seed,
    })
}

/// ln of the probability given to each row from `first` on, at values estimated from rows before it.
fn hold_out(
    world: &Arc<Scenario>,
    record: &Record,
    first: usize,
    refits: &Refits,
    settings: &RecordSettings,
    control: &Control<'_>,
) -> Result<Vec<f64>, FitError> {
    let mut rolling = Rolling::new(world, record, refits, settings, control)?;
    let mut out = Vec::new();
    for row in first..record.periods.len() {
        let point = rolling.before(row)?;
        let game = &point.compiled.game;
        // The row itself is seen for its score alone: what is predicted for it does not depend on it.
        let shown = Past::until(record, row + 1);
        let start = (game.start, &point.compiled.start_belief);
        let filtered = filter(game, &point.equilibrium, start, shown.rows(), &settings.filter);
        let last = filtered.and_then(|f| f.months.last().map(|m| m.log_predictive));
        let date = || record.periods.get(row).map_or_else(String::new, |p| p.date.clone());
        out.push(last.ok_or_else(|| Problem::new(format!("the row {} has probability 0", date())))?);
    }
    Ok(out)
}

fn tests(theories: &[TheoryFit]) -> Vec<TheoryTest> {
    let value = |t: &TheoryFit| t.log_likelihood.unwrap_or(f64::NEG_INFINITY);
    let Some(best) = (0..theories.len()).max_by(|a, b| value(&theories[*a]).total_cmp(&value(&theories[*b])))
    else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (other, theory) in theories.iter().enumerate() {
        if other == best || theory.months.len() != theories[best].months.len() || theory.months.is_empty() {
            continue;
        }
        let (a, b) = (&theories[best], theory);
        let found = crate::compare::of_terms(&a.months, &b.months, [a.estimated.len(), b.estimated.len()]);
        out.push(TheoryTest {
            best,
            other,
            vuong: found.vuong,
            vuong_p: found.vuong_p,
            better: found.clarke,
            clarke_p: found.clarke_p,
        });
    }
    out
}

/// Colors of a palette that most color-blind readers can tell apart (Okabe and Ito 2008).
const COLORS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

impl RecordComparison {
    /// Who explained which month, as one SVG without scripts: the sum of ln predictive probabilities so far, less that of the first theory, and below it the
    /// theory that gave each month the highest probability.
    #[must_use]
    pub fn chart(&self) -> String {
        let (width, top, height, left) = (760.0, 30.0, 260.0, 60.0);
        let drawn: Vec<(usize, &TheoryFit)> =
            self.theories.iter().enumerate().filter(|(_, t)| t.months.len() == self.dates.len()).collect();
        let n = self.dates.len().max(1) as f64;
        let first = drawn.first().map_or(&[][..], |(_, t)| &t.months);
        let mut lines: Vec<(usize, Vec<f64>)> = Vec::new();
        for (number, theory) in &drawn {
            let mut sum = 0.0;
            let line = theory.months.iter().zip(first).map(|(a, b)| {
                sum += a - b;
                sum
            });
            lines.push((*number, line.collect()));
        }
        let all = lines.iter().flat_map(|(_, line)| line.iter().copied());
        let low = all.clone().fold(0.0, f64::min);
        let high = all.fold(0.0, f64::max).max(low + 1e-6);
        let x = |t: usize| left + (t as f64 + 0.5) / n * (width - left - 20.0);
        let y = |v: f64| top + (high - v) / (high - low) * height;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} 400\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <title>Who explained which month</title>\n<rect width=\"{width}\" height=\"400\" fill=\"#fff\"/>\n\
             <text x=\"{left}\" y=\"18\">ln probability given to the record so far, less that of {}</text>\n",
            escaped(drawn.first().map_or("", |(_, t)| &t.theory.name))
        );
        for v in ticks(low, high) {
            let (at, end) = (y(v), width - 20.0);
            out.push_str(&format!(
                "<line x1=\"{left}\" x2=\"{end}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{v}</text>\n",
                left - 6.0,
                at + 4.0
            ));
        }
        for (number, line) in &lines {
            let points: Vec<String> =
                line.iter().enumerate().map(|(t, v)| format!("{:.1},{:.1}", x(t), y(*v))).collect();
            let color = COLORS[number % COLORS.len()];
            out.push_str(&format!(
                "<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" points=\"{}\"/>\n",
                points.join(" ")
            ));
        }
        let cell = (width - left - 20.0) / n;
        for t in 0..self.dates.len() {
            let best = drawn.iter().max_by(|a, b| a.1.months[t].total_cmp(&b.1.months[t]));
            let Some((number, theory)) = best else { continue };
            out.push_str(&format!(
                "<rect x=\"{:.1}\" y=\"310\" width=\"{:.1}\" height=\"16\" fill=\"{}\"><title>{}: {}</title></rect>\n",
                x(t) - cell / 2.0,
                cell - 1.0,
                COLORS[number % COLORS.len()],
                escaped(&self.dates[t]),
                escaped(&theory.theory.name)
            ));
            if t % 6 == 0 {
                out.push_str(&format!(
                    "<text x=\"{:.1}\" y=\"342\" text-anchor=\"middle\">{}</text>\n",
                    x(t),
                    escaped(&self.dates[t])
                ));
            }
        }
        for (i, (number, theory)) in drawn.iter().enumerate() {
            let at = left + (i % 4) as f64 * 170.0;
            let row = 362.0 + (i / 4) as f64 * 18.0;
            out.push_str(&format!(
                "<rect x=\"{at}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"{}\"/><text x=\"{}\" y=\"{row}\">{}</text>\n",
                row - 9.0,
                COLORS[number % COLORS.len()],
                at + 15.0,
                escaped(&theory.theory.name)
            ));
        }
        out.push_str("</svg>\n");
        out
    }
}

/// Round numbers between two.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let raw = (high - low) / 5.0;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= raw).unwrap_or(raw);
    let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
    (first..=last).map(|i| ((i as f64) * step * 1e6).round() / 1e6).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
