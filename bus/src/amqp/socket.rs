//! The TCP connection to a server. lapin's own connect starts its thread first and knows no
//! deadline: a peer that accepts and says nothing would keep the thread and the socket for ever.

use std::io;
use std::net::{Shutdown, TcpStream as Handle};
use std::os::fd::AsFd;
use std::sync::{Mutex, PoisonError};

use async_compat::{Compat, CompatExt};
use lapin::tcp::AsyncTcpStream;
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Connection, ConnectionProperties};
use tokio::net::TcpStream;

use super::readable::{Readable, runtime};
use crate::tls::TlsFiles;

/// Shuts its socket down when it is dropped, whoever still holds the socket: lapin's thread sees
/// the end of the stream, and ends.
pub(super) struct Socket(Handle);

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both); // it may be closed already
    }
}

/// Connects and logs in. `strangers`: whether anybody may have written what comes over it. It has no
/// deadline of its own: whoever gives it up loses nothing, because the socket is shut down then.
pub(super) async fn connect(
    (uri, tls): (AMQPUri, TlsFiles),
    properties: ConnectionProperties,
    strangers: bool,
) -> lapin::Result<(Connection, Socket)> {
    let (stream, socket) = dial(&uri, &tls).await?;
    // It is plain for lapin: what is encrypted is decrypted below it.
    let stream = AsyncTcpStream::Plain(Readable::new(stream, strangers));
    let stream = Mutex::new(Some(stream));
    // lapin calls this once; it does not connect again, because its recovery is off.
    let hand_over = async move |_, _| {
        let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.take().ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected).into())
    };
    let connection = Connection::connector(uri, runtime(), hand_over, properties).await?;
    Ok((connection, socket))
}

async fn dial(
    uri: &AMQPUri,
    tls: &TlsFiles,
) -> io::Result<(AsyncTcpStream<Compat<TcpStream>>, Socket)> {
    let host = uri.authority.host.as_str();
    let stream = TcpStream::connect((host, uri.authority.port)).await?;
    stream.set_nodelay(true)?;
    let socket = Socket(Handle::from(stream.as_fd().try_clone_to_owned()?));
    let plain = AsyncTcpStream::Plain(stream.compat());
    let stream = match uri.scheme {
        AMQPScheme::AMQP => plain,
        AMQPScheme::AMQPS => plain.into_tls(host, tls.read()?.as_ref()).await?,
    };
    Ok((stream, socket))
}
