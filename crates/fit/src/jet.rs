//! Jets: a number with its derivatives in `N` variables, carried through arithmetic; [`Jet`] to second order, [`Slope`] to first.
//!
//! Forward mode suits likelihoods here: an observation depends on a handful of linear indices, whatever the number of coefficients behind them.

use std::ops::{Add, Mul, Neg, Sub};

/// A number with derivatives, so that one formula serves every order.
pub trait Number:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self>
{
    /// A number that depends on nothing.
    fn constant(value: f64) -> Self;

    /// The variable number `index`.
    fn variable(value: f64, index: usize) -> Self;

    /// The value.
    fn value(&self) -> f64;

    /// f(self), from f and its first two derivatives at the value.
    fn chain(&self, f: f64, first: f64, second: f64) -> Self;

    /// The number times a constant.
    #[inline]
    fn scaled(&self, factor: f64) -> Self {
        self.chain(self.value() * factor, factor, 0.0)
    }

    /// Adds a constant.
    fn shift(&mut self, by: f64);

    /// Adds a constant and so many times the variable number `index`.
    fn add_variable(&mut self, constant: f64, factor: f64, index: usize);

    /// Adds `factor` times another number.
    fn add_scaled(&mut self, other: &Self, factor: f64);

    /// Adds `factor` times the product of another number and the variable number `index`, which is `value`.
    fn add_product(&mut self, other: &Self, value: f64, index: usize, factor: f64);

    /// exp.
    #[inline]
    fn exp(&self) -> Self {
        let e = self.value().exp();
        self.chain(e, e, e)
    }

    /// 1/√x, of a positive number.
    #[inline]
    fn recip_sqrt(&self) -> Self {
        let (r, x) = (self.value().sqrt().recip(), self.value());
        self.chain(r, -0.5 * r / x, 0.75 * r / (x * x))
    }
}

/// A value with its first derivatives: a tenth of the work of a [`Jet`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope<const N: usize> {
    /// The value.
    pub value: f64,
    /// ∂/∂xᵢ.
    pub gradient: [f64; N],
}

impl<const N: usize> Number for Slope<N> {
    #[inline]
    fn constant(value: f64) -> Self {
        Self { value, gradient: [0.0; N] }
    }

    #[inline]
    fn variable(value: f64, index: usize) -> Self {
        let mut out = Self::constant(value);
        out.gradient[index] = 1.0;
        out
    }

    #[inline]
    fn value(&self) -> f64 {
        self.value
    }

    #[inline]
    fn chain(&self, f: f64, first: f64, _: f64) -> Self {
        Self { value: f, gradient: self.gradient.map(|g| first * g) }
    }

    #[inline]
    fn shift(&mut self, by: f64) {
        self.value += by;
    }

    #[inline]
    fn add_variable(&mut self, constant: f64, factor: f64, index: usize) {
        self.value += constant;
        self.gradient[index] += factor;
    }

    #[inline]
    fn add_scaled(&mut self, other: &Self, factor: f64) {
        self.value += factor * other.value;
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(g, o)| *g += factor * o);
    }

    #[inline]
    fn add_product(&mut self, other: &Self, value: f64, index: usize, factor: f64) {
        self.add_scaled(other, factor * value);
        self.gradient[index] += factor * other.value;
    }
}

impl<const N: usize> Add for Slope<N> {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        let gradient = std::array::from_fn(|i| self.gradient[i] + other.gradient[i]);
        Self { value: self.value + other.value, gradient }
    }
}

impl<const N: usize> Sub for Slope<N> {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        let gradient = std::array::from_fn(|i| self.gradient[i] - other.gradient[i]);
        Self { value: self.value - other.value, gradient }
    }
}

impl<const N: usize> Neg for Slope<N> {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        self.scaled(-1.0)
    }
}

impl<const N: usize> Mul for Slope<N> {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        let mut out = self.scaled(other.value);
        out.gradient.iter_mut().zip(other.gradient).for_each(|(g, o)| *g += self.value * o);
        out
    }
}

impl<const N: usize> Number for Jet<N> {
    #[inline]
    fn constant(value: f64) -> Self {
        Self::constant(value)
    }

    #[inline]
    fn variable(value: f64, index: usize) -> Self {
        Self::variable(value, index)
    }

    #[inline]
    fn value(&self) -> f64 {
        self.value
    }

    #[inline]
    fn chain(&self, f: f64, first: f64, second: f64) -> Self {
        Jet::chain(self, f, first, second)
    }

    #[inline]
    fn scaled(&self, factor: f64) -> Self {
        Jet::scaled(self, factor)
    }

    #[inline]
    fn shift(&mut self, by: f64) {
        self.value += by;
    }

