//! Positions as reports give them: a mean, an interval, or a bucket in words.

/// Best and worst position of `3.27`, `4-6`, `4~6名`, `首位`, `前三`, `top 3` or `20+`. The bucket
/// past the last bound has no worst: it counts with its best.
pub(super) fn parse_position(text: &str) -> Option<[f64; 2]> {
    let text = text.trim().to_lowercase();
    match text.as_str() {
        "first" | "top" | "首位" | "首条" | "第一" | "第一位" => return Some([1.0, 1.0]),
        "前三" | "前三位" | "前三名" => return Some([1.0, 3.0]),
        _ => {}
    }
    let bare = text.trim_end_matches(['位', '名', '条']).trim_start_matches('第').trim();
    if let Some(rest) = bare.strip_prefix("top").or_else(|| bare.strip_prefix('前')) {
        return Some([1.0, edge(rest)?]);
    }
    let open = ["+", "以后", "名以后", "位以后", "以上", "及以后", "名以上", "名及以后"];
    if let Some(rest) = open.iter().rev().find_map(|end| text.strip_suffix(end)) {
        let best = edge(rest)?;
        return Some([best, best]);
    }
    match bare.split_once(['-', '~', '～', '–', '—', '至']) {
        Some((best, worst)) => {
            let (best, worst) = (edge(best)?, edge(worst)?);
            (best <= worst).then_some([best, worst])
        }
        None => edge(bare).map(|mean| [mean, mean]),
    }
}

fn edge(text: &str) -> Option<f64> {
    let text =
        text.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '第' | '位' | '名'));
    text.parse().ok().filter(|edge: &f64| edge.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_means_intervals_or_buckets() {
        for (text, expected) in [
            ("3.27", [3.27, 3.27]),
            ("4-6", [4.0, 6.0]),
            ("4~6名", [4.0, 6.0]),
            ("第7-10位", [7.0, 10.0]),
            ("首位", [1.0, 1.0]),
            ("First", [1.0, 1.0]),
            ("top 3", [1.0, 3.0]),
            ("前三", [1.0, 3.0]),
            ("前3名", [1.0, 3.0]),
            ("20+", [20.0, 20.0]),
            ("20名以后", [20.0, 20.0]),
        ] {
            assert_eq!(parse_position(text), Some(expected), "{text}");
        }
        for text in ["", "6-4", "Jun-04", "4月6日", "inf", "a-b", "1-2-3"] {
            assert_eq!(parse_position(text), None, "{text}");
        }
    }
}
