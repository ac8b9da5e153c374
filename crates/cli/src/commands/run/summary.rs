//! What a run found, in a screenful.

use armistice::analyze::Findings;
use armistice::analyze::findings::{Claim, Headline, Quantity, Verdict, Word};

use crate::session::{CARE, DIM, GOOD, HEADING, styled};
use crate::text::{Table, percent, plural, signed, small};

/// The summary of findings.
pub fn summary(findings: &Findings) -> String {
    let mut out = vec![styled(HEADING, &findings.about.title)];
    if let Some(question) = &findings.about.question {
        out.push(question.clone());
    }
    let mut section = |lines: Vec<String>| {
        if !lines.is_empty() {
            out.push(String::new());
            out.extend(lines);
        }
    };
    section(headlines(findings));
    section(margins(findings));
    section(endings(findings));
    section(claims(&findings.claims).into_iter().chain(quick_audit(findings)).collect());
    section(levers(findings));
    section(trust(findings));
    out.join("\n")
}

fn headlines(findings: &Findings) -> Vec<String> {
    let mut table = Table::default();
    for Headline { title, value, over_ranges, .. } in &findings.answer.measures {
        let span = over_ranges.as_ref().map_or_else(String::new, |span| {
            let number = |x: f64| number(x, value.percent);
            format!("{} to {} over the ranges of parameters", number(span.low), number(span.high))
        });
        table.row([title.clone(), quantity(value), span]);
    }
    aligned(&table)
}

/// The last column of these tables is prose, so it is flush left.
fn aligned(table: &Table) -> Vec<String> {
    table.lines_with_prose("  ")
}

fn margins(findings: &Findings) -> Vec<String> {
    let Some(margins) = &findings.margins else { return Vec::new() };
    let mut table = Table::default();
    let mut styles = Vec::new();
    for at in &margins.start {
        let Some(margin) = at.margin.value else { continue };
        let against = match (&at.stop, &at.go) {
            (Some(stop), Some(go)) => format!("{stop} against {go}"),
            _ => String::new(),
        };
        styles.push(if margin > 0.0 { GOOD } else { CARE });
        table.row([at.title.clone(), signed(margin), against]);
    }
    if styles.is_empty() {
        return Vec::new();
    }
    let mut out = vec![styled(
        HEADING,
        format!("Is stopping better for {}? (margin at the start; positive: yes)", margins.title),
    )];
    out.extend(aligned(&table).into_iter().zip(styles).map(|(line, style)| styled(style, line)));
    out
}

fn endings(findings: &Findings) -> Vec<String> {
    let mut table = Table::default();
    for ending in &findings.endings {
        if let Some(probability) = ending.probability {
            table.row([ending.title.clone(), percent(probability)]);
        }
    }
    let lines = table.lines("  ");
    if lines.is_empty() {
        return lines;
    }
    let horizon = findings
        .about
        .horizon
        .map_or_else(|| "in the end".to_owned(), |n| format!("within {n} {}", findings.about.periods));
    let mut out = vec![styled(HEADING, format!("How it ends {horizon}"))];
    out.extend(lines);
    out
}

fn claims(claims: &[Claim]) -> Vec<String> {
    if claims.is_empty() {
        return Vec::new();
    }
    let count = |wanted: fn(&Verdict) -> bool| claims.iter().filter(|claim| wanted(&claim.verdict)).count();
    let holds = count(|v| matches!(v, Verdict::Holds));
    let fails = count(|v| matches!(v, Verdict::DoesNotHold));
    let verb = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let mut text = format!(
        "{}: {} in this model, {}",
        plural(claims.len(), "claim"),
        verb(holds, "holds", "hold"),
        verb(fails, "does not", "do not"),
    );
    let undefined = claims.len() - holds - fails;
    if undefined > 0 {
        text.push_str(&format!(", {undefined} cannot be decided"));
    }
    let firm = claims
        .iter()
        .filter(|claim| {
            !claim.under.is_empty() && claim.under.iter().all(|under| under.verdict == claim.verdict)
        })
        .count();
    let tried = claims.iter().filter(|claim| !claim.under.is_empty()).count();
    if tried > 0 {
        text.push_str(&format!(
            "; {firm} of {tried} verdicts stayed the same under every change that was tried"
        ));
    }
    vec![format!("{}    {text}", styled(HEADING, "Claims"))]
}

fn quick_audit(findings: &Findings) -> Option<String> {
    let audit = findings.audit.as_ref()?;
    let counted = Word::ALL.iter().filter_map(|word| {
        let count = audit.findings.claims.iter().filter(|claim| claim.word == *word).count();
        (count > 0).then(|| format!("{} {count}", word.as_str()))
    });
    let counted: Vec<String> = counted.collect();
    Some(format!(
        "{}     over {} of everything uncertain: {}",
        styled(HEADING, "Audit"),
        plural(audit.findings.cases, "case"),
        counted.join(", ")
    ))
}

fn levers(findings: &Findings) -> Vec<String> {
    let Some(levers) = &findings.levers else { return Vec::new() };
    let mut out = Vec::new();
    for cheapest in &levers.cheapest {
        let kind = &cheapest.kind;
        let text = match &cheapest.levers {
            Some(set) if set.is_empty() => format!("{kind}: stopping is better without any lever"),
            Some(set) => {
                format!("{kind}: the cheapest set that makes stopping better is {}", set.join(" + "))
            }
            None => format!("{kind}: no set of levers that was tried makes stopping better"),
        };
        out.push(format!("{}    {text}", styled(HEADING, "Levers")));
    }
    out
}

fn trust(findings: &Findings) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(certificate) = &findings.certificate {
        let heading = styled(HEADING, "Solution");
        let style = if certificate.status == "certified" && certificate.checked > 0 { GOOD } else { CARE };
        let status = styled(style, certificate.status.replace('_', " "));
        let (residual, regret) = (small(certificate.residual), small(certificate.regret_relative));
        out.push(match certificate.checked {
            0 => format!("{heading}  {status} by the solver, not checked independently"),
            _ => format!("{heading}  {status}: residual {residual}, regret {regret} of the payoff range"),
        });
    }
    for warning in &findings.warnings {
        out.push(styled(CARE, format!("Warning: {warning}")));
    }
    let (skipped, failed): (Vec<_>, Vec<_>) =
        findings.missing.iter().partition(|m| m.reason == "not asked for");
    if !skipped.is_empty() {
        let parts: Vec<&str> = skipped.iter().map(|missing| missing.part.as_str()).collect();
        out.push(styled(DIM, format!("Not asked for: {}", parts.join(", "))));
    }
    for missing in failed {
        out.push(styled(DIM, format!("Not computed: {} ({})", missing.part, missing.reason)));
    }
    out
}

/// A number with its unit, or why there is none.
fn quantity(quantity: &Quantity) -> String {
    match (quantity.value, &quantity.undefined) {
        (Some(value), _) => {
            let unit = quantity.unit.as_deref().filter(|_| !quantity.percent).unwrap_or_default();
            format!("{} {unit}", number(value, quantity.percent)).trim_end().to_owned()
        }
        (None, Some(reason)) => format!("not defined: {reason}"),
        (None, None) => "not defined".to_owned(),
    }
}

fn number(value: f64, as_percent: bool) -> String {
    if as_percent {
        percent(value)
    } else if value != 0.0 && value.abs() < 0.1 {
        format!("{value:.4}").replace('-', "−")
    } else {
        format!("{value:.2}").replace('-', "−")
    }
}
