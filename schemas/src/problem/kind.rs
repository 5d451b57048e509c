//! The kinds of problem, each declared once.

/// Declares the kinds. Each has the word that ends its `type`, its HTTP status, a title that is the
/// same for all problems of the kind, and what a caller can do about it.
macro_rules! problem_kinds {
    ($(
        $(#[$doc:meta])*
        $Kind:ident = $word:literal $status:literal {
            title: $title:literal,
            remedy: $remedy:literal,
        },
    )+) => {
        /// The kinds of problem. Each has a stable `type`, which is also the address of its page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $($(#[$doc])* $Kind,)+
        }

        impl ProblemKind {
            /// Every kind, in the order of their declaration.
            pub const ALL: [Self; [$($status),+].len()] = [$(Self::$Kind),+];

            /// The word that ends its `type`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$Kind => $word),+ }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$Kind => $status),+ }
            }

            /// One sentence that is the same for every problem of this kind.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$Kind => $title),+ }
            }

            /// What a caller can do about it.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$Kind => $remedy),+ }
            }
        }
    };
}

problem_kinds! {
    /// It cannot be read: it is not JSON or not UTF-8, or a parameter is wrong.
    Malformed = "malformed" 400 {
        title: "The request cannot be read",
        remedy: "Correct it as `detail` says.",
    },
    /// It can be read, and a value in it is not allowed.
    Invalid = "invalid" 422 {
        title: "The request asks for something that is not allowed",
        remedy: "Correct it as `detail` says.",
    },
    /// It is for operators, and its sender did not show the token.
    Unauthorized = "unauthorized" 401 {
        title: "This address is for operators",
        remedy: "Log in at `/operations`, or send the token as `Authorization: Bearer …`.",
    },
    /// A page of another site sent it.
    CrossSite = "cross-site" 403 {
        title: "A page of another site may not request missions",
        remedy: "Use a page of this gateway, or have its operator list the origin with `--cors`.",
    },
    /// There is nothing at this address.
    NotFound = "not-found" 404 {
        title: "There is nothing at this address",
        remedy: "Check the address; `detail` says more.",
    },
    /// The address does not allow this method.
    MethodNotAllowed = "method-not-allowed" 405 {
        title: "The address does not allow this method",
        remedy: "Use a method of the `Allow` header.",
    },
    /// The response has none of the formats that the caller accepts.
    NotAcceptable = "not-acceptable" 406 {
        title: "The response has none of the accepted formats",
        remedy: "Accept one of the formats that `detail` names.",
    },
    /// Another request with this key is still running.
    Conflict = "conflict" 409 {
        title: "A request with this key is still running",
        remedy: "Wait for it, or use another key.",
    },
    /// The caller took too long to send its request.
    RequestTimeout = "request-timeout" 408 {
        title: "The request did not arrive in time",
        remedy: "Send it again, faster.",
    },
    /// The body has more bytes than are read.
    TooLarge = "too-large" 413 {
        title: "The request is too large",
        remedy: "Send several smaller requests.",
    },
    /// The address and the header fields have more bytes than are read.
    HeadTooLarge = "head-too-large" 431 {
        title: "The address and the header fields are too large",
        remedy: "Send fewer or shorter header fields, or a shorter address.",
    },
    /// The content type is not the required one.
    UnsupportedMediaType = "unsupported-media-type" 415 {
        title: "The request has the wrong content type",
        remedy: "Send the header that `detail` names.",
    },
    /// The caller has sent more requests than it may.
    RateLimited = "rate-limited" 429 {
        title: "Too many requests from this client",
        remedy: "Wait as long as `Retry-After` says.",
    },
    /// Its deadline passed before the work began.
    Expired = "expired" 504 {
        title: "The deadline passed before the work began",
        remedy: "Send it again, with a later deadline.",
    },
    /// It failed as often as a request is tried.
    SetAside = "set-aside" 500 {
        title: "The request failed as often as it is tried",
        remedy: "An operator finds it among the dead letters.",
    },
    /// A defect of spymission.
    Internal = "internal" 500 {
        title: "The request met a defect",
        remedy: "Report it with the `x-request-id` of the response. The request may have been published: repeat it with the same `Idempotency-Key`.",
    },
    /// Nothing was published; the caller can repeat it later.
    Unavailable = "unavailable" 503 {
        title: "The request was not taken",
        remedy: "Nothing was published. Repeat it after `Retry-After` seconds.",
    },
    /// It was published and never confirmed; the caller can repeat it with the same key.
    Unconfirmed = "unconfirmed" 503 {
        title: "The request may or may not have been taken",
        remedy: "Repeat it with the same `Idempotency-Key`, or read `Location` later.",
    },
}

impl ProblemKind {
    /// The path of every `type`; the word follows.
    pub const PATH: &str = "/problems/";

    /// The kind that this word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether the request can have been done all the same.
    pub const fn may_be_done(self) -> bool {
        matches!(self, Self::Unconfirmed | Self::Internal | Self::SetAside)
    }

    /// Whether the same request, sent later, can succeed.
    pub const fn passes(self) -> bool {
        self.may_be_done()
            || matches!(
                self,
                Self::Conflict
                    | Self::RequestTimeout
                    | Self::RateLimited
                    | Self::Expired
                    | Self::Unavailable
            )
    }

    /// Its `type`: `/problems/invalid`.
    pub(super) fn url(self) -> String {
        format!("{}{}", Self::PATH, self.word())
    }

    /// The most exact kind for a problem of which only the HTTP status is known. Newer versions
    /// send such problems.
    pub(super) fn nearest(status: u16) -> Self {
        let others = if (400..500).contains(&status) { Self::Malformed } else { Self::Internal };
        Self::ALL.into_iter().find(|kind| kind.status() == status).unwrap_or(others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in ProblemKind::ALL {
            assert_eq!(ProblemKind::parse(kind.word()), Some(kind));
        }
    }
}
