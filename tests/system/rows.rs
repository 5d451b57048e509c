//! The rows of the embedded database, read without the store.

use serde_json::{Value, json};
use sqlx::{Connection, Row, SqliteConnection};
use uuid::Uuid;

use crate::system::{Embedded, id};

impl Embedded {
    /// The row of this mission, as the API writes it.
    pub async fn row(&self, id: Uuid) -> Option<Value> {
        let mut connection = SqliteConnection::connect(&self.database).await.unwrap();
        let row = sqlx::query(
            "SELECT dossier, objective, target, casebook,
             strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000000, 'unixepoch')
             || printf('.%06dZ', created_at % 1000000) FROM missions WHERE id = ?",
        );
        let row = row.bind(id).fetch_optional(&mut connection).await.unwrap()?;
        let [dossier, objective, target, casebook, created_at] =
            [0, 1, 2, 3, 4].map(|column| row.get::<String, _>(column));
        Some(json!({
            "id": id, "dossier": dossier, "objective": objective, "target": target,
            "casebook": casebook, "created_at": created_at,
        }))
    }

    /// Fails unless this mission equals its row.
    pub async fn stands(&self, told: &Value) {
        assert_eq!(self.row(id(told)).await.as_ref(), Some(told));
    }
}
