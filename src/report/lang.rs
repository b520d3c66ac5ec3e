//! Every word that people read, in both languages side by side.

/// Language of what people read; files that programs read keep their English names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl Lang {
    /// What stands between two sentences.
    pub fn space(self) -> &'static str {
        match self {
            Lang::En => " ",
            Lang::Zh => "",
        }
    }
}

/// A word or a sentence in both languages; `{}` stands for what [`Word::with`] fills in, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
}

impl Word {
    /// The word in one language.
    pub fn in_(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }

    /// The sentence in one language, each `{}` replaced by the next value.
    pub fn with(self, lang: Lang, values: &[&str]) -> String {
        let mut parts = self.in_(lang).split("{}");
        let mut text = parts.next().unwrap_or("").to_string();
        for (at, part) in parts.enumerate() {
            text += values.get(at).unwrap_or(&"");
            text += part;
        }
        text
    }
}

macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        $(#[doc = $en] pub const $name: Word = Word { en: $en, zh: $zh };)*
        /// Every word by its name, for templates.
        pub const ALL: &[(&str, Word)] = &[$((stringify!($name), $name)),*];
    };
}

pub mod explain;
pub mod platform;
pub mod review;

words! {
    TITLE: "Bid plan", "出价计划";
    BCP47: "en", "zh-CN";
    PLAN_FOR: "Bid plan for {}", "{} 出价计划";
    WRITTEN_BY: "bidwright {}", "bidwright {}";

    SWEEP_OF: "What if: {}", "约束试算：{}";
    SWEEP_FOR: "for {}, money in {}.", "{}，金额单位 {}。";
    SWEEP_NOTE: "Each step is the optimum of the linear program with slots whole, not rounded bids; bidwright plan with the same bound comes within its gap.", "每一步都是线性规划的最优值（坑位取整，出价未取整）；用同一约束运行 bidwright plan，结果在其误差内。";
    SWEEP_PRICES: "The price is the objective gained per unit by which the bound is relaxed. Marginal ROI is revenue gained ÷ spend gained since the step before.", "影子价格：约束每放宽一个单位，目标增加多少。边际投入产出比：与上一步相比，增加的成交额 ÷ 增加的花费。";
    SWEEP_EDGE: "no plan: the bound can go to {}", "无可行方案：约束最多到 {}";
    SWEEP_NO_EDGE: "no plan, whatever this bound: the other rules contradict each other", "无可行方案：其他约束之间已经矛盾";
    SWEEP_STOPPED: "not solved: a limit came first", "未求解：到达限制";
    SWEEP_TODAY: "today", "现值";
    SWEEP_MARGINAL: "Marginal ROI", "边际投入产出比";
    SWEEP_PRICE: "Price: {}", "影子价格：{}";
    SWEEP_BINDS: "Binding rules", "起作用的约束";
    SWEEP_CELLS: "Cells changed", "变动的单元格";
    SWEEP_MOST: "Spend that moves most", "花费变动最大";
    SWEEP_SLOTS: "Slots taken", "参加的坑位";

    COMPARE: "Plans side by side", "方案对比";
    COMPARE_NOTE: "Percentages are differences from the first plan.", "百分比为与第一个方案的差异。";
    COMPARE_UNITS: "Units whose spend changes most", "花费变化最大的投放单元";
    COMPARE_UNITS_NOTE: "Spend in each plan, then revenue, mean bid and hours on.", "各方案的花费；下行为成交金额、平均出价与投放小时数。";
    MET_NOT: "not met", "未达标";

    SUMMARY: "Summary", "总览";
    RULES: "Rules", "约束";
    CHANGES: "Changes", "调价清单";
    SEARCH: "Search", "直通车";
    DISPLAY: "Display", "钻展";
    AFFILIATE: "Affiliate", "淘宝客";
    GROUP_BUY: "Group buy", "聚划算";
    WHOLE_PLAN: "whole plan", "全部";
    TOTAL: "Total", "合计";

    DATE: "Date", "日期";
    HOUR: "Hour", "小时";
    HOURS: "Hours", "时段";
    ALL_DAY: "all day", "全天";
    CHANNEL: "Channel", "渠道";
    CAMPAIGN: "Campaign", "计划";
    UNIT: "Unit", "投放单元";
    PRODUCT: "Product", "宝贝";
    BID: "Bid", "出价";
    LAST_BID: "Last bid", "上次出价";
    LAST_BID_MEAN: "Last bid (mean)", "上次出价（均值）";
    OLD_BID: "Old bid", "原出价";
    NEW_BID: "New bid", "新出价";
    CHANGE: "Change", "变化";
    ACTION: "Action", "动作";
    HOURS_ON: "Hours on", "投放小时数";
    CELLS_ON: "Unit-hours on", "投放时段数";
    CELLS_OFF: "Unit-hours off", "停投时段数";
    POSITION: "Position", "排名";
    IMPRESSIONS: "Impressions", "展现量";
    CLICKS: "Clicks", "点击量";
    SPEND: "Spend", "花费";
    ORDERS: "Orders", "成交笔数";
    REVENUE: "Revenue", "成交金额";
    PROFIT: "Profit", "利润";
    ROI: "ROI", "投入产出比";
    CPC: "CPC", "平均点击花费";
    CPM: "CPM", "千次展现花费";
    CTR: "CTR", "点击率";
    CVR: "CVR", "转化率";
    COST_PER_ORDER: "Cost per order", "单笔成交花费";
    REASON: "Reason", "原因";
    FLAG: "Flag", "提示";
    STATUS: "Status", "状态";
    OBJECTIVE: "Objective", "目标";
    SET_DIFFERENTLY: "Set differently in the plan files", "计划文件中的不同设置";
    SETTING: "Setting", "设置项";
    BOUND: "Best mix of ladder bids", "阶梯出价的最优组合";
    GAP: "Gap", "差距";
    MAXIMISED: "Maximised", "最大化目标";
    MONEY_IN: "Money is in {}. ROI = revenue ÷ spend (ROAS).", "金额单位：{}。投入产出比 = 成交金额 ÷ 花费。";

    RAISE: "raise", "提价";
    LOWER: "lower", "降价";
    START: "start", "开启";
    STOP: "stop", "停投";
    TODAY: "What to do today: the changes with most money at stake", "今日要做：涉及金额最大的调整";
    TODAY_NONE: "No bid changes against the last ones.", "与上次出价相比没有变化。";
    AT_STAKE: "At stake", "涉及金额";
    AT_STAKE_NOTE: "At stake: expected spend × size of the change; a start counts whole.", "涉及金额 = 预计花费 × 变化幅度；新开启的按全部花费计。";
    CHANGES_CUT: "{} more changes are in plan.csv.", "其余 {} 条见 plan.csv。";
    UNITS_CUT: "{} more units are in plan.csv.", "其余 {} 个投放单元见 plan.csv。";

    RULE: "Rule", "约束";
    SCOPE: "Scope", "范围";
    METRIC: "Metric", "指标";
    VALUE: "Value", "实际值";
    MIN: "Min", "下限";
    MAX: "Max", "上限";
    SLACK: "Slack", "余量";
    BINDING: "Binding", "起约束作用";
    SHADOW_PRICE: "Shadow price", "影子价格";
    SHADOW_NOTE: "Shadow price: what the objective ({}) gains when the bound is relaxed by one unit (for a ratio: by 1; for a share: by one percentage point).", "影子价格：约束放宽一个单位（比率放宽 1，占比放宽一个百分点）时，目标（{}）的增加量。";
    COSTS: "What whole rules and the position band cost", "整条约束与排名区间的代价";
    COSTS_NOTE: "The best plan without the whole rule, or with no position band, less the best plan as it is. Costs do not add up: rules stand in for each other.", "取消整条约束（或取消排名区间）后的最优结果，减去现有的最优结果。各项代价不可相加：约束之间会互相替代。";
    COST_OF: "Costs a day ({})", "每天代价（{}）";
    COST_SPEND: "Spend without it", "取消后花费";
    COST_REVENUE: "Revenue without it", "取消后成交金额";
    COST_ALL_ROWS: "{}, all its rows together", "{}（所有行合计）";
    COST_BAND: "Position {} costs {} of {} a day.", "排名 {} 每天的代价：{}（{}）。";
    COST_MOST: "{} of what keywords would gain without it lies in these {}:", "取消后各关键词的增益有 {} 来自以下 {} 个：";
    COST_WORTH: "Would gain a day, net of the rules' prices", "每天可增加（扣除约束价格）";
    COST_POSITION: "Shown then at position", "届时排名";
    MET: "Met", "达标";
    SOFT: "soft", "软约束";
    SHARE_OF: "{} (share)", "{}占比";
    YES: "yes", "是";
    NO: "no", "否";
    NO_RULES: "The plan file sets no rules.", "计划文件没有设置约束。";

    OPTIMAL: "optimal", "最优";
    FEASIBLE: "feasible", "可行（未证最优）";
    INFEASIBLE: "infeasible", "不可行";
    BREAKS_RULES: "not every rule is met", "有约束未达标";
    VERDICT_OPTIMAL: "Every rule is met, and the plan is proven best to within {}.", "全部约束达标，且已证明与最优的差距不超过 {}。";
    VERDICT_BEST: "Every rule is met, and no mix of the bids on the ladders brings more.", "全部约束达标，任何阶梯出价的组合都不会带来更多。";
    VERDICT_FEASIBLE: "Every hard rule is met; the search was stopped before the proof, at most {} short of the best plan.", "硬约束全部达标；求解被中止，与最优的差距不超过 {}。";
    VERDICT_SOFT: "Every hard rule is met, and the plan is proven best to within {}. Soft rules not met: {}.", "硬约束全部达标，且已证明与最优的差距不超过 {}。未达标的软约束：{}。";
    VERDICT_FAR: "Every hard rule is met, but the plan reaches only {} of the most that could be possible: it is not proven to be a good one.", "硬约束全部达标，但该计划只达到理论上限的 {}，未证明是好的计划。";
    VERDICT_FAR_SOFT: "Soft rules not met: {}.", "未达标的软约束：{}。";
    VERDICT_IDLE: "Nothing runs: no bid that is allowed pays under these rules.", "没有任何投放：在这些约束下，允许的出价都不划算。";
    VERDICT_UNMET: "Not every rule is met: {}.", "有约束未达标：{}。";
    VERDICT_INFEASIBLE: "No plan can meet these rules; this is the nearest one. Not met: {}.", "没有计划能同时满足这些约束；以下是最接近的计划。未达标：{}。";
    VERDICT_MONEY: "{} of spend brings {} of revenue: ROI {}.", "花费 {}，预计成交 {}，投入产出比 {}。";
    CONFLICT: "These rules contradict each other", "相互矛盾的约束";
    CONTRADICT: "These contradict each other: {}.", "相互矛盾：{}。";
    NO_STEPS: "The rules do not contradict each other, but no bids on their steps were found that meet them all: allow finer steps, or loosen a rule a little. Still broken: {}.", "约束之间并不矛盾，但没有找到符合出价步长且满足全部约束的出价：请允许更细的步长，或略微放宽一条约束。仍未达标：{}。";
    LIST: ", ", "、";
    STOP_MARK: ".", "。";
    AT_LEAST: "at least {}", "至少 {}";
    AT_MOST: "at most {}", "至多 {}";
    REACH_MOST: "{} asks for {} of {}; with every other rule kept, {} is the most that can be reached.", "{}要求{}{}；其余约束不变时，最多可达到 {}。";
    REACH_LEAST: "{} asks for {} of {}; with every other rule kept, {} is the least that can be reached.", "{}要求{}{}；其余约束不变时，最少为 {}。";
    REACH_NONE: "{} asks for {} of {}; no other value of it alone would do: the other rules contradict each other too.", "{}要求{}{}；只改这一条不够：其余约束之间也相互矛盾。";
    SILENT: "{} does not run at all: the rule “{}” asks for {} of {}, and the best that any bid there brings is {}.", "{}完全不投放：约束“{}”要求{}{}，而那里的任何出价最好只能做到 {}。";
    WHY_HIGHER: "One bid higher, {}: spend {}, revenue {}; at the rules' prices {} of {}", "高一档 {}：花费 {}，成交 {}；按约束价格折算为 {}（{}）";
    WHY_LOWER: "One bid lower, {}: spend {}, revenue {}; at the rules' prices {} of {}", "低一档 {}：花费 {}，成交 {}；按约束价格折算为 {}（{}）";
    WHY_OFF_BEST: "Off. Its best bid would be {}: spend {}, revenue {}, ROI {}", "未投放。最好的出价为 {}：花费 {}，成交 {}，投入产出比 {}";
    WHY_OFF_SLOT: "Not taken. It would cost {} and bring {} of revenue, ROI {}", "未参加。费用 {}，成交 {}，投入产出比 {}";
    WHY_OFF_LOSES: "The same money and room earn more elsewhere: of {} the plan would lose {} on balance", "同样的预算和余量用在别处收益更高：{}总体会减少 {}";
    WHY_WOULD: "It would run if {}", "若{}，就会投放";
    WHY_BAND: "It would run with {}", "或：{}";
    WHY_NEVER: "No change of what a click sells or costs would make it run; only other rules would", "无论每次点击的成交或花费如何变化都不会投放，只有改变约束才行";
    WHY_ROOM: "It just does not pay: a little more room in the rules that bind, and it would run", "只差一点：起作用的约束再宽一点就会投放";
    PHASE: "Phase", "阶段";
    CONFLICT_NOTE: "Drop any one of them, or change one bound as below, and the others can be met.", "去掉其中任意一条，或按下表放宽一条，其余即可满足。";
    BOUND_NOW: "Bound now", "当前界限";
    BOUND_REACHABLE: "Bound that can be met", "可达到的界限";
    CONFLICT_PRICES: "The proof", "矛盾的证明";
    CONFLICT_PROOF: "Whatever is bid, what these rows lack, each times its price, adds up to {} or more (in the unit of the first row). So in every plan at least one of them lacks something.", "无论怎样出价，各行的缺口乘以各自的价格，合计至少为 {}（按第一行的单位），因此任何计划都至少有一行不达标。";
    ROW: "Row", "约束行";
    PRICE: "Price", "价格";
    NONE_HELPS: "none", "无";
    IN_WORDS: "In words", "说明";

    BAND_UPPER: "position {}", "排名 {}";
    BAND_OUTSIDE: "outside the band", "超出排名区间";
    NOT_RUNNING: "not running", "不投放";
    RAISED: "raised", "提价";
    LOWERED: "lowered", "降价";
    UNCHANGED: "unchanged, or no last bid", "未变或无上次出价";
    BID_SEARCH: "CPC bid per hour. The platform takes a base bid × the campaign's time discount: set hours through the campaign's schedule, or upload base bids again during the day.", "每小时点击出价。平台按基础出价 × 计划分时折扣执行：用分时折扣设置，或当天分批上传基础出价。";
    BID_DISPLAY: "CPM bid per hour. The platform only switches hours on or off: change bids by hand, or keep one campaign per part of the day.", "每小时千次展现出价。平台分时只能开关：需人工改价，或按时段拆分计划。";
    BID_AFFILIATE: "Commission, the same all day.", "佣金比例，全天一致。";
    BID_GROUP_BUY: "Slots taken (0 = taken for its fixed fee), the same all day.", "参加的坑位（0 表示只付固定费用），全天一致。";

    BIDS_OF: "{} bids", "{}出价";
    BIDS_NOTE: "One row per unit and hour that runs or stops. Write into the yellow columns and hand the file to bidwright plan PLAN.toml --approve FILE: it says what your bids cost and which rules fail, and writes the approved plan to runs/DATE-approved.", "每行一个投放或停投的单元时段。可填写黄色两列，再运行 bidwright plan 计划文件 --approve 本文件：会给出改动的代价与未达标的约束，并把批准后的计划写到 runs/日期-approved。";
    BIDS_FROM: "from {}:00", "{}:00 起";
    APPROVE: "Approve", "批准";
    APPROVE_HINT: "yes: the bid goes live. no: the fall-back value stays. off: does not run. ?: somebody has to decide; it counts as no.", "同意：执行新出价。拒绝：保留回退值。停投：不投放。待定：需要有人决定，按拒绝处理。";
    APPROVE_YES: "yes", "同意";
    APPROVE_NO: "no", "拒绝";
    APPROVE_OFF: "off", "停投";
    APPROVE_OPEN: "?", "待定";
    APPROVE_CHANGE: "large change: approve", "变化较大，需批准";
    APPROVE_THIN: "little history: approve", "历史数据少，需批准";
    APPROVE_COUNT: "{} bids wait for approval: the rows marked ? in the sheets of bids, most money first.", "有 {} 个出价待批准：见各出价表中标为“待定”的行，按金额排序。";
    YOUR_BID: "Your bid", "自定出价";
    YOUR_BID_HINT: "Empty: the new bid. A number between floor and ceiling takes its place.", "留空：用新出价。填入下限与上限之间的数字则代替它。";
    FLOOR: "Floor", "下限";
    CEILING: "Ceiling", "上限";
    TARGET: "Target position", "目标排名";
    CHANCE_HELD: "Chance to hold it", "处于目标的概率";
    SPEND_BAND: "Spend, 4 days in 5", "花费（五分之四的日子）";
    REVENUE_BAND: "Revenue, 4 days in 5", "成交（五分之四的日子）";
    FALL_BACK: "Fall back to", "回退值";
    STAKE: "At stake", "涉及金额";

    AND: "; ", "；";
    LARGE_CHANGE: "large change against the last bid", "与上次出价相比变化较大";
    EXTRAPOLATED: "bid outside the history's range", "出价超出历史范围";
    IMPUTED: "hours spread by a shape", "小时数据由分布推算";
    CHOSEN: "pays best at the rules' prices", "在当前约束价格下收益最高";
    FIXED_BID: "the plan file fixes this bid", "计划文件固定了出价";
    UNMANAGED: "bid by the platform itself; forecast only", "平台自动出价，仅作预测";
    OVER: "the hour is over: as it happened", "该小时已结束：实际结果";
    UNDER_WAY: "bought by the day, which is under way", "按天购买，当天不再变动";
    LEVEL_PRICE: "price per click or view", "点击或展现单价";
    LEVEL_VALUE: "order value", "客单价";
    LEVEL_POSITION: "odds of standing lower", "排名靠后程度";
    AND_NEXT: "; ", "；";
    UNDERWAY_PAST: "Planned again at {}:00. The hours before it, as reported: spend {}, revenue {}, ROI {}.", "{}:00 重新计划。此前各小时（按报表）：花费 {}，成交额 {}，投入产出比 {}。";
    UNDERWAY_LATE: "Of their clicks, {} of revenue is still to come (a day's report shows {} of its orders at its end); it is counted.", "这些点击预计还有 {} 成交额尚未回传（当天报表到日终约显示 {} 的订单），已计入。";
    UNDERWAY_LEVELS: "Today against the forecast: {}.", "今天与预测相比：{}。";
    UNDERWAY_AS_FORECAST: "Today is as forecast, as far as can be told.", "目前看，今天与预测一致。";
    UNDERWAY_REST: "{} bids of the rest of the day change. The whole day is expected at spend {}, revenue {}, ROI {}; with the bids in force it would be {}, {} and {}.", "其余时段有 {} 个出价变动。全天预计花费 {}，成交额 {}，投入产出比 {}；若不改出价，则为 {}、{}、{}。";
    LOST_SPENT: "`{}` asks for at most {}, and the hours that are over have more already: the day ends at {}", "“{}”要求最多 {}，此前各小时已超出：预计全天 {}";
    LOST_REACHABLE: "`{}` asks for {}, which cannot be reached any more ({} is the nearest): the day is planned to end at {}", "“{}”要求 {}，今天已无法达到（最接近 {}）：预计全天 {}";
    LOST_OUT_OF_REACH: "`{}` asks for {}, which cannot be reached any more: the day is planned to end at {}", "“{}”要求 {}，今天已无法达到：预计全天 {}";
    LOST_TOO_DEAR: "`{}` asks for {}, which could be reached today only at a price above `[replan] dearest`: the day is planned to end at {}", "“{}”要求 {}，今天要达到代价过高（超过 `[replan] dearest`）：预计全天 {}";
    FULL_STOP: ".", "。";
    VERDICT_UNDERWAY: "Not every rule can be kept today; those that are lost end no worse than the plan of the morning would leave them. Not met: {}.", "今天无法满足全部约束；未达标的约束不会比早上的计划更差。未达标：{}。";
    SLOT_TAKEN: "the slot pays: taken", "坑位划算，参加";
    BY_HAND: "set in the approved workbook", "批准表中设定";
    OFF_BY_HAND: "off by the approved workbook", "批准表中停投";
    PAUSED: "paused by the plan file", "计划文件设为暂停";
    DOES_NOT_PAY: "no bid earns its keep: at best {}, it would bring {} and use {} of what the rules ration", "没有划算的出价：最接近的 {} 可带来 {}，但占用受限资源 {}";
    DOES_NOT_PAY_SHORT: "no bid earns its keep", "没有划算的出价";
    GIVES_WAY: "off so that the rules are kept, or nearly: at {}, it would bring {}", "为满足（或接近）约束而停投：出价 {} 可带来 {}";
    GIVES_WAY_SHORT: "off so that the rules are kept, or nearly", "为满足（或接近）约束而停投";
    OUTSIDE_BAND: "no allowed bid reaches the position band: {} at the lowest bid, {} at the highest", "允许的出价都到不了目标排名：最低出价排 {}，最高出价排 {}";
    OUTSIDE_BAND_SHORT: "no allowed bid reaches the position band", "允许的出价都到不了目标排名";
    NO_ADMISSIBLE_BID: "its limits leave no bid: one asks for at least {}, another for at most {}", "各项限制没有共同的出价：一项要求不低于 {}，另一项要求不高于 {}";
    NO_ADMISSIBLE_BID_SHORT: "its limits leave no bid", "各项限制没有共同的出价";
    NO_HISTORY: "the history says nothing to set a bid by", "没有可用来定价的历史数据";
    NOT_OFFERED: "not open in this hour", "该时段未开放";
    WHY_OFF: "Why unit-hours do not run", "不投放的原因";

    BY_CHANNEL: "By channel", "分渠道";
    OUTLOOK: "How far the day may lie from it", "当天可能的波动";
    OUTLOOK_NOTE: "Expected, below it the band in which half of all days lie, and the one with four days in five: chance of single clicks and orders, each unit's own ups and downs, and what a day does to a whole channel. What the uplift gets wrong is not in them.", "先是预计值，其下依次为一半日子所在的区间、五分之四日子所在的区间：包含点击与成交的偶然性、各单元自身的波动，以及整个渠道当天的起伏；不含活动系数的误差。";
    CHANCE: "Chance", "达标概率";
    CHANCE_NOTE: "Chance: how likely the rule holds on the day, with its outcomes scattering as above.", "达标概率：按上述波动，当天满足该约束的可能性。";
    HELD: "Search hours in their position band", "预计处于目标排名的时段";
    CONFIDENCE_PRICE: "Every rule holds with a chance of at least {}. That gives up {} of the objective ({}) against a plan that keeps its rules on expected values alone.", "每条约束达标的概率不低于 {}。与仅按预计值满足约束的计划相比，目标减少 {}（{}）。";
    CHANCE_IN_BAND: "chance in the band {}", "处于区间的概率 {}";
    FRONTIER: "What if the bound stood elsewhere", "约束变动时的结果";
    FRONTIER_NOTE: "Each point is the optimum with that bound, everything else as it is; the dotted line is today's. Where the line is flat, the rule costs nothing.", "每个点是该约束取此值、其余不变时的最优结果；虚线为现值。曲线平坦处，约束不造成损失。";
    FRONTIER_OF: "Over the bound {}", "随约束 {} 变化";
    TESTED: "Was the forecast right in the last days?", "最近的预测准吗？";
    TRUSTED: "Trusted: spend within 10 % and revenue within 15 % of what happened, in total and in every channel.", "可信：合计与各渠道的花费误差不超过 10%，成交误差不超过 15%。";
    NOT_TRUSTED: "Not yet trusted: spend should be within 10 % and revenue within 15 % of what happened, in total and in every channel.", "暂不可信：合计与各渠道应做到花费误差不超过 10%、成交误差不超过 15%。";
    TESTED_ON: "Predicted from the days before: {} to {}.", "用此前数据预测 {} 至 {}。";
    TESTED_NOT: "Nobody knows yet: run bidwright backtest on the plan file, and later reports show its verdict here.", "尚未回测：对计划文件运行 bidwright backtest，之后的报告会在此显示结论。";
    PREDICTED: "Predicted", "预测";
    ACTUAL: "Actual", "实际";
    ERROR: "Error", "误差";
    FIXED_FEE: "fixed fee", "固定费用";
    BY_HOUR: "Spend and revenue by hour", "分时花费与成交";
    HEATMAP: "Search position by hour", "直通车分时排名";
    HEATMAP_NOTE: "The {} keywords with most spend; target band {}. Point at a cell for its bid.", "花费最高的 {} 个关键词；目标区间 {}。指向单元格可看出价。";
    DATA: "Data behind the plan", "数据质量";
    FILES: "Files", "文件";
    FILE: "File", "文件";
    ROWS_READ: "Rows read", "读取行数";
    ACCEPTED: "Accepted", "采用";
    REJECTED: "Rejected", "剔除";
    TOO_OLD: "Too old", "过旧";
    IMPUTED_ROWS: "Whole-day rows", "整日数据行";
    ENCODING: "Encoding", "编码";
    UNUSED_COLUMNS: "Columns not used", "未使用的列";
    WARNINGS: "Warnings", "警告";
    NO_WARNINGS: "None.", "无。";
    MORE_WARNINGS: "{} more", "另有 {} 条";
    CLOSEST_OF: "{} (closest to its bound of {} rows)", "{}（{} 行中最接近限值的一行）";
    REJECTED_NOTE: "Rejected rows, with their reasons, are in rejected.csv.", "剔除的行及原因见 rejected.csv。";
    FIX: "fix", "处理";
    PROOF: "What proves it", "证明";
    SOLVER: "Solver", "求解器";
    SIZE: "Columns × rows", "列 × 行";
    RELAXED: "LP optimum (fractions)", "线性规划最优值（含小数）";
    VIOLATION: "Largest violation", "最大违反量";
    ROUNDING_COST: "Cost of rounding bids", "出价取整损失";
    MENDED: "Cells mended after rounding", "取整后修正的单元";
    ITERATIONS: "Iterations", "迭代次数";
    SCRIPT_OFF: "The charts need JavaScript; their numbers are in summary.json.", "图表需要 JavaScript；数据见 summary.json。";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_the_same_things() {
        let blanks = |text: &str| text.matches("{}").count();
        for (name, word) in ALL.iter().chain(explain::ALL).chain(review::ALL) {
            assert!(!word.en.is_empty() && !word.zh.is_empty(), "{name}");
            assert_eq!(blanks(word.en), blanks(word.zh), "{name}");
        }
    }

    #[test]
    fn blanks_are_filled_in_order() {
        assert_eq!(
            VERDICT_MONEY.with(Lang::En, &["1", "2", "{}"]),
            "1 of spend brings 2 of revenue: ROI {}."
        );
    }
}
