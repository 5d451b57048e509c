//! How a mission came to be, as rows of bars to one scale.
//!
//! A decider that stored something is done when it asks the persister, which sends the reply.
//!
//! The length of a bar is of one clock. Where it begins is told by another machine's clock than the
//! one before it, and the two may differ. A bar whose place contradicts what must have been (a
//! process receives nothing before it is sent, and finishes before its answer arrives) is moved by
//! as little as resolves that.

mod placed;
mod scale;

use schemas::http::{Attempt, Hop, Timeline};
use schemas::{MissionId, Role};

use placed::{decider, follows, own, placed};
use scale::{Bar, Span, micros};

use crate::figures::duration;

/// How a mission came to be.
pub(super) struct Chart {
    pub(super) mission: MissionId,
    pub(super) rows: Vec<Row>,
    /// From the admission to the reply, or to the last that is known.
    pub(super) total: String,
    /// How many missions the message listed.
    pub(super) missions: usize,
    /// Whether a bar was moved: two clocks contradict each other.
    pub(super) moved: bool,
    /// Whether anything was repeated.
    pub(super) repeated: bool,
    /// Whether the persister sent the reply.
    pub(super) handed_over: bool,
}

/// One hop.
pub(super) struct Row {
    pub(super) what: String,
    /// Which replica; empty for this gateway.
    pub(super) replica: String,
    /// Which attempt was answered.
    pub(super) attempt: u32,
    /// The time between what was before it and its beginning, or since the first attempt: between
    /// two clocks.
    pub(super) before: Option<String>,
    /// How long it took; `None` for what takes no time.
    pub(super) took: Option<String>,
    /// What happened at its end.
    pub(super) mark: &'static str,
    /// Earlier attempts, which had no answer.
    pub(super) earlier: Vec<Bar>,
    pub(super) bar: Bar,
}

impl Chart {
    /// The chart of this timeline; `None` for one without an attempt.
    pub(super) fn of(timeline: &Timeline) -> Option<Self> {
        let (first, last) = (timeline.attempts.first()?, timeline.attempts.last()?);
        let published = Span { from: micros(first.published), to: micros(last.published) };
        let ends = [timeline.replied, last.confirmed].into_iter().flatten().max();
        let end = ends.map_or(published.to, micros);
        let answered = timeline.replied.map_or(end, micros);
        let hops = placed(&timeline.hops, Span { from: published.to, to: answered });
        let to = hops.iter().map(|span| span.to).fold(end, u64::max);
        let whole = Span { from: micros(timeline.admitted), to };
        let placed = timeline.hops.iter().zip(&hops);
        let moved = placed.clone().any(|(hop, span)| micros(hop.received) != span.from);
        let wait = Span { from: whole.from, to: published.from };
        let mut rows = vec![Row::of_gateway("Wait", wait, whole)];
        rows.push(publish(&timeline.attempts, last, whole));
        rows.extend(placed.map(|(hop, span)| of_hop(hop, *span, published, whole)));
        rows.extend(timeline.replied.map(|at| of_reply(micros(at), &timeline.hops, whole)));
        if timeline.reason.is_some() {
            rows.iter_mut().for_each(Row::fail);
        }
        let repeated = rows.iter().any(|row| !row.earlier.is_empty());
        let handed_over = timeline.hops.iter().any(|hop| follows(hop, decider(&timeline.hops)));
        let (mission, missions, total) =
            (timeline.mission, timeline.missions, duration(whole.length()));
        Some(Self { mission, rows, total, missions, moved, repeated, handed_over })
    }
}

impl Row {
    fn of_gateway(what: &str, span: Span, whole: Span) -> Self {
        Self {
            what: what.to_owned(),
            replica: String::new(),
            attempt: 1,
            before: None,
            took: Some(duration(span.length())),
            mark: "",
            earlier: Vec::new(),
            bar: span.bar(whole),
        }
    }

    /// The reply is an error reply: what was refused is not committed.
    fn fail(&mut self) {
        self.mark = match self.mark {
            COMMIT => "refused",
            REPLY => "error reply",
            other => other,
        };
    }
}

/// What happened at the end of a hop.
const COMMIT: &str = "commit";
const REPLY: &str = "reply";

fn publish(attempts: &[Attempt], last: &Attempt, whole: Span) -> Row {
    let earlier = attempts.iter().zip(attempts.iter().skip(1));
    let earlier = earlier.map(|(attempt, next)| {
        Span { from: micros(attempt.published), to: micros(next.published) }.bar(whole)
    });
    let (from, confirmed) = (micros(last.published), last.confirmed.map(micros));
    let span = Span { from, to: confirmed.unwrap_or(from) };
    let row = Row::of_gateway("Publish", span, whole);
    let first =
        attempts.first().filter(|_| attempts.len() > 1).map(|first| micros(first.published));
    Row {
        before: first.map(|first| between(first, from)),
        attempt: u32::try_from(attempts.len()).unwrap_or(u32::MAX),
        took: row.took.filter(|_| confirmed.is_some()),
        earlier: earlier.collect(),
        ..row
    }
}

/// `published` is when the request was published first, and when last.
fn of_hop(hop: &Hop, span: Span, published: Span, whole: Span) -> Row {
    let received = micros(hop.received);
    let repeated = hop.attempt > 1;
    let (first, asked) = match hop.asked.map(micros) {
        // On the decider's clock: from there the bar may have been moved.
        Some(asked) => (span.from.saturating_sub(received.saturating_sub(asked)), asked),
        None if repeated => (published.from, published.from),
        None => (published.to, published.to),
    };
    let earlier = repeated.then(|| Span { from: first, to: span.from }.bar(whole));
    let role = Role::parse(&hop.role).map_or_else(|| hop.role.to_string(), Role::title);
    Row {
        what: capital(&role),
        replica: short(&hop.instance, &hop.role),
        attempt: hop.attempt,
        before: Some(between(asked, received)),
        took: Some(duration(own(hop).length())),
        mark: if hop.role == Role::Persister.name() { COMMIT } else { "" },
        earlier: earlier.into_iter().collect(),
        bar: span.bar(whole),
    }
}

fn of_reply(replied: u64, hops: &[Hop], whole: Span) -> Row {
    let decider = decider(hops);
    let sender = hops.iter().find(|hop| follows(hop, decider)).or(decider);
    Row {
        before: sender.map(|sender| between(micros(sender.done), replied)),
        took: None,
        mark: REPLY,
        ..Row::of_gateway("Reply", Span { from: replied, to: replied }, whole)
    }
}

/// The time between two clocks.
fn between(before: u64, after: u64) -> String {
    after.checked_sub(before).map_or_else(|| "the clocks differ".to_owned(), duration)
}

/// The longest name of a replica that is shown whole, in characters.
const SHOWN: usize = 12;

/// The beginning of a name without the role, which its row names. The JSON has all of it.
fn short(instance: &str, role: &str) -> String {
    let name = instance.strip_prefix(role).and_then(|name| name.strip_prefix('.'));
    let name = name.unwrap_or(instance);
    if name.chars().count() <= SHOWN {
        return name.to_owned();
    }
    name.chars().take(SHOWN - 1).chain(['…']).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
