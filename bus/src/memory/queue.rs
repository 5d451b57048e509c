//! One queue: a bounded line of messages.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::{Depth, Envelope};

/// What bounds a queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The most messages that wait.
    pub(super) length: u32,
    /// The most bytes that wait.
    pub(super) bytes: u64,
    /// After how many failed deliveries a message is set aside. An expired message is, too.
    pub(super) deliveries: Option<u32>,
    /// How long a message waits.
    pub(super) ttl: Option<Duration>,
    /// Whether a full queue drops its oldest message; otherwise it refuses the newest.
    pub(super) drop_oldest: bool,
}

pub(super) struct Message {
    pub(super) envelope: Envelope,
    pub(super) body: Bytes,
    pub(super) earlier: u32,
    expires: Option<Instant>,
}

pub(super) struct Queue {
    limits: Limits,
    line: Mutex<Line>,
    arrived: Notify,
    consumers: AtomicU64,
}

#[derive(Default)]
struct Line {
    waiting: VecDeque<Message>,
    bytes: u64,
}

impl Queue {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            line: Mutex::default(),
            arrived: Notify::new(),
            consumers: AtomicU64::new(0),
        })
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in it.
    pub(super) fn depth(&self) -> Depth {
        let mut line = self.line();
        if self.limits.deliveries.is_none() {
            line.drop_expired(); // nobody may be taking
        }
        let messages = line.waiting.len() as u64;
        Depth { messages, consumers: self.consumers.load(Relaxed) }
    }

    /// Forgets what is in it, unless it keeps messages.
    pub(super) fn forget_transient(&self) {
        if self.limits.deliveries.is_none() && self.limits.ttl.is_some() {
            *self.line() = Line::default();
        }
    }

    /// Notes that a consumer begins.
    pub(super) fn consumer_begins(&self) {
        self.consumers.fetch_add(1, Relaxed);
    }

    /// Notes that a consumer ends.
    pub(super) fn consumer_ends(&self) {
        self.consumers.fetch_sub(1, Relaxed);
    }

    /// Takes a message, unless the queue is full.
    pub(super) fn push(&self, envelope: Envelope, body: Bytes) -> bool {
        let expiration = envelope.expiration.as_deref().and_then(|text| text.parse().ok());
        let ttl = self.limits.ttl.into_iter().chain(expiration.map(Duration::from_millis)).min();
        let expires = ttl.map(|ttl| Instant::now() + ttl);
        let size = body.len() as u64;
        let mut line = self.line();
        if self.limits.deliveries.is_none() {
            line.drop_expired(); // nobody may be taking
        }
        let full = |line: &Line| {
            line.waiting.len() as u64 >= u64::from(self.limits.length)
                || line.bytes + size > self.limits.bytes
        };
        while full(&line) {
            let oldest = if self.limits.drop_oldest { line.pop() } else { None };
            if oldest.is_none() {
                return false;
            }
        }
        line.bytes += size;
        line.waiting.push_back(Message { envelope, body, earlier: 0, expires });
        drop(line);
        self.arrived.notify_one();
        true
    }

    /// The next message that has not expired, and the expired ones before it that are to be set
    /// aside.
    pub(super) fn pop(&self) -> (Option<Message>, Vec<Message>) {
        let mut expired = Vec::new();
        let mut line = self.line();
        while let Some(message) = line.pop() {
            if message.expires.is_none_or(|expires| expires > Instant::now()) {
                if !line.waiting.is_empty() {
                    self.arrived.notify_one(); // one notification may be for several messages
                }
                return (Some(message), expired);
            }
            if self.limits.deliveries.is_some() {
                expired.push(message);
            }
        }
        (None, expired)
    }

    /// Puts messages back where they were taken from, and counts one more failed delivery for each.
    /// Returns those that have failed too often.
    pub(super) fn give_back(
        &self,
        messages: impl DoubleEndedIterator<Item = Message>,
    ) -> Vec<Message> {
        let mut set_aside = Vec::new();
        let mut line = self.line();
        for mut message in messages.rev() {
            message.earlier += 1;
            if self.limits.deliveries.is_some_and(|limit| message.earlier > limit) {
                set_aside.push(message);
            } else {
                line.bytes += message.body.len() as u64;
                line.waiting.push_front(message);
            }
        }
        drop(line);
        self.arrived.notify_one();
        set_aside
    }

    /// Keeps a message that could not be set aside.
    pub(super) fn keep(&self, message: Message) {
        let mut line = self.line();
        line.bytes += message.body.len() as u64;
        line.waiting.push_front(message);
    }

    /// Waits until there may be something to take.
    pub(super) async fn arrival(&self) {
        self.arrived.notified().await;
    }
}

impl Line {
    fn drop_expired(&mut self) {
        let now = Instant::now();
        while self.waiting.front().is_some_and(|m| m.expires.is_some_and(|at| at <= now)) {
            self.pop();
        }
    }

    fn pop(&mut self) -> Option<Message> {
        let message = self.waiting.pop_front()?;
        self.bytes -= message.body.len() as u64;
        Some(message)
    }
}
