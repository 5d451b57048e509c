//! The columns of the table `missions`, declared once: their names, and how each is written and read.
//!
//! The statements and rows of the store, the CSV files and `spymission missions show` follow from
//! this list. A new column is a field of [`Mission`], a line here and a migration.

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

/// A column can hold a `T`.
trait Holds<T> {
    const KIND: ColumnKind;
    fn value(of: &T) -> Value<'_>;
    fn read(raw: Raw<'_>) -> Result<T, String>;
}

impl Holds<MissionId> for Column {
    const KIND: ColumnKind = ColumnKind::Id;

    fn value(of: &MissionId) -> Value<'_> {
        Value::Id(*of)
    }

    fn read(raw: Raw<'_>) -> Result<MissionId, String> {
        let Raw::Bytes(bytes) = raw else { return Err("it is not bytes".to_owned()) };
        Uuid::from_slice(bytes).map(MissionId::from).map_err(|error| error.to_string())
    }
}

impl Holds<Dossier> for Column {
    const KIND: ColumnKind = ColumnKind::Plain;

    fn value(of: &Dossier) -> Value<'_> {
        Value::Plain(of)
    }

    fn read(raw: Raw<'_>) -> Result<Dossier, String> {
        text(raw)?.parse().map_err(|error: crate::ParseDossierError| error.to_string())
    }
}

impl Holds<Text> for Column {
    const KIND: ColumnKind = ColumnKind::Text;

    fn value(of: &Text) -> Value<'_> {
        Value::Text(of)
    }

    fn read(raw: Raw<'_>) -> Result<Text, String> {
        text(raw)?.parse()
    }
}

impl Holds<CreatedAt> for Column {
    const KIND: ColumnKind = ColumnKind::Time;

    fn value(of: &CreatedAt) -> Value<'_> {
        Value::Time(*of)
    }

    fn read(raw: Raw<'_>) -> Result<CreatedAt, String> {
        let Raw::Micros(micros) = raw else { return Err("it is not a time".to_owned()) };
        CreatedAt::from_micros(micros).ok_or_else(|| "it is outside the calendar".to_owned())
    }
}

fn text(raw: Raw<'_>) -> Result<&str, String> {
    match raw {
        Raw::Text(text) => Ok(text),
        Raw::Bytes(_) | Raw::Micros(_) => Err("it is not text".to_owned()),
    }
}

macro_rules! columns {
    ($($name:ident: $type:ty),* $(,)?) => {
        /// The columns of the table, in the order in which they are written and read.
        pub const ALL: &[Column] = &[$(Column {
            name: stringify!($name),
            kind: <Column as Holds<$type>>::KIND,
            value: |mission| <Column as Holds<$type>>::value(&mission.$name),
        }),*];

        /// Makes a mission from its columns. `raw` is called for each, in the order of [`ALL`], with
        /// its place there and its kind.
        ///
        /// # Errors
        /// `raw` fails, or a value is not allowed; the text begins with the column's name.
        pub fn mission<'r>(
            mut raw: impl FnMut(usize, ColumnKind) -> Result<Raw<'r>, String>,
        ) -> Result<Mission, String> {
            let mut places = 0..;
            $(let $name = {
                let place = places.next().unwrap_or_default();
                raw(place, <Column as Holds<$type>>::KIND)
                    .and_then(<Column as Holds<$type>>::read)
                    .map_err(|wrong| format!("{}: {wrong}", stringify!($name)))?
            };)*
            Ok(Mission { $($name),* })
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

/// The names of the columns, in the order of [`ALL`].
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|column| column.name)
}

/// The value of each column in this mission, in the order of [`ALL`].
pub fn values(mission: &Mission) -> impl Iterator<Item = Value<'_>> {
    ALL.iter().map(|column| (column.value)(mission))
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
        assert_eq!(fields.len(), ALL.len());
        for column in ALL {
            assert_eq!(fields[column.name], &(column.value)(&mission).to_string());
        }
    }

    #[test]
    fn a_mission_reads_back_from_its_columns_and_a_wrong_value_is_named() {
        let mission: Mission = serde_json::from_str(JSON).unwrap();
        let id = mission.id.uuid();
        let texts: Vec<_> = values(&mission).map(|value| value.to_string()).collect();
        let read = |objective: &str| {
            super::mission(|column, kind| {
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
