//! `solve GAME --branches`: the principal branch and those that cross it.

use armistice::solve::tree::{Branches, PathSettings, branches};
use armistice::{Control, Progress};
use serde::Serialize;

use crate::arguments::Solve;
use crate::failure::Failure;
use crate::game_file::{self, Format};
use crate::progress::ProgressLine;
use crate::session::{HEADING, Session, styled};
use crate::text::{Table, plural, small};

use super::labels::{Labels, Strategies};
use super::show::{line, number, short};
use super::{Sizes, no_points, only_what_applies, profile_rows, title, tree_failure};

const SCHEMA: &str = "armistice.solve-game-branches/1";

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    game: &'a str,
    game_hash: &'a str,
    command: &'a str,
    settings: &'a PathSettings,
    size: &'a Sizes,
    found: &'a Branches,
    /// By branch: play at its end.
    strategies: Vec<Strategies<'a>>,
}

/// Follows, checks and shows.
pub fn solve(session: &Session, arguments: &Solve, format: Format) -> Result<(), Failure> {
    let path = arguments.scenario.as_path();
    only_what_applies(session, path)?;
    no_points(arguments, "--branches")?;
    let settings = super::solve::settings(arguments)?;
    let file = game_file::open(session, path, format, SCHEMA)?;
    let size = Sizes::new(&file)?;
    let found = {
        let progress = ProgressLine::new(session.quiet);
        let update = |p: Progress<'_>| progress.update(p);
        let control = Control { progress: Some(&update), cancel: session.cancel.clone() };
        branches(&file.tree, &settings, &control).map_err(tree_failure)?
    };
    session.go_on("nothing was written; run the same command again, or with a smaller --max-lambda")?;
    let (name, labels) = (title(&file.tree), Labels::new(&file.tree));
    let most = arguments.finite.max_lambda.map_or(String::new(), |l| format!(" --max-lambda {l}"));
    let command = format!("armistice solve {} --branches{most}", path.display());
    if session.json {
        let ends = found.paths.iter().map(|path| path.points.last().map_or(&[] as &[f64], |p| &p.profile));
        let document = Document {
            ok: found.complete,
            game: &name,
            game_hash: &file.hash,
            command: &command,
            settings: &settings,
            size: &size,
            found: &found,
            strategies: ends.map(|profile| Strategies { labels: &labels, profile }).collect(),
        };
        return session.document(SCHEMA, &document);
    }
    let mut out = vec![styled(HEADING, &name)];
    out.extend(size.lines(&labels).iter().map(|(name, value)| line(name, value)));
    out.push(String::new());
    out.extend(list(&found, &labels, arguments.all));
    let hash = file.hash.get(..8).unwrap_or_default();
    out.push(format!("\narmistice {} · game {hash} · {command}", env!("CARGO_PKG_VERSION")));
    session.say(&out.join("\n"))
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
