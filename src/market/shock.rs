//! Shocks: what a day does that nobody could foretell.

use std::fmt;
use std::str::FromStr;

/// A change that begins at an hour and lasts to the end of the day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shock {
    /// What changes.
    pub kind: Kind,
    /// Against a day without it; of a rival, the strength against the shop's own rivals.
    pub factor: f64,
    /// The first hour.
    pub from: u8,
}

/// What a shock changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// How many people come.
    Demand,
    /// Orders per click.
    Cvr,
    /// What rivals bid.
    Price,
    /// One rival more in every search auction, as strong as the middling one of the keyword times the factor.
    Rival,
}

impl Kind {
    const ALL: [(Kind, &'static str); 4] =
        [(Kind::Demand, "demand"), (Kind::Cvr, "cvr"), (Kind::Price, "price"), (Kind::Rival, "rival")];
}

/// What all shocks of one kind make of an hour.
pub(super) fn factor(shocks: &[Shock], kind: Kind, hour: u8) -> f64 {
    shocks.iter().filter(|shock| shock.kind == kind && shock.from <= hour).map(|shock| shock.factor).product()
}

impl FromStr for Shock {
    type Err = String;

    /// `demand=0.6@12`.
    fn from_str(text: &str) -> Result<Shock, String> {
        let parts = text.split_once('=').and_then(|(kind, rest)| Some((kind, rest.split_once('@')?)));
        let Some((kind, (factor, from))) = parts else {
            return Err("write KIND=FACTOR@HOUR, as demand=0.6@12".into());
        };
        let kind = Kind::ALL.iter().find(|(_, name)| *name == kind.trim()).map(|(kind, _)| *kind);
        let kind = kind.ok_or("the kind is one of demand, cvr, price, rival")?;
        let factor: f64 = factor.trim().parse().map_err(|_| format!("`{factor}` is no number"))?;
        let from: u8 = from.trim().parse().map_err(|_| format!("`{from}` is no hour"))?;
        match factor > 0.0 && factor.is_finite() && from < 24 {
            true => Ok(Shock { kind, factor, from }),
            false => Err("the factor is above 0, the hour from 0 to 23".into()),
        }
    }
}

impl fmt::Display for Shock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Kind::ALL.iter().find(|(kind, _)| *kind == self.kind).map_or("", |(_, name)| name);
        write!(f, "{name}={}@{}", self.factor, self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shocks_are_written_as_they_are_read() {
        for text in ["demand=0.6@12", "cvr=0.7@0", "price=1.2@20", "rival=1@12"] {
            assert_eq!(text.parse::<Shock>().unwrap().to_string(), text);
        }
        for wrong in
            ["demand", "demand=0.6", "luck=1@2", "demand=x@2", "demand=0@2", "demand=1@24", "cvr=1@-1"]
        {
            assert!(wrong.parse::<Shock>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn shocks_last_and_multiply() {
        let shocks: Vec<Shock> =
            ["demand=0.5@12", "demand=0.5@20", "cvr=2@0"].map(|text| text.parse().unwrap()).to_vec();
        let demand = [11, 12, 20].map(|hour| factor(&shocks, Kind::Demand, hour));
        assert_eq!((demand, factor(&shocks, Kind::Price, 23)), ([1.0, 0.5, 0.25], 1.0));
    }
}
