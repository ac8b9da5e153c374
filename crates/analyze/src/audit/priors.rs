//! The priors of private types, moved one at a time.

use armistice_game::PlayerId;
use armistice_scenario::{Change, Expression, Limits, Scenario, Term};

use super::compile;
use crate::AnalyzeError;
use crate::design::{Factor, Subject, with_probability};
use crate::findings::Otherwise;
use crate::runs::Variation;

/// Every private type with its odds multiplied by each factor; of two types the first alone, since the other moves with it. Players whose
/// priors rest on something that varies are left out: what their priors do is in the shares. So are types that are certain or impossible.
///
/// - errors: [`AnalyzeError::Compile`].
pub(super) fn moved(
    base: &Variation,
    factors: &[Factor],
    odds: &[f64],
    limits: &Limits,
) -> Result<Vec<Otherwise>, AnalyzeError> {
    let scenario = base.scenario();
    if odds.is_empty() || scenario.players.iter().all(|player| player.types.len() < 2) {
        return Ok(Vec::new());
    }
    let compiled = compile(scenario, limits)?;
    let mut out = Vec::new();
    for (position, player) in scenario.players.iter().enumerate() {
        let types = match player.types.len() {
            0 | 1 => 0,
            2 => 1,
            all => all,
        };
        if player.types.iter().any(|kind| rests_on(scenario, &kind.prior, factors)) {
            continue;
        }
        let belief = compiled.start_belief.of(&compiled.game, PlayerId::new(position));
        for (kind, from) in player.types.iter().zip(belief).take(types) {
            for factor in odds {
                let to = from * factor / (1.0 - from + from * factor);
                if 0.0 < *from && *from < 1.0 && to.is_finite() {
                    let (player, kind) = (player.name.clone(), kind.name.clone());
                    out.push(Otherwise::Prior { player, kind, odds: *factor, from: *from, to });
                }
            }
        }
    }
    Ok(out)
}

/// A variation in which a type has another probability at the start, and the player's other types keep their proportions.
///
/// - errors: [`AnalyzeError::Compile`]; [`AnalyzeError::Unknown`].
pub(super) fn with_prior(
    base: &Variation,
    player: &str,
    kind: &str,
    to: f64,
    limits: &Limits,
) -> Result<Variation, AnalyzeError> {
    let scenario = base.scenario();
    let unknown = |what, name: &str| AnalyzeError::Unknown { kind: what, name: name.to_owned() };
    let position = scenario.players.iter().position(|p| p.name == player);
    let position = position.ok_or_else(|| unknown("player", player))?;
    let types = scenario.players.get(position).map_or(&[][..], |p| p.types.as_slice());
    let slot = types.iter().position(|t| t.name == kind).ok_or_else(|| unknown("type", kind))?;
    let compiled = compile(scenario, limits)?;
    let belief = compiled.start_belief.of(&compiled.game, PlayerId::new(position));
    let rows = with_probability(belief, slot, to);
    let belief = rows.into_iter().enumerate().map(|(k, p)| (position, k, p)).collect();
    Ok(base.with_change(&Change { belief, ..Change::default() }))
}

/// Whether an expression reads a factor, if only through other parameters.
fn rests_on(scenario: &Scenario, expression: &Expression, factors: &[Factor]) -> bool {
    let mut names = Vec::new();
    read(&expression.term, &mut names);
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        if factors.iter().any(|factor| factor.subject == Subject::Parameter(name.clone())) {
            return true;
        }
        // Each name is followed once, so this ends.
        if let Some(parameter) = scenario.parameters.iter().find(|p| p.name == name) {
            read(&parameter.value.term, &mut names);
        }
        next += 1;
    }
    false
}

/// The names that a term reads, each once.
fn read(term: &Term, names: &mut Vec<String>) {
    match term {
        Term::Number(_) | Term::Boolean(_) | Term::Text(_) => {}
        Term::Name(parts) => {
            if let [name] = parts.as_slice()
                && !names.contains(name)
            {
                names.push(name.clone());
            }
        }
        Term::Call(_, arguments) => arguments.iter().for_each(|argument| read(argument, names)),
        Term::Negate(inner) | Term::Not(inner) => read(inner, names),
        Term::Binary(_, a, b) => [a, b].into_iter().for_each(|side| read(side, names)),
        Term::If(a, b, c) => [a, b, c].into_iter().for_each(|side| read(side, names)),
    }
}
