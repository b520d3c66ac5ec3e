//! Parquet tables, read a slice of a row group at a time and only in the columns that are asked for.
//!
//! Types are taken from the Parquet schema itself and decoded to five shapes of our own, so that
//! dictionaries, small integers, decimals and binary strings of other writers need no care above.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use polars_arrow::array::{Array, Float32Array, Float64Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::compute::concatenate::concatenate;
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_parquet::read::schema::parquet_to_arrow_schema;
use polars_parquet::read::{
    BasicDecompressor, ColumnChunkMetadata, FileMetadata, Filter, PageReader, column_iter_to_arrays,
    read_metadata,
};
use rayon::prelude::*;

use super::fault::Fault;
use super::table::{Cell, Table};
use crate::error::Finding;

/// Rows held at once; row groups are mostly smaller.
const SLICE: usize = 1 << 18;
const DAY: i64 = 86_400;

/// A decoded column of the slice.
enum Stored {
    Skipped,
    Text(Utf8ViewArray),
    Integers(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
    Days(Vec<Option<i64>>),
    /// Seconds since 1970.
    Instants(Vec<Option<i64>>),
}

/// A Parquet file, open for reading.
pub(super) struct ParquetTable {
    path: PathBuf,
    file: File,
    metadata: FileMetadata,
    fields: Vec<Field>,
    headers: Vec<String>,
    needed: Vec<usize>,
    columns: Vec<Stored>,
    group: usize,
    /// First row of the next slice, within its group.
    next: usize,
    /// Rows of the file before the slice.
    before: usize,
    rows: usize,
}

impl ParquetTable {
    /// Opens a file and reads its footer.
    pub fn open(path: &Path) -> Result<ParquetTable, Finding> {
        let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let metadata = guarded(path, || read_metadata(&mut file).map_err(|error| error.to_string()))?;
        let schema = guarded(path, || Ok(parquet_to_arrow_schema(metadata.schema().fields())))?;
        let fields: Vec<Field> = schema.iter_values().cloned().collect();
        let headers: Vec<String> = fields.iter().map(|field| field.name.to_string()).collect();
        let columns = fields.iter().map(|_| Stored::Skipped).collect();
        let path = path.to_path_buf();
        Ok(ParquetTable {
            path,
            file,
            metadata,
            fields,
            headers,
            needed: Vec::new(),
            columns,
            group: 0,
            next: 0,
            before: 0,
            rows: 0,
        })
    }

    /// Reads a column of the current row group as it is stored.
    fn bytes(&mut self, column: usize) -> Result<Vec<u8>, Finding> {
        let ParquetTable { path, file, metadata, fields, group, .. } = self;
        guarded(path, || {
            let range = chunk(metadata, *group, &fields[column])?.byte_range();
            let length = usize::try_from(range.end - range.start).map_err(|error| error.to_string())?;
            let mut bytes = vec![0; length];
            file.seek(SeekFrom::Start(range.start)).map_err(|error| error.to_string())?;
            file.read_exact(&mut bytes).map_err(|error| error.to_string())?;
            Ok(bytes)
        })
    }

    /// Decodes rows `from..to` of a column so read.
    fn decode(&self, column: usize, bytes: Vec<u8>, from: usize, to: usize) -> Result<Stored, Finding> {
        let field = &self.fields[column];
        guarded(&self.path, || {
            let chunk = chunk(&self.metadata, self.group, field)?;
            let pages = PageReader::new(Cursor::new(bytes.into()), chunk, Vec::new(), usize::MAX);
            let pages = BasicDecompressor::new(pages, Vec::new());
            let types = vec![&chunk.descriptor().descriptor.primitive_type];
            let shape = decoded_as(field.dtype())
                .ok_or_else(|| format!("column `{}` has an unreadable type", field.name))?;
            let wanted = Field::new(field.name.clone(), shape, true);
            let (arrays, _) =
                column_iter_to_arrays(vec![pages], types, wanted, Some(Filter::new_ranged(from, to)))
                    .map_err(|error| error.to_string())?;
            let parts: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
            let array = concatenate(&parts).map_err(|error| error.to_string())?;
            stored(array.as_ref(), field.dtype())
        })
    }
}

/// Where a column of a row group is stored.
fn chunk<'m>(
    metadata: &'m FileMetadata,
    group: usize,
    field: &Field,
) -> Result<&'m ColumnChunkMetadata, String> {
    let chunk = metadata.row_groups[group].columns_under_root_iter(&field.name);
    let chunk = chunk.and_then(|mut chunks| chunks.next());
    chunk.ok_or_else(|| format!("column `{}` is not stored", field.name))
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Finding {
    Finding::error(
        "H004",
        format!("the Parquet file cannot be read: {error}"),
        "it may be cut short or damaged: export it again",
    )
    .in_file(path)
}

/// The decoder meets damaged files with panics here and there; to us they are unreadable files.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, String>) -> Result<T, Finding> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|error| unreadable(path, &error)),
        Err(_) => Err(unreadable(path, &"its pages are damaged")),
    }
}

