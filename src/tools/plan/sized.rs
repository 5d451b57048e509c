//! A rate with its headroom.

/// Microseconds of a second; bytes of a megabyte.
pub(super) const MILLION: f64 = 1e6;

/// The rate with its headroom, on machines of so many cores.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sized {
    pub(super) rate: f64,
    pub(super) cores: u32,
}
