//! From a template to a page.

use askama::Template;

/// Renders a template. It fails only if a value cannot be formatted; every value here can.
pub(super) fn html(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a page was not written");
        "<!doctype html><title>spymission</title><p>This page could not be written.".to_owned()
    })
}
