//! One more gateway.

use std::net::Ipv4Addr;

use testkit::servers::Port;

use crate::agents::Agent;
use crate::ground::{Ground, eventually};

/// A gateway beside the one of the ground.
pub struct Another {
    pub gateway: String,
    pub agent: Agent,
    _port: Port,
}

impl Another {
    pub async fn start(ground: &Ground, flags: &[&str]) -> Self {
        let port = Port::free().unwrap();
        let listen = format!("{}:{}", Ipv4Addr::LOCALHOST, port.number());
        let gateway = format!("http://{listen}");
        let mut arguments = vec!["gateway", "--broker", &ground.amqp, "--database", &ground.mysql];
        arguments.extend(["--listen", &listen, "--drain", "1"]);
        arguments.extend(flags);
        let agent = Agent::start(&arguments, None);
        eventually("the other gateway to be ready", async || {
            let ready = reqwest::get(format!("{gateway}/readyz")).await;
            ready.is_ok_and(|ready| ready.status().is_success())
        })
        .await;
        Self { gateway, agent, _port: port }
    }
}
