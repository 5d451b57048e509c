//! RabbitMQ's management HTTP API: alarms, clock, and every difference of the topology.

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::broker::topology_line;
use super::report::{Line, Report};
use super::version;
use crate::failure::Failure;
use crate::system::clock;
use crate::tools::management::Api;
use crate::tools::topology;

const PART: &str = "management";

#[derive(Deserialize)]
struct Overview {
    rabbitmq_version: String,
}

#[derive(Deserialize)]
struct Health {
    status: String,
    #[serde(default)]
    reason: String,
}

/// Checks it step by step. Without an answer the further steps are left out.
pub(super) async fn check(
    api: &Api,
    address: &bus::Address,
    report: &mut Report,
) -> Result<(), Failure> {
    let overview: Overview = match api.get(&["overview"], "columns=rabbitmq_version").await {
        Ok(overview) => overview,
        Err(silence) => {
            return report.say(Line::failed(PART, "reachable", &silence.what, &silence.next));
        }
    };
    let found = format!("{} accepts user {:?}", api.place(), api.user());
    report.say(Line::ok(PART, "reachable", found))?;
    report.say(version::rabbitmq(PART, &overview.rabbitmq_version))?;
    match api.get::<Health>(&["health", "checks", "alarms"], "").await {
        Ok(health) => report.say(alarms(&health))?,
        Err(silence) => report.say(Line::warning(PART, "alarms", &silence.what, &silence.next))?,
    }
    report.say(time_of(api).await)?;
    match topology::all(api, address).await {
        Ok(findings) if findings.is_empty() => {
            let found = format!("as in the table, in virtual host {}", topology::vhost(address));
            report.say(Line::ok("broker", "topology", found))
        }
        Ok(findings) => findings.iter().try_for_each(|finding| report.say(topology_line(finding))),
        Err(silence) => report.say(Line::failed(PART, "topology", &silence.what, &silence.next)),
    }
}

fn alarms(Health { status, reason }: &Health) -> Line {
    if status == "ok" {
        return Line::ok(PART, "alarms", "none in the cluster");
    }
    let found = format!("the cluster has an alarm: {}", reason.escape_debug());
    Line::failed(PART, "alarms", found, "free memory or disk: `rabbitmqctl status` names it")
}

/// The clock of the server. HTTP has a resolution of one second.
async fn time_of(api: &Api) -> Line {
    let (date, now) = (api.date().await, clock());
    let unknown = |why: String| Line::warning(PART, "clock", why, "compare the clocks by hand");
    match date {
        Ok(Some(date)) => match OffsetDateTime::parse(&date.replace("GMT", "+0000"), &Rfc2822) {
            Ok(then) => Line::clock(PART, (then - now).as_seconds_f64() + 0.5, 1.0),
            Err(_) => unknown(format!("it sends no valid time: {date:?}")),
        },
        Ok(None) => unknown("it sends no time".to_owned()),
        Err(silence) => unknown(silence.what),
    }
}
