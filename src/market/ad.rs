//! An ad unit of the shop: where it is shown, what its visitors buy, what it costs, how it was bid.

use super::affiliate::Plan;
use super::chance::{Chance, Purpose, key};
pub(super) use super::day::Moment;
use super::demand::Demand;
use super::display::Placement;
use super::group_buy::Stage;
use super::operator::Habit;
use super::sales::Buyers;
use super::search::Keyword;
use super::shop::{Product, Shop, Slot};
use crate::keys::{Channel, Unit};

/// What a bid brought to the shop's door.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Traffic {
    pub impressions: u64,
    pub clicks: u64,
    /// Money charged for impressions or clicks; commissions and fees are not in it.
    pub charged: f64,
    /// Σ position × impressions.
    pub position_sum: f64,
}

/// The same on average, over the chances of a cell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Expected {
    pub impressions: f64,
    pub clicks: f64,
    pub charged: f64,
    pub position_sum: f64,
}

/// A place where ads are shown. A richer market brings other media; the rest stays as it is.
pub(super) trait Media: Send + Sync {
    /// What a bid brings in a cell.
    fn visit(&self, moment: &Moment, bid: f64) -> Traffic;

    /// What each of some bids brings in a whole cell on average, the day's luck given.
    fn on_average(&self, moment: &Moment, bids: &[f64]) -> Vec<Expected>;

    /// Whether it can run in an hour at all.
    fn is_open(&self, _hour: u8) -> bool {
        true
    }

    /// The platform's quality score, 1 to 10.
    fn quality(&self) -> Option<f64> {
        None
    }

    /// Whether impressions have positions.
    fn has_positions(&self) -> bool {
        false
    }

    /// The keyword, if it is one.
    fn keyword(&self) -> Option<&Keyword> {
        None
    }

    /// The audience that sees it, if one keeps seeing it.
    fn audience(&self) -> Option<usize> {
        None
    }
}

/// What the shop pays.
#[derive(Debug, Clone, Copy)]
pub(super) enum Terms {
    /// What the auction charges.
    Auction,
    /// The bid as a share of sales.
    Commission,
    /// A fee for the run and a share of sales, whatever is bid. While it runs, the shop's other traffic
    /// rises by the share `halo`.
    Slot { fixed_fee: f64, rate: f64, halo: f64 },
}

impl Terms {
    /// What a cell costs, a slot's fixed fee apart. `kept` is revenue of orders that did not come back.
    pub fn spend(self, bid: f64, charged: f64, kept: f64) -> f64 {
        match self {
            Terms::Auction => charged,
            Terms::Commission => bid * kept,
            Terms::Slot { rate, .. } => rate * kept,
        }
    }
}

/// An ad unit.
pub(super) struct Ad {
    pub unit: Unit,
    pub key: u64,
    pub media: Box<dyn Media>,
    pub buyers: Buyers,
    pub terms: Terms,
    pub habit: Habit,
}

fn named(channel: Channel, campaign: &str, unit: String, product: &Product) -> (Unit, u64) {
    let key = key(&[channel.name(), campaign, &unit]);
    (Unit { channel, campaign: campaign.into(), unit, product: Some(product.name.clone()) }, key)
}

/// All ads of a shop, sorted by unit.
pub(super) fn draw(shop: &Shop, chance: Chance, demand: &Demand) -> Vec<Ad> {
    let mut ads = Vec::new();
    if !shop.products.is_empty() {
        search(shop, chance, &mut ads);
        display(shop, chance, &mut ads);
        affiliate(shop, chance, &mut ads);
        group_buy(shop, demand, &mut ads);
    }
    ads.sort_by(|one, other| one.unit.cmp(&other.unit));
    ads
}

/// Mean order value over the products, against which a product is dear or cheap.
fn usual_value(shop: &Shop) -> f64 {
    shop.products.iter().map(|product| product.order_value).sum::<f64>() / shop.products.len() as f64
}

