//! Claims made about the war, and whether they hold in this model.

use armistice_analyze::findings::{Claim, ClaimSource, Quote, Verdict};

use crate::block::{Block, ClaimGroup, ClaimItem, Section};
use crate::names::{Names, fact};
use crate::table::{Cell, Table};
use crate::{number, words};

/// Claims by document, in the order of the scenario.
pub(crate) fn section(names: Names<'_>) -> Section {
    let claims = &names.0.claims;
    let mut blocks = Vec::new();
    if claims.is_empty() {
        blocks.push(names.absent("claims", "The scenario states no claims."));
    } else {
        let mut groups: Vec<(String, Vec<&Claim>)> = Vec::new();
        for claim in claims {
            let source = document(&claim.source);
            match groups.iter_mut().find(|(known, _)| *known == source) {
                Some((_, group)) => group.push(claim),
                None => groups.push((source, vec![claim])),
            }
        }
        blocks.push(Block::table(glance(claims)));
        for (source, group) in &groups {
            let items = group.iter().map(|claim| item(claim)).collect();
            blocks.push(Block::Claims {
                group: ClaimGroup { source: source.clone(), tally: tally(group), claims: items },
            });
        }
        blocks.extend(names.gaps("claims."));
    }
    Section {
        id: "claims",
        title: "Claims about this war, put to the model".into(),
        short: "Claims",
        read: "Each claim was restated as a proposition about the model. “Holds” means that the proposition is true in this model at these parameters; it is \
               not a verdict on the claim’s author, nor proof that the world is like the model."
            .into(),
        blocks,
    }
}

/// "Author, outlet, 1 March 2025".
pub(crate) fn document(source: &ClaimSource) -> String {
    let date = source.date.as_deref().map(|date| words::date(date, true));
    let parts: Vec<String> =
        [source.author.clone(), source.outlet.clone(), date].into_iter().flatten().collect();
    if parts.is_empty() { "No source stated".into() } else { parts.join(", ") }
}

fn counts(claims: &[&Claim]) -> [usize; 3] {
    let mut counts = [0; 3];
    for claim in claims {
        counts[match claim.verdict {
            Verdict::Holds => 0,
            Verdict::DoesNotHold => 1,
            Verdict::Undefined { .. } => 2,
        }] += 1;
    }
    counts
}

fn tally(claims: &[&Claim]) -> String {
    let [holds, fails, undefined] = counts(claims);
    let mut text = format!(
        "{}: {} in this model at these parameters, {} not",
        words::several(claims.len(), "claim", "claims"),
        if holds == 1 { "1 holds".into() } else { format!("{holds} hold") },
        if fails == 1 { "1 does".into() } else { format!("{fails} do") },
    );
    if undefined > 0 {
        text.push_str(&format!(", {undefined} not defined"));
    }
    text
}

/// Every claim with its verdict, and how often other settings agree.
fn glance(claims: &[Claim]) -> Table {
    let mut table = Table::new("claims", "The claims at a glance")
        .words("Claim")
        .words("Made by")
        .words("In this model")
        .words("Same verdict in other settings");
    for claim in claims {
        let (class, verdict) = words_of(&claim.verdict);
        let author = claim.source.author.clone().or_else(|| claim.source.outlet.clone());
        let same = match (agreeing(claim), claim.under.len()) {
            (_, 0) => "not tried".into(),
            (same, all) => format!("{same} of {all}"),
        };
        table.row(vec![
            Cell::text(claim.title.clone()).titled(Some(claim.says.clone())),
            Cell::text(author.unwrap_or_default()),
            Cell::text(verdict).classed(class),
            Cell::text(same),
        ]);
    }
    table
}

/// Number of other settings with the same verdict.
fn agreeing(claim: &Claim) -> usize {
    claim.under.iter().filter(|row| same(&row.verdict, &claim.verdict)).count()
}

fn same(a: &Verdict, b: &Verdict) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// A class of the page and words for a verdict.
pub(crate) fn words_of(verdict: &Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Holds => ("holds", "Holds"),
        Verdict::DoesNotHold => ("fails", "Does not hold"),
        Verdict::Undefined { .. } => ("undefined", "Not defined"),
    }
}

fn item(claim: &Claim) -> ClaimItem {
    let (class, verdict) = words_of(&claim.verdict);
    let shown = claim.shown.iter().map(|number| {
        let label = number.title.clone().unwrap_or_else(|| number.text.clone());
        let mut fact = fact(label, &number.value);
        fact.code = number.title.is_none();
        if number.title.is_some() {
            fact.title = Some(format!("{} Expression: {}", fact.title.unwrap_or_default(), number.text));
        }
        fact
    });
    let under = (!claim.under.is_empty()).then(|| {
        let mut table =
            Table::new(format!("claim-{}-under", claim.name), "The same claim under other settings")
                .words("What differs")
                .numbers("Setting")
                .words("Verdict");
        for row in &claim.under {
            let (class, verdict) = words_of(&row.verdict);
            let what =
                if row.what == "precision" { "every λ times".to_owned() } else { words::humane(&row.what) };
            let reason = match &row.verdict {
                Verdict::Undefined { reason } => Some(reason.clone()),
                _ => None,
            };
            table.row(vec![
                Cell::text(what),
                Cell::number(Some(row.setting), number::plain),
                Cell::text(verdict).classed(class).titled(reason),
            ]);
        }
        table
    });
    let reason = match &claim.verdict {
        Verdict::Undefined { reason } => Some(reason.clone()),
        _ => None,
    };
    ClaimItem {
        id: format!("claim-{}", claim.name),
        title: claim.title.clone(),
        says: claim.says.clone(),
        quote: claim.quote.as_ref().map(|quote| (quote.text.clone(), place(quote))),
        class,
        verdict,
        reason,
        robust: robust(claim),
        shown: shown.collect(),
        proposition: claim.proposition.clone(),
        under,
        grid: format!("Computed on a belief grid of {} points per dimension.", claim.grid_points),
    }
}

/// Where a quotation stands in its document.
pub(crate) fn place(quote: &Quote) -> String {
    match quote.line {
        Some(line) => format!("{}, line {line}", quote.document),
        None => format!("{}, not verified: the document was not there", quote.document),
    }
}

/// Whether the verdict stays the same under other precisions and parameters.
fn robust(claim: &Claim) -> Option<String> {
    if claim.under.is_empty() {
        return None;
    }
    let (agreeing, all) = (agreeing(claim), claim.under.len());
    if agreeing == all {
        return Some(format!("The verdict is the same in all {all} other settings tried."));
    }
    // Settings that turn the verdict, gathered by what differs.
    let mut turns: Vec<(String, Vec<String>)> = Vec::new();
    for row in claim.under.iter().filter(|row| !same(&row.verdict, &claim.verdict)) {
        let what = if row.what == "precision" {
            "every λ times".into()
        } else {
            format!("{} at", words::humane(&row.what))
        };
        let setting = number::plain(row.setting);
        match turns.iter_mut().find(|(known, _)| *known == what) {
            Some((_, settings)) => settings.push(setting),
            None => turns.push((what, vec![setting])),
        }
    }
    let turns: Vec<String> =
        turns.into_iter().map(|(what, settings)| format!("{what} {}", settings.join(" or "))).collect();
    Some(format!(
        "The verdict is the same in {agreeing} of {all} other settings tried; it differs with {}.",
        turns.join("; ")
    ))
}
