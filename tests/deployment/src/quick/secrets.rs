//! Secrets are encrypted from the first moment, and never part of the repository.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use xtask::workspace::root;

/// Stands for Ansible's, which takes a minute to install: `encrypt --output FILE -`, `view FILE`.
const VAULT: &str = r#"#!/bin/sh
case $1 in
    encrypt) { echo '$ANSIBLE_VAULT;1.1;AES256' && base64; } >"$3" ;;
    view) tail -n +2 "$2" | base64 -d ;;
esac
"#;
const HEADER: &str = "$ANSIBLE_VAULT;";

fn make(folder: &Path) -> Output {
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut make = Command::new(root().join("compose/secrets.sh"));
    make.arg("--vault").arg(folder.join("secrets")).arg("missions.example.org");
    make.env("PATH", path).env("ANSIBLE_VAULT_PASSWORD_FILE", folder.join("password"));
    make.output().unwrap()
}

#[test]
fn every_secret_is_encrypted_and_a_certificate_is_renewed_without_decrypting_any() {
    let folder = TempDir::new().unwrap();
    super::program(&folder.path().join("ansible-vault"), VAULT);
    fs::write(folder.path().join("password"), "x").unwrap();
    for _ in 0..2 {
        let made = make(folder.path());
        assert!(made.status.success(), "{made:?}");
        let files = fs::read_dir(folder.path().join("secrets")).unwrap();
        let files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() > 15, "{files:?}");
        for file in files {
            assert!(fs::read_to_string(&file).unwrap().starts_with(HEADER), "{}", file.display());
        }
        let renewed = folder.path().join("secrets/nginx.pem");
        fs::remove_file(renewed).unwrap(); // the second round makes a new one
    }
}

#[test]
fn a_password_of_the_vault_that_is_not_there_is_named() {
    let folder = TempDir::new().unwrap();
    super::program(&folder.path().join("ansible-vault"), VAULT);
    for written in [None, Some("")] {
        if let Some(text) = written {
            fs::write(folder.path().join("password"), text).unwrap();
        }
        let refused = make(folder.path());
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(
            !refused.status.success() && said.contains("/password is empty or not there"),
            "{said}"
        );
        assert!(!folder.path().join("secrets").exists());
    }
}

#[test]
fn git_ignores_every_inventory_but_the_example() {
    let ignored = |path: &str| {
        let mut git = Command::new("git");
        git.current_dir(root()).args(["check-ignore", "--quiet", "--no-index", path]);
        git.status().unwrap().code()
    };
    if ignored(".gitignore") == Some(128) {
        return; // a copy of the files without a repository
    }
    assert_eq!(ignored("ansible/inventory/production/secrets/broker-number"), Some(0));
    assert_eq!(ignored("ansible/inventory/example/hosts.yml"), Some(1));
}
