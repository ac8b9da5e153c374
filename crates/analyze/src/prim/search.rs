//! Peeling and pasting.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::{Limits, Objective, Prim, PrimBox, PrimColumn, PrimError, Restriction, Trajectory};

impl Prim {
    /// The boxes from everything to the last one found, among all points.
    ///
    /// - `columns`: `[factor][point]`.
    /// - `outcome`: by point; 1 where the claim holds and 0 where it does not, or any number whose mean is to be high.
    /// - `interest`: by point, what coverage and density count.
    /// - returns at least the whole space. Ties go to the box with fewer restricted factors, then to the first factor and its
    ///   upper limit: the same data give the same boxes.
    /// - cost: for each peel a sort of the points inside for every factor; about ln(smallest) / ln(1 − peel) peels.
    /// - errors: [`PrimError`].
    pub fn find(
        &self,
        columns: &[PrimColumn],
        outcome: &[f64],
        interest: &[bool],
    ) -> Result<Trajectory, PrimError> {
        let all: Vec<usize> = (0..outcome.len()).collect();
        self.find_among(columns, outcome, interest, &all)
    }

    /// The same among some of the points: those that no box found before holds, when several boxes are to cover the cases of interest.
    ///
    /// Coverage and mass remain shares of all.
    ///
    /// - errors: as for [`Prim::find`].
    pub fn find_among(
        &self,
        columns: &[PrimColumn],
        outcome: &[f64],
        interest: &[bool],
        among: &[usize],
    ) -> Result<Trajectory, PrimError> {
        let points = outcome.len();
        let fits = interest.len() == points && columns.iter().all(|c| c.len() == points);
        if columns.is_empty() || points == 0 || !fits || among.iter().any(|point| *point >= points) {
            return Err(PrimError::Shape);
        }
        if !outcome.iter().all(|y| y.is_finite()) || !columns.iter().all(PrimColumn::is_finite) {
            return Err(PrimError::NotFinite);
        }
        let half = |share: f64| share > 0.0 && share < 0.5;
        let shares = half(self.peel) && half(self.paste);
        if !(shares && self.smallest > 0.0 && self.smallest < 1.0) {
            return Err(PrimError::Setting);
        }
        if !among.iter().any(|point| interest.get(*point) == Some(&true)) {
            return Err(PrimError::NoInterest);
        }
        let around = columns.iter().map(PrimColumn::around).collect();
        let search = Search { prim: self, columns, outcome, interest, among, around };
        Ok(search.run())
    }
}

struct Search<'a> {
    prim: &'a Prim,
    columns: &'a [PrimColumn],
    outcome: &'a [f64],
    interest: &'a [bool],
    among: &'a [usize],
    /// Limits of the whole space.
    around: Vec<Limits>,
}

/// A box and the points in it.
#[derive(Clone)]
struct Inside {
    limits: Vec<Limits>,
    points: Vec<usize>,
}