    #[inline]
    fn add_variable(&mut self, constant: f64, factor: f64, index: usize) {
        self.value += constant;
        self.gradient[index] += factor;
    }

    #[inline]
    fn add_scaled(&mut self, other: &Self, factor: f64) {
        self.value += factor * other.value;
        for i in 0..N {
            self.gradient[i] += factor * other.gradient[i];
            for j in 0..=i {
                self.hessian[i][j] += factor * other.hessian[i][j];
            }
        }
    }

    /// A variable has no curvature and one slope, so that its product costs a quarter of another.
    #[inline]
    fn add_product(&mut self, other: &Self, value: f64, index: usize, factor: f64) {
        self.add_scaled(other, factor * value);
        self.gradient[index] += factor * other.value;
        for (i, slope) in other.gradient.iter().enumerate() {
            let (row, column) = (i.max(index), i.min(index));
            self.hessian[row][column] += factor * if i == index { 2.0 * slope } else { *slope };
        }
    }
}

/// A value with its first and second derivatives. Only the lower triangle of `hessian` (column ≤ row) is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet<const N: usize> {
    /// The value.
    pub value: f64,
    /// ∂/∂xᵢ.
    pub gradient: [f64; N],
    /// ∂²/∂xᵢ∂xⱼ for j ≤ i; zeros above.
    pub hessian: [[f64; N]; N],
}

impl<const N: usize> Jet<N> {
    /// A number that depends on nothing.
    #[must_use]
    pub fn constant(value: f64) -> Self {
        Self { value, gradient: [0.0; N], hessian: [[0.0; N]; N] }
    }

    /// The variable number `index`.
    #[must_use]
    pub fn variable(value: f64, index: usize) -> Self {
        let mut out = Self::constant(value);
        out.gradient[index] = 1.0;
        out
    }

    /// f(self), from f and its first two derivatives at the value.
    #[inline]
    #[must_use]
    pub fn chain(&self, f: f64, first: f64, second: f64) -> Self {
        let mut out = Self::constant(f);
        for i in 0..N {
            out.gradient[i] = first * self.gradient[i];
            for j in 0..=i {
                out.hessian[i][j] = first * self.hessian[i][j] + second * self.gradient[i] * self.gradient[j];
            }
        }
        out
    }

    /// f(self, other), from f, its two first derivatives and its three second ones (xx, xy, yy).
    #[must_use]
    pub fn chain2(&self, other: &Self, f: f64, first: [f64; 2], second: [f64; 3]) -> Self {
        let mut out = Self::constant(f);
        for i in 0..N {
            let (a, b) = (self.gradient[i], other.gradient[i]);
            out.gradient[i] = first[0] * a + first[1] * b;
            for j in 0..=i {
                let (c, d) = (self.gradient[j], other.gradient[j]);
                out.hessian[i][j] = first[0] * self.hessian[i][j]
                    + first[1] * other.hessian[i][j]
                    + second[0] * a * c
                    + second[1] * (a * d + b * c)
                    + second[2] * b * d;
            }
        }
        out
    }

    /// The jet times a number.
    #[inline]
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let mut out = *self;
        out.value *= factor;
        for i in 0..N {
            out.gradient[i] *= factor;
            for j in 0..=i {
                out.hessian[i][j] *= factor;
            }
        }
        out
    }

    /// The jet plus a number.
    #[inline]
    #[must_use]
    pub fn shifted(mut self, by: f64) -> Self {
        self.value += by;
        self
    }

    /// exp.
    #[must_use]
    pub fn exp(&self) -> Self {
        let e = self.value.exp();
        self.chain(e, e, e)
    }

    /// Natural logarithm, of a positive number.
    #[must_use]
    pub fn ln(&self) -> Self {
        let r = self.value.recip();
        self.chain(self.value.ln(), r, -r * r)
    }

    /// 1/x, of a number other than 0.
    #[must_use]
    pub fn recip(&self) -> Self {
        let r = self.value.recip();
        self.chain(r, -r * r, 2.0 * r * r * r)
    }

    /// 1/√x, of a positive number.
    #[must_use]
    pub fn recip_sqrt(&self) -> Self {
        let (r, x) = (self.value.sqrt().recip(), self.value);
        self.chain(r, -0.5 * r / x, 0.75 * r / (x * x))
    }

    /// Writes derivatives to slices, the Hessian in rows of `N`.
    pub fn write(&self, gradient: &mut [f64], hessian: &mut [f64]) -> f64 {
        gradient.copy_from_slice(&self.gradient);
        for (row, out) in self.hessian.iter().zip(hessian.chunks_mut(N.max(1))) {
            out.copy_from_slice(row);
        }
        self.value
    }
}

