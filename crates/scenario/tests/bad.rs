//! Every file in `files/bad` gets exactly the diagnostics of its snapshot.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use armistice_scenario::{ALL_CODES, Change, Diagnostic, Limits, Loaded, load, render_plain};

fn files() -> Vec<PathBuf> {
    let folder = Path::new("tests/files/bad");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    files.sort();
    files
}

/// What loading and compiling say.
fn told(path: &Path) -> Loaded {
    let mut loaded = load(path);
    let errors = loaded.diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(loaded.scenario.is_none(), errors, "{}", path.display());
    if let Some(scenario) = &loaded.scenario
        && let Err(refused) = scenario.compile(&Change::default(), &Limits::default())
    {
        loaded.diagnostics.extend(refused);
    }
    loaded
}

#[test]
fn bad_files_get_their_diagnostics() {
    for path in files() {
        let loaded = told(&path);
        assert!(!loaded.diagnostics.is_empty(), "{} has nothing wrong with it", path.display());
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, render_plain(&loaded));
        });
    }
}

/// Codes no file can show: a file too large to keep here, one that cannot be read, hundreds of problems, work beyond the
/// default limits, and a bug of ours. `tests/limits.rs` shows all of these but the last.
const ELSEWHERE: [&str; 5] = ["A0105", "A0106", "A0114", "A0604", "A0901"];

#[test]
fn every_code_is_shown_by_a_bad_file() {
    let mut seen = BTreeSet::new();
    for path in files() {
        seen.extend(told(&path).diagnostics.iter().map(|d| d.code));
    }
    let missing: Vec<&&str> =
        ALL_CODES.iter().filter(|code| !seen.contains(**code) && !ELSEWHERE.contains(code)).collect();
    assert!(missing.is_empty(), "no bad file shows {missing:?}");
}
