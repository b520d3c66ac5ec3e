// Every word of the page: English and Chinese. Names of metrics, channels and the like come from the report.

const own = {
  title: ["Bid plan, what if", "出价计划试算"],
  to_results: ["To the results", "跳到结果"],
  toolbar: ["Actions", "操作"],
  undo: ["Undo", "撤销"],
  redo: ["Redo", "重做"],
  save: ["Save to plan file…", "写入计划文件…"],
  take_out: ["Download", "下载"],
  sheets: ["Write sheets to {}", "输出表格到 {}"],
  language: ["Language", "语言"],
  settings: ["Settings", "设置"],
  reading: ["Computing the plan…", "正在计算计划……"],
  frontier: ["Frontier", "前沿曲线"],
  shown_measure: ["Show", "显示"],
  bids: ["Bids", "出价"],
  find: ["Find unit or campaign", "查找单元或计划"],
  close: ["Close", "关闭"],
  cancel: ["Cancel", "取消"],
  what: ["{}, {} units, for {}, money in {}", "{}，{} 个单元，日期 {}，金额单位 {}"],
  unchanged: ["As in the plan file.", "与计划文件一致。"],
  reset: ["Back to the file", "恢复为文件"],
  changed: ["{} changed against the plan file.", "有 {} 项与计划文件不同。"],
  changed_old: ["(As this page read it: the file is another now.)", "（以本页读取时为准：文件现已改变。）"],
  against: ["Differences from the plan of the file as this page read it: spend {}, revenue {}", "与本页读取的计划文件所得计划之差：花费 {}，成交 {}"],
  against_none: ["The file itself has no plan to compare with", "计划文件本身没有可行的计划可供比较"],
  same_as_file: ["as the file's plan", "与文件的计划相同"],
  found: ["{} of {} units, most spend first", "共 {1} 个单元，显示花费最高的 {0} 个"],
  which: ["Show", "显示"],
  which_all: ["all", "全部"],
  which_on: ["running", "投放中"],
  which_off: ["not running", "不投放"],
  show_all: ["Show all {}", "显示全部 {} 个"],
  moved: ["The plan file was changed, by another tab or in an editor. This page still stands on the file as it read it. In the file now:", "计划文件已被其他标签页或编辑器修改。本页仍以读取时的文件为准。文件现在的变化："],
  moved_toast: ["The plan file was changed: what to do stands at the top of the page.", "计划文件已被修改：如何处理见页面顶部。"],
  moved_mine: ["The plan file is another now; this page goes on with the file as it read it.", "计划文件已改变；本页继续以读取时的文件为准。"],
  moved_bad: ["The plan file was changed, and cannot be planned as it is now. This page goes on with the file as it read it.", "计划文件已被修改，现在的内容无法用于计划。本页继续以读取时的文件为准。"],
  moved_elsewhere: ["something that this page has no control for", "本页没有对应设置的内容"],
  take_theirs: ["Take the file as it is now, keep my changes on top", "采用现在的文件，保留我的更改"],
  take_theirs_plain: ["Take the file as it is now", "采用现在的文件"],
  keep_mine: ["Keep what this page has", "保持本页现状"],
  taken: ["The file was read again; what you changed lies on top.", "已重新读取文件；您的更改保留在其上。"],
  rules_dropped: ["Rules that were added or switched here do not fit the file any more and were left away.", "此处添加或开关的约束与文件不再相符，已略去。"],
  reloaded: ["Your {} changes were kept over the reload.", "刷新后保留了您的 {} 项更改。"],
  save_over: ["Somebody changed the file since this page read it. Writing now loses these changes of theirs:", "本页读取文件后，有人修改了它。现在写入将丢失对方的以下更改："],
  yes_replace: ["Replace the file", "替换文件"],
  no_plan_no_files: ["These settings have no plan, so there are no bids to write. plan.toml can be had.", "这些设置没有可行的计划，没有出价可写。可以下载 plan.toml。"],
  not_done: ["Nothing was done: the connection to bidwright is lost.", "未执行：与 bidwright 的连接已断开。"],
  lost_short: ["Not computed: the connection to bidwright is lost.", "未计算：与 bidwright 的连接已断开。"],
  impossible: ["No plan can meet these settings.", "没有计划能满足这些设置。"],
  refused: ["These settings cannot be planned.", "这些设置无法计划。"],
  old_plan: ["Below, greyed: the last plan that met its rules. It was made for other settings than those on screen.", "下方灰色部分：最后一个满足约束的计划，对应的是之前的设置，而非当前设置。"],
  old_lost: ["Below, greyed: the last plan that was computed. What was changed since is not in it.", "下方灰色部分：最后一次计算的计划，不含此后的更改。"],
  old_none: ["There is no plan to show yet.", "尚无可显示的计划。"],
  old_back: ["Back to its settings", "恢复到该计划的设置"],
  vacuous: ["nothing runs", "无投放"],
  kept_for: ["left so that it holds on {} of days", "留作余量，使 {} 的日子达标"],
  entry_empty: ["Empty.", "未填写。"],
  entry_unclear: ["“{}” is no number: write 40000, 40,000 or 4万.", "“{}”不是数字：请写 40000、40,000 或 4万。"],
  entry_no_percent: ["This is no share: write it without %.", "此处不是比率：请不要写 %。"],
  entry_too_large: ["Too large for any shop.", "数值过大。"],
  entry_within: ["It must lie from {} to {}.", "须在 {} 到 {} 之间。"],
  entry_least: ["It must be {} or more.", "须不小于 {}。"],
  entry_above: ["It must be above {}.", "须大于 {}。"],
  entry_order: ["The second value must not be below the first.", "第二个值不能小于第一个。"],
  entry_stays: ["{} still counts.", "仍按 {} 计算。"],
  entry_rule_stays: ["{} still counts. To do without this bound, switch the rule off with the switch at its name.", "仍按 {} 计算。若不要此约束，请用名称旁的开关停用。"],
  name_taken: ["There is a rule “{}” already: choose another name.", "已有名为“{}”的约束：请换一个名称。"],
  hours_backwards: ["From {} to {} is no span of one day: choose a later end. For a span over midnight, add two rules.", "{} 到 {} 不是同一天内的时段：请选择更晚的结束时间。跨午夜的时段请分成两条约束。"],
  nobody: ["The shop has no “{}”: choose one of the list, or write * for anything.", "店铺中没有“{}”：请从列表选择，或用 * 代表任意文字。"],
  line: ["line {}", "第 {} 行"],
  finding: ["{0}{1}; fix: {2} ({3})", "（{3}）英文说明：{0}{1}；处理：{2}"],
  finding_P001: ["The rule speaks of nothing in this shop: compare its names with the list.", "该约束的范围在店铺中没有对应内容：请核对名称。"],
  finding_W003: ["The plan file was changed by somebody else meanwhile, so it was not written. Look at what changed, and choose.", "计划文件同时被他人修改，未写入。请查看变化后选择。"],
  finding_W005: ["It now asks for another history, other events or another date than those that this page learned from. Start explore again for it.", "其历史数据、活动或日期与本页启动时学习的不同。请重新启动 explore。"],
  per_date: ["date", "日期"],
  per_phase: ["phase", "阶段"],
  goal: ["Goal", "目标"],
  rules: ["Rules", "约束"],
  limits: ["Position and bids", "排名与出价"],
  day: ["The day against a normal one", "当天相对平日"],
  objective: ["Maximise", "最大化"],
  margin: ["Margin (for profit)", "毛利率（用于利润）"],
  confidence: ["Confidence", "置信度"],
  band: ["Search position", "直通车排名"],
  search_bid: ["Search bid (CPC)", "直通车出价"],
  display_bid: ["Display bid (CPM)", "钻展出价"],
  affiliate_bid: ["Commission", "淘宝客佣金"],
  search_change: ["Largest change, search", "直通车最大调幅"],
  display_change: ["Largest change, display", "钻展最大调幅"],
  demand: ["Demand ×", "流量 ×"],
  cvr: ["Conversion ×", "转化率 ×"],
  price: ["Rivals' bids ×", "竞争出价 ×"],
  from: ["from", "从"],
  to: ["to", "到"],
  best_end: ["best", "最前"],
  worst_end: ["worst", "最后"],
  put_back: ["Put {} back to {}", "将 {} 恢复为 {}"],
  per: ["per {}", "按 {}"],
  exact: ["Executable plan", "可执行计划"],
  so_far: ["Best with the slots of the last plan; other slots are being ruled out…", "沿用上次坑位的最优值；正在排除其他坑位组合……"],
  optimum: ["Optimum of the program; bids are being rounded…", "线性规划最优值；正在取整出价……"],
  looking: ["Looking for what would do…", "正在查找可行的界限……"],
  use_bound: ["{}: use {}", "{}：改为 {}"],
  today: ["now {}", "现为 {}"],
  edge: ["no plan beyond {}", "超过 {} 无可行计划"],
  frontier_none: ["Move a rule's bound to see its frontier.", "移动某条约束的界限即可查看其前沿曲线。"],
  frontier_of: ["{} of the best plan if “{}” stood elsewhere, all else as it is.", "若“{1}”取其他值（其余不变），最优计划的{0}。"],
  frontier_wait: ["The curve is being computed…", "正在计算曲线……"],
  value: ["Value", "实际值"],
  bound: ["Bound", "界限"],
  slack: ["Slack", "余量"],
  shadow: ["Price", "影子价格"],
  state: ["State", "状态"],
  binds: ["binds", "起作用"],
  met: ["met", "达标"],
  broken: ["broken", "未达标"],
  missed: ["missed (soft)", "未达标（软）"],
  closest: ["closest of {} rows", "{} 行中最接近者"],
  price_note: ["Price: what the objective gains when the bound is relaxed by one unit (for a ratio: by 1; for a share: by one percentage point).", "影子价格：约束放宽一个单位（比率放宽 1，占比放宽一个百分点）时，目标的增加量。"],
  heat_note: ["The keywords with most spend; band {}–{}. Choose a keyword to look into it.", "花费最高的关键词；目标区间 {}–{}。点击关键词查看详情。"],
  heat_cell: ["{}:00, position {}, bid {}", "{}:00，排名 {}，出价 {}"],
  not_running: ["not running", "不投放"],
  hours_on: ["Hours on", "投放小时"],
  saved_bid: ["Saved bid", "已存出价"],
  saved_change: ["Against saved", "与已存比"],
  look_into: ["Look into {}", "查看 {}"],
  at_hours: ["At {}, which have the same bid: {}", "{}（出价相同）：{}"],
  at_hour: ["At {}:00: {}", "{}:00：{}"],
  unit_note: ["Line: what a bid is expected to bring in this hour. Dots: the history, hour by hour. Shaded: bids that the limits allow.", "曲线：该小时各出价的预期结果。圆点：历史数据。阴影：限制允许的出价。"],
  unit_no_history: ["No history is at hand: the page was started on a model file.", "没有历史数据：页面由模型文件启动。"],
  unit_no_curve: ["A slot has no bid: it is taken or not.", "坑位没有出价：参加或不参加。"],
  expected: ["expected", "预期"],
  history: ["history", "历史"],
  planned: ["planned", "计划"],
  last: ["last bid", "上次出价"],
  why: ["Why", "原因"],
  ask_save: ["Write these changes into {}?", "将以下更改写入 {}？"],
  ask_save_note: ["Comments and order of the file stay.", "文件的注释和顺序保持不变。"],
  yes_save: ["Write", "写入"],
  ask_force: ["The folder is not empty and holds nothing of ours. Write into it all the same? Files of the same names are replaced.", "该文件夹非空且不是本程序的输出。仍要写入吗？同名文件将被替换。"],
  saved: ["Written to {}.", "已写入 {}。"],
  fetched: ["{} was downloaded.", "{} 已下载。"],
  lost: ["The connection to bidwright is lost. The page goes on by itself when it is back.", "与 bidwright 的连接已断开。恢复后页面会自动继续。"],
  restarted_token: ["bidwright was restarted with another token. Open the address that it printed; this page then goes on by itself.", "bidwright 已用新的令牌重新启动。请打开它打印的地址，本页随后会自动继续。"],
  restarted: ["bidwright was restarted; the page is connected again, your settings are kept.", "bidwright 已重新启动；页面已重新连接，设置已保留。"],
  add_rule: ["Add a rule…", "添加约束……"],
  add_note: ["It counts at once; it is in the plan file when that is written. Nothing chosen means the whole plan; * stands for anything.", "立即生效；写入计划文件后保存。不选即为整个计划；* 代表任意文字。"],
  add_kind: ["Kind of bound", "界限类型"],
  add_per: ["One bound for each", "分别约束"],
  add_title: ["Name", "名称"],
  add_yes: ["Add", "添加"],
  kind_min: ["at least", "至少"],
  kind_max: ["at most", "至多"],
  kind_min_share: ["share of the plan, at least", "占全部的比例至少"],
  kind_max_share: ["share of the plan, at most", "占全部的比例至多"],
  share_hint: ["0.15 is {}", "0.15 即 {}"],
  per_none: ["one for all together", "合计一条"],
  per_channel: ["channel", "渠道"],
  per_campaign: ["campaign", "计划"],
  per_product: ["product", "宝贝"],
  per_unit: ["unit", "投放单元"],
  per_hour: ["hour", "小时"],
  turn_on: ["Switch on", "启用"],
  turn_off: ["Switch off", "停用"],
  rule_counts: ["Rule {} counts", "约束 {} 生效"],
  rule_is_off: ["switched off: counts for nothing", "已停用：不起作用"],
  take_away: ["Take away", "移除"],
  take_away_rule: ["Take rule {} away", "移除约束 {}"],
  rule_new: ["new", "新增"],
  rule_gone: ["taken away", "移除"],
  rule_off: ["switched off", "停用"],
  rule_on: ["switched on", "启用"],
  rule_added: ["Rule {} was added.", "已添加约束 {}。"],
  milliseconds: ["{} ms", "{} 毫秒"],
  columns: ["{} columns", "{} 列"],
};

