//! nginx, from outside.

use std::cell::Cell;

use tokio::process::Command;

use crate::composition::Composition;
use crate::docker::{docker, output};
use crate::facts::expect;
use xtask::Failure;

/// nginx serves what it should, and no other service can be reached.
pub(crate) async fn closed(c: &Composition) -> Result<String, Failure> {
    let (plain, tls) = (c.plain_door(), c.door());
    let big = "x".repeat(70_000);
    let answers = [
        (code(c, &[&format!("{plain}/missions?limit=1")]).await?, "308 https://localhost"),
        (code(c, &["--request", "POST", &format!("{tls}/missions")]).await?, "201 "),
        (code(c, &[&format!("{tls}/missions?limit=1")]).await?, "200 "),
        (code(c, &[&format!("{tls}/readyz")]).await?, "404 "),
        (code(c, &[&format!("{tls}/metrics")]).await?, "404 "),
        (code(c, &[&format!("{tls}/.once")]).await?, "404 "),
        (code(c, &["--data", &big, &format!("{tls}/missions")]).await?, "413 "),
    ];
    for (answer, expected) in &answers {
        expect(answer.starts_with(expected), || format!("{answer:?} instead of {expected:?}"))?;
    }
    let published = c.compose(&["ps", "--format", "{{.Service}} {{.Ports}}"]).await?;
    let open: Vec<_> = published.lines().filter(|line| line.contains("->")).collect();
    expect(open.len() == 1 && open.iter().all(|line| line.starts_with("nginx ")), || {
        format!("others can be reached too: {open:?}")
    })?;
    Ok("TLS, a redirect to it, nothing of what is only for inside".into())
}

/// The event of a mission comes while the stream is open.
pub(crate) async fn events(c: &Composition) -> Result<String, Failure> {
    let (events, missions) =
        (format!("{}/missions/events", c.door()), format!("{}/missions", c.door()));
    let heard = Cell::new(false);
    let listening = async {
        // A buffered event would come only when curl ends.
        let first = shell(c, "| timeout 20 grep --max-count 1 ^data:", &["--no-buffer", &events]);
        let first = output(first).await;
        heard.set(true);
        first
    };
    // No request is cut off, because its container would stay.
    let asking = async {
        while !heard.get() {
            code(c, &["--request", "POST", &missions]).await?;
        }
        Ok(())
    };
    let (first, ()) = tokio::try_join!(listening, asking)?;
    Ok(first.trim().chars().take(60).collect())
}

/// Status and target of a redirect.
pub(crate) async fn code(c: &Composition, arguments: &[&str]) -> Result<String, Failure> {
    let written = ["--output", "/dev/null", "--write-out", "%{http_code} %{redirect_url}"];
    output(shell(c, "", &[&written[..], arguments].concat())).await
}

/// `curl ARGUMENTS TAIL` in a container on this machine's network.
pub(crate) fn shell(c: &Composition, tail: &str, arguments: &[&str]) -> Command {
    let ca = format!("{}:/ca.pem:ro", Composition::secrets().join("ca.pem").display());
    let mut command = docker(["run", "--rm", "--network", "host", "--volume", &ca]);
    let line = format!("curl --silent --cacert /ca.pem \"$@\" {tail}");
    command.args(["--entrypoint", "sh", c.curl_image(), "-c", &line, "curl"]).args(arguments);
    command
}
