//! Facts about the swarm: it is updated, taken back and hurt, while callers ask without keys.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::ansible::{Ansible, Images};
use super::callers::{Answers, Callers};
use super::compose_facts::expect;
use super::docker::{docker, output};
use super::facts::Facts;
use super::machines::{Machines, folder};
use crate::Failure;

const CONNECTIONS: usize = 64;
const ROLES: [&str; 5] = ["gateway", "number", "letter", "decider", "persister"];
const MANAGER: &str = "manager";
const ASKED: &str = "worker-1";
const OTHER: &str = "worker-2";

struct Swarm<'a> {
    machines: &'a Machines,
    ansible: &'a Ansible,
    images: &'a Images,
    next: String,
    broken: String,
}

/// Shows them on machines where a first version runs.
pub(super) async fn show(
    facts: &mut Facts,
    machines: &Machines,
    ansible: &Ansible,
    images: &Images,
    tag: &str,
) -> Result<(), Failure> {
    let next = machines.push(&derived(tag, "next", "LABEL version=next").await?).await?;
    let broken = r#"ENTRYPOINT ["/spymission", "--no-such-setting"]"#;
    let broken = machines.push(&derived(tag, "broken", broken).await?).await?;
    let s = Swarm { machines, ansible, images, next, broken };
    let load = format!("under keyless POSTs at {CONNECTIONS} connections");
    facts.prove(&format!("a rolling update {load}"), s.update()).await?;
    facts.prove(&format!("the way back {load}"), s.roll_back()).await?;
    facts.prove(&format!("a broken image is taken back by itself {load}"), s.take_back()).await?;
    facts.prove("a worker machine is lost: service goes on", s.lose_worker()).await?;
    facts.prove("the machine of broker and database is lost and returns", s.lose_manager()).await
}

