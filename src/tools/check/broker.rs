//! The broker: how far one comes, what it is, what we may do there, what stands there.

use bus::probe::{self, Comparison, Greeting, Right, Rights, Unreached};
use bus::{Address, Broker, Fault, Severity};

use super::report::{Line, Report};
use super::{rights, version};
use crate::failure::Failure;
use crate::tools::topology::first;

const PART: &str = "broker";

/// Checks it step by step; what stands in the way of all further steps ends it. `bare`: nobody
/// else looks at the topology.
pub(super) async fn check(
    address: &Address,
    bare: bool,
    report: &mut Report,
) -> Result<(), Failure> {
    let greeting = match probe::greet(address).await {
        Ok(Some(greeting)) => greeting,
        Ok(None) => {
            let found = "memory: is within the one process of `spymission up`";
            return report.say(Line::ok(PART, "reachable", found));
        }
        Err(unreached) => return report.say(away(address, &unreached)),
    };
    let tls = if greeting.encrypted { ", over TLS" } else { "" };
    report.say(Line::ok(PART, "reachable", format!("{address} is {}{tls}", greeting.peer)))?;
    report.say(product(&greeting))?;
    let broker = Broker::new(address.clone());
    match broker.open("check").await {
        Ok(link) => link.close().await,
        Err(fault) => return report.say(locked_out(address, &fault)),
    }
    report.say(Line::ok(PART, "login", format!("user {:?} comes in", user(address))))?;
    permissions(address, &broker, report).await?;
    if bare { topology(&broker, report).await } else { Ok(()) }
}

fn product(Greeting { product, version, .. }: &Greeting) -> Line {
    if product == "RabbitMQ" {
        return version::rabbitmq(PART, version);
    }
    let next = "use RabbitMQ: quorum queues and its confirms are needed";
    Line::warning(PART, "version", format!("{product:?} {version:?} is not RabbitMQ"), next)
}

fn user(address: &Address) -> &str {
    match address {
        Address::Amqp(uri) => &uri.authority.userinfo.username,
        Address::Memory => "",
    }
}

fn away(address: &Address, unreached: &Unreached) -> Line {
    let next = match unreached {
        Unreached::Name(_) => "look at the host in --broker, and at DNS",
        Unreached::Refused(_) => "look at host and port in --broker, and whether RabbitMQ runs",
        Unreached::Timeout => "look for a firewall, or at the host in --broker",
        Unreached::Tls(_) => {
            "look whether this port speaks TLS (5671), and whether this machine trusts its CA"
        }
        Unreached::NotAmqp(_) => "look at the port in --broker: 5672, or amqps:// and 5671 for TLS",
    };
    Line::failed(PART, "reachable", format!("{address}: {unreached}"), next)
}

/// RabbitMQ says 403 ACCESS_REFUSED to a wrong password, and 530 NOT_ALLOWED about virtual hosts.
fn locked_out(address: &Address, fault: &Fault) -> Line {
    let (user, vhost, said) =
        (user(address), crate::tools::topology::vhost(address), fault.to_string());
    let next = if said.contains("ACCESS_REFUSED") {
        format!("look at user and password in --broker: `rabbitmqctl authenticate_user {user}`")
    } else if said.contains("NOT_ALLOWED") && said.contains("not found") {
        format!("`rabbitmqctl add_vhost '{vhost}'`, or name another in --broker")
    } else if said.contains("NOT_ALLOWED") {
        format!("`rabbitmqctl set_permissions -p '{vhost}' {user} '.*' '.*' '.*'`")
    } else {
        "look into RabbitMQ's log".to_owned()
    };
    Line::failed(PART, "login", format!("user {user:?}: {said}"), next)
}

async fn permissions(
    address: &Address,
    broker: &Broker,
    report: &mut Report,
) -> Result<(), Failure> {
    let roles = rights::needed();
    let mut tried = rights::to_declare();
    tried.extend(roles.iter().flat_map(|(_, rights)| rights.clone()));
    let found = match probe::lacking(broker, tried).await {
        Ok(found) => found,
        Err(fault) => {
            let next = "look into RabbitMQ's log, and check again";
            return report.say(Line::failed(PART, "permissions", fault, next));
        }
    };
    report.say(alarm(found.blocked))?;
    by_role(address, &roles, &found, report)?;
    if !lacks(&found, &rights::to_declare()).is_empty() {
        let found = "it may not declare the topology; roles work with what stands";
        report.say(Line::ok(PART, "permissions", found))?;
    }
    Ok(())
}

/// Which of these the user lacks, as a person reads them.
fn lacks(found: &Rights, rights: &[Right]) -> Vec<String> {
    rights.iter().filter(|right| found.refused.contains(right)).map(rights::word).collect()
}

