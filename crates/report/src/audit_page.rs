//! The page of an audit: verdicts side by side, the argument of each document, what theories hold, what verdicts rest on.

use armistice_analyze::findings::{
    AuditDocument, ClaimAudit, ClaimSource, HeldParameter, TheoryAudit, Verdict,
};

use crate::ReportError;
use crate::audited::{self, Argument};
use crate::block::Block;
use crate::page::{Part, StillPage, still};
use crate::sections::audit::thresholds;
use crate::sections::claims::{document, words_of};
use crate::table::{Cell, Table};
use crate::{number, words};

/// An audit as one self-contained HTML page without any script.
///
/// Equal audits give equal bytes.
///
/// # Errors
///
/// [`ReportError::Template`] when the page cannot be put together, which is a bug of this crate.
pub fn render_audit(audits: &AuditDocument) -> Result<String, ReportError> {
    let mut sections = vec![side_by_side(audits)];
    sections.extend(documents(audits));
    sections.extend(theories(audits));
    sections.extend(rests_on(audits));
    sections.push(how(audits));
    let first = audits.audits.first();
    let date = audits.date.as_ref().map(|date| format!(", {}", words::date(date, true)));
    let hash: String = first.map_or("", |audit| &audit.findings.scenario_hash).chars().take(12).collect();
    still(StillPage {
        kicker: "Armistice audit",
        title: first.map_or_else(String::new, |audit| audit.title.clone()),
        question: audits.question.clone(),
        frame: frame(audits),
        sections,
        stamp: format!(
            "Armistice {}{}. Scenario {hash}, seed {}.",
            audits.version,
            date.unwrap_or_default(),
            audits.seed
        ),
    })
}

/// "3 claims in 2 theories, 64 cases each."
fn frame(audits: &AuditDocument) -> String {
    let mut claims: Vec<&ClaimAudit> = Vec::new();
    for claim in audits.audits.iter().flat_map(|audit| &audit.findings.claims) {
        if !claims.iter().any(|known| same(known, claim)) {
            claims.push(claim);
        }
    }
    let cases = audits.audits.first().map_or(0, |audit| audit.findings.cases);
    format!(
        "{} in {}, {} each.",
        words::several(claims.len(), "claim", "claims"),
        words::several(audits.audits.len(), "audit", "audits"),
        words::several(cases, "case", "cases")
    )
}

/// Whether two audits speak of the same claim: an extension of a scenario has the claims of its base.
fn same(a: &ClaimAudit, b: &ClaimAudit) -> bool {
    a.name == b.name && a.proposition == b.proposition && a.says == b.says
}

/// The audits by scenario.
fn scenarios(audits: &AuditDocument) -> Vec<Vec<&TheoryAudit>> {
    let mut out: Vec<Vec<&TheoryAudit>> = Vec::new();
    for audit in &audits.audits {
        match out.iter_mut().find(|some| some.first().is_some_and(|first| first.scenario == audit.scenario)) {
            Some(some) => some.push(audit),
            None => out.push(vec![audit]),
        }
    }
    out
}

fn theory(name: &str) -> String {
    if name == "neutral" {
        "Neutral: as written".into()
    } else {
        words::sentence(&name.replace(['-', '_'], " "))
    }
}

/// Claims × theories, a table for each scenario.
fn side_by_side(audits: &AuditDocument) -> Part {
    let all = scenarios(audits);
    let mut blocks = Vec::new();
    for some in &all {
        let Some(first) = some.first() else { continue };
        let caption = format!("Claims in {}", first.title);
        let mut table = Table::new(format!("verdicts-{}", first.scenario), caption).words("Claim");
        for audit in some {
            table = table.words(theory(&audit.theory));
        }
        for claim in &first.findings.claims {
            let name = Cell::text(claim.title.clone()).titled(Some(claim.says.clone()));
            let found = some.iter().map(|audit| {
                let found = audit.findings.claims.iter().find(|other| other.name == claim.name);
                found.map_or_else(|| Cell::text(number::NONE), audited::cell)
            });
            table.row(std::iter::once(name).chain(found).collect());
        }
        blocks.push(Block::table(table));
        for audit in some {
            blocks.extend(troubles(audit));
        }
    }
    blocks.push(Block::text(thresholds()));
    if !audits.cannot_say.is_empty() {
        blocks.push(Block::heading("What this model cannot say"));
        blocks.extend(audits.cannot_say.iter().map(Block::text));
    }
    Part {
        id: "verdicts".into(),
        title: "Verdicts side by side".into(),
        short: "Verdicts".into(),
        read: "Each cell says in what share of cases a claim holds: if a theory is right about its numbers and everything else that is uncertain varies. In the \
               neutral column everything uncertain varies. It is no verdict on a claim’s author, nor proof that the world is like the model."
            .into(),
        blocks,
    }
}

