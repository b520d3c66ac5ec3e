//! Shops that differ in kind, for whoever wants to know whether something holds on any shop.
//!
//! A kind is a file beside this one, laid over `base.toml`; a seed then moves its levels of demand,
//! price and conversion a little and draws everything else anew.

use super::Shop;
use super::chance::{Chance, Purpose, key};
use crate::error::{Error, Finding, Result};

/// A kind of shop.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    text: &'static str,
}

macro_rules! kinds {
    ($($name:literal),* $(,)?) => {
        /// All kinds.
        pub const ALL: &[Kind] =
            &[$(Kind { name: $name, text: include_str!(concat!("kinds/", $name, ".toml")) }),*];
    };
}

kinds![
    "middling",
    "small",
    "large",
    "dear",
    "cheap",
    "crowded",
    "quiet",
    "volatile",
    "search-only",
    "display-led",
    "promoted",
    "sparse",
    "dense",
    "event",
    "again",
    "coarse",
    "meddler",
    "patient",
];

const BASE: &str = include_str!("kinds/base.toml");

/// Spread of the levels between two shops of a kind.
const LEVEL_SPREAD: f64 = 0.12;

impl Kind {
    /// The kind of a name.
    ///
    /// # Errors
    /// `M008` for a name that no kind has.
    pub fn named(name: &str) -> Result<Kind> {
        ALL.iter().find(|kind| kind.name == name).copied().ok_or_else(|| {
            let names: Vec<&str> = ALL.iter().map(|kind| kind.name).collect();
            Finding::error(
                "M008",
                format!("there is no kind of shop `{name}`"),
                format!("use one of: {}", names.join(", ")),
            )
            .into()
        })
    }

    /// What is special about it.
    pub fn about(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches("# ")
    }

    /// A shop of this kind.
    ///
    /// # Errors
    /// None but for a defect of the kind's own file.
    pub fn shop(&self, seed: u64) -> Result<Shop> {
        let read = |text: &str| text.parse::<toml::Table>().map_err(|error| self.broken(&error));
        let table = laid_over(read(BASE)?, read(self.text)?);
        let text = toml::to_string(&table).map_err(|error| self.broken(&error))?;
        let mut shop = Shop::parse(&text)?;
        let mut levels = Chance::new(seed).unit(Purpose::Traits, key(&[self.name]));
        // TOML has no larger integers.
        shop.seed = (seed ^ key(&[self.name])) & i64::MAX as u64;
        let mut vary = |level: &mut f64| *level *= levels.factor(LEVEL_SPREAD);
        // Rivals pay what the market pays: their level follows the value of a click.
        let mut click = 1.0;
        vary(&mut click);
        for product in &mut shop.products {
            product.order_value *= click;
        }
        shop.search.rival_score *= click;
        shop.display.rival_cpm *= click;
        vary(&mut shop.search.queries);
        vary(&mut shop.search.rival_score);
        vary(&mut shop.search.top_ctr);
        vary(&mut shop.display.opportunities);
        vary(&mut shop.display.rival_cpm);
        vary(&mut shop.affiliate.reach);
        for slot in &mut shop.slots {
            vary(&mut slot.impressions);
        }
        Ok(shop)
    }

    fn broken(&self, error: &dyn std::fmt::Display) -> Error {
        Error::Internal(format!("the kind of shop `{}` cannot be read: {error}", self.name))
    }
}

/// A table with another one's keys in place of its own; tables within are laid over each other, lists are
/// replaced.
fn laid_over(mut below: toml::Table, above: toml::Table) -> toml::Table {
    for (key, value) in above {
        match (below.remove(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => {
                below.insert(key, toml::Value::Table(laid_over(old, new)));
            }
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
    below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_a_shop_and_no_two_are_alike() {
        let shops: Vec<String> = ALL.iter().map(|kind| format!("{:?}", kind.shop(1).unwrap())).collect();
        for (at, shop) in shops.iter().enumerate() {
            assert!(!shops[..at].contains(shop), "{}", ALL[at].name);
            assert!(ALL[at].about().ends_with('.'), "{}: {}", ALL[at].name, ALL[at].about());
        }
        assert!(ALL.len() >= 10);
    }

    #[test]
    fn a_seed_is_a_shop_and_another_another() {
        let text = |seed| format!("{:?}", ALL[0].shop(seed).unwrap());
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
        assert_eq!(Kind::named("nothing").unwrap_err().findings()[0].code, "M008");
    }

    #[test]
    fn a_shop_of_a_kind_survives_its_file() {
        for kind in ALL {
            let shop = kind.shop(3).unwrap();
            let again = Shop::parse(&toml::to_string(&shop).unwrap()).unwrap();
            assert_eq!(format!("{shop:?}"), format!("{again:?}"), "{}", kind.name);
        }
    }

    #[test]
    fn lists_are_replaced_and_tables_are_not() {
        let table = |text: &str| text.parse::<toml::Table>().unwrap();
        let laid = laid_over(table("l = [1, 2]\n[t]\na = 1\nb = 2"), table("l = [3]\n[t]\nb = 3"));
        assert_eq!(laid, table("l = [3]\n[t]\na = 1\nb = 3"));
    }
}
