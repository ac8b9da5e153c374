//! A point of a design as a variation of a scenario.

use armistice_game::PlayerId;
use armistice_scenario::{Change, Compiled, Scenario};

use super::{AS_WRITTEN, Design, DesignError, Factor, Levels, Subject};
use crate::runs::Variation;

/// What the factors of a design change in one scenario: names looked up once.
#[derive(Clone, Debug)]
pub struct Changes {
    factors: Vec<Applied>,
}

#[derive(Clone, Debug)]
enum Applied {
    Parameter(usize),
    Lever(usize),
    /// What each case changes.
    Cases(Vec<Change>),
    Prior {
        player: usize,
        kind: usize,
        /// Of the player's types in the scenario as written.
        belief: Vec<f64>,
    },
    Precision,
}

impl Changes {
    /// Looks up the factors of a design.
    ///
    /// - `compiled`: the scenario as written, whose priors fix the proportions of the types that a prior leaves alone.
    /// - errors: [`DesignError::Unknown`]; [`DesignError::Levels`] for a precision or a prior that cannot be one.
    pub fn new(design: &Design, scenario: &Scenario, compiled: &Compiled) -> Result<Self, DesignError> {
        let mut players = Vec::new();
        let mut factors = Vec::new();
        for factor in &design.factors {
            let applied = Applied::new(factor, scenario, compiled)?;
            if let Applied::Prior { player, .. } = applied {
                if players.contains(&player) {
                    let what = "another type of the same player varies already".to_owned();
                    return Err(DesignError::Levels { column: factor.subject.column(), what });
                }
                players.push(player);
            }
            factors.push(applied);
        }
        Ok(Self { factors })
    }

    /// The variation that a point stands for, on top of `base`: first the case, then everything else.
    #[must_use]
    pub fn variation(&self, base: &Variation, point: &[f64]) -> Variation {
        let mut parameters = Vec::new();
        let mut change = Change::default();
        let mut case = None;
        for (factor, value) in self.factors.iter().zip(point) {
            match factor {
                Applied::Parameter(position) => parameters.push((*position, *value)),
                Applied::Lever(position) if *value != 0.0 => change.levers.push(*position),
                Applied::Lever(_) => {}
                Applied::Cases(changes) => case = changes.get(*value as usize),
                Applied::Prior { player, kind, belief } => {
                    let rows = with_probability(belief, *kind, *value);
                    change.belief.extend(rows.into_iter().enumerate().map(|(k, p)| (*player, k, p)));
                }
                Applied::Precision => {
                    change.precision_scale = Some(change.precision_scale.unwrap_or(1.0) * value);
                }
            }
        }
        let varied = base.with_parameters(&parameters);
        case.map_or(varied.clone(), |case| varied.with_change(case)).with_change(&change)
    }
}

impl Applied {
    fn new(factor: &Factor, scenario: &Scenario, compiled: &Compiled) -> Result<Self, DesignError> {
        let wrong =
            |what: &str| DesignError::Levels { column: factor.subject.column(), what: what.to_owned() };
        match &factor.subject {
            Subject::Parameter(name) => {
                let names = scenario.parameters.iter().map(|p| p.name.as_str());
                Ok(Self::Parameter(find("parameter", name, names)?))
            }
            Subject::Lever(name) => {
                let names = scenario.levers.iter().map(|l| l.name.as_str());
                Ok(Self::Lever(find("lever", name, names)?))
            }
            Subject::Case => {
                let Levels::Cases(names) = &factor.levels else {
                    return Err(wrong("its values are not names of cases"));
                };
                names.iter().map(|name| case(scenario, name)).collect::<Result<_, _>>().map(Self::Cases)
            }
            Subject::Prior { player, kind } => {
                let position = find("player", player, scenario.players.iter().map(|p| p.name.as_str()))?;
                let types = scenario.players.get(position).map_or(&[][..], |p| &p.types);
                let slot = find("type", kind, types.iter().map(|t| t.name.as_str()))?;
                let belief = compiled.start_belief.of(&compiled.game, PlayerId::new(position)).to_vec();
                if !numbers(&factor.levels, |x| (0.0..=1.0).contains(&x)) {
                    return Err(wrong("a probability lies between 0 and 1"));
                }
                Ok(Self::Prior { player: position, kind: slot, belief })
            }
            Subject::Precision if numbers(&factor.levels, |x| x > 0.0) => Ok(Self::Precision),
            Subject::Precision => Err(wrong("a factor on the precision is greater than 0")),
        }
    }
}

/// The change that a case stands for.
fn case(scenario: &Scenario, name: &str) -> Result<Change, DesignError> {
    let found = scenario.cases.iter().find(|case| case.name == name);
    match found {
        Some(case) => Ok(case.change.clone()),
        None if name == AS_WRITTEN => Ok(Change::default()),
        None => {
            let names = scenario.cases.iter().map(|case| case.name.as_str()).chain([AS_WRITTEN]);
            Err(unknown("case", name, names))
        }
    }
}

/// Whether all stated ends and numbers are fine; those of distributions are only known point by point.
fn numbers(levels: &Levels, fine: impl Fn(f64) -> bool) -> bool {
    match levels {
        Levels::Range { low, high } => fine(*low) && fine(*high),
        Levels::Numbers(numbers) => numbers.iter().all(|x| fine(*x)),
        Levels::Distribution(_) => true,
        Levels::Switch | Levels::Cases(_) => false,
    }
}

fn find<'n>(
    kind: &'static str,
    name: &str,
    names: impl Iterator<Item = &'n str> + Clone,
) -> Result<usize, DesignError> {
    names.clone().position(|other| other == name).ok_or_else(|| unknown(kind, name, names))
}

pub(super) fn unknown<'n>(
    kind: &'static str,
    name: &str,
    names: impl Iterator<Item = &'n str>,
) -> DesignError {
    DesignError::Unknown { kind, name: name.to_owned(), known: names.map(str::to_owned).collect() }
}

/// A belief with the probability of one type set, the others in proportion; alike where they had none.
pub(crate) fn with_probability(belief: &[f64], kind: usize, p: f64) -> Vec<f64> {
    let others: f64 = belief.iter().enumerate().filter(|(k, _)| *k != kind).map(|(_, b)| b).sum();
    let count = (belief.len() - 1).max(1) as f64;
    let share = |b: f64| if others > 0.0 { b / others } else { 1.0 / count };
    let row = |(k, b): (usize, &f64)| if k == kind { p } else { (1.0 - p) * share(*b) };
    belief.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_types_keep_their_proportions() {
        assert_eq!(with_probability(&[0.5, 0.25, 0.25], 0, 0.2), [0.2, 0.4, 0.4]);
        assert_eq!(with_probability(&[1.0, 0.0, 0.0], 0, 0.5), [0.5, 0.25, 0.25]);
        assert_eq!(with_probability(&[1.0], 0, 1.0), [1.0]);
    }
}
