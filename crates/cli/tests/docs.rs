//! The book and the README: chapters exist, links lead somewhere, commands run, generated pages are fresh.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::PROGRAM;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every Markdown page of the book, and those of the root.
fn pages() -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut folders = vec![root().join("docs/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                out.push(path);
            }
        }
    }
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        out.push(root().join(name));
    }
    out.sort();
    out
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Lines outside code fences, with their numbers.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut out = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside && !line.starts_with("    ") {
            out.push((number + 1, line));
        }
    }
    out
}

/// The identifiers that headings get.
fn anchors(text: &str) -> Vec<String> {
    prose(text)
        .iter()
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter_map(|c| match c {
                    ' ' => Some('-'),
                    c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                    _ => None,
                })
                .collect()
        })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for (number, line) in prose(&text) {
            for part in line.split("](").skip(1) {
                let target = part.split(')').next().unwrap_or_default();
                if target.contains("://") || target.starts_with("mailto:") {
                    continue;
                }
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let path = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
                let fine = path.exists()
                    && (anchor.is_empty()
                        || fs::read_to_string(&path).is_ok_and(|t| anchors(&t).iter().any(|a| a == anchor)));
                if !fine {
                    broken.push(format!("{}:{number}: {target}", shown(&page)));
                }
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn every_chapter_is_in_the_summary() {
    let summary = fs::read_to_string(root().join("docs/src/SUMMARY.md")).unwrap();
    for page in pages() {
        let Ok(name) = page.strip_prefix(root().join("docs/src")) else { continue };
        let listed = summary.contains(&format!("({})", name.display()));
        assert!(listed || name == Path::new("SUMMARY.md"), "{} is not in SUMMARY.md", name.display());
    }
}

#[test]
fn the_command_line_reference_is_fresh() {
    let path = root().join("docs/src/reference/command-line.md");
    let output = Command::new(PROGRAM).args(["man", "--markdown"]).output().unwrap();
    let fresh = String::from_utf8(output.stdout).unwrap();
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        fresh == committed,
        "stale: run `cargo run -- man --markdown > docs/src/reference/command-line.md`"
    );
}

/// Splits a command into words; single and double quotes group.
fn words(command: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, c) if c.is_whitespace() => {
                out.extend(Some(std::mem::take(&mut word)).filter(|w| !w.is_empty()))
            }
            (_, c) => word.push(c),
        }
    }
    out.extend(Some(word).filter(|w| !w.is_empty()));
    out
}

#[test]
fn commands_in_the_documentation_parse() {
    let mut seen = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let fenced = text.lines().filter_map(|line| line.trim().strip_prefix("$ ")).map(str::to_owned);
        let built = text.lines().filter_map(|line| {
            line.trim().strip_prefix("cargo run --release -- ").map(|rest| format!("armistice {rest}"))
        });
        let inline = prose(&text)
            .into_iter()
            .flat_map(|(_, line)| line.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
        for command in fenced.chain(built).chain(inline) {
            let command = command.split([';', '>', '|', '#']).next().unwrap_or_default().trim().to_owned();
            let words = words(&command);
            let placeholder = command.contains(['<', '[', '…']);
            if words.first().is_none_or(|w| w != "armistice") || words.len() < 2 || placeholder {
                continue;
            }
            // With `--help` last, everything before it is parsed and nothing is done.
            let output = Command::new(PROGRAM).args(&words[1..]).arg("--help").output().unwrap();
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{}: `{command}` does not parse:\n{complaint}", shown(&page));
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} commands found");
}

/// What differs from run to run: numbers, dates, hashes.
fn blurred(line: &str) -> String {
    let mut out = String::new();
    for word in line.split_inclusive(' ') {
        let hash = word.trim().len() >= 8 && word.trim().chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        if hash {
            out.push_str("# ");
            continue;
        }
        let mut last_digit = false;
        for c in word.chars() {
            let digit = c.is_ascii_digit() || (last_digit && c == '.');
            if !digit {
                out.push(c);
            } else if !last_digit {
                out.push('#');
            }
            last_digit = digit;
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(output: &Output, command: &str, shown: &[&str]) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let all = format!("{stderr}{stdout}");
    let actual: Vec<String> = all.lines().map(blurred).collect();
    for line in shown.iter().filter(|l| !l.trim().is_empty() && l.trim() != "…") {
        assert!(
            actual.iter().any(|a| a.contains(&blurred(line))),
            "the chapter shows after `{command}`:\n  {line}\nbut the program wrote:\n{all}"
        );
    }
}

/// The fenced blocks of a page, in order: language and lines.
fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut lines = text.lines();
    let mut out = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            out.push((language, lines.by_ref().take_while(|l| *l != "```").collect()));
        }
    }
    out
}

