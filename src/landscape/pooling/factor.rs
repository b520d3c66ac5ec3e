//! One family of factors of the model, and how far its levels lie apart.

use super::Row;

/// A family of factors while it is being fitted.
pub(super) struct Factor {
    pub value: Vec<f64>,
    /// Between-level variance τ² of the factor.
    pub variance: f64,
    /// Degrees of freedom that the factor takes up: Σ expected ÷ (expected + K).
    pub absorbed: f64,
    /// Whether levels lean on their mean at all.
    pooled: bool,
}

impl Factor {
    pub fn new(levels: usize, variance: f64, pooled: bool) -> Self {
        Factor { value: vec![1.0; levels], variance, absorbed: 0.0, pooled }
    }

    /// One back-fitting step: re-estimates the factor from observed and expected sums per level, and
    /// τ² from how far the levels lie apart beyond what φ explains.
    pub fn update(
        &mut self,
        rows: &[Row],
        mean: &mut [f64],
        dispersion: f64,
        level: impl Fn(&Row) -> Option<usize>,
    ) {
        let levels = self.value.len();
        if levels < 2 {
            return;
        }
        let (mut seen, mut expected) = (vec![0.0; levels], vec![0.0; levels]);
        for (row, mu) in rows.iter().zip(mean.iter()) {
            if let Some(at) = level(row) {
                seen[at] += row.weight * row.y;
                expected[at] += row.weight * mu;
            }
        }
        // Expected without the factor itself.
        for (expected, value) in expected.iter_mut().zip(&self.value) {
            *expected /= value.max(1e-12);
        }
        self.variance = match self.pooled {
            true => between_variance(&seen, &expected, dispersion, self.variance),
            false => ALONE,
        };
        let strength = dispersion / self.variance;
        self.absorbed = expected.iter().map(|expected| expected / (expected + strength)).sum();
        let old = self.value.clone();
        for ((value, seen), expected) in self.value.iter_mut().zip(&seen).zip(&expected) {
            *value = (seen + strength) / (expected + strength);
        }
        for (row, mu) in rows.iter().zip(mean.iter_mut()) {
            if let Some(at) = level(row) {
                *mu *= self.value[at] / old[at].max(1e-12);
            }
        }
    }
}

/// Variance at which levels do not lean on anything.
const ALONE: f64 = 1e3;

/// Between-level variance by weighted moments: E[(seen − expected)²] = φ·expected + τ²·expected².
fn between_variance(seen: &[f64], expected: &[f64], dispersion: f64, start: f64) -> f64 {
    let mut variance = start;
    for _ in 0..3 {
        let (mut numerator, mut denominator) = (0.0, 0.0);
        for (seen, expected) in seen.iter().zip(expected) {
            let noise = dispersion * expected;
            let total = noise + variance * expected * expected;
            if total > 0.0 {
                // By the inverse variance of (seen ÷ expected − 1)².
                let weight = (expected / total).powi(2);
                numerator += weight * ((seen - expected).powi(2) - noise);
                denominator += weight * expected * expected;
            }
        }
        if denominator > 0.0 {
            variance = (numerator / denominator).clamp(1e-4, 4.0);
        }
    }
    variance
}
