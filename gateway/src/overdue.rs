//! Callers whose replies are overdue. A reply is lost when the exchange or binding that it needs is
//! deleted; a request is lost when its queue is. Rows are looked for, lost requests are published
//! again, and when there are no replies at all the topology is declared again.

use std::time::Duration;

use bus::Broker;
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::correlator::Correlator;

/// A caller whose request is confirmed is overdue after this long without a reply.
pub(crate) const OVERDUE: Duration = Duration::from_secs(4);
/// How often overdue callers are looked for.
const OFTEN: Duration = Duration::from_secs(1);
/// The most missions that one look in the table is for.
const MOST: usize = 1_024;

/// Looks after overdue callers until `stop`.
pub(crate) async fn run(
    correlator: &Correlator,
    broker: &Broker,
    store: &Store,
    stop: &CancellationToken,
) {
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
        if correlator.is_silent(OVERDUE) {
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
