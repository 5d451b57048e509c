//! What is known of a metric beside its values.

use std::fmt;

use prometheus_client::encoding::MetricEncoder;

use crate::kind::Kind;
use crate::metric::Pair;

/// What is known of a metric beside its values.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// Its name without unit and without what its type adds.
    pub(crate) stem: &'static str,
    /// What it tells.
    pub(crate) help: &'static str,
    /// How it is typed.
    pub kind: Kind,
    /// Its unit, if the name ends with one.
    pub unit: Option<&'static str>,
    /// Its labels; those of a role have the label `role` before these.
    pub labels: &'static [&'static str],
    /// Whether each role has one of its own.
    pub by_role: bool,
}

impl Family {
    /// Its name, with the unit.
    pub fn name(&self) -> String {
        match self.unit {
            Some(unit) => format!("{}_{unit}", self.stem),
            None => self.stem.to_owned(),
        }
    }

    /// What it tells: one or more sentences.
    pub fn help(&self) -> &'static str {
        self.help.trim_ascii()
    }

    /// The names of its series.
    pub fn series(&self) -> Vec<String> {
        let name = self.name();
        match self.kind {
            Kind::Counter => vec![format!("{name}_total")],
            Kind::Gauge => vec![name],
            Kind::Histogram => {
                ["bucket", "count", "sum"].iter().map(|end| format!("{name}_{end}")).collect()
            }
        }
    }
}

/// A family, and how its values are written from all metrics of `T`.
pub(crate) struct Entry<T> {
    pub(crate) family: Family,
    pub(crate) encode: fn(&T, &mut MetricEncoder<'_>, &[Pair]) -> fmt::Result,
}

/// Declares metrics: for each its documentation, which is also its help text, its field, its type
/// with the labels, and its name.
macro_rules! metrics {
    (
        $(#[$about:meta])*
        $Metrics:ident by role $by_role:literal {$(
            $(#[doc = $help:literal])+
            $field:ident: $Metric:ty $([$($Label:ty),+])? = $stem:literal,
        )+}
    ) => {
        $(#[$about])*
        #[derive(Debug)]
        pub struct $Metrics {$(
            $(#[doc = $help])+
            pub $field: $crate::family::metrics!(@type $Metric $([$($Label),+])?),
        )+}

        impl $Metrics {
            pub(crate) const fn new() -> Self {
                Self {$($field: $crate::metric::Metric::NEW,)+}
            }

            pub(crate) const ENTRIES: &'static [$crate::family::Entry<Self>] = &[$({
                type Field = $crate::family::metrics!(@type $Metric $([$($Label),+])?);
                $crate::family::Entry {
                    family: $crate::family::Family {
                        stem: $stem,
                        help: concat!($($help),+),
                        kind: <Field as $crate::metric::Metric>::KIND,
                        unit: <Field as $crate::metric::Metric>::UNIT,
                        labels: <Field as $crate::metric::Metric>::LABELS,
                        by_role: $by_role,
                    },
                    encode: |all, encoder, outer| {
                        $crate::metric::Metric::encode_with(&all.$field, encoder, outer)
                    },
                }
            },)+];
        }
    };
    (@type $Metric:ty) => { $Metric };
    (@type $Metric:ty [$($Label:ty),+]) => {
        $crate::by::By<
            ($($Label,)+),
            $Metric,
            { <($($Label,)+) as $crate::label::Labels>::COUNT },
        >
    };
}
pub(crate) use metrics;
