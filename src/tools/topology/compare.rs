//! Every difference between the table and a broker. Pure: it takes what was read and returns the
//! findings.

use bus::Severity;
use schemas::topology::{self, Argument, EXCHANGES, QUEUES, Routing, reply_queue};
use serde_json::{Map, Value};

use super::finding::{Finding, shown};
use super::live::{Binding, Exchange, Live, Queue};
use super::policies;

const APPLY: &str = "`spymission topology apply`";

/// All differences from these queues and the table's exchanges, in the order of the table.
pub(crate) fn compare(vhost: &str, queues: &[topology::Queue], live: &Live) -> Vec<Finding> {
    let mut findings = Vec::new();
    for wanted in EXCHANGES {
        match live.exchanges.iter().find(|exchange| exchange.name == wanted.name) {
            Some(found) => exchange(vhost, &wanted, found, &mut findings),
            None => findings.push(Finding::wrong(wanted.name, "the exchange is missing", APPLY)),
        }
    }
    for wanted in queues {
        match live.queues.iter().find(|queue| queue.name == wanted.name) {
            Some(found) => queue(vhost, wanted, found, &mut findings),
            None => findings.push(Finding::wrong(wanted.name, "the queue is missing", APPLY)),
        }
        if !live.bindings.iter().any(|binding| feeds(binding, wanted)) {
            let what = format!("the queue is not bound to the exchange {}", wanted.source.name);
            findings.push(Finding::wrong(wanted.name, what, APPLY));
        }
    }
    let surplus = live.bindings.iter().filter(|binding| is_surplus(binding));
    findings.extend(surplus.map(|binding| surplus_binding(vhost, binding)));
    policies::add(vhost, queues, live, &mut findings);
    findings
}

fn exchange(
    vhost: &str,
    wanted: &topology::Exchange,
    found: &Exchange,
    findings: &mut Vec<Finding>,
) {
    let name = wanted.name;
    let next =
        format!("`rabbitmqadmin --vhost='{vhost}' delete exchange name={name}`, then {APPLY}");
    let kind = routing(wanted.routing);
    let mut wrong = |what: String| findings.push(Finding::wrong(name, what, &next));
    if found.kind != kind {
        wrong(format!("the exchange is of type {}, it must be {kind}", shown(&found.kind)));
    }
    for (word, is, must) in [
        ("durable", found.durable, true),
        ("auto-delete", found.auto_delete, false),
        ("internal", found.internal, false),
    ] {
        if is != must {
            wrong(format!("the exchange has {word} = {is}, it must be {must}"));
        }
    }
    for (key, value) in found.arguments.as_object().into_iter().flatten() {
        let (key, value) = (shown(key), shown(&value.to_string()));
        wrong(format!("the exchange has the argument {key} = {value}, the table has none"));
    }
}

/// The type of an exchange in AMQP.
pub(super) fn routing(routing: Routing) -> &'static str {
    match routing {
        Routing::Fanout => "fanout",
        Routing::Direct => "direct",
        Routing::Topic => "topic",
    }
}

fn queue(vhost: &str, wanted: &topology::Queue, found: &Queue, findings: &mut Vec<Finding>) {
    let name = wanted.name;
    let again = format!("`rabbitmqctl delete_queue -p '{vhost}' {name} --if-empty`, then {APPLY}");
    for (word, is, must) in [
        ("durable", found.durable, true),
        ("auto-delete", found.auto_delete, false),
        ("exclusive", found.exclusive, false),
    ] {
        if is != must {
            let what = format!("the queue has {word} = {is}, it must be {must}");
            findings.push(Finding::wrong(name, what, &again));
        }
    }
    arguments(wanted, found, &again, findings);
}

fn arguments(wanted: &topology::Queue, found: &Queue, again: &str, findings: &mut Vec<Finding>) {
    let (name, none) = (wanted.name, Map::new());
    let live = found.arguments.as_object().unwrap_or(&none);
    let may_differ = wanted.may_differ();
    let wanted = wanted.arguments();
    let argument = |key: &str, is: &str, wanted: &str| {
        let what = format!("{} is {is}, the table has it {wanted}", shown(key));
        if may_differ.contains(&key) {
            Finding::differs(name, what, format!("keep it, or {again}"))
        } else {
            Finding::wrong(name, what, again)
        }
    };
    for (key, value) in &wanted {
        // A classic queue that was declared without a type does not have this argument.
        let kind = Value::from(found.kind.as_str());
        let is = if *key == "x-queue-type" {
            Some(&kind)
        } else {
            live.get(*key).filter(|is| !is.is_null())
        };
        if is.is_none_or(|is| !equals(*value, is)) {
            let is = is.map_or("not set".to_owned(), |is| shown(&is.to_string()));
            findings.push(argument(key, &is, &written(*value)));
        }
    }
    let surplus = live.iter().filter(|(key, _)| !wanted.iter().any(|(known, _)| known == key));
    for (key, value) in surplus {
        findings.push(argument(key, &shown(&value.to_string()), "not set"));
    }
}

fn equals(wanted: Argument, is: &Value) -> bool {
    match wanted {
        Argument::Text(text) => is.as_str() == Some(text),
        Argument::Whole(n) => is.as_i64() == Some(n),
    }
}

fn written(value: Argument) -> String {
    match value {
        Argument::Text(text) => format!("{text:?}"),
        Argument::Whole(n) => n.to_string(),
    }
}

/// Whether this binding feeds the queue. The routing key does not matter to our exchanges.
fn feeds(binding: &Binding, queue: &topology::Queue) -> bool {
    binding.source == queue.source.name
        && binding.destination == queue.name
        && binding.destination_type == "queue"
}

/// Whether a binding touches what is ours and is not of our making. Every queue is bound to the
/// default exchange, our processes bind reply queues, and anybody may listen to events.
fn is_surplus(binding: &Binding) -> bool {
    let Binding { source, destination, destination_type, routing_key, .. } = binding;
    let queue = destination_type == "queue";
    let into_ours = QUEUES.iter().any(|ours| queue && ours.name == destination)
        || EXCHANGES.iter().any(|ours| !queue && ours.name == destination);
    let ours = QUEUES.iter().any(|ours| feeds(binding, ours));
    let reply = queue
        && source == topology::REPLIES.name
        && destination.starts_with(reply_queue::PREFIX)
        && routing_key == destination;
    let from_ours =
        EXCHANGES.iter().any(|exchange| exchange.name == source) && source != topology::EVENTS.name;
    !source.is_empty() && (into_ours || from_ours) && !ours && !reply
}

fn surplus_binding(vhost: &str, binding: &Binding) -> Finding {
    let Binding { source, destination, destination_type: kind, properties_key, .. } = binding;
    let (from, to, key) = (shown(source), shown(destination), shown(properties_key));
    let what = format!("a binding leads from exchange {from} to {kind} {to}, the table has none");
    let next = format!(
        "keep it if it is intended, or `rabbitmqadmin --vhost='{vhost}' delete binding source={from} \
         destination_type={kind} destination={to} properties_key={key}`"
    );
    let ours = if EXCHANGES.iter().any(|exchange| exchange.name == source) { &from } else { &to };
    Finding { severity: Severity::Tolerable, ..Finding::wrong(ours, what, next) }
}