fn troubles(audit: &TheoryAudit) -> Vec<Block> {
    let found = &audit.findings;
    let mut blocks = Vec::new();
    for (count, what) in
        [(found.failed, "failed"), (found.not_converged, "did not converge in some stage game")]
    {
        if count > 0 {
            let cases = words::several(count, "case", "cases");
            blocks.push(Block::notice(format!("{}: {cases} {what}.", theory(&audit.theory))));
        }
    }
    blocks
}

/// Where a claim was made.
struct Place {
    source: ClaimSource,
    document: Option<String>,
    claims: Vec<Argument>,
}

/// The argument of each document: its claims in the order of the scenario, each with what every audit found.
fn documents(audits: &AuditDocument) -> Vec<Part> {
    let mut places: Vec<Place> = Vec::new();
    let mut seen: Vec<&ClaimAudit> = Vec::new();
    let several = scenarios(audits).len() > 1;
    for claim in audits.audits.iter().flat_map(|audit| &audit.findings.claims) {
        if seen.iter().any(|known| same(known, claim)) {
            continue;
        }
        seen.push(claim);
        let mut argument = audited::argument(claim);
        if seen.iter().filter(|known| known.name == claim.name).count() > 1 {
            argument.id = format!("{}-{}", argument.id, seen.len());
        }
        for audit in &audits.audits {
            let Some(found) = audit.findings.claims.iter().find(|other| same(claim, other)) else { continue };
            let name = theory(&audit.theory);
            let name = if several { format!("{} – {name}", audit.title) } else { name };
            let example = audit.examples.iter().find(|example| example.claim == found.name);
            argument.readings.push(audited::reading(name, &audit.findings, found, example));
        }
        let document = claim.quote.as_ref().map(|quote| quote.document.clone());
        let fits = |place: &&mut Place| match (&place.document, &document) {
            (Some(theirs), Some(ours)) => theirs == ours,
            _ => place.source == claim.source,
        };
        match places.iter_mut().find(fits) {
            Some(place) => {
                place.document = place.document.take().or(document);
                place.claims.push(argument);
            }
            None => places.push(Place { source: claim.source.clone(), document, claims: vec![argument] }),
        }
    }
    places.into_iter().enumerate().map(|(position, place)| argued(position, place)).collect()
}

fn argued(position: usize, place: Place) -> Part {
    let stated = place.source != ClaimSource::default();
    let title = match (&place.document, stated) {
        (Some(document), false) => document.clone(),
        _ => document(&place.source),
    };
    let short = place.source.author.clone().or_else(|| place.source.outlet.clone());
    let quoted = match &place.document {
        Some(document) => format!(" The quotations are from {document}."),
        None => String::new(),
    };
    let count = words::several(place.claims.len(), "claim", "claims");
    Part {
        id: format!("document-{}", position + 1),
        short: short.unwrap_or_else(|| title.clone()),
        title,
        read: format!(
            "{count}, each with the author’s words, the proposition that stands for them, and what the audits found.{quoted}"
        ),
        blocks: vec![Block::Arguments { items: place.claims }],
    }
}

/// In which parameters theories differ from the scenario as written, and what is said for it.
fn theories(audits: &AuditDocument) -> Option<Part> {
    // Theories extend the first scenario; in the others they set the same parameters.
    let mut first = scenarios(audits).into_iter().next()?;
    first.retain(|audit| !audit.held.is_empty());
    let mut held: Vec<&HeldParameter> = Vec::new();
    for one in first.iter().flat_map(|audit| &audit.held) {
        if held.iter().all(|known| known.parameter != one.parameter) {
            held.push(one);
        }
    }
    if held.is_empty() {
        return None;
    }
    let mut table = Table::new("theories", "What each theory holds")
        .words("Parameter")
        .numbers("As written")
        .words("Range");
    for audit in &first {
        table = table.numbers(theory(&audit.theory));
    }
    table = table.words("What is said for it");
    for one in held {
        let range = one.range.map_or_else(
            || number::NONE.to_owned(),
            |(low, high)| format!("{} to {}", number::plain(low), number::plain(high)),
        );
        let mut row = vec![
            Cell::code(one.parameter.clone()).noted(one.unit.clone()),
            Cell::number(Some(one.neutral), number::plain),
            Cell::text(range),
        ];
        let of = |audit: &&TheoryAudit| {
            let found = audit.held.iter().find(|other| other.parameter == one.parameter);
            found.map_or_else(|| Cell::text("varies"), |found| Cell::number(Some(found.value), number::plain))
        };
        row.extend(first.iter().map(of));
        row.push(Cell::text(said(&one.parameter, &first)));
        table.row(row);
    }
    Some(Part {
        id: "theories".into(),
        title: "In what the theories differ".into(),
        short: "Theories".into(),
        read: "A theory holds these parameters at its own values; everything else varies as in the neutral audit. The last column is what the theory’s file says of \
               a parameter, or else what the scenario says."
            .into(),
        blocks: vec![Block::table(table)],
    })
}

