//! Whether a scenario says something sound: names inside expressions, numbers, and, when those are fine, every state and
//! path of the game.

mod measures;
mod numbers;

use crate::codes;
use crate::compile::Limits;
use crate::compile::code::Kind;
use crate::compile::place::Place;
use crate::compile::program::Linker;
use crate::diagnostic::{Diagnostic, Problems};
use crate::expression::Expression;
use crate::model::{Change, Scenario};
use crate::read::Draft;

/// Everything wrong with a scenario that was read, and the scenario when nothing is.
pub(crate) fn check(draft: Draft, limits: &Limits) -> (Option<Scenario>, Vec<Diagnostic>) {
    let Draft { scenario, mut problems, broken } = draft;
    names(&scenario, &mut problems);
    numbers::horizon(&scenario, &mut problems);
    if !problems.game_is_broken {
        if problems.has_errors() {
            // What is broken lies outside the game; the game is still worth playing through, without it.
            let game = Scenario { levers: Vec::new(), cases: Vec::new(), ..scenario.clone() };
            played(&game, limits, &mut problems);
        } else {
            played(&scenario, limits, &mut problems);
        }
    }
    if broken {
        problems.drop_consequences();
    }
    let sound = !problems.has_errors();
    (sound.then_some(scenario), problems.finish())
}

/// Resolves every expression of the file.
fn names(scenario: &Scenario, problems: &mut Problems) {
    let mut linker = Linker::new(scenario, None);
    problems.in_game = true;
    linker.program();
    let mut numbers: Vec<(&Expression, String)> = Vec::new();
    for parameter in &scenario.parameters {
        numbers.push((&parameter.value, format!("the parameter `{}`", parameter.name)));
    }
    for player in &scenario.players {
        numbers.push((&player.discount, format!("the discount factor of `{}`", player.name)));
        if let Some(precision) = &player.precision {
            numbers.push((precision, format!("the precision of `{}`", player.name)));
        }
        for kind in &player.types {
            numbers.push((&kind.prior, format!("the prior of `{}`", kind.name)));
            for (attribute, value) in &kind.attributes {
                numbers.push((value, format!("the attribute `{attribute}`")));
            }
        }
    }
    resolve(&mut linker, numbers, problems);
    numbers::parameter_cycles(scenario, problems);
    problems.in_game = false;
    let mut numbers: Vec<(&Expression, String)> = Vec::new();
    for lever in &scenario.levers {
        for (_, value) in &lever.change {
            numbers.push((value, format!("the lever `{}`", lever.name)));
        }
        if let Some(cost) = &lever.cost {
            numbers.push((cost, format!("the cost of the lever `{}`", lever.name)));
        }
    }
    for case in &scenario.cases {
        for (_, value) in &case.change.parameters {
            numbers.push((value, format!("the case `{}`", case.name)));
        }
    }
    resolve(&mut linker, numbers, problems);
    measures::check(scenario, &mut linker, problems);
    // What an author mistyped or what could not be read would show up as unread.
    if !problems.has_errors() {
        numbers::unused(scenario, &linker, problems);
    }
}

/// Resolves expressions that may use parameters only.
fn resolve<'s>(linker: &mut Linker<'s>, list: Vec<(&'s Expression, String)>, problems: &mut Problems) {
    for (source, what) in list {
        linker.expression(source, &Place::parameters(what), Kind::Number);
    }
    std::mem::take(&mut linker.problems).into_iter().for_each(|d| problems.push(d));
}

/// Builds the game as written, then under each case and lever. The size of a belief grid is the concern of whoever makes one.
fn played(scenario: &Scenario, limits: &Limits, problems: &mut Problems) {
    let limits = &limits.without_grid();
    numbers::ranges(scenario, problems);
    problems.in_game = true;
    let too_large = [codes::TOO_MANY_STATES, codes::TOO_MANY_NODES, codes::TOO_MUCH_WORK];
    match scenario.compile(&Change::default(), limits) {
        Ok(compiled) => compiled.warnings.into_iter().for_each(|d| problems.push(d)),
        Err(list) if list.iter().all(|d| too_large.contains(&d.code)) => {
            // Not an error of the scenario: compiling it says so again unless the limit is raised.
            for diagnostic in list {
                let message = format!("states and paths were not checked: {}", diagnostic.message);
                problems.push(
                    Diagnostic { message, ..Diagnostic::warning(codes::UNCHECKED, "") }.like(&diagnostic),
                );
            }
            return;
        }
        Err(list) => list.into_iter().for_each(|d| problems.push(d)),
    }
    problems.in_game = false;
    for case in &scenario.cases {
        let change = &case.change;
        let same_game = change.levers.is_empty()
            && change.parameters.is_empty()
            && change.commit.is_empty()
            && change.start.is_empty();
        if !same_game {
            variant(scenario, change, limits, &format!("the case `{}`", case.name), &case.span, problems);
        }
    }
    for (position, lever) in scenario.levers.iter().enumerate() {
        let change = Change { levers: vec![position], ..Change::default() };
        variant(scenario, &change, limits, &format!("the lever `{}`", lever.name), &lever.span, problems);
    }
}

/// Builds the game after a change; problems say under which.
fn variant(
    scenario: &Scenario,
    change: &Change,
    limits: &Limits,
    what: &str,
    span: &std::ops::Range<usize>,
    problems: &mut Problems,
) {
    let Err(list) = scenario.compile(change, limits) else { return };
    for mut diagnostic in list {
        diagnostic.message = format!("under {what}, {}", diagnostic.message);
        problems.push(diagnostic.at(span.clone(), "under this change"));
    }
}

impl Diagnostic {
    /// This diagnostic with the places and help of another.
    fn like(self, other: &Self) -> Self {
        Self { labels: other.labels.clone(), help: other.help.clone(), ..self }
    }
}
