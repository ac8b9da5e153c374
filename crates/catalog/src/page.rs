//! The pages of the book about the catalog, written by the program.

use std::fmt::Write;

use crate::check::ModelFindings;
use crate::model::Model;
use crate::{CatalogError, claims, model, names};

/// A number with six significant digits, as short as it can be written.
#[must_use]
pub fn number(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let size = x.abs().log10().floor();
    if !(-4.0..9.0).contains(&size) {
        return format!("{x:.3e}").replace('-', "−");
    }
    let digits = (5.0 - size).max(0.0) as usize;
    let text = format!("{x:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let text = if text == "-0" { "0" } else { text };
    text.replace('-', "−")
}

/// A difference: what is below 1e-6 is not told apart, because it may differ between machines.
#[must_use]
pub fn difference(x: f64) -> String {
    if x < 1e-6 { "< 1e-6".to_owned() } else { format!("{x:.1e}") }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The page of a model, as Markdown; `plot` says whether a drawing of the model's name lies beside it.
#[must_use]
pub fn page(model: &Model, findings: &ModelFindings, plot: bool) -> String {
    let mut out =
        String::from("<!-- Written by `armistice catalog pages`; a test fails when it is stale. -->\n\n");
    // Writing to a `String` cannot fail, here and below.
    let _ = writeln!(out, "# {}\n\n> {}\n", model.title, model.prose);
    let _ = writeln!(
        out,
        "`{}` {} {}\n",
        model.name,
        model.fidelity.words(),
        model.citation.first().map_or("", String::as_str),
    );
    let _ = writeln!(out, "**What the result says.** {}\n", model.result);
    let _ = writeln!(out, "**What would be observed.** {}\n", model.implication);
    if let Some(note) = &model.note {
        let _ = writeln!(out, "**Take care.** {note}\n");
    }
    if !model.claims.is_empty() {
        let listed: Vec<String> = model
            .claims
            .iter()
            .map(|id| {
                format!(
                    "{id} ({})",
                    claims().into_iter().find(|c| c.id == *id).map_or_else(String::new, |c| c.says)
                )
            })
            .collect();
        let _ = writeln!(out, "**Claims that rest on it.** {}.\n", listed.join("; "));
    }
    if let Some(shown) = model.plot.as_ref().filter(|_| plot) {
        let _ = writeln!(out, "![{}]({}.svg)\n\n{}\n", cell(&shown.says), model.name, shown.says);
    }
    let _ = writeln!(out, "## The game\n\n| | |\n| --- | --- |");
    for (what, words) in [
        ("players", &model.players),
        ("moves", &model.timing),
        ("private", &model.private),
        ("payoffs", &model.payoffs),
        ("equilibrium", &model.equilibrium),
    ] {
        let _ = writeln!(out, "| {what} | {} |", cell(words));
    }
    let _ = writeln!(out, "\n## Parameters\n\n| name | value | range | meaning |\n| --- | --- | --- | --- |");
    for (name, parameter) in model.parameters.iter() {
        let value = findings.parameters.iter().find(|(n, _)| n == name).map_or(0.0, |(_, v)| *v);
        let range =
            parameter.range.map_or_else(String::new, |[a, b]| format!("{} to {}", number(a), number(b)));
        let _ = writeln!(out, "| `{name}` | {} | {range} | {} |", number(value), cell(&parameter.says));
    }
    predictions(&mut out, model, findings);
    checks(&mut out, findings);
    let _ = writeln!(
        out,
        "\n## Run it\n\n```sh\narmistice catalog run {0}\narmistice catalog show {0} --file model.toml\n```\n",
        model.name,
    );
    let _ = writeln!(out, "## Sources\n");
    for source in &model.citation {
        let _ = writeln!(out, "- {source}");
    }
    out
}

fn predictions(out: &mut String, model: &Model, findings: &ModelFindings) {
    if findings.predictions.is_empty() {
        return;
    }
    if !model.shorthands.0.is_empty() {
        let _ = writeln!(out, "\n## Shorthands\n\n| name | stands for |\n| --- | --- |");
        for (name, formula) in model.shorthands.iter() {
            let _ = writeln!(out, "| `{name}` | `{}` |", cell(&formula.to_string()));
        }
    }
    let _ = writeln!(
        out,
        "\n## What the closed form predicts\n\n| name | formula | value | meaning |\n| --- | --- | ---: | --- |"
    );
    for row in &findings.predictions {
        let formula = model.predictions.get(&row.name).and_then(|p| p.value.as_ref());
        let formula =
            formula.map_or_else(|| "computed".to_owned(), |f| format!("`{}`", cell(&f.to_string())));
        let value = row.value.map_or_else(|| "not defined".to_owned(), number);
        let _ = writeln!(out, "| `{}` | {formula} | {value} | {} |", row.name, cell(&row.says));
    }
}

fn checks(out: &mut String, findings: &ModelFindings) {
    let _ = writeln!(out, "\n## What was checked\n");
    if !findings.cases.is_empty() {
        let right = findings.cases.iter().filter(|row| row.ok).count();
        let _ =
            writeln!(out, "- Known numbers: {right} of {} agree with the closed form.", findings.cases.len());
    }
    for row in &findings.statics {
        let _ = writeln!(
            out,
            "- `{}` {} with `{}` ({}): {} points, {} violations.",
            row.quantity,
            row.sign.words(),
            row.parameter,
            row.region,
            row.samples,
            row.violations,
        );
    }
    for row in &findings.identities {
        let _ = writeln!(out, "- {}: {} points, {} violations.", row.claim, row.samples, row.violations);
    }
    if !findings.games.is_empty() {
        let _ = writeln!(out, "\n### Games solved\n");
    }
    for game in &findings.games {
        let _ = writeln!(out, "**{}**: {}.\n", game.name, game.says.trim_end_matches('.'));
        let sizes: Vec<String> = game
            .solutions
            .iter()
            .map(|s| {
                let n = s.n.map_or_else(String::new, |n| format!("n = {n}: "));
                format!("{n}{} nodes, regret {}", s.nodes, difference(s.regret))
            })
            .collect();
        let _ = writeln!(out, "{}.\n", sizes.join("; "));
        if !game.measures.is_empty() {
            let heads: String = game
                .solutions
                .iter()
                .map(|s| s.n.map_or_else(|| " solved |".to_owned(), |n| format!(" n = {n} |")))
                .collect();
            let rules = " ---: |".repeat(game.solutions.len());
            let _ = writeln!(out, "| | closed form |{heads} difference |\n| --- | ---: |{rules} ---: |");
            for row in &game.measures {
                let found: String = row
                    .found
                    .iter()
                    .map(|f| format!(" {} |", f.as_ref().map_or_else(|why| why.clone(), |x| number(*x))))
                    .collect();
                let last = row.found.last().and_then(|f| f.as_ref().ok());
                let off = last.map_or_else(String::new, |x| difference((x - row.expected).abs()));
                let _ = writeln!(out, "| `{}` | {} |{found} {off} |", row.name, number(row.expected));
            }
            out.push('\n');
        }
        for row in &game.equilibria {
            let fails = row.fails.as_ref().map_or_else(String::new, |f| format!(", fails {f}"));
            let selected = if row.selected { "; the branch from uniform play leads to it" } else { "" };
            let found = row.words();
            let _ = writeln!(out, "- equilibrium *{}*{fails}: {found}{selected}", row.name);
        }
        if !game.equilibria.is_empty() {
            out.push('\n');
        }
    }
}

/// The chapter about the whole catalog: mechanisms, literature, results, implications, and the claims that rest on them.
///
/// - errors: [`CatalogError::Unreadable`].
pub fn index() -> Result<String, CatalogError> {
    let models: Vec<Model> = names().map(model).collect::<Result<_, _>>()?;
    let mut ordered: Vec<&Model> = models.iter().collect();
    ordered.sort_by(|a, b| a.id.cmp(&b.id).then(a.name.cmp(&b.name)));
    let mut out =
        String::from("<!-- Written by `armistice catalog pages`; a test fails when it is stale. -->\n\n");
    let _ = writeln!(
        out,
        "# The catalog\n\n\
         {} published models of crisis bargaining and war termination, each a folder of files that can be read, run, changed and\n\
         extended. `armistice catalog list` names them, `show` prints one, `run` checks it: the closed form against known numbers, the\n\
         sign of every comparative static over its region, and the equilibria of its games against the closed form. A scenario may\n\
         start from one with `extends = \"NAME\"`.\n\n\
         *Reproduces* means the game and the result as published. *Same mechanism as* is a reduction whose numbers are not the source's.\n\
         *A game of our own* puts an argument made in prose into a form that can be solved.\n\n\
         ## From what is said to what would be observed\n\n\
         | what is said | literature | what the formal result says | what would be observed | model | fidelity |\n\
         | --- | --- | --- | --- | --- | --- |",
        models.len(),
    );
    for model in &ordered {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | [`{name}`](catalog/{name}.md) | {} |",
            cell(&model.prose),
            cell(&model.literature),
            cell(&model.result),
            cell(&model.implication),
            model.fidelity.words().trim_end_matches(", after"),
            name = model.name,
        );
    }
    let _ = writeln!(
        out,
        "\n## Claims and the models behind them\n\n\
         Claims A1 to C8 are those of three published arguments about how the war in Ukraine might end, restated. A model behind a\n\
         claim says when the mechanism works; it does not say that it is at work in this war.\n\n\
         | claim | in short | models |\n| --- | --- | --- |"
    );
    for claim in claims() {
        let behind: Vec<String> = ordered
            .iter()
            .filter(|model| model.claims.contains(&claim.id))
            .map(|model| format!("[`{0}`](catalog/{0}.md)", model.name))
            .collect();
        let behind = if behind.is_empty() { "none in the catalog".to_owned() } else { behind.join(", ") };
        let _ = writeln!(out, "| {} | {} | {behind} |", claim.id, cell(&claim.says));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(0.4), "0.4");
        assert_eq!(number(-1.0 / 3.0), "−0.333333");
        assert_eq!(number(399.999_999_999), "400");
        assert_eq!(number(1e-9), "1.000e−9");
        assert_eq!(number(-1e-12 * 0.0), "0");
        assert_eq!(difference(3e-8), "< 1e-6");
        assert_eq!(difference(0.0123), "1.2e-2");
    }
}
