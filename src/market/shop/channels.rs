//! The sections of the four channels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::HourSpan;
use crate::config::OneOrMany;

/// `[search]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    /// Names of the campaigns; none = no search.
    pub campaigns: Vec<String>,
    /// Keywords in each campaign.
    pub keywords_per_campaign: u32,
    /// Queries for a middling keyword on a normal day.
    pub queries: f64,
    /// Spread of the keywords' popularity.
    pub queries_spread: f64,
    /// Slots on the pages that people look at; a lower place is not shown.
    pub slots: u32,
    /// Clicks per impression of a middling keyword in the top slot.
    pub top_ctr: f64,
    /// Spread of that between keywords.
    pub ctr_spread: f64,
    /// Share of attention that is lost from one slot to the next.
    pub attention_decay: f64,
    /// Share of the people who come far enough down to see slot 1, 2, 3 …; below the list as its last.
    /// Only what is seen is an impression. Empty = everybody sees every slot.
    pub visibility: Vec<f64>,
    /// Orders per click of a middling keyword.
    pub cvr: f64,
    /// Spread of that between keywords.
    pub cvr_spread: f64,
    /// Spread of order values around the product's.
    pub value_spread: f64,
    /// Spread of the shop's quality factor between keywords; 1 is as good as the rivals.
    pub quality_spread: f64,
    /// Rivals of a middling keyword.
    pub rivals: f64,
    /// Middling rank score (bid × quality) of the rivals of a middling keyword.
    pub rival_score: f64,
    /// How much a keyword's rivals follow its value per click: elasticity.
    pub rival_insight: f64,
    /// Spread of rivals' scores between keywords.
    pub keyword_spread: f64,
    /// Spread of rivals' scores for one keyword.
    pub rival_spread: f64,
    /// How much rivals' scores follow the hour's demand: elasticity.
    pub rival_dayparting: f64,
    /// Chance that a rival's budget runs out on a day; it does so in the evening.
    pub rival_runs_out: f64,
    /// Chance that a rival takes part in a query.
    pub rival_presence: f64,
    /// Spread of every score from query to query (personalisation).
    pub jitter: f64,
    /// Spread of a rival's score from hour to hour.
    pub rival_nerves: f64,
    /// How far a keyword's rivals swing slowly up and down together.
    pub rival_drift: f64,
    /// Days of one such swing.
    pub rival_drift_days: f64,
    /// Growth of all rivals' scores in 30 days.
    pub monthly_inflation: f64,
    /// Rivals with a name, a budget and plans of their own, beside the anonymous ones.
    #[serde(rename = "rival")]
    pub named: Vec<Rival>,
    /// Lowest click price, for a quality of 1.
    pub reserve: f64,
    /// What the operator thought a middling bid to be, against rivals' middling score.
    pub operator_aim: f64,
    /// Once a day's spend reaches this, the channel stops until midnight.
    pub daily_budget: f64,
}

/// `[[search.rival]]`: a shop that bids on many of our keywords out of one budget.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rival {
    /// Its name.
    pub name: String,
    /// Rank score (bid × quality) against a keyword's middling rival.
    pub strength: f64,
    /// Spread of that between keywords.
    pub spread: f64,
    /// Its quality; it pays the next score ÷ this for a click.
    pub quality: f64,
    /// Share of the keywords that it bids on.
    pub coverage: f64,
    /// Chance that it takes part in a query.
    pub presence: f64,
    /// Hours in which it bids; all by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hour: Option<OneOrMany<HourSpan>>,
    /// How much its scores follow the hour's demand: elasticity.
    pub dayparting: f64,
    /// How far its scores swing slowly up and down.
    pub drift: f64,
    /// Days of one such swing.
    pub drift_days: f64,
    /// Once its day's spend on our keywords reaches this, it is gone until midnight.
    pub daily_budget: f64,
}

