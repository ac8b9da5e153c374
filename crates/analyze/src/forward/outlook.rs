//! What lies ahead of a war: survival, endings, terms, costs, observables.

use armistice_game::{EndingId, PlayerId, StateId, WarGame};

use super::profile::mean;
use super::{Frequencies, Given, Profiles};

/// The distribution of wars over their futures, from [`super::propagate`].
///
/// Everything is kept given each profile of private types; methods take the profiles' weights
/// ([`Outlook::weights`]) and average.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    pub(crate) profiles: Profiles,
    pub(crate) start: armistice_game::Belief,
    /// Periods followed.
    pub periods: u32,
    /// Kinds of ending; the one after the last stands for wars still on at the horizon.
    pub(crate) endings: usize,
    /// `[n][profile]`: probability that the war is still on after n periods, n = 0..=periods.
    pub(crate) on: Vec<f64>,
    /// `[n][ending][profile]`: probability that it ended that way in the n-th period (or was over at its end).
    pub(crate) ended: Vec<f64>,
    /// Ended within the period now being followed: counted when the next one begins.
    pub(crate) pending: Vec<f64>,
    /// Terms of the wars that ended with terms.
    pub terms: Vec<TermsMass>,
    /// `[player][profile]`: expected cost borne, undiscounted.
    pub(crate) costs: Vec<f64>,
    /// How often moves are made and events occur.
    pub frequencies: Frequencies,
    /// By n: states in which the war is still on at the start of period n, with `[profile]` masses.
    pub(crate) states: Vec<Vec<(StateId, Vec<f64>)>>,
    /// By n: `[slot]`, expected public belief over wars still on, weighted as the public sees them.
    pub(crate) beliefs: Vec<Vec<f64>>,
    /// By n: stopping margins met at nodes of that period, where asked for.
    pub(crate) margins: Vec<Vec<MarginSample>>,
    /// `[slot]`: expected discounted payoff of every type of every player at the start; empty where it was not added up.
    pub payoffs: Vec<f64>,
    /// Largest probability, over profiles, of paths too improbable to be followed.
    pub dropped: f64,
    /// Side of the largest cell in which beliefs were merged; 0 when only equal ones were.
    pub width: f64,
    /// Nodes visited, over all periods.
    pub nodes: u64,
}

/// Probability of ending in one way on certain terms.
#[derive(Clone, Debug, PartialEq)]
pub struct TermsMass {
    /// Kind of ending.
    pub ending: EndingId,
    /// The terms.
    pub terms: f64,
    /// By profile.
    pub(crate) mass: Vec<f64>,
}

/// Stopping margins at one node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MarginSample {
    /// By type of the player asked for; `None` where there is no choice.
    pub margins: Vec<Option<f64>>,
    /// By profile.
    pub mass: Vec<f64>,
}

impl Outlook {
    /// Weights of the profiles at the public belief of the start, with some players known to be of a type.
    #[must_use]
    pub fn weights(&self, given: &Given) -> Vec<f64> {
        self.profiles.weights(&self.start, given)
    }

    /// The profiles of private types.
    #[must_use]
    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// Pr(war still on after n periods), n = 0, 1, …; after the last period followed it stays as it was.
    #[must_use]
    pub fn survival(&self, weights: &[f64], n: u32) -> f64 {
        let row = n.min(self.periods) as usize * self.profiles.len();
        mean(weights, self.on.get(row..).unwrap_or(&[]))
    }

    /// Pr(war ended within n periods), by any ending or one.
    #[must_use]
    pub fn ended_by(&self, weights: &[f64], n: u32, ending: Option<EndingId>) -> f64 {
        let last = n.min(self.periods) as usize;
        let one = |n: usize, e: usize| {
            let row = (n * self.endings + e) * self.profiles.len();
            mean(weights, self.ended.get(row..).unwrap_or(&[]))
        };
        (0..=last)
            .map(|n| match ending {
                Some(e) if e.index() < self.endings => one(n, e.index()),
                Some(_) => 0.0,
                None => (0..self.endings).map(|e| one(n, e)).sum(),
            })
            .sum()
    }

