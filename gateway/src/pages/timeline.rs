//! How a mission came to be, as rows of bars to one scale.
//!
//! The length of a bar is of one clock. Where it begins is told by another machine's clock than the
//! one before it, and the two may differ. A bar whose place contradicts what must have been (a
//! process receives nothing before it is sent, and answers before its answer comes) is moved by as
//! little as resolves that.

use schemas::Role;

use crate::timeline::{Hop, Timeline};

/// How a mission came to be.
pub(super) struct Chart {
    pub(super) rows: Vec<Row>,
    /// From the admission to the reply, or to the last that is known.
    pub(super) total: String,
    /// How many missions the message listed.
    pub(super) missions: usize,
    /// Whether a bar was moved: two clocks contradict each other.
    pub(super) moved: bool,
    /// Whether anything was repeated.
    pub(super) repeated: bool,
}

/// One hop.
pub(super) struct Row {
    pub(super) what: String,
    /// Which replica; empty for this gateway.
    pub(super) replica: String,
    /// Which attempt was answered.
    pub(super) attempt: u32,
    /// The time between what was before it and its beginning: between two clocks.
    pub(super) before: Option<String>,
    /// How long it took; `None` for what takes no time.
    pub(super) took: Option<String>,
    /// What happened at its end.
    pub(super) mark: &'static str,
    /// Earlier attempts, which had no answer.
    pub(super) earlier: Vec<Bar>,
    pub(super) bar: Bar,
}

/// A piece of the scale, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    pub(super) at: f64,
    pub(super) width: f64,
}

impl Bar {
    pub(super) fn end(self) -> f64 {
        self.at + self.width
    }
}

/// From when to when, in microseconds on the gateway's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: u64,
    to: u64,
}

impl Span {
    /// The same length, moved as little as needed to begin at or after `window.from`, and to end at
    /// or before `window.to` if it is short enough for that.
    fn within(self, window: Self) -> Self {
        let length = self.to.saturating_sub(self.from);
        let latest = window.to.saturating_sub(length);
        let from = self.from.min(latest).max(window.from);
        Self { from, to: from.saturating_add(length) }
    }

    fn length(self) -> u64 {
        self.to.saturating_sub(self.from)
    }
}

impl Chart {
    pub(super) fn of(timeline: &Timeline) -> Option<Self> {
        let last = *timeline.attempts.last()?;
        let ends = [timeline.replied, last.confirmed].into_iter().flatten().max();
        let whole = Span { from: timeline.admitted, to: ends.unwrap_or(last.published) };
        let window = Span { from: last.published, to: whole.to };
        let hops = placed(&timeline.hops, window);
        let moved = timeline.hops.iter().zip(&hops).any(|(hop, span)| hop.received != span.from);
        let whole = Span { to: hops.iter().map(|span| span.to).fold(whole.to, u64::max), ..whole };
        let mut rows = of_gateway(timeline, whole);
        rows.extend(timeline.hops.iter().zip(&hops).map(|(hop, span)| {
            let first = timeline.attempts.first().map(|attempt| attempt.published);
            of_hop(hop, *span, (first, last.published), whole)
        }));
        rows.extend(timeline.replied.map(|replied| of_reply(replied, timeline, whole)));
        let repeated = rows.iter().any(|row| !row.earlier.is_empty());
        let (total, missions) = (duration(whole.length()), timeline.missions);
        Some(Self { rows, total, missions, moved, repeated })
    }
}

/// Where the bars of the hops are on the gateway's clock.
fn placed(hops: &[Hop], window: Span) -> Vec<Span> {
    let own = |hop: &Hop| Span { from: hop.received, to: hop.done };
    let Some(decider) = hops.iter().find(|hop| hop.role == Role::Decider) else {
        return hops.iter().map(|hop| own(hop).within(window)).collect();
    };
    let (raw, at) = (own(decider), own(decider).within(window));
    let place = |hop: &Hop| {
        if hop.role == Role::Decider {
            return at;
        }
        // First on the decider's clock, then as the decider was moved.
        let asked = Span { from: hop.asked.unwrap_or(raw.from), to: raw.to };
        let span = own(hop).within(asked);
        let from = span.from.saturating_sub(raw.from).saturating_add(at.from);
        Span { from, to: from.saturating_add(span.length()) }
    };
    hops.iter().map(place).collect()
}

