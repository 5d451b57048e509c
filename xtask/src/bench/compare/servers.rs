//! What a mission costs RabbitMQ and MariaDB: messages by RabbitMQ's own statistics, flushes of files
//! by strace. All roles are one process of a release build, on servers of their own.

mod flushes;
mod messages;
mod product;

use std::collections::BTreeMap;

use testkit::costs::Costs;
use xtask::needs::Needs;
use xtask::{Failure, install};

use super::counting::{Counting, compile, is_there};
use flushes::Flushes;
use product::Product;

/// Requests that are counted: for one mission, and for a list.
const ALONE: u32 = 100;
const LISTS: u32 = 30;
/// Requests that warm up: consumers have their prefetch then.
const WARM_UP: u32 = 10;

/// Counts what requests for one mission cost, one after the other, and requests for a list.
pub(super) async fn count(install: bool) -> Result<Counting, Failure> {
    let units = [messages::UNITS.as_slice(), &[BROKER, DATABASE]].concat();
    let needs = Needs { rabbitmq: true, mariadb: true, ..Needs::default() };
    if !install::ensure(install, needs).await? {
        println!("skipped: what the servers do is not counted without RabbitMQ and MariaDB");
        return Ok(Counting { costs: Costs::new(), skipped: units });
    }
    let strace = is_there("strace", install).await?;
    let program = compile("spymission", "spymission").await?;
    println!("── counting what RabbitMQ and MariaDB do");
    let product = Product::start(&program)?;
    let mut costs = Costs::new();
    for (name, requests, body) in
        [("servers, a mission alone", ALONE, ""), ("servers, a list", LISTS, r#"{"count":100}"#)]
    {
        costs.insert(name.to_owned(), of(&product, requests, body, strace)?);
    }
    let skipped = if strace { Vec::new() } else { vec![BROKER, DATABASE] };
    Ok(Counting { costs, skipped })
}

const BROKER: &str = "broker flushes";
const DATABASE: &str = "database flushes";

/// What one of these requests costs.
fn of(
    product: &Product,
    requests: u32,
    body: &str,
    strace: bool,
) -> Result<BTreeMap<String, f64>, Failure> {
    product.post(WARM_UP, body)?;
    let before = product.messages()?;
    let servers = [(BROKER, product.rabbit.id()), (DATABASE, product.mariadb.id())];
    let mut flushes = Vec::new();
    for (unit, id) in servers.into_iter().filter(|_| strace) {
        flushes.push((unit, Flushes::count(id)?));
    }
    product.post(requests, body)?;
    let mut all: Vec<_> = product.messages()?.since(&before).collect();
    for (unit, flushes) in flushes {
        all.push((unit, flushes.finish()?));
    }
    let of_one = |all: u64| (all as f64 / f64::from(requests) * 100.0).round() / 100.0;
    Ok(all.into_iter().map(|(unit, all)| (unit.to_owned(), of_one(all))).collect())
}
