//! Quotations of claims, looked up in their documents.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use armistice_scenario::{FileError, Limits, Loaded, load, parse, parse_files, render_plain};

const LETTER: &str =
    "To the north.\n\nIf the West is so eager\nto befriend him, it must mean they’re weak.\n";

fn war(quote: &str) -> String {
    let claim = format!(
        "claims.read_as_weakness = {{ says = \"Eagerness is read as weakness.\", holds_when = \"survival(1) < 2\", quote = \"{quote}\", document = \"documents/letter.txt\" }}"
    );
    format!("extends = \"fearon-1995-two-types\"\n{claim}\n")
}

fn told(quote: &str, letter: Result<&str, FileError>) -> Loaded {
    let files = move |path: &Path| {
        assert_eq!(path, Path::new("documents/letter.txt"));
        letter.clone().map(str::to_owned)
    };
    parse_files(&war(quote), "scenario.toml", Path::new("."), &Limits::default(), &files)
}

fn codes(loaded: &Loaded) -> Vec<&str> {
    loaded.diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn a_quotation_is_found_on_its_line() {
    let loaded = told("so eager to befriend him, it must mean they're weak", Ok(LETTER));
    assert_eq!(render_plain(&loaded), "");
    let quote = loaded.scenario.unwrap().claims.pop().unwrap().quote.unwrap();
    assert_eq!((quote.line, quote.document.as_path()), (Some(3), Path::new("documents/letter.txt")));
}

#[test]
fn a_quotation_that_differs_makes_the_scenario_unusable() {
    let loaded = told("it must mean that they're weak", Ok(LETTER));
    assert_eq!(codes(&loaded), ["A0710"]);
    assert!(loaded.scenario.is_none());
    assert!(render_plain(&loaded).contains("line 4, which differs at “that”"), "{}", render_plain(&loaded));
}

#[test]
fn what_cannot_be_looked_up_is_a_warning() {
    let unreadable = FileError::Unreadable { why: "it is not UTF-8 text".to_owned() };
    for error in [FileError::Missing, FileError::NoFolder, FileError::TooLarge { length: 9 }, unreadable] {
        let loaded = told("weak", Err(error));
        assert_eq!(codes(&loaded), ["A0711"]);
        assert_eq!(loaded.scenario.unwrap().claims[0].quote.as_ref().unwrap().line, None);
    }
    assert_eq!(codes(&parse(&war("weak"), "scenario.toml", Path::new("."))), ["A0711"]);
    let outside = told("weak", Err(FileError::Outside));
    assert_eq!(codes(&outside), ["A0701"]);
    assert!(outside.scenario.is_none());
}

#[test]
fn a_document_is_named_from_the_folder_of_the_file_that_quotes_it() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("quotes");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("war/parts/documents")).unwrap();
    let (fragment, scenario) = (war("so eager"), "include = [\"parts/claims.toml\"]\n");
    let (extends, claim) = fragment.split_once('\n').unwrap();
    std::fs::write(folder.join("war/parts/claims.toml"), claim).unwrap();
    std::fs::write(folder.join("war/scenario.toml"), format!("{extends}\n{scenario}")).unwrap();
    assert_eq!(codes(&load(&folder.join("war"))), ["A0711"]);
    std::fs::write(folder.join("war/parts/documents/letter.txt"), LETTER).unwrap();
    let loaded = load(&folder.join("war"));
    assert_eq!(render_plain(&loaded), "");
    let quote = loaded.scenario.unwrap().claims.pop().unwrap().quote.unwrap();
    assert_eq!((quote.line, quote.document), (Some(3), PathBuf::from("parts/documents/letter.txt")));
    #[cfg(unix)]
    {
        let letter = folder.join("war/parts/documents/letter.txt");
        std::fs::rename(&letter, folder.join("outside.txt")).unwrap();
        std::os::unix::fs::symlink(folder.join("outside.txt"), letter).unwrap();
        assert_eq!(codes(&load(&folder.join("war"))), ["A0701"]);
    }
}
