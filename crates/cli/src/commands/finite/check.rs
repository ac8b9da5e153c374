//! `check GAME`: reads it, and says what it is and how it would be solved.

use std::path::Path;

use armistice::solve::tree::{Form, GENERAL_ACTIONS, certify_profile};
use serde::Serialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::game_file::{self, Format};
use crate::session::{CARE, GOOD, HEADING, Session, styled};
use crate::text::{Table, count};

use super::labels::Labels;
use super::{Sizes, only_what_applies, title, tree_failure};

const SCHEMA: &str = "armistice.check-game/1";

/// The document of `--json`.
#[derive(Serialize)]
struct Document {
    ok: bool,
    title: String,
    format: &'static str,
    game_hash: String,
    diagnostics: Vec<Value>,
    size: Sizes,
    perfect_recall: bool,
    solvable: bool,
}

/// Checks and reports.
pub fn check(session: &Session, path: &Path, format: Format) -> Result<(), Failure> {
    only_what_applies(session, path)?;
    let file = game_file::open(session, path, format, SCHEMA)?;
    let game = &file.tree;
    let size = Sizes::new(&file)?;
    // Whether players remember what they did does not depend on what they do.
    let sets = game.sets.iter().map(|set| set.actions.len());
    let uniform: Vec<f64> = sets.flat_map(|n| std::iter::repeat_n(1.0 / n as f64, n)).collect();
    let perfect_recall = certify_profile(game, &uniform, None).map_err(tree_failure)?.perfect_recall;
    let solvable = size.form == Form::Public || size.actions <= GENERAL_ACTIONS;
    if session.json {
        return session.document(
            SCHEMA,
            &Document {
                ok: true,
                title: game.title.clone(),
                format: format.ending(),
                game_hash: file.hash,
                diagnostics: Vec::new(),
                size,
                perfect_recall,
                solvable,
            },
        );
    }
    let mut lines = size.lines(&Labels::new(game));
    let recall = if perfect_recall {
        "perfect: every player remembers what they did and knew".to_owned()
    } else {
        styled(CARE, "imperfect: regret can be found too small, so no point is verified as an equilibrium")
    };
    lines.push(("recall", recall));
    if !solvable {
        let limit = count(GENERAL_ACTIONS as u128);
        let what = format!("too large: in general form a game has at most {limit} actions");
        lines.push(("solving", styled(CARE, what)));
    }
    let mut table = Table::default();
    for (name, value) in lines {
        table.row([format!("{name:<9} {value}")]);
    }
    session.say(&format!(
        "{}: {}\n{}",
        styled(HEADING, title(game)),
        styled(GOOD, "no problems"),
        table.lines("  ").join("\n")
    ))
}
