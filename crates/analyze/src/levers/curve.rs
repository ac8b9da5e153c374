//! Threshold curves and surfaces: where the stopping margin changes sign, as a function of other things.
//!
//! The margin is found at evenly spaced values of what is looked for; between neighbors with different signs the zero is closed in on. Beliefs and
//! states are read off games that are solved once for all of them; other axes need games of their own.

use armistice_game::{Belief, PlayerId, Stage, StateId};
use armistice_scenario::{Change, Expression, Scenario};
use armistice_solve::{Control, StageSolver};
use rayon::prelude::*;

use crate::AnalyzeError;
use crate::findings::{Crossing, Curve, CurveAxis, CurveKind, CurvePoint, CurveSubject};
use crate::margin::StoppingNodes;
use crate::parts::margins::sweep;
use crate::parts::sensitivity::cross;
use crate::runs::{Runs, Solved, Variation, start_of};

/// What can be given a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Subject {
    /// A parameter.
    Parameter(usize),
    /// Levers, in force by a share.
    Strength(Vec<usize>),
    /// The public belief that a player is of a type.
    Belief(PlayerId, usize),
    /// A state variable at the start: positions among its values.
    State(usize),
}

/// Something and the values it is given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub subject: Subject,
    pub values: Vec<f64>,
}

/// What is looked for, and over what.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Search {
    /// A parameter or a strength, and the values at which the margin is found first, ascending.
    pub subject: Axis,
    /// None, one or two.
    pub axes: Vec<Axis>,
}

