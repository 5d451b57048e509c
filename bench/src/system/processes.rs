//! Processes that answer together.

use std::net::SocketAddr;
use std::time::Duration;

use super::instance::Instance;

/// Processes, and the processor time that each has used.
pub(crate) type Cpu = Vec<(String, Duration)>;

/// Processes that answer together, and are measured together.
pub(crate) trait System {
    /// The processes; one of them is the gateway.
    fn instances(&self) -> &[Instance];

    /// The processor time that each process and server has used so far.
    fn cpu(&self) -> Cpu {
        self.instances().iter().map(Instance::cpu).collect()
    }

    /// Where missions are requested.
    ///
    /// # Errors
    /// There is no gateway.
    fn gateway(&self) -> Result<SocketAddr, String> {
        let addr = self.instances().iter().find_map(Instance::addr);
        addr.ok_or_else(|| "there is no gateway".to_owned())
    }

    /// A memory figure of all processes together in KiB: see [`Instance::memory`].
    fn memory(&self, figure: &str) -> u64 {
        self.instances().iter().map(|instance| instance.memory(figure)).sum()
    }
}
