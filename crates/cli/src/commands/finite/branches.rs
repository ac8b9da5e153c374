//! `solve GAME --branches`: the principal branch and those that cross it.

use armistice::solve::tree::{Branches, PathSettings, branches};
use serde::Serialize;

use crate::arguments::Solve;
use crate::failure::Failure;
use crate::game_file::Format;
use crate::session::{HEADING, Session, styled};
use crate::text::{Table, plural, small};

use super::answer::Asked;
use super::labels::{Labels, Strategies};
use super::profile_rows;
use super::show::{line, number, short};

const SCHEMA: &str = "armistice.solve-game-branches/1";

/// The answer in the document of `--json`.
#[derive(Serialize)]
struct Answer<'a> {
    settings: &'a PathSettings,
    found: &'a Branches,
    /// By branch: play at its end.
    strategies: Vec<Strategies<'a>>,
}

/// Follows, checks and shows.
pub fn solve(session: &Session, arguments: &Solve, format: Format) -> Result<(), Failure> {
    let mut asked = Asked::open(session, arguments, format, "--branches", SCHEMA)?;
    let settings = super::solve::settings(arguments)?;
    let found = asked.work(|tree, control| branches(tree, &settings, control))?;
    session.go_on("nothing was written; run the same command again, or with a smaller --max-lambda")?;
    if let Some(most) = arguments.finite.max_lambda {
        asked.add_to_command(&format!(" --max-lambda {most}"));
    }
    let ends = found.paths.iter().map(|path| path.points.last().map_or(&[] as &[f64], |p| &p.profile));
    let strategies = ends.map(|profile| asked.strategies(profile)).collect();
    let answer = Answer { settings: &settings, found: &found, strategies };
    asked.say(found.complete, &answer, list(&found, &asked.labels, arguments.all))
}

fn list(found: &Branches, labels: &Labels, all: bool) -> Vec<String> {
    let count = match found.paths.len() {
        1 => "1 branch".to_owned(),
        n => format!("{n} branches"),
    };
    let crossings = plural(found.crossings.len(), "crossing");
    let mut out = vec![styled(HEADING, format!("{count}, {crossings}"))];
    let mut table = Table::default();
    let payoffs = labels.players.iter().map(|player| short(player));
    let head = ["branch", "points", "to λ"].map(str::to_owned).into_iter().chain(payoffs);
    table.row(head.chain(["regret".to_owned()]));
    for (at, path) in found.paths.iter().enumerate() {
        let name = if at == 0 { "1, principal".to_owned() } else { (at + 1).to_string() };
        let lambda = path.points.last().map_or(0.0, |point| point.lambda);
        let head = [name, path.points.len().to_string(), number(lambda)];
        let payoffs = path.certificate.payoffs.iter().map(|p| number(*p));
        table.row(head.into_iter().chain(payoffs).chain([small(path.certificate.relative)]));
    }
    out.extend(table.lines("  "));
    for crossing in &found.crossings {
        let arms: Vec<String> =
            crossing.arms.iter().filter_map(|arm| arm.path).map(|at| (at + 1).to_string()).collect();
        let leads = if arms.is_empty() {
            "not entered".to_owned()
        } else {
            format!("leads to {}", arms.join(" and "))
        };
        let place = format!("of branch {} at λ = {}: {leads}", crossing.on + 1, number(crossing.from));
        out.push(line("crossing", &place));
    }
    if !found.complete {
        out.push(line("incomplete", "not every crossing was entered both ways"));
    }
    if all {
        for (at, path) in found.paths.iter().enumerate() {
            out.push(String::new());
            out.push(styled(
                HEADING,
                format!("End of branch {}; actions of probability 0 are left out", at + 1),
            ));
            let mut table = Table::default();
            profile_rows(&mut table, labels, path.points.last().map_or(&[] as &[f64], |p| &p.profile));
            out.extend(table.lines("  "));
        }
    }
    out
}
