//! Why a command fails, and the exit code for it.

use std::process::ExitCode;

use crate::settings::WrongSetting;

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A setting is wrong; nothing was started.
    #[error("{0}")]
    Setting(#[from] WrongSetting),
    /// The broker is away or refused something.
    #[error("{0}")]
    Broker(#[from] bus::Fault),
    /// The database is away or refused something.
    #[error("{0}")]
    Database(#[from] store::Error),
    /// The command ran and its result is negative. The text is the whole message.
    #[error("{0}")]
    Check(String),
    /// A signal ended the command before its work was complete.
    #[error("{0}")]
    Interrupted(String),
    /// Standard output cannot be written.
    #[error("standard output cannot be written: {0}")]
    Output(#[from] std::io::Error),
    /// The process could not finish its work in time, in seconds.
    #[error(
        "gave up after {0} s: the broker delivers again what is not finished, as far as a broker \
         outside this process holds it"
    )]
    Unfinished(u64),
}

impl From<dead_letters::Error> for Failure {
    fn from(error: dead_letters::Error) -> Self {
        let hint = "repeat the command when it is back: it goes on where it stopped";
        Self::Check(format!("{error}; {hint}"))
    }
}

impl Failure {
    /// 2: a setting is wrong. 130: interrupted. 1: anything else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Setting(_) => ExitCode::from(2),
            Self::Interrupted(_) => ExitCode::from(130),
            _ => ExitCode::FAILURE,
        }
    }
}