fn by_role(
    address: &Address,
    roles: &[(String, Vec<Right>)],
    found: &Rights,
    report: &mut Report,
) -> Result<(), Failure> {
    let (user, vhost) = (user(address), crate::tools::topology::vhost(address));
    let grant = format!("`rabbitmqctl set_permissions -p '{vhost}' {user} '.*' '.*' '.*'`");
    let (able, unable): (Vec<_>, Vec<_>) =
        roles.iter().partition(|(_, rights)| lacks(found, rights).is_empty());
    let able: Vec<_> = able.iter().map(|(role, _)| role.as_str()).collect();
    if !able.is_empty() {
        let so_far = if found.blocked { ", as far as an alarm lets it be tried" } else { "" };
        let found = format!("enough for {}{so_far}", able.join(", "));
        report.say(Line::ok(PART, "permissions", found))?;
    }
    for (role, rights) in unable {
        let lacking = lacks(found, rights).join(", ");
        let found = format!("not enough for the {role}: it may not {lacking}");
        // A user of its own for each role is good practice: it need not be able to do everything.
        let next = format!("{grant}, if this user is to run one");
        report.say(match able.is_empty() {
            true => Line::failed(PART, "permissions", found, next),
            false => Line::warning(PART, "permissions", found, next),
        })?;
    }
    Ok(())
}

fn alarm(blocked: bool) -> Line {
    if blocked {
        let next = "free memory or disk of the broker: `rabbitmqctl status` names the alarm";
        Line::failed(PART, "alarms", "it takes no messages for now", next)
    } else {
        Line::ok(PART, "alarms", "none: it takes messages")
    }
}

async fn topology(broker: &Broker, report: &mut Report) -> Result<(), Failure> {
    let Comparison { differences, unseen } = match probe::compare(broker).await {
        Ok(comparison) => comparison,
        Err(fault) => {
            let next = "look into RabbitMQ's log, and check again";
            return report.say(Line::failed(PART, "topology", fault, next));
        }
    };
    for difference in &differences {
        report.say(topology_line(&first(difference)))?;
    }
    if differences.is_empty() {
        let found = match unseen.len() {
            0 => "as in the table, as far as AMQP shows it".to_owned(),
            n => format!("nothing is missing; {n} parts could not be compared by this user"),
        };
        report.say(Line::ok(PART, "topology", found))?;
    }
    Ok(())
}

/// A difference of the topology as a check.
pub(super) fn topology_line(finding: &crate::tools::topology::Finding) -> Line {
    let found = format!("{}: {}", finding.about, finding.what);
    match finding.severity {
        Severity::Tolerable => Line::warning(PART, "topology", found, &finding.next),
        Severity::Fatal => Line::failed(PART, "topology", found, &finding.next),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::Verdict;
    use super::*;

    #[test]
    fn each_way_to_be_locked_out_has_an_advice_of_its_own() {
        let address: Address = "amqp://bond:s3cret@rabbit/spies".parse().unwrap();
        for (reason, advice) in [
            ("403 ACCESS_REFUSED", "rabbitmqctl authenticate_user bond"),
            ("530 NOT_ALLOWED - vhost spies not found", "rabbitmqctl add_vhost 'spies'"),
            ("530 NOT_ALLOWED - access to vhost", "rabbitmqctl set_permissions -p 'spies' bond"),
            ("the connection was reset", "look into RabbitMQ's log"),
        ] {
            let fault = Fault::Broker { step: "connect", reason: reason.into() };
            let said = format!("{:?}", locked_out(&address, &fault));
            assert!(said.contains(reason) && said.contains(advice), "{said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
    }

    #[test]
    fn a_broker_that_takes_no_messages_fails_the_check() {
        assert_eq!(alarm(false).verdict, Verdict::Ok);
        assert_eq!(alarm(true).verdict, Verdict::Failed);
    }

    #[test]
    fn another_broker_than_rabbitmq_is_warned_of() {
        let peer = "127.0.0.1:5672".parse().unwrap();
        let (product_name, version) = ("LavinMQ".to_owned(), "2.0".to_owned());
        let greeting = Greeting { peer, encrypted: false, product: product_name, version };
        assert_eq!(product(&greeting).verdict, Verdict::Warning);
    }

    #[test]
    fn a_fatal_difference_fails_and_a_tolerable_one_warns() {
        for (severity, verdict) in
            [(Severity::Fatal, Verdict::Failed), (Severity::Tolerable, Verdict::Warning)]
        {
            let [about, what, next] = ["queue number", "is missing", "apply"].map(str::to_owned);
            let finding = crate::tools::topology::Finding { severity, about, what, next };
            assert_eq!(topology_line(&finding).verdict, verdict);
        }
    }
}
