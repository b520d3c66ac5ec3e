//! What a history cannot tell.

use super::pooling::{Effects, SlopePrior};
use crate::error::Finding;
use crate::keys::Channel;

/// No ad positions.
pub(super) fn positions() -> Finding {
    Finding::warning(
        "L003",
        "the search history holds no ad position, so no bid can be held to the position band",
        "export 平均展现排名 (average position) with the history; until then positions stay empty in the plan",
    )
}

/// Of bids: where they hardly vary within units, an assumption stands.
pub(super) fn answers(
    channel: Channel,
    (effects, prior, what): (&Effects, SlopePrior, &str),
) -> Option<Finding> {
    let told = effects.slope_information >= prior.sd.powi(-2);
    (prior.sd > 0.0 && !told).then(|| {
        Finding::warning(
            "L005",
            format!(
                "{channel}: bids hardly vary within units, so how {what} answer to a bid is more assumed than learned"
            ),
            "let bids vary by a fifth from day to day for a week, or keep `max_change` small until they have",
        )
    })
}
