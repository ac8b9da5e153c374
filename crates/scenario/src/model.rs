//! A checked scenario: names resolved, expressions parsed, nothing compiled yet.
//!
//! This is what the rest of the house reads. Every item keeps the author's words (`title`, `says`, `source`) so that reports can
//! repeat them. Order is the file's order throughout.

use std::ops::Range;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::expression::Expression;

/// A scenario that passed `check`.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Folder the scenario lives in; data files are looked up below it and nowhere else.
    pub folder: PathBuf,
    /// blake3 of the scenario file's bytes, hexadecimal; of the files it extends and includes too, where it does.
    pub hash: String,
    /// `[scenario]`
    pub about: About,
    /// `[parameters]`
    pub parameters: Vec<Parameter>,
    /// `[players]`
    pub players: Vec<PlayerSpec>,
    /// `[state]`
    pub variables: Vec<VariableSpec>,
    /// `[let]`
    pub lets: Vec<(String, Expression)>,
    /// `[[end]]`
    pub ends: Vec<EndSpec>,
    /// `[at_horizon]`
    pub at_horizon: Option<EndSpec>,
    /// Whether `[at_horizon]` is paid at the horizon in states where the war is over, too.
    pub horizon_everywhere: bool,
    /// `[[stage]]`
    pub stages: Vec<StageSpec>,
    /// `[levers]`
    pub levers: Vec<Lever>,
    /// `[cases]`
    pub cases: Vec<Case>,
    /// `[bargaining]`
    pub bargaining: Option<Bargaining>,
    /// `[measures]`
    pub measures: Vec<Measure>,
    /// `[claims]`
    pub claims: Vec<Claim>,
    /// `[data]`
    pub data: Option<Data>,
    /// `[calibration]`
    pub calibration: Vec<Calibration>,
}

/// `[scenario]`
#[derive(Clone, Debug, Default, Serialize)]
pub struct About {
    /// Shown everywhere.
    pub title: String,
    /// What one stage stands for.
    pub period: Period,
    /// First period.
    pub start: Option<Date>,
    /// Number of periods; `None` is indefinite.
    pub horizon: Option<u32>,
    /// The question of the report.
    pub question: Option<String>,
    /// What this scenario is and is not.
    pub summary: Option<String>,
    /// What this model cannot say.
    pub cannot_say: Vec<String>,
    /// Position of the player whose stopping margin is the headline.
    pub attacker: usize,
    /// Names of the measures shown first.
    pub headline: Vec<String>,
    /// What changes with the length of the period.
    pub calendar_note: Option<String>,
}

/// What one stage stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// A calendar month.
    #[default]
    Month,
    /// Three calendar months.
    Quarter,
    /// A calendar year.
    Year,
}

/// A number and what is known about it.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name in expressions.
    pub name: String,
    /// Where it is named in the file.
    pub span: Range<usize>,
    /// Its value: a constant, or an expression over other parameters.
    pub value: Expression,
    /// Lowest and highest plausible value.
    pub range: Option<(f64, f64)>,
    /// Distribution, where one is stated.
    pub distribution: Option<Distribution>,
    /// Unit in words.
    pub unit: Option<String>,
    /// Where the number comes from; "assumed" when nobody measured it.
    pub source: Option<String>,
    /// Name of the player who controls it.
    pub controlled_by: Option<String>,
    /// Explanation.
    pub says: Option<String>,
}

/// A distribution of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// `uniform(low, high)`
    Uniform(f64, f64),
    /// `triangular(low, mode, high)`
    Triangular(f64, f64, f64),
    /// `normal(mean, sd)`
    Normal(f64, f64),
    /// `lognormal(mu, sigma)`
    LogNormal(f64, f64),
    /// `beta(a, b)`
    Beta(f64, f64),
    /// `gamma(shape, scale)`
    Gamma(f64, f64),
}

/// `[players.NAME]`
#[derive(Clone, Debug)]
pub struct PlayerSpec {
    /// Name in expressions.
    pub name: String,
    /// Where it is named in the file.
    pub span: Range<usize>,
    /// Words for charts; the name when absent.
    pub title: String,
    /// Discount factor.
    pub discount: Expression,
    /// λ; `None` is "inf".
    pub precision: Option<Expression>,
    /// Private types, at least one.
    pub types: Vec<TypeSpec>,
}

/// A private type.
#[derive(Clone, Debug)]
pub struct TypeSpec {
    /// Name.
    pub name: String,
    /// Words for charts; the name when absent.
    pub title: String,
    /// Prior probability.
    pub prior: Expression,
    /// Attributes, shared ones included.
    pub attributes: Vec<(String, Expression)>,
}

