//! What is believed of answers to bids and positions before the data speaks.

use super::pooling::{Days, SlopePrior};

/// Elasticities at [`MIDDLE`](super::channel::MIDDLE). Monotone and bounded: a better position never means less.
pub(super) const VISIBILITY: SlopePrior =
    SlopePrior { mean: 0.4, sd: 0.4, unit_sd: 0.15, bounds: [0.0, 3.0], ..SlopePrior::NONE };
pub(super) const CTR_BY_POSITION: SlopePrior =
    SlopePrior { mean: 0.4, sd: 0.4, unit_sd: 0.15, bounds: [0.0, 2.0], ..SlopePrior::NONE };
/// Those who are shown an advertisement more often click less often: all day, whatever the hour's own bid.
pub(super) const WEARINESS: SlopePrior = SlopePrior {
    mean: -0.05,
    sd: 0.1,
    unit_sd: 0.05,
    bounds: [-0.5, 0.0],
    days: Days::Tire,
    ..SlopePrior::NONE
};
pub(super) const WIN_RATE: SlopePrior = SlopePrior {
    mean: 0.7,
    sd: 0.5,
    unit_sd: 0.25,
    bounds: [0.0, 4.0],
    days: Days::Tire,
    ..SlopePrior::NONE
};
pub(super) const PROMOTION: SlopePrior =
    SlopePrior { mean: 0.5, sd: 0.4, unit_sd: 0.2, bounds: [0.0, 3.0], ..SlopePrior::NONE };
