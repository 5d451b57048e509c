//! One metric for each value of its labels.

use std::fmt;
use std::marker::PhantomData;

use prometheus_client::encoding::MetricEncoder;

use crate::kind::Kind;
use crate::label::{Label, Labels};
use crate::metric::{Metric, Pair};

/// One metric `M` for each value of the labels `L`, of which there are `N`.
#[derive(Debug)]
pub struct By<L, M, const N: usize>([M; N], PhantomData<L>);

impl<L: Labels, M, const N: usize> By<L, M, N> {
    #[expect(clippy::indexing_slicing, reason = "an index of the labels is below their number")]
    fn at(&self, labels: L) -> &M {
        const { assert!(N == L::COUNT) };
        &self.0[labels.index()]
    }
}

impl<A: Label, M, const N: usize> By<(A,), M, N> {
    /// The one with this label.
    pub fn of(&self, a: A) -> &M {
        self.at((a,))
    }
}

impl<A: Label, B: Label, M, const N: usize> By<(A, B), M, N> {
    /// The one with these labels.
    pub fn of(&self, a: A, b: B) -> &M {
        self.at((a, b))
    }
}

impl<A: Label, B: Label, C: Label, M, const N: usize> By<(A, B, C), M, N> {
    /// The one with these labels.
    pub fn of(&self, a: A, b: B, c: C) -> &M {
        self.at((a, b, c))
    }
}

impl<L: Labels, M: Metric, const N: usize> Metric for By<L, M, N> {
    const NEW: Self = Self([const { M::NEW }; N], PhantomData);
    const KIND: Kind = M::KIND;
    const UNIT: Option<&'static str> = M::UNIT;
    const LABELS: &'static [&'static str] = L::NAMES;

    fn is_zero(&self) -> bool {
        self.0.iter().all(Metric::is_zero)
    }

    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        self.encode_with(&mut encoder, &[])
    }

    /// Histograms are long: they are written when something was recorded.
    fn encode_with(&self, encoder: &mut MetricEncoder<'_>, outer: &[Pair]) -> fmt::Result {
        let sparse = !L::ALWAYS || matches!(M::KIND, Kind::Histogram);
        for (index, metric) in self.0.iter().enumerate() {
            if sparse && metric.is_zero() {
                continue;
            }
            let mut pairs = L::pairs(index);
            pairs.splice(0..0, outer.iter().copied());
            metric.encode_with(encoder, &pairs)?;
        }
        Ok(())
    }
}
