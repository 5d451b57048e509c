//! Checks of the broker: whether it can be reached, its version, our permissions, and its topology.

use bus::probe::{self, Comparison, Greeting, Right, Rights, Unreached};
use bus::{Address, Broker, Fault, Severity};

use super::report::{Line, Report, Verdict};
use super::{rights, version};
use crate::failure::Failure;
use crate::tools::topology::first;

const PART: &str = "broker";

/// Checks it step by step. A failure that makes the further steps impossible ends the check. With
/// `bare` it checks the topology, too, because no management API does.
pub(super) async fn check(
    address: &Address,
    bare: bool,
    report: &mut Report,
) -> Result<(), Failure> {
    if !reachable(address, report).await? {
        return Ok(());
    }
    let broker = Broker::new(address.clone());
    match broker.open("check").await {
        Ok(link) => link.close().await,
        Err(fault) => return report.say(login_failed(address, &fault)),
    }
    let at = broker.node().filter(|_| address.each().len() > 1);
    let at = at.map(|node| format!(" at {node}")).unwrap_or_default();
    report.say(Line::ok(PART, "login", format!("user {:?} is accepted{at}", user(address))))?;
    permissions(address, &broker, report).await?;
    if bare { topology(&broker, report).await } else { Ok(()) }
}

/// Greets each node. Whether the further steps are possible: one node is there. A node that is not is
/// a failure only where no other one is.
async fn reachable(address: &Address, report: &mut Report) -> Result<bool, Failure> {
    let (mut there, mut lines) = (false, Vec::new());
    for (node, greeting) in probe::greet_each(address).await {
        match greeting {
            Ok(Some(greeting)) => {
                there = true;
                let tls = if greeting.encrypted { ", over TLS" } else { "" };
                let found = format!("{node} is {}{tls}", greeting.peer);
                lines.extend([Line::ok(PART, "reachable", found), product(&greeting)]);
            }
            Ok(None) => {
                let found = "memory: exists within the process of `spymission up`";
                lines.push(Line::ok(PART, "reachable", found));
            }
            Err(unreached) => lines.push(away(&node, &unreached)),
        }
    }
    for line in lines {
        let others_serve = there && line.verdict == Verdict::Failed;
        report.say(if others_serve { line.into_warning() } else { line })?;
    }
    Ok(there)
}

fn product(Greeting { product, version, .. }: &Greeting) -> Line {
    if product == "RabbitMQ" {
        return version::rabbitmq(PART, version);
    }
    let next = "use RabbitMQ: its quorum queues and confirms are needed";
    Line::warning(PART, "version", format!("{product:?} {version:?} is not RabbitMQ"), next)
}

fn user(address: &Address) -> &str {
    match address {
        Address::Amqp(nodes) => nodes.user(),
        Address::Memory => "",
    }
}

fn away(address: &Address, unreached: &Unreached) -> Line {
    let next = match unreached {
        Unreached::Name(_) => "check the host in --broker, and DNS",
        Unreached::Refused(_) => "check host and port in --broker, and whether RabbitMQ runs",
        Unreached::Timeout => "check firewalls, and the host in --broker",
        Unreached::Tls(_) => {
            "check that this port uses TLS (5671), and that this machine trusts its CA"
        }
        Unreached::NotAmqp(_) => "check the port in --broker: 5672, or amqps:// and 5671 for TLS",
    };
    Line::failed(PART, "reachable", format!("{address}: {unreached}"), next)
}

