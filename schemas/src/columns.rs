//! The columns of the tables, declared once: their names, how each is written and how it is read.
//!
//! The statements of the store, the rows it reads, the CSV files and what tools show follow from these
//! lists, each of which stands beside its type. A new column is a field, a line of the list and a
//! migration.

use std::fmt;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::instant;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// The 16 bytes of an id.
    Id,
    /// Text of ASCII letters, digits and spaces only.
    Plain,
    /// Any other text.
    Text,
    /// A time, in microseconds since 1970.
    Time,
    /// A whole number.
    Whole,
    /// Bytes.
    Bytes,
}

/// A text of ASCII letters, digits and spaces only.
pub trait Plain: fmt::Display {}

/// The value of one column of one row.
#[derive(Clone, Copy)]
pub enum Value<'m> {
    /// An id.
    Id(Uuid),
    /// Text of ASCII letters, digits and spaces only.
    Plain(&'m dyn Plain),
    /// Any other text.
    Text(&'m str),
    /// A time.
    Time(OffsetDateTime),
    /// A whole number.
    Whole(i64),
    /// Bytes.
    Bytes(&'m [u8]),
    /// Nothing is there.
    Null,
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Plain(text) => text.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Time(time) => instant::write(*time, f),
            Self::Whole(number) => number.fmt(f),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::Null => Ok(()),
        }
    }
}

/// What a database gives for one column.
#[derive(Debug, Clone, Copy)]
pub enum Raw<'r> {
    /// For the kinds [`ColumnKind::Id`] and [`ColumnKind::Bytes`].
    Bytes(&'r [u8]),
    /// For the kinds [`ColumnKind::Plain`] and [`ColumnKind::Text`].
    Text(&'r str),
    /// For the kinds [`ColumnKind::Time`] (microseconds since 1970) and [`ColumnKind::Whole`].
    Whole(i64),
    /// Nothing is there.
    Null,
}

/// One column of a table.
pub struct Column<T> {
    /// Its name in the table, in JSON and in CSV files.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Its value in a row.
    pub value: fn(&T) -> Value<'_>,
}

/// A table of the database: each of its rows is a value of this type.
pub trait TableRow: Sized + 'static {
    /// Its name.
    const NAME: &'static str;
    /// Its columns, in the order in which they are written and read.
    const COLUMNS: &'static [Column<Self>];

    /// Makes a value of its columns; `raw` is asked for each, in the order of
    /// [`COLUMNS`](Self::COLUMNS).
    ///
    /// # Errors
    /// `raw` fails, or a value is not allowed; the text begins with the column's name.
    fn from_columns<'r>(
        raw: impl FnMut(usize, ColumnKind) -> Result<Raw<'r>, String>,
    ) -> Result<Self, String>;

    /// The names of the columns.
    fn column_names() -> impl Iterator<Item = &'static str> {
        Self::COLUMNS.iter().map(|column| column.name)
    }

    /// The value of each column, in the order of [`COLUMNS`](Self::COLUMNS).
    fn values(&self) -> impl Iterator<Item = Value<'_>> {
        Self::COLUMNS.iter().map(|column| (column.value)(self))
    }
}

/// A type that a column can hold.
pub(crate) trait Field: Sized {
    const KIND: ColumnKind;
    fn value(&self) -> Value<'_>;
    fn read(raw: Raw<'_>) -> Result<Self, String>;
}

impl Field for String {
    const KIND: ColumnKind = ColumnKind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        text(raw).map(str::to_owned)
    }
}

impl Field for u32 {
    const KIND: ColumnKind = ColumnKind::Whole;

    fn value(&self) -> Value<'_> {
        Value::Whole((*self).into())
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let Raw::Whole(number) = raw else { return Err("it is not a number".to_owned()) };
        Self::try_from(number).map_err(|error| error.to_string())
    }
}

impl<F: Field> Field for Option<F> {
    const KIND: ColumnKind = F::KIND;

    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, F::value)
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        match raw {
            Raw::Null => Ok(None),
            raw => F::read(raw).map(Some),
        }
    }
}

/// The id in a column.
pub(crate) fn id(raw: Raw<'_>) -> Result<Uuid, String> {
    let Raw::Bytes(bytes) = raw else { return Err("it is not bytes".to_owned()) };
    Uuid::from_slice(bytes).map_err(|error| error.to_string())
}

/// The text in a column.
pub(crate) fn text(raw: Raw<'_>) -> Result<&str, String> {
    match raw {
        Raw::Text(text) => Ok(text),
        Raw::Bytes(_) | Raw::Whole(_) | Raw::Null => Err("it is not text".to_owned()),
    }
}

/// Declares the columns of a table, once.
macro_rules! columns {
    ($row:ident in $table:literal: $($name:ident: $type:ty),* $(,)?) => {
        impl $crate::columns::TableRow for $row {
            const NAME: &'static str = $table;
            const COLUMNS: &'static [$crate::columns::Column<Self>] =
                &[$($crate::columns::Column {
                    name: stringify!($name),
                    kind: <$type as $crate::columns::Field>::KIND,
                    value: |row| $crate::columns::Field::value(&row.$name),
                }),*];

            fn from_columns<'r>(
                mut raw: impl FnMut(
                    usize,
                    $crate::columns::ColumnKind,
                ) -> Result<$crate::columns::Raw<'r>, String>,
            ) -> Result<Self, String> {
                let mut columns = 0..;
                $(let $name = {
                    let column = columns.next().unwrap_or_default();
                    raw(column, <$type as $crate::columns::Field>::KIND)
                        .and_then(<$type as $crate::columns::Field>::read)
                        .map_err(|wrong| format!("{}: {wrong}", stringify!($name)))?
                };)*
                Ok(Self { $($name),* })
            }
        }
    };
}
pub(crate) use columns;
