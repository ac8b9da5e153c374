//! Finite games from files: what `check` and `solve` do with them.

mod answer;
mod branches;
mod check;
mod exact;
mod labels;
mod plot;
mod pure;
mod regret;
mod rows;
mod several;
mod show;
mod solve;

use std::path::Path;

use armistice::game::{FiniteGame, FiniteKind};
use armistice::solve::tree::{Form, TreeError, form_of};
use serde::Serialize;

use crate::arguments::{At, Solve};
use crate::failure::Failure;
use crate::game_file::GameFile;
use crate::session::Session;
use crate::text::{Table, count, plural};

pub use check::check;
pub use solve::solve;

/// Options of `check` and `solve` that mean something for a finite game.
const APPLY: &[&str] = &[
    "max-lambda",
    "at",
    "path",
    "plot",
    "with-path",
    "nash",
    "equilibria",
    "restarts",
    "branches",
    "pure",
    "cfr",
    "discounted",
    "all",
    "threads",
    "deny-warnings",
];
/// Options of `solve` that mean nothing for a scenario.
const FINITE_ONLY: &[&str] = &[
    "max-lambda",
    "path",
    "plot",
    "with-path",
    "nash",
    "equilibria",
    "restarts",
    "branches",
    "pure",
    "cfr",
    "discounted",
];

/// Payoffs beyond this would overflow when they are added along a play.
const LARGEST_PAYOFF: f64 = 1e150;

/// Fails when options of finite games were given for a scenario.
pub fn refuse_options(session: &Session, arguments: &Solve) -> Result<(), Failure> {
    let path = arguments.scenario.display();
    let hint = || Some("finite games are files that end with .efg or .nfg".to_owned());
    if let Some(name) = session.given.iter().find(|name| FINITE_ONLY.contains(&name.as_str())) {
        let what = format!("--{name} is for finite games, and {path} is a scenario");
        return Err(Failure::Usage { what, hint: hint() });
    }
    if arguments.at.iter().any(|at| matches!(at, At::Lambdas(_))) {
        let what = format!("--at takes VARIABLE=VALUE for a scenario such as {path}, not numbers");
        return Err(Failure::Usage { what, hint: hint() });
    }
    Ok(())
}

/// Fails when options of scenarios were given for a finite game.
fn only_what_applies(session: &Session, path: &Path) -> Result<(), Failure> {
    match session.given.iter().find(|name| !APPLY.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Failure::Usage {
            what: format!("--{name} is for scenarios, and {} is a finite game", path.display()),
            hint: Some(
                "`armistice solve` has --max-lambda, --at, --path, --plot, --nash, --equilibria, --branches, --pure, --cfr and --all \
                 for it"
                    .to_owned(),
            ),
        }),
    }
}

/// How large a game is, and how it is solved.
#[derive(Debug, Serialize)]
struct Sizes {
    players: usize,
    nodes: usize,
    moves: usize,
    chance: usize,
    endings: usize,
    information_sets: usize,
    actions: usize,
    /// Of a table: strategies by player.
    #[serde(skip_serializing_if = "Option::is_none")]
    strategies: Option<Vec<usize>>,
    form: Form,
    unknowns: usize,
}

impl Sizes {
    fn new(file: &GameFile) -> Result<Self, Failure> {
        let game = &file.tree;
        refuse_payoffs(game)?;
        let (form, unknowns) = form_of(game).map_err(tree_failure)?;
        let nodes = |wanted: fn(&FiniteKind) -> bool| game.nodes.iter().filter(|n| wanted(&n.kind)).count();
        Ok(Self {
            players: game.players.len(),
            nodes: game.nodes.len(),
            moves: nodes(|kind| matches!(kind, FiniteKind::Move { .. })),
            chance: nodes(|kind| matches!(kind, FiniteKind::Chance { .. })),
            endings: nodes(|kind| matches!(kind, FiniteKind::Terminal)),
            information_sets: game.sets.len(),
            actions: game.sets.iter().map(|set| set.actions.len()).sum(),
            strategies: file
                .table
                .as_ref()
                .map(|table| table.strategies.iter().map(Vec::len).collect::<Vec<usize>>()),
            form,
            unknowns,
        })
    }

    /// Name and value of the lines that say what the game is.
    fn lines(&self, labels: &labels::Labels) -> Vec<(&'static str, String)> {
        let mut players: Vec<String> = labels.players.iter().take(8).map(|name| show::short(name)).collect();
        if labels.players.len() > players.len() {
            players.push(format!("and {} more", labels.players.len() - players.len()));
        }
        let mut out = vec![("players", players.join(", "))];
        if let Some(strategies) = &self.strategies {
            let each: Vec<String> = strategies.iter().take(8).map(|n| count(*n as u128)).collect();
            let more = if strategies.len() > each.len() { " × …" } else { "" };
            out.push(("table", format!("{}{more} strategies", each.join(" × "))));
        }
        out.push((
            "tree",
            format!(
                "{}: {}, {} of chance, {}",
                plural(self.nodes, "node"),
                plural(self.moves, "move"),
                count(self.chance as u128),
                plural(self.endings, "ending"),
            ),
        ));
        out.push((
            "choices",
            format!(
                "{} at {}",
                plural(self.actions, "action"),
                plural(self.information_sets, "information set")
            ),
        ));
        let form = match self.form {
            Form::Public => "public (public actions, private types)",
            Form::General => "general (information sets of any kind)",
        };
        out.push(("form", format!("{form}, {}", plural(self.unknowns, "unknown"))));
        out
    }
}

/// Fails where sums of payoffs could overflow: nothing could be said about such a game.
fn refuse_payoffs(game: &FiniteGame) -> Result<(), Failure> {
    let large = |value: f64| !(value.abs() <= LARGEST_PAYOFF);
    match game.outcomes.iter().find(|outcome| outcome.payoffs.iter().any(|p| large(p.value))) {
        None => Ok(()),
        Some(outcome) => Err(Failure::Usage {
            what: format!("outcome {} has a payoff beyond {LARGEST_PAYOFF:e}", outcome.number),
            hint: Some("choose larger units for payoffs".to_owned()),
        }),
    }
}

/// Why a tree was not solved, as the user should hear it.
fn tree_failure(error: TreeError) -> Failure {
    match error {
        TreeError::TooLarge { .. } => Failure::Usage {
            what: format!("cannot {error}"),
            hint: Some(
                "games with public actions and independent private types, dealt by chance at the start, can be larger"
                    .to_owned(),
            ),
        },
        other => Failure::usage(format!("cannot {other}")),
    }
}

/// The title of a game on one line.
fn title(game: &FiniteGame) -> String {
    let title = labels::clean(&game.title);
    if title.is_empty() { "(no title)".to_owned() } else { title }
}

/// Fails when λ were asked for by a command that does not follow one branch.
fn no_points(arguments: &Solve, option: &str) -> Result<(), Failure> {
    if arguments.at.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(format!("--at asks for points of the principal branch, and {option} shows none")))
}

/// Rows of a table that show a profile: sets, and below them actions that are played.
fn profile_rows(table: &mut Table, labels: &labels::Labels, profile: &[f64]) {
    for (set, (label, actions)) in labels.sets.iter().zip(&labels.actions).enumerate() {
        table.row([format!("{} · {}", show::short(labels.player_of(set)), show::short(label))]);
        let own = profile.get(labels.range(set)).unwrap_or_default();
        for (action, p) in actions.iter().zip(own).filter(|(_, p)| **p > 0.0) {
            table.row([format!("    {}", show::short(action)), show::probability(*p)]);
        }
    }
}