/// Runs a chapter: every `$` line of its console blocks, in order, in one folder. The lines below a command must appear
/// in its output (numbers, dates and hashes may differ); it must succeed, or end with exit code 2 where it is followed by
/// `# fails`. A `toml` block with a first line `# file: NAME` edits a file, as [`apply`] says. Returns how many commands
/// there were.
fn run_chapter(page: &str, folder: &Path) -> usize {
    let text = fs::read_to_string(root().join("docs/src").join(page)).unwrap();
    let mut commands = 0;
    for (language, lines) in blocks(&text) {
        if language == "toml" {
            apply(folder, &lines);
        }
        let mut rest = if language == "console" { lines.as_slice() } else { &[] };
        while let Some((first, after)) = rest.split_first() {
            let line = first.strip_prefix("$ ").expect("a console block starts with a command");
            let end = after.iter().position(|l| l.starts_with("$ ")).unwrap_or(after.len());
            let (command, remark) = line.split_once(" # ").unwrap_or((line, ""));
            let words = words(command);
            commands += 1;
            if words[0] == "armistice" {
                let output = Command::new(PROGRAM).args(&words[1..]).current_dir(folder).output().unwrap();
                check(&output, line, &after[..end]);
                let expected = if remark == "fails" { 2 } else { 0 };
                assert_eq!(output.status.code(), Some(expected), "{line}: {output:?}");
            }
            rest = &after[end..];
        }
    }
    commands
}

#[test]
fn the_tutorial_works() {
    let commands = run_chapter("tutorial.md", tempfile::tempdir().unwrap().path());
    assert!(commands >= 8, "only {commands} commands in the tutorial");
}

/// On the game that the chapter writes out, and on that game with two mistakes.
#[test]
fn the_chapter_on_finite_games_works() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(root().join("docs/src/finite-games.md")).unwrap();
    let (_, game) = blocks(&text).into_iter().find(|(language, _)| *language == "efg").unwrap();
    let game = game.join("\n");
    let broken = game.replacen("\"weak\" 2/3", "\"weak\" 1/3", 1).replacen("{ 0, 0 }", "{ 0 }", 1);
    fs::write(folder.path().join("demand.efg"), game).unwrap();
    fs::write(folder.path().join("broken.efg"), broken).unwrap();
    assert_eq!(run_chapter("finite-games.md", folder.path()), 5);
}

#[test]
fn the_chapter_on_published_models_works() {
    assert_eq!(run_chapter("models.md", tempfile::tempdir().unwrap().path()), 5);
}

#[test]
fn the_chapter_on_sweeps_works() {
    assert_eq!(run_chapter("sweep.md", tempfile::tempdir().unwrap().path()), 5);
}

#[test]
fn the_first_steps_can_be_typed() {
    assert_eq!(run_chapter("install.md", tempfile::tempdir().unwrap().path()), 3);
}

#[test]
fn the_chapter_on_many_machines_can_be_typed() {
    assert_eq!(run_chapter("cluster.md", tempfile::tempdir().unwrap().path()), 5);
}

#[test]
fn the_chapter_on_audits_works() {
    assert_eq!(run_chapter("audit.md", tempfile::tempdir().unwrap().path()), 2);
}

/// On the small war that the chapter ships.
#[test]
fn the_chapter_on_the_record_works() {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(root().join("docs/src/record")).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    assert_eq!(run_chapter("record.md", folder.path()), 7);
    assert!(fs::read_to_string(folder.path().join("months.svg")).unwrap().starts_with("<svg"));
}

