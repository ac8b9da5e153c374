//! What could be settled at the start.

use armistice_game::PlayerId;
use armistice_scenario::Scenario;

use crate::findings::{Bargaining, BargainingPoint, TypeGain};
use crate::forward::Given;
use crate::measure::{how_of, measure};
use crate::parts::outlook::{quantity, with_grid_error};
use crate::run::Run;

/// The bargaining range of the main run; `coarse` is the same run on the audit grid. `None` without `[bargaining]`.
pub(crate) fn bargaining(scenario: &Scenario, run: &Run, coarse: Option<&Run>) -> Option<Bargaining> {
    let (spec, table) = (scenario.bargaining.as_ref()?, run.settlement.as_ref()?);
    let found = table.range(&run.values, &run.start.belief.0);
    let player = |position: usize| scenario.players.get(position);
    let (attacker, defender) = (player(spec.between.0)?, player(spec.between.1)?);
    let types = |player: &armistice_scenario::PlayerSpec, gains: &[f64]| -> Vec<TypeGain> {
        let rows = player.types.iter().zip(gains);
        rows.map(|(kind, gain)| TypeGain { kind: kind.name.clone(), gain: *gain }).collect()
    };
    let split = run.game.slots_of(PlayerId::new(spec.between.0)).len();
    let points = table
        .terms
        .iter()
        .zip(found.sides.iter().zip(&found.gains))
        .map(|(terms, (sides, gains))| {
            let (own, other) = gains.split_at(split.min(gains.len()));
            BargainingPoint {
                terms: *terms,
                attacker: sides.0,
                defender: sides.1,
                attacker_types: types(attacker, own),
                defender_types: types(defender, other),
            }
        })
        .collect();
    let number = |function: &str| {
        let of = |run: &Run| measure(run, &Given::default(), function, &[]);
        let rough = coarse.and_then(|run| of(run).ok());
        with_grid_error(quantity(of(run), how_of(run, function), run.grid_points), rough)
    };
    Some(Bargaining {
        attacker: attacker.name.clone(),
        defender: defender.name.clone(),
        outcome: scenario.ends.get(spec.end).map(|end| end.outcome.clone()).unwrap_or_default(),
        points,
        low: found.range.map(|(low, _)| low),
        high: found.range.map(|(_, high)| high),
        low_every_type: found.every_type.map(|(low, _)| low),
        high_every_type: found.every_type.map(|(_, high)| high),
        width: number("range_width"),
        inefficiency: number("inefficiency"),
    })
}
