//! The columns of missions.

use schemas::Mission;
use schemas::columns::{ColumnKind, Raw, TableRow};

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
