//! Environment variables as the values of flags.
//!
//! A flag on the command line wins over any variable. A variable is trimmed, as files are; one that
//! is empty counts as unset.

use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command};

/// The definitions with the variables that are set as defaults of their flags. As defaults they
/// conflict with no flag that is written on the command line.
pub(crate) fn with_variables(
    command: Command,
    read: &dyn Fn(&OsStr) -> Option<OsString>,
) -> Command {
    let command = command.mut_args(|arg| with_variable(arg, read));
    command.mut_subcommands(|subcommand| with_variables(subcommand, read))
}

fn with_variable(arg: Arg, read: &dyn Fn(&OsStr) -> Option<OsString>) -> Arg {
    let Some(value) = arg.get_env().map(read) else { return arg };
    let arg = arg.env(Resettable::Reset);
    match value.map(trimmed).filter(|value| !value.is_empty()) {
        Some(value) => arg.required(false).default_value(value),
        None => arg,
    }
}

/// Text without white space around it; what is not UTF-8 stays as it is.
fn trimmed(value: OsString) -> OsString {
    match value.to_str() {
        Some(text) => text.trim().into(),
        None => value,
    }
}

/// Whether this flag is written on the command line of this process.
pub(crate) fn on_command_line(flag: &str) -> bool {
    is_among(flag, std::env::args_os().skip(1))
}

fn is_among(flag: &str, mut arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.by_ref().take_while(|argument| argument != "--").any(|argument| {
        let rest = argument.to_str().and_then(|argument| argument.strip_prefix(flag));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    })
}

/// The message of this error. Where the wrong value came from a variable, it names the variable
/// instead of the flag.
pub(crate) fn with_variable_named(error: &clap::Error, command: &Command) -> String {
    let said = error.render().to_string();
    let Some(ContextValue::String(shown)) = error.get(ContextKind::InvalidArg) else {
        return said;
    };
    let flag = shown.split_whitespace().next().unwrap_or_default();
    if on_command_line(flag) {
        return said;
    }
    match variable_of(flag, command) {
        Some(variable) => said.replace(&format!("'{shown}'"), &format!("'{variable}'")),
        None => said,
    }
}

/// The variable of this flag, in whichever subcommand it is defined, if it is set.
fn variable_of(flag: &str, command: &Command) -> Option<String> {
    let named = |arg: &&Arg| arg.get_long().is_some_and(|long| flag == format!("--{long}"));
    let variables = command.get_arguments().filter(named).filter_map(Arg::get_env);
    let mut set = variables.filter(|name| std::env::var_os(name).is_some());
    set.next()
        .map(|name| name.to_string_lossy().into_owned())
        .or_else(|| command.get_subcommands().find_map(|subcommand| variable_of(flag, subcommand)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::cli::Cli;

    /// Calls `look` with every flag of every command.
    fn each_flag(command: &Command, look: &mut dyn FnMut(&Command, &Arg)) {
        for arg in command.get_arguments().filter(|arg| arg.get_long().is_some()) {
            if !matches!(arg.get_long(), Some("help" | "version")) {
                look(command, arg);
            }
        }
        command.get_subcommands().for_each(|subcommand| each_flag(subcommand, look));
    }

    #[test]
    fn every_flag_has_an_environment_variable() {
        each_flag(&Cli::command(), &mut |command, arg| {
            let variable = arg.get_env().and_then(OsStr::to_str);
            let named = variable.is_some_and(|name| name.starts_with("SPYMISSION_"));
            assert!(named, "{} --{}", command.get_name(), arg.get_long().unwrap());
        });
    }

    /// Commands may differ in the default of a variable, which their help has in brackets at the end.
    #[test]
    fn a_variable_means_one_thing() {
        let mut meanings = BTreeMap::new();
        each_flag(&Cli::command(), &mut |command, arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let meaning = help.split(" [default").next().map(str::to_owned);
            let variable = arg.get_env().map(OsStr::to_owned);
            let first = meanings.entry(variable.clone()).or_insert_with(|| meaning.clone());
            assert_eq!(*first, meaning, "{variable:?} of {}", command.get_name());
        });
    }

    fn read(variables: &[(&str, &str)], arguments: &[&str]) -> Result<Cli, clap::Error> {
        let read = |name: &OsStr| {
            let found = variables.iter().find(|(variable, _)| name == *variable);
            found.map(|(_, value)| OsString::from(value))
        };
        let command = with_variables(Cli::command(), &read);
        let matches = command.try_get_matches_from([&["spymission"], arguments].concat())?;
        Cli::from_arg_matches(&matches)
    }

    #[test]
    fn an_empty_variable_is_unset_and_others_are_trimmed() {
        let empty = [("SPYMISSION_BATCH", ""), ("SPYMISSION_RATE", " \n")];
        let cli = read(&empty, &[]).unwrap();
        assert_eq!((cli.up.http.batch, cli.up.http.rate.is_none()), (256, true));
        let cli = read(&[("SPYMISSION_BATCH", " 7\n")], &[]).unwrap();
        assert_eq!(cli.up.http.batch, 7);
    }

    #[test]
    fn the_command_line_wins_over_a_variable() {
        let batch = [("SPYMISSION_BATCH", "7")];
        assert_eq!(read(&batch, &["--batch", "8"]).unwrap().up.http.batch, 8);
        let broker = [("SPYMISSION_BROKER", "memory:")];
        assert!(read(&broker, &["--broker-file", "x"]).is_ok(), "no conflict");
        assert!(read(&[], &["--broker", "x", "--broker-file", "x"]).is_err());
    }

    #[test]
    fn a_variable_reaches_the_flag_of_a_subcommand() {
        let users = [("SPYMISSION_USERS", "number=a,letter=b")];
        let Some(crate::cli::Command::Topology { action }) =
            read(&users, &["topology", "definitions"]).unwrap().command
        else {
            panic!("another command")
        };
        let crate::cli::Topology::Definitions(settings) = action else { panic!("another action") };
        assert_eq!(settings.user.len(), 2);
        let status = [("SPYMISSION_STATUS", "localhost:1")];
        let arguments = ["worker", "number", "--broker", "x", "--status", "localhost:2"];
        for (arguments, port) in [(&arguments[..4], 1), (&arguments, 2)] {
            let Some(crate::cli::Command::Worker { status, .. }) =
                read(&status, arguments).unwrap().command
            else {
                panic!("another command")
            };
            assert_eq!(status.status.unwrap().to_string(), format!("localhost:{port}"));
        }
    }

    #[test]
    fn a_flag_is_found_among_the_arguments() {
        for (arguments, found) in [
            (&["up", "--batch", "7"][..], true),
            (&["--batch=7"], true),
            (&["--batches=7"], false),
            (&["decide", "--", "--batch"], false),
        ] {
            let arguments = arguments.iter().map(OsString::from);
            assert_eq!(is_among("--batch", arguments), found);
        }
    }
}
