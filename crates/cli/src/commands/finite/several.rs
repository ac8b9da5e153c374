//! `solve GAME --equilibria`: several equilibria, each checked, and which one the principal branch selects.

use armistice::solve::tree::{FoundEquilibrium, Origin, Several, SeveralSettings, Skipped, equilibria};
use serde::Serialize;

use crate::arguments::Solve;
use crate::failure::Failure;
use crate::game_file::Format;
use crate::session::{CARE, HEADING, Session, styled};
use crate::text::{Table, plural, small};

use super::answer::Asked;
use super::labels::{Labels, Strategies};
use super::profile_rows;
use super::show::{line, number, short};

const SCHEMA: &str = "armistice.solve-game-equilibria/1";

/// Equilibria that are listed unless all are asked for.
const LISTED: usize = 20;

/// The answer in the document of `--json`.
#[derive(Serialize)]
struct Answer<'a> {
    settings: &'a SeveralSettings,
    found: &'a Several,
    /// By equilibrium.
    strategies: Vec<Strategies<'a>>,
}

/// Finds, checks and shows.
pub fn solve(session: &Session, arguments: &Solve, format: Format) -> Result<(), Failure> {
    let mut asked = Asked::open(session, arguments, format, "--equilibria", SCHEMA)?;
    let mut settings = SeveralSettings::default();
    if let Some(restarts) = arguments.finite.restarts {
        settings.restarts = restarts;
        asked.add_to_command(&format!(" --restarts {restarts}"));
    }
    let found = asked.work(|tree, control| equilibria(tree, &settings, control))?;
    session.go_on("nothing was written; run the same command again, or with fewer --restarts")?;
    let strategies = found.equilibria.iter().map(|one| asked.strategies(&one.profile)).collect();
    let answer = Answer { settings: &settings, found: &found, strategies };
    asked.say(!found.equilibria.is_empty(), &answer, list(&found, &asked.labels, arguments.all))?;
    if !found.equilibria.is_empty() {
        return Ok(());
    }
    Err(Failure::NotEquilibrium {
        why: "no end of a branch or path has a regret of at most 1e-6 of the payoff range".to_owned(),
        hint: "more --restarts may help; without --equilibria the principal branch is shown as it is"
            .to_owned(),
    })
}

fn list(found: &Several, labels: &Labels, all: bool) -> Vec<String> {
    let outcomes = plural(found.groups.len(), "outcome");
    let equilibria = match found.equilibria.len() {
        1 => "1 equilibrium".to_owned(),
        n => format!("{n} equilibria"),
    };
    let mut out = vec![styled(HEADING, format!("{equilibria} with {outcomes}"))];
    let mut table = Table::default();
    let payoffs = labels.players.iter().map(|player| short(player));
    let head = ["".to_owned(), "outcome".to_owned()].into_iter().chain(payoffs);
    table.row(head.chain(["regret", "kind", "found by"].map(str::to_owned)));
    let shown = if all { found.equilibria.len() } else { found.equilibria.len().min(LISTED) };
    for (at, one) in found.equilibria.iter().take(shown).enumerate() {
        let mark = if found.principal == Some(at) { "*" } else { " " };
        let head = [format!("{mark} {}", at + 1), (one.group + 1).to_string()];
        let payoffs = one.certificate.payoffs.iter().map(|p| number(*p));
        let tail = [small(one.certificate.relative), kind(one), origin(&one.origin)];
        table.row(head.into_iter().chain(payoffs).chain(tail));
    }
    out.extend(table.lines_with_prose("  "));
    if shown < found.equilibria.len() {
        out.push(format!("  {} more: --all shows them, and strategies", found.equilibria.len() - shown));
    }
    out.push(String::new());
    out.push(match found.principal {
        Some(at) => {
            line("principal", &format!("equilibrium {} (*), by the branch from uniform play", at + 1))
        }
        None => line("principal", &styled(CARE, "none: the end of that branch could not be made exact")),
    });
    out.push(line("tried", &format!("{} of {} ends gave an equilibrium", found.used, found.tried)));
    out.extend(found.skipped.iter().map(|skipped| line("not tried", why(*skipped))));
    if all {
        for (at, one) in found.equilibria.iter().enumerate() {
            out.push(String::new());
            out.push(styled(
                HEADING,
                format!("Equilibrium {}; actions of probability 0 are left out", at + 1),
            ));
            let mut table = Table::default();
            profile_rows(&mut table, labels, &one.profile);
            out.extend(table.lines("  "));
        }
    }
    out
}

fn kind(one: &FoundEquilibrium) -> String {
    let kind = if one.sequential { "sequential" } else { "Nash" };
    if one.freedom > 0 { format!("{kind}, one of a continuum") } else { kind.to_owned() }
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Principal => "principal branch".to_owned(),
        Origin::Crossing { lambda } => format!("branch crossing at λ = {}", number(*lambda)),
        Origin::Weights { .. } => "branch from other weights".to_owned(),
        Origin::Floors { .. } => "branch with floors".to_owned(),
        Origin::Lemke { .. } => "Lemke's path".to_owned(),
        Origin::Corner => "edge of a continuum".to_owned(),
        Origin::Support { .. } => "support".to_owned(),
    }
}

fn why(skipped: Skipped) -> &'static str {
    match skipped {
        Skipped::Floors => "branches with floors: too many actions",
        Skipped::Lemke => "Lemke's path: it needs two players who remember what they did",
        Skipped::MixedSupports => "supports that mix: too many; pure ones were tried",
        Skipped::Supports => "supports: too many",
        Skipped::Crossings => "some crossings of branches",
        Skipped::Outcomes => "more outcomes than are kept",
        Skipped::Canceled => "what was left when the work was stopped",
    }
}
