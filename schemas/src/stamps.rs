//! Stamps: who worked on a message, and when.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::Role;

/// One hop of a message: a process that worked on it. Both times are of that process's own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// What the process does.
    pub role: Role,
    /// Its name: at most [`INSTANCE`](Self::INSTANCE) bytes of visible ASCII without a comma.
    pub instance: Arc<str>,
    /// When it was asked for the first time, on the clock of whoever asked, in Unix microseconds.
    /// Only whoever asked knows.
    pub asked: Option<u64>,
    /// When it received the message, in Unix microseconds.
    pub received: u64,
    /// When it had done its work, in Unix microseconds. A persister: when it had committed.
    pub done: u64,
    /// Which attempt this was; 1 is the first.
    pub attempt: u32,
}

impl Stamp {
    /// The longest name of an instance, in bytes.
    pub const INSTANCE: usize = 80;
}

/// This time in Unix microseconds; 0 before 1970.
pub fn unix_micros(time: OffsetDateTime) -> u64 {
    u64::try_from(time.unix_timestamp_nanos() / 1_000).unwrap_or_default()
}

/// The hops of a message so far: the header `stamps`. A message has one such header, however many
/// missions it lists.
///
/// Written, each hop is `role instance asked received done attempt`, and `, ` is between two.
/// `asked` is `-` where it is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamps(Vec<Stamp>);

impl Stamps {
    /// The most hops that are kept.
    pub const MOST: usize = 16;
    /// The longest header that is read, in bytes.
    pub const LONGEST: usize = 3_072;

    /// Adds a hop. When there are [`MOST`](Self::MOST) already, it is left out.
    pub fn push(&mut self, stamp: Stamp) {
        if self.0.len() < Self::MOST {
            self.0.push(stamp);
        }
    }

    /// Adds hops, as [`push`](Self::push) does.
    pub fn extend(&mut self, stamps: Self) {
        stamps.0.into_iter().for_each(|stamp| self.push(stamp));
    }

    /// The hops, in the order in which they were added.
    pub fn as_slice(&self) -> &[Stamp] {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same, with what only the requester knows: when it asked first, and which attempt was
    /// answered.
    #[must_use]
    pub fn asked(mut self, asked: u64, attempt: u32) -> Self {
        for stamp in &mut self.0 {
            (stamp.asked, stamp.attempt) = (Some(asked), attempt);
        }
        self
    }
}

impl From<Stamp> for Stamps {
    fn from(stamp: Stamp) -> Self {
        Self(vec![stamp])
    }
}

impl fmt::Display for Stamps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, stamp) in self.0.iter().enumerate() {
            let Stamp { role, instance, asked, received, done, attempt } = stamp;
            let separator = if place == 0 { "" } else { ", " };
            write!(f, "{separator}{} {instance} ", role.name())?;
            match asked {
                Some(asked) => write!(f, "{asked} ")?,
                None => f.write_str("- ")?,
            }
            write!(f, "{received} {done} {attempt}")?;
        }
        Ok(())
    }
}

/// It is no list of stamps that our own processes write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no stamps: write `role instance asked received done attempt, …`")]
pub struct WrongStamps;

impl FromStr for Stamps {
    type Err = WrongStamps;

    fn from_str(text: &str) -> Result<Self, WrongStamps> {
        if text.len() > Self::LONGEST {
            return Err(WrongStamps);
        }
        let stamps: Option<Vec<_>> = text.split(", ").take(Self::MOST + 1).map(stamp).collect();
        stamps.filter(|stamps| stamps.len() <= Self::MOST).map(Self).ok_or(WrongStamps)
    }
}

fn stamp(text: &str) -> Option<Stamp> {
    let mut words = text.split(' ');
    let role = Role::parse(words.next()?)?;
    let is_name = |name: &&str| {
        (1..=Stamp::INSTANCE).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_graphic() && b != b',')
    };
    let instance = words.next().filter(is_name)?.into();
    let asked = match words.next()? {
        "-" => None,
        micros => Some(micros.parse().ok()?),
    };
    let (received, done) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let attempt = words.next()?.parse().ok()?;
    words.next().is_none().then_some(Stamp { role, instance, asked, received, done, attempt })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Part;

    fn stamps(count: usize) -> Stamps {
        let stamp = Stamp {
            role: Role::Part(Part::Number),
            instance: "n".repeat(Stamp::INSTANCE).into(),
            asked: Some(u64::MAX),
            received: u64::MAX,
            done: u64::MAX,
            attempt: u32::MAX,
        };
        let mut stamps = Stamps::default();
        (0..count).for_each(|_| stamps.push(stamp.clone()));
        stamps
    }

    #[test]
    fn stamps_read_back_and_the_longest_fit_the_header() {
        let longest = stamps(Stamps::MOST + 1);
        assert_eq!(longest.as_slice().len(), Stamps::MOST);
        assert!(longest.to_string().len() <= Stamps::LONGEST, "{}", longest.to_string().len());
        assert_eq!(longest.to_string().parse(), Ok(longest));
        let unasked = "persister p.1 - 1795353891000123 1795353891000456 1";
        assert_eq!(unasked.parse::<Stamps>().unwrap().to_string(), unasked);
    }

    #[test]
    fn what_is_no_stamp_is_refused_as_a_whole() {
        let one = "number n.1 - 1 2 1";
        for wrong in [
            "",
            "spy n.1 - 1 2 1",
            "number n.1 - 1 2",
            "number n.1 - 1 2 1 1",
            "number  - 1 2 1",
            "number n.1 x 1 2 1",
            "number n.1 - -1 2 1",
            "number n,1 - 1 2 1",
            "number né - 1 2 1",
            &format!("{one}, "),
            &format!("{one},{one}"),
            &vec![one; Stamps::MOST + 1].join(", "),
            &"x".repeat(Stamps::LONGEST + 1),
        ] {
            assert_eq!(wrong.parse::<Stamps>(), Err(WrongStamps), "{wrong}");
        }
    }

    #[test]
    fn whoever_asked_adds_when_and_how_often() {
        let asked = "number n.1 - 5 6 1".parse::<Stamps>().unwrap().asked(3, 2);
        assert_eq!(asked.to_string(), "number n.1 3 5 6 2");
    }
}
