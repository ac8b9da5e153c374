//! What many wars say together, with standard errors.

use armistice_game::{EndingId, WarGame};

use super::Simulation;

/// A mean over wars and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Mean.
    pub mean: f64,
    /// Standard error: sample standard deviation / √n.
    pub standard_error: f64,
    /// Wars it is over.
    pub wars: u64,
}

/// A summary of simulated wars. Sums are taken in the order of the wars' numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Wars simulated.
    pub trajectories: u64,
    /// Their seed.
    pub seed: u64,
    /// Longest duration followed.
    pub horizon: u32,
    players: usize,
    endings: usize,
    wars: Vec<Fate>,
    /// `[war][player]`
    costs: Vec<f64>,
}

/// How one war ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Fate {
    duration: u32,
    ending: Option<EndingId>,
    terms: Option<f64>,
}

impl Summary {
    pub(super) fn new(game: &WarGame, horizon: u32, options: &Simulation) -> Self {
        let count = usize::try_from(options.trajectories).unwrap_or(usize::MAX);
        Self {
            trajectories: options.trajectories,
            seed: options.seed,
            horizon,
            players: game.players.len(),
            endings: game.endings.len(),
            wars: vec![Fate::default(); count],
            costs: vec![0.0; count * game.players.len()],
        }
    }

    pub(super) fn add_costs(&mut self, number: u64, costs: &[f64]) {
        let from = usize::try_from(number).unwrap_or(usize::MAX).saturating_mul(self.players);
        for (x, cost) in self.costs.iter_mut().skip(from).zip(costs) {
            *x += cost;
        }
    }

    pub(super) fn finish(&mut self, number: u64, duration: u32, end: Option<(EndingId, Option<f64>)>) {
        let fate =
            Fate { duration, ending: end.map(|(ending, _)| ending), terms: end.and_then(|(_, terms)| terms) };
        if let Some(war) = usize::try_from(number).ok().and_then(|n| self.wars.get_mut(n)) {
            *war = fate;
        }
    }

    /// War periods simulated, over all wars.
    #[must_use]
    pub fn war_periods(&self) -> u64 {
        self.wars.iter().map(|war| u64::from(war.duration)).sum()
    }

    /// Pr(war still on after n periods).
    #[must_use]
    pub fn survival(&self, n: u32) -> Option<Estimate> {
        self.estimate(|war| Some(f64::from(u8::from(war.ending.is_none() || war.duration > n))))
    }

    /// Pr(war ended within n periods), by any ending or one.
    #[must_use]
    pub fn ended_by(&self, n: u32, ending: Option<EndingId>) -> Option<Estimate> {
        self.estimate(|war| {
            let so = war.ending.is_some_and(|e| war.duration <= n && ending.is_none_or(|wanted| wanted == e));
            Some(f64::from(u8::from(so)))
        })
    }

    /// Expected duration, cut at the horizon.
    #[must_use]
    pub fn duration(&self) -> Option<Estimate> {
        self.estimate(|war| Some(f64::from(war.duration)))
    }

    /// Mean terms over wars that ended on terms, by any ending or one.
    #[must_use]
    pub fn terms(&self, ending: Option<EndingId>) -> Option<Estimate> {
        self.estimate(|war| war.terms.filter(|_| ending.is_none_or(|wanted| war.ending == Some(wanted))))
    }

    /// Expected total cost of a player, by position, undiscounted.
    #[must_use]
    pub fn cost(&self, player: usize) -> Option<Estimate> {
        estimate(self.costs.iter().skip(player).step_by(self.players.max(1)).copied())
    }

    /// Number of kinds of ending.
    #[must_use]
    pub fn endings(&self) -> usize {
        self.endings
    }

    fn estimate(&self, value: impl Fn(&Fate) -> Option<f64>) -> Option<Estimate> {
        estimate(self.wars.iter().filter_map(value))
    }
}

/// Mean and standard error (Welford's recurrence); `None` over no wars.
fn estimate(values: impl Iterator<Item = f64>) -> Option<Estimate> {
    let (mut n, mut mean, mut squares) = (0u64, 0.0, 0.0);
    for x in values {
        n += 1;
        let step = x - mean;
        mean += step / n as f64;
        squares += step * (x - mean);
    }
    let standard_error = if n > 1 { (squares / (n - 1) as f64 / n as f64).sqrt() } else { 0.0 };
    (n > 0).then_some(Estimate { mean, standard_error, wars: n })
}
