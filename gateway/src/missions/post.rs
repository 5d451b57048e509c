//! `POST /missions`: one mission, or several.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use schemas::{Mission, Problem, ProblemKind};
use tracing::Level;

use super::key::{REPLAYED, key};
use super::prefer::{APPLIED, Preference};
use super::query;
use super::request::{MissionRequest, Stored};
use super::response::{Seen, accepted_at, add, see_other};
use super::{body, form};
use crate::correlator::{AdmissionError, Outcome, Published, Trace};
use crate::edge::client::share_of;
use crate::edge::known::Known;
use crate::edge::trace::trace;
use crate::representation::{Accept, Format, Refusal};
use crate::shared::{Here, Shared};
use crate::shutdown::LAST_WAIT;
use crate::summary::Summary;

pub(crate) async fn post_missions(
    State(shared): Here,
    accept: Accept,
    RawQuery(query): RawQuery,
    known: Known,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    query::none(query.as_deref().unwrap_or_default())?;
    let (key, preference) = (key(&headers)?, Preference::of(&headers, shared.config.wait));
    let body = body::read(body).await?;
    let (count, key) = match form::read(&headers, &body).transpose()? {
        Some(form) => (form.count, key.or(Some(form.key))),
        None => (body::count(&headers, &body)?, key),
    };
    let request = MissionRequest::new(count, key.as_ref(), shared.config.new_id);
    // Before anything is published: a key means the same missions for as long as they are kept.
    if key.is_some()
        && let Stored::All(missions) =
            request.stored(&shared.store, (shared.config.clock)()).await?
    {
        let mut response = created(&shared, &accept, &request, missions);
        add(&mut response, [(REPLAYED, "true".to_owned())]);
        return Ok(response);
    }
    if let Some(account) = &known.account {
        account.charge(request.count())?;
    }
    let posting = Posting { shared: &shared, accept: &accept, request: &request, preference };
    let client = share_of(known.peer, &headers, &shared.config.limits.proxies);
    let exercise = shared.exercise.as_ref();
    let counted = exercise.map(|exercise| request.ids().map(|ids| exercise.count(ids)));
    let counted = counted.transpose()?;
    let told = posting.run(trace(&headers, known.span), client).await;
    counted.into_iter().for_each(|counted| counted.told(told.is_ok()));
    let keyed = key.is_some();
    let mut response = told.map_err(|refusal| if keyed { refusal.with_key() } else { refusal })?;
    add(&mut response, preference.applied().map(|applied| (APPLIED, applied)));
    Ok(response)
}

/// One POST whose missions are not yet stored.
struct Posting<'a> {
    shared: &'a Shared,
    accept: &'a Accept,
    request: &'a MissionRequest,
    preference: Preference,
}

