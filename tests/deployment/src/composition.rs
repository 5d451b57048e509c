//! A deployment by Compose, with ports, secrets and images of its own.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use testkit::servers::Port;
use tokio::process::Command;
use tokio::time::Instant;

use crate::docker::{docker, output, workplace};
use crate::{images, stand_ins};
use xtask::Failure;
use xtask::workspace::root;

/// Longer than any step here takes.
const DEADLINE: Duration = Duration::from_secs(180);

/// One deployment: a project of its own beside any other.
pub(crate) struct Composition {
    environment: Vec<(&'static str, String)>,
    http: Port,
    https: Port,
    _prometheus: Port,
}

/// The name of its project.
pub(crate) const PROJECT: &str = "spymission-deploy-test";

impl Composition {
    /// Makes secrets and settings; starts nothing.
    ///
    /// # Errors
    /// An image cannot be built, or there is no openssl.
    pub(crate) async fn new() -> Result<Self, Failure> {
        let (http, https, prometheus) = (Port::free()?, Port::free()?, Port::free()?);
        std::fs::create_dir_all(workplace())?;
        std::fs::copy(root().join("compose/nginx/operators.conf"), Self::operators())?;
        let composition = Self {
            environment: vec![
                ("SPYMISSION_IMAGE", images::spymission().await?),
                ("SPYMISSION_RABBITMQ_IMAGE", stand_ins::rabbitmq().await?),
                ("SPYMISSION_MYSQL_IMAGE", stand_ins::mysql().await?),
                ("SPYMISSION_NGINX_IMAGE", stand_ins::nginx().await?),
                ("SPYMISSION_SECRETS", Self::secrets().display().to_string()),
                ("SPYMISSION_HTTP", format!("127.0.0.1:{}", http.number())),
                ("SPYMISSION_HTTPS", format!("127.0.0.1:{}", https.number())),
                ("SPYMISSION_PROMETHEUS_IMAGE", stand_ins::prometheus().await?),
                ("SPYMISSION_PROMETHEUS", prometheus.number().to_string()),
                ("SPYMISSION_OPERATORS", Self::operators().display().to_string()),
            ],
            http,
            https,
            _prometheus: prometheus,
        };
        let _ = std::fs::remove_dir_all(Self::secrets());
        output(composition.script("secrets.sh", &[&Self::secrets().display().to_string()])).await?;
        Ok(composition)
    }

    /// One more variable of Compose.
    pub(crate) fn set(&mut self, name: &'static str, value: String) {
        self.environment.push((name, value));
    }

    /// The folder of passwords and keys.
    pub(crate) fn secrets() -> PathBuf {
        workplace().join("secrets")
    }

    /// The file that lists operators' addresses: at first as it is delivered.
    pub(crate) fn operators() -> PathBuf {
        workplace().join("operators.conf")
    }

    /// The address of nginx over TLS; its certificate is for this name.
    pub(crate) fn door(&self) -> String {
        format!("https://localhost:{}", self.https.number())
    }

    /// The address of nginx without TLS.
    pub(crate) fn plain_door(&self) -> String {
        format!("http://localhost:{}", self.http.number())
    }

    /// nginx's image, which has curl.
    pub(crate) fn curl_image(&self) -> &str {
        let of = |name: &str| self.environment.iter().find(|(key, _)| *key == name);
        of("SPYMISSION_NGINX_IMAGE").map_or("", |(_, image)| image)
    }

    /// `docker compose ARGUMENTS`, to its end.
    ///
    /// # Errors
    /// It failed.
    pub(crate) async fn compose(&self, arguments: &[&str]) -> Result<String, Failure> {
        let file = ["compose", "--file", "compose/compose.yaml", "--ansi", "never"];
        let mut command = docker(file.iter().chain(arguments));
        self.surround(&mut command);
        output(command).await
    }

    /// A script of `compose/`, for this deployment.
    pub(crate) fn script(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(root().join("compose").join(name));
        command.args(arguments);
        self.surround(&mut command);
        command
    }

    /// Runs a shell with these arguments in the folder `compose`.
    ///
    /// # Errors
    /// It failed.
    pub(crate) async fn in_compose(&self, arguments: &[&str]) -> Result<String, Failure> {
        let mut shell = Command::new("sh");
        shell.arg("-e").args(arguments).current_dir(root().join("compose"));
        self.surround(&mut shell);
        output(shell).await
    }

    /// Gives a command the settings of this deployment.
    pub(crate) fn surround(&self, command: &mut Command) {
        let plugins = crate::docker::plugins();
        command.env("COMPOSE_PROJECT_NAME", PROJECT).env("DOCKER_CONFIG", plugins);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
    }

    /// The rows of this statement, one a line, as the operator or the user of `login`.
    ///
    /// # Errors
    /// The database refused it or did not answer.
    pub(crate) async fn sql(&self, login: &str, statement: &str) -> Result<String, Failure> {
        let login = format!("LOGIN=database-{login}");
        let exec = ["exec", "-T", "-e", &login, "mysql", "sh", "/etc/spymission/client.sh"];
        let client = ["mysql", "--batch", "--skip-column-names", "--execute", statement];
        self.compose(&[&exec[..], &client, &["spymission"]].concat()).await
    }

    /// How many missions are stored.
    ///
    /// # Errors
    /// The database did not answer.
    pub(crate) async fn rows(&self) -> Result<u64, Failure> {
        Ok(self.sql("operator", "SELECT count(*) FROM missions").await?.trim().parse()?)
    }

    /// The ids of all missions, 32 hexadecimal digits each.
    ///
    /// # Errors
    /// The database did not answer.
    pub(crate) async fn ids(&self) -> Result<BTreeSet<String>, Failure> {
        let ids = self.sql("operator", "SELECT LOWER(HEX(id)) FROM missions").await?;
        Ok(ids.lines().map(str::to_owned).collect())
    }

    /// Waits until this many missions are stored.
    ///
    /// # Errors
    /// There are fewer after three minutes.
    pub(crate) async fn await_rows(&self, rows: u64) -> Result<(), Failure> {
        let begun = Instant::now();
        loop {
            let stand = self.rows().await.unwrap_or(0); // the database may be away just now
            if stand >= rows {
                return Ok(());
            }
            if begun.elapsed() > DEADLINE {
                return Err(format!("{stand} of {rows} missions stand").into());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The container of this replica of a service.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn container(&self, service: &str) -> Result<String, Failure> {
        let ids = self.compose(&["ps", "--quiet", service]).await?;
        let id = ids.lines().next().ok_or_else(|| format!("no container of {service}"))?;
        Ok(id.to_owned())
    }

    /// Makes so many gateways: `gateway=5`.
    ///
    /// # Errors
    /// One does not become healthy.
    pub(crate) async fn scale_gateways(&self, gateways: &str) -> Result<(), Failure> {
        let up = ["up", "--detach", "--wait", "--no-recreate", "--no-deps", "--scale"];
        self.compose(&[&up[..], &[gateways, "gateway"]].concat()).await.map(drop)
    }
}
