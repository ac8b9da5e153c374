//! `solve GAME --nash`: one exact equilibrium of a game of two players, checked.

use armistice::solve::tree::{NashEnd, NashSolution, nash};
use serde::Serialize;

use crate::arguments::Solve;
use crate::failure::Failure;
use crate::game_file::Format;
use crate::session::{CARE, GOOD, HEADING, Session, styled};
use crate::text::{Table, plural, small};

use super::answer::Asked;
use super::labels::{Labels, Strategies};
use super::show::{line, number, probability, short};
use super::solve::{EQUILIBRIUM, MASS};

const SCHEMA: &str = "armistice.solve-game-nash/1";

/// Information sets that are shown unless all are asked for.
const SETS: usize = 40;

/// The answer in the document of `--json`.
#[derive(Serialize)]
struct Answer<'a> {
    solution: &'a NashSolution,
    strategies: Strategies<'a>,
}

/// Finds, checks and shows.
pub fn solve(session: &Session, arguments: &Solve, format: Format) -> Result<(), Failure> {
    let asked = Asked::open(session, arguments, format, "--nash", SCHEMA)?;
    let solution = asked.work(nash)?;
    session.go_on("nothing was written; run the same command again")?;
    let found = &solution.certificate;
    let verified =
        solution.end == NashEnd::Complementary && found.relative <= EQUILIBRIUM && found.mass_error <= MASS;
    let mut lines = vec![styled(HEADING, "One exact equilibrium, by Lemke's method on the sequence form")];
    lines.extend(found_lines(&solution, &asked.labels, verified));
    lines.extend([String::new(), styled(HEADING, "Strategies; actions of probability 0 are left out")]);
    lines.extend(strategies(&solution.profile, &asked.labels, arguments.all, 0.0));
    let answer = Answer { solution: &solution, strategies: asked.strategies(&solution.profile) };
    asked.say(verified, &answer, lines)?;
    if verified {
        return Ok(());
    }
    Err(Failure::NotEquilibrium {
        why: format!("regret {} of the payoff range", small(found.relative)),
        hint: "without --nash the branch of quantal responses is followed, which may lead further".to_owned(),
    })
}

fn found_lines(solution: &NashSolution, labels: &Labels, verified: bool) -> Vec<String> {
    let found = &solution.certificate;
    let status = if verified {
        styled(GOOD, format!("verified: regret ≤ {EQUILIBRIUM:e} of the payoff range"))
    } else {
        styled(CARE, format!("NOT an equilibrium: regret {} of the payoff range", small(found.relative)))
    };
    let pivots = plural(usize::try_from(solution.pivots).unwrap_or(usize::MAX), "pivot");
    // Nash, but not sequential.
    let unreached = if found.agent_regret > EQUILIBRIUM { ", at sets that play never reaches" } else { "" };
    let mut out = vec![
        line("status", &status),
        line("took", &format!("{pivots}, attempt {}", solution.attempts)),
        line("NashConv", &format!("{} (all regrets together)", small(found.nash_conv))),
        line("agent regret", &format!("{} at any one information set{unreached}", small(found.agent_regret))),
    ];
    let payoffs = labels.players.iter().zip(&solution.payoffs);
    out.extend(
        payoffs.map(|(player, payoff)| line("payoff", &format!("{} {}", number(*payoff), short(player)))),
    );
    if let Some(sum) = solution.constant_sum {
        out.push(line("constant sum", &format!("{}: the payoffs are the value of the game", number(sum))));
    }
    out
}

/// Lines with what is played at every information set; actions up to `unseen` in probability are left out.
pub fn strategies(profile: &[f64], labels: &Labels, all: bool, unseen: f64) -> Vec<String> {
    let sets = labels.sets.len();
    let shown = if all { sets } else { sets.min(SETS) };
    let mut table = Table::default();
    for set in 0..shown {
        let (Some(label), Some(actions)) = (labels.sets.get(set), labels.actions.get(set)) else { continue };
        table.row([format!("{} · {}", short(labels.player_of(set)), short(label))]);
        let own = profile.get(labels.range(set)).unwrap_or_default();
        for (action, p) in actions.iter().zip(own).filter(|(_, p)| **p > unseen) {
            table.row([format!("    {}", short(action)), probability(*p)]);
        }
    }
    let mut out = table.lines("  ");
    if shown < sets {
        out.push(format!("  {}: --all shows them", plural(sets - shown, "more information set")));
    }
    out
}
