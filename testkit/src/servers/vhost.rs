//! A virtual host for one test.

use std::time::Duration;

use serde_json::{Value, json};

use super::http::{call, encode};
use super::shared::{AMQP, MANAGEMENT, random, setting};
use crate::process::poll;

/// A virtual host that nobody else uses; deleted with everything in it when dropped.
#[derive(Debug)]
pub struct Vhost {
    /// Its address.
    pub amqp_url: String,
    name: String,
    management: String,
}

/// What a queue holds, by the management API: classic queues at once, quorum queues up to 250 ms
/// late. Only an AMQP passive declare returns the number of consumers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueInfo {
    /// Waiting in the queue.
    pub messages_ready: u64,
    /// Delivered and not yet acknowledged.
    pub messages_unacked: u64,
}

/// A virtual host on the shared node.
pub fn vhost() -> Vhost {
    Vhost::create(&setting(AMQP), &setting(MANAGEMENT))
}

impl Vhost {
    /// Creates one on the node at `amqp` (`amqp://user:password@host:port`).
    pub(super) fn create(amqp: &str, management: &str) -> Self {
        let name = format!("test-{:016x}", random());
        let amqp_url = format!("{}/{name}", amqp.trim_end_matches('/'));
        let vhost = Self { amqp_url, management: management.to_owned(), name };
        let permissions = r#"{"configure":".*","write":".*","read":".*"}"#;
        vhost.demand("PUT", &format!("/api/vhosts/{}", vhost.name), "");
        vhost.demand("PUT", &format!("/api/permissions/{}/guest", vhost.name), permissions);
        vhost
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a queue holds; `None` when there is no such queue.
    pub fn queue(&self, queue: &str) -> Option<QueueInfo> {
        let query = "disable_stats=true&enable_queue_totals=true";
        let all = self.list(&format!("/api/queues/{}?{query}", self.name));
        let found =
            all.into_iter().find(|each| each.get("name").is_some_and(|name| name == queue))?;
        let count = |field: &str| found.get(field).and_then(Value::as_u64).unwrap_or(0);
        Some(QueueInfo {
            messages_ready: count("messages_ready"),
            messages_unacked: count("messages_unacknowledged"),
        })
    }

    /// Polls [`queue`](Self::queue) until `fits` or the deadline; returns the last answer.
    pub fn await_queue(
        &self,
        queue: &str,
        deadline: Duration,
        fits: impl Fn(QueueInfo) -> bool,
    ) -> Option<QueueInfo> {
        let mut last = None;
        poll(deadline, || {
            last = self.queue(queue);
            last.filter(|info| fits(*info))
        });
        last
    }

    /// The names of the connections to this virtual host.
    pub fn connections(&self) -> Vec<String> {
        let all = self.list("/api/connections?disable_stats=true");
        let ours = all
            .into_iter()
            .filter(|each| each.get("vhost").is_some_and(|name| name == self.name.as_str()));
        ours.filter_map(|each| Some(each.get("name")?.as_str()?.to_owned())).collect()
    }

    /// Has the broker close a connection, as an operator would.
    pub fn close_connection(&self, connection: &str) {
        let _ = self.ask("DELETE", &format!("/api/connections/{}", encode(connection)), "");
    }

    /// Has the broker copy everything that is published here to the exchange `amq.rabbitmq.trace`.
    pub fn trace(&self) {
        self.demand("PUT", &format!("/api/vhosts/{}", self.name), r#"{"tracing":true}"#);
    }

    /// Has the broker treat the queues whose names match `pattern` by this definition.
    pub fn policy(&self, pattern: &str, definition: &Value) {
        let policy = json!({ "pattern": pattern, "definition": definition, "apply-to": "queues" });
        self.demand("PUT", &format!("/api/policies/{}/test", self.name), &policy.to_string());
    }

    fn list(&self, path: &str) -> Vec<Value> {
        let body = self.demand("GET", path, "");
        serde_json::from_str(&body).expect("the management API answers with a JSON list")
    }

    /// A call that has to succeed.
    fn demand(&self, method: &str, path: &str, body: &str) -> String {
        self.ask(method, path, body).unwrap_or_else(|answer| panic!("{method} {path}: {answer}"))
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<String, String> {
        let reply = call(&self.management, method, path, body).map_err(|e| e.to_string())?;
        if reply.status < 300 { Ok(reply.body) } else { Err(format!("{reply:?}")) }
    }
}

impl Drop for Vhost {
    fn drop(&mut self) {
        let _ = self.ask("DELETE", &format!("/api/vhosts/{}", self.name), "");
    }
}
