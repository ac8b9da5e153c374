//! Forecasts from the last month on record: simulated wars, the uncertainty of parameters and that of simulation kept apart.

use std::collections::BTreeMap;

use armistice_analyze::calendar::date_of;
use armistice_game::{Belief, Horizon, Node, NodeId, PlayerId, Stage, StateId, WarGame};
use armistice_scenario::{Record, RecordTable, Scenario};
use armistice_solve::{Control, StageSolver};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{FitError, Problem};

use super::choices::Choices;
use super::document::RecordSeen;
use super::filter::History;
use super::model::{Point, RecordModel};
use super::past::Past;
use super::predict::{NextMonth, next_month};
use super::series::{Track, categories, tracks};
use super::simulate::draw;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct ForecastRequest {
    /// Horizons, in periods.
    pub horizons: Vec<u32>,
    /// Wars simulated for each set of parameter values.
    pub wars: usize,
    /// Date of issue.
    pub issued: String,
    /// Seed.
    pub seed: u64,
}

/// A forecast: `armistice.forecast/1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Date of issue.
    pub issued: String,
    /// The record it starts from.
    pub record: RecordSeen,
    /// Column of the record with the period.
    pub date_column: String,
    /// Parameters that rules below read.
    pub parameters: BTreeMap<String, f64>,
    /// What is forecast.
    pub quantities: Vec<Quantity>,
    /// Sets of parameter values used.
    pub draws: usize,
    /// Sets at which the record had probability 0, left out.
    pub refused: usize,
    /// Wars simulated for each.
    pub wars: usize,
    /// Seed.
    pub seed: u64,
}

/// One thing that is forecast, with the rule that resolves it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    /// A short name, unique in the file.
    pub id: String,
    /// The question, in words.
    pub question: String,
    /// Row of the record that resolves it, by its date.
    pub resolves: String,
    /// How.
    pub rule: Rule,
    /// Of an event: its probability. Of a number: its mean.
    pub value: f64,
    /// Standard deviation over sets of parameter values; 0 with one set.
    pub parameter_uncertainty: f64,
    /// Standard error of the simulation; 0 where nothing was simulated.
    pub simulation_error: f64,
    /// Of a number: 5, 25, 50, 75 and 95 percent points.
    pub quantiles: Option<[f64; 5]>,
    /// Of a number: evenly spaced points of its distribution, for scores.
    pub sample: Option<Vec<f64>>,
}

/// How a quantity is resolved by a table with the record's columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Rule {
    /// An event: whether this expression holds in the row. Rows with a blank cell in it resolve nothing.
    Holds {
        /// Over the row's columns and the forecast's parameters.
        expression: String,
    },
    /// An event: whether the war is over by the row. A row of that date in which no ending holds says that it is not.
    Ended {
        /// Expressions of which one holds in the row of an ending; none: only that there is a row says anything.
        expressions: Vec<String>,
    },
    /// A number: the column in the row, less its value at issue.
    Change {
        /// The column.
        column: String,
        /// Its value in the last row of the record.
        from: f64,
    },
    /// A number that no column resolves.
    Open,
}

/// A set of parameter values among all.
struct Set<'a> {
    number: usize,
    of: usize,
    control: &'a Control<'a>,
}

/// One simulated war.
struct Simulated {
    /// Period after the record in which it ended, and its terms.
    end: Option<(u32, Option<f64>)>,
    /// By horizon: the state, where the war was still on.
    states: Vec<Option<StateId>>,
}

