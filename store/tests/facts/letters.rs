//! Dead letters are kept once, found by what they are, and what is done about them is never lost.

use std::sync::Arc;

use schemas::dead_letter::{BatchId, Properties, State, Step};
use schemas::{Action, ActionId, DeadLetter, LetterId};
use store::{LetterFilter, Recorded, Store};
use uuid::Uuid;

use crate::database::{Database, at};

crate::facts!(
    a_letter_reads_back_byte_for_byte,
    a_letter_that_is_kept_twice_stays_as_it_was,
    a_message_that_dies_again_after_its_letter_was_handled_is_a_new_letter,
    a_letter_that_the_database_refuses_leaves_its_neighbours,
    a_large_letter_goes_into_a_statement_of_its_own,
    letters_are_listed_newest_first_and_a_walk_shows_each_once,
    letters_are_found_by_reason_role_time_text_and_state,
    letters_are_grouped_by_what_their_reasons_have_in_common,
    of_two_who_take_a_step_at_once_one_is_told_of_the_other,
    a_step_that_is_recorded_again_is_recorded_once,
    a_replay_is_followed_to_the_letter_that_it_ended_as,
    old_letters_are_pruned_with_their_steps_and_open_ones_stay,
    the_letters_of_a_batch_are_found_with_their_steps,
);

fn letter(n: u128) -> DeadLetter {
    let reason = "set-aside: it was delivered 10 times".to_owned();
    let body = format!("body {n}").into_bytes();
    DeadLetter {
        id: Uuid::from_u128(n).into(),
        last_at: at(i64::try_from(n).unwrap()),
        first_at: None,
        pattern: DeadLetter::pattern_of(&reason),
        reason,
        role: "decider".to_owned(),
        tries: 11,
        message_id: Some(format!("message {n}")),
        trace_id: None,
        replay: None,
        properties: Properties::default().json(),
        size: u32::try_from(body.len()).unwrap(),
        body,
    }
}

fn because(reason: &str, letter: DeadLetter) -> DeadLetter {
    DeadLetter { reason: reason.to_owned(), pattern: DeadLetter::pattern_of(reason), ..letter }
}

async fn keep(store: &Store, letters: &[DeadLetter]) {
    let kept = store.letters().keep(letters).await.unwrap();
    assert!(kept.iter().all(Result::is_ok), "{kept:?}");
}

fn step(letter: u128, number: u32, id: u128, step: Step) -> Action {
    Action {
        letter: Uuid::from_u128(letter).into(),
        number,
        id: ActionId::from(Uuid::from_u128(id)),
        step,
        who: "ada".parse().unwrap(),
        at: at(number.into()),
        detail: None,
        body: None,
    }
}

async fn take(store: &Store, action: Action) {
    assert_eq!(store.letters().record(&action).await, Ok(Recorded::Yes));
}

async fn listed(store: &Store, filter: &LetterFilter) -> Vec<u128> {
    let page = store.letters().list(filter, None, 100).await.unwrap();
    assert!(page.unreadable.is_empty(), "{page:?}");
    page.letters.iter().map(|listed| listed.letter.id.uuid().as_u128()).collect()
}

async fn a_letter_reads_back_byte_for_byte(database: Arc<Database>) {
    let store = database.migrated().await;
    let body: Vec<u8> = (0..=u8::MAX).cycle().take(64 * 1024).collect();
    let whole = DeadLetter {
        first_at: Some(at(3)),
        role: "'; DROP TABLE x; --".to_owned(),
        message_id: None,
        trace_id: Some("0".repeat(32)),
        replay: Some(ActionId::from(Uuid::from_u128(9))),
        properties: Properties { reply_to: Some("\u{0}'😀".to_owned()), ..Properties::default() }
            .json(),
        size: 65_536,
        body,
        ..because("malformed: `\"\\'%\u{7f}` 😀", letter(1))
    };
    keep(&store, std::slice::from_ref(&whole)).await;
    let action = Action {
        body: Some(vec![0, 255]),
        detail: Some("'".to_owned()),
        ..step(1, 1, 5, Step::Edit)
    };
    take(&store, action.clone()).await;
    let found = store.letters().find(whole.id).await.unwrap();
    assert_eq!(found, Some((whole, vec![action])));
    assert_eq!(store.letters().find(LetterId::of(&[])).await, Ok(None));
}