/// How strong levers have to be together, over the belief that a report shows margins over: about the first other player with private types, else
/// about the attacker; `None` where nobody has any.
pub(crate) fn strength_over_belief(scenario: &Scenario, levers: &[usize]) -> Option<Search> {
    let unknown = |position: &usize| scenario.players.get(*position).is_some_and(|p| p.types.len() > 1);
    let others = (0..scenario.players.len()).filter(|position| *position != scenario.about.attacker);
    let about = others.chain([scenario.about.attacker]).find(unknown)?;
    let last = scenario.players.get(about)?.types.len() - 1;
    Some(Search {
        subject: Axis { subject: Subject::Strength(levers.to_vec()), values: vec![0.0, 0.5, 1.0, 1.5, 2.0] },
        axes: vec![Axis {
            subject: Subject::Belief(PlayerId::new(about), last),
            values: vec![0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
        }],
    })
}

/// The margin of each type at one place: a combination of the axes' values.
type Margins = Vec<Option<f64>>;

/// Follows the zero of the attacker's margins over the axes.
///
/// - cost: one solution for each value of the subject and combination of axes that need games of their own; then, for each sign change of
///   each type, at most six.
/// - errors: [`AnalyzeError::Cancelled`]. A game that cannot be solved leaves its margins undefined.
pub(crate) fn curve(
    runs: &Runs<'_>,
    base: &Variation,
    search: &Search,
    control: &Control<'_>,
) -> Result<Curve, AnalyzeError> {
    let scenario = base.scenario();
    let attacker = PlayerId::new(scenario.about.attacker);
    let solved = runs.solve(base)?;
    let places = places(&search.axes);
    let games = games(&search.axes, &places);
    let ask = Ask { runs, base, search, attacker };
    let values = &search.subject.values;
    let tasks: Vec<(usize, usize)> =
        (0..games.len()).flat_map(|game| (0..values.len()).map(move |x| (game, x))).collect();
    // By place and value.
    let mut scan: Vec<Vec<Result<Margins, String>>> =
        vec![vec![Err(String::new()); values.len()]; places.len()];
    let threads = rayon::current_num_threads().max(1);
    for (some, part) in tasks.chunks(2 * threads).enumerate() {
        control.report("scanning margins", (some * 2 * threads) as u64, Some(tasks.len() as u64));
        let done: Result<Vec<_>, AnalyzeError> = part
            .par_iter()
            .map(|(game, x)| {
                let list: Vec<&Vec<f64>> = games[*game].iter().map(|place| &places[*place]).collect();
                ask.margins(values[*x], &list)
            })
            .collect();
        for ((game, x), margins) in part.iter().zip(done?) {
            for (place, margins) in games[*game].iter().zip(margins) {
                scan[*place][*x] = margins;
            }
        }
    }
    let kinds = scenario.players.get(attacker.index()).map_or(&[][..], |player| &player.types);
    let mut out: Vec<CurveKind> = kinds
        .iter()
        .enumerate()
        .map(|(kind, spec)| CurveKind {
            kind: spec.name.clone(),
            points: scan.iter().map(|row| point(row, values, kind)).collect(),
        })
        .collect();
    ask.refine(&mut out, &scan, &places, control)?;
    let value = |subject: &Subject| ask.value(subject, &solved);
    Ok(Curve {
        subject: named(scenario, &search.subject.subject),
        unit: match &search.subject.subject {
            Subject::Parameter(position) => scenario.parameters.get(*position).and_then(|p| p.unit.clone()),
            _ => None,
        },
        low: values.first().copied().unwrap_or_default(),
        high: values.last().copied().unwrap_or_default(),
        base: value(&search.subject.subject),
        axes: search
            .axes
            .iter()
            .map(|axis| CurveAxis {
                subject: named(scenario, &axis.subject),
                labels: axis.values.iter().map(|value| label(&solved, &axis.subject, *value)).collect(),
                values: axis.values.clone(),
                base: value(&axis.subject),
            })
            .collect(),
        kinds: out,
    })
}

/// All combinations of the axes' values, the last axis fastest.
fn places(axes: &[Axis]) -> Vec<Vec<f64>> {
    let mut out = vec![Vec::new()];
    for axis in axes {
        let longer = |place: &Vec<f64>| {
            let place = place.clone();
            axis.values.iter().map(move |value| place.iter().copied().chain([*value]).collect())
        };
        out = out.iter().flat_map(longer).collect();
    }
    out
}

/// Places that one game answers, each list as positions: those that differ in beliefs and states only.
fn games(axes: &[Axis], places: &[Vec<f64>]) -> Vec<Vec<usize>> {
    let own = |place: &Vec<f64>| -> Vec<u64> {
        let needs = |axis: &Axis| matches!(axis.subject, Subject::Parameter(_) | Subject::Strength(_));
        axes.iter().zip(place).filter(|(axis, _)| needs(axis)).map(|(_, x)| x.to_bits()).collect()
    };
    let mut out: Vec<(Vec<u64>, Vec<usize>)> = Vec::new();
    for (position, place) in places.iter().enumerate() {
        let key = own(place);
        match out.iter_mut().find(|(known, _)| *known == key) {
            Some((_, list)) => list.push(position),
            None => out.push((key, vec![position])),
        }
    }
    out.into_iter().map(|(_, list)| list).collect()
}

/// What the scan says about one type at one place; zeros are not there yet, only the intervals they lie in.
fn point(row: &[Result<Margins, String>], values: &[f64], kind: usize) -> CurvePoint {
    let margin = |found: &Result<Margins, String>| -> Result<f64, String> {
        let margins = found.as_ref().map_err(Clone::clone)?;
        let none = "the player has no choice between ending the war and going on";
        margins.get(kind).copied().flatten().ok_or_else(|| none.into())
    };
    let found: Vec<Result<f64, String>> = row.iter().map(margin).collect();
    let crossings = found.windows(2).zip(values.windows(2)).filter_map(|(margins, ends)| {
        let (Ok(low), Ok(high)) = (&margins[0], &margins[1]) else { return None };
        let between = (ends[0], ends[1]);
        (*low <= 0.0).ne(&(*high <= 0.0)).then(|| Crossing {
            value: None,
            between,
            rising: high > low,
            undefined: None,
        })
    });
    CurvePoint {
        crossings: crossings.collect(),
        at_low: found.first().and_then(|m| m.as_ref().ok().copied()),
        at_high: found.last().and_then(|m| m.as_ref().ok().copied()),
        undefined: found.iter().find_map(|m| m.as_ref().err().cloned()),
    }
}

/// A sign change to be closed in on: position of the type, place, what was found there, and where the zero goes.
type Open<'c> = (usize, &'c Vec<f64>, &'c [Result<Margins, String>], &'c mut Crossing);

struct Ask<'r, 'a> {
    runs: &'r Runs<'a>,
    base: &'r Variation,
    search: &'r Search,
    attacker: PlayerId,
}

