//! What a browser needs before it shows the first page: counted, so the same on every machine.

use reqwest::Client;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING};

use super::{BROWSER, loaded, open};
use crate::system::Embedded;

/// What a server sends before it has heard that the first of it arrived (RFC 6928).
const AT_ONCE: usize = 14_600;

/// The bytes of this address on the wire, as browsers ask for it.
async fn bytes(url: &str) -> usize {
    let asked = Client::new().get(url).header(ACCEPT, BROWSER).header(ACCEPT_ENCODING, "gzip, br");
    let answer = asked.send().await.unwrap();
    assert!(answer.headers().contains_key("content-encoding"), "{url} is not compressed");
    answer.bytes().await.unwrap().len()
}

#[tokio::test]
async fn the_first_page_waits_for_one_style_sheet_and_for_no_script_and_both_come_at_once() {
    let system = Embedded::start().await;
    let home = open(&system.gateway).await.body;
    let tags: Vec<&str> = home.split('<').collect();
    let sheets: Vec<_> = tags.iter().filter(|tag| tag.contains("rel=\"stylesheet\"")).collect();
    assert_eq!(sheets.len(), 1, "{sheets:?}");
    for script in tags.iter().filter(|tag| tag.starts_with("script")) {
        assert!(script.contains("type=\"module\""), "it blocks the page: {script}");
    }
    let sheet = loaded(&home).into_iter().find(|address| address.contains(".css")).unwrap();
    let sheet = format!("{}{sheet}", system.gateway);
    let (page, sheet) = (bytes(&system.gateway).await, bytes(&sheet).await);
    assert!(page + sheet < AT_ONCE, "{page} and {sheet} bytes");
}
