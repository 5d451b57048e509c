//! Writes the JSON Schemas of the messages to `schemas/json/`: `cargo xtask generate` runs it.

use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("json");
    fs::create_dir_all(&folder)?;
    for (name, schema) in schemas::json_schemas() {
        let text = serde_json::to_string_pretty(&schema)?;
        fs::write(folder.join(name), format!("{text}\n"))?;
    }
    Ok(())
}
