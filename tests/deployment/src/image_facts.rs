//! Facts about the images.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::docker::{docker, inspect, output};
use crate::facts::{Facts, expect};
use crate::image::debian;
use crate::{images, stand_ins};
use xtask::Failure;

/// The most that the image of all roles may take, with the names of its functions for backtraces.
const MEBIBYTES: f64 = 34.0;

/// How long a container may take to show its first page.
const START: Duration = Duration::from_secs(30);

/// Builds every image that a deployment needs.
pub(crate) async fn show(facts: &mut Facts) -> Result<(), Failure> {
    facts.prove("a Debian to build on", debian("trixie")).await?;
    facts.prove("RabbitMQ's image", stand_ins::rabbitmq()).await?;
    facts.prove("MySQL's image", stand_ins::mysql()).await?;
    facts.prove("nginx's image", stand_ins::nginx()).await?;
    facts.prove("Prometheus's image", stand_ins::prometheus()).await?;
    facts.prove("a Rust to build with", stand_ins::rust()).await?;
    facts.prove("the image of all roles", images::spymission()).await?;
    facts.prove("it is small, bare, and nobody's", bare()).await?;
    facts.prove("it says what is in it", bill()).await?;
    facts.prove("its pages and --version name the commit", named()).await
}

/// Builds the image once more from nothing.
pub(crate) async fn reproduce(facts: &mut Facts) -> Result<(), Failure> {
    facts.prove("two clean builds give the same binary", same_again()).await
}

async fn bare() -> Result<String, Failure> {
    let image = images::spymission().await?;
    let size = inspect(&image, "{{.Size}}").await?.parse::<f64>()? / f64::from(1 << 20);
    let user = inspect(&image, "{{.Config.User}}").await?;
    let health = inspect(&image, "{{.Config.Healthcheck.Test}}").await?;
    let label = "{{index .Config.Labels \"org.opencontainers.image.title\"}}";
    let title = inspect(&image, label).await?;
    expect(size < MEBIBYTES, || format!("it has {size:.1} MiB"))?;
    expect(user == "65532:65532", || format!("it runs as {user:?}"))?;
    expect(health.contains("/spymission health"), || format!("its health check is {health}"))?;
    expect(title == "spymission", || format!("its title is {title:?}"))?;
    let run = ["run", "--rm", "--read-only", "--cap-drop", "ALL", "--network", "none", &image];
    let version = output(docker(run.iter().chain(&["--version"]))).await?;
    let shell = docker(["run", "--rm", "--entrypoint", "sh", &image, "-c", "true"]);
    expect(output(shell).await.is_err(), || "there is a shell in it".to_owned())?;
    Ok(format!("{}, {size:.1} MiB, user 65532, no shell", version.trim()))
}

async fn bill() -> Result<String, Failure> {
    let image = images::spymission().await?;
    let text = from_image(&image, "/usr/share/sbom/spymission.cdx.json", "cat").await?;
    let bill: serde_json::Value = serde_json::from_str(&text)?;
    let components = bill.get("components").and_then(|all| all.as_array()).map_or(0, Vec::len);
    let lapin = text.contains("\"name\": \"lapin\"");
    expect(components > 100 && lapin, || format!("{components} components, lapin: {lapin}"))?;
    Ok(format!("CycloneDX, {components} components"))
}

/// The commit of its label, where the build was told.
async fn named() -> Result<String, Failure> {
    let image = images::spymission().await?;
    let commit = images::revision(&image).await?;
    let commit = commit.ok_or("it was built without a commit")?;
    let version = output(docker(["run", "--rm", &image, "--version"])).await?;
    expect(version.contains(&commit), || format!("{commit} is not in {version}"))?;
    let container = format!("spymission-page-{}", std::process::id());
    let page = first_page(&image, &container).await;
    output(docker(["rm", "--force", &container])).await?;
    let page = page?;
    let footer = page.split("<footer").nth(1).ok_or_else(|| format!("no footer in {page}"))?;
    expect(footer.contains(&commit), || format!("{commit} is not in {footer}"))?;
    Ok(version.trim().to_owned())
}

/// The first page of everything in one container.
async fn first_page(image: &str, container: &str) -> Result<String, Failure> {
    let run = ["run", "--detach", "--name", container, "--publish", "127.0.0.1::8080"];
    let files = ["--read-only", "--tmpfs", "/data:mode=1777", image];
    let up = ["up", "--database", "sqlite:/data/spymission.db"];
    output(docker(run.iter().chain(&files).chain(&up))).await?;
    let published = output(docker(["port", container, "8080/tcp"])).await?;
    let address = published.lines().next().ok_or("no port is published")?.to_owned();
    let began = Instant::now();
    loop {
        match page(&address).await {
            Ok(page) if page.starts_with("HTTP/1.1 200") => return Ok(page),
            said => expect(began.elapsed() < START, || format!("no page: {said:?}"))?,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn page(address: &str) -> io::Result<String> {
    let ask = format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    );
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(ask.as_bytes()).await?;
        let mut page = String::new();
        stream.read_to_string(&mut page).await?;
        Ok(page)
    };
    timeout(START, asked).await?
}

async fn same_again() -> Result<String, Failure> {
    let (first, again) = (images::spymission().await?, images::spymission_again().await?);
    let first = from_image(&first, "/spymission", "sha256sum").await?;
    let again = from_image(&again, "/spymission", "sha256sum").await?;
    expect(first == again, || format!("{} and {}", first.trim(), again.trim()))?;
    Ok(first.split_whitespace().next().unwrap_or_default().to_owned())
}

/// A file of an image, through this program.
async fn from_image(image: &str, file: &str, program: &str) -> Result<String, Failure> {
    let script = r#"id=$(docker create "$1") && docker cp "$id:$2" - | tar -xO | "$3"
        docker rm "$id" >/dev/null"#;
    let mut command = tokio::process::Command::new("sh");
    command.args(["-c", script, "look", image, file, program]);
    output(command).await
}
