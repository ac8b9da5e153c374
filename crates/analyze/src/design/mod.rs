//! Designs: at which points a scenario is solved, over parameters, levers, cases, priors and precision.
//!
//! A [`Design`] is a list of [`Factor`]s and a [`Sampling`]; [`Design::generate`] lists its points. A point is one number per
//! factor: the value of a parameter, a prior or a factor on the precision; 0 or 1 for a lever; a position in the list for
//! cases. The same design gives the same points on every machine. [`Changes`] turns a point into a variation of a scenario.

mod apply;
mod error;
mod file;
mod quantile;
mod sample;

use armistice_scenario::Distribution;
use serde::{Deserialize, Serialize};

pub use apply::Changes;
pub(crate) use apply::with_probability;
pub use error::DesignError;
pub use file::read_points;

/// The case that stands for the scenario as written, unless the scenario has a case of this name.
pub const AS_WRITTEN: &str = "base";

/// Most points of a design.
pub const MAX_POINTS: usize = 1_000_000;

/// Most numbers in all points of a design: 400 MB.
pub const MAX_NUMBERS: usize = 50_000_000;

/// What a design varies, and over which values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// What is changed.
    pub subject: Subject,
    /// Which values it takes.
    pub levels: Levels,
}

impl Factor {
    /// Its values in words: `0.1 to 0.4`, `beta(2, 8)`.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.levels {
            Levels::Range { low, high } => format!("{low} to {high}"),
            Levels::Distribution(distribution) => crate::parts::words::distribution(*distribution),
            Levels::Numbers(numbers) => numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(", "),
            Levels::Switch => "off, on".to_owned(),
            Levels::Cases(cases) => cases.join(", "),
        }
    }
}

/// What a factor changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A parameter, set in the scenario, so that levers and cases apply to the new value.
    Parameter(String),
    /// A lever: in force or not.
    Lever(String),
    /// A named case of the scenario, or [`AS_WRITTEN`].
    Case,
    /// The probability of a type at the start; the player's other types keep their proportions in the scenario as written.
    Prior {
        /// The player.
        player: String,
        /// The type.
        kind: String,
    },
    /// A factor on every player's precision.
    Precision,
}

impl Subject {
    /// The name of its column: that of the parameter, `lever_NAME`, `case`, `prior_PLAYER_TYPE`, or `precision_scale`.
    #[must_use]
    pub fn column(&self) -> String {
        match self {
            Self::Parameter(name) => name.clone(),
            Self::Lever(name) => format!("lever_{name}"),
            Self::Case => "case".to_owned(),
            Self::Prior { player, kind } => format!("prior_{player}_{kind}"),
            Self::Precision => "precision_scale".to_owned(),
        }
    }
}

/// The values of a factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Levels {
    /// Every number of a range alike.
    Range {
        /// Lowest.
        low: f64,
        /// Highest.
        high: f64,
    },
    /// Numbers as a distribution has them.
    Distribution(Distribution),
    /// These numbers alike.
    Numbers(Vec<f64>),
    /// Off (0) and on (1) alike.
    Switch,
    /// These cases alike; a value is a position in the list.
    Cases(Vec<String>),
}

impl Levels {
    /// Whether values are names of cases or switches, so that half of one makes no sense.
    #[must_use]
    pub fn is_discrete(&self) -> bool {
        matches!(self, Self::Switch | Self::Cases(_))
    }

    /// How many values there are, where there are few.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Range { .. } | Self::Distribution(_) => None,
            Self::Numbers(numbers) => Some(numbers.len()),
            Self::Switch => Some(2),
            Self::Cases(cases) => Some(cases.len()),
        }
    }
}

/// How points are chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Every combination of values. A range is divided evenly, both ends included; a distribution at the middles of parts of
    /// equal probability. The last factor changes fastest.
    Grid {
        /// Values of each range or distribution; lists, levers and cases take all of theirs.
        levels: usize,
    },
    /// Latin hypercube (McKay, Beckman and Conover 1979): each factor's probability is divided into as many equal parts as there are
    /// points, and each part has one point, at a random place in it.
    LatinHypercube {
        /// Points.
        points: usize,
        /// Seed of parts and places.
        seed: u64,
    },
    /// Owen-scrambled Sobol sequence (Burley 2020), from its start. At most 65,536 points and 256 factors.
    Sobol {
        /// Points; powers of two are balanced.
        points: usize,
        /// Seed of the scrambling.
        seed: u64,
    },
    /// What [`crate::sobol_indices`] needs (Saltelli et al. 2010): for each of N points of an Owen-scrambled Sobol sequence in twice as
    /// many dimensions as there are factors, d + 2 points: a row of A, the row of B, and that of A with one factor at a time
    /// taken from B.
    Saltelli {
        /// N, the number of base points; at most 65,536, with at most 128 factors.
        base: usize,
        /// Seed of the scrambling.
        seed: u64,
    },
    /// These points.
    List {
        /// `[point][factor]`
        rows: Vec<Vec<f64>>,
    },
}

/// Factors and how points are chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// What varies.
    pub factors: Vec<Factor>,
    /// How points are chosen.
    pub sampling: Sampling,
}
