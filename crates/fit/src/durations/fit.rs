//! Estimates of duration models: maxima of likelihoods, or of posteriors where there are priors, by Newton's method with exact derivatives.

use serde::Serialize;

use super::predictive::Predictive;
use super::waiting::Waiting;
use super::{War, baseline};
use crate::jet::Jet;
use crate::linear::Square;
use crate::optimize::{Evaluation, Objective, Status, Stopping, maximize};

/// A model of how long wars last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// A constant hazard.
    Exponential,
    /// A hazard that is a power of time.
    Weibull,
    /// Logarithms are normal.
    LogNormal,
    /// Logarithms are logistic.
    LogLogistic,
    /// Prentice's generalized gamma, of which Weibull and log-normal are cases.
    GeneralizedGamma,
    /// The shares of the other wars that had ended by a day.
    BaseRate,
    /// Structural: sides that disagree about who will win fight until they agree well enough.
    Waiting,
}

impl Model {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Exponential,
        Self::Weibull,
        Self::LogNormal,
        Self::LogLogistic,
        Self::GeneralizedGamma,
        Self::BaseRate,
        Self::Waiting,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exponential => "exponential",
            Self::Weibull => "Weibull",
            Self::LogNormal => "log-normal",
            Self::LogLogistic => "log-logistic",
            Self::GeneralizedGamma => "generalized gamma",
            Self::BaseRate => "base rate",
            Self::Waiting => "waiting",
        }
    }

    /// Names of its parameters.
    #[must_use]
    pub fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Exponential => &["mean"],
            Self::Weibull | Self::LogLogistic => &["shape", "scale"],
            Self::LogNormal => &["mu", "sigma"],
            Self::GeneralizedGamma => &["mu", "sigma", "lambda"],
            Self::BaseRate => &[],
            Self::Waiting => {
                &["level", "spread", "endurance", "optimism", "period", "period_spread", "collapse"]
            }
        }
    }

    /// Estimates the model on wars; `None` where the likelihood has no maximum that can be found, as for durations that do not vary.
    ///
    /// Cost: for each of some 10 steps one pass over the wars.
    #[must_use]
    pub fn fit(self, wars: &[&War]) -> Option<Fit> {
        if wars.is_empty() || wars.iter().any(|war| !(war.days > 0.0 && war.days.is_finite())) {
            return None;
        }
        let days: Vec<f64> = wars.iter().map(|war| war.days).collect();
        Some(match self {
            Self::Waiting => Fit::Waiting(Waiting::fit(wars)?),
            other => Fit::Same(baseline::fit(other, &days)?),
        })
    }
}

/// An estimated model.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit {
    /// The same prediction for every war.
    Same(Predictive),
    /// A prediction that answers what is known when a war begins.
    Waiting(Waiting),
}

impl Fit {
    /// What it predicts for a war; its duration is not read.
    #[must_use]
    pub fn predict(&self, war: &War) -> Predictive {
        match self {
            Self::Same(predictive) => predictive.clone(),
            Self::Waiting(waiting) => waiting.predict(war),
        }
    }

    /// Values of its parameters, in the order of [`Model::parameters`].
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        match self {
            Self::Same(predictive) => predictive.values(),
            Self::Waiting(waiting) => waiting.values(),
        }
    }
}

/// A sum of terms with derivatives, plus normal log priors.
pub(super) struct Posterior<'a, const N: usize> {
    /// Number of terms.
    pub terms: usize,
    /// A term from the variables.
    pub term: &'a dyn Fn(usize, &[Jet<N>; N]) -> Jet<N>,
    /// Mean and standard deviation of each variable's prior; `None` where it is flat.
    pub prior: [Option<(f64, f64)>; N],
}

impl<const N: usize> Objective for Posterior<'_, N> {
    fn dimension(&self) -> usize {
        N
    }

    fn evaluate(&self, point: &[f64]) -> Option<Evaluation> {
        let mut variables = [Jet::<N>::constant(0.0); N];
        for (i, (variable, value)) in variables.iter_mut().zip(point).enumerate() {
            *variable = Jet::variable(*value, i);
        }
        let mut sum = Jet::<N>::constant(0.0);
        for i in 0..self.terms {
            sum = sum + (self.term)(i, &variables);
        }
        for (variable, prior) in variables.iter().zip(self.prior) {
            if let Some((mean, deviation)) = prior {
                let z = variable.shifted(-mean).scaled(deviation.recip());
                sum = sum - (z * z).scaled(0.5);
            }
        }
        let mut hessian = Square::zeros(N);
        for i in 0..N {
            for j in 0..=i {
                *hessian.at_mut(i, j) = sum.hessian[i][j];
                *hessian.at_mut(j, i) = sum.hessian[i][j];
            }
        }
        let finite = sum.value.is_finite()
            && sum.gradient.iter().all(|g| g.is_finite())
            && hessian.entries.iter().all(|h| h.is_finite());
        finite.then(|| Evaluation { value: sum.value, gradient: sum.gradient.to_vec(), hessian })
    }
}

impl<const N: usize> Posterior<'_, N> {
    /// The maximum that is reached from a point.
    pub fn maximum(&self, start: [f64; N]) -> Option<[f64; N]> {
        let found = maximize(self, &start, &Stopping::default());
        (found.status == Status::Converged).then(|| found.point.try_into().ok()).flatten()
    }
}
