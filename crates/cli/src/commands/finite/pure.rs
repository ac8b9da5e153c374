//! `solve GAME --pure`: all pure subgame-perfect equilibria of a game of perfect information.

use armistice::solve::tree::{PureEquilibria, backward_induction};
use serde::Serialize;

use crate::arguments::Solve;
use crate::failure::Failure;
use crate::game_file::{self, Format};
use crate::session::{HEADING, Session, styled};
use crate::text::{Table, count};

use super::labels::{Labels, Strategies};
use super::show::{line, number, short};
use super::{Sizes, no_points, only_what_applies, profile_rows, title, tree_failure};

const SCHEMA: &str = "armistice.solve-game-pure/1";

/// Equilibria that are listed, and those that a document has.
const LISTED: usize = 20;
const WRITTEN: usize = 1000;

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    game: &'a str,
    game_hash: &'a str,
    command: &'a str,
    size: &'a Sizes,
    found: &'a PureEquilibria,
    /// By equilibrium.
    strategies: Vec<Strategies<'a>>,
}

/// Finds and shows.
pub fn solve(session: &Session, arguments: &Solve, format: Format) -> Result<(), Failure> {
    let path = arguments.scenario.as_path();
    only_what_applies(session, path)?;
    no_points(arguments, "--pure")?;
    let file = game_file::open(session, path, format, SCHEMA)?;
    let size = Sizes::new(&file)?;
    let limit = if session.json || arguments.all { WRITTEN } else { LISTED };
    let found = backward_induction(&file.tree, limit).map_err(tree_failure)?;
    let (name, labels) = (title(&file.tree), Labels::new(&file.tree));
    let command = format!("armistice solve {} --pure", path.display());
    let profiles: Vec<Vec<f64>> = found.equilibria.iter().map(|one| profile(&labels, &one.actions)).collect();
    if session.json {
        let document = Document {
            ok: true,
            game: &name,
            game_hash: &file.hash,
            command: &command,
            size: &size,
            found: &found,
            strategies: profiles.iter().map(|profile| Strategies { labels: &labels, profile }).collect(),
        };
        return session.document(SCHEMA, &document);
    }
    let mut out = vec![styled(HEADING, &name)];
    out.extend(size.lines(&labels).iter().map(|(name, value)| line(name, value)));
    let number_of = match found.count {
        1 => "1 pure equilibrium".to_owned(),
        u64::MAX => "More than 1.8e19 pure equilibria".to_owned(),
        n => format!("{} pure equilibria", count(u128::from(n))),
    };
    out.extend([String::new(), styled(HEADING, format!("{number_of}, by backward induction with all ties"))]);
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
    let shown = if arguments.all { profiles.len() } else { profiles.len().min(1) };
    for (at, profile) in profiles.iter().take(shown).enumerate() {
        out.extend([String::new(), styled(HEADING, format!("Equilibrium {}", at + 1))]);
        let mut table = Table::default();
        profile_rows(&mut table, &labels, profile);
        out.extend(table.lines("  "));
    }
    let hash = file.hash.get(..8).unwrap_or_default();
    out.push(format!("\narmistice {} · game {hash} · {command}", env!("CARGO_PKG_VERSION")));
    session.say(&out.join("\n"))
}

/// Probabilities of all actions from the one chosen at each set.
fn profile(labels: &Labels, chosen: &[usize]) -> Vec<f64> {
    let sets = labels.actions.iter().zip(chosen);
    sets.flat_map(|(actions, chosen)| (0..actions.len()).map(move |at| f64::from(u8::from(at == *chosen))))
        .collect()
}
