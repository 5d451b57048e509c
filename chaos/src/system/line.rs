//! The lines between processes and servers.

use crate::proxy::Proxy;

/// The lines that can be made bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(crate) enum Line {
    GatewaysToBroker,
    WorkersToBroker,
    ToDatabase,
}

/// The proxies, in the order of [`Line`].
pub(crate) struct Lines(pub(crate) [Proxy; 3]);

impl Lines {
    pub(crate) fn of(&self, line: Line) -> &Proxy {
        let Self([gateways, workers, database]) = self;
        match line {
            Line::GatewaysToBroker => gateways,
            Line::WorkersToBroker => workers,
            Line::ToDatabase => database,
        }
    }
}