impl Ask<'_, '_> {
    /// Margins by type at every one of some places that one game answers, with the subject at `value`.
    fn margins(
        &self,
        value: f64,
        places: &[&Vec<f64>],
    ) -> Result<Vec<Result<Margins, String>>, AnalyzeError> {
        let undefined = |why: String| places.iter().map(|_| Err(why.clone())).collect();
        let Some(first) = places.first() else { return Ok(Vec::new()) };
        let solved = self.variation(value, first).and_then(|variation| self.runs.solve(&variation));
        let solved = match solved {
            Err(AnalyzeError::Cancelled) => return Err(AnalyzeError::Cancelled),
            Err(error) => return Ok(undefined(format!("failed to {error}"))),
            Ok(solved) => solved,
        };
        let game = &solved.compiled.game;
        let mut solver = StageSolver::new(game, &solved.equilibrium);
        let mut read = |place: &Vec<f64>| {
            let (state, belief) = self.at(&solved, place)?;
            let Some(Stage::Play(tree)) = game.stages.get(state.index()) else {
                return Err("the war is over there".to_owned());
            };
            let found = solver.solve(0, state, &[belief]);
            let assessment = found.first().ok_or("the stage was not solved")?;
            let nodes = StoppingNodes::of_tree(game, tree, self.attacker);
            Ok(nodes.margins(game, tree, assessment, self.attacker))
        };
        Ok(places.iter().map(|place| read(place)).collect())
    }

    /// The game for a value of the subject at a place.
    fn variation(&self, value: f64, place: &[f64]) -> Result<Variation, AnalyzeError> {
        let mut out = self.base.clone();
        let axes = self.search.axes.iter().zip(place).map(|(axis, value)| (&axis.subject, *value));
        let all: Vec<(&Subject, f64)> = axes.chain([(&self.search.subject.subject, value)]).collect();
        // Strengths are shares of what levers change at the parameters as they are: parameters come first.
        for (subject, value) in &all {
            if let Subject::Parameter(position) = subject {
                out = out.with_parameter(*position, *value);
            }
        }
        for (subject, value) in all {
            if let Subject::Strength(levers) = subject {
                out = strength(self.runs, &out, levers, value)?;
            }
        }
        Ok(out)
    }

    /// State and belief at a place.
    fn at(&self, solved: &Solved, place: &[f64]) -> Result<(StateId, Belief), String> {
        let game = &solved.compiled.game;
        let start = start_of(&solved.compiled);
        let here = game.states.get(start.state.index()).ok_or("there is no start")?;
        let (mut values, mut belief) = (here.values.clone(), start.belief);
        for (axis, value) in self.search.axes.iter().zip(place) {
            match &axis.subject {
                Subject::Belief(player, kind) => belief = sweep(game, &belief, *player, *kind, *value),
                Subject::State(variable) => {
                    if let Some(own) = values.get_mut(*variable) {
                        *own = *value as u16;
                    }
                }
                Subject::Parameter(_) | Subject::Strength(_) => {}
            }
        }
        let state = game.states.iter().position(|state| state.values == values);
        Ok((StateId::new(state.ok_or("no play reaches this state")?), belief))
    }

    /// Closes in on every zero.
    fn refine(
        &self,
        kinds: &mut [CurveKind],
        scan: &[Vec<Result<Margins, String>>],
        places: &[Vec<f64>],
        control: &Control<'_>,
    ) -> Result<(), AnalyzeError> {
        let values = &self.search.subject.values;
        let mut open: Vec<Open<'_>> = Vec::new();
        for (kind, curve) in kinds.iter_mut().enumerate() {
            for ((point, place), row) in curve.points.iter_mut().zip(places).zip(scan) {
                open.extend(
                    point.crossings.iter_mut().map(|crossing| (kind, place, row.as_slice(), crossing)),
                );
            }
        }
        let total = open.len();
        let mut done = 0;
        for some in open.chunks_mut(2 * rayon::current_num_threads().max(1)) {
            control.report("finding thresholds", done as u64, Some(total as u64));
            some.par_iter_mut().try_for_each(|(kind, place, row, crossing)| -> Result<(), AnalyzeError> {
                let known = |x: f64| {
                    let position = values.iter().position(|value| *value == x)?;
                    row.get(position)?.as_ref().ok()?.get(*kind).copied().flatten()
                };
                let (low, high) = crossing.between;
                let (Some(at_low), Some(at_high)) = (known(low), known(high)) else { return Ok(()) };
                let margin = |value: f64| {
                    let found = self.margins(value, &[*place])?.into_iter().next();
                    Ok(found.and_then(|row| row.ok()?.get(*kind).copied().flatten()))
                };
                match cross(low, high, at_low, at_high, &margin)? {
                    Ok(zero) => crossing.value = Some(zero),
                    Err(why) => crossing.undefined = Some(why),
                }
                Ok(())
            })?;
            done += some.len();
        }
        control.report("finding thresholds", total as u64, Some(total as u64));
        Ok(())
    }

