//! Everything that fuzzing has kept is tried again.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fuzz::{TARGETS, Target};

fn corpus(target: &Target) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let mut files: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// What `cargo xtask fuzz --keep` has listed.
fn found(target: &Target) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("found");
    fs::read_to_string(folder.join(target.name).with_extension("txt")).unwrap()
}

#[test]
fn what_every_decoder_was_given_once_breaks_nothing() {
    for target in &TARGETS {
        let files = corpus(target);
        assert!(files.len() >= 4, "{}: {} files", target.name, files.len());
        for file in files {
            let bytes = fs::read(&file).unwrap();
            let tried = catch_unwind(|| (target.run)(&bytes));
            assert!(tried.is_ok(), "the decoder {} does not stand {}", target.name, file.display());
        }
        for line in found(target).lines() {
            let bytes = STANDARD.decode(line).unwrap();
            let tried = catch_unwind(|| (target.run)(&bytes));
            assert!(tried.is_ok(), "the decoder {} does not stand {line} (base64)", target.name);
        }
    }
}

#[test]
fn each_folder_of_the_corpus_is_that_of_a_target() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(fuzz::target(&name).is_some(), "{name}");
    }
}

/// Bytes that no corpus has: a decoder must take whatever comes.
#[test]
fn every_decoder_takes_short_bytes_of_all_kinds() {
    for target in &TARGETS {
        (target.run)(b"");
        for first in 0..=u8::MAX {
            (target.run)(&[first]);
            (target.run)(&[first, b'=', first]);
        }
    }
}