impl Search<'_> {
    fn run(&self) -> Trajectory {
        let mut now = Inside { limits: self.around.clone(), points: self.among.to_vec() };
        let mut boxes = vec![self.describe(&now)];
        while let Some(next) = self.peel(&now) {
            now = next;
            boxes.push(self.describe(&now));
        }
        let peeled = boxes.len();
        while let Some(next) = self.paste(&now) {
            now = next;
            boxes.push(self.describe(&now));
        }
        Trajectory { boxes, peeled, inside: now.points }
    }

    fn mean(&self, points: &[usize]) -> f64 {
        let total: f64 = points.iter().filter_map(|point| self.outcome.get(*point)).sum();
        if points.is_empty() { 0.0 } else { total / points.len() as f64 }
    }

    fn mass(&self, points: &[usize]) -> f64 {
        points.len() as f64 / self.outcome.len() as f64
    }

    /// What a change of the box is worth; not above 0 is worth nothing.
    fn score(&self, old: &[usize], new: &[usize]) -> f64 {
        let (before, after) = (self.mean(old), self.mean(new));
        match self.prim.objective {
            _ if before == after => 0.0,
            Objective::GainPerPoint => (after - before) / old.len().abs_diff(new.len()).max(1) as f64,
            Objective::Mean => after,
        }
    }

    /// The best of some boxes: the highest score, then the fewest restricted factors, then the first.
    fn best(&self, now: &Inside, candidates: Vec<Inside>) -> Option<(f64, Inside)> {
        let mut best: Option<(f64, usize, Inside)> = None;
        for candidate in candidates {
            let score = self.score(&now.points, &candidate.points);
            let restricted = self.restricted(&candidate.limits).count();
            let better = best
                .as_ref()
                .is_none_or(|(top, fewest, _)| score > *top || (score == *top && restricted < *fewest));
            if better {
                best = Some((score, restricted, candidate));
            }
        }
        best.map(|(score, _, candidate)| (score, candidate))
    }

    fn restricted<'l>(&'l self, limits: &'l [Limits]) -> impl Iterator<Item = usize> + 'l {
        limits.iter().zip(&self.around).enumerate().filter(|(_, (own, all))| own != all).map(|(k, _)| k)
    }

    fn peel(&self, now: &Inside) -> Option<Inside> {
        let mut candidates = Vec::new();
        for (factor, (column, limits)) in self.columns.iter().zip(&now.limits).enumerate() {
            let mut cut = |limits: Limits| candidates.push(self.keep(now, factor, limits));
            match limits {
                Limits::Interval { low, high } => {
                    let values = column.sorted(&now.points);
                    let upper = quantile(&values, 1.0 - self.prim.peel);
                    let lower = quantile(&values, self.prim.peel);
                    cut(Limits::Interval { low: *low, high: upper.unwrap_or(*high) });
                    cut(Limits::Interval { low: lower.unwrap_or(*low), high: *high });
                }
                Limits::Categories(kept) if kept.len() > 1 => {
                    for gone in kept {
                        let rest = kept.iter().copied().filter(|category| category != gone);
                        cut(Limits::Categories(rest.collect()));
                    }
                }
                Limits::Categories(_) => {}
            }
        }
        let (score, next) = self.best(now, candidates)?;
        let smaller = next.points.len() < now.points.len();
        (smaller && score > 0.0 && self.mass(&next.points) >= self.prim.smallest).then_some(next)
    }

    /// The box with one factor's limits narrowed.
    fn keep(&self, now: &Inside, factor: usize, limits: Limits) -> Inside {
        let column = self.columns.get(factor);
        let inside = |point: &usize| column.is_some_and(|column| column.contains(&limits, *point));
        let points = now.points.iter().copied().filter(inside).collect();
        Inside { limits: replaced(&now.limits, factor, limits), points }
    }

    fn paste(&self, now: &Inside) -> Option<Inside> {
        let mut candidates = Vec::new();
        for factor in self.restricted(&now.limits) {
            let (Some(column), Some(limits), Some(all)) =
                (self.columns.get(factor), now.limits.get(factor), self.around.get(factor))
            else {
                continue;
            };
            // Points that only this factor keeps out, and those on its limit.
            let beside = |limits: Limits| self.within(&replaced(&now.limits, factor, limits));
            match (limits, all) {
                (Limits::Interval { low, high }, Limits::Interval { low: least, high: most }) => {
                    let below = column.sorted(&beside(Limits::Interval { low: *least, high: *low }));
                    let above = column.sorted(&beside(Limits::Interval { low: *high, high: *most }));
                    let lower = quantile(&below, 1.0 - self.prim.paste).unwrap_or(*least);
                    let upper = quantile(&above, self.prim.paste).unwrap_or(*most);
                    for limits in [
                        Limits::Interval { low: lower, high: *high },
                        Limits::Interval { low: *low, high: upper },
                    ] {
                        candidates.push(self.inside(replaced(&now.limits, factor, limits)));
                    }
                }
                (Limits::Categories(kept), Limits::Categories(every)) => {
                    for category in every.iter().filter(|category| !kept.contains(category)) {
                        let mut more = kept.clone();
                        more.push(*category);
                        more.sort_unstable();
                        let limits = replaced(&now.limits, factor, Limits::Categories(more));
                        candidates.push(self.inside(limits));
                    }
                }
                _ => {}
            }
        }
        let (score, next) = self.best(now, candidates)?;
        let larger = next.points.len() > now.points.len();
        let purer = self.mean(&next.points) > self.mean(&now.points);
        (larger && purer && score > 0.0 && self.mass(&next.points) >= self.prim.smallest).then_some(next)
    }

    fn within(&self, limits: &[Limits]) -> Vec<usize> {
        let restricted: Vec<(&PrimColumn, &Limits)> = self
            .columns
            .iter()
            .zip(limits)
            .zip(&self.around)
            .filter(|((_, own), all)| own != all)
            .map(|(pair, _)| pair)
            .collect();
        let inside = |point: &usize| restricted.iter().all(|(column, own)| column.contains(own, *point));
        self.among.iter().copied().filter(inside).collect()
    }

    fn inside(&self, limits: Vec<Limits>) -> Inside {
        Inside { points: self.within(&limits), limits }
    }

    fn interesting(&self, points: &[usize]) -> usize {
        points.iter().filter(|point| self.interest.get(**point) == Some(&true)).count()
    }

    fn describe(&self, now: &Inside) -> PrimBox {
        let found = self.interesting(&now.points);
        let all = self.interest.iter().filter(|interest| **interest).count();
        let restriction = |factor: usize| {
            let (own, all) = (now.limits.get(factor)?, self.around.get(factor)?);
            let without = |limits: Limits| {
                let wider = self.within(&replaced(&now.limits, factor, limits));
                chance_of(found, now.points.len(), self.interesting(&wider), wider.len())
            };
            let (low, high) = match (own, all) {
                (Limits::Interval { low, high }, Limits::Interval { low: least, high: most }) => (
                    (low != least).then(|| without(Limits::Interval { low: *least, high: *high })),
                    (high != most).then(|| without(Limits::Interval { low: *low, high: *most })),
                ),
                _ => (Some(without(all.clone())), None),
            };
            Some(Restriction { factor, low, high })
        };
        PrimBox {
            limits: now.limits.clone(),
            restricted: self.restricted(&now.limits).filter_map(restriction).collect(),
            coverage: found as f64 / all.max(1) as f64,
            density: found as f64 / now.points.len().max(1) as f64,
            mean: self.mean(&now.points),
            mass: self.mass(&now.points),
            points: now.points.len(),
        }
    }
}