    /// The value in the scenario.
    fn value(&self, subject: &Subject, solved: &Solved) -> f64 {
        let compiled = &solved.compiled;
        match subject {
            Subject::Parameter(position) => compiled.parameters.get(*position).copied().unwrap_or_default(),
            Subject::Strength(levers) => {
                f64::from(u8::from(levers.iter().all(|lever| self.base.change.levers.contains(lever))))
            }
            Subject::Belief(player, kind) => {
                compiled.start_belief.of(&compiled.game, *player).get(*kind).copied().unwrap_or_default()
            }
            Subject::State(variable) => {
                let state = compiled.game.states.get(compiled.game.start.index());
                state.and_then(|state| state.values.get(*variable)).map_or(0.0, |value| f64::from(*value))
            }
        }
    }
}

/// Levers in force by a share: every parameter they set is p + share · (p with them − p).
///
/// - cost: two compilations.
fn strength(
    runs: &Runs<'_>,
    variation: &Variation,
    levers: &[usize],
    share: f64,
) -> Result<Variation, AnalyzeError> {
    let without = runs.parameters(variation)?;
    let scenario = variation.scenario();
    // What has been changed so far stands in the scenario, so that the levers read it and nothing changes it twice.
    let earlier = variation.change.levers.iter().filter_map(|l| scenario.levers.get(*l));
    let fixed = earlier.flat_map(|lever| &lever.change).chain(&variation.change.parameters);
    let fixed: Vec<(usize, f64)> =
        fixed.filter_map(|(position, _)| Some((*position, *without.get(*position)?))).collect();
    let mut with = variation.with_parameters(&fixed);
    with.change = Change { levers: levers.to_vec(), ..Change::default() };
    let with = runs.parameters(&with)?;
    let changed = levers.iter().filter_map(|l| scenario.levers.get(*l)).flat_map(|lever| &lever.change);
    let mut parameters: Vec<(usize, Expression)> = Vec::new();
    for (position, _) in changed {
        if let (Some(old), Some(new)) = (without.get(*position), with.get(*position))
            && parameters.iter().all(|(known, _)| known != position)
        {
            parameters.push((*position, Expression::number(old + share * (new - old))));
        }
    }
    Ok(variation.with_change(&Change { parameters, ..Change::default() }))
}

fn named(scenario: &Scenario, subject: &Subject) -> CurveSubject {
    let player = |id: PlayerId| scenario.players.get(id.index());
    match subject {
        Subject::Parameter(position) => {
            let parameter = scenario.parameters.get(*position);
            CurveSubject::Parameter(parameter.map(|p| p.name.clone()).unwrap_or_default())
        }
        Subject::Strength(levers) => CurveSubject::Strength(
            levers.iter().filter_map(|l| scenario.levers.get(*l)).map(|lever| lever.name.clone()).collect(),
        ),
        Subject::Belief(id, kind) => CurveSubject::Belief(
            player(*id).map(|p| p.name.clone()).unwrap_or_default(),
            player(*id).and_then(|p| p.types.get(*kind)).map(|t| t.name.clone()).unwrap_or_default(),
        ),
        Subject::State(variable) => {
            let variable = scenario.variables.get(*variable);
            CurveSubject::State(variable.map(|v| v.name.clone()).unwrap_or_default())
        }
    }
}

fn label(solved: &Solved, subject: &Subject, value: f64) -> String {
    match subject {
        Subject::State(variable) => {
            let labels = solved.compiled.game.variables.get(*variable).map(|v| &v.labels);
            labels.and_then(|labels| labels.get(value as usize)).cloned().unwrap_or_default()
        }
        _ => value.to_string(),
    }
}
