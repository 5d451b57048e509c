//! A caller on a thread of its own, whose allocations do not count.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;

use tokio::sync::oneshot;

/// Sends so many requests, one after the other; each must be answered with 201. Resolves when all are.
pub(crate) fn calls(gateway: SocketAddr, requests: usize, body: String) -> oneshot::Receiver<()> {
    let (done, answered) = oneshot::channel();
    thread::spawn(move || {
        let stream = TcpStream::connect(gateway).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut answers = BufReader::new(stream);
        let (length, kind) = (body.len(), "application/json");
        let request = format!(
            "POST /missions HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        for _ in 0..requests {
            answers.get_mut().write_all(request.as_bytes()).unwrap();
            assert!(status(&mut answers).contains(" 201 "));
        }
        let _ = done.send(()); // a test that has failed does not wait
    });
    answered
}

/// Reads a response, and gives its first line.
fn status(answers: &mut BufReader<TcpStream>) -> String {
    let (mut first, mut length) = (String::new(), 0);
    answers.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    answers.read_exact(&mut body).unwrap();
    first
}
