//! Several RabbitMQ nodes that are one broker.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::epmd::Epmd;
use super::http::{call, encode};
use super::port::Port;
use super::rabbit::Rabbit;
use super::rabbit_files;
use super::shared::Error;
use crate::process::poll;

/// How long nodes may take until they are one cluster.
const PATIENCE: Duration = Duration::from_secs(60);

/// A RabbitMQ cluster on this machine; a single node is one, too. Drop it after its virtual hosts.
#[derive(Debug)]
pub struct RabbitCluster {
    first: Rabbit,
    others: Vec<Rabbit>,
}

/// The members of a quorum queue, by the names of their nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// The one that decides.
    pub leader: String,
    /// All of them.
    pub all: Vec<String>,
    /// Those that run.
    pub online: Vec<String>,
}

impl RabbitCluster {
    /// Starts so many nodes, at least one, and waits until they are one cluster.
    pub fn start(size: usize) -> Result<Self, Error> {
        let epmd = Arc::new(Epmd::start()?);
        let mut ports = (0..size.max(1)).map(|_| Port::free()).collect::<Result<Vec<_>, _>>()?;
        let mut members: Vec<u16> = ports.iter().map(Port::number).collect();
        if size < 2 {
            members.clear();
        }
        // All at once: a node of RabbitMQ 4 waits until it sees a second one.
        let mut nodes = ports
            .drain(..)
            .map(|port| Rabbit::launch(&epmd, port, |dir| rabbit_files::join(dir, &members)));
        let first = nodes.next().unwrap_or(Err(Error::NoPort))?;
        let others = nodes.collect::<Result<_, _>>()?;
        let cluster = Self { first, others };
        cluster.nodes().try_for_each(Rabbit::await_amqp)?;
        cluster.await_whole()?;
        Ok(cluster)
    }

    /// Waits until every node has started and knows that all run. A virtual host that is made earlier
    /// would never come to a node that has not.
    fn await_whole(&self) -> Result<(), Error> {
        let size = self.nodes().count();
        let mut seen = Vec::new();
        let whole = poll(PATIENCE, || {
            seen = self.nodes().map(|node| running(node).filter(|_| node.has_started())).collect();
            seen.iter().all(|running| *running == Some(size)).then_some(())
        });
        whole.ok_or_else(|| Error::Refused(format!("nodes that each of {size} sees: {seen:?}")))
    }

    /// The node that started first.
    pub fn first(&self) -> &Rabbit {
        &self.first
    }

    /// As [`first`](Self::first), to be started again.
    pub fn first_mut(&mut self) -> &mut Rabbit {
        &mut self.first
    }

    /// Every node.
    pub fn nodes(&self) -> impl Iterator<Item = &Rabbit> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The node of this number.
    pub fn node_mut(&mut self, number: usize) -> Option<&mut Rabbit> {
        std::iter::once(&mut self.first).chain(&mut self.others).nth(number)
    }

    /// `host:port,host:port,…` of AMQP.
    pub fn places(&self) -> String {
        self.nodes().map(Rabbit::place).collect::<Vec<_>>().join(",")
    }

    /// The number of the node of this name.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.nodes().position(|node| node.name() == name)
    }

    /// The members of a quorum queue, as the first node says that answers.
    pub fn members(&self, vhost: &str, queue: &str) -> Option<Members> {
        let path = format!("/api/queues/{}/{queue}?disable_stats=true", encode(vhost));
        self.nodes().find_map(|node| {
            let said = call(&node.management_url(), "GET", &path, "").ok()?;
            let said: Value = serde_json::from_str(&said.body).ok()?;
            let names = |key| {
                let names = said.get(key)?.as_array()?.iter().filter_map(Value::as_str);
                Some(names.map(str::to_owned).collect())
            };
            let leader = said.get("leader")?.as_str()?.to_owned();
            Some(Members { leader, all: names("members")?, online: names("online")? })
        })
    }

    /// How many consumers a queue has, as the first node says that answers.
    pub fn consumers(&self, vhost: &str, queue: &str) -> Option<usize> {
        let name = format!("rabbit_misc:r(<<\"{vhost}\">>, queue, <<\"{queue}\">>)");
        let ask = format!(
            "{{ok, Q}} = rabbit_amqqueue:lookup({name}), length(rabbit_amqqueue:consumers(Q))."
        );
        // Before it may stand what the shell says in which the program runs.
        self.nodes().find_map(|node| node.eval(&ask).ok()?.lines().last()?.trim().parse().ok())
    }

    /// Ends the connections of this node with all others, and lets it have no new one: it trusts them
    /// no longer. Clients still reach it.
    pub fn cut_off(&self, number: usize) -> Result<(), Error> {
        let others: String = self
            .others_of(number)
            .map(|name| {
                format!("erlang:set_cookie('{name}', cut_off), erlang:disconnect_node('{name}'), ")
            })
            .collect();
        self.eval(number, &format!("{others}ok."))
    }

    /// Ends a [`cut_off`](Self::cut_off).
    pub fn join(&self, number: usize) -> Result<(), Error> {
        let trust = self
            .others_of(number)
            .map(|name| format!("erlang:set_cookie('{name}', erlang:get_cookie()), "));
        self.eval(number, &format!("{}ok.", trust.collect::<String>()))
    }

    fn others_of(&self, number: usize) -> impl Iterator<Item = String> {
        let others = self.nodes().enumerate().filter(move |(other, _)| *other != number);
        others.map(|(_, node)| node.name())
    }

    fn eval(&self, number: usize, expression: &str) -> Result<(), Error> {
        let node = self.nodes().nth(number).ok_or(Error::NoPort)?;
        node.eval(expression).map(drop)
    }
}

/// How many nodes run, as this one says.
fn running(node: &Rabbit) -> Option<usize> {
    let said = call(&node.management_url(), "GET", "/api/nodes?disable_stats=true", "").ok()?;
    let said: Vec<Value> = serde_json::from_str(&said.body).ok()?;
    let running =
        said.iter().filter(|node| node.get("running").and_then(Value::as_bool) == Some(true));
    Some(running.count())
}
