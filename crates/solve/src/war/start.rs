//! One batch of beliefs from start to finish, whatever the precision and the selection.

use armistice_game::WarGame;

use crate::{Selection, Settings};

use super::fixed_point::{
    How, Outcome, Search, Start, Worker, attempt, check, continuation, fixed_point, uniform_start,
};
use super::kernel::Context;
use super::lanes::{F8, LANES, Width};
use super::limit;
use super::plan::{Kind, Shape};

/// What all batches of a solution share.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) shape: Shape,
    pub(crate) width: Width,
    pub(crate) precision: Vec<F8>,
    pub(crate) none: Vec<F8>,
    pub(crate) tolerance: f64,
    pub(crate) branch_points: usize,
    pub(crate) selection: Selection,
    pub(crate) max_precision: f64,
}

impl Engine {
    pub(crate) fn new(game: &WarGame, settings: &Settings) -> Self {
        let shape = Shape::new(game);
        let precision = shape.precision.iter().map(|p| F8::splat(*p)).collect::<Vec<_>>();
        let none = vec![F8::ZERO; precision.len()];
        Self {
            shape,
            width: Width::of_this_machine(),
            precision,
            none,
            tolerance: settings.residual,
            branch_points: settings.branch_points,
            selection: settings.selection,
            max_precision: settings.max_precision,
        }
    }

    /// Whether a good guess of the logits is of use: not where the branch is followed from λ = 0 anyway, or left on purpose.
    pub(crate) fn starts_anywhere(&self) -> bool {
        self.selection == Selection::Principal && !self.shape.infinite.contains(&true)
    }

    /// Solves one batch whose root beliefs are set; `start` says whether `scratch.x` is a good guess.
    ///
    /// Returns the outcome and, where precisions are infinite, the λ each lane reached.
    pub(crate) fn run(
        &self,
        context: Context<'_>,
        worker: &mut Worker,
        active: [bool; LANES],
        start: Start,
    ) -> (Outcome, Option<[f64; LANES]>) {
        if start == Start::Cold {
            uniform_start(context, &mut worker.scratch);
        }
        if self.shape.infinite.contains(&true) {
            let (outcome, reached) =
                limit::limit(context, worker, active, self.tolerance, self.max_precision);
            let last: Vec<F8> = (context.precision.iter().zip(&self.shape.infinite))
                .map(|(p, infinite)| if *infinite { F8(reached) } else { *p })
                .collect();
            check(Context { precision: &last, ..context }, &mut worker.scratch);
            return (outcome, Some(reached));
        }
        let mut start = start;
        match self.selection {
            Selection::Principal => {}
            Selection::Continuation => {
                return (continuation(context, worker, active, self.tolerance), None);
            }
            Selection::Pooling | Selection::Separating => {
                self.lean(context, worker);
                start = Start::Chosen;
            }
        }
        (fixed_point(context, worker, active, start, self.tolerance), None)
    }

    /// The first half of [`Engine::run`], where there are two: `None` where infinite precisions or another selection want one piece.
    pub(crate) fn attempt(
        &self,
        context: Context<'_>,
        worker: &mut Worker,
        active: [bool; LANES],
        start: Start,
    ) -> Option<(Outcome, Search)> {
        if !self.starts_anywhere() {
            return None;
        }
        if start == Start::Cold {
            uniform_start(context, &mut worker.scratch);
        }
        Some(attempt(context, worker, active, start, self.tolerance))
    }

    /// Starts from a profile that is not on the principal branch.
    fn lean(&self, context: Context<'_>, worker: &mut Worker) {
        uniform_start(context, &mut worker.scratch);
        check(context, &mut worker.scratch);
        let scratch = &mut worker.scratch;
        for node in &context.plan.nodes {
            let Kind::Typed { player, logits, .. } = node.kind else { continue };
            let k = self.shape.types[player];
            for action in 0..node.last - node.first {
                let own = logits + action * k..logits + (action + 1) * k;
                match self.selection {
                    Selection::Principal | Selection::Continuation => {}
                    Selection::Pooling => {
                        let total = own.clone().fold(F8::ZERO, |acc, i| acc + scratch.x[i] + scratch.gap[i]);
                        scratch.x[own].fill(total * F8::splat(1.0 / k as f64));
                    }
                    Selection::Separating => {
                        for (kind, i) in own.enumerate() {
                            let lead = if action % k == kind { SEPARATION } else { 0.0 };
                            scratch.x[i] = scratch.x[i] + scratch.gap[i] + F8::splat(lead);
                        }
                    }
                }
            }
        }
    }
}

/// Logit lead of the action a type is made to prefer when a separating profile is sought.
const SEPARATION: f64 = 6.0;

/// Whether a lane is done.
pub(crate) fn is_solved(how: How) -> bool {
    how != How::Failed
}