    /// E[min(T, periods)]: expected duration in periods, cut at the last period followed: Σ_{n < periods} survival(n).
    #[must_use]
    pub fn expected_duration(&self, weights: &[f64]) -> f64 {
        (0..self.periods).map(|n| self.survival(weights, n)).sum()
    }

    /// Smallest n, interpolated linearly within the period, after which half of the wars have ended; `None` when more than
    /// half outlast the last period followed.
    #[must_use]
    pub fn median_duration(&self, weights: &[f64]) -> Option<f64> {
        let mut before = self.survival(weights, 0);
        if before <= 0.5 {
            return Some(0.0);
        }
        for n in 1..=self.periods {
            let now = self.survival(weights, n);
            if now <= 0.5 {
                return Some(f64::from(n - 1) + (before - 0.5) / (before - now));
            }
            before = now;
        }
        None
    }

    /// Mean terms over wars that have ended on terms, by any ending or one, and the probability of those.
    ///
    /// `None` when none has.
    #[must_use]
    pub fn expected_terms(&self, weights: &[f64], ending: Option<EndingId>) -> Option<(f64, f64)> {
        let mut mass = 0.0;
        let mut sum = 0.0;
        for row in self.terms.iter().filter(|row| ending.is_none_or(|e| e == row.ending)) {
            let m = mean(weights, &row.mass);
            mass += m;
            sum += m * row.terms;
        }
        (mass > 0.0).then(|| (sum / mass, mass))
    }

    /// Expected total cost borne by a player, undiscounted, in payoff units.
    #[must_use]
    pub fn cost(&self, weights: &[f64], player: PlayerId) -> f64 {
        mean(weights, self.costs.get(player.index() * self.profiles.len()..).unwrap_or(&[]))
    }

    /// Expected number of periods of war begun: those in which moves were made.
    #[must_use]
    pub fn war_periods(&self, weights: &[f64]) -> f64 {
        self.expected_duration(weights)
    }

    /// The states of wars still on at the start of period n with their probabilities (which sum to survival(n)).
    pub fn states(&self, weights: &[f64], n: u32) -> impl Iterator<Item = (StateId, f64)> {
        self.states
            .get(n as usize)
            .into_iter()
            .flatten()
            .map(move |(state, mass)| (*state, mean(weights, mass)))
    }

    /// Mean of an observable over wars still on at the start of period n; `None` when none is.
    #[must_use]
    pub fn expected_observable(&self, weights: &[f64], values: &[f64], n: u32) -> Option<f64> {
        let mut sum = 0.0;
        let mut mass = 0.0;
        for (state, m) in self.states(weights, n) {
            sum += m * values.get(state.index()).copied().unwrap_or(0.0);
            mass += m;
        }
        (mass > 0.0).then(|| sum / mass)
    }

    /// Whether every path was followed at its exact belief.
    #[must_use]
    pub fn exact(&self) -> bool {
        self.width == 0.0
    }

    /// Expected discounted payoffs by slot, for checking against the equilibrium: how far the two are apart at most.
    #[must_use]
    pub fn payoff_error(&self, values: &[f64]) -> f64 {
        self.payoffs.iter().zip(values).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    pub(crate) fn empty(game: &WarGame, profiles: Profiles, start: armistice_game::Belief) -> Self {
        let count = profiles.len();
        Self {
            frequencies: Frequencies::new(game, count),
            costs: vec![0.0; game.players.len() * count],
            payoffs: vec![0.0; game.slots()],
            profiles,
            start,
            periods: 0,
            endings: game.endings.len(),
            on: Vec::new(),
            ended: Vec::new(),
            pending: Vec::new(),
            terms: Vec::new(),
            states: Vec::new(),
            beliefs: Vec::new(),
            margins: Vec::new(),
            dropped: 0.0,
            width: 0.0,
            nodes: 0,
        }
    }
}
