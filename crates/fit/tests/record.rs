//! The likelihood of a record: against enumeration of everything hidden, and its gradient against differences.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::sync::Arc;

use armistice_fit::record::{
    FilterSettings, Past, RecordModel, RecordSettings, draw_war, filter, free_parameters, mixed_belief,
    read_record,
};
use armistice_game::{Belief, Node, NodeId, Stage, StateId, WarGame};
use armistice_scenario::{Limits, Observation, Record, RecordTable, Scenario, parse_files};
use armistice_solve::{Control, Equilibrium, Settings, StageSolver, solve};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const WAR: &str = include_str!("../../../docs/src/record/scenario.toml");

/// Some cells blank: an offer not seen, an answer not seen, a front not seen.
const MONTHS: &str = "month,offer,reply,line\n\
    2020-01,no,attack,1\n\
    2020-02,,attack,1\n\
    2020-03,yes,,\n\
    2020-04,no,wait,2\n\
    2020-05,,,1\n";

fn war(months: &str) -> Scenario {
    let months = months.to_owned();
    let files = move |_: &Path| Ok(months.clone());
    let loaded = parse_files(WAR, "scenario.toml", Path::new("."), &Limits::default(), &files);
    assert!(loaded.scenario.is_some(), "{:#?}", loaded.diagnostics);
    loaded.scenario.unwrap()
}

fn record(scenario: &Scenario, months: &str) -> Record {
    let table = RecordTable::read(scenario, None, months).unwrap();
    read_record(scenario, &table, None, &Limits::default()).unwrap()
}

fn settings() -> RecordSettings {
    let solving = Settings { belief_points: 7, residual: 1e-13, ..Settings::default() };
    RecordSettings { solving, filter: FilterSettings { histories: 100_000 }, ..RecordSettings::default() }
}

/// Σ over type profiles and complete histories of μ(θ) Π σ p, by recursion over histories, beliefs carried by Bayes' rule from strategies;
/// shares no code with the filter.
struct Brute<'a> {
    game: &'a WarGame,
    equilibrium: &'a Equilibrium,
    rows: &'a [Observation],
    /// By slot: Σ over histories of the joint probability with that type.
    by_slot: Vec<f64>,
}

impl Brute<'_> {
    fn period(&mut self, t: usize, state: StateId, belief: &Belief, types: &[usize], mass: f64) -> f64 {
        let Some(row) = self.rows.get(t) else {
            for (player, kind) in types.iter().enumerate() {
                let slot = self.game.slots_of(armistice_game::PlayerId::new(player)).start + kind;
                self.by_slot[slot] += mass;
            }
            return mass;
        };
        let Stage::Play(tree) = &self.game.stages[state.index()] else { return 0.0 };
        let mut solver = StageSolver::new(self.game, self.equilibrium);
        let stage =
            solver.solve(u32::try_from(t).unwrap(), state, std::slice::from_ref(belief)).pop().unwrap();
        let mut total = 0.0;
        let mut open = vec![(NodeId(0), belief.clone(), mass)];
        while let Some((at, here, mass)) = open.pop() {
            let node = &tree.nodes[at.index()];
            if let Node::Next(next) = node {
                let over = matches!(self.game.stages[next.index()], Stage::Over(_));
                if row.allows_state(self.game, *next) && !over {
                    total += self.period(t + 1, *next, &here, types, mass);
                }
            }
            let (Node::Move { edges, .. } | Node::Chance { edges, .. }) = node else { continue };
            for (number, edge) in edges.clone().zip(tree.edges_of(at)) {
                if !row.allows(node, edge) {
                    continue;
                }
                let number = number as usize;
                let (player, of): (_, Vec<f64>) = match node {
                    Node::Move { player, .. } => (Some(*player), stage.strategy(number).to_vec()),
                    Node::Chance { about: Some(player), .. } => {
                        let kinds = self.game.types()[player.index()];
                        (Some(*player), (0..kinds).map(|k| tree.probability(edge, k)).collect())
                    }
                    _ => (None, vec![tree.probability(edge, 0)]),
                };
                let kind = player.map_or(0, |p| types[p.index()]);
                let mut next = here.clone();
                if let Some(player) = player {
                    let weighed: Vec<f64> =
                        here.of(self.game, player).iter().zip(&of).map(|(b, p)| b * p).collect();
                    let sum: f64 = weighed.iter().sum();
                    let posterior: Vec<f64> = weighed.iter().map(|w| w / sum).collect();
                    next = here.with(self.game, player, &posterior);
                }
                open.push((edge.child, next, mass * of[kind]));
            }
        }
        total
    }
}

