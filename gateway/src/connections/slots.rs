//! How many connections there may be, in all and from one client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::edge::client::{Client, Proxies};

/// One client may have a quarter of all connections.
const SHARE: usize = 4;

/// One slot for each connection that there may be.
pub(crate) struct Slots {
    all: Arc<Semaphore>,
    most_of_one: usize,
    proxies: Proxies,
    /// How many slots each client has; never more clients than connections.
    taken: Mutex<HashMap<Client, usize>>,
}

impl Slots {
    pub(crate) fn new(connections: usize, proxies: Proxies) -> Arc<Self> {
        let all = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
        let most_of_one = (connections / SHARE).max(1);
        Arc::new(Self { all, most_of_one, proxies, taken: Mutex::default() })
    }

    /// Waits for a free slot. New connections wait in the backlog of the system meanwhile.
    pub(crate) async fn free(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// Gives the free slot to a connection, unless its client has its share already. A trusted proxy
    /// may have all slots, since there are many clients behind it.
    pub(crate) fn take(self: &Arc<Self>, free: OwnedSemaphorePermit, peer: IpAddr) -> Option<Slot> {
        if self.proxies.trust(peer) {
            return Some(Slot { _free: free, of: None });
        }
        let client = Client::at(peer);
        let mut taken = self.taken();
        let held = taken.get(&client).copied().unwrap_or_default();
        if held >= self.most_of_one {
            return None;
        }
        taken.insert(client, held + 1);
        Some(Slot { _free: free, of: Some((Arc::clone(self), client)) })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The slot of one connection. Dropping it frees the slot.
pub(crate) struct Slot {
    _free: OwnedSemaphorePermit,
    of: Option<(Arc<Slots>, Client)>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some((slots, client)) = &self.of else { return };
        let mut taken = slots.taken();
        match taken.get_mut(client) {
            Some(held) if *held > 1 => *held -= 1,
            _ => {
                taken.remove(client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    async fn take(slots: &Arc<Slots>, last: u8) -> Option<Slot> {
        let free = slots.free().await.unwrap();
        slots.take(free, IpAddr::V4(Ipv4Addr::new(203, 0, 113, last)))
    }

    #[tokio::test]
    async fn one_client_has_a_quarter_and_gets_its_slots_back() {
        let slots = Slots::new(8, Proxies::default());
        let (first, second) = (take(&slots, 1).await.unwrap(), take(&slots, 1).await.unwrap());
        assert!(take(&slots, 1).await.is_none());
        assert_eq!(slots.all.available_permits(), 6, "a refused one takes no slot");
        let other = take(&slots, 2).await.unwrap();
        drop(first);
        assert!(take(&slots, 1).await.is_some());
        drop((second, other));
        assert!(slots.taken().is_empty(), "a client without a connection is forgotten");
        assert_eq!(slots.all.available_permits(), 8);
    }

    #[tokio::test]
    async fn a_trusted_proxy_may_have_all() {
        let slots = Slots::new(4, "203.0.113.0/24".parse().unwrap());
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(take(&slots, 1).await.unwrap());
        }
        assert_eq!(slots.all.available_permits(), 0);
    }

    #[tokio::test]
    async fn even_the_lowest_limit_admits_one_connection() {
        assert!(take(&Slots::new(1, Proxies::default()), 1).await.is_some());
    }
}
