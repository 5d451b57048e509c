//! Two thousand requests with direct reply-to at once, and two hundred callers that disconnect without a word.

use uuid::Uuid;

use super::shell;
use crate::caller::Caller;
use crate::process::Process;
use crate::system::{System, ask, begins, id, workers_but};

#[tokio::test]
async fn two_clients_get_a_thousand_replies_each_while_other_callers_vanish() {
    let system = System::new().await;
    let workers = system.all_workers();
    let gateway = system.gateway().await;
    let mut caller = Caller::connect(&system).await;
    for (worker, role) in workers.iter().zip(workers_but([])) {
        worker.says(begins(role)).await;
    }
    // RabbitMQ may refuse to consume from a queue that it makes just now.
    let processes = workers.iter().chain([&gateway]);
    let at_work: Vec<_> = processes.map(|process| (process, process.log().len())).collect();
    let mut clients = ["node {}thousand.js", "python3 {}thousand.py", "python3 {}vanish.py"]
        .map(|client| format!("{} \"$0\"", client.replace("{}", "tests/system/clients/")))
        .map(|script| {
            let mut command = shell(&script);
            command.arg(&system.amqp);
            Process::spawn(command)
        });
    let mut others = 0;
    while clients.iter_mut().any(Process::runs) {
        caller.request(&[Uuid::new_v4()]).await;
        assert!(system.row(id(&caller.mission().await)).await.is_some());
        ask(&system.gateway).await;
        others += 2;
    }
    let said = ["1000 replies", "1000 replies", "200 vanished"];
    for (client, said) in clients.iter_mut().zip(said) {
        assert!(client.ended().await.success(), "{}", client.log());
        assert_eq!(client.log().trim(), said);
    }
    assert!(others > 2);
    system.await_rows(2_200 + others).await;
    system.all_settled().await;
    assert!(caller.dead_letters().await.is_empty());
    for (process, begun) in at_work {
        let log = process.log().split_off(begun);
        let loud = ["WARN", "ERROR"].iter().any(|level| log.contains(&format!("\"{level}\"")));
        assert!(!loud, "somebody noticed: {log}");
    }
    for (worker, role) in workers.iter().zip(workers_but([])) {
        let sessions = worker.log().matches(begins(role)).count();
        assert_eq!(sessions, 1, "a session ended: {}", worker.log());
    }
}
