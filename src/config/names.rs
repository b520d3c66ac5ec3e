//! The name that was probably meant.

/// The known name nearest to one that is not known, when it is near enough to be a slip of the pen.
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

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_slips_of_the_pen_are_near() {
        let known = ["position", "bid", "bid_step", "max_change"];
        assert_eq!(nearest("postion", known), Some("position"));
        assert_eq!(nearest("maxchange", known), Some("max_change"));
        assert_eq!(nearest("Bid", known), Some("bid"));
        assert_eq!(nearest("budget", known), None);
        assert_eq!(nearest("预算", known), None);
    }
}
