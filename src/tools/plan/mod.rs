//! `spymission plan`: what a rate takes, from what a mission was measured to cost.

mod costs;
mod derive;
mod limits;
mod number;
mod sized;
#[cfg(test)]
mod tests;
mod text;
mod wire;

use crate::cli::Plan;
use crate::failure::Failure;
use crate::output;
use derive::Wanted;

/// Prints the plan for a rate.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn run(settings: &Plan) -> Result<(), Failure> {
    let Plan { rate, headroom, cores, json } = *settings;
    let plan = derive::plan(&costs::MEASURED, Wanted { rate, headroom, cores });
    if json {
        let document = serde_json::to_string_pretty(&plan).unwrap_or_default(); // it cannot fail
        return output::say(&(document + "\n"));
    }
    output::say(&text::text(&costs::MEASURED, &plan))
}
