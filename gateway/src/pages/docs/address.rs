//! The addresses of the documentation, and where a link of a file leads.

/// The pages that are made of a file, besides those that `mod` composes: name, title, file.
pub(super) const FILES: [(&str, &str, &str); 13] = [
    ("operate", "Operate it", include_str!("../../../../docs/operations.md")),
    ("make-it-yours", "Make it yours", include_str!("../../../../docs/make-it-yours.md")),
    ("clients", "Clients", include_str!("../../../../docs/clients.md")),
    ("servers", "Servers", include_str!("../../../../docs/servers.md")),
    ("debian", "On Debian", include_str!("../../../../docs/debian.md")),
    ("configuration", "Settings", include_str!("../../../../docs/configuration.md")),
    ("command-line", "Commands", include_str!("../../../../docs/command-line.md")),
    ("topology", "Queues, tables, rules", include_str!("../../../../docs/topology.md")),
    ("swarm", "Three machines", include_str!("../../../../docs/swarm.md")),
    ("metrics", "Metrics", include_str!("../../../../docs/metrics.md")),
    ("risks", "Risks", include_str!("../../../../docs/risks.md")),
    ("speed", "Speed", include_str!("../../../../docs/speed.md")),
    ("scaling", "Scaling", include_str!("../../../../docs/scaling.md")),
];

/// The pages that `mod` composes: name and title. They come first.
pub(super) const MADE: [(&str, &str); 5] = [
    ("", "Start here"),
    ("http", "HTTP"),
    ("amqp", "AMQP"),
    ("problems", "Problems"),
    ("how", "How it works"),
];

/// The page of all schemas.
pub(super) const SCHEMAS: (&str, &str) = ("schemas", "Schemas");

/// Every page in the order of the contents: name and title.
pub(super) fn topics() -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = FILES.iter().map(|(name, title, _)| (*name, *title));
    MADE.into_iter().chain(files).chain([SCHEMAS])
}

/// The address of a page.
pub(crate) fn address(name: &str) -> String {
    if name.is_empty() { "/docs".to_owned() } else { format!("/docs/{name}") }
}

/// Where a link of a file leads here; `None` when it leads to a file that is not here.
pub(super) fn within(link: &str) -> Option<String> {
    if link.starts_with('#') || link.starts_with("https://") {
        return Some(link.to_owned());
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let name = match path.rsplit('/').next()?.strip_suffix(".md")? {
        "README" => "",
        "ARCHITECTURE" => "how",
        "operations" => "operate",
        other => topics().map(|(name, _)| name).find(|name| *name == other)?,
    };
    let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
    Some(address(name) + &anchor)
}
