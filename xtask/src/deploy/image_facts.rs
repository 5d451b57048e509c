//! Facts about the images.

use super::facts::Facts;
use super::{images, stand_ins};
use crate::Failure;

/// Builds every image that a deployment needs.
pub(super) async fn show(facts: &mut Facts) -> Result<(), Failure> {
    facts.prove("a Debian to build on", images::debian("trixie")).await?;
    facts.prove("RabbitMQ's image", stand_ins::rabbitmq()).await?;
    facts.prove("MySQL's image", stand_ins::mysql()).await?;
    facts.prove("nginx's image", stand_ins::nginx()).await?;
    facts.prove("a Rust to build with", stand_ins::rust()).await?;
    facts.prove("the image of all roles", images::spymission()).await?;
    Ok(())
}
