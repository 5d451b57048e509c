//! Shares: how much of what is limited one client may hold.

use std::collections::HashMap;
use std::net::IpAddr;

/// How much of what is limited each client holds. A client may take as much as is free after it: alone
/// it gets half of everything, of two each gets a third, and there is always some left for the next
/// one. Whoever has no address here (a trusted proxy, behind which there are many) may take all.
pub(crate) struct Shares {
    all: usize,
    held: usize,
    /// Never more clients than what they hold.
    by_client: HashMap<IpAddr, usize>,
}

impl Shares {
    pub(crate) fn new(all: usize) -> Self {
        Self { all, held: 0, by_client: HashMap::new() }
    }

    /// How much is held by all clients.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// How much this client holds; 0 for one without an address.
    pub(crate) fn held_by(&self, client: Option<IpAddr>) -> usize {
        client.and_then(|client| self.by_client.get(&client)).copied().unwrap_or_default()
    }

    /// How much of what is held comes before so much more of this client, when clients take turns: all of
    /// its own, and of each other one no more than it has itself then. Those without an address count
    /// as one.
    pub(crate) fn before(&self, client: Option<IpAddr>, amount: usize) -> usize {
        let named = self.by_client.iter().map(|(address, held)| (Some(*address), *held));
        let unnamed = self.held - named.clone().map(|(_, held)| held).sum::<usize>().min(self.held);
        let all = named.chain([(None, unnamed)]);
        let own = client.map_or(unnamed, |_| self.held_by(client));
        all.map(|(other, held)| if other == client { held } else { held.min(own + amount) }).sum()
    }

    /// Whether this client may take so much more.
    pub(crate) fn may_take(&self, client: Option<IpAddr>, amount: usize) -> bool {
        let free = self.all.saturating_sub(self.held);
        let own = client.map(|_| self.held_by(client));
        leaves_enough(free, own, amount)
    }

    /// Takes so much, whether it may or not.
    pub(crate) fn take(&mut self, client: Option<IpAddr>, amount: usize) {
        self.held += amount;
        if let Some(client) = client {
            *self.by_client.entry(client).or_default() += amount;
        }
    }

    /// Gives back so much.
    pub(crate) fn give_back(&mut self, client: Option<IpAddr>, amount: usize) {
        self.held = self.held.saturating_sub(amount);
        let Some(client) = client else { return };
        if let Some(own) = self.by_client.get_mut(&client) {
            *own = own.saturating_sub(amount);
            if *own == 0 {
                self.by_client.remove(&client);
            }
        }
    }

    /// Gives everything back.
    pub(crate) fn clear(&mut self) {
        self.held = 0;
        self.by_client.clear();
    }
}

/// Whether somebody who holds so much may take so much more of what is free: as much is left as it holds
/// then. A client without an address (`None`) may take all.
fn leaves_enough(free: usize, own: Option<usize>, amount: usize) -> bool {
    match own {
        Some(own) => own + 2 * amount <= free,
        None => amount <= free,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const fn client(last: u8) -> Option<IpAddr> {
        Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, last)))
    }

    /// Takes as much as it may, one by one, and tells how much that was.
    fn take_all(shares: &mut Shares, client: Option<IpAddr>) -> usize {
        let mut taken = 0;
        while shares.may_take(client, 1) {
            shares.take(client, 1);
            taken += 1;
        }
        taken
    }

    #[test]
    fn each_client_leaves_as_much_as_it_holds() {
        let mut shares = Shares::new(256);
        assert_eq!(take_all(&mut shares, client(1)), 128);
        assert_eq!(take_all(&mut shares, client(2)), 64);
        assert_eq!(take_all(&mut shares, client(3)), 32);
        shares.give_back(client(1), 128);
        assert!(take_all(&mut shares, client(3)) > 0, "what was given back may be taken");
    }

    #[test]
    fn a_trusted_proxy_may_take_all() {
        let mut shares = Shares::new(256);
        assert_eq!(take_all(&mut shares, None), 256);
        shares.give_back(None, 256);
        assert_eq!((shares.held(), shares.by_client.len()), (0, 0));
    }

    #[test]
    fn what_others_hold_comes_before_as_far_as_one_has_as_much_itself() {
        let mut shares = Shares::new(256);
        shares.take(client(1), 100);
        shares.take(client(2), 3);
        shares.take(None, 10);
        assert_eq!(shares.before(client(3), 5), 5 + 3 + 5, "who has nothing yet");
        assert_eq!(shares.before(client(2), 1), 4 + 3 + 4);
        assert_eq!(shares.before(client(1), 1), 100 + 3 + 10, "who has the most");
        assert_eq!(shares.before(None, 1), 11 + 3 + 10);
    }

    #[test]
    fn a_client_that_holds_nothing_is_forgotten() {
        let mut shares = Shares::new(8);
        shares.take(client(1), 2);
        shares.give_back(client(1), 2);
        assert!(shares.by_client.is_empty());
    }
}