/// What theories say of a parameter: once where they say the same.
fn said(parameter: &str, audits: &[&TheoryAudit]) -> String {
    let mut words: Vec<(String, String)> = Vec::new();
    for audit in audits {
        let Some(held) = audit.held.iter().find(|held| held.parameter == parameter) else { continue };
        let source = held.source.as_ref().map(|source| format!("Source: {source}"));
        let parts: Vec<String> = held.says.clone().into_iter().chain(source).collect();
        let text = parts.join(" ");
        if !text.is_empty() && words.iter().all(|(_, known)| *known != text) {
            words.push((theory(&audit.theory), text));
        }
    }
    match words.as_slice() {
        [] => "No reason is stated.".into(),
        [(_, text)] => text.clone(),
        several => several.iter().map(|(who, text)| format!("{who}: {text}")).collect::<Vec<_>>().join(" "),
    }
}

/// Verdicts at the scenario's own values, solved otherwise.
fn rests_on(audits: &AuditDocument) -> Option<Part> {
    let several = scenarios(audits).len() > 1;
    let mut blocks = Vec::new();
    for (position, audit) in audits.audits.iter().enumerate() {
        let name = theory(&audit.theory);
        let caption = if several { format!("{} – {name}", audit.title) } else { name };
        let claims = &audit.findings.claims;
        let ways = claims.first().map_or(&[][..], |claim| claim.under.as_slice());
        if ways.is_empty() {
            continue;
        }
        let mut table =
            Table::new(format!("settings-{position}"), caption).words("Claim").words("As written");
        for under in ways {
            table = table.words(under.how.words());
        }
        for claim in claims {
            let mut row = vec![Cell::text(claim.title.clone()), verdict(&claim.as_written, true)];
            row.extend(claim.under.iter().map(|under| verdict(&under.verdict, under.converged)));
            table.row(row);
        }
        blocks.push(Block::table(table));
    }
    (!blocks.is_empty()).then(|| Part {
        id: "settings".into(),
        title: "What verdicts at the stated values rest on".into(),
        short: "Settings".into(),
        read: "The claims at each theory’s own values: with every λ, which says how closely players optimize, multiplied by a factor; with the odds of a private \
               type multiplied by a factor; and with other selections of equilibria, where these were asked for. A star marks a game in which some stage game did not converge."
            .into(),
        blocks,
    })
}

fn verdict(of: &Verdict, converged: bool) -> Cell {
    let (class, text) = words_of(of);
    let reason = match of {
        Verdict::Undefined { reason } => Some(reason.clone()),
        _ => None,
    };
    Cell::text(format!("{text}{}", if converged { "" } else { " *" })).classed(class).titled(reason)
}

/// What varied, and how to get the same again.
fn how(audits: &AuditDocument) -> Part {
    let mut blocks = vec![Block::Command { text: audits.command.clone() }];
    let mut seen: Vec<usize> = Vec::new();
    for audit in &audits.audits {
        if seen.contains(&audit.scenario) {
            continue;
        }
        seen.push(audit.scenario);
        let mut table = Table::new(
            format!("factors-{}", audit.scenario),
            format!("What varies in {} as written", audit.title),
        )
        .words("Parameter")
        .words("Values");
        for factor in &audit.findings.factors {
            table.row(vec![Cell::code(factor.subject.column()), Cell::text(factor.words())]);
        }
        blocks.push(Block::table(table));
    }
    let mut table = Table::new("provenance", "What was audited")
        .words("Audit")
        .words("Scenario (blake3)")
        .numbers("Cases");
    table = table.numbers("Belief grid, points");
    for audit in &audits.audits {
        let found = &audit.findings;
        table.row(vec![
            Cell::text(format!("{} – {}", audit.title, theory(&audit.theory))),
            Cell::code(found.scenario_hash.clone()),
            Cell::number(Some(found.cases as f64), number::plain),
            Cell::number(Some(found.settings.belief_points as f64), number::plain),
        ]);
    }
    blocks.push(Block::table(table));
    Part {
        id: "how".into(),
        title: "How to get this page again, and what varied".into(),
        short: "Reproduce".into(),
        read: "The same command on the same files gives the same numbers, on one thread or many. audit.json has all of them, with the way on which boxes were found."
            .into(),
        blocks,
    }
}
