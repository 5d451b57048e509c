//! `spymission top`: how the whole system does, in a terminal.

mod draw;

use std::io::{IsTerminal, stdout};
use std::time::Duration;

use reqwest::{Client, Url};
use schemas::Problem;
use schemas::operations::{Level, Operations};

use self::draw::draw;
use crate::cli::Top;
use crate::failure::Failure;
use crate::output;
use crate::process::stop::Signals;
use crate::settings::{WrongSetting, token};
use crate::tools::client::{self, URL};

/// How often it is drawn.
const EVERY: Duration = Duration::from_secs(2);
/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// The most bytes of an answer: a thousand processes need less.
const MOST: usize = 4 << 20;
/// Another screen without a cursor, and back.
const BEGIN: &str = "\x1b[?1049h\x1b[?25l";
const END: &str = "\x1b[?25h\x1b[?1049l";
/// From the upper left corner on, over what was there.
const AGAIN: &str = "\x1b[H\x1b[J";

/// Shows it once, or until a signal.
///
/// # Errors
/// A setting is wrong; or, when it prints once, there is no answer or somebody has to act.
pub(crate) async fn run(settings: Top) -> Result<(), Failure> {
    let gateway = Gateway::new(&settings)?;
    if settings.once || !stdout().is_terminal() {
        let state = gateway.ask().await.map_err(Failure::Check)?;
        output::say(&draw(&state))?;
        return match state.verdict.level {
            Level::Act => Err(Failure::Check("somebody has to act".to_owned())),
            Level::Well | Level::Note => Ok(()),
        };
    }
    let mut signals = Signals::listen()?;
    output::say(BEGIN)?;
    let shown = tokio::select! {
        () = signals.next() => Ok(()),
        shown = follow(&gateway) => shown,
    };
    output::say(END)?;
    shown
}

/// Draws it again and again.
async fn follow(gateway: &Gateway) -> Result<(), Failure> {
    loop {
        let text = match gateway.ask().await {
            Ok(state) => draw(&state),
            Err(why) => format!("{why}\nTrying again every {} s.\n", EVERY.as_secs()),
        };
        output::say(&format!("{AGAIN}{text}"))?;
        tokio::time::sleep(EVERY).await;
    }
}

struct Gateway {
    client: Client,
    operations: Url,
    token: Option<String>,
}

impl Gateway {
    fn new(settings: &Top) -> Result<Self, WrongSetting> {
        let form = || URL.wrong("write http(s)://host:port");
        let url: Url = settings.gateway.url.parse().map_err(|_| form())?;
        let operations = url.join("operations").map_err(|_| form())?;
        let client = client::builder().timeout(DEADLINE).build().map_err(|_| form())?;
        Ok(Self { client, operations, token: token(settings.operator_token_file.as_deref())? })
    }

    /// How the system does, or why that is not known.
    async fn ask(&self) -> Result<Operations, String> {
        let place =
            format!("{}:{}", self.host(), self.operations.port_or_known_default().unwrap_or(80));
        let mut request = self.client.get(self.operations.clone());
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.header("accept", "application/json").send().await;
        let mut answer = answer.map_err(|error| match error.is_timeout() {
            true => format!("{place}: no answer within {} s", DEADLINE.as_secs()),
            false => format!("{place}: no connection"),
        })?;
        let (status, mut body) = (answer.status(), Vec::new());
        while let Some(chunk) =
            answer.chunk().await.map_err(|_| format!("{place}: it broke off"))?
        {
            if body.len() + chunk.len() > MOST {
                return Err(format!("{place}: the answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|error| format!("{place}: the answer cannot be read: {error}"));
        }
        let problem = serde_json::from_slice::<Problem>(&body);
        let why = problem.map_or_else(|_| String::new(), |problem| problem.detail().to_owned());
        Err(format!("{place}: {}: {why}", status.as_u16()))
    }

    fn host(&self) -> &str {
        self.operations.host_str().unwrap_or_default()
    }
}
