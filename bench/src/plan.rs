//! The steps of a round.

use super::options::{Options, Part};
use super::results::What;

/// The callers of targets: few, many, and more than many.
pub(crate) const FEW: usize = 64;
/// See [`FEW`].
pub(crate) const MANY: usize = 256;
/// See [`FEW`].
pub(crate) const CROWD: usize = 1_024;
/// The callers over AMQP.
pub(crate) const AMQP: usize = 100;

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    /// A load from so many callers.
    Load(What, usize),
    /// Single steps of the way of a mission, without us.
    Floor,
    /// The start of the one process.
    Start,
}

impl Step {
    /// What it is, for people.
    pub(crate) fn title(self) -> String {
        match self {
            Self::Load(what, 1) => format!("{}, 1 caller", what.title()),
            Self::Load(what, callers) => format!("{}, {callers} callers", what.title()),
            Self::Floor => "the latency floor".to_owned(),
            Self::Start => "the cold start".to_owned(),
        }
    }

    fn callers(self) -> Option<usize> {
        match self {
            Self::Load(_, callers) => Some(callers),
            Self::Floor | Self::Start => None,
        }
    }
}

impl What {
    /// What it is, for people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Cluster => "five processes",
            Self::Single => "five processes, --batch 1",
            Self::Full => "five processes, full table",
            Self::Embedded => "one process",
            Self::OwnQueues => "AMQP, own queues",
            Self::DirectReplies => "AMQP, direct reply-to",
            Self::ClusterLivez => "GET /livez, gateway alone",
            Self::EmbeddedLivez => "GET /livez, one process",
            Self::Bare => "POST to a bare server",
            Self::Mission => "GET /missions/{id}, one process",
            Self::List => "GET /missions, one process",
            Self::FullList => "GET /missions, full table",
        }
    }
}

/// What is measured in this round, in this order. Five processes and one process are measured in turn;
/// which is first changes from round to round. A floor is measured beside what it is compared with.
pub(crate) fn round(options: &Options, number: u32) -> Vec<Step> {
    let mut steps = Vec::new();
    if options.includes(Part::Http) {
        for &callers in &options.connections {
            let mut pair = [What::Cluster, What::Embedded].map(|what| Step::Load(what, callers));
            pair.rotate_left(usize::from(number % 2 == 1));
            steps.extend(pair);
            if options.rows.is_some() && callers == MANY {
                steps.push(Step::Load(What::Full, MANY));
            }
            steps.extend(floors(options).filter(|step| step.callers() == Some(callers)));
        }
        steps.push(Step::Load(What::Single, MANY));
    }
    if options.includes(Part::Amqp) {
        let addresses = [What::OwnQueues, What::DirectReplies];
        steps.extend(addresses.map(|what| Step::Load(what, AMQP)));
    }
    if options.includes(Part::Reads) {
        steps.extend([What::Mission, What::List].map(|what| Step::Load(what, FEW)));
        let pages = [1, FEW].map(|callers| Step::Load(What::FullList, callers));
        steps.extend(pages.into_iter().filter(|_| options.rows.is_some()));
    }
    let missing: Vec<_> = floors(options).filter(|step| !steps.contains(step)).collect();
    steps.extend(missing);
    steps.extend(options.includes(Part::Start).then_some(Step::Start));
    steps
}

fn floors(options: &Options) -> impl Iterator<Item = Step> {
    let floors = [
        Step::Load(What::EmbeddedLivez, FEW),
        Step::Load(What::Bare, FEW),
        Step::Load(What::ClusterLivez, MANY),
        Step::Load(What::Bare, MANY),
        Step::Floor,
    ];
    let included = options.includes(Part::Floors);
    floors.into_iter().filter(move |_| included)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        options: Options,
    }

    fn steps(arguments: &[&str], number: u32) -> Vec<Step> {
        let arguments = [&["bench"], arguments].concat();
        round(&Command::try_parse_from(arguments).unwrap().options, number)
    }

    #[test]
    fn a_round_measures_everything_once_and_the_next_one_begins_with_the_other_system() {
        let (first, second) = (steps(&[], 0), steps(&[], 1));
        assert_eq!(first[..2], [What::Cluster, What::Embedded].map(|what| Step::Load(what, 1)));
        assert_eq!(second[..2], [What::Embedded, What::Cluster].map(|what| Step::Load(what, 1)));
        assert_eq!(first.len(), second.len());
        for (place, step) in first.iter().enumerate() {
            assert!(second.contains(step) && !first[..place].contains(step), "{step:?}");
        }
    }

    #[test]
    fn a_full_table_is_measured_only_if_it_was_filled() {
        let full = [Step::Load(What::Full, MANY), Step::Load(What::FullList, 1)];
        assert!(full.iter().all(|step| !steps(&[], 0).contains(step)));
        assert!(full.iter().all(|step| steps(&["--rows", "10"], 0).contains(step)));
        assert_eq!(steps(&["--only", "start"], 0), [Step::Start]);
        assert_eq!(steps(&["--only", "floors"], 0).len(), 5);
    }
}
