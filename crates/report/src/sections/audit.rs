//! The quick audit of a run: how often claims hold over everything that is uncertain.

use armistice_analyze::findings::{FAILS, HOLDS, MOSTLY, MOSTLY_NOT, QuickAudit};

use crate::audited;
use crate::block::{Block, Section};
use crate::names::Names;
use crate::table::{Cell, Table};
use crate::{number, words};

/// The quick audit, or why it was not made; nothing where there is nothing to audit.
pub(crate) fn section(names: Names<'_>) -> Option<Section> {
    let blocks = match &names.0.audit {
        Some(audit) => quick(audit),
        None => vec![names.missing("audit").map(|_| names.absent("audit", ""))?],
    };
    Some(Section {
        id: "audit",
        title: "How often the claims hold over all that is uncertain: a quick audit".into(),
        short: "Quick audit",
        read: "The section before judges claims at the scenario’s own numbers. Here every parameter with a range varies at once, and the share of cases in \
               which a claim holds is counted: a share of the ranges stated, not a probability that the claim is true."
            .into(),
        blocks,
    })
}

fn quick(audit: &QuickAudit) -> Vec<Block> {
    let found = &audit.findings;
    let mut blocks = Vec::new();
    let cases = words::several(found.cases, "case", "cases");
    blocks.push(Block::text(format!(
        "Quick: {cases} of a Sobol sequence (seed {}) over {}, for the scenario as written. {}",
        audit.seed,
        words::several(found.factors.len(), "parameter", "parameters"),
        thresholds()
    )));
    if let Some(why) = &audit.short {
        let asked = number::count(audit.asked as u64);
        blocks.push(Block::notice(format!("{cases} of the {asked} asked for: {why}.")));
    }
    for (count, what) in
        [(found.failed, "failed"), (found.not_converged, "did not converge in some stage game")]
    {
        if count > 0 {
            blocks.push(Block::notice(format!("{} {what}.", words::several(count, "case", "cases"))));
        }
    }
    let mut table = Table::new("audit", "Claims over the cases of the quick audit")
        .words("Claim")
        .words("Verdict, share, 95\u{202f}% interval")
        .words("At the scenario’s own numbers")
        .words("When it holds");
    for claim in &found.claims {
        let (class, verdict) = super::claims::words_of(&claim.as_written);
        table.row(vec![
            Cell::text(claim.title.clone()).titled(Some(claim.says.clone())),
            audited::cell(claim),
            Cell::text(verdict).classed(class),
            Cell::text(audited::when(claim).join(" ")),
        ]);
    }
    blocks.push(Block::table(table));
    if let Some(command) = &audit.full {
        blocks.push(Block::text(
            "The whole audit also looks for the nearest counterexample of each claim, judges claims under other precisions, priors and selections, takes \
             more cases with --points, and compares theories with --theory:",
        ));
        blocks.push(Block::Command { text: command.clone() });
    }
    blocks
}

/// What the words for shares mean.
pub(crate) fn thresholds() -> String {
    format!(
        "“Holds” is a share of {} or more, “mostly” of {} or more, “mostly does not” of {} or less, “does not hold” of {} or less; “depends” is \
         between the others. The interval says how far the share may be off for so few cases (Wilson, 95\u{202f}%).",
        number::percent(HOLDS),
        number::percent(MOSTLY),
        number::percent(MOSTLY_NOT),
        number::percent(FAILS),
    )
}
