//! Rules of the house: dependency arrows, licenses, file sizes, words, and what must build for the web.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// `cargo metadata`, without touching the network.
fn metadata(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Files that belong to the project: what git tracks or would track, or, outside a checkout, everything but build outputs.
fn files() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    if let Ok(output) = listed
        && output.status.success()
    {
        let names = String::from_utf8(output.stdout).unwrap();
        return names
            .split('\0')
            .filter(|n| !n.is_empty())
            .map(|n| root().join(n))
            .filter(|p| p.is_file())
            .collect();
    }
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let built = ["target", "runs", "node_modules", "dist", ".git"].contains(&name.as_str());
            if path.is_dir() && !built {
                folders.push(path);
            } else if path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Which crates of the house a crate may depend on.
fn allowed(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "armistice-game" => &[],
        "armistice-scenario" => &["armistice-game"],
        "armistice-solve" => &["armistice-game"],
        "armistice-analyze" => &["armistice-game", "armistice-scenario", "armistice-solve"],
        "armistice-catalog" => {
            &["armistice-game", "armistice-scenario", "armistice-solve", "armistice-analyze"]
        }
        "armistice-fit" => &["armistice-game", "armistice-scenario", "armistice-solve", "armistice-analyze"],
        "armistice-report" => &["armistice-game", "armistice-scenario", "armistice-analyze"],
        "armistice" => &[
            "armistice-game",
            "armistice-scenario",
            "armistice-solve",
            "armistice-analyze",
            "armistice-catalog",
            "armistice-fit",
            "armistice-report",
        ],
        "armistice-serve" => &["armistice"],
        "armistice-cli" => &["armistice", "armistice-serve"],
        // Verbs run in the process of Python as they do in the program.
        "armistice-python" => &["armistice", "armistice-cli"],
        _ => return None,
    })
}

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata(&["--no-deps"]);
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = text(package, "name");
        let Some(allowed) = allowed(name) else {
            wrong.push(format!("{name} is not in the list of crates: say what it may depend on"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            // Tests may look further down than the code: a solver test may read a scenario.
            let normal = dependency["kind"].is_null();
            let target = text(dependency, "name");
            if normal && target.starts_with("armistice") && !allowed.contains(&target) {
                wrong.push(format!("{name} → {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that the architecture does not allow:\n{}", wrong.join("\n"));
}

#[test]
fn licenses_are_on_the_allow_list() {
    let policy = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let list = policy.split("allow = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    let accepted: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    assert!(accepted.contains(&"MIT"), "deny.toml has no readable allow-list");

    let host = String::from_utf8(Command::new("rustc").arg("-vV").output().unwrap().stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
    let metadata = metadata(&["--filter-platform", &host]);
    let used: Vec<&str> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|node| text(node, "id")).collect();

    let mut wrong = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        if !used.contains(&text(package, "id")) {
            continue;
        }
        // "A OR B" needs one accepted license, "A AND B" all of them; "/" is an old way to write OR.
        let expression = text(package, "license").replace(['(', ')'], "").replace('/', " OR ");
        let every = |part: &str| part.split(" AND ").all(|one| accepted.contains(&one.trim()));
        let both = expression.contains(" AND ") && expression.contains(" OR ");
        let fine = if both {
            expression.split(" AND ").all(|part| part.split(" OR ").any(|one| accepted.contains(&one.trim())))
        } else {
            expression.split(" OR ").any(every)
        };
        if !fine {
            wrong.insert(text(package, "name").to_owned(), expression);
        }
    }
    assert!(wrong.is_empty(), "licenses that deny.toml does not allow: {wrong:#?}");
}

#[test]
fn files_stay_readable_in_one_sitting() {
    const LIMIT: usize = 600;
    let mut long = Vec::new();
    for path in files() {
        let code =
            path.extension().is_some_and(|e| ["rs", "js", "mjs", "py", "sh", "css"].iter().any(|x| e == *x));
        let Ok(content) = std::fs::read_to_string(&path) else { continue };
        let lines = content.lines().count();
        let reason = content.lines().take(15).any(|line| line.contains("more than 600 lines because"));
        if code && lines > LIMIT && !reason {
            long.push(format!("{} has {lines} lines", shown(&path)));
        }
    }
    assert!(
        long.is_empty(),
        "split these files, or say \"more than 600 lines because …\" at the top:\n{}",
        long.join("\n")
    );
}

#[test]
fn nothing_unfinished_or_local_is_committed() {
    // Put together here so that this file does not contain the words it looks for.
    let unfinished: Vec<String> = [
        ("TO", "DO"),
        ("FIX", "ME"),
        ("XX", "X:"),
        ("todo", "!("),
        ("unimplemented", "!("),
        ("Place", "holder."),
    ]
    .iter()
    .map(|(a, b)| format!("{a}{b}"))
    .collect();
    let local: Vec<String> =
        [("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/"), ("/Us", "ers/"), ("C:\\Us", "ers")]
            .iter()
            .map(|(a, b)| format!("{a}{b}"))
            .collect();
    let mut found = Vec::new();
    for path in files() {
        let name = shown(&path);
        let Ok(content) = std::fs::read_to_string(&path) else { continue };
        for (number, line) in content.lines().enumerate() {
            let hit = unfinished.iter().chain(&local).find(|word| line.contains(word.as_str()));
            if let Some(word) = hit {
                found.push(format!("{name}:{}: {word}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "unfinished work or paths of one machine:\n{}", found.join("\n"));
}

#[test]
fn locked_packages_come_from_the_public_registries() {
    let mut wrong = Vec::new();
    for path in files() {
        let Some(name) = path.file_name().map(|n| n.to_string_lossy().into_owned()) else { continue };
        let (key, accepted) = match name.as_str() {
            "Cargo.lock" => ("source = \"", "registry+https://github.com/rust-lang/crates.io-index"),
            "package-lock.json" => ("\"resolved\": \"", "https://registry.npmjs.org/"),
            _ => continue,
        };
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            if let Some((_, source)) = line.split_once(key)
                && !source.starts_with(accepted)
            {
                wrong.push(format!("{}: {}", shown(&path), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "packages from elsewhere:\n{}", wrong.join("\n"));
}

#[test]
fn nouns_language_and_solver_build_for_the_web() {
    const TARGET: &str = "wasm32-unknown-unknown";
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let library =
        Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output().unwrap();
    let library = PathBuf::from(String::from_utf8(library.stdout).unwrap().trim());
    let installed = std::fs::read_dir(&library).is_ok_and(|mut entries| entries.next().is_some());
    if !installed {
        println!(
            "SKIPPED: target {TARGET} is not installed; `rustup target add {TARGET}` makes this test run"
        );
        eprintln!(
            "SKIPPED: target {TARGET} is not installed; `rustup target add {TARGET}` makes this test run"
        );
        return;
    }
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--locked", "--target", TARGET])
        .args(["-p", "armistice-game", "-p", "armistice-scenario", "-p", "armistice-solve"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
