//! The headline measures and what would change them.

use armistice_scenario::Scenario;

use crate::AnalyzeError;
use crate::evaluate::{Measures, cases_of};
use crate::findings::{GridErrorRow, Headline, Levers, OverRanges, Shift, ShiftBy, TornadoRow};
use crate::parts::outlook::with_grid_error;
use crate::survey::headline;

/// Changes named for each headline measure.
const CHANGES: usize = 8;

/// Headline measures on the main grid (on the audit grid where they compare cases), with their grid error.
///
/// - errors: [`AnalyzeError::Cancelled`].
pub(crate) fn headlines(
    scenario: &Scenario,
    main: &Measures<'_>,
    audit: &Measures<'_>,
) -> Result<(Vec<Headline>, Vec<GridErrorRow>), AnalyzeError> {
    let mut out = Vec::new();
    let mut errors = Vec::new();
    for measure in headline(scenario) {
        let alone = cases_of(scenario, &[&measure.value]).is_empty();
        let rough = audit.number(&measure.value)?;
        let mut value = if alone { main.number(&measure.value)? } else { rough.clone() };
        if alone {
            value = with_grid_error(value, rough.value);
            if let (Some(fine), Some(coarse)) = (value.value, rough.value)
                && let (Some(points), Some(coarse_points)) = (value.grid_points, rough.grid_points)
                && points > coarse_points
            {
                let ratio = (points as f64 - 1.0) / (coarse_points as f64 - 1.0).max(1.0);
                let estimate = (fine - coarse).abs() / (ratio * ratio - 1.0);
                errors.push(GridErrorRow { name: measure.name.clone(), value: fine, coarse, estimate });
            }
        }
        value.unit.clone_from(&measure.unit);
        value.percent = measure.percent;
        out.push(Headline {
            name: measure.name.clone(),
            title: measure.title.clone(),
            says: measure.says.clone(),
            value,
            over_ranges: None,
        });
    }
    Ok((out, errors))
}

/// Fills the spans over parameter ranges.
pub(crate) fn span(headlines: &mut [Headline], tornado: &[TornadoRow]) {
    for (position, headline) in headlines.iter_mut().enumerate() {
        let Some(value) = headline.value.value else { continue };
        let mut span = OverRanges { low: value, low_by: None, high: value, high_by: None };
        for row in tornado {
            for outcome in [&row.at_low, &row.at_high] {
                let Some(difference) = outcome.measures.get(position).and_then(|m| m.difference) else {
                    continue;
                };
                let moved = value + difference;
                if moved < span.low {
                    (span.low, span.low_by) = (moved, Some(row.parameter.clone()));
                }
                if moved > span.high {
                    (span.high, span.high_by) = (moved, Some(row.parameter.clone()));
                }
            }
        }
        headline.over_ranges = (!tornado.is_empty()).then_some(span);
    }
}

/// The largest changes of each headline measure among single levers and parameters at the ends of their ranges.
pub(crate) fn changes(
    scenario: &Scenario,
    headlines: &[Headline],
    tornado: &[TornadoRow],
    levers: Option<&Levers>,
) -> Vec<Shift> {
    let mut out = Vec::new();
    for (position, headline) in headlines.iter().enumerate() {
        let mut shifts = Vec::new();
        let mut see = |by, name: &str, title: &str, setting, outcome: &crate::findings::Outcome| {
            let measure = outcome.measures.get(position);
            if let Some((to, difference)) = measure.and_then(|m| m.value.zip(m.difference))
                && difference != 0.0
            {
                shifts.push(Shift {
                    measure: headline.name.clone(),
                    by,
                    name: name.to_owned(),
                    title: title.to_owned(),
                    setting,
                    from: to - difference,
                    to,
                });
            }
        };
        for set in levers.map_or(&[][..], |l| &l.sets).iter().filter(|set| set.levers.len() == 1) {
            if let Some(lever) = scenario.levers.iter().find(|l| set.levers.first() == Some(&l.name)) {
                see(ShiftBy::Lever, &lever.name, &lever.title, None, &set.outcome);
            }
        }
        for row in tornado {
            see(ShiftBy::Parameter, &row.parameter, &row.parameter, Some(row.low), &row.at_low);
            see(ShiftBy::Parameter, &row.parameter, &row.parameter, Some(row.high), &row.at_high);
        }
        shifts.sort_by(|a, b| (b.to - b.from).abs().total_cmp(&(a.to - a.from).abs()));
        shifts.truncate(CHANGES);
        out.extend(shifts);
    }
    out
}
