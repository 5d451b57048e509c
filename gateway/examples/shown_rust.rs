//! Writes the Rust of the documentation of HTTP to `examples/http/shown.rs`, where it is compiled:
//! `cargo xtask generate` runs it.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/http/shown.rs");
    std::fs::write(file, gateway::shown_rust())
}
