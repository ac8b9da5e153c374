//! Working memory of the stage kernel: one set per thread, reused for all stages.

use super::lanes::{F8, LANES};
use super::plan::{Plan, Shape};

/// Working memory for one plan. All arrays hold eight beliefs per number.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// `[logit]`: λQ + ln w at typed moves, the unknowns of the fixed point.
    pub(crate) x: Vec<F8>,
    /// `[logit]`: λQ + ln w − x.
    pub(crate) gap: Vec<F8>,
    /// `[logit]`: Newton step.
    pub(crate) step: Vec<F8>,
    /// `[logit]`: derivative of the fixed point with respect to the continuation parameter.
    pub(crate) tangent: Vec<F8>,
    /// `[strategy]`: strategies implied by `x` (typed moves).
    pub(crate) played: Vec<F8>,
    /// `[strategy]`: strategies implied by action values (all moves).
    pub(crate) best: Vec<F8>,
    /// `[strategy]`: σ(a | θ) / Pr(a), the factor by which seeing the edge multiplies the belief in θ.
    pub(crate) ratio: Vec<F8>,
    /// `[node][slot]`: public belief reached.
    pub(crate) beliefs: Vec<F8>,
    /// `[node][slot]`: expected payoffs.
    pub(crate) values: Vec<F8>,
    /// `[node][slot][column]`: linear model of the payoffs; columns are the belief coordinates, a constant that stands
    /// for the gaps below, and the continuation parameter.
    pub(crate) slopes: Vec<F8>,
    /// `[map][column]`: linear models of logits and posteriors of typed moves, for substituting back.
    pub(crate) maps: Vec<F8>,
    /// `[node][column]`: shifts of the belief coordinates while substituting back.
    pub(crate) shifts: Vec<F8>,
    /// max |played − best| over information sets.
    pub(crate) residual: F8Residual,
    /// Signs of the determinant of the fixed point's Jacobian, where the continuation column is carried.
    pub(crate) index: Index,
    pub(crate) local: Local,
}

/// Small buffers of one node.
#[derive(Debug, Default)]
pub(crate) struct Local {
    /// `[action][slot]`: action values.
    pub(crate) q: Vec<F8>,
    /// `[action][slot][column]`: their linear models.
    pub(crate) dq: Vec<F8>,
    /// `[action][type][column]`
    pub(crate) dlog: Vec<F8>,
    /// `[action][type][column]`
    pub(crate) base: Vec<F8>,
    /// `[action][coordinate][type]`
    pub(crate) w: Vec<F8>,
    /// `[action][coordinate][column]`
    pub(crate) y: Vec<F8>,
    /// `[type][type + columns]`: the system for the normalizing shifts.
    pub(crate) system: Vec<F8>,
    /// `[coordinate][coordinate + type + columns]`
    pub(crate) inner: Vec<F8>,
    /// `[action]`: public probability; `[action][column]`: its linear model.
    pub(crate) probability: Vec<F8>,
    pub(crate) dprobability: Vec<F8>,
}

/// The residual, infinite before the first evaluation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct F8Residual(pub(crate) F8);

impl Default for F8Residual {
    fn default() -> Self {
        Self(F8::splat(f64::INFINITY))
    }
}

/// The sign of a determinant by lane: the product of those of the blocks eliminated.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Index(pub(crate) [bool; LANES]);

impl Index {
    /// Multiplies by another block's determinant.
    #[inline(always)]
    pub(crate) fn follow(&mut self, determinant: F8) {
        for (negative, d) in self.0.iter_mut().zip(determinant.0) {
            *negative ^= d < 0.0;
        }
    }
}

impl Scratch {
    /// Makes every array large enough for a plan.
    pub(crate) fn fit(&mut self, plan: &Plan, shape: &Shape, columns: usize) {
        fn grow(v: &mut Vec<F8>, len: usize) {
            if v.len() < len {
                v.resize(len, F8::ZERO);
            }
        }
        let nodes = plan.nodes.len();
        let kinds = shape.types.iter().copied().max().unwrap_or(1);
        for v in [&mut self.x, &mut self.gap, &mut self.step, &mut self.tangent] {
            grow(v, plan.logits);
        }
        for v in [&mut self.played, &mut self.best, &mut self.ratio] {
            grow(v, plan.strategies);
        }
        grow(&mut self.beliefs, nodes * shape.slots);
        grow(&mut self.values, nodes * shape.slots);
        grow(&mut self.slopes, nodes * shape.slots * columns);
        grow(&mut self.maps, plan.maps * columns);
        grow(&mut self.shifts, nodes * shape.dims.max(1));
        let local = &mut self.local;
        grow(&mut local.q, plan.widest * shape.slots);
        grow(&mut local.dq, plan.widest * shape.slots * columns);
        grow(&mut local.dlog, plan.widest * kinds * columns);
        grow(&mut local.base, plan.widest * kinds * columns);
        grow(&mut local.w, plan.widest * kinds * kinds);
        grow(&mut local.y, plan.widest * kinds * columns);
        grow(&mut local.system, kinds * (kinds + columns));
        grow(&mut local.inner, kinds * (2 * kinds + columns));
        grow(&mut local.probability, plan.widest);
        grow(&mut local.dprobability, plan.widest * columns);
    }
}

/// The scratch memory as slices: a kernel that holds their ends in registers need not read them back after every store.
pub(crate) struct Frame<'a> {
    pub(crate) x: &'a mut [F8],
    pub(crate) gap: &'a mut [F8],
    pub(crate) step: &'a mut [F8],
    pub(crate) played: &'a mut [F8],
    pub(crate) best: &'a mut [F8],
    pub(crate) ratio: &'a mut [F8],
    pub(crate) beliefs: &'a mut [F8],
    pub(crate) values: &'a mut [F8],
    pub(crate) slopes: &'a mut [F8],
    pub(crate) maps: &'a mut [F8],
    pub(crate) shifts: &'a mut [F8],
    pub(crate) q: &'a mut [F8],
    pub(crate) dq: &'a mut [F8],
    pub(crate) dlog: &'a mut [F8],
    pub(crate) base: &'a mut [F8],
    pub(crate) w: &'a mut [F8],
    pub(crate) y: &'a mut [F8],
    pub(crate) system: &'a mut [F8],
    pub(crate) inner: &'a mut [F8],
    pub(crate) probability: &'a mut [F8],
    pub(crate) dprobability: &'a mut [F8],
    pub(crate) index: &'a mut Index,
}

impl Scratch {
    #[inline(always)]
    pub(crate) fn frame(&mut self) -> Frame<'_> {
        let Local { q, dq, dlog, base, w, y, system, inner, probability, dprobability } = &mut self.local;
        Frame {
            x: &mut self.x,
            gap: &mut self.gap,
            step: &mut self.step,
            played: &mut self.played,
            best: &mut self.best,
            ratio: &mut self.ratio,
            beliefs: &mut self.beliefs,
            values: &mut self.values,
            slopes: &mut self.slopes,
            maps: &mut self.maps,
            shifts: &mut self.shifts,
            q,
            dq,
            dlog,
            base,
            w,
            y,
            system,
            inner,
            probability,
            dprobability,
            index: &mut self.index,
        }
    }
}
