//! Faults in a fixed order, for what is promised about clusters, about rolling versions, and about a
//! database whose replica takes over.

mod cluster;
mod rolling;
mod step;
mod takeover;

use crate::options::Options;
use crate::system::Size;
pub(crate) use step::Step;

/// What a script is about.
pub(crate) struct Script {
    pub(crate) size: Size,
    /// Callers over HTTP, and over AMQP.
    pub(crate) callers: (u32, u32),
    pub(crate) steps: Vec<Step>,
    /// Whether no request may fail.
    pub(crate) none_fails: bool,
}

impl Script {
    /// The script that is asked for.
    pub(crate) fn of(options: &Options) -> Option<Self> {
        let callers = (16, 8);
        if options.cluster {
            let size = Size { nodes: cluster::NODES, workers: 2, replication: None };
            return Some(Self { size, callers, steps: cluster::steps(), none_fails: false });
        }
        if options.takeover {
            let replication = options.replication();
            let size = Size { nodes: 1, workers: 2, replication: Some(replication) };
            let steps = takeover::steps(replication, options.quick);
            return Some(Self { size, callers, steps, none_fails: false });
        }
        options.rolling.then(|| Self {
            size: Size { nodes: 1, workers: 2, replication: None },
            callers,
            steps: rolling::steps(options.previous.is_some()),
            none_fails: true,
        })
    }
}

/// The names of all steps.
#[cfg(test)]
pub(crate) fn names() -> Vec<String> {
    use testkit::servers::Replication;
    let pairs = [Replication::SemiSynchronous, Replication::Asynchronous];
    let takeovers = pairs.into_iter().flat_map(|pair| takeover::steps(pair, false));
    let all = cluster::steps().into_iter().chain(rolling::steps(true)).chain(takeovers);
    all.map(|step| step.name).collect()
}
