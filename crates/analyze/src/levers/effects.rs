//! What a set of levers brings about for everybody, and which sets are worth their cost.

use armistice_game::PlayerId;
use armistice_scenario::Scenario;

use crate::findings::{
    Effect, Front, FrontCost, FrontEffect, FrontSet, LeverSet, PlayerEffect, PlayerMargin,
};
use crate::run::Run;
use crate::runs::Variation;

/// What is to be known of every set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Horizon {
    /// Periods within which the war may be over.
    pub by: u32,
    /// The period from which on the levers are in force.
    pub from: u32,
}

/// The effect of levers with a stated `cost` per period in force, seen in the run with them.
///
/// Margins and payoffs are at the start; types that a variation gives are taken as real for everything else.
pub(crate) fn effect(
    scenario: &Scenario,
    variation: &Variation,
    run: &Run,
    cost: f64,
    at: Horizon,
) -> Effect {
    let weights = run.outlook.weights(&variation.given());
    let mut out = Effect {
        ended_by: Some(run.outlook.ended_by(&weights, at.by, None)),
        terms: run.outlook.expected_terms(&weights, None).map(|(terms, _)| terms),
        duration: Some(run.outlook.expected_duration(&weights)),
        ..Effect::default()
    };
    let in_force: f64 =
        (at.from..run.outlook.periods).map(|period| run.outlook.survival(&weights, period)).sum();
    out.bill = Some(cost * in_force);
    for (position, player) in scenario.players.iter().enumerate() {
        let id = PlayerId::new(position);
        for (kind, margin) in player.types.iter().zip(run.margins(id)) {
            out.margins.push(PlayerMargin {
                player: player.name.clone(),
                kind: kind.name.clone(),
                margin: margin.map(|margin| margin.margin()),
            });
        }
        let values = run.values.get(run.game.slots_of(id)).unwrap_or(&[]);
        let belief = run.start.belief.of(&run.game, id);
        out.players.push(PlayerEffect {
            player: player.name.clone(),
            value: belief.iter().zip(values).map(|(b, v)| b * v).sum(),
            cost: run.outlook.cost(&weights, id),
        });
    }
    out
}

/// An effect that could not be found.
pub(crate) fn undefined(why: String) -> Effect {
    Effect { undefined: Some(why), ..Effect::default() }
}

/// The front of every kind of cost and effect. Sets whose cost or effect is not defined are on none.
pub(crate) fn fronts(
    scenario: &Scenario,
    plain: &Effect,
    sets: &[LeverSet],
    effects: &[Effect],
) -> Vec<Front> {
    let Some(attacker) = scenario.players.get(scenario.about.attacker) else { return Vec::new() };
    let mut costs = vec![FrontCost::Stated, FrontCost::Bill];
    costs.extend(scenario.players.iter().map(|player| FrontCost::Loss(player.name.clone())));
    let mut gains: Vec<FrontEffect> =
        attacker.types.iter().map(|kind| FrontEffect::Margin(kind.name.clone())).collect();
    gains.push(FrontEffect::EndedBy);
    let none = LeverSet { levers: Vec::new(), costs: Vec::new(), cost: 0.0, outcome: Default::default() };
    let all: Vec<(&LeverSet, &Effect)> =
        std::iter::once((&none, plain)).chain(sets.iter().zip(effects)).collect();
    let mut out = Vec::new();
    for cost in &costs {
        for gain in &gains {
            let points = all.iter().filter_map(|(set, effect)| {
                let paid = paid(cost, set, plain, effect)?;
                let got = got(gain, &attacker.name, effect)?;
                Some(FrontSet { levers: set.levers.clone(), cost: paid, effect: got })
            });
            let sets = pareto(points.collect());
            let turns = matches!(gain, FrontEffect::Margin(_));
            let cheapest = sets.iter().find(|set| turns && set.effect > 0.0).cloned();
            out.push(Front { cost: cost.clone(), effect: gain.clone(), sets, cheapest });
        }
    }
    out
}

fn paid(cost: &FrontCost, set: &LeverSet, plain: &Effect, effect: &Effect) -> Option<f64> {
    match cost {
        FrontCost::Stated => Some(set.cost),
        FrontCost::Bill => effect.bill,
        FrontCost::Loss(player) => {
            let value = |effect: &Effect| {
                effect.players.iter().find(|other| other.player == *player).map(|other| other.value)
            };
            // Not −0 where nothing is lost.
            Some(value(plain)? - value(effect)? + 0.0)
        }
    }
}

fn got(gain: &FrontEffect, attacker: &str, effect: &Effect) -> Option<f64> {
    match gain {
        FrontEffect::EndedBy => effect.ended_by,
        FrontEffect::Margin(kind) => {
            effect.margins.iter().find(|m| m.player == attacker && m.kind == *kind)?.margin
        }
    }
}

/// Those that no other one beats: cheapest first, each with more effect than all that are cheaper; of equals the first.
fn pareto(mut sets: Vec<FrontSet>) -> Vec<FrontSet> {
    sets.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(b.effect.total_cmp(&a.effect)));
    let mut best = f64::NEG_INFINITY;
    sets.retain(|set| {
        let better = set.effect > best;
        best = best.max(set.effect);
        better
    });
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every set that is kept is beaten by none, and every set that is not kept is beaten by one, by the definition.
    #[test]
    fn the_front_is_what_no_set_beats() {
        let set = |n: u32| FrontSet {
            levers: vec![n.to_string()],
            cost: f64::from(n * 7 % 11),
            effect: f64::from(n * 5 % 13),
        };
        let all: Vec<FrontSet> = (0..40).map(set).collect();
        let front = pareto(all.clone());
        let beats = |a: &FrontSet, b: &FrontSet| {
            a.cost <= b.cost && a.effect >= b.effect && (a.cost < b.cost || a.effect > b.effect)
        };
        for one in &all {
            let beaten = all.iter().any(|other| beats(other, one));
            let kept = front.iter().any(|f| f.cost == one.cost && f.effect == one.effect);
            assert_eq!(kept, !beaten, "{one:?}");
        }
        assert!(front.len() > 1 && front.len() < all.len());
    }
}