/// A state variable.
#[derive(Clone, Debug)]
pub struct VariableSpec {
    /// Name in expressions.
    pub name: String,
    /// Where it is named in the file.
    pub span: Range<usize>,
    /// Words for charts; the name when absent.
    pub title: String,
    /// Its values.
    pub domain: Domain,
    /// Position of the start value.
    pub start: usize,
}

/// The values of a state variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// All integers from the first to the second.
    Integers(i64, i64),
    /// Words.
    Words(Vec<String>),
}

/// An ending.
#[derive(Clone, Debug)]
pub struct EndSpec {
    /// Its kind.
    pub outcome: String,
    /// Where it is named in the file.
    pub span: Range<usize>,
    /// Words for charts; the outcome when absent.
    pub title: String,
    /// Condition on the state; `None` for endings that actions name.
    pub when: Option<Expression>,
    /// Terms.
    pub terms: Option<Expression>,
    /// By player position; players left out get 0.
    pub payoff: Vec<Option<Expression>>,
}

/// One `[[stage]]`.
#[derive(Clone, Debug)]
pub struct StageSpec {
    /// Name of the move or event; a running name for flows.
    pub name: String,
    /// Where it is named in the file.
    pub span: Range<usize>,
    /// Words for charts; the name when absent.
    pub title: String,
    /// What kind of stage.
    pub kind: StageKind,
    /// Where it applies.
    pub when: Option<Expression>,
    /// Actions, outcomes, or the single branch of a flow stage.
    pub branches: Vec<Branch>,
}

/// What kind of stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageKind {
    /// A player moves.
    Move {
        /// Position of the player.
        player: usize,
    },
    /// Nature moves.
    Chance {
        /// Position of the player the event is about.
        about: Option<usize>,
    },
    /// Payoffs and state changes only.
    Flow,
}

/// An action, an outcome, or the body of a flow stage. Copies made by `each` are separate branches.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Label, unique within the stage: `offer`, or `offer(-2)` for a copy.
    pub label: String,
    /// Name in the file, shared by copies: what `talks == 'offer'` compares with.
    pub name: String,
    /// Where it is named in the file.
    pub span: Range<usize>,
    /// Words for charts; the label when absent.
    pub title: String,
    /// Where it is available.
    pub when: Option<Expression>,
    /// Base weight; `None` is 1.
    pub weight: Option<Expression>,
    /// Chance: probability; `None` is "rest".
    pub probability: Option<Expression>,
    /// Received, by player position.
    pub payoff: Vec<Option<Expression>>,
    /// Borne, by player position.
    pub cost: Vec<Option<Expression>>,
    /// Numbers remembered until the period ends; `each` values are here too.
    pub notes: Vec<(String, Expression)>,
    /// State changes: variable position and new value.
    pub set: Vec<(usize, Expression)>,
    /// Whether the period ends here.
    pub ends_period: bool,
    /// Position in [`Scenario::ends`] of the ending, if the war ends here.
    pub end: Option<usize>,
}

/// `[levers.NAME]`
#[derive(Clone, Debug)]
pub struct Lever {
    /// Name.
    pub name: String,
    /// Where it is named in the file.
    pub span: Range<usize>,
    /// Words for charts; the name when absent.
    pub title: String,
    /// Who can pull it.
    pub by: Option<String>,
    /// Cost to them, per period in force, in payoff units.
    pub cost: Option<Expression>,
    /// Parameter position and new value.
    pub change: Vec<(usize, Expression)>,
    /// Explanation.
    pub says: Option<String>,
    /// Source.
    pub source: Option<String>,
}

/// `[cases.NAME]`
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Name.
    pub name: String,
    /// Where it is named in the file.
    pub span: Range<usize>,
    /// Words for charts; the name when absent.
    pub title: String,
    /// Explanation.
    pub says: Option<String>,
    /// What differs from the base.
    pub change: Change,
}

/// What differs from the scenario as written: what cases, levers, sweeps and sensitivity runs are made of.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Positions of levers in force; applied in order, before `parameters`.
    pub levers: Vec<usize>,
    /// Parameter position and new value.
    pub parameters: Vec<(usize, Expression)>,
    /// Stage position and branch *name* publicly committed to.
    pub commit: Vec<(usize, String)>,
    /// Player position, type position, probability: public belief at the start instead of the prior.
    pub belief: Vec<(usize, usize, f64)>,
    /// Variable position and value position at the start.
    pub start: Vec<(usize, usize)>,
    /// Player position, type position: what the player really is, for measures (the belief is not changed).
    pub given: Vec<(usize, usize)>,
    /// Multiplies every player's precision; `None` is 1.
    pub precision_scale: Option<f64>,
}

