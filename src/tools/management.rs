//! RabbitMQ's management HTTP API: only read, with deadlines. Its password is never shown.

use std::fmt;
use std::time::Duration;

use reqwest::{Client, Response, StatusCode, Url};
use serde::de::DeserializeOwned;

use crate::cli::Management;
use crate::settings::{Setting, WrongSetting, text_or_file};

/// How long one response may take.
const ANSWER: Duration = Duration::from_secs(10);
/// The most bytes of a response that are read: enough for about ten thousand queues.
const MOST: usize = 32 * 1024 * 1024;
const MANAGEMENT: Setting = Setting::new("--management", "SPYMISSION_MANAGEMENT");
const MANAGEMENT_FILE: Setting = Setting::new("--management-file", "SPYMISSION_MANAGEMENT_FILE");

impl Management {
    /// The API, if it is set.
    ///
    /// # Errors
    /// It is no address of one, or its file cannot be read.
    pub(crate) fn api(&self) -> Result<Option<Api>, WrongSetting> {
        let given = (self.management.as_deref(), self.management_file.as_deref());
        let given = text_or_file(given, [MANAGEMENT, MANAGEMENT_FILE])?;
        let api = |(setting, text): (Setting, String)| {
            Api::new(&text).map_err(|wrong| setting.wrong(wrong))
        };
        given.map(api).transpose()
    }
}

/// The API, and the user for it.
pub(crate) struct Api {
    client: Client,
    base: Url,
}

/// Why the API gave no usable answer, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Silence {
    pub(crate) what: String,
    pub(crate) next: String,
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; next: {}", self.what, self.next)
    }
}

impl Silence {
    fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what: what.into(), next: next.into() }
    }
}

