//! `solve GAME --nash`: one exact equilibrium of a game of two players, checked.

use armistice::solve::tree::{NashEnd, NashSolution, nash};
use armistice::{Control, Progress};
use serde::Serialize;

use crate::arguments::Solve;
use crate::failure::Failure;
use crate::game_file::{self, Format};
use crate::progress::ProgressLine;
use crate::session::{CARE, GOOD, HEADING, Session, styled};
use crate::text::{Table, plural, small};

use super::labels::{Labels, Strategies};
use super::show::{line, number, probability, short};
use super::solve::{EQUILIBRIUM, MASS};
use super::{Sizes, only_what_applies, title, tree_failure};

const SCHEMA: &str = "armistice.solve-game-nash/1";

/// Information sets that are shown unless all are asked for.
const SETS: usize = 40;

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    game: &'a str,
    game_hash: &'a str,
    command: &'a str,
    size: &'a Sizes,
    solution: &'a NashSolution,
    strategies: Strategies<'a>,
}

/// Finds, checks and shows.
pub fn solve(session: &Session, arguments: &Solve, format: Format) -> Result<(), Failure> {
    let path = arguments.scenario.as_path();
    only_what_applies(session, path)?;
    if !arguments.at.is_empty() {
        return Err(Failure::usage("--at asks for points of the branch, and --nash does not follow it"));
    }
    let file = game_file::open(session, path, format, SCHEMA)?;
    let size = Sizes::new(&file)?;
    let solution = {
        let progress = ProgressLine::new(session.quiet);
        let update = |p: Progress<'_>| progress.update(p);
        let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
        nash(&file.tree, &control).map_err(tree_failure)?
    };
    session.go_on("nothing was written; run the same command again")?;
    let (name, labels) = (title(&file.tree), Labels::new(&file.tree));
    let command = format!("armistice solve {} --nash", path.display());
    let found = &solution.certificate;
    let verified =
        solution.end == NashEnd::Complementary && found.relative <= EQUILIBRIUM && found.mass_error <= MASS;
    if session.json {
        session.document(
            SCHEMA,
            &Document {
                ok: verified,
                game: &name,
                game_hash: &file.hash,
                command: &command,
                size: &size,
                solution: &solution,
                strategies: Strategies { labels: &labels, profile: &solution.profile },
            },
        )?;
    } else {
        let mut out = vec![styled(HEADING, &name)];
        out.extend(size.lines(&labels).iter().map(|(name, value)| line(name, value)));
        out.extend([
            String::new(),
            styled(HEADING, "One exact equilibrium, by Lemke's method on the sequence form"),
        ]);
        out.extend(found_lines(&solution, &labels, verified));
        out.extend([String::new(), styled(HEADING, "Strategies; actions of probability 0 are left out")]);
        out.extend(strategies(&solution.profile, &labels, arguments.all, 0.0));
        let hash = file.hash.get(..8).unwrap_or_default();
        out.push(format!("\narmistice {} · game {hash} · {command}", env!("CARGO_PKG_VERSION")));
        session.say(&out.join("\n"))?;
    }
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