/// A line for a failed login. RabbitMQ answers 403 ACCESS_REFUSED to a wrong password, and 530
/// NOT_ALLOWED about virtual hosts.
fn login_failed(address: &Address, fault: &Fault) -> Line {
    let (user, vhost, said) =
        (user(address), crate::tools::topology::vhost(address), fault.to_string());
    let next = if said.contains("ACCESS_REFUSED") {
        format!("check user and password in --broker: `rabbitmqctl authenticate_user {user}`")
    } else if said.contains("NOT_ALLOWED") && said.contains("not found") {
        format!("`rabbitmqctl add_vhost '{vhost}'`, or name another in --broker")
    } else if said.contains("NOT_ALLOWED") {
        format!("`rabbitmqctl set_permissions -p '{vhost}' {user} '.*' '.*' '.*'`")
    } else {
        "read RabbitMQ's log".to_owned()
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
            let next = "read RabbitMQ's log, and check again";
            return report.say(Line::failed(PART, "permissions", fault, next));
        }
    };
    report.say(alarm(found.blocked))?;
    by_role(address, &roles, &found, report)?;
    if !lacks(&found, &rights::to_declare()).is_empty() {
        let found = "it may not declare the topology; roles use what is declared";
        report.say(Line::ok(PART, "permissions", found))?;
    }
    Ok(())
}

/// Which of these rights the user lacks, in words.
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
        let so_far = if found.blocked { ", as far as an alarm allows the test" } else { "" };
        let found = format!("enough for {}{so_far}", able.join(", "));
        report.say(Line::ok(PART, "permissions", found))?;
    }
    for (role, rights) in unable {
        let lacking = lacks(found, rights).join(", ");
        let found = format!("not enough for the {role}: it may not {lacking}");
        // It is good practice that each role has its own user, which need not have all rights.
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
        Line::failed(PART, "alarms", "it accepts no messages at present", next)
    } else {
        Line::ok(PART, "alarms", "none: it accepts messages")
    }
}

async fn topology(broker: &Broker, report: &mut Report) -> Result<(), Failure> {
    let Comparison { differences, unseen } = match probe::compare(broker).await {
        Ok(comparison) => comparison,
        Err(fault) => {
            let next = "read RabbitMQ's log, and check again";
            return report.say(Line::failed(PART, "topology", fault, next));
        }
    };
    for difference in &differences {
        report.say(topology_line(&first(difference)))?;
    }
    if differences.is_empty() {
        let found = match unseen.len() {
            0 => "as in the table, as far as AMQP can compare it".to_owned(),
            n => format!("nothing is missing; this user could not compare {n} parts"),
        };
        report.say(Line::ok(PART, "topology", found))?;
    }
    Ok(())
}

/// A line for a difference of the topology.
pub(super) fn topology_line(finding: &crate::tools::topology::Finding) -> Line {
    let found = format!("{}: {}", finding.about, finding.what);
    match finding.severity {
        Severity::Tolerable => Line::warning(PART, "topology", found, &finding.next),
        Severity::Fatal => Line::failed(PART, "topology", found, &finding.next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failed_login_has_its_own_advice() {
        let address: Address = "amqp://bond:s3cret@rabbit/spies".parse().unwrap();
        for (reason, advice) in [
            ("403 ACCESS_REFUSED", "rabbitmqctl authenticate_user bond"),
            ("530 NOT_ALLOWED - vhost spies not found", "rabbitmqctl add_vhost 'spies'"),
            ("530 NOT_ALLOWED - access to vhost", "rabbitmqctl set_permissions -p 'spies' bond"),
            ("the connection was reset", "read RabbitMQ's log"),
        ] {
            let fault = Fault::Broker { step: "connect", reason: reason.into() };
            let said = format!("{:?}", login_failed(&address, &fault));
            assert!(said.contains(reason) && said.contains(advice), "{said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
    }

    #[tokio::test]
    async fn every_node_is_looked_at_and_a_list_without_any_fails() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        drop(taken); // nobody listens there now
        let address: Address =
            format!("amqp://bond:s3cret@127.0.0.1:{port},localhost:{port}/v").parse().unwrap();
        let mut report = Report::default();
        assert!(!reachable(&address, &mut report).await.unwrap());
        assert!(report.end().is_err());
    }

    #[test]
    fn a_broker_that_accepts_no_messages_fails_the_check() {
        assert_eq!(alarm(false).verdict, Verdict::Ok);
        assert_eq!(alarm(true).verdict, Verdict::Failed);
    }

    #[test]
    fn a_broker_other_than_rabbitmq_gives_a_warning() {
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
