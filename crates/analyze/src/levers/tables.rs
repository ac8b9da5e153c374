//! Findings about levers as tables, one file each, for spreadsheets and data frames.

use super::LeverFindings;
use crate::AnalyzeError;
use crate::findings::{CurveSubject, Effect, FrontCost, FrontEffect, FrontSet, TimingPoint};

/// A table being written.
struct Rows(csv::Writer<Vec<u8>>);

impl Rows {
    fn new(header: &[String]) -> Result<Self, AnalyzeError> {
        let mut rows = Self(csv::Writer::from_writer(Vec::new()));
        rows.row(header)?;
        Ok(rows)
    }

    fn row(&mut self, cells: &[String]) -> Result<(), AnalyzeError> {
        self.0.write_record(cells).map_err(|error| AnalyzeError::Write(error.into()))
    }

    fn finish(self) -> Result<Vec<u8>, AnalyzeError> {
        self.0.into_inner().map_err(|error| AnalyzeError::Write(error.into_error()))
    }
}

/// The findings as comma-separated values: file names and contents. A number that is not defined is an empty cell.
///
/// - `sets.csv`: every set of levers; `fronts.csv`: every front; `thresholds.csv`, `timing.csv`, `tornado.csv`: where they were asked for.
/// - errors: [`AnalyzeError::Write`] when there is no memory to write to.
pub fn tables(findings: &LeverFindings) -> Result<Vec<(&'static str, Vec<u8>)>, AnalyzeError> {
    let mut out = vec![("sets.csv", sets(findings)?), ("fronts.csv", fronts(findings)?)];
    if !findings.levers.curves.is_empty() {
        out.push(("thresholds.csv", thresholds(findings)?));
    }
    if !findings.levers.timing.is_empty() {
        out.push(("timing.csv", timing(findings)?));
    }
    if !findings.tornado.is_empty() {
        out.push(("tornado.csv", tornado(findings)?));
    }
    Ok(out)
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn number(x: Option<f64>) -> String {
    x.map(|x| x.to_string()).unwrap_or_default()
}

fn names(levers: &[String]) -> String {
    if levers.is_empty() { "none".to_owned() } else { levers.join("+") }
}

/// Names of the columns of [`effect`], from an effect that has them all.
fn columns(like: &Effect) -> Vec<String> {
    let mut out = words(&["ended_by", "terms", "duration", "bill"]);
    out.extend(like.margins.iter().map(|m| format!("margin_{}_{}", m.player, m.kind)));
    out.extend(like.players.iter().map(|p| format!("value_{}", p.player)));
    out.extend(like.players.iter().map(|p| format!("cost_{}", p.player)));
    out.push("undefined".to_owned());
    out
}

/// Cells in the columns of `like`: an effect that is not defined has empty ones.
fn effect(effect: &Effect, like: &Effect) -> Vec<String> {
    let mut out: Vec<String> =
        [effect.ended_by, effect.terms, effect.duration, effect.bill].map(number).into();
    out.extend(
        (0..like.margins.len()).map(|k| number(effect.margins.get(k).and_then(|margin| margin.margin))),
    );
    out.extend((0..like.players.len()).map(|k| number(effect.players.get(k).map(|p| p.value))));
    out.extend((0..like.players.len()).map(|k| number(effect.players.get(k).map(|p| p.cost))));
    out.push(effect.undefined.clone().unwrap_or_default());
    out
}

fn sets(findings: &LeverFindings) -> Result<Vec<u8>, AnalyzeError> {
    let levers = &findings.levers;
    let mut rows = Rows::new(&[words(&["levers", "cost"]), columns(&levers.plain)].concat())?;
    rows.row(&[words(&["none", "0"]), effect(&levers.plain, &levers.plain)].concat())?;
    for (set, found) in levers.sets.iter().zip(&levers.effects) {
        rows.row(&[vec![names(&set.levers), set.cost.to_string()], effect(found, &levers.plain)].concat())?;
    }
    rows.finish()
}

fn fronts(findings: &LeverFindings) -> Result<Vec<u8>, AnalyzeError> {
    let header = ["cost_is", "effect_is", "levers", "cost", "effect", "cheapest_that_turns_the_margin"];
    let mut rows = Rows::new(&words(&header))?;
    for front in &findings.levers.fronts {
        let cost = match &front.cost {
            FrontCost::Stated => "stated".to_owned(),
            FrontCost::Bill => "bill".to_owned(),
            FrontCost::Loss(player) => format!("loss_{player}"),
        };
        let gain = match &front.effect {
            FrontEffect::Margin(kind) => format!("margin_{}_{kind}", findings.player),
            FrontEffect::EndedBy => "ended_by".to_owned(),
        };
        for set in &front.sets {
            let FrontSet { levers, cost: paid, effect } = set;
            let cheapest = (front.cheapest.as_ref() == Some(set)).to_string();
            let numbers = [paid.to_string(), effect.to_string(), cheapest];
            rows.row(&[&[cost.clone(), gain.clone(), names(levers)], &numbers[..]].concat())?;
        }
    }
    rows.finish()
}

/// One row a crossing; a place without any has one row with an empty one.
fn thresholds(findings: &LeverFindings) -> Result<Vec<u8>, AnalyzeError> {
    let mut header =
        words(&["of", "type", "axis_1", "value_1", "axis_2", "value_2", "threshold", "low", "high"]);
    header.extend(words(&["stopping_better_above", "margin_at_low", "margin_at_high", "undefined"]));
    let mut rows = Rows::new(&header)?;
    for curve in &findings.levers.curves {
        for kind in &curve.kinds {
            for (position, point) in kind.points.iter().enumerate() {
                let mut start = vec![subject(&curve.subject), kind.kind.clone()];
                let mut rest = kind.points.len();
                for axis in 0..2 {
                    let Some(axis) = curve.axes.get(axis) else {
                        start.extend(words(&["", ""]));
                        continue;
                    };
                    rest /= axis.labels.len().max(1);
                    let at = position / rest.max(1) % axis.labels.len().max(1);
                    start.extend([subject(&axis.subject), axis.labels.get(at).cloned().unwrap_or_default()]);
                }
                let ends = |why: Option<&String>| {
                    [number(point.at_low), number(point.at_high), why.cloned().unwrap_or_default()]
                };
                for crossing in &point.crossings {
                    let (low, high) = crossing.between;
                    let own = [number(crossing.value), low.to_string(), high.to_string()];
                    let why = crossing.undefined.as_ref().or(point.undefined.as_ref());
                    rows.row(&[&start[..], &own, &[crossing.rising.to_string()], &ends(why)].concat())?;
                }
                if point.crossings.is_empty() {
                    let none = words(&["", "", "", ""]);
                    rows.row(&[&start[..], &none, &ends(point.undefined.as_ref())].concat())?;
                }
            }
        }
    }
    rows.finish()
}

/// The name of what is looked for or varies.
pub(crate) fn subject(subject: &CurveSubject) -> String {
    match subject {
        CurveSubject::Parameter(name) | CurveSubject::State(name) => name.clone(),
        CurveSubject::Strength(levers) => format!("strength_{}", levers.join("+")),
        CurveSubject::Belief(player, kind) => format!("{player}.{kind}"),
    }
}

fn timing(findings: &LeverFindings) -> Result<Vec<u8>, AnalyzeError> {
    let like = &findings.levers.plain;
    let mut rows = Rows::new(&[words(&["levers", "period", "date", "how"]), columns(like)].concat())?;
    for timing in &findings.levers.timing {
        let levers = names(&timing.levers);
        for TimingPoint { period, date, announced, surprise } in &timing.points {
            for (how, found) in [("announced", announced), ("surprise", surprise)] {
                let date = date.clone().unwrap_or_default();
                let start = [levers.clone(), period.to_string(), date, how.to_owned()];
                rows.row(&[&start[..], &effect(found, like)].concat())?;
            }
        }
        if let Some(why) = &timing.undefined {
            let nothing = Effect { undefined: Some(why.clone()), ..Effect::default() };
            let start = [levers, String::new(), String::new(), String::new()];
            rows.row(&[&start[..], &effect(&nothing, like)].concat())?;
        }
    }
    rows.finish()
}

fn tornado(findings: &LeverFindings) -> Result<Vec<u8>, AnalyzeError> {
    let mut header = words(&["parameter", "value", "low", "high"]);
    for margin in &findings.levers.base.margins {
        header.extend([format!("margin_{}_at_low", margin.kind), format!("margin_{}_at_high", margin.kind)]);
    }
    let mut rows = Rows::new(&header)?;
    for row in &findings.tornado {
        let numbers = [row.base, row.low, row.high].map(|x| x.to_string());
        let mut cells = [std::slice::from_ref(&row.parameter), &numbers[..]].concat();
        for kind in 0..findings.levers.base.margins.len() {
            let margin = |m: &crate::findings::Outcome| number(m.margins.get(kind).and_then(|m| m.margin));
            cells.extend([margin(&row.at_low), margin(&row.at_high)]);
        }
        rows.row(&cells)?;
    }
    rows.finish()
}
