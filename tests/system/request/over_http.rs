//! Over HTTP: everything that a gateway may say instead of 201.

use std::time::{Duration, Instant};

use super::fake_gateway::{FakeGateway, missions};
use super::{Asking, lines};

#[tokio::test]
async fn a_list_is_sent_with_one_key_until_it_is_answered() {
    let gateway = FakeGateway::start(|number, heard| match number {
        0 => ("429 Too Many Requests\r\nretry-after: 1".into(), String::new()),
        1 => ("503 Service Unavailable\r\nretry-after: 0".into(), problem("unavailable", 503)),
        2 => ("409 Conflict\r\nretry-after: 0".into(), problem("conflict", 409)),
        3 => (
            "202 Accepted\r\nlocation: /missions?request=x&count=9\r\nretry-after: 0".into(),
            String::new(),
        ),
        4 => ("202 Accepted\r\nlocation: /missions/later\r\nretry-after: 0".into(), String::new()),
        5 => ("200 OK".into(), missions(9)),
        _ => panic!("{heard:?}"),
    })
    .await;
    let begun = Instant::now();
    let asking = Asking::start(&["--url", &gateway.url, "--count", "9", "--key", "mine"]);
    let (code, output, errors) = asking.ended().await;
    assert_eq!((code, lines(&output).len()), (0, 9), "{errors}");
    assert!(begun.elapsed() >= Duration::from_secs(1), "Retry-After was not honoured");
    assert!(errors.contains("the detail of unavailable; trying again"), "{errors}");
    let heard = gateway.heard();
    assert!(heard[..4].iter().all(|heard| heard.line == "POST /missions" && heard.count == 9));
    assert!(heard[..4].iter().all(|heard| heard.key.as_deref() == Some("mine")));
    assert_eq!(heard[4].line, "GET /missions?request=x&count=9");
    assert_eq!(heard[5].line, "GET /missions/later");
}

#[tokio::test]
async fn the_lists_of_a_large_order_have_a_key_each() {
    let gateway =
        FakeGateway::start(|_, heard| ("201 Created".into(), missions(heard.count))).await;
    for key in [&["--key", "mine"][..], &[]] {
        let flags = ["--url", &gateway.url, "--count", "700"];
        let (code, output, errors) = Asking::start(&[&flags[..], key].concat()).ended().await;
        assert_eq!((code, lines(&output).len(), &*errors), (0, 700, ""));
    }
    let mut heard = gateway.heard();
    heard[..3].sort_by_key(|heard| heard.key.clone());
    let told: Vec<_> =
        heard[..3].iter().map(|heard| (heard.key.as_deref().unwrap(), heard.count)).collect();
    assert_eq!(told, [("mine", 256), ("mine/1", 256), ("mine/2", 188)]);
    let made = heard[3..].iter().filter(|heard| heard.key.is_some()).count();
    assert_eq!(made, 3, "without a key one is made");
}

#[tokio::test]
async fn a_refusal_is_printed_with_its_detail_and_ends_the_command() {
    let gateway = FakeGateway::start(|number, _| match number {
        0 => ("422 Unprocessable Entity".into(), problem("invalid", 422)),
        _ => ("201 Created".into(), missions(256)),
    })
    .await;
    let asking = Asking::start(&["--url", &gateway.url, "--count", "5000"]);
    let (code, output, errors) = asking.ended().await;
    assert_eq!(code, 1, "{errors}");
    assert!(errors.contains("422") && errors.contains("the detail of invalid"), "{errors}");
    assert!(lines(&output).len() < 5_000 && gateway.heard().len() < 20);
}

#[tokio::test]
async fn missions_that_were_set_aside_do_not_stop_the_others() {
    let gateway = FakeGateway::start(|number, heard| match number {
        1 => ("500 Internal Server Error".into(), problem("set-aside", 500)),
        _ => ("201 Created".into(), missions(heard.count)),
    })
    .await;
    let asking = Asking::start(&["--url", &gateway.url, "--count", "1024"]);
    let (code, output, errors) = asking.ended().await;
    assert_eq!((code, lines(&output).len()), (1, 768), "{errors}");
    assert!(errors.contains("256 were refused: 500"), "{errors}");
}

#[tokio::test]
async fn an_answer_of_another_service_is_not_taken_for_missions() {
    for answer in [("200 OK", "{\"hello\":\"world\"}"), ("201 Created", "{\"missions\":[]}")] {
        let gateway = match answer.0 {
            "200 OK" => FakeGateway::start(|_, _| ("200 OK".into(), "{\"hello\":1}".into())).await,
            _ => FakeGateway::start(|_, _| ("201 Created".into(), missions(1))).await,
        };
        let asking = Asking::start(&["--url", &gateway.url, "--count", "2", "--wait", "5"]);
        let (code, output, errors) = asking.ended().await;
        assert_eq!((code, &*output), (1, ""), "{errors}");
        assert!(errors.contains("instead of 2"), "{errors}");
    }
}

fn problem(word: &str, status: u16) -> String {
    serde_json::json!({
        "type": format!("/problems/{word}"), "title": "", "status": status,
        "detail": format!("the detail of {word}"),
    })
    .to_string()
}
