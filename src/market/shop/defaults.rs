//! What holds where the shop's file is silent: a fashion shop on a normal Taobao month.

use jiff::civil::date;

use super::{Affiliate, Demand, Display, Operator, Product, Report, Returns, Rival, Search, Shop};

impl Default for Shop {
    fn default() -> Self {
        Shop {
            seed: 12,
            first_date: date(2026, 11, 14),
            days: 28,
            as_of: None,
            delay: vec![0.74, 0.12, 0.05, 0.03, 0.015, 0.01, 0.01, 0.005, 0.005, 0.005, 0.005, 0.005],
            stops_at_once: false,
            returns: Returns::default(),
            report: Report::default(),
            events: Vec::new(),
            demand: Demand::default(),
            operator: Operator::default(),
            products: vec![Product { name: "item-1".into(), order_value: 80.0 }],
            search: Search::default(),
            display: Display::default(),
            affiliate: Affiliate::default(),
            slots: Vec::new(),
            outputs: Vec::new(),
        }
    }
}

impl Default for Demand {
    fn default() -> Self {
        Demand {
            hour: vec![
                0.75, 0.45, 0.28, 0.20, 0.17, 0.20, 0.32, 0.52, 0.80, 1.05, 1.22, 1.22, //
                1.12, 1.15, 1.18, 1.20, 1.18, 1.08, 1.05, 1.20, 1.55, 1.85, 1.80, 1.25,
            ],
            weekday: vec![0.97, 0.96, 0.96, 0.97, 0.99, 1.08, 1.10],
            cvr_hour: vec![
                0.95, 0.85, 0.78, 0.72, 0.70, 0.72, 0.80, 0.90, 1.00, 1.06, 1.10, 1.08, //
                1.00, 0.98, 1.00, 1.02, 1.00, 0.96, 0.95, 1.00, 1.08, 1.12, 1.10, 1.02,
            ],
            monthly_trend: 0.03,
            drift: 0.10,
            drift_days: 45.0,
            day_noise: 0.03,
            unit_noise: 0.10,
            cvr_noise: 0.03,
            cvr_weekday: vec![1.0; 7],
        }
    }
}

impl Default for Returns {
    fn default() -> Self {
        Returns { share: 0.0, days: [3, 10], reported: false }
    }
}

impl Default for Operator {
    fn default() -> Self {
        Operator {
            change_days: [2.0, 6.0],
            commission_days: [7.0, 14.0],
            step: [0.1, 0.3],
            error: 0.25,
            follow_demand: 0.3,
            follow_day: 0.0,
            follow_cvr: 0.0,
            rests: None,
            pause: 0.0,
            discount_spread: 0.12,
            discount_days: 14,
        }
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

impl Default for Search {
    fn default() -> Self {
        Search {
            campaigns: names(&["search-brand", "search-category", "search-longtail"]),
            keywords_per_campaign: 16,
            queries: 1120.0,
            queries_spread: 0.7,
            slots: 12,
            top_ctr: 0.06,
            ctr_spread: 0.25,
            attention_decay: 0.12,
            visibility: Vec::new(),
            cvr: 0.055,
            cvr_spread: 0.4,
            value_spread: 0.4,
            quality_spread: 0.15,
            rivals: 20.0,
            rival_score: 1.0,
            rival_insight: 0.35,
            keyword_spread: 0.3,
            rival_spread: 0.5,
            rival_dayparting: 0.2,
            rival_runs_out: 0.3,
            rival_presence: 0.8,
            jitter: 0.25,
            rival_nerves: 0.0,
            rival_drift: 0.0,
            rival_drift_days: 30.0,
            monthly_inflation: 0.0,
            named: Vec::new(),
            reserve: 0.1,
            operator_aim: 1.5,
            daily_budget: 12_000.0,
        }
    }
}

impl Default for Rival {
    fn default() -> Self {
        Rival {
            name: String::new(),
            strength: 1.3,
            spread: 0.3,
            quality: 1.0,
            coverage: 0.6,
            presence: 0.9,
            hour: None,
            dayparting: 0.2,
            drift: 0.15,
            drift_days: 21.0,
            daily_budget: 1e9,
        }
    }
}

impl Default for Display {
    fn default() -> Self {
        Display {
            campaigns: names(&["display-new", "display-return", "display-fans"]),
            audiences: names(&["new-visitors", "lookalikes", "cart-owners", "fans"]),
            placements: names(&["home-banner", "search-banner", "detail-page", "video-feed"]),
            opportunities: 21_000.0,
            opportunities_spread: 0.35,
            rival_cpm: 52.0,
            unit_spread: 0.2,
            rival_spread: 0.45,
            rival_dayparting: 0.2,
            ctr: 0.032,
            ctr_spread: 0.3,
            fatigue: 0.15,
            people: 0.0,
            overlap: 0.0,
            wear: 0.0,
            rival_nerves: 0.0,
            monthly_inflation: 0.0,
            cvr: 0.041,
            cvr_spread: 0.25,
            value_spread: 0.4,
            operator_aim: 1.1,
            daily_budget: 15_000.0,
        }
    }
}

impl Default for Affiliate {
    fn default() -> Self {
        Affiliate {
            campaign: "affiliate".into(),
            plans: 6,
            promoters: 24,
            reach: 480.0,
            reach_spread: 0.8,
            reach_tail: 0.0,
            burst: 0.0,
            burst_tail: 1.7,
            delay_days: 0.0,
            lead_days: 14,
            asked: 0.12,
            asked_spread: 0.4,
            ctr: 0.06,
            cvr: 0.05,
            cvr_spread: 0.2,
            value_spread: 0.4,
            commission: 0.12,
        }
    }
}
