//! The state of the system in 80 columns.

use std::fmt::Write;

use gateway::figures::{duration, rate, span, whole};
use schemas::operations::{
    Finding, Level, Operations, QueueState, Replica, ReplicaState, RoleState,
};

use crate::output::{Colour, paint, plain};

/// The width of a terminal.
const WIDTH: usize = 80;
/// The most groups of dead letters that are shown.
const GROUPS: usize = 4;
/// The most incidents that are shown.
const INCIDENTS: usize = 6;

/// The whole picture, as lines.
pub(super) fn draw(state: &Operations) -> String {
    let mut text = String::new();
    let mut line = |shown: String| {
        let _ = writeln!(text, "{}", shown.trim_end()); // a String takes everything
    };
    line(finding(&state.verdict));
    state.notes.iter().map(finding).for_each(&mut line);
    line(format!("as of {}", moment(&state.at.to_string())));
    line(String::new());
    line(format!(
        "{:<16}{:>6}{:>12}{:>11}{:>11}{:>10}",
        "ROLE", "UP", "MISSIONS", "P50", "P99", "BATCH"
    ));
    state.roles.iter().map(role).for_each(&mut line);
    line(String::new());
    line(format!(
        "{:<22}{:>12}{:>12}{:>12}  {}",
        "QUEUE", "WAITING", "CONSUMERS", "MISSIONS", "LAST MINUTE"
    ));
    state.queues.iter().map(queue).for_each(&mut line);
    let noteworthy = state.roles.iter().flat_map(|role| {
        let odd = role.replicas.iter().filter(|replica| replica.state != ReplicaState::Up);
        odd.map(replica)
    });
    let noteworthy: Vec<_> = noteworthy.collect();
    if !noteworthy.is_empty() {
        line(String::new());
        line("PROCESSES THAT ARE NOT UP".to_owned());
        noteworthy.into_iter().for_each(&mut line);
    }
    let groups = state.dead_letters.as_deref().unwrap_or_default();
    if !groups.is_empty() {
        line(String::new());
        line("DEAD LETTERS".to_owned());
    }
    for group in groups.iter().take(GROUPS) {
        line(cut(format!("{:>9}  {}", whole(group.open), group.reason), WIDTH));
    }
    if !state.incidents.is_empty() {
        line(String::new());
        line("LAST INCIDENTS (UTC)".to_owned());
    }
    for incident in state.incidents.iter().take(INCIDENTS) {
        let until = incident.until.map_or("now".to_owned(), |until| moment(&until.to_string()));
        let (from, text) = (moment(&incident.from.to_string()), &incident.text);
        line(cut(format!("{from} to {until:<8}  {text}"), WIDTH));
    }
    text
}

/// A finding, broken into lines, and what to do next.
fn finding(finding: &Finding) -> String {
    let colour = match finding.level {
        Level::Well => Colour::Green,
        Level::Note => Colour::Yellow,
        Level::Act => Colour::Red,
    };
    let lines = wrapped(&plain(&finding.text.replace('`', "")));
    let lines: Vec<_> = lines.iter().map(|line| paint(colour, line)).collect();
    match &finding.next {
        Some(next) => format!("{}\nNext: {next}", lines.join("\n")),
        None => lines.join("\n"),
    }
}

fn role(state: &RoleState) -> String {
    let there = state.replicas.iter().filter(|replica| replica.state.is_present()).count();
    let up = state.replicas.iter().filter(|replica| replica.state == ReplicaState::Up).count();
    let dash = || "–".to_owned();
    let times = state.latency.map(|of| (duration(of.p50), duration(of.p99)));
    let (p50, p99) = times.unwrap_or_else(|| (dash(), dash()));
    let line = format!(
        "{:<16}{:>6}{:>12}{p50:>11}{p99:>11}{:>10}",
        state.role.title(),
        format!("{up}/{there}"),
        rate(state.rate),
        state.batch.map_or_else(dash, |of| whole(of.p50)),
    );
    if there == 0 { paint(Colour::Red, &line) } else { line }
}

fn queue(state: &QueueState) -> String {
    let number = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), whole);
    format!(
        "{:<22}{:>12}{:>12}{:>12}  {}",
        state.name,
        number(state.messages),
        number(state.consumers),
        rate(state.rate),
        sparkline(&state.history)
    )
}

fn replica(replica: &Replica) -> String {
    let why = replica.why.as_deref().unwrap_or_default();
    let heard = if replica.state.is_present() {
        String::new()
    } else {
        format!("last heard {} ago ", span(replica.silent))
    };
    let name: String = replica.instance.chars().take(24).collect();
    cut(format!("{name:<26}{:<10}{heard}{why}", replica.state.word()), WIDTH)
}

/// The last values as bars of a height of eight steps.
fn sparkline(values: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let last = values.get(values.len().saturating_sub(18)..).unwrap_or_default();
    let most = last.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let bar = |value: &u64| {
        let step = usize::try_from(value.saturating_mul(7) / most).unwrap_or_default();
        BARS.get(step).copied().unwrap_or('█')
    };
    last.iter().map(bar).collect()
}

/// The time of day of an RFC 3339 time.
fn moment(at: &str) -> String {
    at.get(11..19).unwrap_or(at).to_owned()
}

/// A text in lines of 80 columns.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < WIDTH => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// At most so many characters of a text, and no control character.
fn cut(text: String, most: usize) -> String {
    let text = plain(&text);
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests;
