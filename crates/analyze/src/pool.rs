//! Stage solvers, lent to whoever needs one: they keep tables, so that they are worth keeping.

use std::sync::Mutex;

use armistice_game::{Belief, StateId, WarGame};
use armistice_solve::{Assessment, Equilibrium, Settings, SolvedStage, StageSolver};

/// As many stage solvers as threads ask for at once. What is solved does not depend on which one is lent.
pub(crate) struct SolverPool<'a> {
    game: &'a WarGame,
    equilibrium: &'a Equilibrium,
    settings: Settings,
    free: Mutex<Vec<StageSolver<'a>>>,
}

impl<'a> SolverPool<'a> {
    /// Solvers that stop at the residual of the equilibrium, or at a looser one.
    pub fn new(game: &'a WarGame, equilibrium: &'a Equilibrium, residual: f64) -> Self {
        let settings = Settings {
            residual: residual.max(equilibrium.settings.residual),
            ..equilibrium.settings.clone()
        };
        Self { game, equilibrium, settings, free: Mutex::new(Vec::new()) }
    }

    /// What is played in `state` in `period` at each belief; empty where the war is over.
    pub fn solve(&self, period: u32, state: StateId, beliefs: &[Belief]) -> Vec<Assessment> {
        self.lend(|solver| solver.solve(period, state, beliefs))
    }

    /// The same without copying: `each` sees what is played at every belief, in order, with its position.
    pub fn visit(
        &self,
        period: u32,
        state: StateId,
        beliefs: &[Belief],
        each: impl FnMut(usize, SolvedStage<'_>),
    ) {
        self.lend(|solver| solver.visit(period, state, beliefs.iter().map(|b| b.0.as_slice()), each));
    }

    fn lend<T>(&self, work: impl FnOnce(&mut StageSolver<'a>) -> T) -> T {
        let lent = self.free.lock().ok().and_then(|mut free| free.pop());
        let mut solver =
            lent.unwrap_or_else(|| StageSolver::with_settings(self.game, self.equilibrium, &self.settings));
        let done = work(&mut solver);
        if let Ok(mut free) = self.free.lock() {
            free.push(solver);
        }
        done
    }
}
