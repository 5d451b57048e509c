//! Printing, in a thread of its own, so that a slow reader of our output delays nothing else.

use std::io::{self, ErrorKind, IsTerminal, Write, stderr, stdout};

use indicatif::ProgressBar;
use schemas::{Mission, csv};
use tokio::sync::{mpsc, oneshot};

use crate::cli::Format;
use crate::failure::Failure;

/// The most batches of missions that wait to be printed.
const WAITING: usize = 16;
/// Lines are written together up to this many bytes. The kernel writes so much to a pipe as a whole
/// or not at all, so even a kill leaves no incomplete line.
const TOGETHER: usize = 4_096;

/// Takes missions to be printed.
pub(super) struct Printer(mpsc::Sender<Vec<Mission>>);

/// The right to send one batch.
pub(super) type Slot<'a> = mpsc::Permit<'a, Vec<Mission>>;

/// The reader of our output has gone, or the output cannot be written.
pub(super) struct Closed;

impl Printer {
    /// Waits until one more batch may be sent.
    pub(super) async fn reserve(&self) -> Result<Slot<'_>, Closed> {
        self.0.reserve().await.map_err(|_| Closed)
    }

    /// Whether a batch may be sent right now.
    pub(super) fn has_capacity(&self) -> bool {
        self.0.capacity() > 0
    }

    /// Ends when the reader of our output has gone, or the output cannot be written.
    pub(super) async fn closed(&self) {
        self.0.closed().await;
    }
}

/// The thread that prints.
pub(super) struct Printing(oneshot::Receiver<io::Result<()>>);

impl Printing {
    /// Waits until everything is printed. A reader that has gone is no error.
    pub(super) async fn end(&mut self) -> Result<(), Failure> {
        match (&mut self.0).await {
            Ok(Err(error)) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
            _ => Ok(()),
        }
    }
}

/// Starts the thread. It ends when the printer is dropped and everything is written.
pub(super) fn begin(
    format: Format,
    bar: Option<ProgressBar>,
) -> Result<(Printer, Printing), Failure> {
    let (sender, missions) = mpsc::channel(WAITING);
    let (done, printing) = oneshot::channel();
    // The bar is taken off while lines are written to the same terminal.
    let bar = bar.filter(|_| stdout().is_terminal() && stderr().is_terminal());
    let header = format != Format::Table || stdout().is_terminal();
    let print = move || {
        let mut write = |lines: &[u8]| match &bar {
            Some(bar) => bar.suspend(|| put(lines)),
            None => put(lines),
        };
        let _ = done.send(run(format, header, missions, &mut write)); // if nobody waits, nobody needs it
    };
    std::thread::Builder::new()
        .name("print".to_owned())
        .spawn(print)
        .map_err(|error| Failure::Check(format!("no thread for printing: {error}")))?;
    Ok((Printer(sender), Printing(printing)))
}

fn put(lines: &[u8]) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(lines)?;
    out.flush()
}

fn run(
    format: Format,
    header: bool,
    mut missions: mpsc::Receiver<Vec<Mission>>,
    write: &mut impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut together = Vec::with_capacity(TOGETHER);
    if header {
        together.extend(heading(format));
    }
    while let Some(batch) = missions.blocking_recv() {
        for mission in &batch {
            let line = line(format, mission)?;
            if together.len() + line.len() > TOGETHER {
                write(&together)?;
                together.clear();
            }
            together.extend(line);
        }
        if missions.is_empty() && !together.is_empty() {
            write(&together)?; // print at once what has arrived
            together.clear();
        }
    }
    if together.is_empty() { Ok(()) } else { write(&together) }
}

fn heading(format: Format) -> Vec<u8> {
    match format {
        Format::Table => row("ID", "DOSSIER", "MISSION"),
        Format::Csv => csv::header::<Mission>().into_bytes(),
        Format::Json => Vec::new(),
    }
}

fn line(format: Format, mission: &Mission) -> io::Result<Vec<u8>> {
    let Mission { id, dossier, objective, target, .. } = mission;
    match format {
        Format::Table => {
            Ok(row(&id.to_string(), &dossier.to_string(), &format!("{objective} {target}")))
        }
        Format::Csv => Ok(csv::line(mission).into_bytes()),
        Format::Json => {
            let mut line = serde_json::to_vec(mission)?;
            line.push(b'\n');
            Ok(line)
        }
    }
}

fn row(id: &str, dossier: &str, mission: &str) -> Vec<u8> {
    format!("{id:<36}  {dossier:<29}  {mission}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mission(objective: &str) -> Mission {
        let json = serde_json::json!({
            "id": "01a20395-78d2-7724-afc9-ae760b63f500", "dossier": "19 z 19 n 3 p 7 d 3 l 10 f",
            "objective": objective, "target": "the flask developer", "casebook": "malory",
            "created_at": "2026-11-22T14:07:37.171589Z",
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_mission_is_one_line_of_each_format() {
        let said = |format, objective: &str| {
            String::from_utf8(line(format, &mission(objective)).unwrap()).unwrap()
        };
        let table = said(Format::Table, "Steal the DB_URI from");
        assert!(table.ends_with("  Steal the DB_URI from the flask developer\n"), "{table}");
        let json: Mission = serde_json::from_str(&said(Format::Json, "Follow")).unwrap();
        assert_eq!(json, mission("Follow"));
        let csv = said(Format::Csv, "Say \"no\", and leave");
        assert!(
            csv.contains(",\"Say \"\"no\"\", and leave\",the flask developer,malory,"),
            "{csv}"
        );
    }

    #[test]
    fn lines_are_written_whole_and_few_bytes_at_a_time() {
        let (sender, missions) = mpsc::channel(8);
        for _ in 0..8 {
            sender.try_send(vec![mission("Follow"); 256]).unwrap();
        }
        drop(sender);
        let mut written: Vec<Vec<u8>> = Vec::new();
        run(Format::Table, true, missions, &mut |lines| {
            written.push(lines.to_owned());
            Ok(())
        })
        .unwrap();
        assert!(written.iter().all(|lines| lines.len() <= TOGETHER && lines.ends_with(b"\n")));
        let lines = written.concat().iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines, 8 * 256 + 1);
    }
}
