//! A record month by month: what each type would do and why, what was done, and how near everybody was to stopping.

use std::ops::Range;

use armistice_analyze::StoppingNodes;
use armistice_game::{Belief, Horizon, PlayerId, Stage, WarGame};
use armistice_scenario::Observation;
use armistice_solve::{Assessment, StageSolver};

use super::document::MarginNow;
use super::filter::{Filtered, History, by_state, passages};
use super::model::Point;

/// A history before a row, and play from it.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Where it has led, with its probability given the rows before.
    pub history: History,
    /// Its probability given the row too; the same as before where the row is not on record.
    pub weight: f64,
    /// What is played at its state and belief.
    pub assessment: Assessment,
    /// By edge of the stage's tree: probability that play passed it, given the history and the row. Nothing where the row is not on record.
    pub passed: Option<Vec<f64>>,
}

/// Whether periods after so many rows are part of the game.
fn goes_on(game: &WarGame, rows: usize) -> Option<u32> {
    let period = u32::try_from(rows).ok()?;
    match game.horizon {
        Horizon::Periods(last) if period >= last => None,
        _ => Some(period),
    }
}

/// The histories that the record leaves open before a row, and what the row says about the play from each; the likeliest first, those that
/// the row rules out left out.
///
/// ```text
/// Pr(h | record up to the row) ∝ w(h) Σ_x Π Pr(edges of x | h),   passed(e | h) = Σ_{x through e} Π Pr(edges of x | h) / Σ_x Π Pr(edges of x | h)
/// ```
///
/// over the ways x through the stage that the row allows.
///
/// - `filtered`: the record's own, from the same point.
/// - `row`: one of `rows`, or the one that comes next.
/// - returns nothing for later rows, past the horizon and after the war.
/// - cost: a stage solution for each history.
#[must_use]
pub fn walks(point: &Point, filtered: &Filtered, rows: &[Observation], row: usize) -> Vec<Walk> {
    let game = &point.compiled.game;
    let Some(period) = goes_on(game, row) else { return Vec::new() };
    let histories = filtered.after(row);
    let mut solver = StageSolver::new(game, &point.equilibrium);
    let mut out = Vec::new();
    for (state, members) in by_state(histories) {
        let Some(Stage::Play(tree)) = game.stages.get(state.index()) else { continue };
        let ways = rows.get(row).map(|seen| passages(game, tree, seen));
        let own: Vec<&History> = members.iter().filter_map(|member| histories.get(*member)).collect();
        let beliefs: Vec<Belief> = own.iter().map(|history| Belief(history.belief.clone())).collect();
        for (history, assessment) in own.into_iter().zip(solver.solve(period, state, &beliefs)) {
            let mut weight = history.weight;
            let mut passed = None;
            if let Some(ways) = &ways {
                let mut edges = vec![0.0; tree.edges.len()];
                let mut total = 0.0;
                for way in ways {
                    let taken = way.edges.iter().map(|(_, edge)| *edge as usize);
                    let each =
                        taken.clone().map(|edge| assessment.probability.get(edge).copied().unwrap_or(0.0));
                    let probability: f64 = each.product();
                    total += probability;
                    taken.for_each(|edge| {
                        if let Some(x) = edges.get_mut(edge) {
                            *x += probability;
                        }
                    });
                }
                if !(total > 0.0) {
                    continue;
                }
                edges.iter_mut().for_each(|x| *x /= total);
                weight *= total;
                passed = Some(edges);
            }
            out.push(Walk { history: history.clone(), weight, assessment, passed });
        }
    }
    let total: f64 = out.iter().map(|walk| walk.weight).sum();
    if total > 0.0 {
        out.iter_mut().for_each(|walk| walk.weight /= total);
    }
    // Stable, so that histories of one weight stay in the order of the filter.
    out.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    out
}

/// Stopping margins in the period after each number of rows, by type, averaged over what the record leaves open.
///
/// - `players`: whose; those without a choice between stopping and going on in a period have no margin there.
/// - cost: a stage solution for each row and history.
#[must_use]
pub fn stopping_margins(
    point: &Point,
    filtered: &Filtered,
    rows: Range<usize>,
    players: &[usize],
) -> Vec<Vec<MarginNow>> {
    let game = &point.compiled.game;
    let mut solver = StageSolver::new(game, &point.equilibrium);
    rows.map(|row| {
        let Some(period) = goes_on(game, row) else { return Vec::new() };
        // By slot: weighted sum, and weight.
        let mut sums = vec![(0.0, 0.0); game.slots()];
        let histories = filtered.after(row);
        for (state, members) in by_state(histories) {
            let Some(Stage::Play(tree)) = game.stages.get(state.index()) else { continue };
            let own: Vec<&History> = members.iter().filter_map(|member| histories.get(*member)).collect();
            let beliefs: Vec<Belief> = own.iter().map(|history| Belief(history.belief.clone())).collect();
            let solved = solver.solve(period, state, &beliefs);
            for player in players.iter().map(|player| PlayerId::new(*player)) {
                let nodes = StoppingNodes::of_tree(game, tree, player);
                for (history, assessment) in own.iter().zip(&solved) {
                    for slot in game.slots_of(player) {
                        let margin = nodes.margin(tree, assessment, slot);
                        if let (Some(margin), Some(sum)) = (margin, sums.get_mut(slot)) {
                            sum.0 += history.weight * margin.margin();
                            sum.1 += history.weight;
                        }
                    }
                }
            }
        }
        let named = |player: &usize| {
            let kinds = game.players.get(*player).map_or(&[][..], |info| &info.types);
            let name = game.players.get(*player).map_or_else(String::new, |info| info.name.clone());
            let of = kinds.iter().zip(game.slots_of(PlayerId::new(*player)));
            of.map(move |(kind, slot)| (name.clone(), kind.name.clone(), slot)).collect::<Vec<_>>()
        };
        let slots = players.iter().flat_map(named);
        let rows = slots.filter_map(|(player, kind, slot)| {
            let (sum, weight) = sums.get(slot).copied()?;
            (weight > 0.0).then(|| MarginNow { player, kind, margin: sum / weight })
        });
        rows.collect()
    })
    .collect()
}