/// Forecasts from the last row of a record.
///
/// - `draws`: sets of values of the model's free parameters; one set gives no parameter uncertainty.
/// - cost: for each set one solution of the game, and a stage solution for each period of each war.
/// - errors: horizons past the game's; that the record has probability 0 at every set; [`FitError::Canceled`].
pub fn forecast(
    model: &RecordModel<'_>,
    table: &RecordTable,
    record: &Record,
    draws: &[Vec<f64>],
    request: &ForecastRequest,
) -> Result<Forecast, FitError> {
    let scenario = model.scenario();
    let Some(past) = model.wars().first() else { return Err(Problem::new("there is no record").into()) };
    let rows = u32::try_from(past.len()).unwrap_or(u32::MAX);
    check(scenario, rows, &request.horizons)?;
    let mut made: Vec<Vec<Part>> = Vec::new();
    let mut refused = 0;
    for (n, values) in draws.iter().enumerate() {
        let Some(point) = model.at(values)? else {
            refused += 1;
            continue;
        };
        let set = Set { number: n, of: draws.len(), control: model.control() };
        made.push(parts(&point, scenario, table, (record, past), request, &set));
        if model.control().cancel.is_canceled() {
            return Err(FitError::Canceled);
        }
    }
    let Some(first) = made.first() else {
        return Err(Problem::new("the record has probability 0 at every set of parameter values").into());
    };
    let quantities = (0..first.len()).map(|q| pooled(&made, q, request.wars)).collect();
    let reads = scenario.read_by_record();
    let compiled =
        scenario.compile(&Default::default(), &model.settings().limits).map_err(FitError::Record)?;
    let parameter =
        |position: &usize| (scenario.parameters[*position].name.clone(), compiled.parameters[*position]);
    Ok(Forecast {
        issued: request.issued.clone(),
        record: RecordSeen::of(record, past),
        date_column: scenario.data.as_ref().map_or_else(String::new, |d| d.date.clone()),
        parameters: reads.iter().map(parameter).collect(),
        quantities,
        draws: draws.len(),
        refused,
        wars: request.wars,
        seed: request.seed,
    })
}

