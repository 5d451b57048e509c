//! Facts about the bars.

use schemas::{MissionId, MissionIds, Stamps};
use uuid::Uuid;

use super::*;
use crate::timeline::{Answer, Record, Timelines};

const DECIDER: &str = "decider d.1 - 1200 1800 1";

/// The chart of a mission that was admitted at 1000 and published at these times.
fn chart(published: &[u64], stamps: &str, replied: u64) -> Chart {
    chart_of(published, stamps, replied, None)
}

/// The same, with the reason of an error reply.
fn chart_of(published: &[u64], stamps: &str, replied: u64, reason: Option<String>) -> Chart {
    let (timelines, id) = (Timelines::default(), MissionId::from(Uuid::nil()));
    for at in published {
        let message = Uuid::from_u128((*at).into());
        timelines.published(Record::new(message, &MissionIds::one(id), vec![(0, 1_000)], *at));
        timelines.confirmed(message, at + 50);
        if Some(at) == published.last() {
            let (stamps, reason): (Stamps, _) = (stamps.parse().unwrap(), reason.clone());
            timelines.replied(message, &[id], Answer { at: replied, stamps, reason });
        }
    }
    Chart::of(&timelines.of(id).unwrap()).unwrap()
}

fn row<'a>(chart: &'a Chart, what: &str) -> &'a Row {
    chart.rows.iter().find(|row| row.what == what).unwrap()
}

#[test]
fn bars_are_to_one_scale_and_commit_and_reply_are_marked() {
    let stamps = format!("{DECIDER}, number n.1 1250 1300 1400 1, persister p.1 1500 1550 1750 1");
    let chart = chart(&[1_100], &stamps, 2_000);
    let bars: Vec<_> = chart.rows.iter().map(|row| (row.bar.at, row.bar.width)).collect();
    let expected =
        [(0.0, 10.0), (10.0, 5.0), (20.0, 60.0), (30.0, 10.0), (55.0, 20.0), (100.0, 0.0)];
    for ((at, width), (x, w)) in bars.iter().zip(expected) {
        assert!((at - x).abs() < 1e-6 && (width - w).abs() < 1e-6, "{bars:?}");
    }
    assert_eq!((chart.total.as_str(), chart.moved, chart.repeated), ("1.0 ms", false, false));
    assert_eq!(row(&chart, "Persister").mark, "commit");
    assert_eq!(row(&chart, "Reply").mark, "reply");
    let number = row(&chart, "Number worker");
    assert_eq!((number.before.as_deref(), number.took.as_deref()), (Some("50 µs"), Some("100 µs")));
}

#[test]
fn a_persister_that_replies_works_after_the_decider_and_the_reply_comes_after_it() {
    let stamps =
        "decider d.1 - 1200 1500 1, number n.1 1250 1300 1400 1, persister p.1 1500 1550 1750 1";
    let chart = chart(&[1_100], stamps, 2_000);
    let (persister, reply) = (row(&chart, "Persister"), row(&chart, "Reply"));
    assert!((persister.bar.at - 55.0).abs() < 1e-6, "{:?}", persister.bar);
    assert_eq!((chart.moved, chart.handed_over), (false, true));
    assert_eq!(persister.before.as_deref(), Some("50 µs"));
    assert_eq!(reply.before.as_deref(), Some("250 µs"));
}

#[test]
fn a_persister_of_another_clock_is_moved_between_the_decider_and_the_reply() {
    for persister in ["3600001550 3600001750", "7 207"] {
        let stamps = format!("decider d.1 - 1200 1500 1, persister p.1 1500 {persister} 1");
        let chart = chart(&[1_100], &stamps, 2_000);
        let (decider, persister) = (row(&chart, "Decider").bar, row(&chart, "Persister").bar);
        assert!(chart.moved && decider.end() <= persister.at + 1e-6, "{decider:?} {persister:?}");
        assert!(persister.end() <= 100.0 && (persister.width - 20.0).abs() < 1e-6);
    }
}

#[test]
fn clocks_that_contradict_each_other_move_bars_and_change_no_duration() {
    // An hour ahead, and a worker beside it an hour behind.
    let chart = chart(
        &[1_100],
        "decider d.1 - 3600001200 3600001800 1, number n.1 3600001250 7 107 1",
        2_000,
    );
    assert!(chart.moved);
    let (decider, number) = (row(&chart, "Decider"), row(&chart, "Number worker"));
    assert_eq!(decider.took.as_deref(), Some("600 µs"));
    assert_eq!(number.took.as_deref(), Some("100 µs"));
    assert_eq!(number.before.as_deref(), Some("the clocks differ"));
    assert!(decider.bar.at >= 10.0 && decider.bar.end() <= 100.0, "{:?}", decider.bar);
    assert!(number.bar.at >= decider.bar.at && number.bar.end() <= decider.bar.end());
}

#[test]
fn repeats_are_drawn_behind_the_attempt_that_was_answered() {
    let stamps = format!("{DECIDER}, letter l.1 1250 1600 1700 3");
    let chart = chart(&[1_050, 1_100], &stamps, 2_000);
    assert!(chart.repeated);
    let (publish, letter) = (row(&chart, "Publish"), row(&chart, "Letter worker"));
    assert_eq!((publish.attempt, publish.earlier.len()), (2, 1));
    let [earlier] = letter.earlier[..] else { panic!("{:?}", letter.earlier) };
    assert!((earlier.at - 25.0).abs() < 1e-6 && (earlier.end() - 60.0).abs() < 1e-6, "{earlier:?}");
    assert_eq!((letter.attempt, letter.before.as_deref()), (3, Some("350 µs")));
    assert_eq!(publish.before.as_deref(), Some("50 µs"));
}

#[test]
fn an_error_reply_is_marked_and_what_was_refused_is_no_commit() {
    let stamps = format!("{DECIDER}, persister p.1 1500 1550 1750 1");
    let chart = chart_of(&[1_100], &stamps, 2_000, Some("set-aside: no".to_owned()));
    assert_eq!(row(&chart, "Persister").mark, "refused");
    assert_eq!(row(&chart, "Reply").mark, "error reply");
}

#[test]
fn without_a_reply_there_is_no_hop_and_nothing_is_invented() {
    let (timelines, id) = (Timelines::default(), MissionId::from(Uuid::nil()));
    let batch = Record::new(Uuid::nil(), &MissionIds::one(id), vec![(0, 1_000)], 1_100);
    timelines.published(batch);
    let chart = Chart::of(&timelines.of(id).unwrap()).unwrap();
    assert_eq!(chart.rows.len(), 2);
    assert_eq!(row(&chart, "Publish").took, None);
}
