//! One client wants everything at the same time; another one asks for less than its half.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use load::{Load, Stop};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::system::{System, begins};

/// What a mission takes in the decider, in milliseconds: the setting limits the speed, not the machine of
/// the test. It allows 250 missions a second.
const SLOW: &str = "decider=4";
/// What the modest client asks for. It is less than half of that also where a wait of 4 ms takes 6.
const RATE: u32 = 75;
const CONNECTIONS: usize = 200;
const MEASURED: Duration = Duration::from_secs(10);
/// The address of the greedy client.
const GREEDY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// It asks this often on each of its connections.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks again and again, and hangs up when there is no answer at once.
async fn ask(client: reqwest::Client, url: String, body: &'static str) {
    let mut ticks = tokio::time::interval(PAUSE);
    loop {
        ticks.tick().await;
        let request = match body {
            "" => client.get(&url),
            _ => client.post(&url).header("content-type", "application/json").body(body),
        };
        let request = request.timeout(Duration::from_millis(300));
        let _ = request.send().await; // whatever it says
    }
}

/// Listens to the stream of missions, again and again.
async fn listen(client: reqwest::Client, url: String) {
    let mut ticks = tokio::time::interval(PAUSE);
    loop {
        ticks.tick().await;
        let Ok(mut stream) = client.get(&url).send().await else { continue };
        while let Ok(Some(_)) = stream.chunk().await {}
    }
}

/// Holds a connection open and says nothing, again and again.
async fn sit(listen: String) {
    let mut ticks = tokio::time::interval(PAUSE);
    loop {
        ticks.tick().await;
        let Ok(stream) = connect(&listen).await else { continue };
        let _ = stream.readable().await; // until it is closed
    }
}

async fn connect(listen: &str) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((GREEDY, 0).into())?;
    let address = listen.parse().map_err(std::io::Error::other)?;
    socket.connect(address).await
}

/// All of that at the same time, until it is dropped.
fn greedy(gateway: &str) -> JoinSet<()> {
    let client = reqwest::Client::builder().local_address(IpAddr::V4(GREEDY)).build().unwrap();
    let at = |path: &str| format!("{gateway}{path}");
    let mut tasks = JoinSet::new();
    for _ in 0..32 {
        tasks.spawn(ask(client.clone(), at("/missions"), r#"{"count":256}"#));
        tasks.spawn(ask(client.clone(), at("/missions"), "{}"));
        tasks.spawn(listen(client.clone(), at("/missions/events")));
        tasks.spawn(sit(gateway.trim_start_matches("http://").to_owned()));
    }
    for _ in 0..8 {
        tasks.spawn(ask(client.clone(), at("/readyz"), ""));
    }
    tasks
}

#[tokio::test]
async fn one_greedy_client_leaves_the_others_nine_tenths_of_their_share() {
    let system = System::new().await;
    let _gateway = system.gateway().await;
    let decider = system.worker_in(&[("SPYMISSION_SLOW", SLOW)], "decider");
    decider.says(begins("decider")).await;
    let _workers = system.all_but(["decider"]);
    crate::system::ask(&system.gateway).await; // every worker works
    let load = Load { rate: Some(RATE), ..Load::new(system.address(), CONNECTIONS) };
    let greedy = greedy(&system.gateway);
    let report = load::start(load, Stop::After(MEASURED)).finish().await;
    drop(greedy);
    let share = report.good() as f64 / (f64::from(RATE) * MEASURED.as_secs_f64());
    eprintln!("{share:.2} of the share; {report}; first failure: {:?}", report.first_failure);
    assert!(share >= 0.9, "{share:.2} of the share: {report}");
}
