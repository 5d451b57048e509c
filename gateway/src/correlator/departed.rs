//! Missions that are on their way and whose callers have left: they got a 202, or hung up. They count
//! toward the share of their client until they are answered.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use schemas::MissionId;
use tokio::time::Instant;

use crate::shares::Shares;

/// The most requests that are remembered. Then the oldest is forgotten.
const MOST: usize = 8_192;
/// A request is remembered for so long: its reply may be lost.
const LONGEST: Duration = Duration::from_secs(64);

/// Those requests, by their first mission.
pub(super) struct Departed {
    requests: HashMap<MissionId, (IpAddr, usize)>,
    arrivals: VecDeque<(Instant, MissionId)>,
    missions: Shares,
}

impl Default for Departed {
    fn default() -> Self {
        let (requests, arrivals) = (HashMap::new(), VecDeque::new());
        Self { requests, arrivals, missions: Shares::new(usize::MAX) }
    }
}

impl Departed {
    /// A caller of this client has left, and its missions are not stored yet.
    pub(super) fn remember(&mut self, client: Option<IpAddr>, ids: &[MissionId]) {
        let (Some(client), Some(first)) = (client, ids.first()) else { return };
        self.answered(*first);
        self.requests.insert(*first, (client, ids.len()));
        self.missions.take(Some(client), ids.len());
        self.arrivals.push_back((Instant::now(), *first));
        self.forget_old();
    }

    /// What was answered meanwhile is still in `arrivals`.
    fn forget_old(&mut self) {
        let is_old = |(since, _): &(Instant, _)| since.elapsed() > LONGEST;
        while self.arrivals.len() > MOST || self.arrivals.front().is_some_and(is_old) {
            let Some((_, oldest)) = self.arrivals.pop_front() else { return };
            self.answered(oldest);
        }
    }

    /// The request of which this is the first mission is answered.
    pub(super) fn answered(&mut self, first: MissionId) {
        if self.requests.is_empty() {
            return;
        }
        if let Some((client, missions)) = self.requests.remove(&first) {
            self.missions.give_back(Some(client), missions);
        }
    }

    /// How many missions of this client are on their way.
    pub(super) fn of(&mut self, client: Option<IpAddr>) -> usize {
        self.forget_old();
        self.missions.held_by(client)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const CLIENT: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    fn ids(first: u128, count: u128) -> Vec<MissionId> {
        (first..first + count).map(|n| Uuid::from_u128(n).into()).collect()
    }

    #[test]
    fn what_is_answered_no_longer_counts() {
        let mut departed = Departed::default();
        departed.remember(CLIENT, &ids(1, 2));
        departed.remember(CLIENT, &ids(1, 2));
        departed.remember(CLIENT, &ids(7, 1));
        departed.remember(None, &ids(9, 1));
        assert_eq!((departed.of(CLIENT), departed.of(None)), (3, 0));
        departed.answered(ids(1, 1)[0]);
        assert_eq!(departed.of(CLIENT), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_lost_counts_for_a_while_and_never_more_than_there_is_room_for() {
        let mut departed = Departed::default();
        for n in 0..=MOST as u128 {
            departed.remember(CLIENT, &ids(n, 1));
        }
        assert_eq!((departed.of(CLIENT), departed.arrivals.len()), (MOST, MOST));
        tokio::time::advance(LONGEST * 2).await;
        assert_eq!((departed.of(CLIENT), departed.arrivals.len()), (0, 0));
    }
}
