//! `spymission gateway`: a gateway in a process of its own.

use std::net::SocketAddr;
use std::time::Duration;

use bus::Health;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::listener;
use super::stop::until_stopped;
use crate::cli::{Gateway, Http};
use crate::failure::Failure;
use crate::settings::{Setting, WrongSetting};
use crate::system::{clock, new_id};

/// How long a gateway behind a proxy goes on serving after a stop, in seconds.
const DRAIN: u64 = 5;
const LISTEN: Setting = Setting::new("--listen", "SPYMISSION_LISTEN");

/// Runs a gateway until it is told to stop.
///
/// # Errors
/// A setting is wrong, or the gateway could not finish its work in time.
pub(crate) async fn run(settings: Gateway) -> Result<(), Failure> {
    let broker = settings.broker.connect(settings.broker.shared()?);
    let store = settings.database.store(&settings.database.required()?);
    let (config, stop) = (config(&settings.http, DRAIN), CancellationToken::new());
    let (listener, listen) = listen(&settings.http).await?;
    tracing::info!(%listen, "gateway");
    let health = Health::default();
    let running = gateway::run(listener, &broker, store.clone(), config, &health, &stop);
    until_stopped(stop.clone(), running).await?;
    store.close().await;
    Ok(())
}

/// Opens the port, before anything else starts: a port that is in use is a wrong setting.
///
/// # Errors
/// The host is unknown, or the port cannot be opened.
pub(super) async fn listen(http: &Http) -> Result<(TcpListener, SocketAddr), WrongSetting> {
    listener::open(&http.listen, LISTEN).await
}

/// The gateway's behaviour as the settings have it; `drain` is the default for `--drain`, in
/// seconds.
pub(super) fn config(http: &Http, drain: u64) -> gateway::Config {
    gateway::Config {
        batch: http.batch.into(),
        wait: Duration::from_secs(http.wait),
        drain: Duration::from_secs(http.drain.unwrap_or(drain)),
        stream: Duration::from_secs(http.stream),
        clock,
        new_id,
        announce: false,
        limits: gateway::Limits {
            connections: usize::try_from(http.connections).unwrap_or(usize::MAX),
            rate: http.rate,
            proxies: http.trust_proxy.clone().unwrap_or_default(),
            origins: http.cors.clone(),
        },
    }
}
