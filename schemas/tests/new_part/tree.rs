//! A copy of the tree in cargo's target folder. It is kept, and only changed files are written again,
//! so that only those are compiled again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are not copied.
const LEFT_OUT: [&str; 3] = [".git", "target", "node_modules"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The folder that cargo builds in.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Makes the copy, or updates it.
pub(crate) fn copy() -> PathBuf {
    let copy = target().join("new-part");
    let mut files = BTreeSet::new();
    list(&root(), Path::new(""), &mut files);
    let mut there = BTreeSet::new();
    list(&copy, Path::new(""), &mut there);
    for surplus in there.difference(&files) {
        fs::remove_file(copy.join(surplus)).unwrap();
    }
    for file in files {
        let content = fs::read(root().join(&file)).unwrap();
        let content =
            if file == Path::new("Cargo.toml") { of_another_version(content) } else { content };
        let place = copy.join(&file);
        if fs::read(&place).is_ok_and(|before| before == content) {
            continue;
        }
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, content).unwrap();
    }
    copy
}

/// Both trees are built in one folder. Only by their version does cargo distinguish their crates.
fn of_another_version(manifest: Vec<u8>) -> Vec<u8> {
    let manifest = String::from_utf8(manifest).unwrap();
    let (before, version) = manifest.split_once("\nversion = \"").unwrap();
    let (version, after) = version.split_once('"').unwrap();
    format!("{before}\nversion = \"{version}-new-part\"{after}").into_bytes()
}

/// The files below this folder of the tree, without links.
fn list(root: &Path, folder: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(root.join(folder)).into_iter().flatten() {
        let entry = entry.unwrap();
        let (kind, path) = (entry.file_type().unwrap(), folder.join(entry.file_name()));
        if kind.is_dir() && !LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
            list(root, &path, files);
        } else if kind.is_file() {
            files.insert(path);
        }
    }
}
