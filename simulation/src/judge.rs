//! What must hold at the end.

use std::collections::{BTreeMap, BTreeSet};

use schemas::topology::{DEAD_LETTER_QUEUE, REQUEST_QUEUE};
use schemas::{CallerRequest, Mission, MissionId, ProblemKind, Request};

use crate::callers::Made;
use crate::fault::{Kind, Rate};
use crate::request::How;
use crate::schedule::Schedule;
use crate::system::System;
use crate::time::issued;
use crate::told::Told;

/// After so many deliveries in vain a decider sets a request aside.
const LAST: u32 = 10;
/// A delivery in vain more than this is the broker's own limit.
const MOST_DELIVERIES: u32 = 20;

/// What is in the tables.
pub(crate) struct Tables {
    pub(crate) rows: BTreeMap<MissionId, Mission>,
    set_aside: BTreeSet<MissionId>,
    letters: BTreeSet<String>,
}

impl Tables {
    pub(crate) fn read(system: &System) -> Self {
        let letters = system.tables.letters();
        let (mut set_aside, mut named) = (BTreeSet::new(), BTreeSet::new());
        for letter in letters {
            if let Ok(request) = Request::parse(&letter.body, letter.message_id.as_deref()) {
                set_aside.extend(request.missions.as_slice().iter().copied());
            }
            named.extend(letter.message_id);
        }
        Self { rows: system.tables.missions(), set_aside, letters: named }
    }

    fn has(&self, id: &MissionId) -> bool {
        self.rows.contains_key(id) || self.set_aside.contains(id)
    }
}

/// Whether everything that was promised is done, and nothing is in the queues.
pub(crate) fn is_done(system: &System, made: &[Made]) -> bool {
    let queues = [REQUEST_QUEUE.name, DEAD_LETTER_QUEUE.name];
    if queues.iter().any(|queue| system.disturb.left(queue) != (0, 0)) {
        return false;
    }
    let tables = Tables::read(system);
    let promised = made.iter().filter(|made| made.told.iter().any(Told::is_promise));
    let good = promised.filter(|made| !made.planned.is_bad());
    good.flat_map(|made| made.planned.ids()).all(|id| tables.has(&id))
}

/// Judges what was done.
pub(crate) fn judge(system: &System, schedule: &Schedule, made: &[Made]) {
    let (world, tables) = (&system.world, Tables::read(system));
    for queue in [REQUEST_QUEUE.name, DEAD_LETTER_QUEUE.name] {
        let left = system.disturb.left(queue);
        if left != (0, 0) {
            let what = format!("{queue}: {} ready, {} unsettled", left.0, left.1);
            world.breach("I10 conservation", what);
        }
    }
    for made in made {
        ended(system, schedule, &tables, made);
    }
    no_ghosts(system, &tables, made);
    letters_say_why(system);
    for row in tables.rows.values() {
        if !world.state().asks.drew(row) {
            world.breach("I7 join soundness", format!("{} was not drawn for it", row.id));
        }
    }
    let most = most_deliveries(schedule);
    if world.state().most_earlier > most {
        world.breach("I11 bounded tries", "a request was delivered too often".to_owned());
    }
}

/// How each request ended.
fn ended(system: &System, schedule: &Schedule, tables: &Tables, made: &Made) {
    let (world, planned) = (&system.world, &made.planned);
    let (ids, number) = (planned.ids(), planned.number);
    let promised = made.told.iter().any(Told::is_promise);
    let possible = made.told.iter().any(Told::may_have_happened);
    let rows = ids.iter().filter(|id| tables.rows.contains_key(id)).count();
    if planned.is_bad() {
        if rows > 0 {
            world.breach("I9 failures are failures", format!("bad request {number} has rows"));
        }
        let over_amqp = matches!(planned.how, How::Amqp(_));
        let was_full = schedule.faults.iter().any(|fault| fault.kind == Kind::DeadLettersFull);
        let named = ids.first().is_some_and(|id| tables.letters.contains(&id.to_string()));
        if over_amqp && promised && !was_full && !named {
            world.breach("I1 no loss", format!("bad request {number} has no dead letter"));
        }
        return;
    }
    if !possible && rows > 0 {
        let what = format!("request {number} was not published and has {rows} rows");
        world.breach("I9 failures are failures", what);
    }
    let told_so = made.told.contains(&Told::Failed(ProblemKind::SetAside));
    if told_so && !ids.is_empty() && !ids.iter().any(|id| tables.set_aside.contains(id)) {
        let what = format!("request {number} is told of a failure that it has not had");
        world.breach("I6 no crossing", what);
    }
    if !promised {
        return;
    }
    let expires = matches!(&planned.how, How::Amqp(amqp) if amqp.expires.is_some());
    let unlucky = is_unlucky(schedule);
    for (place, id) in ids.iter().enumerate() {
        let is_guilty = (planned.refused || planned.deadly) && place + 1 == ids.len();
        if !tables.has(id) {
            world.breach("I1 no loss", format!("mission {id} of request {number} is gone"));
        } else if is_guilty && tables.rows.contains_key(id) && planned.refused {
            world.breach("I9 failures are failures", format!("{id} was refused and has a row"));
        } else if !is_guilty && !expires && !unlucky && !tables.rows.contains_key(id) {
            world.breach("I11 bounded tries", format!("innocent mission {id} was set aside"));
        }
    }
}

/// Whether so many connections are lost that any request may be delivered often.
fn is_unlucky(schedule: &Schedule) -> bool {
    let unlucky = [Rate::LosePublish, Rate::LoseConfirm];
    schedule.rates.iter().any(|(rate, _)| unlucky.contains(rate))
}

/// How often a request may be delivered in vain.
fn most_deliveries(schedule: &Schedule) -> u32 {
    // What is set aside waits as long as the queue of dead letters is full, and is delivered again
    // when its decider dies meanwhile.
    let waits = schedule.faults.iter().any(|fault| fault.kind == Kind::DeadLettersFull);
    if waits || is_unlucky(schedule) {
        return MOST_DELIVERIES;
    }
    LAST + u32::try_from(schedule.faults.len()).unwrap_or(MOST_DELIVERIES)
}

/// No row that nobody asked for.
fn no_ghosts(system: &System, tables: &Tables, made: &[Made]) {
    let known: BTreeSet<_> = made.iter().flat_map(|made| made.planned.ids()).collect();
    let issued: BTreeSet<_> =
        issued().into_iter().map(|id| CallerRequest::new(id).mission(0)).collect();
    for id in tables.rows.keys().chain(&tables.set_aside) {
        if !known.contains(id) && !issued.contains(&id.caller_request().mission(0)) {
            system.world.breach("I3 no ghost", format!("nobody asked for {id}"));
        }
    }
}

fn letters_say_why(system: &System) {
    for letter in system.tables.letters() {
        let word = letter.reason.split(':').next().unwrap_or_default();
        if ProblemKind::parse(word).is_none() || letter.tries > MOST_DELIVERIES + 1 {
            let what = format!("letter {}: {} after {}", letter.id, letter.reason, letter.tries);
            system.world.breach("I11 bounded tries", what);
        }
    }
}
