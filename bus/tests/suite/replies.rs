//! Replies to callers' own queues.

use bus::{Broker, Consumer, Envelope, ForeignReplies, Link, Why};
use bytes::Bytes;
use schemas::MessageType;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::poll::eventually;
use crate::support::time::soon;

/// A caller with a queue of its own, and whoever replies.
struct Caller {
    queue: Consumer,
    _link: Link,
    replies: ForeignReplies,
    stop: CancellationToken,
    sending: JoinHandle<()>,
}

impl Caller {
    async fn open(broker: &Broker) -> Self {
        let link = broker.open_declared("caller").await.unwrap();
        let queue = link.consume_own("caller", 100).await.unwrap();
        let stop = CancellationToken::new();
        let (replies, sending) = ForeignReplies::open(broker.clone(), stop.clone());
        Self { queue, _link: link, replies, stop, sending: tokio::spawn(sending) }
    }

    fn reply(&self, address: &str, id: &str) {
        let asked = Envelope { correlation_id: Some(id.to_owned()), ..Envelope::default() };
        let reply = asked.reply(MessageType::Missions);
        drop(self.replies.send(address.to_owned(), reply, Bytes::from_static(b"{}")));
    }

    async fn expect(&mut self, id: &str) {
        let reply = soon("a reply", self.queue.next()).await.unwrap().unwrap();
        assert_eq!(reply.envelope.correlation_id.as_deref(), Some(id));
        assert_eq!(reply.envelope.kind, Some(MessageType::Missions));
        assert_eq!(&reply.body[..], b"{}");
    }
}

pub(crate) async fn a_reply_arrives_in_its_callers_own_queue(broker: Broker) {
    let mut caller = Caller::open(&broker).await;
    for id in ["1", "2", "3"] {
        caller.reply("caller", id);
        caller.expect(id).await;
    }
}

pub(crate) async fn a_reply_to_a_queue_that_does_not_exist_holds_up_nothing(broker: Broker) {
    let mut caller = Caller::open(&broker).await;
    for id in ["1", "2", "3"] {
        caller.reply("caller", id);
        caller.expect(id).await;
        caller.reply("nobody", "lost");
    }
}

pub(crate) async fn a_reply_to_a_queue_that_does_not_exist_is_counted_and_no_other(broker: Broker) {
    let mut caller = Caller::open(&broker).await;
    for n in 0..3 {
        caller.reply("nobody", "lost");
        caller.reply("caller", &n.to_string());
        caller.expect(&n.to_string()).await;
    }
    let dropped = caller.replies.dropped().clone();
    let counted = async || (dropped.so_far(Why::Unroutable) == 3).then_some(());
    eventually("all three", counted).await;
    for why in [Why::Late, Why::Malformed, Why::TooMany, Why::Failed] {
        assert_eq!(dropped.so_far(why), 0, "{why:?}");
    }
}

pub(crate) async fn replies_of_many_at_once_all_arrive(broker: Broker) {
    let mut caller = Caller::open(&broker).await;
    let ids: Vec<String> = (10..40).map(|n| n.to_string()).collect();
    ids.iter().for_each(|id| caller.reply("caller", id));
    for id in &ids {
        caller.expect(id).await;
    }
}

pub(crate) async fn replying_ends_when_it_is_told_to(broker: Broker) {
    let mut caller = Caller::open(&broker).await;
    caller.reply("caller", "1");
    caller.expect("1").await;
    caller.stop.cancel();
    soon("the end of replying", caller.sending).await.unwrap();
}
