//! Where the bars of the hops are on the gateway's clock.

use schemas::Role;
use schemas::http::Hop;

use super::scale::{Span, micros};

/// The time in which this process worked, on its own clock.
pub(super) fn own(hop: &Hop) -> Span {
    Span { from: micros(hop.received), to: micros(hop.done) }
}

pub(super) fn decider(hops: &[Hop]) -> Option<&Hop> {
    hops.iter().find(|hop| hop.role == Role::Decider.name())
}

/// Whether the work of the decider ended when it asked this hop, which then sent the reply.
pub(super) fn follows(hop: &Hop, decider: Option<&Hop>) -> bool {
    let done = decider.map(|decider| decider.done);
    hop.asked.zip(done).is_some_and(|(asked, done)| asked >= done)
}

/// Where the bars of the hops are on the gateway's clock.
pub(super) fn placed(hops: &[Hop], window: Span) -> Vec<Span> {
    let Some(decider) = decider(hops) else {
        return hops.iter().map(|hop| own(hop).within(window)).collect();
    };
    let after = hops.iter().filter(|hop| follows(hop, Some(decider))).map(|hop| own(hop).length());
    let latest = window.to.saturating_sub(after.max().unwrap_or_default());
    let (raw, at) = (own(decider), own(decider).within(Span { to: latest, ..window }));
    let place = |hop: &Hop| {
        if hop.role == decider.role {
            return at;
        }
        // First on the decider's clock, then as the decider was moved.
        let rest = if follows(hop, Some(decider)) { window.to.saturating_sub(at.to) } else { 0 };
        let asked =
            Span { from: hop.asked.map_or(raw.from, micros), to: raw.to.saturating_add(rest) };
        let span = own(hop).within(asked);
        let from = span.from.saturating_sub(raw.from).saturating_add(at.from);
        Span { from, to: from.saturating_add(span.length()) }
    };
    hops.iter().map(place).collect()
}
