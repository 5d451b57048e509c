//! Whether a database can be reached: a file, or a server's name and port.

use std::path::Path;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};

use super::report::Line;

/// How long a name, and a connection, may take.
const REACH: Duration = Duration::from_secs(5);

/// A line for an SQLite file that does not exist or cannot be used. It is not opened, because that
/// would create it.
pub(super) fn file_line(file: &Path) -> Option<Line> {
    let shown = file.display();
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !directory.is_dir() {
        let found = format!("the directory {} does not exist", directory.display());
        return Some(Line::failed(
            "database",
            "reachable",
            found,
            "create it, or name another file",
        ));
    }
    if !file.exists() {
        let found = format!("the file {shown} does not exist yet");
        let next = "`spymission up` or `spymission migrate` creates it";
        return Some(Line::warning("database", "reachable", found, next));
    }
    let opened = std::fs::File::options().read(true).write(true).open(file);
    let next = "check its owner and mode";
    opened
        .err()
        .map(|error| Line::failed("database", "reachable", format!("{shown}: {error}"), next))
}

/// Looks the name up and connects to the port.
pub(super) async fn reach(host: &str, port: u16) -> Result<String, Line> {
    let failed =
        |found: String, next: &str| Err(Line::failed("database", "reachable", found, next));
    let place = format!("{host}:{port}");
    let peers = match tokio::time::timeout(REACH, lookup_host((host, port))).await {
        Ok(Ok(peers)) => peers,
        Ok(Err(error)) => {
            let next = "check the host in --database, and DNS";
            return failed(format!("the name {host:?} is unknown: {error}"), next);
        }
        Err(_) => return failed(format!("no DNS answer about {host:?} within 5 s"), "check DNS"),
    };
    let mut last = "it has no address".to_owned();
    for peer in peers.take(4) {
        match tokio::time::timeout(REACH, TcpStream::connect(peer)).await {
            Ok(Ok(_)) => return Ok(format!("{place} is {peer}")),
            Ok(Err(error)) => last = format!("{peer}: {error}"),
            Err(_) => last = format!("{peer}: no answer within 5 s"),
        }
    }
    let next = "check host and port in --database, whether the server runs, and firewalls";
    failed(format!("{place}: {last}"), next)
}
