//! Maximum likelihood: parameters of a war's game from the record of the war.

use std::sync::Arc;

use armistice_scenario::{Record, Scenario};
use armistice_solve::Control;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::linear::{Cholesky, Square};
use crate::{FitError, Problem};

use super::ascent::{Ascent, ascend, held};
use super::document::{
    Estimate, Fit, Identified, MonthRow, OptimumFound, Profile, RecordSeen, margins_now, month_rows,
};
use super::model::{Free, Point, RecordModel, RecordSettings};
use super::past::Past;
use super::posterior::{Clouds, PosteriorSettings, posterior_from};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct FitRequest {
    /// Parameters to estimate, by name; all with a range that move the likelihood when none are named.
    pub free: Vec<String>,
    /// Starting points: the scenario's values and points drawn over the ranges.
    pub starts: usize,
    /// Most evaluations from one starting point.
    pub evaluations: usize,
    /// Parameters whose profile likelihood is followed.
    pub profiles: Vec<String>,
    /// Draws of the normal approximation that are kept, for forecasts.
    pub draws: usize,
    /// Seed of every random number.
    pub seed: u64,
}

impl Default for FitRequest {
    fn default() -> Self {
        Self { free: Vec::new(), starts: 3, evaluations: 60, profiles: Vec::new(), draws: 100, seed: 1 }
    }
}

/// Parameters that move the likelihood by less than this over their whole range are left as they stand when none are named.
const MOVES: f64 = 1e-6;

/// Half the distance of second differences, as a share of the range: above the kinks of a belief grid, below the curvature of a likelihood.
const HALF_STEP: f64 = 2e-3;

/// Standard deviation of a uniform distribution over a range of 1: a standard error above it says less than the range.
const RANGE_SD: f64 = 0.288_675_134_594_812_9;

/// ½ χ²₁ at 95 percent: where a profile likelihood ends its interval.
const DROP: f64 = 1.920_729;

/// What of a fit is done: all that is needed to go on with it, to the same bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FitDone {
    starts: Vec<Arrived>,
    profiles: Vec<Followed>,
}

impl FitDone {
    /// Starting points and profiles that are done.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.starts.len(), self.profiles.len())
    }
}

/// A starting point that is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Arrived {
    /// Where it led; nothing where it has no likelihood.
    at: Option<Ascent>,
    /// The highest point met by then, in the parameters' units.
    highest: Option<Vec<f64>>,
}

/// A profile that is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Followed {
    parameter: String,
    /// ln L of the maximum from which it was followed.
    from: f64,
    profile: Profile,
}

/// Estimates the free parameters of a scenario from a record.
///
/// - cost and errors: those of [`fit_record_from`].
pub fn fit_record(
    scenario: &Arc<Scenario>,
    record: &Record,
    past: &Past,
    request: &FitRequest,
    settings: &RecordSettings,
    control: &Control<'_>,
) -> Result<Fit, FitError> {
    fit_record_from((FitDone::default(), &mut |_| {}), (scenario, record, past), request, settings, control)
}

