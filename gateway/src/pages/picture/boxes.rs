//! The boxes of the picture: a role with its replicas, a queue with its exchange.

use std::fmt::Write;

use schemas::Role;
use schemas::operations::{QueueState, Replica, ReplicaState, RoleState};

use crate::figures::{duration, rate, whole};

/// The size of a box.
pub(in crate::pages) const WIDTH: f64 = 186.0;
pub(in crate::pages) const HEIGHT: f64 = 96.0;
/// The size of a sparkline.
const SPARK: (f64, f64) = (60.0, 22.0);
/// The most replicas that get a dot of their own.
const DOTS: usize = 8;

/// A role.
pub(in crate::pages) struct RoleBox {
    pub(in crate::pages) role: Role,
    pub(in crate::pages) x: f64,
    pub(in crate::pages) y: f64,
    /// Whether somebody must act.
    pub(in crate::pages) act: bool,
    pub(in crate::pages) title: String,
    pub(in crate::pages) state: String,
    pub(in crate::pages) rate: String,
    pub(in crate::pages) latency: String,
    pub(in crate::pages) dots: Vec<Dot>,
    pub(in crate::pages) spark: String,
}

/// A replica.
pub(in crate::pages) struct Dot {
    pub(in crate::pages) x: f64,
    pub(in crate::pages) class: &'static str,
}

/// A queue, and the exchange that feeds it.
pub(in crate::pages) struct QueueBox {
    pub(in crate::pages) x: f64,
    pub(in crate::pages) y: f64,
    /// Whether somebody must act.
    pub(in crate::pages) act: bool,
    pub(in crate::pages) exchange: String,
    pub(in crate::pages) name: String,
    pub(in crate::pages) rate: String,
    pub(in crate::pages) depth: String,
    pub(in crate::pages) consumers: String,
    pub(in crate::pages) spark: String,
}

impl RoleBox {
    pub(super) fn new(state: &RoleState, x: f64, y: f64, hears: bool) -> Self {
        let there = state.replicas.iter().filter(|replica| replica.state.is_present()).count();
        let silent = state.replicas.iter().map(|replica| replica.silent).min();
        let at_work =
            |replica: &Replica| matches!(replica.state, ReplicaState::Up | ReplicaState::Degraded);
        let act = hears && state.role != Role::Gateway && !state.replicas.iter().any(at_work);
        let said = match (there, silent) {
            (0, None) => "not heard yet".to_owned(),
            (0, Some(silent)) => format!("none for {silent} s"),
            (there, _) => present(&state.replicas, there),
        };
        let dots = state.replicas.iter().take(DOTS).enumerate().map(|(place, replica)| Dot {
            x: WIDTH - 16.0 - 13.0 * f64::from(u32::try_from(place).unwrap_or_default()),
            class: replica.state.word(),
        });
        let latency =
            |of: schemas::Quantiles| format!("p50 {} · p99 {}", duration(of.p50), duration(of.p99));
        Self {
            role: state.role,
            x,
            y,
            act,
            title: state.role.title(),
            state: said,
            rate: rate(state.rate),
            latency: state.latency.map(latency).unwrap_or_default(),
            dots: dots.collect(),
            spark: sparkline(state.history.iter().copied()),
        }
    }
}

/// How many processes are in which state, as `2 up` or `1 up, 1 degraded`.
fn present(replicas: &[Replica], there: usize) -> String {
    let mut said: Vec<(&str, usize)> = Vec::new();
    for word in replicas.iter().filter(|r| r.state.is_present()).map(|r| r.state.word()) {
        match said.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => said.push((word, 1)),
        }
    }
    match said.as_slice() {
        [(word, _)] if there == 1 => (*word).to_owned(),
        more => more.iter().map(|(word, n)| format!("{n} {word}")).collect::<Vec<_>>().join(", "),
    }
}

impl QueueBox {
    pub(super) fn new(state: &QueueState, x: f64, y: f64) -> Self {
        let of_most = |of: u64| state.most.is_some_and(|most| of.saturating_mul(5) >= most * 4);
        #[expect(clippy::cast_precision_loss, reason = "it is drawn 60 pixels wide")]
        let history = state.history.iter().map(|messages| *messages as f64);
        Self {
            x,
            y,
            act: state.messages.is_some_and(of_most),
            exchange: state.exchange.clone(),
            name: state.name.clone(),
            rate: state.rate.map_or_else(String::new, |known| rate(Some(known))),
            depth: state.messages.map_or_else(|| "–".to_owned(), whole),
            consumers: match state.consumers {
                None => "not seen".to_owned(),
                Some(1) => "waiting · 1 consumer".to_owned(),
                Some(more) => format!("waiting · {more} consumers"),
            },
            spark: sparkline(history),
        }
    }
}

/// The points of a line; none if there is nothing to show.
fn sparkline(values: impl ExactSizeIterator<Item = f64> + Clone) -> String {
    let most = values.clone().fold(0.0, f64::max);
    if values.len() < 2 || most <= 0.0 {
        return String::new();
    }
    let steps = f64::from(u32::try_from(values.len() - 1).unwrap_or(1));
    let mut points = String::new();
    for (step, value) in (0_u32..).zip(values) {
        let x = f64::from(step) / steps * SPARK.0;
        let y = SPARK.1 - value / most * SPARK.1;
        let _ = write!(points, "{x:.1},{y:.1} "); // a String takes everything
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_nothing_is_not_drawn() {
        assert_eq!(sparkline([0.0, 0.0].into_iter()), "");
        assert_eq!(sparkline([3.0].into_iter()), "");
        assert_eq!(sparkline([0.0, 4.0].into_iter()), "0.0,22.0 60.0,0.0 ");
    }
}