/// `[display]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Display {
    /// Names of the campaigns, over which the units are dealt out; none = no display.
    pub campaigns: Vec<String>,
    /// Audiences; each meets each placement in one unit.
    pub audiences: Vec<String>,
    /// Placements.
    pub placements: Vec<String>,
    /// Impressions on offer to a middling unit on a normal day.
    pub opportunities: f64,
    /// Spread of that between units.
    pub opportunities_spread: f64,
    /// Middling highest CPM bid of the rivals.
    pub rival_cpm: f64,
    /// Spread of that between units.
    pub unit_spread: f64,
    /// Spread of that from impression to impression.
    pub rival_spread: f64,
    /// How much rivals' bids follow the hour's demand: elasticity.
    pub rival_dayparting: f64,
    /// Clicks per impression of a middling unit.
    pub ctr: f64,
    /// Spread of that between units.
    pub ctr_spread: f64,
    /// Share of clicks lost to weariness when every impression on offer is bought.
    pub fatigue: f64,
    /// People in one audience; 0 = so many that nobody sees us twice.
    pub people: f64,
    /// Share of an audience that belongs to each other audience too.
    pub overlap: f64,
    /// How clicks per impression fall with the times a person has seen us that day: by exp(−wear × times).
    pub wear: f64,
    /// Spread of the rivals' bids from hour to hour.
    pub rival_nerves: f64,
    /// Growth of the rivals' bids in 30 days.
    pub monthly_inflation: f64,
    /// Orders per click of a middling unit.
    pub cvr: f64,
    /// Spread of that between units.
    pub cvr_spread: f64,
    /// Spread of order values around the product's.
    pub value_spread: f64,
    /// What the operator thought a middling bid to be, against rivals' middling highest.
    pub operator_aim: f64,
    /// Once a day's spend reaches this, the channel stops until midnight.
    pub daily_budget: f64,
}

/// `[affiliate]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Affiliate {
    /// Name of the campaign.
    pub campaign: String,
    /// Plans; 0 = no affiliates.
    pub plans: u32,
    /// Promoters who look at a plan.
    pub promoters: u32,
    /// Impressions of a middling promoter on a normal day, when the commission leaves nothing to wish.
    pub reach: f64,
    /// Spread of that between promoters.
    pub reach_spread: f64,
    /// Exponent of a Pareto tail on that reach: some promoters are stars. 0 = no tail.
    pub reach_tail: f64,
    /// Chance that a promoter goes live on a day, which multiplies his reach.
    pub burst: f64,
    /// Exponent of the Pareto distribution of that multiple.
    pub burst_tail: f64,
    /// Mean days until a promoter has noticed a new commission; 0 = at once.
    pub delay_days: f64,
    /// Days before the planned date on which its commission is announced.
    pub lead_days: u32,
    /// Commission at which a middling promoter does 63 % of what he could.
    pub asked: f64,
    /// Spread of that between promoters.
    pub asked_spread: f64,
    /// Clicks per impression.
    pub ctr: f64,
    /// Orders per click.
    pub cvr: f64,
    /// Spread of orders per click between plans.
    pub cvr_spread: f64,
    /// Spread of order values around the product's.
    pub value_spread: f64,
    /// The operator's middling commission.
    pub commission: f64,
}

/// `[[group_buy]]`: a slot and the days on which the operator took it. It costs
/// `fixed_fee + rate × sales`; the fixed fee is spread over the run's hours by clicks.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// The slot's name.
    pub unit: String,
    /// Its campaign.
    #[serde(default = "group_buy")]
    pub campaign: String,
    /// The product it shows.
    pub product: String,
    /// Weekdays on which the operator took it, 1 = Monday … 7 = Sunday.
    pub weekdays: Vec<u8>,
    /// Hours in which it is open.
    pub hour: OneOrMany<HourSpan>,
    /// Money for a run, whatever it sells.
    #[serde(default)]
    pub fixed_fee: f64,
    /// Commission on its sales.
    #[serde(default)]
    pub rate: f64,
    /// Impressions of a run on a normal day.
    pub impressions: f64,
    /// Clicks per impression.
    pub ctr: f64,
    /// Orders per click.
    pub cvr: f64,
    /// Mean value of an order; the product's by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_value: Option<f64>,
    /// Share by which the shop's other traffic rises while the slot is open.
    #[serde(default)]
    pub halo: f64,
}

fn group_buy() -> String {
    "group-buy".into()
}
