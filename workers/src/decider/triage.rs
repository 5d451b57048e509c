//! What shall be done about a request. Nothing here does anything: a judgement is a value, and
//! `settle` carries it out.

use bus::{Deadline, Envelope, ReturnAddress};
use schemas::{MissionId, MissionIds, Problem, ProblemKind, Request};
use time::OffsetDateTime;

use super::outcome::{Failed, Stored};

/// A request that was delivered this often before is a suspect: it may be what killed the deciders
/// that had it.
pub(super) const SUSPECT: u32 = 2;
/// A request that was delivered this often before is set aside without another try.
pub(super) const LAST: u32 = 10;

/// What shall be done about a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its missions are stored: reply with them.
    Reply {
        /// Which missions.
        missions: MissionIds,
        /// What the persister has stored.
        stored: Stored,
    },
    /// It is bad input: a dead letter with the reason, an error reply, and it is done with. If the
    /// dead letter queue is full, the request is dropped: it would take the place of good work.
    Refuse(Problem),
    /// It is good and fails all the same: a dead letter with the reason, and an error reply. If the
    /// dead letter queue is full, the request waits.
    SetAside(Failed),
    /// One request for each mission takes its place, so that the good ones are saved. If the
    /// request queue is full, the request waits.
    Split {
        /// The missions.
        missions: MissionIds,
        /// Why, for the log.
        why: String,
    },
    /// It was held for too long: a copy goes to the end of the queue.
    HandBack,
}

impl Verdict {
    /// The missions that it is about, as far as it knows them: the first, and how many.
    pub(super) fn about(&self) -> Option<(MissionId, usize)> {
        let missions = match self {
            Self::Reply { missions, .. } | Self::Split { missions, .. } => missions.as_slice(),
            Self::Refuse(problem) | Self::SetAside(Failed { problem, .. }) => problem.missions(),
            Self::HandBack => &[],
        };
        missions.first().map(|first| (*first, missions.len()))
    }
}

/// Judges a delivery: a request that is to be worked on, or what is done instead. `earlier` is how
/// often it was delivered before.
pub(super) fn triage(
    body: &[u8],
    envelope: &Envelope,
    earlier: u32,
    now: OffsetDateTime,
) -> Result<Request, Verdict> {
    let request = read(body, envelope, now).map_err(Verdict::Refuse)?;
    if earlier >= SUSPECT && request.missions.len() > 1 {
        let why = format!("it was delivered {earlier} times before");
        return Err(Verdict::Split { missions: request.missions, why });
    }
    if earlier >= LAST {
        let detail = format!("it was delivered {earlier} times and never came to its end");
        let problem = Problem::new(ProblemKind::SetAside, detail);
        return Err(Verdict::SetAside(problem.about(ids(&request)).into()));
    }
    Ok(request)
}

/// Judges the outcome of the work: the missions as stored, or why the database refused a row.
pub(super) fn judge(request: Request, outcome: Result<Stored, Failed>) -> Verdict {
    match outcome {
        Ok(stored) => Verdict::Reply { missions: request.missions, stored },
        Err(failed) if request.missions.len() > 1 => {
            Verdict::Split { missions: request.missions, why: failed.problem.to_string() }
        }
        Err(Failed { problem, stamps }) => {
            Verdict::SetAside(Failed { problem: problem.about(ids(&request)), stamps })
        }
    }
}

fn read(body: &[u8], envelope: &Envelope, now: OffsetDateTime) -> Result<Request, Problem> {
    ReturnAddress::parse(envelope.reply_to.as_deref())?;
    has_no_coding(envelope.content_encoding.as_deref())?;
    let request = Request::parse(body, envelope.message_id.as_deref())?;
    let now = now.unix_timestamp_nanos() / 1_000_000;
    match envelope.deadline {
        Some(Deadline::Unreadable) => Err(Problem::new(
            ProblemKind::Invalid,
            "header `deadline` is not a whole number: write Unix time in milliseconds",
        )),
        Some(Deadline::At(millis)) if i128::from(millis) < now => {
            let detail = format!("the deadline {millis} had passed at {now}");
            Err(Problem::new(ProblemKind::Expired, detail).about(ids(&request)))
        }
        _ => Ok(request),
    }
}

/// Refuses a body with a content coding, and names the coding. Without this check the problem would
/// only say that the bytes are not JSON.
fn has_no_coding(coding: Option<&str>) -> Result<(), Problem> {
    let coding = coding.unwrap_or_default();
    if coding.is_empty() || coding.eq_ignore_ascii_case("identity") {
        return Ok(());
    }
    let shown: String = coding.chars().take(32).collect();
    let detail = format!("`content_encoding` is {shown}: send the body without a coding");
    Err(Problem::new(ProblemKind::UnsupportedMediaType, detail))
}