/// The type to ask the decoder for; nothing for types that no column of a history can have.
fn decoded_as(dtype: &ArrowDataType) -> Option<ArrowDataType> {
    use ArrowDataType as T;
    Some(match dtype {
        T::Int8 | T::Int16 | T::UInt8 | T::UInt16 | T::Int32 => T::Int32,
        T::Int64 | T::UInt32 | T::UInt64 | T::Float32 | T::Float64 | T::Date32 | T::Decimal(..) => {
            dtype.clone()
        }
        T::Timestamp(unit, _) => T::Timestamp(*unit, None),
        T::Utf8View | T::BinaryView => T::Utf8View,
        _ => return None,
    })
}

fn stored(array: &dyn Array, dtype: &ArrowDataType) -> Result<Stored, String> {
    use ArrowDataType as T;
    Ok(match dtype {
        T::Int8 | T::Int16 | T::UInt8 | T::UInt16 | T::Int32 => Stored::Integers(integers::<i32>(array)?),
        T::Int64 => Stored::Integers(integers::<i64>(array)?),
        T::UInt32 => Stored::Integers(integers::<u32>(array)?),
        T::UInt64 => Stored::Integers(integers::<u64>(array)?),
        T::Date32 => Stored::Days(integers::<i32>(array)?),
        T::Float32 => Stored::Numbers(
            primitive::<Float32Array>(array)?
                .iter()
                .map(|value| value.map(|value| f64::from(*value)))
                .collect(),
        ),
        T::Float64 => {
            Stored::Numbers(primitive::<Float64Array>(array)?.iter().map(|value| value.copied()).collect())
        }
        T::Decimal(_, 0) => Stored::Integers(integers::<i128>(array)?),
        T::Decimal(_, scale) => {
            let unit = 10_f64.powi(i32::try_from(*scale).unwrap_or(0));
            let values = primitive::<PrimitiveArray<i128>>(array)?;
            Stored::Numbers(values.iter().map(|value| value.map(|value| *value as f64 / unit)).collect())
        }
        T::Timestamp(unit, _) => {
            let per_second = match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            };
            let instants = integers::<i64>(array)?;
            Stored::Instants(
                instants.into_iter().map(|value| value.map(|value| value.div_euclid(per_second))).collect(),
            )
        }
        _ => Stored::Text(primitive::<Utf8ViewArray>(array)?.clone()),
    })
}

fn primitive<A: 'static>(array: &dyn Array) -> Result<&A, String> {
    array.as_any().downcast_ref().ok_or_else(|| format!("unexpected type {:?}", array.dtype()))
}

fn integers<T: polars_arrow::types::NativeType + TryInto<i64>>(
    array: &dyn Array,
) -> Result<Vec<Option<i64>>, String> {
    let whole = |value: Option<&T>| match value {
        Some(value) => (*value).try_into().map(Some).map_err(|_| format!("{value} is beyond 64 bits")),
        None => Ok(None),
    };
    primitive::<PrimitiveArray<T>>(array)?.iter().map(whole).collect()
}

impl Table for ParquetTable {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn narrow(&mut self, columns: &[usize]) -> Result<(), Finding> {
        self.needed = columns.to_vec();
        let strange = columns
            .iter()
            .map(|column| &self.fields[*column])
            .find(|field| decoded_as(field.dtype()).is_none());
        match strange {
            None => Ok(()),
            Some(field) => Err(Finding::error(
                "H011",
                "the column has a type that cannot be read",
                "store it as a number, a date or a string",
            )
            .in_file(&self.path)
            .at_column(field.name.as_str())
            .with_value(format!("{:?}", field.dtype()))),
        }
    }

    fn advance(&mut self) -> Result<bool, Finding> {
        self.before += self.rows;
        self.rows = 0;
        while let Some(group) = self.metadata.row_groups.get(self.group) {
            let (from, all) = (self.next, group.num_rows());
            if from >= all {
                self.group += 1;
                self.next = 0;
                continue;
            }
            let to = all.min(from + SLICE);
            let mut bytes = Vec::with_capacity(self.needed.len());
            for column in self.needed.clone() {
                bytes.push((column, self.bytes(column)?));
            }
            let decode = |(column, bytes)| (column, self.decode(column, bytes, from, to));
            let decoded: Vec<_> = bytes.into_par_iter().map(decode).collect();
            for (column, stored) in decoded {
                self.columns[column] = stored?;
            }
            self.next = to;
            self.rows = to - from;
            return Ok(true);
        }
        Ok(false)
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn line(&self, row: usize) -> usize {
        self.before + row + 1
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let cell = match &self.columns[column] {
            Stored::Skipped => None,
            Stored::Text(array) => array.get(row).map(|text| Cell::Text(text.trim())),
            Stored::Integers(values) => values[row].map(Cell::Integer),
            Stored::Numbers(values) => values[row].map(Cell::Number),
            Stored::Days(values) => values[row].map(|day| Cell::Day(day as i32)),
            Stored::Instants(values) => values[row].map(|second| match second.rem_euclid(DAY) {
                0 => Cell::Day(second.div_euclid(DAY) as i32),
                _ => Cell::Instant(second),
            }),
        };
        cell.unwrap_or(Cell::Missing)
    }

    fn misfit(&self, _: usize) -> Option<Fault> {
        None
    }

    fn text(&self, row: usize) -> String {
        let cells = self
            .needed
            .iter()
            .map(|column| format!("{}={}", self.headers[*column], self.cell(row, *column).to_text()));
        cells.collect::<Vec<_>>().join(" ")
    }
}
