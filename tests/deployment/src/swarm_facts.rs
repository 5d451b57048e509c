//! Facts about the swarm: updates, rollbacks and losses under requests without keys.

use std::time::{Duration, Instant};

use schemas::Role;

use crate::facts::{Facts, expect};
use crate::machines::MANAGER;
use crate::options;
use crate::released;
use crate::releases::MIGRATION;
use crate::swarm::{CONNECTIONS, OTHER, Swarm, service};
use load::Report;
use xtask::Failure;

/// Versions before and after the one of the swarm, by digest.
pub(crate) struct Versions {
    /// The last release: the version before.
    pub(crate) released: String,
    /// A version after it.
    pub(crate) next: String,
    /// A version that does not start.
    pub(crate) broken: String,
    /// A version that starts and never becomes ready.
    pub(crate) unready: String,
}

/// Shows updates and rollbacks.
pub(crate) async fn versions(
    facts: &mut Facts,
    s: &Swarm<'_>,
    v: &Versions,
) -> Result<(), Failure> {
    begin(s).await?;
    let load = format!("under keyless POSTs at {CONNECTIONS} connections");
    facts
        .prove("the last release takes the place of this version", go_back(s, &v.released))
        .await?;
    facts.prove(&format!("it is updated, with a migration, {load}"), update(s, &v.next)).await?;
    facts
        .prove(&format!("the way back to it, on newer tables, {load}"), roll_back(s, &v.released))
        .await?;
    facts.prove(&format!("it is updated to this version {load}"), go_on(s)).await?;
    let broken = take_back(s, &v.broken);
    facts
        .prove(&format!("an image that does not start is taken back by itself {load}"), broken)
        .await?;
    let unready = take_back(s, &v.unready);
    facts
        .prove(
            &format!("an image that never becomes ready is taken back by itself {load}"),
            unready,
        )
        .await
}

/// Shows what the loss of a machine costs.
pub(crate) async fn losses(facts: &mut Facts, s: &Swarm<'_>) -> Result<(), Failure> {
    facts.prove("a worker machine is lost: service goes on", lose_worker(s)).await?;
    facts.prove("the machine of broker and database is lost and returns", lose_manager(s)).await
}

/// The first version, on tables without the migration of the next: also where an earlier run ended.
async fn begin(s: &Swarm<'_>) -> Result<(), Failure> {
    if s.all_run(&s.images.spymission).await.is_err() {
        s.ansible.play("upgrade.yml", &[]).await?;
    }
    if migrations(s).await? > 0 {
        s.sql("ALTER TABLE missions DROP INDEX missions_by_lab, DROP COLUMN lab").await?;
        s.sql(&format!("DELETE FROM _sqlx_migrations WHERE version = {MIGRATION}")).await?;
    }
    Ok(())
}

async fn migrations(s: &Swarm<'_>) -> Result<u32, Failure> {
    let ask = format!("SELECT COUNT(*) FROM _sqlx_migrations WHERE version = {MIGRATION}");
    Ok(s.sql(&ask).await?.trim().parse()?)
}

/// Replaces the version that runs, under load: old and new processes work together meanwhile.
async fn replace(s: &Swarm<'_>, image: &str) -> Result<Report, Failure> {
    let variable = format!("application_image={image}");
    let arguments = ["--extra-vars", &variable];
    let upgrade = s.ansible.play("upgrade.yml", &arguments);
    let (_, answers) = s.under_load(CONNECTIONS, upgrade).await?;
    answers.without_failure()?;
    s.all_run(image).await?;
    s.all_stand(&answers).await?;
    Ok(answers)
}

/// With nobody waiting, so with no time to watch each process.
async fn go_back(s: &Swarm<'_>, released: &str) -> Result<String, Failure> {
    let image = format!("application_image={released}");
    s.ansible.play("upgrade.yml", &["-e", &image, "-e", "application_monitor=1s"]).await?;
    s.all_run(released).await?;
    options::prunes_nothing(s).await?;
    released::commit()
}

async fn update(s: &Swarm<'_>, next: &str) -> Result<String, Failure> {
    let answers = replace(s, next).await?;
    expect(migrations(s).await? == 1, || "the migration was not applied".to_owned())?;
    Ok(format!("{answers}; the tables got a column and an index first, all of it stands"))
}

async fn go_on(s: &Swarm<'_>) -> Result<String, Failure> {
    let answers = replace(s, &s.images.spymission).await?;
    Ok(format!("{answers}; all of it stands"))
}

async fn roll_back(s: &Swarm<'_>, released: &str) -> Result<String, Failure> {
    let (_, answers) = s.under_load(CONNECTIONS, s.ansible.play("rollback.yml", &[])).await?;
    answers.without_failure()?;
    s.all_run(released).await?;
    expect(migrations(s).await? == 1, || "the migration is gone".to_owned())?;
    s.all_stand(&answers).await?;
    Ok(format!("{answers}; the migration stays, all of it stands"))
}