/// Estimates the free parameters of a scenario from a record, going on from what is done.
///
/// - `done`: of the same request on the same record and scenario, but that there may be other `starts`, `profiles` and `draws`; `keep` sees it whenever there is more.
/// - cost: for each starting point some tens of evaluations, each a solution of the game, an adjoint of it and two compilations a
///   parameter; for standard errors two evaluations a parameter; for a profile about ten times as many as for a start.
/// - errors: [`FitError::Invalid`], [`FitError::NoStart`]; [`FitError::Canceled`] before anything was found. Stopped later, what was found is returned.
pub fn fit_record_from(
    (mut done, keep): (FitDone, &mut dyn FnMut(&FitDone)),
    (scenario, record, past): (&Arc<Scenario>, &Record, &Past),
    request: &FitRequest,
    settings: &RecordSettings,
    control: &Control<'_>,
) -> Result<Fit, FitError> {
    let free = super::model::free_parameters(scenario, &request.free)?;
    let mut model =
        RecordModel::new(Arc::clone(scenario), free, vec![past.clone()], settings.clone(), control);
    control.report("looking at the start", 0, None);
    let stated = model.at(&model.stated())?;
    let mut idle = Vec::new();
    if request.free.is_empty()
        && let Some(stated) = &stated
    {
        let gradient = model.gradient(stated)?;
        let moves = |free: &Free, slope: f64| (slope * free.width()).abs() > MOVES;
        let all = std::mem::take(&mut model.free);
        for (free, slope) in all.into_iter().zip(gradient) {
            if moves(&free, slope) { model.free.push(free) } else { idle.push(free.name) }
        }
        if model.free.is_empty() {
            return Err(Problem::new("no parameter with a range moves the likelihood of the record").into());
        }
    }
    let names: Vec<&str> = model.free.iter().map(|f| f.name.as_str()).collect();
    let unknown: Vec<Problem> = (request.profiles.iter().filter(|name| !names.contains(&name.as_str())))
        .map(|name| {
            Problem::new(format!("`{name}` is not estimated, so it has no profile"))
                .hint(format!("free are {}", names.join(", ")))
        })
        .collect();
    if !unknown.is_empty() {
        return Err(FitError::Invalid(unknown));
    }
    let (optima, best, mut interrupted) = search(&model, request, &mut done, keep)?;
    let errors = match errors(&model, &optima[0]) {
        Ok(errors) => Some(errors),
        Err(FitError::Canceled) => None,
        Err(error) => return Err(error),
    };
    interrupted |= errors.is_none();
    let mut estimates = estimates(&model, &optima[0], errors.as_ref());
    for name in &request.profiles {
        let Some(at) = model.free.iter().position(|f| f.name == *name) else { continue };
        let from = optima[0].value;
        if let Some(found) = done.profiles.iter().find(|f| f.parameter == *name && f.from == from) {
            estimates[at].profile = Some(found.profile.clone());
            continue;
        }
        match profile(&model, &optima[0], at, request.evaluations) {
            Ok(found) => {
                done.profiles.push(Followed { parameter: name.clone(), from, profile: found.clone() });
                keep(&done);
                estimates[at].profile = Some(found);
            }
            Err(FitError::Canceled) => interrupted = true,
            Err(error) => return Err(error),
        }
    }
    let draws = errors.as_ref().map_or_else(Vec::new, |e| normal_draws(&model, &optima[0], e, request));
    let months: Vec<MonthRow> = month_rows(&best, past, stated.as_ref());
    Ok(Fit {
        record: RecordSeen::of(record, past),
        estimates,
        idle,
        log_likelihood: optima[0].value,
        log_likelihood_stated: stated.as_ref().map(Point::log_likelihood),
        periods: past.len(),
        optima: (optima.iter())
            .map(|o| OptimumFound {
                log_likelihood: o.value,
                values: model.free.iter().zip(&o.point).map(|(f, x)| f.value(*x)).collect(),
                starts: o.starts,
                converged: o.converged,
            })
            .collect(),
        margins: margins_now(&best, scenario.about.attacker),
        months,
        dropped: best.filtered.iter().map(super::Filtered::dropped).fold(0.0, f64::max),
        draws,
        draws_from: "normal approximation, with the ranges as prior and cut at them".to_owned(),
        posterior: None,
        spent: model.spent(),
        interrupted,
        seed: request.seed,
    })
}

/// Estimates of the free parameters of a model as it stands, which may hold the records of several wars.
///
/// - cost and errors: as for [`fit_record`], without profiles.
pub fn fit_model(model: &RecordModel<'_>, request: &FitRequest) -> Result<Vec<Estimate>, FitError> {
    let (optima, _, _) = search(model, request, &mut FitDone::default(), &mut |_| {})?;
    let errors = errors(model, &optima[0])?;
    Ok(estimates(model, &optima[0], Some(&errors)))
}

/// Adds the posterior of the parameters that a fit estimated, and takes its draws in place of the normal approximation's.
///
/// - `kept`: clouds of the same request that are on their way already; `keep` sees them whenever they have come further.
/// - cost: see [`posterior_from`].
/// - errors: [`FitError::Canceled`] leaves the fit as it was.
pub fn add_posterior(
    fit: &mut Fit,
    (scenario, past): (&Arc<Scenario>, &Past),
    asked: &PosteriorSettings,
    settings: &RecordSettings,
    (kept, keep): (Clouds, &mut dyn FnMut(&Clouds)),
    control: &Control<'_>,
) -> Result<(), FitError> {
    let names: Vec<String> = fit.estimates.iter().map(|e| e.name.clone()).collect();
    let free = super::model::free_parameters(scenario, &names)?;
    let model =
        RecordModel::new(Arc::clone(scenario), free.clone(), vec![past.clone()], settings.clone(), control);
    let terms = |values: &[f64]| Ok(model.at(values)?.map(|point| point.terms()));
    let mut see = |clouds: &Clouds| {
        let (arrived, at) = clouds.progress();
        let done = arrived as f64 + if at < 1.0 { at } else { 0.0 };
        control.report("drawing from the posterior", (100.0 * done) as u64, Some(100 * asked.runs as u64));
        keep(clouds);
    };
    let found = posterior_from(kept, &free, &terms, asked, &mut see)?;
    fit.draws.clone_from(&found.draws);
    fit.draws_from = "posterior".to_owned();
    fit.posterior = Some(found);
    Ok(())
}

