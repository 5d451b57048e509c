//! The columns of a mission, declared once: their names, how each is written and how it is read.
//!
//! The statements of the store, the rows it reads, the CSV files and `spymission missions show`
//! follow from this list. A new column is a field of [`Mission`], a line here and a migration.

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
}

/// The value of one column of one mission.
#[derive(Clone, Copy)]
pub enum Value<'m> {
    /// An id.
    Id(MissionId),
    /// Text of ASCII letters, digits and spaces only.
    Plain(&'m Dossier),
    /// Any other text.
    Text(&'m Text),
    /// A time.
    Time(CreatedAt),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Plain(text) => text.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Time(time) => time.fmt(f),
        }
    }
}

/// What a database gives for one column.
#[derive(Debug, Clone, Copy)]
pub enum Raw<'r> {
    /// For a column of the kind [`ColumnKind::Id`].
    Bytes(&'r [u8]),
    /// For the kinds [`ColumnKind::Plain`] and [`ColumnKind::Text`].
    Text(&'r str),
    /// For the kind [`ColumnKind::Time`].
    Micros(i64),
}

/// One column of the table `missions`.
#[derive(Clone, Copy)]
pub struct Column {
    /// Its name in the table, in JSON and in CSV files.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Its value in a mission.
    pub value: fn(&Mission) -> Value<'_>,
}

/// A type that a column can hold.
trait Field: Sized {
    const KIND: ColumnKind;
    fn value(&self) -> Value<'_>;
    fn read(raw: Raw<'_>) -> Result<Self, String>;
}

impl Field for MissionId {
    const KIND: ColumnKind = ColumnKind::Id;

    fn value(&self) -> Value<'_> {
        Value::Id(*self)
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let Raw::Bytes(bytes) = raw else { return Err("it is no bytes".to_owned()) };
        Uuid::from_slice(bytes).map(Self::from).map_err(|error| error.to_string())
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
        Value::Text(self)
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
        let Raw::Micros(micros) = raw else { return Err("it is no time".to_owned()) };
        Self::from_micros(micros).ok_or_else(|| "it is later than the calendar goes".to_owned())
    }
}

fn text(raw: Raw<'_>) -> Result<&str, String> {
    match raw {
        Raw::Text(text) => Ok(text),
        Raw::Bytes(_) | Raw::Micros(_) => Err("it is no text".to_owned()),
    }
}

macro_rules! columns {
    ($($name:ident: $type:ty),* $(,)?) => {
        impl Mission {
            /// The columns of the table, in the order in which they are written and read.
            pub const COLUMNS: &[Column] = &[$(Column {
                name: stringify!($name),
                kind: <$type as Field>::KIND,
                value: |mission| mission.$name.value(),
            }),*];

            /// Makes a mission of its columns; `raw` is asked for each, in the order of
            /// [`COLUMNS`](Self::COLUMNS).
            ///
            /// # Errors
            /// `raw` fails, or a value is not allowed; the text begins with the column's name.
            pub fn from_columns<'r>(
                mut raw: impl FnMut(usize, ColumnKind) -> Result<Raw<'r>, String>,
            ) -> Result<Self, String> {
                let mut columns = 0..;
                $(let $name = {
                    let column = columns.next().unwrap_or_default();
                    raw(column, <$type as Field>::KIND)
                        .and_then(<$type as Field>::read)
                        .map_err(|wrong| format!("{}: {wrong}", stringify!($name)))?
                };)*
                Ok(Self { $($name),* })
            }
        }
    };
}

columns! {
    id: MissionId,
    dossier: Dossier,
    objective: Text,
    target: Text,
    casebook: Text,
    created_at: CreatedAt,
}

impl Mission {
    /// The most missions that one statement of the database writes or reads, and that a persister
    /// takes at once.
    pub const BATCH: u16 = 1_024;

    /// The names of the columns.
    pub fn column_names() -> impl Iterator<Item = &'static str> {
        Self::COLUMNS.iter().map(|column| column.name)
    }

    /// The value of each column, in the order of [`COLUMNS`](Self::COLUMNS).
    pub fn values(&self) -> impl Iterator<Item = Value<'_>> {
        Self::COLUMNS.iter().map(|column| (column.value)(self))
    }
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
                    ColumnKind::Time => Raw::Micros(mission.created_at.micros()),
                    _ if column == 2 => Raw::Text(objective),
                    _ => Raw::Text(&texts[column]),
                })
            })
        };
        assert!(matches!(read("Follow"), Ok(read) if read == mission));
        assert!(matches!(read(""), Err(wrong) if wrong.starts_with("objective: ")));
    }
}
