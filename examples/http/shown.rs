// The Rust of /docs/http as it is shown there: `cargo run -p gateway --example shown_rust` writes it.

mod request_missions {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .post("http://localhost:8080/missions")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod list_missions {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/missions")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod listen_to_missions {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/missions/events")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_mission {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/missions/019abc00-1111-7222-8333-444455556600")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_timeline {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/missions/019abc00-1111-7222-8333-444455556600/timeline")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod list_dead_letters {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/operations/dead-letters")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_dead_letter_record {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/operations/dead-letters/actions/019abc00-1111-7222-8333-444455556600")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod discard_dead_letters {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .post("http://localhost:8080/operations/dead-letters/discard")
        .header("content-type", "application/json")
        .body(r#"{  "letters": [    {      "id": "0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de",      "number": 0    }  ],  "rate": 50,  "who": "ada"}"#)
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod group_dead_letters {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/operations/dead-letters/groups")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod preview_dead_letters {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/operations/dead-letters/preview")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod replay_dead_letters {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .post("http://localhost:8080/operations/dead-letters/replay")
        .header("content-type", "application/json")
        .body(r#"{  "letters": [    {      "id": "0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de",      "number": 0    }  ],  "rate": 50,  "who": "ada"}"#)
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_dead_letter {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/operations/dead-letters/0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod correct_dead_letter {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .post("http://localhost:8080/operations/dead-letters/0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de/edit")
        .header("content-type", "application/json")
        .body(r#"{  "body": "{\"missions\":[\"019abc00-1111-7222-8333-444455556600\"]}",  "number": 0,  "who": "ada"}"#)
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod edit_dead_letter {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/operations/dead-letters/0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de/edit")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_liveness {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/livez")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_operations {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/operations")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod begin_drill {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .post("http://localhost:8080/operations/drills/pause-persister")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod listen_to_operations {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/operations/events")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod log_in {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .post("http://localhost:8080/operations/login")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod log_out {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .post("http://localhost:8080/operations/logout")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_readiness {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/readyz")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_home {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_asyncapi {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/asyncapi.json")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_casebook {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/casebook")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_docs {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/docs")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_docs_page {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/docs/http")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_openapi {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/openapi.json")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

mod get_problem {
pub(super) fn run() -> reqwest::Result<()> {
    main()
}

// cargo add reqwest && cargo add tokio --features full
#[tokio::main]
async fn main() -> reqwest::Result<()> {
    let response = reqwest::Client::new()
        .get("http://localhost:8080/problems/invalid")
        .send()
        .await?;
    println!("{} {}", response.status(), response.text().await?);
    Ok(())
}
}

type Sent = fn() -> reqwest::Result<()>;

/// Each operation, and what requests it.
const SHOWN: &[(&str, Sent)] = &[
    ("requestMissions", request_missions::run),
    ("listMissions", list_missions::run),
    ("listenToMissions", listen_to_missions::run),
    ("getMission", get_mission::run),
    ("getTimeline", get_timeline::run),
    ("listDeadLetters", list_dead_letters::run),
    ("getDeadLetterRecord", get_dead_letter_record::run),
    ("discardDeadLetters", discard_dead_letters::run),
    ("groupDeadLetters", group_dead_letters::run),
    ("previewDeadLetters", preview_dead_letters::run),
    ("replayDeadLetters", replay_dead_letters::run),
    ("getDeadLetter", get_dead_letter::run),
    ("correctDeadLetter", correct_dead_letter::run),
    ("editDeadLetter", edit_dead_letter::run),
    ("getLiveness", get_liveness::run),
    ("getOperations", get_operations::run),
    ("beginDrill", begin_drill::run),
    ("listenToOperations", listen_to_operations::run),
    ("logIn", log_in::run),
    ("logOut", log_out::run),
    ("getReadiness", get_readiness::run),
    ("getHome", get_home::run),
    ("getAsyncapi", get_asyncapi::run),
    ("getCasebook", get_casebook::run),
    ("getDocs", get_docs::run),
    ("getDocsPage", get_docs_page::run),
    ("getOpenapi", get_openapi::run),
    ("getProblem", get_problem::run),
];
