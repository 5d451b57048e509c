//! Many producers and many takers at once, on several threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bus::{Address, Broker, Confirmed, Envelope, Requests, Taken};
use schemas::topology::REQUESTS;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::time::soon;

const PRODUCERS: u32 = 4;
const EACH: u32 = 2_000; // all fit into the queue
const TAKERS: u16 = 8;

/// How often each request was acknowledged, and how many were.
struct Count {
    of: Vec<AtomicU32>,
    all: AtomicU32,
    done: CancellationToken,
}

impl Count {
    /// Settles a request, sometimes by giving it back.
    async fn settle(&self, taken: Taken) {
        let n = u32::from_be_bytes(taken.body[..].try_into().unwrap());
        for _ in 0..n % 5 {
            tokio::task::yield_now().await;
        }
        if n.is_multiple_of(7) && taken.earlier == 0 {
            return taken.release().unwrap();
        }
        taken.ack().unwrap();
        self.of.get(n as usize).unwrap().fetch_add(1, Ordering::Relaxed);
        if self.all.fetch_add(1, Ordering::Relaxed) + 1 == PRODUCERS * EACH {
            self.done.cancel();
        }
    }
}

async fn produce(broker: Broker, first: u32) {
    let link = broker.open("producer").await.unwrap();
    let publisher = link.confirmed_publisher().await.unwrap();
    for n in first..first + EACH {
        let publishing = publisher.publish(REQUESTS, &Envelope::default(), &n.to_be_bytes()).await;
        assert_eq!(publishing.unwrap(), Confirmed::Taken);
    }
}

/// Takes, and has others settle, so that it is woken by either. It often gives up a wait, and
/// now and then it goes and comes back.
async fn take(broker: Broker, prefetch: u16, count: Arc<Count>) {
    let mut settling = JoinSet::new();
    while !count.done.is_cancelled() {
        let link = broker.open("taker").await.unwrap();
        let mut requests = Requests::take(&link, prefetch).await.unwrap();
        for wait in 0..100 {
            let patience = async {
                if wait % 3 == 0 {
                    tokio::task::yield_now().await
                } else {
                    std::future::pending().await
                }
            };
            tokio::select! {
                biased;
                () = count.done.cancelled() => break,
                taken = requests.next() => {
                    let (taken, count) = (taken.unwrap().unwrap(), Arc::clone(&count));
                    settling.spawn(async move { count.settle(taken).await });
                }
                () = patience => {}
            }
        }
    }
    settling.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_request_is_acknowledged_once_however_many_take_at_once() {
    let broker = Broker::new(Address::Memory);
    let of = (0..PRODUCERS * EACH).map(|_| AtomicU32::new(0)).collect();
    let count = Arc::new(Count { of, all: AtomicU32::new(0), done: CancellationToken::new() });
    let mut tasks = JoinSet::new();
    for prefetch in 1..=TAKERS {
        // Half of them take one at a time.
        tasks.spawn(take(broker.clone(), prefetch.saturating_sub(4).max(1), Arc::clone(&count)));
    }
    for producer in 0..PRODUCERS {
        tasks.spawn(produce(broker.clone(), producer * EACH));
    }
    soon("the last acknowledgement", tasks.join_all()).await;
    assert!(count.of.iter().all(|acks| acks.load(Ordering::Relaxed) == 1));
}
