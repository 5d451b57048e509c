//! What every metric can do.

use std::fmt;

use prometheus_client::encoding::{EncodeLabelSet, MetricEncoder};

use crate::kind::Kind;

/// A label with its value.
pub(crate) type Pair = (&'static str, &'static str);

/// One metric, or one for each value of its labels.
pub(crate) trait Metric: Sized {
    /// Nothing recorded yet.
    const NEW: Self;
    /// How it is typed.
    const KIND: Kind;
    /// What the name ends with, as a unit.
    const UNIT: Option<&'static str> = None;
    /// Its labels.
    const LABELS: &'static [&'static str] = &[];

    /// Whether nothing was recorded.
    fn is_zero(&self) -> bool;

    /// Writes its value.
    fn encode(&self, encoder: MetricEncoder<'_>) -> fmt::Result;

    /// Writes it with these labels.
    fn encode_with(&self, encoder: &mut MetricEncoder<'_>, outer: &[Pair]) -> fmt::Result {
        if outer.is_empty() {
            return self.encode(encoder.encode_family(&NoPairs)?);
        }
        self.encode(encoder.encode_family(&outer)?)
    }
}

/// No labels at all.
struct NoPairs;

impl EncodeLabelSet for NoPairs {
    fn encode(
        &self,
        _: &mut prometheus_client::encoding::LabelSetEncoder<'_>,
    ) -> Result<(), fmt::Error> {
        Ok(())
    }
}
