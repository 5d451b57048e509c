//! What was told is what stands, and goes to who asked.

use std::collections::{BTreeSet, HashMap};

use schemas::{Casebook, Dossier};
use uuid::Uuid;

use super::found::Found;
use crate::evidence::Evidence;
use crate::history::{Mission, Outcome};

fn told(evidence: &Evidence) -> impl Iterator<Item = &Mission> {
    let told = evidence.told.iter().filter_map(|told| match &told.outcome {
        Outcome::Stored(missions) => Some(missions),
        _ => None,
    });
    told.flatten()
}

/// Every told mission equals its row.
pub(super) fn truth(evidence: &Evidence) -> Found {
    let rows = evidence.by_id();
    let differs = |mission: &&Mission| rows.get(&mission.id).is_some_and(|row| row != mission);
    let wrong =
        told(evidence).filter(differs).map(|mission| format!("{} was told otherwise", mission.id));
    (told(evidence).count(), wrong.collect())
}

/// A reply has the ids that were asked for, or as many missions of one request as were asked for.
pub(super) fn crossing(evidence: &Evidence) -> Found {
    let mut wrong = Vec::new();
    for told in &evidence.told {
        let Outcome::Stored(missions) = &told.outcome else { continue };
        let ids: BTreeSet<Uuid> = missions.iter().map(|mission| mission.id).collect();
        let asked: BTreeSet<Uuid> = told.ids.iter().copied().collect();
        let request = |id: &Uuid| id.as_u128() >> 8;
        let requests: BTreeSet<u128> = ids.iter().map(request).collect();
        let fits = if asked.is_empty() {
            missions.len() == told.count && requests.len() == 1
        } else {
            ids.is_subset(&asked) // a list may be answered in parts
        };
        if !fits {
            wrong.push(format!(
                "caller {} at {} ms got another's missions",
                told.caller, told.ended
            ));
        }
    }
    (evidence.told.len(), wrong)
}

/// Objective and target are those that the casebook has for the dossier.
pub(super) fn soundness(evidence: &Evidence) -> Found {
    let Ok(casebook) = Casebook::malory() else { return (0, vec!["no casebook".to_owned()]) };
    let sound = |row: &&Mission| {
        row.dossier.parse::<Dossier>().is_ok_and(|dossier| {
            let because = casebook.explain(&dossier);
            because.objective.text.as_str() == row.objective
                && because.target.text.as_str() == row.target
        })
    };
    let wrong = evidence.rows.iter().filter(|row| !sound(row));
    (
        evidence.rows.len(),
        wrong.map(|row| format!("{} does not follow its rules", row.id)).collect(),
    )
}

/// A row that was seen during the run is the same at the end.
pub(super) fn immutability(evidence: &Evidence) -> Found {
    let rows: HashMap<_, _> = evidence.by_id();
    let changed = evidence.earlier.iter().filter(|seen| rows.get(&seen.id) != Some(seen));
    let wrong = changed.map(|seen| format!("{} was another row before", seen.id));
    (evidence.earlier.len(), wrong.collect())
}
