//! Counts the allocations of each stage, and the allocations and messages of a request through every
//! role. Prints them as JSON, as the baseline has them.
#![expect(clippy::print_stdout, reason = "a command talks on its standard output")]

use std::collections::BTreeMap;

use costs::{Round, STAGES, WHOLE, published};

/// Rounds that warm up: tables, buffers and caches have their size then.
const WARM_UP: usize = 20;
/// Rounds that are counted.
const ROUNDS: usize = 40;

/// The costs of a stage, by what is counted.
type Costs = BTreeMap<&'static str, u64>;

fn main() {
    let stages = STAGES.iter().map(|stage| (stage.name, costs(&mut (stage.start)())));
    let whole = WHOLE.iter().map(|stage| (stage.name, with_messages(&mut (stage.start)())));
    println!("{}", serde_json::json!(stages.chain(whole).collect::<BTreeMap<_, _>>()));
}

fn costs(round: &mut Round) -> Costs {
    (0..WARM_UP).for_each(|_| round(&mut |work| work()));
    BTreeMap::from([("allocations", allocations(round))])
}

/// The allocations of the cheapest round: others have those of work that comes once a second.
fn allocations(round: &mut Round) -> u64 {
    let one = |_| {
        let mut allocations = 0;
        round(&mut |work| allocations += allocation_counter::measure(work).count_total);
        allocations
    };
    (0..ROUNDS).map(one).min().unwrap_or_default()
}

/// Messages include those that follow the response, such as events: each round has those of the one
/// before.
fn with_messages(round: &mut Round) -> Costs {
    let mut costs = costs(round);
    let before = published();
    allocations(round);
    let of_one = (published() - before) as f64 / ROUNDS as f64;
    costs.insert("messages", of_one.round() as u64);
    costs
}