async fn take_back(s: &Swarm<'_>, image: &str) -> Result<String, Failure> {
    let deploy = format!(
        "set -a; . /etc/spymission/release.env; cd /etc/spymission; SPYMISSION_IMAGE={image} \
         SPYMISSION_HEALTH_RETRIES=2 docker stack deploy --resolve-image never --compose-file stack.yaml spymission"
    );
    let act = async {
        s.say(&deploy).await?;
        let began = Instant::now();
        await_all(s, "rollback_completed", Duration::from_secs(400)).await?;
        Ok(began.elapsed())
    };
    let (time, answers) = s.under_load(CONNECTIONS, act).await?;
    answers.without_failure()?;
    s.all_run(&s.images.spymission).await?;
    Ok(format!("{:.0} s, without anybody's help; {answers}", time.as_secs_f64()))
}

async fn await_all(s: &Swarm<'_>, state: &str, patience: Duration) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        let states = s.states().await?;
        if states.iter().all(|line| line.ends_with(state)) {
            return Ok(());
        }
        expect(began.elapsed() < patience, || format!("not all {state}: {states:?}"))?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn lose_worker(s: &Swarm<'_>) -> Result<String, Failure> {
    something_to_lose(s).await?;
    let callers = s.callers(CONNECTIONS).await?;
    s.machines.kill(OTHER).await?;
    let began = Instant::now();
    let on = callers.await_more(1_000, Duration::from_secs(90)).await;
    let going = began.elapsed();
    let whole = await_replaced(s).await;
    let replaced = began.elapsed();
    let answers = callers.stop().await;
    s.machines.boot(OTHER).await?;
    on?;
    whole?;
    s.all_stand(&answers).await?;
    let later = s.ask_without_failure(500).await?;
    Ok(format!(
        "1000 more answers after {:.1} s, its replicas are elsewhere after {:.0} s; {answers}; then {later}",
        going.as_secs_f64(),
        replaced.as_secs_f64()
    ))
}

/// Gives the machine that is lost next something to do: a machine that was empty gets containers only
/// with the next deployment.
async fn something_to_lose(s: &Swarm<'_>) -> Result<(), Failure> {
    let ask = format!("docker node ps --filter desired-state=running {OTHER}");
    if !s.say(&ask).await?.contains("spymission_gateway.") {
        s.say("docker service update --quiet --force spymission_gateway").await?;
    }
    let there = s.say(&ask).await?;
    let works = Role::ALL
        .into_iter()
        .map(service)
        .filter(|name| there.contains(&format!("{name}.")))
        .count();
    expect(there.contains("spymission_gateway.") && works > 1, || {
        format!("{OTHER} has no gateway and another role to lose:\n{there}")
    })
}

/// Waits until the loss of a machine is noticed, and its replicas run elsewhere.
async fn await_replaced(s: &Swarm<'_>) -> Result<(), Failure> {
    // Not the count of replicas: it includes the lost ones.
    let ask = format!(
        "docker node inspect --format '{{{{.Status.State}}}}' {OTHER}; \
         docker stack ps --filter desired-state=running --format '{{{{.CurrentState}}}}' spymission"
    );
    let patience = Duration::from_secs(240);
    s.await_said(&ask, patience, |said| {
        let noticed = said.lines().next() == Some("down");
        noticed && said.lines().skip(1).all(|task| task.starts_with("Running"))
    })
    .await
}

async fn lose_manager(s: &Swarm<'_>) -> Result<String, Failure> {
    let callers = s.callers(CONNECTIONS).await?;
    s.machines.kill(MANAGER).await?;
    let began = Instant::now();
    s.machines.boot(MANAGER).await?;
    let on = callers.await_more(500, Duration::from_secs(400)).await;
    let stalled = began.elapsed();
    let answers = callers.stop().await;
    on?;
    s.all_stand(&answers).await?;
    let later = all_served(s).await?;
    Ok(format!(
        "a stall, 500 more answers {:.0} s after the loss; {answers}; none of {} confirmed is \
         missing; nobody is turned away {:.0} s after the loss: {later}",
        stalled.as_secs_f64(),
        answers.ids.len(),
        began.elapsed().as_secs_f64()
    ))
}

/// Waits until every gateway is back. One that is not refuses quickly, and so many requests.
///
/// # Errors
/// One is not, after two minutes.
pub(crate) async fn all_served(s: &Swarm<'_>) -> Result<Report, Failure> {
    let began = Instant::now();
    loop {
        match s.ask_without_failure(500).await {
            Err(_) if began.elapsed() < Duration::from_secs(120) => {}
            served => return served,
        }
    }
}