#[test]
fn the_filter_is_enumeration_of_types_and_missing_moves() {
    let scenario = war(MONTHS);
    let record = record(&scenario, MONTHS);
    let settings = settings();
    let compiled = scenario.compile(&Default::default(), &Limits::default()).unwrap();
    let game = &compiled.game;
    let equilibrium = solve(game, &settings.solving, &Control::default()).unwrap();
    let start = (game.start, &compiled.start_belief);
    let filtered = filter(game, &equilibrium, start, &record.periods, &settings.filter).unwrap();
    for rows in 1..=record.periods.len() {
        let mut brute = Brute {
            game,
            equilibrium: &equilibrium,
            rows: &record.periods[..rows],
            by_slot: vec![0.0; game.slots()],
        };
        let mut total = 0.0;
        for profile in 0..4 {
            let types = [profile / 2, profile % 2];
            let prior = game.players[0].types[types[0]].prior * game.players[1].types[types[1]].prior;
            total += brute.period(0, game.start, &compiled.start_belief, &types, prior);
        }
        let ours: f64 = filtered.months[..rows].iter().map(|m| m.log_predictive).sum();
        assert!((ours - total.ln()).abs() < 1e-9, "{rows} rows: {ours} against {}", total.ln());
        let belief = mixed_belief(filtered.after(rows), game.slots());
        for (b, joint) in belief.iter().zip(&brute.by_slot) {
            assert!((b - joint / total).abs() < 1e-9, "{b} against {}", joint / total);
        }
    }
    assert!(filtered.months[4].after.len() > 4, "several histories are left");
    // Fewer histories than there are: the loss is reported, and bounds the difference.
    let few = filter(game, &equilibrium, start, &record.periods, &FilterSettings { histories: 3 }).unwrap();
    assert!(few.dropped() > 0.0);
    assert!((few.log_likelihood() - filtered.log_likelihood()).abs() < 4.0 * few.dropped());
}

#[test]
fn what_can_be_seen_has_probability_one_in_all() {
    // Every record of one month that says everything, summed.
    let scenario = war(MONTHS);
    let compiled = scenario.compile(&Default::default(), &Limits::default()).unwrap();
    let game = &compiled.game;
    let equilibrium = solve(game, &settings().solving, &Control::default()).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut seen: Vec<(Vec<Observation>, f64)> = Vec::new();
    for _ in 0..4000 {
        let start = (game.start, &compiled.start_belief);
        let drawn = draw_war(game, &equilibrium, start, 1, &mut random);
        if !seen.iter().any(|(rows, _)| *rows == drawn.rows) {
            let filtered =
                filter(game, &equilibrium, start, &drawn.rows, &FilterSettings::default()).unwrap();
            seen.push((drawn.rows, filtered.log_likelihood().exp()));
        }
    }
    let total: f64 = seen.iter().map(|(_, p)| p).sum();
    assert!((total - 1.0).abs() < 1e-9, "{total} over {} records", seen.len());
}

#[test]
fn the_gradient_is_that_of_the_likelihood() {
    let scenario = Arc::new(war(MONTHS));
    let record = record(&scenario, MONTHS);
    let free = free_parameters(&scenario, &[]).unwrap();
    assert_eq!(free.len(), 7);
    let control = Control::default();
    let model = RecordModel::new(scenario, free, vec![Past::all(&record)], settings(), &control);
    // Away from the points of the belief grid, where the interpolant has kinks.
    let mut values = model.stated();
    values[5] = 0.53;
    let point = model.at(&values).unwrap().unwrap();
    let gradient = model.gradient(&point).unwrap();
    for (i, ours) in gradient.iter().enumerate() {
        let step = 1e-5;
        let at = |by: f64| {
            let mut moved = values.clone();
            moved[i] += by;
            model.at(&moved).unwrap().unwrap().log_likelihood()
        };
        let difference = (at(step) - at(-step)) / (2.0 * step);
        let scale = 1e-5 * (1.0 + difference.abs());
        assert!((ours - difference).abs() < scale, "{}: {ours} against {difference}", model.free[i].name);
    }
    assert!(gradient[6].abs() < 1e-9, "a parameter that nothing in the game reads");
}
