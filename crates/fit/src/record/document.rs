//! What a fit found, as a document.

use armistice_game::PlayerId;
use armistice_scenario::Record;
use serde::{Deserialize, Serialize};

use super::filter::mixed_belief;
use super::model::{Point, Spent};
use super::past::Past;
use super::play::stopping_margins;

/// The record of a scenario, and how much of it was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordSeen {
    /// File.
    pub file: String,
    /// blake3 of its bytes.
    pub hash: String,
    /// Source chosen under `[data.sources]`; `null` is the table's own columns.
    pub source: Option<String>,
    /// First row.
    pub from: String,
    /// Last row.
    pub to: String,
    /// Rows.
    pub rows: usize,
}

impl RecordSeen {
    /// What was seen of a record.
    #[must_use]
    pub fn of(record: &Record, past: &Past) -> Self {
        let date =
            |row: Option<&armistice_scenario::Observation>| row.map_or_else(String::new, |r| r.date.clone());
        Self {
            file: record.file.clone(),
            hash: record.hash.clone(),
            source: record.source.clone(),
            from: date(past.rows().first()),
            to: date(past.rows().last()),
            rows: past.len(),
        }
    }
}

/// A fit: `armistice.fit/1`.
#[derive(Clone, Debug, Serialize)]
pub struct Fit {
    /// The record.
    pub record: RecordSeen,
    /// Estimates, in the scenario's order.
    pub estimates: Vec<Estimate>,
    /// Parameters with a range that do not move the likelihood.
    pub idle: Vec<String>,
    /// ln L at the maximum.
    pub log_likelihood: f64,
    /// ln L at the scenario's values; `null` where the record has probability 0 there.
    pub log_likelihood_stated: Option<f64>,
    /// Rows of the record.
    pub periods: usize,
    /// Every maximum found, the best first.
    pub optima: Vec<OptimumFound>,
    /// By row: what was predicted of it, and what was believed after it.
    pub months: Vec<MonthRow>,
    /// Stopping margins after the last row, by type of the attacker.
    pub margins: Vec<MarginNow>,
    /// Largest probability of histories left out at a row.
    pub dropped: f64,
    /// Draws of the parameters, for forecasts.
    pub draws: Vec<Vec<f64>>,
    /// What they are drawn from.
    pub draws_from: String,
    /// The posterior, where it was asked for.
    pub posterior: Option<super::posterior::PosteriorFindings>,
    /// What it took.
    pub spent: Spent,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// Seed of every random number.
    pub seed: u64,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: Option<String>,
    /// Where it was looked for.
    pub range: (f64, f64),
    /// The scenario's value.
    pub stated: f64,
    /// The estimate.
    pub value: f64,
    /// By observed information; `null` at an end of the range, or where the information is singular.
    pub standard_error: Option<f64>,
    /// By observed information with the rows' scores in the middle.
    pub robust_error: Option<f64>,
    /// 95 percent, normal, cut at the range.
    pub interval: Option<(f64, f64)>,
    /// 95 percent, by profile likelihood.
    pub profile: Option<Profile>,
    /// What the record says about it.
    pub identified: Identified,
}

/// An interval by profile likelihood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Where ln L, maximized over all other parameters, is 1.92 below its maximum; the end of the range where it is not.
    pub interval: (f64, f64),
    /// Whether it reaches the ends of the range.
    pub open: (bool, bool),
    /// A higher maximum that was met on the way.
    pub higher: Option<f64>,
}

/// What a record says about a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Identified {
    /// Its standard error is below the standard deviation of its range, other parameters free.
    Yes,
    /// It would be, were the others known.
    OnlyWithOthers,
    /// Not even then.
    No,
    /// The likelihood rises to an end of the range.
    AtTheEnd,
    /// Stopped before errors were measured.
    NotExamined,
}

impl Identified {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Yes => "identified",
            Self::OnlyWithOthers => "only with others",
            Self::No => "not identified",
            Self::AtTheEnd => "at the end of its range",
            Self::NotExamined => "not examined",
        }
    }
}

/// A maximum.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OptimumFound {
    /// ln L.
    pub log_likelihood: f64,
    /// Values of the free parameters.
    pub values: Vec<f64>,
    /// Starting points that led there.
    pub starts: usize,
    /// Whether the climb ended there.
    pub converged: bool,
}