fn check(scenario: &Scenario, rows: u32, horizons: &[u32]) -> Result<(), FitError> {
    let last = scenario.about.horizon.unwrap_or(u32::MAX);
    let mut problems = Vec::new();
    for horizon in horizons {
        if *horizon == 0 || horizon.saturating_add(rows) > last {
            let left = last.saturating_sub(rows);
            problems.push(
                Problem::new(format!(
                    "{horizon} periods after the record is outside the game, which has {left} left"
                ))
                .hint("raise the scenario's `horizon`, or ask for less"),
            );
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(FitError::Invalid(problems)) }
}

/// One quantity by one set of parameter values.
struct Part {
    id: String,
    question: String,
    resolves: String,
    rule: Rule,
    /// Probability or mean.
    value: f64,
    simulated: bool,
    sample: Option<Vec<f64>>,
}

fn date(scenario: &Scenario, record: &Record, row: u32) -> String {
    let about = &scenario.about;
    let whole = about.start.map(|start| date_of(start, about.period, row));
    // As the record writes its dates: by month, or by day.
    let length = record.periods.first().map_or(10, |p| p.date.len());
    whole.map_or_else(|| format!("row {}", row + 1), |date| date.get(..length).unwrap_or(&date).to_owned())
}

fn parts(
    point: &Point,
    scenario: &Scenario,
    table: &RecordTable,
    (record, past): (&Record, &Past),
    request: &ForecastRequest,
    set: &Set<'_>,
) -> Vec<Part> {
    let rows = u32::try_from(past.len()).unwrap_or(u32::MAX);
    let game = &point.compiled.game;
    let after = |row: u32| point.filtered.first().map_or(&[][..], |f| f.after(row as usize));
    let histories = after(rows);
    let mut out = Vec::new();
    let foreseen = |row: u32| next_month(game, &point.equilibrium, after(row), row);
    if let Some(next) = foreseen(rows) {
        let before: Option<Vec<NextMonth>> = (0..rows).map(foreseen).collect();
        for category in categories(scenario, &point.compiled) {
            let choices = Choices::of(&category, game, past, before.as_deref().unwrap_or(&[]));
            // Rules read the table's own columns, which another source replaces.
            let resolved = record.source.is_none();
            moves(&choices, &next, &date(scenario, record, rows), resolved, &mut out);
        }
    }
    let wars = simulate(point, histories, rows, request, set);
    let expressions: Vec<String> = (scenario.data.as_ref().and_then(|d| d.reading.as_ref()))
        .map_or_else(Vec::new, |reading| reading.ended.iter().map(|(_, e)| e.text.clone()).collect());
    let n = wars.len() as f64;
    for horizon in &request.horizons {
        let over = wars.iter().filter(|w| w.end.is_some_and(|(t, _)| t <= *horizon)).count() as f64;
        let resolves = date(scenario, record, rows + horizon - 1);
        out.push(Part {
            id: format!("over-by-{resolves}"),
            question: format!("Is the war over by the end of {resolves}?"),
            resolves,
            rule: Rule::Ended { expressions: expressions.clone() },
            value: over / n,
            simulated: true,
            sample: None,
        });
    }
    for track in tracks(table, record, game) {
        let date = |row: u32| date(scenario, record, rows + row);
        changes(&track, (game, histories), &wars, request, &date, &mut out);
    }
    let terms: Vec<f64> = wars.iter().filter_map(|w| w.end.and_then(|(_, terms)| terms)).collect();
    if !terms.is_empty() {
        let last = request.horizons.iter().copied().max().unwrap_or(1);
        let resolves = date(scenario, record, rows + last - 1);
        out.push(Part {
            id: "terms".to_owned(),
            question: format!("On what terms, if the war ends by the end of {resolves}?"),
            resolves,
            rule: Rule::Open,
            value: terms.iter().sum::<f64>() / terms.len() as f64,
            simulated: true,
            sample: Some(terms),
        });
    }
    out
}

/// What the next row shows of a move, as a backtest forecasts it.
fn moves(choices: &Choices<'_>, next: &NextMonth, resolves: &str, resolved: bool, out: &mut Vec<Part>) {
    let category = choices.category;
    let rules = category.labels.iter().zip(&category.rules);
    for ((name, rule), value) in rules.zip(choices.next(next)) {
        if rule.is_empty() || !(next.chosen(category.id, |_| true).1 > 0.0) {
            continue;
        }
        out.push(Part {
            id: format!("{}-{}-{resolves}", category.name, name.replace(' ', "-")),
            question: format!("Is `{}` in {resolves} {name}, given that the move is made?", category.name),
            resolves: resolves.to_owned(),
            rule: if resolved { Rule::Holds { expression: rule.clone() } } else { Rule::Open },
            value,
            simulated: false,
            sample: None,
        });
    }
}

fn changes(
    track: &Track,
    (game, histories): (&WarGame, &[History]),
    wars: &[Simulated],
    request: &ForecastRequest,
    date: &dyn Fn(u32) -> String,
    out: &mut Vec<Part>,
) {
    let (Some(observable), Some(from)) =
        (game.observable(&track.name), track.values.last().copied().flatten())
    else {
        return;
    };
    let now: f64 = histories.iter().map(|h| h.weight * observable.values[h.state.index()]).sum();
    for (n, horizon) in request.horizons.iter().enumerate() {
        let states = wars.iter().filter_map(|w| w.states.get(n).copied().flatten());
        // Changes of the game's own number: the column may lie between two of its values.
        let sample: Vec<f64> = states.map(|s| observable.values[s.index()] - now).collect();
        if sample.is_empty() {
            continue;
        }
        let resolves = date(horizon - 1);
        out.push(Part {
            id: format!("{}-change-to-{resolves}", track.name),
            question: format!("By how much does `{}` change from the record to the end of {resolves}, if the war is still on?", track.name),
            resolves,
            rule: Rule::Change { column: track.name.clone(), from },
            value: sample.iter().sum::<f64>() / sample.len() as f64,
            simulated: true,
            sample: Some(sample),
        });
    }
}

/// Simulates wars from the histories that the record leaves open; fewer periods of them where it is stopped.
fn simulate(
    point: &Point,
    histories: &[History],
    rows: u32,
    request: &ForecastRequest,
    set: &Set<'_>,
) -> Vec<Simulated> {
    struct War {
        number: usize,
        state: StateId,
        belief: Vec<f64>,
        types: Vec<usize>,
    }
    let game = &point.compiled.game;
    let mut random = ChaCha8Rng::seed_from_u64(request.seed);
    random.set_stream(set.number as u64 + 1);
    let weights: Vec<f64> = histories.iter().map(|h| h.weight).collect();
    let mut out: Vec<Simulated> = Vec::new();
    let mut on: Vec<War> = Vec::new();
    for number in 0..request.wars.max(1) {
        let Some(history) = histories.get(draw(&weights, random.random())) else { break };
        let belief = Belief(history.belief.clone());
        let players = (0..game.players.len()).map(PlayerId::new);
        let types = players.map(|player| draw(belief.of(game, player), random.random())).collect();
        out.push(Simulated { end: None, states: vec![None; request.horizons.len()] });
        on.push(War { number, state: history.state, belief: belief.0, types });
    }
    let last = request.horizons.iter().copied().max().unwrap_or(0);
    let mut solver = StageSolver::new(game, &point.equilibrium);
    for step in 0..last {
        let done = set.number as u64 * u64::from(last) + u64::from(step);
        set.control.report("forecasting", done, Some(set.of as u64 * u64::from(last)));
        if set.control.cancel.is_canceled() {
            break;
        }
        let period = rows + step;
        if matches!(game.horizon, Horizon::Periods(horizon) if period >= horizon) {
            break;
        }
        on.sort_by_key(|war| (war.state, war.number));
        let mut next: Vec<War> = Vec::new();
        for group in on.chunk_by(|a, b| a.state == b.state) {
            let Some(Stage::Play(tree)) = group.first().and_then(|w| game.stages.get(w.state.index())) else {
                continue;
            };
            let beliefs = group.iter().map(|war| war.belief.as_slice());
            solver.visit(period, group[0].state, beliefs, |n, stage| {
                let war = &group[n];
                let mut at = NodeId(0);
                loop {
                    let weights: Vec<f64> = match tree.nodes.get(at.index()) {
                        Some(Node::Move { player, edges, .. }) => {
                            let kind = war.types[player.index()];
                            edges.clone().map(|edge| stage.strategy(edge as usize, kind)).collect()
                        }
                        Some(Node::Chance { about, .. }) => {
                            let kind = about.map_or(0, |player| war.types[player.index()]);
                            tree.edges_of(at).iter().map(|edge| tree.probability(edge, kind)).collect()
                        }
                        Some(Node::Next(state)) => {
                            if let Some(Stage::Over(end)) = game.stages.get(state.index()) {
                                out[war.number].end = Some((step + 1, end.terms));
                                break;
                            }
                            let mut belief = war.belief.clone();
                            stage.belief(at, &mut belief);
                            next.push(War {
                                number: war.number,
                                state: *state,
                                belief,
                                types: war.types.clone(),
                            });
                            break;
                        }
                        Some(Node::End(end)) => {
                            out[war.number].end =
                                Some((step + 1, tree.ends.get(*end as usize).and_then(|e| e.terms)));
                            break;
                        }
                        _ => break,
                    };
                    let Some(edge) = tree.edges_of(at).get(draw(&weights, random.random())) else { break };
                    at = edge.child;
                }
            });
        }
        on = next;
        for (n, horizon) in request.horizons.iter().enumerate() {
            if *horizon == step + 1 {
                on.iter().for_each(|war| out[war.number].states[n] = Some(war.state));
            }
        }
    }
    out
}

/// One quantity over all sets of parameter values.
fn pooled(made: &[Vec<Part>], q: usize, wars: usize) -> Quantity {
    let first = &made[0][q];
    // A quantity such as terms may be missing in a set in which no war ended.
    let parts: Vec<&Part> = made.iter().filter_map(|parts| parts.iter().find(|p| p.id == first.id)).collect();
    let n = parts.len() as f64;
    let value = parts.iter().map(|p| p.value).sum::<f64>() / n;
    let variance = parts.iter().map(|p| (p.value - value).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let noise = |part: &Part| match &part.sample {
        _ if !part.simulated => 0.0,
        None => part.value * (1.0 - part.value) / wars as f64,
        Some(sample) => {
            let m = sample.len() as f64;
            sample.iter().map(|x| (x - part.value).powi(2)).sum::<f64>() / m / m
        }
    };
    let within = parts.iter().map(|p| noise(p)).sum::<f64>() / n;
    let mut all: Vec<f64> = parts.iter().filter_map(|p| p.sample.as_ref()).flatten().copied().collect();
    all.sort_by(f64::total_cmp);
    let at = |share: f64| {
        all.get((share * (all.len().max(1) - 1) as f64).round() as usize).copied().unwrap_or(f64::NAN)
    };
    let some = !all.is_empty();
    Quantity {
        id: first.id.clone(),
        question: first.question.clone(),
        resolves: first.resolves.clone(),
        rule: first.rule.clone(),
        value,
        // What the simulation alone would spread is taken out.
        parameter_uncertainty: (variance - within).max(0.0).sqrt(),
        simulation_error: (within / n).sqrt(),
        quantiles: some.then(|| [0.05, 0.25, 0.5, 0.75, 0.95].map(at)),
        sample: some.then(|| (0..200).map(|i| at((f64::from(i) + 0.5) / 200.0)).collect()),
    }
}

impl Past {
    /// Whether the last row ends the war.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.rows().last().is_some_and(|row| row.ended.is_some())
    }
}