/// Runs the chapter on auditing an article, in a folder like that of a checkout: what it quotes is in the files of the tutorial, and its commands
/// show what it says.
#[test]
fn the_chapter_on_articles_works() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("scenarios/tutorial");
    fs::create_dir_all(&files).unwrap();
    for entry in fs::read_dir(root().join("scenarios/tutorial")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), files.join(entry.file_name())).unwrap();
    }
    let text = fs::read_to_string(root().join("docs/src/audit-an-article.md")).unwrap();
    let (mut commands, mut quoted, mut last) = (0, 0, String::new());
    for block in text.split("\n```").skip(1).step_by(2) {
        let (kind, body) = block.split_once('\n').unwrap();
        if let Some((name, part)) = body.strip_prefix("# in ").and_then(|body| body.split_once('\n')) {
            let file = fs::read_to_string(folder.path().join(name)).unwrap();
            assert!(file.contains(part), "this is not in {name}:\n{part}");
            quoted += 1;
            continue;
        }
        let lines: Vec<&str> = body.lines().collect();
        if kind != "console" {
            // More of what the last command wrote.
            let written: Vec<String> = last.lines().map(blurred).collect();
            for line in &lines {
                assert!(written.contains(&blurred(line)), "`{line}` is not in:\n{last}");
            }
            continue;
        }
        let (first, shown) = lines.split_first().unwrap();
        let command = first.strip_prefix("$ ").expect("a console block starts with a command");
        let output =
            Command::new(PROGRAM).args(&words(command)[1..]).current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command}: {output:?}");
        check(&output, command, shown);
        last = String::from_utf8_lossy(&output.stdout).into_owned();
        commands += 1;
    }
    assert_eq!((commands, quoted), (4, 4));
}

/// Runs the commands of the chapters on estimation and on durations, on the data that they ship.
#[test]
fn the_chapters_on_data_work() {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(root().join("docs/src/data")).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    for (chapter, least) in [("estimation", 4), ("durations", 1)] {
        let text = fs::read_to_string(root().join(format!("docs/src/{chapter}.md"))).unwrap();
        let mut commands = 0;
        for block in text.split("```console\n").skip(1) {
            let mut lines = block.split("```").next().unwrap().lines();
            let command = lines.next().unwrap();
            let typed = command.strip_suffix(" # fails");
            let words = words(typed.unwrap_or(command).strip_prefix("$ ").unwrap());
            let output = Command::new(PROGRAM).args(&words[1..]).current_dir(folder.path()).output().unwrap();
            let expected = if typed.is_some() { 2 } else { 0 };
            assert_eq!(output.status.code(), Some(expected), "{command}: {output:?}");
            check(&output, command, &lines.collect::<Vec<_>>());
            commands += 1;
        }
        assert!(commands >= least, "only {commands} commands in the chapter {chapter}");
    }
}

/// Applies an edit of the tutorial: `# file:` names the file, `# was:` the line that is replaced by the rest.
fn apply(folder: &Path, block: &[&str]) {
    let Some(name) = block.first().and_then(|l| l.strip_prefix("# file: ")) else { return };
    let was = block.iter().find_map(|l| l.strip_prefix("# was: "));
    let new: Vec<&str> =
        block.iter().filter(|l| !l.starts_with("# file: ") && !l.starts_with("# was: ")).copied().collect();
    let path = folder.join(name);
    let text = fs::read_to_string(&path).unwrap();
    let text = match was {
        Some(was) => {
            assert!(text.contains(was), "{name} has no line `{was}`");
            text.replacen(was, &new.join("\n"), 1)
        }
        None => format!("{text}\n{}\n", new.join("\n")),
    };
    fs::write(path, text).unwrap();
}

#[test]
fn the_scenario_of_the_readme_is_valid() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let block = text.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("scenario.toml"), block).unwrap();
    let output = Command::new(PROGRAM).arg("check").arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(block.lines().count() <= 16, "the README promises a short scenario");
}
