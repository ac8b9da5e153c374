//! The functions of the scenario language that measure a solved war.

use armistice_game::{ChanceId, EndingId, MoveId, PlayerId};
use armistice_scenario::Value;

use crate::findings::How;
use crate::forward::Given;
use crate::run::Run;

/// How a function of the language is got in a run, whether or not it is defined there.
#[must_use]
pub fn how_of(run: &Run, function: &str) -> How {
    match function {
        "inefficiency" => How::Mixed,
        _ if !looks_ahead(function) => How::Equilibrium,
        _ if run.outlook.exact() => How::Enumerated,
        _ => How::Propagated,
    }
}

/// Whether a function of the language is about what lies ahead of the war, so that it has to be followed forward; others read the first
/// period alone.
pub(crate) fn looks_ahead(function: &str) -> bool {
    !matches!(
        function,
        "action_probability"
            | "belief_shift"
            | "margin"
            | "value"
            | "range_low"
            | "range_high"
            | "range_width"
    )
}

/// What a function of the language is worth in a run; or why it is not defined, in words that complete "not defined: …".
///
/// - `given`: players whose real type is fixed while the public belief stays as it is.
/// - cost: at most a sum over what the forward pass kept.
pub fn measure(run: &Run, given: &Given, function: &str, arguments: &[Value]) -> Result<f64, String> {
    let weights = run.outlook.weights(given);
    let arguments = Arguments { function, values: arguments };
    match function {
        "probability_end_by" => {
            let n = arguments.periods(0)?;
            let ending = arguments.optional_text(1)?.map(|name| run.ending(name)).transpose()?;
            match ending {
                Some(Ending::Kind(ending)) => Ok(run.outlook.ended_by(&weights, n, Some(ending))),
                Some(Ending::Ongoing) => Err("`ongoing` is not an ending before the horizon".into()),
                None => Ok(run.outlook.ended_by(&weights, n, None)),
            }
        }
        "probability_outcome" => match run.ending(arguments.text(0)?)? {
            Ending::Kind(ending) => Ok(run.outlook.ended_by(&weights, run.outlook.periods, Some(ending))),
            Ending::Ongoing => Ok(run.outlook.survival(&weights, run.outlook.periods)),
        },
        "survival" => Ok(run.outlook.survival(&weights, arguments.periods(0)?)),
        "expected_duration" => Ok(run.outlook.expected_duration(&weights)),
        "median_duration" => {
            Ok(run.outlook.median_duration(&weights).ok_or("more than half of wars outlast the horizon")?)
        }
        "expected_terms" => {
            let ending = match arguments.optional_text(0)?.map(|name| run.ending(name)).transpose()? {
                Some(Ending::Ongoing) => return Err("a war that is still on has no terms".into()),
                Some(Ending::Kind(ending)) => Some(ending),
                None => None,
            };
            let (mean, _) =
                run.outlook.expected_terms(&weights, ending).ok_or("no war ends on terms this way")?;
            Ok(mean)
        }
        "expected" => {
            let name = arguments.text(0)?;
            let observable = run.game.observable(name).ok_or_else(|| missing("observable", name))?;
            let n = arguments.periods(1)?;
            if n > run.outlook.periods {
                return Err(format!("period {n} is past the horizon"));
            }
            let mean = run.outlook.expected_observable(&weights, &observable.values, n);
            Ok(mean.ok_or("no war lasts that long")?)
        }
        "frequency" => {
            let (id, actions) = run.actions(arguments.text(0)?, arguments.text(1)?)?;
            let after = match arguments.optional_text(2)? {
                Some(earlier) => Some(run.actions(earlier, arguments.text(3)?)?),
                None => None,
            };
            let after = after.as_ref().map(|(id, labels)| (*id, labels.as_slice()));
            let share = run.outlook.frequencies.frequency(&weights, id, &actions, after);
            Ok(share.ok_or("the move is never made there")?)
        }
        "posterior" => {
            let (id, actions) = run.actions(arguments.text(0)?, arguments.text(1)?)?;
            let player = run.player(arguments.text(2)?)?;
            let kind = run.kind(player, arguments.text(3)?)?;
            let slot = run.game.slots_of(player).start + kind;
            let profiles = run.outlook.profiles();
            let of_type = |profile: usize| profiles.slots(profile).contains(&slot);
            let some: Vec<f64> =
                weights.iter().enumerate().map(|(i, w)| if of_type(i) { *w } else { 0.0 }).collect();
            let frequencies = &run.outlook.frequencies;
            let all = frequencies.chosen(&weights, id, &actions);
            if all <= 0.0 {
                return Err("the action is never chosen".into());
            }
            Ok(frequencies.chosen(&some, id, &actions) / all)
        }
        "reached" => {
            let id = run.find_move(arguments.text(0)?)?;
            let periods = run.outlook.war_periods(&weights);
            if periods <= 0.0 {
                return Err("the war is over at the start".into());
            }
            Ok(run.outlook.frequencies.made(&weights, id) / periods)
        }
        "chance" => {
            let (id, outcomes) = run.outcomes(arguments.text(0)?, arguments.text(1)?)?;
            let share = run.outlook.frequencies.chance(&weights, id, &outcomes);
            Ok(share.ok_or("the event never occurs")?)
        }
        "cost" => {
            let player = run.player(arguments.text(0)?)?;
            Ok(run.outlook.cost(&weights, player))
        }
        "action_probability" => {
            let (id, actions) = run.actions(arguments.text(0)?, arguments.text(1)?)?;
            let opening = run.opening()?;
            if let Some(action) = arguments.optional_text(3)? {
                let earlier = run.actions(arguments.text(2)?, action)?;
                let share = opening.probability_after(id, &actions, &earlier);
                return Ok(share.ok_or("the move is not made after that in the first period")?);
            }
            let node =
                opening.node_of(id, &actions).ok_or("the action is not available in the first period")?;
            match arguments.optional_text(2)? {
                None => Ok(opening.probability(node, &actions)),
                Some(name) => {
                    let kind = run.kind(run.mover(id)?, name)?;
                    Ok(opening.strategy(node, &actions, kind))
                }
            }
        }
        "belief_shift" => {
            let (id, actions) = run.actions(arguments.text(0)?, arguments.text(1)?)?;
            let kind = run.kind(run.mover(id)?, arguments.text(2)?)?;
            let opening = run.opening()?;
            let node =
                opening.node_of(id, &actions).ok_or("the action is not available in the first period")?;
            let (_, _, shift) = opening.belief_shift(&run.game, node, &actions, kind);
            Ok(shift.ok_or("the belief in the type is 0 or 1, or no type takes the action")?)
        }
        "margin" => {
            let player = run.player(arguments.text(0)?)?;
            let kind = run.kind(player, arguments.text(1)?)?;
            let margin = run.margins(player).get(kind).cloned().flatten();
            Ok(margin
                .ok_or("the player has no choice between ending the war and going on in the first period")?
                .margin())
        }
        "value" => {
            let player = run.player(arguments.text(0)?)?;
            let values = run.values.get(run.game.slots_of(player)).unwrap_or(&[]);
            match arguments.optional_text(1)? {
                Some(name) => Ok(values.get(run.kind(player, name)?).copied().unwrap_or(0.0)),
                None => {
                    let belief = run.start.belief.of(&run.game, player);
                    Ok(belief.iter().zip(values).map(|(b, v)| b * v).sum())
                }
            }
        }
        "range_low" => Ok(run.range()?.ok_or("no terms are better for both sides than going on")?.0),
        "range_high" => Ok(run.range()?.ok_or("no terms are better for both sides than going on")?.1),
        "range_width" => Ok(run.range()?.map_or(0.0, |(low, high)| high - low)),
        "inefficiency" => {
            let (terms, _) = run.outlook.expected_terms(&weights, None).ok_or("no war ends on terms")?;
            let settlement = run.settlement.as_ref().ok_or("the scenario has no [bargaining]")?;
            let gain = settlement.joint_gain(terms, &run.values, &run.start.belief.0);
            let gain = gain.ok_or_else(|| {
                format!("the expected terms, {terms:.4}, are not among those of [bargaining]")
            })?;
            Ok(gain)
        }
        _ => Err(missing("function", function)),
    }
}

