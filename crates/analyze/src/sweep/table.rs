//! Tables as Parquet: a few kinds of columns, the same bytes for the same content.
//!
//! Written through the column interface of the `parquet` crate, without Arrow arrays in between: nothing else here is in Arrow.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::reader::ColumnReader;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use super::SweepError;

/// The cells of a column; those of an optional column may be missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Whole numbers, all there.
    Integers(Vec<i64>),
    /// Numbers.
    Numbers(Vec<Option<f64>>),
    /// Yes or no.
    Switches(Vec<Option<bool>>),
    /// Texts.
    Texts(Vec<Option<String>>),
}

impl Cells {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Integers(cells) => cells.len(),
            Self::Numbers(cells) => cells.len(),
            Self::Switches(cells) => cells.len(),
            Self::Texts(cells) => cells.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds those of another column of the same kind; `false` when the kinds differ.
    fn append(&mut self, more: Self) -> bool {
        match (self, more) {
            (Self::Integers(own), Self::Integers(more)) => own.extend(more),
            (Self::Numbers(own), Self::Numbers(more)) => own.extend(more),
            (Self::Switches(own), Self::Switches(more)) => own.extend(more),
            (Self::Texts(own), Self::Texts(more)) => own.extend(more),
            _ => return false,
        }
        true
    }
}

/// A column: its name and its cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Cells.
    pub cells: Cells,
    /// Whether cells may be missing.
    pub optional: bool,
}

/// Columns of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Columns.
    pub columns: Vec<Column>,
}

impl Table {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }

    /// A column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Cells> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.cells)
    }

    /// Adds the rows of another table with the same columns.
    ///
    /// - errors: [`SweepError::Table`] when the columns differ.
    pub fn append(&mut self, more: Self) -> Result<(), SweepError> {
        let same = self.columns.len() == more.columns.len()
            && self.columns.iter().zip(&more.columns).all(|(own, more)| own.name == more.name);
        let mut fits = same;
        if same {
            for (own, more) in self.columns.iter_mut().zip(more.columns) {
                fits &= own.cells.append(more.cells);
            }
        }
        if fits { Ok(()) } else { Err(failed("read", "its columns are not those of the others")) }
    }

    /// The table as the content of a Parquet file with one row group.
    ///
    /// - errors: [`SweepError::Table`].
    pub fn to_parquet(&self, about: &[(&str, String)]) -> Result<Vec<u8>, SweepError> {
        let mut writer = TableWriter::new(Vec::new(), self, about)?;
        writer.write(self)?;
        writer.finish()
    }

    /// Reads a table that was written by [`Table::to_parquet`] or a [`TableWriter`].
    ///
    /// - errors: [`SweepError::Table`] for what is no Parquet file, or has columns of other kinds.
    pub fn from_parquet(content: Vec<u8>) -> Result<Self, SweepError> {
        let wrong = |error: ParquetError| failed("read", error.to_string());
        let reader = SerializedFileReader::new(Bytes::from(content)).map_err(wrong)?;
        let mut table = Self::default();
        for group in 0..reader.num_row_groups() {
            let rows = read_group(&*reader.get_row_group(group).map_err(wrong)?)?;
            if group == 0 { table = rows } else { table.append(rows)? }
        }
        Ok(table)
    }
}

fn failed(doing: &'static str, what: impl Into<String>) -> SweepError {
    SweepError::Table { doing, what: what.into() }
}

/// Writes tables with the same columns one after another, each as one row group.
pub struct TableWriter<W: Write + Send> {
    inner: SerializedFileWriter<W>,
}

