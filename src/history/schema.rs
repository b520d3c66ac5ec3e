//! The columns of a history, and every header that is known to mean one of them.

/// A canonical column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(usize)]
pub(super) enum Column {
    Date,
    Hour,
    Channel,
    Campaign,
    Unit,
    Product,
    Bid,
    Impressions,
    Clicks,
    Spend,
    Orders,
    Revenue,
    Position,
    Quality,
    Ctr,
    Cvr,
    Cpc,
    Cpm,
    Roi,
    Window,
    Exported,
}

/// Headers in order of preference. Headers of one group say the same thing, so two of them in one
/// file are ambiguous; of two groups the earlier is taken and the other is reported as unused.
type Aliases = &'static [&'static [&'static str]];

impl Column {
    /// Whether a percent sign may stand behind its numbers.
    pub fn is_share(self) -> bool {
        matches!(self, Column::Bid | Column::Quality | Column::Ctr | Column::Cvr | Column::Roi)
    }

    /// How many there are.
    pub const COUNT: usize = 21;

    /// All of them, in the order of their discriminants.
    pub const ALL: [Column; Column::COUNT] = [
        Column::Date,
        Column::Hour,
        Column::Channel,
        Column::Campaign,
        Column::Unit,
        Column::Product,
        Column::Bid,
        Column::Impressions,
        Column::Clicks,
        Column::Spend,
        Column::Orders,
        Column::Revenue,
        Column::Position,
        Column::Quality,
        Column::Ctr,
        Column::Cvr,
        Column::Cpc,
        Column::Cpm,
        Column::Roi,
        Column::Window,
        Column::Exported,
    ];

    /// The five sums.
    pub const SUMS: [Column; 5] =
        [Column::Impressions, Column::Clicks, Column::Spend, Column::Orders, Column::Revenue];

    /// The name used in plan files and in files of our own.
    pub fn name(self) -> &'static str {
        match self {
            Column::Date => "date",
            Column::Hour => "hour",
            Column::Channel => "channel",
            Column::Campaign => "campaign",
            Column::Unit => "unit",
            Column::Product => "product",
            Column::Bid => "bid",
            Column::Impressions => "impressions",
            Column::Clicks => "clicks",
            Column::Spend => "spend",
            Column::Orders => "orders",
            Column::Revenue => "revenue",
            Column::Position => "position",
            Column::Quality => "quality",
            Column::Ctr => "ctr",
            Column::Cvr => "cvr",
            Column::Cpc => "cpc",
            Column::Cpm => "cpm",
            Column::Roi => "roi",
            Column::Window => "attribution_window",
            Column::Exported => "exported",
        }
    }

    /// The header of the platform's classic reports, where it has one.
    pub fn chinese(self) -> &'static str {
        match self {
            Column::Date => "日期",
            Column::Hour => "小时",
            Column::Channel => "场景名字",
            Column::Campaign => "计划名字",
            Column::Unit => "关键词",
            Column::Product => "宝贝ID",
            Column::Bid => "出价",
            Column::Impressions => "展现量",
            Column::Clicks => "点击量",
            Column::Spend => "花费",
            Column::Orders => "总成交笔数",
            Column::Revenue => "总成交金额",
            Column::Position => "平均展现排名",
            Column::Quality => "质量分",
            Column::Ctr => "点击率",
            Column::Cvr => "点击转化率",
            Column::Cpc => "平均点击花费",
            Column::Cpm => "千次展现花费",
            Column::Roi => "投入产出比",
            Column::Window => "转化周期",
            Column::Exported => "导出日期",
        }
    }

    /// The column of a canonical name.
    pub fn named(name: &str) -> Option<Column> {
        Column::ALL.into_iter().find(|column| column.name() == name)
    }

    fn aliases(self) -> Aliases {
        match self {
            Column::Date => &[&["日期", "统计日期", "数据日期", "day"]],
            Column::Hour => &[&["小时", "时段", "分时", "hour of day"]],
            Column::Channel => &[&["场景名字", "场景名称", "场景", "渠道", "推广渠道"]],
            // Rules speak of campaigns by name; bids are uploaded by the ID of the unit.
            Column::Campaign => &[
                &["计划名字", "计划名称", "推广计划名称", "推广计划", "计划", "campaign name"],
                &["计划ID", "推广计划ID", "campaign id"],
            ],
            Column::Unit => &[
                &["词ID", "词ID/词包ID", "关键词ID", "keyword id", "unit id", "人群ID"],
                &["关键词", "词名字", "词名字/词包名字", "词名称", "keyword", "人群名字", "人群名称"],
            ],
            Column::Product => &[
                &["宝贝ID", "商品ID", "item id", "product id"],
                &["宝贝名称", "商品名称", "item", "product name"],
            ],
            Column::Bid => &[&["出价", "关键词出价", "当前出价", "max cpc", "max. cpc"], &["默认出价"]],
            Column::Impressions => &[&["展现量", "展现", "展示量", "曝光量", "impression", "impr."]],
            Column::Clicks => &[&["点击量", "点击", "点击数", "click"]],
            Column::Spend => &[&["花费", "消耗", "cost", "总花费"]],
            Column::Orders => &[&["总成交笔数", "成交笔数", "成交订单数", "order"]],
            Column::Revenue => &[&["总成交金额", "成交金额", "sales"]],
            Column::Position => &[&["平均展现排名", "展现排名", "平均排名", "avg. pos.", "avg. position"]],
            Column::Quality => &[&["质量分", "质量得分", "quality score"]],
            Column::Ctr => &[&["点击率"]],
            Column::Cvr => &[&["点击转化率", "转化率", "conversion rate"]],
            Column::Cpc => &[&["平均点击花费", "点击单价", "avg. cpc"]],
            Column::Cpm => &[&["千次展现花费", "千次展现成本", "avg. cpm"]],
            Column::Roi => &[&["投入产出比", "roas"]],
            Column::Window => {
                &[&["转化周期", "归因周期", "归因窗口", "转化窗口", "attribution window", "window days"]]
            }
            Column::Exported => {
                &[&["导出日期", "下载日期", "快照日期", "export date", "snapshot", "snapshot date"]]
            }
        }
    }

    /// The column that a header means without being told, and how good a name it is (0 is best).
    pub fn of_header(header: &str) -> Option<(Column, usize)> {
        let header = normal(header);
        if header.is_empty() {
            return None;
        }
        let ranked = |column: Column| {
            if normal(column.name()) == header {
                return Some((column, 0));
            }
            let rank = column
                .aliases()
                .iter()
                .position(|group| group.iter().any(|alias| normal(alias) == header))?;
            Some((column, rank + 1))
        };
        Column::ALL.into_iter().find_map(ranked)
    }
}

