//! A model and what came of running it, in text.

use armistice::catalog::{Model, ModelFindings, claims, difference, number};
use serde_json::{Value, json};

use crate::session::{BAD, DIM, GOOD, HEADING, styled};
use crate::text::{Table, plural};

/// Columns of text.
const WIDTH: usize = 100;

/// Words in lines of at most [`WIDTH`] columns, behind an indent.
fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    let mut column = WIDTH;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column + 1 + length > WIDTH {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(indent);
            column = indent.chars().count();
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

fn heading(out: &mut Vec<String>, words: &str) {
    out.push(String::new());
    out.push(styled(HEADING, words));
}

/// The whole model.
pub fn text(model: &Model, findings: &ModelFindings) -> String {
    let mut out = vec![styled(HEADING, &model.title), styled(DIM, &model.name)];
    out.push(wrapped(&format!("“{}”", model.prose), ""));
    heading(&mut out, "What the result says");
    out.push(wrapped(&model.result, "  "));
    heading(&mut out, "What would be observed");
    out.push(wrapped(&model.implication, "  "));
    if let Some(note) = &model.note {
        heading(&mut out, "Take care");
        out.push(wrapped(note, "  "));
    }
    heading(&mut out, "The game");
    for (what, words) in [
        ("players", &model.players),
        ("moves", &model.timing),
        ("private", &model.private),
        ("payoffs", &model.payoffs),
        ("equilibrium", &model.equilibrium),
    ] {
        let text = wrapped(words, "               ");
        out.push(format!("  {what:<13}{}", text.trim_start()));
    }
    heading(&mut out, "Parameters");
    let mut table = Table::default();
    for (name, parameter) in model.parameters.iter() {
        let value = findings.parameters.iter().find(|(n, _)| n == name).map_or(0.0, |(_, v)| *v);
        let range =
            parameter.range.map_or_else(String::new, |[a, b]| format!("{} to {}", number(a), number(b)));
        table.row([name.to_owned(), number(value), range, parameter.says.clone()]);
    }
    out.extend(table.lines_with_prose("  "));
    predictions(&mut out, model, findings);
    if !model.games.is_empty() {
        heading(&mut out, "Games it is solved as");
        let mut table = Table::default();
        for game in &model.games {
            table.row([game.name.clone(), game.says.clone()]);
        }
        out.extend(table.lines_with_prose("  "));
    }
    if !model.claims.is_empty() {
        heading(&mut out, "Claims that rest on it");
        let mut table = Table::default();
        for claim in claims().into_iter().filter(|claim| model.claims.contains(&claim.id)) {
            table.row([claim.id, claim.says]);
        }
        out.extend(table.lines_with_prose("  "));
    }
    heading(&mut out, "Sources");
    out.push(format!("  {} the first of", model.fidelity.words()));
    out.extend(model.citation.iter().map(|source| wrapped(source, "    ")));
    out.join("\n")
}

fn predictions(out: &mut Vec<String>, model: &Model, findings: &ModelFindings) {
    if findings.predictions.is_empty() {
        return;
    }
    heading(out, "What the closed form predicts");
    let mut table = Table::default();
    for row in &findings.predictions {
        let formula = model.predictions.get(&row.name).and_then(|p| p.value.as_ref());
        let formula = formula.map_or_else(|| styled(DIM, "computed"), |f| styled(DIM, f.to_string()));
        let value = row.value.map_or_else(|| "not defined".to_owned(), number);
        table.row([row.name.clone(), value, format!("{}  {formula}", row.says)]);
    }
    out.extend(table.lines_with_prose("  "));
}

/// The model as a document.
pub fn document(model: &Model, findings: &ModelFindings) -> Value {
    let formulas: Vec<Value> = model
        .predictions
        .iter()
        .map(|(name, p)| json!({ "name": name, "formula": p.value.as_ref().map(ToString::to_string) }))
        .collect();
    json!({
        "name": model.name,
        "id": model.id,
        "title": model.title,
        "fidelity": model.fidelity.words(),
        "citation": model.citation,
        "prose": model.prose,
        "literature": model.literature,
        "result": model.result,
        "implication": model.implication,
        "claims": model.claims,
        "players": model.players,
        "timing": model.timing,
        "private": model.private,
        "payoffs": model.payoffs,
        "equilibrium": model.equilibrium,
        "note": model.note,
        "formulas": formulas,
        "findings": findings,
    })
}

fn mark(ok: bool) -> String {
    if ok { styled(GOOD, "✓") } else { styled(BAD, "✗") }
}

/// What came of one of many models, in one line.
pub fn line(findings: &ModelFindings) -> String {
    let compared: usize = findings.games.iter().map(|game| game.measures.len()).sum();
    format!(
        "{} {:<44} {}, {}, {} with {} compared",
        mark(findings.ok),
        findings.model,
        plural(findings.cases.len(), "known number"),
        plural(findings.statics.len() + findings.identities.len(), "comparative static"),
        plural(findings.games.len(), "game"),
        plural(compared, "number"),
    )
}

/// What came of a model.
pub fn results(model: &Model, findings: &ModelFindings) -> String {
    let mut out = vec![styled(HEADING, &model.title), styled(DIM, &model.name)];
    let set: Vec<String> =
        findings.parameters.iter().map(|(name, value)| format!("{name} = {}", number(*value))).collect();
    out.push(wrapped(&format!("at {}", set.join(", ")), "  "));
    predictions(&mut out, model, findings);
    heading(&mut out, "Checked");
    if !findings.cases.is_empty() {
        let right = findings.cases.iter().filter(|row| row.ok).count();
        let ok = right == findings.cases.len();
        out.push(format!("  {} {right} of {} known numbers agree", mark(ok), findings.cases.len()));
        for row in findings.cases.iter().filter(|row| !row.ok) {
            let found = row.found.map_or_else(|| "not defined".to_owned(), number);
            out.push(format!(
                "      {}: {} is {found}, not {}",
                row.case,
                row.prediction,
                number(row.expected)
            ));
        }
    }
    for row in &findings.statics {
        out.push(format!(
            "  {} {} {} with {} {}",
            mark(row.ok),
            row.quantity,
            row.sign.words(),
            row.parameter,
            styled(DIM, format!("{}: {} violations at {} points", row.region, row.violations, row.samples)),
        ));
    }
    for row in &findings.identities {
        let tested = styled(DIM, format!("{} violations at {} points", row.violations, row.samples));
        out.push(format!("  {} {} {tested}", mark(row.ok), row.claim));
    }
    for game in &findings.games {
        heading(&mut out, &format!("Game {}", game.name));
        out.push(wrapped(&game.says, "  "));
        if let Some(s) = game.solutions.last() {
            let at = s.lambda.map_or_else(String::new, |lambda| format!(" at λ = {}", number(lambda)));
            let words = format!(
                "{} nodes, {}{at}, regret {} of the payoff range",
                s.nodes,
                s.status,
                difference(s.regret)
            );
            out.push(format!("  {}", styled(DIM, words)));
        }
        let mut table = Table::default();
        let mut heads = vec![String::new(), "closed form".to_owned()];
        heads.extend(
            game.solutions.iter().map(|s| s.n.map_or_else(|| "solved".to_owned(), |n| format!("n = {n}"))),
        );
        heads.extend(["difference".to_owned(), "allowed".to_owned()]);
        table.row(heads);
        for row in &game.measures {
            let mut cells =
                vec![format!("{}{}", if row.ok { "" } else { "✗ " }, row.name), number(row.expected)];
            cells
                .extend(row.found.iter().map(|f| f.as_ref().map_or_else(|_| "—".to_owned(), |x| number(*x))));
            let last = row.found.last().and_then(|f| f.as_ref().ok());
            cells.push(last.map_or_else(String::new, |x| difference((x - row.expected).abs())));
            cells.push(number(row.tolerance));
            table.row(cells);
        }
        if !game.measures.is_empty() {
            out.extend(table.lines("  "));
        }
        for row in &game.measures {
            if let Some(Err(why)) = row.found.last() {
                out.push(format!("    {}: {why}", row.name));
            }
        }
        for row in &game.equilibria {
            let fails = row.fails.as_ref().map_or_else(String::new, |f| format!(", fails {f}"));
            let selected = if row.selected { "; the branch from uniform play leads to it" } else { "" };
            let selected = format!(": {}{selected}", row.words());
            out.push(format!("  {} equilibrium {}{fails}{selected}", mark(row.ok), row.name));
        }
    }
    out.join("\n")
}
