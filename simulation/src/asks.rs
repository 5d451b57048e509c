//! Which parts were drawn for which missions.

use std::collections::BTreeMap;

use bus::Envelope;
use schemas::parts::Gathered;
use schemas::{Dossier, MessageType, Mission, MissionId, Part, Request};

/// Names a question: its return address and correlation id.
type Name = (String, String);

/// The questions for parts, and what was replied to each.
#[derive(Default)]
pub(crate) struct Asks {
    asked: BTreeMap<Name, Ask>,
}

#[derive(Default)]
struct Ask {
    missions: Vec<MissionId>,
    replies: BTreeMap<Part, Vec<Vec<u8>>>,
}

impl Asks {
    pub(crate) fn asked(&mut self, envelope: &Envelope, body: &[u8]) {
        let Some((to, id)) = envelope.reply_to.as_ref().zip(envelope.correlation_id.as_ref())
        else {
            return;
        };
        let ask = self.asked.entry((to.clone(), id.clone())).or_default();
        if ask.missions.is_empty() {
            let request: Result<Request, _> = serde_json::from_slice(body);
            ask.missions =
                request.map(|request| request.missions.as_slice().to_vec()).unwrap_or_default();
        }
    }

    pub(crate) fn replied(&mut self, key: &str, envelope: &Envelope, body: &[u8]) {
        let Some(MessageType::Part(part)) = envelope.kind else { return };
        let Some(id) = envelope.correlation_id.clone() else { return };
        if let Some(ask) = self.asked.get_mut(&(key.to_owned(), id)) {
            ask.replies.entry(part).or_default().push(body.to_vec());
        }
    }

    /// Whether the parts of this row were drawn for it, in answer to one question.
    pub(crate) fn drew(&self, row: &Mission) -> bool {
        self.asked.values().any(|ask| ask.drew(row))
    }
}

impl Ask {
    fn drew(&self, row: &Mission) -> bool {
        let Some(place) = self.missions.iter().position(|id| *id == row.id) else { return false };
        let [numbers, letters] =
            [Part::Number, Part::Letter].map(|part| self.replies.get(&part).into_iter().flatten());
        letters.into_iter().any(|letters| {
            numbers.clone().any(|numbers| {
                let mut gathered = Gathered::of(self.missions.len());
                let taken = gathered.take(Part::Number, numbers);
                let taken = taken.and_then(|()| gathered.take(Part::Letter, letters));
                let drawn = taken.ok().and_then(|()| gathered.complete());
                let dossier = drawn.and_then(|drawn| drawn.get(place).map(Dossier::of));
                dossier.as_ref() == Some(&row.dossier)
            })
        })
    }
}
