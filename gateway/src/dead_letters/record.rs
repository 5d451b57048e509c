//! `GET /operations/dead-letters/actions/{batch}`: what became of it.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use dead_letters::{Error, record as table};
use schemas::dead_letter::{BatchId, State as Stands};
use schemas::http::{BatchRecord, LetterRecord};
use schemas::{Problem, ProblemKind};

use super::operator::Here;
use super::operator::Operator;
use super::query;
use super::read::{BOTH, format, html, id_in};
use super::runs::Run;
use crate::pages::letters as pages;
use crate::representation::{Format, Refusal, database_away, json};

/// How long a batch that another gateway carries out may take until its record is looked at for the
/// last time, in milliseconds.
const LASTING: u64 = 10 * 60 * 1_000;

/// `GET /operations/dead-letters/actions/{batch}`.
pub(crate) async fn record(
    State(letters): Here,
    _operator: Operator,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let format = format(&headers, &BOTH)?;
    let count = query::count(query.as_deref().unwrap_or_default())?;
    let id: BatchId = id_in(path)?;
    let (run, clock) = (letters.shared.runs.of(id), letters.shared.config.clock);
    let reading = table::read(&letters.shared.store, clock, id).await;
    let done = reading.map_err(|error| match error {
        Error::Database(error) => database_away(&error),
        Error::Broker(_) => Problem::new(ProblemKind::Unavailable, "RabbitMQ is away").into(),
    })?;
    if done.is_empty() && run.is_none() && count.is_none() {
        let detail = "nothing was done under this id; a record may have been pruned";
        return Err(Problem::new(ProblemKind::NotFound, detail).into());
    }
    let now = u64::try_from((clock)().unix_timestamp()).unwrap_or_default().saturating_mul(1_000);
    let is_young = id.made_at().is_some_and(|made| now.saturating_sub(made) < LASTING);
    let record = told(id, count, done, run, is_young);
    Ok(match format {
        Format::Html => html(pages::record(&record)),
        _ => ([(header::CONTENT_TYPE, "application/json")], json(&record)).into_response(),
    })
}

fn told(
    id: BatchId,
    count: Option<usize>,
    letters: Vec<LetterRecord>,
    run: Option<Run>,
    is_young: bool,
) -> BatchRecord {
    let of = |state| letters.iter().filter(|letter| letter.state == state).count();
    let (stored, discarded) = (of(Stands::Stored), of(Stands::Discarded));
    let set_aside_again = of(Stands::SetAsideAgain);
    let unsent = letters.iter().filter(|letter| letter.detail.is_some()).count();
    let runs = run.as_ref().map(|run| !run.ended);
    let mut left = run.as_ref().map(|run| run.left.clone()).unwrap_or_default();
    left.retain(|left| letters.iter().all(|letter| letter.id != left.id));
    let count = count.unwrap_or(0).max(letters.len() + left.len());
    let settled = stored + discarded + set_aside_again + unsent + left.len() >= count;
    let ended = settled || !runs.unwrap_or(is_young);
    let summary = summary(count, (stored, set_aside_again, discarded), left.len(), unsent);
    let waits = run.and_then(|run| run.waits);
    BatchRecord {
        id,
        summary,
        ended,
        count,
        stored,
        set_aside_again,
        discarded,
        letters,
        left,
        waits,
    }
}

/// `12 of 12 stored; 0 set aside again`.
fn summary(
    count: usize,
    (stored, again, discarded): (usize, usize, usize),
    left: usize,
    unsent: usize,
) -> String {
    let mut text = match discarded {
        0 => format!("{stored} of {count} stored; {again} set aside again"),
        discarded if stored + again == 0 => format!("{discarded} of {count} discarded"),
        discarded => {
            format!("{stored} of {count} stored; {again} set aside again; {discarded} discarded")
        }
    };
    if unsent > 0 {
        text += &format!("; {unsent} not published");
    }
    if left > 0 {
        text += &format!("; {left} left alone");
    }
    text
}

#[cfg(test)]
mod tests {
    use schemas::MissionId;
    use schemas::http::Left;
    use uuid::Uuid;

    use super::*;

    fn letter(n: u128, state: Stands) -> LetterRecord {
        let missions = vec![MissionId::from(Uuid::from_u128(n))];
        LetterRecord { id: Uuid::from_u128(n).into(), state, missions, next: None, detail: None }
    }

    fn record(states: &[Stands], count: usize, run: Option<Run>) -> BatchRecord {
        let letters = (1..).zip(states).map(|(n, state)| letter(n, *state)).collect();
        told(BatchId::new(Uuid::nil()), Some(count), letters, run, true)
    }

    #[test]
    fn a_record_says_in_words_what_became_of_it() {
        let [stored, again] = [Stands::Stored, Stands::SetAsideAgain];
        let all = record(&[stored, stored], 2, None);
        assert_eq!((all.summary.as_str(), all.ended), ("2 of 2 stored; 0 set aside again", true));
        let part = record(&[stored, again, Stands::Replayed], 4, None);
        assert_eq!(part.summary, "1 of 4 stored; 1 set aside again");
        assert!(!part.ended, "another gateway may carry it out");
        let gone = record(&[Stands::Discarded], 1, None);
        assert_eq!(gone.summary, "1 of 1 discarded");
        let left = vec![Left { id: Uuid::from_u128(9).into(), why: "it is stored".to_owned() }];
        let run = Run { left, ended: false, waits: None };
        let mut some = vec![letter(1, stored), letter(2, Stands::Waiting)];
        some[1].detail = Some("the queue is full".to_owned());
        let some = told(BatchId::new(Uuid::nil()), Some(3), some, Some(run), true);
        let said = "1 of 3 stored; 0 set aside again; 1 not published; 1 left alone";
        assert_eq!((some.summary.as_str(), some.ended), (said, true));
    }
}