fn ids(request: &Request) -> impl Iterator<Item = MissionId> + '_ {
    request.missions.as_slice().iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn id(n: u8) -> MissionId {
        format!("019abc00-1111-7222-8333-4444555566{n:02x}").parse().unwrap()
    }

    fn request(missions: u8) -> Request {
        let missions: Vec<_> = (0..missions).map(id).collect();
        Request { missions: missions.try_into().unwrap() }
    }

    fn judged(missions: u8, earlier: u32) -> Result<Request, Verdict> {
        triage(&crate::json(&request(missions)), &Envelope::default(), earlier, NOW)
    }

    #[test]
    fn a_request_is_worked_on_until_it_is_a_suspect() {
        assert_eq!(judged(3, SUSPECT - 1), Ok(request(3)));
        assert_eq!(judged(1, SUSPECT), Ok(request(1)), "alone");
        assert_eq!(judged(1, LAST - 1), Ok(request(1)));
    }

    #[test]
    fn a_suspect_with_several_missions_is_split_however_often_it_was_delivered() {
        for earlier in [SUSPECT, LAST, u32::MAX] {
            let Err(Verdict::Split { missions, .. }) = judged(3, earlier) else {
                panic!("{:?}", judged(3, earlier));
            };
            assert_eq!(missions, request(3).missions);
        }
    }

    #[test]
    fn a_mission_that_was_delivered_ten_times_before_is_set_aside_and_named() {
        let Err(Verdict::SetAside(Failed { problem, .. })) = judged(1, LAST) else { panic!() };
        assert_eq!((problem.kind(), problem.missions()), (ProblemKind::SetAside, &[id(0)][..]));
    }

    #[test]
    fn what_cannot_be_read_is_refused_however_often_it_was_delivered() {
        for earlier in [0, LAST] {
            let judged = triage(b"no JSON", &Envelope::default(), earlier, NOW);
            assert!(matches!(judged, Err(Verdict::Refuse(_))), "{judged:?}");
        }
    }

    #[test]
    fn a_return_address_in_our_namespace_is_refused() {
        let reply_to = Some("mission.requests".to_owned());
        let envelope = Envelope { reply_to, ..Envelope::default() };
        let judged = triage(&crate::json(&request(1)), &envelope, 0, NOW);
        let Err(Verdict::Refuse(problem)) = judged else { panic!("{judged:?}") };
        assert_eq!(problem.kind(), ProblemKind::Invalid);
    }

    #[test]
    fn a_request_whose_body_has_a_coding_is_refused_by_its_name() {
        let coded = |coding: &str| {
            let content_encoding = Some(coding.to_owned());
            let envelope = Envelope { content_encoding, ..Envelope::default() };
            triage(&crate::json(&request(1)), &envelope, 0, NOW)
        };
        for none in ["", "identity", "Identity"] {
            assert_eq!(coded(none), Ok(request(1)), "{none}");
        }
        let Err(Verdict::Refuse(problem)) = coded("gzip") else { panic!() };
        assert_eq!(problem.kind(), ProblemKind::UnsupportedMediaType);
        let named = "`content_encoding` is gzip: send the body without a coding";
        assert_eq!(problem.detail(), named);
    }

    #[test]
    fn a_deadline_that_has_passed_is_refused_and_one_that_has_not_is_no_matter() {
        let until = |deadline| {
            let envelope = Envelope { deadline: Some(deadline), ..Envelope::default() };
            triage(&crate::json(&request(2)), &envelope, 0, NOW)
        };
        assert_eq!(until(Deadline::At(0)), Ok(request(2)));
        let Err(Verdict::Refuse(expired)) = until(Deadline::At(-1)) else { panic!() };
        assert_eq!((expired.kind(), expired.missions().len()), (ProblemKind::Expired, 2));
        let Err(Verdict::Refuse(unreadable)) = until(Deadline::Unreadable) else { panic!() };
        assert_eq!(unreadable.kind(), ProblemKind::Invalid);
    }

    #[test]
    fn a_list_that_the_database_refuses_is_split_and_a_single_mission_is_set_aside() {
        let problem = Problem::new(ProblemKind::SetAside, "the database refused a row");
        let split = judge(request(2), Err(problem.clone().into()));
        assert!(matches!(split, Verdict::Split { .. }), "{split:?}");
        let Verdict::SetAside(told) = judge(request(1), Err(problem.into())) else { panic!() };
        assert_eq!(told.problem.missions(), [id(0)]);
    }
}
