//! What stands beside the model: the record, claims, calibration, parameters; and whether the solution can be believed.

use serde::{Deserialize, Serialize};

use super::Quantity;

/// What was observed: the scenario's data file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// File below the scenario's folder.
    pub file: String,
    /// Name of the column with the period.
    pub date: String,
    /// Its cells, as written.
    pub dates: Vec<String>,
    /// The columns charts use.
    pub columns: Vec<RecordColumn>,
    /// The charts.
    pub charts: Vec<RecordChart>,
}

/// One column of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordColumn {
    /// Name.
    pub name: String,
    /// Cells as numbers; `null` where blank or not a number.
    pub numbers: Vec<Option<f64>>,
    /// Cells as written, where the column holds words; `null` for a column of numbers.
    pub words: Option<Vec<String>>,
}

/// One chart of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordChart {
    /// Title.
    pub title: String,
    /// Names of the columns drawn.
    pub columns: Vec<String>,
    /// Words for the columns.
    pub labels: Vec<String>,
    /// Unit.
    pub unit: Option<String>,
    /// `line`, `bar` or `strip`.
    pub kind: String,
    /// Source.
    pub source: Option<String>,
    /// Explanation.
    pub says: Option<String>,
}

/// A claim and whether it holds in this model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Name.
    pub name: String,
    /// Words for charts.
    pub title: String,
    /// The claim in words.
    pub says: String,
    /// Who made it.
    pub source: ClaimSource,
    /// The author's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// The proposition, in the author's text of the scenario.
    pub proposition: String,
    /// Whether it holds at the scenario's parameters.
    pub verdict: Verdict,
    /// The numbers the scenario wants shown beside it.
    pub shown: Vec<ShownNumber>,
    /// Grid points per belief dimension of the runs it rests on.
    pub grid_points: usize,
    /// Whether it still holds under other precisions and parameters, where that was computed.
    pub under: Vec<VerdictUnder>,
}

/// Words of a document that a claim restates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The words.
    pub text: String,
    /// The document, below the scenario's folder.
    pub document: String,
    /// The line on which the words start; `null` when the document was not there.
    pub line: Option<usize>,
}

/// Who made a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimSource {
    /// Author.
    pub author: Option<String>,
    /// Outlet.
    pub outlet: Option<String>,
    /// Date.
    pub date: Option<String>,
}

/// Whether a claim holds in the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// The proposition is true.
    Holds,
    /// The proposition is false.
    DoesNotHold,
    /// A number in it is not defined.
    Undefined {
        /// Why, completing "not defined: …".
        reason: String,
    },
}

/// A number shown beside a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownNumber {
    /// The author's text of the expression.
    pub text: String,
    /// Words, where the expression is the name of a measure.
    pub title: Option<String>,
    /// The number.
    pub value: Quantity,
}

/// A verdict under changed circumstances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictUnder {
    /// `precision` (factor on every λ) or the name of a parameter.
    pub what: String,
    /// The factor, or the value of the parameter.
    pub setting: f64,
    /// The verdict.
    pub verdict: Verdict,
}

/// The model's own behavior beside the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationRow {
    /// Name.
    pub name: String,
    /// Words for charts.
    pub title: String,
    /// The measure, in the author's text.
    pub measure: String,
    /// The model's number.
    pub model: Quantity,
    /// The record's number.
    pub observed: Option<f64>,
    /// The record's range.
    pub range: Option<(f64, f64)>,
    /// Whether the model's number lies in the range; `null` without a range or a number.
    pub within: Option<bool>,
    /// Source.
    pub source: Option<String>,
    /// Explanation.
    pub says: Option<String>,
}

/// A parameter, its value, range and source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterRow {
    /// Name.
    pub name: String,
    /// The author's text of the value.
    pub text: String,
    /// Its value.
    pub value: f64,
    /// Lowest and highest plausible value.
    pub range: Option<(f64, f64)>,
    /// Distribution in words, such as `beta(2, 8)`.
    pub distribution: Option<String>,
    /// Unit in words.
    pub unit: Option<String>,
    /// Where it comes from; `assumed` when nobody measured it.
    pub source: Option<String>,
    /// Who controls it.
    pub controlled_by: Option<String>,
    /// Explanation.
    pub says: Option<String>,
}

