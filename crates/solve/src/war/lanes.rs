//! Eight beliefs at a time: elementwise arithmetic on arrays of eight doubles.
//!
//! Only `+ − × ÷`, comparison and bit operations are used, never a fused multiply–add, so that every machine and every
//! vector width gives the same bits. The compiler turns these loops into vector instructions of whatever width the
//! calling function was compiled for (see `dispatch`).

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// Beliefs solved together.
pub(crate) const LANES: usize = 8;

/// One number for each of eight beliefs.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
pub(crate) struct F8(pub(crate) [f64; LANES]);

impl F8 {
    pub(crate) const ZERO: Self = Self([0.0; LANES]);
    pub(crate) const ONE: Self = Self([1.0; LANES]);

    #[inline(always)]
    pub(crate) const fn splat(x: f64) -> Self {
        Self([x; LANES])
    }

    #[inline(always)]
    pub(crate) fn map(self, f: impl Fn(f64) -> f64) -> Self {
        #[cfg(test)]
        counted::add(1);
        let mut out = self;
        for x in &mut out.0 {
            *x = f(*x);
        }
        out
    }

    #[inline(always)]
    pub(crate) fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        #[cfg(test)]
        counted::add(1);
        let mut out = self;
        for (x, y) in out.0.iter_mut().zip(&other.0) {
            *x = f(*x, *y);
        }
        out
    }

    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        self.map(f64::abs)
    }

    #[inline(always)]
    pub(crate) fn smallest(self) -> f64 {
        let mut out = self.0[0];
        for x in self.0 {
            out = if x < out { x } else { out };
        }
        out
    }

    /// eˣ for every lane, within 2 units in the last place for |x| ≤ 708; smaller x give e⁻⁷⁰⁸ > 0, larger e⁷⁰⁸.
    ///
    /// Cody–Waite reduction x = k ln 2 + r with |r| ≤ ln 2 / 2, then the Taylor polynomial of degree 13 (remainder below
    /// 4e-18) in Estrin form, then scaling by 2ᵏ through the exponent bits.
    #[inline(always)]
    pub(crate) fn exp(self) -> Self {
        const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²: adding it rounds to an integer in the low mantissa bits
        const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
        const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
        // Besides the one that `map` counts: 2 to bound, 7 to reduce, 3 powers, 26 of the polynomial, 1 to scale.
        #[cfg(test)]
        counted::add(38);
        self.map(|x| {
            let x = if x < -708.0 { -708.0 } else { x };
            let x = if x > 708.0 { 708.0 } else { x };
            let shifted = x * std::f64::consts::LOG2_E + MAGIC;
            let k = shifted - MAGIC;
            let r = (x - k * LN2_HIGH) - k * LN2_LOW;
            let r2 = r * r;
            let r4 = r2 * r2;
            let r8 = r4 * r4;
            let p01 = 1.0 + r;
            let p23 = 1.0 / 2.0 + r * (1.0 / 6.0);
            let p45 = 1.0 / 24.0 + r * (1.0 / 120.0);
            let p67 = 1.0 / 720.0 + r * (1.0 / 5040.0);
            let p89 = 1.0 / 40320.0 + r * (1.0 / 362_880.0);
            let p1011 = 1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0);
            let p1213 = 1.0 / 479_001_600.0 + r * (1.0 / 6_227_020_800.0);
            let low = (p01 + r2 * p23) + r4 * (p45 + r2 * p67);
            let high = (p89 + r2 * p1011) + r4 * p1213;
            let polynomial = low + r8 * high;
            let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
            polynomial * scale
        })
    }
}

macro_rules! elementwise {
    ($trait:ident, $method:ident, $op:tt) => {
        impl $trait for F8 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |a, b| a $op b)
            }
        }
    };
}

elementwise!(Add, add, +);
elementwise!(Sub, sub, -);
elementwise!(Mul, mul, *);
elementwise!(Div, div, /);

impl AddAssign for F8 {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for F8 {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for F8 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|x| -x)
    }
}

/// Arithmetic operations on eight beliefs, counted by thread when testing.
#[cfg(test)]
pub(crate) mod counted {
    use std::cell::Cell;

    thread_local! {
        static OPERATIONS: Cell<u64> = const { Cell::new(0) };
    }

    pub(crate) fn add(operations: u64) {
        OPERATIONS.with(|n| n.set(n.get() + operations));
    }

    pub(crate) fn take() -> u64 {
        OPERATIONS.with(|n| n.replace(0))
    }
}

/// Which vector instructions the machine has; chosen once. Results do not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Width {
    pub(crate) fn of_this_machine() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512f")
                && std::arch::is_x86_feature_detected!("avx512dq")
                && std::arch::is_x86_feature_detected!("avx512vl")
            {
                return Self::Avx512;
            }
            if std::arch::is_x86_feature_detected!("avx2") {
                return Self::Avx2;
            }
        }
        Self::Portable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_agrees_with_the_standard_library() {
        let mut worst = 0.0f64;
        for i in 0..200_000 {
            let x = -700.0 + f64::from(i) * 0.007;
            let got = F8::splat(x).exp().0[0];
            worst = worst.max(((got - x.exp()) / x.exp()).abs());
        }
        assert!(worst < 5e-16, "{worst}");
        assert_eq!(F8::ZERO.exp(), F8::ONE);
        assert!(F8::splat(-1e9).exp().0[0] > 0.0);
        assert!(F8::splat(1e9).exp().0[0].is_finite());
    }
}
