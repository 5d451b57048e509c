//! Reserved ports.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};

use super::shared::{Error, random};

/// A free TCP port on the loopback, reserved among all test processes while this lives.
///
/// It is below 32768, where Linux begins to give ports to clients: otherwise a connection might take
/// the port of a server while that restarts.
#[derive(Debug)]
pub struct Port {
    number: u16,
    /// The UDP port of the same number is the lock: the kernel frees it when the process ends in any
    /// way, and it does not conflict with the TCP port.
    _lock: UdpSocket,
}

impl Port {
    /// Finds and reserves one.
    pub fn free() -> Result<Self, Error> {
        let (first, last) = (20_000, 32_000);
        for _ in 0..1_000 {
            let offset = u16::try_from(random() % (last - first)).map_err(|_| Error::NoPort)?;
            let number = offset + u16::try_from(first).map_err(|_| Error::NoPort)?;
            let Ok(lock) = UdpSocket::bind((Ipv4Addr::LOCALHOST, number)) else { continue };
            if TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok() {
                return Ok(Self { number, _lock: lock });
            }
        }
        Err(Error::NoPort)
    }

    /// The port number.
    pub fn number(&self) -> u16 {
        self.number
    }
}
