//! Claims made about the war, and whether they hold in this model.

use armistice_analyze::findings::{Claim, ClaimSource, Verdict};

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
        if groups.len() > 1 {
            blocks.push(Block::table(summary(&groups)));
        }
        for (source, group) in &groups {
            let items = group.iter().map(|claim| item(names, claim)).collect();
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
fn document(source: &ClaimSource) -> String {
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

fn summary(groups: &[(String, Vec<&Claim>)]) -> Table {
    let mut table = Table::new("claims", "Claims by document")
        .words("Document")
        .numbers("Claims")
        .numbers("Hold")
        .numbers("Do not hold")
        .numbers("Not defined");
    for (source, claims) in groups {
        let whole = |count: usize| Cell::number(Some(count as f64), number::plain);
        let [holds, fails, undefined] = counts(claims);
        table.row(vec![
            Cell::text(source.clone()),
            whole(claims.len()),
            whole(holds),
            whole(fails),
            whole(undefined),
        ]);
    }
    table
}

/// A class of the page and words for a verdict.
fn words_of(verdict: &Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Holds => ("holds", "Holds"),
        Verdict::DoesNotHold => ("fails", "Does not hold"),
        Verdict::Undefined { .. } => ("undefined", "Not defined"),
    }
}

fn item(names: Names<'_>, claim: &Claim) -> ClaimItem {
    let (class, verdict) = words_of(&claim.verdict);
    let shown = claim.shown.iter().map(|number| {
        let label = number.title.clone().unwrap_or_else(|| number.text.clone());
        let mut fact = fact(label, &number.value);
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
        class,
        verdict,
        reason,
        robust: robust(names, claim),
        shown: shown.collect(),
        proposition: claim.proposition.clone(),
        under,
        grid: format!("Computed on a belief grid of {} points per dimension.", claim.grid_points),
    }
}

/// Whether the verdict stays the same under other precisions and parameters.
fn robust(_names: Names<'_>, claim: &Claim) -> Option<String> {
    if claim.under.is_empty() {
        return None;
    }
    let same = claim
        .under
        .iter()
        .filter(|row| std::mem::discriminant(&row.verdict) == std::mem::discriminant(&claim.verdict));
    let same = same.count();
    let all = claim.under.len();
    let mut turns: Vec<String> = Vec::new();
    for row in &claim.under {
        if std::mem::discriminant(&row.verdict) == std::mem::discriminant(&claim.verdict) {
            continue;
        }
        turns.push(if row.what == "precision" {
            format!("every λ times {}", number::plain(row.setting))
        } else {
            format!("{} at {}", words::humane(&row.what), number::plain(row.setting))
        });
    }
    if turns.is_empty() {
        return Some(format!("The verdict is the same in all {all} other settings tried."));
    }
    let more = turns.len().saturating_sub(4);
    turns.truncate(4);
    let list = if more > 0 { format!("{} and {more} more", turns.join(", ")) } else { words::list(&turns) };
    Some(format!("The verdict is the same in {same} of {all} other settings tried; it differs with {list}."))
}
