//! Callers over AMQP, each with one request at a time.

use lapin::BasicProperties;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::caller::Caller;
use crate::system::System;

/// They go on until this is dropped.
pub struct Callers {
    more: UnboundedSender<usize>,
    _calling: JoinSet<()>,
}

impl Callers {
    /// Nobody calls yet.
    pub async fn connect(system: &System) -> Self {
        let mut caller = Caller::connect(system).await;
        let (more, mut wanted) = unbounded_channel();
        let mut calling = JoinSet::new();
        calling.spawn(async move {
            let mut called = false;
            loop {
                let next = tokio::select! {
                    Some(more) = wanted.recv() => more,
                    _ = caller.reply(), if called => 1,
                    else => return,
                };
                called = true;
                for _ in 0..next {
                    call(&caller).await;
                }
            }
        });
        Self { more, _calling: calling }
    }

    /// So many more of them.
    pub fn more(&self, callers: usize) {
        self.more.send(callers).unwrap();
    }
}

/// Sends a request of one mission; a reply says that it has come.
async fn call(caller: &Caller) {
    let body = json!({ "missions": [Uuid::new_v4()] }).to_string();
    let durable = BasicProperties::default().with_delivery_mode(2);
    let properties = durable.with_reply_to(caller.queue.as_str().into());
    drop(caller.send("mission.requests", "", properties, body.as_bytes()).await);
}
