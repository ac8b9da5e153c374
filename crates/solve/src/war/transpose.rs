//! Eight vectors of eight numbers, turned over: from one vector per belief to one per number.

use super::lanes::{F8, LANES, Width};

/// `out[i][j] = rows[j][i]`. Only moves numbers: every width gives the same bits.
#[inline(always)]
pub(crate) fn transpose(width: Width, rows: &[F8; LANES], out: &mut [F8; LANES]) {
    match width {
        #[cfg(target_arch = "x86_64")]
        Width::Avx512 => {
            #[expect(
                unsafe_code,
                reason = "calls a function compiled for instructions that were detected at start"
            )]
            // SAFETY: `Width::of_this_machine` returned this width only after detecting the features.
            unsafe {
                avx512(rows, out);
            }
        }
        _ => {
            for (i, own) in out.iter_mut().enumerate() {
                for (x, row) in own.0.iter_mut().zip(rows) {
                    *x = row.0[i];
                }
            }
        }
    }
}

/// Twenty-four shuffles. Left to itself the compiler makes memory lookups of them, several times slower.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl")]
fn avx512(rows: &[F8; LANES], out: &mut [F8; LANES]) {
    use std::arch::x86_64::{
        __m512d, _mm512_set_pd, _mm512_shuffle_f64x2, _mm512_unpackhi_pd, _mm512_unpacklo_pd,
    };
    let r: [__m512d; LANES] = std::array::from_fn(|i| {
        let [a, b, c, d, e, f, g, h] = rows[i].0;
        _mm512_set_pd(h, g, f, e, d, c, b, a)
    });
    let low = |i: usize| _mm512_unpacklo_pd(r[2 * i], r[2 * i + 1]);
    let high = |i: usize| _mm512_unpackhi_pd(r[2 * i], r[2 * i + 1]);
    let (l, h) = ([low(0), low(1), low(2), low(3)], [high(0), high(1), high(2), high(3)]);
    let quarters = |p: [__m512d; 4]| {
        let even = (_mm512_shuffle_f64x2::<0x88>(p[0], p[1]), _mm512_shuffle_f64x2::<0x88>(p[2], p[3]));
        let odd = (_mm512_shuffle_f64x2::<0xdd>(p[0], p[1]), _mm512_shuffle_f64x2::<0xdd>(p[2], p[3]));
        [
            _mm512_shuffle_f64x2::<0x88>(even.0, even.1),
            _mm512_shuffle_f64x2::<0x88>(odd.0, odd.1),
            _mm512_shuffle_f64x2::<0xdd>(even.0, even.1),
            _mm512_shuffle_f64x2::<0xdd>(odd.0, odd.1),
        ]
    };
    let (l, h) = (quarters(l), quarters(h));
    for i in 0..LANES / 2 {
        out[2 * i] = F8::from(l[i]);
        out[2 * i + 1] = F8::from(h[i]);
    }
}

#[cfg(target_arch = "x86_64")]
impl From<std::arch::x86_64::__m512d> for F8 {
    #[inline(always)]
    fn from(v: std::arch::x86_64::__m512d) -> Self {
        #[expect(unsafe_code, reason = "the same 64 bytes, read as eight doubles")]
        // SAFETY: both are eight doubles without padding, and every bit pattern is a double.
        Self(unsafe { std::mem::transmute::<std::arch::x86_64::__m512d, [f64; LANES]>(v) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_turns_rows_into_columns() {
        let rows: [F8; LANES] = std::array::from_fn(|i| F8(std::array::from_fn(|j| (10 * i + j) as f64)));
        for width in [Width::Portable, Width::of_this_machine()] {
            let mut turned = [F8::ZERO; LANES];
            transpose(width, &rows, &mut turned);
            for i in 0..LANES {
                for j in 0..LANES {
                    assert_eq!(turned[i].0[j], rows[j].0[i], "{width:?} {i} {j}");
                }
            }
        }
    }
}
