//! What a server does while its broker is away.

use bus::State;

use crate::support::responders::Server;
use crate::support::time::soon;

impl Server {
    /// Waits until it waits for the broker.
    pub(crate) async fn waits(&self) {
        let mut health = self.health.watch();
        let waits = |state: &State| matches!(state, State::Waiting(why) if why != "starting");
        soon("a server that waits", health.wait_for(waits)).await.unwrap();
    }
}
