//! Facts about the images.

use super::facts::Facts;
use super::images;
use crate::Failure;

/// Builds every image that a deployment needs.
pub(super) async fn show(facts: &mut Facts) -> Result<(), Failure> {
    facts.prove("a Debian to build on", images::debian("trixie")).await?;
    facts.prove("RabbitMQ's image", images::rabbitmq()).await?;
    facts.prove("MySQL's image", images::mysql()).await?;
    facts.prove("nginx's image", images::nginx()).await?;
    Ok(())
}
