//! The shape of a scenario file: every table and key, with its explanation.
//!
//! These types hold no data. They are the single list of known keys, read by the checker ([`Shape::keys`]) and by the
//! JSON Schema, so that the two cannot differ. Reading is done by our own checker because it has to find every problem.

// The fields are read by the schema generator, never by code.
#![allow(dead_code)]

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// The keys of one table of a scenario file.
pub(crate) trait Shape {
    /// The keys, as they are written in the file.
    fn keys() -> Vec<&'static str>;
}

macro_rules! shape {
    ($($(#[$doc:meta])* table $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub(crate) struct $name { $($(#[$field_doc])* $field: $type,)* }

        impl Shape for $name {
            fn keys() -> Vec<&'static str> {
                // Keys that are words of Rust are written `r#move` here and `move` in files.
                vec![$(stringify!($field).trim_start_matches("r#")),*]
            }
        }
    )*};
}

/// A number, or an expression in quotation marks.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum NumberOrExpression {
    /// A number.
    Number(f64),
    /// An expression, such as `"(front + 3) / 6"`.
    Expression(String),
}

/// An expression for each player named.
type PerPlayer = BTreeMap<String, NumberOrExpression>;

/// A number, or a number with what is known about it.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum ParameterEntry {
    /// The number alone.
    Number(f64),
    /// An expression over other parameters.
    Expression(String),
    /// The number and what is known about it.
    Table(ParameterShape),
}

/// A number of periods, or `"indefinite"`.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum HorizonEntry {
    /// Periods.
    Periods(u32),
    /// `"indefinite"`.
    Word(String),
}

/// A date, bare (`2025-01-01`) or quoted.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(crate) struct DateEntry(String);

