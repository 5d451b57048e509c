//! The RabbitMQ of one page.

use testkit::servers::{Rabbit, Vhost, vhost};

use super::presumed::Presumed;

/// What a page calls the RabbitMQ of its reader: as the user who is there at first, and as the one that
/// the page creates.
const GUEST: [&str; 2] =
    ["amqp://guest:guest@localhost:5672/%2f", "amqp://guest:guest@localhost/%2f"];
const CREATED: &str = "amqp://spymission:choose-one@localhost:5672/%2f";

pub enum Broker {
    /// A virtual host on the node of all tests.
    Shared(Vhost),
    /// All of a node.
    Own(Rabbit),
}

impl Broker {
    pub fn new(presumed: Presumed) -> Self {
        match presumed {
            Presumed::Node => Self::Own(Rabbit::start().unwrap()),
            _ => Self::Shared(vhost()),
        }
    }

    /// Its address for the user who is there at first.
    pub fn url(&self) -> String {
        match self {
            Self::Shared(vhost) => vhost.amqp_url.clone(),
            Self::Own(node) => node.amqp_url("/"),
        }
    }

    /// The command with its addresses.
    pub fn here(&self, typed: &str) -> String {
        let url = self.url();
        let mut typed = typed.to_owned();
        for theirs in GUEST {
            typed = typed.replace(theirs, &url);
        }
        let created = match self {
            Self::Shared(_) => url, // its users are everybody's
            Self::Own(_) => url.replace("guest:guest", "spymission:choose-one"),
        };
        typed = typed.replace(CREATED, &created);
        match self {
            Self::Shared(_) => typed,
            Self::Own(node) => typed.replace("http://localhost:15672", &node.management_url()),
        }
    }
}