/// Whether the solution can be believed: the certificate of the main solution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// `certified`, `approximate`, `not_converged`, `not_stationary` or `cancelled`.
    pub status: String,
    /// max |σ − logit(λQ(σ))| over the information sets checked, in probability.
    pub residual: f64,
    /// Largest gain from a one-shot deviation, in payoff units.
    pub regret: f64,
    /// … as a share of the payoff range of the game.
    pub regret_relative: f64,
    /// What logit choice allows at the information set with the largest gain: ln(Σw / w_best) / λ, in payoff units; `null`
    /// when the precision is infinite.
    pub regret_bound: Option<f64>,
    /// Largest difference between the values kept and those the strategies earn, in payoff units.
    pub value_error: f64,
    /// Largest |Σ σ − 1|.
    pub mass_error: f64,
    /// Largest minus smallest payoff of any flow or ending of the game.
    pub payoff_range: f64,
    /// Points (period, state, belief) checked.
    pub checked: u64,
    /// Points in all.
    pub points: u64,
    /// Whether every point was checked, or a sample.
    pub exhaustive: bool,
    /// Largest difference, over types, between the values at the start and what wars followed forward from there earn
    /// on average: the error of reading values between grid points. `null` when wars were not followed.
    pub forward_error: Option<f64>,
    /// Values on the main grid against those on the audit grid.
    pub value_grid_error: Option<ValueGridError>,
    /// Other selections of stage equilibria, compared point by point.
    pub selections: Vec<SelectionCheck>,
    /// How the stage fixed points were reached.
    pub counts: SolveCounts,
    /// Points that were not solved (the first of them).
    pub not_solved: Vec<NotSolved>,
    /// Headline measures on both grids.
    pub grid_error: Vec<GridErrorRow>,
}

/// The difference to the solution on a coarser grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueGridError {
    /// Belief points along an edge of the coarser grid.
    pub coarse_points: usize,
    /// Largest difference of values at the first period over all states and the coarse points, in payoff units.
    pub largest_difference: f64,
    /// Difference of values at the start, largest over types, in payoff units.
    pub start_difference: f64,
    /// Estimate of the error at the start for an error that falls with the square of the grid step, in payoff units.
    pub estimate: f64,
}

/// Another selection of stage equilibria, compared point by point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectionCheck {
    /// `principal`, `continuation`, `pooling` or `separating`.
    pub selection: String,
    /// Points compared.
    pub points: u64,
    /// Points where that selection reached a fixed point.
    pub converged: u64,
    /// Points where its payoffs are those of another equilibrium.
    pub different: u64,
    /// Largest difference of any payoff, in payoff units.
    pub largest_difference: f64,
}

/// How the stage fixed points were reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SolveCounts {
    /// In all.
    pub points: u64,
    /// By iteration alone.
    pub iteration: u64,
    /// By Newton steps.
    pub newton: u64,
    /// By continuation in λ.
    pub homotopy: u64,
    /// Not reached.
    pub not_converged: u64,
    /// Evaluations of a stage with its linear model, each followed by a Newton step.
    pub evaluations: u64,
    /// Evaluations of a stage's payoffs alone, summed over points.
    pub checks: u64,
}

/// A stage fixed point that was not reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotSolved {
    /// Period.
    pub period: u32,
    /// The state, in words.
    pub state: String,
    /// Residual left.
    pub residual: f64,
}

/// One measure on both grids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridErrorRow {
    /// Name of the measure.
    pub name: String,
    /// On the main grid.
    pub value: f64,
    /// On the audit grid.
    pub coarse: f64,
    /// Estimate of the error of `value`, the error falling with the square of the grid step: |value − coarse| / (r² − 1)
    /// with r the ratio of the steps.
    pub estimate: f64,
}
