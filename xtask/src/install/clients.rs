//! The clients that the tests run: curl, Python with pika, Node with amqplib.

use testkit::amqplib;
use testkit::process::python_with;
use tokio::process::Command;

use super::missing::packages_of;
use crate::workspace::Stage;

/// The packages that are missing.
pub(super) fn missing() -> Vec<&'static str> {
    let mut packages = packages_of(&[("curl", "curl"), ("node", "nodejs"), ("npm", "npm")]);
    if python_with("pika").is_none() {
        packages.push("python3-pika");
    }
    packages
}

/// Installs amqplib in a folder under `target`, if `install` allows it. Returns whether it is there.
pub(super) async fn amqplib(install: bool) -> Result<bool, crate::Failure> {
    let (package, folder) = (amqplib::PACKAGE, amqplib::folder());
    if amqplib::installed() {
        return Ok(true);
    }
    let prefix = folder.to_string_lossy();
    let arguments = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
    if !install {
        let arguments = arguments.join(" ");
        eprintln!("the tests need {package}: npm {arguments} {prefix} {package}");
        return Ok(false);
    }
    println!("── installing {package}");
    std::fs::create_dir_all(&folder)?;
    let mut command = Command::new("npm");
    command.args(arguments).args([&*prefix, package]);
    Ok(Stage::start(command)?.wait().await? && amqplib::installed())
}
