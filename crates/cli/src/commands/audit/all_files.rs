//! `--all-files`: what lies beside a scenario and belongs to its audit.

use std::path::{Path, PathBuf};

use armistice::scenario::Source;

use crate::arguments::Audit;
use crate::commands::audit::SCHEMA;
use crate::failure::Failure;
use crate::session::Session;
use crate::work;

/// What a file beside a scenario is to its audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// It states claims of its own.
    Extension,
    /// It only gives parameters other values.
    Theory,
    /// Neither.
    Neither,
}

/// The arguments with the files that were not named: extensions after the scenarios, theories after the theories, each by name.
pub fn expand(session: &Session, typed: &Audit) -> Result<Audit, Failure> {
    let mut out = typed.clone();
    let Some(first) = typed.scenarios.first().filter(|_| typed.all_files) else { return Ok(out) };
    let base = work::scenario_file(first)?;
    let folder = base.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).map_err(Failure::io("read", folder))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| {
        path.extension().is_some_and(|own| own == "toml") && path.file_name() != base.file_name()
    });
    paths.sort();
    let mut known: Vec<PathBuf> = Vec::new();
    for path in typed.scenarios.iter().skip(1).chain(&typed.theory) {
        known.push(work::scenario_file(path)?);
    }
    for path in
        paths.into_iter().filter(|path| known.iter().all(|other| other.file_name() != path.file_name()))
    {
        // Through the folder as it was typed, so that commands name files as the reader knows them.
        let path = if first.is_dir() { first.join(path.file_name().unwrap_or_default()) } else { path };
        // Parts that others include are no scenarios by themselves: they are read with the files that include them.
        let text = std::fs::read_to_string(&path).map_err(Failure::io("read", &path))?;
        if !extends(&text) {
            continue;
        }
        let opened = work::open(session, &path, &typed.options, SCHEMA)?;
        match part(&opened.source, &base, &text) {
            Part::Extension => out.scenarios.push(path),
            Part::Theory => out.theory.push(path),
            Part::Neither => {
                let why = "it states no claims of its own and is no theory of it";
                session.note(&format!("{} is left out: {why}", path.display()));
            }
        }
    }
    Ok(out)
}

fn part(source: &Source, base: &Path, text: &str) -> Part {
    let of_base = source.files().any(|file| Path::new(&file.name).file_name() == base.file_name());
    let sections: Vec<&str> = sections(text).collect();
    let within = |section: &&str, name: &str| {
        section.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let assembled = text.lines().any(|line| key(line) == Some("include") || key(line) == Some("remove"));
    match () {
        () if !of_base => Part::Neither,
        () if sections.iter().any(|section| within(section, "claims")) => Part::Extension,
        () if !assembled && sections.iter().all(|s| within(s, "scenario") || within(s, "parameters")) => {
            Part::Theory
        }
        () => Part::Neither,
    }
}

/// Whether a file says before its first section that it extends another.
fn extends(text: &str) -> bool {
    text.lines().take_while(|line| !line.starts_with('[')).any(|line| key(line) == Some("extends"))
}

/// The key of a line `key = …`.
fn key(line: &str) -> Option<&str> {
    line.split_once('=').map(|(key, _)| key.trim())
}

/// The names of the sections of a file.
fn sections(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.strip_prefix('['))
        .filter_map(|line| Some(line.trim_start_matches('[').split_once(']')?.0.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_keys_are_read_off_lines() {
        let text = "extends = \"scenario.toml\"\n\n[scenario]\ntitle = \"x\"\n\n[[stage]]\n[claims.one]\n";
        assert!(extends(text) && !extends("[parameters]\nextends = 1\n"));
        assert_eq!(sections(text).collect::<Vec<_>>(), ["scenario", "stage", "claims.one"]);
    }
}
