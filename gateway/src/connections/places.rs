//! How many connections there may be, in all and from one client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::edge::client::{Client, Proxies};

/// One client may have this part of all connections.
const PART: usize = 4;

/// The places for connections.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    most_of_one: usize,
    proxies: Proxies,
    /// Never more than there are connections.
    taken: Mutex<HashMap<Client, usize>>,
}

impl Places {
    pub(crate) fn new(connections: usize, proxies: Proxies) -> Arc<Self> {
        let all = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
        let most_of_one = (connections / PART).max(1);
        Arc::new(Self { all, most_of_one, proxies, taken: Mutex::default() })
    }

    /// Waits until there is one place more; whoever comes meanwhile waits in the system's backlog.
    pub(crate) async fn free(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// Gives the free place to a connection, unless its client has its part. Behind a trusted proxy
    /// there are many clients: it may have all.
    pub(crate) fn take(
        self: &Arc<Self>,
        free: OwnedSemaphorePermit,
        peer: IpAddr,
    ) -> Option<Place> {
        if self.proxies.trust(peer) {
            return Some(Place { _free: free, of: None });
        }
        let client = Client::at(peer);
        let mut taken = self.taken();
        let held = taken.get(&client).copied().unwrap_or_default();
        if held >= self.most_of_one {
            return None;
        }
        taken.insert(client, held + 1);
        Some(Place { _free: free, of: Some((Arc::clone(self), client)) })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection, free again when it is dropped.
pub(crate) struct Place {
    _free: OwnedSemaphorePermit,
    of: Option<(Arc<Places>, Client)>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((places, client)) = &self.of else { return };
        let mut taken = places.taken();
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

    async fn take(places: &Arc<Places>, last: u8) -> Option<Place> {
        let free = places.free().await.unwrap();
        places.take(free, IpAddr::V4(Ipv4Addr::new(203, 0, 113, last)))
    }

    #[tokio::test]
    async fn one_client_has_a_quarter_and_gets_its_places_back() {
        let places = Places::new(8, Proxies::default());
        let (first, second) = (take(&places, 1).await.unwrap(), take(&places, 1).await.unwrap());
        assert!(take(&places, 1).await.is_none());
        assert_eq!(places.all.available_permits(), 6, "a refused one takes no place");
        let other = take(&places, 2).await.unwrap();
        drop(first);
        assert!(take(&places, 1).await.is_some());
        drop((second, other));
        assert!(places.taken().is_empty(), "who has no connection is forgotten");
        assert_eq!(places.all.available_permits(), 8);
    }

    #[tokio::test]
    async fn a_trusted_proxy_may_have_all() {
        let places = Places::new(4, "203.0.113.0/24".parse().unwrap());
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(take(&places, 1).await.unwrap());
        }
        assert_eq!(places.all.available_permits(), 0);
    }

    #[tokio::test]
    async fn the_smallest_house_has_room_for_one() {
        assert!(take(&Places::new(1, Proxies::default()), 1).await.is_some());
    }
}
