//! Tables in Parquet, as the comma-separated values they would be.

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::Decimal;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

use super::table::MAX_ROWS;
use crate::date::Date;

/// Most bytes of text that a table may become: a few kilobytes of Parquet can stand for gigabytes.
const MAX_TEXT: usize = 64 * 1024 * 1024;

/// The table as text, with a header.
///
/// Missing cells and numbers that are no numbers are blank, true and false 1 and 0, dates `2022-02-24`, with the time of day where it is not midnight.
///
/// - errors: why this is no table, in words.
pub(super) fn as_text(content: Vec<u8>) -> Result<String, String> {
    // The reader asserts what a damaged file breaks.
    std::panic::catch_unwind(|| read(content)).unwrap_or_else(|_| Err("it is damaged".to_owned()))
}

fn read(content: Vec<u8>) -> Result<String, String> {
    let broken = |error: parquet::errors::ParquetError| format!("it is not a table in Parquet: {error}");
    let reader = SerializedFileReader::new(Bytes::from(content)).map_err(broken)?;
    let about = reader.metadata().file_metadata();
    if about.num_rows() > MAX_ROWS as i64 {
        return Err(format!("it has {} rows; at most {MAX_ROWS} are allowed", about.num_rows()));
    }
    let columns = about.schema().get_fields();
    let refused: Vec<&str> = columns.iter().filter(|c| !is_readable(c)).map(|c| c.name()).collect();
    if !refused.is_empty() {
        let names = refused.join(", ");
        return Err(format!("these columns hold neither numbers, texts, yes and no, nor dates: {names}"));
    }
    let nanoseconds: Vec<bool> = columns.iter().map(|column| counts_nanoseconds(column)).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let unwritable = |error: csv::Error| error.to_string();
    writer.write_record(columns.iter().map(|column| column.name())).map_err(unwritable)?;
    let mut length = 0;
    for (n, row) in reader.get_row_iter(None).map_err(broken)?.enumerate() {
        let row = row.map_err(broken)?;
        for ((name, field), nanoseconds) in row.get_column_iter().zip(&nanoseconds) {
            let nothing = || format!("what row {} holds in column `{name}` cannot be written down", n + 1);
            let cell = cell(field, *nanoseconds).ok_or_else(nothing)?;
            length += cell.len() + 1;
            if length > MAX_TEXT {
                return Err(format!("it has more than {MAX_TEXT} bytes of text"));
            }
            writer.write_field(cell).map_err(unwritable)?;
        }
        writer.write_record(None::<&[u8]>).map_err(unwritable)?;
    }
    let text = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(text).map_err(|error| error.to_string())
}

/// Whether the cells of a column are what [`cell`] knows; the reader panics over some that nobody could put into a record.
fn is_readable(column: &Type) -> bool {
    use ConvertedType as C;
    let about = column.get_basic_info();
    if !column.is_primitive() || (about.has_repetition() && about.repetition() == Repetition::REPEATED) {
        return false;
    }
    match (column.get_physical_type(), about.converted_type()) {
        (Physical::BOOLEAN | Physical::FLOAT | Physical::DOUBLE, _) => true,
        (Physical::INT32, kind) => matches!(
            kind,
            C::NONE
                | C::INT_8
                | C::INT_16
                | C::INT_32
                | C::UINT_8
                | C::UINT_16
                | C::UINT_32
                | C::DATE
                | C::DECIMAL
        ),
        (Physical::INT64, kind) => matches!(
            kind,
            C::NONE | C::INT_64 | C::UINT_64 | C::TIMESTAMP_MILLIS | C::TIMESTAMP_MICROS | C::DECIMAL
        ),
        (Physical::BYTE_ARRAY, kind) => matches!(kind, C::UTF8 | C::ENUM | C::JSON | C::DECIMAL),
        (Physical::FIXED_LEN_BYTE_ARRAY, C::DECIMAL) => true,
        (Physical::FIXED_LEN_BYTE_ARRAY, C::NONE) => about.logical_type_ref() == Some(&LogicalType::Float16),
        _ => false,
    }
}

/// Times in nanoseconds have no type of their own among fields.
fn counts_nanoseconds(column: &Type) -> bool {
    let logical = column.get_basic_info().logical_type_ref();
    matches!(logical, Some(LogicalType::Timestamp(time)) if matches!(time.unit, TimeUnit::NANOS))
}

/// A cell; `None` where it is nothing that a record could hold.
fn cell(field: &Field, nanoseconds: bool) -> Option<String> {
    Some(match field {
        Field::Null => String::new(),
        Field::Bool(yes) => u8::from(*yes).to_string(),
        Field::Byte(x) => x.to_string(),
        Field::Short(x) => x.to_string(),
        Field::Int(x) => x.to_string(),
        Field::Long(x) if nanoseconds => moment(*x, 1_000_000_000)?,
        Field::Long(x) => x.to_string(),
        Field::UByte(x) => x.to_string(),
        Field::UShort(x) => x.to_string(),
        Field::UInt(x) => x.to_string(),
        Field::ULong(x) => x.to_string(),
        Field::Float16(x) => number(f64::from(x.to_f32())),
        // The shortest decimal that is the same `f32`: 0.1 is 0.1.
        Field::Float(x) if x.is_nan() => String::new(),
        Field::Float(x) => x.to_string(),
        Field::Double(x) => number(*x),
        Field::Decimal(x) => digits(x)?,
        Field::Str(text) => text.clone(),
        Field::Date(days) => Date::from_days(i64::from(*days))?.to_string(),
        Field::TimestampMillis(x) => moment(*x, 1_000)?,
        Field::TimestampMicros(x) => moment(*x, 1_000_000)?,
        _ => return None,
    })
}

