//! What is counted, and the ratios of what is counted.
//!
//! ROI is revenue ÷ spend throughout (投入产出比; ROAS in Western usage).

use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a cell, or any group of cells, brings: five sums, and the impressions that stand behind a
/// mean position. Sums add; ratios are only ever taken of sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Times shown.
    pub impressions: f64,
    /// Clicks.
    pub clicks: f64,
    /// Money charged to the shop, in the plan's currency.
    pub spend: f64,
    /// Orders attributed within the window.
    pub orders: f64,
    /// Money taken by those orders.
    pub revenue: f64,
    /// Σ position × impressions, over the impressions that have a position.
    pub position_sum: f64,
    /// Impressions that have a position.
    pub position_weight: f64,
}

/// A ratio, or nothing where its denominator is zero.
fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator > 0.0).then(|| numerator / denominator)
}

impl Outcome {
    /// Clicks ÷ impressions.
    pub fn ctr(&self) -> Option<f64> {
        ratio(self.clicks, self.impressions)
    }

    /// Orders ÷ clicks.
    pub fn cvr(&self) -> Option<f64> {
        ratio(self.orders, self.clicks)
    }

    /// Spend ÷ clicks.
    pub fn cpc(&self) -> Option<f64> {
        ratio(self.spend, self.clicks)
    }

    /// 1000 × spend ÷ impressions.
    pub fn cpm(&self) -> Option<f64> {
        ratio(1000.0 * self.spend, self.impressions)
    }

    /// Revenue per order.
    pub fn order_value(&self) -> Option<f64> {
        ratio(self.revenue, self.orders)
    }

    /// Revenue ÷ spend.
    pub fn roi(&self) -> Option<f64> {
        ratio(self.revenue, self.spend)
    }

    /// Mean position weighted by impressions; 1 is the top.
    pub fn position(&self) -> Option<f64> {
        ratio(self.position_sum, self.position_weight)
    }

    /// The sum in the order of [`Measure::ALL`].
    pub fn measures(&self) -> [f64; 5] {
        [self.impressions, self.clicks, self.spend, self.orders, self.revenue]
    }
}

impl Add for Outcome {
    type Output = Outcome;

    fn add(mut self, other: Outcome) -> Outcome {
        self += other;
        self
    }
}

impl AddAssign for Outcome {
    fn add_assign(&mut self, other: Outcome) {
        self.impressions += other.impressions;
        self.clicks += other.clicks;
        self.spend += other.spend;
        self.orders += other.orders;
        self.revenue += other.revenue;
        self.position_sum += other.position_sum;
        self.position_weight += other.position_weight;
    }
}

impl Mul<f64> for Outcome {
    type Output = Outcome;

    fn mul(self, factor: f64) -> Outcome {
        Outcome {
            impressions: self.impressions * factor,
            clicks: self.clicks * factor,
            spend: self.spend * factor,
            orders: self.orders * factor,
            revenue: self.revenue * factor,
            position_sum: self.position_sum * factor,
            position_weight: self.position_weight * factor,
        }
    }
}

impl Sum for Outcome {
    fn sum<I: Iterator<Item = Outcome>>(outcomes: I) -> Outcome {
        outcomes.fold(Outcome::default(), Add::add)
    }
}

/// The five sums that everything else is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(usize)]
pub enum Measure {
    /// Times shown.
    Impressions,
    /// Clicks.
    Clicks,
    /// Money charged.
    Spend,
    /// Orders.
    Orders,
    /// Money taken.
    Revenue,
}

impl Measure {
    /// All measures, in the order of [`Outcome::measures`].
    pub const ALL: [Measure; 5] =
        [Measure::Impressions, Measure::Clicks, Measure::Spend, Measure::Orders, Measure::Revenue];

    /// Its name, as the columns of files have it.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Impressions => "impressions",
            Measure::Clicks => "clicks",
            Measure::Spend => "spend",
            Measure::Orders => "orders",
            Measure::Revenue => "revenue",
        }
    }
}

/// What a rule bounds or an objective maximises: a sum or a ratio of sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Times shown.
    Impressions,
    /// Clicks.
    Clicks,
    /// Money charged.
    Spend,
    /// Orders.
    Orders,
    /// Money taken.
    Revenue,
    /// margin × revenue − spend.
    Profit,
    /// Revenue ÷ spend.
    Roi,
    /// Spend ÷ clicks.
    Cpc,
    /// 1000 × spend ÷ impressions.
    Cpm,
    /// Clicks ÷ impressions.
    Ctr,
    /// Orders ÷ clicks.
    Cvr,
    /// Spend ÷ orders.
    CostPerOrder,
}

/// Weights over the measures, in the order of [`Measure::ALL`].
pub type Weights = [f64; 5];

impl Metric {
    /// The name used in files.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Impressions => "impressions",
            Metric::Clicks => "clicks",
            Metric::Spend => "spend",
            Metric::Orders => "orders",
            Metric::Revenue => "revenue",
            Metric::Profit => "profit",
            Metric::Roi => "roi",
            Metric::Cpc => "cpc",
            Metric::Cpm => "cpm",
            Metric::Ctr => "ctr",
            Metric::Cvr => "cvr",
            Metric::CostPerOrder => "cost_per_order",
        }
    }

    /// Numerator and, for a ratio, denominator as weights over the measures.
    /// `margin` is the share of revenue that is gross profit.
    pub fn weights(self, margin: f64) -> (Weights, Option<Weights>) {
        const IMPRESSIONS: Weights = [1.0, 0.0, 0.0, 0.0, 0.0];
        const CLICKS: Weights = [0.0, 1.0, 0.0, 0.0, 0.0];
        const SPEND: Weights = [0.0, 0.0, 1.0, 0.0, 0.0];
        const ORDERS: Weights = [0.0, 0.0, 0.0, 1.0, 0.0];
        const REVENUE: Weights = [0.0, 0.0, 0.0, 0.0, 1.0];
        match self {
            Metric::Impressions => (IMPRESSIONS, None),
            Metric::Clicks => (CLICKS, None),
            Metric::Spend => (SPEND, None),
            Metric::Orders => (ORDERS, None),
            Metric::Revenue => (REVENUE, None),
            Metric::Profit => ([0.0, 0.0, -1.0, 0.0, margin], None),
            Metric::Roi => (REVENUE, Some(SPEND)),
            Metric::Cpc => (SPEND, Some(CLICKS)),
            Metric::Cpm => ([0.0, 0.0, 1000.0, 0.0, 0.0], Some(IMPRESSIONS)),
            Metric::Ctr => (CLICKS, Some(IMPRESSIONS)),
            Metric::Cvr => (ORDERS, Some(CLICKS)),
            Metric::CostPerOrder => (SPEND, Some(ORDERS)),
        }
    }

    /// Whether the metric is a ratio of two sums.
    pub fn is_ratio(self) -> bool {
        self.weights(0.0).1.is_some()
    }

    /// The metric's value for an outcome; nothing for a ratio over zero.
    pub fn of(self, outcome: &Outcome, margin: f64) -> Option<f64> {
        let measures = outcome.measures();
        let dot = |weights: Weights| weights.iter().zip(measures).map(|(w, m)| w * m).sum::<f64>();
        match self.weights(margin) {
            (numerator, None) => Some(dot(numerator)),
            (numerator, Some(denominator)) => ratio(dot(numerator), dot(denominator)),
        }
    }
}
