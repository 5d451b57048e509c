//! The exchanges, queues, bindings and policies of a broker, read over its management HTTP API.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::tools::management::{Api, Silence};

/// Everything in one virtual host that is compared with the table.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Live {
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) operator_policies: Vec<Policy>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Exchange {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    pub(crate) internal: bool,
    #[serde(default)]
    pub(crate) arguments: Value,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Queue {
    pub(crate) name: String,
    #[serde(rename = "type", default = "classic")]
    pub(crate) kind: String,
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    #[serde(default)]
    pub(crate) exclusive: bool,
    #[serde(default)]
    pub(crate) arguments: Value,
}

fn classic() -> String {
    "classic".to_owned()
}

#[derive(Debug, Deserialize)]
pub(crate) struct Binding {
    pub(crate) source: String,
    pub(crate) destination: String,
    pub(crate) destination_type: String,
    pub(crate) routing_key: String,
    #[serde(default)]
    pub(crate) properties_key: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) pattern: String,
    #[serde(rename = "apply-to")]
    pub(crate) apply_to: String,
    pub(crate) definition: Map<String, Value>,
    #[serde(default)]
    pub(crate) priority: i64,
}

impl Live {
    /// Reads all of it. A broker may have thousands of reply queues, so it reads only the columns
    /// that are compared.
    ///
    /// # Errors
    /// The API does not answer, or not as RabbitMQ does.
    pub(crate) async fn read(api: &Api, vhost: &str) -> Result<Self, Silence> {
        const EXCHANGES: &str = "columns=name,type,durable,auto_delete,internal,arguments";
        const QUEUES: &str =
            "disable_stats=true&columns=name,type,durable,auto_delete,exclusive,arguments";
        const BINDINGS: &str =
            "columns=source,destination,destination_type,routing_key,properties_key";
        Ok(Self {
            exchanges: api.get(&["exchanges", vhost], EXCHANGES).await?,
            queues: api.get(&["queues", vhost], QUEUES).await?,
            bindings: api.get(&["bindings", vhost], BINDINGS).await?,
            policies: api.get(&["policies", vhost], "").await?,
            operator_policies: api.get(&["operator-policies", vhost], "").await?,
        })
    }
}
