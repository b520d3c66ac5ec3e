//! Arithmetic on the eight ladders of a tile at once: one trait with two makes, plain arrays for any
//! processor, and the 256-bit registers of x86 processors that have them, chosen when the program runs.

use crate::program::columns::LANES;

/// One number of each ladder of a tile.
pub type Lane = [f32; LANES];

/// Eight 32-bit numbers.
pub trait Eight: Copy {
    fn all(value: f32) -> Self;
    fn of(lanes: &Lane) -> Self;
    fn lanes(self) -> Lane;
    fn plus(self, other: Self) -> Self;
    fn less(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn over(self, other: Self) -> Self;
    fn max(self, other: Self) -> Self;
    /// self · b + c.
    fn fused(self, b: Self, c: Self) -> Self;
    /// self where it is above zero, else zero; and `other` only there.
    fn where_positive(self, other: Self) -> Self;
    /// 2^n · self, n being the number that was added to [`SHIFT`] to make `shifted`.
    fn scaled(self, shifted: Self) -> Self;
    /// Exponent and mantissa less one, the mantissa between √½ and √2; self is a normal number.
    fn split(self) -> (Self, Self);

    /// Sum of the lanes.
    #[inline(always)]
    fn sum(self) -> f64 {
        let [a, b, c, d, e, f, g, h] = self.lanes();
        f64::from((a + e) + (c + g)) + f64::from((b + f) + (d + h))
    }

    /// exp(self) for self ≤ 0, to 5e-7 · (1 + |self|) relative: 2^n · 2^f with a polynomial in f.
    #[inline(always)]
    fn exp(self) -> Self {
        // Far below anything that counts, and far above the slow denormal numbers.
        let x = self.times(Self::all(std::f32::consts::LOG2_E)).max(Self::all(-60.0));
        let shifted = x.plus(Self::all(SHIFT));
        let fraction = x.less(shifted.less(Self::all(SHIFT)));
        let mut power = Self::all(1.535_336_2e-4);
        for coefficient in [1.339_887_4e-3, 9.618_437e-3, 5.550_332_5e-2, 2.402_264_8e-1, 6.931_472e-1, 1.0] {
            power = power.fused(fraction, Self::all(coefficient));
        }
        power.scaled(shifted)
    }

    /// ln(self) for self ≥ 1, to 2e-7: the exponent, and a polynomial in the mantissa (Cephes).
    #[inline(always)]
    fn ln(self) -> Self {
        let (exponent, mantissa) = self.split();
        let mut sum = Self::all(7.037_683_6e-2);
        for coefficient in [
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_8e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
            -0.5,
        ] {
            sum = sum.fused(mantissa, Self::all(coefficient));
        }
        let series = sum.fused(mantissa.times(mantissa), mantissa);
        exponent.fused(Self::all(std::f32::consts::LN_2), series)
    }
}

/// Added to a small number, it rounds it to whole and leaves that in the last bits.
const SHIFT: f32 = 12_582_912.0;
/// Bits of √½.
const ROOT: u32 = 0x3f35_04f3;

/// Plain arrays.
#[derive(Clone, Copy)]
pub struct Plain(Lane);

impl Plain {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Plain(std::array::from_fn(|lane| f(self.0[lane], other.0[lane])))
    }
}

impl Eight for Plain {
    #[inline(always)]
    fn all(value: f32) -> Self {
        Plain([value; LANES])
    }

    #[inline(always)]
    fn of(lanes: &Lane) -> Self {
        Plain(*lanes)
    }

    #[inline(always)]
    fn lanes(self) -> Lane {
        self.0
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    fn less(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    fn over(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn fused(self, b: Self, c: Self) -> Self {
        self.times(b).plus(c)
    }

    #[inline(always)]
    fn where_positive(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > 0.0 { b } else { 0.0 })
    }

    #[inline(always)]
    fn scaled(self, shifted: Self) -> Self {
        self.zip(shifted, |a, b| f32::from_bits(a.to_bits().wrapping_add(b.to_bits() << 23)))
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let shifted = self.0.map(|x| x.to_bits().wrapping_sub(ROOT));
        let exponent = shifted.map(|bits| (bits as i32 >> 23) as f32);
        let mantissa = shifted.map(|bits| f32::from_bits((bits & 0x007f_ffff).wrapping_add(ROOT)) - 1.0);
        (Plain(exponent), Plain(mantissa))
    }
}

/// The wide registers.
#[cfg(target_arch = "x86_64")]
mod wide {
    // Safety: all of these are only reached where `wide()` says that the processor has AVX2 and FMA.
    use std::arch::x86_64::*;

    use super::{Eight, LANES, Lane, ROOT};

    #[derive(Clone, Copy)]
    pub struct Wide(__m256);

    impl Eight for Wide {
        #[inline(always)]
        fn all(value: f32) -> Self {
            Wide(unsafe { _mm256_set1_ps(value) })
        }

        #[inline(always)]
        fn of(lanes: &Lane) -> Self {
            Wide(unsafe { _mm256_loadu_ps(lanes.as_ptr()) })
        }

        #[inline(always)]
        fn lanes(self) -> Lane {
            let mut lanes = [0.0; LANES];
            unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), self.0) };
            lanes
        }

