//! What a channel's history adds up to.

use crate::history::Observation;

/// Sums over the rows of a channel.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub impressions: f64,
    pub clicks: f64,
    pub spend: f64,
    pub orders: f64,
    pub revenue: f64,
    /// Revenue of rows without orders.
    pub orphan: f64,
    /// Orders, and one for each row that has revenue without any.
    pub paying: f64,
}

impl Totals {
    pub fn of(rows: &[&Observation]) -> Totals {
        let mut all = Totals::default();
        for row in rows {
            all.impressions += row.impressions;
            all.clicks += row.clicks;
            all.spend += row.spend;
            all.orders += row.orders;
            all.revenue += row.revenue;
            all.orphan += if row.orders > 0.0 { 0.0 } else { row.revenue };
            all.paying += row.orders.max(f64::from(row.revenue > 0.0));
        }
        all
    }
}

/// Of one piece; 1 where there is none.
pub(super) fn mean(all: f64, pieces: f64) -> f64 {
    if pieces > 0.0 { all / pieces } else { 1.0 }
}
