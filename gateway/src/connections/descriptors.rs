//! File descriptors: each connection takes one. The usual limit of 1,024 is raised as far as the
//! system allows, and no more connections are accepted than it leaves.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for everything else: the database, the broker, files, pipes.
const RESERVE: u64 = 128;

/// How many connections there may be, of at most so many. Raises the limit of descriptors.
pub(super) fn connections(wanted: usize) -> usize {
    let limit = raise();
    let most = fitting(wanted, limit);
    if most < wanted {
        let fix = "raise the limit (ulimit -n, LimitNOFILE) or lower --connections";
        tracing::warn!(wanted, most, descriptors = limit, fix, "fewer connections are accepted");
    }
    most
}

/// Raises the soft limit to the hard one, and says what it is then; `None` if there is none.
pub fn raise() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of file descriptors could not be raised");
            limit.current
        }
    }
}

/// The connections for which so many descriptors suffice; at least one.
fn fitting(wanted: usize, descriptors: Option<u64>) -> usize {
    let Some(descriptors) = descriptors else { return wanted };
    let left = descriptors.saturating_sub(RESERVE).max(descriptors / 4);
    usize::try_from(left).unwrap_or(usize::MAX).clamp(1, wanted.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_never_take_the_last_descriptors() {
        assert_eq!(fitting(4_096, Some(1_048_576)), 4_096);
        assert_eq!(fitting(4_096, Some(1_024)), 896);
        assert_eq!(fitting(4_096, Some(160)), 40);
        assert_eq!(fitting(4_096, Some(0)), 1);
        assert_eq!(fitting(4_096, None), 4_096);
    }

    #[test]
    fn the_soft_limit_is_raised_to_the_hard_one() {
        let hard = getrlimit(Resource::Nofile).maximum;
        assert_eq!(raise(), hard);
        assert_eq!(getrlimit(Resource::Nofile).current, hard);
    }
}