/// `[bargaining]`
#[derive(Clone, Debug)]
pub struct Bargaining {
    /// Where it stands in the file.
    pub span: Range<usize>,
    /// Position in [`Scenario::ends`] of the agreed ending.
    pub end: usize,
    /// Stage position of the move that carries the terms.
    pub stage: usize,
    /// Name of the note that holds them.
    pub note: String,
    /// Player positions: who gains from higher terms, who loses.
    pub between: (usize, usize),
    /// Lowest terms tried.
    pub from: f64,
    /// Highest terms tried.
    pub to: f64,
    /// How many.
    pub points: usize,
}

/// `[measures.NAME]`
#[derive(Clone, Debug)]
pub struct Measure {
    /// Name.
    pub name: String,
    /// Words for charts; the name when absent.
    pub title: String,
    /// The number.
    pub value: Expression,
    /// Unit in words.
    pub unit: Option<String>,
    /// Whether to show it as a percentage.
    pub percent: bool,
    /// Explanation.
    pub says: Option<String>,
}

/// `[claims.NAME]`
#[derive(Clone, Debug)]
pub struct Claim {
    /// Name.
    pub name: String,
    /// Words for charts; the name when absent.
    pub title: String,
    /// The claim in words.
    pub says: String,
    /// Who made it.
    pub source: ClaimSource,
    /// The author's own words.
    pub quote: Option<Quote>,
    /// The proposition.
    pub holds_when: Expression,
    /// Numbers to show beside the verdict, with the author's text of each.
    pub show: Vec<(String, Expression)>,
}

/// Words of a document that a claim restates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The words.
    pub text: String,
    /// Where they are quoted.
    pub span: Range<usize>,
    /// The document, below the scenario's folder.
    pub document: PathBuf,
    /// Where it is named.
    pub document_span: Range<usize>,
    /// The line of the document on which the words start; `None` when the document was not read.
    pub line: Option<usize>,
}

/// Who made a claim.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ClaimSource {
    /// Author.
    pub author: Option<String>,
    /// Outlet.
    pub outlet: Option<String>,
    /// Date.
    pub date: Option<Date>,
}

/// `[data]`
#[derive(Clone, Debug)]
pub struct Data {
    /// File below the scenario's folder.
    pub observed: PathBuf,
    /// Where it is named in the file.
    pub span: Range<usize>,
    /// Column with the period.
    pub date: String,
    /// Charts of the record.
    pub charts: Vec<DataChart>,
    /// How rows read as play of the game, where the scenario says so.
    pub reading: Option<Reading>,
}

/// How rows of the record read as play: `[data.after]`, `[data.moves]`, `[data.events]`, `[data.ended]`, `[data.sources]`.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// First row used, by its date; the first row of the table when absent.
    pub from: Option<(String, Range<usize>)>,
    /// Last row used.
    pub to: Option<(String, Range<usize>)>,
    /// Variable position and its value at the end of the period.
    pub after: Vec<(usize, Expression)>,
    /// What the row says of moves and events, by stage.
    pub seen: Vec<Seen>,
    /// Ending name, and whether the war ended that way in the row's period.
    pub ended: Vec<(String, Expression)>,
    /// Other sources for columns: name, and what each column is then.
    pub sources: Vec<RecordSource>,
}

/// What rows say about one move or chance event.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Position in [`Scenario::stages`].
    pub stage: usize,
    /// Where it is named in the file.
    pub span: Range<usize>,
    /// Branch name or label, and whether a row is consistent with it.
    pub branches: Vec<(String, Expression)>,
}

/// Another source for some columns.
#[derive(Clone, Debug)]
pub struct RecordSource {
    /// Name, as given on the command line.
    pub name: String,
    /// Column, and the expression over the table's columns that takes its place.
    pub columns: Vec<(String, Expression)>,
}

/// `[[data.chart]]`
#[derive(Clone, Debug, Serialize)]
pub struct DataChart {
    /// Title.
    pub title: String,
    /// Columns drawn.
    pub columns: Vec<String>,
    /// Words for the columns.
    pub labels: Vec<String>,
    /// Unit.
    pub unit: Option<String>,
    /// How it is drawn.
    pub kind: ChartKind,
    /// Source.
    pub source: Option<String>,
    /// Explanation.
    pub says: Option<String>,
}

/// How a column is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// A line over time.
    #[default]
    Line,
    /// A bar per period.
    Bar,
    /// A colored strip of words per period.
    Strip,
}

/// `[calibration.NAME]`
#[derive(Clone, Debug)]
pub struct Calibration {
    /// Name.
    pub name: String,
    /// Words for charts; the name when absent.
    pub title: String,
    /// The model's number.
    pub measure: Expression,
    /// The record's number.
    pub observed: Option<f64>,
    /// The record's range.
    pub range: Option<(f64, f64)>,
    /// Unit.
    pub unit: Option<String>,
    /// Source.
    pub source: Option<String>,
    /// Explanation.
    pub says: Option<String>,
}
