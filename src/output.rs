//! Standard output as the outcome of a command. Colours are for terminals only, and not where
//! `NO_COLOR` is set.

use std::io::{IsTerminal, Write, stdout};

use crate::Failure;

/// Writes all of it. Whoever reads may have enough: that ends the command, quietly.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// A colour of a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
}

/// The text in this colour, if standard output shows colours.
pub(crate) fn paint(colour: Colour, text: &str) -> String {
    if shows_colours() { format!("\x1b[{}m{text}\x1b[0m", colour as u8) } else { text.to_owned() }
}

fn shows_colours() -> bool {
    let unset = |name| std::env::var_os(name).is_none_or(|value| value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    stdout().is_terminal() && unset("NO_COLOR") && !dumb
}
