//! The tools' HTTP client, and the gateway that it asks.

use reqwest::{ClientBuilder, Url};

use crate::settings::{Setting, WrongSetting};

/// Where the URL of a gateway is set.
pub(crate) const URL: Setting = Setting::new("--url", "SPYMISSION_URL");

/// A builder for a client. Its TLS is the one that lapin and sqlx use.
pub(crate) fn builder() -> ClientBuilder {
    // reqwest needs a default for the process. If one was installed before, it is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// The URL of a gateway; its resources are below the path of the URL.
///
/// # Errors
/// It is none.
pub(crate) fn gateway(text: &str) -> Result<Url, WrongSetting> {
    let wrong = |why: String| URL.wrong(format!("{why}; write http://host:8080"));
    let mut url: Url = text.parse().map_err(|error| wrong(format!("it is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("it is no http:// or https:// address".to_owned()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("a query or fragment follows its path".to_owned()));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_may_be_behind_a_path() {
        for (text, missions) in [
            ("http://localhost:8080", "http://localhost:8080/missions"),
            ("https://spies.example/v1", "https://spies.example/v1/missions"),
        ] {
            let url = gateway(text).unwrap();
            assert_eq!(url.join("missions").unwrap().as_str(), missions);
        }
    }

    #[test]
    fn what_is_no_address_of_a_gateway_is_refused() {
        for text in ["localhost:8080", "ftp://localhost", "", "http://", "http://x/?count=3"] {
            let wrong = gateway(text).map(drop).unwrap_err().to_string();
            assert!(wrong.contains("--url") && wrong.contains("http://host:8080"), "{wrong}");
        }
    }
}
