//! Containers whose process is killed under load.

use schemas::Role;

use crate::asks::Asks;
use crate::composition::Composition;
use crate::docker::{docker, inspect, output};
use crate::facts::expect;
use crate::stand_ins;
use xtask::Failure;

/// The servers beside our own services.
const SERVERS: [&str; 2] = ["rabbitmq", "mysql"];

/// Kills them one after the other under requests with keys. What was confirmed is stored; and the same
/// requests, sent again, give exactly one mission each.
pub(crate) async fn kill_each(c: &Composition) -> Result<String, Failure> {
    let before = c.rows().await?;
    let services: Vec<&str> = Role::ALL.into_iter().map(Role::name).chain(SERVERS).collect();
    let asks = Asks { count: 4_000, connections: 16, key: Some("kill") };
    let killing = async {
        let mut rows = before;
        for service in &services {
            rows += 100; // the last outage is over, and requests are on their way
            c.await_rows(rows).await?;
            kill(c, service).await?;
        }
        Ok(())
    };
    let (under, ()) = tokio::try_join!(asks.send(c), killing)?;
    c.compose(&["up", "--detach", "--wait", "--no-recreate"]).await?;
    let stand = c.ids().await?;
    let lost = under.ids.difference(&stand).count();
    expect(lost == 0, || format!("{lost} confirmed missions do not stand"))?;
    let answered = under.with(201) + under.with(202);
    expect(answered == 4_000, || format!("callers who repeat were left alone: {under}"))?;
    let again = asks.send(c).await?;
    let (rows, failed) = (c.rows().await? - before, again.failed());
    // A 202 has its mission by now.
    expect(failed == 0 && rows == 4_000, || {
        format!("sent again: {again}; {rows} rows of 4000 requests")
    })?;
    Ok(format!("{} killed under 4000 requests ({under}); repeated: {again}", services.len()))
}

/// From outside: Docker does not restart a container that it was told to kill.
async fn kill(c: &Composition, service: &str) -> Result<(), Failure> {
    let container = c.container(service).await?;
    let process = inspect(&container, "{{.State.Pid}}").await?;
    expect(process != "0", || format!("{service} does not run"))?;
    let (image, kill) = (stand_ins::nginx().await?, format!("kill -KILL {process}"));
    let outside = ["run", "--rm", "--pid=host", "--network=none", "--user=0:0"];
    let right = ["--cap-drop=ALL", "--cap-add=KILL", "--entrypoint=sh", &image, "-c", &kill];
    output(docker([&outside[..], &right].concat())).await.map(drop)
}
