//! One more gateway.

use std::net::Ipv4Addr;

use testkit::servers::Port;

use crate::process::Process;
use crate::system::{System, eventually};

/// A gateway beside the one of the system.
pub struct Another {
    pub gateway: String,
    pub process: Process,
    _port: Port,
}

impl Another {
    pub async fn start(system: &System, flags: &[&str]) -> Self {
        let port = Port::free().unwrap();
        let listen = format!("{}:{}", Ipv4Addr::LOCALHOST, port.number());
        let gateway = format!("http://{listen}");
        let mut arguments = vec!["gateway", "--broker", &system.amqp, "--database", &system.mysql];
        arguments.extend(["--listen", &listen, "--drain", "1"]);
        arguments.extend(flags);
        let process = Process::start(&arguments, None);
        eventually("the other gateway to be ready", async || {
            let ready = reqwest::get(format!("{gateway}/readyz")).await;
            ready.is_ok_and(|ready| ready.status().is_success())
        })
        .await;
        Self { gateway, process, _port: port }
    }
}
