//! The words of what a platform is told.

use super::Word;

words! {
    SCHEDULES: "Schedules", "分时折扣";
    SCHEDULES_OF: "Schedules at {} for {}", "{} 分时折扣：{}";
    SCHEDULES_NOTE: "Effective bid = base bid × percent of the hour. An empty hour is not delivered: it is neither 0 % nor 100 %. The files beside this workbook are those to upload.", "实际出价 = 基础出价 × 当时折扣。空白时段不投放，既不是 0% 也不是 100%。需上传的是同一文件夹中的平台文件。";
    KEPT_SHARE: "{} of what the plan brings on this platform is kept, {} over the whole plan.", "保留计划在本平台目标值的 {}，占整个计划的 {}。";
    RULES_HOLD: "Every rule is met on the effective bids.", "按实际出价，所有约束均达标。";
    RULES_BROKEN: "Not every rule is met on the effective bids: see the sheet of rules.", "按实际出价，并非所有约束都达标：见约束表。";
    UNITS_RUNNING: "Units running", "投放单元数";
    DAILY_LIMIT: "Daily limit, at least", "日限额下限";
    DAILY_LIMIT_NOTE: "Nine days in ten spend less than the daily limit that is named; a lower one may end the day early.", "十分之九的日子花费低于所列日限额；设得更低可能提前下线。";
    BASE_BIDS: "Base bids", "基础出价";
    BASE_BIDS_NOTE: "One row per unit. A paused unit has no base bid: pause it, do not bid 0.", "每行一个投放单元。暂停的单元没有基础出价：请暂停，不要出价 0。";
    BASE_BID: "Base bid", "基础出价";
    DISCOUNT: "Percent of the hour", "分时折扣";
    EFFECTIVE_BID: "Effective bid", "实际出价";
    EFFECTIVE_LOW: "Lowest effective bid", "最低实际出价";
    EFFECTIVE_HIGH: "Highest effective bid", "最高实际出价";
    PLAN_BID: "Plan's bid", "计划出价";
    MATCH: "Match", "匹配方式";
    STATE: "State", "状态";
    RUNS: "runs", "推广";
    PAUSED_UNIT: "paused", "暂停";
    AT_PLATFORM: "Campaign there", "平台计划";
    BY_HAND_SHEET: "By hand", "人工出价";
    BY_HAND_NOTE: "Bids that a person set in the approved workbook, and what became of them.", "批准表中人工设定的出价及其执行结果。";
    ASKED: "Asked", "设定值";
    BECAME: "Became", "执行值";
    IS_KEPT: "Kept", "已保留";
    KEPT_WITHIN: "yes, within rounding", "是（四舍五入内）";
    NOT_ONE_CELL: "no: a platform cannot switch one unit off in one hour in which its campaign and the unit run", "否：平台无法只在某一小时停投单个单元";
    NOT_TOGETHER: "no: no base bid and percent reach it together with the other bids by hand and the cells around it", "否：没有基础出价与折扣能同时满足该出价、其他人工出价及周围单元时段";
    NOT_PAUSED: "no: the unit is paused all day", "否：该单元全天暂停";
    NOT_OFF: "no: its campaign is off in this hour", "否：该计划在此时段不投放";
    UNIT_PAUSED: "the unit is paused: no base bid suits the hours of its campaign, or pays in them", "该单元暂停：没有适合其计划投放时段且划算的基础出价";
    HOUR_OFF: "its campaign is off in this hour", "该计划在此时段不投放";
    EXPORT_NOTE: "What the platform executes, hour by hour. To change bids, approve the plan's own bids.xlsx and export again: this workbook is not taken back.", "平台逐小时执行的出价。如需修改，请在计划文件夹的 bids.xlsx 中批准后重新导出；本表不能交回批准。";
}
