//! The scripts of a pipeline, on an agent with a clean checkout.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use xtask::workspace::root;

use super::{program, text};

/// Notes how it was called, and what the inventory holds.
const PLAYBOOK: &str = r#"#!/bin/sh
printf '%s\n' "$@" >"$NOTES"
while [ $# -gt 0 ]; do
    [ "$1" != --inventory ] || ls "$2" >>"$NOTES"
    shift
done
"#;

/// A checkout with an Ansible that does nothing.
fn checkout() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("ansible")).unwrap();
    fs::create_dir_all(at("ci")).unwrap();
    fs::create_dir_all(at("target/ansible/bin")).unwrap();
    for file in ["ansible/requirements.txt", "ci/ansible.sh", "ci/deploy.sh", "ci/roll-back.sh"] {
        fs::copy(root().join(file), at(file)).unwrap();
    }
    fs::copy(root().join("ansible/requirements.txt"), at("target/ansible/installed")).unwrap();
    program(&at("target/ansible/bin/ansible-playbook"), PLAYBOOK);
    folder
}

fn run(folder: &Path, script: &str, environment: &[(&str, &str)]) -> (Output, String) {
    let notes = folder.join("notes");
    let mut command = Command::new(folder.join(script));
    command.env("NOTES", &notes).env("IMAGE", "name@sha256:0").envs(environment.iter().copied());
    let ended = command.output().unwrap();
    (ended, fs::read_to_string(notes).unwrap_or_default())
}

#[test]
fn the_inventory_and_the_known_hosts_come_from_the_pipeline_and_do_not_stay() {
    let folder = checkout();
    let archive = folder.path().join("inventory.tar");
    let example = root().join("ansible/inventory/example");
    let tar = Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(example).arg(".").status();
    assert!(tar.unwrap().success());
    let archive = archive.display().to_string();
    let temporary = folder.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let (ended, notes) = run(
        folder.path(),
        "ci/deploy.sh",
        &[
            ("INVENTORY_ARCHIVE", &archive),
            ("KNOWN_HOSTS", "/a job/known"),
            ("BUILD_TAG", "jenkins-a job-7"),
            ("TMPDIR", &temporary.display().to_string()),
        ],
    );
    assert!(ended.status.success(), "{ended:?}");
    let known = r#"-o 'UserKnownHostsFile="/a job/known"'"#;
    for word in ["hosts.yml", known, "application_deployment='jenkins-a job-7'"] {
        assert!(notes.contains(word), "{word}: {notes}");
    }
    assert_eq!(fs::read_dir(temporary).unwrap().count(), 0);
    let given = text("Jenkinsfile");
    for name in ["INVENTORY_ARCHIVE", "KNOWN_HOSTS", "CA"] {
        assert!(given.contains(&format!("{name} = credentials(")), "{name}");
    }
}

#[test]
fn only_what_this_build_has_changed_is_taken_back() {
    let folder = checkout();
    let (ended, notes) = run(folder.path(), "ci/roll-back.sh", &[("BUILD_TAG", "jenkins-7")]);
    assert!(ended.status.success(), "{ended:?}");
    assert!(notes.contains("rollback_deployment='jenkins-7'"), "{notes}");
    let playbook = text("ansible/rollback.yml");
    let of = |words: &str| playbook.find(words).unwrap_or_else(|| panic!("no {words}"));
    assert!(of("rollback_changed.stdout != rollback_deployment") < of("image.previous"));
}

/// Everybody on the machine can read the arguments of a program.
#[test]
fn the_secret_of_the_webhook_is_no_argument() {
    let folder = checkout();
    let notes = folder.path().join("curl");
    program(
        &folder.path().join("ci/curl"),
        &format!("#!/bin/sh\necho \"$@\" >{0}\ncat >>{0}.read\n", notes.display()),
    );
    let path = format!("{}:{}", folder.path().join("ci").display(), std::env::var("PATH").unwrap());
    let mut notify = Command::new(root().join("ci/notify.sh"));
    notify.arg("SUCCESS").env("PATH", path).env("NOTIFY_URL", "https://hook.example/secret");
    assert!(notify.output().unwrap().status.success());
    let arguments = fs::read_to_string(&notes).unwrap();
    assert!(arguments.contains("SUCCESS") && !arguments.contains("secret"), "{arguments}");
    let read = fs::read_to_string(notes.with_extension("read")).unwrap();
    assert!(read.contains("https://hook.example/secret"), "{read}");
}

#[test]
fn agents_that_see_the_vault_see_nothing_but_the_main_branch() {
    let text = text("Jenkinsfile");
    let (before, deliver) = text.split_once("stage('Deliver')").unwrap();
    assert!(!before.contains("vault') ") && !before.contains("spymission-vault"), "{before}");
    let head = deliver.split("stages {").next().unwrap();
    assert!(!head.contains("anyOf"), "{head}");
    for words in ["beforeAgent true", "allOf {", "branch 'main'", "agent { label 'deploy' }"] {
        assert!(head.contains(words), "{words}: {head}");
    }
}
