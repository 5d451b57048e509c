//! `spymission request`: asks for missions, few or a million, and prints them as they come.

mod amqp;
mod answer;
mod book;
mod door;
mod http;
mod order;
mod print;
mod tally;

use std::time::Duration;

use crate::Failure;
use crate::cli::Request;
use crate::process::roles::instance;
use crate::process::stop::Signals;
use crate::settings::WrongSetting;
use door::Door;
use order::Order;
use print::{Printer, Printing};
use tally::Tally;

/// After an interruption: how long whoever reads our output may take to read what has come.
const LAST_LINES: Duration = Duration::from_secs(5);

/// Why no more is asked for.
enum End {
    /// Every mission has come, or was refused.
    Answered,
    /// Nothing came for as long as we were to wait.
    Silence,
    /// A signal.
    Interrupted,
    /// Nobody reads our output any more, or it cannot be written.
    Closed,
    /// What we ask for is wrong; to ask for more of it would be in vain.
    Refused(String),
}

pub(crate) async fn run(settings: Request) -> Result<(), Failure> {
    let door = Door::new(&settings)?;
    // A key of our own where none is given, so that the rest can be asked for after an end before
    // its time.
    let key = settings.key.unwrap_or_else(|| instance("request"));
    let order = Order::new(settings.count, key)
        .map_err(|wrong| WrongSetting::new("--key (SPYMISSION_KEY)", wrong))?;
    let mut signals = Signals::listen()?;
    let tally = Tally::new(settings.count.into());
    let (printer, mut printing) = print::begin(settings.format, tally.bar())?;
    let silence = Duration::from_secs(settings.wait);
    let end = tokio::select! {
        end = door.ask(&order, &tally, &printer, silence) => end,
        () = tally.silence(silence) => End::Silence,
        () = signals.next() => End::Interrupted,
        () = printer.closed() => End::Closed,
    };
    let end = last_lines(printer, &mut printing, end, &mut signals).await?;
    tally.clear();
    outcome(end, &order, &tally, settings.wait)
}

/// What has come is printed to its end; a signal says that nobody wants to wait for that.
async fn last_lines(
    printer: Printer,
    printing: &mut Printing,
    end: End,
    signals: &mut Signals,
) -> Result<End, Failure> {
    drop(printer);
    let end = match end {
        End::Answered | End::Silence => tokio::select! {
            printed = printing.end() => return printed.map(|()| end),
            () = signals.next() => End::Interrupted,
        },
        end => end,
    };
    let printed = tokio::time::timeout(LAST_LINES, printing.end()).await;
    printed.unwrap_or(Ok(())).map(|()| end)
}

fn outcome(end: End, order: &Order, tally: &Tally, wait: u64) -> Result<(), Failure> {
    let told = |why: &str| format!("{why}{}", tally.told(order));
    match end {
        End::Closed => Ok(()),
        End::Answered if tally.all_came() => Ok(()),
        End::Answered => Err(Failure::Check(told(""))),
        End::Silence => Err(Failure::Check(told(&format!("nothing came for {wait} s. ")))),
        End::Refused(why) => Err(Failure::Check(told(&format!("{why}. ")))),
        End::Interrupted => Err(Failure::Interrupted(told("interrupted. "))),
    }
}