impl Api {
    fn new(text: &str) -> Result<Self, String> {
        const FORM: &str = "write http(s)://user:password@host:15672";
        let base: Url = text.parse().map_err(|error| format!("{error}; {FORM}"))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(format!("it is no HTTP address; {FORM}"));
        }
        if base.username().is_empty() {
            return Err(format!("it names no user; {FORM}"));
        }
        let client =
            crate::tools::client::builder().timeout(ANSWER).connect_timeout(Duration::from_secs(5));
        let client = client.redirect(reqwest::redirect::Policy::none()).build();
        Ok(Self { client: client.map_err(|error| error.to_string())?, base })
    }

    /// Its address, without user and password.
    pub(crate) fn place(&self) -> String {
        let (scheme, host) = (self.base.scheme(), self.base.host_str().unwrap_or_default());
        let port = self.base.port_or_known_default().unwrap_or_default();
        format!("{scheme}://{host}:{port}")
    }

    /// The name of the user.
    pub(crate) fn user(&self) -> &str {
        self.base.username()
    }

    /// Reads the resource at these segments of the path, below `/api`.
    ///
    /// # Errors
    /// There is no usable answer.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        query: &str,
    ) -> Result<T, Silence> {
        let body = self.read(self.send(segments, query).await?).await?;
        serde_json::from_slice(&body).map_err(|error| {
            let what = format!("{} does not answer as RabbitMQ does: {error}", self.place());
            Silence::new(what, "check that this is the port of the management plugin (15672)")
        })
    }

    /// The `Date` header of a response: the clock of the server.
    ///
    /// # Errors
    /// There is no usable answer.
    pub(crate) async fn date(&self) -> Result<Option<String>, Silence> {
        let answer = self.send(&["whoami"], "").await?;
        let date = answer.headers().get(reqwest::header::DATE);
        Ok(date.and_then(|date| date.to_str().ok()).map(str::to_owned))
    }

    async fn send(&self, segments: &[&str], query: &str) -> Result<Response, Silence> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("api").extend(segments);
        }
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        let answer = self.client.get(url).send().await.map_err(|error| self.unreached(&error))?;
        let (place, user) = (self.place(), self.user());
        match answer.status() {
            status if status.is_success() => Ok(answer),
            // So answers a health check that fails; its body says why.
            StatusCode::SERVICE_UNAVAILABLE if segments.first() == Some(&"health") => Ok(answer),
            StatusCode::UNAUTHORIZED => Err(Silence::new(
                format!(
                    "{place} refuses user {user:?}: the password is wrong, or the user has no tag"
                ),
                format!("`rabbitmqctl set_user_tags {user} monitoring`, and check the password"),
            )),
            StatusCode::FORBIDDEN => Err(Silence::new(
                format!("user {user:?} may not read this"),
                format!("`rabbitmqctl set_user_tags {user} monitoring`"),
            )),
            StatusCode::NOT_FOUND => Err(Silence::new(
                format!("{place} has no {}", segments.join(" ")),
                "check the virtual host in --broker: `rabbitmqctl list_vhosts`",
            )),
            status => Err(Silence::new(format!("{place} answers {status}"), "read RabbitMQ's log")),
        }
    }

    async fn read(&self, mut answer: Response) -> Result<Vec<u8>, Silence> {
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| self.unreached(&error))? {
            body.extend_from_slice(&part);
            if body.len() > MOST {
                let what = format!("{} answers with more than {MOST} bytes", self.place());
                return Err(Silence::new(what, "check without --management"));
            }
        }
        Ok(body)
    }

    /// The innermost cause says what happened. None of them contains the address.
    fn unreached(&self, error: &reqwest::Error) -> Silence {
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        let cause = if error.is_timeout() { "no answer in time".into() } else { cause.to_string() };
        let next = "check that it runs (`rabbitmq-plugins enable rabbitmq_management`), and check \
                    host and port";
        Silence::new(format!("{} cannot be reached: {cause}", self.place()), next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_user_or_of_another_kind_is_refused_and_not_repeated() {
        for text in
            ["", "localhost:15672", "amqp://u:s3cret@h", "http://h:15672", "http://u:s3cret@"]
        {
            let Err(wrong) = Api::new(text) else { panic!("{text} is taken") };
            assert!(wrong.contains("http(s)://user:password@host"), "{wrong}");
            assert!(!wrong.contains("s3cret"), "{wrong}");
        }
    }

    /// The result of a request with this response.
    async fn answered(answer: &'static str) -> Result<serde_json::Value, Silence> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let _ = rustls::crypto::ring::default_provider().install_default(); // once is enough
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = Api::new(&format!("http://bond:s3cret@{}", server.local_addr().unwrap()));
        let serve = async {
            let (mut caller, _) = server.accept().await.unwrap();
            let _ = caller.read(&mut [0; 4_096]).await.unwrap();
            caller.write_all(answer.as_bytes()).await.unwrap();
        };
        let api = api.unwrap();
        tokio::join!(api.get(&["vhosts", "spies"], ""), serve).0
    }

    #[tokio::test]
    async fn each_refusal_has_its_own_advice() {
        for (answer, what, next) in [
            ("401 Unauthorized", "refuses user", "set_user_tags bond monitoring"),
            ("403 Forbidden", "may not read this", "set_user_tags bond monitoring"),
            ("404 Not Found", "has no vhosts spies", "rabbitmqctl list_vhosts"),
            ("500 Internal Server Error", "answers 500", "RabbitMQ's log"),
            ("200 OK", "does not answer as RabbitMQ does", "15672"),
        ] {
            let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 1\r\n\r\n<");
            let said = answered(answer.leak()).await.unwrap_err();
            assert!(said.what.contains(what) && said.next.contains(next), "{said}");
            assert!(!said.to_string().contains("s3cret"), "{said}");
        }
    }

    #[test]
    fn the_place_is_shown_without_the_password() {
        let api = Api::new("https://bond:s3cret@rabbit").unwrap();
        assert_eq!(api.place(), "https://rabbit:443");
    }
}
