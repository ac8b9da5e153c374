//! Points of a design.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::quantile::{between, quantile};
use super::{Design, DesignError, Factor, Levels, MAX_NUMBERS, MAX_POINTS, Sampling};

/// Most points of the Sobol sequence in use, and most of its dimensions.
const SOBOL_POINTS: usize = 1 << 16;
const SOBOL_DIMENSIONS: usize = sobol_burley::NUM_DIMENSIONS as usize;

/// Half the distance of neighboring numbers of the Sobol sequence, which has 24 bits: moves them from [0, 1) into (0, 1).
const HALF_STEP: f64 = 1.0 / (1u64 << 25) as f64;

impl Design {
    /// How many points there are.
    ///
    /// - errors: [`DesignError::Size`], [`DesignError::Levels`], [`DesignError::Twice`], [`DesignError::Empty`].
    pub fn size(&self) -> Result<usize, DesignError> {
        if self.factors.is_empty() {
            return Err(DesignError::Empty);
        }
        for (position, factor) in self.factors.iter().enumerate() {
            factor.check()?;
            if self.factors.iter().take(position).any(|other| other.subject == factor.subject) {
                return Err(DesignError::Twice { column: factor.subject.column() });
            }
        }
        let factors = self.factors.len();
        let points = match &self.sampling {
            Sampling::Grid { levels } => self
                .factors
                .iter()
                .map(|factor| factor.levels.count().unwrap_or(*levels) as u128)
                .fold(1u128, u128::saturating_mul),
            Sampling::LatinHypercube { points, .. } | Sampling::Sobol { points, .. } => *points as u128,
            Sampling::Saltelli { base, .. } => (*base as u128).saturating_mul(factors as u128 + 2),
            Sampling::List { rows } => rows.len() as u128,
        };
        let refuse = |what| Err(DesignError::Size { points, what });
        match &self.sampling {
            _ if points == 0 => return refuse("there are none"),
            Sampling::Sobol { points, .. } if *points > SOBOL_POINTS => {
                return refuse("the Sobol sequence has 65,536; a Latin hypercube has any number");
            }
            Sampling::Saltelli { base, .. } if *base > SOBOL_POINTS => {
                return refuse("the Sobol sequence has 65,536 base points");
            }
            Sampling::Sobol { .. } if factors > SOBOL_DIMENSIONS => {
                return refuse("the Sobol sequence has 256 dimensions");
            }
            Sampling::Saltelli { .. } if 2 * factors > SOBOL_DIMENSIONS => {
                return refuse("the Sobol sequence has 256 dimensions, two for each factor");
            }
            _ => {}
        }
        if points > MAX_POINTS as u128 {
            return refuse("at most 1,000,000 are allowed");
        }
        if points.saturating_mul(factors as u128) > MAX_NUMBERS as u128 {
            return refuse("at most 50,000,000 numbers are allowed in all points");
        }
        Ok(points as usize)
    }

    /// All points: `[point][factor]`.
    ///
    /// The same on every machine for the same design; numbers are finite.
    ///
    /// - cost: one quantile for each number.
    /// - errors: as for [`Design::size`], and [`DesignError::Row`] for listed points.
    pub fn generate(&self) -> Result<Vec<Vec<f64>>, DesignError> {
        let size = self.size()?;
        match &self.sampling {
            Sampling::Grid { levels } => self.grid(*levels, size),
            Sampling::LatinHypercube { points, seed } => self.latin(*points, *seed),
            Sampling::Sobol { points, seed } => {
                let row = |i: usize| self.point(|k| sobol(i, k, *seed));
                (0..*points).map(row).collect()
            }
            Sampling::Saltelli { base, seed } => self.saltelli(*base, *seed),
            Sampling::List { rows } => self.list(rows),
        }
    }

    fn point(&self, uniform: impl Fn(usize) -> f64) -> Result<Vec<f64>, DesignError> {
        self.factors.iter().enumerate().map(|(k, factor)| factor.at(uniform(k))).collect()
    }

    fn grid(&self, levels: usize, size: usize) -> Result<Vec<Vec<f64>>, DesignError> {
        let axes = self.factors.iter().map(|factor| factor.axis(levels));
        let axes: Vec<Vec<f64>> = axes.collect::<Result<_, _>>()?;
        let mut rows = Vec::with_capacity(size);
        for index in 0..size {
            let mut rest = index;
            let mut row = vec![0.0; axes.len()];
            for (slot, axis) in row.iter_mut().zip(&axes).rev() {
                *slot = axis.get(rest % axis.len()).copied().unwrap_or_default();
                rest /= axis.len();
            }
            rows.push(row);
        }
        Ok(rows)
    }

