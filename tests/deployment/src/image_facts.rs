//! Facts about the images.

use crate::composition::inspect;
use crate::docker::{docker, output};
use crate::facts::{Facts, expect};
use crate::image::debian;
use crate::{images, stand_ins};
use xtask::Failure;

/// The most that the image of all roles may take.
const MEBIBYTES: f64 = 30.0;

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
    facts.prove("it says what is in it", bill()).await
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