fn missing(kind: &str, name: &str) -> String {
    format!("there is no {kind} `{name}`")
}

/// A way a war can stand at the horizon.
enum Ending {
    Kind(EndingId),
    Ongoing,
}

impl Run {
    fn ending(&self, name: &str) -> Result<Ending, String> {
        match self.game.endings.iter().position(|e| e == name) {
            Some(position) => Ok(Ending::Kind(EndingId::new(position))),
            None if name == "ongoing" => Ok(Ending::Ongoing),
            None => Err(missing("outcome", name)),
        }
    }

    fn player(&self, name: &str) -> Result<PlayerId, String> {
        self.game.player(name).ok_or_else(|| missing("player", name))
    }

    fn kind(&self, player: PlayerId, name: &str) -> Result<usize, String> {
        let types = self.game.players.get(player.index()).map_or(&[][..], |p| &p.types);
        types.iter().position(|t| t.name == name).ok_or_else(|| missing("type", name))
    }

    fn find_move(&self, name: &str) -> Result<MoveId, String> {
        self.game.find_move(name).ok_or_else(|| missing("move", name))
    }

    fn mover(&self, id: MoveId) -> Result<PlayerId, String> {
        self.game.moves.get(id.index()).map(|m| m.player).ok_or_else(|| missing("move", ""))
    }