fn of_gateway(timeline: &Timeline, whole: Span) -> [Row; 2] {
    let first = timeline.attempts.first().map_or(whole.from, |attempt| attempt.published);
    let attempts = timeline.attempts.windows(2);
    let earlier = attempts.filter_map(|pair| match pair {
        [attempt, next] => Some(bar(Span { from: attempt.published, to: next.published }, whole)),
        _ => None,
    });
    let last = timeline.attempts.last();
    let publish = last.map(|last| Span {
        from: last.published,
        to: last.confirmed.unwrap_or(last.published),
    });
    let publish = publish.unwrap_or(whole);
    let wait = Span { from: whole.from, to: first };
    let row = |what: &str, span: Span| Row {
        what: what.to_owned(),
        replica: String::new(),
        attempt: 1,
        before: None,
        took: Some(duration(span.length())),
        mark: "",
        earlier: Vec::new(),
        bar: bar(span, whole),
    };
    let unconfirmed = last.is_none_or(|last| last.confirmed.is_none());
    let publishing = row("Publish and confirm", publish);
    [
        row("Wait for the batch before it", wait),
        Row {
            attempt: u32::try_from(timeline.attempts.len()).unwrap_or(u32::MAX),
            took: publishing.took.filter(|_| !unconfirmed),
            earlier: earlier.collect(),
            ..publishing
        },
    ]
}

/// `published` is when the request was published first, and when last.
fn of_hop(hop: &Hop, span: Span, published: (Option<u64>, u64), whole: Span) -> Row {
    let (first, asked) = match hop.asked {
        // On the decider's clock, by which the bar may have been moved.
        Some(asked) => {
            let asked = span.from.saturating_sub(hop.received.saturating_sub(asked));
            (Some(asked), hop.asked)
        }
        None => (published.0, Some(published.1)),
    };
    let repeated = hop.attempt > 1;
    let earlier = first.filter(|_| repeated).map(|from| bar(Span { from, to: span.from }, whole));
    let before = asked.filter(|_| !repeated).map(|asked| {
        let between = hop.received.checked_sub(asked).map(duration);
        between.unwrap_or_else(|| "the clocks differ".to_owned())
    });
    Row {
        what: capital(&hop.role.title()),
        replica: short(&hop.instance),
        attempt: hop.attempt,
        before,
        took: Some(duration(hop.done.saturating_sub(hop.received))),
        mark: if hop.role == Role::Persister { "commit" } else { "" },
        earlier: earlier.into_iter().collect(),
        bar: bar(span, whole),
    }
}

fn of_reply(replied: u64, timeline: &Timeline, whole: Span) -> Row {
    let decided = timeline.hops.iter().find(|hop| hop.role == Role::Decider).map(|hop| hop.done);
    let before = decided.map(|done| {
        let between = replied.checked_sub(done).map(duration);
        between.unwrap_or_else(|| "the clocks differ".to_owned())
    });
    Row {
        what: "Reply".to_owned(),
        replica: String::new(),
        attempt: 1,
        before,
        took: None,
        mark: "reply",
        earlier: Vec::new(),
        bar: bar(Span { from: replied, to: replied }, whole),
    }
}

/// The longest name of a replica that is shown whole, in characters.
const SHOWN: usize = 20;

/// The beginning of a name: its end is random. The JSON has all of it.
fn short(instance: &str) -> String {
    if instance.chars().count() <= SHOWN {
        return instance.to_owned();
    }
    instance.chars().take(SHOWN - 1).chain(['…']).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "it is drawn, in pixels")]
fn bar(span: Span, whole: Span) -> Bar {
    let scale = 100.0 / whole.length().max(1) as f64;
    let at = span.from.saturating_sub(whole.from) as f64 * scale;
    let at = at.clamp(0.0, 100.0);
    let width = (span.length() as f64 * scale).clamp(0.0, 100.0 - at);
    Bar { at, width }
}

/// A duration for people: microseconds below one millisecond, seconds above one.
fn duration(micros: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "it is shown with two places")]
    let millis = micros as f64 / 1e3;
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{millis:.2} ms"),
        10_000..1_000_000 => format!("{millis:.0} ms"),
        _ => format!("{:.2} s", millis / 1e3),
    }
}

#[cfg(test)]
mod tests;
