//! Every way in which a request is settled: a reply, a dead letter, or requests in its place.

use std::time::Duration;

use bus::dead_letter::{self, Label};
use bus::{Confirmed, Deadline, Envelope, Fault, ReturnAddress, Taken};
use bytes::Bytes;
use schemas::{MessageType, MissionIds, Problem, ProblemKind, Request, topology};

use super::take::SUSPECT;
use super::{Decider, ROLE, ids};

/// A request that was delivered this often before is set aside without another try.
const LAST: u32 = 10;
/// How long good work waits before it knocks again at a full queue.
const FULL: Duration = Duration::from_secs(1);

/// A request that was taken, as far as it can be read.
pub(super) struct Work {
    taken: Taken,
    address: Option<ReturnAddress>,
    request: Result<Request, Problem>,
}

/// A request that is to be worked on.
pub(super) struct Admitted {
    pub(super) taken: Taken,
    pub(super) address: Option<ReturnAddress>,
    pub(super) request: Request,
}

impl Work {
    pub(super) fn read(taken: Taken) -> Self {
        let request = Request::parse(&taken.body, taken.envelope.message_id.as_deref());
        let (address, request) = match ReturnAddress::parse(taken.envelope.reply_to.as_deref()) {
            Ok(address) => (address, request),
            Err(problem) => (None, Err(problem)),
        };
        Self { taken, address, request }
    }
}

impl Decider {
    /// Says whether the request is to be worked on; if not, it is settled.
    pub(super) async fn admit(&self, work: Work) -> Result<Option<Admitted>, Fault> {
        let Work { taken, address, request } = work;
        let request = match request.and_then(|request| self.in_time(&taken, request)) {
            Ok(request) => request,
            Err(problem) => {
                self.refuse(&taken, address, &problem).await?;
                return Ok(None);
            }
        };
        let earlier = taken.earlier;
        let several = request.missions.len() > 1;
        if earlier >= SUSPECT && several && self.split(&taken, &request).await? {
            tracing::warn!(earlier, first = ?ids(&request).next(), "a suspect was split");
            Ok(None)
        } else if earlier >= LAST {
            let detail = format!("it was delivered {earlier} times and never came to its end");
            let problem = Problem::new(ProblemKind::SetAside, detail);
            self.set_aside(&taken, &request, address, &problem).await?;
            Ok(None)
        } else {
            Ok(Some(Admitted { taken, address, request }))
        }
    }

    fn in_time(&self, taken: &Taken, request: Request) -> Result<Request, Problem> {
        let now = (self.config.clock)().unix_timestamp_nanos() / 1_000_000;
        match taken.envelope.deadline {
            Some(Deadline::Unreadable) => Err(Problem::new(
                ProblemKind::Invalid,
                "header `deadline` is no whole number: write Unix time in milliseconds",
            )),
            Some(Deadline::At(millis)) if i128::from(millis) < now => {
                let detail = format!("the deadline {millis} had passed at {now}");
                Err(Problem::new(ProblemKind::Expired, detail).about(ids(&request)))
            }
            _ => Ok(request),
        }
    }

    /// Bad input: a dead letter with its reason, an error reply, and it is done with. When the
    /// dead letter queue is full it is answered and dropped: it would only take the room of
    /// something that matters.
    async fn refuse(
        &self,
        taken: &Taken,
        address: Option<ReturnAddress>,
        problem: &Problem,
    ) -> Result<(), Fault> {
        let confirmed = self.dead_letter(taken, problem).await?;
        let message_id = taken.envelope.message_id.as_deref();
        tracing::warn!(%problem, message_id, ?confirmed, "refused a request");
        self.reply_problem(taken, address, problem).await?;
        taken.ack().await
    }

    /// A request that is good and yet fails: it waits until the dead letter queue takes it.
    pub(super) async fn set_aside(
        &self,
        taken: &Taken,
        request: &Request,
        address: Option<ReturnAddress>,
        problem: &Problem,
    ) -> Result<(), Fault> {
        let problem = problem.clone().about(ids(request));
        while self.dead_letter(taken, &problem).await? != Confirmed::Taken {
            self.health.waiting("the dead letter queue is full: empty it, then this goes on");
            tokio::time::sleep(FULL).await;
        }
        self.health.up();
        tracing::error!(%problem, first = ?ids(request).next(), "set a request aside");
        self.reply_problem(taken, address, &problem).await?;
        taken.ack().await
    }

    async fn dead_letter(&self, taken: &Taken, problem: &Problem) -> Result<Confirmed, Fault> {
        let now = u64::try_from((self.config.clock)().unix_timestamp()).unwrap_or_default();
        let first_at = taken.envelope.timestamp.unwrap_or(now);
        let label = Label::new(problem.kind(), problem.detail(), ROLE, taken.earlier + 1, first_at);
        dead_letter::publish(&self.durable, &taken.envelope, &taken.body, label).await
    }

    /// Puts a request of one mission each in the place of this one; the caller's reply then comes
    /// in parts. Says whether the queue took them all. If not, nothing is changed by those that
    /// it took: the same missions are asked for once more.
    pub(super) async fn split(&self, taken: &Taken, request: &Request) -> Result<bool, Fault> {
        for id in ids(request) {
            let envelope = Envelope { message_id: Some(id.to_string()), ..taken.envelope.clone() };
            let body = crate::json(&Request { missions: MissionIds::one(id) });
            let publishing = self.durable.publish(topology::REQUESTS, &envelope, &body);
            if publishing.await? != Confirmed::Taken {
                return Ok(false);
            }
        }
        taken.ack().await.map(|()| true)
    }

    async fn reply_problem(
        &self,
        taken: &Taken,
        address: Option<ReturnAddress>,
        problem: &Problem,
    ) -> Result<(), Fault> {
        let body = crate::json(problem).into();
        self.reply(address, &taken.envelope, MessageType::Problem, body).await
    }

    /// Replies, if there is somewhere to reply to. Before the acknowledgement: if we die between
    /// the two, the caller gets the same reply once more.
    pub(super) async fn reply(
        &self,
        address: Option<ReturnAddress>,
        asked: &Envelope,
        kind: MessageType,
        body: Bytes,
    ) -> Result<(), Fault> {
        let envelope = asked.reply(kind);
        match address {
            None => Ok(()),
            Some(ReturnAddress::Ours(queue)) => {
                self.publisher.send(topology::REPLIES, &queue, &envelope, &body).await
            }
            Some(ReturnAddress::Foreign(queue)) => {
                self.foreign.send(queue, envelope, body).await;
                Ok(())
            }
        }
    }
}
