//! Slips in the history.

use std::fs;

use super::Make::{Bytes, Folder, Row};
use super::{Case, gbk};

/// Every row must be usable.
pub const STRICT: &[&str] = &["plan", "plan-gbk.toml", "--set", "history.max_rejected=0"];

/// The sample as it comes.
const PLAIN: &[&str] = &["plan", "plan.toml"];

/// The eleventh line of the slice: one hour of a keyword.
const LINE: &str =
    "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6";

const fn case(slip: &'static str, make: super::Make, says: &'static [&'static str]) -> Case {
    Case { slip, make, words: STRICT, says }
}

/// Another text for the eleventh line.
macro_rules! line {
    ($to:literal) => {
        Row(LINE, $to)
    };
}

pub const CASES: &[Case] = &[
    // The file.
    case("an empty file", Bytes(|_| Vec::new()), &["error[H005] export/last-week.csv", "export it again"]),
    case(
        "a header and no rows",
        Bytes(|text| gbk(text.lines().next().unwrap())),
        &["error[H021]", "the history has no rows", "check the files that `[history]` names"],
    ),
    case(
        "no file matches",
        Folder(|shop| fs::remove_file(shop.path("export/last-week.csv")).unwrap()),
        &["error[H002]", "export/*.csv", "patterns are relative to plan-gbk.toml"],
    ),
    case(
        "a folder of that name",
        Folder(|shop| {
            fs::remove_file(shop.path("export/last-week.csv")).unwrap();
            fs::create_dir(shop.path("export/last-week.csv")).unwrap();
        }),
        &["error[H002]", "export/*.csv", "a folder must hold .csv"],
    ),
    case(
        "a Parquet file called CSV",
        Folder(|shop| {
            fs::copy(shop.path("history/history.parquet"), shop.path("export/last-week.csv")).unwrap();
        }),
        &["error[", "export/last-week.csv", "fix: "],
    ),
    Case {
        slip: "a Parquet file cut in half",
        make: Folder(|shop| {
            let bytes = fs::read(shop.path("history/history.parquet")).unwrap();
            shop.write("history/history.parquet", &bytes[..bytes.len() / 2]);
        }),
        words: PLAIN,
        says: &["error[H004] history/history.parquet", "cannot be read", "export it again"],
    },
    Case {
        slip: "a text called Parquet",
        make: Folder(|shop| shop.write("history/history.parquet", "PAR1 and nothing more")),
        words: PLAIN,
        says: &["error[H004] history/history.parquet", "export it again"],
    },
    Case {
        slip: "a Parquet file with damaged pages",
        make: Folder(|shop| {
            let mut bytes = fs::read(shop.path("history/history.parquet")).unwrap();
            let middle = bytes.len() / 2;
            bytes[4..middle].fill(0x5a);
            shop.write("history/history.parquet", bytes);
        }),
        words: PLAIN,
        says: &["error[H004] history/history.parquet", "export it again"],
    },
    // The header.
    case(
        "spend, and every ratio that implies it, renamed",
        Row("花费,点击率,平均点击花费,千次展现花费,", "花销,点击率,点击花销,千次花销,"),
        &["H042", "export/last-week.csv:", "missing is not zero"],
    ),
    case(
        "no date column",
        Row("日期,小时", "何时,小时"),
        &["error[H006] export/last-week.csv", "the required column `date` is missing", "[[history.source]]"],
    ),
    case(
        "another delimiter",
        Bytes(|text| gbk(&text.replace(',', "^"))),
        &["error[H006] export/last-week.csv", "`date` is missing", "fix: "],
    ),
    case(
        "two columns that say the same",
        Row("点击量,花费,点击率", "花费,花费,点击率"),
        &["error[H012] export/last-week.csv", "can each be `spend`", "rename one, or map one"],
    ),
    // The encoding.
    case(
        "GBK that was cut within a character",
        Bytes(|text| {
            let mut bytes = gbk(text);
            let at = bytes.windows(7).position(|part| part == b"kw-0001").unwrap() + 8;
            bytes.splice(at..at + 1, [0xff, 0xff, b' ']);
            bytes
        }),
        &["H052", "export/last-week.csv:2", "save the file as UTF-8 or GB18030"],
    ),
    case(
        "UTF-16 with a byte order mark, cut short",
        Bytes(|text| {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            let mut bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
            bytes.truncate(bytes.len() - 1);
            bytes
        }),
        &["export/last-week.csv", "fix: "],
    ),
    case(
        "a mark of UTF-8 before GBK",
        Bytes(|text| [b"\xef\xbb\xbf".to_vec(), gbk(text)].concat()),
        &["error[", "export/last-week.csv", "fix: "],
    ),
    // The rows.
    case(
        "text in a number column",
        line!(
            "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,很多,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H016", "H030", "export/last-week.csv:11:花费", "`很多`", "write a plain number"],
    ),
    case(
        "a number beyond all numbers",
        line!(
            "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,1e400,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["export/last-week.csv:11:花费", "`1e400`", "fix: "],
    ),
    case(
        "spend beyond any shop's",
        line!(
            "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,1e300,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H037", "export/last-week.csv:11:花费", "`1e300`", "beyond 1e12, more than any shop has"],
    ),
    case(
        "a position beyond any page's",
        line!(
            "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,1e300,6"
        ),
        &["H038", "export/last-week.csv:11:", "`1e300`", "beyond 1e12"],
    ),
    case(
        "a share for money",
        line!(
            "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,80%,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H030", "export/last-week.csv:11:花费", "`80%`", "a share stands where there must be money"],
    ),
    case(
        "a negative number",
        line!(
            "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,-0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H036", "export/last-week.csv:11:花费", "`-0.80`", "never negative"],
    ),
    case(
        "more clicks than impressions",
        line!(
            "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,155,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["export/last-week.csv:11:", "155", "fix: "],
    ),
    case(
        "a CTR that is not clicks ÷ impressions",
        line!(
            "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,0.80,18.20%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H041", "export/last-week.csv:11:点击率", "`18.20%`", "check which column is wrong"],
    ),
    case(
        "spend missing, which is not zero",
        line!("2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,--,1.82%,--,--,0,0.00,0.00%,--,5.4,6"),
        &["H042", "export/last-week.csv:11:花费", "missing is not zero"],
    ),
    case(
        "an hour 24",
        line!(
            "2026-12-05,24,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H033", "export/last-week.csv:11:小时", "`24`", "write the hour as 0 to 23"],
    ),
    case(
        "an unknown channel",
        line!(
            "2026-12-05,9,电视,品牌词,kw-0001,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H034", "export/last-week.csv:11:场景名字", "`电视`", "affiliate or group_buy"],
    ),
    case(
        "a day that does not exist",
        line!(
            "2026-02-30,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H031", "export/last-week.csv:11:日期", "`2026-02-30`", "write the day as"],
    ),
    case(
        "the total of a period as a day",
        line!(
            "20261201至20261207,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H032", "export/last-week.csv:11:日期", "export the report by day"],
    ),
    case(
        "a row without a unit",
        line!("2026-12-05,9,直通车,品牌词,,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"),
        &["H035", "export/last-week.csv:11:关键词", "fill the cell"],
    ),
    case(
        "an ID of 17 digits that a spreadsheet rounded",
        line!(
            "2026-12-05,9,直通车,品牌词,6.12345678901234E+16,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H051", "export/last-week.csv:11:关键词", "keep the column as text"],
    ),
    case(
        "a position above the top",
        line!(
            "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,0.4,6"
        ),
        &["H038", "export/last-week.csv:11:平均展现排名", "write a position of 1 or more"],
    ),
    case(
        "the same row twice",
        line!("2026-12-05,8,直通车,品牌词,kw-0001,雪地靴,0.76,30,0,0.00,0.00%,-,0.00,0,0.00,-,-,4.9,6"),
        &["H045", "export/last-week.csv:11", "the row repeats line 10", "export each row once"],
    ),
    case(
        "two rows of one key that differ",
        line!(
            "2026-12-05,8,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H046", "export/last-week.csv:11", "the row has the key of line 10", "join it into `unit`"],
    ),
    case(
        "a whole-day row over hourly rows",
        line!(
            "2026-12-05,-,直通车,品牌词,kw-0001,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H047", "export/last-week.csv:11", "either whole-day rows or hourly rows"],
    ),
    case(
        "a comma in a number without quotes",
        line!(
            "2026-12-05,9,直通车,品牌词,kw-0001,雪地靴,0.81,1,055,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H048", "export/last-week.csv:11", "the row has 20 cells, the header 19", "quote cells"],
    ),
    case(
        "a quotation mark that is not closed",
        line!(
            "2026-12-05,9,直通车,\"品牌词,kw-0001,雪地靴,0.81,55,1,0.80,1.82%,0.80,14.55,0,0.00,0.00%,0.00,5.4,6"
        ),
        &["H048", "export/last-week.csv:11", "swallows", "quote cells that hold"],
    ),
    case(
        "sales of two attribution windows",
        Bytes(|text| {
            let mut lines = text.lines().enumerate();
            let row = |(at, line)| match at {
                0 => format!("{line},转化周期\n"),
                10 => format!("{line},7天\n"),
                _ => format!("{line},15天\n"),
            };
            gbk(&lines.by_ref().map(row).collect::<String>())
        }),
        &["H043", "export/last-week.csv:11:转化周期", "`7天`", "never mix attribution windows"],
    ),
    // Many rows, the default limit.
    Case {
        slip: "a column of nonsense",
        make: Bytes(|text| gbk(&text.replace("2026-12-0", "2026-13-0"))),
        words: &["plan", "plan-gbk.toml"],
        says: &[
            "error[H016]",
            "more than `[history] max_rejected` = 1 %",
            "H031",
            "more rows of the file have the same fault",
        ],
    },
];
