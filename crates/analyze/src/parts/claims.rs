//! Claims and calibration.

use armistice_scenario::{Expression, Scenario};
use armistice_solve::Control;
use rayon::prelude::*;

use crate::AnalyzeError;
use crate::evaluate::{Measures, cases_of};
use crate::findings::{self, CalibrationRow, Claim, ShownNumber, VerdictUnder};
use crate::runs::{Runs, Variation};

/// Solves the cases that expressions name, in parallel, so that evaluating them only looks up.
///
/// - errors: [`AnalyzeError::Cancelled`]; a case that fails is found again, with its reason, by whoever evaluates it.
pub fn prepare(
    runs: &Runs<'_>,
    variation: &Variation,
    expressions: &[&Expression],
    what: &str,
    control: &Control<'_>,
) -> Result<(), AnalyzeError> {
    let scenario = variation.scenario();
    let cases = cases_of(scenario, expressions);
    let total = cases.len() as u64;
    for (done, some) in cases.chunks(2 * rayon::current_num_threads().max(1)).enumerate() {
        control.report(what, (done * 2 * rayon::current_num_threads()) as u64, Some(total));
        let solved: Vec<Result<_, AnalyzeError>> = some
            .par_iter()
            .filter_map(|case| scenario.cases.get(*case))
            .map(|case| runs.get(&variation.with_change(&case.change)))
            .collect();
        if solved.iter().any(|run| matches!(run, Err(AnalyzeError::Cancelled))) {
            return Err(AnalyzeError::Cancelled);
        }
    }
    Ok(())
}

/// The propositions of all claims.
pub(crate) fn propositions(scenario: &Scenario) -> Vec<&Expression> {
    scenario.claims.iter().map(|claim| &claim.holds_when).collect()
}

/// Every claim with its verdict at the scenario's parameters and the numbers it wants shown.
///
/// - errors: [`AnalyzeError::Cancelled`].
pub fn claims(runs: &Runs<'_>, base: &Variation, control: &Control<'_>) -> Result<Vec<Claim>, AnalyzeError> {
    let scenario = base.scenario();
    let mut needed = propositions(scenario);
    needed.extend(scenario.claims.iter().flat_map(|claim| claim.show.iter().map(|(_, e)| e)));
    prepare(runs, base, &needed, "solving cases", control)?;
    let measures = Measures::new(runs, base);
    let mut out = Vec::new();
    for claim in &scenario.claims {
        let mut shown = Vec::new();
        for (text, expression) in &claim.show {
            shown.push(show(scenario, &measures, text, expression)?);
        }
        let (source, quote) = words_of(claim);
        out.push(Claim {
            name: claim.name.clone(),
            title: claim.title.clone(),
            says: claim.says.clone(),
            source,
            quote,
            proposition: claim.holds_when.text.clone(),
            verdict: measures.verdict(&claim.holds_when)?,
            shown,
            grid_points: runs.grid_points(),
            under: Vec::new(),
        });
    }
    Ok(out)
}

/// Who made a claim, and the words that it restates.
pub(crate) fn words_of(
    claim: &armistice_scenario::Claim,
) -> (findings::ClaimSource, Option<findings::Quote>) {
    let source = findings::ClaimSource {
        author: claim.source.author.clone(),
        outlet: claim.source.outlet.clone(),
        date: claim.source.date.map(|date| date.to_string()),
    };
    let quote = claim.quote.as_ref().map(|quote| findings::Quote {
        text: quote.text.clone(),
        document: quote.document.to_string_lossy().replace('\\', "/"),
        line: quote.line,
    });
    (source, quote)
}

fn show(
    scenario: &Scenario,
    measures: &Measures<'_>,
    text: &str,
    expression: &Expression,
) -> Result<ShownNumber, AnalyzeError> {
    let mut value = measures.number(expression)?;
    // `case.measure` and `measure` carry the words of the measure.
    let (case, name) =
        text.trim().split_once('.').map_or((None, text.trim()), |(case, name)| (Some(case), name));
    let measure = scenario.measures.iter().find(|m| m.name == name);
    let case = case.and_then(|case| scenario.cases.iter().find(|c| c.name == case));
    let title = measure.map(|m| match case {
        Some(case) => format!("{} ({})", m.title, case.title),
        None => m.title.clone(),
    });
    if let Some(measure) = measure {
        value.unit.clone_from(&measure.unit);
        value.percent = measure.percent;
    }
    Ok(ShownNumber { text: text.to_owned(), title, value })
}

/// Verdicts of all claims under a variation, in their order.
///
/// - errors: [`AnalyzeError::Cancelled`].
pub fn under(
    runs: &Runs<'_>,
    variation: &Variation,
    what: &str,
    setting: f64,
    only: &dyn Fn(&Expression) -> bool,
) -> Result<Vec<Option<VerdictUnder>>, AnalyzeError> {
    let measures = Measures::new(runs, variation);
    let scenario = variation.scenario();
    let judge = |claim: &armistice_scenario::Claim| {
        if !only(&claim.holds_when) {
            return Ok(None);
        }
        let verdict = measures.verdict(&claim.holds_when)?;
        Ok(Some(VerdictUnder { what: what.to_owned(), setting, verdict }))
    };
    scenario.claims.iter().map(judge).collect()
}

/// The model's own behavior beside the record.
///
/// - errors: [`AnalyzeError::Cancelled`].
pub(crate) fn calibration(
    main: &Measures<'_>,
    audit: &Measures<'_>,
    scenario: &Scenario,
) -> Result<Vec<CalibrationRow>, AnalyzeError> {
    let mut out = Vec::new();
    for row in &scenario.calibration {
        let alone = cases_of(scenario, &[&row.measure]).is_empty();
        let mut model = if alone { main } else { audit }.number(&row.measure)?;
        if alone {
            model = crate::parts::outlook::with_grid_error(model, audit.number(&row.measure)?.value);
        }
        model.unit.clone_from(&row.unit);
        out.push(CalibrationRow {
            name: row.name.clone(),
            title: row.title.clone(),
            measure: row.measure.text.clone(),
            observed: row.observed,
            range: row.range,
            within: row.range.zip(model.value).map(|((low, high), x)| low <= x && x <= high),
            model,
            source: row.source.clone(),
            says: row.says.clone(),
        });
    }
    Ok(out)
}
