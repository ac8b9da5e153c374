//! [`Request`] and [`Table`] → [`Fitted`]: the whole way from a formula to a table of estimates.

mod build;
mod document;
mod multiplicity;
mod tug;

pub use document::{Coefficient, Estimates, OptimumRow, Outcome, Resampling};
pub use multiplicity::{Multiplicity, Under};
pub use tug::{TugOfWarKind, estimate_tug_of_war};

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use armistice_solve::Control;

use crate::data::Table;
use crate::error::{FitError, Problem};
use crate::formula::Prepared;
use crate::inference::{Covariance, Groups, Replicates, bootstrap, covariance};
use crate::likelihood::{Likelihood, Model};
use crate::linear::Square;
use crate::optimize::{Maximum, Status};
use crate::search::search;
use crate::signaling::{Selection, Signaling};
use crate::strategic::{Errors, Link, Tree};

/// Which model is fitted, and what it needs besides a formula.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A strategic probit or logit.
    Strategic(StrategicKind),
    /// The ultimatum game.
    Ultimatum(UltimatumKind),
    /// The crisis-signaling game.
    Signaling(SignalingKind),
    /// The tug of war; [`estimate_tug_of_war`] estimates it.
    TugOfWar(TugOfWarKind),
}

/// How the crisis-signaling game is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Full maximum likelihood: the equilibria of every observation are solved for at every step.
    Full,
    /// Pseudo-likelihood: best replies to beliefs taken from the data.
    Pseudo,
    /// Nested pseudo-likelihood: the same, with beliefs replaced by best replies until they agree.
    Nested,
}

/// The crisis-signaling game.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignalingKind {
    /// How it is estimated.
    pub method: Method,
    /// Which equilibrium is played where there are several.
    pub selection: Selection,
    /// Columns with first beliefs, P(resist) and P(fight | challenge); shares of all observations where absent.
    pub beliefs: Option<[String; 2]>,
}

/// A strategic probit or logit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StrategicKind {
    /// The game.
    pub tree: Tree,
    /// The distribution of errors.
    pub link: Link,
    /// Where errors enter.
    pub errors: Errors,
    /// Utilities that are known, in the order of formulas; the formula then has no right-hand side.
    pub fixed_utilities: Option<Vec<f64>>,
    /// Equations of ln σ: one for everybody, or one a player.
    pub scale: Option<String>,
    /// Values of the outcome column in the order of the game's endings.
    pub outcomes: Option<Vec<String>>,
}

impl StrategicKind {
    /// A probit with agent error.
    #[must_use]
    pub fn new(tree: Tree) -> Self {
        let (link, errors) = (Link::Probit, Errors::Agent);
        Self { tree, link, errors, fixed_utilities: None, scale: None, outcomes: None }
    }
}

/// The ultimatum game.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UltimatumKind {
    /// The least and the greatest offer possible.
    pub range: [f64; 2],
    /// Scale of player 1's error, where it is known.
    pub s1: Option<f64>,
    /// Scale of player 2's error, where it is known.
    pub s2: Option<f64>,
    /// Probabilities below this count as this, with no slope; 0 for the exact likelihood.
    pub floor: f64,
}

/// What is to be estimated, and how.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// The model.
    pub kind: Kind,
    /// What is observed and what explains it.
    pub formula: String,
    /// How the covariance is computed.
    pub covariance: Covariance,
    /// The column of clusters: for clustered errors, and so that the bootstrap draws clusters.
    pub cluster: Option<String>,
    /// Further columns that have to be complete: those of a second model, so that both use the same rows.
    pub complete: Vec<String>,
    /// Bootstrap replicates; 0 for none.
    pub bootstrap: usize,
    /// Starting points.
    pub starts: usize,
    /// Standard deviation of starting points, in units of the linear index.
    pub spread: f64,
    /// Seed of starting points and samples.
    pub seed: u64,
    /// Share of samples that intervals are to cover.
    pub level: f64,
}

impl Request {
    /// Observed information, five starting points, intervals of 95 %.
    #[must_use]
    pub fn new(kind: Kind, formula: &str) -> Self {
        Self {
            kind,
            formula: formula.to_owned(),
            covariance: Covariance::Observed,
            cluster: None,
            complete: Vec::new(),
            bootstrap: 0,
            starts: 5,
            spread: 0.5,
            seed: 1,
            level: 0.95,
        }
    }
}

/// A model ready to be fitted.
pub(crate) struct Built {
    /// The model with what was observed.
    pub model: Box<dyn Model>,
    /// Its regressors.
    pub prepared: Prepared,
    /// The outcome of each observation, for sampling; all 0 where there are no outcomes.
    pub strata: Vec<u32>,
    /// A sensible starting point.
    pub start: Vec<f64>,
    /// How often each outcome was observed.
    pub outcomes: Vec<Outcome>,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// The game, where it may have several equilibria.
    pub game: Option<Signaling>,
}

