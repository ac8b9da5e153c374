//! An audit in a screenful a theory.

use std::path::Path;

use armistice::analyze::audit::{AuditFindings, ClaimAudit, Counterexample, Region};
use armistice::analyze::findings::Verdict;

use super::Done;
use crate::session::{CARE, HEADING, styled};
use crate::text::{Table, percent, plural};

/// What was audited.
pub fn sizes(path: &Path, theory: &str, findings: &AuditFindings) -> String {
    let cases = plural(findings.cases, "case");
    let (factors, claims) = (findings.factors.len(), findings.claims.len());
    format!(
        "{} ({theory}): {cases}, {}, {}",
        path.display(),
        plural(factors, "parameter"),
        plural(claims, "claim")
    )
}

/// Changes that a reader can still take in; what has more is left to files.
const READABLE: usize = 12;

/// For each claim with a counterexample a command that solves it.
pub fn commands(path: &Path, findings: &AuditFindings, belief_points: Option<u32>) -> Vec<(String, String)> {
    let one = |claim: &ClaimAudit| {
        let set = settings(findings, claim.counterexample.as_ref()?);
        Some((claim.name.clone(), command(path, &set, findings, belief_points)))
    };
    findings.claims.iter().filter_map(one).collect()
}

/// The parameters of a counterexample that differ from the file that was audited: what the theory sets, unless the counterexample changes it,
/// then what it changes.
pub fn settings(findings: &AuditFindings, example: &Counterexample) -> Vec<(String, f64)> {
    let kept = |(name, _): &&(String, f64)| example.changes.iter().all(|change| change.parameter != *name);
    let set = findings.set.iter().filter(kept).cloned();
    set.chain(example.changes.iter().map(|change| (change.parameter.clone(), change.to))).collect()
}

/// A command that solves a scenario with parameters set, on the belief grid of the audit.
pub fn command(
    path: &Path,
    set: &[(String, f64)],
    findings: &AuditFindings,
    belief_points: Option<u32>,
) -> String {
    let path = path.display().to_string();
    let path = if path.contains(char::is_whitespace) { format!("'{path}'") } else { path };
    let mut words = format!("armistice run {path}");
    for (name, value) in set {
        words.push_str(&format!(" --set {name}={value}"));
    }
    if belief_points.is_some() {
        words.push_str(&format!(" --audit-points {}", findings.settings.belief_points));
    }
    words
}

/// The audit of a scenario in a theory: a table, then for each claim when it holds and the nearest counterexample.
pub fn table(done: &Done) -> String {
    let findings = &done.findings;
    let mut out = vec![styled(HEADING, format!("{} ({})", findings.scenario, done.theory))];
    let mut table = Table::default();
    let mut heading: Vec<String> =
        ["Claims", "hold in", "95 % interval", "undefined", "verdict", "as written"]
            .map(str::to_owned)
            .into();
    let under = findings.claims.first().map_or(&[][..], |claim| claim.under.as_slice());
    heading.extend(under.iter().map(|under| under.how.words()));
    table.row(heading);
    for claim in &findings.claims {
        let share = claim.share.map_or_else(|| "–".to_owned(), percent);
        let interval = claim.interval.map_or_else(
            || "–".to_owned(),
            |(low, high)| format!("{:.1}–{:.1} %", 100.0 * low, 100.0 * high),
        );
        let undefined = if claim.undefined > 0 { claim.undefined.to_string() } else { String::new() };
        let verdict = claim.word.as_str().to_owned();
        let mut row =
            vec![claim.name.clone(), share, interval, undefined, verdict, word(&claim.as_written).into()];
        let mark = |converged: bool| if converged { "" } else { "*" };
        row.extend(claim.under.iter().map(|u| format!("{}{}", word(&u.verdict), mark(u.converged))));
        table.row(row);
    }
    let lines = table.lines("").into_iter().enumerate();
    out.extend(lines.map(|(row, line)| if row == 0 { styled(HEADING, line) } else { line }));
    if findings.claims.iter().flat_map(|c| &c.under).any(|u| !u.converged) {
        out.push("* some stage game did not converge".to_owned());
    }
    out.push(String::new());
    for claim in &findings.claims {
        describe(done, claim, &mut out);
    }
    for (count, what) in [(findings.failed, "failed"), (findings.not_converged, "did not converge")] {
        if count > 0 {
            out.push(styled(CARE, format!("{} of {} {what}", plural(count, "case"), findings.cases)));
        }
    }
    out.join("\n")
}

fn describe(done: &Done, claim: &ClaimAudit, out: &mut Vec<String>) {
    out.push(styled(HEADING, &claim.name));
    match (&claim.region, &claim.no_region) {
        (Some(region), _) => out.push(format!("  when: {}", within(region))),
        (None, Some(why)) => out.push(format!("  when: no box, {why}")),
        (None, None) => {}
    }
    if let (Some(own), Some(check)) = (&claim.check, &done.findings.check) {
        let (coarse, fine) = check.belief_points;
        out.push(format!("  {fine} belief points instead of {coarse}: {}", own.words(check)));
    }
    out.extend(claim.more_regions.iter().map(|region| format!("  or, outside of it: {}", within(region))));
    let Some(example) = &claim.counterexample else {
        out.push("  otherwise: in no case".to_owned());
        return;
    };
    let holds = if example.holds { "holds" } else { "does not hold" };
    if example.changes.is_empty() {
        out.push(format!("  otherwise: {holds} in the scenario as written"));
        return;
    }
    let needed = if example.pruned { "" } else { ", perhaps not all of them needed" };
    out.push(format!("  otherwise: {holds} after {}{needed}", plural(example.changes.len(), "change")));
    let command = done.commands.iter().find(|(name, _)| *name == claim.name);
    match command {
        Some((_, command)) if example.changes.len() <= READABLE => out.push(format!("    {command}")),
        Some(_) if done.files.is_empty() => {
            out.push("    a long command: `--json` has it, and with `--out` it becomes a file".to_owned());
        }
        _ => {}
    }
    if let Some((_, file)) = done.files.iter().find(|(name, _)| *name == claim.name) {
        out.push(format!("    in the folder of the audit: {file}"));
    }
}

/// A box in words.
fn within(region: &Region) -> String {
    format!(
        "{}: holds in {} of these cases, which are {} of all in which it holds",
        region.words(),
        percent(region.density),
        percent(region.coverage),
    )
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::DoesNotHold => "does not",
        Verdict::Undefined { .. } => "undefined",
    }
}
