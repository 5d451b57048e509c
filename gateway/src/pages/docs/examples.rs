//! The same request in four languages.

/// The base address of the examples: a gateway on the reader's own machine.
pub(super) const HERE: &str = "http://localhost:8080";

/// A request.
pub(super) struct Request<'a> {
    /// `get` or `post`.
    pub(super) method: &'a str,
    pub(super) path: String,
    /// JSON, if there must be a body.
    pub(super) body: Option<String>,
}

impl Request<'_> {
    /// Each language, and what to type in it.
    pub(super) fn in_each_language(&self) -> Vec<(&'static str, String)> {
        let Self { method, path, body } = self;
        let (url, verb) = (format!("{HERE}{path}"), method.to_uppercase());
        vec![
            ("curl", curl(&verb, &url, body.as_deref())),
            ("Python", python(&verb, &url, body.as_deref())),
            ("JavaScript", javascript(&verb, &url, body.as_deref())),
            ("Rust", rust(method, &url, body.as_deref())),
        ]
    }
}

fn curl(verb: &str, url: &str, body: Option<&str>) -> String {
    let method = if verb == "GET" { String::new() } else { format!("-X {verb} ") };
    let body = body.map_or_else(String::new, |body| format!(" --json '{body}'"));
    format!("curl {method}'{url}'{body}")
}

fn python(verb: &str, url: &str, body: Option<&str>) -> String {
    let body = body.map_or_else(String::new, |body| {
        format!(",\n    data=b'{body}', headers={{\"Content-Type\": \"application/json\"}}")
    });
    format!(
        "from urllib.request import Request, urlopen\n\n\
         request = Request(\"{url}\", method=\"{verb}\"{body})\n\
         with urlopen(request) as response:\n    print(response.status, response.read().decode())"
    )
}

fn javascript(verb: &str, url: &str, body: Option<&str>) -> String {
    let body = body.map_or_else(String::new, |body| {
        format!(",\n  headers: {{ \"Content-Type\": \"application/json\" }},\n  body: '{body}',\n")
    });
    format!(
        "const response = await fetch(\"{url}\", {{ method: \"{verb}\"{body} }});\n\
         console.log(response.status, await response.text());"
    )
}

fn rust(method: &str, url: &str, body: Option<&str>) -> String {
    let body = body.map_or_else(String::new, |body| {
        format!("\n        .header(\"content-type\", \"application/json\")\n        .body(r#\"{body}\"#)")
    });
    format!(
        "// cargo add reqwest --features blocking\n\
         fn main() -> reqwest::Result<()> {{\n    \
             let response = reqwest::blocking::Client::new()\n        \
                 .{method}(\"{url}\"){body}\n        \
                 .send()?;\n    \
             println!(\"{{}} {{}}\", response.status(), response.text()?);\n    \
             Ok(())\n}}"
    )
}