/// A header as it is compared: without case, spaces, underscores, and a unit in brackets at its end,
/// so that `花费(元)` is `花费`.
pub(super) fn normal(header: &str) -> String {
    let header = header.trim();
    let bare =
        match header.strip_suffix([')', '）']).and_then(|rest| rest.rfind(['(', '（']).map(|at| &rest[..at]))
        {
            Some(before) if !before.trim().is_empty() => before,
            _ => header,
        };
    bare.chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '_' | '\u{feff}' | '\u{200b}'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_drift_and_are_still_known() {
        for (header, expected) in [
            ("日期", Column::Date),
            ("Date", Column::Date),
            ("时段", Column::Hour),
            (" 花费（元） ", Column::Spend),
            ("Cost", Column::Spend),
            ("词 ID / 词包 ID", Column::Unit),
            ("推广计划名称", Column::Campaign),
            ("点击转化率", Column::Cvr),
            ("Attribution_Window", Column::Window),
            ("投入产出比", Column::Roi),
        ] {
            assert_eq!(Column::of_header(header).map(|(column, _)| column), Some(expected), "{header}");
        }
        for header in ["", "总收藏数", "直接成交金额", "Total Cost/ Trans.", "()"] {
            assert_eq!(Column::of_header(header), None, "{header}");
        }
    }

    #[test]
    fn canonical_names_and_discriminants_agree() {
        for (at, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column as usize, at);
            assert_eq!(Column::named(column.name()), Some(column));
            assert_eq!(Column::of_header(column.name()), Some((column, 0)));
            assert_eq!(Column::of_header(column.chinese()).map(|(column, _)| column), Some(column));
        }
    }

    #[test]
    fn no_header_means_two_columns() {
        let mut seen = std::collections::HashMap::new();
        for column in Column::ALL {
            for alias in column.aliases().iter().copied().flatten() {
                assert_eq!(*seen.entry(normal(alias)).or_insert(column), column, "{alias}");
            }
        }
    }
}
