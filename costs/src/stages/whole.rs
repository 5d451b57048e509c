//! Every role on one thread, as `spymission` runs them on a machine with two cores, with SQLite.

use std::time::Duration;

use bus::{Address, Broker};
use schemas::Part;
use tokio::runtime::Builder;
use tokio::time::timeout;

use super::round::Round;
use crate::caller::Caller;
use crate::database::database;
use crate::{LIST, roles};

/// How long a response may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request for one mission.
pub(super) fn alone() -> Round {
    request(String::new())
}

/// A request for a list.
pub(super) fn list() -> Round {
    request(format!(r#"{{"count":{LIST}}}"#))
}

/// From the bytes of a POST to the bytes of the response. What the roles do after it (the event, the
/// acknowledgement of the request) is counted in the next round.
fn request(body: String) -> Round {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (mut caller, folder) = runtime.block_on(async {
        let ((store, folder), broker) = (database().await, Broker::new(Address::Memory));
        Part::ALL.into_iter().for_each(|part| roles::part(part, &broker));
        roles::persister(&broker, store.clone());
        roles::decider(&broker);
        (Caller::connect(roles::gateway(&broker, store).await), folder)
    });
    Box::new(move |count| {
        let _ = &folder;
        caller.post(&body);
        count(&mut || {
            runtime.block_on(async { timeout(PATIENCE, caller.read()).await }).expect("in time");
        });
        caller.assert_created();
    })
}