fn search(shop: &Shop, chance: Chance, ads: &mut Vec<Ad>) {
    let spec = &shop.search;
    for (index, campaign) in spec.campaigns.iter().enumerate() {
        for number in 0..spec.keywords_per_campaign {
            let name = format!("kw-{:04}", index as u32 * spec.keywords_per_campaign + number + 1);
            let mut stream = chance.unit(Purpose::Traits, key(&[Channel::Search.name(), campaign, &name]));
            let product = &shop.products[stream.pick(shop.products.len())];
            let (unit, key) = named(Channel::Search, campaign, name, product);
            // Dear things are bought by fewer of those who click.
            let relative = product.order_value / usual_value(shop);
            let cvr = spec.cvr * relative.powf(-0.5) * stream.factor(spec.cvr_spread);
            let appeal = cvr * product.order_value / (spec.cvr * usual_value(shop));
            let level =
                spec.rival_score * appeal.powf(spec.rival_insight) * stream.factor(spec.keyword_spread);
            ads.push(Ad {
                unit,
                key,
                media: Box::new(Keyword::draw(&mut stream, spec, level)),
                buyers: Buyers { cvr, value: product.order_value, value_spread: spec.value_spread },
                terms: Terms::Auction,
                habit: Habit::Hourly {
                    guess: level * spec.operator_aim,
                    campaign: super::chance::key(&[Channel::Search.name(), campaign]),
                    tick: 0.01,
                },
            });
        }
    }
}

fn display(shop: &Shop, chance: Chance, ads: &mut Vec<Ad>) {
    let spec = &shop.display;
    if spec.campaigns.is_empty() {
        return;
    }
    for (index, audience) in spec.audiences.iter().enumerate() {
        let campaign = &spec.campaigns[index % spec.campaigns.len()];
        for placement in &spec.placements {
            let name = format!("{audience} / {placement}");
            let mut stream = chance.unit(Purpose::Traits, key(&[Channel::Display.name(), campaign, &name]));
            let product = &shop.products[stream.pick(shop.products.len())];
            let (unit, key) = named(Channel::Display, campaign, name, product);
            let relative = product.order_value / usual_value(shop);
            let rival_cpm = spec.rival_cpm * stream.factor(spec.unit_spread);
            ads.push(Ad {
                unit,
                key,
                media: Box::new(Placement::draw(&mut stream, spec, index, rival_cpm)),
                buyers: Buyers {
                    cvr: spec.cvr * relative.powf(-0.7) * stream.factor(spec.cvr_spread),
                    value: product.order_value,
                    value_spread: spec.value_spread,
                },
                terms: Terms::Auction,
                habit: Habit::Hourly {
                    guess: rival_cpm * spec.operator_aim,
                    campaign: super::chance::key(&[Channel::Display.name(), campaign]),
                    tick: 0.1,
                },
            });
        }
    }
}

fn affiliate(shop: &Shop, chance: Chance, ads: &mut Vec<Ad>) {
    let spec = &shop.affiliate;
    for number in 1..=spec.plans {
        let name = format!("plan-{number}");
        let mut stream =
            chance.unit(Purpose::Traits, key(&[Channel::Affiliate.name(), &spec.campaign, &name]));
        let product = &shop.products[stream.pick(shop.products.len())];
        let (unit, key) = named(Channel::Affiliate, &spec.campaign, name, product);
        ads.push(Ad {
            unit,
            key,
            media: Box::new(Plan::draw(&mut stream, spec)),
            buyers: Buyers {
                cvr: spec.cvr * stream.factor(spec.cvr_spread),
                value: product.order_value,
                value_spread: spec.value_spread,
            },
            terms: Terms::Commission,
            habit: Habit::Daily { guess: spec.commission, tick: 0.005 },
        });
    }
}

fn group_buy(shop: &Shop, demand: &Demand, ads: &mut Vec<Ad>) {
    // The shop's own products are the only ones it can show; a checked shop names no other.
    let product = |slot: &Slot| shop.products.iter().find(|product| product.name == slot.product);
    for slot in &shop.slots {
        let Some(product) = product(slot) else { continue };
        let (unit, key) = named(Channel::GroupBuy, &slot.campaign, slot.unit.clone(), product);
        ads.push(Ad {
            unit,
            key,
            media: Box::new(Stage::new(slot, demand)),
            buyers: Buyers {
                cvr: slot.cvr,
                value: slot.order_value.unwrap_or(product.order_value),
                value_spread: 0.3,
            },
            terms: Terms::Slot { fixed_fee: slot.fixed_fee, rate: slot.rate, halo: slot.halo },
            habit: Habit::Weekly {
                weekdays: slot
                    .weekdays
                    .iter()
                    .map(|weekday| usize::from(weekday.saturating_sub(1)))
                    .collect(),
                rate: slot.rate,
            },
        });
    }
}
