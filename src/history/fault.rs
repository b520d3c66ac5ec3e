//! Why a row was not used.

use super::schema::Column;
use crate::error::Finding;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Number,
    Date,
    Period,
    Hour,
    Channel,
    Nameless,
    Negative,
    NotFinite,
    Position,
    ClicksOverImpressions,
    ClicksUnseen,
    Contradiction,
    Missing,
    Window,
    Future,
    Identical,
    Conflicting,
    Overlap,
    Cells,
    Blank,
    Total,
    Mangled,
    Damaged,
    Commission,
}

impl Kind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Number => "H030",
            Kind::Date => "H031",
            Kind::Period => "H032",
            Kind::Hour => "H033",
            Kind::Channel => "H034",
            Kind::Nameless => "H035",
            Kind::Negative => "H036",
            Kind::NotFinite => "H037",
            Kind::Position => "H038",
            Kind::ClicksOverImpressions => "H039",
            Kind::ClicksUnseen => "H040",
            Kind::Contradiction => "H041",
            Kind::Missing => "H042",
            Kind::Window => "H043",
            Kind::Future => "H044",
            Kind::Identical => "H045",
            Kind::Conflicting => "H046",
            Kind::Overlap => "H047",
            Kind::Cells => "H048",
            Kind::Blank => "H049",
            Kind::Total => "H050",
            Kind::Mangled => "H051",
            Kind::Damaged => "H052",
            Kind::Commission => "H053",
        }
    }

    /// Whether the row is no data at all.
    fn is_layout(self) -> bool {
        matches!(self, Kind::Blank | Kind::Total)
    }

    /// Whether nothing is wrong with the row: it is no data, or none of the history of a date that is past. It does not
    /// count against `max_rejected`.
    pub fn is_harmless(self) -> bool {
        self.is_layout() || self == Kind::Future
    }

    /// Findings printed of one file; the others are counted.
    pub fn printed(self) -> usize {
        if self == Kind::Future { 3 } else { 20 }
    }

    /// What mends it.
    pub fn action(self) -> &'static str {
        match self {
            Kind::Number => {
                "write a plain number such as 1234.5, 2.35% or 2.5万; leave the cell empty where there is none"
            }
            Kind::Date => {
                "write the day as 2026-01-02, 2026/1/2 or 20260102, and the hour in a column of its own"
            }
            Kind::Period => {
                "export the report by day, or give the period's first day as a constant with `period_days`"
            }
            Kind::Hour => "write the hour as 0 to 23; leave it empty for a whole-day row",
            Kind::Channel => "write search, display, affiliate or group_buy, or set `channel` in `constants`",
            Kind::Nameless => "fill the cell, or map another column to it in `columns`",
            Kind::Negative => "sums, bids and ratios are never negative; book refunds outside this report",
            Kind::NotFinite => "replace it by a number, or by an empty cell where there is none",
            Kind::Position => {
                "write a position of 1 or more, an interval such as 4-6, or leave the cell empty"
            }
            Kind::ClicksOverImpressions | Kind::ClicksUnseen => {
                "check which columns hold impressions and clicks, and export the row again"
            }
            Kind::Contradiction => {
                "check which column is wrong; leave the ratio unmapped if it is counted otherwise"
            }
            Kind::Missing => {
                "missing is not zero: fill the cell, write 0 where nothing happened, or add a ratio that implies it"
            }
            Kind::Window => {
                "never mix attribution windows: export one window, and set `[history] window_days` to it"
            }
            Kind::Future => "nothing to do where a day that is past is planned; else move `[plan] date`",
            Kind::Identical => "export each row once; the first one is kept",
            Kind::Conflicting => {
                "the first one is kept; if a column tells the rows apart, join it into `unit`"
            }
            Kind::Overlap => {
                "give either whole-day rows or hourly rows for a unit and day, and periods that do not overlap"
            }
            Kind::Cells => "quote cells that hold the separator or a quotation mark",
            Kind::Blank | Kind::Total => "nothing to do: the row is no data",
            Kind::Mangled => "a spreadsheet rounded this ID: export again and keep the column as text",
            Kind::Damaged => "save the file as UTF-8 or GB18030",
            Kind::Commission => "write a commission as a fraction (0.05) or with a percent sign (5%)",
        }
    }
}

/// One row's fault: the column, the text in it and what is wrong with that.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    /// What kind of fault.
    pub kind: Kind,
    /// The canonical column at fault, where it is one.
    pub column: Option<Column>,
    /// The text that stands there.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Fault {
    /// A fault of a column.
    pub fn new(kind: Kind, column: Column, value: impl Into<String>, reason: impl Into<String>) -> Fault {
        Fault { kind, column: Some(column), value: value.into(), reason: reason.into() }
    }

    /// A fault of the row as a whole.
    pub fn of_row(kind: Kind, value: impl Into<String>, reason: impl Into<String>) -> Fault {
        Fault { kind, column: None, value: value.into(), reason: reason.into() }
    }

    /// The finding, still without its place.
    pub fn finding(&self) -> Finding {
        let (code, cause, action) = (self.kind.code(), self.reason.as_str(), self.kind.action());
        let finding = if self.kind.is_layout() {
            Finding::note(code, cause, action)
        } else {
            Finding::warning(code, cause, action)
        };
        if self.value.is_empty() { finding } else { finding.with_value(self.value.as_str()) }
    }
}
