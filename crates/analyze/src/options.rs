//! What can be set about an analysis.

use armistice_game::{Horizon, Stage, WarGame};
use armistice_scenario::Limits;
use armistice_solve::{Selection, Settings, SimplexGrid};

/// Settings of [`crate::analyze`]; the default is what reports use.
#[derive(Clone, Debug)]
pub struct Options {
    /// The main solution.
    pub settings: Settings,
    /// Sizes beyond which a scenario is refused.
    pub limits: Limits,
    /// Belief grid points per dimension of the audit grid, on which variations are compared; `None` chooses the finest of 9,
    /// 7 and 5 on which a game has at most [`AUDIT_SIZE`] stage games.
    pub audit_points: Option<usize>,
    /// Whether sweeps solve large games coarsely: see [`Options::sweep_settings`]. Audits always do, and check some of their cases.
    pub coarse: bool,
    /// Nodes per period of the main forward pass before close beliefs are merged.
    pub nodes: usize,
    /// … of the forward pass of a variation.
    pub audit_nodes: usize,
    /// Monte Carlo trajectories of the cross-check; 0 skips it.
    pub trajectories: u64,
    /// How many of them to return step by step.
    pub keep: u64,
    /// Seed of every random number.
    pub seed: u64,
    /// Points at which the certificate recomputes the solution.
    pub certified_points: usize,
    /// Other selections of stage equilibria to compare with, at [`Options::selection_points`] points.
    pub selections: Vec<Selection>,
    /// Points at which selections are compared.
    pub selection_points: usize,
    /// Whether to compute what levers do.
    pub levers: bool,
    /// Whether to compute sensitivity: precision, prior, tornado, thresholds.
    pub sensitivity: bool,
    /// Under which changes claims are judged again.
    pub audit: Audit,
    /// What is written into the provenance.
    pub stamp: Stamp,
}

/// Most stage games (states × grid points × periods) of a variation when the audit grid is chosen automatically: some hundred
/// variations are then solved within a minute on two cores.
pub const AUDIT_SIZE: usize = 25_000;

/// Residual of variations, in probability: far below the error of their grid, and an evaluation less than the main solution's.
pub const AUDIT_RESIDUAL: f64 = 1e-8;

/// Most points along the branch of a stage game of a variation: what folds more often than that, as kinks of a coarse grid make some
/// branches do, is left to Newton's method.
pub const AUDIT_BRANCH: usize = 40;

/// Most nodes of all stage games, on 7 points, of a game that sweeps and audits solve as precisely as other variations: about half a second.
pub const SWEEP_SIZE: u128 = 1_000_000;

/// Belief grid points per dimension of sweeps and audits of large games. With two players of two types there are 16 beliefs, two batches of the
/// eight that the solver takes at a time.
pub const SWEEP_POINTS: usize = 4;

/// Residual of sweeps and audits of large games, in probability: what four points of a grid leave out is a thousand times as much.
pub const SWEEP_RESIDUAL: f64 = 1e-5;

/// Logits that solutions keep to start from when wars are followed or simulated: 256 MB.
pub const KEPT_LOGITS: u64 = 64_000_000;

/// Sweeps an indefinite horizon is reckoned to take when the audit grid is chosen.
const SWEEPS: usize = 100;

impl Options {
    /// Solver settings of variations of a game. On an audit grid coarser than the main one with [`AUDIT_RESIDUAL`] and
    /// [`AUDIT_BRANCH`], never more precise than the main solution; else those of the main solution.
    #[must_use]
    pub fn audit_settings(&self, game: &WarGame) -> Settings {
        let main = &self.settings;
        let belief_points = self.audit_grid(game);
        if belief_points == main.belief_points {
            return main.clone();
        }
        let residual = main.residual.max(AUDIT_RESIDUAL);
        let branch_points = main.branch_points.min(AUDIT_BRANCH);
        Settings { belief_points, residual, branch_points, ..main.clone() }
    }

    /// Solver settings of sweeps and audits of a game, which solve it at hundreds of points: those of variations. Where [`Options::coarse`] is
    /// set and the game is large, its stage games on 7 points having more than [`SWEEP_SIZE`] nodes in all, the grid has [`SWEEP_POINTS`] points unless [`Options::audit_points`] says
    /// otherwise, stages are solved to [`SWEEP_RESIDUAL`], no branch is followed, and wars are followed on the grid itself.
    #[must_use]
    pub fn sweep_settings(&self, game: &WarGame) -> Settings {
        let settings = self.audit_settings(game);
        if !self.coarse {
            return settings;
        }
        let nodes = game.stages.iter().map(|stage| match stage {
            Stage::Play(tree) => tree.nodes.len() as u128,
            Stage::Over(_) => 0,
        });
        if nodes.sum::<u128>().saturating_mul(points_of(game, 7)) <= SWEEP_SIZE {
            return settings;
        }
        let belief_points = self.audit_points.unwrap_or(SWEEP_POINTS).min(self.settings.belief_points);
        let residual = self.settings.residual.max(SWEEP_RESIDUAL);
        Settings { belief_points, residual, branch_points: 0, kept_play: true, ..settings }
    }

    /// Belief grid points per dimension of the audit grid for a game; never more than those of the main grid.
    #[must_use]
    pub fn audit_grid(&self, game: &WarGame) -> usize {
        let chosen =
            [9, 7].into_iter().find(|points| stages(game, *points) <= AUDIT_SIZE as u128).unwrap_or(5);
        self.audit_points.unwrap_or(chosen).min(self.settings.belief_points)
    }
}

/// States × grid points × periods.
fn stages(game: &WarGame, points: usize) -> u128 {
    let stages = game.stages.iter().filter(|stage| matches!(stage, Stage::Play(_))).count();
    points_of(game, points).saturating_mul(stages as u128)
}

/// Grid points × periods.
fn points_of(game: &WarGame, points: usize) -> u128 {
    let periods = match game.horizon {
        Horizon::Periods(n) => n as usize,
        Horizon::Indefinite => SWEEPS,
    };
    let grid: u128 = game.types().iter().map(|k| SimplexGrid::count(*k, points - 1)).product();
    grid.saturating_mul(periods as u128)
}

/// Under which changes claims are judged again, besides at the scenario's own parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// None.
    Base,
    /// Every precision halved, and half as large again. Claims about the scenario without its cases also at both ends of every parameter's
    /// range, which costs nothing once the tornado is there.
    Precision,
    /// Claims with cases also at both ends of the range of so many parameters, those with the largest effect on the first
    /// headline measure.
    Ranges(usize),
}

/// What is written into the provenance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The command as typed.
    pub command: Option<String>,
    /// The day of the run, or of SOURCE_DATE_EPOCH, as `YYYY-MM-DD`.
    pub date: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            settings: Settings { kept_logits: KEPT_LOGITS, ..Settings::default() },
            limits: Limits::default(),
            audit_points: None,
            coarse: false,
            nodes: 1500,
            audit_nodes: 100,
            trajectories: 4_000,
            keep: 0,
            seed: 1,
            certified_points: 2000,
            selections: vec![Selection::Pooling, Selection::Separating],
            selection_points: 200,
            levers: true,
            sensitivity: true,
            audit: Audit::Precision,
            stamp: Stamp::default(),
        }
    }
}
