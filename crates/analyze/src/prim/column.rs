//! Factors and their limits.

use serde::Serialize;

/// The values of a factor at all points.
#[derive(Clone, Debug, PartialEq)]
pub enum PrimColumn {
    /// Numbers, of which limits cut off the low and the high ones.
    Numbers(Vec<f64>),
    /// Categories, which are taken out one by one.
    Categories(Vec<usize>),
}

impl PrimColumn {
    /// Number of points.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Categories(values) => values.len(),
        }
    }

    /// Whether there are no points.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn is_finite(&self) -> bool {
        match self {
            Self::Numbers(values) => values.iter().all(|x| x.is_finite()),
            Self::Categories(_) => true,
        }
    }

    /// Limits around everything.
    pub(super) fn around(&self) -> Limits {
        match self {
            Self::Numbers(values) => Limits::Interval {
                low: values.iter().copied().fold(f64::INFINITY, f64::min),
                high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            },
            Self::Categories(values) => {
                let mut found = values.clone();
                found.sort_unstable();
                found.dedup();
                Limits::Categories(found)
            }
        }
    }

    pub(super) fn contains(&self, limits: &Limits, point: usize) -> bool {
        match (self, limits) {
            (Self::Numbers(values), Limits::Interval { low, high }) => {
                values.get(point).is_some_and(|x| low <= x && x <= high)
            }
            (Self::Categories(values), Limits::Categories(kept)) => {
                values.get(point).is_some_and(|x| kept.contains(x))
            }
            _ => false,
        }
    }

    /// The numbers at some points, in rising order.
    pub(super) fn sorted(&self, points: &[usize]) -> Vec<f64> {
        let Self::Numbers(values) = self else { return Vec::new() };
        let mut out: Vec<f64> = points.iter().filter_map(|point| values.get(*point).copied()).collect();
        out.sort_unstable_by(f64::total_cmp);
        out
    }
}

/// What a box allows of a factor.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limits {
    /// Numbers from `low` to `high`, both included.
    Interval {
        /// Lowest.
        low: f64,
        /// Highest.
        high: f64,
    },
    /// These categories.
    Categories(Vec<usize>),
}
