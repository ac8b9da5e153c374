//! `convert`: a finite game again, in canonical form, a table as a tree, or the first periods of a scenario as a tree.

use armistice::game::FiniteGame;
use armistice::scenario::Change;
use serde_json::json;

use crate::arguments::{Convert, SolveOptions};
use crate::failure::Failure;
use crate::game_file::{self, Format, GameFile};
use crate::run_folder::write_whole;
use crate::session::Session;
use crate::text::{count, plural};
use crate::work;

const SCHEMA: &str = "armistice.convert/1";

/// Reads, and writes what was read.
pub fn run(session: &Session, arguments: &Convert) -> Result<(), Failure> {
    let (from, to) = (&arguments.from, &arguments.to);
    let format = |path: &std::path::Path| {
        Format::of(path).ok_or_else(|| Failure::Usage {
            what: format!("{} is no file of a finite game, by its name", path.display()),
            hint: Some("the names of such files end with .efg (trees) or .nfg (tables)".to_owned()),
        })
    };
    // That a file is missing matters more than how it is called.
    if !from.exists() {
        std::fs::metadata(from).map_err(Failure::io("read", from))?;
    }
    if from.is_dir() || from.extension().is_some_and(|ending| ending == "toml") {
        return unfold(session, arguments);
    }
    if arguments.periods.is_some() {
        return Err(Failure::Usage {
            what: "--periods is for scenarios".to_owned(),
            hint: Some("finite games are converted whole".to_owned()),
        });
    }
    let (source, target) = (format(from)?, format(to)?);
    if (source, target) == (Format::Efg, Format::Nfg) {
        return Err(Failure::Usage {
            what: "a tree cannot be written as a table".to_owned(),
            hint: Some("convert from .nfg to .efg, or within one format".to_owned()),
        });
    }
    free(arguments)?;
    let GameFile { hash, tree, table } = game_file::open(session, from, source, SCHEMA)?;
    let text = match (target, &table) {
        (Format::Nfg, Some(table)) => table.write_nfg(),
        _ => tree.write_efg(),
    };
    session.go_on("nothing was written; run the same command again")?;
    write_whole(to, text.as_bytes())?;
    if session.json {
        return session.document(
            SCHEMA,
            &json!({
                "ok": true,
                "from": from,
                "from_format": source.ending(),
                "from_hash": hash,
                "to": to,
                "to_format": target.ending(),
                "to_hash": blake3::hash(text.as_bytes()).to_hex().to_string(),
                "bytes": text.len(),
            }),
        );
    }
    session.say(&format!("{}", to.display()))?;
    let what = match (target, &table) {
        (Format::Nfg, Some(table)) => {
            let sizes: Vec<String> = table.strategies.iter().map(|s| count(s.len() as u128)).collect();
            format!("a table of {} strategies", sizes.join(" × "))
        }
        _ => format!(
            "a tree of {} and {}",
            plural(tree.nodes.len(), "node"),
            plural(tree.sets.len(), "information set")
        ),
    };
    session.note(&format!("{what}; {} bytes", count(text.len() as u128)));
    Ok(())
}

/// Refuses to overwrite.
fn free(arguments: &Convert) -> Result<(), Failure> {
    if arguments.to.exists() && !arguments.force {
        return Err(Failure::Io {
            doing: "write",
            path: arguments.to.clone(),
            why: "it exists already; --force overwrites it".to_owned(),
        });
    }
    Ok(())
}

/// Writes the first periods of a scenario as a tree in which chance deals the private types.
fn unfold(session: &Session, arguments: &Convert) -> Result<(), Failure> {
    let (from, to) = (&arguments.from, &arguments.to);
    if Format::of(to) != Some(Format::Efg) {
        return Err(Failure::Usage {
            what: format!("{} is no tree, by its name", to.display()),
            hint: Some("a scenario can only become a tree: name a file that ends with .efg".to_owned()),
        });
    }
    let Some(periods) = arguments.periods else {
        return Err(Failure::Usage {
            what: "how many periods to unfold is not said".to_owned(),
            hint: Some("add --periods 1; the tree grows exponentially with them".to_owned()),
        });
    };
    free(arguments)?;
    let options = SolveOptions::NONE;
    let opened = work::open(session, from, &options, SCHEMA)?;
    // Chance deals the types, so that no grid over beliefs is needed.
    let limits = work::limits(&options).without_grid();
    let compiled = opened.scenario.compile(&Change::default(), &limits);
    let compiled = compiled.map_err(|problems| work::refuse(session, &opened.source, &problems, SCHEMA))?;
    let (game, belief) = (&compiled.game, &compiled.start_belief);
    let tree =
        FiniteGame::of_war(game, game.start, belief, periods, arguments.max_nodes).map_err(|error| {
            Failure::Usage {
                what: format!("cannot {error}"),
                hint: Some("unfold fewer periods, or allow more nodes with --max-nodes".to_owned()),
            }
        })?;
    let text = tree.write_efg();
    session.go_on("nothing was written; run the same command again")?;
    write_whole(to, text.as_bytes())?;
    if session.json {
        return session.document(
            SCHEMA,
            &json!({
                "ok": true,
                "from": from,
                "from_format": "scenario",
                "from_hash": opened.scenario.hash,
                "periods": periods,
                "to": to,
                "to_format": "efg",
                "to_hash": blake3::hash(text.as_bytes()).to_hex().to_string(),
                "bytes": text.len(),
            }),
        );
    }
    session.say(&format!("{}", to.display()))?;
    session.note(&format!(
        "{} as a tree of {} and {}; base weights of actions and the discounting of errors are not in the format",
        plural(periods as usize, "period"),
        plural(tree.nodes.len(), "node"),
        plural(tree.sets.len(), "information set")
    ));
    Ok(())
}
