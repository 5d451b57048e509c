//! The tools: commands that do one thing and end.

pub(crate) mod bench;
pub(crate) mod check;
mod client;
pub(crate) mod completions;
pub(crate) mod dead_letters;
pub(crate) mod decide;
pub(crate) mod health;
pub(crate) mod man_pages;
mod management;
pub(crate) mod migrate;
pub(crate) mod missions;
pub(crate) mod plan;
mod prune;
pub(crate) mod request;
mod table;
pub(crate) mod top;
pub(crate) mod topology;
