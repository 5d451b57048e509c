//! The labels of HTTP requests.

use crate::label::{Label, labels};

labels! {
    /// The method of a request.
    Method = "http_request_method" {
        /// Reads.
        Get = "GET",
        /// Reads the head.
        Head = "HEAD",
        /// Requests missions.
        Post = "POST",
        /// Asks what is possible.
        Options = "OPTIONS",
        /// Any other, as the conventions write it.
        Other = "_OTHER",
    }

    /// What a request asks for: the pattern of its path, with which the gateway declares it. A
    /// pattern with a name in braces comes after those without one.
    Route = "http_route" {
        /// Missions.
        Missions = "/missions",
        /// The stream of missions.
        Events = "/missions/events",
        /// One mission.
        Mission = "/missions/{id}",
        /// Where the time of one mission went.
        Timeline = "/missions/{id}/timeline",
        /// The first page.
        Home = "/",
        /// How the whole system does.
        Operations = "/operations",
        /// The stream of how it does.
        OperationsEvents = "/operations/events",
        /// Dead letters.
        Letters = "/operations/dead-letters",
        /// Dead letters in groups.
        LetterGroups = "/operations/dead-letters/groups",
        /// Which dead letters an action would be about.
        LetterPreview = "/operations/dead-letters/preview",
        /// Publishes dead letters again.
        LetterReplay = "/operations/dead-letters/replay",
        /// Closes dead letters.
        LetterDiscard = "/operations/dead-letters/discard",
        /// What became of an action.
        LetterRecord = "/operations/dead-letters/actions/{batch}",
        /// One dead letter.
        Letter = "/operations/dead-letters/{letter}",
        /// Its correction.
        LetterEdit = "/operations/dead-letters/{letter}/edit",
        /// Where operators log in,
        Login = "/operations/login",
        /// and log out.
        Logout = "/operations/logout",
        /// A drill.
        Drill = "/operations/drills/{drill}",
        /// Whether the process lives.
        Live = "/livez",
        /// Whether it is ready.
        Ready = "/readyz",
        /// Its metrics.
        Metrics = "/metrics",
        /// What a problem means.
        Problem = "/problems/{word}",
        /// The rules of the built-in casebook.
        Casebook = "/casebook",
        /// The documentation.
        Docs = "/docs",
        /// A page of the documentation.
        DocsPage = "/docs/{page}",
        /// The description of the HTTP interface.
        OpenApi = "/openapi.json",
        /// The description of the AMQP interface.
        AsyncApi = "/asyncapi.json",
        /// A file of the pages.
        Asset = "/assets/{name}",
        /// No path that is known.
        None = "",
    }
}

impl Method {
    /// The method of this name.
    pub fn of(name: &str) -> Self {
        let known = Self::ALL.iter().find(|method| method.value() == name);
        known.copied().unwrap_or(Self::Other)
    }
}

impl Route {
    /// The pattern that the path fits.
    pub fn of(path: &str) -> Self {
        let known = Self::ALL.iter().find(|route| fits(route.value(), path));
        known.copied().unwrap_or(Self::None)
    }
}

/// Whether the path is as the pattern; a name in braces stands for any segment.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(any), Some(segment)) if any.starts_with('{') && !segment.is_empty() => {}
            (Some(wanted), Some(segment)) if wanted == segment => {}
            _ => return false,
        }
    }
}

/// The status of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(usize);

macro_rules! statuses {
    ($($code:literal)+) => {
        const CODES: &[u16] = &[$($code),+];
        const WORDS: &[&str] = &[$(stringify!($code),)+ "other"];
    };
}
statuses! {
    200 201 202 204 206 301 302 303 304 308
    400 401 403 404 405 406 408 409 412 413 415 416 422 429 431 500 501 503 504
}

impl Status {
    /// The status with this code. Those that no response of ours has are one together.
    pub fn of(code: u16) -> Self {
        Self(CODES.iter().position(|known| *known == code).unwrap_or(CODES.len()))
    }
}

impl Label for Status {
    const NAME: &'static str = "http_response_status_code";
    const ALWAYS: bool = false;
    #[expect(
        clippy::indexing_slicing,
        reason = "the compiler evaluates it, and finds a wrong index"
    )]
    const ALL: &'static [Self] = &{
        let (mut all, mut place) = ([Self(0); WORDS.len()], 0);
        while place < WORDS.len() {
            all[place] = Self(place);
            place += 1;
        }
        all
    };

    fn index(self) -> usize {
        self.0
    }

    fn value(self) -> &'static str {
        WORDS.get(self.0).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_counted_under_its_pattern_whatever_a_caller_writes() {
        for (path, route) in [
            ("/missions", Route::Missions),
            ("/missions/events", Route::Events),
            ("/missions/019abc00-1111-7222-8333-444455556601", Route::Mission),
            ("/missions/", Route::None),
            ("/missions/a/b", Route::None),
            ("/missions/a/timeline", Route::Timeline),
            ("/missions//timeline", Route::None),
            ("/", Route::Home),
            ("", Route::None),
            ("/metrics", Route::Metrics),
            ("/assets/style.css", Route::Asset),
            ("/wp-login.php", Route::None),
        ] {
            assert_eq!(Route::of(path), route, "{path}");
        }
    }

    #[test]
    fn every_status_of_a_problem_is_known() {
        for kind in schemas::ProblemKind::ALL {
            assert_eq!(Status::of(kind.status()).value(), kind.status().to_string());
        }
        assert_eq!((Status::of(201).value(), Status::of(599).value()), ("201", "other"));
        assert_eq!((Method::of("GET"), Method::of("get")), (Method::Get, Method::Other));
    }
}
