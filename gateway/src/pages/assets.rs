//! The files that pages load. They are part of the binary, and each has an address that changes with
//! its content.

use std::sync::LazyLock;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use schemas::{Problem, ProblemKind};
use uuid::Uuid;

use crate::representation::Refusal;

/// A file that pages load.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
    /// A hash of the content.
    version: String,
}

/// The one style sheet of the first page, and the first of the others: a browser paints nothing before
/// it has it.
static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let style =
        concat!(include_str!("../../assets/style.css"), include_str!("../../assets/picture.css"));
    Asset::new("style.css", "text/css; charset=utf-8", style)
});
static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg"))
});
static LIVE: LazyLock<Asset> = LazyLock::new(|| {
    let script = include_str!("../../assets/live.js");
    Asset::new("live.js", "text/javascript; charset=utf-8", script)
});

static OPERATIONS_STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let style = include_str!("../../assets/operations.css");
    Asset::new("operations.css", "text/css; charset=utf-8", style)
});
static OPERATIONS_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let script = include_str!("../../assets/operations.js");
    Asset::new("operations.js", "text/javascript; charset=utf-8", script)
});
static HOME: LazyLock<Asset> = LazyLock::new(|| {
    let script = include_str!("../../assets/home.js");
    Asset::new("home.js", "text/javascript; charset=utf-8", script)
});
static WAITING: LazyLock<Asset> = LazyLock::new(|| {
    let script = include_str!("../../assets/waiting.js");
    Asset::new("waiting.js", "text/javascript; charset=utf-8", script)
});
static DOCS_STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("docs.css", "text/css; charset=utf-8", include_str!("../../assets/docs.css"))
});
static DOCS: LazyLock<Asset> = LazyLock::new(|| {
    let script = include_str!("../../assets/docs.js");
    Asset::new("docs.js", "text/javascript; charset=utf-8", script)
});
static SEND: LazyLock<Asset> = LazyLock::new(|| {
    let script = include_str!("../../assets/send.js");
    Asset::new("send.js", "text/javascript; charset=utf-8", script)
});
static LETTERS_STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let style = include_str!("../../assets/letters.css");
    Asset::new("letters.css", "text/css; charset=utf-8", style)
});
/// The pictures of the documentation.
static PICTURES: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    [
        ("delivery.svg", include_str!("../../../docs/pictures/delivery.svg")),
        ("machines.svg", include_str!("../../../docs/pictures/machines.svg")),
        ("mission.svg", include_str!("../../../docs/pictures/mission.svg")),
        ("system.svg", include_str!("../../../docs/pictures/system.svg")),
        ("tables.svg", include_str!("../../../docs/pictures/tables.svg")),
    ]
    .map(|(name, content)| Asset::new(name, "image/svg+xml", content))
});
/// Every other file.
static ALL: [&LazyLock<Asset>; 11] = [
    &STYLE,
    &ICON,
    &LIVE,
    &HOME,
    &WAITING,
    &DOCS,
    &DOCS_STYLE,
    &SEND,
    &OPERATIONS_STYLE,
    &OPERATIONS_SCRIPT,
    &LETTERS_STYLE,
];

/// The address of the style sheet.
pub(super) fn style() -> String {
    STYLE.address()
}

/// The address of the icon.
pub(super) fn icon() -> String {
    ICON.address()
}

/// The address of the script that keeps the list live.
pub(super) fn live() -> String {
    LIVE.address()
}

/// The address of the script of the home page.
pub(super) fn home() -> String {
    HOME.address()
}

/// The address of the script of the page of missions that are not stored yet.
pub(super) fn waiting() -> String {
    WAITING.address()
}

/// The address of the script of the documentation.
pub(super) fn docs() -> String {
    DOCS.address()
}

/// The address of the script that sends requests from the documentation.
pub(super) fn send() -> String {
    SEND.address()
}

/// The address of the style sheet of the documentation.
pub(super) fn docs_style() -> String {
    DOCS_STYLE.address()
}

/// The address of the style sheet of the operations page.
pub(super) fn operations_style() -> String {
    OPERATIONS_STYLE.address()
}

/// The address of the script that keeps the operations page live.
pub(super) fn operations_script() -> String {
    OPERATIONS_SCRIPT.address()
}

/// The address of the style sheet of the pages of dead letters.
pub(super) fn letters_style() -> String {
    LETTERS_STYLE.address()
}

/// The address of a picture of the documentation; `None` for a file that is not here.
pub(super) fn picture(file: &str) -> Option<String> {
    let name = file.rsplit('/').next()?;
    PICTURES.iter().find(|asset| asset.name == name).map(Asset::address)
}

impl Asset {
    fn new(name: &'static str, media_type: &'static str, content: &'static str) -> Self {
        let version = Uuid::new_v5(&Uuid::NAMESPACE_OID, content.as_bytes()).simple().to_string();
        Self { name, media_type, content, version }
    }

    fn address(&self) -> String {
        format!("/assets/{}?{}", self.name, self.version)
    }
}

/// `GET /assets/{name}`.
pub(crate) async fn asset(
    name: Result<Path<String>, PathRejection>,
    RawQuery(version): RawQuery,
) -> Result<Response, Refusal> {
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let all = ALL.iter().map(|asset| &***asset).chain(PICTURES.iter());
    let asset = all.into_iter().find(|asset| asset.name == name);
    let Some(asset) = asset else {
        let detail = "there is no file of this name";
        return Err(Problem::new(ProblemKind::NotFound, detail).into());
    };
    // During an update a gateway may get a request for a file of the other version. That response
    // must not be cached.
    let ours = version.as_deref() == Some(&asset.version);
    let cache = if ours { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, cache)];
    Ok((headers, asset.content).into_response())
}
