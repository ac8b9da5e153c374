//! The case nearest to the scenario as written in which a claim comes out otherwise than it mostly does.

use armistice_scenario::Expression;
use armistice_solve::Control;

use crate::AnalyzeError;
use crate::design::Levels;
use crate::evaluate::Measures;
use crate::findings::{Counterexample, ParameterChange, Verdict, rounded};
use crate::sweep::Sweep;

/// Significant digits to which values are rounded where the claim comes out the same.
const DIGITS: usize = 4;

/// Whether a claim comes out as wanted; `None` where no evaluation is left.
type Attempt = Result<Option<bool>, AnalyzeError>;

/// What the search starts from.
pub(super) struct Search<'s> {
    pub sweep: &'s Sweep,
    /// The factors' values in the scenario as written.
    pub base: &'s [f64],
    /// Most variations to evaluate.
    pub most: usize,
    /// Without a progress sink.
    pub control: &'s Control<'s>,
}

impl Search<'_> {
    /// The counterexample among `cases`, which come out as wanted; `None` where there are none.
    ///
    /// - `as_written`: whether the scenario as written is one.
    /// - cost: at most `most` times what a claim costs at a point.
    /// - errors: [`AnalyzeError::Cancelled`].
    pub fn find(
        &self,
        proposition: &Expression,
        holds: bool,
        as_written: bool,
        cases: &[usize],
    ) -> Result<Option<Counterexample>, AnalyzeError> {
        if as_written {
            let none = Counterexample {
                holds,
                point: None,
                changes: Vec::new(),
                changed_before: 0,
                evaluated: 0,
                pruned: true,
            };
            return Ok(Some(none));
        }
        let nearest = cases.iter().min_by(|a, b| self.distance(**a).total_cmp(&self.distance(**b)));
        let Some(&point) = nearest else { return Ok(None) };
        let mut now = self.sweep.points().get(point).cloned().unwrap_or_default();
        let changed_before = self.changed(&now).len();
        let mut left = self.most;
        let mut comes_out = |values: &[f64]| -> Attempt {
            if left == 0 {
                return Ok(None);
            }
            left -= 1;
            self.comes_out(proposition, holds, values).map(Some)
        };
        let short: Vec<f64> = now.iter().map(|x| rounded(*x, DIGITS)).collect();
        if comes_out(&short)? == Some(true) {
            now = short;
        }
        let pruned = self.prune(&mut now, &mut comes_out)?;
        let factors = &self.sweep.plan().design.factors;
        let changes = self.changed(&now).into_iter().filter_map(|k| {
            let (parameter, from) = (factors.get(k)?.subject.column(), *self.base.get(k)?);
            Some(ParameterChange { parameter, from, to: *now.get(k)? })
        });
        let changes = changes.collect();
        let evaluated = self.most - left;
        Ok(Some(Counterexample { holds, point: Some(point), changes, changed_before, evaluated, pruned }))
    }

    /// Puts back groups of changes that are not needed, halves first, then smaller and smaller groups down to single ones.
    /// Says whether every change left was found to be needed.
    fn prune(
        &self,
        now: &mut Vec<f64>,
        comes_out: &mut dyn FnMut(&[f64]) -> Attempt,
    ) -> Result<bool, AnalyzeError> {
        let mut size = self.changed(now).len().div_ceil(2);
        while size > 0 {
            let mut fewer = false;
            for group in self.changed(now).chunks(size) {
                let mut next = now.clone();
                for k in group {
                    if let (Some(x), Some(base)) = (next.get_mut(*k), self.base.get(*k)) {
                        *x = *base;
                    }
                }
                match comes_out(&next)? {
                    Some(true) => (*now, fewer) = (next, true),
                    Some(false) => {}
                    None => return Ok(false),
                }
            }
            size = match (size, fewer) {
                // One more pass: a change may have been needed only beside one that is gone.
                (1, true) => 1,
                (1, false) => 0,
                _ => size.div_ceil(2).min(self.changed(now).len().max(1)),
            };
        }
        Ok(true)
    }

    /// The factors whose values are not those of the scenario as written, the least changed first.
    fn changed(&self, values: &[f64]) -> Vec<usize> {
        let mut out: Vec<usize> = (0..values.len()).filter(|k| values.get(*k) != self.base.get(*k)).collect();
        out.sort_by(|a, b| self.step(*a, values).total_cmp(&self.step(*b, values)).then(a.cmp(b)));
        out
    }

    fn distance(&self, point: usize) -> f64 {
        let values = self.sweep.points().get(point).map_or(&[][..], Vec::as_slice);
        (0..values.len()).map(|k| self.step(k, values)).sum()
    }

    /// How far a factor is from the scenario as written, in units of its range.
    fn step(&self, factor: usize, values: &[f64]) -> f64 {
        let width = match self.sweep.plan().design.factors.get(factor).map(|f| &f.levels) {
            Some(Levels::Range { low, high }) => high - low,
            // That of the values in the design, which a distribution has always.
            _ => {
                let all = self.sweep.points().iter().filter_map(|point| point.get(factor).copied());
                let (low, high) =
                    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
                high - low
            }
        };
        let (Some(x), Some(base)) = (values.get(factor), self.base.get(factor)) else { return 0.0 };
        if width > 0.0 { (x - base).abs() / width } else { 0.0 }
    }

    fn comes_out(&self, proposition: &Expression, holds: bool, values: &[f64]) -> Result<bool, AnalyzeError> {
        // A value that is the scenario's own is left alone, as the command line leaves it alone.
        let base = self.sweep.base();
        let parameters = &base.scenario().parameters;
        let mut changes = Vec::new();
        for k in self.changed(values) {
            let name = self.sweep.plan().design.factors.get(k).map(|f| f.subject.column());
            let position = parameters.iter().position(|p| Some(&p.name) == name.as_ref());
            changes.extend(position.zip(values.get(k).copied()));
        }
        let variation = base.with_parameters(&changes);
        let runs = self.sweep.runs(&self.sweep.plan().settings, self.control);
        let verdict = Measures::asking(&runs, &variation, &[proposition]).verdict(proposition)?;
        Ok(verdict == if holds { Verdict::Holds } else { Verdict::DoesNotHold })
    }
}
