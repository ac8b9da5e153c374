//! Finite games: the agent quantal response correspondence of a tree, and what its points are worth.

mod arrays;
mod backward_induction;
mod block;
mod branches;
mod certificate;
mod cfr;
mod compact;
mod completion;
mod continuum;
mod dense;
mod elimination;
mod estimate;
mod found;
mod general;
mod lemke;
mod nash;
mod path;
mod plays;
mod polish;
mod public;
mod public_pair;
mod regret;
mod sequence;
mod several;
mod supports;
mod zero_sum;

use armistice_game::FiniteGame;
use serde::Serialize;

use crate::Control;

use arrays::Arrays;
use path::{Correspondence, RawPath, follow};

pub use backward_induction::{PureEquilibria, PureEquilibrium, backward_induction};
pub use branches::{Arm, BranchCrossing, Branches, branches};
pub use certificate::{TreeCertificate, certify_profile};
pub use cfr::{CfrEnd, CfrPoint, CfrSettings, CfrSolution, CfrVariant, cfr};
pub use estimate::{Estimate, estimate, estimate_lambda};
pub use found::{FoundEquilibrium, Origin, OutcomeGroup, SetBelief, Several, SeveralSettings, Skipped};
pub use nash::{NashEnd, NashSolution, nash};
pub use path::{PathCounts, PathEnd, PathEvent, PathPoint, PathSettings};
pub use several::equilibria;

/// The correspondence of a finite game, followed from uniform play.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QrePath {
    /// The points, in the order of the path; probabilities of all actions of all information sets, in the game's order.
    pub points: Vec<PathPoint>,
    /// Turning points and crossings with other branches.
    pub events: Vec<PathEvent>,
    /// Why it ended.
    pub end: PathEnd,
    /// What it took.
    pub counts: PathCounts,
    /// Which form of the game was solved.
    pub form: Form,
    /// The last point, checked by other code than that which found it.
    pub certificate: TreeCertificate,
}

/// The form of a game that was solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Public actions and private types: one node for what everyone has seen.
    Public,
    /// Information sets of any kind.
    General,
}

/// Why a tree was not solved. Messages complete "failed to …".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// The tree is not sound.
    #[error("solve the tree: {what}")]
    Unsound {
        /// What is wrong.
        what: &'static str,
    },
    /// Too many actions for a game without compact form.
    #[error(
        "solve the tree: its {actions} actions have no public form, and the general method holds at most {limit}"
    )]
    TooLarge {
        /// Actions.
        actions: usize,
        /// Most of them.
        limit: usize,
    },
    /// Two players are needed.
    #[error("solve the tree: it has {players} players, and the sequence form needs two")]
    NotTwoPlayers {
        /// Players.
        players: usize,
    },
    /// What one player gains the other must lose.
    #[error("solve the tree: the payoffs of both players do not have the same sum at all ends")]
    NotConstantSum,
    /// A player forgets what he did or knew.
    #[error("solve the tree: at information set {set} its owner does not remember what he did before")]
    ImperfectRecall {
        /// The position of the information set in the game.
        set: usize,
    },
    /// A player does not see what was done.
    #[error("solve the tree: information set {set} has more than one node, and backward induction needs one")]
    ImperfectInformation {
        /// The position of the information set in the game.
        set: usize,
    },
    /// Ties below chance have more combinations than can be told apart.
    #[error("solve the tree: below node {node} ties have more than {limit} different values")]
    TooManyTies {
        /// The position of the node in the game.
        node: usize,
        /// Most of them.
        limit: usize,
    },
    /// A setting is out of range.
    #[error("solve the tree: {what}")]
    Setting {
        /// Which.
        what: &'static str,
    },
}

/// Most actions of a game that is solved in its general form: the Jacobian then takes 128 MB.
pub const GENERAL_ACTIONS: usize = 4000;