fn replaced(limits: &[Limits], factor: usize, own: Limits) -> Vec<Limits> {
    let mut out = limits.to_vec();
    if let Some(slot) = out.get_mut(factor) {
        *slot = own;
    }
    out
}

/// The probability of at least `found` of `points`, each with probability `wider_found` of `wider`.
fn chance_of(found: usize, points: usize, wider_found: usize, wider: usize) -> f64 {
    let p = wider_found as f64 / wider.max(1) as f64;
    let Some(fewer) = (found as u64).checked_sub(1) else { return 1.0 };
    Binomial::new(p, points as u64).map_or(1.0, |binomial| binomial.sf(fewer).clamp(0.0, 1.0))
}

/// A value between the two neighbors of a quantile of rising numbers, outward to the next that differ: no limit runs through
/// equal values.
fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let place = last as f64 * share;
    let (mut below, mut above) = (place.floor() as usize, (place.ceil() as usize).min(last));
    let same = |below: usize, above: usize| values.get(below) == values.get(above);
    if share > 0.5 {
        while same(below, above) && below > 0 {
            below -= 1;
        }
    } else {
        while same(below, above) && above < last {
            above += 1;
        }
    }
    Some((values.get(below)? + values.get(above)?) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_run_between_values() {
        let values: Vec<f64> = (0..21).map(f64::from).collect();
        assert_eq!(quantile(&values, 0.05), Some(1.5));
        assert_eq!(quantile(&values, 0.95), Some(18.5));
        assert_eq!(
            quantile(&[0.0, 0.0, 0.0, 1.0], 0.05),
            Some(0.5),
            "outward to the next value that differs"
        );
        assert_eq!(quantile(&[0.0, 1.0, 1.0, 1.0], 0.95), Some(0.5));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn binomial_tails() {
        assert!((chance_of(2, 2, 1, 2) - 0.25).abs() < 1e-12);
        assert_eq!(chance_of(0, 5, 1, 2), 1.0);
        assert_eq!(chance_of(5, 5, 7, 7), 1.0);
    }
}