shape! {
    /// A war as a bargaining game with private information: an Armistice scenario.
    table ScenarioFile {
        /// What this scenario changes: a model of the catalog by name, or a file below this one's folder.
        extends: Option<String>,
        /// Further files of this scenario, below this one's folder.
        include: Option<Vec<String>>,
        /// What is taken out of that: `"levers.x"`, `"stage.talks"`, `"end.collapse"`.
        remove: Option<Vec<String>>,
        /// What the scenario is about.
        scenario: ScenarioShape,
        /// Numbers, each with what is known about it.
        parameters: Option<BTreeMap<String, ParameterEntry>>,
        /// Who decides.
        players: BTreeMap<String, PlayerShape>,
        /// Public variables that carry over from period to period.
        state: Option<BTreeMap<String, VariableShape>>,
        /// Shorthands: any expression.
        r#let: Option<BTreeMap<String, NumberOrExpression>>,
        /// How the war can end.
        end: Option<Vec<EndShape>>,
        /// What is paid when the last period has passed with the war still on.
        at_horizon: Option<HorizonShape>,
        /// The moves of one period, in order.
        stage: Vec<StageShape>,
        /// What could be done, by whom, at what cost.
        levers: Option<BTreeMap<String, LeverShape>>,
        /// Named variants to compare with.
        cases: Option<BTreeMap<String, CaseShape>>,
        /// Which terms are tried when the bargaining range is computed.
        bargaining: Option<BargainingShape>,
        /// Named numbers.
        measures: Option<BTreeMap<String, MeasureShape>>,
        /// Propositions to audit.
        claims: Option<BTreeMap<String, ClaimShape>>,
        /// The record of the war.
        data: Option<DataShape>,
        /// Numbers of the model beside numbers of the record.
        calibration: Option<BTreeMap<String, CalibrationShape>>,
    }

    /// What the scenario is about.
    table ScenarioShape {
        /// Shown everywhere.
        title: String,
        /// What one stage stands for: "day", "week", "month", "quarter" or "year".
        period: String,
        /// Date of the first period.
        start: Option<DateEntry>,
        /// Number of periods, or "indefinite".
        horizon: HorizonEntry,
        /// The question the report answers, one sentence.
        question: Option<String>,
        /// What this scenario is and is not, a paragraph.
        summary: Option<String>,
        /// What this model cannot say.
        cannot_say: Option<Vec<String>>,
        /// The player whose stopping margin is the headline; the first player when absent.
        attacker: Option<String>,
        /// Measures shown first in the report.
        headline: Option<Vec<String>>,
        /// What changes with the length of the period.
        calendar_note: Option<String>,
    }

    /// A number and what is known about it.
    table ParameterShape {
        /// The number, or an expression over other parameters.
        value: NumberOrExpression,
        /// Lowest and highest plausible value.
        range: Option<(f64, f64)>,
        /// uniform(a, b), triangular(a, mode, b), normal(mean, sd), lognormal(mu, sigma), beta(a, b) or gamma(shape, scale).
        distribution: Option<String>,
        /// Unit in words.
        unit: Option<String>,
        /// Where the number comes from; "assumed" when nobody measured it.
        source: Option<String>,
        /// The player who controls it.
        controlled_by: Option<String>,
        /// Explanation.
        says: Option<String>,
    }

    /// A decision maker.
    table PlayerShape {
        /// Words for charts.
        title: Option<String>,
        /// Discount factor per period, in (0, 1].
        discount: NumberOrExpression,
        /// Logit precision λ ≥ 0, or "inf".
        precision: NumberOrExpression,
        /// Attributes shared by all types.
        attributes: Option<BTreeMap<String, NumberOrExpression>>,
        /// Private types: `prior` and attributes of each.
        types: Option<BTreeMap<String, TypeShape>>,
    }

    /// A state variable: integers `from` … `to`, or a list of words.
    table VariableShape {
        /// Words for charts.
        title: Option<String>,
        /// Lowest value.
        from: Option<i64>,
        /// Highest value.
        to: Option<i64>,
        /// The words it can be.
        values: Option<Vec<String>>,
        /// Where it starts.
        start: StartEntry,
    }

    /// An ending.
    table EndShape {
        /// Its kind.
        outcome: String,
        /// Words for charts.
        title: Option<String>,
        /// The war is over at the start of a period where this holds; absent for endings that actions name.
        when: Option<String>,
        /// A number, such as the share held.
        terms: Option<NumberOrExpression>,
        /// What each player gets.
        payoff: Option<PerPlayer>,
    }

    /// What is paid at the horizon.
    table HorizonShape {
        /// Words for charts.
        title: Option<String>,
        /// A number, such as the share held.
        terms: Option<NumberOrExpression>,
        /// What each player gets.
        payoff: Option<PerPlayer>,
        /// Whether it is paid at the horizon also where the last period has just brought an ending.
        everywhere: Option<bool>,
    }

    /// One step of a period: a move (`player`, `move`, `actions`), a chance event (`chance`, `outcomes`), or a flow.
    table StageShape {
        /// Words for charts.
        title: Option<String>,
        /// Who moves.
        player: Option<String>,
        /// Name of the move.
        r#move: Option<String>,
        /// What the player can do.
        actions: Option<BTreeMap<String, ActionShape>>,
        /// Name of the chance event.
        chance: Option<String>,
        /// The player whose type the outcome may reveal.
        about: Option<String>,
        /// What can happen.
        outcomes: Option<BTreeMap<String, OutcomeShape>>,
        /// The stage before which this one goes, where files are put together.
        before: Option<String>,
        /// The stage after which this one goes, where files are put together.
        after: Option<String>,
        /// The stage is skipped where this does not hold.
        when: Option<String>,
        /// Flow stages: received this period.
        payoff: Option<PerPlayer>,
        /// Flow stages: borne this period.
        cost: Option<PerPlayer>,
        /// Flow stages: state changes.
        set: Option<BTreeMap<String, NumberOrExpression>>,
        /// Flow stages: "next" ends the period here.
        goto: Option<String>,
        /// Flow stages: the war ends here with this outcome.
        end: Option<String>,
    }

    /// Something a player can do.
    table ActionShape {
        /// Words for charts.
        title: Option<String>,
        /// Available only where this holds.
        when: Option<String>,
        /// Base weight > 0 of the logit choice; 1 when absent.
        weight: Option<NumberOrExpression>,
        /// Received this period.
        payoff: Option<PerPlayer>,
        /// Borne this period.
        cost: Option<PerPlayer>,
        /// Numbers remembered until the period ends, read as `move.name`.
        note: Option<BTreeMap<String, NumberOrExpression>>,
        /// One copy per value; the value is noted.
        each: Option<BTreeMap<String, EachEntry>>,
        /// State changes.
        set: Option<BTreeMap<String, NumberOrExpression>>,
        /// "next": the period ends here.
        goto: Option<String>,
        /// The war ends here with this outcome.
        end: Option<String>,
    }

    /// Whole numbers, both ends included.
    table EachShape {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
        /// From one to the next; 1 when absent.
        step: Option<i64>,
    }

    /// Something that can happen.
    table OutcomeShape {
        /// Words for charts.
        title: Option<String>,
        /// Possible only where this holds.
        when: Option<String>,
        /// Its probability, or "rest": 1 − the others.
        probability: NumberOrExpression,
        /// Received this period.
        payoff: Option<PerPlayer>,
        /// Borne this period.
        cost: Option<PerPlayer>,
        /// Numbers remembered until the period ends, read as `event.name`.
        note: Option<BTreeMap<String, NumberOrExpression>>,
        /// State changes.
        set: Option<BTreeMap<String, NumberOrExpression>>,
        /// "next": the period ends here.
        goto: Option<String>,
        /// The war ends here with this outcome.
        end: Option<String>,
    }

    /// Something a player could do outside the game, changing its numbers.
    table LeverShape {
        /// Words for charts.
        title: Option<String>,
        /// Who can pull it: a player, or any name.
        by: Option<String>,
        /// Cost to them, per period in force, in payoff units.
        cost: Option<NumberOrExpression>,
        /// New values of parameters.
        change: BTreeMap<String, NumberOrExpression>,
        /// Explanation.
        says: Option<String>,
        /// Source.
        source: Option<String>,
    }

    /// A named variant.
    table CaseShape {
        /// Words for charts.
        title: Option<String>,
        /// Explanation.
        says: Option<String>,
        /// Publicly committed moves.
        commit: Option<BTreeMap<String, String>>,
        /// Levers in force.
        levers: Option<Vec<String>>,
        /// New values of parameters.
        parameters: Option<BTreeMap<String, NumberOrExpression>>,
        /// Public belief at the start, instead of the prior.
        belief: Option<BTreeMap<String, BTreeMap<String, f64>>>,
        /// Where the war starts.
        start: Option<BTreeMap<String, StartEntry>>,
        /// What a player really is.
        given: Option<BTreeMap<String, String>>,
    }

    /// Which terms are tried when the bargaining range is computed.
    table BargainingShape {
        /// The agreed ending.
        outcome: String,
        /// The move that carries the terms.
        r#move: String,
        /// The note that holds them.
        note: String,
        /// Who gains from higher terms, who loses.
        between: (String, String),
        /// Lowest terms tried.
        from: f64,
        /// Highest terms tried.
        to: f64,
        /// How many.
        points: u32,
    }

    /// A named number.
    table MeasureShape {
        /// Words for charts.
        title: Option<String>,
        /// The number.
        value: NumberOrExpression,
        /// Unit in words.
        unit: Option<String>,
        /// Whether to show it as a percentage.
        percent: Option<bool>,
        /// Explanation.
        says: Option<String>,
    }

    /// A proposition to audit.
    table ClaimShape {
        /// Words for charts.
        title: Option<String>,
        /// The claim in words.
        says: String,
        /// Who made it.
        source: Option<ClaimSourceShape>,
        /// The author's own words, checked against the document.
        quote: Option<String>,
        /// The document they stand in: a file below the scenario's folder.
        document: Option<String>,
        /// The proposition.
        holds_when: String,
        /// Numbers to show beside the verdict.
        show: Option<Vec<String>>,
    }

    /// Who made a claim.
    table ClaimSourceShape {
        /// Author.
        author: Option<String>,
        /// Outlet.
        outlet: Option<String>,
        /// Date.
        date: Option<DateEntry>,
    }

    /// The record of the war.
    table DataShape {
        /// File below the scenario's folder, one row a period: comma-separated values or Parquet.
        observed: String,
        /// Column with the period.
        date: Option<String>,
        /// Charts of the record.
        chart: Option<Vec<ChartShape>>,
        /// First row that is play of the game, by its date.
        from: Option<String>,
        /// Last row that is.
        to: Option<String>,
        /// State variables at the end of a row's period: expressions over columns and parameters.
        after: Option<BTreeMap<String, NumberOrExpression>>,
        /// By move and action: whether a row is consistent with it. A blank cell is consistent with everything.
        moves: Option<BTreeMap<String, BTreeMap<String, String>>>,
        /// By chance event and outcome: whether a row is consistent with it.
        events: Option<BTreeMap<String, BTreeMap<String, String>>>,
        /// By outcome: whether the war ended that way in a row's period.
        ended: Option<BTreeMap<String, String>>,
        /// Other sources for columns, by name: what a column is there.
        sources: Option<BTreeMap<String, BTreeMap<String, NumberOrExpression>>>,
    }

    /// A chart of the record.
    table ChartShape {
        /// Title.
        title: String,
        /// Columns drawn.
        columns: Vec<String>,
        /// Words for the columns.
        labels: Option<Vec<String>>,
        /// Unit.
        unit: Option<String>,
        /// "line", "bar" or "strip".
        kind: Option<String>,
        /// Source.
        source: Option<String>,
        /// Explanation.
        says: Option<String>,
    }

    /// A number of the model beside a number of the record.
    table CalibrationShape {
        /// Words for charts.
        title: Option<String>,
        /// The model's number.
        measure: NumberOrExpression,
        /// The record's number.
        observed: Option<f64>,
        /// The record's range.
        range: Option<(f64, f64)>,
        /// Unit.
        unit: Option<String>,
        /// Source.
        source: Option<String>,
        /// Explanation.
        says: Option<String>,
    }
}

/// The start value of a state variable.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum StartEntry {
    /// Of an integer variable.
    Integer(i64),
    /// Of a variable of words.
    Word(String),
}

/// The values that copies are made with.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum EachEntry {
    /// One by one.
    List(Vec<f64>),
    /// All whole numbers between two.
    Between(EachShape),
}

/// A private type: its prior, its title, and any attributes.
#[derive(JsonSchema)]
pub(crate) struct TypeShape {
    /// Words for charts.
    title: Option<String>,
    /// Probability at the start; a number or an expression over parameters.
    prior: NumberOrExpression,
    /// One copy per value; prior and attributes may read the value, and the number of copies as `count`.
    each: Option<BTreeMap<String, EachEntry>>,
    /// Attributes.
    #[serde(flatten)]
    attributes: BTreeMap<String, NumberOrExpression>,
}
