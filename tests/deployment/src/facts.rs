//! Facts: what was tried, its result, and how long it took.

use std::process::ExitCode;
use std::time::Instant;

use xtask::Failure;

/// The facts so far.
pub(crate) struct Facts {
    began: Instant,
    held: u32,
    /// Why a fact does not hold; it was printed.
    failed: Vec<String>,
    skipped: Vec<String>,
}

impl Facts {
    /// None yet.
    pub(crate) fn none() -> Self {
        Self { began: Instant::now(), held: 0, failed: Vec::new(), skipped: Vec::new() }
    }

    /// Tries a fact. `proof` returns its result, for people to read.
    ///
    /// # Errors
    /// It does not hold, and what follows from it cannot be tried.
    pub(crate) async fn prove(
        &mut self,
        fact: &str,
        proof: impl Future<Output = Result<String, Failure>>,
    ) -> Result<(), Failure> {
        let began = Instant::now();
        let shown = proof.await;
        let time = began.elapsed();
        let seconds = time.as_secs_f64();
        match shown {
            Ok(shown) => {
                self.held += 1;
                println!("{seconds:>7.1} s  {fact}: {shown}");
                Ok(())
            }
            Err(why) => {
                self.failed.push(why.to_string());
                println!("{seconds:>7.1} s  FAILED {fact}: {why}");
                Err(why)
            }
        }
    }

    /// Prints the conditions of the next facts.
    pub(crate) fn say(&self, condition: &str) {
        println!("           {condition}");
    }

    /// Prints that a fact could not be tried here.
    pub(crate) fn skip(&mut self, fact: &str, why: &str) {
        self.skipped.push(fact.to_owned());
        println!("SKIPPED    {fact}: {why}");
    }

    /// Adds the facts of a part that ran in parallel.
    pub(crate) fn add(&mut self, beside: Self) {
        self.held += beside.held;
        self.failed.extend(beside.failed);
        self.skipped.extend(beside.skipped);
    }

    /// A part ended early. Prints the reason, unless it was printed as a fact.
    pub(crate) fn broken(&mut self, why: &Failure) {
        let why = why.to_string();
        if !self.failed.contains(&why) {
            println!("FAILED     {why}");
            self.failed.push(why);
        }
    }

    /// The last line.
    pub(crate) fn end(&self) -> ExitCode {
        let (failed, skipped) = (self.failed.len(), self.skipped.len());
        println!(
            "\n{} facts hold, {failed} failed, {skipped} skipped, in {:.0} s",
            self.held,
            self.began.elapsed().as_secs_f64()
        );
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Fails with this message unless the condition holds.
pub(crate) fn expect(is_so: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failure> {
    if is_so { Ok(()) } else { Err(otherwise().into()) }
}
