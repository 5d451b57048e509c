//! The resource `/missions`: requesting missions and reading them.

pub(crate) mod body;
mod events;
mod key;
pub(crate) mod post;
mod prefer;
pub(crate) mod query;
pub(crate) mod read;
mod request;
mod response;
mod timeline;

pub(crate) use events::events;
pub(crate) use post::post_missions;
pub(crate) use timeline::timeline;
