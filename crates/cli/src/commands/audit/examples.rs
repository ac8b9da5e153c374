//! Counterexamples as scenario files that can be run from where they lie.
//!
//! A scenario can extend nothing outside its folder. So each audit has a folder of its own with a copy of the scenario's files below it, and
//! a file a claim that extends the copy and gives parameters other values. It stays what it is when the scenario changes later.

use std::fs;
use std::path::{Path, PathBuf};

use armistice::analyze::audit::{AuditFindings, ClaimAudit, Counterexample};
use serde_json::Value;

use super::{Planned, text};
use crate::failure::Failure;
use crate::run_folder::write_whole;
use crate::text::plural;
use crate::work;

/// Folder of the copy, beside the counterexamples.
const COPY: &str = "scenario";

/// Writes the counterexamples of one audit; gives their paths in the folder of all audits, by claim.
pub fn write(
    out: &Path,
    name: &str,
    one: &Planned<'_>,
    findings: &AuditFindings,
) -> Result<Vec<(String, String)>, Failure> {
    let with_example = |claim: &ClaimAudit| claim.counterexample.is_some();
    if !findings.claims.iter().any(with_example) {
        return Ok(Vec::new());
    }
    let folder = PathBuf::from("counterexamples").join(name);
    let base = work::scenario_file(one.path)?;
    for (path, content) in files(one, &base)? {
        put(&out.join(&folder).join(COPY).join(path), &content)?;
    }
    let base = base.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut written = Vec::new();
    for claim in &findings.claims {
        let Some(example) = &claim.counterexample else { continue };
        let path = folder.join(format!("{}.toml", claim.name));
        put(&out.join(&path), scenario(one, findings, claim, example, &base).as_bytes())?;
        written.push((claim.name.clone(), path.to_string_lossy().replace('\\', "/")));
    }
    Ok(written)
}

/// The files that a scenario is made of, by their paths in its folder: what it extends and includes, its data, and the documents it quotes.
fn files(one: &Planned<'_>, file: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let (scenario, source) = (&one.opened.scenario, &one.opened.source);
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let prefix = source.name.strip_suffix(&name).unwrap_or_default();
    let mut out: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for part in source.files() {
        // Models of the catalog are part of this program, and lie in no folder.
        let path = part.name.strip_prefix(prefix).map(PathBuf::from);
        if let Some(path) = path.filter(|path| scenario.folder.join(path).is_file()) {
            out.push((path, part.text.as_bytes().to_vec()));
        }
    }
    let data = scenario.data.iter().map(|data| data.observed.clone());
    let documents = scenario.claims.iter().filter_map(|claim| Some(claim.quote.as_ref()?.document.clone()));
    for path in data.chain(documents) {
        let from = scenario.folder.join(&path);
        // A document may be missing: its quotations are then not verified, here as there.
        if from.is_file() && out.iter().all(|(known, _)| *known != path) {
            let content = fs::read(&from).map_err(Failure::io("read", &from))?;
            out.push((path, content));
        }
    }
    Ok(out)
}

/// The text of a counterexample.
fn scenario(
    one: &Planned<'_>,
    findings: &AuditFindings,
    claim: &ClaimAudit,
    example: &Counterexample,
    base: &str,
) -> String {
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let holds = if example.holds { "holds" } else { "does not hold" };
    let mut out = format!(
        "# A case in which the claim `{}` {holds}, though it {} over all cases of the audit ({}):\n\
         # {}. The files of the scenario are copied into the folder {COPY}.\n\n\
         extends = {}\n\n[scenario]\ntitle = {}\n",
        claim.name,
        if example.holds { "mostly does not" } else { "mostly does" },
        one.theory,
        match example.changes.len() {
            0 => "the scenario as written".to_owned(),
            n => plural(n, "change"),
        },
        quoted(&format!("{COPY}/{base}")),
        quoted(&format!("{}: {} {holds}", findings.scenario, claim.name)),
    );
    let set = text::settings(findings, example);
    if !set.is_empty() {
        out.push_str("\n[parameters]\n");
    }
    for (name, value) in set {
        let change = example.changes.iter().find(|change| change.parameter == name);
        let from =
            change.map_or_else(|| "set by the theory".to_owned(), |change| format!("was {}", change.from));
        out.push_str(&format!("{name} = {{ value = {value:?} }} # {from}\n"));
    }
    out
}

/// Writes a file whole, with the folders above it.
fn put(path: &Path, content: &[u8]) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Failure::io("create", folder))?;
    }
    write_whole(path, content)
}
