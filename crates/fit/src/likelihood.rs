//! Log likelihoods that are sums over observations of functions of a few linear indices: value, gradient, Hessian, scores.

use rayon::prelude::*;

use crate::linear::{Square, dot};
use crate::optimize::{Evaluation, Maximum, Objective};

/// What one observation says, as a function of its linear indices η₁, …, η_m.
///
/// Second derivatives are written to a slice of m·m numbers, row by row; only the lower triangle is read.
pub trait Model: Sync + Send {
    /// Number of linear indices.
    fn indices(&self) -> usize;

    /// ln L of an observation; writes its derivatives. Not finite where the data cannot have happened.
    fn log_likelihood(
        &self,
        observation: usize,
        eta: &[f64],
        gradient: &mut [f64],
        hessian: &mut [f64],
    ) -> f64;

    /// ln L of one observation with its gradient, and in place of second derivatives the information that an observation with these indices is expected
    /// to hold: Σ over outcomes of P · ∇ln P ∇ln Pᵀ, in the lower triangle. `None` where a model does not have it.
    fn scoring(
        &self,
        _observation: usize,
        _eta: &[f64],
        _gradient: &mut [f64],
        _information: &mut [f64],
    ) -> Option<f64> {
        None
    }

    /// Names of what can be predicted, such as `P(esc,war)`.
    fn quantities(&self) -> Vec<String>;

    /// What is predicted at given indices; writes its gradient.
    fn quantity(&self, quantity: usize, eta: &[f64], gradient: &mut [f64]) -> f64;

    /// How the score moves, for estimators that depend on more than the coefficients; `None` where second derivatives say it.
    fn moving(&self, _design: &Design, _point: &[f64]) -> Option<Moving> {
        None
    }

    /// The estimate from weighted observations, where that takes more than maximizing their likelihood.
    fn again(&self, _design: &Design, _weights: &[f64], _start: &[f64]) -> Option<Maximum> {
        None
    }

    /// A better starting point than this one, from a simpler problem; the same unless a model knows one.
    fn warm(&self, _design: &Design, point: Vec<f64>) -> Vec<f64> {
        point
    }
}

/// How a score moves whose estimator holds something else that was estimated, such as beliefs.
#[derive(Clone, Debug, PartialEq)]
pub struct Moving {
    /// Minus the derivative of the score in the coefficients, with all that moves with them; not symmetric.
    pub slope: Square,
    /// By observation and coefficient: what the error of a first estimate adds to the observation's score; empty where there is none.
    pub first: Vec<f64>,
}

/// The regressors of one linear index, or a single number (`intercept only`) such as a log scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    /// What the index is, such as `u1(~esc)`.
    pub name: String,
    /// Names of its regressors.
    pub columns: Vec<String>,
}

/// Regressors of all equations, one row an observation, the equations one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// The equations.
    pub equations: Vec<Equation>,
    /// Where the columns of each equation begin, and the number of all columns at the end.
    starts: Vec<usize>,
    /// Rows of regressors: `[observation][column]`.
    rows: Vec<f64>,
    /// The number of observations.
    count: usize,
}

impl Design {
    /// A design from equations and their rows, `[observation][column of all equations]`.
    #[must_use]
    pub fn new(equations: Vec<Equation>, rows: Vec<f64>, count: usize) -> Self {
        let mut starts = vec![0];
        for equation in &equations {
            starts.push(starts.last().copied().unwrap_or(0) + equation.columns.len());
        }
        Self { equations, starts, rows, count }
    }

    /// Number of coefficients.
    #[must_use]
    pub fn coefficients(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Number of observations.
    #[must_use]
    pub fn observations(&self) -> usize {
        self.count
    }

    /// The regressors of an observation.
    #[must_use]
    pub fn row(&self, observation: usize) -> &[f64] {
        let k = self.coefficients();
        &self.rows[observation * k..(observation + 1) * k]
    }

    /// Positions of the coefficients of an equation.
    #[must_use]
    pub fn range(&self, equation: usize) -> std::ops::Range<usize> {
        self.starts[equation]..self.starts[equation + 1]
    }

    /// Names of coefficients, such as `u1(~esc):revis1`; a scale that no data explain has the name of its equation, such as `log(s1)`.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let named = |e: &Equation| {
            let alone = e.name.starts_with("log(") && e.columns.len() == 1;
            let named = |c: &String| if alone { e.name.clone() } else { format!("{}:{c}", e.name) };
            e.columns.iter().map(named).collect::<Vec<_>>()
        };
        self.equations.iter().flat_map(named).collect()
    }

    /// The linear indices of a row of regressors.
    pub fn indices_of(&self, row: &[f64], coefficients: &[f64], eta: &mut [f64]) {
        for (equation, out) in eta.iter_mut().enumerate() {
            let range = self.range(equation);
            *out = dot(&row[range.clone()], &coefficients[range]);
        }
    }

    /// Turns derivatives in the indices into a gradient in the coefficients: adds factor · Σ_m g_m x_m.
    pub fn add_gradient(&self, row: &[f64], index_gradient: &[f64], factor: f64, out: &mut [f64]) {
        for (equation, g) in index_gradient.iter().enumerate() {
            let range = self.range(equation);
            for (o, x) in out[range.clone()].iter_mut().zip(&row[range]) {
                *o += factor * g * x;
            }
        }
    }
}

/// A model with its data: an [`Objective`] in the coefficients.
pub struct Likelihood<'a> {
    /// The model.
    pub model: &'a dyn Model,
    /// The regressors.
    pub design: &'a Design,
    /// How often each observation counts; once where absent.
    pub weights: Option<&'a [f64]>,
}

