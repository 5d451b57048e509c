//! What went wrong lately, bounded.

use std::collections::VecDeque;

use schemas::CreatedAt;
use schemas::operations::Incident;
use telemetry::{Label as _, Method, Route, Status};

/// The most incidents that are remembered.
const MOST: usize = 50;

/// The incidents that last, and the last ones that ended.
#[derive(Default)]
pub(super) struct Incidents {
    lasting: Vec<Lasting>,
    ended: VecDeque<Incident>,
}

struct Lasting {
    name: String,
    from: CreatedAt,
    /// How many callers had been told 503 when it began.
    refused: u64,
}

impl Incidents {
    /// Notes what is wrong now, by name, and how many callers were told 503 so far. What is not wrong
    /// ends, if it is known.
    pub(super) fn note(
        &mut self,
        wrong: &[String],
        is_known: impl Fn(&str) -> bool,
        now: CreatedAt,
        refused: u64,
    ) {
        let lasts =
            |incident: &Lasting| wrong.contains(&incident.name) || !is_known(&incident.name);
        let (lasting, ended) = std::mem::take(&mut self.lasting).into_iter().partition(lasts);
        self.lasting = lasting;
        for incident in ended {
            self.ended.push_front(incident.told(Some(now), refused));
        }
        for name in wrong {
            let is_new = self.lasting.iter().all(|incident| incident.name != *name);
            if is_new && self.lasting.len() < MOST {
                self.lasting.push(Lasting { name: name.clone(), from: now, refused });
            }
        }
        self.ended.truncate(MOST);
    }

    /// All of them, the newest first.
    pub(super) fn all(&self, refused: u64) -> Vec<Incident> {
        let lasting = self.lasting.iter().rev().map(|incident| incident.told(None, refused));
        lasting.chain(self.ended.iter().cloned()).take(MOST).collect()
    }
}

impl Lasting {
    fn told(&self, until: Option<CreatedAt>, refused: u64) -> Incident {
        let text = match refused.saturating_sub(self.refused) {
            0 => self.name.clone(),
            1 => format!("{}; 1 caller was told 503", self.name),
            more => format!("{}; {more} callers were told 503", self.name),
        };
        Incident { text, from: self.from, until }
    }
}

/// How many callers who requested missions, or wanted to read one, were told 503 so far.
pub(super) fn told_503() -> u64 {
    let (http, status) = (&telemetry::process().http, Status::of(503));
    let routes = [Route::Missions, Route::Mission];
    let all = routes.iter().flat_map(|route| Method::ALL.iter().map(|method| (*method, *route)));
    all.map(|(method, route)| http.of(method, route, status).snapshot().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> CreatedAt {
        CreatedAt::from_micros(second * 1_000_000).unwrap()
    }

    #[test]
    fn an_incident_has_a_beginning_an_end_and_the_callers_that_were_refused() {
        let mut incidents = Incidents::default();
        let away = ["broker away".to_owned()];
        incidents.note(&away, |_| true, at(1), 10);
        incidents.note(&away, |_| true, at(2), 12);
        let lasting = Incident {
            text: "broker away; 2 callers were told 503".to_owned(),
            from: at(1),
            until: None,
        };
        assert_eq!(incidents.all(12), std::slice::from_ref(&lasting));
        incidents.note(&[], |name| name != "broker away", at(2), 12);
        assert_eq!(incidents.all(12), std::slice::from_ref(&lasting), "nobody knows");
        incidents.note(&[], |_| true, at(3), 13);
        let ended = Incident {
            text: "broker away; 3 callers were told 503".to_owned(),
            until: Some(at(3)),
            ..lasting
        };
        assert_eq!(incidents.all(99), [ended]);
    }

    #[test]
    fn no_more_are_remembered_than_fit() {
        let mut incidents = Incidents::default();
        for second in 0..200 {
            let wrong = if second % 2 == 0 { vec!["no decider".to_owned()] } else { Vec::new() };
            incidents.note(&wrong, |_| true, at(second), 0);
        }
        let all = incidents.all(0);
        assert_eq!((all.len(), all[0].from), (MOST, at(198)));
    }
}
