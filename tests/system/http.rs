//! An HTTP client that returns the whole response.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// A response of the gateway.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Said {
    /// The body, which must be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The last part of the type of the problem; its other members are checked.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        assert!(!problem["title"].as_str().unwrap().is_empty(), "{problem}");
        let address = problem["type"].as_str().unwrap();
        address.strip_prefix("/problems/").unwrap_or_else(|| panic!("{problem}")).to_owned()
    }

    /// The detail of the problem.
    pub fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap().to_owned()
    }
}

/// Sends a request on a connection of its own.
pub async fn send(request: RequestBuilder) -> Said {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Said { status, headers, body: answer.text().await.unwrap() }
}

/// A request to this URL.
pub fn request(method: &str, url: &str) -> RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    reqwest::Client::new().request(method, url)
}

/// Reads what is there.
pub async fn get(url: &str) -> Said {
    send(request("GET", url)).await
}

/// Requests one mission, or what the body says.
pub async fn post(gateway: &str, body: Option<Value>) -> Said {
    let post = request("POST", &format!("{gateway}/missions"));
    send(match body {
        Some(body) => post.json(&body),
        None => post,
    })
    .await
}

/// Connects and sends this.
pub async fn say(gateway: &str, words: &str) -> TcpStream {
    let address = gateway.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(words.as_bytes()).await; // it may be refused before its end
    stream
}