/// Observations summed by one thread at a time. Fixed, so that sums do not depend on the number of threads.
const CHUNK: usize = 512;

impl<'a> Likelihood<'a> {
    /// Every observation once.
    pub fn new(model: &'a dyn Model, design: &'a Design) -> Self {
        Self { model, design, weights: None }
    }

    /// ln L of one observation, its gradient in the coefficients written to `score`.
    pub fn score(&self, observation: usize, point: &[f64], score: &mut [f64]) -> f64 {
        let m = self.model.indices();
        let (mut eta, mut gradient, mut hessian) = (vec![0.0; m], vec![0.0; m], vec![0.0; m * m]);
        let row = self.design.row(observation);
        self.design.indices_of(row, point, &mut eta);
        let value = self.model.log_likelihood(observation, &eta, &mut gradient, &mut hessian);
        score.fill(0.0);
        self.design.add_gradient(row, &gradient, 1.0, score);
        value
    }

    /// ln L of each observation.
    #[must_use]
    pub fn terms(&self, point: &[f64]) -> Vec<f64> {
        let mut scratch = vec![0.0; point.len()];
        (0..self.design.observations()).map(|i| self.score(i, point, &mut scratch)).collect()
    }

    fn chunk(&self, from: usize, point: &[f64], second: Second) -> Evaluation {
        let (m, k) = (self.model.indices(), self.design.coefficients());
        let mut sum = Evaluation { value: 0.0, gradient: vec![0.0; k], hessian: Square::zeros(k) };
        let (mut eta, mut gradient, mut hessian) = (vec![0.0; m], vec![0.0; m], vec![0.0; m * m]);
        let mut scaled = vec![0.0; k];
        for i in from..(from + CHUNK).min(self.design.observations()) {
            let weight = self.weights.map_or(1.0, |w| w[i]);
            if weight == 0.0 {
                continue;
            }
            let row = self.design.row(i);
            self.design.indices_of(row, point, &mut eta);
            let (value, factor) = match second {
                Second::Exact => (self.model.log_likelihood(i, &eta, &mut gradient, &mut hessian), weight),
                Second::Expected => {
                    let value = self.model.scoring(i, &eta, &mut gradient, &mut hessian);
                    (value.unwrap_or(f64::NEG_INFINITY), -weight)
                }
            };
            sum.value += weight * value;
            if !sum.value.is_finite() {
                break;
            }
            self.design.add_gradient(row, &gradient, weight, &mut sum.gradient);
            self.add_second(row, &hessian, factor, &mut scaled, &mut sum.hessian);
        }
        sum
    }

    /// Adds factor · Σ h_ab x_a x_bᵀ over pairs of equations (lower triangle). `scaled` is scratch: h_ab x_b for all b up to a, so that each row of the sum
    /// is one loop.
    fn add_second(&self, row: &[f64], hessian: &[f64], factor: f64, scaled: &mut [f64], out: &mut Square) {
        let (m, k) = (self.model.indices(), out.size);
        for a in 0..m {
            for b in 0..=a {
                let h = factor * hessian[a * m + b];
                let range = self.design.range(b);
                scaled[range.clone()].iter_mut().zip(&row[range]).for_each(|(s, x)| *s = h * x);
            }
            for i in self.design.range(a) {
                let x = row[i];
                if x != 0.0 {
                    let target = &mut out.entries[i * k..=i * k + i];
                    target.iter_mut().zip(&scaled[..=i]).for_each(|(entry, s)| *entry += x * s);
                }
            }
        }
    }

    fn sum(&self, point: &[f64], second: Second) -> Option<Evaluation> {
        let n = self.design.observations();
        let sums: Vec<Evaluation> = if n <= CHUNK {
            vec![self.chunk(0, point, second)]
        } else {
            (0..n.div_ceil(CHUNK)).into_par_iter().map(|c| self.chunk(c * CHUNK, point, second)).collect()
        };
        let mut sums = sums.into_iter();
        let mut total = sums.next()?;
        for sum in sums {
            total.value += sum.value;
            for (t, s) in total.gradient.iter_mut().zip(&sum.gradient) {
                *t += s;
            }
            for (t, s) in total.hessian.entries.iter_mut().zip(&sum.hessian.entries) {
                *t += s;
            }
        }
        total.hessian.mirror();
        let finite = total.value.is_finite()
            && total.gradient.iter().chain(&total.hessian.entries).all(|x| x.is_finite());
        finite.then_some(total)
    }
}

/// What stands for second derivatives.
#[derive(Clone, Copy)]
enum Second {
    /// They themselves.
    Exact,
    /// Minus the expected information.
    Expected,
}

impl Objective for Likelihood<'_> {
    fn dimension(&self) -> usize {
        self.design.coefficients()
    }

    fn evaluate(&self, point: &[f64]) -> Option<Evaluation> {
        self.sum(point, Second::Exact)
    }
}

/// A likelihood whose second derivatives are replaced by minus the expected information: Fisher's scoring, which has cheaper steps than
/// Newton's method, is never led astray by a Hessian that is not negative definite, and closes in on a maximum by a constant factor a step. It has no value for models
/// without [`Model::scoring`].
pub struct Scoring<'a, 'b>(pub &'b Likelihood<'a>);

impl Objective for Scoring<'_, '_> {
    fn dimension(&self) -> usize {
        self.0.dimension()
    }

    fn evaluate(&self, point: &[f64]) -> Option<Evaluation> {
        self.0.sum(point, Second::Expected)
    }
}
