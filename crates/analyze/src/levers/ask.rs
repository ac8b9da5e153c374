//! From names to positions: everything that is wrong with a question about levers, at once.

use armistice_game::{PlayerId, WarGame};
use armistice_scenario::{Change, Compiled, Scenario};

use super::curve::{Axis, Search, Subject};
use super::{LeverSettings, Span};
use crate::parts::margins::sweep;

/// Something in a question that is not there or makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub hint: Option<String>,
}

/// A question with positions for names.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub player: usize,
    pub levers: Vec<usize>,
    pub largest: usize,
    pub timing: Vec<Vec<usize>>,
    pub searches: Vec<Search>,
    /// State and belief at the start.
    pub start: Change,
}

/// Points of an axis that says nothing else.
const POINTS: usize = 6;

/// The name that stands for all levers together where a strength is meant.
const ALL: &str = "levers";

struct Reader<'a> {
    scenario: &'a Scenario,
    game: &'a WarGame,
    parameters: &'a [f64],
    problems: Vec<Problem>,
}

/// Resolves every name; `compiled` is the scenario with the question's change.
pub(super) fn resolve(
    scenario: &Scenario,
    compiled: &Compiled,
    settings: &LeverSettings,
) -> Result<Asked, Vec<Problem>> {
    let (game, parameters) = (&compiled.game, compiled.parameters.as_slice());
    let mut reader = Reader { scenario, game, parameters, problems: Vec::new() };
    let player = reader.player(settings.player.as_deref());
    let kinds: Vec<&str> =
        scenario.players.get(player).map_or(&[][..], |p| &p.types).iter().map(|t| t.name.as_str()).collect();
    if let Some(kind) = &settings.kind {
        reader.find("type of the player whose margin is asked for", kind, &kinds);
    }
    let names: Vec<&str> = scenario.levers.iter().map(|l| l.name.as_str()).collect();
    let mut levers: Vec<usize> = match settings.levers.as_slice() {
        [] => (0..names.len()).collect(),
        asked => asked.iter().filter_map(|name| reader.find("lever", name, &names)).collect(),
    };
    levers.retain(|lever| !settings.change.levers.contains(lever));
    levers.sort_unstable();
    levers.dedup();
    if names.is_empty() {
        reader.problem("the scenario has no levers", Some("state one: [levers.NAME] with change".into()));
    }
    if let Some(name) = &settings.pays {
        let players: Vec<&str> = scenario.players.iter().map(|p| p.name.as_str()).collect();
        reader.find("player", name, &players);
    }
    let start = reader.start(settings, compiled);
    let searches: Vec<Search> =
        settings.thresholds.iter().filter_map(|span| reader.search(span, settings, &levers)).collect();
    if settings.thresholds.is_empty() && !settings.over.is_empty() {
        reader.problem("there is nothing whose threshold is to be found", None);
    }
    let mut timing: Vec<Vec<usize>> = Vec::new();
    if !settings.timing.is_empty() {
        timing.extend(levers.iter().map(|lever| vec![*lever]));
        if levers.len() > 1 {
            timing.push(levers.clone());
        }
    }
    let largest = settings.largest.unwrap_or(levers.len());
    if reader.problems.is_empty() {
        Ok(Asked { player, levers, largest, timing, searches, start })
    } else {
        Err(reader.problems)
    }
}

