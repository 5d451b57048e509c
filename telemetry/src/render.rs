//! Writing all metrics as OpenMetrics text.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::registry::{Registry, Unit};
use schemas::Role;

use crate::family::{Entry, Family};
use crate::kind::Kind;
use crate::metric::Pair;
use crate::metrics::{ProcessMetrics, RoleMetrics};
use crate::process::{of, process};

/// The media type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Which version this process is.
const BUILD: Entry<()> = Entry {
    family: Family {
        stem: "spymission_build_info",
        help: "1, with the version of the process.",
        kind: Kind::Gauge,
        unit: None,
        labels: &["version"],
        by_role: false,
    },
    encode: |(), encoder, outer| encoder.encode_family(&outer)?.encode_gauge(&1_i64),
};

/// Every metric that there is.
pub fn families() -> impl Iterator<Item = Family> {
    let roles =
        [BUILD.family].into_iter().chain(RoleMetrics::ENTRIES.iter().map(|entry| entry.family));
    roles.chain(ProcessMetrics::ENTRIES.iter().map(|entry| entry.family))
}

/// How long a text is given again. However many ask, no more than two a second are written.
const FRESH: Duration = Duration::from_millis(500);

/// All metrics of this process as OpenMetrics text, no older than 500 ms at `now`. A role that never
/// ran here is left out. Whoever asks while the text is written waits for it, about a millisecond.
pub fn text(now: Instant) -> Arc<[u8]> {
    static LAST: Mutex<Option<(Instant, Arc<[u8]>)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    match &*last {
        Some((written, text)) if now.saturating_duration_since(*written) < FRESH => {
            Arc::clone(text)
        }
        _ => {
            let text = Arc::from(render().into_bytes());
            Arc::clone(&last.insert((now, text)).1)
        }
    }
}

fn render() -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Everything));
    let mut text = String::new();
    let _ = text::encode(&mut text, &registry); // a String takes all
    text
}

#[derive(Debug)]
struct Everything;

impl Collector for Everything {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let build: Pair = ("version", env!("CARGO_PKG_VERSION"));
        write(&mut encoder, &BUILD, &[(&(), vec![build])])?;
        let roles = Role::ALL.into_iter().filter(|role| of(*role).sessions.get() > 0);
        let roles: Vec<_> = roles.map(|role| (of(role), vec![("role", role.name())])).collect();
        for entry in RoleMetrics::ENTRIES {
            write(&mut encoder, entry, &roles)?;
        }
        for entry in ProcessMetrics::ENTRIES {
            write(&mut encoder, entry, &[(process(), Vec::new())])?;
        }
        Ok(())
    }
}

/// Writes one metric of each of these, with their labels.
fn write<T>(
    encoder: &mut DescriptorEncoder<'_>,
    entry: &Entry<T>,
    all: &[(&T, Vec<Pair>)],
) -> fmt::Result {
    let Family { stem, kind, unit, .. } = entry.family;
    let unit = unit.map(|unit| Unit::Other(unit.to_owned()));
    let help = entry.family.help();
    let mut encoder =
        encoder.encode_descriptor(stem, help, unit.as_ref(), kind.of_openmetrics())?;
    all.iter().try_for_each(|(metrics, labels)| (entry.encode)(metrics, &mut encoder, labels))
}

#[cfg(test)]
mod tests;