    fn latin(&self, points: usize, seed: u64) -> Result<Vec<Vec<f64>>, DesignError> {
        let mut rows = vec![Vec::with_capacity(self.factors.len()); points];
        for (stream, factor) in self.factors.iter().enumerate() {
            // A stream for each factor: the others do not move when one is added at the end.
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(stream as u64);
            let parts = permutation(points, &mut random);
            for (row, part) in rows.iter_mut().zip(parts) {
                let place: f64 = random.random();
                // A place of exactly 0 in the first part would be a probability of 0.
                let u = (part as f64 + place.max(HALF_STEP)) / points as f64;
                row.push(factor.at(u)?);
            }
        }
        Ok(rows)
    }

    fn saltelli(&self, base: usize, seed: u64) -> Result<Vec<Vec<f64>>, DesignError> {
        let factors = self.factors.len();
        let mut rows = Vec::with_capacity(base * (factors + 2));
        for i in 0..base {
            let a = self.point(|k| sobol(i, k, seed))?;
            let b = self.point(|k| sobol(i, factors + k, seed))?;
            let mixed = (0..factors).map(|k| {
                let mut row = a.clone();
                if let (Some(slot), Some(value)) = (row.get_mut(k), b.get(k)) {
                    *slot = *value;
                }
                row
            });
            let mixed: Vec<Vec<f64>> = mixed.collect();
            rows.push(a);
            rows.push(b);
            rows.extend(mixed);
        }
        Ok(rows)
    }

    fn list(&self, rows: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, DesignError> {
        let factors = self.factors.len();
        for (row, values) in rows.iter().enumerate() {
            if values.len() != factors {
                return Err(DesignError::Row { row, found: values.len(), factors });
            }
            for (value, factor) in values.iter().zip(&self.factors) {
                factor.accept(*value)?;
            }
        }
        Ok(rows.to_vec())
    }
}

impl Factor {
    fn wrong(&self, what: impl Into<String>) -> DesignError {
        DesignError::Levels { column: self.subject.column(), what: what.into() }
    }

    /// Whether the levels are values at all.
    fn check(&self) -> Result<(), DesignError> {
        match &self.levels {
            Levels::Range { low, high } if !(low <= high && low.is_finite() && high.is_finite()) => {
                Err(self.wrong(format!("its range goes from {low} to {high}")))
            }
            Levels::Numbers(numbers) if numbers.is_empty() => Err(self.wrong("it has no values")),
            Levels::Cases(cases) if cases.is_empty() => Err(self.wrong("it has no cases")),
            Levels::Numbers(numbers) => numbers.iter().try_for_each(|x| self.accept(*x)),
            _ => Ok(()),
        }
    }

    /// Whether a number may be a value of this factor; a listed point may lie outside the range.
    fn accept(&self, value: f64) -> Result<(), DesignError> {
        if !value.is_finite() {
            return Err(self.wrong(format!("{value} is not a number")));
        }
        let whole = value >= 0.0 && value.fract() == 0.0;
        match self.levels.count() {
            Some(count) if self.levels.is_discrete() && !(whole && value < count as f64) => {
                Err(self.wrong(format!("{value} is not one of its values")))
            }
            _ => Ok(()),
        }
    }

    /// The value that a probability strictly between 0 and 1 stands for.
    fn at(&self, u: f64) -> Result<f64, DesignError> {
        let pick = |count: usize| ((u * count as f64) as usize).min(count - 1);
        match &self.levels {
            Levels::Range { low, high } => Ok(between(*low, *high, u)),
            Levels::Distribution(distribution) => quantile(distribution, u)
                .ok_or_else(|| self.wrong(format!("its distribution has no finite value at {u}"))),
            Levels::Numbers(numbers) => Ok(numbers.get(pick(numbers.len())).copied().unwrap_or_default()),
            Levels::Switch => Ok(pick(2) as f64),
            Levels::Cases(cases) => Ok(pick(cases.len()) as f64),
        }
    }

