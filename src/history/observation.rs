//! What the reader hands on: typed observations, and an account of every row.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;

use super::triangle::Triangle;
use crate::calendar::date_of;
use crate::error::Finding;
use crate::keys::{Channel, Unit};
use crate::metric::Outcome;

/// A channel whose history ends more than so many days before the newest row of all is stale.
pub const STALE_DAYS: i32 = 7;

/// One accepted row: a unit in an hour, a day or a longer period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Index into [`History::units`].
    pub unit: u32,
    /// First day, as a day number.
    pub day: i32,
    /// Days covered; 1 for hourly and daily rows.
    pub days: u16,
    /// The hour; nothing = the whole day, whose hours are imputed from hourly shapes.
    pub hour: Option<u8>,
    /// Whole days between the row's last day and its export: so old are its sales. Where no report says when it was
    /// exported, that was the morning after the newest day of its channel.
    pub age: u16,
    /// CPC bid, CPM bid or commission; NaN where none is known (a fixed fee, a missing bid).
    pub bid: f32,
    /// Best and worst mean position known; equal where it is exact, NaN where there is none.
    pub position: [f32; 2],
    /// The platform's quality score; NaN where there is none.
    pub quality: f32,
    /// Times shown.
    pub impressions: f64,
    /// Clicks.
    pub clicks: f64,
    /// Money charged.
    pub spend: f64,
    /// Orders.
    pub orders: f64,
    /// Money taken.
    pub revenue: f64,
}

impl Observation {
    /// Last day covered, as a day number.
    pub fn end(&self) -> i32 {
        self.day + i32::from(self.days) - 1
    }

    /// The day on whose morning the row was exported, as a day number.
    pub fn exported(&self) -> i32 {
        self.end() + 1 + i32::from(self.age)
    }

    /// The row as an outcome; an interval of positions counts with its middle.
    pub fn outcome(&self) -> Outcome {
        let position = f64::from(self.position[0] + self.position[1]) / 2.0;
        let weight = if position.is_finite() { self.impressions } else { 0.0 };
        Outcome {
            impressions: self.impressions,
            clicks: self.clicks,
            spend: self.spend,
            orders: self.orders,
            revenue: self.revenue,
            position_sum: if weight > 0.0 { position * weight } else { 0.0 },
            position_weight: weight,
        }
    }
}

/// The accepted history. Observations are sorted by unit, day and hour, whatever order the files had.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The units, sorted by channel, campaign, unit and product.
    pub units: Vec<Unit>,
    /// The rows.
    pub observations: Vec<Observation>,
    /// What earlier exports held of the sales of rows that a later one holds too.
    pub triangle: Triangle,
    /// The account of every row read.
    pub audit: Audit,
}

impl History {
    /// Last day that any row covers, as a day number.
    pub fn last_day(&self) -> Option<i32> {
        self.observations.iter().map(Observation::end).max()
    }

    /// Last date that any row covers.
    pub fn last_date(&self) -> Option<Date> {
        self.last_day().map(date_of)
    }

    /// The same history without rows that reach past this day: what was known of the world then.
    pub fn until(&self, day: i32) -> History {
        let mut earlier = self.clone();
        earlier.observations.retain(|row| row.end() <= day);
        earlier
    }
}

/// A row that was not used, and why; a line of `rejected.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rejected {
    /// The file, as found.
    pub file: PathBuf,
    /// Line in a text file, row in a Parquet file.
    pub line: usize,
    /// The column at fault.
    pub column: String,
    /// The text that stands there.
    pub value: String,
    /// The finding's code.
    pub code: &'static str,
    /// Why.
    pub reason: String,
    /// The row as it stands in the file.
    pub row: String,
}

/// The `encoding` of a file of fitted landscapes.
pub const MODEL: &str = "model";

/// The account of one file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FileAudit {
    /// The file.
    pub file: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
    /// Rows read.
    pub rows: usize,
    /// Rows accepted.
    pub accepted: usize,
    /// Rows rejected.
    pub rejected: usize,
    /// Rows that a later export holds too; they tell how sales fill in.
    pub earlier: usize,
    /// Accepted rows that are older than the lookback and so not used.
    pub too_old: usize,
    /// Accepted rows that cover a whole day or more, whose hours are imputed.
    pub imputed: usize,
    /// The text encoding, or `parquet`.
    pub encoding: String,
    /// Whether all its rows say when they were exported.
    #[serde(skip)]
    pub dated: bool,
    /// Channels of its accepted rows.
    #[serde(skip)]
    pub channels: Vec<Channel>,
    /// Columns read: ours and theirs.
    pub columns: Vec<(String, String)>,
    /// Columns that were not used.
    pub unused_columns: Vec<String>,
}

/// The account of every row: nothing is dropped silently.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Audit {
    /// File by file, in the order read.
    pub files: Vec<FileAudit>,
    /// Rows not used, in the order read.
    pub rejected: Vec<Rejected>,
    /// Warnings and notes that did not stop the run.
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

impl Audit {
    /// The file of fitted landscapes that stood in the place of a history, where one did.
    pub fn model(&self) -> Option<&Path> {
        self.files.iter().find(|file| file.encoding == MODEL).map(|file| file.file.as_path())
    }

    /// Rows read in all files.
    pub fn rows(&self) -> usize {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Rows accepted in all files.
    pub fn accepted(&self) -> usize {
        self.files.iter().map(|file| file.accepted).sum()
    }

    /// Whole-day rows in all files.
    pub fn imputed(&self) -> usize {
        self.files.iter().map(|file| file.imputed).sum()
    }
}