fn number(x: f64) -> String {
    if x.is_nan() { String::new() } else { x.to_string() }
}

/// A decimal number in digits: a whole number in two's complement, of which the last `scale` digits stand behind the point.
fn digits(x: &Decimal) -> Option<String> {
    let (data, scale) = (x.data(), usize::try_from(x.scale()).ok()?);
    let negative = data.first().is_some_and(|byte| *byte >= 128);
    let mut bytes = [if negative { 255 } else { 0 }; 16];
    bytes.get_mut(16usize.checked_sub(data.len())?..)?.copy_from_slice(data);
    let value = i128::from_be_bytes(bytes);
    let sign = if value < 0 { "-" } else { "" };
    let all = format!("{:0>width$}", value.unsigned_abs(), width = scale.min(40) + 1);
    let (whole, rest) = all.split_at(all.len().checked_sub(scale)?);
    Some(if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") })
}

/// A time since 1970 as a date, with the time of day where it is not midnight.
fn moment(since: i64, per_second: i64) -> Option<String> {
    let (seconds, rest) = (since.div_euclid(per_second), since.rem_euclid(per_second));
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let date = Date::from_days(days)?;
    if of_day == 0 && rest == 0 {
        return Some(date.to_string());
    }
    let time = format!("{date}T{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60);
    let digits = per_second.ilog10() as usize;
    Some(if rest == 0 { time } else { format!("{time}.{rest:0digits$}") })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use parquet::data_type::{
        BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArrayType, Int32Type, Int64Type,
    };
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    /// Two rows of every kind of cell; the second is missing where it may be.
    fn every_kind() -> Vec<u8> {
        let schema = parse_message_type(
            "message record {
                required byte_array month (string);
                optional int32 day (date);
                optional int64 milli (timestamp(millis, true));
                optional int64 nano (timestamp(nanos, false));
                optional double held;
                optional boolean talks;
                required int64 count;
                required fixed_len_byte_array(5) share (decimal(10, 2));
                required int32 all_behind (decimal(2, 2));
            }",
        );
        let properties = Arc::new(WriterProperties::builder().build());
        let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema.unwrap()), properties).unwrap();
        let mut group = file.next_row_group().unwrap();
        macro_rules! column {
            ($type:ty, $values:expr, $present:expr) => {
                let mut column = group.next_column().unwrap().unwrap();
                column.typed::<$type>().write_batch(&$values, $present, None).unwrap();
                column.close().unwrap();
            };
        }
        let once: Option<&[i16]> = Some(&[1, 0]);
        column!(ByteArrayType, [ByteArray::from("2022-02"), ByteArray::from("a, \"b\"")], None);
        column!(Int32Type, [19_047], once);
        column!(Int64Type, [19_047 * 86_400_000], once);
        column!(Int64Type, [(86_400 + 3723) * 1_000_000_000 + 5], once);
        column!(DoubleType, [17.25, f64::NAN], Some(&[1, 1]));
        column!(BoolType, [true], once);
        column!(Int64Type, [-3, 4], None);
        let five = |x: i64| ByteArray::from(x.to_be_bytes()[3..].to_vec()).into();
        column!(FixedLenByteArrayType, [five(-1205), five(7)], None);
        column!(Int32Type, [25, -5], None);
        group.close().unwrap();
        file.into_inner().unwrap()
    }

    #[test]
    fn cells_read_as_they_would_be_written() {
        let text = as_text(every_kind()).unwrap();
        assert_eq!(
            text,
            "month,day,milli,nano,held,talks,count,share,all_behind\n\
             2022-02,2022-02-24,2022-02-24,1970-01-02T01:02:03.000000005,17.25,1,-3,-12.05,0.25\n\
             \"a, \"\"b\"\"\",,,,,,4,0.07,-0.05\n"
        );
    }

    #[test]
    fn what_is_damaged_is_refused_or_read_and_nothing_worse() {
        let whole = every_kind();
        for length in 0..whole.len() {
            assert!(as_text(whole[..length].to_vec()).is_err(), "{length}");
        }
        // Every bit of the file, one at a time.
        let mut refused = 0;
        for position in 0..whole.len() * 8 {
            let mut content = whole.clone();
            content[position / 8] ^= 1 << (position % 8);
            refused += usize::from(as_text(content).is_err());
        }
        assert!(refused > whole.len(), "{refused}");
    }

    #[test]
    fn columns_that_are_no_cells_are_named() {
        let schema = parse_message_type(
            "message record { required int64 fine; required int96 old; repeated int32 many; required group two { required int32 a; } }",
        );
        let properties = Arc::new(WriterProperties::builder().build());
        let file = SerializedFileWriter::new(Vec::new(), Arc::new(schema.unwrap()), properties).unwrap();
        let why = as_text(file.into_inner().unwrap()).unwrap_err();
        assert!(why.ends_with(": old, many, two"), "{why}");
    }
}
