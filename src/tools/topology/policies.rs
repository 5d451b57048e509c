//! Which policies apply to our exchanges and queues, and what they change. An argument of a queue wins
//! over a policy, but of two limits the lower one applies.

use bus::Severity;
use schemas::topology::{Argument, EXCHANGES, LIMITS, Queue, QueueKind};
use serde_json::Value;

use super::finding::{Finding, shown};
use super::live::{Live, Policy};

/// Adds a finding for each change that a policy makes.
pub(super) fn add(vhost: &str, queues: &[Queue], live: &Live, findings: &mut Vec<Finding>) {
    for (policies, kind) in
        [(&live.policies, "policy"), (&live.operator_policies, "operator_policy")]
    {
        for policy in policies.iter().filter(|policy| matcher(policy).is_err()) {
            findings.push(unread(policy, kind));
        }
        let clear = |policy: &Policy| {
            let name = shown(&policy.name);
            format!("keep it if it is intended, or `rabbitmqctl clear_{kind} -p '{vhost}' {name}`")
        };
        for queue in queues {
            let Some(policy) = applies(policies, queue.name, targets(queue)) else { continue };
            let changes = policy.definition.iter().filter_map(|(key, v)| change(queue, key, v));
            findings.extend(changes.map(|change| told(queue.name, policy, change, clear(policy))));
        }
        for exchange in EXCHANGES {
            let Some(policy) = applies(policies, exchange.name, &["exchanges"]) else { continue };
            let of_exchanges = policy.definition.iter().filter(|(key, _)| is_of_exchanges(key));
            findings.extend(of_exchanges.map(|(key, value)| {
                let change = (Severity::Tolerable, sets(key, value));
                told(exchange.name, policy, change, clear(policy))
            }));
        }
    }
}

/// The values of `apply-to` that include this queue.
fn targets(queue: &Queue) -> &'static [&'static str] {
    match queue.kind {
        QueueKind::Quorum { .. } | QueueKind::Replicated { .. } => &["queues", "quorum_queues"],
        QueueKind::Transient { .. } => &["queues", "classic_queues"],
    }
}

/// The policy that applies: the matching one with the highest priority.
fn applies<'a>(policies: &'a [Policy], name: &str, targets: &[&str]) -> Option<&'a Policy> {
    let meant = |policy: &&Policy| {
        (policy.apply_to == "all" || targets.contains(&policy.apply_to.as_str()))
            && matcher(policy).is_ok_and(|pattern| pattern.is_match(name))
    };
    policies.iter().filter(meant).max_by_key(|policy| policy.priority)
}

fn matcher(policy: &Policy) -> Result<regex::Regex, regex::Error> {
    regex::RegexBuilder::new(&policy.pattern).size_limit(1 << 20).build()
}

/// A policy whose pattern Erlang understands and we do not.
fn unread(policy: &Policy, kind: &str) -> Finding {
    let (name, pattern) = (shown(&policy.name), shown(&policy.pattern));
    let what = format!("its pattern {pattern} is not understood here; it may apply to our queues");
    let kind = kind.replace('_', " ");
    Finding::differs(&format!("{kind} {name}"), what, "compare it with `spymission topology show`")
}

type Change = (Severity, String);

fn told(ours: &str, policy: &Policy, (severity, change): Change, next: String) -> Finding {
    let what = format!("the policy {} {change}", shown(&policy.name));
    Finding { severity, ..Finding::wrong(ours, what, next) }
}

/// Whether a key concerns exchanges. A policy for `all` also has keys for queues.
fn is_of_exchanges(key: &str) -> bool {
    key.starts_with("alternate-") || key.starts_with("federation-")
}

/// What one key of a policy changes about a queue, if anything.
fn change(queue: &Queue, key: &str, value: &Value) -> Option<Change> {
    let argument = format!("x-{key}");
    let ours = queue.arguments().into_iter().find(|(name, _)| *name == argument);
    match ours {
        Some((_, Argument::Whole(ours))) if LIMITS.contains(&argument.as_str()) => {
            let lower = value.as_i64().filter(|value| *value < ours)?;
            Some((Severity::Tolerable, format!("lowers {key} from {ours} to {lower}")))
        }
        Some(_) => None,
        None if key.starts_with("alternate-") => None,
        None => Some(added(queue, key, value)),
    }
}

fn added(queue: &Queue, key: &str, value: &Value) -> Change {
    let durable = matches!(queue.kind, QueueKind::Quorum { .. });
    let set = sets(key, value);
    match key {
        "expires" => (Severity::Fatal, format!("{set}: an unused queue is deleted with all in it")),
        "message-ttl" if durable => {
            (Severity::Fatal, format!("{set}: messages that must be kept are dropped"))
        }
        _ => (Severity::Tolerable, set),
    }
}

fn sets(key: &str, value: &Value) -> String {
    format!("sets {} = {}", shown(key), shown(&value.to_string()))
}
