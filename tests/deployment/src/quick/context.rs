//! What Docker is given to build the image from.

use std::fs;
use std::path::{Path, PathBuf};

use xtask::workspace::root;

use crate::images::sources;

/// The sources of these folders are compiled in the image.
const COMPILED: [&str; 9] =
    ["src", "schemas", "seams", "telemetry", "traces", "bus", "store", "gateway", "workers"];

/// Files that the compiler reads from this file of Rust, if it is no test.
fn included(file: &Path) -> Vec<PathBuf> {
    let is_test =
        file.ends_with("tests.rs") || file.components().any(|part| part.as_os_str() == "tests");
    let text = if is_test { String::new() } else { fs::read_to_string(file).unwrap() };
    let names = text.split("include_str!(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let folder = file.parent().unwrap();
    names.map(|name| folder.join(name).canonicalize().unwrap()).collect()
}

#[test]
fn every_file_that_is_compiled_in_is_left_to_the_build_of_the_image() {
    let left = sources().unwrap().into_iter().map(|path| path.canonicalize().unwrap());
    let left: Vec<PathBuf> = left.collect();
    let mut folders: Vec<PathBuf> = COMPILED.iter().map(|name| root().join(name)).collect();
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                for file in included(&path) {
                    seen += 1;
                    let is_left = left.iter().any(|some| file.starts_with(some));
                    assert!(is_left, "{} is not in .dockerignore", file.display());
                }
            }
        }
    }
    assert!(seen > 30, "only {seen} files are compiled in");
}