impl<const N: usize> Add for Jet<N> {
    type Output = Self;
    #[inline]
    fn add(mut self, other: Self) -> Self {
        self.value += other.value;
        for i in 0..N {
            self.gradient[i] += other.gradient[i];
            for j in 0..=i {
                self.hessian[i][j] += other.hessian[i][j];
            }
        }
        self
    }
}

impl<const N: usize> Sub for Jet<N> {
    type Output = Self;
    #[inline]
    fn sub(mut self, other: Self) -> Self {
        self.value -= other.value;
        for i in 0..N {
            self.gradient[i] -= other.gradient[i];
            for j in 0..=i {
                self.hessian[i][j] -= other.hessian[i][j];
            }
        }
        self
    }
}

impl<const N: usize> Neg for Jet<N> {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        self.scaled(-1.0)
    }
}

impl<const N: usize> Mul for Jet<N> {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        let (a, b) = (&self, &other);
        let mut out = Self::constant(a.value * b.value);
        for i in 0..N {
            out.gradient[i] = a.value * b.gradient[i] + b.value * a.gradient[i];
            for j in 0..=i {
                out.hessian[i][j] = a.value * b.hessian[i][j]
                    + b.value * a.hessian[i][j]
                    + a.gradient[i] * b.gradient[j]
                    + b.gradient[i] * a.gradient[j];
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f = exp(x y) / √(1 + y²) − ln(x) · (1/y)
    fn sample(x: f64, y: f64) -> Jet<2> {
        let (x, y) = (Jet::variable(x, 0), Jet::variable(y, 1));
        (x * y).exp() * (y * y).shifted(1.0).recip_sqrt() - x.ln() * y.recip()
    }

    #[test]
    fn derivatives_match_differences() {
        let (x, y, h) = (0.7, -1.3, 1e-4);
        let f = |x, y| sample(x, y).value;
        let jet = sample(x, y);
        let gx = (f(x + h, y) - f(x - h, y)) / (2.0 * h);
        let gy = (f(x, y + h) - f(x, y - h)) / (2.0 * h);
        let hxx = (f(x + h, y) - 2.0 * f(x, y) + f(x - h, y)) / (h * h);
        let hyy = (f(x, y + h) - 2.0 * f(x, y) + f(x, y - h)) / (h * h);
        let hxy = (f(x + h, y + h) - f(x + h, y - h) - f(x - h, y + h) + f(x - h, y - h)) / (4.0 * h * h);
        let pairs = [
            (jet.gradient[0], gx),
            (jet.gradient[1], gy),
            (jet.hessian[0][0], hxx),
            (jet.hessian[1][1], hyy),
            (jet.hessian[1][0], hxy),
        ];
        for (exact, difference) in pairs {
            assert!((exact - difference).abs() < 1e-6 * (1.0 + exact.abs()), "{exact} {difference}");
        }
    }

    #[test]
    fn slopes_are_jets_without_curvature() {
        fn f<T: Number>(x: T, y: T) -> T {
            (x * y).exp() - (x * x + y * y).recip_sqrt() * -y.scaled(3.0)
        }
        let jet = f(Jet::<2>::variable(0.7, 0), Jet::variable(-1.3, 1));
        let slope = f(Slope::<2>::variable(0.7, 0), Slope::variable(-1.3, 1));
        assert_eq!((jet.value, jet.gradient), (slope.value, slope.gradient));
    }

    #[test]
    fn sums_in_place_are_sums() {
        let (f, y) = (sample(0.7, -1.3), Jet::variable(-1.3, 1));
        let mut sum = f;
        sum.add_scaled(&f, 0.5);
        sum.add_product(&f, -1.3, 1, -2.0);
        sum.add_variable(3.0, 4.0, 0);
        let expected = f.scaled(1.5) - (f * y).scaled(2.0) + Jet::variable(0.0, 0).scaled(4.0).shifted(3.0);
        assert!((sum.value - expected.value).abs() < 1e-13);
        for i in 0..2 {
            assert!((sum.gradient[i] - expected.gradient[i]).abs() < 1e-13);
            for j in 0..=i {
                assert!((sum.hessian[i][j] - expected.hessian[i][j]).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn functions_of_two_jets_follow_the_chain_rule() {
        let (x, y) = (Jet::<2>::variable(0.4, 0), Jet::variable(1.1, 1));
        let (a, b) = (x * y, x + y);
        // a·b by its derivatives is a·b by the product rule.
        let chained = a.chain2(&b, a.value * b.value, [b.value, a.value], [0.0, 1.0, 0.0]);
        let product = a * b;
        for i in 0..2 {
            assert!((chained.gradient[i] - product.gradient[i]).abs() < 1e-14);
            for j in 0..=i {
                assert!((chained.hessian[i][j] - product.hessian[i][j]).abs() < 1e-14);
            }
        }
    }
}