/// One row of the record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonthRow {
    /// Date.
    pub date: String,
    /// ln of the probability given to the row before it.
    pub log_predictive: f64,
    /// The same at the scenario's values.
    pub log_predictive_stated: Option<f64>,
    /// Histories that the record leaves open after the row.
    pub histories: usize,
    /// Belief after the row, by private type.
    pub beliefs: Vec<BeliefNow>,
}

/// The probability of a private type.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BeliefNow {
    /// Player.
    pub player: String,
    /// Type.
    pub kind: String,
    /// Probability given the record so far.
    pub probability: f64,
}

/// A stopping margin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MarginNow {
    /// Player.
    pub player: String,
    /// Type.
    pub kind: String,
    /// Best way of ending the war less best way of going on, in payoff units.
    pub margin: f64,
}

/// Rows with what was believed after each.
pub(super) fn month_rows(best: &Point, past: &Past, stated: Option<&Point>) -> Vec<MonthRow> {
    let game = &best.compiled.game;
    let (Some(filtered), other) = (best.filtered.first(), stated.and_then(|s| s.filtered.first())) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (t, (row, month)) in past.rows().iter().zip(&filtered.months).enumerate() {
        let belief = mixed_belief(&month.after, game.slots());
        let mut beliefs = Vec::new();
        for (number, player) in game.players.iter().enumerate().filter(|(_, p)| p.types.len() > 1) {
            let slots = game.slots_of(PlayerId::new(number));
            for (kind, slot) in player.types.iter().zip(slots) {
                let probability = belief[slot];
                beliefs.push(BeliefNow { player: player.name.clone(), kind: kind.name.clone(), probability });
            }
        }
        out.push(MonthRow {
            date: row.date.clone(),
            log_predictive: month.log_predictive,
            log_predictive_stated: other.and_then(|o| o.months.get(t)).map(|m| m.log_predictive),
            histories: month.after.len(),
            beliefs,
        });
    }
    out
}

/// Stopping margins of a player's types in the period after the record, averaged over what the record leaves open.
pub(super) fn margins_now(point: &Point, player: usize) -> Vec<MarginNow> {
    let Some(filtered) = point.filtered.first() else { return Vec::new() };
    let rows = filtered.months.len();
    stopping_margins(point, filtered, rows..rows + 1, &[player]).pop().unwrap_or_default()
}

impl Fit {
    /// Months and beliefs as comma-separated values.
    #[must_use]
    pub fn months_csv(&self) -> String {
        let mut out = String::from("date,log_predictive,log_predictive_stated,histories");
        let first = self.months.first().map_or(&[][..], |m| &m.beliefs);
        first.iter().for_each(|b| out.push_str(&format!(",{}.{}", b.player, b.kind)));
        out.push('\n');
        for month in &self.months {
            let stated = month.log_predictive_stated.map_or_else(String::new, |x| x.to_string());
            out.push_str(&format!("{},{},{stated},{}", month.date, month.log_predictive, month.histories));
            month.beliefs.iter().for_each(|b| out.push_str(&format!(",{}", b.probability)));
            out.push('\n');
        }
        out
    }
}

/// Names of parameters and the draws of them that a document of `fit` holds.
///
/// - errors: [`FitError::Document`](crate::FitError::Document) for a text that is no such document.
pub fn read_draws(text: &str, what: &str) -> Result<(Vec<String>, Vec<Vec<f64>>), crate::FitError> {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    #[derive(Deserialize)]
    struct Draws {
        estimates: Vec<Named>,
        draws: Vec<Vec<f64>>,
    }
    let wrong = |why: String| crate::FitError::Document { what: what.to_owned(), why };
    let found: Draws =
        serde_json::from_str(text).map_err(|error| wrong(format!("it is no document of `fit`: {error}")))?;
    if found.draws.is_empty() {
        return Err(wrong("it has no draws: errors were not measured".to_owned()));
    }
    if found.draws.iter().any(|draw| draw.len() != found.estimates.len()) {
        return Err(wrong("a draw has another number of values than there are estimates".to_owned()));
    }
    Ok((found.estimates.into_iter().map(|e| e.name).collect(), found.draws))
}
