//! Equilibria of games of two players.

use armistice_game::FiniteGame;
use serde::Serialize;

use super::TreeError;
use super::arrays::Arrays;
use super::certificate::{TreeCertificate, certify};
use super::lemke::{Start, Stop, follow};
use super::sequence::SequenceForm;
use super::zero_sum::constant_sum;
use crate::Control;

/// Most attempts. The lengths of paths from different priors differ by orders of magnitude, so that many short attempts are better than one
/// that is very long.
const ATTEMPTS: u64 = 12;

/// Most pivots of an attempt: the first are cut off at a few for each sequence, later ones are twice as long every other time.
fn limit(attempt: u64, sequences: usize) -> u64 {
    (1000 + 8 * sequences as u64) << (attempt / 2)
}

/// A profile found on Lemke's path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NashSolution {
    /// Probabilities of all actions of all information sets, in the game's order.
    pub profile: Vec<f64>,
    /// By player: the expected payoff.
    pub payoffs: Vec<f64>,
    /// Why the path ended. Only [`NashEnd::Complementary`] promises an equilibrium, and only the certificate shows it.
    pub end: NashEnd,
    /// Pivots of all attempts.
    pub pivots: u64,
    /// Attempts; later ones start from random play instead of uniform play.
    pub attempts: u64,
    /// Actions that some player mixed in, beyond one at each information set; the most at any point of the path.
    pub width: usize,
    /// The sum of both payoffs, where it is the same at all ends. Then the payoffs are the value of the game.
    pub constant_sum: Option<f64>,
    /// The profile, checked by other code than that which found it.
    pub certificate: TreeCertificate,
}

/// Why Lemke's path ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NashEnd {
    /// At complementary slackness: up to round-off an equilibrium.
    Complementary,
    /// Rounding errors left no way to go on.
    Blocked,
    /// After the largest number of pivots.
    Pivots,
    /// Because somebody asked to stop.
    Canceled,
}

/// Finds one Nash equilibrium of a game of two players with perfect recall.
///
/// x, y are in equilibrium iff Eᵀ p − A y ≥ 0 ⊥ x ≥ 0, E x = e and Fᵀ q − Bᵀ x ≥ 0 ⊥ y ≥ 0, F y = f for some p, q: the linear
/// complementarity problem of the sequence form (Koller, Megiddo and von Stengel 1996). It is solved by Lemke's algorithm, which starts
/// from the best replies to uniform play (von Stengel, van den Elzen and Talman 2002): the linear tracing procedure, whose
/// equilibrium is normal-form perfect and need not be sequential. Where a path is blocked or very long, others start from random play, the
/// same in every run. At information sets that the equilibrium does not reach, the profile holds best replies to the end of the path.
///
/// - cost: a pivot takes of order (ends + actions) × width + width³ ([`NashSolution::width`]); the number of pivots is, in games of this
///   kind, near that of the actions, in the worst case exponential in it.
/// - errors: [`TreeError::NotTwoPlayers`], [`TreeError::ImperfectRecall`], [`TreeError::Unsound`]. That no equilibrium was found is none
///   of them: [`NashSolution::end`] and [`NashSolution::certificate`] say so.
pub fn nash(game: &FiniteGame, control: &Control<'_>) -> Result<NashSolution, TreeError> {
    let tree = Arrays::new(game)?;
    let form = SequenceForm::new(&tree)?;
    let mut best: Option<NashSolution> = None;
    let mut pivots = 0;
    let sequences = form.sides.iter().map(super::sequence::Side::sequences).sum();
    for draw in 0..ATTEMPTS {
        let found = follow(&form, Start { draw, spread: None }, limit(draw, sequences), control);
        pivots += found.pivots;
        let profile = profile_of(&tree, &form, &found.behavior);
        let logs: Vec<f64> = profile.iter().map(|p| p.ln()).collect();
        let certificate = certify(&tree, &logs, None);
        let end = match found.stop {
            Stop::Complementary => NashEnd::Complementary,
            Stop::Blocked => NashEnd::Blocked,
            Stop::Pivots => NashEnd::Pivots,
            Stop::Canceled => NashEnd::Canceled,
        };
        let done = match end {
            NashEnd::Complementary => certificate.relative <= crate::tolerance::RESIDUAL,
            NashEnd::Canceled => true,
            NashEnd::Blocked | NashEnd::Pivots => false,
        };
        if best.as_ref().is_none_or(|b| certificate.relative <= b.certificate.relative) {
            best = Some(NashSolution {
                profile,
                payoffs: certificate.payoffs.clone(),
                end,
                pivots,
                attempts: draw + 1,
                width: found.width,
                constant_sum: constant_sum(&tree),
                certificate,
            });
        }
        if let Some(best) = &mut best {
            (best.pivots, best.attempts) = (pivots, draw + 1);
        }
        if done {
            break;
        }
    }
    best.ok_or(TreeError::Unsound { what: "no attempt was made" })
}

/// Probabilities of all actions in the game's order, from those by player and sequence.
pub(crate) fn profile_of(tree: &Arrays, form: &SequenceForm, behavior: &[Vec<f64>; 2]) -> Vec<f64> {
    let mut profile = vec![0.0; tree.actions()];
    for (side, behavior) in form.sides.iter().zip(behavior) {
        for (own, set) in side.sets.iter().enumerate() {
            profile[tree.action[*set]..tree.action[set + 1]].copy_from_slice(&behavior[side.actions(own)]);
        }
    }
    profile
}