impl Swarm<'_> {
    async fn update(&self) -> Result<String, Failure> {
        let image = format!("application_image={}", self.next);
        let callers = self.callers()?;
        callers.await_more(100, Duration::from_secs(60)).await?;
        let played = self.ansible.play("upgrade.yml", &["--extra-vars", &image]).await;
        let answers = callers.stop().await;
        played?;
        answers.without_failure()?;
        self.all_run(&self.next).await?;
        self.all_stand(&answers).await?;
        Ok(format!("{answers}; queues and tables were prepared first, all of it stands"))
    }

    async fn roll_back(&self) -> Result<String, Failure> {
        let callers = self.callers()?;
        callers.await_more(100, Duration::from_secs(60)).await?;
        let played = self.ansible.play("rollback.yml", &[]).await;
        let answers = callers.stop().await;
        played?;
        answers.without_failure()?;
        self.all_run(&self.images.spymission).await?;
        Ok(answers.to_string())
    }

    async fn take_back(&self) -> Result<String, Failure> {
        let stack = "set -a; . /etc/spymission/release.env; cd /etc/spymission; ";
        let deploy = format!(
            "{stack} SPYMISSION_IMAGE={} docker stack deploy --resolve-image never \
             --compose-file stack.yaml spymission",
            self.broken
        );
        let callers = self.callers()?;
        callers.await_more(100, Duration::from_secs(60)).await?;
        let deployed = self.machines.ssh(MANAGER, &deploy).await;
        let began = Instant::now();
        let back = self.await_state("rollback_completed", Duration::from_secs(240)).await;
        let answers = callers.stop().await;
        deployed?;
        back?;
        answers.without_failure()?;
        self.all_run(&self.images.spymission).await?;
        Ok(format!("{:.0} s, without anybody's help; {answers}", began.elapsed().as_secs_f64()))
    }

    async fn lose_worker(&self) -> Result<String, Failure> {
        // Losing a machine that has nothing to do would show nothing.
        let there = format!("docker node ps --filter desired-state=running {OTHER}");
        let there = self.machines.ssh(MANAGER, &there).await?;
        let works =
            ROLES.iter().filter(|role| there.contains(&format!("spymission_{role}."))).count();
        expect(there.contains("spymission_gateway.") && works > 1, || {
            format!("{OTHER} has no gateway and another role to lose:\n{there}")
        })?;
        let callers = self.callers()?;
        callers.await_more(100, Duration::from_secs(60)).await?;
        self.machines.kill(OTHER).await?;
        let began = Instant::now();
        let on = callers.await_more(1_000, Duration::from_secs(90)).await;
        let going = began.elapsed();
        let whole = self.await_replaced(OTHER, Duration::from_secs(240)).await;
        let replaced = began.elapsed();
        let answers = callers.stop().await;
        self.machines.boot(OTHER).await?;
        on?;
        whole?;
        self.all_stand(&answers).await?;
        let later = self.ask_without_failure(500).await?;
        Ok(format!(
            "1000 more answers after {:.1} s, its replicas are elsewhere after {:.0} s; {answers}; then {later}",
            going.as_secs_f64(),
            replaced.as_secs_f64()
        ))
    }

    async fn lose_manager(&self) -> Result<String, Failure> {
        let callers = self.callers()?;
        callers.await_more(100, Duration::from_secs(60)).await?;
        self.machines.kill(MANAGER).await?;
        let began = Instant::now();
        self.machines.boot(MANAGER).await?;
        let on = callers.await_more(500, Duration::from_secs(400)).await;
        let stalled = began.elapsed();
        let answers = callers.stop().await;
        on?;
        self.all_stand(&answers).await?;
        let later = self.ask_without_failure(500).await?;
        Ok(format!(
            "a stall, 500 more answers {:.0} s after the loss; {answers}; none of {} confirmed is \
             missing; then {later}",
            stalled.as_secs_f64(),
            answers.ids.len()
        ))
    }

    /// Callers of a machine that no fact touches.
    fn callers(&self) -> Result<Callers, Failure> {
        Callers::start(&self.machines.address(ASKED), &authority(), CONNECTIONS)
    }

    async fn ask_without_failure(&self, count: u64) -> Result<Answers, Failure> {
        let callers = self.callers()?;
        callers.await_more(count, Duration::from_secs(120)).await?;
        let answers = callers.stop().await;
        answers.without_failure()?;
        Ok(answers)
    }

    /// Every mission that was answered with 201 has its row.
    async fn all_stand(&self, answers: &Answers) -> Result<(), Failure> {
        let ask = "docker exec $(docker ps --quiet --filter \
            label=com.docker.swarm.service.name=spymission_mysql) sh /etc/spymission/client.sh mysql \
            --batch --skip-column-names --execute 'SELECT LOWER(HEX(id)) FROM missions' spymission";
        let said = self.machines.ssh(MANAGER, ask).await?;
        let stored: BTreeSet<&str> = said.lines().collect();
        let lost = answers.ids.iter().filter(|id| !stored.contains(id.as_str())).count();
        expect(lost == 0, || format!("{lost} of {} confirmed missions are gone", answers.ids.len()))
    }

    /// The image, and how its last update went, of every role.
    async fn states(&self) -> Result<Vec<String>, Failure> {
        let format = "{{.Spec.TaskTemplate.ContainerSpec.Image}} {{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}";
        let names: Vec<_> = ROLES.iter().map(|role| format!("spymission_{role}")).collect();
        let ask = format!("docker service inspect --format '{format}' {}", names.join(" "));
        Ok(self.machines.ssh(MANAGER, &ask).await?.lines().map(str::to_owned).collect())
    }

    async fn all_run(&self, image: &str) -> Result<(), Failure> {
        let states = self.states().await?;
        let good = states.iter().filter(|state| state.starts_with(image)).count();
        expect(good == ROLES.len(), || format!("not all run {image}: {states:?}"))
    }

    async fn await_state(&self, state: &str, patience: Duration) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            let states = self.states().await?;
            if states.iter().all(|line| line.ends_with(state)) {
                return Ok(());
            }
            expect(began.elapsed() < patience, || format!("not all {state}: {states:?}"))?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Waits until the loss of a machine is noticed, and its replicas run elsewhere.
    async fn await_replaced(&self, lost: &str, patience: Duration) -> Result<(), Failure> {
        // Not the count of replicas: the lost ones are in it, nobody can say that they ended.
        let ask = format!(
            "docker node inspect --format '{{{{.Status.State}}}}' {lost}; \
             docker stack ps --filter desired-state=running --format '{{{{.CurrentState}}}}' spymission"
        );
        let began = Instant::now();
        loop {
            let said = self.machines.ssh(MANAGER, &ask).await?;
            let noticed = said.lines().next() == Some("down");
            if noticed && said.lines().skip(1).all(|task| task.starts_with("Running")) {
                return Ok(());
            }
            expect(began.elapsed() < patience, || format!("not all run: {said}"))?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

fn authority() -> PathBuf {
    folder().join("secrets/ca.pem")
}

/// An image made of another one: its tag.
async fn derived(tag: &str, name: &str, line: &str) -> Result<String, Failure> {
    let context = folder().join(name);
    std::fs::create_dir_all(&context)?;
    std::fs::write(context.join("Dockerfile"), format!("FROM {tag}\n{line}\n"))?;
    let derived = format!("{}-{name}", tag.replace("spymission/spymission", "spymission/lab"));
    let mut build = docker(["build", "--quiet", "--tag", &derived]);
    build.arg(&context);
    output(build).await?;
    Ok(derived)
}
