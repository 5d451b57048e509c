//! `spymission gateway`: a gateway in a process of its own.

use std::net::SocketAddr;
use std::time::Duration;

use bus::Health;
use gateway::{OperatorToken, Operators};
use schemas::Role;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::stop::until_stopped;
use super::{listener, presence};
use crate::cli::{Gateway, Http};
use crate::failure::Failure;
use crate::settings::{Setting, TOKEN_FILE, WrongSetting, token};
use crate::system::{clock, instance, new_id};

/// How long a gateway behind a proxy goes on serving after a stop, in seconds.
const DRAIN: u64 = 5;
const LISTEN: Setting = Setting::new("--listen", "SPYMISSION_LISTEN");

/// Runs a gateway until it is told to stop.
///
/// # Errors
/// A setting is wrong, or the gateway could not finish its work in time.
pub(crate) async fn run(settings: Gateway) -> Result<(), Failure> {
    let broker = settings.broker.connect(settings.broker.shared()?);
    let database = settings.database.required()?;
    let store = settings.database.store(&database);
    let (listener, listen) = listen(&settings.http).await?;
    let (config, stop) =
        (config(&settings.http, listen, DRAIN, &database)?, CancellationToken::new());
    tracing::info!(%listen, "gateway");
    let (health, name) = (Health::default(), instance(Role::Gateway.name()));
    let running = Box::pin(gateway::run(listener, &broker, store.clone(), config, &health, &stop));
    let running = presence::beside(&broker, (Role::Gateway, &name), &health, &stop, running);
    until_stopped(stop.clone(), running).await?;
    store.close().await;
    Ok(())
}

/// Opens the port, or takes the one that the service manager has opened. Before anything else starts: a
/// port that is in use is a wrong setting.
///
/// # Errors
/// The host is unknown, or the port cannot be opened.
pub(super) async fn listen(http: &Http) -> Result<(TcpListener, SocketAddr), WrongSetting> {
    match listener::handed_over(LISTEN)? {
        Some(open) => Ok(open),
        None => listener::open(&http.at.listen, LISTEN).await,
    }
}

/// The gateway's behaviour as the settings have it, at this address, with this database; `drain` is the default for
/// `--drain`, in seconds.
///
/// # Errors
/// The operator's token cannot be read, or is too short.
pub(super) fn config(
    http: &Http,
    listen: SocketAddr,
    drain: u64,
    database: &store::Address,
) -> Result<gateway::Config, WrongSetting> {
    Ok(gateway::Config {
        batch: http.batch.into(),
        wait: Duration::from_secs(http.wait),
        drain: Duration::from_secs(http.drain.unwrap_or(drain)),
        stream: Duration::from_secs(http.stream),
        clock,
        new_id,
        announce: false,
        database: database.database().unwrap_or_default().to_owned(),
        sends: !http.no_send,
        drills: None,
        limits: gateway::Limits {
            connections: usize::try_from(http.connections).unwrap_or(usize::MAX),
            rate: http.rate,
            proxies: http.trust_proxy.clone().unwrap_or_default(),
            origins: http.cors.clone(),
        },
        operators: operators(http, listen)?,
    })
}

/// Who may see the operations page.
fn operators(http: &Http, listen: SocketAddr) -> Result<Operators, WrongSetting> {
    match token(http.operator_token_file.as_deref())? {
        Some(token) => OperatorToken::new(&token).map(Operators::Token).ok_or_else(|| {
            let least = OperatorToken::SHORTEST;
            TOKEN_FILE.wrong(format!("the token is too short: use {least} characters or more"))
        }),
        // Behind a proxy every connection is a local one.
        None if listen.ip().to_canonical().is_loopback() && http.trust_proxy.is_none() => {
            Ok(Operators::Local)
        }
        None => Ok(Operators::Nobody),
    }
}
