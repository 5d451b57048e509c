//! Standard output and standard error. Neither ever ends the process by a panic: a full disk or a
//! reader that has gone is an error like any other.

use std::io::{IsTerminal, Write, stderr, stdout};

use crate::failure::Failure;

/// Writes the result of a command to standard output.
///
/// # Errors
/// Standard output cannot be written; `BrokenPipe` if its reader has gone.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes one line to standard error. A line that cannot be written is lost.
pub(crate) fn warn(text: impl std::fmt::Display) {
    // One write for the whole line: lines of several threads do not mix.
    let _ = stderr().write_all(format!("{text}\n").as_bytes()); // nobody is left to be told
}

/// Text of somebody else on one line: control characters are written as `\u{..}`.
pub(crate) fn plain(text: &str) -> String {
    let shown = |c: char| match c.is_control() {
        true => c.escape_unicode().collect::<String>(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
}

/// A colour of a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
}

/// The text in this colour if standard output is a terminal that shows colours, else the text
/// alone. `NO_COLOR` turns colours off.
pub(crate) fn paint(colour: Colour, text: &str) -> String {
    if shows_colours() { format!("\x1b[{}m{text}\x1b[0m", colour as u8) } else { text.to_owned() }
}

fn shows_colours() -> bool {
    let unset = |name| std::env::var_os(name).is_none_or(|value| value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    stdout().is_terminal() && unset("NO_COLOR") && !dumb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_somebody_else_cannot_command_the_terminal() {
        assert_eq!(plain("a\x1b[31mb\n"), "a\\u{1b}[31mb\\u{a}");
    }
}
