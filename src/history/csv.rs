//! Text tables: CSV in its dialects.

use std::io::Read;
use std::path::{Path, PathBuf};

use ::csv::{Reader, ReaderBuilder, StringRecord, Terminator, WriterBuilder};

use super::encoding::{TextEncoding, open};
use super::fault::{Fault, Kind};
use super::schema::normal;
use super::table::{Cell, Table};
use crate::error::Finding;

const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// Rows above the header among which it is looked for.
const TITLE_ROWS: usize = 30;
const SAMPLE: u64 = 1 << 17;
const BATCH: usize = 8192;
const TOTALS: [&str; 7] = ["合计", "总计", "汇总", "总和", "total", "grandtotal", "totals"];

/// A line break is put at the end, where files may lack it, so that lines can be counted by them.
type Text = std::io::Chain<Box<dyn Read + Send + Sync>, &'static [u8]>;

/// A CSV file, open for reading.
pub(super) struct CsvTable {
    path: PathBuf,
    separator: u8,
    headers: Vec<String>,
    reader: Reader<Text>,
    records: Vec<StringRecord>,
    lines: Vec<usize>,
    rows: usize,
}

impl CsvTable {
    /// Opens a file whose separator and header row are found by the headers that `is_known` knows.
    pub fn open(
        path: &Path,
        encoding: TextEncoding,
        is_known: &dyn Fn(&str) -> bool,
    ) -> Result<CsvTable, Finding> {
        let unreadable = |error: &dyn std::fmt::Display| unreadable(path, error);
        let mut sample = Vec::new();
        let text = open(path, encoding).map_err(|error| unreadable(&error))?;
        text.take(SAMPLE).read_to_end(&mut sample).map_err(|error| unreadable(&error))?;
        let old = sample.contains(&b'\r') && !sample.contains(&b'\n');
        if old {
            newlines(&mut sample);
        }
        let best = SEPARATORS
            .into_iter()
            .filter_map(|separator| header(&sample, separator, is_known))
            .reduce(|best, next| {
                if (next.known, next.names.len()) > (best.known, best.names.len()) { next } else { best }
            });
        let Some(header) = best else {
            return Err(Finding::error(
                "H005",
                "the file is empty",
                "export it again, or leave it out of the pattern",
            )
            .in_file(path));
        };
        let text = open(path, encoding).map_err(|error| unreadable(&error))?;
        let text: Box<dyn Read + Send + Sync> = if old { Box::new(Newlines(text)) } else { text };
        let mut reader =
            dialect(header.separator).buffer_capacity(1 << 18).from_reader(text.chain(&b"\n"[..]));
        let mut record = StringRecord::new();
        for _ in 0..=header.above {
            reader.read_record(&mut record).map_err(|error| unreadable(&error))?;
        }
        Ok(CsvTable {
            path: path.to_path_buf(),
            separator: header.separator,
            headers: header.names,
            reader,
            records: vec![StringRecord::new(); BATCH],
            lines: vec![0; BATCH],
            rows: 0,
        })
    }
}

/// A text whose lines end in `\r` alone, as old programs write it, read with the ends of today.
struct Newlines(Box<dyn Read + Send + Sync>);

impl Read for Newlines {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(into)?;
        newlines(&mut into[..read]);
        Ok(read)
    }
}

fn newlines(text: &mut [u8]) {
    text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Finding {
    Finding::error("H004", format!("the file cannot be read: {error}"), "check the file, or export it again")
        .in_file(path)
}

/// Lines end with `\n`; a `\r` before it is trimmed with the last cell. So the line count is exact.
fn dialect(separator: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(separator).has_headers(false).flexible(true).terminator(Terminator::Any(b'\n'));
    builder
}

struct Header {
    separator: u8,
    names: Vec<String>,
    /// Records above it.
    above: usize,
    /// How many names are known.
    known: usize,
}

/// The row that reads most like a header when cells are parted by this separator.
fn header(sample: &[u8], separator: u8, is_known: &dyn Fn(&str) -> bool) -> Option<Header> {
    let mut reader = dialect(separator).from_reader(sample);
    let mut best: Option<Header> = None;
    for (above, record) in reader.byte_records().take(TITLE_ROWS).enumerate() {
        let Ok(record) = record else { break };
        let names: Vec<String> =
            record.iter().map(|name| clean(&String::from_utf8_lossy(name)).to_string()).collect();
        let known = names.iter().filter(|name| is_known(name)).count();
        let filled = names.iter().any(|name| !name.is_empty());
        // One known word in a title is chance; two in a row are a header.
        let better = best.as_ref().is_none_or(|best| known > best.known && known >= 2);
        if filled && better {
            best = Some(Header { separator, names, above, known });
        }
    }
    best
}

/// A cell without the space around it, and without the `="…"` that protects an ID from spreadsheets.
fn clean(cell: &str) -> &str {
    let cell = cell.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
    cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell)
}

fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(|cell| cell.trim().is_empty())
}

impl Table for CsvTable {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn narrow(&mut self, _: &[usize]) -> Result<(), Finding> {
        Ok(())
    }