let words = { ...own };
let at = 0;

/** Adds the report's words. */
export function learn(more) {
  words = { ...more, ...own };
}

/** Chooses the language: `zh` or English. */
export function speak(language) {
  at = language === "zh" ? 1 : 0;
  document.documentElement.lang = at ? "zh-CN" : "en";
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = say(place.dataset.word);
  document.title = say("title");
}

export const language = () => (at ? "zh" : "en");

/** A word or sentence; `{}` are filled in order, `{1}` by number. */
export function say(name, ...values) {
  const word = words[name];
  let next = 0;
  return (word ? word[at] : name).replace(/\{(\d?)\}/g, (_, number) => values[number === "" ? next++ : number] ?? "");
}

const formats = new Map();
/** What rounds to nothing has no sign. */
function format(digits, more = {}) {
  const key = at + JSON.stringify([digits, more]);
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat(at ? "zh-CN" : "en", { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative", ...more }));
  }
  return formats.get(key);
}

export const NOTHING = "–";

/** A number with so many decimals. */
export const number = (value, digits = 0) => (value == null || !isFinite(value) ? NOTHING : format(digits).format(value));
/** A share in percent as the report writes it, with its sign if wanted. */
export const percent = (value, digits = 1, sign = false) => (value == null || !isFinite(value) ? NOTHING : `${signed(digits, sign).format(100 * value)}\u00a0%`);
/** A whole number with its sign. */
export const whole = value => signed(0, true).format(value);
const signed = (digits, sign) => format(digits, sign ? { signDisplay: "exceptZero" } : {});
/** A number as short as it can be. */
export const plain = value => (value == null ? NOTHING : format(0, { maximumFractionDigits: 6 }).format(value));

/** A metric's value as people read it, with its sign if wanted. */
export function metric(name, value, share = false, sign = false) {
  if (share || ["ctr", "cvr"].includes(name)) return percent(value, 2, sign);
  if (value == null || !isFinite(value)) return NOTHING;
  return signed(digits_of(name, value), sign).format(value);
}

function digits_of(name, value) {
  if (name === "roi") return 3;
  if (["impressions", "clicks"].includes(name)) return Math.abs(value) >= 100 ? 0 : 1;
  return name === "orders" ? 1 : 2;
}

/** What the server found wrong, in words. What has no words here is told as the command line does. */
export function finding({ code, cause, value, place, action }) {
  if (words[`finding_${code}`]) return say(`finding_${code}`);
  const where = value ?? (place?.line ? say("line", place.line) : "");
  return say("finding", cause, where && ` (${where})`, action, code);
}

/** A bid as its channel writes it. */
export function bid(channel, value) {
  if (channel === "group_buy" && value === 0) return say("FIXED_FEE");
  return ["affiliate", "group_buy"].includes(channel) ? percent(value, 1) : number(value, 2);
}
