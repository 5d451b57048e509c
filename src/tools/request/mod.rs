//! `spymission request`: requests missions and prints them as they arrive.

mod amqp;
mod endpoint;
mod http;
mod lists;
mod outcome;
mod pending;
mod print;
mod progress;
mod reply;

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use crate::cli::Request;
use crate::failure::Failure;
use crate::output;
use crate::process::stop::Signals;
use crate::settings::Setting;
use crate::system::instance;
use endpoint::Endpoint;
use lists::Lists;
use outcome::Outcome;
use print::{Printer, Printing};
use progress::Progress;

/// After an interruption: how long the reader of our output has for what has arrived.
const PRINTING: Duration = Duration::from_secs(5);

const KEY: Setting = Setting::new("--key", "SPYMISSION_KEY");

/// Requests the missions and prints them.
///
/// # Errors
/// A setting is wrong, some missions are missing at the end, or the output cannot be written.
pub(crate) async fn run(settings: Request) -> Result<(), Failure> {
    let endpoint = Endpoint::new(&settings)?;
    // With a key, a later command can get what is missing after an early end.
    let key = settings.key.unwrap_or_else(|| instance("request"));
    let lists = Lists::new(settings.count, key).map_err(|wrong| KEY.wrong(wrong))?;
    let mut signals = Signals::listen()?;
    let progress = Progress::new(settings.count.into());
    let (printer, mut printing) = print::begin(settings.format, progress.bar())?;
    let silence = Duration::from_secs(settings.wait);
    let outcome = tokio::select! {
        outcome = endpoint.request(&lists, &progress, &printer, silence) => outcome,
        () = progress.silence(silence) => Outcome::Silence,
        () = signals.next() => Outcome::Interrupted,
        () = printer.closed() => Outcome::Closed,
    };
    let outcome = finish_printing(printer, &mut printing, outcome, &mut signals).await?;
    progress.clear();
    if stderr().is_terminal() && progress.is_complete() {
        output::warn(progress.done()); // for people; a program counts lines
    }
    result(outcome, &lists, &progress, settings.wait)
}

/// Waits until what has arrived is printed; after a signal, only for a short time.
async fn finish_printing(
    printer: Printer,
    printing: &mut Printing,
    outcome: Outcome,
    signals: &mut Signals,
) -> Result<Outcome, Failure> {
    drop(printer);
    let outcome = match outcome {
        Outcome::Answered | Outcome::Silence => tokio::select! {
            printed = printing.end() => return printed.map(|()| outcome),
            () = signals.next() => Outcome::Interrupted,
        },
        outcome => outcome,
    };
    let printed = tokio::time::timeout(PRINTING, printing.end()).await;
    printed.unwrap_or(Ok(())).map(|()| outcome)
}

fn result(outcome: Outcome, lists: &Lists, progress: &Progress, wait: u64) -> Result<(), Failure> {
    let summary = |why: &str| format!("{why}{}", progress.summary(lists));
    match outcome {
        Outcome::Closed => Ok(()),
        Outcome::Answered if progress.is_complete() => Ok(()),
        Outcome::Answered => Err(Failure::Check(summary(""))),
        Outcome::Silence => {
            Err(Failure::Check(summary(&format!("nothing arrived for {wait} s. "))))
        }
        Outcome::Refused(why) => Err(Failure::Check(summary(&format!("{why}. ")))),
        Outcome::Interrupted => Err(Failure::Interrupted(summary("interrupted. "))),
    }
}