/// Follows the agent logit quantal response correspondence of a game from λ = 0.
///
/// σ(a | h) ∝ exp λ Q(h, a) at every information set h, with Q(h, a) = Σ_x μ(x | h) E[payoff | x, a] and beliefs μ by Bayes' rule. Its limit
/// for λ → ∞ is a sequential equilibrium (McKelvey and Palfrey 1998, theorem 4); a point at finite λ is none, and
/// [`QrePath::certificate`] says how far it is from one.
///
/// - cost: per point a few evaluations. One takes, in public form, of order nodes × actions × types² × all types; in general form of order
///   actions × nodes + actions³.
/// - errors: [`TreeError`].
pub fn trace(
    game: &FiniteGame,
    settings: &PathSettings,
    control: &Control<'_>,
) -> Result<QrePath, TreeError> {
    check(settings)?;
    let tree = Arrays::new(game)?;
    let found = compact::compact(&tree).filter(|_| !settings.general);
    let raw = raw_path(&tree, found.as_ref(), None, settings, control)?;
    let form = if found.is_some() { Form::Public } else { Form::General };
    Ok(finish(&tree, &raw, form))
}

/// - errors: [`TreeError::Setting`].
fn check(settings: &PathSettings) -> Result<(), TreeError> {
    if !(settings.max_lambda > 0.0) || !(settings.residual > 0.0) || settings.max_points == 0 {
        return Err(TreeError::Setting {
            what: "largest λ, residual and number of points must be positive"
        });
    }
    Ok(())
}

/// Largest payoff range of a player.
fn scale(tree: &Arrays) -> f64 {
    (0..tree.players).map(|player| tree.payoff_range(player)).fold(0.0, f64::max)
}

/// Follows the branch from λ = 0, with base weights (logarithms by action) or with equal ones; unknowns in the game's order.
///
/// - errors: [`TreeError::TooLarge`].
fn raw_path(
    tree: &Arrays,
    compact: Option<&compact::Compact>,
    base: Option<&[f64]>,
    settings: &PathSettings,
    control: &Control<'_>,
) -> Result<RawPath, TreeError> {
    let Some(found) = compact else {
        if tree.actions() > GENERAL_ACTIONS {
            return Err(TreeError::TooLarge { actions: tree.actions(), limit: GENERAL_ACTIONS });
        }
        let mut solver = match base {
            Some(base) => general::GeneralSolver::weighted(tree, base.to_vec(), vec![0.0; tree.actions()]),
            None => general::GeneralSolver::new(tree),
        };
        return Ok(follow(&mut solver, scale(tree), settings, control));
    };
    let mut solver = public::PublicSolver::new(&found.game);
    if let Some(base) = base {
        for (own, at) in solver.base.iter_mut().zip(&found.place) {
            *own = base[*at];
        }
    }
    let mut raw = follow(&mut solver, scale(tree), settings, control);
    for point in &mut raw.points {
        let mut y = vec![0.0; tree.actions()];
        for (at, own) in found.place.iter().zip(&point.y) {
            y[*at] = *own;
        }
        point.y = y;
    }
    Ok(raw)
}

/// A path as it is handed out, its last point checked.
fn finish(tree: &Arrays, raw: &RawPath, form: Form) -> QrePath {
    let (lambda, last) = raw.points.last().map_or((0.0, &[] as &[f64]), |p| (p.lambda, &p.y));
    let certificate = certificate::certify(tree, last, Some(lambda));
    let points = raw
        .points
        .iter()
        .map(|point| PathPoint {
            lambda: point.lambda,
            profile: point.y.iter().map(|y| y.exp()).collect(),
            residual: point.residual,
        })
        .collect();
    QrePath { points, events: raw.events.clone(), end: raw.end, counts: raw.counts, form, certificate }
}

/// Number of unknowns and form of a game, without solving it.
///
/// - errors: [`TreeError::Unsound`].
pub fn form_of(game: &FiniteGame) -> Result<(Form, usize), TreeError> {
    let tree = Arrays::new(game)?;
    Ok(match compact::compact(&tree) {
        Some(found) => (Form::Public, public::PublicSolver::new(&found.game).unknowns()),
        None => (Form::General, tree.actions()),
    })
}
