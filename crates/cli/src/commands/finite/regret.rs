//! `solve GAME --cfr`: an approximate equilibrium of a game of constant sum by minimizing regret, checked.

use armistice::solve::tree::{CfrEnd, CfrSettings, CfrSolution, CfrVariant, cfr};
use armistice::{Control, Progress};
use serde::Serialize;

use crate::arguments::Solve;
use crate::failure::Failure;
use crate::game_file::{self, Format};
use crate::progress::ProgressLine;
use crate::session::{CARE, GOOD, HEADING, Session, styled};
use crate::text::{count, small};

use super::exact::strategies;
use super::labels::{Labels, Strategies};
use super::show::{line, number};
use super::solve::MASS;
use super::{Sizes, only_what_applies, title, tree_failure};

const SCHEMA: &str = "armistice.solve-game-cfr/1";

/// Exploitability of an approximate equilibrium, as a share of the payoff range.
const APPROXIMATE: f64 = 1e-3;

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    game: &'a str,
    game_hash: &'a str,
    command: &'a str,
    size: &'a Sizes,
    settings: &'a CfrSettings,
    solution: &'a CfrSolution,
    strategies: Strategies<'a>,
}

/// Iterates, checks and shows.
pub fn solve(session: &Session, arguments: &Solve, format: Format) -> Result<(), Failure> {
    let path = arguments.scenario.as_path();
    only_what_applies(session, path)?;
    if !arguments.at.is_empty() {
        return Err(Failure::usage("--at asks for points of the branch, and --cfr does not follow it"));
    }
    let file = game_file::open(session, path, format, SCHEMA)?;
    let size = Sizes::new(&file)?;
    let iterations = arguments.finite.cfr.unwrap_or(CfrSettings::default().iterations);
    let variant =
        if arguments.finite.discounted { CfrVariant::DISCOUNTED } else { CfrSettings::default().variant };
    let settings = CfrSettings { variant, iterations, target: 0.0, ..CfrSettings::default() };
    let solution = {
        let progress = ProgressLine::new(session.quiet);
        let update = |p: Progress<'_>| progress.update(p);
        let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
        cfr(&file.tree, &settings, &control).map_err(tree_failure)?
    };
    let (name, labels) = (title(&file.tree), Labels::new(&file.tree));
    let discounted = if arguments.finite.discounted { " --discounted" } else { "" };
    let command = format!("armistice solve {} --cfr {iterations}{discounted}", path.display());
    let found = &solution.certificate;
    let close = found.relative <= APPROXIMATE && found.mass_error <= MASS;
    if session.json {
        session.document(
            SCHEMA,
            &Document {
                ok: close,
                game: &name,
                game_hash: &file.hash,
                command: &command,
                size: &size,
                settings: &settings,
                solution: &solution,
                strategies: Strategies { labels: &labels, profile: &solution.profile },
            },
        )?;
    } else {
        let mut out = vec![styled(HEADING, &name)];
        out.extend(size.lines(&labels).iter().map(|(name, value)| line(name, value)));
        out.extend([String::new(), styled(HEADING, "Average strategy of regret minimization")]);
        let status = if close {
            styled(GOOD, format!("approximate: regret ≤ {APPROXIMATE:e} of the payoff range"))
        } else {
            styled(CARE, format!("NOT close: regret {} of the payoff range", small(found.relative)))
        };
        let sum = solution.constant_sum;
        let sets = |n: usize| count(n as u128);
        out.extend([
            line("status", &status),
            line("took", &format!("{} iterations", count(u128::from(solution.iterations)))),
            line(
                "value",
                &format!("{} to the first player of {} in all", number(solution.value), number(sum)),
            ),
            line(
                "exploitable",
                &format!("by {} (half of NashConv), in payoff", small(solution.exploitability)),
            ),
            line("sets", &format!("{} after copies are taken as one", sets(solution.sets))),
            String::new(),
            styled(HEADING, "Strategies; actions below 0.0001 are left out"),
        ]);
        out.extend(strategies(&solution.profile, &labels, arguments.all, 1e-4));
        let hash = file.hash.get(..8).unwrap_or_default();
        out.push(format!("\narmistice {} · game {hash} · {command}", env!("CARGO_PKG_VERSION")));
        session.say(&out.join("\n"))?;
    }
    if solution.end == CfrEnd::Canceled {
        return Err(Failure::Interrupted {
            go_on: "what was done is shown; run the same command again".to_owned(),
        });
    }
    if close {
        return Ok(());
    }
    Err(Failure::NotEquilibrium {
        why: format!("regret {} of the payoff range", small(found.relative)),
        hint:
            "more iterations lead closer; --nash finds an exact equilibrium of games that are not too large"
                .to_owned(),
    })
}