/// A maximum and how often it was found.
pub(super) struct Optimum {
    pub point: Vec<f64>,
    pub value: f64,
    pub gradient: Vec<f64>,
    pub starts: usize,
    pub converged: bool,
}

/// Value and gradient in shares of the ranges; keeps the best point.
pub(super) fn evaluate(
    model: &RecordModel<'_>,
    shares: &[f64],
    best: &mut Option<Point>,
) -> Result<Option<(f64, Vec<f64>)>, FitError> {
    let values: Vec<f64> = model.free.iter().zip(shares).map(|(f, x)| f.value(*x)).collect();
    let Some(point) = model.at(&values)? else { return Ok(None) };
    let slopes = model.gradient(&point)?;
    let value = point.log_likelihood();
    if best.as_ref().is_none_or(|b| b.log_likelihood() < value) {
        *best = Some(point);
    }
    Ok(Some((value, model.free.iter().zip(slopes).map(|(f, s)| s * f.width()).collect())))
}

/// Every maximum found, the best first, and the solved game there.
fn search(
    model: &RecordModel<'_>,
    request: &FitRequest,
    done: &mut FitDone,
    keep: &mut dyn FnMut(&FitDone),
) -> Result<(Vec<Optimum>, Point, bool), FitError> {
    let k = model.free.len();
    let mut random = ChaCha8Rng::seed_from_u64(request.seed);
    let mut optima: Vec<Optimum> = Vec::new();
    let mut interrupted = false;
    let starts = request.starts.max(1);
    let before = done.starts.iter().take(starts).next_back().and_then(|last| last.highest.as_ref());
    let mut best: Option<Point> = before.map_or(Ok(None), |values| model.at(values))?;
    for start in 0..starts {
        let from: Vec<f64> = if start == 0 {
            model.free.iter().map(|f| f.share(f.stated).clamp(0.0, 1.0)).collect()
        } else {
            (0..k).map(|_| 0.05 + 0.9 * random.random::<f64>()).collect()
        };
        if let Some(arrived) = done.starts.get(start) {
            arrived.at.iter().for_each(|found| add(&mut optima, found));
            continue;
        }
        let mut spent = 0;
        let mut objective = |shares: &[f64]| {
            spent += 1;
            let total = (starts * request.evaluations) as u64;
            model.control().report("climbing", (start * request.evaluations + spent) as u64, Some(total));
            evaluate(model, shares, &mut best)
        };
        match ascend(&mut objective, &from, request.evaluations) {
            Ok(at) => {
                at.iter().for_each(|found| add(&mut optima, found));
                done.starts.push(Arrived { at, highest: best.as_ref().map(|best| best.values.clone()) });
                keep(done);
            }
            Err(FitError::Canceled) => {
                interrupted = true;
                break;
            }
            Err(error) => return Err(error),
        }
    }
    optima.sort_by(|a, b| b.value.total_cmp(&a.value));
    if optima.is_empty()
        && let (true, Some(best)) = (interrupted, &best)
    {
        // Stopped on the first way up: the highest point so far.
        let point = model.free.iter().zip(&best.values).map(|(f, v)| f.share(*v)).collect();
        let gradient = vec![0.0; k];
        optima.push(Optimum { point, value: best.log_likelihood(), gradient, starts: 1, converged: false });
    }
    match (best, interrupted) {
        (Some(best), _) if !optima.is_empty() => Ok((optima, best, interrupted)),
        (_, true) => Err(FitError::Canceled),
        _ => Err(FitError::NoStart { starts }),
    }
}

/// Points within this of each other in ln L and in every share of a range are one maximum.
const SAME: (f64, f64) = (0.02, 0.05);

fn add(optima: &mut Vec<Optimum>, found: &Ascent) {
    let near = |a: &Optimum| {
        let apart = a.point.iter().zip(&found.point).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        (a.value - found.value).abs() < SAME.0 && apart < SAME.1
    };
    let Ascent { point, value, gradient, converged, .. } = found.clone();
    match optima.iter_mut().find(|a| near(a)) {
        Some(same) => {
            same.starts += 1;
            if value > same.value {
                (same.point, same.value, same.gradient, same.converged) = (point, value, gradient, converged);
            }
        }
        None => optima.push(Optimum { point, value, gradient, starts: 1, converged }),
    }
}

