//! Levers, one by one and together.

use std::collections::BTreeMap;

use armistice_scenario::{Change, Scenario};
use armistice_solve::Control;

use crate::AnalyzeError;
use crate::findings::{CheapestSet, Effect, Lever, LeverCost, LeverSet, Levers, Outcome};
use crate::levers::effects::{Horizon, effect, fronts, undefined};
use crate::runs::{Runs, Variation};
use crate::survey::outcomes;

/// Up to so many levers every set of them is computed.
const EVERY_SET: usize = 6;

/// Which sets of levers.
#[derive(Clone, Debug)]
pub(crate) struct Which {
    /// Positions of levers, ascending.
    pub levers: Vec<usize>,
    /// Most of them in a set.
    pub largest: usize,
    /// Periods within which the war may be over.
    pub by: u32,
}

impl Which {
    /// Every set of every lever.
    pub fn all(scenario: &Scenario) -> Self {
        let levers: Vec<usize> = (0..scenario.levers.len()).collect();
        Self { largest: levers.len(), levers, by: crate::levers::a_year(scenario) }
    }
}

/// Sets of levers and what they bring about; `None` when the scenario has no levers.
///
/// - errors: [`AnalyzeError::Cancelled`], and those of compiling the scenario as written.
pub(crate) fn levers(
    runs: &Runs<'_>,
    base: &Variation,
    plain: &Outcome,
    which: &Which,
    control: &Control<'_>,
) -> Result<Option<Levers>, AnalyzeError> {
    let scenario = base.scenario();
    if scenario.levers.is_empty() {
        return Ok(None);
    }
    let run = runs.get(base)?;
    let (sets, complete) = sets(which);
    let with = |set: &Vec<usize>| base.with_change(&Change { levers: set.clone(), ..Change::default() });
    let variations: Vec<Variation> = sets.iter().map(with).collect();
    let found = outcomes(runs, &variations, plain, "pulling levers", control)?;
    let cost = |lever: usize| run.lever_costs.get(lever).copied().unwrap_or(0.0);
    let horizon = Horizon { by: which.by, from: 0 };
    let effects: Result<Vec<Effect>, AnalyzeError> = sets
        .iter()
        .zip(&variations)
        .map(|(set, variation)| match runs.get(variation) {
            Ok(run) => Ok(effect(scenario, variation, &run, set.iter().map(|l| cost(*l)).sum(), horizon)),
            Err(AnalyzeError::Cancelled) => Err(AnalyzeError::Cancelled),
            Err(error) => Ok(undefined(format!("failed to {error}"))),
        })
        .collect();
    let (nothing, effects) = (effect(scenario, base, &run, 0.0, horizon), effects?);
    let mut rows = Vec::new();
    let pulled = which.levers.iter().filter_map(|l| Some((*l, scenario.levers.get(*l)?)));
    for (position, lever) in pulled {
        let changed = runs.get(&with(&vec![position])).ok();
        rows.push(Lever {
            name: lever.name.clone(),
            title: lever.title.clone(),
            by: lever.by.clone(),
            cost: cost(position),
            says: lever.says.clone(),
            source: lever.source.clone(),
            changes: lever
                .change
                .iter()
                .filter_map(|(parameter, _)| {
                    let name = scenario.parameters.get(*parameter)?.name.clone();
                    let before = run.parameters.get(*parameter).copied()?;
                    Some((name, before, changed.as_ref()?.parameters.get(*parameter).copied()?))
                })
                .collect(),
        });
    }
    let sets: Vec<LeverSet> = sets
        .iter()
        .zip(found)
        .map(|(set, outcome)| LeverSet {
            levers: set.iter().filter_map(|l| scenario.levers.get(*l)).map(|l| l.name.clone()).collect(),
            costs: costs(scenario, set, &cost),
            cost: set.iter().map(|l| cost(*l)).sum(),
            outcome,
        })
        .collect();
    Ok(Some(Levers {
        grid_points: runs.grid_points(),
        cheapest: cheapest(plain, &sets),
        base: plain.clone(),
        levers: rows,
        complete,
        by: which.by,
        fronts: fronts(scenario, &nothing, &sets, &effects),
        plain: nothing,
        effects,
        sets,
        timing: Vec::new(),
        curves: Vec::new(),
    }))
}