impl Posting<'_> {
    /// Has the request published, and waits for its missions.
    async fn run(&self, trace: Option<Trace>, client: Option<IpAddr>) -> Result<Response, Refusal> {
        let admission = self.request.admission(trace, client)?;
        let waiter = self.shared.correlator.admit(admission).map_err(|why| not_admitted(&why))?;
        let most = self.shared.config.wait;
        let patience = self.preference.patience(most);
        match waiter.wait(self.patience(patience), self.patience(most)).await {
            Ok(Outcome::Stored(missions)) => {
                self.request.no_larger_count(&self.shared.store).await?;
                Ok(self.created(missions))
            }
            Ok(Outcome::Problem(problem)) => self.failed(problem).await,
            Ok(Outcome::Refused) => Err(refused()),
            Err(Published::Never) => {
                let detail = "RabbitMQ was away, or the system overloaded, for as long as you waited; \
                              nothing was published";
                Err(Problem::new(ProblemKind::Unavailable, detail).into())
            }
            // The caller waits for the broker's confirm only.
            Err(Published::Confirmed) if patience.is_zero() => Ok(self.accepted()),
            Err(published) => self.timed_out(published).await,
        }
    }

    /// Ends when a caller has waited for so long.
    async fn patience(&self, most: Duration) {
        tokio::select! {
            biased;
            () = tokio::time::sleep(most) => {}
            () = async {
                self.shared.stop.cancelled().await;
                tokio::time::sleep(LAST_WAIT).await;
            } => {}
        }
    }

    /// A mission failed. The rows are what counts: an earlier delivery of the same request may have
    /// stored them all.
    async fn failed(&self, problem: Problem) -> Result<Response, Refusal> {
        match self.request.find(&self.shared.store).await {
            Ok(Some(missions)) => Ok(self.created(missions)),
            Ok(None) | Err(_) => Err(problem.into()),
        }
    }

    /// The wait is over and no reply has come: looks in the table once, and then tells the address
    /// where the missions will be.
    async fn timed_out(&self, published: Published) -> Result<Response, Refusal> {
        match self.request.find(&self.shared.store).await {
            Ok(Some(missions)) => return Ok(self.created(missions)),
            Ok(None) => {}
            // The caller needs to know whether the request is kept, not that this look failed.
            Err(error) => {
                let location = self.request.location();
                tracing::warn!(%error, location, "the table could not be read");
            }
        }
        if published == Published::Confirmed {
            return Ok(self.accepted());
        }
        let detail =
            "RabbitMQ did not confirm the request: it may have it or not. Look at Location";
        let problem = Problem::new(ProblemKind::Unconfirmed, detail).about(self.request.ids()?);
        let location = self.expected();
        Err(Refusal::from(problem).with(header::LOCATION, &location))
    }

    fn created(&self, missions: Vec<Mission>) -> Response {
        created(self.shared, self.accept, self.request, missions)
    }

    /// Where the missions will be.
    fn expected(&self) -> String {
        self.request.expected(&self.shared.seal, (self.shared.config.clock)())
    }

    /// 202: the request is kept, its missions are not yet stored. A browser is sent to where they
    /// will be.
    fn accepted(&self) -> Response {
        let location = self.expected();
        match self.accept.format {
            Format::Html => see_other(location),
            _ => accepted_at(self.accept, location, Seen::default()),
        }
    }
}

/// 201: the missions are stored. A browser is sent to their page.
fn created(
    shared: &Shared,
    accept: &Accept,
    request: &MissionRequest,
    missions: Vec<Mission>,
) -> Response {
    let (location, summary) = (request.location(), summary(shared, &missions));
    let mut response = if accept.format == Format::Html {
        see_other(location)
    } else {
        request.response(accept, StatusCode::CREATED, [(header::LOCATION, location)], missions)
    };
    if let Some(summary) = summary {
        response.extensions_mut().insert(summary);
    }
    response
}

/// What the logs tell of these missions, if they are told.
fn summary(shared: &Shared, missions: &[Mission]) -> Option<Summary> {
    let exported = traces::tracer().is_some();
    let told = exported || shared.config.announce || tracing::enabled!(Level::DEBUG);
    told.then(|| Summary::of(missions)).flatten()
}

fn not_admitted(why: &AdmissionError) -> Refusal {
    let (kind, detail) = match why {
        AdmissionError::Full => (
            ProblemKind::Unavailable,
            "too many missions are waited for, in all or by this client; nothing was published",
        ),
        AdmissionError::Overloaded => (
            ProblemKind::Unavailable,
            "the system is overloaded: the missions before yours, in all or of this client, are more \
             than can be answered in time; nothing was published",
        ),
        AdmissionError::Away => {
            (ProblemKind::Unavailable, "RabbitMQ is away; nothing was published")
        }
        AdmissionError::OtherCount => (
            ProblemKind::Conflict,
            "a request with this `Idempotency-Key` and another `count` is still running: repeat \
             that one, or use another key",
        ),
    };
    Problem::new(kind, detail).into()
}

fn refused() -> Refusal {
    let detail = "RabbitMQ did not take the request, its queue is full; nothing was published";
    Problem::new(ProblemKind::Unavailable, detail).into()
}
