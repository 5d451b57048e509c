//! Writes the JSON Schemas of the messages to `schemas/json/`, and the OpenAPI and AsyncAPI documents
//! to `schemas/`, and the privileges of the database's users to `compose/mysql/grants`.
//! `cargo xtask generate` runs it.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(folder.join("json"))?;
    for (name, schema) in schemas::json_schemas() {
        write(&folder.join("json").join(name), &schema)?;
    }
    write(&folder.join("openapi.json"), &schemas::openapi())?;
    write(&folder.join("asyncapi.json"), &schemas::asyncapi())?;
    Ok(fs::write(folder.join("../compose/mysql/grants"), schemas::grants::grants())?)
}

fn write(file: &Path, value: &Value) -> Result<(), Box<dyn Error>> {
    let text = serde_json::to_string_pretty(value)?;
    Ok(fs::write(file, format!("{text}\n"))?)
}