/// Sets of levers by size, then in the scenario's order: all of them, or singles, pairs and the whole when there are many; and whether
/// they are all.
fn sets(which: &Which) -> (Vec<Vec<usize>>, bool) {
    let levers = &which.levers;
    let count = levers.len();
    let mut out: Vec<Vec<usize>> = Vec::new();
    if count <= EVERY_SET {
        for mask in 1u32..1 << count {
            out.push((0..count).filter(|lever| mask & (1 << lever) != 0).collect());
        }
    } else {
        out.extend((0..count).map(|lever| vec![lever]));
        out.extend((0..count).flat_map(|a| (a + 1..count).map(move |b| vec![a, b])));
        out.push((0..count).collect());
    }
    out.retain(|set| set.len() <= which.largest);
    out.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
    let complete = count <= EVERY_SET && which.largest >= count;
    let named = |set: &Vec<usize>| set.iter().filter_map(|lever| levers.get(*lever).copied()).collect();
    (out.iter().map(named).collect(), complete)
}

fn costs(scenario: &Scenario, set: &[usize], cost: &dyn Fn(usize) -> f64) -> Vec<LeverCost> {
    let mut by: BTreeMap<Option<String>, f64> = BTreeMap::new();
    for lever in set {
        let who = scenario.levers.get(*lever).and_then(|l| l.by.clone());
        *by.entry(who).or_default() += cost(*lever);
    }
    by.into_iter().map(|(by, cost)| LeverCost { by, cost }).collect()
}

/// For each type of the attacker the cheapest set that makes its margin positive; of equally cheap ones the first.
fn cheapest(plain: &Outcome, sets: &[LeverSet]) -> Vec<CheapestSet> {
    let kinds = plain.margins.iter().enumerate();
    kinds
        .map(|(position, base)| {
            let mut best: Option<(Vec<String>, f64, f64)> =
                base.margin.filter(|m| *m > 0.0).map(|m| (Vec::new(), 0.0, m));
            for set in sets {
                let margin = set.outcome.margins.get(position).and_then(|m| m.margin);
                if let Some(margin) = margin.filter(|m| *m > 0.0)
                    && best.as_ref().is_none_or(|(_, cost, _)| set.cost < *cost)
                {
                    best = Some((set.levers.clone(), set.cost, margin));
                }
            }
            CheapestSet {
                kind: base.kind.clone(),
                levers: best.as_ref().map(|(levers, _, _)| levers.clone()),
                cost: best.as_ref().map(|(_, cost, _)| *cost),
                margin: best.as_ref().map(|(_, _, margin)| *margin),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::TypeMargin;

    #[test]
    fn few_levers_give_every_set_and_many_give_pairs() {
        let of = |count: usize, largest: usize| sets(&Which { levers: (0..count).collect(), largest, by: 1 });
        let every = vec![vec![0], vec![1], vec![2], vec![0, 1], vec![0, 2], vec![1, 2], vec![0, 1, 2]];
        assert_eq!(of(3, 3), (every.clone(), true));
        assert_eq!(of(3, 2), (every[..6].to_vec(), false));
        assert_eq!(of(6, 6).0.len(), 63);
        assert_eq!(of(8, 8).0.len(), 8 + 28 + 1);
        assert!(!of(8, 8).1);
        let some = Which { levers: vec![1, 4], largest: 2, by: 1 };
        assert_eq!(sets(&some), (vec![vec![1], vec![4], vec![1, 4]], true));
    }

    #[test]
    fn the_cheapest_set_is_the_cheapest_that_turns_the_margin() {
        let outcome = |margin: f64| Outcome {
            margins: vec![TypeMargin { kind: "maximal".into(), margin: Some(margin), difference: None }],
            ..Outcome::default()
        };
        let set = |name: &str, cost: f64, margin: f64| LeverSet {
            levers: vec![name.into()],
            costs: vec![],
            cost,
            outcome: outcome(margin),
        };
        let sets = [set("a", 1.0, -0.1), set("b", 3.0, 0.2), set("c", 2.0, 0.1)];
        let found = cheapest(&outcome(-0.3), &sets);
        assert_eq!(found[0].levers.as_deref(), Some(&["c".to_owned()][..]));
        assert_eq!(cheapest(&outcome(0.3), &sets)[0].levers, Some(vec![]));
        assert_eq!(cheapest(&outcome(-0.3), &sets[..1])[0].levers, None);
    }
}
