//! Opening a port to listen on.

use std::net::SocketAddr;
use std::time::Duration;

use listenfd::ListenFd;
use tokio::net::TcpListener;

use crate::cli::HostPort;
use crate::settings::{Setting, WrongSetting};

/// How long the look-up of a host's name may take.
const LOOK_UP: Duration = Duration::from_secs(5);

/// Opens the port on the first address of the host that lets it be opened. Returns the listener and
/// its address, which has the real port when the setting has port 0.
///
/// # Errors
/// The host is unknown, or the port cannot be opened on any of its addresses.
pub(super) async fn open(
    place: &HostPort,
    setting: Setting,
) -> Result<(TcpListener, SocketAddr), WrongSetting> {
    let bind = TcpListener::bind(place.to_string());
    let wrong = |why: &dyn std::fmt::Display| {
        setting.wrong(format!("{place}: {why}; name a port of this machine that is not in use"))
    };
    let bound = tokio::time::timeout(LOOK_UP, bind).await;
    let listener = bound
        .map_err(|_| wrong(&format_args!("no answer from DNS within {} s", LOOK_UP.as_secs())))?
        .map_err(|error| wrong(&error))?;
    let address = listener.local_addr().map_err(|error| wrong(&error))?;
    Ok((listener, address))
}

/// The port that the service manager has opened for this process, if it has (`LISTEN_FDS` of systemd). It
/// stays open while the process is restarted.
///
/// # Errors
/// What was handed over is no port for TCP.
pub(super) fn handed_over(
    setting: Setting,
) -> Result<Option<(TcpListener, SocketAddr)>, WrongSetting> {
    let wrong = |error: std::io::Error| setting.wrong(format!("LISTEN_FDS: {error}"));
    let Some(listener) = ListenFd::from_env().take_tcp_listener(0).map_err(wrong)? else {
        return Ok(None);
    };
    listener.set_nonblocking(true).map_err(wrong)?;
    let listener = TcpListener::from_std(listener).map_err(wrong)?;
    let address = listener.local_addr().map_err(wrong)?;
    Ok(Some((listener, address)))
}
