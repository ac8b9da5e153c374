//! `solve GAME --pure`: all pure subgame-perfect equilibria of a game of perfect information.

use armistice::solve::tree::{PureEquilibria, backward_induction};
use serde::Serialize;

use crate::arguments::Solve;
use crate::failure::Failure;
use crate::game_file::Format;
use crate::session::{HEADING, Session, styled};
use crate::text::{Table, count};

use super::answer::Asked;
use super::labels::{Labels, Strategies};
use super::profile_rows;
use super::show::{number, short};

const SCHEMA: &str = "armistice.solve-game-pure/1";

/// Equilibria that are listed, and those that a document has.
const LISTED: usize = 20;
const WRITTEN: usize = 1000;

/// The answer in the document of `--json`.
#[derive(Serialize)]
struct Answer<'a> {
    found: &'a PureEquilibria,
    /// By equilibrium.
    strategies: Vec<Strategies<'a>>,
}

/// Finds and shows.
pub fn solve(session: &Session, arguments: &Solve, format: Format) -> Result<(), Failure> {
    let asked = Asked::open(session, arguments, format, "--pure", SCHEMA)?;
    let limit = if session.json || arguments.all { WRITTEN } else { LISTED };
    let found = asked.work(|tree, _| backward_induction(tree, limit))?;
    let labels = &asked.labels;
    let profiles: Vec<Vec<f64>> = found.equilibria.iter().map(|one| profile(labels, &one.actions)).collect();
    let strategies = profiles.iter().map(|profile| asked.strategies(profile)).collect();
    let answer = Answer { found: &found, strategies };
    asked.say(true, &answer, list(&found, &profiles, labels, arguments.all))
}

fn list(found: &PureEquilibria, profiles: &[Vec<f64>], labels: &Labels, all: bool) -> Vec<String> {
    let number_of = match found.count {
        1 => "1 pure equilibrium".to_owned(),
        u64::MAX => "More than 1.8e19 pure equilibria".to_owned(),
        n => format!("{} pure equilibria", count(u128::from(n))),
    };
    let mut out = vec![styled(HEADING, format!("{number_of}, by backward induction with all ties"))];
    let mut table = Table::default();
    table.row(std::iter::once(String::new()).chain(labels.players.iter().map(|player| short(player))));
    for (at, one) in found.equilibria.iter().enumerate() {
        let payoffs = one.payoffs.iter().map(|p| number(*p));
        table.row(std::iter::once((at + 1).to_string()).chain(payoffs));
    }
    out.extend(table.lines("  "));
    if !found.complete {
        out.push(format!("  the first {}; --all and --json go on to {WRITTEN}", found.equilibria.len()));
    }
    let shown = if all { profiles.len() } else { profiles.len().min(1) };
    for (at, profile) in profiles.iter().take(shown).enumerate() {
        out.extend([String::new(), styled(HEADING, format!("Equilibrium {}", at + 1))]);
        let mut table = Table::default();
        profile_rows(&mut table, labels, profile);
        out.extend(table.lines("  "));
    }
    out
}

/// Probabilities of all actions from the one chosen at each set.
fn profile(labels: &Labels, chosen: &[usize]) -> Vec<f64> {
    let sets = labels.actions.iter().zip(chosen);
    sets.flat_map(|(actions, chosen)| (0..actions.len()).map(move |at| f64::from(u8::from(at == *chosen))))
        .collect()
}
