//! Callers whose replies are overdue. A reply is lost when the exchange or binding that it needs is
//! deleted; a request is lost when its queue is. This task reads the rows of overdue callers, publishes
//! lost requests again, and declares the topology again when there are no replies at all.

use std::time::Duration;

use bus::Broker;
use store::Store;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::correlator::Correlator;

/// A caller whose request is confirmed is overdue after this long without a reply.
pub(crate) const OVERDUE: Duration = Duration::from_secs(4);
/// The pause between two searches for overdue callers.
const OFTEN: Duration = Duration::from_secs(1);
/// The shortest time between two declarations. Silent workers and a lost topology look the same
/// from here.
const AGAIN: Duration = Duration::from_secs(5);
/// The most missions of one search in the table.
const MOST: usize = 1_024;

/// Looks after overdue callers until `stop`.
pub(crate) async fn run(
    correlator: &Correlator,
    broker: &Broker,
    store: &Store,
    stop: &CancellationToken,
) {
    let mut declared = None;
    while stop.run_until_cancelled(tokio::time::sleep(OFTEN)).await.is_some() {
        let missions = correlator.overdue(OVERDUE, MOST);
        if missions.is_empty() {
            continue;
        }
        // Without the database there are no rows, and the callers wait on.
        if let Ok(stored) = store.find(&missions).await {
            correlator.found(stored.missions);
        }
        let passed = correlator.repeat_passed(OVERDUE);
        if passed > 0 {
            tracing::warn!(callers = passed, "later requests were answered; publishing again");
        }
        let due = declared.is_none_or(|at: Instant| at.elapsed() >= AGAIN);
        if due && correlator.is_silent(OVERDUE) {
            declared = Some(Instant::now());
            declare_again(broker).await;
            correlator.repeat_oldest();
        }
    }
}

/// Declares what somebody may have deleted. A fault is the session's to notice.
async fn declare_again(broker: &Broker) {
    match broker.open_declared("gateway repair").await {
        Ok(link) => link.close().await,
        Err(fault) => tracing::debug!(%fault, "the topology was not declared again"),
    }
}

#[cfg(test)]
mod tests {
    use schemas::{CreatedAt, Decision, MissionIds};
    use time::OffsetDateTime;

    use super::*;
    use crate::correlator::{Admission, Outcome};

    fn decision() -> Decision {
        serde_json::from_value(serde_json::json!({
            "id": "019abc00-1111-7222-8333-444455556600", "dossier": "19 z 4 a 7 k 0 b 12 q 3 m",
            "objective": "Follow", "target": "Duchess", "casebook": "malory",
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn a_caller_whose_reply_was_lost_gets_what_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("missions.db").display());
        let store = Store::new(&address.parse().unwrap());
        store.migrate().await.unwrap();
        let broker = Broker::new("memory:".parse().unwrap());
        let (correlator, stop) = (Correlator::new(1, Duration::MAX), CancellationToken::new());
        let ids = MissionIds::one(decision().id);
        let admission = Admission { ids, keyed: false, trace: None, client: None };
        let waiter = correlator.admit(admission).unwrap();
        correlator.confirmed(&correlator.next_batch().await);
        let now = CreatedAt::truncated(OffsetDateTime::UNIX_EPOCH);
        store.store(&[decision()], now).await.unwrap();
        let patience = || tokio::time::sleep(Duration::from_secs(60));
        let outcome = tokio::select! {
            outcome = waiter.wait(patience(), patience()) => outcome,
            () = run(&correlator, &broker, &store, &stop) => panic!("it does not end by itself"),
        };
        assert!(matches!(outcome, Ok(Outcome::Stored(_))), "{outcome:?}");
    }
}