        #[inline(always)]
        fn plus(self, other: Self) -> Self {
            Wide(unsafe { _mm256_add_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn less(self, other: Self) -> Self {
            Wide(unsafe { _mm256_sub_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn times(self, other: Self) -> Self {
            Wide(unsafe { _mm256_mul_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn over(self, other: Self) -> Self {
            Wide(unsafe { _mm256_div_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn max(self, other: Self) -> Self {
            Wide(unsafe { _mm256_max_ps(self.0, other.0) })
        }

        #[inline(always)]
        fn fused(self, b: Self, c: Self) -> Self {
            Wide(unsafe { _mm256_fmadd_ps(self.0, b.0, c.0) })
        }

        #[inline(always)]
        fn where_positive(self, other: Self) -> Self {
            let positive = unsafe { _mm256_cmp_ps::<_CMP_GT_OQ>(self.0, _mm256_setzero_ps()) };
            Wide(unsafe { _mm256_and_ps(positive, other.0) })
        }

        #[inline(always)]
        fn scaled(self, shifted: Self) -> Self {
            unsafe {
                let power = _mm256_slli_epi32::<23>(_mm256_castps_si256(shifted.0));
                Wide(_mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(self.0), power)))
            }
        }

        #[inline(always)]
        fn split(self) -> (Self, Self) {
            unsafe {
                let root = _mm256_set1_epi32(ROOT as i32);
                let shifted = _mm256_sub_epi32(_mm256_castps_si256(self.0), root);
                let exponent = _mm256_cvtepi32_ps(_mm256_srai_epi32::<23>(shifted));
                let fraction = _mm256_and_si256(shifted, _mm256_set1_epi32(0x007f_ffff));
                let mantissa = _mm256_castsi256_ps(_mm256_add_epi32(fraction, root));
                (Wide(exponent), Wide(_mm256_sub_ps(mantissa, _mm256_set1_ps(1.0))))
            }
        }
    }
}
#[cfg(target_arch = "x86_64")]
pub use wide::Wide;

/// Whether the processor has the wide registers.
pub fn has_wide() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// Defines `$name`, which calls `$body` for the make that the processor has. `$body` must be
/// `#[inline(always)]` and generic over an [`Eight`] first.
macro_rules! dispatched {
    ($(#[$doc:meta])* $vis:vis fn $name:ident $(<const $size:ident: usize>)? ($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? => $body:ident) => {
        $(#[$doc])*
        $vis fn $name $(<const $size: usize>)? ($($arg: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                $(#[$doc])*
                #[target_feature(enable = "avx2,fma")]
                fn wide $(<const $size: usize>)? ($($arg: $type),*) $(-> $result)? {
                    $body::<$crate::solver::structured::lanes::Wide $(, $size)?>($($arg),*)
                }
                if $crate::solver::structured::lanes::has_wide() {
                    // Safety: `has_wide` says that the processor has these instructions.
                    return unsafe { wide $(::<$size>)? ($($arg),*) };
                }
            }
            $body::<$crate::solver::structured::lanes::Plain $(, $size)?>($($arg),*)
        }
    };
}
pub(in crate::solver) use dispatched;

#[cfg(test)]
mod tests {
    use super::{Eight, Plain};

    fn assert_good<E: Eight>() {
        for step in 0..1000 {
            let x = -(step as f32) * 0.04;
            let (ours, exact) = (E::all(x).exp().lanes()[3], f64::from(x).exp());
            assert!(
                (f64::from(ours) - exact).abs() <= 5e-7 * exact * (1.0 - f64::from(x)),
                "exp({x}) = {ours}, not {exact}"
            );
            let x = 1.0 + step as f32 * 0.1;
            let (ours, exact) = (E::all(x).ln().lanes()[5], f64::from(x).ln());
            assert!((f64::from(ours) - exact).abs() <= 3e-7 * (1.0 + exact), "ln({x}) = {ours}, not {exact}");
        }
        let lanes = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, -3.0];
        assert_eq!(E::of(&lanes).sum(), 124.0);
        assert_eq!(E::of(&lanes).where_positive(E::all(1.0)).sum(), 7.0);
    }

    #[test]
    fn exponentials_and_logarithms_are_good_to_single_precision_in_both_makes() {
        assert_good::<Plain>();
        #[cfg(target_arch = "x86_64")]
        if super::has_wide() {
            assert_good::<super::Wide>();
        }
    }
}
