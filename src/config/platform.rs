//! Platforms: where bids are executed, and what an account may set there.
//!
//! A platform takes no bid for every unit and hour. It takes a base bid per unit and, per campaign, a percentage
//! of it for each window of the day, or no delivery. [`Terms`] says within which limits; the table of defaults
//! and how sure they are is in `docs/platforms.md`, and every limit can be set in the plan file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PlanFile;
use super::names::nearest;
use crate::error::{Finding, Result};
use crate::keys::Channel;

/// A place where bids are executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// Taobao search, 直通车.
    Zhitongche,
    /// Taobao display, 钻展.
    Zuanzhan,
    /// Google Ads, by the CSV of Google Ads Editor.
    GoogleAds,
    /// Microsoft Advertising, by its bulk file.
    Microsoft,
    /// Amazon Ads, by its bulk sheet.
    Amazon,
    /// Programs that set every bid of every hour by themselves.
    Json,
}

/// How sure a limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Confidence {
    /// Read in the platform's own documentation.
    High,
    /// Tools of others agree on it.
    Medium,
    /// Common knowledge that nobody confirmed.
    Low,
}

/// What an account may set: effective bid = base bid × percent ÷ 100 in the windows of its campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Terms {
    /// Lowest and highest base bid.
    pub bid: [f64; 2],
    /// Base bids are multiples of this.
    pub bid_step: f64,
    /// Lowest and highest whole percent of the base bid in a window.
    pub percent: [u32; 2],
    /// Windows of a day in which a campaign is delivered, at most.
    pub windows: usize,
    /// Whether a campaign can be off in part of the day.
    pub pauses: bool,
    /// Campaigns that one campaign may be split into, each with a schedule of its own.
    pub split: usize,
    /// Least chance that a cell is held in its position band, as a share of the best that it can have.
    pub hold: f64,
}

/// [`Terms::hold`] where the account says nothing: shared base bids and percents need more room than single bids.
pub const HOLD: f64 = 0.8;

/// `[platform.NAME]`: what differs in this account from the platform's usual limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Account {
    /// Lowest and highest base bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bid: Option<[f64; 2]>,
    /// Base bids are multiples of this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bid_step: Option<f64>,
    /// Lowest and highest whole percent of the base bid that a window of the day may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<[u32; 2]>,
    /// Windows of a day, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<u32>,
    /// Campaigns that one campaign may be split into where that pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<u32>,
    /// Least chance that a cell is held in its position band, as a share of the best that it can have; 0 = its
    /// predicted position lies in the band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<f64>,
    /// Name of the ad group where the history names no product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_group: Option<String>,
    /// Match type of keywords: `Broad`, `Phrase` or `Exact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_type: Option<String>,
}

/// `[platform]`: one account a platform.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Taobao search, 直通车.
    pub zhitongche: Account,
    /// Taobao display, 钻展.
    pub zuanzhan: Account,
    /// Google Ads.
    #[serde(rename = "google-ads")]
    pub google_ads: Account,
    /// Microsoft Advertising.
    pub microsoft: Account,
    /// Amazon Ads.
    pub amazon: Account,
}

impl Accounts {
    /// Nothing is said of any platform.
    pub fn is_default(&self) -> bool {
        *self == Accounts::default()
    }

    /// The account at a platform; programs that set every bid have none.
    pub fn at(&self, platform: Platform) -> Option<&Account> {
        match platform {
            Platform::Zhitongche => Some(&self.zhitongche),
            Platform::Zuanzhan => Some(&self.zuanzhan),
            Platform::GoogleAds => Some(&self.google_ads),
            Platform::Microsoft => Some(&self.microsoft),
            Platform::Amazon => Some(&self.amazon),
            Platform::Json => None,
        }
    }

    /// What may be set at a platform; nothing where every bid of every hour can be.
    pub fn terms(&self, platform: Platform) -> Option<Terms> {
        let usual = platform.terms()?;
        let account = self.at(platform)?;
        Some(Terms {
            bid: account.bid.unwrap_or(usual.bid),
            bid_step: account.bid_step.unwrap_or(usual.bid_step),
            percent: account.percent.unwrap_or(usual.percent),
            windows: account.windows.map_or(usual.windows, |windows| windows as usize),
            pauses: usual.pauses,
            split: account.split.map_or(usual.split, |split| split as usize),
            hold: account.hold.unwrap_or(usual.hold),
        })
    }
}

impl PlanFile {
    /// What may be set at a platform. Display platforms publish no range of bids: it is that of `[display]` where
    /// the account says nothing.
    pub fn terms(&self, platform: Platform) -> Option<Terms> {
        let mut terms = self.platform.terms(platform)?;
        let account = self.platform.at(platform)?;
        if platform == Platform::Zuanzhan {
            terms.bid = account.bid.unwrap_or(self.display.bid);
            terms.bid_step = account.bid_step.unwrap_or(self.display.bid_step);
        }
        Some(terms)
    }
}

