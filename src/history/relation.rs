//! How the ratios of advertising reports tie the sums together.

use super::schema::Column;

/// numerator = ratio × denominator × scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Relation {
    pub ratio: Column,
    pub numerator: Column,
    pub denominator: Column,
    pub scale: f64,
}

const fn relation(ratio: Column, numerator: Column, denominator: Column, scale: f64) -> Relation {
    Relation { ratio, numerator, denominator, scale }
}

/// How the ratios of advertising reports tie the sums together.
pub(super) const RELATIONS: [Relation; 5] = [
    relation(Column::Ctr, Column::Clicks, Column::Impressions, 1.0),
    relation(Column::Cpc, Column::Spend, Column::Clicks, 1.0),
    relation(Column::Cpm, Column::Spend, Column::Impressions, 0.001),
    relation(Column::Cvr, Column::Orders, Column::Clicks, 1.0),
    relation(Column::Roi, Column::Revenue, Column::Spend, 1.0),
];
