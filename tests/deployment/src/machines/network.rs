//! A network whose machines keep their addresses.

use crate::docker::{docker, output};
use xtask::Failure;

/// Makes it, in a range that Docker found to be free. Returns the first three numbers of its addresses.
///
/// # Errors
/// Docker could not make it.
pub(super) async fn make(name: &str) -> Result<String, Failure> {
    output(docker(["network", "create", name])).await?;
    let subnet = subnet(name).await?;
    output(docker(["network", "rm", name])).await?;
    output(docker(["network", "create", "--subnet", subnet.trim(), name])).await?;
    range(name).await
}

async fn subnet(name: &str) -> Result<String, Failure> {
    let format = "{{(index .IPAM.Config 0).Subnet}}";
    output(docker(["network", "inspect", "--format", format, name])).await
}

/// The first three numbers of its addresses.
///
/// # Errors
/// There is no such network.
pub(super) async fn range(name: &str) -> Result<String, Failure> {
    let subnet = subnet(name).await?;
    let numbers: Vec<&str> = subnet.split('.').take(3).collect();
    Ok(numbers.join("."))
}