/// Second derivatives at a maximum, in shares of the ranges.
pub(super) struct Errors {
    /// Parameters that are not held at an end of their range.
    pub open: Vec<usize>,
    /// −∂²ln L.
    pub information: Square,
    /// Its inverse, where there is one.
    pub covariance: Option<Square>,
    /// With the months' scores in the middle.
    pub robust: Option<Square>,
}

/// Differences of gradients, and of the rows' terms, around a maximum.
pub(super) fn errors(model: &RecordModel<'_>, optimum: &Optimum) -> Result<Errors, FitError> {
    let k = model.free.len();
    let open: Vec<usize> = (0..k).filter(|i| !held(optimum.point[*i], optimum.gradient[*i])).collect();
    let mut information = Square::zeros(open.len());
    let mut scores: Vec<Vec<f64>> = Vec::new();
    for (a, i) in open.iter().enumerate() {
        model.control().report("measuring errors", a as u64, Some(open.len() as u64));
        let mut ends: Vec<(f64, Vec<f64>, Vec<f64>)> = Vec::new();
        for step in [-HALF_STEP, HALF_STEP] {
            let mut shares = optimum.point.clone();
            shares[*i] = (shares[*i] + step).clamp(0.0, 1.0);
            let values: Vec<f64> = model.free.iter().zip(&shares).map(|(f, x)| f.value(*x)).collect();
            let Some(point) = model.at(&values)? else { continue };
            let slopes = model.gradient(&point)?;
            let slopes = model.free.iter().zip(slopes).map(|(f, s)| s * f.width()).collect();
            ends.push((shares[*i], slopes, point.terms()));
        }
        let [(low, down, before), (high, up, after)] = ends.as_slice() else {
            let name = &model.free[*i].name;
            return Err(Problem::new(format!("next to the maximum, `{name}` has no likelihood")).into());
        };
        let width = high - low;
        for (b, j) in open.iter().enumerate() {
            *information.at_mut(a, b) -= (up[*j] - down[*j]) / width;
        }
        scores.push(after.iter().zip(before).map(|(x, y)| (x - y) / width).collect());
    }
    // Differences of derivatives are symmetric but for round-off.
    let raw = information.clone();
    for a in 0..open.len() {
        for b in 0..open.len() {
            *information.at_mut(a, b) = 0.5 * (raw.at(a, b) + raw.at(b, a));
        }
    }
    let covariance = inverse(&information);
    let robust = covariance.as_ref().map(|inverse| {
        let mut middle = Square::zeros(open.len());
        for t in 0..scores.first().map_or(0, Vec::len) {
            let score: Vec<f64> = scores.iter().map(|s| s[t]).collect();
            middle.add_outer(1.0, &score);
        }
        middle.mirror();
        inverse.product(&middle).product(inverse)
    });
    Ok(Errors { open, information, covariance, robust })
}

/// The inverse of a positive definite matrix.
fn inverse(a: &Square) -> Option<Square> {
    let factor = Cholesky::new(a, 1e-9).ok()?;
    let mut out = Square::zeros(a.size);
    for j in 0..a.size {
        let mut unit = vec![0.0; a.size];
        unit[j] = 1.0;
        for (i, x) in factor.solve(&unit).into_iter().enumerate() {
            *out.at_mut(i, j) = x;
        }
    }
    Some(out)
}

fn estimates(model: &RecordModel<'_>, optimum: &Optimum, errors: Option<&Errors>) -> Vec<Estimate> {
    let mut out = Vec::new();
    for (i, free) in model.free.iter().enumerate() {
        let share = optimum.point[i];
        let place = errors.and_then(|e| e.open.iter().position(|open| *open == i));
        let root = |x: f64| (x > 0.0 && x.is_finite()).then(|| x.sqrt());
        let of = |matrix: Option<&Square>| place.and_then(|p| root(matrix?.at(p, p)));
        let alone = place.and_then(|p| errors.map(|e| e.information.at(p, p)));
        let standard = of(errors.and_then(|e| e.covariance.as_ref()));
        let robust = of(errors.and_then(|e| e.robust.as_ref()));
        let identified = match (errors, place, alone) {
            (None, ..) => Identified::NotExamined,
            (Some(_), None, _) => Identified::AtTheEnd,
            (_, _, Some(alone)) if alone < 1.0 / (RANGE_SD * RANGE_SD) => Identified::No,
            _ if standard.is_none_or(|s| s > RANGE_SD) => Identified::OnlyWithOthers,
            _ => Identified::Yes,
        };
        let value = free.value(share);
        let width = free.width();
        let interval = standard.map(|s| {
            let at = |z: f64| free.value((share + z * s).clamp(0.0, 1.0));
            (at(-1.959_963_985), at(1.959_963_985))
        });
        out.push(Estimate {
            name: free.name.clone(),
            unit: free.unit.clone(),
            range: free.range,
            stated: free.stated,
            value,
            standard_error: standard.map(|s| s * width),
            robust_error: robust.map(|s| s * width),
            interval,
            profile: None,
            identified,
        });
    }
    out
}