/// A fitted model: the document, and what predictions need.
pub struct Fitted {
    /// What was found.
    pub estimates: Estimates,
    /// The model.
    pub model: Box<dyn Model>,
    /// The data as the model sees them.
    pub prepared: Prepared,
    /// The best maximum.
    pub maximum: Maximum,
    /// Covariance of the coefficients, where it is defined.
    pub covariance: Option<Square>,
    /// Bootstrap replicates, where they were asked for.
    pub replicates: Option<Replicates>,
}

impl Fitted {
    /// The likelihood of the data.
    #[must_use]
    pub fn likelihood(&self) -> Likelihood<'_> {
        Likelihood::new(self.model.as_ref(), &self.prepared.design)
    }
}

/// Estimates a model by maximum likelihood.
///
/// The data are read as the formula says, the likelihood is maximized from several starting points, and everything that was found is kept: all
/// local maxima, with how many starting points led to each. Deterministic: the same bits for one thread and many.
///
/// # Errors
/// All that is wrong with the request or the data; or no finite likelihood anywhere; or canceled.
pub fn estimate(request: &Request, table: &Table, control: &Control<'_>) -> Result<Fitted, FitError> {
    check(request)?;
    let built = build::build(request, table, control)?;
    let groups = groups(request, table, &built.prepared)?;
    let (design, model) = (&built.prepared.design, built.model.as_ref());
    let (starts, spread, seed) = (request.starts, request.spread, request.seed);
    let found = search(model, design, &built.start, &built.strata, starts, spread, seed, control)?;
    let best = found.optima.first().map(|o| o.maximum.clone()).ok_or(FitError::NoStart { starts })?;
    let likelihood = Likelihood::new(model, design);
    let replicates = match request.bootstrap {
        0 => None,
        asked => Some(bootstrap(model, design, &best.point, &groups, asked, seed, control)?),
    };
    let covariance = match (&replicates, request.covariance) {
        (Some(replicates), Covariance::Bootstrap) => replicates.covariance(),
        _ if best.status == Status::Converged => covariance(request.covariance, &likelihood, &best, &groups),
        _ => None,
    };
    let clusters = request.cluster.as_ref().map(|_| groups.count);
    let (outcomes, notes) = (built.outcomes.clone(), built.notes.clone());
    let data = document::Data { names: &design.names(), prepared: &built.prepared, outcomes, notes };
    let mut estimates =
        document::document(request, data, &found, &best, covariance.as_ref(), replicates.as_ref(), clusters);
    if let Some(game) = &built.game {
        estimates.multiplicity = Some(multiplicity::multiplicity(game, design, &built.prepared.rows, &best));
    }
    let Built { model, prepared, .. } = built;
    Ok(Fitted { estimates, model, prepared, maximum: best, covariance, replicates })
}

fn check(request: &Request) -> Result<(), FitError> {
    let mut problems = Vec::new();
    if request.covariance == Covariance::Clustered && request.cluster.is_none() {
        problems
            .push(Problem::new("clustered errors need a column of clusters").hint("name it with --cluster"));
    }
    if request.covariance == Covariance::Bootstrap && request.bootstrap < 2 {
        problems.push(
            Problem::new("bootstrap errors need at least 2 replicates").hint("such as --bootstrap 1000"),
        );
    }
    if request.starts == 0 {
        problems.push(Problem::new("there must be at least one starting point"));
    }
    if !(request.level > 0.0 && request.level < 1.0) {
        problems.push(Problem::new(format!("the level {} is not between 0 and 1", request.level)));
    }
    if !(request.spread >= 0.0 && request.spread.is_finite()) {
        problems.push(Problem::new(format!("the spread {} is not a number of at least 0", request.spread)));
    }
    if problems.is_empty() { Ok(()) } else { Err(FitError::Invalid(problems)) }
}

fn groups(request: &Request, table: &Table, prepared: &Prepared) -> Result<Groups, FitError> {
    let Some(name) = &request.cluster else { return Ok(Groups::single(prepared.rows.len())) };
    let Some(column) = table.column(name) else { return Err(table.unknown(name).into()) };
    let labels: Vec<String> = prepared.rows.iter().filter_map(|&row| column.label(row)).collect();
    let groups = Groups::from_labels(&labels);
    if groups.count < 2 {
        return Err(Problem::new(format!("{name:?} is one single cluster")).into());
    }
    Ok(groups)
}

/// The two-sided quantile of the normal distribution that belongs to a level.
pub(crate) fn normal_quantile(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + 0.5 * level)
}
