//! Claims as audits see them: shares with their intervals, boxes, counterexamples.

use armistice_analyze::findings::{
    AuditFindings, ClaimAudit, ExamplePlace, MOSTLY, MOSTLY_NOT, Region, Verdict, Word,
};
use serde::Serialize;

use crate::sections::claims::{place, words_of};
use crate::table::Cell;
use crate::{number, words};

/// A claim with what each audit found about it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Argument {
    /// Name, for links.
    pub id: String,
    /// Heading.
    pub title: String,
    /// The author's own words, and where they stand.
    pub quote: Option<(String, String)>,
    /// The claim in words.
    pub says: String,
    /// The proposition in the scenario's text.
    pub proposition: String,
    /// By audit.
    pub readings: Vec<Reading>,
}

/// What one audit found about a claim.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Reading {
    /// The theory.
    pub theory: String,
    /// Class of the verdict.
    pub class: &'static str,
    /// The verdict in words.
    pub verdict: &'static str,
    /// The share with its interval, drawn.
    pub drawing: Option<String>,
    /// The same in words.
    pub share: String,
    /// Whether it holds at the scenario's own values, and what turns it there.
    pub as_written: String,
    /// The boxes in which it holds.
    pub when: Vec<String>,
    /// The counterexample.
    pub otherwise: String,
    /// A command that solves it.
    pub command: Option<String>,
    /// A scenario file with it.
    pub file: Option<String>,
}

/// A claim without its readings.
pub(crate) fn argument(claim: &ClaimAudit) -> Argument {
    Argument {
        id: format!("claim-{}", claim.name),
        title: claim.title.clone(),
        quote: claim.quote.as_ref().map(|quote| (quote.text.clone(), place(quote))),
        says: claim.says.clone(),
        proposition: claim.proposition.clone(),
        readings: Vec::new(),
    }
}

/// What an audit found about a claim.
pub(crate) fn reading(
    theory: String,
    findings: &AuditFindings,
    claim: &ClaimAudit,
    example: Option<&ExamplePlace>,
) -> Reading {
    let changed = claim.counterexample.as_ref().is_some_and(|example| !example.changes.is_empty());
    let example = example.filter(|_| changed);
    Reading {
        theory,
        class: class(claim.word),
        verdict: words(claim.word),
        drawing: bar(claim),
        share: share(findings, claim),
        as_written: as_written(claim),
        when: when(claim),
        otherwise: otherwise(claim),
        command: example.filter(|_| readable(claim)).map(|example| example.command.clone()),
        file: example.and_then(|example| example.file.clone()),
    }
}

/// A verdict with its share and its interval, for a table.
pub(crate) fn cell(claim: &ClaimAudit) -> Cell {
    let interval = claim.interval.map(|(low, high)| format!(" ({})", span(low, high)));
    let share =
        claim.share.map(|share| format!("{}{}", number::percent(share), interval.unwrap_or_default()));
    Cell::text(words(claim.word)).classed(class(claim.word)).noted(share).drawn(bar(claim))
}

/// Words for a verdict, in a sentence about a claim.
pub(crate) fn words(word: Word) -> &'static str {
    match word {
        Word::Holds => "Holds",
        Word::Mostly => "Mostly holds",
        Word::Depends => "Depends",
        Word::MostlyNot => "Mostly does not hold",
        Word::Fails => "Does not hold",
        Word::Undefined => "Not defined",
    }
}

fn class(word: Word) -> &'static str {
    match word {
        Word::Holds => "w-holds",
        Word::Mostly => "w-mostly",
        Word::Depends => "w-depends",
        Word::MostlyNot => "w-mostly-not",
        Word::Fails => "w-fails",
        Word::Undefined => "w-undefined",
    }
}

fn span(low: f64, high: f64) -> String {
    format!("{} to {}", number::percent(low), number::percent(high))
}

