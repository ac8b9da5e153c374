//! `solve GAME --cfr`: an approximate equilibrium of a game of constant sum by minimizing regret, checked.

use armistice::solve::tree::{CfrEnd, CfrSettings, CfrSolution, CfrVariant, cfr};
use serde::Serialize;

use crate::arguments::Solve;
use crate::failure::Failure;
use crate::game_file::Format;
use crate::session::{CARE, GOOD, HEADING, Session, styled};
use crate::text::{count, small};

use super::answer::Asked;
use super::exact::strategies;
use super::labels::Strategies;
use super::show::{line, number};
use super::solve::MASS;

const SCHEMA: &str = "armistice.solve-game-cfr/1";

/// Exploitability of an approximate equilibrium, as a share of the payoff range.
const APPROXIMATE: f64 = 1e-3;

/// The answer in the document of `--json`.
#[derive(Serialize)]
struct Answer<'a> {
    settings: &'a CfrSettings,
    solution: &'a CfrSolution,
    strategies: Strategies<'a>,
}

/// Iterates, checks and shows.
pub fn solve(session: &Session, arguments: &Solve, format: Format) -> Result<(), Failure> {
    let mut asked = Asked::open(session, arguments, format, "--cfr", SCHEMA)?;
    let defaults = CfrSettings::default();
    let iterations = arguments.finite.cfr.unwrap_or(defaults.iterations);
    let discounted = arguments.finite.discounted;
    let variant = if discounted { CfrVariant::DISCOUNTED } else { defaults.variant };
    let settings = CfrSettings { variant, iterations, target: 0.0, ..defaults };
    let solution = asked.work(|tree, control| cfr(tree, &settings, control))?;
    asked.add_to_command(&format!(" {iterations}{}", if discounted { " --discounted" } else { "" }));
    let found = &solution.certificate;
    let close = found.relative <= APPROXIMATE && found.mass_error <= MASS;
    let mut lines = vec![styled(HEADING, "Average strategy of regret minimization")];
    lines.extend(found_lines(&solution, close));
    lines.extend([String::new(), styled(HEADING, "Strategies; actions below 0.0001 are left out")]);
    lines.extend(strategies(&solution.profile, &asked.labels, arguments.all, 1e-4));
    let strategies = asked.strategies(&solution.profile);
    asked.say(close, &Answer { settings: &settings, solution: &solution, strategies }, lines)?;
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

fn found_lines(solution: &CfrSolution, close: bool) -> Vec<String> {
    let status = if close {
        styled(GOOD, format!("approximate: regret ≤ {APPROXIMATE:e} of the payoff range"))
    } else {
        let regret = small(solution.certificate.relative);
        styled(CARE, format!("NOT close: regret {regret} of the payoff range"))
    };
    let (value, sum) = (number(solution.value), number(solution.constant_sum));
    vec![
        line("status", &status),
        line("took", &format!("{} iterations", count(u128::from(solution.iterations)))),
        line("value", &format!("{value} to the first player of {sum} in all")),
        line("exploitable", &format!("by {} (half of NashConv), in payoff", small(solution.exploitability))),
        line("sets", &format!("{} after copies are taken as one", count(solution.sets as u128))),
    ]
}
