//! What is tried when everything is whole again: a new request, every old one once more, the list.

use std::collections::BTreeSet;
use std::time::Duration;

use schemas::{Mission, MissionId};
use tokio::time::{sleep, timeout};

use crate::callers::{Made, call, post};
use crate::judge::Tables;
use crate::request::{How, Http, Planned};
use crate::system::System;
use crate::told::Told;

/// A new request is answered within this time.
const SOON: Duration = Duration::from_secs(5);

/// The pause before a refused one is made again.
const AGAIN: Duration = Duration::from_millis(250);

/// A new request to each gateway brings its missions soon.
pub(crate) async fn probe(system: &System) {
    for gateway in 0..system.gateways() {
        let how = Http { gateway, keyed: true, wait: None, hangs_up: None, repeats: 0, bad: false };
        let planned = Planned {
            number: 1_000 + gateway,
            at: Duration::ZERO,
            missions: 2,
            how: How::Http(how.clone()),
            refused: false,
            deadly: false,
        };
        // A gateway may still be on its way back to the broker; it says so at once.
        let asking = async {
            while !matches!(post(system, &planned, &how).await, Told::Created(_)) {
                sleep(AGAIN).await;
            }
        };
        if timeout(SOON, asking).await.is_err() {
            let what = format!("a new request to gateway {gateway} brings nothing");
            system.world.breach("I13 liveness", what);
        }
    }
}

/// Every request whose missions stand gives the same again, and adds no row.
pub(crate) async fn replay(system: &System, made: &[Made]) {
    let before = system.tables.missions();
    for made in made {
        let How::Http(http) = &made.planned.how else { continue };
        let ids = made.planned.ids();
        let stands = !ids.is_empty() && ids.iter().all(|id| before.contains_key(id));
        if !stands || http.bad {
            continue;
        }
        let plain = Http { hangs_up: None, wait: None, ..http.clone() };
        let told = post(system, &made.planned, &plain).await;
        if !matches!(told, Told::Created(_)) {
            let what = format!("request {} is told {told:?}", made.planned.number);
            system.world.breach("I14 idempotent replay", what);
        }
    }
    if system.tables.missions() != before {
        system.world.breach("I14 idempotent replay", "a replay changed the table".to_owned());
    }
    for told in made.iter().flat_map(|made| &made.told) {
        let Told::Created(missions) = told else { continue };
        if missions.iter().any(|mission| before.get(&mission.id) != Some(mission)) {
            system.world.breach("I8 immutability", format!("{missions:?} changed"));
        }
    }
}

/// A walk through the list shows every row once.
pub(crate) async fn walk(system: &System) {
    let tables = Tables::read(system);
    let (mut seen, mut path) = (Vec::new(), "/missions?limit=3".to_owned());
    loop {
        let answer = call(system, 0, "GET", &path, vec![], vec![]).await;
        let Ok(answer) = answer else { return };
        let body = answer.body().await;
        let page: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let missions = page.get("missions").cloned().unwrap_or_default();
        let missions: Vec<Mission> = serde_json::from_value(missions).unwrap_or_default();
        seen.extend(missions.iter().map(|mission| mission.id));
        match page.get("next").and_then(|next| next.as_str()) {
            Some(next) if seen.len() <= tables.rows.len() => {
                path = format!("/missions?limit=3&cursor={next}");
            }
            _ => break,
        }
    }
    let once: BTreeSet<MissionId> = seen.iter().copied().collect();
    if once.len() != seen.len() || !once.iter().eq(tables.rows.keys()) {
        let what = format!("a walk shows {} rows of {}", seen.len(), tables.rows.len());
        system.world.breach("I2 uniqueness", what);
    }
}
