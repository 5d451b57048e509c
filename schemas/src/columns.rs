//! The columns of the tables, declared once: their names, how each is written and how it is read.
//!
//! The statements of the store, the rows it reads, the CSV files and what tools show follow from these
//! lists. A new column of missions is a field of [`Mission`], a line here and a migration.

use std::fmt;

use uuid::Uuid;

use crate::{CreatedAt, Dossier, Mission, MissionId, Text};

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

/// The value of one column of one row.
#[derive(Clone, Copy)]
pub enum Value<'m> {
    /// An id.
    Id(Uuid),
    /// Text of ASCII letters, digits and spaces only.
    Plain(&'m Dossier),
    /// Any other text.
    Text(&'m str),
    /// A time.
    Time(CreatedAt),
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
            Self::Time(time) => time.fmt(f),
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

impl Field for MissionId {
    const KIND: ColumnKind = ColumnKind::Id;

    fn value(&self) -> Value<'_> {
        Value::Id(self.uuid())
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        id(raw).map(Self::from)
    }
}

impl Field for Dossier {
    const KIND: ColumnKind = ColumnKind::Plain;

    fn value(&self) -> Value<'_> {
        Value::Plain(self)
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        text(raw)?.parse().map_err(|error: crate::ParseDossierError| error.to_string())
    }
}

impl Field for Text {
    const KIND: ColumnKind = ColumnKind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        text(raw)?.parse()
    }
}

impl Field for CreatedAt {
    const KIND: ColumnKind = ColumnKind::Time;

    fn value(&self) -> Value<'_> {
        Value::Time(*self)
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let Raw::Whole(micros) = raw else { return Err("it is not a time".to_owned()) };
        Self::from_micros(micros).ok_or_else(|| "it is outside the calendar".to_owned())
    }
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

columns! {
    Mission in "missions":
    id: MissionId,
    dossier: Dossier,
    objective: Text,
    target: Text,
    casebook: Text,
    created_at: CreatedAt,
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"id":"01a20395-78d2-7724-afc9-ae760b63f500",
        "dossier":"19 z 19 n 3 p 7 d 3 l 10 f","objective":"Follow","target":"Duchess",
        "casebook":"malory","created_at":"2026-11-22T14:07:37.171589Z"}"#;

    #[test]
    fn the_columns_are_the_fields_of_a_mission_in_json() {
        let mission: Mission = serde_json::from_str(JSON).unwrap();
        let json = serde_json::to_value(&mission).unwrap();
        let fields: std::collections::BTreeMap<_, _> =
            json.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value)).collect();
        assert_eq!(fields.len(), Mission::COLUMNS.len());
        for column in Mission::COLUMNS {
            assert_eq!(fields[column.name], &(column.value)(&mission).to_string());
        }
    }

    #[test]
    fn a_mission_reads_back_from_its_columns_and_a_wrong_value_is_named() {
        let mission: Mission = serde_json::from_str(JSON).unwrap();
        let id = mission.id.uuid();
        let texts: Vec<_> = mission.values().map(|value| value.to_string()).collect();
        let read = |objective: &str| {
            Mission::from_columns(|column, kind| {
                Ok(match kind {
                    ColumnKind::Id => Raw::Bytes(id.as_bytes()),
                    ColumnKind::Time => Raw::Whole(mission.created_at.micros()),
                    _ if column == 2 => Raw::Text(objective),
                    _ => Raw::Text(&texts[column]),
                })
            })
        };
        assert!(matches!(read("Follow"), Ok(read) if read == mission));
        assert!(matches!(read(""), Err(wrong) if wrong.starts_with("objective: ")));
    }
}
