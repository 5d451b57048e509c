//! What `/readyz` costs and tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use http_body_util::BodyExt;
use store::Store;
use tokio::net::TcpListener;

use super::ready::Readiness;
use crate::shared::Shared;

/// A database server that closes every connection, and counts them.
async fn closing_server() -> (Store, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("mysql://spy:secret@{}/missions", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    (Store::new(&address.parse().unwrap()), connections)
}

#[tokio::test]
async fn a_hundred_callers_of_readyz_cost_the_database_one_look_a_second() {
    let (store, connections) = closing_server().await;
    let readiness = Arc::new(Readiness::new(Shared::for_tests(store)));
    readiness.response().await;
    let one_look = connections.load(Ordering::Relaxed);
    assert!(one_look > 0);
    let begun = Instant::now();
    let calls = (0..100).map(|_| {
        let readiness = Arc::clone(&readiness);
        tokio::spawn(async move { readiness.response().await.status() })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    let looks = 1 + begun.elapsed().as_secs() + 1;
    let seen = connections.load(Ordering::Relaxed);
    assert!(seen <= looks * one_look.max(10), "{seen} connections, {one_look} for one look");
}

#[tokio::test]
async fn readyz_names_the_kind_of_a_database_error_and_keeps_its_words() {
    let (store, _) = closing_server().await;
    let readiness = Readiness::new(Shared::for_tests(store));
    let body = readiness.response().await.into_body().collect().await.unwrap().to_bytes();
    let report: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(report["database"], "away");
}