async fn a_letter_that_is_kept_twice_stays_as_it_was(database: Arc<Database>) {
    let store = database.migrated().await;
    keep(&store, &[letter(1)]).await;
    let other = DeadLetter { role: "another".to_owned(), ..letter(1) };
    keep(&store, &[other, letter(2), letter(2)]).await;
    assert_eq!(listed(&store, &LetterFilter::default()).await, [2, 1]);
    let (first, _) = store.letters().find(letter(1).id).await.unwrap().unwrap();
    assert_eq!(first, letter(1));
}

async fn a_message_that_dies_again_after_its_letter_was_handled_is_a_new_letter(
    database: Arc<Database>,
) {
    let store = database.migrated().await;
    let died_at = |n| DeadLetter { last_at: at(n), ..letter(1) };
    keep(&store, &[died_at(1)]).await;
    keep(&store, &[died_at(2)]).await;
    let all = LetterFilter::default();
    assert_eq!(listed(&store, &all).await, [1], "nobody has handled it: it is the same letter");
    take(&store, step(1, 1, 7, Step::Discard)).await;
    keep(&store, &[died_at(1)]).await;
    assert_eq!(listed(&store, &all).await, [1], "the same death, delivered again");
    for _ in 0..2 {
        keep(&store, &[letter(2), died_at(3), letter(4)]).await;
        let open = listed(&store, &LetterFilter::open()).await;
        assert_eq!(open, [4, died_at(3).again().id.uuid().as_u128(), 2]);
    }
}

async fn a_letter_that_the_database_refuses_leaves_its_neighbours(database: Arc<Database>) {
    let store = database.migrated().await;
    let refused = DeadLetter { role: "r".repeat(64), ..letter(2) };
    let kept = store.letters().keep(&[letter(1), refused, letter(3)]).await.unwrap();
    assert!(kept[0].is_ok() && kept[1].is_err() && kept[2].is_ok(), "{kept:?}");
    assert_eq!(listed(&store, &LetterFilter::default()).await, [3, 1]);
}

async fn a_large_letter_goes_into_a_statement_of_its_own(database: Arc<Database>) {
    let store = database.migrated().await;
    let large = |n| DeadLetter {
        body: vec![0xff; DeadLetter::MAX_BODY],
        size: u32::try_from(DeadLetter::MAX_BODY).unwrap(),
        ..letter(n)
    };
    keep(&store, &[large(1), large(2), letter(3)]).await;
    let page = store.letters().list(&LetterFilter::default(), None, 100).await.unwrap();
    assert_eq!(page.letters.len(), 3);
    assert!(page.letters.iter().all(|listed| listed.letter.body.len() <= 256), "a list is short");
}

