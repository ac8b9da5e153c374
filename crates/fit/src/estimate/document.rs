//! What an estimation found, as a document.

use serde::Serialize;

use super::{Multiplicity, Request, normal_quantile};
use crate::formula::Prepared;
use crate::inference::{Covariance, Replicates};
use crate::linear::Square;
use crate::optimize::{Maximum, Status};
use crate::search::Search;

/// What an estimation found. Numbers that are not defined are absent, never NaN.
#[derive(Clone, Debug, Serialize)]
pub struct Estimates {
    /// What was asked for.
    pub request: Request,
    /// Observations used.
    pub observations: usize,
    /// Rows of the data.
    pub rows: usize,
    /// Rows dropped, by what was missing.
    pub dropped: Vec<(String, usize)>,
    /// How often each outcome was observed.
    pub outcomes: Vec<Outcome>,
    /// ln L at the best maximum.
    pub log_likelihood: f64,
    /// 2k − 2 ln L.
    pub aic: f64,
    /// k ln n − 2 ln L.
    pub bic: f64,
    /// How the best maximization ended.
    pub status: Status,
    /// Distance to the exact maximum, in standard errors.
    pub distance: Option<f64>,
    /// Number of clusters, where there are any.
    pub clusters: Option<usize>,
    /// The coefficients.
    pub coefficients: Vec<Coefficient>,
    /// Their covariance, row by row.
    pub covariance: Option<Vec<Vec<f64>>>,
    /// Every distinct local maximum that was found, the best first.
    pub optima: Vec<OptimumRow>,
    /// Starting points tried.
    pub starts: usize,
    /// Of these, how many led nowhere.
    pub failed_starts: usize,
    /// The bootstrap, where one was asked for.
    pub bootstrap: Option<Resampling>,
    /// Equilibria at the estimate, of games that may have several.
    pub multiplicity: Option<Multiplicity>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// An outcome and how often it was observed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// How often.
    pub count: f64,
}

/// One estimated number.
#[derive(Clone, Debug, Serialize)]
pub struct Coefficient {
    /// Its name: the equation, and the regressor.
    pub name: String,
    /// The estimate.
    pub estimate: f64,
    /// Its standard error; absent where it is not defined.
    pub standard_error: Option<f64>,
    /// The estimate in standard errors.
    pub z: Option<f64>,
    /// Probability of one as far from 0 or farther, were it 0.
    pub p: Option<f64>,
    /// Interval of the level asked for: normal, or percentiles of the bootstrap.
    pub interval: Option<[f64; 2]>,
}

/// A local maximum.
#[derive(Clone, Debug, Serialize)]
pub struct OptimumRow {
    /// ln L.
    pub log_likelihood: f64,
    /// Starting points that led to it.
    pub starts: usize,
    /// How the maximization ended.
    pub status: Status,
    /// The coefficients.
    pub coefficients: Vec<f64>,
}

/// How a bootstrap went.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Resampling {
    /// Replicates asked for.
    pub asked: usize,
    /// Of these, how many had no maximum and are left out.
    pub failed: usize,
}

/// Adds what has to be said about a maximum.
fn remark(best: &Maximum, found: &Search, errors: bool, notes: &mut Vec<String>) {
    match best.status {
        Status::Converged => {}
        Status::Flat => notes.push(
            "the likelihood is flat in some direction: the data do not identify all coefficients, or an outcome is predicted perfectly and a coefficient has no finite maximum; no standard errors are given"
                .to_owned(),
        ),
        Status::Stalled | Status::Undefined => notes.push(
            "no maximum was reached: the best point found is shown, without standard errors"
                .to_owned(),
        ),
    }
    if best.status == Status::Converged && !errors {
        notes.push("standard errors are not defined: the covariance is not positive definite".to_owned());
    }
    if found.optima.len() > 1 {
        notes.push(format!("{} distinct local maxima were found; the best is shown", found.optima.len()));
    }
}

/// What a document says about data and model.
pub(super) struct Data<'a> {
    /// Names of coefficients.
    pub names: &'a [String],
    /// The data as the model sees them.
    pub prepared: &'a Prepared,
    /// How often each outcome was observed.
    pub outcomes: Vec<Outcome>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

pub(super) fn document(
    request: &Request,
    data: Data<'_>,
    found: &Search,
    best: &Maximum,
    covariance: Option<&Square>,
    replicates: Option<&Replicates>,
    clusters: Option<usize>,
) -> Estimates {
    let Data { names, prepared, outcomes, mut notes } = data;
    let width = normal_quantile(request.level);
    let coefficient = |(at, name): (usize, &String)| {
        let estimate = best.point[at];
        let error = covariance.map(|c| c.at(at, at)).filter(|v| *v > 0.0 && v.is_finite()).map(f64::sqrt);
        let tail = request.covariance == Covariance::Bootstrap;
        let percentile = replicates.filter(|_| tail).and_then(|r| {
            let half = 0.5 - 0.5 * request.level;
            Some([r.quantile(at, half)?, r.quantile(at, 1.0 - half)?])
        });
        Coefficient {
            name: name.clone(),
            estimate,
            standard_error: error,
            z: error.map(|e| estimate / e),
            p: error.map(|e| 2.0 * crate::special::normal(-(estimate / e).abs())),
            interval: percentile.or(error.map(|e| [estimate - width * e, estimate + width * e])),
        }
    };
    let coefficients: Vec<Coefficient> = names.iter().enumerate().map(coefficient).collect();
    let (k, n) = (names.len() as f64, prepared.rows.len());
    remark(best, found, covariance.is_some(), &mut notes);
    let row = |o: &crate::search::Optimum| OptimumRow {
        log_likelihood: o.maximum.value(),
        starts: o.starts,
        status: o.maximum.status,
        coefficients: o.maximum.point.clone(),
    };
    Estimates {
        request: request.clone(),
        observations: n,
        rows: prepared.of,
        dropped: prepared.dropped.clone(),
        outcomes,
        log_likelihood: best.value(),
        aic: 2.0 * k - 2.0 * best.value(),
        bic: k * (n as f64).ln() - 2.0 * best.value(),
        status: best.status,
        distance: Some(best.decrement).filter(|d| d.is_finite()),
        clusters,
        coefficients,
        covariance: covariance.map(|c| c.entries.chunks(c.size.max(1)).map(<[f64]>::to_vec).collect()),
        optima: found.optima.iter().map(row).collect(),
        starts: found.starts,
        failed_starts: found.failed,
        bootstrap: replicates.map(|r| Resampling { asked: r.asked, failed: r.failed }),
        multiplicity: None,
        notes,
    }
}
