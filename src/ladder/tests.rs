use super::*;

#[test]
fn rungs_spread_in_ratio_and_keep_the_present_bid() {
    assert_eq!(spread([100, 100], 12, None), vec![100]);
    assert_eq!(spread([100, 103], 12, None), vec![100, 101, 102, 103]);
    assert_eq!(spread([50, 100], 3, Some(77)), vec![50, 71, 77, 100]);
    assert_eq!(spread([50, 200], 3, Some(77)).len(), 7);
}

#[test]
fn bisection_finds_the_first() {
    assert_eq!(first_where(1, 100, |step| step >= 37), Some(37));
    assert_eq!(first_where(1, 100, |_| false), None);
    assert_eq!(first_where(1, 100, |_| true), Some(1));
}