impl<W: Write + Send> TableWriter<W> {
    /// A file with the columns of `like`, and with names and texts in its metadata.
    ///
    /// - errors: [`SweepError::Table`].
    pub fn new(out: W, like: &Table, about: &[(&str, String)]) -> Result<Self, SweepError> {
        let schema = schema(like).map_err(wrong)?;
        let about: Vec<KeyValue> =
            about.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
        let properties = WriterProperties::builder()
            .set_created_by(concat!("armistice ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::SNAPPY)
            .set_dictionary_enabled(true)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(about))
            .build();
        let inner = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(wrong)?;
        Ok(Self { inner })
    }

    /// Writes rows.
    ///
    /// - errors: [`SweepError::Table`].
    pub fn write(&mut self, table: &Table) -> Result<(), SweepError> {
        let mut group = self.inner.next_row_group().map_err(wrong)?;
        for column in &table.columns {
            let Some(mut writer) = group.next_column().map_err(wrong)? else {
                return Err(failed("write", "it has more columns than the file"));
            };
            write_cells(writer.untyped(), column).map_err(wrong)?;
            writer.close().map_err(wrong)?;
        }
        group.close().map_err(wrong)?;
        Ok(())
    }

    /// Writes the end of the file.
    ///
    /// - errors: [`SweepError::Table`].
    pub fn finish(self) -> Result<W, SweepError> {
        self.inner.into_inner().map_err(wrong)
    }
}

fn wrong(error: ParquetError) -> SweepError {
    failed("write", error.to_string())
}

fn schema(table: &Table) -> Result<TypePtr, ParquetError> {
    let field = |column: &Column| {
        let physical = match column.cells {
            Cells::Integers(_) => Physical::INT64,
            Cells::Numbers(_) => Physical::DOUBLE,
            Cells::Switches(_) => Physical::BOOLEAN,
            Cells::Texts(_) => Physical::BYTE_ARRAY,
        };
        let repetition = if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let mut builder = Type::primitive_type_builder(&column.name, physical).with_repetition(repetition);
        if matches!(column.cells, Cells::Texts(_)) {
            builder =
                builder.with_logical_type(Some(LogicalType::String)).with_converted_type(ConvertedType::UTF8);
        }
        builder.build().map(Arc::new)
    };
    let fields = table.columns.iter().map(field).collect::<Result<_, _>>()?;
    Type::group_type_builder("sweep").with_fields(fields).build().map(Arc::new)
}

/// The values that are there, and for each cell whether it is.
fn present<T: Clone>(cells: &[Option<T>]) -> (Vec<T>, Vec<i16>) {
    (cells.iter().flatten().cloned().collect(), cells.iter().map(|cell| i16::from(cell.is_some())).collect())
}

fn write_cells(writer: &mut ColumnWriter<'_>, column: &Column) -> Result<(), ParquetError> {
    let levels = |levels: Vec<i16>| column.optional.then_some(levels);
    let missing = || ParquetError::General(format!("a cell of `{}` is missing", column.name));
    let checked = |levels: &[i16]| {
        if column.optional || levels.iter().all(|level| *level == 1) { Ok(()) } else { Err(missing()) }
    };
    match (writer, &column.cells) {
        (ColumnWriter::Int64ColumnWriter(writer), Cells::Integers(cells)) => {
            writer.write_batch(cells, None, None)?;
        }
        (ColumnWriter::DoubleColumnWriter(writer), Cells::Numbers(cells)) => {
            let (values, defined) = present(cells);
            checked(&defined)?;
            writer.write_batch(&values, levels(defined).as_deref(), None)?;
        }
        (ColumnWriter::BoolColumnWriter(writer), Cells::Switches(cells)) => {
            let (values, defined) = present(cells);
            checked(&defined)?;
            writer.write_batch(&values, levels(defined).as_deref(), None)?;
        }
        (ColumnWriter::ByteArrayColumnWriter(writer), Cells::Texts(cells)) => {
            let (values, defined) = present(cells);
            checked(&defined)?;
            let values: Vec<ByteArray> = values.iter().map(|text| ByteArray::from(text.as_str())).collect();
            writer.write_batch(&values, levels(defined).as_deref(), None)?;
        }
        _ => return Err(ParquetError::General(format!("`{}` has cells of another kind", column.name))),
    }
    Ok(())
}

fn read_group(group: &dyn RowGroupReader) -> Result<Table, SweepError> {
    let wrong = |error: ParquetError| failed("read", error.to_string());
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let mut columns = Vec::new();
    for position in 0..group.num_columns() {
        let about = group.metadata().column(position).column_descr_ptr();
        let name = about.name().to_owned();
        let optional = about.max_def_level() > 0;
        let cells = match group.get_column_reader(position).map_err(wrong)? {
            ColumnReader::Int64ColumnReader(mut reader) => {
                let mut values = Vec::new();
                reader.read_records(rows, None, None, &mut values).map_err(wrong)?;
                Cells::Integers(values)
            }
            ColumnReader::DoubleColumnReader(mut reader) => {
                let (mut values, mut levels) = (Vec::new(), Vec::new());
                reader.read_records(rows, Some(&mut levels), None, &mut values).map_err(wrong)?;
                Cells::Numbers(spread(values, &levels, optional))
            }
            ColumnReader::BoolColumnReader(mut reader) => {
                let (mut values, mut levels) = (Vec::new(), Vec::new());
                reader.read_records(rows, Some(&mut levels), None, &mut values).map_err(wrong)?;
                Cells::Switches(spread(values, &levels, optional))
            }
            ColumnReader::ByteArrayColumnReader(mut reader) => {
                let (mut values, mut levels) = (Vec::new(), Vec::new());
                reader.read_records(rows, Some(&mut levels), None, &mut values).map_err(wrong)?;
                let texts = values.iter().map(|bytes| bytes.as_utf8().map(str::to_owned));
                let texts: Vec<String> = texts.collect::<Result<_, _>>().map_err(wrong)?;
                Cells::Texts(spread(texts, &levels, optional))
            }
            _ => return Err(failed("read", format!("`{name}` has cells of a kind that no sweep writes"))),
        };
        if cells.len() != rows {
            return Err(failed("read", format!("`{name}` has {} cells for {rows} rows", cells.len())));
        }
        columns.push(Column { name, cells, optional });
    }
    Ok(Table { columns })
}

/// Values with those that are missing between them.
fn spread<T>(values: Vec<T>, levels: &[i16], optional: bool) -> Vec<Option<T>> {
    if !optional {
        return values.into_iter().map(Some).collect();
    }
    let mut values = values.into_iter();
    levels.iter().map(|level| if *level > 0 { values.next() } else { None }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn table() -> Table {
        let column = |name: &str, cells, optional| Column { name: name.into(), cells, optional };
        Table {
            columns: vec![
                column("point", Cells::Integers(vec![0, 1, 2]), false),
                column("a b", Cells::Numbers(vec![Some(0.1), Some(-0.0), Some(1e300)]), false),
                column("number", Cells::Numbers(vec![None, Some(2.5), None]), true),
                column("nothing", Cells::Numbers(vec![None, None, None]), true),
                column("switch", Cells::Switches(vec![Some(true), None, Some(false)]), true),
                column("text", Cells::Texts(vec![Some("ä".into()), None, Some(String::new())]), true),
            ],
        }
    }

    #[test]
    fn tables_come_back_as_they_were() {
        let about = [("key", "value".to_owned())];
        let content = table().to_parquet(&about).unwrap();
        assert_eq!(content, table().to_parquet(&about).unwrap(), "the same bytes each time");
        assert_eq!(Table::from_parquet(content.clone()).unwrap(), table());
        for length in [0, 3, content.len() / 2, content.len() - 1] {
            assert!(Table::from_parquet(content.get(..length).unwrap().to_vec()).is_err());
        }
    }

    #[test]
    fn groups_follow_each_other() {
        let mut writer = TableWriter::new(Vec::new(), &table(), &[]).unwrap();
        writer.write(&table()).unwrap();
        writer.write(&table()).unwrap();
        let read = Table::from_parquet(writer.finish().unwrap()).unwrap();
        assert_eq!(read.rows(), 6);
        assert_eq!(read.column("point"), Some(&Cells::Integers(vec![0, 1, 2, 0, 1, 2])));
    }

    #[test]
    fn a_missing_cell_of_a_required_column_is_refused() {
        let mut wrong = table();
        wrong.columns.truncate(3);
        wrong.columns.last_mut().unwrap().optional = false;
        assert!(wrong.to_parquet(&[]).is_err());
    }
}
