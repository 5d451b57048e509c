//! A gateway that responds what the test says.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// A request.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Method and path.
    pub line: String,
    pub key: Option<String>,
    pub count: u64,
}

/// The response to the n-th request, from 0 on: head lines after `HTTP/1.1 `, and a body.
pub type Answers = fn(usize, &Heard) -> (String, String);

pub struct FakeGateway {
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    serving: JoinHandle<()>,
}

impl FakeGateway {
    /// One that closes each connection after its response.
    pub async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&heard);
        let serving = tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                answer(caller, &all, answers).await;
            }
        });
        Self { url, heard, serving }
    }

    /// The requests so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for FakeGateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(caller: TcpStream, all: &Mutex<Vec<Heard>>, answers: Answers) {
    let mut caller = BufReader::new(caller);
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if caller.read_line(&mut line).await.unwrap() <= 2 {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let header = |name: &str| {
        head.iter().find_map(|line| Some(line.split_once(": ")?).filter(|(key, _)| *key == name))
    };
    if let Some((_, value)) = header("content-length") {
        length = value.parse().unwrap();
    }
    let mut body = vec![0; length];
    caller.read_exact(&mut body).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let heard = Heard {
        line: head[0].trim_end_matches(" HTTP/1.1").to_owned(),
        key: header("idempotency-key").map(|(_, value)| value.to_owned()),
        count: body["count"].as_u64().unwrap_or_default(),
    };
    let number = {
        let mut all = all.lock().unwrap();
        all.push(heard.clone());
        all.len() - 1
    };
    let (head, body) = answers(number, &heard);
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    let _ = caller.write_all(answer.as_bytes()).await; // a caller may have gone
}

/// This many missions, as a gateway writes them.
pub fn missions(count: u64) -> String {
    let mission = |_| {
        json!({
            "id": Uuid::new_v4(), "dossier": "19 z 19 n 3 p 7 d 3 l 10 f", "casebook": "malory",
            "objective": "Steal the DB_URI from", "target": "the flask developer",
            "created_at": "2026-11-22T14:07:37.171589Z",
        })
    };
    json!({ "missions": (0..count).map(mission).collect::<Vec<_>>() }).to_string()
}
