//! The nodes of a RabbitMQ cluster, as an address lists them.

use std::fmt;
use std::path::Path;

use lapin::uri::{AMQPScheme, AMQPUri};
use schemas::ServerAddress;

use crate::tls::TlsFiles;

/// One of the nodes.
pub(crate) struct Node {
    pub(crate) uri: AMQPUri,
    pub(crate) tls: TlsFiles,
    /// Whether the server has several: then the queues are replicated.
    pub(crate) is_cluster: bool,
}

/// The nodes of a RabbitMQ server, at least one. They differ in host and port alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Nodes {
    first: Box<AMQPUri>,
    others: Vec<AMQPUri>,
    tls: TlsFiles,
    are_a_cluster: bool,
}

impl Nodes {
    pub(crate) fn new(first: AMQPUri, others: Vec<AMQPUri>, tls: TlsFiles) -> Self {
        let are_a_cluster = !others.is_empty();
        Self { first: Box::new(first), others, tls, are_a_cluster }
    }

    /// Trusts this authority unless the address names another one; false without TLS.
    pub(crate) fn trust(&mut self, authority: &Path) -> bool {
        self.tls.trust(authority);
        self.first.scheme == AMQPScheme::AMQPS
    }

    /// Whether the address lists several nodes: then the queues are replicated.
    pub(crate) fn are_a_cluster(&self) -> bool {
        self.are_a_cluster
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        1 + self.others.len() as u64
    }

    /// The user.
    pub fn user(&self) -> &str {
        &self.first.authority.userinfo.username
    }

    /// The password.
    pub fn password(&self) -> &str {
        &self.first.authority.userinfo.password
    }

    /// The virtual host.
    pub fn vhost(&self) -> &str {
        &self.first.vhost
    }

    /// The node whose turn it is, to connect to it.
    pub(crate) fn node(&self, turn: u64) -> Node {
        let (uri, tls) = (self.at(turn).clone(), self.tls.clone());
        Node { uri, tls, is_cluster: self.are_a_cluster }
    }

    /// The address of the node whose turn it is; the first one comes after the last one.
    pub(crate) fn at(&self, turn: u64) -> &AMQPUri {
        let place = usize::try_from(turn % self.count()).unwrap_or_default();
        place.checked_sub(1).and_then(|place| self.others.get(place)).unwrap_or(&self.first)
    }

    /// `host:port` of that node.
    pub(crate) fn place(&self, turn: u64) -> String {
        place(self.at(turn))
    }

    /// Each node alone, as one of its cluster.
    pub(crate) fn each(&self) -> impl Iterator<Item = Self> {
        (0..self.count()).map(|turn| Self {
            first: Box::new(self.at(turn).clone()),
            others: Vec::new(),
            tls: self.tls.clone(),
            are_a_cluster: self.are_a_cluster,
        })
    }
}

fn place(uri: &AMQPUri) -> String {
    format!("{}:{}", ServerAddress::host_in_url(&uri.authority.host), uri.authority.port)
}

/// Without user and password.
impl fmt::Display for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.first.scheme == AMQPScheme::AMQPS { "amqps" } else { "amqp" };
        let vhost = if self.first.vhost == "/" { "%2f" } else { &self.first.vhost };
        let places: Vec<String> = (0..self.count()).map(|turn| self.place(turn)).collect();
        write!(f, "{scheme}://{}/{vhost}", places.join(","))
    }
}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
