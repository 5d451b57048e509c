//! `Prefer` (RFC 7240): how long a caller wants to wait. Unknown preferences are ignored, as the
//! standard says.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};

const PREFER: HeaderName = HeaderName::from_static("prefer");
/// Names the preferences that were applied.
pub(crate) const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// How long a caller wants to wait for its missions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Preference {
    /// The broker's confirm is enough.
    pub(crate) respond_async: bool,
    /// The longest wait.
    pub(crate) wait: Option<Duration>,
}

impl Preference {
    /// Reads the header. Of two preferences that contradict each other the first one counts. No caller
    /// waits longer than `most`.
    pub(crate) fn of(headers: &HeaderMap, most: Duration) -> Self {
        let mut preference = Self::default();
        let values = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
        for part in values.flat_map(|value| value.split(',')) {
            let part = part.split(';').next().unwrap_or_default();
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = name.trim();
            if name.eq_ignore_ascii_case("respond-async") {
                preference.respond_async = true;
            } else if name.eq_ignore_ascii_case("wait")
                && let Ok(seconds) = value.trim().trim_matches('"').parse()
            {
                preference.wait.get_or_insert(Duration::from_secs(seconds).min(most));
            }
        }
        preference
    }

    /// How long the caller waits for its missions; at most `most`.
    pub(crate) fn patience(self, most: Duration) -> Duration {
        let at_once = self.respond_async.then_some(Duration::ZERO);
        self.wait.or(at_once).unwrap_or(most)
    }

    /// The value of `Preference-Applied`; none if no preference was applied.
    pub(crate) fn applied(self) -> Option<String> {
        let respond = self.respond_async.then(|| "respond-async".to_owned());
        let wait = self.wait.map(|wait| format!("wait={}", wait.as_secs()));
        let applied: Vec<_> = respond.into_iter().chain(wait).collect();
        (!applied.is_empty()).then(|| applied.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const MOST: Duration = Duration::from_secs(10);

    fn preference(values: &[&'static str]) -> Preference {
        let mut headers = HeaderMap::new();
        values.iter().for_each(|value| {
            headers.append(PREFER, HeaderValue::from_static(value));
        });
        Preference::of(&headers, MOST)
    }

    #[test]
    fn nobody_who_says_nothing_is_answered_early() {
        assert_eq!(preference(&[]).patience(MOST), MOST);
        assert_eq!(preference(&["return=minimal"]).applied(), None);
    }

    #[test]
    fn respond_async_waits_for_nothing_and_with_wait_so_long() {
        assert_eq!(preference(&["Respond-Async"]).patience(MOST), Duration::ZERO);
        let both = preference(&["respond-async", "wait=3"]);
        assert_eq!(both.patience(MOST), Duration::from_secs(3));
        assert_eq!(both.applied().as_deref(), Some("respond-async, wait=3"));
    }

    #[test]
    fn nobody_waits_longer_than_the_gateway_lets_him() {
        assert_eq!(preference(&["wait=99999999999"]).applied().as_deref(), Some("wait=10"));
    }

    #[test]
    fn what_is_not_understood_is_passed_over() {
        assert_eq!(preference(&["wait=soon, =, ;, wait", "wait=-1"]), Preference::default());
        assert_eq!(preference(&["wait=\"2\"; x=y, wait=3"]).wait, Some(Duration::from_secs(2)));
    }
}