    /// Positions of an action and of its copies made by `each`.
    fn actions(&self, name: &str, action: &str) -> Result<(MoveId, Vec<usize>), String> {
        let id = self.find_move(name)?;
        let labels = self.game.moves.get(id.index()).map_or(&[][..], |m| &m.actions);
        let found = named(labels, action);
        if found.is_empty() { Err(missing("action", action)) } else { Ok((id, found)) }
    }

    fn outcomes(&self, name: &str, outcome: &str) -> Result<(ChanceId, Vec<usize>), String> {
        let position = self.game.chances.iter().position(|c| c.name == name);
        let id = ChanceId::new(position.ok_or_else(|| missing("event", name))?);
        let labels = self.game.chances.get(id.index()).map_or(&[][..], |c| &c.outcomes);
        let found = named(labels, outcome);
        if found.is_empty() { Err(missing("outcome", outcome)) } else { Ok((id, found)) }
    }

    fn opening(&self) -> Result<&crate::opening::Opening, String> {
        self.opening.as_ref().ok_or_else(|| "the war is over at the start".into())
    }

    fn range(&self) -> Result<Option<(f64, f64)>, String> {
        let settlement = self.settlement.as_ref().ok_or("the scenario has no [bargaining]")?;
        Ok(settlement.range(&self.values, &self.start.belief.0).range)
    }
}

/// Positions of the labels that are `name` or a copy of it, `name(…)`.
pub(crate) fn named(labels: &[String], name: &str) -> Vec<usize> {
    let copy =
        |label: &str| label.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('('));
    labels.iter().enumerate().filter(|(_, label)| copy(label)).map(|(position, _)| position).collect()
}

struct Arguments<'a> {
    function: &'a str,
    values: &'a [Value],
}

impl<'a> Arguments<'a> {
    fn optional_text(&self, position: usize) -> Result<Option<&'a str>, String> {
        match self.values.get(position) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(format!("argument {} of `{}` is not a quoted name", position + 1, self.function)),
        }
    }

    fn text(&self, position: usize) -> Result<&'a str, String> {
        self.optional_text(position)?
            .ok_or_else(|| format!("`{}` needs {} arguments or more", self.function, position + 1))
    }

    /// A number of periods: a whole number ≥ 0.
    fn periods(&self, position: usize) -> Result<u32, String> {
        match self.values.get(position) {
            Some(Value::Number(x)) if *x >= 0.0 && x.fract() == 0.0 && *x <= f64::from(u32::MAX) => {
                Ok(*x as u32)
            }
            _ => Err(format!("argument {} of `{}` is not a number of periods", position + 1, self.function)),
        }
    }
}