    fn advance(&mut self) -> Result<bool, Finding> {
        self.rows = 0;
        while self.rows < BATCH {
            let record = &mut self.records[self.rows];
            if !self.reader.read_record(record).map_err(|error| unreadable(&self.path, &error))? {
                break;
            }
            // An empty line that ends in `\r\n`, which the parser does not know as one.
            if record.len() == 1 && is_blank(record) {
                continue;
            }
            let begun = record.position().map_or(0, ::csv::Position::line);
            let ended = self.reader.position().line();
            // Empty lines may stand before the record, and line breaks in its quoted cells.
            let line = if ended <= begun + 1 {
                begun
            } else {
                let breaks = record.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
                // A quotation mark that is never closed swallows the record's own end too.
                (ended - 1 - breaks).max(begun)
            };
            self.lines[self.rows] = line as usize;
            self.rows += 1;
        }
        Ok(self.rows > 0)
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn line(&self, row: usize) -> usize {
        self.lines[row]
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match self.records[row].get(column) {
            Some(text) => Cell::Text(clean(text)),
            None => Cell::Missing,
        }
    }

    fn misfit(&self, row: usize) -> Option<Fault> {
        let record = &self.records[row];
        let first = record.get(0).unwrap_or("");
        if first.trim().is_empty() && is_blank(record) {
            return Some(Fault::of_row(Kind::Blank, "", "the row is blank"));
        }
        if first.len() <= 24 && TOTALS.contains(&normal_total(first).as_str()) {
            return Some(Fault::of_row(Kind::Total, first.trim(), "the row is a total of the rows above"));
        }
        let (cells, expected) = (record.len(), self.headers.len());
        let surplus = record.iter().skip(expected).any(|cell| !cell.trim().is_empty());
        let deficit = self.headers.iter().skip(cells).any(|name| !name.is_empty());
        if !surplus && !deficit {
            return None;
        }
        let lines = record.as_slice().bytes().filter(|byte| *byte == b'\n').count();
        let reason = match lines {
            0 => format!("the row has {cells} cells, the header {expected}"),
            _ => format!(
                "the row has {cells} cells, the header {expected}; a quotation mark in it swallows {lines} more lines"
            ),
        };
        Some(Fault::of_row(Kind::Cells, "", reason))
    }

    fn text(&self, row: usize) -> String {
        let mut writer = WriterBuilder::new().delimiter(self.separator).from_writer(Vec::new());
        let written =
            writer.write_record(self.records[row].iter().map(str::trim)).map(|()| writer.into_inner());
        match written {
            Ok(Ok(bytes)) => String::from_utf8_lossy(&bytes).trim_end().to_string(),
            _ => String::new(),
        }
    }
}

fn normal_total(first: &str) -> String {
    // Most first cells are dates: no need to fold those.
    if first.starts_with(|letter: char| letter.is_ascii_digit()) {
        String::new()
    } else {
        normal(first.trim_end_matches(['：', ':']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::encoding::survey;
    use crate::history::schema::Column;

    fn table(content: &str) -> CsvTable {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let encoding = survey(file.path()).unwrap().encoding;
        CsvTable::open(file.path(), encoding, &|name| Column::of_header(name).is_some()).unwrap()
    }

    #[test]
    fn separators_titles_and_lines_are_found() {
        for (separator, end) in [(",", "\n"), (";", "\r\n"), ("\t", "\n")] {
            let rows = [
                "关键词报表,导出".replace(',', separator),
                String::new(),
                ["日期", "关键词", "花费"].join(separator),
                ["2026-01-02", "\"a\nb\"", "1"].join(separator),
                String::new(),
                ["2026-01-03", "c", "2"].join(separator),
            ];
            let mut table = table(&rows.join(end));
            assert_eq!(table.headers(), ["日期", "关键词", "花费"]);
            assert!(table.advance().unwrap());
            assert_eq!(table.rows(), 2);
            assert_eq!((table.line(0), table.line(1)), (4, 7));
            assert_eq!(table.cell(1, 2), Cell::Text("2"));
            assert!(!table.advance().unwrap());
        }
    }

    #[test]
    fn lines_may_end_as_on_old_machines() {
        let rows = (0..20_000).map(|at| format!("2026-01-02,kw-{at},1\r"));
        let mut table = table(&("date,unit,spend\r".to_owned() + &rows.collect::<String>()));
        assert_eq!(table.headers(), ["date", "unit", "spend"]);
        let mut rows = 0;
        while table.advance().unwrap() {
            rows += table.rows();
            assert_eq!(table.cell(table.rows() - 1, 1), Cell::Text(&format!("kw-{}", rows - 1)));
            assert_eq!(table.line(table.rows() - 1), rows + 1);
        }
        assert_eq!(rows, 20_000);
    }

    #[test]
    fn rows_that_are_no_data_are_told() {
        let mut table = table(
            "date,unit,spend\n2026-01-02,a,1,234\n2026-01-02,a\n合计,,9\n,,\n2026-01-02,\"=\"\"007\"\"\",1,\n",
        );
        assert!(table.advance().unwrap());
        let kinds: Vec<_> = (0..table.rows()).map(|row| table.misfit(row).map(|fault| fault.kind)).collect();
        assert_eq!(kinds, [Some(Kind::Cells), Some(Kind::Cells), Some(Kind::Total), Some(Kind::Blank), None]);
        assert_eq!(table.cell(4, 1), Cell::Text("007"));
        assert_eq!(table.text(0), "2026-01-02,a,1,234");
    }
}
