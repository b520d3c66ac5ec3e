//! How alike several measurements of one thing are, beyond their own errors.

/// A measurement: what it says, and the variance of its error.
pub(super) type Measured = (f64, f64);

/// Variance between things that were measured around known values. (DerSimonian & Laird 1986)
pub(super) fn between(seen: &[Measured], around: impl Fn(usize) -> f64) -> f64 {
    let (mut excess, mut first, mut second) = (0.0, 0.0, 0.0);
    for (at, (value, error)) in seen.iter().enumerate().filter(|(_, (_, error))| error.is_finite()) {
        excess += (value - around(at)).powi(2) / error - 1.0;
        first += 1.0 / error;
        second += 1.0 / (error * error);
    }
    if first <= 0.0 || seen.len() < 2 {
        return 0.0;
    }
    (excess / (first - second / first).max(first / seen.len() as f64)).max(0.0)
}

/// The mean of measurements of things that vary so much, and the variance of its error.
pub(super) fn mean(seen: &[Measured], between: f64) -> Measured {
    let known: f64 = seen.iter().map(|(_, error)| 1.0 / (error + between)).sum();
    let sum: f64 = seen.iter().map(|(value, error)| value / (error + between)).sum();
    if known > 0.0 { (sum / known, 1.0 / known) } else { (1.0, f64::INFINITY) }
}

/// A measurement of something that is believed to lie around a value with a variance.
pub(super) fn pulled(seen: Measured, towards: f64, variance: f64) -> Measured {
    let (value, error) = seen;
    if !error.is_finite() || variance <= 0.0 {
        return (towards, variance);
    }
    (
        (value / error + towards / variance) / (1.0 / error + 1.0 / variance),
        1.0 / (1.0 / error + 1.0 / variance),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_alone_are_no_difference_and_differences_are_found() {
        let alike: Vec<Measured> = [0.9, 1.1, 1.0, 0.95, 1.05].map(|value| (value, 0.02)).to_vec();
        assert_eq!(between(&alike, |_| 1.0), 0.0);
        let apart: Vec<Measured> = [0.5, 1.5, 0.4, 1.6].map(|value| (value, 0.01)).to_vec();
        let found = between(&apart, |_| 1.0);
        assert!((0.25..0.5).contains(&found), "{found}");
        assert_eq!(pulled((2.0, f64::INFINITY), 1.2, 0.1), (1.2, 0.1));
        let (value, error) = pulled((2.0, 0.1), 1.0, 0.1);
        assert!((value - 1.5).abs() < 1e-12 && (error - 0.05).abs() < 1e-12);
        let (value, error) = mean(&[(1.0, 0.1), (2.0, 0.1)], 0.1);
        assert!((value - 1.5).abs() < 1e-12 && (error - 0.1).abs() < 1e-12);
    }
}
