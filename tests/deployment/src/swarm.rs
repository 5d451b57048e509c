//! The swarm, for callers and from its manager.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use load::{Endpoint, Load, Report, Running, Stop};
use schemas::Role;
use tokio::process::Command;

use crate::ansible::{Ansible, Images};
use crate::docker::output;
use crate::facts::expect;
use crate::machines::{MANAGER, Machines, SITE, folder};
use xtask::Failure;

pub(crate) const CONNECTIONS: usize = 64;
/// Enough connections to see refused requests.
pub(crate) const FEW: usize = 8;
/// Requests per second and connection. More than these machines, which are containers of one, can do beside a
/// playbook would make the playbook slow, and show no more.
const RATE: usize = 2;
/// How long a change of a few services may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);
/// How long a caller who was refused waits before the next request.
const PAUSE: Duration = Duration::from_millis(50);
const ASKED: &str = "worker-1";
pub(crate) const OTHER: &str = "worker-2";

/// The service of a role.
pub(crate) fn service(role: Role) -> String {
    format!("spymission_{}", role.name())
}

/// The command on the manager that runs a statement of the operator.
pub(crate) fn in_mysql(sql: &str) -> String {
    format!(
        "docker exec $(docker ps --quiet --filter \
         label=com.docker.swarm.service.name=spymission_mysql) sh /etc/spymission/client.sh mysql \
         --batch --skip-column-names --execute '{sql}' spymission"
    )
}

/// What runs on the machines, and what may run there.
pub(crate) struct Swarm<'a> {
    pub(crate) machines: &'a Machines,
    pub(crate) ansible: &'a Ansible,
    pub(crate) images: &'a Images,
}

impl Swarm<'_> {
    /// Does something under load. Returns its result, and that of the load.
    ///
    /// # Errors
    /// The load gets no replies at first, or the action failed.
    pub(crate) async fn under_load<T>(
        &self,
        connections: usize,
        act: impl Future<Output = Result<T, Failure>>,
    ) -> Result<(T, Report), Failure> {
        let callers = self.callers(connections).await?;
        let acted = act.await;
        let answers = callers.stop().await;
        Ok((acted.map_err(|why| format!("{why}\n{answers}"))?, answers))
    }

    /// A load on a machine that no fact touches, which gets replies.
    ///
    /// # Errors
    /// It gets none.
    pub(crate) async fn callers(&self, connections: usize) -> Result<Running, Failure> {
        let authority = std::fs::read(folder().join("secrets/ca.pem"))?;
        let address = SocketAddr::new(self.machines.address(ASKED).parse()?, 443);
        let endpoint = Endpoint::tls(address, SITE, &authority)?;
        let rate = Some(u32::try_from(connections * RATE)?);
        let load = Load { rate, pause: PAUSE, ..Load::new(endpoint, connections) };
        let callers = load::start(load, Stop::Told);
        callers.await_more(100, Duration::from_secs(60)).await?;
        Ok(callers)
    }

    /// The fingerprint of the certificate that a caller sees.
    ///
    /// # Errors
    /// None is shown.
    pub(crate) async fn certificate(&self) -> Result<String, Failure> {
        let script = r#"openssl s_client -connect "$1:443" -servername "$2" 2>/dev/null </dev/null \
            | openssl x509 -noout -fingerprint -sha256"#;
        let mut look = Command::new("sh");
        look.args(["-c", script, "look", &self.machines.address(ASKED), SITE]);
        output(look).await
    }

    /// Sends a load until this many requests are answered, none of which may fail.
    ///
    /// # Errors
    /// One failed.
    pub(crate) async fn ask_without_failure(&self, count: u64) -> Result<Report, Failure> {
        let callers = self.callers(CONNECTIONS).await?;
        callers.await_more(count, Duration::from_secs(120)).await?;
        let answers = callers.stop().await;
        answers.without_failure()?;
        Ok(answers)
    }

    /// The output of a command on the manager.
    ///
    /// # Errors
    /// It failed.
    pub(crate) async fn say(&self, command: &str) -> Result<String, Failure> {
        self.machines.ssh(MANAGER, command).await
    }

    /// Waits until the output of a command on the manager is as wanted.
    ///
    /// # Errors
    /// It is not within `patience`; with the last output.
    pub(crate) async fn await_said(
        &self,
        command: &str,
        patience: Duration,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            let said = self.say(command).await?;
            if wanted(&said) {
                return Ok(());
            }
            expect(began.elapsed() < patience, || format!("after {patience:?} {command}: {said}"))?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// The rows of a statement of the operator.
    ///
    /// # Errors
    /// It refuses.
    pub(crate) async fn sql(&self, sql: &str) -> Result<String, Failure> {
        self.say(&in_mysql(sql)).await
    }

    /// The ids of all missions that are stored.
    ///
    /// # Errors
    /// The database does not answer.
    pub(crate) async fn stored(&self) -> Result<BTreeSet<u128>, Failure> {
        let said = self.sql("SELECT LOWER(HEX(id)) FROM missions").await?;
        said.lines().map(|id| Ok(u128::from_str_radix(id.trim(), 16)?)).collect()
    }

    /// Every mission that was answered with 201 has its row.
    ///
    /// # Errors
    /// One has not.
    pub(crate) async fn all_stand(&self, answers: &Report) -> Result<(), Failure> {
        let stored = self.stored().await?;
        let lost = answers.ids.iter().filter(|id| !stored.contains(id)).count();
        expect(lost == 0, || format!("{lost} of {} confirmed missions are gone", answers.ids.len()))
    }

    /// The image, and how its last update went, of every role.
    ///
    /// # Errors
    /// The manager does not answer.
    pub(crate) async fn states(&self) -> Result<Vec<String>, Failure> {
        let format = "{{.Spec.TaskTemplate.ContainerSpec.Image}} {{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}";
        let names: Vec<_> = Role::ALL.into_iter().map(service).collect();
        let ask = format!("docker service inspect --format '{format}' {}", names.join(" "));
        Ok(self.say(&ask).await?.lines().map(str::to_owned).collect())
    }

    /// All roles are of this image.
    ///
    /// # Errors
    /// One is not.
    pub(crate) async fn all_run(&self, image: &str) -> Result<(), Failure> {
        let states = self.states().await?;
        let good = states.iter().filter(|state| state.starts_with(image)).count();
        expect(good == Role::ALL.len(), || format!("not all run {image}: {states:?}"))
    }
}
