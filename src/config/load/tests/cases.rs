//! The slips: each replaces one text of the good example.

/// What replaces what, the code expected, the text at whose line it is expected, and words of the finding.
pub(super) type Case = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

pub(super) const CASES: &[Case] = &[
    // Syntax.
    ("margin = 0.4", "margin = ", "C001", "margin = ", &[]),
    ("[uplift]", "[uplift", "C001", "[uplift", &[]),
    ("margin = 0.4", "margin = 0.4\nmargin = 0.5", "C001", "margin = 0.5", &["duplicate key"]),
    // Unknown keys.
    ("[uplift]", "[upllift]", "C002", "[upllift]", &["unknown key `upllift`", "did you mean `uplift`?"]),
    ("margin = 0.4", "margn = 0.4", "C002", "margn", &["did you mean `margin`?"]),
    ("max = 30000", "maxx = 30000", "C002", "maxx", &["did you mean `max`?"]),
    ("channel = \"search\" }", "chanel = \"search\" }", "C002", "chanel", &["did you mean `channel`?"]),
    ("demand = 1.2", "weather = 1.2", "C002", "weather", &["known keys here: `cvr`, `demand`, `price`"]),
    ("demand = 1.2", "margin = 1.2", "C002", "margin = 1.2", &["`margin` belongs in the table `plan`"]),
    ("max = 10000", "hour = 20", "C002", "hour = 20", &["`hour` belongs inside `of` or `where`"]),
    ("fixed_fee = 9000", "fixedfee = 9000", "C002", "fixedfee", &["did you mean `fixed_fee`?"]),
    // Types.
    (
        "margin = 0.4",
        "margin = \"0.4\"",
        "C003",
        "margin = \"",
        &["must be a number, not text", "remove the quotes: `margin = 0.4`"],
    ),
    ("margin = 0.4", "margin = true", "C003", "margin = true", &["must be a number, not true or false"]),
    ("maturity_days = 3", "maturity_days = 2.5", "C003", "2.5", &["must be a whole number"]),
    (
        "files = [\"h/*.csv\"]",
        "files = \"h/*.csv\"",
        "C003",
        "files = \"h",
        &["must be a list, not text", "files = [\"h/*.csv\"]"],
    ),
    ("position = [3, 5]", "position = 4", "C003", "position = 4", &["a list of 2 numbers"]),
    ("position = [3, 5]", "position = [3]", "C003", "position = [3]", &["must hold 2 values, not 1"]),
    ("position = [3, 5]", "position = [3, \"5\"]", "C003", "position = [3", &["must be a number"]),
    (
        "[[override]]",
        "[override]",
        "C003",
        "[override]",
        &["a list of tables, not a table", "`[[override]]`"],
    ),
    ("name = \"budget\"", "name = 7", "C003", "name = 7", &["must be text in quotes, not a number"]),
    // Events and sales that fill in.
    (
        "maturity_days = 3",
        "maturation = [0.9, 0.5]",
        "C012",
        "maturation",
        &["grows day by day", "[0.7, 0.85"],
    ),
    (
        "[uplift]",
        "[[event]]\nname = \"double\"\ndate = 2026-11-11\nopens = 24\n\n[uplift]",
        "C012",
        "opens = 24",
        &["an hour from 0 to 23"],
    ),
    (
        "[uplift]",
        "[[event]]\nname = \"double\"\ndate = 2026-11-11\n\n[[event]]\nname = \"double\"\ndate = 2026-11-11 # again\n\n[uplift]",
        "C019",
        "date = 2026-11-11 # again",
        &["is listed twice", "list each event once"],
    ),
    // Missing keys.
    ("metric = \"roi\"\n", "", "C004", "[[rule]]\nname = \"roi\"", &["`rule` lacks `metric`"]),
    ("name = \"roi\"\n", "", "C004", "[[rule]]\nmetric = \"roi\"", &["lacks `name`"]),
    ("unit = \"slot-0\"\n", "", "C004", "[[group_buy.slot]]", &["lacks `unit`"]),
    // Names.
    ("objective = \"profit\"", "objective = \"profits\"", "C005", "profits", &["did you mean `profit`?"]),
    ("metric = \"roi\"", "metric = \"rio\"", "C005", "\"rio\"", &["did you mean `roi`?"]),
    ("metric = \"roi\"", "metric = \"sales\"", "C005", "sales", &["use one of `impressions`"]),
    ("channel = \"search\" }", "channel = \"serch\" }", "C005", "serch", &["did you mean `search`?"]),
    ("per = [\"channel\"]", "per = [\"chanel\"]", "C005", "chanel", &["did you mean `channel`?"]),
    // Values that cannot be read.
    ("date = 2026-12-12", "date = \"12.12.2026\"", "C006", "12.12.2026", &["it is not a date"]),
    ("hour = [\"20-21\"]", "hour = [\"22-2\"]", "C006", "22-2", &["first before last"]),
    ("hour = [\"20-21\"]", "hour = [24]", "C006", "[24]", &["from 0 to 23"]),
    ("max = 30000", "max = inf", "C006", "max = inf", &["not finite"]),
    ("lookback_days = 56", "lookback_days = -1", "C006", "-1", &["out of range"]),
    // The history.
    ("files = [\"h/*.csv\"]", "files = []", "C011", "files = []", &["empty list"]),
    (
        "max_rejected = 0.02",
        "max_rejected = 0.02\nhourly_shape = [1, 2]",
        "C012",
        "hourly_shape",
        &["24 numbers of 0 or more"],
    ),
    ("period_days = 7", "period_days = 0", "C012", "period_days = 0", &["1 or more"]),
    ("max_rejected = 0.02", "max_rejected = 1.5", "C012", "max_rejected = 1.5", &["a share from 0 to 1"]),
    ("lookback_days = 56", "lookback_days = 0", "C012", "lookback_days = 0", &["1 or more"]),
    ("maturity_days = 3", "maturity_days = 56", "C015", "maturity_days = 56", &["nothing is left"]),
    // The plan.
    ("margin = 0.4", "margin = 40", "C012", "margin = 40", &["at most 1"]),
    ("margin = 0.4", "margin = 0.0", "C012", "margin = 0.0", &["above 0"]),
    ("confidence = 0.5", "confidence = 0.4", "C012", "confidence = 0.4", &["at least 0.5"]),
    ("confidence = 0.5", "confidence = 1", "C012", "confidence = 1", &["below 1"]),
    ("Asia/Shanghai", "Asia/Shangai", "C016", "Asia/Shangai", &["did you mean `Asia/Shanghai`?"]),
    ("currency = \"CNY\"", "currency = \" \"", "C017", "currency", &["empty"]),
    ("demand = 1.2", "demand = 0", "C012", "demand = 0", &["a factor above 0"]),
    // Limits.
    ("position = [3, 5]", "position = [5, 3]", "C013", "position = [5", &["`position = [3, 5]`"]),
    ("position = [3, 5]", "position = [0.5, 3]", "C012", "position = [0.5", &["1 or more"]),
    ("bid = [1, 300]", "bid = [300, 1]", "C013", "bid = [300", &["lower end first"]),
    ("bid = [1, 300]", "bid = [0, 300]", "C012", "bid = [0,", &["above 0"]),
    ("bid = [0.02, 0.45]", "bid = [0.02, 45]", "C012", "bid = [0.02, 45]", &["at most 1"]),
    ("bid_step = 0.01", "bid_step = 0", "C012", "bid_step = 0", &["above 0"]),
    ("max_change = 0.5", "max_change = -0.5", "C012", "max_change = -0.5", &["above 0"]),
    ("extrapolate = 0.5", "extrapolate = -1", "C012", "extrapolate = -1", &["0 or more"]),
    // Slots.
    ("unit = \"slot-1\"", "unit = \"slot-0\"", "C040", "unit = \"slot-0\"\nrate", &["on offer twice"]),
    ("fixed_fee = 9000", "fixed_fee = -9000", "C012", "fixed_fee", &["0 or more"]),
    ("rate = 0.05", "rate = 5", "C012", "rate = 5", &["a share of sales"]),
    ("fee_max = 500", "fee_max = 50", "C041", "fee_min", &["above `fee_max` 50"]),
    // Phases and scopes.
    (
        "name = \"day\"",
        "name = \"night\"",
        "C019",
        "name = \"night\"\nhour = [\"20-24\"]",
        &["already the name"],
    ),
    ("phase = \"night\"", "phase = \"nigt\"", "C018", "nigt", &["did you mean `night`?"]),
    ("unit = [\"kw-0001\"]", "unit = []", "C011", "unit = []", &["empty list"]),
    ("per = [\"channel\"]", "per = []", "C011", "per = []", &["empty list"]),
    // Overrides.
    ("bid = 1.25", "", "C030", "[[override]]", &["changes nothing"]),
    ("bid = 1.25", "bid = 0.01", "C031", "bid = 0.01", &["outside `[search] bid`"]),
    ("bid = 1.25", "bid = [2, 1]", "C013", "bid = [2, 1]", &["lower end first"]),
    // Rules.
    (
        "name = \"roi\"",
        "name = \"budget\"",
        "C020",
        "name = \"budget\"\nmetric = \"roi\"",
        &["already the name"],
    ),
    ("max = 30000\n", "", "C021", "[[rule]]\nname = \"budget\"", &["bounds nothing"]),
    ("max = 30000", "max = 30000\nmin = 40000", "C022", "min = 40000", &["nothing can be both"]),
    ("max = 30000", "max = -1", "C023", "max = -1", &["never below 0"]),
    ("min_share = 0.15", "min_share = 15", "C012", "min_share = 15", &["a share from 0 to 1"]),
    ("metric = \"spend\" # round", "metric = \"cpc\"", "C024", "min_share", &["a ratio has no shares"]),
    ("weight = 2.0", "", "C025", "soft = true", &["soft but has no price"]),
    ("soft = true", "", "C025", "weight = 2.0", &["not soft"]),
    ("weight = 2.0", "weight = 0", "C012", "weight = 0", &["above 0"]),
    ("max = 10000", "max = 10000\nof = { channel = \"search\" }", "C026", "of = {", &["bounds no share"]),
];
