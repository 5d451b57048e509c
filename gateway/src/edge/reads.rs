//! Reads of the table, shared out between clients. The connections to the database are few; without
//! this, the one client that reads most would have nearly all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::Request;
use axum::http::{Method, header};
use schemas::{Problem, ProblemKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::client::Client;
use crate::representation::Refusal;

/// Reads of one client at a time: half of the connections to the database.
const MOST: usize = 4;
/// How long a read waits for the others of its client.
const PATIENCE: Duration = Duration::from_secs(5);

/// The clients that read now. Each has at least one request that is being answered, so there are
/// never more than connections.
#[derive(Default)]
pub(super) struct Reads(Mutex<HashMap<Client, Reader>>);

struct Reader {
    permits: Arc<Semaphore>,
    requests: usize,
}

/// One read, from the moment at which it begins to wait.
pub(super) struct Reading<'a> {
    reads: &'a Reads,
    client: Client,
    permit: Option<OwnedSemaphorePermit>,
}

impl Reads {
    /// Whether this request reads the table. The event stream has its own bounds.
    pub(super) fn are_shared(request: &Request) -> bool {
        let path = request.uri().path();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        reads && path.starts_with("/missions") && path != "/missions/events"
    }

    /// Waits until the client has a permit for one more read.
    ///
    /// # Errors
    /// 429, if it has to wait too long.
    pub(super) async fn begin(&self, client: Client) -> Result<Reading<'_>, Refusal> {
        let permits = {
            let mut readers = self.readers();
            let new = || Reader { permits: Arc::new(Semaphore::new(MOST)), requests: 0 };
            let reader = readers.entry(client).or_insert_with(new);
            reader.requests += 1;
            Arc::clone(&reader.permits)
        };
        let mut reading = Reading { reads: self, client, permit: None };
        match tokio::time::timeout(PATIENCE, permits.acquire_owned()).await {
            Ok(Ok(permit)) => reading.permit = Some(permit),
            Ok(Err(_)) | Err(_) => return Err(refusal()),
        }
        Ok(reading)
    }

    fn readers(&self) -> MutexGuard<'_, HashMap<Client, Reader>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut readers = self.reads.readers();
        let Some(reader) = readers.get_mut(&self.client) else { return };
        reader.requests -= 1;
        if reader.requests == 0 {
            readers.remove(&self.client);
        }
    }
}

fn refusal() -> Refusal {
    let detail =
        format!("{MOST} reads of this client were running for too long: send fewer at once");
    let problem = Problem::new(ProblemKind::RateLimited, detail);
    Refusal::from(problem).with(header::RETRY_AFTER, "1")
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn client(number: u32) -> Client {
        Client::at(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    #[tokio::test(start_paused = true)]
    async fn reads_of_one_client_wait_for_one_another_and_for_nobody_else() {
        let reads = Reads::default();
        let mut running = Vec::new();
        for _ in 0..MOST {
            running.push(reads.begin(client(1)).await.ok().unwrap());
        }
        assert!(reads.begin(client(1)).await.is_err(), "one more waits in vain");
        assert!(reads.begin(client(2)).await.is_ok());
        let mut waiting = Box::pin(reads.begin(client(1)));
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        running.pop();
        let next = waiting.await.ok().unwrap();
        drop((running, next));
        assert!(reads.readers().is_empty(), "a client without a read is forgotten");
    }
}
