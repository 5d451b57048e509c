//! The resource `/missions`: requesting missions and reading them.

pub(crate) mod body;
pub(crate) mod events;
mod form;
pub(crate) mod key;
pub(crate) mod post;
pub(crate) mod prefer;
pub(crate) mod query;
pub(crate) mod read;
mod request;
mod response;
pub(crate) mod set_aside;
mod timeline;

pub(crate) use events::events;
pub(crate) use post::post_missions;
pub(crate) use timeline::timeline;
