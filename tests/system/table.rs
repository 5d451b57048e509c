//! The stored missions, read in the form of replies.

use std::collections::HashMap;
use std::net::SocketAddr;

use load::Report;
use serde_json::{Value, json};
use sqlx::Row;
use uuid::Uuid;

use crate::system::{System, eventually, id};

/// Seconds; callers wait for 60, and are then answered from the table when their reply was lost.
const LOST: f64 = 50.0;

impl System {
    /// Every row, as the JSON that its caller gets.
    pub async fn missions(&self) -> HashMap<Uuid, Value> {
        let rows = sqlx::query(
            "SELECT id, dossier, objective, target, casebook,
             DATE_FORMAT(created_at, '%Y-%m-%dT%H:%i:%s.%fZ') AS created_at FROM missions",
        );
        let rows = rows.fetch_all(&self.pool).await.unwrap();
        let mission = |row: &sqlx::mysql::MySqlRow| {
            let id: Uuid = row.get("id");
            let mut mission = json!({ "id": id });
            for column in ["dossier", "objective", "target", "casebook", "created_at"] {
                mission[column] = row.get::<String, _>(column).into();
            }
            (id, mission)
        };
        rows.iter().map(mission).collect()
    }

    /// Fails unless this mission equals its row.
    pub async fn stands(&self, told: &Value) {
        assert_eq!(self.missions().await.get(&id(told)), Some(told));
    }

    /// Every request of these loads got its own mission, equal to its row; no other mission is stored.
    pub async fn all_stand(&self, reports: &[Report]) {
        let refused: u64 = reports.iter().map(|report| report.status(503)).sum();
        assert_eq!(
            refused,
            0,
            "{:?}",
            reports.iter().map(|r| &r.first_failure).collect::<Vec<_>>()
        );
        self.all_but_the_refused_stand(reports).await;
    }

    /// As [`all_stand`](Self::all_stand), but requests may have been refused with 503: nothing of
    /// them is stored.
    pub async fn all_but_the_refused_stand(&self, reports: &[Report]) {
        let (rows, mut told) = (self.missions().await, 0);
        for report in reports {
            let why = format!("{:?}, {:?}", report.statuses, report.first_failure);
            let failures = report.failures() - report.status(503);
            assert_eq!((failures, report.impostors()), (0, 0), "{why}");
            let longest = report.quantile(1.0) / 1_000.0;
            assert!(longest < LOST, "somebody waited {longest} s: a reply was lost");
            for (_, body) in report.bodies.iter().filter(|(status, _)| *status == 201) {
                let mission: Value = serde_json::from_str(body).unwrap();
                assert_eq!(rows.get(&id(&mission)), Some(&mission));
                told += 1;
            }
        }
        assert_eq!(rows.len(), told);
    }

    /// Waits until this many missions are stored, or more.
    pub async fn at_least(&self, rows: i64) {
        eventually(&format!("{rows} rows"), async || self.rows().await >= rows).await;
    }

    /// Waits until the gateway says that the workers are `answering` or `silent`.
    pub async fn gateway_shows(&self, workers: &str) {
        let url = format!("{}/readyz", self.gateway);
        eventually(&format!("workers to be {workers}"), async || {
            let shown = reqwest::get(&url).await.unwrap().json::<Value>().await.unwrap();
            shown["workers"] == workers
        })
        .await;
    }

    /// Where the gateway listens.
    pub fn address(&self) -> SocketAddr {
        self.gateway.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// Waits until no request is in the queue or unacknowledged.
    pub async fn all_settled(&self) {
        let vhost = self.vhost.as_ref().unwrap();
        eventually("all requests to be settled", async || {
            let queue = vhost.queue("mission.requests").unwrap();
            queue.messages_ready + queue.messages_unacked == 0
        })
        .await;
    }
}
