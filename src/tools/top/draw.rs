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
mod tests {
    use schemas::operations::{DeadLetterGroup, Incident};
    use schemas::{CreatedAt, Quantiles, Role};

    use super::*;

    fn at(seconds: i64) -> CreatedAt {
        CreatedAt::from_micros(seconds * 1_000_000).unwrap()
    }

    /// As wide as it gets.
    fn wide() -> Operations {
        let replica = |role: Role| Replica {
            instance: format!("{}.7f1b3a52-54d1-4c39-9f3e-2a63a1f0c6de", role.name()),
            version: "0.1.0".to_owned(),
            since: at(0),
            state: ReplicaState::Gone,
            why: Some("waiting for: letter; the dead letter queue is full".repeat(3)),
            silent: 599,
            rate: Some(1e9),
        };
        let spread = Some(Quantiles { p50: 9_999_999, p99: 99_999_999 });
        let role = |role| RoleState {
            role,
            rate: Some(9_999.0),
            latency: spread,
            batch: Some(Quantiles { p50: 1_024, p99: 1_024 }),
            history: Vec::new(),
            missing: 2,
            replicas: vec![replica(role); 2],
        };
        let queue = QueueState {
            name: "mission.dead-letters".to_owned(),
            exchange: "mission.dead-letters".to_owned(),
            messages: Some(100_000),
            consumers: Some(10_000),
            most: Some(100_000),
            rate: Some(9_999.0),
            history: (0..60).collect(),
        };
        let long = "No persister for 14 s. 37 requests wait; none is lost. ".repeat(4);
        let next = Some("spymission check --database …".to_owned());
        let verdict = Finding { level: Level::Act, text: long.clone(), next };
        let group = DeadLetterGroup {
            reason: long.clone(),
            role: "decider".to_owned(),
            open: 100_000,
            first_at: at(15_002),
            last_at: at(15_019),
            example: uuid::Uuid::nil().into(),
        };
        let incidents = vec![Incident { text: long, from: at(15_002), until: Some(at(15_019)) }; 9];
        Operations {
            at: at(15_020),
            hears: true,
            notes: vec![verdict.clone()],
            verdict,
            roles: Role::ALL.map(role).into(),
            queues: vec![queue],
            dead_letters: Some(vec![group; 9]),
            incidents,
        }
    }

    #[test]
    fn nothing_is_wider_than_a_terminal() {
        let drawn = draw(&wide());
        for line in drawn.lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
        assert!(drawn.contains("Next: spymission check --database …"), "{drawn}");
        assert!(drawn.contains("04:10:02 to 04:10:19"), "{drawn}");
        assert!(drawn.lines().count() < 50, "{drawn}");
    }

    #[test]
    fn what_others_wrote_cannot_command_the_terminal() {
        let mut state = wide();
        state.verdict.text.insert_str(0, "\x1bc");
        state.incidents.iter_mut().for_each(|incident| incident.text.insert(0, '\x1b'));
        let groups = state.dead_letters.iter_mut().flatten();
        groups.for_each(|group| group.reason.insert_str(0, "\x1b[J"));
        let replicas = state.roles.iter_mut().flat_map(|role| &mut role.replicas);
        replicas.for_each(|replica| replica.instance.insert(0, '\x1b'));
        assert!(!draw(&state).contains('\x1b'));
    }

    #[test]
    fn what_is_well_needs_few_lines() {
        let well = Finding { level: Level::Well, text: "All well.".to_owned(), next: None };
        let state = Operations {
            verdict: well,
            notes: Vec::new(),
            roles: Vec::new(),
            queues: Vec::new(),
            dead_letters: Some(Vec::new()),
            incidents: Vec::new(),
            ..wide()
        };
        let drawn = draw(&state);
        assert!(drawn.starts_with("All well.\nas of 04:10:20\n"), "{drawn}");
        assert!(!drawn.contains("INCIDENTS"), "{drawn}");
    }
}
