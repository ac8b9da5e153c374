//! The linear model of a solved stage read backwards: from what a functional wants of the stage to what that is worth in the
//! numbers the stage is made of.
//!
//! Forward, a small change of those numbers reaches a node n as δUₙ = Jₙ δbₙ + cₙ, with J as the kernel computes it at the fixed
//! point: c is gathered from the leaves to the root, solving the linearized fixed point of every move on the way, then δb is
//! spread from the root to the leaves. Backwards both passes turn round:
//!
//! - [`up`] (leaves to root) turns derivatives with respect to strategies, payoffs and beliefs anywhere in the tree into those
//!   with respect to the belief at the root, and adds what they say about c;
//! - [`down`] (root to leaves) turns derivatives with respect to c into those with respect to flows, probabilities, weights,
//!   precision, ends and the tables of continuation values.
//!
//! At a move of a player with several types both solve the transpose of the move's own linear system, once each: with T the slope
//! of the posterior in ln σ, K that in the incoming belief, G the slopes of the mover's payoffs in the posterior, D = diag σ, and
//! x̄, ȳ the derivatives with respect to δx (logits) and δy (posterior),
//!
//!   ν_a = (I − λ G_aᵀ T_aᵀ)⁻¹ (ȳ_a + λ G_aᵀ (x̄_a + D_a η)),   η = −Σ_a T_aᵀ ν_a,   μ_a = x̄_a + D_a η + T_aᵀ ν_a,
//!
//! and μ_a is the derivative with respect to λQ_a + ln w_a, K_aᵀ ν_a that with respect to the incoming belief.

mod down;
mod moves;
mod up;

use super::kernel::Context;
use super::lanes::{F8, Width};
use super::plan::{Plan, Shape};
use super::scratch::Scratch;

/// Derivatives of one functional with respect to the numbers in the stage of one state, summed over beliefs and periods; eight
/// partial sums a number.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    /// `[plan edge][slot]`
    pub(crate) flows: Vec<F8>,
    /// `[plan edge]`: log weight of an action, or probability of an outcome that reveals nothing.
    pub(crate) edges: Vec<F8>,
    /// `[strategy]`: probability of an outcome given each type.
    pub(crate) odds: Vec<F8>,
    /// `[row][slot]`, like [`Plan::constants`].
    pub(crate) constants: Vec<F8>,
    /// By player.
    pub(crate) precision: Vec<F8>,
    /// By slot, for period boundaries within the tree.
    pub(crate) discount: Vec<F8>,
}

impl Sums {
    pub(crate) fn new(plan: &Plan, shape: &Shape) -> Self {
        let zeros = |count: usize| vec![F8::ZERO; count];
        Self {
            flows: zeros(plan.edges.len() * shape.slots),
            edges: zeros(plan.edges.len()),
            odds: zeros(plan.strategies),
            constants: zeros(plan.constants.len()),
            precision: zeros(shape.types.len()),
            discount: zeros(shape.slots),
        }
    }
}

/// Working memory: derivatives of the functional with respect to what the stage determines.
#[derive(Debug, Default)]
pub(crate) struct Reverse {
    /// `[node][slot]`: seeds before; with respect to the part of payoffs that does not come through beliefs after.
    pub(crate) values: Vec<F8>,
    /// `[node][coordinate]`
    pub(crate) beliefs: Vec<F8>,
    /// `[strategy]`
    pub(crate) strategies: Vec<F8>,
    local: Local,
}

/// Small buffers of one move.
#[derive(Debug, Default)]
struct Local {
    /// `[action][type]`: x̄, then μ.
    x: Vec<F8>,
    /// `[action][coordinate]`: ȳ, then ν.
    y: Vec<F8>,
    /// `[action][coordinate][type]`: how ν moves with η.
    share: Vec<F8>,
    inner: Vec<F8>,
    system: Vec<F8>,
}

impl Reverse {
    /// Room for a plan, all zero.
    pub(crate) fn clear(&mut self, plan: &Plan, shape: &Shape) {
        fn zero(v: &mut Vec<F8>, len: usize) {
            v.clear();
            v.resize(len, F8::ZERO);
        }
        zero(&mut self.values, plan.nodes.len() * shape.slots);
        zero(&mut self.beliefs, plan.nodes.len() * shape.dims);
        zero(&mut self.strategies, plan.strategies);
        let k = shape.types.iter().copied().max().unwrap_or(1);
        let Local { x, y, share, inner, system } = &mut self.local;
        if x.len() < plan.widest * k || system.len() < k * (k + 1) {
            zero(x, plan.widest * k);
            zero(y, plan.widest * k);
            zero(share, plan.widest * k * k);
            zero(inner, k * (2 * k + 1));
            zero(system, k * (k + 1));
        }
    }
}

/// Which passes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passes {
    /// Seeds stand at the root's payoffs alone and nobody asks for the root's belief.
    Down,
    /// Seeds anywhere.
    UpAndDown,
}

/// Both passes with the widest vectors the machine has. `tables` is `[table][grid point][stride]` and is added to.
pub(crate) fn reverse_on(
    context: Context<'_>,
    scratch: &Scratch,
    reverse: &mut Reverse,
    sums: &mut Sums,
    tables: &mut [f64],
    passes: Passes,
) {
    match context.width {
        Width::Portable => both(context, scratch, reverse, sums, tables, passes),
        #[cfg(target_arch = "x86_64")]
        Width::Avx2 => {
            #[expect(
                unsafe_code,
                reason = "calls a function compiled for instructions that were detected at start"
            )]
            // SAFETY: `Width::of_this_machine` returned this width only after detecting the features.
            unsafe {
                both_avx2(context, scratch, reverse, sums, tables, passes);
            }
        }
        #[cfg(target_arch = "x86_64")]
        Width::Avx512 => {
            #[expect(
                unsafe_code,
                reason = "calls a function compiled for instructions that were detected at start"
            )]
            // SAFETY: as above.
            unsafe {
                both_avx512(context, scratch, reverse, sums, tables, passes);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn both_avx2(
    context: Context<'_>,
    scratch: &Scratch,
    reverse: &mut Reverse,
    sums: &mut Sums,
    tables: &mut [f64],
    passes: Passes,
) {
    both(Context { width: Width::Avx2, ..context }, scratch, reverse, sums, tables, passes);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl")]
fn both_avx512(
    context: Context<'_>,
    scratch: &Scratch,
    reverse: &mut Reverse,
    sums: &mut Sums,
    tables: &mut [f64],
    passes: Passes,
) {
    both(Context { width: Width::Avx512, ..context }, scratch, reverse, sums, tables, passes);
}

#[inline(always)]
fn both(
    context: Context<'_>,
    scratch: &Scratch,
    reverse: &mut Reverse,
    sums: &mut Sums,
    tables: &mut [f64],
    passes: Passes,
) {
    if passes == Passes::UpAndDown {
        up::upward(context, scratch, reverse, sums);
    }
    down::downward(context, scratch, reverse, sums, tables);
}
