//! The first screen: what was asked, the answer with its uncertainty, what would change it, what the model cannot say.

use armistice_analyze::findings::{Headline, Shift};
use serde::Serialize;

use crate::block::{Block, Fact};
use crate::names::{Names, fact};
use crate::{charts, number, words};

/// Numbers shown large.
const LARGE: usize = 6;

/// The first screen.
#[derive(Serialize)]
pub(crate) struct Answer {
    /// "Month by month from February 2022, 48 months".
    pub frame: String,
    /// The question.
    pub question: Option<String>,
    /// Things to know first.
    pub warnings: Vec<String>,
    /// Headline measures, and why there are none.
    pub facts: Vec<Fact>,
    /// Why there are no headline measures.
    pub nothing: Option<Block>,
    /// Whether the attacker would rather stop, in a sentence for each type.
    pub margins: Vec<String>,
    /// What would change the first measure.
    pub changes: Vec<Block>,
    /// What this model cannot say.
    pub cannot_say: Vec<String>,
}

/// Puts the first screen together.
pub(crate) fn answer(names: Names<'_>) -> Answer {
    let findings = names.0;
    let about = &findings.about;
    let start = about.start.as_deref().map(|date| format!(" from {}", words::date(date, names.by_day())));
    let length = match about.horizon {
        Some(periods) => format!("{periods} {}", about.periods),
        None => "no fixed horizon".into(),
    };
    let mut warnings = findings.warnings.clone();
    if let Some(certificate) =
        findings.certificate.as_ref().filter(|certificate| certificate.status != "certified")
    {
        warnings.insert(0, super::evidence::status(&certificate.status));
    }
    if !findings.missing.is_empty() {
        warnings.push(format!(
            "This report is not complete: {} not computed. The sections concerned say why.",
            if findings.missing.len() == 1 {
                "1 part was".into()
            } else {
                format!("{} parts were", findings.missing.len())
            }
        ));
    }
    let mut measures: Vec<Fact> = findings.answer.measures.iter().map(headline).collect();
    let more = measures.split_off(measures.len().min(LARGE));
    let mut changes = changes(names);
    if !more.is_empty() {
        changes.push(Block::Details {
            summary: words::several(more.len(), "more headline number", "more headline numbers"),
            blocks: vec![Block::Facts { facts: more }],
        });
    }
    Answer {
        frame: format!("Each period is a {}: {length}{}", names.period(), start.unwrap_or_default()),
        question: about.question.clone(),
        warnings,
        nothing: measures
            .is_empty()
            .then(|| names.absent("answer", "The scenario names no headline measures.")),
        facts: measures,
        margins: margins(names),
        changes,
        cannot_say: about.cannot_say.clone(),
    }
}

fn headline(measure: &Headline) -> Fact {
    let mut fact = fact(measure.title.clone(), &measure.value);
    if let Some(span) = &measure.over_ranges {
        let (low, high) = (words::like(&measure.value, span.low), words::like(&measure.value, span.high));
        let text = match (&span.low_by, &span.high_by) {
            (None, None) => "The same when any one parameter goes to either end of its range.".into(),
            (Some(low_by), Some(high_by)) if low_by == high_by => {
                format!(
                    "{low} to {high} as single parameters go to the ends of their ranges (both: {}).",
                    words::humane(low_by)
                )
            }
            (low_by, high_by) => {
                let by =
                    |name: &Option<String>| name.as_deref().map_or_else(|| "as it is".into(), words::humane);
                format!(
                    "{low} to {high} as single parameters go to the ends of their ranges (lowest: {}; highest: {}).",
                    by(low_by),
                    by(high_by)
                )
            }
        };
        fact.notes.insert(0, text);
    }
    if let Some(says) = &measure.says {
        fact.notes.insert(0, says.clone());
    }
    fact
}

fn margins(names: Names<'_>) -> Vec<String> {
    let Some(margins) = &names.0.margins else { return Vec::new() };
    let sentence = |start: &armistice_analyze::findings::MarginAtStart| {
        let value = start.margin.value?;
        let better =
            if value > 0.0 { "stopping is the better choice" } else { "going on is the better choice" };
        Some(format!(
            "{}, {}: {better} at the start (stopping margin {}).",
            margins.title,
            start.title,
            number::signed(value)
        ))
    };
    margins.start.iter().filter_map(sentence).collect()
}

/// The first measure that anything changes as a chart, the others folded.
fn changes(names: Names<'_>) -> Vec<Block> {
    let answer = &names.0.answer;
    let mut drawn = Vec::new();
    for (place, measure) in answer.measures.iter().enumerate() {
        let shifts: Vec<&Shift> =
            answer.changes.iter().filter(|shift| shift.measure == measure.name).collect();
        drawn.extend(charts::answer::chart(names, place, &measure.name, &shifts));
    }
    if drawn.is_empty() {
        let parts = ["answer.changes", "levers", "sensitivity.tornado"];
        let part = parts.into_iter().find(|part| names.missing(part).is_some()).unwrap_or("answer.changes");
        return vec![
            names.absent(part, "No single lever or parameter was found to change a headline number."),
        ];
    }
    let folded = drawn.split_off(1);
    let mut blocks: Vec<Block> = drawn.into_iter().map(Block::chart).collect();
    if !folded.is_empty() {
        blocks.push(Block::Details {
            summary: format!(
                "The same for {}",
                words::several(folded.len(), "other number", "other numbers")
            ),
            blocks: folded.into_iter().map(Block::chart).collect(),
        });
    }
    blocks
}
