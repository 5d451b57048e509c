//! From when to when, and where that is on the scale of a chart.

use schemas::CreatedAt;

/// A piece of the scale, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bar {
    pub(crate) at: f64,
    pub(crate) width: f64,
}

impl Bar {
    pub(crate) fn end(self) -> f64 {
        self.at + self.width
    }
}

/// From when to when, in Unix microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) to: u64,
}

impl Span {
    /// The same length, moved as little as needed to begin at or after `window.from`, and to end at
    /// or before `window.to` if it is short enough for that.
    pub(super) fn within(self, window: Self) -> Self {
        let latest = window.to.saturating_sub(self.length());
        let from = self.from.min(latest).max(window.from);
        Self { from, to: from.saturating_add(self.length()) }
    }

    pub(super) fn length(self) -> u64 {
        self.to.saturating_sub(self.from)
    }

    /// Where it is in this whole.
    #[expect(clippy::cast_precision_loss, reason = "it is drawn, in pixels")]
    pub(super) fn bar(self, whole: Self) -> Bar {
        let scale = 100.0 / whole.length().max(1) as f64;
        let at = (self.from.saturating_sub(whole.from) as f64 * scale).clamp(0.0, 100.0);
        Bar { at, width: (self.length() as f64 * scale).clamp(0.0, 100.0 - at) }
    }
}

/// Unix microseconds; 0 before 1970.
pub(super) fn micros(at: CreatedAt) -> u64 {
    u64::try_from(at.micros()).unwrap_or_default()
}
