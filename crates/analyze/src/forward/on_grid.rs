//! Wars followed on the belief grid with the strategies that the solution kept: [`super::Spread::Kept`].

use std::collections::BTreeMap;

use armistice_game::{Horizon, Node, Stage, StageTree, StateId, WarGame};
use armistice_solve::{Control, GridFlow};

use super::pass::{ALL_OVER, Passed, Phase, Propagation, Start, add, finish, nothing_passed, tally_end};
use super::profile::mean;
use super::{Given, Outlook, Profiles, TermsMass};
use crate::AnalyzeError;

/// Follows all wars that start at `start` on the grid.
///
/// - cost: one walk down each stage tree for every eight grid points and period.
/// - errors: [`AnalyzeError::Cancelled`].
pub(super) fn follow(
    phase: &Phase<'_>,
    mut flow: GridFlow<'_>,
    start: &Start,
    options: &Propagation,
    control: &Control<'_>,
) -> Result<Outlook, AnalyzeError> {
    let Phase { game, equilibrium } = *phase;
    let mut outlook = Outlook::empty(game, Profiles::new(game), start.belief.clone());
    let prior = outlook.weights(&Given::default());
    let count = prior.len();
    let horizon = match game.horizon {
        Horizon::Periods(n) => n,
        Horizon::Indefinite => options.max_periods,
    };
    let grid = &equilibrium.grid;
    let ends: Vec<Vec<(usize, usize)>> = game
        .stages
        .iter()
        .map(|stage| match stage {
            Stage::Play(tree) => ends_of(tree),
            Stage::Over(_) => Vec::new(),
        })
        .collect();
    let beliefs: Vec<Vec<f64>> = (0..grid.points()).map(|point| grid.belief(point)).collect();
    let mut passed: Passed = nothing_passed(game, count);
    let mut terms: BTreeMap<(u32, u64), TermsMass> = BTreeMap::new();
    let mut mass = flow.start(start.state, &start.belief.0);
    for period in 0..=horizon {
        if control.cancel.is_canceled() {
            return Err(AnalyzeError::Cancelled);
        }
        control.report("following wars forward", u64::from(period), Some(u64::from(horizon)));
        let still_on = arrive(game, &beliefs, &mass, &prior, &mut outlook, &mut terms);
        if period == horizon || (game.horizon == Horizon::Indefinite && still_on < ALL_OVER) {
            outlook.periods = period;
            break;
        }
        let flowed = flow.step(period, &mass);
        // What happened in this period counts as ended once the next one has begun.
        let mut ended = vec![0.0; game.endings.len() * count];
        for (((stage, own), passed), ends) in
            game.stages.iter().zip(&flowed.edges).zip(&mut passed).zip(&ends)
        {
            let Stage::Play(tree) = stage else { continue };
            add(passed, own);
            for (edge, end) in ends {
                let here = own.get(edge * count..(edge + 1) * count);
                if let (Some(end), Some(here)) = (tree.ends.get(*end), here) {
                    tally_end(end, here, &mut ended, &mut terms);
                }
            }
        }
        outlook.pending = ended;
        outlook.margins.push(Vec::new());
        mass = flowed.next;
    }
    outlook.payoffs.clear();
    outlook.width = grid
        .players()
        .iter()
        .filter(|own| own.points() > 1)
        .map(|own| 1.0 / own.steps() as f64)
        .fold(0.0, f64::max);
    finish(&[*phase], &[passed], &mut outlook, terms);
    Ok(outlook)
}

/// Counts the wars at the start of a period, and says how probable it is that one is still on.
fn arrive(
    game: &WarGame,
    beliefs: &[Vec<f64>],
    mass: &[f64],
    prior: &[f64],
    outlook: &mut Outlook,
    terms: &mut BTreeMap<(u32, u64), TermsMass>,
) -> f64 {
    let count = prior.len();
    let mut ended = std::mem::take(&mut outlook.pending);
    ended.resize(game.endings.len() * count, 0.0);
    let mut on = vec![0.0; count];
    let mut states: Vec<(StateId, Vec<f64>)> = Vec::new();
    let mut belief = vec![0.0; game.slots()];
    for ((state, stage), own) in game.stages.iter().enumerate().zip(mass.chunks_exact(beliefs.len() * count))
    {
        let mut here = vec![0.0; count];
        for (point, row) in
            own.chunks_exact(count).enumerate().filter(|(_, row)| row.iter().any(|m| *m > 0.0))
        {
            outlook.nodes += 1;
            add(&mut here, row);
            if matches!(stage, Stage::Play(_)) {
                let public = mean(prior, row);
                let at = beliefs.get(point).map_or(&[][..], Vec::as_slice);
                belief.iter_mut().zip(at).for_each(|(x, b)| *x += public * b);
            }
        }
        match stage {
            Stage::Over(end) => tally_end(end, &here, &mut ended, terms),
            Stage::Play(_) if here.iter().any(|m| *m > 0.0) => {
                add(&mut on, &here);
                states.push((StateId::new(state), here));
            }
            Stage::Play(_) => {}
        }
    }
    let public = mean(prior, &on);
    if public > 0.0 {
        belief.iter_mut().for_each(|b| *b /= public);
    }
    outlook.on.extend(on);
    outlook.ended.extend(ended);
    outlook.states.push(states);
    outlook.beliefs.push(belief);
    public
}

/// The edges of a tree that end the war, and the ends they lead to.
fn ends_of(tree: &StageTree) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for (edge, child) in tree.edges.iter().enumerate().map(|(edge, own)| (edge, own.child)) {
        if let Some(Node::End(end)) = tree.nodes.get(child.index()) {
            out.push((edge, *end as usize));
        }
    }
    out
}
