//! What the commands that answer another question than [`super::solve`] share: opening the game, working with progress
//! and Ctrl-C, and the frame of the answer.

use armistice::game::FiniteGame;
use armistice::solve::tree::TreeError;
use armistice::{Control, Progress};
use serde::Serialize;

use crate::arguments::Solve;
use crate::failure::Failure;
use crate::game_file::{self, Format, GameFile};
use crate::progress::ProgressLine;
use crate::session::{HEADING, Session, styled};

use super::labels::{Labels, Strategies};
use super::show::line;
use super::{Sizes, no_points, only_what_applies, title, tree_failure};

/// A game of which something is asked.
pub struct Asked<'a> {
    session: &'a Session,
    schema: &'static str,
    size: Sizes,
    file: GameFile,
    name: String,
    /// `armistice solve FILE --option`, to which settings are added.
    command: String,
    pub labels: Labels,
}

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a, T: Serialize> {
    ok: bool,
    game: &'a str,
    game_hash: &'a str,
    command: &'a str,
    size: &'a Sizes,
    #[serde(flatten)]
    answer: &'a T,
}

impl<'a> Asked<'a> {
    /// Opens the game of a command line; `option` says which answer is asked for.
    pub fn open(
        session: &'a Session,
        arguments: &Solve,
        format: Format,
        option: &str,
        schema: &'static str,
    ) -> Result<Self, Failure> {
        let path = arguments.scenario.as_path();
        only_what_applies(session, path)?;
        no_points(arguments, option)?;
        let file = game_file::open(session, path, format, schema)?;
        Ok(Self {
            session,
            schema,
            size: Sizes::new(&file)?,
            name: title(&file.tree),
            labels: Labels::new(&file.tree),
            command: format!("armistice solve {} {option}", path.display()),
            file,
        })
    }

    /// Works on the game, showing progress.
    pub fn work<T>(
        &self,
        solver: impl FnOnce(&FiniteGame, &Control<'_>) -> Result<T, TreeError>,
    ) -> Result<T, Failure> {
        let progress = ProgressLine::new(self.session.quiet);
        let update = |p: Progress<'_>| progress.update(p);
        let control = Control { progress: Some(&update), cancel: self.session.cancel.clone() };
        solver(&self.file.tree, &control).map_err(tree_failure)
    }

    /// Adds what makes the command give the same result again.
    pub fn add_to_command(&mut self, settings: &str) {
        self.command.push_str(settings);
    }

    /// A profile with its labels, for a document.
    pub fn strategies<'b>(&'b self, profile: &'b [f64]) -> Strategies<'b> {
        Strategies { labels: &self.labels, profile }
    }

    /// Writes the answer, as a document or as lines below what the game is.
    pub fn say(&self, ok: bool, answer: &impl Serialize, lines: Vec<String>) -> Result<(), Failure> {
        if self.session.json {
            let document = Document {
                ok,
                game: &self.name,
                game_hash: &self.file.hash,
                command: &self.command,
                size: &self.size,
                answer,
            };
            return self.session.document(self.schema, &document);
        }
        let mut out = vec![styled(HEADING, &self.name)];
        out.extend(self.size.lines(&self.labels).iter().map(|(name, value)| line(name, value)));
        out.push(String::new());
        out.extend(lines);
        let hash = self.file.hash.get(..8).unwrap_or_default();
        out.push(format!("\narmistice {} · game {hash} · {}", env!("CARGO_PKG_VERSION"), self.command));
        self.session.say(&out.join("\n"))
    }
}
