//! Levers put in force later than at the start: announced, or by surprise.
//!
//! Announced at the start for period m, the game without the levers is solved backward from period m, where values are those of the game with them
//! ([`solve_before`]). By surprise, both games are solved for themselves. Either way wars are followed forward through the one until
//! m and, with the states and beliefs they have then, through the other.

use armistice_game::{Horizon as Length, WarGame};
use armistice_scenario::{Change, Scenario};
use armistice_solve::{Control, Status, solve_before};
use rayon::prelude::*;

use super::effects::{Horizon, effect, undefined};
use crate::AnalyzeError;
use crate::findings::{Effect, Timing, TimingPoint};
use crate::forward::{Phase, propagate_phases};
use crate::parts::outlook::date;
use crate::run::Run;
use crate::runs::{Runs, Solved, Variation, start_of};

/// Sets of levers in force from each of `periods` on.
///
/// Levers that are in force from period 0 are the levers as they are; from the horizon on they never come into force.
///
/// - cost: for each set one solution, and for each period m a solution of m periods and two forward passes.
/// - errors: [`AnalyzeError::Cancelled`], and those of compiling and solving the scenario without the levers.
pub(crate) fn timing(
    runs: &Runs<'_>,
    base: &Variation,
    sets: &[Vec<usize>],
    periods: &[u32],
    by: u32,
    control: &Control<'_>,
) -> Result<Vec<Timing>, AnalyzeError> {
    let scenario = base.scenario();
    let before = runs.solve(base)?;
    let mut out = Vec::new();
    for set in sets {
        control.report("timing levers", out.len() as u64, Some(sets.len() as u64));
        let with = base.with_change(&Change { levers: set.clone(), ..Change::default() });
        let levers = set.iter().filter_map(|l| Some(scenario.levers.get(*l)?.name.clone())).collect();
        let after = match runs.solve(&with) {
            Err(AnalyzeError::Cancelled) => return Err(AnalyzeError::Cancelled),
            Err(error) => Err(format!("failed to {error}")),
            Ok(after) => match difference(&before.compiled.game, &after.compiled.game) {
                Some(what) => Err(format!(
                    "the levers change {what}, so a war in progress cannot go over from the one game to the other"
                )),
                None => Ok(after),
            },
        };
        out.push(match after {
            Err(why) => Timing { levers, points: Vec::new(), undefined: Some(why) },
            Ok(after) => {
                let cost = set.iter().filter_map(|l| after.compiled.lever_costs.get(*l)).sum();
                let change = Switch { runs, base, with: &with, before: &before, after: &after, cost, by };
                let points: Result<Vec<TimingPoint>, AnalyzeError> =
                    periods.par_iter().map(|period| change.at(*period)).collect();
                Timing { levers, points: points?, undefined: None }
            }
        });
    }
    control.report("timing levers", sets.len() as u64, Some(sets.len() as u64));
    Ok(out)
}

/// Periods at which a report looks: shares of the horizon, or of three years.
#[must_use]
pub fn dates(scenario: &Scenario) -> Vec<u32> {
    let whole = scenario.about.horizon.unwrap_or(3 * super::a_year(scenario));
    let mut out: Vec<u32> = [0, 1, 2, 4, 6, 8, 12].iter().map(|twelfths| whole * twelfths / 12).collect();
    out.dedup();
    out
}

/// A game that becomes another one.
struct Switch<'r, 'a> {
    runs: &'r Runs<'a>,
    base: &'r Variation,
    with: &'r Variation,
    before: &'r Solved,
    after: &'r Solved,
    /// Stated, per period in force.
    cost: f64,
    by: u32,
}

impl Switch<'_, '_> {
    fn at(&self, period: u32) -> Result<TimingPoint, AnalyzeError> {
        let scenario = self.base.scenario();
        let never = matches!(self.before.compiled.game.horizon, Length::Periods(n) if period >= n);
        let at = Horizon { by: self.by, from: period };
        let whole = |variation: &Variation| -> Result<(Effect, Effect), AnalyzeError> {
            let effect = effect(scenario, variation, &*self.runs.get(variation)?, self.cost, at);
            Ok((effect.clone(), effect))
        };
        let (announced, surprise) = match period {
            _ if never => whole(self.base)?,
            0 => whole(self.with)?,
            _ => (self.announced(period, at)?, self.surprise(period, at)?),
        };
        Ok(TimingPoint { period, date: date(scenario, period), announced, surprise })
    }

    fn announced(&self, period: u32, at: Horizon) -> Result<Effect, AnalyzeError> {
        let game = &self.before.compiled.game;
        let settings = self.runs.settings();
        let equilibrium = solve_before(game, period, &self.after.equilibrium, settings, self.runs.control())?;
        match &equilibrium.status {
            Status::Cancelled => return Err(AnalyzeError::Cancelled),
            Status::Certified | Status::Approximate => {}
            _ => return Ok(undefined("some stage game did not converge".into())),
        }
        self.follow(&Phase { game, equilibrium: &equilibrium }, period, at)
    }

    fn surprise(&self, period: u32, at: Horizon) -> Result<Effect, AnalyzeError> {
        let Solved { compiled, equilibrium } = self.before;
        self.follow(&Phase { game: &compiled.game, equilibrium }, period, at)
    }

    fn follow(&self, first: &Phase<'_>, period: u32, at: Horizon) -> Result<Effect, AnalyzeError> {
        let start = start_of(&self.before.compiled);
        let then = Phase { game: &self.after.compiled.game, equilibrium: &self.after.equilibrium };
        let (options, control) = (self.runs.propagation(), self.runs.control());
        let outlook = propagate_phases(first, Some((period, then)), &start, options, control)?;
        let run = Run::with_outlook(first.game, first.equilibrium, start, outlook);
        Ok(effect(self.base.scenario(), self.base, &run, self.cost, at))
    }
}

/// What two games differ in that a war in progress would have to change, too.
fn difference(before: &WarGame, after: &WarGame) -> Option<&'static str> {
    let names = |game: &WarGame| -> Vec<usize> { game.types() };
    if before.states != after.states {
        Some("which states can be reached")
    } else if names(before) != names(after) || before.endings != after.endings {
        Some("the private types or the endings")
    } else if before.moves != after.moves || before.chances != after.chances {
        Some("the moves or the events")
    } else if before.horizon != after.horizon {
        Some("the horizon")
    } else {
        None
    }
}