impl Reader<'_> {
    fn problem(&mut self, what: impl Into<String>, hint: Option<String>) {
        let problem = Problem { what: what.into(), hint };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Position of a name; a problem where it is not there.
    fn find(&mut self, kind: &str, name: &str, known: &[&str]) -> Option<usize> {
        let found = known.iter().position(|other| *other == name);
        if found.is_none() {
            let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            let hint = match list.as_slice() {
                [] => "there is none at all".to_owned(),
                [one] => format!("there is only {one}"),
                _ => format!("there are {}", list.join(", ")),
            };
            self.problem(format!("there is no {kind} `{name}`"), Some(hint));
        }
        found
    }

    fn player(&mut self, name: Option<&str>) -> usize {
        let names: Vec<&str> = self.scenario.players.iter().map(|p| p.name.as_str()).collect();
        name.and_then(|name| self.find("player", name, &names)).unwrap_or(self.scenario.about.attacker)
    }

    /// A player and a type, from `player.type`.
    fn kind(&mut self, name: &str) -> Option<(PlayerId, usize)> {
        let scenario = self.scenario;
        let (player, kind) = name.split_once('.').unwrap_or((name, ""));
        let names: Vec<&str> = scenario.players.iter().map(|p| p.name.as_str()).collect();
        let position = self.find("player", player, &names)?;
        let kinds: Vec<&str> =
            scenario.players.get(position)?.types.iter().map(|t| t.name.as_str()).collect();
        Some((PlayerId::new(position), self.find(&format!("type of `{player}`"), kind, &kinds)?))
    }

    /// State and belief at the start.
    fn start(&mut self, settings: &LeverSettings, compiled: &Compiled) -> Change {
        let mut out = Change::default();
        let variables: Vec<&str> = self.game.variables.iter().map(|v| v.name.as_str()).collect();
        for (name, value) in &settings.state {
            let Some(variable) = self.find("state variable", name, &variables) else { continue };
            let labels = self.game.variables.get(variable).map(|v| v.labels.as_slice()).unwrap_or_default();
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            let value = self.find(&format!("value of `{name}`"), value, &labels);
            out.start.extend(value.map(|value| (variable, value)));
        }
        let mut belief = compiled.start_belief.clone();
        let mut players = Vec::new();
        for (name, probability) in &settings.belief {
            let Some((player, kind)) = self.kind(name) else { continue };
            if !(0.0..=1.0).contains(probability) {
                let what =
                    format!("the belief `{name}` is {probability}, which is not a probability from 0 to 1");
                self.problem(what, None);
                continue;
            }
            belief = sweep(self.game, &belief, player, kind, *probability);
            players.push(player);
        }
        for player in players {
            let own = belief.of(self.game, player).iter().enumerate();
            out.belief.retain(|(other, _, _)| *other != player.index());
            out.belief.extend(own.map(|(kind, p)| (player.index(), kind, *p)));
        }
        out
    }

    fn search(&mut self, span: &Span, settings: &LeverSettings, levers: &[usize]) -> Option<Search> {
        let subject = self.axis(span, levers, settings.scan, 2.0);
        if let Some(Axis { subject: Subject::Belief(..) | Subject::State(_), .. }) = &subject {
            let hint = "beliefs and states can be axes, with --over";
            self.problem(format!("`{}` is neither a parameter nor a lever", span.name), Some(hint.into()));
        }
        let axes: Vec<Option<Axis>> =
            settings.over.iter().map(|span| self.axis(span, levers, POINTS, 1.0)).collect();
        let axes: Option<Vec<Axis>> = axes.into_iter().collect();
        let search = Search { subject: subject?, axes: axes? };
        if search.axes.len() > 2 {
            self.problem("a threshold is followed over at most two axes", None);
        }
        for (position, axis) in search.axes.iter().enumerate() {
            let same = |other: &Axis| other.subject == axis.subject;
            if same(&search.subject) || search.axes.iter().take(position).any(same) {
                self.problem("an axis is named twice", None);
            }
        }
        Some(search)
    }

    /// An axis with `points` values where it says no other number; strengths go up to `strongest` where it says no range.
    fn axis(&mut self, span: &Span, levers: &[usize], points: usize, strongest: f64) -> Option<Axis> {
        let scenario = self.scenario;
        let name = &span.name;
        let named = |known: &str| known == name;
        let (subject, range) = if let Some(position) = scenario.parameters.iter().position(|p| named(&p.name))
        {
            (Subject::Parameter(position), scenario.parameters.get(position)?.range)
        } else if name == ALL {
            (Subject::Strength(levers.to_vec()), Some((0.0, strongest)))
        } else if let Some(position) = scenario.levers.iter().position(|l| named(&l.name)) {
            (Subject::Strength(vec![position]), Some((0.0, strongest)))
        } else if let Some(variable) = scenario.variables.iter().position(|v| named(&v.name)) {
            return self.states(span, variable);
        } else if name.contains('.') {
            let (player, kind) = self.kind(name)?;
            (Subject::Belief(player, kind), Some((0.0, 1.0)))
        } else {
            let hint = "name a parameter, a lever, `levers` for all of them, a state variable, or a belief as PLAYER.TYPE";
            self.problem(format!("there is nothing called `{name}`"), Some(hint.into()));
            return None;
        };
        let Some((low, high)) = span.range.or(range) else {
            let value = match &subject {
                Subject::Parameter(position) => self.parameters.get(*position).copied().unwrap_or_default(),
                _ => 0.0,
            };
            let hint = format!("say from where to where, around its value {value}: {name}=LOW:HIGH");
            self.problem(format!("the parameter `{name}` has no range"), Some(hint));
            return None;
        };
        let count = span.points.unwrap_or(points);
        let beyond = matches!(subject, Subject::Belief(..)) && !(low >= 0.0 && high <= 1.0);
        if !(low < high) || !low.is_finite() || !high.is_finite() || beyond || !(2..=1000).contains(&count) {
            let what = format!("`{name}` cannot go from {low} to {high} in {count} points");
            let hint =
                "LOW has to be below HIGH, a belief stays within 0 and 1, and 2 to 1000 points are possible";
            self.problem(what, Some(hint.into()));
            return None;
        }
        let value = |k: usize| low + (high - low) * k as f64 / (count - 1) as f64;
        // Sums of steps miss the decimal they mean by a last digit.
        let value = |k: usize| if k + 1 == count { high } else { (value(k) * 1e12).round() / 1e12 };
        Some(Axis { subject, values: (0..count).map(value).collect() })
    }

    /// The values of a state variable; of integers those within a range.
    fn states(&mut self, span: &Span, variable: usize) -> Option<Axis> {
        let spec = self.game.variables.get(variable)?;
        let within = |k: &usize| match (span.range, &spec.numbers) {
            (Some((low, high)), Some(numbers)) => numbers.get(*k).is_some_and(|x| (low..=high).contains(x)),
            _ => true,
        };
        let values: Vec<f64> = (0..spec.labels.len()).filter(within).map(|k| k as f64).collect();
        if values.is_empty() {
            self.problem(format!("`{}` has no values there", span.name), None);
        }
        Some(Axis { subject: Subject::State(variable), values })
    }
}
