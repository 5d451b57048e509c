//! An HTTP server that only replies.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::thread;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// As many as this machine has for a gateway of two cores.
const THREADS: usize = 2;

/// A server of a few lines on hyper, which the gateway is built on too: it replies to every request
/// with 201 and the same body, on threads of its own, until it is dropped.
pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    _running: oneshot::Sender<()>,
}

impl Server {
    /// Starts it.
    ///
    /// # Errors
    /// It gets no port or no thread.
    pub(crate) fn start(body: String) -> io::Result<Self> {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let runtime = Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
        let (running, dropped) = oneshot::channel::<()>();
        // A runtime may be neither entered nor ended on a thread of another one.
        thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, Bytes::from(body)) => {}
                    _ = dropped => {}
                }
            });
        });
        Ok(Self { addr, _running: running })
    }
}

async fn serve(listener: StdListener, body: Bytes) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        let body = body.clone();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let reply = service_fn(move |_: Request<Incoming>| {
                let mut response = Response::new(Full::new(body.clone()));
                *response.status_mut() = StatusCode::CREATED;
                std::future::ready(Ok::<_, Infallible>(response))
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), reply).await;
        });
    }
}