async fn letters_are_listed_newest_first_and_a_walk_shows_each_once(database: Arc<Database>) {
    let store = database.migrated().await;
    let same_time = |n| DeadLetter { last_at: at(5), ..letter(n) };
    let letters: Vec<_> = (1..=7).map(same_time).chain([letter(9), letter(8)]).collect();
    keep(&store, &letters).await;
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = store.letters().list(&LetterFilter::default(), before, 2).await.unwrap();
        seen.extend(page.letters.iter().map(|listed| listed.letter.id.uuid().as_u128()));
        before = page.next();
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

async fn letters_are_found_by_reason_role_time_text_and_state(database: Arc<Database>) {
    let store = database.migrated().await;
    let broker = DeadLetter { role: "broker".to_owned(), ..because("expired: late", letter(3)) };
    let binary = DeadLetter { body: b"\xff needle \x00".to_vec(), ..letter(4) };
    keep(&store, &[letter(1), letter(2), broker, binary]).await;
    take(&store, step(1, 1, 7, Step::Discard)).await;
    take(&store, step(2, 1, 8, Step::Replay)).await;
    let all = LetterFilter::default();
    let some = |text: &str| Some(text.to_owned());
    let pattern = "set-aside: it was delivered … times";
    for (filter, expected) in [
        (LetterFilter { reason: some("expired"), ..all.clone() }, vec![3]),
        (LetterFilter { reason: some("set-aside"), ..all.clone() }, vec![4, 2, 1]),
        (LetterFilter { reason: some(pattern), ..all.clone() }, vec![4, 2, 1]),
        (LetterFilter { reason: some("set"), ..all.clone() }, vec![]),
        (LetterFilter { role: some("broker"), ..all.clone() }, vec![3]),
        (LetterFilter { since: Some(at(3)), ..all.clone() }, vec![4, 3]),
        (LetterFilter { until: Some(at(3)), ..all.clone() }, vec![2, 1]),
        (LetterFilter { text: some("needle"), ..all.clone() }, vec![4]),
        (LetterFilter { text: some("message 2"), ..all.clone() }, vec![2]),
        (LetterFilter { text: some("late"), ..all.clone() }, vec![3]),
        (LetterFilter { text: some("%"), ..all.clone() }, vec![]),
        (LetterFilter::open(), vec![4, 3, 2]),
        (LetterFilter { states: vec![State::Waiting], ..all.clone() }, vec![4, 3]),
        (LetterFilter { states: vec![State::Discarded], ..all.clone() }, vec![1]),
    ] {
        assert_eq!(listed(&store, &filter).await, expected, "{filter:?}");
        assert_eq!(store.letters().count(&filter).await, Ok(expected.len() as u64), "{filter:?}");
    }
}

async fn letters_are_grouped_by_what_their_reasons_have_in_common(database: Arc<Database>) {
    let store = database.migrated().await;
    let expired = |n| because(&format!("expired: the deadline {n} had passed"), letter(n));
    keep(&store, &[letter(1), letter(2), letter(3), expired(4), expired(5)]).await;
    take(&store, step(1, 1, 7, Step::Discard)).await;
    let groups = store.letters().groups(&LetterFilter::default()).await.unwrap();
    let told: Vec<_> =
        groups.iter().map(|group| (group.group.as_str(), group.count, group.open)).collect();
    let expected = [
        ("set-aside: it was delivered … times", 3, 2),
        ("expired: the deadline … had passed", 2, 2),
    ];
    assert_eq!(told, expected);
    assert_eq!((groups[0].first_at, groups[0].last_at), (at(1), at(3)));
    assert_eq!(groups[1].example.uuid().as_u128(), 4);
    let open = store.letters().groups(&LetterFilter::open()).await.unwrap();
    assert_eq!((open[0].count, open[0].open), (2, 2));
}

async fn of_two_who_take_a_step_at_once_one_is_told_of_the_other(database: Arc<Database>) {
    let store = database.migrated().await;
    keep(&store, &[letter(1)]).await;
    for number in 1..=20 {
        let [one, other] = [100, 200].map(|id| step(1, number, id, Step::Replay));
        let rival = database.store();
        let (letters, theirs) = (store.letters(), rival.letters());
        let done = tokio::join!(letters.record(&one), theirs.record(&other));
        let outcome = (done.0.unwrap(), done.1.unwrap());
        let one_was_first = outcome == (Recorded::Yes, Recorded::Other(one.clone()));
        let other_was_first = outcome == (Recorded::Other(other.clone()), Recorded::Yes);
        assert!(one_was_first || other_was_first, "{outcome:?}");
    }
}

async fn a_step_that_is_recorded_again_is_recorded_once(database: Arc<Database>) {
    let store = database.migrated().await;
    keep(&store, &[letter(1)]).await;
    take(&store, step(1, 1, 7, Step::Replay)).await;
    take(&store, step(1, 1, 7, Step::Replay)).await;
    take(&store, step(1, 2, 7, Step::Published)).await;
    let (_, actions) = store.letters().find(letter(1).id).await.unwrap().unwrap();
    assert_eq!(actions, [step(1, 1, 7, Step::Replay), step(1, 2, 7, Step::Published)]);
    let taken = store.letters().record(&step(1, 2, 7, Step::Unsent)).await.unwrap();
    assert_eq!(taken, Recorded::Other(step(1, 2, 7, Step::Published)));
}

async fn a_replay_is_followed_to_the_letter_that_it_ended_as(database: Arc<Database>) {
    let store = database.migrated().await;
    let [replay, other] = [7, 8].map(|n| ActionId::from(Uuid::from_u128(n)));
    keep(&store, &[letter(1), DeadLetter { replay: Some(replay), ..letter(2) }]).await;
    let deaths = store.letters().deaths(&[replay, other]).await.unwrap();
    assert_eq!(deaths, [(replay, letter(2).id)]);
    assert_eq!(store.letters().deaths(&[]).await, Ok(Vec::new()));
}

async fn old_letters_are_pruned_with_their_steps_and_open_ones_stay(database: Arc<Database>) {
    let store = database.migrated().await;
    keep(&store, &(1..=6).map(letter).collect::<Vec<_>>()).await;
    for n in [1, 2, 3, 6] {
        take(&store, step(n, 1, n, Step::Discard)).await;
    }
    let done = [State::Stored, State::SetAsideAgain, State::Discarded].to_vec();
    let old = LetterFilter { states: done, until: Some(at(5)), ..LetterFilter::default() };
    assert_eq!(store.letters().prune(&old, 2).await, Ok(2));
    assert_eq!(store.letters().prune(&old, 2).await, Ok(1));
    assert_eq!(store.letters().prune(&old, 2).await, Ok(0));
    assert_eq!(listed(&store, &LetterFilter::default()).await, [6, 5, 4]);
    // A prune that died between the letter and its steps.
    database.execute(&format!("DELETE FROM dead_letters WHERE id = X'{:032x}'", 6)).await;
    store.letters().prune(&LetterFilter { until: Some(at(9)), ..old }, 2).await.unwrap();
    keep(&store, &[letter(6)]).await;
    let (_, actions) = store.letters().find(letter(6).id).await.unwrap().unwrap();
    assert_eq!(actions, [], "its steps are gone");
}

async fn the_letters_of_a_batch_are_found_with_their_steps(database: Arc<Database>) {
    let store = database.migrated().await;
    keep(&store, &[letter(1), letter(2), letter(3)]).await;
    take(&store, step(3, 1, 0x1_0000, Step::Replay)).await;
    take(&store, step(3, 2, 0x1_0000, Step::Published)).await;
    take(&store, step(1, 1, 0x1_00ff, Step::Discard)).await;
    take(&store, step(2, 1, 0x1_0100, Step::Discard)).await;
    let batch = BatchId::new(Uuid::from_u128(0x1_0042));
    let ids = store.letters().batch(batch).await.unwrap();
    let found = store.letters().find_all(&ids).await.unwrap();
    let steps = |actions: &[Action]| actions.iter().map(|action| action.step).collect::<Vec<_>>();
    let found: Vec<_> =
        found.iter().map(|(letter, actions)| (letter.clone(), steps(actions))).collect();
    let expected =
        [(letter(3), vec![Step::Replay, Step::Published]), (letter(1), vec![Step::Discard])];
    assert_eq!(found, expected);
    assert_eq!(store.letters().find_all(&[Uuid::nil().into()]).await, Ok(Vec::new()));
}
