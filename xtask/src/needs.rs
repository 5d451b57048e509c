//! What the tests of a package need on this machine, as its `Cargo.toml` declares it:
//! `[package.metadata.tests] needs = ["rabbitmq", "mariadb"]`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Failure;
use crate::workspace::cargo;

/// What tests need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// A RabbitMQ node.
    pub rabbitmq: bool,
    /// A MariaDB node.
    pub mariadb: bool,
    /// Clients in other languages: curl, Python with pika, Node with amqplib.
    pub clients: bool,
    /// Prometheus and promtool.
    pub prometheus: bool,
}

impl Needs {
    /// Everything there is.
    pub const ALL: Self = Self { rabbitmq: true, mariadb: true, clients: true, prometheus: true };

    /// What the packages that these arguments of cargo choose need together.
    ///
    /// # Errors
    /// cargo does not say what there is.
    pub async fn of(arguments: &[String]) -> Result<Self, Failure> {
        let chosen = chosen(arguments);
        let mut needs = Self::default();
        for package in packages().await? {
            if chosen.is_empty() || chosen.contains(&package.name) {
                needs.add(&package.needs)?;
            }
        }
        Ok(needs)
    }

    fn add(&mut self, names: &[String]) -> Result<(), Failure> {
        for name in names {
            match name.as_str() {
                "rabbitmq" => self.rabbitmq = true,
                "mariadb" => self.mariadb = true,
                "clients" => self.clients = true,
                "prometheus" => self.prometheus = true,
                _ => return Err(format!("a Cargo.toml says that tests need {name:?}").into()),
            }
        }
        Ok(())
    }
}

/// A package of this workspace.
pub struct Package {
    /// Its name.
    pub name: String,
    /// Where its `Cargo.toml` is.
    pub folder: PathBuf,
    needs: Vec<String>,
}

/// All packages of this workspace.
///
/// # Errors
/// cargo does not say what there is.
pub async fn packages() -> Result<Vec<Package>, Failure> {
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1", "--locked"]);
    let metadata: Value = serde_json::from_slice(&command.output().await?.stdout)?;
    Ok(list(&metadata, "/packages").filter_map(package).collect())
}

fn package(package: &Value) -> Option<Package> {
    Some(Package {
        name: text(package.get("name")?)?,
        folder: Path::new(&text(package.get("manifest_path")?)?).parent()?.to_owned(),
        needs: list(package, "/metadata/tests/needs").filter_map(text).collect(),
    })
}

fn list<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(path).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The packages that arguments of cargo name with `-p` or `--package`; none means all.
pub fn chosen(arguments: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-p" | "--package" => names.extend(arguments.next().cloned()),
            other => {
                let name = other.strip_prefix("--package=").or(other.strip_prefix("-p"));
                names.extend(name.filter(|name| !name.is_empty()).map(str::to_owned));
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn needs(arguments: &str) -> Needs {
        let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
        Needs::of(&arguments).await.unwrap()
    }

    #[tokio::test]
    async fn a_run_of_some_packages_asks_for_what_they_need_and_no_more() {
        assert_eq!(needs("-p schemas -p gateway a_name").await, Needs::default());
        assert_eq!(needs("-p bus").await, Needs { rabbitmq: true, ..Needs::default() });
        assert_eq!(needs("--package=store").await, Needs { mariadb: true, ..Needs::default() });
        assert_eq!(needs("a_name").await, Needs::ALL);
    }

    #[test]
    fn packages_are_chosen_by_any_form_of_the_flag() {
        let arguments =
            ["-p", "bus", "a_test", "--package", "store", "--package=schemas", "-pgateway"];
        let names = chosen(&arguments.map(str::to_owned));
        assert_eq!(names, ["bus", "store", "schemas", "gateway"]);
        assert!(chosen(&["a_test".to_owned()]).is_empty());
    }

    #[test]
    fn an_unknown_need_is_refused() {
        assert!(Needs::default().add(&["postgres".to_owned()]).is_err());
    }
}
