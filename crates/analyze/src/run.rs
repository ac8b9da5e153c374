//! One war, solved and followed forward: everything that measures need, and no more.

use armistice_game::{Horizon, PlayerId, Stage, WarGame};
use armistice_solve::{Control, Equilibrium};

use crate::AnalyzeError;
use crate::bargaining::SettlementTable;
use crate::forward::{Outlook, Profiles, Propagation, Start, propagate};
use crate::margin::{StoppingMargin, StoppingNodes};
use crate::opening::Opening;

/// A war that was solved and followed forward.
///
/// Small: the stage trees and the values of the equilibrium are not kept, only the first period and sums over the future.
#[derive(Clone, Debug)]
pub struct Run {
    /// The game, without its stages.
    pub game: WarGame,
    /// Where the war starts.
    pub start: Start,
    /// The first period; `None` when the war is over at the start.
    pub opening: Option<Opening>,
    /// What lies ahead.
    pub outlook: Outlook,
    /// Expected payoffs at the start, by slot.
    pub values: Vec<f64>,
    /// What settling at the start is worth, where the scenario says how.
    pub settlement: Option<SettlementTable>,
    /// Value of every parameter, by position.
    pub parameters: Vec<f64>,
    /// Cost of every lever per period in force, by position.
    pub lever_costs: Vec<f64>,
    /// Belief grid points per dimension.
    pub grid_points: usize,
    /// By player, at the start.
    stopping: Vec<StoppingNodes>,
}

impl Run {
    /// Follows a solved war forward from `start`.
    ///
    /// - errors: those of [`propagate`].
    pub fn new(
        game: &WarGame,
        equilibrium: &Equilibrium,
        start: Start,
        options: &Propagation,
        control: &Control<'_>,
    ) -> Result<Self, AnalyzeError> {
        let outlook = propagate(game, equilibrium, &start, options, control)?;
        Ok(Self::with_outlook(game, equilibrium, start, outlook))
    }

    /// A solved war as it starts, not followed: all that its first period says, and an empty outlook.
    pub(crate) fn unfollowed(game: &WarGame, equilibrium: &Equilibrium, start: Start) -> Self {
        let outlook = Outlook::empty(game, Profiles::new(game), start.belief.clone());
        Self::with_outlook(game, equilibrium, start, outlook)
    }

    /// A war that was followed already; `game` and `equilibrium` are those of its first period.
    pub(crate) fn with_outlook(
        game: &WarGame,
        equilibrium: &Equilibrium,
        start: Start,
        outlook: Outlook,
    ) -> Self {
        let opening = Opening::new(game, equilibrium, &start);
        let stage = game.stages.get(start.state.index());
        let values = match (&opening, stage) {
            (Some(opening), _) => opening.values().to_vec(),
            (None, Some(Stage::Over(end))) => end.payoff.expected(&game.types(), &start.belief.0),
            (None, _) => equilibrium.value(game, 0, start.state, &start.belief),
        };
        let stopping = (0..game.players.len())
            .map(|player| match stage {
                Some(Stage::Play(tree)) => StoppingNodes::of_tree(game, tree, PlayerId::new(player)),
                _ => StoppingNodes::default(),
            })
            .collect();
        Self {
            game: without_stages(game),
            start,
            opening,
            outlook,
            values,
            settlement: None,
            parameters: Vec::new(),
            lever_costs: Vec::new(),
            grid_points: equilibrium.settings.belief_points,
            stopping,
        }
    }

    /// The stopping margins of a player at the start, by type; `None` where there is no choice.
    #[must_use]
    pub fn margins(&self, player: PlayerId) -> Vec<Option<StoppingMargin>> {
        match (&self.opening, self.stopping.get(player.index())) {
            (Some(opening), Some(nodes)) => opening.margins(&self.game, player, nodes),
            _ => vec![None; self.game.slots_of(player).len()],
        }
    }

    /// Number of periods of a finite horizon.
    #[must_use]
    pub fn horizon(&self) -> Option<u32> {
        match self.game.horizon {
            Horizon::Periods(n) => Some(n),
            Horizon::Indefinite => None,
        }
    }
}

fn without_stages(game: &WarGame) -> WarGame {
    WarGame {
        title: game.title.clone(),
        players: game.players.clone(),
        variables: game.variables.clone(),
        states: game.states.clone(),
        start: game.start,
        horizon: game.horizon,
        stages: Vec::new(),
        horizon_payoffs: Vec::new(),
        moves: game.moves.clone(),
        chances: game.chances.clone(),
        endings: game.endings.clone(),
        observables: game.observables.clone(),
        unreachable: game.unreachable,
    }
}
