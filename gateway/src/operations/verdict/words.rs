//! What is said about each situation, and the next command.

use schemas::operations::{Finding, Level, RoleState};
use schemas::{Role, Status};

use super::{BROKER_AWAY, DATABASE_AWAY, FILLING, Facts, Situation, situations};

/// All is well.
const WELL: &str = "All well.";
/// What helps with the broker, and with the database.
const CHECK_BROKER: &str = "spymission check --broker …";
const CHECK_DATABASE: &str = "spymission check --database …";
/// What shows the dead letters.
const LETTERS: &str = "spymission dead-letters list --groups";

/// The verdict, and what else there is to say, the worst first.
pub(in crate::operations) fn findings(facts: &Facts) -> (Finding, Vec<Finding>) {
    let mut all = situations(facts).into_iter().map(|situation| situation.told(facts.waiting));
    match all.next() {
        Some(worst) => (worst, all.collect()),
        None => (quiet(facts), Vec::new()),
    }
}

/// What is said when nothing is wrong.
fn quiet(facts: &Facts) -> Finding {
    let unheard = |role: &RoleState| role.replicas.is_empty();
    if facts.listening < Status::GONE && facts.roles.iter().any(unheard) {
        let text = format!(
            "This gateway has listened for {} s. Who is silent for {} s is missing.",
            facts.listening,
            Status::GONE
        );
        return Finding { level: Level::Note, text, next: None };
    }
    Finding { level: Level::Well, text: WELL.to_owned(), next: None }
}

impl Situation {
    /// In a few words, for the list of incidents: the same as long as it lasts.
    pub(in crate::operations) fn name(&self) -> String {
        match self {
            Self::BrokerAway { .. } => BROKER_AWAY.to_owned(),
            Self::DatabaseAway { .. } => DATABASE_AWAY.to_owned(),
            Self::Nobody { role, known: true, .. } => format!("no {}", role.title()),
            // One name: whether somebody consumes is known only while the queues are looked at.
            Self::Nobody { role, .. } | Self::Unheard { role } => {
                format!("no status of any {}", role.title())
            }
            Self::Waits { role, .. } => format!("{} waits", role.title()),
            Self::Degraded { role, why } => format!("{}: {why}", role.title()),
            Self::Filling { queue, .. } => format!("{queue}{FILLING}"),
            Self::Gone { role, .. } => format!("{} gone", role.title()),
            Self::DeadLetters { .. } => "dead letters".to_owned(),
            Self::UnreadDeadLetters => "dead letters unread".to_owned(),
            Self::Versions { .. } => "several versions".to_owned(),
        }
    }

    /// In words, and what to do next.
    fn told(self, waiting: u64) -> Finding {
        let level = self.level();
        let (text, next) = match self {
            Self::BrokerAway { why, seconds } => (
                format!(
                    "The broker has been away for {seconds} s ({why}). New callers are told 503; \
                     what it has confirmed is kept."
                ),
                Some(CHECK_BROKER.to_owned()),
            ),
            Self::DatabaseAway { why } => {
                let text = format!("The database cannot be used ({why}). {}", kept(waiting));
                (text, Some(CHECK_DATABASE.to_owned()))
            }
            Self::Nobody { role, seconds, known } => {
                let ever = if known { "" } else { ", since this gateway listens" };
                let text = format!("No {} for {seconds} s{ever}. {}", role.title(), kept(waiting));
                (text, Some(next_for(role)))
            }
            Self::Unheard { role } => (
                format!(
                    "Somebody consumes the queue of the {}, and says no status. Its user may lack \
                     the right to write to `mission.events`, or its version is older.",
                    role.title()
                ),
                Some(CHECK_BROKER.to_owned()),
            ),
            Self::Waits { role, why } => {
                let text = format!("The {} waits: {why}. {}", role.title(), kept(waiting));
                (text, Some(check_for(role)))
            }
            Self::Degraded { role, why } => {
                (format!("A {} goes on, but something is missing: {why}.", role.title()), None)
            }
            Self::Filling { queue, messages, most } => {
                let text = format!(
                    "`{queue}` holds {messages} of {most} messages; a full queue takes no more."
                );
                (text, None)
            }
            Self::Gone { role, gone, left } => {
                let (s, has) = if gone == 1 { ("", "is") } else { ("s", "are") };
                let does = if left == 1 { "1 is left" } else { "the others go on" };
                let text = format!("{gone} {}{s} {has} gone without a word; {does}.", role.title());
                (text, None)
            }
            Self::DeadLetters { open } => {
                let letters = if open == 1 { "dead letter waits" } else { "dead letters wait" };
                (format!("{open} {letters} for a decision."), Some(LETTERS.to_owned()))
            }
            Self::UnreadDeadLetters => (
                "The table of dead letters cannot be read: some may wait for a decision."
                    .to_owned(),
                Some(CHECK_DATABASE.to_owned()),
            ),
            Self::Versions { all } => {
                (format!("Several versions run: {}.", all.join(" and ")), None)
            }
        };
        Finding { level, text, next }
    }
}

fn kept(waiting: u64) -> String {
    match waiting {
        0 => "No request waits.".to_owned(),
        1 => "1 request waits; it is not lost.".to_owned(),
        more => format!("{more} requests wait; none is lost."),
    }
}

fn check_for(role: Role) -> String {
    if role.duties().database { CHECK_DATABASE } else { CHECK_BROKER }.to_owned()
}

/// What to do when nobody of this role is there.
fn next_for(role: Role) -> String {
    match role.duties().database {
        true => CHECK_DATABASE.to_owned(),
        false => format!("spymission {} --broker …", role.command().join(" ")),
    }
}
