//! A folder of its own for each test, and the program started in it.

// Every test binary compiles this module whole and uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_armistice");

/// A folder of its own for one test.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With the template `war`: the scenario is `war/scenario.toml`.
    pub fn with_war() -> Self {
        let place = Self::new();
        place.expect(0, &["new", "war"]);
        place
    }

    /// With files: their names and texts.
    pub fn with_files(files: &[(&str, &str)]) -> Self {
        let place = Self::new();
        for (name, text) in files {
            fs::write(place.path(name), text).unwrap();
        }
        place
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of what is in the folder.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).unwrap();
        entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    pub fn edit(&self, file: &str, change: impl FnOnce(String) -> String) {
        let text = self.read(file);
        let changed = change(text.clone());
        assert_ne!(text, changed, "the edit changes nothing");
        fs::write(self.path(file), changed).unwrap();
    }

    /// The program, started in this folder, without anything of ours in the environment.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(self.folder());
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.program(arguments).output().unwrap()
    }

    /// Starts the program; its output is kept for `wait_with_output`.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs and expects an exit code; returns standard output and standard error.
    #[track_caller]
    pub fn expect(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let output = self.run(arguments);
        let (out, err) = texts(&output);
        assert_eq!(output.status.code(), Some(code), "armistice {arguments:?}\n{out}\n{err}");
        (out, err)
    }

    #[track_caller]
    pub fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let (out, _) = self.expect(code, arguments);
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("armistice {arguments:?}: {e}\n{out}"))
    }
}

/// Standard output and standard error, which are UTF-8.
#[track_caller]
pub fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// `solve GAME` with options, in a folder of its own: exit code, standard output, standard error.
pub fn solve_game(game: &str, options: &[&str]) -> (Option<i32>, String, String) {
    let file = if game.starts_with("NFG") { "game.nfg" } else { "game.efg" };
    let place = Place::with_files(&[(file, game)]);
    let output = place.run(&[&["solve", file], options].concat());
    let (out, err) = texts(&output);
    (output.status.code(), out, err)
}