    /// The values of a grid.
    fn axis(&self, levels: usize) -> Result<Vec<f64>, DesignError> {
        match &self.levels {
            Levels::Range { low, high } if levels == 1 => Ok(vec![between(*low, *high, 0.5)]),
            Levels::Range { low, high } => {
                Ok((0..levels).map(|i| between(*low, *high, i as f64 / (levels - 1) as f64)).collect())
            }
            Levels::Distribution(_) => {
                (0..levels).map(|i| self.at((i as f64 + 0.5) / levels as f64)).collect()
            }
            Levels::Numbers(numbers) => Ok(numbers.clone()),
            Levels::Switch => Ok(vec![0.0, 1.0]),
            Levels::Cases(cases) => Ok((0..cases.len()).map(|i| i as f64).collect()),
        }
    }
}

/// Number `index` of dimension `dimension`, strictly between 0 and 1. The sequence has 32-bit seeds.
fn sobol(index: usize, dimension: usize, seed: u64) -> f64 {
    let seed = (seed ^ (seed >> 32)) as u32;
    f64::from(sobol_burley::sample(index as u32, dimension as u32, seed)) + HALF_STEP
}

/// 0 … n − 1 in random order (Fisher and Yates).
fn permutation(n: usize, random: &mut impl Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, random.random_range(0..=i));
    }
    order
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use armistice_scenario::Distribution;

    use super::*;
    use crate::design::Subject;

    fn factors() -> Vec<Factor> {
        let factor = |name: &str, levels| Factor { subject: Subject::Parameter(name.into()), levels };
        vec![
            factor("a", Levels::Range { low: -1.0, high: 3.0 }),
            factor("b", Levels::Distribution(Distribution::Normal(0.0, 1.0))),
            Factor { subject: Subject::Lever("x".into()), levels: Levels::Switch },
            Factor { subject: Subject::Case, levels: Levels::Cases(vec!["base".into(), "other".into()]) },
        ]
    }

    fn points(sampling: Sampling) -> Vec<Vec<f64>> {
        let design = Design { factors: factors(), sampling };
        let rows = design.generate().unwrap();
        assert_eq!(rows.len(), design.size().unwrap());
        assert_eq!(rows, design.generate().unwrap(), "the same design gives the same points");
        rows
    }

    #[test]
    fn a_grid_has_every_combination() {
        let rows = points(Sampling::Grid { levels: 3 });
        assert_eq!(rows.len(), 3 * 3 * 2 * 2);
        assert_eq!(rows[0][0], -1.0);
        assert_eq!(rows[35][0], 3.0);
        assert_eq!(rows[1][3], 1.0, "the last factor changes fastest");
        assert!((rows[0][1] + 0.967_421_566_1).abs() < 1e-8, "the middle of the lowest third");
    }

    #[test]
    fn a_latin_hypercube_has_one_point_in_every_part() {
        let rows = points(Sampling::LatinHypercube { points: 40, seed: 7 });
        let mut parts: Vec<usize> = rows.iter().map(|r| ((r[0] + 1.0) / 4.0 * 40.0) as usize).collect();
        parts.sort_unstable();
        assert_eq!(parts, (0..40).collect::<Vec<_>>());
        assert_eq!(rows.iter().filter(|r| r[2] == 1.0).count(), 20);
        assert_ne!(rows, points(Sampling::LatinHypercube { points: 40, seed: 8 }));
    }

    #[test]
    fn a_sobol_design_is_balanced_and_moves_with_the_seed() {
        let rows = points(Sampling::Sobol { points: 64, seed: 1 });
        let mut parts: Vec<usize> = rows.iter().map(|r| ((r[0] + 1.0) / 4.0 * 64.0) as usize).collect();
        parts.sort_unstable();
        assert_eq!(parts, (0..64).collect::<Vec<_>>());
        assert_ne!(rows, points(Sampling::Sobol { points: 64, seed: 2 }));
    }

    #[test]
    fn a_saltelli_design_changes_one_factor_at_a_time() {
        let rows = points(Sampling::Saltelli { base: 16, seed: 1 });
        assert_eq!(rows.len(), 16 * 6);
        for block in rows.chunks(6) {
            for (k, mixed) in block[2..].iter().enumerate() {
                for j in 0..4 {
                    assert_eq!(mixed[j], if j == k { block[1][j] } else { block[0][j] });
                }
            }
        }
    }

    #[test]
    fn designs_that_make_no_sense_are_refused() {
        let size = |factors, sampling| Design { factors, sampling }.size().unwrap_err();
        assert_eq!(size(vec![], Sampling::Grid { levels: 2 }), DesignError::Empty);
        assert!(matches!(size(factors(), Sampling::Grid { levels: 0 }), DesignError::Size { .. }));
        assert!(matches!(size(factors(), Sampling::Grid { levels: 10_000 }), DesignError::Size { .. }));
        assert!(matches!(
            size(factors(), Sampling::Sobol { points: 65_537, seed: 1 }),
            DesignError::Size { .. }
        ));
        let twice = [factors(), factors()].concat();
        assert!(matches!(size(twice, Sampling::Grid { levels: 2 }), DesignError::Twice { .. }));
        let list =
            |row: Vec<f64>| Design { factors: factors(), sampling: Sampling::List { rows: vec![row] } };
        assert!(list(vec![9.0, 0.0, 1.0, 1.0]).generate().is_ok(), "listed points may lie outside the range");
        assert!(list(vec![0.0, 0.0, 0.5, 1.0]).generate().is_err());
        assert!(list(vec![0.0, 0.0, 0.0, 2.0]).generate().is_err());
        assert!(list(vec![0.0, f64::NAN, 0.0, 1.0]).generate().is_err());
        assert!(matches!(list(vec![0.0]).generate().unwrap_err(), DesignError::Row { .. }));
    }
}
