//! The pages of dead letters. What is in a letter is text, whatever it says.

use std::fmt::Write;

use askama::Template;
use dead_letters::Stand;
use schemas::dead_letter::{BatchId, BodyView, State, Step};
use schemas::http::{BatchRecord, Order};
use schemas::{CreatedAt, DeadLetter, LetterId, MissionId};
use store::{Letter, LetterFilter};

use super::{html, moment};

/// What the list shows.
pub(crate) struct List<'a> {
    pub(crate) letters: &'a [Letter],
    /// How many rows of it cannot be read.
    pub(crate) unreadable: usize,
    pub(crate) filter: &'a LetterFilter,
    /// The state as the caller named it.
    pub(crate) state: &'a str,
    /// The address of the first page, when this is another.
    pub(crate) newest: Option<String>,
    pub(crate) next: Option<String>,
    /// Where to replay and to discard what passes the filter.
    pub(crate) acts: [String; 2],
}

/// Letters that pass a filter.
pub(crate) fn list(list: &List<'_>) -> String {
    #[derive(Template)]
    #[template(path = "letters_list.html")]
    struct Page<'a> {
        list: &'a List<'a>,
        since: String,
        until: String,
        states: Vec<(&'static str, &'static str)>,
        filtered: bool,
        may_act: bool,
        replay: &'a str,
        discard: &'a str,
    }
    let LetterFilter { states, since, until, .. } = list.filter;
    let named = [(State::NAMED_OPEN, "open"), (State::NAMED_ALL, "any")];
    let [replay, discard] = &list.acts;
    html(&Page {
        list,
        since: since.map_or_else(String::new, moment::field),
        until: until.map_or_else(String::new, moment::field),
        states: named
            .into_iter()
            .chain(State::ALL.map(|state| (state.word(), words(state))))
            .collect(),
        filtered: *list.filter != LetterFilter::open(),
        may_act: !list.letters.is_empty()
            && (states.is_empty() || states.iter().any(|s| s.is_open())),
        replay,
        discard,
    })
}

/// One letter, whole.
pub(crate) fn letter(stand: &Stand) -> String {
    #[derive(Template)]
    #[template(path = "letter.html")]
    struct Page<'a> {
        letter: &'a DeadLetter,
        state: State,
        members: Vec<(&'static str, String)>,
        body: String,
        shown: usize,
        cut: bool,
        missions: Vec<MissionId>,
        steps: Vec<Taken<'a>>,
    }
    let letter = &stand.letter;
    let shown = letter.body.len().min(BodyView::MOST);
    html(&Page {
        letter,
        state: stand.state(),
        members: members(letter),
        body: text(&letter.body),
        shown,
        cut: usize::try_from(letter.size).map_or(true, |size| shown < size),
        missions: stand.missions(),
        steps: stand.actions.iter().map(Taken::of).collect(),
    })
}

/// The form that corrects a letter and replays it; `wrong` says what was wrong with it.
pub(crate) fn edit(stand: &Stand, wrong: Option<&str>, body: &str, id: BatchId) -> String {
    #[derive(Template)]
    #[template(path = "letter_edit.html")]
    struct Page<'a> {
        letter: &'a DeadLetter,
        number: u32,
        wrong: Option<&'a str>,
        body: &'a str,
        id: BatchId,
    }
    html(&Page { letter: &stand.letter, number: stand.number(), wrong, body, id })
}

/// Exactly which letters an action would be about; `act` is the last part of its address.
pub(crate) fn preview(act: &str, letters: &[Letter], more: bool, id: BatchId) -> String {
    #[derive(Template)]
    #[template(path = "letters_preview.html")]
    struct Page<'a> {
        act: &'a str,
        replays: bool,
        letters: &'a [Letter],
        more: bool,
        id: BatchId,
        rate: u16,
        fastest: u16,
    }
    let (rate, fastest) = (Order::RATE, Order::FASTEST);
    html(&Page { act, replays: act == "replay", letters, more, id, rate, fastest })
}

/// Seconds after which the record of what is not ended is loaded again.
const RELOAD: u8 = 2;

/// What became of an action.
pub(crate) fn record(record: &BatchRecord) -> String {
    #[derive(Template)]
    #[template(path = "letters_record.html")]
    struct Page<'a> {
        record: &'a BatchRecord,
    }
    html(&Page { record })
}

/// A step that was taken.
struct Taken<'a> {
    at: CreatedAt,
    who: &'a str,
    what: &'static str,
    detail: Option<&'a str>,
    /// The letter that it says it has become.
    next: Option<LetterId>,
    body: Option<String>,
}

impl<'a> Taken<'a> {
    fn of(action: &'a schemas::Action) -> Self {
        let detail = action.detail.as_deref();
        let next = detail.filter(|_| action.step == Step::SetAside).and_then(|id| id.parse().ok());
        Self {
            at: action.at,
            who: action.who.as_str(),
            what: action.step.told(),
            detail: detail.filter(|_| next.is_none()),
            next,
            body: action.body.as_deref().map(text),
        }
    }
}

/// What the letter has, by name.
fn members(letter: &DeadLetter) -> Vec<(&'static str, String)> {
    let properties = letter.properties();
    let members = [
        ("Set aside", Some(moment::long(letter.last_at))),
        ("By", Some(letter.role.clone())),
        ("Tries", Some(letter.tries.to_string())),
        ("First seen", letter.first_at.map(moment::long)),
        ("Message id", letter.message_id.clone()),
        ("Reply to", properties.reply_to),
        ("Correlation id", properties.correlation_id),
        ("Trace id", letter.trace_id.clone()),
        ("End of replay", letter.replay.map(|replay| replay.to_string())),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Bytes on one line of hexadecimal digits.
const LINE: usize = 16;

/// Bytes as a person can read them.
fn text(bytes: &[u8]) -> String {
    match BodyView::from(bytes) {
        BodyView::Text(text) => text,
        BodyView::Hex(digits) => {
            let mut lines = String::with_capacity(digits.len() * 2);
            for (line, digits) in digits.as_bytes().chunks(2 * LINE).enumerate() {
                let _ = write!(lines, "{:06x} ", line * LINE); // a String takes all
                for pair in digits.chunks(2) {
                    let _ = write!(lines, " {}", String::from_utf8_lossy(pair));
                }
                lines.push('\n');
            }
            lines
        }
    }
}

/// How a letter stands, in a sentence.
fn words(state: State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Replaying => "being replayed",
        State::Replayed => "published",
        State::Stored => "stored",
        State::SetAsideAgain => "set aside again",
        State::Discarded => "discarded",
    }
}

/// The number of the last step about a letter.
fn number(listed: &Letter) -> u32 {
    listed.last.as_ref().map_or(0, |last| last.number)
}

/// A time in a table.
fn brief(at: &CreatedAt) -> String {
    moment::short(*at)
}
