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
        "// cargo add reqwest && cargo add tokio --features full\n\
         #[tokio::main]\n\
         async fn main() -> reqwest::Result<()> {{\n    \
             let response = reqwest::Client::new()\n        \
                 .{method}(\"{url}\"){body}\n        \
                 .send()\n        \
                 .await?;\n    \
             println!(\"{{}} {{}}\", response.status(), response.text().await?);\n    \
             Ok(())\n}}"
    )
}

/// Rust code that is shown for operations, as one file: a module for each, and a list of all.
pub(super) fn rust_file<'a>(shown: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut modules = String::new();
    let mut list = String::new();
    for (id, code) in shown {
        let module = snake_case(id);
        modules += &format!(
            "mod {module} {{\n\
             pub(super) fn run() -> reqwest::Result<()> {{\n    main()\n}}\n\n{code}\n}}\n\n"
        );
        list += &format!("    (\"{id}\", {module}::run),\n");
    }
    format!(
        "// The Rust of /docs/http as it is shown there: `cargo run -p gateway --example shown_rust` writes it.\n\n\
         {modules}\
         type Sent = fn() -> reqwest::Result<()>;\n\n\
         /// Each operation, and what requests it.\n\
         const SHOWN: &[(&str, Sent)] = &[\n{list}];\n"
    )
}

/// The name of an operation as that of a module.
fn snake_case(id: &str) -> String {
    let mut name = String::new();
    for character in id.chars() {
        if character.is_uppercase() {
            name.push('_');
        }
        name.extend(character.to_lowercase());
    }
    name
}
