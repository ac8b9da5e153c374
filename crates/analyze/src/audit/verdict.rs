//! How often a claim holds, in a word.

use serde::{Deserialize, Serialize};

/// Share of cases from which on a claim *holds*.
pub const HOLDS: f64 = 0.95;
/// Share from which on it *mostly holds*.
pub const MOSTLY: f64 = 0.75;
/// Share up to which it *mostly does not hold*.
pub const MOSTLY_NOT: f64 = 0.25;
/// Share up to which it *fails*.
pub const FAILS: f64 = 0.05;

/// Standard normal quantile of a two-sided interval of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// How often a claim holds over the cases of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// In at least [`HOLDS`] of the cases.
    Holds,
    /// In at least [`MOSTLY`].
    Mostly,
    /// In more than [`MOSTLY_NOT`] and fewer than [`MOSTLY`].
    Depends,
    /// In at most [`MOSTLY_NOT`].
    MostlyNot,
    /// In at most [`FAILS`].
    Fails,
    /// It is defined in no case.
    Undefined,
}

impl Word {
    /// The word for a share of cases; `None` where there are none.
    #[must_use]
    pub fn of(share: Option<f64>) -> Self {
        match share {
            None => Self::Undefined,
            Some(share) if share >= HOLDS => Self::Holds,
            Some(share) if share >= MOSTLY => Self::Mostly,
            Some(share) if share <= FAILS => Self::Fails,
            Some(share) if share <= MOSTLY_NOT => Self::MostlyNot,
            Some(_) => Self::Depends,
        }
    }

    /// As texts have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Mostly => "mostly",
            Self::Depends => "depends",
            Self::MostlyNot => "mostly not",
            Self::Fails => "fails",
            Self::Undefined => "undefined",
        }
    }
}

/// Wilson's interval of 95 % (Wilson 1927) for a share of `hits` in `cases`; `None` where there are no cases.
#[must_use]
pub fn wilson(hits: usize, cases: usize) -> Option<(f64, f64)> {
    if cases == 0 {
        return None;
    }
    let (n, p) = (cases as f64, hits as f64 / cases as f64);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let (middle, scale) = (p + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
    // Round-off must not move an end that is 0 or 1.
    let low = if hits == 0 { 0.0 } else { (middle - spread) / scale };
    let high = if hits >= cases { 1.0 } else { (middle + spread) / scale };
    Some((low, high))
}
