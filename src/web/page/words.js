// Every word of the page: English and Chinese. Names of metrics, channels and the like come from the report.

const own = {
  title: ["Bid plan, what if", "出价计划试算"],
  to_results: ["To the results", "跳到结果"],
  toolbar: ["Actions", "操作"],
  undo: ["Undo", "撤销"],
  redo: ["Redo", "重做"],
  reset: ["Back to the file", "恢复为文件"],
  save: ["Save to plan file…", "写入计划文件…"],
  take_out: ["Download", "下载"],
  sheets: ["Write sheets to {}", "输出表格到 {}"],
  language: ["Language", "语言"],
  settings: ["Settings", "设置"],
  reading: ["Computing the plan…", "正在计算计划……"],
  compare: ["Compare with the saved plan", "与已保存的计划比较"],
  frontier: ["Frontier", "前沿曲线"],
  shown_measure: ["Show", "显示"],
  bids: ["Bids", "出价"],
  find: ["Find unit or campaign", "查找单元或计划"],
  found: ["{} of {} units, most spend first", "共 {1} 个单元，显示花费最高的 {0} 个"],
  close: ["Close", "关闭"],
  cancel: ["Cancel", "取消"],
  what: ["{}, {} units, for {}, money in {}", "{}，{} 个单元，日期 {}，金额单位 {}"],
  unchanged: ["As in the plan file.", "与计划文件一致。"],
  changed: ["{} changed against the plan file.", "有 {} 项与计划文件不同。"],
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
  optimum: ["Optimum of the program; bids are being rounded…", "线性规划最优值；正在取整出价……"],
  impossible: ["No plan can meet these rules. The last plan that could stays on screen.", "没有计划能满足这些约束。屏幕上保留最后一个可行的计划。"],
  contradict: ["These contradict each other: {}.", "相互矛盾：{}。"],
  looking: ["Looking for what would do…", "正在查找可行的界限……"],
  use_bound: ["{}: use {}", "{}：改为 {}"],
  refused: ["These settings cannot be planned. The last plan stays on screen.", "这些设置无法计划。屏幕上保留最后一个计划。"],
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
  price_note: ["Price: what the objective gains when the bound is relaxed by one unit (for a ratio or a share: by 1).", "影子价格：约束放宽一个单位（比率或占比放宽 1）时，目标的增加量。"],
  heat_note: ["The keywords with most spend; band {}–{}. Choose a keyword to look into it.", "花费最高的关键词；目标区间 {}–{}。点击关键词查看详情。"],
  heat_cell: ["{}:00, position {}, bid {}", "{}:00，排名 {}，出价 {}"],
  not_running: ["not running", "不投放"],
  hours_on: ["Hours on", "投放小时"],
  saved_bid: ["Saved bid", "已存出价"],
  saved_change: ["Against saved", "与已存比"],
  look_into: ["Look into {}", "查看 {}"],
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
  fix: ["fix: {}", "处理：{}"],
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
function format(digits, more = {}) {
  const key = at + JSON.stringify([digits, more]);
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat(at ? "zh-CN" : "en", { minimumFractionDigits: digits, maximumFractionDigits: digits, ...more }));
  }
  return formats.get(key);
}

export const NOTHING = "–";

/** A number with so many decimals. */
export const number = (value, digits = 0) => (value == null || !isFinite(value) ? NOTHING : format(digits).format(value));
/** A share in percent, with its sign if wanted. */
export const percent = (value, digits = 1, sign = false) =>
  value == null || !isFinite(value) ? NOTHING : format(digits, { style: "percent", signDisplay: sign ? "exceptZero" : "auto" }).format(value);
/** A number as short as it can be. */
export const plain = value => (value == null ? NOTHING : format(0, { maximumFractionDigits: 6 }).format(value));

/** A metric's value as people read it. */
export function metric(name, value, share = false) {
  if (share) return percent(value, 2);
  if (["ctr", "cvr"].includes(name)) return percent(value, 2);
  if (["roi", "cpc", "cpm", "cost_per_order", "position", "objective"].includes(name)) return number(value, name === "roi" ? 3 : 2);
  if (["impressions", "clicks"].includes(name)) return number(value, Math.abs(value) >= 100 ? 0 : 1);
  if (name === "orders") return number(value, 1);
  return number(value, 2);
}

/** A bid as its channel writes it. */
export function bid(channel, value) {
  if (channel === "group_buy" && value === 0) return say("FIXED_FEE");
  return ["affiliate", "group_buy"].includes(channel) ? percent(value, 1) : number(value, 2);
}
