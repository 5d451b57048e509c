//! Writes the Rust of the documentation of HTTP to `examples/http/shown.rs`, where it is compiled:
//! `cargo run -p gateway --example shown_rust`. Not a part of `cargo xtask generate`, which
//! needs no gateway and so takes seconds.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/http/shown.rs");
    std::fs::write(file, gateway::shown_rust())
}