/// The share as a point on a track from 0 to 1, its interval as a band, with ticks where "depends" begins and ends.
fn bar(claim: &ClaimAudit) -> Option<String> {
    let share = claim.share.filter(|share| share.is_finite())?;
    let at = |x: f64| format!("{:.1}", 100.0 * x.clamp(0.0, 1.0));
    let tick = |x: f64| format!("<rect class=\"tick\" x=\"{}\" y=\"2\" width=\"1\" height=\"8\"/>", at(x));
    let band = claim.interval.map(|(low, high)| {
        let width = at((high - low).max(0.0));
        format!("<rect class=\"range\" x=\"{}\" y=\"4\" width=\"{width}\" height=\"4\"/>", at(low))
    });
    Some(format!(
        "<svg class=\"share-bar\" viewBox=\"-4 0 108 12\" aria-hidden=\"true\" focusable=\"false\">\
         <rect class=\"track\" x=\"0\" y=\"5\" width=\"100\" height=\"2\"/>{}{}{}\
         <circle class=\"at\" cx=\"{}\" cy=\"6\" r=\"3.5\"/></svg>",
        tick(MOSTLY_NOT),
        tick(MOSTLY),
        band.unwrap_or_default(),
        at(share),
    ))
}

fn share(findings: &AuditFindings, claim: &ClaimAudit) -> String {
    let defined = claim.holds + claim.fails;
    let mut text = match (claim.share, claim.interval) {
        (Some(share), Some((low, high))) => format!(
            "{} of {} (95\u{202f}% interval {})",
            number::percent(share),
            words::several(defined, "case", "cases"),
            span(low, high)
        ),
        _ => format!("defined in none of {}", words::several(findings.cases, "case", "cases")),
    };
    if claim.undefined > 0 && defined > 0 {
        text.push_str(&format!(", not defined in {} more", number::count(claim.undefined as u64)));
    }
    if let (Some(own), Some(check)) = (&claim.check, &findings.check) {
        let (coarse, fine) = check.belief_points;
        text.push_str(&format!(
            ". On a finer grid ({fine} points a belief instead of {coarse}) {}",
            own.words(check)
        ));
    }
    text
}

/// "Holds; otherwise with λ × 0.5."
fn as_written(claim: &ClaimAudit) -> String {
    let mut text = match &claim.as_written {
        Verdict::Undefined { reason } => format!("Not defined: {reason}"),
        verdict => words_of(verdict).1.to_owned(),
    };
    let differs =
        |verdict: &Verdict| std::mem::discriminant(verdict) != std::mem::discriminant(&claim.as_written);
    let turns: Vec<String> =
        claim.under.iter().filter(|under| differs(&under.verdict)).map(|under| under.how.words()).collect();
    if !turns.is_empty() {
        text.push_str(&format!("; otherwise with {}", words::list(&turns)));
    } else if !claim.under.is_empty() {
        text.push_str(&format!(
            "; the same in {}",
            words::several(claim.under.len(), "other setting", "other settings")
        ));
    }
    text.push('.');
    text
}

/// The boxes in words, or why there is none.
pub(crate) fn when(claim: &ClaimAudit) -> Vec<String> {
    let within = |region: &Region| {
        format!(
            "with {}: it holds in {} of these cases, which are {} of all in which it holds",
            region.words(),
            number::percent(region.density),
            number::percent(region.coverage)
        )
    };
    let Some(region) = &claim.region else {
        let why = claim.no_region.as_deref().unwrap_or("none was looked for");
        // The common reason is a sentence of its own: "no box is better than chance".
        let text = if why.starts_with("no ") { words::sentence(why) } else { format!("No box: {why}") };
        return vec![format!("{text}.")];
    };
    let more = claim.more_regions.iter().map(|region| format!("Or, outside of it, {}.", within(region)));
    std::iter::once(format!("{}.", words::sentence(&within(region)))).chain(more).collect()
}

/// Changes that a reader can still take in.
const READABLE: usize = 12;

fn readable(claim: &ClaimAudit) -> bool {
    claim.counterexample.as_ref().is_none_or(|example| example.changes.len() <= READABLE)
}

fn otherwise(claim: &ClaimAudit) -> String {
    let Some(example) = &claim.counterexample else {
        return if claim.share.is_some() { "In no case of the audit.".into() } else { number::NONE.into() };
    };
    let holds = if example.holds { "Holds" } else { "Does not hold" };
    if example.changes.is_empty() {
        return format!("{holds} in the scenario as written.");
    }
    let change = |change: &armistice_analyze::findings::ParameterChange| {
        format!("{} {} instead of {}", change.parameter, number::plain(change.to), number::plain(change.from))
    };
    let changes: Vec<String> = example.changes.iter().map(change).collect();
    let needed = if example.pruned { "" } else { "; perhaps not all of it is needed" };
    if !readable(claim) {
        return format!("{holds} with {} parameters changed{needed}.", changes.len());
    }
    format!("{holds} with {}{needed}.", words::list(&changes))
}
