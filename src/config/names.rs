//! Names that were meant.

/// The known name that a misspelt one was most likely meant to be.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| {
            (strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Shorter names are in too many others by chance.
const TELLING: usize = 3;

/// The known name that is a part of this one, or has it as a part, its words in any order: `lookback` is
/// `lookback_days`, `maximum` is `max`, `share_min` is `min_share`. Of several the one nearest in length.
pub(crate) fn kin<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_lowercase();
    let words = |name: &str| {
        let mut words: Vec<String> = name.split(['_', '-', ' ']).map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    let own = words(&name);
    let part = |longer: &str, shorter: &str| {
        let letters = shorter.chars().count();
        letters >= TELLING && (longer.starts_with(shorter) || longer.contains(&format!("_{shorter}")))
    };
    let is_kin = |candidate: &&str| {
        let candidate = candidate.to_lowercase();
        own == words(&candidate) || part(&candidate, &name) || part(&name, &candidate)
    };
    let apart = |candidate: &&str| candidate.chars().count().abs_diff(name.chars().count());
    known.into_iter().filter(is_kin).min_by_key(apart)
}

#[cfg(test)]
mod tests {
    use super::{kin, nearest};

    #[test]
    fn only_slips_of_the_pen_are_near() {
        let known = ["position", "bid", "bid_step", "max_change"];
        assert_eq!(nearest("postion", known), Some("position"));
        assert_eq!(nearest("maxchange", known), Some("max_change"));
        assert_eq!(nearest("Bid", known), Some("bid"));
        assert_eq!(nearest("budget", known), None);
        assert_eq!(nearest("预算", known), None);
    }

    #[test]
    fn parts_of_names_are_kin() {
        let history = ["files", "window_days", "maturity_days", "lookback_days", "max_rejected"];
        for (name, meant) in [
            ("lookback", "lookback_days"),
            ("maturity", "maturity_days"),
            ("window", "window_days"),
            ("reject", "max_rejected"),
        ] {
            assert_eq!(kin(name, history), Some(meant), "{name}");
        }
        let rule = ["name", "min", "max", "min_share", "max_share", "metric", "of", "per"];
        for (name, meant) in [("maximum", "max"), ("minimum", "min"), ("share_min", "min_share")] {
            assert_eq!(kin(name, rule), Some(meant), "{name}");
        }
        for name in ["budget", "on", "预算"] {
            assert_eq!(kin(name, history), None, "{name}");
        }
    }
}
