//! BENCHMARKS.md, its plots, and the data that they are made of.

mod chart;
mod page;
mod plots;
mod svg;

use std::fs;
use std::path::Path;

use super::failure::Failure;
use super::results::Results;

/// The data, below the root of the workspace.
const DATA: &str = "docs/benchmarks/results.json";

/// Writes the data of a run, and what is made of it.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn all(root: &Path, results: &Results) -> Result<(), Failure> {
    let data = root.join(DATA);
    fs::create_dir_all(data.parent().unwrap_or(root))?;
    fs::write(&data, serde_json::to_string_pretty(results)? + "\n")?;
    println!("{DATA} is written");
    again(root)
}

/// Writes once more what is made of the data of the last run.
///
/// # Errors
/// There is no such data, or a file cannot be written.
pub(crate) fn again(root: &Path) -> Result<(), Failure> {
    let data = fs::read_to_string(root.join(DATA)).map_err(|error| format!("{DATA}: {error}"))?;
    for (path, text) in files(&serde_json::from_str(&data)?) {
        fs::write(root.join(&path), text)?;
        println!("{path} is written");
    }
    Ok(())
}

/// Everything that is made of these results: paths below the root, and texts.
fn files(results: &Results) -> Vec<(String, String)> {
    let plots = plots::all(results);
    let page = ("BENCHMARKS.md".to_owned(), page::page(results, &plots));
    let plots = plots.into_iter().map(|plot| (plot.path(), plot.svg));
    std::iter::once(page).chain(plots).collect()
}

#[cfg(test)]
mod tests;
