//! Writes the page of metrics, `docs/metrics.md`: `cargo xtask generate` runs it.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metrics.md");
    std::fs::write(file, telemetry::page())
}
