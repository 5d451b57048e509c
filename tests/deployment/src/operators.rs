//! Who may open the operations page: who has the token, at an address that the operator lists.

use std::fs;

use crate::composition::{Composition, PROJECT};
use crate::docker::{docker, output};
use crate::facts::expect;
use crate::nginx::{code, shell};
use xtask::Failure;

/// Nobody may open it at first, not even with the token.
pub(crate) async fn closed(c: &Composition) -> Result<String, Failure> {
    let (bearer, form) = (format!("Authorization: Bearer {}", token()?), form()?);
    let page = format!("{}/operations", c.door());
    let (login, events) = (format!("{page}/login"), format!("{page}/events"));
    for asked in [&["--header", &bearer, &page][..], &["--data", &form, &login], &[&events]] {
        let answer = code(c, asked).await?;
        expect(answer.starts_with("403 "), || format!("{answer} for {:?}", asked.last()))?;
    }
    let said = output(shell(c, "", &["--include", &page])).await?;
    expect(said.contains("application/problem+json"), || said.clone())?;
    Ok("page, login and events: 403, with a reason".into())
}

/// Once this machine's address is listed, it gets the login and the page. Other addresses do not.
pub(crate) async fn listed(c: &Composition) -> Result<String, Failure> {
    let network = format!("{PROJECT}_outside");
    let gateway = ["network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}"];
    let us = output(docker(gateway.iter().chain(&[network.as_str()]))).await?;
    fs::write(Composition::operators(), format!("allow {};\n", us.trim()))?;
    c.compose(&["restart", "nginx"]).await?;
    c.compose(&["up", "--detach", "--wait", "--no-recreate", "nginx"]).await?;
    let stranger = docker(["run", "--rm", "--network", &network, "--entrypoint", "curl"]);
    let refused = output({
        let mut curl = stranger;
        curl.args([c.curl_image(), "--silent", "--insecure", "--include"]);
        curl.arg("https://nginx:8443/operations");
        curl
    })
    .await?;
    expect(refused.starts_with("HTTP/2 403"), || format!("another address: {refused}"))?;
    let cookie = log_in(c).await?;
    stays_inside(c, &cookie).await?;
    Ok("403 for another address; a Secure cookie for the token; 403 for another origin".into())
}

/// Logs in as a browser does. Returns the cookie.
async fn log_in(c: &Composition) -> Result<String, Failure> {
    let (page, form) = (format!("{}/operations", c.door()), form()?);
    let login = format!("{page}/login");
    let html = ["--header", "Accept: text/html", "--include"];
    let asked = output(shell(c, "", &[&html[..], &[&page]].concat())).await?;
    expect(asked.starts_with("HTTP/2 401") && asked.contains("<form"), || asked.clone())?;
    let own = format!("Origin: {}", c.door());
    let sent = [&html[..], &["--header", &own, "--data", &form, &login]].concat();
    let said = output(shell(c, "", &sent)).await?;
    let set = said.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    let set = set.ok_or_else(|| format!("no cookie: {said}"))?;
    for word in ["; Secure", "; HttpOnly", "; SameSite=Strict"] {
        expect(set.contains(word), || format!("{word} is missing: {set}"))?;
    }
    let wrong = code(c, &["--data", "token=0123456789abcdef", &login]).await?;
    expect(wrong.starts_with("401 "), || format!("a wrong token: {wrong}"))?;
    Ok(set.split(';').next().unwrap_or_default().to_owned())
}

/// The cookie opens the page, and no page of another site may use it.
async fn stays_inside(c: &Composition, cookie: &str) -> Result<(), Failure> {
    let page = format!("{}/operations", c.door());
    let (login, form) = (format!("{page}/login"), form()?);
    let foreign = ["--header", "Origin: https://elsewhere.example"];
    for (more, expected) in [
        (vec!["--cookie", cookie, page.as_str()], "200 "),
        ([&foreign[..], &["--cookie", cookie, &page]].concat(), "403 "),
        ([&foreign[..], &["--data", &form, &login]].concat(), "403 "),
    ] {
        let answer = code(c, &more).await?;
        expect(answer.starts_with(expected), || format!("{answer} instead of {expected}"))?;
    }
    Ok(())
}

fn token() -> Result<String, Failure> {
    Ok(fs::read_to_string(Composition::secrets().join("operator-token"))?.trim().to_owned())
}

fn form() -> Result<String, Failure> {
    Ok(format!("token={}", token()?))
}
