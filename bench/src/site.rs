//! Everything that loads are put on.

use std::rc::Rc;
use std::time::Duration;

use load::{Endpoint, Load, Report, Stop};
use time::OffsetDateTime;

use super::bare::{Broker, Server, commit};
use super::callers::{self, Address};
use super::failure::Failure;
use super::paths::Paths;
use super::results::{Floor, What};
use super::rows::Filled;
use super::system::{Cluster, Embedded, Program, Servers, System};

const DATABASE: &str = "spymission";
const FULL: &str = "spymission_full";

/// Two systems, perhaps a third with a full table, and what they are compared with.
pub(crate) struct Site {
    pub(crate) program: Program,
    pub(crate) cluster: Cluster,
    pub(crate) full: Option<(Cluster, Filled)>,
    embedded: Embedded,
    /// Replies as the gateway does, with a body as long as a mission.
    bare: Server,
    /// The body of a mission.
    mission: String,
}

impl Site {
    /// Starts everything; fills a table with `rows`, if it shall be. `said` gets how many there are.
    ///
    /// # Errors
    /// A server or a process does not come up.
    pub(crate) fn start(
        program: Program,
        rows: Option<u64>,
        said: impl FnMut(u64),
    ) -> Result<Self, Failure> {
        let servers = Rc::new(Servers::start()?);
        let cluster = Cluster::start(&program, &servers, DATABASE)?;
        let full = rows.map(|rows| fill(&program, &servers, rows, said)).transpose()?;
        let embedded = Embedded::start(&program)?;
        let gateway = format!("http://{}", embedded.gateway()?);
        let mission = testkit::servers::call(&gateway, "POST", "/missions", "")?.body;
        let bare = Server::start(mission.clone())?;
        Ok(Self { program, cluster, full, embedded, bare, mission })
    }

    /// The processes that a load is put on; `None` if they are none of ours.
    ///
    /// # Errors
    /// There is no full table.
    pub(crate) fn system(&self, what: What) -> Result<Option<&dyn System>, Failure> {
        Ok(match what {
            What::Cluster
            | What::Single
            | What::OwnQueues
            | What::DirectReplies
            | What::ClusterLivez => Some(&self.cluster),
            What::Full | What::FullList => Some(&self.filled()?.0),
            What::Embedded | What::EmbeddedLivez | What::Mission | What::List => {
                Some(&self.embedded)
            }
            What::Bare => None,
        })
    }

    /// What comes back from a load with this warm-up and time.
    ///
    /// # Errors
    /// A caller does not connect, or there is nothing to read.
    pub(crate) async fn load(
        &self,
        (what, callers): (What, usize),
        times: (Duration, Duration),
    ) -> Result<Report, Failure> {
        let url = self.cluster.broker_url();
        match what {
            What::OwnQueues => return callers::load(url, callers, Address::OwnQueue, times).await,
            What::DirectReplies => {
                return callers::load(url, callers, Address::Direct, times).await;
            }
            _ => {}
        }
        let endpoint = self.endpoint(what)?;
        let keep_ids = what != What::Bare; // it gives out the same one again and again
        let load = Load { warm_up: times.0, keep_ids, ..Load::new(endpoint, callers) };
        Ok(load::start(load, Stop::After(times.1)).finish().await)
    }

    fn endpoint(&self, what: What) -> Result<Endpoint, Failure> {
        let gateway = match self.system(what)? {
            Some(system) => system.gateway()?,
            None => self.bare.addr,
        };
        let endpoint = Endpoint::from(gateway);
        Ok(match what {
            What::ClusterLivez | What::EmbeddedLivez => endpoint.reading(["/livez".to_owned()]),
            What::Mission => endpoint.reading(Paths::of(gateway)?.missions),
            What::List => endpoint.reading(Paths::of(gateway)?.pages),
            What::FullList => endpoint.reading(Paths::anywhere(&self.filled()?.1)),
            _ => endpoint,
        })
    }

    /// What single steps of the way of a mission cost without us.
    ///
    /// # Errors
    /// A server does not answer.
    pub(crate) async fn floor(&self) -> Result<Floor, Failure> {
        let livez = self.endpoint(What::ClusterLivez)?;
        let http = load::start(Load::new(livez, 1), Stop::Requests(500)).finish().await;
        http.without_failure()?;
        let servers = self.cluster.servers();
        let vhost = servers.rabbit.vhost();
        self.cluster.declare(&vhost.amqp_url)?;
        let mut broker = Broker::connect(&vhost.amqp_url, &self.mission).await?;
        Ok(Floor {
            http: http.quantile(0.5),
            confirm: broker.confirm().await?,
            parts: broker.parts().await?,
            decisions: broker.decisions().await?,
            commit: commit(&servers.mariadb, DATABASE)?,
            own_queue: broker.own_queue().await?,
        })
    }

    fn filled(&self) -> Result<&(Cluster, Filled), Failure> {
        self.full.as_ref().ok_or_else(|| "there is no full table".into())
    }
}

/// The database in which the missions of this load have to be.
pub(crate) fn stored_in(what: What) -> Option<&'static str> {
    match what {
        What::Cluster | What::Single | What::OwnQueues | What::DirectReplies => Some(DATABASE),
        What::Full => Some(FULL),
        _ => None,
    }
}

/// Starts five processes on a table that is full.
fn fill(
    program: &Program,
    servers: &Rc<Servers>,
    rows: u64,
    said: impl FnMut(u64),
) -> Result<(Cluster, Filled), Failure> {
    let cluster = Cluster::start(program, servers, FULL)?;
    #[expect(clippy::disallowed_methods, reason = "it is when the rows are made")]
    let filled = Filled::before(OffsetDateTime::now_utc(), rows);
    filled.fill(&servers.mariadb, FULL, said)?;
    Ok((cluster, filled))
}