impl Platform {
    /// All platforms.
    pub const ALL: [Platform; 6] = [
        Platform::Zhitongche,
        Platform::Zuanzhan,
        Platform::GoogleAds,
        Platform::Microsoft,
        Platform::Amazon,
        Platform::Json,
    ];

    /// The name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Platform::Zhitongche => "zhitongche",
            Platform::Zuanzhan => "zuanzhan",
            Platform::GoogleAds => "google-ads",
            Platform::Microsoft => "microsoft",
            Platform::Amazon => "amazon",
            Platform::Json => "json",
        }
    }

    /// The platform of a name.
    ///
    /// # Errors
    /// `U020` with the nearest name.
    pub fn named(name: &str) -> Result<Platform> {
        if let Some(platform) = Platform::ALL.into_iter().find(|platform| platform.name() == name) {
            return Ok(platform);
        }
        let names = Platform::ALL.map(Platform::name);
        let action = nearest(name, names).map_or_else(
            || format!("use one of {}", names.join(", ")),
            |near| format!("did you mean `{near}`? There are {}", names.join(", ")),
        );
        Err(Finding::error("U020", format!("there is no platform `{name}`"), action).into())
    }

    /// The channel that is bought there; nothing for all of them.
    pub fn channel(self) -> Option<Channel> {
        match self {
            Platform::Zhitongche | Platform::GoogleAds | Platform::Microsoft | Platform::Amazon => {
                Some(Channel::Search)
            }
            Platform::Zuanzhan => Some(Channel::Display),
            Platform::Json => None,
        }
    }

    /// The platform's usual limits; nothing where every bid of every hour can be set.
    pub fn terms(self) -> Option<Terms> {
        let cents = |bid, percent, windows| Terms {
            bid,
            bid_step: 0.01,
            percent,
            windows,
            pauses: true,
            split: 1,
            hold: HOLD,
        };
        Some(match self {
            Platform::Zhitongche => cents([0.05, 99.99], [30, 250], 24),
            Platform::Zuanzhan => Terms { bid_step: 0.1, ..cents([1.0, 300.0], [100, 100], 24) },
            Platform::GoogleAds => cents([0.01, 1000.0], [10, 1000], 6),
            Platform::Microsoft => cents([0.05, 1000.0], [10, 1000], 7),
            Platform::Amazon => Terms { pauses: false, ..cents([0.02, 1000.0], [100, 100], 1) },
            Platform::Json => return None,
        })
    }

    /// How sure the usual limits of base bid, percent and windows are.
    pub fn confidence(self) -> [Confidence; 3] {
        use Confidence::{High, Low, Medium};
        match self {
            Platform::Zhitongche => [High, Medium, High],
            Platform::Zuanzhan => [Low, High, High],
            Platform::GoogleAds => [Low, High, High],
            Platform::Microsoft => [Low, High, High],
            Platform::Amazon => [Low, High, High],
            Platform::Json => [High, High, High],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_platforms_and_slips_to_the_nearest() {
        for platform in Platform::ALL {
            assert_eq!(Platform::named(platform.name()).unwrap(), platform);
        }
        let action = |name: &str| Platform::named(name).unwrap_err().findings().remove(0).action;
        assert!(action("zhitonche").contains("`zhitongche`"));
        assert!(action("radio").starts_with("use one of"));
    }

    #[test]
    fn an_account_overrides_what_it_names() {
        let accounts: Accounts = toml::from_str("[zhitongche]\npercent = [50, 150]\nwindows = 8").unwrap();
        let terms = accounts.terms(Platform::Zhitongche).unwrap();
        assert_eq!((terms.percent, terms.windows, terms.bid), ([50, 150], 8, [0.05, 99.99]));
        assert_eq!(accounts.terms(Platform::GoogleAds), Platform::GoogleAds.terms());
    }

    #[test]
    fn the_documented_table_is_the_one_that_is_used() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/platforms.md");
        let page = std::fs::read_to_string(path).unwrap();
        for platform in Platform::ALL {
            let Some(terms) = platform.terms() else { continue };
            let [bid, percent, windows] = platform.confidence().map(|sure| match sure {
                Confidence::High => "H",
                Confidence::Medium => "M",
                Confidence::Low => "GK",
            });
            let row = format!(
                "| `{}` | {} to {} ({bid}) | {} | {} to {} ({percent}) | {} ({windows}) | {} |",
                platform.name(),
                terms.bid[0],
                terms.bid[1],
                terms.bid_step,
                terms.percent[0],
                terms.percent[1],
                terms.windows,
                if terms.pauses { "yes" } else { "no" },
            );
            assert!(page.contains(&row), "docs/platforms.md lacks this row:\n{row}");
        }
    }
}