/// Where the profile likelihood of one parameter falls by [`DROP`] to both sides; an end of the range where it does not.
fn profile(
    model: &RecordModel<'_>,
    optimum: &Optimum,
    at: usize,
    evaluations: usize,
) -> Result<Profile, FitError> {
    let mut ends = [0.0; 2];
    let mut open = [false; 2];
    let mut highest = optimum.value;
    for (side, limit) in [0.0, 1.0].into_iter().enumerate() {
        let mut inner = (optimum.point[at], optimum.value, optimum.point.clone());
        let mut outer: Option<(f64, f64)> = None;
        let mut x = limit;
        for _ in 0..8 {
            model.control().report("following a profile", side as u64, Some(2));
            let mut from = inner.2.clone();
            from[at] = x;
            let mut best = None;
            let mut objective = |shares: &[f64]| {
                let mut fixed = shares.to_vec();
                fixed[at] = x;
                let found = evaluate(model, &fixed, &mut best)?;
                Ok::<_, FitError>(found.map(|(value, mut gradient)| {
                    gradient[at] = 0.0;
                    (value, gradient)
                }))
            };
            let found = ascend(&mut objective, &from, evaluations / 3)?;
            let value = found.as_ref().map_or(f64::NEG_INFINITY, |f| f.value);
            highest = highest.max(value);
            if value > optimum.value - DROP {
                if x == limit {
                    open[side] = true;
                    inner.0 = x;
                    break;
                }
                inner = (x, value, found.map_or(inner.2, |f| f.point));
            } else {
                outer = Some((x, value));
            }
            let Some((far, low)) = outer else { break };
            // A parabola through the maximum says where the drop is; halves where it does not.
            let fall = (optimum.value - low).min(1e6).sqrt() - (optimum.value - inner.1).max(0.0).sqrt();
            let share = (DROP.sqrt() - (optimum.value - inner.1).max(0.0).sqrt()) / fall;
            x = inner.0 + (far - inner.0) * if share.is_finite() { share.clamp(0.1, 0.9) } else { 0.5 };
            if (far - inner.0).abs() < 0.01 {
                break;
            }
        }
        ends[side] = if open[side] { limit } else { x };
    }
    let free = &model.free[at];
    Ok(Profile {
        interval: (free.value(ends[0]), free.value(ends[1])),
        open: (open[0], open[1]),
        higher: (highest > optimum.value + 0.1).then_some(highest),
    })
}

/// Draws from the normal approximation of the posterior under uniform priors over the ranges, cut at the ranges.
fn normal_draws(
    model: &RecordModel<'_>,
    optimum: &Optimum,
    errors: &Errors,
    request: &FitRequest,
) -> Vec<Vec<f64>> {
    let n = errors.open.len();
    let mut precision = errors.information.clone();
    let mut ridge = 1.0 / (RANGE_SD * RANGE_SD);
    let factor = loop {
        for i in 0..n {
            *precision.at_mut(i, i) = errors.information.at(i, i) + ridge;
        }
        match inverse(&precision).and_then(|c| Cholesky::new(&c, 1e-12).ok()) {
            Some(factor) => break factor,
            // Not a maximum in every direction: a stronger prior until it is.
            None if ridge < 1e9 => ridge *= 4.0,
            None => return Vec::new(),
        }
    };
    let mut random = ChaCha8Rng::seed_from_u64(request.seed);
    random.set_stream(1);
    let mut out = Vec::new();
    for _ in 0..request.draws * 200 {
        if out.len() == request.draws {
            break;
        }
        let normal: Vec<f64> = (0..n).map(|_| crate::inference::normal_draw(&mut random)).collect();
        let moved = factor.times(&normal);
        let mut shares = optimum.point.clone();
        errors.open.iter().zip(&moved).for_each(|(i, x)| shares[*i] += x);
        if shares.iter().all(|x| (0.0..=1.0).contains(x)) {
            out.push(model.free.iter().zip(&shares).map(|(f, x)| f.value(*x)).collect());
        }
    }
    out
}
